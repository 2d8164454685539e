/** The public conformance cases through the interpreter. */
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { loadPinnedRuntime } from "../../electron/engine/adapters/pinned-runtime.ts"
import { createRuntimeFunctions } from "../../electron/engine/adapters/runtime-functions.ts"
import type { ConformanceCase } from "./case.ts"
import { judge } from "./case.ts"
import { runInterpreted } from "./interpreter.ts"

const cases = JSON.parse(readFileSync(new URL("./rtfs-public.json", import.meta.url), "utf8")) as readonly ConformanceCase[]
const functions = createRuntimeFunctions(loadPinnedRuntime().bytes)

test("all 1,037 public cases pass", () => {
  expect(cases).toHaveLength(1_037)
  const failures = cases.flatMap(one => {
    const verdict = judge(one, runInterpreted(one.src, functions))
    return verdict === null ? [] : [`${one.id}: expected ${verdict.expected}, found ${verdict.found}`]
  })
  expect(failures).toEqual([])
})
