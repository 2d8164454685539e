/** How a Source comes to be where the cache has none: asked for, compiled, its Examples run, sent back with what was wrong, and published as any other. */
import type { Digest } from "../../shared/digest.ts"
import type { AnswerOf, CallContext } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Attempt, Budget, Generation } from "../../shared/generation.ts"
import { budgetDefault } from "../../shared/generation.ts"
import type { Request, Task } from "../../shared/lookup.ts"
import { showInterface } from "./core/interface.ts"
import { find } from "./find.ts"
import type { OpenStore } from "./open-store.ts"
import type { Refusal } from "./publish.ts"
import { publish } from "./publish.ts"
import { textOf } from "./show.ts"

type Published = Extract<AnswerOf<"publish">, { kind: "published" }>

export interface Generating {
  /** Null where no Source was good; `why` says what stood in the way. */
  readonly published: Published | null
  readonly why: string
  readonly generation: Generation
}

/** Trusted Modules a generator is shown. */
const nearMax = 3

/** Never throws for what a generator does: a budget that is used up, a hang or garbage end it with a reason. Throws what publishing throws. */
export async function generate(
  request: Request,
  task: Task,
  budget: Budget,
  store: OpenStore,
  context: CallContext = {}
): Promise<Generating> {
  const { generator, clock } = store.ports
  const attemptsMax = budget.attempts ?? budgetDefault.attempts
  const secondsMax = budget.seconds ?? budgetDefault.seconds
  const late = AbortSignal.timeout(secondsMax * 1_000)
  const signal = context.signal === undefined ? late : AbortSignal.any([context.signal, late])
  const startUs = clock.monotonicUs()
  const attempts: Attempt[] = []
  const elapsedMs = (sinceUs: number) => (clock.monotonicUs() - sinceUs) / 1_000
  const used = () => attempts.reduce((sum, { tokens }) => sum + tokens, 0)
  const done = (published: Published | null, why: string): Generating => ({
    published,
    why,
    generation: { generator: generator.name, attempts: [...attempts], tokens: used(), ms: elapsedMs(startUs), shared: false }
  })
  const near = await nearOf(task, store, context)
  while (attempts.length < attemptsMax) {
    const tokensMax = (budget.tokens ?? Number.POSITIVE_INFINITY) - used()
    if (tokensMax <= 0) return done(null, `the budget of ${budget.tokens} tokens is used up: ${lastOf(attempts)}`)
    const attemptUs = clock.monotonicUs()
    try {
      const asked = { text: task.text, typeText: showInterface(task.interface.text), examples: task.examples, near, attempts, tokensMax }
      const written = await unlessLate(generator.generate(asked, signal), signal)
      if (written === null) return done(null, attempts.length === 0 ? "it has nothing for this Task" : `it gave up: ${lastOf(attempts)}`)
      const { source, tokens, entry } = written
      const answer = await publish(
        { request, source, examples: [], ...(entry === undefined ? {} : { entry }) },
        store,
        context.signal === undefined ? {} : { signal: context.signal }
      )
      const complaints = answer.kind === "published" ? [] : [...new Set(complaintsOf(answer))]
      attempts.push({ source, complaints, tokens, ms: elapsedMs(attemptUs) })
      if (answer.kind === "published") return done(answer, `published as ${answer.verdict.state}`)
    } catch (error) {
      if (context.signal?.aborted === true) throw new EngineFailure("cancelled", "the caller cancelled", {}, { cause: error })
      if (late.aborted) return done(null, `the budget of ${secondsMax} seconds is used up: ${lastOf(attempts)}`)
      if (!(error instanceof EngineFailure) || error.code !== "generator-failed") throw error
      return done(null, attempts.length === 0 ? error.message : `${error.message}; before that: ${lastOf(attempts)}`)
    }
  }
  return done(null, `none of ${attemptsMax} Sources was good: ${lastOf(attempts)}`)
}

/** A generator that does not listen to its signal is not waited for. */
function unlessLate<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new EngineFailure("cancelled", "the generator was not waited for any longer"))
    if (signal.aborted) stop()
    signal.addEventListener("abort", stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop))
  })
}

function lastOf(attempts: readonly Attempt[]): string {
  return attempts.at(-1)?.complaints.join("; ") ?? "no Source was written"
}

/** What exists already is help, not a need: without it the generator is asked all the same. */
async function nearOf(task: Task, store: OpenStore, context: CallContext): Promise<{ task: string; typeText: string; source: string }[]> {
  const { rows } = await find({ words: task.text, verdict: "trusted", limit: nearMax }, store, context).catch(() => ({ rows: [] }))
  return rows.flatMap(row => {
    const source = sourceOf(row.mapping, store)
    return source === null ? [] : [{ task: row.task, typeText: row.interface, source }]
  })
}

function sourceOf(mapping: Digest, store: OpenStore): string | null {
  const source = store.trust.claimOf(mapping)?.claim.source
  return source === undefined || source === null ? null : textOf(source.digest, store)
}

function complaintsOf(answer: Refusal): string[] {
  switch (answer.kind) {
    case "rejected":
      return answer.diagnostics.filter(({ severity }) => severity === "error").map(({ message, span }) => `line ${span.line}: ${message}`)
    case "examples-failed":
      return answer.examples
        .filter(({ passed }) => !passed)
        .map(
          ({ position, args, expected, outcome }) =>
            `Example ${position}: ${args} should give ${expected}, and ended as ${outcome.kind === "returned" ? outcome.value : outcome.kind === "failed" ? `${outcome.category}: ${outcome.message}` : outcome.kind}`
        )
    case "refused":
      return [`refused as ${answer.outcome.kind}`]
  }
}
