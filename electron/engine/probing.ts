/** Runs rival Modules on the same inputs behind the wall and says where they part: evidence nobody had to write down. */
import type { Digest } from "../../shared/digest.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Mapping } from "../../shared/module.ts"
import type { Limits, Outcome } from "../../shared/run.ts"
import type { Value } from "../../shared/value.ts"
import { readLiteral, sameResult } from "./core/literal.ts"
import { printValue } from "./core/print.ts"
import type { Ports } from "./ports.ts"
import { runMapping } from "./run-module.ts"

/**
 * Units of fuel, milliseconds, pages of 64 KiB, bytes: what is asked here is small, and a slow or hungry Module must not hold up the others. Fuel ends
 * what is linked, the same on every machine; the clock is for a machine that is very busy.
 */
export const probeLimits = {
  fuelMax: 5_000_000,
  timeoutMs: 5_000,
  memoryPagesMax: 1_024,
  hostCallsMax: 64,
  outputBytesMax: 1_048_576
} as const
/** Milliseconds: a plain Module has no fuel, and only the clock ends it. */
const plainTimeoutMs = 500

/** Bounds of a Run that only tries something out. */
export function trialLimits({ runtime }: Mapping): Partial<Limits> {
  return runtime === null ? { ...probeLimits, timeoutMs: plainTimeoutMs } : probeLimits
}

/** Runs of one question that may wait for the Sandbox together. */
export const probesTogether = 4

export const disagreementsMax = 64

export interface ProbeTerms {
  readonly limits?: { readonly [K in keyof Limits]?: Limits[K] | undefined }
  readonly signal?: AbortSignal | undefined
  /** Stop at the first input on which two answer differently. */
  readonly first?: boolean
  /** Tell every input on which two part, up to `disagreementsMax`; otherwise one for each pair. */
  readonly every?: boolean
}

/**
 * How two Outcomes on one input compare. `values`: both returned, and differently. `domain`: one returned where the other failed, so that they
 * disagree on what is allowed. `unknown`: one was stopped, asked the host or never ran, which tells nothing. Two failures are the same.
 */
export type Comparison = "same" | "values" | "domain" | "unknown"

export interface Disagreement {
  /** Positions of the two in what was compared. */
  readonly left: number
  readonly right: number
  readonly kind: "values" | "domain"
  /** A vector literal. */
  readonly args: string
  readonly leftOutcome: Outcome
  readonly rightOutcome: Outcome
}

export interface Probed {
  /** Inputs that were run on every one. */
  readonly inputs: number
  /** Of those, inputs on which nobody was stopped. */
  readonly decided: number
  /** One for each pair that parts, the first; a difference of values is preferred to one of domain. Or every one. */
  readonly disagreements: readonly Disagreement[]
  /** Why one was left out, by position: it met a limit, asked the host or was refused; later inputs were not run on it. */
  readonly skipped: readonly { readonly position: number; readonly why: string }[]
}

/**
 * Runs each claim's entry on each input and compares every pair. Whether they may run is the caller's business: only trusted Mappings,
 * or Pending ones in review. A Module that meets a limit or calls a capability leaves the comparison. Throws `cancelled`.
 */
export async function disagreement(
  claims: readonly Mapping[],
  inputs: readonly (readonly Value[])[],
  ports: RunPorts,
  terms: ProbeTerms = {}
): Promise<Probed> {
  const portsFor = runtimeOnce(ports)
  const skipped = new Map<number, string>()
  const found = new Map<string, Disagreement>()
  let decided = 0
  let run = 0
  for (const args of inputs) {
    if (claims.length - skipped.size < 2) break
    run++
    const outcomes = await together(claims, (claim, at) => (skipped.has(at) ? null : probe(claim, args, portsFor(claim), terms)))
    for (const [at, outcome] of outcomes.entries()) {
      const why = outcome === null ? null : stopped(outcome)
      if (why !== null) skipped.set(at, why)
    }
    if (outcomes.every(outcome => outcome === null || stopped(outcome) === null)) decided++
    for (const one of partings(outcomes, printValue(args))) {
      if (terms.every === true && found.size >= disagreementsMax) continue
      const pair = terms.every === true ? `${one.left} ${one.right} ${one.args}` : `${one.left} ${one.right}`
      if (found.get(pair)?.kind !== "values" && (one.kind === "values" || !found.has(pair))) found.set(pair, one)
    }
    if (terms.first === true && [...found.values()].some(({ kind }) => kind === "values")) break
  }
  return {
    inputs: run,
    decided,
    disagreements: [...found.values()],
    skipped: [...skipped].map(([position, why]) => ({ position, why }))
  }
}

