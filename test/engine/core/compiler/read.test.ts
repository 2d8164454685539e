/** The reader: what is one token, what is none, and that every error is told with its place. */
import fc from "fast-check"
import { expect, test } from "vitest"
import { analyse } from "../../../../electron/engine/core/compiler/analyse.ts"
import { Diagnostics, renderDiagnostic } from "../../../../electron/engine/core/compiler/diagnostic.ts"
import type { Form } from "../../../../electron/engine/core/compiler/read.ts"
import { readSource } from "../../../../electron/engine/core/compiler/read.ts"
import { SourceText } from "../../../../electron/engine/core/compiler/source.ts"
import { printValue } from "../../../../electron/engine/core/print.ts"

function show(form: Form): string {
  switch (form.kind) {
    case "literal":
      return printValue(form.value)
    case "symbol":
      return form.name
    case "colon":
      return ":"
    case "quasi":
      return `\`${show(form.form)}`
    case "unquote":
      return `~${show(form.form)}`
    case "splice":
      return `~@${show(form.form)}`
    default: {
      const [open, close] = { list: "()", vector: "[]", map: "{}", short: "#)" }[form.kind].split("") as [string, string]
      return `${open}${form.items.map(show).join(" ")}${close}`
    }
  }
}

function read(text: string): string {
  const diagnostics = new Diagnostics(new SourceText(text))
  const { forms } = readSource(text, diagnostics)
  const [error] = diagnostics.list
  return error === undefined ? forms.map(show).join(" ") : `error ${error.span.start}-${error.span.end}`
}

const readings: readonly (readonly [text: string, forms: string])[] = [
  ["truey nilly if-let do-it", "truey nilly if-let do-it"],
  ["true false nil", "true false nil"],
  ["-5 +5 - 5 -x", "-5 5 - 5 -x"],
  ["007 -0 9223372036854775807 -9223372036854775808", "7 0 9223372036854775807 -9223372036854775808"],
  ["2.75 -0.125 6.02e3 1.5E-3 ##Inf ##-Inf ##NaN", "2.75 -0.125 6020.0 0.0015 ##Inf ##-Inf ##NaN"],
  ["x: int", "x : int"],
  ["a:b", "a :b"],
  [":a/b :a.b.c/d-e", ":a/b :a.b.c/d-e"],
  ["text:v1.2/trim text:v1.2", "text:v1.2/trim text :v1.2"],
  ["2024-01-02T03:04:05Z 2024-01-02T03:04:05.678Z", '"2024-01-02T03:04:05Z" "2024-01-02T03:04:05.678Z"'],
  [
    "12345678-1234-1234-1234-123456789abc abcdef01-1234-1234-1234-123456789abc",
    '"12345678-1234-1234-1234-123456789abc" "abcdef01-1234-1234-1234-123456789abc"'
  ],
  ["abcdef01-1234-1234-1234-123456789abcd", "abcdef01-1234-1234-1234-123456789abcd"],
  ["resource://a/b-c.d:1 resource", '"resource://a/b-c.d:1" resource'],
  ['"a\\n\\t\\r\\"\\\'\\\\b"', '"a\\n\\t\\r\\"\'\\\\b"'],
  ['"line\nbreak, ; no comment"', '"line\\nbreak, ; no comment"'],
  ["1 ; comment , ' #{\n2", "1 2"],
  ["1 #| block ( #| |# 2", "1 2"],
  ["()", "[]"],
  ["(.trim s) (.f)", "error 11-13"],
  ["(.trim s)", "(trim s)"],
  ["`(a ~b ~@c)", "`(a ~b ~@c)"],
  ["#(+ % 1)", "#+ % 1)"],
  ["^{:doc 1} x", "x"],
  ["@user @:k", "(context/get :user) (get :k)"],
  ["(λ [x] x)", "(λ [x] x)"],
  ["[a & r]", "[a & r]"],
  ["1:a", "1 :a"],
  ['{:a 1 "b" 2 3 4}', '{:a 1 "b" 2 3 4}']
]

test.each(readings)("%s reads as %s", (text, forms) => {
  expect(read(text)).toBe(forms)
})

