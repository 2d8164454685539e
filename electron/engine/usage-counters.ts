/** Counters of what was served, kept in memory: filled from what the Ledger says of rotated hit logs, and from the logs it does not speak of yet. */
import type { Digest } from "../../shared/digest.ts"
import type { MissReason, Tier } from "../../shared/lookup.ts"
import type { HitLogEntry } from "./ports.ts"

export interface UsageTotals {
  hits: number
  readonly misses: Partial<Record<MissReason, number>>
  /** By Outcome kind. */
  readonly runs: Partial<Record<string, number>>
  readonly tiers: Partial<Record<Tier, number>>
  /** By position of the Mapping's record in the Ledger. */
  readonly byRecord: Map<number, { hits: number; lastUsedMs: number }>
  /** Lookups by the microseconds they took: embedding, search, fetch with Verdict. Keys are those of `latencyBucket`. */
  readonly latency: Map<number, number>
}

/** How often a Mapping answered, and when last. */
export interface Used {
  readonly hits: number
  readonly lastUsedMs: number
}

export interface UsageCounters {
  note(entry: HitLogEntry): void
  totals(): UsageTotals
  /** Of one Mapping, whichever of its records a Hit named: a claim that is published or imported again has several. */
  of(mapping: Digest): Used | null
  /** Every Mapping that answered. */
  all(): ReadonlyMap<Digest, Used>
}

/** `before` counts what was served so far, when it is first asked for. */
export function createUsageCounters(before: () => UsageTotals): Pick<UsageCounters, "note" | "totals"> {
  let totals: UsageTotals | null = null
  return {
    note(entry) {
      if (totals !== null) countEntry(totals, entry)
    },
    totals() {
      totals ??= before()
      return totals
    }
  }
}

export function emptyTotals(): UsageTotals {
  return { hits: 0, misses: {}, runs: {}, tiers: {}, byRecord: new Map(), latency: new Map() }
}

export function countEntry(totals: UsageTotals, entry: HitLogEntry): void {
  // A Miss stands beside it, and is counted.
  if (entry.kind === "shadow") return
  if (entry.kind === "run") {
    if (entry.outcome !== null) totals.runs[entry.outcome] = (totals.runs[entry.outcome] ?? 0) + 1
    return
  }
  const bucket = latencyBucket(entry.embedUs + entry.searchUs + entry.fetchUs)
  totals.latency.set(bucket, (totals.latency.get(bucket) ?? 0) + 1)
  if (entry.kind === "miss") {
    if (entry.missReason !== null) totals.misses[entry.missReason] = (totals.misses[entry.missReason] ?? 0) + 1
    return
  }
  totals.hits++
  if (entry.tier !== null) totals.tiers[entry.tier] = (totals.tiers[entry.tier] ?? 0) + 1
  countHits(totals, entry.ledgerSequence, 1, entry.atMs)
}

export function countHits(totals: UsageTotals, sequence: number, hits: number, lastUsedMs: number): void {
  const used = totals.byRecord.get(sequence) ?? { hits: 0, lastUsedMs: 0 }
  totals.byRecord.set(sequence, { hits: used.hits + hits, lastUsedMs: Math.max(used.lastUsedMs, lastUsedMs) })
}

/** Buckets of a power of two are cut in 16: what is read back is within 1 part in 32. Exact below 16. */
const cuts = 16

export function latencyBucket(us: number): number {
  const whole = Math.max(0, Math.round(us))
  if (whole < cuts) return whole
  const power = Math.floor(Math.log2(whole))
  return (power - 3) * cuts + Math.floor(whole / 2 ** (power - 4)) - cuts
}

/** Microseconds in the middle of a bucket. */
export function latencyOf(bucket: number): number {
  if (bucket < cuts) return bucket
  const width = 2 ** (Math.floor(bucket / cuts) - 1)
  return ((bucket % cuts) + cuts + 0.5) * width
}

/** Nearest rank; zeros where nothing was measured. */
export function percentilesOf(latency: ReadonlyMap<number, number>): { n: number; p50: number; p95: number; p99: number } {
  const sorted = [...latency].sort(([left], [right]) => left - right)
  const n = sorted.reduce((sum, [, count]) => sum + count, 0)
  const at = (share: number) => {
    let left = Math.max(1, Math.ceil(share * n))
    for (const [bucket, count] of sorted) {
      left -= count
      if (left <= 0) return latencyOf(bucket)
    }
    return 0
  }
  return { n, p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}
