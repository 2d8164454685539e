/** Names for what a hit log speaks of: it holds the position of a Mapping's record, not the Mapping. */
import type { Activity } from "../../shared/activity.ts"
import type { Digest } from "../../shared/digest.ts"
import { isDigest } from "../../shared/digest.ts"
import type { OpenStore } from "./open-store.ts"

/** The Mapping a record published, or null; each record is read once. */
export function mappingFinder(store: OpenStore): (sequence: number) => Digest | null {
  const known = new Map<number, Digest | null>()
  return sequence => {
    const before = known.get(sequence)
    if (before !== undefined) return before
    const body = sequence < 0 || sequence >= store.ports.ledger.size ? null : store.ports.ledger.read(sequence).entry.body
    const mapping = body !== null && isDigest(body.mapping) ? body.mapping : null
    known.set(sequence, mapping)
    return mapping
  }
}

/** Most used first; what is no longer in the store has no name and is left out. */
export function named(
  used: ReadonlyMap<Digest, { readonly hits: number; readonly lastUsedMs: number }>,
  store: OpenStore
): Activity["mostUsed"] {
  return [...used]
    .flatMap(([mapping, { hits, lastUsedMs }]) => {
      const claim = store.trust.claimOf(mapping)?.claim
      return claim === undefined ? [] : [{ digest: claim.module.digest, mapping, task: claim.task.text, hits, lastUsedMs }]
    })
    .sort((left, right) => right.hits - left.hits || right.lastUsedMs - left.lastUsedMs)
}
