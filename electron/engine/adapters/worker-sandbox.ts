/** The Sandbox over a runner process: validates and encodes what goes over the wall, and turns endings into Outcomes. */
import { createHash } from "node:crypto"
import type { Digest } from "../../../shared/digest.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import type { Answer, Limits, Outcome, RejectionReason, Spent } from "../../../shared/run.ts"
import { errorCategories } from "../../../shared/run.ts"
import type { Value } from "../../../shared/value.ts"
import type { Admitted, PlainEntry, Rejection, Splice } from "../core/admission.ts"
import { admit, clampOf, plainArgumentsOf, plainEntryOf, plainResultOf, sectionsOf } from "../core/admission.ts"
import { decodeValue, encodeValue, UnencodableValue } from "../core/codec.ts"
import { readLiteral } from "../core/literal.ts"
import { printValue } from "../core/print.ts"
import type { WasmShape } from "../core/wasm-walk.ts"
import { walk } from "../core/wasm-walk.ts"
import type { Launch, RunJob, Sandbox } from "../ports.ts"
import type { Counters, Finished, Job, Program, Reply } from "../sandbox/protocol.ts"
import { cancelledFailure, openRunnerLine } from "./runner-line.ts"

const pageBytes = 65_536
const admissionsKeptMax = 512

export interface WorkerSandboxOptions {
  readonly launch: Launch
  /** Warm workers, 1 to 4. */
  readonly workers?: number
  /** Runs that may wait, at most 4,096; the next one is refused with `queue-full`. */
  readonly queueMax?: number
}

export function openWorkerSandbox(options: WorkerSandboxOptions): Sandbox {
  const workers = Math.min(Math.max(options.workers ?? 2, 1), 4)
  const queueMax = Math.min(options.queueMax ?? 256, 4_096)
  const line = openRunnerLine(options.launch, workers, queueMax)
  const admissions = createAdmissions()
  return {
    memoryBytesMax: workers * 4_096 * pageBytes,
    run: async job => {
      if (job.signal?.aborted) throw cancelledFailure()
      const prepared = prepare(job, admissions)
      if ("outcome" in prepared) return prepared.outcome
      return outcomeOf(await line.run(prepared.job, prepared.bytes, job.signal), job, prepared)
    },
    close: () => line.close()
  }
}

const nothingSpent: Spent = { fuel: 0, memoryPages: 0, wallMs: 0 }

interface Prepared {
  readonly job: Job
  readonly bytes: ReadonlyMap<Digest, Uint8Array>
  readonly capabilities: readonly string[]
  readonly plain: PlainEntry | null
  /** Whether the Module has a memory at all; what it does not have needs no looking at. */
  readonly hasMemory: boolean
}

/** Everything that can be decided before the wall: admission, clamp, arguments, answers. */
function prepare(job: RunJob, admissions: Admissions): Prepared | { readonly outcome: Outcome } {
  const runtime = job.runtime ? admissions.runtime(job.runtime.digest, job.runtime.bytes) : null
  const admitted = admissions.module(job.module.digest, job.module.bytes, runtime)
  if (admitted.kind === "rejected") return refusal(admitted)
  if (job.answers.length > job.limits.hostCallsMax)
    return refused("too-large", `at most ${job.limits.hostCallsMax} answers of the host are replayed, ${job.answers.length} were given`)
  return admitted.profile === "plain" ? preparePlain(job, admitted) : prepareLinked(job, admitted, runtime)
}

function preparePlain(job: RunJob, admitted: Admitted): Prepared | { readonly outcome: Outcome } {
  const entry = plainEntryOf(admitted.shape, job.entry)
  if (entry.kind === "rejected") return refusal(entry)
  const splices = clampOf(admitted.shape, job.limits.memoryPagesMax)
  if ("kind" in splices) return refusal(splices)
  const args = plainArgumentsOf(entry, job.args)
  if (args.kind === "failed") {
    const spent = { fuel: null, memoryPages: 0, wallMs: 0 }
    return { outcome: { kind: "failed", category: args.category, message: args.message, spent } }
  }
  const module = programOf(job.module.digest, splices, job.limits)
  return {
    job: { profile: "plain", module, entry: entry.name, timeoutMs: job.limits.timeoutMs, numbers: args.numbers },
    bytes: new Map([[job.module.digest, job.module.bytes]]),
    capabilities: [],
    plain: entry,
    hasMemory: admitted.shape.memories.length > 0
  }
}

