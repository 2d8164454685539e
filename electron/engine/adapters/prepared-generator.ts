/** A Generator over a table: Sources prepared for Tasks known beforehand, in the order in which they are to be tried. */
import { z } from "zod"
import type { Generated } from "../../../shared/generation.ts"
import { canonicalWords } from "../core/task.ts"
import type { Generator } from "../ports.ts"

const tableSchema = z.array(z.object({ instruction: z.string(), source: z.string(), entry: z.string().optional() }))

/**
 * `table`: [{instruction, source, entry?}], found by canonical words; several for one instruction are given one after the other. Throws a
 * ZodError where it has another form.
 */
export function preparedGenerator(table: unknown): Generator {
  const sources = new Map<string, Generated[]>()
  for (const { instruction, source, entry } of tableSchema.parse(table)) {
    const words = canonicalWords(instruction)
    if (words.kind === "malformed") throw new TypeError(`a prepared instruction is malformed: ${words.message}`)
    const listed = sources.get(words.text) ?? []
    listed.push({ source, tokens: 0, ...(entry === undefined ? {} : { entry }) })
    sources.set(words.text, listed)
  }
  return {
    name: "prepared sources",
    generate: async ({ text, attempts }) => sources.get(text)?.[attempts.length] ?? null
  }
}
