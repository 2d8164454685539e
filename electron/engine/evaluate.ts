/** Evaluates a Source in program mode, as compiled code behind the Sandbox or in the interpreter. Writes nothing. */
import type { Digest } from "../../shared/digest.ts"
import type { AnswerOf, CallContext, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { sizeLimits } from "../../shared/module.ts"
import type { Limits, Outcome, Span } from "../../shared/run.ts"
import { defaultLimits } from "../../shared/run.ts"
import type { Analysed } from "./core/compiler/analyse.ts"
import { analyse } from "./core/compiler/analyse.ts"
import { compile } from "./core/compiler/compile.ts"
import type { Site } from "./core/compiler/ir.ts"
import type { RuntimeAbi } from "./core/compiler/runtime-abi.ts"
import { SourceText } from "./core/compiler/source.ts"
import { interpret } from "./core/interpreter/interpret.ts"
import type { RuntimeFunctions } from "./core/interpreter/runtime-functions.ts"
import { printValue } from "./core/print.ts"
import { utf8Encode } from "./core/utf8.ts"
import type { Sandbox } from "./ports.ts"

export interface EvaluateBench {
  readonly sandbox: Sandbox
  readonly runtime: {
    readonly abi: RuntimeAbi
    readonly digest?: Digest
    readonly bytes?: Uint8Array
    readonly functions?: () => RuntimeFunctions
  }
}

/** Fuel of the interpreter when it only looks for the place of an error. */
const searchFuelMax = 200_000
/** The interpreter runs on the engine's own thread, so its fuel stays below what a Run may have. */
const interpretedFuelMax = 50_000_000

export async function evaluate(
  input: ParsedOf<"evaluate">,
  bench: EvaluateBench,
  context: CallContext = {}
): Promise<AnswerOf<"evaluate">> {
  if (!input.source.isWellFormed()) throw new EngineFailure("wrong-usage", "expected the Source as Unicode text, found a lone surrogate")
  const size = utf8Encode(input.source).length
  if (size > sizeLimits.sourceBytesMax)
    throw new EngineFailure("limit-exceeded", `expected at most ${sizeLimits.sourceBytesMax} bytes of Source, found ${size}`)
  const limits: Limits = { ...defaultLimits, ...defined(input.limits ?? {}) }
  if (input.engine === "interpreter") return evaluateInterpreted(input.source, limits, bench)
  return evaluateCompiled(input.source, limits, bench, context.signal)
}

async function evaluateCompiled(
  source: string,
  limits: Limits,
  bench: EvaluateBench,
  signal: AbortSignal | undefined
): Promise<AnswerOf<"evaluate">> {
  const { digest, bytes, abi } = bench.runtime
  if (!digest || !bytes) throw new EngineFailure("internal", "the runtime's bytes are not at hand")
  const compiled = compile(source, { mode: "program", runtime: abi })
  if (compiled.kind === "rejected") return { kind: "rejected", diagnostics: [...compiled.diagnostics] }
  const job = {
    module: { digest: compiled.digest, bytes: compiled.bytes },
    runtime: { digest, bytes },
    entry: compiled.entry,
    args: [],
    answers: [],
    limits
  }
  const outcome = await bench.sandbox.run(signal ? { ...job, signal } : job)
  if (outcome.kind !== "failed") return outcome
  const span = spanOf(source, outcome, bench)
  return span ? { ...outcome, span } : outcome
}

/** Where an uncaught error arose: the interpreter finds the same error at a known place, or the place stays unknown. */
function spanOf(source: string, failed: Extract<Outcome, { kind: "failed" }>, bench: EvaluateBench): Span | null {
  const functions = bench.runtime.functions?.()
  const analysed = functions ? analyse(source, { programMode: true }) : null
  if (!functions || analysed?.kind !== "analysed") return null
  const again = interpret(analysed.program, { functions, fuelMax: searchFuelMax })
  if (again.kind !== "failed" || again.category !== failed.category || again.message !== failed.message) return null
  return placeOf(source, again.site)
}

function placeOf(source: string, site: Site | null): Span | null {
  return site && site.unit === 0 ? new SourceText(source).span(site.start, site.end) : null
}

function evaluateInterpreted(source: string, limits: Limits, bench: EvaluateBench): AnswerOf<"evaluate"> {
  const functions = bench.runtime.functions?.()
  if (!functions) throw new EngineFailure("internal", "the runtime's functions are not at hand")
  const analysed = analyse(source, { programMode: true })
  if (analysed.kind === "rejected") return { kind: "rejected", diagnostics: [...analysed.diagnostics] }
  return interpretedOutcome(source, analysed, limits, functions)
}

/** Fuel is in the interpreter's own unit; its memory and time are not bounded apart from that. */
function interpretedOutcome(source: string, analysed: Analysed, limits: Limits, functions: RuntimeFunctions): Outcome {
  const startMs = performance.now()
  const fuelMax = Math.min(limits.fuelMax, interpretedFuelMax)
  const ended = interpret(analysed.program, { functions, fuelMax })
  if (ended.kind === "rejected") return ended
  const spent = { fuel: ended.fuel, memoryPages: 0, wallMs: performance.now() - startMs }
  switch (ended.kind) {
    case "returned":
      return { kind: "returned", value: printValue(ended.value), spent }
    case "failed": {
      const span = placeOf(source, ended.site)
      return { kind: "failed", category: ended.category, message: ended.message, spent, ...(span ? { span } : {}) }
    }
    case "needs-host":
      return { kind: "needs-host", capability: ended.capability, arguments: printValue(ended.arguments), call: ended.call, spent }
    case "out-of-fuel":
      return { kind: "out-of-fuel", fuelMax, spent }
  }
}

function defined(limits: { readonly [K in keyof Limits]?: Limits[K] | undefined }): Partial<Limits> {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined))
}
