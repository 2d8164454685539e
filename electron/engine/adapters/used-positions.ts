/** Where in the Ledger the `used` records stand, kept beside the hit logs: derived, and read again from the Ledger where it is missing or of another. */
import fs from "node:fs"
import path from "node:path"
import { z } from "zod"
import { replaceFile } from "./disk.ts"

const positionsSchema = z.object({
  version: z.literal(1),
  size: z.number().int().min(1),
  leaf: z.string().regex(/^[0-9a-f]{64}$/),
  used: z.array(z.number().int().min(0)).max(1_000_000)
})

export type StoredPositions = Omit<z.infer<typeof positionsSchema>, "version">

const bytesMax = 16 * 1024 * 1024

export function openUsedPositions(directory: string, readOnly: boolean) {
  const file = path.join(directory, "used.json")
  return {
    read(): StoredPositions | null {
      try {
        if (fs.statSync(file).size > bytesMax) return null
        const parsed = positionsSchema.safeParse(JSON.parse(fs.readFileSync(file, "utf8")))
        return parsed.success && parsed.data.used.every(sequence => sequence < parsed.data.size) ? parsed.data : null
      } catch {
        return null
      }
    },
    write({ size, leaf, used }: { readonly size: number; readonly leaf: string; readonly used: readonly number[] }): void {
      if (readOnly) return
      try {
        fs.mkdirSync(directory, { recursive: true })
        replaceFile(file, new TextEncoder().encode(`${JSON.stringify({ version: 1, size, leaf, used })}\n`))
      } catch {
        // Derived: the next open looks through the Ledger instead.
      }
    }
  }
}
