/** Long work that lets other work have its turn, says how far it is, and stops when it is asked to. */
import type { CallContext } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"

/** Longest stretch of work before other work gets its turn, milliseconds. */
const sliceMs = 10
/** The contract promises at most 10 reports a second. */
const reportEveryMs = 100

export type Step = (name: string, done: number, total: number | null) => Promise<void>

/** Each call may pause, and throws `cancelled` with these words once the caller has cancelled. */
export function stepper({ signal, onProgress }: CallContext, cancelled: string, nowMs: () => number = () => performance.now()): Step {
  let turn = nowMs()
  let told = Number.NEGATIVE_INFINITY
  let last = ""
  const stopWhereAsked = () => {
    if (signal?.aborted) throw new EngineFailure("cancelled", cancelled)
  }
  return async (name, done, total) => {
    stopWhereAsked()
    const now = nowMs()
    if (name !== last || now - told >= reportEveryMs) {
      onProgress?.({ step: name, done, total })
      told = now
      last = name
    }
    if (now - turn < sliceMs) return
    await nextTurn()
    turn = nowMs()
    stopWhereAsked()
  }
}

export function nextTurn(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 0))
}
