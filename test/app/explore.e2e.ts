import { EngineFailure } from "../../shared/failure.ts"
import { fakeEngine } from "./fake-engine.ts"
import { expect, expectAccessible, goTo, test } from "./window.ts"

const results = "Results"

test("the whole cache is listed at first, newest first, and the first result is previewed", async ({ window }) => {
  await expect(window).toHaveTitle("Explore · L4 Workbench")
  await expect(window.getByText("50 results · newest first")).toBeVisible()
  await expect(window.getByRole("option").first()).toContainText("sum of all numbers in a list")
  const preview = window.getByRole("region", { name: "Preview" })
  await expect(preview.getByRole("heading", { name: "sum of all numbers in a list" })).toBeVisible()
  await expect(preview.locator(".cm-content")).toContainText("reduce + 0 numbers")
})

test("words typed on top find Modules, say why, and stand in the address", async ({ window }) => {
  await window.getByRole("searchbox").fill("count words")
  await expect(window).toHaveURL(/#\/explore\?words=count\+words$/)
  const first = window.getByRole("option").first()
  await expect(first).toContainText("count words in a text")
  await expect(first).toContainText("100 %")
  await expect(first).toContainText("word “count”")
})

test("a TYPE that cannot be read says where, asks nothing, and is shown as it was read once it can be", async ({ window, verbs }) => {
  const field = window.getByRole("textbox", { name: "TYPE" })
  const asked = () => verbs.calls!.filter(call => call.verb === "findStart").length
  await field.fill("(string -> int")
  await expect(field).toHaveAttribute("aria-invalid", "true")
  await expect(window.getByText("expected ) before the end (at 15)")).toBeVisible()
  expect(asked()).toBe(0)
  await field.fill("(string) -> int")
  await expect(window.getByText("read as (:string) -> :int")).toBeVisible()
  await expect.poll(asked).toBe(1)
  await expect(window.getByRole("option").first()).toContainText("count words in a text")
})

test("the Verdict filter shows that Verdict only", async ({ window }) => {
  await window.getByRole("combobox", { name: /^Verdict/ }).click()
  await window.getByRole("option", { name: "Pending", exact: true }).click()
  await expect(window).toHaveURL(/verdict=pending/)
  await expect(window.getByRole("listbox", { name: results }).getByText("Trusted")).toHaveCount(0)
  await expect(window.getByRole("listbox", { name: results }).getByText("Pending").first()).toBeVisible()
})

test("arrow keys walk the results, Enter opens the Module, going back comes back", async ({ window }) => {
  const list = window.getByRole("listbox", { name: results })
  await list.focus()
  await window.keyboard.press("ArrowDown")
  await window.keyboard.press("ArrowDown")
  await expect(window.getByRole("option", { selected: true })).toContainText("greet a person")
  await window.keyboard.press("Enter")
  await expect(window.getByRole("heading", { level: 1, name: /greet a person/ })).toBeVisible()
  await window.goBack()
  await expect(window.getByRole("listbox", { name: results })).toBeVisible()
  await expect(window.getByRole("option", { selected: true })).toContainText("greet a person")
})

test("nothing found says so and offers a way back", async ({ window }) => {
  await goTo(window, "#/explore?words=xyzzy")
  await expect(window.getByText("Nothing found")).toBeVisible()
  await expectAccessible(window)
  await window.getByRole("button", { name: "Clear all filters" }).last().click()
  await expect(window.getByRole("option").first()).toBeVisible()
})

test("a failure says what happened and what to do, and can be tried again", async ({ window, failing }) => {
  failing.set("findStart", new EngineFailure("index-unavailable", "the index is rebuilding, 40 of 90 done"))
  await goTo(window, "#/explore?words=sum")
  await expect(window.getByRole("alert")).toContainText("the index is rebuilding, 40 of 90 done")
  await expect(window.getByRole("alert")).toContainText("index-unavailable")
  await expectAccessible(window)
  failing.clear()
  await window.getByRole("button", { name: "Try again" }).click()
  await expect(window.getByRole("option").first()).toContainText("sum of all numbers")
})

test("hostile text is text: markup stays letters and hidden characters become escapes", async ({ window }) => {
  await expect(window.getByText("render a record as <b>markup</b>").first()).toBeVisible()
  await expect(window.getByText("a name with a trap \\u{202e}gnp.exe\\u{7} in it").first()).toBeVisible()
})

test.describe("with an empty store", () => {
  test.use({
    /* biome-ignore lint/correctness/noEmptyPattern: the runner demands a pattern here */ verbs: async ({}, use) =>
      use({ ...fakeEngine(), list: async () => ({ rows: [], total: 0, next: null }) })
  })

  test("it says so and how to begin", async ({ window }) => {
    await expect(window.getByText("The cache is empty")).toBeVisible()
    await expect(window.getByText("l4 init --with-library")).toBeVisible()
    await expectAccessible(window)
  })
})

test.describe("with 20,000 Modules", () => {
  test.use({ modules: 20_000 })

  test("the list reads on as it scrolls and keeps few rows in the page", async ({ window }) => {
    const list = window.getByRole("listbox", { name: results })
    await expect(window.getByText("500 of 20,010")).toBeVisible()
    expect(await window.getByRole("option").count()).toBeLessThan(60)
    await list.focus()
    await window.keyboard.press("End")
    await expect(window.getByText("1,000 of 20,010")).toBeVisible()
    await window.keyboard.press("End")
    await expect(window.getByText("1,500 of 20,010")).toBeVisible()
    expect(await window.getByRole("option").count()).toBeLessThan(60)
    await expect(window.getByRole("option", { selected: true })).toHaveAttribute("aria-setsize", "20010")
  })
})
