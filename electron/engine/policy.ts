/** Shows the policy in force, and puts another in force: signed by the authority, previewed by the Verdicts it would change. */
import type { AnswerOf, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { presetPolicy } from "../../shared/policy-presets.ts"
import type { TrustPolicy } from "../../shared/trust.ts"
import { authoritySigners, ownRootOf } from "./authority.ts"
import { changesBetween, statesOf, withTasks } from "./changes.ts"
import { canonicalBytes } from "./core/canonical.ts"
import { openPolicy, policyDigest, sealPolicy } from "./core/policy.ts"
import { preparedText } from "./prepared.ts"
import type { TrustState } from "./trust-state.ts"

export async function policy(_input: ParsedOf<"policy">, state: TrustState): Promise<AnswerOf<"policy">> {
  const { policy, digest, believed, why } = state.policy()
  return { policy, digest, believed, why }
}

/** Throws `keys-missing` and `keys-locked` of the authority; a preview needs no key, nor does a document to be signed elsewhere. */
export async function setPolicy(input: ParsedOf<"setPolicy">, state: TrustState): Promise<AnswerOf<"setPolicy">> {
  const { shippedRuntime } = state.tools
  const chosen: TrustPolicy =
    typeof input.policy === "string" ? presetPolicy(input.policy, shippedRuntime === null ? [] : [shippedRuntime]) : input.policy
  const digest = policyDigest(chosen)
  const mappings = state.mappings()
  const before = statesOf(mappings, state)
  if (input.preview || input.prepare) {
    const after = statesOf(mappings, state, { policy: chosen, digest, version: 0, believed: true, why: "a preview" })
    const version = newestPolicyVersion(state) + 1
    const document = input.prepare ? { document: preparedText("policy", canonicalBytes({ version, policy: chosen })) } : {}
    return { digest, changes: withTasks(changesBetween(before, after), state), ...document }
  }
  await putPolicy(sealPolicy(newestPolicyVersion(state) + 1, chosen, authoritySigners(ownRootOf(state), state)), state)
  await state.checkpoint(true)
  return { digest, changes: withTasks(changesBetween(before, statesOf(mappings, state)), state) }
}

/**
 * Puts a signed policy document in force and logs it: first the document, then its record. Throws `trust-damaged` where the
 * authority's threshold did not sign it or its version is past.
 */
export async function putPolicy(bytes: Uint8Array, state: TrustState): Promise<void> {
  state.assertWritable()
  const inForce = state.policy()
  const opened = openPolicy(bytes, state.root()?.newest ?? null, state.ports.crypto.verify)
  if (typeof opened === "string") throw new EngineFailure("trust-damaged", `the policy is refused: ${opened}`)
  const newest = newestPolicyVersion(state)
  if (opened.version <= newest)
    throw new EngineFailure("trust-damaged", `the policy is refused: it is version ${opened.version}, and ${newest} was in force already`)
  await state.ports.trust.putPolicy(bytes)
  await state.append({
    kind: "policy-changed",
    body: { before: inForce.believed ? inForce.digest : null, after: policyDigest(opened.policy), version: opened.version },
    parts: [{ kind: "policy", bytes }]
  })
}

/** The greatest version in force or named by the Ledger, which a document that is not believed may hide. */
export function newestPolicyVersion(state: TrustState): number {
  let newest = state.policy().version
  for (const { entry } of state.ports.ledger.records(0)) {
    if (entry.kind === "policy-changed" && typeof entry.body.version === "number") newest = Math.max(newest, entry.body.version)
  }
  return newest
}
