/** What was served, refused or run, one by one: for accounts, exports and the question why something was a Hit. */
import type { Served } from "../../shared/activity.ts"
import type { Digest } from "../../shared/digest.ts"
import type { AnswerOf, ParsedOf } from "../../shared/engine-contract.ts"
import type { OpenStore } from "./open-store.ts"
import type { NumberedEntry } from "./ports.ts"
import { mappingFinder } from "./used-mappings.ts"

/** A page of what was served, newest first. `next` goes on where this page ended. */
export async function hits(input: ParsedOf<"hits">, store: OpenStore): Promise<AnswerOf<"hits">> {
  const limit = input.limit ?? 100
  const skip = input.cursor ?? 0
  // The newest ones that fit, in a ring: a log may be long, a page is not.
  const kept: Served[] = []
  let total = 0
  const mappingAt = mappingFinder(store)
  for (const file of store.ports.hitLog.files())
    for (const entry of store.ports.hitLog.entriesOf(file)) {
      if (input.sinceMs !== undefined && entry.atMs < input.sinceMs) continue
      const mapping = mappingAt(entry.ledgerSequence)
      if (input.mapping !== undefined && mapping !== input.mapping) continue
      if (input.kind !== undefined && entry.kind !== input.kind) continue
      total++
      kept.push(servedOf(file.id, entry, mapping))
      if (kept.length > 4 * (skip + limit)) trim(kept, skip + limit)
    }
  trim(kept, skip + limit)
  const entries = kept.slice(skip, skip + limit)
  return { entries, total, next: skip + entries.length < total ? skip + entries.length : null }
}

function trim(kept: Served[], size: number): void {
  kept.sort((left, right) => right.atMs - left.atMs || numberOf(right) - numberOf(left))
  kept.length = Math.min(kept.length, size)
}

const numberOf = ({ hit }: Served): number => Number(hit.slice(hit.indexOf(":") + 1))

function servedOf(log: string, entry: NumberedEntry, mapping: Digest | null): Served {
  const { kind, atMs, request, module, verdict, tier, missReason, similarity, outcome, category, fuel } = entry
  const { embedUs, searchUs, fetchUs, runUs } = entry
  return {
    hit: `${log}:${entry.number}`,
    atMs,
    kind,
    request: request.digest,
    text: request.text,
    module,
    mapping,
    verdict,
    tier,
    missReason,
    similarity,
    outcome,
    category,
    fuel,
    embedUs,
    searchUs,
    fetchUs,
    runUs
  }
}
