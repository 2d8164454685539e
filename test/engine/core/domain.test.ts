import { describe, expect, it } from "vitest"
import { domainOf } from "../../../electron/engine/core/domain.ts"
import { readArguments } from "../../../electron/engine/core/literal.ts"

function args(text: string) {
  const read = readArguments(text)
  if (read.kind !== "arguments") throw new Error(read.message)
  return read.values
}

describe("the domain that Examples show", () => {
  it.each<[string[], string, RegExp | null]>([
    [["[1 2]"], "[-7 0]", null],
    [["[1]"], "[1.5]", null],
    [["[1]"], '["a"]', /a string as argument 1/],
    [['[["a"]]'], "[[1]]", /a number inside argument 1/],
    [["[[]]"], "[[1 2]]", null],
    [["[[]]", '[["a"]]'], "[[1]]", /a number inside/],
    [["[nil]", "[1]"], "[nil]", null],
    [["[1]"], "[nil]", /a nil as argument 1/],
    [['[{"a" 1}]'], '[{"b" 2}]', null],
    [['[{"a" 1}]'], '[{"b" nil}]', /a nil inside/],
    [['[{"a" 1}]'], "[{1 1}]", /key that is a number/],
    [["[[[1] []]]"], "[[[] [2]]]", null],
    [["[1]"], "[1 2]", /a number as argument 2/]
  ])("%j: %s", (examples, asked, why) => {
    const outside = domainOf(examples.map(args)).outside(args(asked))
    if (why === null) expect(outside).toBeNull()
    else expect(outside).toMatch(why)
  })
})
