/** Publishes the Modules that ship and signs them off with this store's own keys; their Verdicts say that no person reviewed them. */
import type { CallContext } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Example } from "../../shared/module.ts"
import type { Outcome } from "../../shared/run.ts"
import type { OpenStore } from "./open-store.ts"
import type { Refusal } from "./publish.ts"
import { publishUnjudged } from "./publish.ts"
import { signOffAtFirstStart } from "./sign-off.ts"

/** A Module as it ships. */
export interface LibrarySource {
  readonly name: string
  readonly source: string
  readonly description: { readonly task: string; readonly interface?: string | undefined; readonly examples: readonly Example[] }
}

export interface LibraryReport {
  readonly published: number
  readonly failed: readonly { readonly name: string; readonly why: string }[]
}

/** Published at once: while one waits for the disk, another compiles. */
const togetherMax = 4

/** The index follows all of them in one batch at the end. Publishing again what is here already changes nothing. */
export async function publishLibrary(
  items: readonly LibrarySource[],
  store: OpenStore,
  onProgress?: CallContext["onProgress"]
): Promise<LibraryReport> {
  const failed: { name: string; why: string }[] = []
  const sizeBefore = store.ports.ledger.size
  let done = 0
  const waiting = [...items]
  await Promise.all(
    Array.from({ length: togetherMax }, async () => {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
        const why = await publishItem(item, store)
        if (why !== null) failed.push({ name: item.name, why })
        onProgress?.({ step: item.name, done: ++done, total: items.length })
      }
    })
  )
  // what a first start made is under a checkpoint at once: a store put back to before it is then noticed
  if (store.ports.ledger.size > sizeBefore) await store.trust.checkpoint(true)
  await store.settled()
  return { published: items.length - failed.length, failed }
}

/** Null, or in words why it could not be published. A failure of the store itself is thrown. */
async function publishItem({ source, description }: LibrarySource, store: OpenStore): Promise<string | null> {
  const { task, interface: type, examples } = description
  const request = { instruction: task, ...(type === undefined ? {} : { interface: type }) }
  const answer = await publishUnjudged({ request, source, examples: [...examples] }, store)
  if (answer.kind !== "stored") return complaintOf(answer)
  if (!answer.already || store.trust.cachedVerdict(answer.mapping).state === "pending")
    await signOffAtFirstStart(answer.mapping, store.trust)
  const { state, rules } = store.trust.cachedVerdict(answer.mapping)
  return state === "trusted"
    ? null
    : `${state}: ${rules.flatMap(rule => (rule.outcome === "fail" || rule.outcome === "missing" ? [`${rule.rule} (${rule.why})`] : [])).join(", ")}`
}

function complaintOf(answer: Refusal): string {
  switch (answer.kind) {
    case "rejected": {
      const first = answer.diagnostics.find(({ severity }) => severity === "error")
      return first === undefined ? "rejected" : `line ${first.span.line}, column ${first.span.column}: ${first.message}`
    }
    case "examples-failed": {
      const first = answer.examples.find(({ passed }) => !passed)
      if (first === undefined) throw new EngineFailure("internal", "Examples failed without one that did")
      return `Example ${first.position}: ${first.args} should give ${first.expected}, and ended as ${endOf(first.outcome)}`
    }
    case "refused":
      return `refused as ${answer.outcome.kind}`
  }
}

function endOf(outcome: Outcome): string {
  if (outcome.kind === "returned") return outcome.value
  return outcome.kind === "failed" ? `${outcome.category}: ${outcome.message}` : outcome.kind
}
