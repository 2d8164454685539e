/** Compiled code as an engine of the conformance tool: each case is compiled and run behind the sandbox's wall. */
import { forkLaunch } from "../../electron/engine/adapters/child-process.ts"
import { loadPinnedRuntime } from "../../electron/engine/adapters/pinned-runtime.ts"
import { openWorkerSandbox } from "../../electron/engine/adapters/worker-sandbox.ts"
import { compile } from "../../electron/engine/core/compiler/compile.ts"
import { defaultLimits } from "../../shared/run.ts"
import type { Answer, Engine } from "./case.ts"

export function openWasmEngine(): Engine {
  const runtime = loadPinnedRuntime()
  const sandbox = openWorkerSandbox({ launch: forkLaunch })
  const run = async (source: string): Promise<Answer> => {
    const compiled = compile(source, { mode: "program", runtime: runtime.abi })
    if (compiled.kind === "rejected") {
      const first = compiled.diagnostics.find(diagnostic => diagnostic.severity === "error")!
      return { kind: "error", category: first.category, message: first.message }
    }
    const outcome = await sandbox.run({ module: compiled, runtime, entry: compiled.entry, args: [], answers: [], limits: defaultLimits })
    if (outcome.kind === "returned") return { kind: "value", value: outcome.value }
    if (outcome.kind === "failed") return { kind: "error", category: outcome.category, message: outcome.message }
    return { kind: "outcome", outcome: outcome.kind, detail: JSON.stringify(outcome) }
  }
  return { name: "wasm", run, close: () => sandbox.close() }
}
