/** The Verdict of one Mapping, computed afresh, now or as of an earlier size of the Ledger. */
import type { AnswerOf, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { mappingNamed } from "./naming.ts"
import type { TrustState } from "./trust-state.ts"

/** Throws `unknown-digest` (also where the Mapping was not there yet at `asOf`), `ambiguous-mapping`, `wrong-usage`. */
export async function verify(input: ParsedOf<"verify">, state: TrustState): Promise<AnswerOf<"verify">> {
  const { mapping } = mappingNamed(input, state)
  const { size } = state.ports.ledger
  if (input.asOf !== undefined && input.asOf > size)
    throw new EngineFailure("wrong-usage", `the ledger has ${size} records; asOf is a size from 0 to that`)
  return state.verdict(mapping, input.asOf === undefined ? {} : { asOf: input.asOf })
}
