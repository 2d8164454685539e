/** The interpreter in a process of its own, one job at a time: started with the first, started again when it died, ended when nobody asks. */
import { EngineFailure } from "../../../shared/failure.ts"
import type { Interpretation, InterpretationJob } from "../core/interpreter/interpretation.ts"
import type { EngineProcess, Interpret, Launch, Stopped } from "../ports.ts"

/** What goes to the process; an Interpretation or a Stopped comes back. */
export interface InterpreterOrder {
  readonly job: InterpretationJob
  readonly timeoutMs: number
}

/** Wall-clock allowance beyond a job's own time, which covers the start of process and thread on a busy machine. Milliseconds. */
const graceMs = 30_000
/** A process that had nothing to do for so long is ended: it holds some 100 MB. Milliseconds. */
const idleMs = 60_000

export function openInterpreter(launch: Launch): Interpret {
  let running: EngineProcess | null = null
  let idle: NodeJS.Timeout | undefined
  let settle: ((answer: Interpretation | Stopped) => void) | null = null
  let last: Promise<unknown> = Promise.resolve()

  const start = (): EngineProcess => {
    const started = launch("interpreter")
    started.onMessage(message => {
      if (running === started) settle?.(message as Interpretation | Stopped)
    })
    started.onExit(() => {
      if (running !== started) return
      running = null
      // Nothing ends it under a job but a heap that V8 could not keep within its bound.
      settle?.({ kind: "out-of-memory" })
    })
    return started
  }

  const end = () => {
    running?.kill()
    running = null
  }

  const now = (job: InterpretationJob, timeoutMs: number, signal: AbortSignal | undefined) =>
    new Promise<Interpretation | Stopped>((resolve, reject) => {
      if (signal?.aborted) return reject(cancelled())
      clearTimeout(idle)
      const done = () => {
        clearTimeout(timer)
        idle = setTimeout(end, idleMs).unref()
        signal?.removeEventListener("abort", abort)
        settle = null
      }
      const abort = () => {
        done()
        end()
        reject(cancelled())
      }
      const finish = (answer: Interpretation | Stopped) => {
        done()
        resolve(answer)
      }
      // The process is not waited for by this one's exit; this timer is, so a job under way is finished.
      const timer = setTimeout(() => {
        end()
        finish({ kind: "timed-out" })
      }, timeoutMs + graceMs)
      settle = finish
      signal?.addEventListener("abort", abort, { once: true })
      running ??= start()
      running.postMessage({ job, timeoutMs } satisfies InterpreterOrder)
    })

  return (job, timeoutMs, signal) => {
    const turn = last.then(() => now(job, timeoutMs, signal))
    last = turn.catch(() => undefined)
    return turn
  }
}

function cancelled(): EngineFailure {
  return new EngineFailure("cancelled", "the interpretation was cancelled by its caller")
}
