import { expect, it } from "vitest"
import { loadPinnedRuntime } from "../../../electron/engine/adapters/pinned-runtime.ts"
import { compileSource } from "../../../electron/engine/build.ts"
import { builtins } from "../../../electron/engine/core/compiler/builtins.ts"
import { languageCard } from "../../../electron/engine/core/language-card.ts"

/** Second names, placeholders and what only fails: a model need not know them. */
const unmentioned = new Set([
  "string-join",
  "length",
  "symbol?",
  "string-p",
  "process-data",
  "deftype",
  "read-file",
  "serialize-json-pretty",
  "tool/parse-json",
  "tool/serialize-json",
  "tool/serialize-json-pretty"
])

const words = new Set(languageCard.split(/[\s()[\]{},:]+/))

it("names every built-in a model may want", () => {
  expect(builtins.map(({ name }) => name).filter(name => !unmentioned.has(name) && !words.has(name))).toEqual([])
})

it("names nothing as a function that the compiler does not know", () => {
  const listed = languageCard.slice(languageCard.indexOf("\nFUNCTIONS")).matchAll(/\(([a-z][a-z0-9?-]*) [a-z[]/g)
  const known = new Set(builtins.map(({ name }) => name))
  const prose = new Set(["argument", "exactly", "and", "f"])
  expect([...listed].map(([, name]) => name!).filter(name => !known.has(name) && !prose.has(name))).toEqual([])
})

it("shows definitions that compile", () => {
  const shown = [
    "(defn sum-to [n :int acc :int] :int (if (= n 0) acc (sum-to (- n 1) (+ acc n))))",
    "(defn name [a :int  b :string  xs : [:vector :int]] : [:vector :int]  body...)"
  ]
  for (const text of shown) {
    expect(languageCard).toContain(text)
    const source = text.replace("body...", "xs")
    expect(compileSource(source, { imports: [], entry: undefined }, loadPinnedRuntime().abi)).toMatchObject({ kind: "compiled" })
  }
})