const errors: readonly (readonly [text: string, start: number, end: number])[] = [
  ["5a", 0, 2],
  ["1e5", 0, 3],
  ["1+", 0, 2],
  ["1.", 0, 2],
  ["1.2.3", 0, 5],
  ["9223372036854775808", 0, 19],
  ["1, 2", 1, 2],
  ["'a", 0, 1],
  ["#{1}", 0, 1],
  ["é", 0, 1],
  ['"\\x"', 1, 3],
  ['"abc', 0, 1],
  ["1 #| x", 2, 4],
  ["(1", 0, 1],
  ["1)", 1, 2],
  ["[1)", 2, 3],
  ["##inf", 0, 1]
]

test.each(errors)("%s is an error with its place", (text, start, end) => {
  expect(read(text)).toBe(`error ${start}-${end}`)
})

test("all errors of a text are told at once, in its order", () => {
  const rejected = analyse('(def a 5x)\n(if)\n(let [b "\\q"] b)\n(call a 1)\n(f [1)\n)')
  expect(rejected.kind).toBe("rejected")
  const errors = rejected.diagnostics.filter(diagnostic => diagnostic.severity === "error")
  expect(errors.map(({ span, category }) => `${span.line}:${span.column} ${category}`)).toEqual([
    "1:8 parse-error",
    "2:1 parse-error",
    "3:10 parse-error",
    "4:7 capability-error",
    "5:6 parse-error",
    "6:1 parse-error"
  ])
})

test("a diagnostic is shown with its line and a caret", () => {
  const source = '(def answer\n  ["ö🙂" 5x])'
  const [first] = analyse(source).diagnostics
  expect(first === undefined ? "" : renderDiagnostic(first, source, "answer.rtfs").split("\n").slice(0, 4)).toEqual([
    "answer.rtfs:2:9: error parse-error: a number must not touch a name",
    '    ["ö🙂" 5x])',
    "           ^^",
    "  expected a number, then a space or bracket, found 5x"
  ])
})

const bombs: readonly (readonly [name: string, text: string])[] = [
  ["10,000 parentheses", "(".repeat(10_000)],
  ["10,000 quotes", "`".repeat(10_000)],
  ["10,000 metadata", "^{:a 1} ".repeat(10_000)],
  ["10 MB", "(a ".repeat(3_500_000)],
  ["a quarter of a megabyte of commas", ",".repeat(262_144)],
  ["a macro that expands for ever", "(defmacro f [x] `(f (f ~x))) (f 1)"],
  ["a macro that doubles", `(defmacro d [x] \`(do ~x ~x)) ${"(d ".repeat(60)}1${")".repeat(60)}`],
  ["a macro that multiplies", `(defmacro d [x] \`[~x ~x ~x ~x ~x ~x ~x ~x]) ${"(d ".repeat(12)}[${"1 ".repeat(1_000)}]${")".repeat(12)}`],
  ["loops in loops", `${"(dotimes [i 1] ".repeat(500)}1${")".repeat(500)}`],
  ["a lone surrogate", '"\ud800"']
]

test.each(bombs)("%s is refused with a diagnostic", (_, text) => {
  const rejected = analyse(text)
  expect(rejected.kind).toBe("rejected")
  expect(rejected.diagnostics.length).toBeGreaterThan(0)
})

test("programs nested a few hundred deep are analysed", () => {
  for (const [open, close] of [
    ["(+ 1 ", ")"],
    ["[", "]"],
    ["(let [a 1] ", ")"],
    ["(if true ", " 2)"],
    ["(fn [x] ", ")"],
    ["(try ", " (finally 1))"],
    ["(match 1 1 ", " _ 2)"]
  ] as const) {
    expect(analyse(`${open.repeat(400)}1${close.repeat(400)}`, { programMode: true }).kind).toBe("analysed")
  }
})

test("no text makes the front half throw", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ...'( ) [ ] { } #( ` ~ ~@ ^ @ : & _ . , ; " \\ def defn let if fn match try catch finally for dotimes get step step-loop defmacro module import call context/get int? :int 1 -2 3.5 x y'.split(
        " "
      )
    ),
    fc.string({ maxLength: 5 })
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), pieces => {
      const analysed = analyse(pieces.join(" "), { programMode: true })
      return analysed.kind === "analysed" || analysed.diagnostics.some(diagnostic => diagnostic.severity === "error")
    }),
    { numRuns: 3_000, seed: 20 }
  )
})
