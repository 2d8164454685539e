/** Every built-in on every pair of a few values, right kinds and wrong: both engines give the same values and the same messages. */
import { afterAll, expect, test } from "vitest"
import { loadPinnedRuntime } from "../../electron/engine/adapters/pinned-runtime.ts"
import { createRuntimeFunctions } from "../../electron/engine/adapters/runtime-functions.ts"
import { builtins } from "../../electron/engine/core/compiler/builtins.ts"
import type { Answer } from "./case.ts"
import { showAnswer } from "./case.ts"
import { runInterpreted } from "./interpreter.ts"
import { openWasmEngine } from "./wasm.ts"

const functions = createRuntimeFunctions(loadPinnedRuntime().bytes)
const wasm = openWasmEngine()
const values = ["nil", "true", "-1", "2", "1.5", "##NaN", '"aß😀"', '"1"', ":a", "[1 2 1]", "(L 1 :a)", '{:a 1 "b" 2 3 4}', "(fn [x] x)", "E"]
/** Calls in one program, so that a difference is found in few compilations. */
const callsPerProgram = 240

afterAll(() => wasm.close())

/** What is said of an invalid regular expression is more in the runtime than in the interpreter. */
function shown(answer: Answer): string {
  return showAnswer(answer).replace(/invalid regular expression[^"]*/g, "invalid regular expression")
}

function programOf(calls: readonly string[]): string {
  const tried = calls.map(call => `(try ${call} (catch e [:failed (getMessage e)]))`)
  return `(def L (fn [& r] r)) (def E (Exception. "x")) [${tried.join("\n")}]`
}

async function differing(calls: readonly string[]): Promise<string[]> {
  const source = programOf(calls)
  const [compiled, interpreted] = [shown(await wasm.run(source)), shown(runInterpreted(source, functions))]
  if (compiled === interpreted && compiled.startsWith("[")) return []
  if (calls.length === 1) return [`${calls[0]}: compiled ${compiled}, interpreted ${interpreted}`]
  const half = calls.length >> 1
  return [...(await differing(calls.slice(0, half))), ...(await differing(calls.slice(half)))]
}

test("every built-in does alike in both engines, whatever it is given", async () => {
  const calls = builtins.flatMap(({ name }) => [
    `(${name})`,
    ...values.flatMap(one => [`(${name} ${one})`, ...values.map(two => `(${name} ${one} ${two})`)]),
    ...values.map(one => `(${name} [1 2 3] 1 ${one})`)
  ])
  expect(calls.length).toBeGreaterThan(20_000)
  const found: string[] = []
  for (let at = 0; at < calls.length; at += callsPerProgram) found.push(...(await differing(calls.slice(at, at + callsPerProgram))))
  expect(found).toEqual([])
})