function prepareLinked(job: RunJob, admitted: Admitted, runtime: WasmShape | null): Prepared | { readonly outcome: Outcome } {
  const sections = sectionsOf(admitted.shape)
  if ("kind" in sections) return refusal(sections)
  if (!runtime || !job.runtime || sections.runtime !== job.runtime.digest)
    return refused("unknown-runtime", `the Module needs the runtime ${sections.runtime}, which is not the one at hand`)
  const exported = admitted.shape.exports.find(one => one.name === job.entry)
  if (!exported)
    return refused(
      "no-such-export",
      `the Module exports no ${JSON.stringify(job.entry)}; it exports: ${sections.exports.map(one => one.name).join(", ")}`
    )
  if (!sections.exports.some(one => one.name === job.entry) || exported.extern.kind !== "function")
    return refused("not-callable", `${JSON.stringify(job.entry)} is no RTFS export of the Module`)
  const splices = clampOf(runtime, job.limits.memoryPagesMax)
  if ("kind" in splices) return { outcome: { kind: "out-of-memory", memoryPagesMax: job.limits.memoryPagesMax, spent: nothingSpent } }
  const args = encodedArguments(job.args)
  if (typeof args === "string") return { outcome: { kind: "failed", category: "type-error", message: args, spent: nothingSpent } }
  const replies = repliesOf(job.answers, sections.capabilities)
  const inputBytes = replies.reduce((sum, reply) => sum + reply.reply.length, args.length)
  if (inputBytes > job.limits.inputBytesMax)
    return refused("too-large", `arguments and answers have ${inputBytes} bytes, at most ${job.limits.inputBytesMax} are accepted`)
  return {
    job: {
      profile: "linked",
      module: programOf(job.module.digest, [], null),
      runtime: programOf(job.runtime.digest, splices, job.limits),
      entry: job.entry,
      timeoutMs: job.limits.timeoutMs,
      args,
      replies,
      fuelMax: job.limits.fuelMax
    },
    bytes: new Map([
      [job.module.digest, job.module.bytes],
      [job.runtime.digest, job.runtime.bytes]
    ]),
    capabilities: sections.capabilities,
    plain: null,
    hasMemory: true
  }
}

function programOf(digest: Digest, patches: readonly Splice[], limits: Limits | null): Program {
  return { digest, bytes: null, patches, key: limits ? `${digest}@${limits.memoryPagesMax}` : digest }
}

function encodedArguments(args: readonly Value[]): Uint8Array | string {
  try {
    return encodeValue(args)
  } catch (fault) {
    if (fault instanceof UnencodableValue || fault instanceof TypeError)
      return `Type error in arguments: expected plain data, got a value that cannot cross (${fault.message})`
    throw fault
  }
}

/** Recorded answers as bytes; one whose capability the Module does not have can match no call and gets the impossible number. */
function repliesOf(answers: readonly Answer[], capabilities: readonly string[]): Reply[] {
  return answers.map(answer => ({
    capability: capabilities.indexOf(answer.capability),
    args: encodeValue(literal(answer.arguments, "arguments")),
    reply: encodeValue("value" in answer ? [0n, literal(answer.value, "value")] : [1n, answer.failure])
  }))
}

function literal(text: string, what: string): Value {
  const read = readLiteral(text)
  if (read.kind === "value") return read.value
  throw new EngineFailure("wrong-usage", `the ${what} of an answer must be an RTFS literal: ${read.message}`)
}

