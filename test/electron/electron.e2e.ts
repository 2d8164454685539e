/** The same app in real Electron. Runs where its binary exists; elsewhere it says that it did not run, and the totals show the skip. */
import { existsSync, readFileSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import type { ElectronApplication, Page } from "@playwright/test"
import { _electron, expect, test } from "@playwright/test"
import type { SmallStore } from "../electron-double/store.ts"
import { makeStore } from "../electron-double/store.ts"

const top = fileURLToPath(new URL("../..", import.meta.url))
const binary = findBinary()
const skipped = "skipped: no Electron binary; run npx install-electron once"

/** Never imports `electron`: in plain Node that starts a download. */
function findBinary(): string | null {
  if (process.env.ELECTRON_EXEC_PATH) return process.env.ELECTRON_EXEC_PATH
  const folder = dirname(createRequire(import.meta.url).resolve("electron/package.json"))
  const pathFile = join(folder, "path.txt")
  if (!existsSync(pathFile)) return null
  const path = join(folder, "dist", readFileSync(pathFile, "utf8").trim())
  return existsSync(path) ? path : null
}

if (binary === null) console.log(`test/electron: ${skipped}`)

test.describe("in real Electron", () => {
  test.skip(binary === null, skipped)

  let app: ElectronApplication
  let page: Page
  let small: SmallStore

  test.beforeAll(async () => {
    small = await makeStore()
    app = await _electron.launch({
      executablePath: binary!,
      args: [top, "--store", small.store, "--home", small.home, ...(process.platform === "linux" ? ["--no-sandbox"] : [])],
      timeout: 60_000
    })
    page = await app.firstWindow()
  })

  test.afterAll(async () => {
    await app?.close()
    if (small !== undefined) rmSync(small.folder, { recursive: true, force: true })
  })

  test("the window comes from app://workbench and a verb answers over its port", async () => {
    expect(page.url()).toMatch(/^app:\/\/workbench\/index\.html/)
    await expect(page.getByRole("contentinfo")).toContainText("Policy solo")
    await expect(page.getByRole("option").first()).toContainText("twice a number")
  })

  test("a Run goes through the runner process, behind the memory cage", async () => {
    await page.evaluate(hash => {
      location.hash = hash
    }, `#/run/${small.digest}`)
    await page.getByLabel("As an RTFS literal").fill("[21]")
    await page.getByRole("button", { name: "Run", exact: true }).click()
    await expect(page.getByRole("region", { name: "Outcome" })).toContainText("42")
  })

  test("the page has neither Node nor Electron", async () => {
    expect(await page.evaluate(() => ["require", "process", "ipcRenderer", "Buffer"].filter(name => name in globalThis))).toEqual([])
  })

  test("a reload gets a fresh port", async () => {
    await page.reload()
    await expect(page.getByRole("contentinfo")).toContainText("Policy solo")
  })

  test("the page may not leave, and opens no window", async () => {
    await page.evaluate(() => {
      location.href = "https://example.invalid/"
    })
    await page.evaluate(() => {
      window.open("https://example.invalid/")
    })
    await expect(page.getByRole("contentinfo")).toContainText("Engine ready")
    expect(page.url()).toMatch(/^app:\/\/workbench\//)
    expect(app.windows().length).toBe(1)
  })
})
