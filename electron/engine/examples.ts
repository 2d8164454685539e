/** Runs Examples and compares: the expected result is a literal, the outcome its canonical print. */
import type { ExampleResult } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Request } from "../../shared/lookup.ts"
import type { Example } from "../../shared/module.ts"
import { sizeLimits } from "../../shared/module.ts"
import { canonicalBytes } from "./core/canonical.ts"
import { printValue } from "./core/print.ts"
import type { RunJob, Sandbox } from "./ports.ts"
import { jobOf, parseArguments, parseResult, returned } from "./run-module.ts"

/** Runs handed to the Sandbox at once; its queue is bounded. */
const togetherMax = 16

/** A program that Examples are run against. */
export interface Program {
  readonly module: RunJob["module"]
  readonly runtime: RunJob["runtime"]
  readonly entry: string
}

/** Those that came with the Request first, marked `caller`; the same Example twice counts once. Throws `limit-exceeded`. */
export function examplesOf(request: Request, examples: readonly Example[]): readonly Example[] {
  const stated = (request.examples ?? []).map(example => ({ ...example, origin: "caller" }))
  const seen = new Set<string>()
  const all = [...stated, ...examples].filter(({ args, result }) => !seen.has(`${args}\n${result}`) && seen.add(`${args}\n${result}`))
  if (all.length > sizeLimits.examplesMax)
    throw new EngineFailure("limit-exceeded", `expected at most ${sizeLimits.examplesMax} Examples, found ${all.length}`)
  const bytes = exampleBytes(all).length
  if (bytes > sizeLimits.examplesBytesMax)
    throw new EngineFailure("limit-exceeded", `expected at most ${sizeLimits.examplesBytesMax} bytes of Examples, found ${bytes}`)
  return all
}

/** The bytes of the Examples' Blob. */
export function exampleBytes(examples: readonly Example[]): Uint8Array {
  return canonicalBytes(examples)
}

/** Throws `wrong-usage` naming the Example whose literals are malformed; positions count from 1. */
export async function runExamples(
  program: Program,
  examples: readonly Example[],
  sandbox: Sandbox,
  signal?: AbortSignal
): Promise<ExampleResult[]> {
  const prepared = examples.map(prepare)
  const results: ExampleResult[] = []
  for (let at = 0; at < prepared.length; at += togetherMax)
    results.push(...(await Promise.all(prepared.slice(at, at + togetherMax).map(runOne))))
  return results

  async function runOne({ example, position, args, expected }: ReturnType<typeof prepare>): Promise<ExampleResult> {
    const outcome = await sandbox.run(jobOf(program.module, program.runtime, program.entry, { args, answers: example.answers, signal }))
    return { position, passed: returned(outcome, expected), args: example.args, expected: printValue(expected), outcome }
  }
}

function prepare(example: Example, index: number) {
  const position = index + 1
  try {
    const args = parseArguments(example.args)
    return { example, position, args, expected: parseResult(example.result) }
  } catch (error) {
    if (!(error instanceof EngineFailure)) throw error
    throw new EngineFailure("wrong-usage", `Example ${position}: ${error.message}`, { position })
  }
}

/** Greatest fuel an Example used; 0 where none is metered. */
export function fuelProfileOf(results: readonly ExampleResult[]): number {
  return Math.max(0, ...results.map(({ outcome }) => (outcome.kind === "rejected" ? 0 : (outcome.spent.fuel ?? 0))))
}
