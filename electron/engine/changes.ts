/** Which Mappings change Verdict when trust changes: asked before and after, or under a policy that is only tried. */
import type { Digest, KeyId } from "../../shared/digest.ts"
import type { TrustRoot, VerdictState } from "../../shared/trust.ts"
import { canonicalBytes } from "./core/canonical.ts"
import { fromBase64, toHex } from "./core/digest.ts"
import type { PolicyInForce } from "./core/policy.ts"
import type { RevokedKey } from "./core/revocations.ts"
import { withLines } from "./core/revocations.ts"
import type { TrustState } from "./trust-state.ts"

export interface VerdictChange {
  readonly mapping: Digest
  readonly before: VerdictState
  readonly after: VerdictState
}

/** States of these Mappings now, under the policy in force or one that is only tried. */
export function statesOf(mappings: readonly Digest[], state: TrustState, policy?: PolicyInForce): Map<Digest, VerdictState> {
  return new Map(
    mappings.map(mapping => [mapping, (policy === undefined ? state.cachedVerdict(mapping) : state.verdict(mapping, { policy })).state])
  )
}

export function changesBetween(before: ReadonlyMap<Digest, VerdictState>, after: ReadonlyMap<Digest, VerdictState>): VerdictChange[] {
  return [...before].flatMap(([mapping, was]) => {
    const is = after.get(mapping) ?? was
    return is === was ? [] : [{ mapping, before: was, after: is }]
  })
}

/** The same with the words of each Task, as people are told. */
export function withTasks(changes: readonly VerdictChange[], state: TrustState) {
  return changes.map(change => ({ ...change, task: state.claimOf(change.mapping)?.claim.task.text ?? "" }))
}

/** What would change if this version of the own root were in force, with these lines of revocation: nothing is signed to find out. */
export function changesUnder(document: TrustRoot, lines: readonly RevokedKey[], state: TrustState): VerdictChange[] {
  const mappings = state.mappings()
  const newest = {
    document,
    fingerprint: toHex(state.ports.crypto.sha256(canonicalBytes(document))),
    envelope: new Uint8Array(),
    publicKeys: new Map(Object.entries(document.keys).map(([id, key]) => [id as KeyId, fromBase64(key.public) ?? new Uint8Array()]))
  }
  const revocations = lines.length === 0 ? null : withLines(state.revocations(), { keys: lines }, document.expires)
  const after = new Map(mappings.map(mapping => [mapping, state.verdict(mapping, { own: { newest, revocations } }).state]))
  return changesBetween(statesOf(mappings, state), after)
}
