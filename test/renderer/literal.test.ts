import { describe, expect, test } from "vitest"
import { blankArguments, fits } from "../../renderer/features/run/blank.ts"
import { hasHole, indentLiteral, printLiteral, readLiteral } from "../../renderer/features/run/literal.ts"
import { readInterface, readType } from "../../shared/type-text.ts"

describe("literals", () => {
  test.each([
    ["1", "1"],
    [" -5 ; five\n", "-5"],
    ["9223372036854775807", "9223372036854775807"],
    ["-9223372036854775808", "-9223372036854775808"],
    ["1.5e-3", "1.5e-3"],
    ["##-Inf", "##-Inf"],
    ["true", "true"],
    [":a.b/c", ":a.b/c"],
    ['"a\\n\\"b\\""', '"a\\n\\"b\\""'],
    ['"raw\nline"', '"raw\\nline"'],
    ["[1 [2 #| block |# 3] ]", "[1 [2 3]]"],
    ['{:a 1 "b" [2] 3 nil}', '{:a 1 "b" [2] 3 nil}'],
    ["2020-01-02T03:04:05Z", "2020-01-02T03:04:05Z"]
  ])("%j prints as %s", (text, printed) => {
    expect(printLiteral(readLiteral(text))).toBe(printed)
  })

  test.each([
    ["", 0],
    ["1 2", 2],
    ["[1", 0],
    ["[1}", 2],
    ["{:a}", 0],
    ["(f 1)", 0],
    ["name", 0],
    ["1,2", 1],
    ["9223372036854775808", 0],
    ["5a", 0],
    ['"\\u0041"', 1],
    ['"open', 0],
    ["#{1}", 0]
  ])("%j is refused at %i", (text, position) => {
    expect(() => readLiteral(text)).toThrow(expect.objectContaining({ name: "LiteralError", position }))
  })

  test("deep nesting is refused, not overflowed", () => {
    expect(() => readLiteral(`${"[".repeat(50_000)}${"]".repeat(50_000)}`)).toThrow(/at most 200 levels/)
  })

  test("a wide literal is laid out and still reads as itself", () => {
    const wide = readLiteral(`{:names [${Array.from({ length: 12 }, (_, index) => `"name ${index}"`).join(" ")}] :total 12}`)
    const shown = indentLiteral(wide, 40)
    expect(shown.split("\n").length).toBeGreaterThan(5)
    expect(readLiteral(shown)).toEqual(wide)
  })
})

describe("the form of a type", () => {
  test.each([
    [":int", "5", true],
    [":int", "5.0", false],
    [":float", "5", true],
    [":string", ":a", false],
    [":keyword", ":a", true],
    ["[:vector :int]", "[1 2]", true],
    ["[:vector :int]", '[1 "a"]', false],
    ["[:tuple :int :string]", "[1]", false],
    ["[:map [:a :int] [:b :string ?]]", "{:a 1}", true],
    ["[:map [:a :int]]", '{"a" 1 :more 2}', true],
    ["[:map [:a :int]]", "{}", false],
    ["[:map-of :keyword :int]", "{:a 1}", true],
    ["[:union :int :nil]", "nil", true],
    ["[:enum :a :b]", ":c", false],
    ["[:and :int [:> 5]]", "1", true],
    [":any", "[1 {:a nil}]", true],
    ["[:fn [:int] :int]", "1", false]
  ])("%s shows %s: %s", (type, text, expected) => {
    expect(fits(readType(type), readLiteral(text))).toBe(expected)
  })

  test("blank arguments ask for what has no natural beginning", () => {
    const blank = blankArguments(readInterface("(int, string, [:vector int], [:map [:a :bool] [:b :int ?]], int?) -> any"))
    expect(blank.map(printLiteral)).toEqual(["", '""', "[]", "{:a false}", "nil"])
    expect(blank.map(hasHole)).toEqual([true, false, false, false, false])
  })
})