/** Turns what the inside of the wall said into an Outcome; its bytes are hostile and decoded with checks. */
function outcomeOf(finished: Finished, job: RunJob, prepared: Prepared): Outcome {
  const { ending, counters } = finished
  const spent = spentOf(prepared.hasMemory ? counters : { ...counters, memoryPages: 0 }, job.answers.length)
  switch (ending.kind) {
    case "returned": {
      if (ending.bytes.length > job.limits.outputBytesMax)
        return {
          kind: "failed",
          category: "runtime-error",
          message: `Runtime error: the result has ${ending.bytes.length} bytes, at most ${job.limits.outputBytesMax} leave the Sandbox`,
          spent
        }
      const decoded = decodeValue(ending.bytes)
      if (decoded.kind === "malformed")
        return { kind: "trapped", reason: `the result is not canonical: ${decoded.fault.message} at byte ${decoded.fault.offset}`, spent }
      return { kind: "returned", value: printValue(decoded.value), spent }
    }
    case "numbers":
      if (!prepared.plain) return { kind: "trapped", reason: "numbers came from a Module that answers values", spent }
      return { kind: "returned", value: printValue(plainResultOf(prepared.plain, ending.numbers)), spent }
    case "failed":
      return failedOf(ending.bytes, spent)
    case "needs-host": {
      const args = decodeValue(ending.args)
      const capability = prepared.capabilities[ending.capability]
      if (args.kind === "malformed" || capability === undefined)
        return { kind: "trapped", reason: "a call of the host is malformed", spent }
      return { kind: "needs-host", capability, arguments: printValue(args.value), call: ending.call, spent }
    }
    case "out-of-fuel":
      return { kind: "out-of-fuel", fuelMax: job.limits.fuelMax, spent }
    case "out-of-memory":
      return { kind: "out-of-memory", memoryPagesMax: job.limits.memoryPagesMax, spent }
    case "timed-out":
      return { kind: "timed-out", timeoutMs: job.limits.timeoutMs, spent }
    case "trapped":
      return { kind: "trapped", reason: ending.reason, spent }
    case "refused":
      return { kind: "rejected", reason: ending.reason, detail: ending.detail }
  }
}

function failedOf(bytes: Uint8Array, spent: Spent): Outcome {
  const decoded = decodeValue(bytes)
  const error = decoded.kind === "value" ? decoded.value : null
  if (typeof error !== "object" || error === null || !("kind" in error) || error.kind !== "error")
    return { kind: "trapped", reason: "a raised error is malformed", spent }
  const category = errorCategories.find(one => one === error.category)
  if (!category) return { kind: "trapped", reason: "a raised error has no known category", spent }
  return { kind: "failed", category, message: error.message, spent }
}

function spentOf(counters: Counters, answers: number): Spent {
  const spent = { fuel: counters.fuel, memoryPages: counters.memoryPages, wallMs: counters.wallMs }
  return answers > 0 ? { ...spent, answersUsed: counters.replies } : spent
}

function refusal(rejection: Rejection): { readonly outcome: Outcome } {
  return { outcome: rejection }
}

function refused(reason: RejectionReason, detail: string): { readonly outcome: Outcome } {
  return { outcome: { kind: "rejected", reason, detail } }
}

interface Admissions {
  runtime(digest: Digest, bytes: Uint8Array): WasmShape | null
  module(digest: Digest, bytes: Uint8Array, runtime: WasmShape | null): Admitted | Rejection
}

/** The walk of a module is made once for its Digest, after that has been held against the bytes: what is kept must not depend on a caller's word. */
function createAdmissions(): Admissions {
  const shapes = new Map<string, WasmShape | null>()
  const admitted = new Map<string, { readonly answer: Admitted | Rejection; readonly runtime: WasmShape | null }>()
  return {
    runtime: (digest, bytes) => {
      const known = shapes.get(digest)
      if (known !== undefined) return known
      if (!isNamed(digest, bytes)) return null
      const walked = walk(bytes)
      const shape = walked.kind === "walked" ? walked.shape : null
      keep(shapes, digest, shape)
      return shape
    },
    module: (digest, bytes, runtime) => {
      const known = admitted.get(digest)
      if (known && known.runtime === runtime) return known.answer
      if (!isNamed(digest, bytes))
        return { kind: "rejected", reason: "invalid-module", detail: "the bytes do not have the Digest they were sent under" }
      const answer = admit(bytes, runtime)
      keep(admitted, digest, { answer, runtime })
      return answer
    }
  }
}

function isNamed(digest: Digest, bytes: Uint8Array): boolean {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}` === digest
}

function keep<T>(kept: Map<string, T>, key: string, value: T): void {
  kept.set(key, value)
  if (kept.size <= admissionsKeptMax) return
  const [oldest] = kept.keys()
  if (oldest !== undefined) kept.delete(oldest)
}
