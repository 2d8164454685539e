/**
 * Inference: representations from the facts about kinds. Nothing here may change what a program means: overflow stays an error, so an integer may be
 * held raw wherever its kind is certain.
 */
import { kindsIn } from "./facts.ts"
import type { IrProgram } from "./ir.ts"
import { represent } from "./represent.ts"
import { gaining, withVersions } from "./versions.ts"

/** The same program with raw integers, floats and booleans wherever their kinds are certain. Deterministic. */
export function infer(program: IrProgram): IrProgram {
  const facts = kindsIn(program)
  const tried = withVersions(program, facts)
  if (tried.versions.length === 0) return represent(program, facts)
  const triedFacts = kindsIn(tried.program)
  const worthwhile = gaining(tried, triedFacts)
  if (worthwhile.size === tried.versions.length) return represent(tried.program, triedFacts)
  if (worthwhile.size === 0) return represent(program, facts)
  const kept = withVersions(program, facts, worthwhile)
  return represent(kept.program, kindsIn(kept.program))
}
