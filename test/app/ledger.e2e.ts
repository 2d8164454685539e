/** The Ledger in the window: what happened, proofs of it, and what somebody else's checkpoint says. */
import { adding, expect, publish, publishTrusted, test } from "./real-window.ts"
import { expectAccessible, goTo } from "./window.ts"

test("entries are listed newest first, narrowed by kind, and opened with what is bound to them", async ({ window, real }) => {
  const made = await publishTrusted(real.engine)
  await goTo(window, "#/ledger")
  const entries = window.getByRole("listbox", { name: "Ledger entries" }).getByRole("option")
  await expect(entries.first()).toContainText("Signed off")
  await expect(entries.last()).toContainText("Root trusted")
  await expectAccessible(window)
  await window.getByRole("combobox", { name: "Kind" }).click()
  await window.getByRole("option", { name: "Published", exact: true }).click()
  await expect(entries).toHaveCount(1)
  await entries.first().click()
  const entry = window.getByRole("region", { name: /^Entry \d+/ })
  await expect(entry).toContainText(made.mapping)
  await expect(entry.getByRole("region", { name: "Bytes bound to it" }).getByRole("listitem")).not.toHaveCount(0)
  await expectAccessible(window)
  await entry.getByRole("link", { name: "Open the Mapping" }).click()
  await expect(window.getByRole("heading", { level: 1, name: adding.request.instruction })).toBeVisible()
})

test("a proof is made, shown and saved as a file", async ({ window, real }) => {
  await publishTrusted(real.engine)
  await goTo(window, "#/ledger")
  await window
    .getByRole("listbox", { name: "Ledger entries" })
    .getByRole("option", { name: /Signed off/ })
    .click()
  await window.getByRole("button", { name: "Make the proof" }).click()
  const proof = window.getByRole("region", { name: "Proof of its place" }).locator("pre")
  await expect(proof).toContainText("/ledger/")
  const download = window.waitForEvent("download")
  await window.getByRole("button", { name: "Save as file" }).click()
  expect((await download).suggestedFilename()).toMatch(/^ledger-proof-\d+\.txt$/)
})

test("a checkpoint from elsewhere is compared: sound, and refused where it is none", async ({ window, real }) => {
  await publishTrusted(real.engine)
  const { checkpoint } = await real.engine.signCheckpoint({})
  await publish(real.engine, { ...adding, request: { ...adding.request, instruction: "the sum of two" } })
  await goTo(window, "#/ledger")
  await window.getByRole("textbox", { name: "Signed checkpoint" }).fill(checkpoint)
  await window.getByRole("button", { name: "Compare" }).click()
  await expect(window.getByRole("region", { name: "Checkpoint" })).toContainText("the Ledger here grew from it")
  await window.getByRole("textbox", { name: "Signed checkpoint" }).fill("not a note")
  await window.getByRole("button", { name: "Compare" }).click()
  await expect(window.getByRole("alert")).toContainText("expected a checkpoint as a signed note")
  await expectAccessible(window)
})

test("the whole Ledger is verified as long work that ends in the tray", async ({ window, real }) => {
  await publishTrusted(real.engine)
  await goTo(window, "#/ledger")
  await window.getByRole("button", { name: "Verify the whole Ledger" }).click()
  await expect(window.getByRole("region", { name: "Long work" })).toContainText("verified, nothing to mend")
  await window.getByRole("button", { name: /^Put .* away$/ }).click()
  await expect(window.getByRole("region", { name: "Long work" })).toHaveCount(0)
})

test("the list is walked by keyboard, and the address names the entry", async ({ window, real }) => {
  await publishTrusted(real.engine)
  await goTo(window, "#/ledger")
  await window.getByRole("listbox", { name: "Ledger entries" }).focus()
  await window.keyboard.press("End")
  await expect(window).toHaveURL(/#\/ledger\/0$/)
  await expect(window.getByRole("heading", { name: /^Entry 0: Root trusted/ })).toBeVisible()
})

test("a link opens an entry that the list does not hold", async ({ window, real }) => {
  await publish(real.engine)
  await goTo(window, "#/ledger")
  await window.getByRole("combobox", { name: "Kind" }).click()
  await window.getByRole("option", { name: "Published", exact: true }).click()
  await expect(window.getByRole("listbox", { name: "Ledger entries" }).getByRole("option")).toHaveCount(1)
  await goTo(window, "#/ledger/0")
  await expect(window.getByRole("region", { name: "Entry 0" })).toBeVisible()
})
