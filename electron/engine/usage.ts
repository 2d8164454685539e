/** What the cache has done and how large it is. */
import type { AnswerOf, ParsedOf } from "../../shared/engine-contract.ts"
import type { OpenStore } from "./open-store.ts"
import { percentilesOf } from "./usage-counters.ts"
import { inSlices } from "./verdict-sweep.ts"

const mostUsedMax = 20

export async function usage(_input: ParsedOf<"usage">, store: OpenStore): Promise<AnswerOf<"usage">> {
  store.usageLog.refresh()
  const totals = store.counters.totals()
  const mappings = store.trust.mappings()
  const states = { trusted: 0, pending: 0, untrusted: 0 }
  const modules = new Set<string>()
  for (const state of await inSlices(mappings, mapping => store.trust.cachedVerdict(mapping).state, store)) states[state]++
  for (const mapping of mappings) {
    const held = store.trust.claimOf(mapping)
    if (held === null) continue
    modules.add(held.claim.module.digest)
  }
  const live = new Set(mappings)
  const used = [...store.counters.all()].flatMap(([mapping, { hits, lastUsedMs }]) => {
    const claim = live.has(mapping) ? store.trust.claimOf(mapping)?.claim : undefined
    return claim === undefined ? [] : [{ digest: claim.module.digest, mapping, task: claim.task.text, hits, lastUsedMs }]
  })
  return {
    mappings: mappings.length,
    modules: modules.size,
    ...states,
    ledgerRecords: store.ports.ledger.size,
    bytes: store.sizes(),
    lookups: {
      hits: totals.hits,
      misses: { ...totals.misses } as Record<string, number>,
      runs: { ...totals.runs } as Record<string, number>,
      tiers: { "exact-text": 0, similar: 0, verified: 0, ...totals.tiers },
      totalUs: percentilesOf(totals.latency)
    },
    mostUsed: used.sort((left, right) => right.hits - left.hits || right.lastUsedMs - left.lastUsedMs).slice(0, mostUsedMax)
  }
}
