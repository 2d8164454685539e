/** Writes one PNG of each screen and theme, over a real store with the sample library: `npm run screenshots -- --out DIR [--only NAME]`. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import type { Page } from "@playwright/test"
import { chromium } from "@playwright/test"
import { beginOrOpen, forkLaunch, withBundleFolder } from "../../electron/engine/index.ts"
import { startWebHost } from "../../electron/web/host.ts"
import { findChromium } from "./find-chromium.ts"

const { values } = parseArgs({
  options: {
    out: { type: "string", default: "screenshots" },
    /** Only those whose name begins so. */
    only: { type: "string", default: "" },
    width: { type: "string", default: "1280" },
    height: { type: "string", default: "800" }
  }
})
const out = resolve(values.out)
const viewport = { width: Number(values.width), height: Number(values.height) }
mkdirSync(out, { recursive: true })

const folder = mkdtempSync(join(tmpdir(), "l4-screenshots-"))
const home = join(folder, "home")
const engine = await beginOrOpen({ store: join(folder, "store"), home, launch: forkLaunch })
const asking = await addAsking()
await addPending()
const { rows } = await engine.find({ words: "count how many words a text holds", limit: 1 })
const { digest, mapping } = rows[0]!
const pending = (await engine.list({ verdict: "pending", limit: 1 })).rows[0]!
const bundled = withBundleFolder(engine, home)
const next = await addNext()
await use()
const host = await startWebHost({ engine: bundled, rendererDirectory: fileURLToPath(new URL("../../out/renderer", import.meta.url)) })
const browser = await chromium.launch({ executablePath: findChromium().path, args: ["--no-sandbox", "--disable-gpu"] })

type Shot = readonly [name: string, hash: string, act?: (page: Page) => Promise<unknown>]

const module = (tab: string) => `#/module/${digest}?mapping=${mapping}&tab=${tab}`
const all: readonly Shot[] = [
  ["explore", "#/explore"],
  ["explore-words", "#/explore?words=count%20the%20words%20of%20a%20text"],
  ["explore-type", `#/explore?type=${encodeURIComponent("(string) -> bool")}`],
  ["explore-examples", `#/explore?words=count%20words&examples=${encodeURIComponent('["one two"] => 2')}`],
  ["explore-nothing", "#/explore?type=%28keyword%2C%20keyword%29%20-%3E%20keyword"],
  ["module-verdict", module("verdict")],
  ["module-pending", `#/module/${pending.digest}`],
  ["module-interface", module("interface")],
  ["module-source", module("source"), press("Rebuild and compare")],
  ["module-examples", module("examples")],
  ["module-versions", `#/module/${next.digest}?mapping=${next.mapping}&tab=versions`, press(/^Compare with /)],
  ["module-versions-none", module("versions")],
  ["module-used", module("used"), press("Measure on the Examples")],
  ["module-attestations", module("attestations")],
  ["module-wat", module("wat")],
  ["module-bytes", module("bytes"), press(/^code/)],
  ["module-unknown", `#/module/${"0".repeat(64)}`],
  ["run", `#/run/${digest}?mapping=${mapping}`, press("Run", true)],
  ["run-review", `#/run/${pending.digest}`, press("Run in review mode")],
  ["run-answers", `#/run/${asking.digest}?args=${encodeURIComponent("[:name]")}`, press("Run in review mode")],
  ["author", "#/author", template],
  ["review-queue", "#/review"],
  ["review", `#/review/${next.mapping}`, page => page.getByRole("tab", { name: /Difference/ }).click()],
  ["review-decision", `#/review/${pending.mapping}`, press("Sign off…")],
  ["bundles-export", "#/bundles/export"],
  ["bundles-import", "#/bundles/import", check],
  ["bundles-history", "#/bundles/history"],
  ["ledger", "#/ledger"],
  ["ledger-entry", "#/ledger/12"],
  ["dashboard", "#/dashboard"],
  ...(["keys", "roots", "policy", "revocations"] as const).map(part => [`keys-${part}`, `#/keys/${part}`] as const),
  ...(["store", "limits", "model", "appearance", "diagnostics", "about"] as const).map(
    part => [`settings-${part}`, `#/settings/${part}`] as const
  ),
  ["commands", "#/explore", page => page.keyboard.press("Control+k")],
  ["about", "#/explore", about]
]
const shots = all.filter(([name]) => name.startsWith(values.only))

