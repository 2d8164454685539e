/** Runs conformance cases through both engines: `node test/tools/conformance.ts [--cases FILE] [--engine interpreter|wasm] [--json]`. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { loadPinnedRuntime } from "../../electron/engine/adapters/pinned-runtime.ts"
import { createRuntimeFunctions } from "../../electron/engine/adapters/runtime-functions.ts"
import type { ConformanceCase, Engine } from "../conformance/case.ts"
import { judge } from "../conformance/case.ts"
import { interpreterEngine } from "../conformance/interpreter.ts"
import { openWasmEngine } from "../conformance/wasm.ts"

const publicCases = fileURLToPath(new URL("../conformance/rtfs-public.json", import.meta.url))

function option(name: string): string | undefined {
  const at = process.argv.indexOf(name)
  return at < 0 ? undefined : process.argv[at + 1]
}

const cases = JSON.parse(readFileSync(option("--cases") ?? publicCases, "utf8")) as readonly ConformanceCase[]
const wanted = option("--engine")
const engines: Engine[] = []
if (wanted !== "wasm") engines.push(interpreterEngine(createRuntimeFunctions(loadPinnedRuntime().bytes)))
if (wanted !== "interpreter") engines.push(openWasmEngine())

const failures: { engine: string; id: string; source: string; expected: string; found: string }[] = []
let passed = 0
for (const engine of engines) {
  for (const one of cases) {
    const verdict = judge(one, await engine.run(one.src))
    if (verdict === null) passed += 1
    else failures.push({ engine: engine.name, id: one.id, source: one.src, ...verdict })
  }
  await engine.close()
}

if (process.argv.includes("--json")) console.log(JSON.stringify({ passed, failed: failures.length, failures }))
else {
  for (const failure of failures) {
    console.log(`${failure.engine} ${failure.id}: expected ${failure.expected}, found ${failure.found}\n  ${failure.source}`)
  }
  console.log(
    `${passed} passed, ${failures.length} failed (${cases.length} cases, engines: ${engines.map(engine => engine.name).join(", ")})`
  )
}
process.exitCode = failures.length === 0 ? 0 : 1
