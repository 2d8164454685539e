/** Cases of our own, read off the language page sentence by sentence, through both engines. */
import { readdirSync, readFileSync } from "node:fs"
import { afterAll, expect, test } from "vitest"
import { loadPinnedRuntime } from "../../electron/engine/adapters/pinned-runtime.ts"
import { createRuntimeFunctions } from "../../electron/engine/adapters/runtime-functions.ts"
import type { ConformanceCase } from "./case.ts"
import { judge } from "./case.ts"
import { runInterpreted } from "./interpreter.ts"
import { openWasmEngine } from "./wasm.ts"

const folder = new URL("./", import.meta.url)
const files = readdirSync(folder).filter(name => /^own-.*\.json$/.test(name))
const functions = createRuntimeFunctions(loadPinnedRuntime().bytes)
const wasm = openWasmEngine()

afterAll(() => wasm.close())

for (const file of files) {
  const cases = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as readonly ConformanceCase[]

  test(`${file} has its cases, each under its own id`, () => {
    expect(cases.length).toBeGreaterThan(10)
    expect(new Set(cases.map(one => one.id)).size).toBe(cases.length)
  })

  test(`${file} holds in the interpreter and in compiled code`, async () => {
    const failures: string[] = []
    await Promise.all(
      cases.map(async one => {
        for (const [name, answer] of [
          ["interpreter", runInterpreted(one.src, functions, 6_000_000)],
          ["compiled", await wasm.run(one.src)]
        ] as const) {
          const verdict = judge(one, answer)
          if (verdict !== null) failures.push(`${name} ${one.id}: ${one.src}\n  expected ${verdict.expected}, found ${verdict.found}`)
        }
      })
    )
    expect(failures).toEqual([])
  })
}
