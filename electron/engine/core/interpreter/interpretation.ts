/** A Source through the interpreter in one step: what a thread of its own is asked, and what it answers, as plain data. */
import type { Diagnostic } from "../../../../shared/module.ts"
import type { ErrorCategory, Span } from "../../../../shared/run.ts"
import type { Value } from "../../../../shared/value.ts"
import type { ImportUnit } from "../compiler/analyse.ts"
import { analyse } from "../compiler/analyse.ts"
import { SourceText } from "../compiler/source.ts"
import { printValue } from "../print.ts"
import type { RecordedAnswer } from "./interpret.ts"
import { interpret } from "./interpret.ts"
import type { RuntimeFunctions } from "./runtime-functions.ts"

export interface InterpretationJob {
  readonly source: string
  /** Without it, the Source is taken as a program. */
  readonly call?: {
    readonly imports: readonly ImportUnit[]
    readonly entry: string
    readonly args: readonly Value[]
    readonly answers: readonly RecordedAnswer[]
  }
  /** In the interpreter's own unit. */
  readonly fuelMax: number
}

/** `value` and `arguments` are canonical prints; `span` is null where the place is unknown or lies in an import. */
export type Interpretation =
  | { readonly kind: "rejected"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: "returned"; readonly value: string; readonly fuel: number }
  | {
      readonly kind: "failed"
      readonly category: ErrorCategory
      readonly message: string
      readonly span: Span | null
      readonly fuel: number
    }
  | { readonly kind: "needs-host"; readonly capability: string; readonly arguments: string; readonly call: number; readonly fuel: number }
  | { readonly kind: "out-of-fuel"; readonly fuel: number }
  | { readonly kind: "no-such-export"; readonly detail: string }

export function interpretation({ source, call, fuelMax }: InterpretationJob, functions: RuntimeFunctions): Interpretation {
  const analysed = analyse(source, call ? { imports: call.imports } : { programMode: true })
  if (analysed.kind === "rejected") return { kind: "rejected", diagnostics: analysed.diagnostics }
  const ended = interpret(analysed.program, {
    functions,
    fuelMax,
    ...(call ? { entry: call.entry, args: call.args, answers: call.answers } : {})
  })
  switch (ended.kind) {
    case "returned":
      return { kind: "returned", value: printValue(ended.value), fuel: ended.fuel }
    case "failed": {
      const { category, message, site, fuel } = ended
      const span = site && site.unit === 0 ? new SourceText(source).span(site.start, site.end) : null
      return { kind: "failed", category, message, span, fuel }
    }
    case "needs-host":
      return {
        kind: "needs-host",
        capability: ended.capability,
        arguments: printValue(ended.arguments),
        call: ended.call,
        fuel: ended.fuel
      }
    case "out-of-fuel":
      return { kind: "out-of-fuel", fuel: ended.fuel }
    case "rejected":
      return { kind: "no-such-export", detail: ended.detail }
  }
}