try {
  for (const theme of ["light", "dark"] as const) {
    const page = await browser.newPage({ viewport, colorScheme: theme })
    page.setDefaultTimeout(15_000)
    await page.addInitScript(() => localStorage.setItem("l4-tour", "done"))
    await page.goto(host.url)
    await page.getByRole("option").first().waitFor()
    for (const [name, hash, act] of shots) {
      await page.evaluate(next => {
        location.hash = next
      }, hash)
      await page.waitForTimeout(700)
      await act?.(page).catch((error: unknown) => process.stderr.write(`${name}-${theme}: ${error}\n`))
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
  await published({
    request: { instruction: "greet each guest of a table by name, politely or not, in a language" },
    source: `;; Greets the guests one by one.
(defn greet
  [guests : [:vector [:map [:name :string] [:title :string ?]]] polite : :bool language : [:enum :de :en :fr]] : [:vector :string]
  (let [word (match language :de "Hallo" :fr "Bonjour" _ "Hello")]
    (map (fn [guest] (str word (if polite ", dear " ", ") (:name guest))) guests)))
`,
    examples: [{ args: '[[{:name "Ada" :title "Countess"} {:name "Grace"}] true :en]', result: '["Hello, dear Ada" "Hello, dear Grace"]' }]
  })
}

/** A Mapping that asks the host, with a recorded answer. */
async function addAsking() {
  return published({
    request: { instruction: "the setting of a name, or the word none" },
    source: `;; Asks the host once for each name.
(defn setting [name : :keyword]
  (let [kept (call :kv.get name)] (if (nil? kept) "none" kept)))
`,
    examples: [
      { args: "[:theme]", result: '"dark"', answers: [{ capability: "kv.get", arguments: "[:theme]", value: '"dark"' }] },
      { args: "[:size]", result: '"none"', answers: [{ capability: "kv.get", arguments: "[:size]", value: "nil" }] }
    ]
  })
}

/** A next version of the Module that is shown, so that there is a difference to see. */
async function addNext() {
  const shown = await engine.show({ digest, mapping })
  const [first] = shown.mappings
  return published({
    request: { instruction: first!.mapping.task.text },
    source: `;; The next version, with its reason written down.\n${shown.source}`,
    examples: shown.examples.map(({ args, result }) => ({ args, result })),
    supersedes: [mapping]
  })
}

async function published(draft: Parameters<typeof engine.publish>[0]) {
  const answer = await engine.publish(draft)
  if (answer.kind !== "published") throw new Error(`a Module of the screenshots was not published: ${JSON.stringify(answer)}`)
  return answer
}

/** Hits, Misses, Runs and a Bundle, so that what is counted and kept has something to show. */
async function use(): Promise<void> {
  const { mapping: named } = (await engine.show({ digest, mapping })).mappings[0]!
  const requests = [
    { instruction: named.task.text, interface: named.interface.canonical },
    { instruction: "count the words of a text", interface: "(string) -> int" },
    { instruction: "turn a text round", interface: "(string) -> string" },
    { instruction: "compile a kernel", interface: "(keyword, keyword) -> keyword" }
  ]
  for (const request of requests) for (let time = 0; time < 3; time++) await engine.lookup({ request })
  const { examples } = await engine.show({ digest, mapping })
  for (const { args } of examples) await engine.run({ digest, mapping, args })
  await bundled.exportBundle({ digests: [mapping], target: "words.tar" })
}

function press(name: string | RegExp, exact = false) {
  return (page: Page) => page.getByRole("button", { name, exact }).first().click()
}

async function template(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Begin from" }).click()
  await page.getByRole("menuitem", { name: "Work on maps" }).click()
  await page.waitForTimeout(1_500)
}

async function check(page: Page): Promise<void> {
  await page.getByRole("radio", { name: /words\.tar/ }).check()
  await page.getByRole("button", { name: "Check it" }).click()
  await page.getByRole("region", { name: "What it holds" }).waitFor()
  await page.getByRole("button", { name: /^Put .* away$/ }).click()
}

async function about(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Appearance and about" }).click()
  await page.getByRole("menuitem", { name: "About L4 Workbench" }).click()
}
