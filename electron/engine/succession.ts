/** The next version of the own root, with all that the authority has to sign again because of it: in force together, or not at all. */
import type { KeyId } from "../../shared/digest.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { LedgerDraft } from "../../shared/ledger.ts"
import type { TrustRoot } from "../../shared/trust.ts"
import { authoritySigners } from "./authority.ts"
import { fromHex, toBase64 } from "./core/digest.ts"
import { openPolicy, policyDigest, sealPolicy } from "./core/policy.ts"
import type { RevokedKey } from "./core/revocations.ts"
import { openRevocations, sealRevocations, successionFault, withLines } from "./core/revocations.ts"
import { extendRootChain } from "./core/root.ts"
import { textOfTime } from "./core/time.ts"
import { newestPolicyVersion } from "./policy.ts"
import { believedLines, presentCheckpoint, revocationsLifetimeMs } from "./revoke.ts"
import type { TrustState } from "./trust-state.ts"

/** Documents that were signed elsewhere for the same step. */
export interface SignedElsewhere {
  readonly policy?: Uint8Array
  readonly revocations?: Uint8Array
}

/**
 * Puts a signed version in force, with lines for the keys that leave, and with policy and revocations signed again where the
 * authority changed: an old authority's word ends with it. All of it is signed before anything is written. Throws `trust-damaged`
 * with the reason the version is refused, `keys-missing`, `keys-locked`.
 */
export async function putSuccessor(
  envelope: Uint8Array,
  lines: readonly RevokedKey[],
  state: TrustState,
  signed: SignedElsewhere = {}
): Promise<void> {
  const { ports } = state
  const chain = state.root()
  if (chain === null) throw new EngineFailure("trust-damaged", state.rootProblem() ?? "the store has no root")
  const extended = extendRootChain(chain, envelope, ports.crypto.verify)
  if (extended.kind === "broken")
    throw new EngineFailure("trust-damaged", `version ${extended.version} of the root is refused: ${extended.reason}`)
  const { document, fingerprint } = extended.chain.newest
  const again = changesAuthority(document, state)
  // a Ledger that was put back may go on under another origin, and under no other change
  if (openOrigin(document) === openOrigin(chain.newest.document)) state.assertWritable()
  const drafts: LedgerDraft[] = [
    {
      kind: "trusted",
      body: { root: chain.id, own: true, version: document.version, fingerprint },
      parts: [{ kind: "root", bytes: envelope }]
    }
  ]

  const { policy, digest, believed } = state.policy()
  let policyBytes = signed.policy
  if (policyBytes !== undefined || (again && believed)) {
    const version = newestPolicyVersion(state) + 1
    policyBytes ??= sealPolicy(version, policy, authoritySigners(document, state))
    const opened = openPolicy(policyBytes, extended.chain.newest, ports.crypto.verify)
    const fault =
      typeof opened === "string" ? opened : opened.version < version ? `it is version ${opened.version}, expected ${version}` : null
    if (typeof opened === "string" || fault !== null) throw new EngineFailure("trust-damaged", `the policy is refused: ${fault}`)
    const body = { before: believed ? digest : null, after: policyDigest(opened.policy), version: opened.version }
    drafts.push({ kind: "policy-changed", body, parts: [{ kind: "policy", bytes: policyBytes }] })
  }

  let revocationBytes = signed.revocations
  if (revocationBytes !== undefined || lines.length > 0 || (again && state.revocations().version > 0)) {
    revocationBytes ??= sealRevocations(nextLines(lines, state), authoritySigners(document, state))
    const next = openRevocations(revocationBytes, extended.chain.newest, ports.crypto.verify)
    const fault = typeof next === "string" ? next : successionFault(believedLines(state), next)
    if (typeof next === "string" || fault !== null) throw new EngineFailure("trust-damaged", `the revocations are refused: ${fault}`)
    const unnamed = lines.find(line => !next.keys.some(one => one.keyid === line.keyid))
    if (unnamed !== undefined)
      throw new EngineFailure("trust-damaged", `the revocations are refused: key ${unnamed.keyid} leaves the root without a line`)
    const [line] = lines
    const why =
      line === undefined
        ? { what: "all lines", reason: "superseded", note: "signed again by the new authority" }
        : { what: lines.map(one => one.keyid).join(" "), reason: line.reason }
    drafts.push({
      kind: "revoked",
      body: { root: chain.id, own: true, version: next.version, ...why },
      parts: [{ kind: "revocations", bytes: revocationBytes }]
    })
  }

  await ports.trust.putTogether({
    root: { version: document.version, envelope },
    ...(policyBytes === undefined ? {} : { policy: policyBytes }),
    ...(revocationBytes === undefined ? {} : { revocations: revocationBytes })
  })
  // in force from here; records that a failure keeps from being written are appended at the next open
  state.refresh()
  for (const draft of drafts) await state.append(draft)
}

const openOrigin = (root: TrustRoot) => root.ledgers.find(one => one.closedAt === undefined)?.origin

/** The revocations in force with these lines added: what the authority of the next version signs. */
export function nextLines(lines: readonly RevokedKey[], state: TrustState) {
  return withLines(believedLines(state), { keys: lines }, textOfTime(state.ports.clock.nowMs() + revocationsLifetimeMs))
}

/** Whether policy and revocations have to be signed again under this version. */
export function changesAuthority(next: TrustRoot, state: TrustState): boolean {
  const before = state.root()?.newest.document.roles.authority
  return (
    before === undefined || before.keyids.join() !== next.roles.authority.keyids.join() || before.threshold < next.roles.authority.threshold
  )
}

/**
 * Whether the authority of the next version can sign what it has to in the same step. `coming`: keys of it that are about to be
 * made here. Throws `keys-missing` or `keys-locked`; asked before anything is made.
 */
export function assertAuthorityReady(next: TrustRoot, leaving: readonly KeyId[], state: TrustState, coming = 0): void {
  if (leaving.length === 0 && !changesAuthority(next, state)) return
  const { keyids, threshold } = next.roles.authority
  const wanted = { ...next, roles: { ...next.roles, authority: { keyids, threshold: threshold - coming } } }
  if (threshold > coming) authoritySigners(wanted, state)
}

/** The line of a key that leaves its role: what was logged until now counts on. */
export async function lineFor(keyid: KeyId, reason: RevokedKey["reason"], state: TrustState): Promise<RevokedKey> {
  return { keyid, reason, asOf: await presentCheckpoint(state) }
}

/** The same as it would be, without a checkpoint signed for it. */
export function lineAsOfNow(keyid: KeyId, reason: RevokedKey["reason"], state: TrustState): RevokedKey {
  const { size, root } = state.ledgerHead()
  return { keyid, reason, asOf: { origin: state.origin(), size, root: toBase64(fromHex(root)) } }
}
