import { describe, expect, it } from "vitest"
import { caretUnder, parseExampleLine } from "../../../electron/engine/core/example-line.ts"

describe("an Example in one line", () => {
  it.each([
    ["[1 2] => 3", "[1 2]", "3"],
    ['["a => b"] => "=>"', '["a => b"]', '"=>"'],
    ["[]=>nil", "[]", "nil"],
    ["[{:a [1]}]   =>   #<fn>", "[{:a [1]}]", "#<fn>"]
  ])("%s", (line, args, result) => expect(parseExampleLine(line)).toEqual({ kind: "example", args, result }))

  it.each([
    ["[1 2]", 5, "expected ARGS => RESULT"],
    ["[1 2 => 3", 0, "not closed"],
    ["1 => 2", 0, "expected the arguments in a vector"],
    ["[1] => ", 7, "expected a literal"],
    ["[1] => foo", 7, "found the name foo"],
    ['["a] => 1', 9, "expected ARGS => RESULT"],
    ["[1] => 1 2", 9, "found another after it"]
  ])("%s is refused at %i", (line, offset, message) =>
    expect(parseExampleLine(line)).toEqual({ kind: "malformed", offset, message: expect.stringContaining(message) })
  )
})

describe("a caret", () => {
  it("stands under the place, whatever white space there is", () => {
    expect(caretUnder("a\tb\nc", 4)).toBe("  a b c\n      ^")
    expect(caretUnder("abc", 3)).toBe("  abc\n     ^")
    expect(caretUnder("👍x", 2)).toBe("  👍x\n   ^")
  })

  it("shows the surroundings in a long text", () => {
    const shown = caretUnder(`${"x".repeat(5_000)}!${"y".repeat(5_000)}`, 5_000)
    const [text, caret] = shown.split("\n") as [string, string]
    expect(text.length).toBeLessThan(110)
    expect(text[caret.indexOf("^")]).toBe("!")
  })
})
