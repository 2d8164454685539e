/** One Mapping as a line of a list: what its record says, its Verdict and how often it answered. */
import type { Digest } from "../../shared/digest.ts"
import type { ModuleRow } from "../../shared/engine-contract.ts"
import type { Verdict } from "../../shared/trust.ts"
import { publishedBodyOf } from "./core/published.ts"
import type { OpenStore } from "./open-store.ts"
import { claimedMapping } from "./resolve-digest.ts"

export function rowOf(mapping: Digest, store: OpenStore): ModuleRow {
  const { module, claim, sequence } = claimedMapping(mapping, store.trust)
  const verdict = store.trust.cachedVerdict(mapping)
  const record = store.ports.ledger.read(sequence)
  const body = publishedBodyOf(record)
  return {
    digest: module,
    mapping,
    task: claim.task.text,
    interface: body?.typeText ?? claim.interface.canonical,
    interfaceHash: claim.interface.hash,
    verdict: verdict.state,
    bytes: claim.module.size,
    fuel: body?.fuelProfile ?? 0,
    hits: store.counters.of(mapping)?.hits ?? 0,
    createdMs: Date.parse(record.entry.at),
    unreviewed: isUnreviewed(verdict)
  }
}

/** The Verdict's own note: accepted at first start, or automatically. */
function isUnreviewed(verdict: Verdict): boolean {
  return verdict.notes.some(note => note.includes("no person reviewed"))
}
