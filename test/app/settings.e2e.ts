/** Settings over a real store: its health, its limits, and the tour that a first start shows. */
import { chmodSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { adding, expect, publishTrusted, test } from "./real-window.ts"
import { expectAccessible, goTo } from "./window.ts"

test("the store says how large it is; the Audit finds nothing, then a changed byte with its remedy", async ({ window, real }) => {
  const made = await publishTrusted(real.engine)
  await goTo(window, "#/settings")
  await expect(window.getByText("1 Mapping of 1 Module", { exact: false })).toBeVisible()
  await window.getByRole("button", { name: "Audit now" }).click()
  await expect(window.getByText("Nothing to mend.")).toBeVisible()
  await expectAccessible(window)
  const blob = join(real.places.store, "oci", "blobs", "sha256", made.digest.slice(7))
  const bytes = readFileSync(blob)
  bytes[bytes.length >> 1]! ^= 1
  chmodSync(blob, 0o644)
  writeFileSync(blob, bytes)
  await window.getByRole("button", { name: "Audit now" }).click()
  await expect(window.getByRole("list", { name: "Findings" })).toContainText("blob-damaged")
  expect(await real.engine.lookup({ request: adding.request })).toMatchObject({ kind: "miss", reason: "damaged" })
})

test("what could go is looked at before it goes", async ({ window, real }) => {
  await publishTrusted(real.engine)
  await goTo(window, "#/settings")
  await window.getByRole("button", { name: "See what could go" }).click()
  await expect(window.getByRole("region", { name: "Space" })).toContainText("0 Blobs")
})

test("limits are checked as they are typed, saved, and hold for a Run", async ({ window, real }) => {
  const made = await publishTrusted(real.engine)
  await goTo(window, "#/settings/limits")
  await window.getByLabel("Similarity a Hit needs").fill("1.5")
  await expect(window.getByText("Expected a number from 0.5 to 1.")).toBeVisible()
  await expect(window.getByRole("button", { name: "Save" })).toBeDisabled()
  await window.getByLabel("Similarity a Hit needs").fill("0.97")
  await window.getByLabel("Fuel of a Run").fill("1")
  await expectAccessible(window)
  await window.getByRole("button", { name: "Save" }).click()
  await expect(window.getByText("Saved as shown.")).toBeVisible()
  expect((await real.engine.run({ digest: made.digest, args: "[1 2]" })).outcome.kind).toBe("out-of-fuel")
  await window.getByRole("button", { name: "Back to the defaults" }).click()
  await window.getByRole("button", { name: "Save" }).click()
  await expect(window.getByText("Saved as shown.")).toBeVisible()
  expect((await real.engine.settings({})).settings.similarityMin).toBe(0.99)
})

test("diagnostics are one file without secrets or words", async ({ window, real }) => {
  await publishTrusted(real.engine)
  await real.engine.lookup({ request: adding.request })
  await goTo(window, "#/settings/diagnostics")
  const download = window.waitForEvent("download")
  await window.getByRole("button", { name: "Save the diagnostics" }).click()
  const text = readFileSync(await (await download).path(), "utf8")
  expect(Object.keys(JSON.parse(text))).toEqual(["at", "window", "status", "usage", "settings", "audit", "failures"])
  expect(text).not.toContain(adding.request.instruction)
  for (const part of ["model", "appearance", "about"]) {
    await goTo(window, `#/settings/${part}`)
    await expectAccessible(window)
  }
})

test("a first start is shown around, step by step; the tour is skipped for good and can be asked for again", async ({ window, real }) => {
  await publishTrusted(real.engine)
  await goTo(window, "#/settings/appearance")
  await window.getByRole("button", { name: "Show the tour again" }).click()
  const tour = window.getByRole("region", { name: "A short tour" })
  await expect(tour).toContainText("1 of 6")
  for (const title of ["Run", "Tamper, and see it refused", "Author", "Sign off", "Export"]) {
    await tour.getByRole("button", { name: "Next" }).click()
    await expect(tour.getByRole("heading", { name: title })).toBeVisible()
  }
  await expectAccessible(window)
  await tour.getByRole("link", { name: "Go there" }).click()
  await expect(window.getByRole("heading", { level: 1, name: "Bundles" })).toBeVisible()
  await tour.getByRole("button", { name: "Skip the tour" }).click()
  await expect(tour).toHaveCount(0)
  await window.reload()
  await expect(tour).toHaveCount(0)
})
