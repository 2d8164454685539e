/** When the store's chores were done last: a day is longer than most processes live. Derived: without it they are done again. */
import fs from "node:fs"
import path from "node:path"
import { z } from "zod"
import { replaceFile } from "./disk.ts"

const timesSchema = z.object({ tables: z.number(), lastUsed: z.number(), orphans: z.number() }).partial()

export function openChoreTimes(directory: string) {
  const file = path.join(directory, "chores.json")
  return {
    read(): { tables?: number; lastUsed?: number; orphans?: number } {
      try {
        return timesSchema.parse(JSON.parse(fs.readFileSync(file, "utf8"))) as { tables?: number; lastUsed?: number; orphans?: number }
      } catch {
        return {}
      }
    },
    write(times: object): void {
      try {
        fs.mkdirSync(directory, { recursive: true })
        replaceFile(file, new TextEncoder().encode(`${JSON.stringify(times)}\n`))
      } catch {
        // The chore is done again, which does no harm.
      }
    }
  }
}
