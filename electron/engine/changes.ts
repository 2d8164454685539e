/** Which Mappings change Verdict when trust changes: asked before and after, or under a policy that is only tried. */
import type { Digest } from "../../shared/digest.ts"
import type { VerdictState } from "../../shared/trust.ts"
import type { PolicyInForce } from "./core/policy.ts"
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
