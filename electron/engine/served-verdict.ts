/** The Verdict that serving rests on: cached, but asked anew where only bytes on disk spoke against a Mapping, for they may be whole again. */
import type { Digest } from "../../shared/digest.ts"
import type { RuleName, Verdict } from "../../shared/trust.ts"
import type { TrustState } from "./trust-state.ts"

/** Rules that fail where a Blob is damaged or missing. */
const restsOnBlobs: ReadonlySet<RuleName> = new Set<RuleName>([
  "blob-intact",
  "runtime-known",
  "interface-matches",
  "provenance-signed",
  "reproducible",
  "dependencies-sound",
  "capabilities-allowed",
  "tests-passed"
])

export function servedVerdict(mapping: Digest, trust: TrustState): Verdict {
  const cached = trust.cachedVerdict(mapping)
  const failed = cached.rules.filter(({ outcome }) => outcome === "fail")
  if (failed.length === 0 || failed.some(({ rule }) => !restsOnBlobs.has(rule))) return cached
  const fresh = trust.verdict(mapping)
  if (fresh.state !== cached.state) trust.forgetVerdicts()
  return fresh
}
