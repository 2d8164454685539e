/** What happened over time: Hits, Misses and why, what each step took. Read from the hit logs that are kept. */

import type { Activity, Stretch } from "../../shared/activity.ts"
import type { Digest } from "../../shared/digest.ts"
import type { AnswerOf, ParsedOf } from "../../shared/engine-contract.ts"
import type { OpenStore } from "./open-store.ts"
import type { HitLogEntry } from "./ports.ts"
import { latencyBucket, percentilesOf } from "./usage-counters.ts"
import { mappingFinder, named } from "./used-mappings.ts"

const dayMs = 86_400_000
const stretchesDefault = 48
const listedMax = 20

type Histogram = Map<number, number>

interface Counting {
  hits: number
  misses: number
  runs: number
  readonly latency: Histogram
}

/** What happened between two times, in equal stretches; by default the last day. */
export async function activity(input: ParsedOf<"activity">, store: OpenStore): Promise<AnswerOf<"activity">> {
  const toMs = input.toMs ?? store.ports.clock.nowMs()
  const fromMs = Math.min(input.fromMs ?? toMs - dayMs, toMs - 1)
  const count = input.stretches ?? stretchesDefault
  const stretchMs = (toMs - fromMs) / count
  const stretches = Array.from({ length: count }, (): Counting => ({ hits: 0, misses: 0, runs: 0, latency: new Map() }))
  const totals = { hits: 0, misses: {} as Activity["misses"], tiers: {} as Activity["tiers"], runs: {} as Record<string, number> }
  const steps = {
    embed: new Map() as Histogram,
    search: new Map() as Histogram,
    fetch: new Map() as Histogram,
    run: new Map() as Histogram
  }
  const missed = new Map<Digest, { text: string | null; count: number; reason: NonNullable<HitLogEntry["missReason"]> }>()
  const used = new Map<Digest, { hits: number; lastUsedMs: number }>()
  const mappingAt = mappingFinder(store)
  const latency: Histogram = new Map()
  let oldestMs: number | null = null
  for (const entry of store.ports.hitLog.entries()) {
    oldestMs = Math.min(oldestMs ?? entry.atMs, entry.atMs)
    if (entry.atMs < fromMs || entry.atMs >= toMs || entry.kind === "shadow") continue
    const stretch = stretches[Math.min(count - 1, Math.floor((entry.atMs - fromMs) / stretchMs))] as Counting
    if (entry.kind === "run") {
      stretch.runs++
      if (entry.outcome !== null) totals.runs[entry.outcome] = (totals.runs[entry.outcome] ?? 0) + 1
      note(steps.run, entry.runUs)
      continue
    }
    note(latency, entry.embedUs + entry.searchUs + entry.fetchUs)
    noteSteps(entry, stretch, steps)
    if (entry.kind === "hit") {
      stretch.hits++
      totals.hits++
      if (entry.tier !== null) totals.tiers[entry.tier] = (totals.tiers[entry.tier] ?? 0) + 1
      const mapping = mappingAt(entry.ledgerSequence)
      if (mapping !== null) {
        const before = used.get(mapping) ?? { hits: 0, lastUsedMs: 0 }
        used.set(mapping, { hits: before.hits + 1, lastUsedMs: Math.max(before.lastUsedMs, entry.atMs) })
      }
    } else if (entry.missReason !== null) {
      stretch.misses++
      totals.misses[entry.missReason] = (totals.misses[entry.missReason] ?? 0) + 1
      const before = missed.get(entry.request.digest)
      missed.set(entry.request.digest, { text: entry.request.text, count: (before?.count ?? 0) + 1, reason: entry.missReason })
    }
  }
  return {
    fromMs,
    toMs,
    stretchMs,
    stretches: stretches.map((one, at) => stretchOf(one, fromMs + at * stretchMs, oldestMs)),
    ...totals,
    latency: percentilesOf(latency),
    steps: {
      embed: percentilesOf(steps.embed),
      search: percentilesOf(steps.search),
      fetch: percentilesOf(steps.fetch),
      run: percentilesOf(steps.run)
    },
    missed: [...missed]
      .map(([request, one]) => ({ request, ...one }))
      .sort((left, right) => right.count - left.count)
      .slice(0, listedMax),
    mostUsed: named(used, store).slice(0, listedMax),
    neverUsed: store.trust.mappings().length - used.size,
    feedback: feedbackIn(fromMs, toMs, store)
  }
}

/** Logs of a stretch may be gone: what is older than the oldest entry is not known to be empty. Nothing logged at all is a store not used yet. */
function stretchOf({ hits, misses, runs, latency }: Counting, fromMs: number, oldestMs: number | null): Stretch {
  return { fromMs, hits, misses, runs, latency: percentilesOf(latency), complete: oldestMs === null || fromMs >= oldestMs - dayMs }
}

function noteSteps(entry: HitLogEntry, stretch: Counting, steps: Readonly<Record<"embed" | "search" | "fetch", Histogram>>): void {
  note(stretch.latency, entry.embedUs + entry.searchUs + entry.fetchUs)
  if (entry.embedUs > 0) note(steps.embed, entry.embedUs)
  note(steps.search, entry.searchUs)
  if (entry.kind === "hit") note(steps.fetch, entry.fetchUs)
}

function note(histogram: Histogram, us: number): void {
  const bucket = latencyBucket(us)
  histogram.set(bucket, (histogram.get(bucket) ?? 0) + 1)
}

function feedbackIn(fromMs: number, toMs: number, store: OpenStore): Activity["feedback"] {
  const found = { right: 0, wrong: 0 }
  for (const sequence of store.trust.feedbackSequences()) {
    const { at, body } = store.ports.ledger.read(sequence).entry
    const atMs = Date.parse(at)
    if (atMs >= fromMs && atMs < toMs) found[body.right === true ? "right" : "wrong"]++
  }
  return found
}
