/** The window over a real engine in this process: a small store a test fills as it needs. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Page } from "@playwright/test"
import { test as base, expect } from "@playwright/test"
import { type Engine, forkLaunch, initStore, openEngine, withBundleFolder } from "../../electron/engine/index.ts"
import { startWebHost } from "../../electron/web/host.ts"
import { builtWindow, watch } from "./window.ts"

export interface RealStore {
  readonly engine: Engine
  readonly places: { readonly store: string; readonly home: string }
}

interface Fixtures {
  readonly real: RealStore
  /** Protects the keys; they are left locked. */
  readonly passphrase: string | null
  /** Complaints a test expects, as parts of their text. */
  readonly expected: string[]
  readonly window: Page
}

export const test = base.extend<Fixtures>({
  passphrase: [null, { option: true }],
  // biome-ignore lint/correctness/noEmptyPattern: the runner demands a pattern here
  expected: async ({}, use) => use([]),
  real: async ({ passphrase }, use) => {
    const folder = mkdtempSync(join(tmpdir(), "l4-window-"))
    const places = { store: join(folder, "store"), home: join(folder, "home") }
    await initStore({ ...places, owner: "tester", ...(passphrase === null ? {} : { passphrase }) })
    const engine = await openEngine({ ...places, launch: forkLaunch, program: "window test" })
    await use({ engine, places })
    await engine.close()
    rmSync(folder, { recursive: true, force: true })
  },
  window: async ({ page, real, expected }, use) => {
    const host = await startWebHost({ engine: withBundleFolder(real.engine, real.places.home), rendererDirectory: builtWindow })
    const complaints = watch(page, host.origin)
    await page.goto(host.url)
    await page.getByRole("main").waitFor()
    await use(page)
    await host.close()
    expect(complaints.filter(complaint => !expected.some(part => complaint.includes(part)))).toEqual([])
  }
})

export { expect }

export const adding = {
  request: { instruction: "add two numbers", interface: "(int, int) -> int" },
  source: "; the sum of two numbers\n(defn add [a :int b :int] :int (+ a b))\n",
  examples: [
    { args: "[1 2]", result: "3" },
    { args: "[-1 1]", result: "0" }
  ]
}

export const reversing = {
  request: { instruction: "reverse a vector", interface: "([:vector int]) -> [:vector int]" },
  source: "(defn back [items : [:vector :int]] : [:vector :int] (reverse items))\n",
  examples: [{ args: "[[1 2 3]]", result: "[3 2 1]" }]
}

/** Publishes a Draft, which is then Pending. */
export async function publish(engine: Engine, draft: Parameters<Engine["publish"]>[0] = adding) {
  const answer = await engine.publish(draft)
  if (answer.kind !== "published") throw new Error(`expected it to be published: ${JSON.stringify(answer)}`)
  return answer
}

export async function publishTrusted(engine: Engine, draft: Parameters<Engine["publish"]>[0] = adding) {
  const made = await publish(engine, draft)
  await engine.signOff({ digest: made.digest, mapping: made.mapping, signOff: { decision: "approve", note: "read" } })
  return made
}
