/** What crosses the wall: messages between the engine, the runner process and its workers. Plain data, structured clones. */
import type { Digest } from "../../../shared/digest.ts"

/** Replaces `bytes[start, end)` of the original before it is compiled. */
export interface Patch {
  readonly start: number
  readonly end: number
  readonly bytes: Uint8Array
}

/** A module by Digest; `bytes` are the original's, or null where the runner should have them. */
export interface Program {
  readonly digest: Digest
  readonly bytes: Uint8Array | null
  readonly patches: readonly Patch[]
  /** Digest and cap: equal keys mean equal patched bytes. */
  readonly key: string
}

/** A recorded reply, in canonical bytes: `args` a vector, `reply` the vector `[0 value]` or `[1 "message"]`. */
export interface Reply {
  readonly capability: number
  readonly args: Uint8Array
  readonly reply: Uint8Array
}

interface JobBase {
  readonly module: Program
  readonly entry: string
  readonly timeoutMs: number
}

export interface LinkedJob extends JobBase {
  readonly profile: "linked"
  readonly runtime: Program
  /** Canonical bytes of the vector of arguments. */
  readonly args: Uint8Array
  readonly replies: readonly Reply[]
  readonly fuelMax: number
}

export interface PlainJob extends JobBase {
  readonly profile: "plain"
  readonly numbers: readonly (number | bigint)[]
}

export type Job = LinkedJob | PlainJob

/** How a Run ended, as the inside of the wall knows it: bytes and counters, no values. */
export type Ending =
  | { readonly kind: "returned"; readonly bytes: Uint8Array }
  | { readonly kind: "numbers"; readonly numbers: readonly (number | bigint)[] }
  | { readonly kind: "failed"; readonly bytes: Uint8Array }
  | { readonly kind: "needs-host"; readonly capability: number; readonly args: Uint8Array; readonly call: number }
  | { readonly kind: "out-of-fuel" }
  | { readonly kind: "out-of-memory" }
  | { readonly kind: "timed-out" }
  | { readonly kind: "trapped"; readonly reason: string }
  /** It never started: the engine of this machine refuses the bytes, or the export is not what it should be. */
  | { readonly kind: "refused"; readonly reason: "invalid-module" | "no-such-export" | "not-callable"; readonly detail: string }

/** Fuel in units (null: not metered), pages of 64 KiB at the end (memory never shrinks; null: not to be seen), replies used. */
export interface Counters {
  readonly fuel: number | null
  readonly memoryPages: number | null
  readonly wallMs: number
  readonly replies: number
}

export interface Finished {
  readonly ending: Ending
  readonly counters: Counters
}

/** Engine to runner. */
export type RunnerOrder =
  | { readonly type: "configure"; readonly workers: number }
  | { readonly type: "run"; readonly id: number; readonly job: Job }
  | { readonly type: "cancel"; readonly id: number }

/** Runner to engine. `need`: send the run again with the bytes of these Digests. */
export type RunnerReport =
  | { readonly type: "ready" }
  | { readonly type: "need"; readonly id: number; readonly digests: readonly Digest[] }
  | { readonly type: "finished"; readonly id: number; readonly finished: Finished }

/** Runner to worker: compiled modules are posted, not compiled again. */
export type RunOrder =
  | { readonly profile: "linked"; readonly module: WebAssembly.Module; readonly runtime: WebAssembly.Module; readonly job: LinkedJob }
  | { readonly profile: "plain"; readonly module: WebAssembly.Module; readonly job: PlainJob }

/** `rest`: free what ended Runs left, while nobody waits. */
export type WorkerOrder = RunOrder | { readonly profile: "rest" }

/** Worker to runner: the end of a Run, or of a rest. */
export type WorkerReport = Finished | "rested"

/**
 * Runs, or pages of 64 KiB they used together, after which a worker must rest: each Run leaves about 100 KB of heap and ten GiB of reserved
 * addresses, which V8 would otherwise collect at a time of its own, in the middle of a Run.
 */
export const runsBeforeRest = 192
export const pagesBeforeRest = 1_024
/** A worker that has something to free rests after this much quiet. Milliseconds. */
export const quietBeforeRestMs = 100

/** Runs after which a worker is replaced, so that nothing a module did to it lasts. */
export const runsPerWorkerMax = 10_000

/** Compiled modules and original bytes the runner keeps; the least recently used go first. */
export const programsKeptMax = 256

export const noCounters: Counters = { fuel: null, memoryPages: null, wallMs: 0, replies: 0 }
