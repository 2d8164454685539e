/** Compiled code as an engine of the conformance tool: each case is compiled and run in the Sandbox. */
import { forkLaunch } from "../../electron/engine/adapters/child-process.ts"
import { openInterpreter } from "../../electron/engine/adapters/interpreter-line.ts"
import { loadPinnedRuntime } from "../../electron/engine/adapters/pinned-runtime.ts"
import { openWorkerSandbox } from "../../electron/engine/adapters/worker-sandbox.ts"
import { evaluate } from "../../electron/engine/evaluate.ts"
import type { Answer, Engine } from "./case.ts"

export function openWasmEngine(): Engine {
  const runtime = loadPinnedRuntime()
  const interpret = openInterpreter(forkLaunch)
  const sandbox = openWorkerSandbox({ launch: forkLaunch })
  return { name: "wasm", run: async source => answerOf(await evaluate({ source }, { runtime, sandbox, interpret })), close: () => sandbox.close() }
}

function answerOf(outcome: Awaited<ReturnType<typeof evaluate>>): Answer {
  switch (outcome.kind) {
    case "returned":
      return { kind: "value", value: outcome.value }
    case "failed":
      return { kind: "error", category: outcome.category, message: outcome.message }
    case "rejected": {
      if (!("diagnostics" in outcome)) return { kind: "outcome", outcome: outcome.kind, detail: outcome.detail }
      const first = outcome.diagnostics.find(one => one.severity === "error")
      return { kind: "error", category: first?.category ?? "", message: first?.message ?? "" }
    }
    default:
      return { kind: "outcome", outcome: outcome.kind, detail: JSON.stringify(outcome) }
  }
}
