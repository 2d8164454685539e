/** Finding by words, TYPE and Examples together over a real engine, narrowing, and comparing two. */
import { adding, expect, publish, publishTrusted, test } from "./real-window.ts"
import { expectAccessible, goTo } from "./window.ts"

const subtracting = {
  request: { instruction: "subtract one number from another", interface: "(int, int) -> int" },
  source: "(defn less [a :int b :int] :int (- a b))",
  examples: [{ args: "[3 1]", result: "2" }]
}

test("Examples are run on candidates, those that answer them rank first, and what was passed over says why", async ({ window, real }) => {
  await publishTrusted(real.engine)
  await publishTrusted(real.engine, subtracting)
  await publishTrusted(real.engine, {
    request: { instruction: "count down for ever", interface: "(int, int) -> int" },
    source: "(defn down [a :int b :int] :int (if (= a b) 0 (down (- a 1) b)))",
    examples: [{ args: "[2 1]", result: "0" }]
  })
  await goTo(window, "#/explore?type=(int,%20int)%20-%3E%20int")
  await window.getByLabel("Example: arguments => result").fill("[20 22] => 42")
  await window.getByRole("button", { name: "Add Example" }).click()
  await expect(window.getByRole("option").first()).toContainText("add two numbers")
  await expect(window.getByText(/^\d of 3 run$/)).toBeVisible()
  await expect(window.getByText("1 candidate was passed over")).toBeVisible()
  await expectAccessible(window)
  await expect(window).toHaveURL(/examples=/)
  await window.getByRole("button", { name: /^Remove the Example/ }).click()
  await expect(window.getByRole("option")).toHaveCount(3)
})

test("an Example that cannot be read says where", async ({ window, real }) => {
  await publishTrusted(real.engine)
  await goTo(window, "#/explore")
  await window.getByLabel("Example: arguments => result").fill("[1 2 => 3")
  await window.getByRole("button", { name: "Add Example" }).click()
  await expect(window.getByRole("alert")).toContainText("wrong-usage")
  await expectAccessible(window)
})

test("two Mappings are compared on made-up inputs and by Source", async ({ window, real }) => {
  await publishTrusted(real.engine)
  await publishTrusted(real.engine, subtracting)
  await goTo(window, "#/explore?verdict=trusted")
  await window.getByRole("option", { name: /add two numbers/ }).click()
  await window.getByRole("button", { name: "Mark to compare" }).click()
  await window.getByRole("option", { name: /subtract one number/ }).click()
  await window.getByRole("button", { name: "Compare with the marked one" }).click()
  const dialog = window.getByRole("dialog", { name: "Two Mappings compared" })
  await expect(dialog.getByText(/They part on \d+ of \d+ made-up inputs/)).toBeVisible()
  await expect(dialog.getByRole("region", { name: "Source" })).toContainText("-; the sum of two numbers")
  await expectAccessible(window)
})

test("Modules narrow by whether they were used", async ({ window, real }) => {
  await publishTrusted(real.engine)
  await publish(real.engine, subtracting)
  await real.engine.lookup({ request: adding.request, args: "[1 2]" })
  await goTo(window, "#/explore?facet=used")
  await expect(window.getByRole("option")).toHaveCount(1)
  await expect(window.getByRole("option").first()).toContainText("add two numbers")
})
