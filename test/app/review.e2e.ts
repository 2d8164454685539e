/** Judging a Mapping in the window: what is opened is ticked, what is shown is signed, and the queue goes on. */
import { adding, expect, publish, publishTrusted, reversing, test } from "./real-window.ts"
import { expectAccessible, goTo } from "./window.ts"

const opened = ["RTFS_L4_VIEWED_SOURCE", "RTFS_L4_VIEWED_INTERFACE", "RTFS_L4_VIEWED_EXAMPLES"]

test("a Mapping is judged by its evidence and signed off; the next one opens", async ({ window, real }) => {
  const made = await publish(real.engine)
  await publish(real.engine, reversing)
  await goTo(window, "#/review")
  const rows = window.getByRole("listbox", { name: "Mappings to review" }).getByRole("option")
  await expect(rows).toHaveCount(2)
  await rows.filter({ hasText: "add two numbers" }).click()
  await expect(window.getByRole("textbox", { name: "Source" })).toContainText("(defn add")
  await window.getByRole("tab", { name: /Interface/ }).click()
  await window.getByRole("tab", { name: /Examples/ }).click()
  await window.getByRole("button", { name: "Run all, in review mode" }).click()
  await expect(window.getByText("2 of 2 as expected")).toBeVisible()
  await expectAccessible(window)
  await window.getByLabel("Note").fill("read it, ran it")
  await window.getByRole("button", { name: "Sign off…" }).click()
  const dialog = window.getByRole("dialog", { name: "Sign off this Mapping" })
  await expect(dialog.getByRole("textbox", { name: "Statement" })).toContainText("RTFS_L4_VIEWED_SOURCE")
  await expectAccessible(window)
  await expect(dialog.getByRole("button", { name: "Do not sign" })).toBeFocused()
  await dialog
    .getByRole("button", { name: new RegExp(`^Sign off Module ${made.digest.slice(7, 19)}.* for Mapping ${made.mapping.slice(7, 19)}`) })
    .click()
  await expect(rows).toHaveCount(1)
  await expect(window.getByRole("heading", { name: "reverse a vector" })).toBeVisible()
  const verdict = await real.engine.verify({ digest: made.digest, mapping: made.mapping })
  expect(verdict.state).toBe("trusted")
  const statements = (await real.engine.show({ digest: made.digest })).attestations.map(one => one.statement)
  const signed = statements.find(text => text.includes("RTFS_L4_VIEWED"))
  for (const property of opened) expect(signed).toContain(property)
  expect(signed).toContain("read it, ran it")
})

test("what was not opened is not claimed, and the screen says what the policy asks for", async ({ window, real }) => {
  const made = await publish(real.engine)
  await real.engine.setPolicy({ policy: "team" })
  await goTo(window, `#/review/${made.mapping}`)
  await expect(window.getByText("Not opened yet, so this sign-off does not suffice: Interface, Examples.")).toBeVisible()
  await window.getByRole("button", { name: "Sign off…" }).click()
  const statement = window.getByRole("dialog").getByRole("textbox", { name: "Statement" })
  await expect(statement).toContainText("RTFS_L4_VIEWED_SOURCE")
  await expect(statement).not.toContainText("RTFS_L4_VIEWED_EXAMPLES")
  await window.keyboard.press("Escape")
  await expect(window.getByRole("dialog")).toHaveCount(0)
  expect((await real.engine.verify({ digest: made.digest })).state).toBe("pending")
})

test("a refusal needs a reason, is signed, and takes the Mapping from the queue", async ({ window, real }) => {
  const made = await publish(real.engine)
  await goTo(window, `#/review/${made.mapping}`)
  await expect(window.getByRole("button", { name: "Refuse…" })).toBeDisabled()
  await window.getByLabel("Note").fill("it adds where it should subtract")
  await window.getByRole("button", { name: "Refuse…" }).click()
  await window.getByRole("button", { name: /^Refuse Module/ }).click()
  await expect(window.getByText("Nothing waits")).toBeVisible()
  expect((await real.engine.verify({ digest: made.digest })).rules.find(({ rule }) => rule === "not-refused")?.outcome).toBe("fail")
})

test("a new version is compared with what it supersedes: Source, behaviour, fuel", async ({ window, real }) => {
  const old = await publishTrusted(real.engine)
  const next = await publish(real.engine, {
    ...adding,
    source: "; the sum of two numbers, the other way round\n(defn add [a :int b :int] :int (+ b a))\n",
    supersedes: [old.digest]
  })
  await goTo(window, `#/review/${next.mapping}`)
  await window.getByRole("tab", { name: /Difference/ }).click()
  await expect(window.getByRole("region", { name: "Source" })).toContainText("-(defn add [a :int b :int] :int (+ a b))")
  await expect(window.getByText("All Examples of both end the same.")).toBeVisible()
  await expectAccessible(window)
})

test.describe("with protected keys", () => {
  test.use({ passphrase: "correct horse battery" })

  test("the key is unlocked in place, and a wrong passphrase says so", async ({ window, real }) => {
    await real.engine.unlock({ passphrase: "correct horse battery" })
    const made = await publish(real.engine)
    await real.engine.lock({})
    await goTo(window, `#/review/${made.mapping}`)
    await window.getByLabel("Note").fill("fine")
    await window.getByRole("button", { name: "Sign off…" }).click()
    await window.getByRole("button", { name: /^Sign off Module/ }).click()
    await window.getByLabel("Passphrase").fill("wrong")
    await window.getByRole("button", { name: "Unlock" }).click()
    await expect(window.getByText("the passphrase opens no key here")).toBeVisible()
    await expectAccessible(window)
    await window.getByLabel("Passphrase").fill("correct horse battery")
    await window.getByRole("button", { name: "Unlock" }).click()
    await expect(window.getByText("Nothing waits")).toBeVisible()
    expect((await real.engine.verify({ digest: made.digest })).state).toBe("trusted")
  })
})

test("the queue is walked and a decision begun by keyboard alone", async ({ window, real }) => {
  await publish(real.engine)
  await publish(real.engine, reversing)
  await goTo(window, "#/review")
  await window.getByRole("listbox", { name: "Mappings to review" }).focus()
  await window.keyboard.press("ArrowDown")
  await expect(window.getByRole("heading", { name: "add two numbers" })).toBeVisible()
  await window.keyboard.press("j")
  await expect(window.getByRole("heading", { name: "reverse a vector" })).toBeVisible()
  await window.keyboard.press("k")
  await expect(window.getByRole("heading", { name: "add two numbers" })).toBeVisible()
})

test("an evidence that cannot be read says so and is asked again", async ({ window, real }) => {
  const made = await publish(real.engine)
  await goTo(window, `#/review/${made.mapping.slice(7, 20)}`)
  await expect(window.getByRole("heading", { name: "add two numbers" })).toBeVisible()
  await goTo(window, "#/review/00000000")
  await expect(window.getByText("Choose a Mapping")).toBeVisible()
})
