import { describe, expect, it } from "vitest"
import { messagesOf, sourceIn } from "../../../electron/engine/core/prompt.ts"

const task = {
  text: "add two numbers",
  typeText: "(:int, :int) -> :int",
  examples: [{ args: "[1 2]", result: "3" }],
  near: [{ task: "add three numbers", typeText: "(:int, :int, :int) -> :int", source: "(defn f [] 1)" }],
  attempts: [{ source: "(defn g [] 2)", complaints: ["line 1: no"], tokens: 0, ms: 0 }],
  tokensMax: 100
}

describe("the question", () => {
  it("tells the language, the Task, its Interface, its Examples and what is near", () => {
    const [system, user] = messagesOf(task)
    expect(system!.content).toContain("There is no".toUpperCase())
    for (const part of ["add two numbers", "(:int, :int) -> :int", "[1 2] => 3", "(defn f [] 1)"]) expect(user!.content).toContain(part)
  })

  it("goes on with each Source that was tried and what was wrong with it", () => {
    const messages = messagesOf(task)
    expect(messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user"])
    expect([messages[2]!.content, messages[3]!.content]).toEqual([
      expect.stringContaining("(defn g [] 2)"),
      expect.stringContaining("line 1: no")
    ])
  })

  it("passes on twelve complaints and says how many more there are", () => {
    const complaints = Array.from({ length: 20 }, (_, at) => `complaint ${at}`)
    const last = messagesOf({ ...task, attempts: [{ source: "x", complaints, tokens: 0, ms: 0 }] }).at(-1)!.content
    expect([last.includes("complaint 11"), last.includes("complaint 12"), last.includes("and 8 more")]).toEqual([true, false, true])
  })
})

describe("the Source in a reply", () => {
  it.each([
    ["a fenced block", "Here:\n```clojure\n(defn f [] 1)\n```\nGood luck!", "(defn f [] 1)"],
    ["the longest of several", "```\n(a)\n```\nor\n```rtfs\n(defn longer [] 1)\n```", "(defn longer [] 1)"],
    ["no fence", "Sure! (defn f [] 1) does it.", "(defn f [] 1)"],
    ["an open fence", "```clojure\n(defn f [] 1)\n", "(defn f [] 1)"],
    ["prose alone", "I cannot do that.", null],
    ["nothing", "", null]
  ])("%s", (_, reply, expected) => expect(sourceIn(reply)).toBe(expected))
})
