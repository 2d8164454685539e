/** One question to the engine at a time: its state, its answer, its failure; older answers are dropped. */
import type { EngineFailure } from "../../shared/failure.ts"

export type Asked<T> =
  | { readonly state: "idle" }
  | { readonly state: "loading" }
  | { readonly state: "done"; readonly answer: T }
  | { readonly state: "failed"; readonly failure: EngineFailure }

export const idle: Asked<never> = { state: "idle" }

/** A function that asks and tells each change; a new question cancels the one before, and null only cancels. */
export function createAsker<T>(tell: (asked: Asked<T>) => void): (question: ((signal: AbortSignal) => Promise<T>) | null) => Promise<void> {
  let current: AbortController | null = null
  return async question => {
    current?.abort()
    const own = new AbortController()
    current = own
    if (question === null) return tell(idle)
    tell({ state: "loading" })
    try {
      const answer = await question(own.signal)
      if (current === own) tell({ state: "done", answer })
    } catch (failure) {
      if (current === own) tell({ state: "failed", failure: failure as EngineFailure })
    }
  }
}
