/** The queue in front of the runner process, and the runner's life: started when first needed, replaced when it dies. */
import type { Digest } from "../../../shared/digest.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import type { EngineProcess, Launch } from "../ports.ts"
import type { Finished, Job, Program, RunnerReport } from "../sandbox/protocol.ts"

/** Wall-clock allowance beyond a Run's own deadline before the runner itself counts as hung. Milliseconds. */
const runnerGraceMs = 10_000
interface Waiting {
  readonly id: number
  readonly job: Job
  readonly bytes: ReadonlyMap<Digest, Uint8Array>
  readonly finish: (finished: Finished) => void
  readonly refuse: (failure: EngineFailure) => void
  /** Set when a runner died under it: it is repeated once, alone. */
  lost: boolean
  watch: NodeJS.Timeout | null
}

export interface RunnerLine {
  run(job: Job, bytes: ReadonlyMap<Digest, Uint8Array>, signal: AbortSignal | undefined): Promise<Finished>
  close(): Promise<void>
}

/** The queue in front of one runner process, which is started when first needed and replaced when it dies. */
export function openRunnerLine(launch: Launch, workers: number, queueMax: number): RunnerLine {
  let runner: EngineProcess | null = null
  let closed = false
  let nextId = 1
  const queue: Waiting[] = []
  const active = new Map<number, Waiting>()
  let sent = new Set<Digest>()

  const start = (): EngineProcess => {
    const started = launch("runner")
    sent = new Set()
    started.onMessage(message => {
      if (runner === started) receive(message as RunnerReport)
    })
    started.onExit(() => {
      if (runner !== started) return
      runner = null
      bury()
    })
    started.postMessage({ type: "configure", workers })
    return started
  }

  /** The runner died: its Runs are pure, so each is repeated once, alone; the second death is its own. */
  const bury = () => {
    const lost = [...active.values()].sort((left, right) => right.id - left.id)
    active.clear()
    for (const one of lost) {
      if (one.watch) clearTimeout(one.watch)
      if (one.lost) one.finish(dead)
      else {
        one.lost = true
        queue.unshift(one)
      }
    }
    if (!closed) pump()
  }

  const pump = () => {
    while (!closed && queue.length > 0 && active.size < workers) {
      const [next] = queue
      if (!next || (next.lost && active.size > 0) || [...active.values()].some(one => one.lost)) return
      queue.shift()
      active.set(next.id, next)
      send(next, [])
    }
  }

  const send = (one: Waiting, wanted: readonly Digest[]) => {
    runner ??= start()
    const running = runner
    one.watch ??= setTimeout(() => running.kill(), one.job.timeoutMs + runnerGraceMs)
    runner.postMessage({ type: "run", id: one.id, job: withBytes(one, wanted, sent) })
  }

  const receive = (report: RunnerReport) => {
    if (report.type === "ready") return
    const one = active.get(report.id)
    if (!one) return
    if (report.type === "need") return send(one, report.digests)
    active.delete(report.id)
    if (one.watch) clearTimeout(one.watch)
    one.finish(report.finished)
    pump()
  }

  const leave = (one: Waiting) => {
    const position = queue.indexOf(one)
    if (position >= 0) queue.splice(position, 1)
    if (active.delete(one.id)) {
      if (one.watch) clearTimeout(one.watch)
      runner?.postMessage({ type: "cancel", id: one.id })
    }
    pump()
  }

  return {
    run: (job, bytes, signal) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new EngineFailure("engine-stopped", "the Sandbox is closed"))
        if (queue.length >= queueMax)
          return reject(new EngineFailure("queue-full", `${queueMax} Runs are waiting already; try again later`))
        const abort = () => {
          leave(one)
          reject(cancelledFailure())
        }
        const settled = () => signal?.removeEventListener("abort", abort)
        const one: Waiting = {
          id: nextId++,
          job,
          bytes,
          lost: false,
          watch: null,
          finish: finished => {
            settled()
            resolve(finished)
          },
          refuse: failure => {
            settled()
            reject(failure)
          }
        }
        signal?.addEventListener("abort", abort, { once: true })
        queue.push(one)
        pump()
      }),
    close: async () => {
      if (closed) return
      closed = true
      const ended = new EngineFailure("engine-stopped", "the Sandbox was closed while the Run was under way")
      for (const one of [...queue, ...active.values()]) {
        if (one.watch) clearTimeout(one.watch)
        one.refuse(ended)
      }
      queue.length = 0
      active.clear()
      const running = runner
      runner = null
      if (!running) return
      await new Promise<void>(resolve => {
        running.onExit(() => resolve())
        running.kill()
      })
    }
  }
}

const dead: Finished = {
  ending: { kind: "trapped", reason: "the runner died under this Run twice" },
  counters: { fuel: null, memoryPages: null, wallMs: 0, replies: 0 }
}

/** The job with the bytes the runner has not seen, or says it needs. */
function withBytes(one: Waiting, wanted: readonly Digest[], sent: Set<Digest>): Job {
  const filled = (program: Program): Program => {
    const bytes = one.bytes.get(program.digest)
    if (!bytes || (sent.has(program.digest) && !wanted.includes(program.digest))) return program
    sent.add(program.digest)
    return { ...program, bytes }
  }
  const { job } = one
  return job.profile === "linked"
    ? { ...job, module: filled(job.module), runtime: filled(job.runtime) }
    : { ...job, module: filled(job.module) }
}

export function cancelledFailure(): EngineFailure {
  return new EngineFailure("cancelled", "the Run was cancelled by its caller")
}
