/** The Dashboard over a real hit log: figures, their table twins, assumptions and a person's word on an answer. */
import { adding, expect, publishTrusted, test } from "./real-window.ts"
import { expectAccessible, goTo } from "./window.ts"

test("an unused store says what will appear", async ({ window }) => {
  await goTo(window, "#/dashboard")
  await expect(window.getByText("Nothing was asked in this time")).toBeVisible()
  await expectAccessible(window)
})

for (const colorScheme of ["light", "dark"] as const)
  test.describe(colorScheme, () => {
    test.use({ colorScheme })

    test("Hits, Misses with their reasons and latency are counted, each chart has its table", async ({ window, real }) => {
      await publishTrusted(real.engine)
      for (let at = 0; at < 4; at++) await real.engine.lookup({ request: adding.request, args: "[1 2]" })
      await real.engine.lookup({ request: { instruction: "nobody wrote this", interface: "(string) -> string" } })
      await goTo(window, "#/dashboard")
      const tile = (name: string) => window.locator("dl > div", { hasText: name }).locator("dd").first()
      await expect(tile("Hits")).toHaveText("4")
      await expect(tile("Hit rate")).toHaveText("80.0 %")
      await expect(window.getByRole("region", { name: "Misses by reason" })).toContainText("No Mapping has the Interface")
      await expect(window.getByRole("img", { name: "Lookups over time" })).toBeVisible()
      await expectAccessible(window)
      const lookups = window.getByRole("region", { name: "Lookups over time" })
      await lookups.getByRole("button", { name: "Table" }).click()
      await expect(lookups.getByRole("row").nth(1)).toContainText("80.0 %")
      await window.getByRole("region", { name: "Lookup latency over time" }).getByRole("button", { name: "Table" }).click()
      await expectAccessible(window)
    })
  })

test("savings follow the assumptions, which are remembered, and a number is asked for where none stands", async ({ window, real }) => {
  await publishTrusted(real.engine)
  for (let at = 0; at < 5; at++) await real.engine.lookup({ request: adding.request })
  await goTo(window, "#/dashboard")
  const panel = window.getByRole("region", { name: "What it saved, since the first Hit" })
  await expect(panel).toContainText("20,000")
  await panel.getByLabel("Tokens a generation").fill("1000")
  await expect(panel).toContainText("5,000")
  await panel.getByLabel("Money a Module, once").fill("minus one")
  await expect(panel).toContainText("a number that is not negative")
  await window.reload()
  await expect(window.getByLabel("Tokens a generation")).toHaveValue("1000")
})

test("an answer is judged wrong, which the Ledger records and the tile counts", async ({ window, real }) => {
  await publishTrusted(real.engine)
  await real.engine.lookup({ request: adding.request, args: "[1 2]" })
  await goTo(window, "#/dashboard")
  const served = window.getByRole("region", { name: "Served lately" })
  await served.getByRole("button", { name: "Say that this answer was wrong: add two numbers" }).click()
  await expect(window.locator("dl > div", { hasText: "Judged wrong" }).locator("dd")).toHaveText("1 of 1")
  const { lines } = await real.engine.ledger({ limit: 100 })
  expect(lines.some(({ kind }) => kind === "feedback")).toBe(true)
})
