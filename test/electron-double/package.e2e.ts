/** The package as electron-builder makes it, over a stand-in for Electron's own files: it holds everything the app needs, and boots over the model. */
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "@playwright/test"
import { startDouble } from "./harness.ts"
import { complaintAbout } from "./health.ts"
import type { SmallStore } from "./store.ts"
import { makeStore } from "./store.ts"

const top = fileURLToPath(new URL("../..", import.meta.url))
const require = createRequire(import.meta.url)
/** What electron-builder itself uses, reached through it. */
const builder = createRequire(require.resolve("electron-builder/package.json"))
/** What Electron's own binary carries, so that its fuses can be found and flipped: a mark, a version, a length, one digit each. */
const sentinel = "dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX"
const fusesBefore = "101100011"

let folder: string
let small: SmallStore

// The stand-in is laid out as Electron's Linux files are.
test.skip(process.platform !== "linux", "skipped: the stand-in for Electron's files is that of Linux")

test.beforeAll(async () => {
  test.setTimeout(240_000)
  folder = mkdtempSync(join(tmpdir(), "l4-package-"))
  small = await makeStore()
  makeStandIn(join(folder, "electron"))
  packageInto(join(folder, "dist"))
})

test.afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
  rmSync(small.folder, { recursive: true, force: true })
})

test("every fuse is on its safe side", () => {
  const binary = readFileSync(join(folder, "dist/linux-unpacked/l4-workbench"))
  const at = binary.indexOf(sentinel) + sentinel.length + 2
  // runAsNode, cookies, NODE_OPTIONS, inspect, asar integrity, only from asar, (snapshot as it was), file protocol, (wasm traps as they were)
  expect(binary.subarray(at, at + fusesBefore.length).toString("latin1")).toMatch(/^010011.0.$/)
})

test("native code and the model lie beside the archive, where native code can read them", () => {
  const beside = join(folder, "dist/linux-unpacked/resources/app.asar.unpacked")
  expect(existsSync(join(beside, "resources/models"))).toBe(true)
  expect(existsSync(join(beside, "node_modules/onnxruntime-node/bin"))).toBe(true)
})

test("the package holds all files the app needs: it boots, finds by meaning and runs", async ({ browser }) => {
  test.setTimeout(180_000)
  const extracted = join(folder, "extracted")
  const asar = join(dirname(builder.resolve("@electron/asar/package.json")), "bin/asar.js")
  expect(node([asar, "extract", join(folder, "dist/linux-unpacked/resources/app.asar"), extracted])).toBe(0)
  const double = await startDouble({ browser, out: join(extracted, "out"), store: small.store, home: small.home })
  try {
    expect(await complaintAbout(double, small.digest, 60_000), double.output()).toBe(null)
    await double.page.getByRole("searchbox").fill("two times a number")
    await expect(double.page.getByRole("option").first()).toContainText(/twice a number.*similarity 0\.\d+/)
    await double.page.getByRole("button", { name: "Appearance and about" }).click()
    await double.page.getByRole("menuitem", { name: "About L4 Workbench" }).click()
    await expect(double.page.getByRole("dialog")).toContainText("all-MiniLM-L6-v2, available")
  } finally {
    await double.close()
  }
})

function makeStandIn(path: string): void {
  mkdirSync(join(path, "locales"), { recursive: true })
  const fuses = Buffer.concat([
    Buffer.from(`#!/bin/sh\nexit 0\n${sentinel}`),
    Buffer.from([1, fusesBefore.length]),
    Buffer.from(fusesBefore)
  ])
  writeFileSync(join(path, "electron"), fuses, { mode: 0o755 })
  const { version } = require("electron/package.json") as { version: string }
  const files = { version, LICENSE: "-", "LICENSES.chromium.html": "-", "locales/en-US.pak": "-", chrome_crashpad_handler: "-" }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
}

function packageInto(output: string): void {
  const program = join(dirname(require.resolve("electron-builder/package.json")), "cli.js")
  const words = [
    "--linux",
    "--x64",
    "--dir",
    "--publish",
    "never",
    `-c.electronDist=${join(folder, "electron")}`,
    `-c.directories.output=${output}`
  ]
  expect(node([program, ...words])).toBe(0)
}

function node(words: readonly string[]): number | null {
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: top, encoding: "utf8", timeout: 200_000 })
  if (status !== 0) console.log(stdout, stderr)
  return status
}
