/** Shows the roots, and makes the next version of the own one: signed by the root keys of both versions, logged with its document. */
import type { AnswerOf, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { TrustRoot } from "../../shared/trust.ts"
import { canonicalBytes } from "./core/canonical.ts"
import type { Signer } from "./core/dsse.ts"
import { envelopeBytes, openEnvelopeBytes, payloadTypes, sealEnvelope } from "./core/dsse.ts"
import type { RootChain } from "./core/root.ts"
import { holdsRole, keysOfRole, parseTrustRoot } from "./core/root.ts"
import { textOfTime } from "./core/time.ts"
import { utf8Decode } from "./core/utf8.ts"
import { rootLifetimeMs } from "./init.ts"
import type { TrustState } from "./trust-state.ts"

export async function root(_input: ParsedOf<"root">, state: TrustState): Promise<AnswerOf<"root">> {
  const own = state.root()
  const revocations = state.ports.trust.revocations()
  return {
    own: own === null ? null : { ...summaryOf(own), fingerprints: own.versions.map(version => version.fingerprint) },
    foreign: state
      .roots()
      .filter(chain => chain !== own)
      .map(summaryOf),
    revocations: revocations === null ? null : documentText(revocations, payloadTypes.revocations)
  }
}

function summaryOf(chain: RootChain) {
  const { newest } = chain
  return {
    id: chain.id,
    version: newest.document.version,
    expires: newest.document.expires,
    document: documentText(newest.envelope, payloadTypes.root)
  }
}

/** The signed payload as text: exactly what was signed. */
function documentText(envelope: Uint8Array, payloadType: typeof payloadTypes.root | typeof payloadTypes.revocations): string {
  const opened = openEnvelopeBytes(envelope, payloadType)
  return typeof opened === "string" ? opened : (utf8Decode(opened.payload) ?? "")
}

/** What a new version changes; the rest stays. */
export type RootChange = Partial<Pick<TrustRoot, "keys" | "roles" | "ledgers" | "expires">>

/** The next version as a document, not signed yet: what is carried to root keys that are kept offline. */
export function nextRoot(state: TrustState, change: RootChange): TrustRoot {
  const chain = believedRoot(state)
  const { document, fingerprint } = chain.newest
  return {
    ...document,
    expires: textOfTime(state.ports.clock.nowMs() + rootLifetimeMs),
    ...change,
    version: document.version + 1,
    previous: fingerprint
  }
}

/**
 * Signs the next version with every root key here, of this version and of the next. Throws `trust-damaged` where the document is
 * no root, `keys-locked` where all of them are locked; whether the thresholds are reached is found when it is put in force.
 */
export function signRoot(document: TrustRoot, state: TrustState, more: readonly Signer[] = []): Uint8Array {
  const parsed = parseTrustRoot(document as unknown as Parameters<typeof parseTrustRoot>[0])
  if (typeof parsed === "string") throw new EngineFailure("trust-damaged", `the next root would not be accepted: ${parsed}`)
  const { newest } = believedRoot(state)
  const wanted = new Set([...keysOfRole(newest, "root").keys(), ...document.roles.root.keyids])
  const all = state.ports.keyring.list().filter(key => key.purpose === "root" && wanted.has(key.id))
  const open = all.filter(key => key.unlocked)
  const here = open.length > 0 ? open : all
  const signers: Signer[] = here.map(key => ({ keyId: key.id, sign: message => state.ports.keyring.sign(key.id, message) }))
  if (signers.length + more.length === 0) throw new EngineFailure("keys-missing", "no root key of this store is on this machine")
  return envelopeBytes(sealEnvelope(payloadTypes.root, canonicalBytes(document), [...signers, ...more]))
}

/** Whether the root keys on this machine are open and enough to sign a next version. */
export function canSignRoot(state: TrustState): boolean {
  const newest = state.root()?.newest
  if (!newest) return false
  const open = state.ports.keyring.list().filter(key => key.purpose === "root" && key.unlocked && holdsRole(newest, "root", key.id))
  return open.length >= newest.document.roles.root.threshold
}

function believedRoot(state: TrustState): RootChain {
  const chain = state.root()
  if (chain === null) throw new EngineFailure("trust-damaged", state.rootProblem() ?? "the store has no root")
  return chain
}
