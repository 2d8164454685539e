/** A Generator over a table: Sources prepared for Tasks known beforehand. */
import { z } from "zod"
import { canonicalWords } from "../core/task.ts"
import type { Generator } from "../ports.ts"

const tableSchema = z.array(z.object({ instruction: z.string(), source: z.string(), entry: z.string().optional() }))

/** `table`: [{instruction, source, entry?}], found by canonical words. Throws a ZodError where it has another form. */
export function preparedGenerator(table: unknown): Generator {
  const sources = new Map<string, { readonly source: string; readonly entry?: string }>()
  for (const { instruction, source, entry } of tableSchema.parse(table)) {
    const words = canonicalWords(instruction)
    if (words.kind === "malformed") throw new TypeError(`a prepared instruction is malformed: ${words.message}`)
    sources.set(words.text, entry === undefined ? { source } : { source, entry })
  }
  return {
    name: "prepared sources",
    async generate({ text, diagnostics }) {
      // A table cannot mend what it wrote.
      return diagnostics.length > 0 ? null : (sources.get(text) ?? null)
    }
  }
}
