/** A reviewer's signed word on one Mapping: accepted or refused, with what was looked at; logged before it counts. */
import type { Digest, KeyId } from "../../shared/digest.ts"
import type { AnswerOf, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { sizeLimits } from "../../shared/module.ts"
import type { Statement, ViewedProperty } from "../../shared/trust.ts"
import { sealAttestation, signOffStatement, statementPayload } from "./core/attestation.ts"
import { digestOf } from "./core/digest.ts"
import { textOfTime } from "./core/time.ts"
import { utf8Decode } from "./core/utf8.ts"
import { mappingNamed } from "./naming.ts"
import type { TrustState } from "./trust-state.ts"

/**
 * `input.statement`, the Digest of the Statement that was shown, must be that of what is signed. Throws `unknown-digest`,
 * `ambiguous-mapping`, `ambiguous-key`, `keys-missing`, `keys-locked`, `wrong-usage` (a refusal without a reason), and
 * `not-permitted` with both Digests where something else would be signed than was shown.
 */
export async function signOff(input: ParsedOf<"signOff">, state: TrustState): Promise<AnswerOf<"signOff">> {
  const what = reviewOf(input, state)
  await review(state, what, input.key, input.statement)
  return { digest: what.module, mapping: what.mapping, verdict: state.verdict(what.mapping) }
}

/** Exactly what `signOff` would sign now, and the evidence it speaks of: a review screen renders from this. Signs nothing. Throws as `signOff`. */
export async function reviewStatement(input: ParsedOf<"reviewStatement">, state: TrustState): Promise<AnswerOf<"reviewStatement">> {
  const what = reviewOf(input, state)
  const { keyId } = state.signer("reviewer", input.key)
  const timeCreated = textOfTime(state.ports.clock.nowMs())
  const payload = statementPayload(statementOf(state, what, keyId, timeCreated))
  const statement = digestOf(payload)
  remember(state, statement, timeCreated)
  return {
    digest: what.module,
    mapping: what.mapping,
    statement,
    text: utf8Decode(payload) ?? "",
    reviewer: keyId,
    timeCreated,
    evidence: evidenceOf(what.mapping, state)
  }
}

function reviewOf(input: ParsedOf<"reviewStatement">, state: TrustState): Review {
  const { module, mapping } = mappingNamed(input, state)
  const { decision, note, viewed } = input.signOff
  if (decision === "reject" && note.trim() === "") throw new EngineFailure("wrong-usage", "a refusal needs a reason: give it as the note")
  return { module, mapping, decision, note, viewed: viewed ?? [], firstStart: false }
}

/** What the Mapping's Claim binds by Digest, and the Attestations that are here for it. */
function evidenceOf(mapping: Digest, state: TrustState): AnswerOf<"reviewStatement">["evidence"] {
  const claim = state.claimOf(mapping)?.claim
  if (claim === undefined) return []
  return [
    { what: "mapping", digest: mapping },
    { what: "module", digest: claim.module.digest },
    { what: "interface", digest: claim.interface.hash },
    ...(claim.source === null ? [] : [{ what: "source", digest: claim.source.digest }]),
    { what: "examples", digest: claim.examples.digest },
    ...(claim.runtime === null ? [] : [{ what: "runtime", digest: claim.runtime.digest }]),
    ...(claim.supersedes ?? []).map(digest => ({ what: "supersedes", digest })),
    ...state.attestationsOf(mapping).map(one => ({ what: "attestation", digest: one.digest }))
  ]
}

/** Times of Statements that were shown, so that the very same bytes can be made again and signed. */
const shown = new WeakMap<TrustState, Map<Digest, string>>()
const shownMax = 256

function remember(state: TrustState, statement: Digest, timeCreated: string): void {
  const times = shown.get(state) ?? new Map<Digest, string>()
  const [oldest] = times.keys()
  if (times.size >= shownMax && oldest !== undefined) times.delete(oldest)
  shown.set(state, times.set(statement, timeCreated))
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

async function review(state: TrustState, what: Review, key: KeyId | undefined, expected?: Digest): Promise<void> {
  const signer = state.signer("reviewer", key)
  const timeCreated = (expected === undefined ? undefined : shown.get(state)?.get(expected)) ?? textOfTime(state.ports.clock.nowMs())
  const statement = statementOf(state, what, signer.keyId, timeCreated)
  const found = digestOf(statementPayload(statement))
  if (expected !== undefined && found !== expected)
    throw new EngineFailure(
      "not-permitted",
      `nothing is signed: the Statement shown was ${expected}, and what would be signed now is ${found}; look at it again`,
      { expected, found }
    )
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

function statementOf(state: TrustState, what: Review, reviewer: KeyId, timeCreated: string): Statement {
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
    timeCreated
  })
}
