/** Counters of what was served, kept in memory and filled from the hit logs when first asked for. */
import type { MissReason, Tier } from "../../shared/lookup.ts"
import type { HitLog, HitLogEntry } from "./ports.ts"

/** Latencies kept for percentiles: the newest ones. */
const latenciesMax = 100_000

export interface UsageTotals {
  hits: number
  readonly misses: Partial<Record<MissReason, number>>
  /** By Outcome kind. */
  readonly runs: Partial<Record<string, number>>
  readonly tiers: Partial<Record<Tier, number>>
  /** By position of the Mapping's record in the Ledger. */
  readonly byRecord: Map<number, { hits: number; lastUsedMs: number }>
  /** Microseconds of a Lookup: embedding, search, fetch with Verdict. */
  readonly latenciesUs: number[]
}

export interface UsageCounters {
  note(entry: HitLogEntry): void
  totals(): UsageTotals
}

export function createUsageCounters(hitLog: HitLog): UsageCounters {
  let totals: UsageTotals | null = null
  return {
    note(entry) {
      if (totals !== null) count(totals, entry)
    },
    totals() {
      if (totals !== null) return totals
      totals = { hits: 0, misses: {}, runs: {}, tiers: {}, byRecord: new Map(), latenciesUs: [] }
      for (const entry of hitLog.entries()) count(totals, entry)
      return totals
    }
  }
}

function count(totals: UsageTotals, entry: HitLogEntry): void {
  if (entry.kind === "run") {
    if (entry.outcome !== null) totals.runs[entry.outcome] = (totals.runs[entry.outcome] ?? 0) + 1
    return
  }
  if (totals.latenciesUs.length >= latenciesMax) totals.latenciesUs.splice(0, latenciesMax / 10)
  totals.latenciesUs.push(entry.embedUs + entry.searchUs + entry.fetchUs)
  if (entry.kind === "miss") {
    if (entry.missReason !== null) totals.misses[entry.missReason] = (totals.misses[entry.missReason] ?? 0) + 1
    return
  }
  totals.hits++
  if (entry.tier !== null) totals.tiers[entry.tier] = (totals.tiers[entry.tier] ?? 0) + 1
  const used = totals.byRecord.get(entry.ledgerSequence) ?? { hits: 0, lastUsedMs: 0 }
  totals.byRecord.set(entry.ledgerSequence, { hits: used.hits + 1, lastUsedMs: Math.max(used.lastUsedMs, entry.atMs) })
}
