/** One question to the cache and what came of it. */
import type { Case, Query } from "./_eval-data.ts"
import { casesOf, tellingFirst } from "./_eval-data.ts"
import type { EvalStore, Published } from "./_eval-store.ts"

export interface Asked {
  readonly query: Query
  readonly tier: string | null
  /** Null: a Miss. */
  readonly served: "right" | "wrong" | null
  readonly reason: string | null
  readonly ms: number
  /** Cosine of the nearest Mapping of the Interface, and whether that is the right one; null where there is none. */
  readonly nearest: { readonly similarity: number; readonly right: boolean } | null
  /** What the verified tier would have served, where it was closed. */
  readonly shadow: { readonly support: number; readonly right: boolean } | null
}

export interface AskOptions {
  readonly examples: number
  readonly leftOut?: boolean
  /** The Example is the first call of the check that says something, not the first of all. */
  readonly telling?: boolean
  readonly falseHitMax?: number
  readonly similarityMin?: number
}

export function itemOf(query: Query, store: EvalStore): Published {
  const item = store.items.find(({ name, origin }) => name === query.task || origin === query.task)
  if (item === undefined) throw new Error(`no Module answers ${query.task}`)
  return item
}

export async function ask(query: Query, store: EvalStore, options: AskOptions): Promise<Asked> {
  const item = itemOf(query, store)
  const cases = casesOf(item)
  const examples = (options.telling === true ? tellingFirst(cases) : cases).slice(0, options.examples).map(plain)
  const start = performance.now()
  const answer = await store.ask(
    {
      request: { instruction: query.words, interface: item.interface, ...(examples.length === 0 ? {} : { examples }) },
      ...(options.falseHitMax === undefined ? {} : { falseHitMax: options.falseHitMax }),
      ...(options.similarityMin === undefined ? {} : { similarityMin: options.similarityMin })
    },
    options.leftOut === true ? item.module : undefined
  )
  const ms = performance.now() - start
  const verdict = (module: string) => (module === item.module ? "right" : "wrong")
  if (answer.kind === "hit") {
    const nearest = { similarity: answer.similarity, right: answer.digest === item.module }
    return { query, tier: answer.tier, served: verdict(answer.digest), reason: null, ms, nearest, shadow: null }
  }
  const [first] = answer.candidates.toSorted((left, right) => right.similarity - left.similarity)
  return {
    query,
    tier: null,
    served: null,
    reason: answer.reason,
    ms,
    nearest: first === undefined ? null : { similarity: first.similarity, right: first.module === item.module },
    shadow: answer.shadow === undefined ? null : { support: answer.shadow.support, right: answer.shadow.module === item.module }
  }
}

export function plain({ args, result }: Case): { args: string; result: string } {
  return { args, result }
}
