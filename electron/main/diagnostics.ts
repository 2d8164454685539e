/** What the engine's processes print, kept in a file of bounded size with one predecessor. */
import { appendFileSync, renameSync, statSync } from "node:fs"

export interface Diagnostics {
  write(text: string): void
}

/** 1 MiB each, so at most 2 MiB on disk. */
const fileBytesMax = 1_048_576

/** A file that cannot be written loses its lines: diagnostics must never stop the app. */
export function openDiagnostics(path: string): Diagnostics {
  let size = sizeOf(path)
  return {
    write(text) {
      try {
        if (size > fileBytesMax) {
          renameSync(path, `${path}.1`)
          size = 0
        }
        appendFileSync(path, text, { mode: 0o600 })
        size += Buffer.byteLength(text)
      } catch {
        size = sizeOf(path)
      }
    }
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
