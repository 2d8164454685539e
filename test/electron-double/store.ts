/** A store without Modules for tests that are about the app around it. */
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { initStore } from "../../electron/engine/index.ts"

export async function makeStore(): Promise<{ readonly folder: string; readonly store: string; readonly home: string }> {
  const folder = mkdtempSync(join(tmpdir(), "l4-store-"))
  const places = { store: join(folder, "store"), home: join(folder, "home") }
  await initStore(places)
  return { folder, ...places }
}
