/** One worker thread behind the wall: instantiates a Module afresh for each Run and says how it ended. */
import { parentPort } from "node:worker_threads"
import { replayedHost } from "./imports.ts"
import type { Counters, Ending, Finished, LinkedJob, PlainJob, WorkerOrder, WorkerReport } from "./protocol.ts"

/** What a Run uses of the runtime's exports (runtime/README.md). */
interface RuntimeExports {
  readonly memory: WebAssembly.Memory
  readonly err: WebAssembly.Tag
  readonly fuel: WebAssembly.Global<"i64">
  readonly reason: WebAssembly.Global<"i32">
  alloc(bytes: number): number
  decode(pointer: number, length: number): bigint
  encode(value: bigint): number
}

const outOfFuel = 1
const outOfMemory = 2

/** A runtime instance made while nobody waited. It serves one Run, of the runtime of this key, and is never used again. */
let spare: { readonly key: string; readonly runtime: RuntimeExports } | null = null

parentPort?.on("message", (order: WorkerOrder) => {
  if (order.profile === "rest") return rest()
  const startMs = performance.now()
  if (order.profile === "plain") return post(runPlain(order.module, order.job, startMs))
  post(runLinked(order.module, order.runtime, order.job, startMs))
  prepareSpare(order.job.runtime.key, order.runtime)
})

function post(report: WorkerReport): void {
  parentPort?.postMessage(report)
}

function rest(): void {
  ;(globalThis as { gc?: () => void }).gc?.()
  post("rested")
}

function prepareSpare(key: string, module: WebAssembly.Module): void {
  try {
    spare = { key, runtime: freshRuntime(module) }
  } catch {
    spare = null
  }
}

function freshRuntime(module: WebAssembly.Module): RuntimeExports {
  return new WebAssembly.Instance(module).exports as unknown as RuntimeExports
}

function runLinked(module: WebAssembly.Module, runtimeModule: WebAssembly.Module, job: LinkedJob, startMs: number): Finished {
  const prepared = spare
  spare = null
  let runtime: RuntimeExports
  try {
    runtime = prepared?.key === job.runtime.key ? prepared.runtime : freshRuntime(runtimeModule)
  } catch (fault) {
    return { ending: startFault(fault), counters: counters(null, 0, startMs, 0) }
  }
  const fuelMax = BigInt(job.fuelMax)
  runtime.fuel.value = fuelMax
  const host = replayedHost(runtime, job.replies)
  let fuel: WebAssembly.Global<"i64"> | null = null
  let ending: Ending
  try {
    const instance = new WebAssembly.Instance(module, { rt: runtime as unknown as WebAssembly.ModuleImports, host: host.imports })
    fuel = instance.exports["rtfs:fuel"] as WebAssembly.Global<"i64">
    const init = instance.exports["rtfs:init"]
    const entry = instance.exports[job.entry]
    if (!(fuel instanceof WebAssembly.Global) || typeof init !== "function")
      ending = refused("invalid-module", "the Module has no rtfs:fuel or rtfs:init")
    else if (typeof entry !== "function") ending = refused("no-such-export", `the Module exports no function ${JSON.stringify(job.entry)}`)
    else {
      fuel.value = fuelMax
      init()
      ending = {
        kind: "returned",
        bytes: bytesAt(runtime, runtime.encode((entry as (args: bigint) => bigint)(argumentsIn(runtime, job.args))))
      }
    }
  } catch (fault) {
    ending = endingOf(fault, runtime)
  }
  const unmet = host.unmet()
  if (unmet) ending = { kind: "needs-host", ...unmet }
  const left = clamped(runtime.fuel.value) + (fuel instanceof WebAssembly.Global ? clamped(fuel.value) : fuelMax)
  return { ending, counters: counters(Number(fuelMax * 2n - left), runtime.memory.buffer.byteLength / 65_536, startMs, host.used()) }
}

function clamped(fuel: bigint): bigint {
  return fuel < 0n ? 0n : fuel
}

function argumentsIn(runtime: RuntimeExports, args: Uint8Array): bigint {
  const room = runtime.alloc(args.length) >>> 0
  new Uint8Array(runtime.memory.buffer).set(args, room)
  return runtime.decode(room, args.length)
}

/** A copy of what stands at `[u32 length][bytes]`. */
function bytesAt(runtime: RuntimeExports, pointer: number): Uint8Array {
  const at = pointer >>> 0
  const length = new DataView(runtime.memory.buffer).getUint32(at, true)
  return new Uint8Array(runtime.memory.buffer, at + 4, length).slice()
}

/** A raised RTFS error, exhausted fuel or memory by the reason the runtime stored, or a trap. Nothing is guessed from an engine's message. */
function endingOf(fault: unknown, runtime: RuntimeExports): Ending {
  if (fault instanceof WebAssembly.Exception && fault.is(runtime.err)) {
    try {
      return { kind: "failed", bytes: bytesAt(runtime, runtime.encode(fault.getArg(runtime.err, 0) as bigint)) }
    } catch (second) {
      return endingOf(
        second instanceof WebAssembly.Exception ? new Error("an error could not be carried out of the Sandbox") : second,
        runtime
      )
    }
  }
  if (runtime.reason.value === outOfFuel) return { kind: "out-of-fuel" }
  if (runtime.reason.value === outOfMemory) return { kind: "out-of-memory" }
  if (fault instanceof WebAssembly.LinkError) return refused("invalid-module", fault.message)
  return { kind: "trapped", reason: messageOf(fault) }
}

function runPlain(module: WebAssembly.Module, job: PlainJob, startMs: number): Finished {
  let memoryPages: number | null = null
  let ending: Ending
  try {
    const instance = new WebAssembly.Instance(module)
    const memory = Object.values(instance.exports).find(one => one instanceof WebAssembly.Memory)
    try {
      ending = plainEnding(instance.exports[job.entry], job)
    } finally {
      memoryPages = memory ? memory.buffer.byteLength / 65_536 : null
    }
  } catch (fault) {
    ending =
      fault instanceof WebAssembly.LinkError ? refused("invalid-module", fault.message) : { kind: "trapped", reason: messageOf(fault) }
  }
  return { ending, counters: counters(null, memoryPages, startMs, 0) }
}

function plainEnding(entry: WebAssembly.ExportValue | undefined, job: PlainJob): Ending {
  if (entry === undefined) return refused("no-such-export", `the module exports no ${JSON.stringify(job.entry)}`)
  if (typeof entry !== "function") return refused("not-callable", `${JSON.stringify(job.entry)} is no function`)
  const answer: unknown = entry(...job.numbers)
  return { kind: "numbers", numbers: answer === undefined ? [] : Array.isArray(answer) ? answer : [answer as number | bigint] }
}

/** Too little address space for the instance's memory shows as a RangeError. */
function startFault(fault: unknown): Ending {
  return fault instanceof RangeError ? { kind: "out-of-memory" } : refused("invalid-module", messageOf(fault))
}

function refused(reason: "invalid-module" | "no-such-export" | "not-callable", detail: string): Ending {
  return { kind: "refused", reason, detail }
}

function messageOf(fault: unknown): string {
  return fault instanceof Error ? `${fault.name}: ${fault.message}` : "a module threw something that is no error"
}

function counters(fuel: number | null, memoryPages: number | null, startMs: number, replies: number): Counters {
  return { fuel, memoryPages, wallMs: performance.now() - startMs, replies }
}
