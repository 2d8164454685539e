/** Recorded host answers on the Run screen and Runs kept as Examples, over a real store. */
import { expect, publish, publishTrusted, test } from "./real-window.ts"
import { expectAccessibleInBothThemes, goTo } from "./window.ts"

const sharing = {
  request: { instruction: "divide by what the host says" },
  source: "; asks the host once\n(defn share [n :int]\n  (/ n (call :divisor)))\n",
  examples: [{ args: "[4]", result: "2", answers: [{ capability: "divisor", arguments: "[]", value: "2" }] }]
}

test("an Example's answers are rows; a call nobody answered becomes one more", async ({ window, real }) => {
  const made = await publish(real.engine, sharing)
  await goTo(window, `#/run/${made.digest}?mapping=${made.mapping}`)
  const answers = window.getByRole("region", { name: "Recorded host answers" })
  await expect(answers.getByRole("textbox", { name: "Capability of answer 1" })).toHaveValue("divisor")
  const run = window.getByRole("button", { name: "Run in review mode" })
  await run.click()
  const outcome = window.getByRole("region", { name: "Outcome" })
  await expect(outcome.locator("pre")).toHaveText("2")
  await expect(outcome).toContainText("Answers used")
  await answers.getByRole("button", { name: "Remove answer 1" }).click()
  await run.click()
  await expect(outcome).toContainText("It asked the host for divisor")
  await outcome.getByRole("button", { name: "Answer this call" }).focus()
  await window.keyboard.press("Enter")
  await expect(answers.getByRole("textbox", { name: "Arguments, one vector of answer 1" })).toHaveValue("[]")
  await expect(run).toBeDisabled()
  await answers.getByRole("textbox", { name: "Value, an RTFS literal of answer 1" }).fill("4")
  await expectAccessibleInBothThemes(window)
  await run.click()
  await expect(outcome.locator("pre")).toHaveText("1")
})

test("answers are pasted as JSON, and what cannot be read says what was expected", async ({ window, real }) => {
  const made = await publish(real.engine, sharing)
  await goTo(window, `#/run/${made.digest}`)
  const answers = window.getByRole("region", { name: "Recorded host answers" })
  await answers.getByText("Answers as JSON").click()
  const json = answers.getByRole("textbox", { name: "Answers as JSON" })
  await expect(json).toHaveValue(/"capability": "divisor"/)
  await json.fill('[{"capability": "divisor"}]')
  await expect(answers).toContainText("Answer 1: expected {capability, arguments, value}")
  await json.fill('[{"capability":"divisor","arguments":"[]","failure":"it is away"}]')
  await expect(answers.getByRole("textbox", { name: "Words of the failure of answer 1" })).toHaveValue("it is away")
  await window.getByRole("button", { name: "Run in review mode" }).click()
  await expect(window.getByRole("region", { name: "Outcome" })).toContainText("it is away")
  await answers.getByRole("textbox", { name: "Arguments, one vector of answer 1" }).fill("7")
  await expect(window.getByText("Answer 1: expected a vector, such as [:name 1]")).toBeVisible()
  await expect(window.getByRole("button", { name: "Run in review mode" })).toBeDisabled()
})

test("a Run is kept as an Example: on the clipboard, and in a Draft that is published with it", async ({ window, real, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"])
  const made = await publish(real.engine, sharing)
  await goTo(window, `#/run/${made.digest}?mapping=${made.mapping}`)
  await window.getByLabel("As an RTFS literal").fill("[9]")
  await window.getByRole("textbox", { name: "Value, an RTFS literal of answer 1" }).fill("3")
  await window.getByRole("button", { name: "Run in review mode" }).click()
  await window.getByRole("button", { name: "Save as Example" }).click()
  const example = { args: "[9]", result: "3", answers: [{ capability: "divisor", arguments: "[]", value: "3" }] }
  await expect(window.getByRole("textbox", { name: "Arguments, one vector 2" })).toHaveValue("[9]")
  await expect(window.getByRole("textbox", { name: "Expected result 2" })).toHaveValue("3")
  expect(JSON.parse(await window.evaluate(() => navigator.clipboard.readText()))).toEqual(example)
  await expectAccessibleInBothThemes(window)
  await window.getByRole("button", { name: "Publish as Pending" }).click()
  await window.getByRole("dialog").getByRole("button", { name: "Publish", exact: true }).click()
  await expect(window.getByText("Published; it is Pending now.")).toBeVisible()
  const { rows } = await real.engine.list({})
  const next = rows.find(({ mapping }) => mapping !== made.mapping)!
  const { examples } = await real.engine.show({ digest: next.digest, mapping: next.mapping })
  expect(examples).toContainEqual(example)
})

test("a Mapping without effects has no answers to give", async ({ window, real }) => {
  const made = await publishTrusted(real.engine)
  await goTo(window, `#/run/${made.digest}`)
  await expect(window.getByLabel("As an RTFS literal")).toHaveValue("[1 2]")
  await expect(window.getByRole("region", { name: "Recorded host answers" })).toHaveCount(0)
})
