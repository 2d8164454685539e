/** What this user has seen of stores, in the user's data folder: a store put back as a whole, or somebody else's, is noticed. */
import { createHash } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import type { SeenStores } from "../ports.ts"
import { diskFailure, replaceFile, systemCode } from "./disk.ts"

const seenBytesMax = 131_072

/** One file an origin under `directory` (`<home>/seen`), named by the SHA-256 of the origin. */
export function openFileSeen(directory: string): SeenStores {
  const fileOf = (origin: string) => path.join(directory, createHash("sha256").update(origin).digest("hex"))
  return {
    get(origin) {
      try {
        const file = fileOf(origin)
        if (fs.statSync(file).size > seenBytesMax) return null
        const seen: unknown = JSON.parse(fs.readFileSync(file, "utf8"))
        return isSeen(seen) ? { fingerprint: seen.fingerprint, checkpoint: seen.checkpoint } : null
      } catch (error) {
        // A file that cannot be understood confirms nothing, which is the safe side: the store then counts as unknown.
        if (systemCode(error) === "ENOENT" || error instanceof SyntaxError) return null
        throw diskFailure(error, "read what was seen of this store")
      }
    },
    async put(origin, seen) {
      try {
        fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
        replaceFile(fileOf(origin), new TextEncoder().encode(`${JSON.stringify({ origin, ...seen })}\n`))
      } catch (error) {
        throw diskFailure(error, "note what was seen of this store")
      }
    }
  }
}

function isSeen(value: unknown): value is { fingerprint: string; checkpoint: string | null } {
  return (
    typeof value === "object" &&
    value !== null &&
    "fingerprint" in value &&
    typeof value.fingerprint === "string" &&
    "checkpoint" in value &&
    (value.checkpoint === null || typeof value.checkpoint === "string")
  )
}
