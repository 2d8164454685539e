/** The window over the real engine, started as a person starts it: a store with the sample library, from first start to a clean end. */
import type { ChildProcess } from "node:child_process"
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Page } from "@playwright/test"
import { test as base, expect } from "@playwright/test"
import { expectAccessible, goTo, watch } from "./window.ts"

const program = fileURLToPath(new URL("../../out/main/web.js", import.meta.url))

interface Started {
  readonly url: string
  readonly child: ChildProcess
  readonly folder: string
  readonly output: () => string
}

async function start(folder: string, words: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Started> {
  const child = spawn(
    process.execPath,
    [program, "--no-open", "--store", join(folder, "store"), "--home", join(folder, "home"), ...words],
    {
      env: { PATH: process.env.PATH ?? "", HOME: folder, ...env }
    }
  )
  let output = ""
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        output += chunk.toString("utf8")
        const line = /^Workbench: (\S+)$/m.exec(output)
        if (line !== null) resolve(line[1]!)
      })
    child.once("exit", code => reject(new Error(`the web host ended with ${code}: ${output}`)))
  })
  return { url, child, folder, output: () => output }
}

function ended(child: ChildProcess): Promise<number | null> {
  return child.exitCode !== null ? Promise.resolve(child.exitCode) : new Promise(resolve => child.once("exit", code => resolve(code)))
}

const test = base.extend<{ window: Page }, { host: Started }>({
  host: [
    // biome-ignore lint/correctness/noEmptyPattern: the runner demands a pattern here
    async ({}, use) => {
      const folder = mkdtempSync(join(tmpdir(), "l4-window-"))
      const started = await start(folder)
      await use(started)
      started.child.kill("SIGTERM")
      await ended(started.child)
      rmSync(folder, { recursive: true, force: true })
    },
    { scope: "worker", timeout: 180_000 }
  ],
  window: async ({ page, host }, use) => {
    const complaints = watch(page, new URL(host.url).origin)
    await page.goto(host.url)
    await use(page)
    expect(complaints).toEqual([])
  }
})

test("a first start has the sample library: trusted, and no person reviewed it", async ({ window }) => {
  await expect(window.getByRole("option").first()).toContainText("Trusted")
  const line = await window.getByRole("contentinfo").textContent()
  expect(Number(/([\d,]+) Modules/.exec(line ?? "")?.[1]?.replace(",", ""))).toBeGreaterThanOrEqual(24)
  await expect(window.getByRole("contentinfo")).toContainText("unprotected keys")
  await expect(window.getByRole("region", { name: "Preview" })).toContainText("no person reviewed")
  await expectAccessible(window)
})

test("words find the Module that does it, which is judged, shown and run", async ({ window }) => {
  await window.getByRole("searchbox").fill("count how many words a text holds")
  const first = window.getByRole("option").first()
  await expect(first).toContainText(/words/i)
  await window.keyboard.press("ArrowDown")
  await window.keyboard.press("Enter")
  await expect(window.getByText("Every rule of the policy is met")).toBeVisible()
  await expect(window.getByRole("row")).toHaveCount(19)
  for (const rule of ["blob-intact", "mapping-signed", "tests-passed", "signed-off", "ledger-included"]) {
    await expect(window.getByRole("row").filter({ hasText: rule })).toContainText("Met")
  }
  await window.getByRole("button", { name: "SignOff", exact: true }).click()
  await expect(window.locator(".cm-content")).toContainText("https://in-toto.io/attestation/svr/v0.2")
  await window.getByRole("tab", { name: "Source" }).click()
  await expect(window.locator(".cm-content")).toContainText("defn")
  await window.getByRole("tab", { name: "WAT" }).click()
  await expect(window.locator(".cm-content")).toContainText("(module")
  await expectAccessible(window)
  await window.getByRole("tab", { name: /Examples/ }).click()
  await window.getByRole("button", { name: "Try Example 1 on the Run screen" }).click()
  await window.getByRole("button", { name: "Run", exact: true }).click()
  await expect(window.getByRole("region", { name: "Outcome" })).toContainText("Returned")
  await expectAccessible(window)
})

test("a TYPE alone finds the Modules of that Interface first, then those that fit it at a distance", async ({ window }) => {
  await goTo(window, `#/explore?type=${encodeURIComponent("(string) -> int")}`)
  await expect(window.getByRole("option").first()).toContainText("(:string) -> :int")
  const types = await window.getByRole("option").locator("code").allTextContents()
  const equal = types.filter(type => type === "(:string) -> :int").length
  expect(equal).toBeGreaterThan(1)
  expect(new Set(types.slice(0, equal))).toEqual(new Set(["(:string) -> :int"]))
  expect(types.slice(equal).every(type => type.includes(":string") && type.includes(":int"))).toBe(true)
})

test("wrong arguments end in an Outcome that says what was expected", async ({ window }) => {
  await goTo(window, `#/explore?type=${encodeURIComponent("(string) -> int")}`)
  await window.getByRole("option").first().click()
  await window.getByRole("region", { name: "Preview" }).getByRole("button", { name: "Run" }).click()
  await window.getByLabel("As an RTFS literal").fill("[5]")
  await window.getByRole("button", { name: "Run", exact: true }).click()
  await expect(window.getByRole("region", { name: "Outcome" })).toContainText("Failed")
  await expect(window.getByRole("region", { name: "Outcome" })).toContainText("type-validation")
})

test("a second program on the same store is told who holds it", async ({ host }) => {
  await expect(start(host.folder)).rejects.toThrow(
    /ended with 3: L4 Workbench could not start: [\s\S]*(pid|process) ?\d+[\s\S]*--read-only/
  )
})

test("beside the writer a store opens for reading, and the status line says so", async ({ host, page }) => {
  const reader = await start(host.folder, ["--read-only"])
  try {
    await page.goto(reader.url)
    await expect(page.getByRole("contentinfo")).toContainText("open for reading only")
    await expect(page.getByRole("option").first()).toContainText("Trusted")
  } finally {
    reader.child.kill("SIGTERM")
    expect(await ended(reader.child)).toBe(0)
  }
})

test("a store that is not there is not made by a reader", async () => {
  const folder = mkdtempSync(join(tmpdir(), "l4-window-"))
  await expect(start(folder, ["--read-only"])).rejects.toThrow(/ended with 3: /)
  rmSync(folder, { recursive: true, force: true })
})

test("wrong words on the command line say what was expected", async () => {
  const folder = mkdtempSync(join(tmpdir(), "l4-window-"))
  await expect(start(folder, ["--port", "many"])).rejects.toThrow(
    /ended with 2: [\s\S]*--port: expected a whole number from 0 to 65535, found many[\s\S]*usage:/
  )
  await expect(start(folder, ["--colour"])).rejects.toThrow(/ended with 2: /)
  rmSync(folder, { recursive: true, force: true })
})

test("SIGTERM ends it cleanly, with exit code 0 and no process left", async ({ host: _ }) => {
  const folder = mkdtempSync(join(tmpdir(), "l4-window-"))
  const { makeStore } = await import("../electron-double/store.ts")
  const small = await makeStore()
  const started = await start(small.folder)
  started.child.kill("SIGTERM")
  expect(await ended(started.child)).toBe(0)
  const again = await start(small.folder)
  again.child.kill("SIGINT")
  expect(await ended(again.child)).toBe(0)
  rmSync(folder, { recursive: true, force: true })
  rmSync(small.folder, { recursive: true, force: true })
})
