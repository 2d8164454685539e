/** Modules to another machine and from it, in the window: export, check, import, history. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { forkLaunch, initStore, openEngine } from "../../electron/engine/index.ts"
import { adding, expect, publish, publishTrusted, test } from "./real-window.ts"
import { expectAccessible, goTo } from "./window.ts"

/** Another person's store, exported: its Bundle and the fingerprint that person would read out. */
async function foreignBundle() {
  const folder = mkdtempSync(join(tmpdir(), "l4-other-"))
  const places = { store: join(folder, "store"), home: join(folder, "home") }
  const { root } = await initStore({ ...places, owner: "somebody else" })
  const engine = await openEngine({ ...places, launch: forkLaunch, program: "another person" })
  await publishTrusted(engine, { ...adding, request: { ...adding.request, instruction: "the sum of a pair" } })
  const path = join(folder, "theirs.tar")
  await engine.exportBundle({ all: true, target: path })
  await engine.close()
  return { path, fingerprint: root.id, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

test("all is exported as one archive, and the history has it", async ({ window, real }) => {
  await publishTrusted(real.engine)
  await publish(real.engine, { ...adding, request: { ...adding.request, instruction: "another sum" } })
  await goTo(window, "#/bundles")
  await expectAccessible(window)
  await window.getByLabel("File name").fill("../escape.tar")
  await expect(window.getByText("Expected letters, digits, spaces")).toBeVisible()
  await expect(window.getByRole("button", { name: "Export", exact: true })).toBeDisabled()
  await window.getByLabel("File name").fill("all.tar")
  await window.getByRole("button", { name: "Export", exact: true }).click()
  const written = window.getByRole("region", { name: "Written" })
  await expect(written).toContainText(join(real.places.home, "bundles", "all.tar"))
  await expectAccessible(window)
  await window.getByRole("tab", { name: "History" }).click()
  await expect(window.getByRole("table", { name: "Exports and imports" }).getByRole("row")).toHaveCount(2)
  await expectAccessible(window)
})

test("a Module is exported from where it is shown", async ({ window, real }) => {
  const made = await publishTrusted(real.engine)
  await goTo(window, `#/module/${made.digest}`)
  await window.getByRole("button", { name: "Export…" }).click()
  await expect(window.getByLabel("Digests, one a line")).toHaveValue(made.mapping)
  await window.getByLabel("File name").fill("one")
  await window.getByRole("button", { name: "Export", exact: true }).click()
  await expect(window.getByRole("region", { name: "Written" })).toContainText("1 Module")
})

test("another person's Bundle is brought, refused trust, then confirmed by fingerprint and imported", async ({ window, real }) => {
  const theirs = await foreignBundle()
  try {
    await goTo(window, "#/bundles/import")
    await window.getByLabel("Bring a .tar from elsewhere").setInputFiles(theirs.path)
    await window.getByRole("radio", { name: /theirs\.tar/ }).check()
    await window.getByRole("button", { name: "Check it" }).click()
    const report = window.getByRole("region", { name: "What it holds" })
    await expect(report).toContainText("not confirmed: nothing under it is trusted")
    await expect(report).toContainText("0 trusted, 0 pending, 1 untrusted")
    await expectAccessible(window)
    await window.getByLabel(/^Fingerprint of its root/).fill("abc")
    await expect(window.getByText("Expected 64 hex digits.")).toBeVisible()
    await window.getByLabel(/^Fingerprint of its root/).fill(theirs.fingerprint)
    await window.getByRole("button", { name: "Check it" }).click()
    await expect(report).toContainText("1 trusted")
    expect((await real.engine.list({})).total).toBe(0)
    await window.getByRole("button", { name: "Import…" }).click()
    const dialog = window.getByRole("dialog", { name: "Import this Bundle" })
    await expect(dialog).toContainText("1 Mapping will be written.")
    await expectAccessible(window)
    await dialog.getByRole("button", { name: "Import", exact: true }).click()
    await expect(report).toContainText("1 Mapping written")
    expect(await real.engine.lookup({ request: { ...adding.request, instruction: "the sum of a pair" } })).toMatchObject({ kind: "hit" })
  } finally {
    theirs.remove()
  }
})

test("what is no Bundle is refused with what was expected, and nothing is written", async ({ window, real }) => {
  mkdirSync(join(real.places.home, "bundles"), { recursive: true })
  writeFileSync(join(real.places.home, "bundles", "junk.tar"), "this is no archive")
  await goTo(window, "#/bundles/import")
  await window.getByRole("radio", { name: /junk\.tar/ }).check()
  await window.getByRole("button", { name: "Check it" }).click()
  await expect(window.getByRole("alert")).toContainText("bundle-refused")
  await expect(window.getByRole("button", { name: "Import…" })).toHaveCount(0)
  await expectAccessible(window)
})

test("a Bundle of one's own changes nothing, and the report can be kept", async ({ window, real }) => {
  await publishTrusted(real.engine)
  const elsewhere = mkdtempSync(join(tmpdir(), "l4-own-"))
  await real.engine.exportBundle({ all: true, target: join(elsewhere, "own.tar") })
  mkdirSync(join(real.places.home, "bundles"), { recursive: true })
  copyFileSync(join(elsewhere, "own.tar"), join(real.places.home, "bundles", "own.tar"))
  rmSync(elsewhere, { recursive: true })
  await goTo(window, "#/bundles/import")
  await window.getByRole("radio", { name: /own\.tar/ }).check()
  await window.getByRole("button", { name: "Check it" }).click()
  await expect(window.getByRole("region", { name: "What it holds" })).toContainText("Nothing of it is new here.")
  const download = window.waitForEvent("download")
  await window.getByRole("button", { name: "Save the report" }).click()
  expect((await download).suggestedFilename()).toBe("import-report.json")
})
