/** Writes one PNG of each screen and theme, over a real store with the sample library: `npm run screenshots -- --out DIR`. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import type { Page } from "@playwright/test"
import { chromium } from "@playwright/test"
import { beginOrOpen, forkLaunch } from "../../electron/engine/index.ts"
import { startWebHost } from "../../electron/web/host.ts"
import { findChromium } from "./find-chromium.ts"

const { values } = parseArgs({
  options: {
    out: { type: "string", default: "screenshots" },
    width: { type: "string", default: "1280" },
    height: { type: "string", default: "800" }
  }
})
const out = resolve(values.out)
const viewport = { width: Number(values.width), height: Number(values.height) }
mkdirSync(out, { recursive: true })

const folder = mkdtempSync(join(tmpdir(), "l4-screenshots-"))
const engine = await beginOrOpen({ store: join(folder, "store"), home: join(folder, "home"), launch: forkLaunch })
await addPending()
const { rows } = await engine.find({ words: "count how many words a text holds", limit: 1 })
const { digest, mapping } = rows[0]!
const pending = (await engine.list({ verdict: "pending", limit: 1 })).rows[0]!
const host = await startWebHost({ engine, rendererDirectory: fileURLToPath(new URL("../../out/renderer", import.meta.url)) })
const browser = await chromium.launch({ executablePath: findChromium().path, args: ["--no-sandbox", "--disable-gpu"] })

type Shot = readonly [name: string, hash: string, act?: (page: Page) => Promise<unknown>]

const module = (tab: string) => `#/module/${digest}?mapping=${mapping}&tab=${tab}`
const shots: readonly Shot[] = [
  ["explore", "#/explore"],
  ["explore-words", "#/explore?words=count%20the%20words%20of%20a%20text"],
  ["explore-type", `#/explore?type=${encodeURIComponent("(string) -> bool")}`],
  ["explore-nothing", "#/explore?type=%28keyword%2C%20keyword%29%20-%3E%20keyword"],
  ["module-verdict", module("verdict")],
  ["module-pending", `#/module/${pending.digest}`],
  ["module-interface", module("interface")],
  ["module-source", module("source")],
  ["module-examples", module("examples")],
  ["module-attestations", module("attestations")],
  ["module-wat", module("wat")],
  ["module-unknown", `#/module/${"0".repeat(64)}`],
  ["run", `#/run/${digest}?mapping=${mapping}`, page => page.getByRole("button", { name: "Run", exact: true }).click()],
  ["run-review", `#/run/${pending.digest}`, page => page.getByRole("button", { name: "Run in review mode" }).click()],
  ["commands", "#/explore", page => page.keyboard.press("Control+k")],
  ["about", "#/explore", about]
]

try {
  for (const theme of ["light", "dark"] as const) {
    const page = await browser.newPage({ viewport, colorScheme: theme })
    await page.goto(host.url)
    await page.getByRole("option").first().waitFor()
    for (const [name, hash, act] of shots) {
      await page.evaluate(next => {
        location.hash = next
      }, hash)
      await page.waitForTimeout(700)
      await act?.(page)
      await page.waitForTimeout(700)
      await page.screenshot({ path: join(out, `${name}-${theme}.png`) })
      await page.keyboard.press("Escape")
    }
    await page.close()
  }
  process.stdout.write(`${shots.length * 2} screenshots in ${out}\n`)
} finally {
  await browser.close()
  await host.close()
  await engine.close()
  rmSync(folder, { recursive: true, force: true })
}

/** A Mapping that waits for a person, and takes one argument of each shape the form knows. */
async function addPending(): Promise<void> {
  const answer = await engine.publish({
    request: { instruction: "greet each guest of a table by name, politely or not, in a language" },
    source: `;; Greets the guests one by one.
(defn greet
  [guests : [:vector [:map [:name :string] [:title :string ?]]] polite : :bool language : [:enum :de :en :fr]] : [:vector :string]
  (let [word (match language :de "Hallo" :fr "Bonjour" _ "Hello")]
    (map (fn [guest] (str word (if polite ", dear " ", ") (:name guest))) guests)))
`,
    examples: [{ args: '[[{:name "Ada" :title "Countess"} {:name "Grace"}] true :en]', result: '["Hello, dear Ada" "Hello, dear Grace"]' }]
  })
  if (answer.kind !== "published") throw new Error(`the pending Module was not published: ${JSON.stringify(answer)}`)
}

async function about(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Appearance and about" }).click()
  await page.getByRole("menuitem", { name: "About L4 Workbench" }).click()
}
