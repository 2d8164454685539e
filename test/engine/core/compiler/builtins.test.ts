/** The table of built-ins against the language page's count and the runtime's own list. */
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { builtins } from "../../../../electron/engine/core/compiler/builtins.ts"

const manifest = JSON.parse(readFileSync(new URL("../../../../resources/runtime/manifest.json", import.meta.url), "utf8")) as {
  builtins: { name: string; min: number; max: number }[]
}

test("there are 107 pure built-ins and read-file, four of them second names", () => {
  expect(builtins).toHaveLength(108)
  expect(builtins.filter(builtin => builtin.pure)).toHaveLength(107)
  expect(builtins.filter(builtin => builtin.name !== builtin.implementation).map(builtin => builtin.name)).toEqual([
    "string-join",
    "tool/parse-json",
    "tool/serialize-json",
    "tool/serialize-json-pretty"
  ])
})

test("the runtime lists the same names and arities in the same order", () => {
  expect(manifest.builtins.map(({ name, min, max }) => [name, min, max])).toEqual(
    builtins.map(({ name, minArity, maxArity }) => [name, minArity, maxArity ?? -1])
  )
})
