/** Interprets on a thread of its own, which can be ended, and whose heap has a bound. */
import { Worker } from "node:worker_threads"
import { EngineFailure } from "../../../shared/failure.ts"
import type { Interpretation, InterpretationJob } from "../core/interpreter/interpretation.ts"
import type { Interpret, InterpretationBounds, Stopped } from "../ports.ts"

/** Heap of the thread before it interprets anything: the compiler's own code and tables. Bytes. */
const heapBytesOwn = 67_108_864
/** How long a thread may take to start, on a busy machine. Milliseconds. */
const startMsMax = 30_000

interface Thread {
  readonly worker: Worker
  readonly heapMb: number
  /** Whether it has said that it is there. */
  started: boolean
}

/** `runtimeBytes`: the pinned runtime, whose algorithms the interpreter borrows. The thread starts with the first job and keeps no process alive. */
export function createInterpreterThread(runtimeBytes: Uint8Array): Interpret {
  let thread: Thread | null = null
  let last: Promise<unknown> = Promise.resolve()

  const start = (heapMb: number): Thread => {
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js"
    const worker = new Worker(new URL(`./interpreter-worker.${extension}`, import.meta.url), {
      workerData: runtimeBytes,
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: 32 }
    })
    const started: Thread = { worker, heapMb, started: false }
    const gone = () => {
      if (thread === started) thread = null
    }
    worker.on("error", gone)
    worker.on("exit", gone)
    return started
  }

  const end = (one: Thread) => {
    if (thread === one) thread = null
    void one.worker.terminate()
  }

  const now = (job: InterpretationJob, bounds: InterpretationBounds, signal?: AbortSignal) => {
    const heapMb = Math.ceil((bounds.heapBytesMax + heapBytesOwn) / 1_048_576)
    if (thread && thread.heapMb !== heapMb) end(thread)
    thread ??= start(heapMb)
    return interpretOn(thread, job, bounds, end, signal)
  }

  return (job, bounds, signal) => {
    const turn = last.then(() => now(job, bounds, signal))
    last = turn.catch(() => undefined)
    return turn
  }
}

function interpretOn(
  thread: Thread,
  job: InterpretationJob,
  bounds: InterpretationBounds,
  end: (thread: Thread) => void,
  signal: AbortSignal | undefined
): Promise<Interpretation | Stopped> {
  const { worker } = thread
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout
    const settle = (answer: Interpretation | Stopped | EngineFailure, spoiled: boolean) => {
      clearTimeout(timer)
      signal?.removeEventListener("abort", abort)
      worker.off("message", heard).off("error", failed).off("exit", gone)
      worker.unref()
      if (spoiled) end(thread)
      if (answer instanceof EngineFailure) reject(answer)
      else resolve(answer)
    }
    const late = () => settle({ kind: "timed-out" }, true)
    const abort = () => settle(new EngineFailure("cancelled", "the interpretation was cancelled by its caller"), true)
    const failed = (fault: unknown) => settle(faultOf(fault), true)
    const gone = () => settle({ kind: "trapped", reason: "the interpreter's thread ended" }, true)
    const heard = (message: Interpretation | Stopped | "started") => {
      if (message !== "started") return settle(message, message.kind === "trapped" || message.kind === "out-of-memory")
      thread.started = true
      clearTimeout(timer)
      timer = setTimeout(late, bounds.timeoutMs)
    }
    if (signal?.aborted) return reject(new EngineFailure("cancelled", "the interpretation was cancelled by its caller"))
    timer = setTimeout(late, thread.started ? bounds.timeoutMs : startMsMax)
    signal?.addEventListener("abort", abort, { once: true })
    worker.on("message", heard).on("error", failed).on("exit", gone)
    worker.ref()
    worker.postMessage(job)
  })
}

function faultOf(fault: unknown): Stopped {
  if ((fault as { code?: unknown } | null)?.code === "ERR_WORKER_OUT_OF_MEMORY") return { kind: "out-of-memory" }
  return { kind: "trapped", reason: fault instanceof Error ? fault.message : String(fault) }
}
