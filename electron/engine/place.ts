/** Where an uncaught error arose: a Module's bytes do not tell, so the interpreter is asked, and believed if it meets the same error. */
import type { Outcome } from "../../shared/run.ts"
import type { InterpretationJob } from "./core/interpreter/interpretation.ts"
import type { Interpret } from "./ports.ts"

/** Fuel of the interpreter when it only looks for a place, and its time in milliseconds. */
const searchFuelMax = 200_000
const searchMs = 500
const searchHeapBytes = 268_435_456

/** The Outcome with the place of its error in the Source; as it was, where the interpreter does not find the same error in time. */
export async function placed(outcome: Outcome, job: Omit<InterpretationJob, "fuelMax">, interpret: Interpret): Promise<Outcome> {
  if (outcome.kind !== "failed" || outcome.span !== undefined) return outcome
  const again = await interpret({ ...job, fuelMax: searchFuelMax }, { timeoutMs: searchMs, heapBytesMax: searchHeapBytes })
  if (again.kind !== "failed" || again.span === null) return outcome
  return again.category === outcome.category && again.message === outcome.message ? { ...outcome, span: again.span } : outcome
}
