/** Writing a Module in the window: diagnostics, Examples and the Interface answer as one types, and it is published as Pending. */
import { adding, expect, publishTrusted, test } from "./real-window.ts"
import { expectAccessible, goTo } from "./window.ts"

const add = "(defn add [a :int b :int] :int (+ a b))"

test("a Draft is written, tested as one types, published as Pending and found in Review", async ({ window, real }) => {
  await goTo(window, "#/author")
  const editor = window.getByRole("textbox", { name: "Source" })
  await editor.fill(add)
  await expect(window.getByText("Compiles in", { exact: false })).toBeVisible()
  await expect(window.getByRole("region", { name: "Diagnostics" })).toContainText("(:int, :int) -> :int")
  await window.getByLabel("Arguments, one vector 1").fill("[20 22]")
  await expect(window.getByRole("region", { name: "Examples" })).toContainText("42")
  await window.getByRole("button", { name: "Take what Example 1 found as expected" }).click()
  await expect(window.getByText("1 of 1 as expected")).toBeVisible()
  await expect(window.getByText("Missing: Task words.")).toBeVisible()
  await window.getByRole("textbox", { name: "Task words" }).fill("add  two numbers")
  await expect(window.getByText("kept as “add two numbers”")).toBeVisible()
  await expectAccessible(window)
  await window.getByRole("button", { name: "Publish as Pending" }).click()
  await expectAccessible(window)
  await window.getByRole("dialog").getByRole("button", { name: "Publish", exact: true }).click()
  await expect(window.getByText("Published; it is pending now.")).toBeVisible()
  expect((await real.engine.review({})).rows).toMatchObject([{ task: "add two numbers", verdict: "pending" }])
  await window.getByRole("link", { name: "Review it" }).click()
  await expect(window.getByRole("heading", { name: "add two numbers" })).toBeVisible()
})

test("all errors are listed with their places; choosing one goes there", async ({ window }) => {
  await goTo(window, "#/author")
  await window.getByRole("textbox", { name: "Source" }).fill("(defn f [a :int] :int\n  (+ a 1)\n\n(defn g [] (h")
  const list = window.getByRole("region", { name: "Diagnostics" })
  await expect(list).toContainText("error")
  await list.getByRole("button").first().click()
  await expect(window.getByRole("textbox", { name: "Source" })).toBeFocused()
  await expectAccessible(window)
})

test("library functions are completed with what they do", async ({ window }) => {
  await goTo(window, "#/author")
  const editor = window.getByRole("textbox", { name: "Source" })
  await editor.click()
  await window.keyboard.type("(group-")
  const option = window.getByRole("option", { name: /group-by/ })
  await expect(option).toBeVisible()
  await expect(window.getByText("Elements by what f says of them.")).toBeVisible()
  // The list takes no key for a moment after it opened, so that a line break typed meanwhile stays one.
  await window.waitForTimeout(200)
  await window.keyboard.press("Enter")
  await expect(editor).toContainText("(group-by")
})

test("the Draft outlives a reload; Discard can be undone; Lay out follows the brackets", async ({ window }) => {
  await goTo(window, "#/author")
  const editor = window.getByRole("textbox", { name: "Source" })
  await editor.fill("(defn f [a :int] :int\n(+ a\n1))")
  await window.waitForTimeout(600)
  await window.reload()
  await expect(editor).toContainText("(+ a")
  await window.getByRole("button", { name: "Lay out" }).click()
  await expect(editor.locator(".cm-line").nth(2)).toHaveText("     1))")
  await window.getByRole("button", { name: "Discard", exact: true }).click()
  await expect(editor).not.toContainText("defn")
  await window.getByRole("button", { name: "Undo discard" }).click()
  await expect(editor).toContainText("(defn f")
})

test("what exists already is shown and may be superseded", async ({ window, real }) => {
  const old = await publishTrusted(real.engine)
  await goTo(window, `#/author?from=${old.digest}`)
  await expect(window.getByRole("textbox", { name: "Source" })).toContainText("(defn add")
  await expect(window.getByText("Supersedes")).toBeVisible()
  await expect(window.getByRole("region", { name: "Exists already" })).toContainText(adding.request.instruction)
  await window.getByRole("textbox", { name: "Source" }).fill("(defn add [a :int b :int] :int (+ b a))")
  await expect(window.getByText("2 of 2 as expected")).toBeVisible()
  await window.getByRole("button", { name: "Publish as Pending" }).click()
  await window.getByRole("dialog").getByRole("button", { name: "Publish", exact: true }).click()
  await expect(window.getByText("Published; it is pending now.")).toBeVisible()
  const [row] = (await real.engine.review({})).rows
  expect((await real.engine.show({ digest: row!.digest })).mappings[0]?.mapping.supersedes).toEqual([old.mapping])
})

test("an Example that does not hold stops the publishing, and says so", async ({ window, real }) => {
  await goTo(window, "#/author")
  await window.getByRole("textbox", { name: "Source" }).fill(add)
  await window.getByRole("textbox", { name: "Task words" }).fill("add two numbers")
  await window.getByLabel("Arguments, one vector 1").fill("[1 2]")
  await window.getByLabel("Expected result 1").fill("3")
  await window.getByRole("button", { name: "Add an Example" }).click()
  await window.getByLabel("Arguments, one vector 2").fill("[1 2]")
  await window.getByLabel("Expected result 2").fill("4")
  await expect(window.getByText("1 of 2 as expected")).toBeVisible()
  await window.getByRole("button", { name: "Publish as Pending" }).click()
  await window.getByRole("dialog").getByRole("button", { name: "Publish", exact: true }).click()
  await expect(window.getByRole("alert")).toContainText("Examples did not hold, so nothing was published:")
  expect((await real.engine.list({})).total).toBe(0)
})
