/** Which Ledger records count when something is derived: an import's group counts as a whole, once its closer is there. */
import type { LedgerRecord } from "../../../shared/ledger.ts"
import type { Ledger } from "../ports.ts"

/**
 * Live records from `from` on, each with the position up to which everything has been seen. Stops before a group that
 * is still open at the end of the Ledger; a group that anything else follows without its closer is dead and left out.
 * The parts of a record outside a group are not held against their Digests (`Ledger.stream`).
 */
export function* liveRecords(ledger: Ledger, from: number, transient?: "transient"): Iterable<LedgerRecord> {
  let next = from
  while (next < ledger.size) {
    let group: number | undefined
    for (const record of ledger.stream(next, transient)) {
      group = record.entry.group
      if (group !== undefined) break
      yield record
      next = record.entry.sequence + 1
    }
    if (group === undefined) continue
    const members = membersOf(ledger, next, group)
    if (members.state === "open") return
    // read again one by one: a group may be too large to hold
    if (members.state === "closed") for (let at = next; at < members.end; at++) yield ledger.read(at)
    next = members.end
  }
}

function membersOf(ledger: Ledger, first: number, group: number): { readonly state: "open" | "closed" | "dead"; readonly end: number } {
  for (let sequence = first; sequence < ledger.size; sequence++) {
    const { entry } = ledger.read(sequence)
    if (entry.group !== group) return { state: "dead", end: sequence }
    if (entry.kind === "imported") return { state: "closed", end: sequence + 1 }
  }
  return { state: "open", end: ledger.size }
}
