/** A reviewer's signed word on one Mapping: accepted or refused, with what was looked at; logged before it counts. */
import type { Digest, KeyId } from "../../shared/digest.ts"
import type { AnswerOf, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { sizeLimits } from "../../shared/module.ts"
import type { Statement, ViewedProperty } from "../../shared/trust.ts"
import { sealAttestation, signOffStatement } from "./core/attestation.ts"
import { textOfTime } from "./core/time.ts"
import { mappingNamed } from "./naming.ts"
import type { TrustState } from "./trust-state.ts"

/** Throws `unknown-digest`, `ambiguous-mapping`, `ambiguous-key`, `keys-missing`, `keys-locked`, `wrong-usage` (a refusal without a reason). */
export async function signOff(input: ParsedOf<"signOff">, state: TrustState): Promise<AnswerOf<"signOff">> {
  const { module, mapping } = mappingNamed(input, state)
  const { decision, note, viewed } = input.signOff
  if (decision === "reject" && note.trim() === "") throw new EngineFailure("wrong-usage", "a refusal needs a reason: give it as the note")
  await review(state, { module, mapping, decision, note, viewed: viewed ?? [], firstStart: false }, input.key)
  return { digest: module, mapping, verdict: state.verdict(mapping) }
}

/** The first start's sign-off of a library Module: its Verdict says that no person reviewed it. Throws as `signOff`. */
export async function signOffAtFirstStart(mapping: Digest, state: TrustState, key?: KeyId): Promise<void> {
  const known = state.claimOf(mapping)
  if (known === null) throw new EngineFailure("unknown-digest", `no Mapping ${mapping} is in this store`)
  const module = known.claim.module.digest
  await review(state, { module, mapping, decision: "approve", note: "", viewed: [], firstStart: true }, key)
}

interface Review {
  readonly module: Digest
  readonly mapping: Digest
  readonly decision: "approve" | "reject"
  readonly note: string
  readonly viewed: readonly ViewedProperty[]
  readonly firstStart: boolean
}

async function review(state: TrustState, what: Review, key: KeyId | undefined): Promise<void> {
  const signer = state.signer("reviewer", key)
  const statement = reviewStatement(state, what, signer.keyId)
  const attestation = sealAttestation(statement, signer.keyId, signer.sign)
  await state.append({
    kind: "signed-off",
    body: {
      mapping: what.mapping,
      module: what.module,
      decision: what.decision,
      reviewer: signer.keyId,
      ...(what.note === "" ? {} : { note: what.note })
    },
    parts: [{ kind: "attestation", bytes: attestation }]
  })
  await state.checkpoint()
}

/** The Statement that would be signed now: what a review screen shows is this, and this is what is signed. */
export function reviewStatement(state: TrustState, what: Review, reviewer: KeyId): Statement {
  if ([...what.note].length > sizeLimits.noteCharactersMax)
    throw new EngineFailure("limit-exceeded", `a note has at most ${sizeLimits.noteCharactersMax} characters`)
  return signOffStatement({
    module: what.module,
    mapping: what.mapping,
    reviewer,
    decision: what.decision === "approve" ? "accept" : "refuse",
    viewed: what.viewed,
    firstStart: what.firstStart,
    note: what.note,
    policy: state.policy().digest,
    timeCreated: textOfTime(state.ports.clock.nowMs())
  })
}
