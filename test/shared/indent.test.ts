import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { builtins } from "../../electron/engine/core/compiler/builtins.ts"
import { indented } from "../../shared/indent.ts"
import { functionDocs } from "../../shared/library-docs.ts"

describe("laying out a Source", () => {
  it.each([
    ["a body two in", "(defn f [a :int]\n:int\n(+ a 1))", "(defn f [a :int]\n  :int\n  (+ a 1))\n"],
    ["arguments under the first", "(str a\nb\n  c)", "(str a\n     b\n     c)\n"],
    ["a call whose arguments begin on the next line", "(str\na)", "(str\n  a)\n"],
    ["vectors and maps", "[1\n2\n{:a 1\n:b 2}]", "[1\n 2\n {:a 1\n  :b 2}]\n"],
    ["a closing bracket of its own", "(do\n1\n)", "(do\n  1\n )\n"],
    ["brackets in texts and comments are none", '(do "(" ; (\n1)', '(do "(" ; (\n  1)\n'],
    ["a text over lines stays as it is", '(str "a\n   b"\n1)', '(str "a\n   b"\n     1)\n'],
    ["a block comment stays as it is", "#| (\n   x |#\n(do\n1)", "#| (\n   x |#\n(do\n  1)\n"],
    ["white space at ends and empty lines", "\n\n(do 1)   \n\n\n\n(do 2)\n\n", "(do 1)\n\n(do 2)\n"],
    ["nothing", "  \n ", ""],
    ["a bracket too many", "(do 1))\n2", "(do 1))\n2\n"]
  ])("%s", (_, source, expected) => expect(indented(source)).toBe(expected))

  const library = join(import.meta.dirname, "../../resources/library")
  const sources = readdirSync(library, { recursive: true, encoding: "utf8" })
    .filter(name => name.endsWith(".rtfs"))
    .map(name => readFileSync(join(library, name), "utf8"))

  it("changes no token of any Source that ships, and does nothing the second time", () => {
    const tokens = (text: string) => text.split(/\s+/).filter(Boolean)
    for (const source of sources) {
      const once = indented(source)
      expect(tokens(once)).toEqual(tokens(source))
      expect(indented(once)).toBe(once)
    }
  })
})

it("every function of the library has its line, and no other", () => {
  const documented = new Set(functionDocs.map(({ name }) => name))
  expect(builtins.map(({ name }) => name).filter(name => !documented.has(name))).toEqual([])
  const known = new Set([
    ...builtins.map(({ name }) => name),
    "defn",
    "def",
    "fn",
    "let",
    "if",
    "do",
    "match",
    "try",
    "for",
    "dotimes",
    "defmacro",
    "call"
  ])
  expect(functionDocs.map(({ name }) => name).filter(name => !known.has(name))).toEqual([])
})
