/** What the cache saved: Hits times what a generation is taken to cost, and which Modules have paid for themselves. */
import type { Worth } from "../../shared/activity.ts"
import { assumptionsDefault } from "../../shared/activity.ts"
import type { ParsedOf } from "../../shared/engine-contract.ts"
import type { OpenStore } from "./open-store.ts"
import { named } from "./used-mappings.ts"

/** What the Hits so far saved, under assumptions that stand in the answer. */
export async function worth(input: ParsedOf<"worth">, store: OpenStore): Promise<Worth> {
  const assumptions = input.assumptions ?? assumptionsDefault
  const perHit = (assumptions.tokensPerGeneration * assumptions.moneyPerMillionTokens) / 1_000_000
  store.usageLog.refresh()
  const totals = store.counters.totals()
  const modules = named(store.counters.all(), store).map(({ lastUsedMs: _, ...one }) => {
    const money = one.hits * perHit
    return { ...one, money, paid: assumptions.moneyPerModule === 0 ? 1 : money / assumptions.moneyPerModule }
  })
  return {
    assumptions,
    hits: totals.hits,
    tokens: totals.hits * assumptions.tokensPerGeneration,
    money: totals.hits * perHit,
    seconds: totals.hits * assumptions.secondsPerGeneration,
    breakEvenHits: perHit === 0 ? null : Math.ceil(assumptions.moneyPerModule / perHit),
    modules: modules.slice(0, input.limit ?? 100),
    paidOff: modules.filter(({ paid }) => paid >= 1).length,
    used: modules.length
  }
}
