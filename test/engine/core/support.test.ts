import { describe, expect, it } from "vitest"
import { readArguments, readLiteral } from "../../../electron/engine/core/literal.ts"
import { bitsOf, supportMax, supportOf } from "../../../electron/engine/core/support.ts"
import { coverOf, tellingWords, weightsOf } from "../../../electron/engine/core/words.ts"

describe("an Example tells", () => {
  it.each([
    ["[4]", "true", 1],
    ["[[1 2]]", "0", 2],
    ["[[]]", "[]", 2],
    ['["abc"]', '"abc"', 2],
    ["[{}]", "{}", 2],
    ["[1]", "nil", 2],
    ["[[1 5 3]]", "5", 4],
    ["[10]", "55", 4],
    ['["abcd"]', '"bc"', 4],
    ["[[1 2 3] 2]", "[1 2]", 4],
    ['["abc"]', '"cba"', 8],
    ["[[1 2]]", "[2 1]", 8],
    ["[2.5]", "0.5", 8]
  ])("%s => %s: %i bits", (args, result, bits) => {
    const read = readArguments(args)
    const value = readLiteral(result)
    if (read.kind !== "arguments" || value.kind !== "value") throw new Error("malformed")
    expect(bitsOf(read.values, value.value)).toBe(bits)
  })

  it("more than nothing, and at most so much", () => {
    const facts = { similarity: 1, cover: 1 }
    expect(supportOf({ ...facts, bits: 0 })).toBe(1)
    expect(supportOf({ ...facts, bits: 800 })).toBe(supportMax)
    expect(supportOf({ similarity: -1, cover: 0, bits: 0 })).toBe(0)
    expect(supportOf({ ...facts, bits: 4 })).toBeGreaterThan(supportOf({ ...facts, bits: 1 }))
  })
})

describe("shared words", () => {
  const weights = weightsOf(["Sort a list of numbers", "Reverse a list", "Sum a list of numbers", "Count the vowels of a word"])

  it("count by their stems, and rare ones more", () => {
    expect([...tellingWords("Sorting the lists of NUMBERS, 3 times")].sort()).toEqual(["3", "list", "number", "sort", "tim"])
    const cover = (left: string, right: string) => coverOf(tellingWords(left), tellingWords(right), weights)
    expect(cover("sort numbers", "Sort a list of numbers")).toBe(1)
    expect(cover("count vowels", "Sort a list of numbers")).toBe(0)
    expect(cover("vowels of the list", "Count the vowels of a word")).toBeGreaterThan(
      cover("list of the vowels", "Reverse a list of something")
    )
    expect(cover("", "Reverse a list")).toBe(0)
  })

  it("named like a member of every object are words", () => {
    expect(() =>
      coverOf(tellingWords("constructor toString __proto__"), tellingWords("constructor"), weightsOf(["constructor"]))
    ).not.toThrow()
    expect(coverOf(tellingWords("constructor"), tellingWords("constructor"), weights)).toBe(1)
  })
})
