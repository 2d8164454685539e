/** Turns what a caller hands a verb into the type the verb expects, once, at the door. */
import { z } from "zod"
import type { ParsedOf, VerbName } from "./engine-contract.ts"
import { contract } from "./engine-contract.ts"
import { EngineFailure } from "./failure.ts"

/** Throws `wrong-usage` naming every member that is not as the contract says. */
export function parseInput<V extends VerbName>(verb: V, input: unknown): ParsedOf<V> {
  const schema = contract[verb]["~orpc"].inputSchema as unknown as z.ZodType<ParsedOf<V>>
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  throw new EngineFailure("wrong-usage", `${verb}: ${z.prettifyError(parsed.error)}`)
}
