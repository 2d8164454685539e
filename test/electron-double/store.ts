/** A small store of one trusted Module for tests that are about the app around it. */
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { forkLaunch, initStore, openEngine } from "../../electron/engine/index.ts"

export interface SmallStore {
  readonly folder: string
  readonly store: string
  readonly home: string
  /** The Module `twice a number`, of type `(int) -> int`. */
  readonly digest: string
}

export async function makeStore(): Promise<SmallStore> {
  const folder = mkdtempSync(join(tmpdir(), "l4-store-"))
  const places = { store: join(folder, "store"), home: join(folder, "home") }
  await initStore(places)
  const engine = await openEngine({ ...places, launch: forkLaunch })
  try {
    const answer = await engine.publish({
      request: { instruction: "twice a number", interface: "(int) -> int" },
      source: "(defn twice [n : :int] : :int (* 2 n))",
      examples: [{ args: "[4]", result: "8" }]
    })
    if (answer.kind !== "published") throw new Error(`the Module of the small store was not published: ${JSON.stringify(answer)}`)
    await engine.signOff({ digest: answer.digest, mapping: answer.mapping, signOff: { decision: "approve", note: "for a test" } })
    return { folder, ...places, digest: answer.digest }
  } finally {
    await engine.close()
  }
}
