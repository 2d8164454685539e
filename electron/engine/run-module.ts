/** Hands a Module's bytes and arguments to the Sandbox: bytes re-hashed on the way, arguments parsed once. */
import { EngineFailure } from "../../shared/failure.ts"
import type { Mapping } from "../../shared/module.ts"
import type { Answer, Limits, Outcome } from "../../shared/run.ts"
import { defaultLimits } from "../../shared/run.ts"
import type { Value } from "../../shared/value.ts"
import { readArguments, readLiteral, sameResult } from "./core/literal.ts"
import type { BlobStore, Ports, RunJob } from "./ports.ts"

/** What a Run needs besides the Module; limits that are absent take their defaults. */
export interface RunRequest {
  readonly args: readonly Value[]
  readonly answers?: readonly Answer[] | undefined
  readonly limits?: { readonly [K in keyof Limits]?: Limits[K] | undefined } | undefined
  readonly signal?: AbortSignal | undefined
}

/** Loads and runs the entry of a Mapping. Throws `blob-damaged` where the Module's bytes are not whole. */
export function runMapping(claim: Mapping, request: RunRequest, ports: Pick<Ports, "blobs" | "sandbox">): Promise<Outcome> {
  const bytes = ports.blobs.get(claim.module.digest)
  if (bytes === null)
    throw new EngineFailure("blob-damaged", `the Blob of Module ${claim.module.digest} is missing: run an Audit, or publish it again`, {
      digest: claim.module.digest
    })
  return runLoaded(claim, bytes, request, ports)
}

/** As `runMapping`, with the Module's bytes at hand. */
export async function runLoaded(
  claim: Mapping,
  bytes: Uint8Array,
  request: RunRequest,
  ports: Pick<Ports, "blobs" | "sandbox">
): Promise<Outcome> {
  const runtime = runtimeOf(claim, ports.blobs)
  if (runtime === "unknown")
    return { kind: "rejected", reason: "unknown-runtime", detail: `the runtime ${claim.runtime?.digest} is no Blob of this store` }
  return ports.sandbox.run(jobOf({ digest: claim.module.digest, bytes }, runtime, claim.entry, request))
}

export function jobOf(module: RunJob["module"], runtime: RunJob["runtime"], entry: string, request: RunRequest): RunJob {
  return {
    module,
    runtime,
    entry,
    args: request.args,
    answers: request.answers ?? [],
    limits: { ...defaultLimits, ...withoutUndefined(request.limits ?? {}) },
    ...(request.signal === undefined ? {} : { signal: request.signal })
  }
}

/** The positional arguments in a vector literal. Throws `wrong-usage` saying what was expected and where. */
export function parseArguments(text: string): readonly Value[] {
  const read = readArguments(text)
  if (read.kind === "arguments") return read.values
  throw new EngineFailure("wrong-usage", `the arguments are malformed at character ${read.offset + 1}: ${read.message}`, {
    offset: read.offset
  })
}

/** An expected result. Throws `wrong-usage` saying what was expected and where. */
export function parseResult(text: string): Value {
  const read = readLiteral(text, "result")
  if (read.kind === "value") return read.value
  throw new EngineFailure("wrong-usage", `the result is malformed at character ${read.offset + 1}: ${read.message}`, {
    offset: read.offset
  })
}

/** Whether a Run returned what is expected. */
export function returned(outcome: Outcome, expected: Value): boolean {
  if (outcome.kind !== "returned") return false
  const found = readLiteral(outcome.value, "result")
  return found.kind === "value" && sameResult(expected, found.value)
}

function runtimeOf(claim: Mapping, blobs: BlobStore): RunJob["runtime"] | "unknown" {
  if (claim.runtime === null) return null
  const bytes = blobs.get(claim.runtime.digest)
  return bytes === null ? "unknown" : { digest: claim.runtime.digest, bytes }
}

function withoutUndefined(limits: NonNullable<RunRequest["limits"]>): Partial<Limits> {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined))
}
