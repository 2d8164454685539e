/** Interprets on a thread of its own, which can be ended, and whose heap has a bound. */
import { Worker } from "node:worker_threads"
import { EngineFailure } from "../../../shared/failure.ts"
import type { Interpretation, InterpretationJob } from "../core/interpreter/interpretation.ts"
import type { Interpret, Stopped } from "../ports.ts"

/** MiB: what a Run may have by default, and the compiler's own code and tables. */
const heapMb = 256 + 64
/** How long a thread may take to start, on a busy machine. Milliseconds. */
const startMsMax = 30_000

interface Thread {
  readonly worker: Worker
  /** Whether it has said that it is there. */
  started: boolean
}

/** `runtimeBytes`: the pinned runtime, whose algorithms the interpreter borrows. The thread starts with the first job and keeps no process alive. */
export function createInterpreterThread(runtimeBytes: Uint8Array): Interpret {
  let thread: Thread | null = null
  let last: Promise<unknown> = Promise.resolve()

  const start = (): Thread => {
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js"
    const worker = new Worker(new URL(`./interpreter-worker.${extension}`, import.meta.url), {
      workerData: runtimeBytes,
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: 32 }
    })
    const started: Thread = { worker, started: false }
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

  const now = (job: InterpretationJob, timeoutMs: number, signal?: AbortSignal) => {
    thread ??= start()
    return interpretOn(thread, job, timeoutMs, end, signal)
  }

  return (job, timeoutMs, signal) => {
    const turn = last.then(() => now(job, timeoutMs, signal))
    last = turn.catch(() => undefined)
    return turn
  }
}

function interpretOn(
  thread: Thread,
  job: InterpretationJob,
  timeoutMs: number,
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
      timer = setTimeout(late, timeoutMs)
    }
    if (signal?.aborted) return reject(new EngineFailure("cancelled", "the interpretation was cancelled by its caller"))
    timer = setTimeout(late, thread.started ? timeoutMs : startMsMax)
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
