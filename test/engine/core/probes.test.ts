import { describe, expect, it } from "vitest"
import { normalise, parseType, testOf } from "../../../electron/engine/core/interface.ts"
import { Budget } from "../../../electron/engine/core/interpreter/budget.ts"
import { matchesType } from "../../../electron/engine/core/interpreter/check.ts"
import type { RuntimeFunctions } from "../../../electron/engine/core/interpreter/runtime-functions.ts"
import { printValue } from "../../../electron/engine/core/print.ts"
import { probeInputs, probesMax } from "../../../electron/engine/core/probes.ts"

const printed = (type: string, options = {}) => probeInputs(type, options).map(args => printValue(args))

describe("probe inputs", () => {
  it.each([
    ["([:vector int]) -> int", ["[[]]", "[[0]]"]],
    ["(string) -> int", ['[""]', '[" "]', '["é"]', '["日本語"]']],
    ["(int) -> int", ["[0]", "[-1]", "[9223372036854775807]", "[-9223372036854775808]"]],
    ["(int?) -> int", ["[nil]", "[0]"]],
    ["(int, & string) -> int", ["[0]", '[1 "a"]']],
    ["([:map-of string int]) -> int", ["[{}]"]]
  ])("meet the edges of %s", (type, edges) => {
    const inputs = printed(type, { max: 40 })
    for (const edge of edges) expect(inputs).toContain(edge)
  })

  it("hold equals beside each other, for Modules that differ on duplicates", () => {
    expect(printed("([:vector int]) -> int")).toContain("[[1 1]]")
  })

  it.each([
    "(int, float, string, bool, keyword, nil, any) -> any",
    "([:vector [:vector int]], [:tuple int string], [:array int [3]]) -> any",
    "([:map [:a int] [:b string ?]], [:map-of keyword [:vector float]]) -> any",
    "([:and int [:in-range 3 9]], [:and string [:min-length 2] [:max-length 4]], [:and [:vector int] [:count 3]]) -> any",
    '([:and int [:> 5] [:!= 7]], [:enum :a "b" 3], [:union int [:vector string]]) -> any',
    "([:and [:map [:a int]] [:has-key :a]], [:and [:vector string] [:non-empty]]) -> any"
  ])("are all of the parameters' types: %s", type => {
    const parsed = parseType(type)
    if (parsed.kind === "malformed") throw new Error(parsed.message)
    const context = { budget: new Budget(100_000_000), functions: {} as RuntimeFunctions }
    const inputs = probeInputs(type, { max: 100 })
    expect(inputs.length).toBeGreaterThan(10)
    for (const args of inputs) {
      expect(args).toHaveLength(parsed.type.params.length)
      for (const [at, param] of parsed.type.params.entries())
        expect([printValue(args[at]!), matchesType(args[at]!, testOf(normalise(param)), context)]).toEqual([printValue(args[at]!), true])
    }
  })

  it.each([
    ["a function", "(fn, int) -> int"],
    ["a function of known type", "([:fn [int] int]) -> int"],
    ["nothing", "(never) -> int"],
    ["an alias", "(:number) -> int"],
    ["lengths out of reach", "([:array int [100000000]]) -> int"],
    ["text that is no type", "int int"]
  ])("are none where a parameter is %s", (_, type) => expect(probeInputs(type)).toEqual([]))

  it("end where a type has few values", () => {
    expect(printed("(bool) -> int", { max: 50 }).sort()).toEqual(["[false]", "[true]"])
    expect(printed("() -> int")).toEqual(["[]"])
  })

  it("are the same for the same seed, others for another, and never repeat or exceed the bound", () => {
    const type = "([:vector int], string) -> int"
    expect(printed(type, { seed: 7, max: 200 })).toEqual(printed(type, { seed: 7, max: 200 }))
    expect(printed(type, { seed: 7, max: 200 })).not.toEqual(printed(type, { seed: 8, max: 200 }))
    const many = printed(type, { max: 1_000_000 })
    expect(many).toHaveLength(probesMax)
    expect(new Set(many).size).toBe(many.length)
  })

  it("stay near known arguments, which show the meant domain better than a type", () => {
    const like = [["((a)(b))", 4n]]
    const near = probeInputs("(string, int) -> bool", { like, max: 20 }).filter(
      ([text]) => typeof text === "string" && /[ab].*\)/.test(text)
    )
    expect(near.length).toBeGreaterThan(4)
  })

  it("survive types that nest deeply", () => {
    const deep = `(${"[:vector ".repeat(300)}int${"]".repeat(300)}) -> int`
    expect(probeInputs(deep).length).toBeGreaterThan(0)
  })
})
