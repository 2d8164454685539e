/** Who answers a Request: the layers of results above, then this cache, and where nobody can, a Generator whose Source is published as any other. */
import type { AnswerOf, CallContext, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Task } from "../../shared/lookup.ts"
import { requestDigest, taskOf } from "./core/task.ts"
import type { Flights } from "./flights.ts"
import { createFlights } from "./flights.ts"
import { type Generating, generate } from "./generate.ts"
import { lookup } from "./lookup.ts"
import type { OpenStore } from "./open-store.ts"
import type { LayerQuestion } from "./ports.ts"
import { run } from "./run.ts"

type Answer = AnswerOf<"delegate">
type Asked = Answer["layers"][number]

/** Generations under way, by store: equal Requests are generated once. */
const underWay = new WeakMap<OpenStore, Flights<Generating>>()

export async function delegate(input: ParsedOf<"delegate">, store: OpenStore, context: CallContext = {}): Promise<Answer> {
  const made = taskOf(input.request)
  if (made.kind === "malformed") throw new EngineFailure("wrong-usage", `the request is no Task: ${made.message}`)
  const question: LayerQuestion = { task: made.task, args: input.args ?? null }
  const asked: Asked[] = []
  const value = await fromLayers(question, asked, store, context)
  if (value !== null) return { answeredBy: "layer", layers: asked, value }
  const answer = (await fromCache(input, asked, store, context)) ?? (await fromGenerator(input, made.task, asked, store, context))
  await keepAbove(question, answer, store)
  return answer
}

async function fromLayers(question: LayerQuestion, asked: Asked[], store: OpenStore, context: CallContext): Promise<string | null> {
  for (const layer of store.ports.layers) {
    const startUs = store.ports.clock.monotonicUs()
    const answer = await layer.ask(question, context.signal).catch((error: unknown) => ({
      answered: false as const,
      why: `it failed: ${error instanceof Error ? error.message : String(error)}`
    }))
    asked.push({
      layer: layer.name,
      answered: answer.answered,
      why: answer.answered ? "a result it had kept" : answer.why,
      ms: elapsedMs(startUs, store)
    })
    if (answer.answered) return answer.value
  }
  return null
}

async function fromCache(input: ParsedOf<"delegate">, asked: Asked[], store: OpenStore, context: CallContext): Promise<Answer | null> {
  const startUs = store.ports.clock.monotonicUs()
  const found = await lookup({ request: input.request, ...(input.args === undefined ? {} : { args: input.args }) }, store, context)
  asked.push({
    layer: "l4",
    answered: found.kind === "hit",
    why: found.kind === "hit" ? `${found.tier}, similarity ${found.similarity.toFixed(4)}` : `${found.reason}: ${found.why}`,
    ms: elapsedMs(startUs, store)
  })
  if (found.kind === "miss") return null
  const { digest, mapping, verdict, outcome } = found
  return { answeredBy: "l4", layers: asked, digest, mapping, verdict, ...(outcome === undefined ? {} : { outcome }) }
}

async function fromGenerator(
  input: ParsedOf<"delegate">,
  task: Task,
  asked: Asked[],
  store: OpenStore,
  context: CallContext
): Promise<Answer> {
  const startUs = store.ports.clock.monotonicUs()
  const { value, joined } = await flightsOf(store).fly(
    requestDigest(input.request),
    signal => generate(input.request, task, input.budget ?? {}, store, { ...context, signal }),
    context.signal
  )
  const { published, why } = value
  const generation = { ...value.generation, shared: joined }
  asked.push({ layer: generation.generator, answered: published !== null, why, ms: elapsedMs(startUs, store) })
  if (published === null) return { answeredBy: "nobody", layers: asked, generation }
  const { digest, mapping, verdict } = published
  const answer: Answer = { answeredBy: "generator", layers: asked, digest, mapping, verdict: verdict.state, generation }
  // What is Pending waits for a reviewer: nothing of it runs here.
  if (verdict.state !== "trusted" || input.args === undefined) return answer
  const { outcome } = await run({ digest, mapping, args: input.args }, store, context)
  return { ...answer, outcome }
}

/** A layer that cannot keep a result costs nobody the answer. */
async function keepAbove(question: LayerQuestion, { outcome }: Answer, store: OpenStore): Promise<void> {
  if (outcome?.kind !== "returned") return
  for (const layer of store.ports.layers) await layer.keep?.(question, outcome.value).catch(() => {})
}

function flightsOf(store: OpenStore): Flights<Generating> {
  const known = underWay.get(store)
  if (known !== undefined) return known
  const made = createFlights<Generating>()
  underWay.set(store, made)
  return made
}

function elapsedMs(startUs: number, store: OpenStore): number {
  return (store.ports.clock.monotonicUs() - startUs) / 1_000
}
