/** The interpreter as an engine of the conformance tool. */
import { analyse } from "../../electron/engine/core/compiler/analyse.ts"
import { interpret } from "../../electron/engine/core/interpreter/interpret.ts"
import type { RuntimeFunctions } from "../../electron/engine/core/interpreter/runtime-functions.ts"
import { printValue } from "../../electron/engine/core/print.ts"
import type { Answer, Engine } from "./case.ts"

export function interpreterEngine(functions: RuntimeFunctions): Engine {
  return { name: "interpreter", run: (source) => runInterpreted(source, functions), close: () => {} }
}

/** `fuelMax` in the interpreter's own unit. */
export function runInterpreted(source: string, functions: RuntimeFunctions, fuelMax?: number): Answer {
  const analysed = analyse(source, { programMode: true })
  if (analysed.kind === "rejected") {
    const first = analysed.diagnostics.find((diagnostic) => diagnostic.severity === "error")!
    return { kind: "error", category: first.category, message: first.message }
  }
  const ended = interpret(analysed.program, fuelMax === undefined ? { functions } : { functions, fuelMax })
  switch (ended.kind) {
    case "returned":
      return { kind: "value", value: printValue(ended.value) }
    case "failed":
      return { kind: "error", category: ended.category, message: ended.message }
    default:
      return { kind: "outcome", outcome: ended.kind, detail: JSON.stringify(ended, (_, value) => (typeof value === "bigint" ? `${value}` : value)) }
  }
}
