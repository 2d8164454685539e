/** Where an uncaught error arose: a Module's bytes do not tell, so the interpreter is asked, and believed if it meets the same error. */
import { EngineFailure } from "../../shared/failure.ts"
import type { Mapping } from "../../shared/module.ts"
import type { Answer, Outcome } from "../../shared/run.ts"
import type { Value } from "../../shared/value.ts"
import type { SourceShelf } from "./build.ts"
import { unitsOf } from "./build.ts"
import type { RecordedAnswer } from "./core/interpreter/interpret.ts"
import type { InterpretationJob } from "./core/interpreter/interpretation.ts"
import { readArguments, readLiteral } from "./core/literal.ts"
import { utf8Decode } from "./core/utf8.ts"
import type { Interpret } from "./ports.ts"

/** Fuel of the interpreter when it only looks for a place, and its time in milliseconds. */
const searchFuelMax = 200_000
const searchMs = 1_000

/** The Outcome with the place of its error in the Source; as it was, where the interpreter does not find the same error in time. */
export async function placed<O extends Outcome>(outcome: O, job: Omit<InterpretationJob, "fuelMax">, interpret: Interpret): Promise<O> {
  if (outcome.kind !== "failed" || outcome.span !== undefined) return outcome
  const again = await interpret({ ...job, fuelMax: searchFuelMax }, searchMs)
  if (again.kind !== "failed" || again.span === null) return outcome
  // The interpreter says less of an invalid regular expression.
  return again.category === outcome.category && outcome.message.startsWith(again.message) ? { ...outcome, span: again.span } : outcome
}

/** As `placed`, for a Module whose Source the store has. */
export async function placedInModule(
  outcome: Outcome,
  claim: Mapping,
  request: { readonly args: readonly Value[]; readonly answers?: readonly Answer[] | undefined },
  store: SourceShelf & { readonly interpret: Interpret }
): Promise<Outcome> {
  if (outcome.kind !== "failed") return outcome
  const bytes = claim.source === null ? null : store.blobs.get(claim.source.digest)
  const source = bytes === null ? null : utf8Decode(bytes)
  const imports = source === null ? null : importsOf(claim, store)
  if (source === null || imports === null) return outcome
  const call = { imports, entry: claim.entry, args: request.args, answers: (request.answers ?? []).flatMap(recorded) }
  return placed(outcome, { source, call }, store.interpret)
}

/** Null where the store has not the Source of every import. */
function importsOf(claim: Mapping, store: SourceShelf): ReturnType<typeof unitsOf> | null {
  try {
    return unitsOf(claim.imports ?? [], store)
  } catch (error) {
    if (error instanceof EngineFailure) return null
    throw error
  }
}

function recorded(answer: Answer): RecordedAnswer[] {
  const args = readArguments(answer.arguments)
  if (args.kind !== "arguments") return []
  const call = { capability: answer.capability, arguments: args.values }
  if ("failure" in answer) return [{ ...call, failure: answer.failure }]
  const value = readLiteral(answer.value)
  return value.kind === "value" ? [{ ...call, value: value.value }] : []
}
