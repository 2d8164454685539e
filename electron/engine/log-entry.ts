/** What the hit log says of a Run, whichever verb made it. */
import type { Outcome } from "../../shared/run.ts"
import type { HitLogEntry } from "./ports.ts"

export function runEntry(
  outcome: Outcome,
  about: Pick<HitLogEntry, "atMs" | "request" | "module" | "mapping" | "ledgerSequence" | "verdict" | "runUs" | "hitNumber">
): HitLogEntry {
  return {
    ...about,
    kind: "run",
    tier: null,
    missReason: null,
    outcome: outcome.kind,
    category: categoryOf(outcome),
    similarity: 0,
    fuel: outcome.kind === "rejected" ? 0 : (outcome.spent.fuel ?? 0),
    embedUs: 0,
    searchUs: 0,
    fetchUs: 0
  }
}

/** The error's category, or why a Run never started. */
export function categoryOf(outcome: Outcome | null): string | null {
  if (outcome?.kind === "failed") return outcome.category
  return outcome?.kind === "rejected" ? outcome.reason : null
}
