/** Long work under way and how far it has come: told to whoever asks, since no door carries progress beside an answer. */
import type { AnswerOf, CallContext, VerbName } from "../../shared/engine-contract.ts"

type Progress = Parameters<NonNullable<CallContext["onProgress"]>>[0]
type Job = AnswerOf<"jobs">["jobs"][number]

export interface Jobs {
  /** The call's own context, which notes its progress here too; `ended` forgets it. A call that tells no progress never shows. */
  watch(verb: VerbName, context: CallContext): { readonly context: CallContext; ended(): void }
  list(): Job[]
}

export function createJobs(nowMs: () => number): Jobs {
  const running = new Map<number, Job>()
  let last = 0
  return {
    list: () => [...running.values()],
    watch(verb, context) {
      let id: number | null = null
      const sinceMs = nowMs()
      const onProgress = (progress: Progress) => {
        id ??= ++last
        running.set(id, { id, verb, sinceMs, ...progress })
        context.onProgress?.(progress)
      }
      return {
        context: { ...context, onProgress },
        ended() {
          if (id !== null) running.delete(id)
        }
      }
    }
  }
}
