/** Verdicts for the hot path: kept while nothing they rest on changes and nothing expires. Empty at open, never on disk. */
import type { Digest } from "../../shared/digest.ts"
import type { Verdict } from "../../shared/trust.ts"

export const verdictsMax = 100_000

/**
 * What a cached Verdict rests on beside its Mapping. `trust` names policy, root, revocations and whether the clock is believed;
 * `revision` the Attestation set; `timeMs` is the time of reckoning, which never falls behind the Ledger.
 */
export interface CacheKey {
  readonly trust: string
  readonly revision: number
  readonly timeMs: number
}

export interface VerdictCache {
  get(mapping: Digest, key: CacheKey): Verdict | null
  /** It holds while the time of reckoning is below `untilMs`. */
  put(mapping: Digest, key: CacheKey, verdict: Verdict, untilMs: number): void
  clear(): void
}

interface Kept {
  readonly trust: string
  readonly revision: number
  readonly verdict: Verdict
  readonly untilMs: number
}

export function createVerdictCache(entriesMax = verdictsMax): VerdictCache {
  const kept = new Map<Digest, Kept>()
  return {
    get(mapping, key) {
      const one = kept.get(mapping)
      if (one === undefined) return null
      if (one.trust === key.trust && one.revision === key.revision && key.timeMs < one.untilMs) return one.verdict
      kept.delete(mapping)
      return null
    },
    put(mapping, key, verdict, untilMs) {
      kept.delete(mapping)
      kept.set(mapping, { trust: key.trust, revision: key.revision, verdict, untilMs })
      // a Map keeps the order of insertion: the first key is the oldest
      if (kept.size > entriesMax) for (const oldest of kept.keys()) return void kept.delete(oldest)
    },
    clear: () => kept.clear()
  }
}
