/** The runner process: compiles Modules, keeps warm workers and ends what runs too long. It holds no keys, no store and no network. */
import { createHash } from "node:crypto"
import { setFlagsFromString } from "node:v8"
import { Worker } from "node:worker_threads"
import type { Counters, Finished, Job, Program, RunnerOrder, RunnerReport, RunOrder, WorkerOrder, WorkerReport } from "./protocol.ts"
import { noCounters, pagesBeforeRest, programsKeptMax, quietBeforeRestMs, runsBeforeRest, runsPerWorkerMax } from "./protocol.ts"

/** MiB. 10,000 active calls of the largest frames must fit twice over, in V8's least compact tier. */
const workerStackMb = 192
const workerHeapMb = 128
/** Modules above this size are compiled off the runner's own thread. Bytes. */
const compileInlineMax = 65_536

/** The parent: an Electron utility process has a parent port, a child process an IPC channel. */
interface Parent {
  post(report: RunnerReport): void
  listen(listener: (order: RunnerOrder) => void): void
}

interface Seat {
  worker: Worker
  runs: number
  /** Since the last rest. */
  unrested: { runs: number; pages: number }
  ready: boolean
  task: { readonly id: number; readonly timer: NodeJS.Timeout; readonly startMs: number } | null
}

// Workers free what ended Runs left between Runs, and have room until then. No module can reach the function this gives them.
setFlagsFromString("--expose-gc")
setFlagsFromString(`--initial-old-space-size=${workerHeapMb / 2}`)

const parent = parentOf()
const originals = new Map<string, Uint8Array>()
const compiled = new Map<string, WebAssembly.Module>()
const waiting: { readonly id: number; readonly order: RunOrder }[] = []
const seats: Seat[] = []
/** Runs that are being compiled; cancelling takes them out. */
const preparing = new Set<number>()
const quiet = setTimeout(restWhileQuiet, quietBeforeRestMs)

parent.listen(order => {
  if (order.type === "configure") configure(order.workers)
  else if (order.type === "cancel") cancel(order.id)
  else void prepare(order.id, order.job)
})

function configure(workers: number): void {
  while (seats.length < workers) seats.push(newSeat())
  parent.post({ type: "ready" })
}

/** Finds or compiles what the job needs, then hands it to a free worker. */
async function prepare(id: number, job: Job): Promise<void> {
  const programs = job.profile === "linked" ? [job.module, job.runtime] : [job.module]
  for (const program of programs) if (program.bytes) keepOriginal(program.digest, program.bytes)
  const missing = programs.filter(program => !program.bytes && !compiled.has(program.key) && !originals.has(program.digest))
  if (missing.length > 0) {
    parent.post({ type: "need", id, digests: missing.map(program => program.digest) })
    return
  }
  preparing.add(id)
  try {
    const module = await moduleOf(job.module)
    const order: RunOrder =
      job.profile === "linked"
        ? { profile: "linked", module, runtime: await moduleOf(job.runtime), job }
        : { profile: "plain", module, job }
    if (!preparing.delete(id)) return
    waiting.push({ id, order })
    seatNext()
  } catch (fault) {
    if (preparing.delete(id))
      finish(id, { ending: { kind: "refused", reason: "invalid-module", detail: messageOf(fault) }, counters: noCounters })
  }
}

/** Keeps bytes whose hash is their Digest; others are dropped, and the run is answered as `invalid-module` when they are wanted. */
function keepOriginal(digest: string, bytes: Uint8Array): void {
  if (`sha256:${createHash("sha256").update(bytes).digest("hex")}` !== digest) return
  remember(originals, digest, bytes)
}

async function moduleOf(program: Program): Promise<WebAssembly.Module> {
  const known = compiled.get(program.key)
  if (known) {
    remember(compiled, program.key, known)
    return known
  }
  const original = originals.get(program.digest)
  if (!original) throw new Error("the bytes do not have the Digest they were sent under")
  const bytes = patched(original, program) as Uint8Array<ArrayBuffer>
  const module = bytes.length <= compileInlineMax ? new WebAssembly.Module(bytes) : await WebAssembly.compile(bytes)
  remember(compiled, program.key, module)
  return module
}

function remember<T>(kept: Map<string, T>, key: string, value: T): void {
  kept.delete(key)
  kept.set(key, value)
  if (kept.size <= programsKeptMax) return
  const [oldest] = kept.keys()
  if (oldest !== undefined) kept.delete(oldest)
}

function patched(original: Uint8Array, program: Program): Uint8Array {
  const parts: Uint8Array[] = []
  let at = 0
  for (const patch of program.patches) {
    parts.push(original.subarray(at, patch.start), patch.bytes)
    at = patch.end
  }
  return Buffer.concat([...parts, original.subarray(at)])
}

