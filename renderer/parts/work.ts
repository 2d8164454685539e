/** Long work that outlives the screen it was started on: its progress as the engine tells it, a way to stop it, and how it ended. */
import { create } from "zustand"
import type { VerbName } from "../../shared/engine-contract.ts"
import type { EngineFailure } from "../../shared/failure.ts"
import { engine } from "../engine.ts"

export interface Work {
  readonly id: number
  readonly title: string
  readonly verb: VerbName
  readonly sinceMs: number
  readonly progress: { readonly step: string; readonly done: number; readonly total: number | null } | null
  readonly state: "running" | "stopping" | "done" | "failed"
  /** One line once it has ended. */
  readonly ended: string | null
  readonly failure: EngineFailure | null
  readonly stop: () => void
}

export const useWork = create<{ readonly works: readonly Work[] }>(() => ({ works: [] }))

const askEveryMs = 250
/** What went well is put away after this long; a failure stays until a person does so. */
const doneForMs = 12_000
/** More than this is forgotten, oldest first. */
const keptMax = 5

let last = 0
let timer: ReturnType<typeof setInterval> | undefined

/** Runs `work` and answers what it answers; `told` makes the line that stays. Throws what it throws, `cancelled` where a person stopped it. */
export async function startWork<T>(
  title: string,
  verb: VerbName,
  work: (signal: AbortSignal) => Promise<T>,
  told: (answer: T) => string
): Promise<T> {
  const stopper = new AbortController()
  const id = ++last
  const stop = () => {
    change(id, { state: "stopping" })
    stopper.abort()
  }
  const begun: Work = { id, title, verb, sinceMs: Date.now(), progress: null, state: "running", ended: null, failure: null, stop }
  useWork.setState(({ works }) => ({ works: [...works.slice(-keptMax), begun] }))
  timer ??= setInterval(() => void readProgress(), askEveryMs)
  try {
    const answer = await work(stopper.signal)
    change(id, { state: "done", ended: told(answer) })
    setTimeout(() => forgetWork(id), doneForMs)
    return answer
  } catch (error) {
    const failure = error as EngineFailure
    if (failure.code === "cancelled") forgetWork(id)
    else change(id, { state: "failed", ended: failure.message, failure })
    throw error
  } finally {
    if (!useWork.getState().works.some(isRunning)) {
      clearInterval(timer)
      timer = undefined
    }
  }
}

export function forgetWork(id: number): void {
  useWork.setState(({ works }) => ({ works: works.filter(one => one.id !== id) }))
}

export const isRunning = ({ state }: Work): boolean => state === "running" || state === "stopping"

function change(id: number, what: Partial<Work>): void {
  useWork.setState(({ works }) => ({ works: works.map(one => (one.id === id ? { ...one, ...what } : one)) }))
}

/** The engine tells of all callers; of one verb the newest job is ours, for two of a kind do not run at one time here. */
async function readProgress(): Promise<void> {
  const { jobs } = await engine.jobs({}).catch(() => ({ jobs: [] }))
  for (const work of useWork.getState().works.filter(isRunning)) {
    const job = jobs.filter(({ verb }) => verb === work.verb).at(-1)
    if (job !== undefined) change(work.id, { progress: { step: job.step, done: job.done, total: job.total } })
  }
}
