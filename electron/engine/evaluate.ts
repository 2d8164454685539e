/** Evaluates a Source in program mode, as compiled code behind the Sandbox or in the interpreter. Writes nothing. */
import type { Digest } from "../../shared/digest.ts"
import type { AnswerOf, CallContext, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { sizeLimits } from "../../shared/module.ts"
import type { Limits } from "../../shared/run.ts"
import { defaultLimits } from "../../shared/run.ts"
import { compile } from "./core/compiler/compile.ts"
import type { RuntimeAbi } from "./core/compiler/runtime-abi.ts"

import { utf8Encode } from "./core/utf8.ts"
import { placed } from "./place.ts"
import type { Interpret, Sandbox } from "./ports.ts"

export interface EvaluateBench {
  readonly sandbox: Sandbox
  readonly runtime: {
    readonly abi: RuntimeAbi
    readonly digest?: Digest
    readonly bytes?: Uint8Array
  }
  readonly interpret: Interpret
}

/** The interpreter is some ten times slower than compiled code, so its fuel stays below what a Run may have. */
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
  if (input.engine === "interpreter") return evaluateInterpreted(input.source, limits, bench, context.signal)
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
  return placed(outcome, { source }, bench.interpret)
}

async function evaluateInterpreted(
  source: string,
  limits: Limits,
  bench: EvaluateBench,
  signal: AbortSignal | undefined
): Promise<AnswerOf<"evaluate">> {
  const startMs = performance.now()
  const fuelMax = Math.min(limits.fuelMax, interpretedFuelMax)
  const ended = await bench.interpret({ source, fuelMax }, limits.timeoutMs, signal)
  // The interpreter's memory is a heap that is collected: bounded, not counted.
  const spent = { fuel: "fuel" in ended ? ended.fuel : null, memoryPages: null, wallMs: performance.now() - startMs }
  switch (ended.kind) {
    case "rejected":
      return { kind: "rejected", diagnostics: [...ended.diagnostics] }
    case "returned":
      return { kind: "returned", value: ended.value, spent }
    case "failed": {
      const { category, message, span } = ended
      return { kind: "failed", category, message, spent, ...(span ? { span } : {}) }
    }
    case "needs-host":
      return { kind: "needs-host", capability: ended.capability, arguments: ended.arguments, call: ended.call, spent }
    case "out-of-fuel":
      return { kind: "out-of-fuel", fuelMax, spent }
    case "timed-out":
      return { kind: "timed-out", timeoutMs: limits.timeoutMs, spent }
    case "out-of-memory":
      return { kind: "out-of-memory", memoryPagesMax: limits.memoryPagesMax, spent }
    case "trapped":
      return { kind: "trapped", reason: ended.reason, spent }
    case "no-such-export":
      return { kind: "rejected", reason: "no-such-export", detail: ended.detail }
  }
}

function defined(limits: { readonly [K in keyof Limits]?: Limits[K] | undefined }): Partial<Limits> {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined))
}
