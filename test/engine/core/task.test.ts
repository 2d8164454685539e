import { describe, expect, it } from "vitest"
import { canonicalWords, requestDigest, taskOf } from "../../../electron/engine/core/task.ts"
import type { Request } from "../../../shared/lookup.ts"

const words = (text: string) => {
  const result = canonicalWords(text)
  return result.kind === "words" ? result.text : result.message
}

describe("canonical words", () => {
  it.each([
    ["  count \t the\n\nwords\u00a0of ", "count the words of"],
    ["e\u0301", "\u00e9"],
    ["Keep CASE", "Keep CASE"],
    ["\u3000wide\u2003space", "wide space"],
    ["\u{1f600} stays", "\u{1f600} stays"]
  ])("of %j are %j, and making them again changes nothing", (text, expected) => {
    expect(words(text)).toBe(expected)
    expect(words(expected)).toBe(expected)
  })

  it.each([
    ["nothing but space", " \n ", "found none"],
    ["a lone surrogate", "a\ud800", "lone surrogate"],
    ["more than 4,096 bytes", "ä".repeat(2_049), "4096 bytes"]
  ])("refuse %s", (_, text, message) => {
    expect(words(text)).toContain(message)
  })

  it("take 4,096 bytes", () => {
    expect(words("ä".repeat(2_048))).toHaveLength(2_048)
  })
})

describe("a Task", () => {
  const interfaceText = (request: Partial<Request>) => {
    const result = taskOf({ instruction: "do it", ...request })
    return result.kind === "task" ? result.task.interface.text : result.message
  }

  it.each<[string, Partial<Request>, string]>([
    ["an arrow", { interface: "(int, Int) -> int" }, "(interface 1 [:fn [:int :int] :int] [])"],
    [
      "inputs and outputs",
      { inputs: [{ name: "a", type: "int" }, { type: "[:vector int]" }], outputs: [{ type: "string" }] },
      "(interface 1 [:fn [:int [:vector :int]] :string] [])"
    ],
    ["several outputs", { inputs: [], outputs: [{ type: "int" }, { type: "string" }] }, "(interface 1 [:fn [] [:tuple :int :string]] [])"],
    ["no output", { inputs: [{ type: "int" }] }, "(interface 1 [:fn [:int] :nil] [])"]
  ])("has the Interface stated as %s", (_, request, expected) => {
    expect(interfaceText(request)).toBe(expected)
  })

  it.each<[string, Partial<Request>, string]>([
    ["no Interface at all", {}, "expected an interface"],
    ["both notations at once", { interface: "() -> int", outputs: [{ type: "int" }] }, "found both"],
    ["a malformed TYPE", { interface: "(int -> int" }, "malformed at character"],
    ["two types in one input", { inputs: [{ type: "int int" }] }, "input 1 is malformed"],
    ["a variable", { interface: "(?a) -> int" }, "names the variable ?a"],
    ["capabilities in an output", { outputs: [{ type: 'int ! ["kv.get"]' }] }, "names capabilities"]
  ])("is refused with %s", (_, request, message) => {
    expect(interfaceText(request)).toContain(message)
  })

  it("is the same for two Requests that differ in space and spelling of types only, while the Requests keep their own Digests", () => {
    const one: Request = { instruction: "sum  two\nnumbers", interface: "(int, int) -> int" }
    const two: Request = { instruction: "sum two numbers", interface: "[:fn [:int Int] int]" }
    expect(taskOf(one)).toEqual(taskOf(two))
    expect(requestDigest(one)).not.toBe(requestDigest(two))
    expect(requestDigest(one)).toBe(requestDigest({ interface: one.interface!, instruction: one.instruction }))
  })
})
