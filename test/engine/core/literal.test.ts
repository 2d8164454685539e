/** Literals and prints: each value reads back from its canonical print. */
import { expect, test } from "vitest"
import { readArguments, readLiteral, sameResult } from "../../../electron/engine/core/literal.ts"
import { displayValue, printValue } from "../../../electron/engine/core/print.ts"

const rows: readonly (readonly [typed: string, canonical: string, display: string])[] = [
  ["nil", "nil", "nil"],
  ["+7", "7", "7"],
  ["2.0", "2.0", "2"],
  ["1.0e20", "100000000000000000000.0", "100000000000000000000"],
  ["1.5e-7", "0.00000015", "0.00000015"],
  ["-0.0", "-0.0", "-0"],
  ["##-Inf", "##-Inf", "-inf"],
  ["##NaN", "##NaN", "NaN"],
  ['"a\\"\\\\\n\\t"', '"a\\"\\\\\\n\\t"', '"a"\\\n\t"'],
  [":a/b", ":a/b", ":a/b"],
  ["[1 [2.5 nil]]", "[1 [2.5 nil]]", "[1 [2.5 nil]]"],
  ["(1 (2) ())", "(1 (2) ())", "(1 (2) ())"],
  ['{:b 1 "z" 2 10 3 9 4 :a 5 "a" 6}', '{9 4 10 3 "a" 6 "z" 2 :a 5 :b 1}', '{9 4 10 3 "a" 6 "z" 2 :a 5 :b 1}'],
  ["{:a 1 :a 2}", "{:a 2}", "{:a 2}"],
  ["[true false]", "[true false]", "[true false]"]
]

test.each(rows)("%s", (typed, canonical, display) => {
  const read = readLiteral(typed)
  if (read.kind === "malformed") throw new Error(read.message)
  expect(printValue(read.value)).toBe(canonical)
  expect(displayValue(read.value)).toBe(display)
  const again = readLiteral(canonical)
  expect(again.kind === "value" && sameResult(read.value, again.value)).toBe(true)
})

test("functions and errors are read only where results are compared", () => {
  for (const text of ["#<fn>", '[1 #error "bad"]', "{:a #<fn>}", '{:a #error "x" :b 1}']) {
    expect(readLiteral(text).kind).toBe("malformed")
    const read = readLiteral(text, "result")
    expect(read.kind === "value" ? printValue(read.value) : read.message).toBe(text)
  }
  expect(readLiteral('"#<fn> #error "', "result")).toMatchObject({ kind: "value", value: "#<fn> #error " })
})

test("a malformed literal is told with its place", () => {
  expect(readLiteral("")).toMatchObject({ kind: "malformed", offset: 0 })
  expect(readLiteral("[1 x]")).toMatchObject({ kind: "malformed", offset: 3 })
  expect(readLiteral("1 2")).toMatchObject({ kind: "malformed", offset: 2 })
  expect(readLiteral("{:a}")).toMatchObject({ kind: "malformed" })
  expect(readLiteral("[1")).toMatchObject({ kind: "malformed", offset: 0 })
  expect(readArguments("5")).toMatchObject({ kind: "malformed" })
  expect(readArguments("[5 :a]")).toMatchObject({ kind: "arguments", values: [5n, { kind: "keyword", name: "a" }] })
})

test("results are compared as values, NaN with NaN, 0.0 apart from -0.0, functions alike", () => {
  const same = (left: string, right: string) => {
    const a = readLiteral(left, "result")
    const b = readLiteral(right, "result")
    return a.kind === "value" && b.kind === "value" && sameResult(a.value, b.value)
  }
  expect(same("[##NaN]", "[##NaN]")).toBe(true)
  expect(same("0.0", "-0.0")).toBe(false)
  expect(same("1", "1.0")).toBe(false)
  expect(same("[1]", "(1)")).toBe(false)
  expect(same("#<fn>", "#<fn>")).toBe(true)
  expect(same('#error "a"', '#error "b"')).toBe(false)
  expect(same("{:a 1 1 2}", "{1 2 :a 1}")).toBe(true)
})
