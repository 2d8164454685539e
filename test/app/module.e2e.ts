import { EngineFailure } from "../../shared/failure.ts"
import { expect, expectAccessible, fake, goTo, test } from "./window.ts"

test("the Verdict stands rule by rule with reasons, and evidence leads to its Attestation", async ({ window }) => {
  await goTo(window, `#/module/${fake("fetch").digest}`)
  await expect(window.getByText("At least one rule fails")).toBeVisible()
  await expect(window.getByRole("row")).toHaveCount(19)
  await expect(window.getByRole("row", { name: /Effects are allowed/ })).toContainText(
    'the effect "kv.get" stands in the Interface and not in the Module'
  )
  await expect(window.getByRole("row", { name: /A reviewer signed off/ })).toContainText("Missing")
  await expect(window.getByText("signed by a key no root lists")).toBeVisible()
  await expect(window.getByRole("button", { name: /^Run/ })).toHaveCount(0)
  await window.getByRole("button", { name: "Claim" }).click()
  await expect(window).toHaveURL(/tab=attestations&attestation=sha256:/)
  await expect(window.locator(".cm-content")).toContainText("urn:rtfs:l4:module:v1")
  await window.goBack()
  await expect(window.getByRole("tab", { name: "Verdict" })).toHaveAttribute("aria-selected", "true")
})

test("a Module with two Mappings: the one chosen is the one that is spoken of", async ({ window }) => {
  await goTo(window, `#/module/${fake("sum").digest}`)
  await expect(window.getByText("Every rule of the policy is met")).toBeVisible()
  await window.getByRole("combobox", { name: /^Mapping/ }).click()
  await window.getByRole("option", { name: /total of a column/ }).click()
  await expect(window.getByRole("heading", { level: 1, name: "total of a column" })).toBeVisible()
  await expect(window.getByText("Something is still missing")).toBeVisible()
  await expect(window).toHaveURL(/mapping=sha256:/)
  await expect(window.getByRole("button", { name: "Run in review mode" })).toBeVisible()
})

test("each tab shows its part and is a link", async ({ window }) => {
  const { digest } = fake("group")
  await goTo(window, `#/module/${digest}?tab=interface`)
  await expect(window.getByText("(interface 1 [:fn [[:vector")).toBeVisible()
  await expect(window.getByText("Further arguments, each")).toBeVisible()
  await window.getByRole("tab", { name: "Source" }).click()
  await expect(window.locator(".cm-content")).toContainText("group-by :field records")
  await window.getByRole("tab", { name: /Examples/ }).click()
  await expect(window.getByRole("cell", { name: '[[{:field "a" :value 1} {:field "a" :value 2.5}]]', exact: true })).toBeVisible()
  await window.getByRole("tab", { name: "WAT" }).click()
  await expect(window.locator(".cm-content")).toContainText("call $rt.reduce")
  await expect(window).toHaveURL(/tab=wat/)
  await window.reload()
  await expect(window.locator(".cm-content")).toContainText("call $rt.reduce")
})

test("an Attestation is shown decoded, raw and with its key", async ({ window }) => {
  await goTo(window, `#/module/${fake("sum").digest}?tab=attestations`)
  await window.getByRole("button", { name: /SignOff/ }).click()
  await expect(window.locator(".cm-content")).toContainText("https://in-toto.io/attestation/svr/v0.2")
  await window.getByRole("tab", { name: "Envelope" }).click()
  await expect(window.locator(".cm-content")).toContainText("dsseEnvelope")
  await window.getByRole("tab", { name: "Key" }).click()
  await expect(window.getByText("reviewer", { exact: true })).toBeVisible()
  await expectAccessible(window)
})

test("a Digest and a command can be copied whole, and it is said", async ({ window, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"])
  const { digest } = fake("sum")
  await goTo(window, `#/module/${digest}`)
  await window.getByRole("button", { name: "Copy Module Digest" }).click()
  await expect(window.getByRole("status").filter({ hasText: "Module Digest copied" })).toBeAttached()
  expect(await window.evaluate(() => navigator.clipboard.readText())).toBe(digest)
  await window.getByRole("button", { name: "Copy command" }).click()
  await expect.poll(() => window.evaluate(() => navigator.clipboard.readText())).toBe(`l4 show ${digest}`)
})

test("an unknown Digest is a clear answer, not an empty screen", async ({ window }) => {
  await goTo(window, `#/module/${"0".repeat(64)}`)
  await expect(window.getByRole("alert")).toContainText("unknown-digest")
  await expect(window.getByRole("alert")).toContainText("import the Module first")
})

test("damaged bytes fail one pane and leave the rest", async ({ window, failing }) => {
  failing.set("disassemble", new EngineFailure("blob-damaged", "the Blob does not match its Digest"))
  await goTo(window, `#/module/${fake("sum").digest}?tab=wat`)
  await expect(window.getByRole("alert")).toContainText("l4 audit")
  await expect(window.getByRole("heading", { level: 1, name: /sum of all/ })).toBeVisible()
  await window.getByRole("tab", { name: "Source" }).click()
  await expect(window.locator(".cm-content")).toContainText("reduce + 0 numbers")
})

test("without a Module chosen the screen leads to Explore", async ({ window }) => {
  await window.getByRole("navigation", { name: "Places" }).getByRole("link", { name: "Module" }).click()
  await expect(window.getByText("No Module chosen")).toBeVisible()
  await expectAccessible(window)
})
