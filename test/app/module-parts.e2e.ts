/** The Module screen's bytes, versions, use and rebuild, over a real store. */
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { adding, expect, publish, publishTrusted, test } from "./real-window.ts"
import { expectAccessibleInBothThemes, goTo } from "./window.ts"

test("the bytes are shown in hex with their sections, walked by keyboard and saved as a file", async ({ window, real }) => {
  const made = await publishTrusted(real.engine)
  await goTo(window, `#/module/${made.digest}?tab=bytes`)
  const hex = window.getByRole("region", { name: "Bytes: offset, hex and ASCII" })
  await expect(hex).toContainText("00000000")
  await expect(hex).toContainText("00 61 73 6d 01 00 00 00")
  await expect(hex).toContainText(".asm")
  const sections = window.getByRole("navigation", { name: "Sections" })
  await expect(sections.getByRole("button", { name: /^code/ })).toBeVisible()
  await expect(sections.getByRole("button", { name: /^custom “/ }).first()).toBeVisible()
  await sections.getByRole("button").last().focus()
  await window.keyboard.press("Enter")
  await expect(sections.getByRole("button").last()).toHaveAttribute("aria-current", "true")
  const bytes = Buffer.from(await (await real.engine.blob({ digest: made.digest })).arrayBuffer())
  const lastRow = Math.floor((bytes.length - 1) / 16) * 16
  await expect(hex).toContainText(lastRow.toString(16).padStart(8, "0"))
  await expectAccessibleInBothThemes(window)
  const [download] = await Promise.all([window.waitForEvent("download"), window.getByRole("button", { name: "Save as file…" }).click()])
  expect(download.suggestedFilename()).toBe(`${made.digest.slice(7, 19)}.wasm`)
  expect(readFileSync(await download.path()).equals(bytes)).toBe(true)
})

test("damaged bytes are refused in their pane, and the rest stays", async ({ window, real }) => {
  const made = await publish(real.engine)
  const hex = made.digest.slice(7)
  const { path, bytes } = blobFile(real.places.store, hex)
  rmSync(path, { force: true })
  writeFileSync(path, Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1)! ^ 1])]))
  await goTo(window, `#/module/${made.digest}?tab=bytes`)
  await expect(window.getByRole("alert")).toContainText("blob-damaged")
  await window.getByRole("tab", { name: "Source" }).click()
  await expect(window.locator(".cm-content")).toContainText("(defn add")
})

const second = { ...adding, source: "; the other way round\n(defn add [a :int b :int] :int (+ b a))\n" }

test("the line of versions is listed both ways and a chosen one is compared", async ({ window, real }) => {
  const old = await publishTrusted(real.engine)
  const next = await publish(real.engine, { ...second, supersedes: [old.mapping] })
  await goTo(window, `#/module/${next.digest}?mapping=${next.mapping}&tab=versions`)
  await expect(window.getByRole("region", { name: "It is superseded by" })).toContainText("it is the newest of its line")
  const older = window.getByRole("region", { name: "It supersedes" })
  await expect(older.getByRole("link", { name: "add two numbers" })).toBeVisible()
  await expect(older).toContainText("Trusted")
  await older.getByRole("button", { name: /^Compare with add two numbers/ }).focus()
  await window.keyboard.press("Enter")
  const difference = window.getByRole("region", { name: "Difference" })
  await expect(difference.getByRole("region", { name: "Source" })).toContainText("-(defn add [a :int b :int] :int (+ a b))")
  await expect(difference).toContainText("All Examples of both end the same.")
  await expectAccessibleInBothThemes(window)
  await older.getByRole("link", { name: "add two numbers" }).click()
  const newer = window.getByRole("region", { name: "It is superseded by" })
  await newer.getByRole("button", { name: /^Compare with/ }).click()
  await expect(difference.getByRole("region", { name: "Source" })).toContainText("+(defn add [a :int b :int] :int (+ b a))")
})

test("a Mapping that is not there cannot be compared with, and it says so", async ({ window, real }) => {
  const made = await publish(real.engine)
  await goTo(window, `#/module/${made.digest}?tab=versions`)
  await window.getByLabel("Compare with any Mapping").fill("xyz")
  await expect(window.getByText("Expected at least 4 hex digits of a Digest.")).toBeVisible()
  await window.getByLabel("Compare with any Mapping").fill("00000000")
  await window.getByRole("button", { name: "Compare", exact: true }).click()
  await expect(window.getByRole("alert")).toContainText("unknown-digest")
})

test("where it was hit is listed, and its fuel is measured on the Examples", async ({ window, real }) => {
  const made = await publishTrusted(real.engine)
  const answer = await real.engine.lookup({ request: adding.request, args: "[20 22]" })
  expect(answer.kind).toBe("hit")
  await real.engine.run({ digest: made.digest, mapping: made.mapping, args: "[1 1]" })
  await goTo(window, `#/module/${made.digest}?mapping=${made.mapping}&tab=used`)
  const rows = window.getByRole("region", { name: "Where it was hit" }).getByRole("row")
  await expect(rows.filter({ hasText: "exact-text" })).toHaveCount(1)
  await expect(rows.filter({ hasText: "returned" })).toHaveCount(2)
  const profile = window.getByRole("region", { name: "Fuel profile" })
  await profile.getByRole("button", { name: "Measure on the Examples" }).focus()
  await window.keyboard.press("Enter")
  await expect(profile.getByText("Measured on 2 Examples")).toBeVisible()
  expect((await real.engine.hits({ mapping: made.mapping })).total).toBe(3)
  const { outcome } = await real.engine.run({ digest: made.digest, mapping: made.mapping, args: "[1 2]", review: true })
  const fuel = "spent" in outcome ? outcome.spent.fuel : null
  await expect(profile.getByRole("row", { name: /\[1 2\]/ })).toContainText(String(fuel))
  await expectAccessibleInBothThemes(window)
})

test("a Mapping nobody used says so", async ({ window, real }) => {
  const made = await publish(real.engine)
  await goTo(window, `#/module/${made.digest}?tab=used`)
  await expect(window.getByText("Not used yet.")).toBeVisible()
})

test("a rebuild from the stored Source gives the stored Digest", async ({ window, real }) => {
  const made = await publish(real.engine)
  await goTo(window, `#/module/${made.digest}?tab=source`)
  await window.getByRole("button", { name: "Rebuild and compare" }).click()
  const rebuilt = window.getByRole("region", { name: "Rebuild and compare" })
  await expect(rebuilt).toContainText("Equal: this Source gives exactly these bytes.")
  await expectAccessibleInBothThemes(window)
})

function blobFile(store: string, hex: string): { path: string; bytes: Buffer } {
  const path = join(store, "oci", "blobs", "sha256", hex)
  return { path, bytes: readFileSync(path) }
}
