/** The next version of the own root, with all that the authority has to sign again because of it: in force together, or not at all. */
import type { KeyId } from "../../shared/digest.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { LedgerDraft } from "../../shared/ledger.ts"
import type { TrustRoot } from "../../shared/trust.ts"
import { authoritySigners } from "./authority.ts"
import { toBase64 } from "./core/digest.ts"
import { policyDigest, sealPolicy } from "./core/policy.ts"
import type { RevokedKey } from "./core/revocations.ts"
import { sealRevocations, withLines } from "./core/revocations.ts"
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
  state.assertWritable()
  const { ports } = state
  const chain = state.root()
  if (chain === null) throw new EngineFailure("trust-damaged", state.rootProblem() ?? "the store has no root")
  const extended = extendRootChain(chain, envelope, ports.crypto.verify)
  if (extended.kind === "broken")
    throw new EngineFailure("trust-damaged", `version ${extended.version} of the root is refused: ${extended.reason}`)
  const { document, fingerprint } = extended.chain.newest
  const again = changesAuthority(document, state)
  const drafts: LedgerDraft[] = [
    {
      kind: "trusted",
      body: { root: chain.id, own: true, version: document.version, fingerprint },
      parts: [{ kind: "root", bytes: envelope }]
    }
  ]

  const { policy, digest, believed } = state.policy()
  let policyBytes = signed.policy
  if (again && believed) {
    const version = newestPolicyVersion(state) + 1
    policyBytes ??= sealPolicy(version, policy, authoritySigners(document, state))
    const body = { before: digest, after: policyDigest(policy), version }
    drafts.push({ kind: "policy-changed", body, parts: [{ kind: "policy", bytes: policyBytes }] })
  }

  let revocationBytes = signed.revocations
  if (lines.length > 0 || (again && state.revocations().version > 0)) {
    const next = nextLines(lines, state)
    revocationBytes ??= sealRevocations(next, authoritySigners(document, state))
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
  const hash = new Uint8Array(root.match(/../g)?.map(pair => Number.parseInt(pair, 16)) ?? [])
  return { keyid, reason, asOf: { origin: state.origin(), size, root: toBase64(hash) } }
}
