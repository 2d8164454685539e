/** Who answers a Request: the cache, and where it cannot, a Generator whose Source is published as any other. */
import type { AnswerOf, CallContext, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { showInterface } from "./core/interface.ts"
import { taskOf } from "./core/task.ts"
import { lookup } from "./lookup.ts"
import type { OpenStore } from "./open-store.ts"
import { publish } from "./publish.ts"
import { run } from "./run.ts"

type Answer = AnswerOf<"delegate">
type Layer = Answer["layers"][number]

/** Sources a Generator may try, each told what was wrong with the one before. */
const triesMax = 3

export async function delegate(input: ParsedOf<"delegate">, store: OpenStore, context: CallContext = {}): Promise<Answer> {
  const { clock } = store.ports
  const layers: Layer[] = []
  const startUs = clock.monotonicUs()
  const asked = await lookup({ request: input.request, ...(input.args === undefined ? {} : { args: input.args }) }, store, context)
  layers.push({
    layer: "l4",
    answered: asked.kind === "hit",
    why: asked.kind === "hit" ? `${asked.tier}, similarity ${asked.similarity.toFixed(4)}` : `${asked.reason}: ${asked.why}`,
    ms: elapsedMs(startUs, store)
  })
  if (asked.kind === "hit")
    return {
      answeredBy: "l4",
      layers,
      digest: asked.digest,
      mapping: asked.mapping,
      verdict: asked.verdict,
      ...(asked.outcome === undefined ? {} : { outcome: asked.outcome })
    }
  return generated(input, layers, store, context)
}

async function generated(input: ParsedOf<"delegate">, layers: Layer[], store: OpenStore, context: CallContext): Promise<Answer> {
  const startUs = store.ports.clock.monotonicUs()
  const layer = store.ports.generator.name
  const done = (answered: boolean, why: string) => layers.push({ layer, answered, why, ms: elapsedMs(startUs, store) })
  const made = await generate(input, store, context)
  if (typeof made === "string") {
    done(false, made)
    return { answeredBy: "nobody", layers }
  }
  const { digest, mapping, verdict } = made
  done(true, `published as ${verdict.state}`)
  const answer: Answer = { answeredBy: "generator", layers, digest, mapping, verdict: verdict.state }
  // What is Pending waits for a reviewer: nothing of it runs here.
  if (verdict.state !== "trusted" || input.args === undefined) return answer
  const { outcome } = await run({ digest, mapping, args: input.args }, store, context)
  return { ...answer, outcome }
}

/** A published answer, or in words why there is none. */
async function generate(input: ParsedOf<"delegate">, store: OpenStore, context: CallContext) {
  const task = taskOf(input.request)
  if (task.kind === "malformed") throw new EngineFailure("wrong-usage", `the request is no Task: ${task.message}`)
  const { text, interface: required } = task.task
  let diagnostics: readonly string[] = []
  for (let attempt = 1; attempt <= triesMax; attempt++) {
    const written = await store.ports.generator.generate({ text, typeText: showInterface(required.text), diagnostics }, context.signal)
    if (written === null) return attempt === 1 ? "it has nothing for this Task" : `it gave up: ${diagnostics.join("; ")}`
    const answer = await publish(
      { request: input.request, source: written.source, examples: [], ...(written.entry === undefined ? {} : { entry: written.entry }) },
      store,
      context
    )
    if (answer.kind === "published") return answer
    diagnostics = [...new Set(complaintsOf(answer))]
  }
  return `none of ${triesMax} Sources was good: ${diagnostics.join("; ")}`
}

function complaintsOf(answer: Exclude<AnswerOf<"publish">, { kind: "published" }>): string[] {
  switch (answer.kind) {
    case "rejected":
      return answer.diagnostics.filter(({ severity }) => severity === "error").map(({ message, span }) => `line ${span.line}: ${message}`)
    case "examples-failed":
      return answer.examples
        .filter(({ passed }) => !passed)
        .map(
          ({ position, args, expected, outcome }) =>
            `Example ${position}: ${args} should give ${expected}, and ended as ${outcome.kind === "returned" ? outcome.value : outcome.kind}`
        )
    case "refused":
      return [`refused as ${answer.outcome.kind}`]
  }
}

function elapsedMs(startUs: number, store: OpenStore): number {
  return (store.ports.clock.monotonicUs() - startUs) / 1_000
}