function seatNext(): void {
  for (const seat of seats) {
    if (seat.task || !seat.ready) continue
    const next = waiting.shift()
    if (!next) return
    const startMs = performance.now()
    const timer = setTimeout(() => end(seat, "timed-out"), next.order.job.timeoutMs)
    seat.task = { id: next.id, timer, startMs }
    tell(seat, next.order)
  }
}

function newSeat(): Seat {
  const seat: Seat = { worker: startWorker(), runs: 0, unrested: { runs: 0, pages: 0 }, ready: false, task: null }
  attend(seat)
  return seat
}

function startWorker(): Worker {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js"
  return new Worker(new URL(`./worker.${extension}`, import.meta.url), {
    env: {},
    execArgv: [],
    stdin: false,
    resourceLimits: { stackSizeMb: workerStackMb, maxOldGenerationSizeMb: workerHeapMb, maxYoungGenerationSizeMb: 16 }
  })
}

function attend(seat: Seat): void {
  const { worker } = seat
  worker.on("online", () => {
    seat.ready = true
    seatNext()
  })
  worker.on("message", (report: WorkerReport) => {
    if (seat.worker !== worker) return
    if (report !== "rested") return settle(seat, report)
    seat.ready = true
    seatNext()
  })
  worker.on("error", fault => {
    if (seat.worker === worker) settle(seat, { ending: { kind: "trapped", reason: messageOf(fault) }, counters: countersOf(seat) })
  })
  worker.on("exit", () => {
    if (seat.worker !== worker) return
    settle(seat, { ending: { kind: "trapped", reason: "the worker ended under the Run" }, counters: countersOf(seat) })
    replace(seat)
  })
}

function settle(seat: Seat, finished: Finished): void {
  const { task } = seat
  if (!task) return
  clearTimeout(task.timer)
  seat.task = null
  seat.runs++
  seat.unrested.runs++
  seat.unrested.pages += finished.counters.memoryPages ?? 0
  finish(task.id, finished)
  if (finished.ending.kind === "trapped" || seat.runs >= runsPerWorkerMax) replace(seat)
  else if (seat.unrested.runs >= runsBeforeRest || seat.unrested.pages >= pagesBeforeRest) rest(seat)
  seatNext()
  quiet.refresh()
}

/** Sends a worker to free what its Runs left; until it has, the others take what comes. */
function rest(seat: Seat): void {
  seat.unrested = { runs: 0, pages: 0 }
  seat.ready = false
  tell(seat, { profile: "rest" })
}

function restWhileQuiet(): void {
  for (const seat of seats) if (seat.ready && !seat.task && seat.unrested.runs > 0) rest(seat)
}

function tell(seat: Seat, order: WorkerOrder): void {
  seat.worker.postMessage(order)
}

/** Ends a worker in the middle of its Run; the replacement starts at once. */
function end(seat: Seat, kind: "timed-out" | "cancelled"): void {
  const { task } = seat
  if (!task) return
  const counters = countersOf(seat)
  clearTimeout(task.timer)
  seat.task = null
  replace(seat)
  if (kind === "timed-out") finish(task.id, { ending: { kind }, counters })
}

function replace(seat: Seat): void {
  const old = seat.worker
  seat.worker = startWorker()
  seat.runs = 0
  seat.unrested = { runs: 0, pages: 0 }
  seat.ready = false
  attend(seat)
  void old.terminate()
}

function cancel(id: number): void {
  const position = waiting.findIndex(one => one.id === id)
  if (position >= 0) {
    waiting.splice(position, 1)
    return
  }
  const seat = seats.find(one => one.task?.id === id)
  if (seat) end(seat, "cancelled")
  else preparing.delete(id)
}

function countersOf(seat: Seat): Counters {
  return { ...noCounters, wallMs: seat.task ? performance.now() - seat.task.startMs : 0 }
}

function finish(id: number, finished: Finished): void {
  parent.post({ type: "finished", id, finished })
}

function messageOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault)
}

function parentOf(): Parent {
  const { parentPort } = process as unknown as {
    parentPort?: { on(event: "message", listener: (event: { data: unknown }) => void): void; postMessage(message: unknown): void }
  }
  if (parentPort)
    return {
      post: report => parentPort.postMessage(report),
      listen: listener => parentPort.on("message", event => listener(event.data as RunnerOrder))
    }
  process.on("disconnect", () => process.exit(0))
  return {
    post: report => void process.send?.(report),
    listen: listener => void process.on("message", message => listener(message as RunnerOrder))
  }
}