/** One Run with small limits. A Blob that is damaged or missing is an Outcome here, not the end of the comparison. */
export async function probe(claim: Mapping, args: readonly Value[], ports: RunPorts, terms: ProbeTerms = {}): Promise<Outcome> {
  try {
    return await runMapping(claim, { args, limits: { ...trialLimits(claim), ...terms.limits }, signal: terms.signal }, ports)
  } catch (error) {
    if (!(error instanceof EngineFailure) || error.code !== "blob-damaged") throw error
    return { kind: "rejected", reason: "invalid-module", detail: error.message }
  }
}

export function compareOutcomes(left: Outcome, right: Outcome): Comparison {
  if (stopped(left) !== null || stopped(right) !== null) return "unknown"
  if (left.kind === "returned" && right.kind === "returned") return sameText(left.value, right.value) ? "same" : "values"
  return left.kind === right.kind ? "same" : "domain"
}

/** In words, why an Outcome says nothing of what the Module answers; null where it returned or failed by itself. */
export function stopped(outcome: Outcome): string | null {
  switch (outcome.kind) {
    case "returned":
    case "failed":
      return null
    case "needs-host":
      return `calls the capability ${outcome.capability}`
    case "out-of-fuel":
      return `needs more than ${outcome.fuelMax} units of fuel`
    case "timed-out":
      return `takes more than ${outcome.timeoutMs} ms`
    case "out-of-memory":
      return `needs more than ${outcome.memoryPagesMax} pages of memory`
    case "trapped":
      return `trapped: ${outcome.reason}`
    case "rejected":
      return `may not run: ${outcome.reason}`
  }
}

export type RunPorts = Pick<Ports, "blobs" | "sandbox">

/** Ports for the Runs of one question: a runtime is read and hashed once, each Module every time. */
export function runtimeOnce({ blobs, sandbox }: RunPorts): (claim: Mapping) => RunPorts {
  const runtimes = new Map<Digest, Uint8Array>()
  const load = (digest: Digest) => {
    const bytes = runtimes.get(digest) ?? blobs.get(digest)
    if (bytes !== null) runtimes.set(digest, bytes)
    return bytes
  }
  return claim => ({
    sandbox,
    blobs: { ...blobs, get: digest => (digest === claim.runtime?.digest ? load(digest) : blobs.get(digest)) }
  })
}

/** Calls `work` for each with bounded concurrency; answers in order. */
export async function together<T, R>(items: readonly T[], work: (item: T, at: number) => Promise<R> | R): Promise<R[]> {
  const answers = new Array<R>(items.length)
  let next = 0
  await Promise.all(
    Array.from({ length: Math.min(probesTogether, items.length) }, async () => {
      for (let at = next++; at < items.length; at = next++) answers[at] = await work(items[at] as T, at)
    })
  )
  return answers
}

function* partings(outcomes: readonly (Outcome | null)[], args: string): Iterable<Disagreement> {
  for (const [left, leftOutcome] of outcomes.entries())
    for (let right = left + 1; right < outcomes.length; right++) {
      const rightOutcome = outcomes[right]
      if (leftOutcome === null || rightOutcome === null || rightOutcome === undefined) continue
      const kind = compareOutcomes(leftOutcome, rightOutcome)
      if (kind === "values" || kind === "domain") yield { left, right, kind, args, leftOutcome, rightOutcome }
    }
}

function sameText(left: string, right: string): boolean {
  if (left === right) return true
  const [a, b] = [readLiteral(left, "result"), readLiteral(right, "result")]
  return a.kind === "value" && b.kind === "value" && sameResult(a.value, b.value)
}
