/** Shows the policy in force, and puts another in force: signed by the authority, previewed by the Verdicts it would change. */
import type { AnswerOf, ParsedOf } from "../../shared/engine-contract.ts"
import type { TrustPolicy } from "../../shared/trust.ts"
import { changesBetween, statesOf, withTasks } from "./changes.ts"
import { policyDigest, presetPolicy, sealPolicy } from "./core/policy.ts"
import type { TrustState } from "./trust-state.ts"

export async function policy(_input: ParsedOf<"policy">, state: TrustState): Promise<AnswerOf<"policy">> {
  const { policy, digest, believed, why } = state.policy()
  return { policy, digest, believed, why }
}

/** Throws `keys-missing` and `keys-locked` of the authority; a preview needs no key. */
export async function setPolicy(input: ParsedOf<"setPolicy">, state: TrustState): Promise<AnswerOf<"setPolicy">> {
  const { shippedRuntime } = state.tools
  const chosen: TrustPolicy =
    typeof input.policy === "string" ? presetPolicy(input.policy, shippedRuntime === null ? [] : [shippedRuntime]) : input.policy
  const digest = policyDigest(chosen)
  const mappings = state.mappings()
  const before = statesOf(mappings, state)
  if (input.preview) {
    const after = statesOf(mappings, state, { policy: chosen, digest, version: 0, believed: true, why: "a preview" })
    return { digest, changes: withTasks(changesBetween(before, after), state) }
  }
  await putPolicy(chosen, state)
  await state.checkpoint(true)
  return { digest, changes: withTasks(changesBetween(before, statesOf(mappings, state)), state) }
}

/** Signs and logs the next version of the policy document: first the document, then its record. */
export async function putPolicy(chosen: TrustPolicy, state: TrustState): Promise<void> {
  const inForce = state.policy()
  const version = Math.max(inForce.version, newestVersion(state)) + 1
  const bytes = sealPolicy(version, chosen, [state.signer("authority")])
  await state.ports.trust.putPolicy(bytes)
  await state.append({
    kind: "policy-changed",
    body: { before: inForce.believed ? inForce.digest : null, after: policyDigest(chosen), version },
    parts: [{ kind: "policy", bytes }]
  })
}

/** The greatest version the Ledger names, which a document that is not believed may hide. */
function newestVersion(state: TrustState): number {
  let newest = 0
  for (const { entry } of state.ports.ledger.records(0)) {
    if (entry.kind === "policy-changed" && typeof entry.body.version === "number") newest = Math.max(newest, entry.body.version)
  }
  return newest
}
