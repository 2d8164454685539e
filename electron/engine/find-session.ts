/** Finds whose rows are fetched as they come: nothing runs ahead of whoever asks, so that a reader who stops stops the work. */
import type { AnswerOf, CallContext, ModuleRow, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Finder } from "./find.ts"
import type { FindState, FindSteps } from "./find-terms.ts"
import type { Clock } from "./ports.ts"

/** Finds open at once; the one asked longest ago makes room. */
const searchesMax = 16
const idleMsMax = 60_000
/** How long one `findNext` gathers what comes, milliseconds of a clock that does not jump: at most about ten answers a second. */
const gatherMs = 100

export interface FindSessions {
  start(input: ParsedOf<"findStart">): Promise<AnswerOf<"findStart">>
  next(input: ParsedOf<"findNext">, context?: CallContext): Promise<AnswerOf<"findNext">>
}

interface Session {
  readonly state: FindState
  readonly steps: FindSteps
  readonly stop: AbortController
  /** The call before: two of one search take turns. */
  turn: Promise<unknown>
  done: boolean
  askedMs: number
}

export function createFindSessions(finder: Finder, clock: Clock): FindSessions {
  const sessions = new Map<string, Session>()

  async function end(search: string, session: Session): Promise<void> {
    sessions.delete(search)
    session.done = true
    session.stop.abort()
    await session.steps.return().catch(() => undefined)
  }

  async function makeRoom(): Promise<void> {
    const nowMs = clock.nowMs()
    const oldest = [...sessions].sort(([, left], [, right]) => left.askedMs - right.askedMs)
    const old = oldest.filter(([, session]) => nowMs - session.askedMs > idleMsMax)
    for (const [search, session] of old.length > 0 ? old : oldest.slice(0, Math.max(0, oldest.length - searchesMax + 1)))
      await end(search, session)
  }

  async function gather(search: string, session: Session, signal: AbortSignal | undefined): Promise<AnswerOf<"findNext">> {
    const cancel = () => session.stop.abort()
    if (signal?.aborted === true) cancel()
    signal?.addEventListener("abort", cancel, { once: true })
    const startUs = clock.monotonicUs()
    const fresh = new Map<string, ModuleRow>()
    try {
      while (!session.done && clock.monotonicUs() - startUs < gatherMs * 1_000) {
        const step = await session.steps.next()
        session.done = step.done === true
        for (const row of step.value ?? []) fresh.set(row.mapping, row)
      }
    } catch (error) {
      await end(search, session)
      throw error
    } finally {
      signal?.removeEventListener("abort", cancel)
    }
    if (session.done) sessions.delete(search)
    return answerOf(session, [...fresh.values()])
  }

  return {
    async start(input) {
      await makeRoom()
      const stop = new AbortController()
      const search = crypto.randomUUID()
      sessions.set(search, { ...finder.begin(input, stop.signal), stop, turn: Promise.resolve(), done: false, askedMs: clock.nowMs() })
      return { search }
    },
    async next({ search, end: isEnd }, { signal } = {}) {
      const session = sessions.get(search)
      if (session === undefined)
        throw new EngineFailure("wrong-usage", "this search is not open: it ended, was given up, or was not asked for a minute", { search })
      session.askedMs = clock.nowMs()
      if (isEnd === true) {
        await end(search, session)
        return answerOf(session, [])
      }
      const turn = session.turn.then(() => gather(search, session, signal))
      session.turn = turn.catch(() => undefined)
      return turn
    }
  }
}

function answerOf({ state, done }: Session, fresh: readonly ModuleRow[]): AnswerOf<"findNext"> {
  const { rows, order, considered, tried, skipped, skippedInAll, notes } = state
  // A row may have changed again, or fallen behind the limit, since it was handed out.
  const kept = fresh.flatMap(row => rows.get(row.mapping) ?? [])
  return { rows: kept, order: [...order], done, considered, tried, skipped: [...skipped], skippedInAll, notes: [...notes] }
}
