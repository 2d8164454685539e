/** Which Blobs the Ledger names: what no sweep may remove, and what an Audit demands to be there. */
import { type Digest, hexOf, isDigest } from "../../shared/digest.ts"
import type { LedgerRecord } from "../../shared/ledger.ts"
import { isObject } from "./core/dsse.ts"
import type { Ledger } from "./ports.ts"

export interface NamedBlobs {
  has(digest: Digest): boolean
  /** Takes in what was appended since; nothing else runs meanwhile. */
  catchUp(): void
}

/** A group that has no closer: where it begins, and how many records it holds. */
export interface OpenGroup {
  readonly first: number
  readonly records: number
}

export interface BlobWalk {
  readonly named: NamedBlobs
  /** Groups that anything else follows: ignored for ever. */
  readonly deadGroups: readonly OpenGroup[]
}

/** Digests that one record names: the Blobs of a publication, and the list of an import or export. */
export function blobsNamedBy({ entry }: LedgerRecord): Digest[] {
  const { body, kind } = entry
  if (kind === "imported" || kind === "exported") return [body.list].filter(isDigest)
  if (kind !== "published") return []
  const named = isObject(body.blobs) ? Object.values(body.blobs) : []
  const claim = isObject(body.claim) ? body.claim : {}
  const claimed = [claim.module, claim.source, claim.examples, claim.runtime].map(part => (isObject(part) ? part.digest : null))
  return [...new Set([...named, ...claimed].filter(isDigest))]
}

/**
 * Reads the whole Ledger, in slices. Not named are the Blobs of a group without a closer that something follows, and those of a Mapping that was
 * evicted with its Blobs and not published again since. `seen` meets every record that counts. Throws what reading a damaged record throws.
 */
export async function walkBlobs(
  ledger: Ledger,
  pause: (done: number) => Promise<void>,
  seen: (record: LedgerRecord) => void = () => {}
): Promise<BlobWalk> {
  /** First 52 bits of each Digest: a million Mappings fit, and two that share them only keep a Blob that could go. */
  const counts = new Map<number, number>()
  /** Mappings evicted with their Blobs, by the position of the newest such record. */
  const dropped = new Map<Digest, number>()
  const deadGroups: OpenGroup[] = []
  let group: { readonly number: number; readonly first: number; records: number; readonly named: Digest[] } | null = null
  let next = 0

  for (; next < ledger.size; next++) {
    await pause(next)
    take(ledger.read(next))
  }
  if (dropped.size > 0) await forgetDropped()
  return {
    deadGroups,
    named: {
      has: digest => counts.has(keyOf(digest)),
      catchUp() {
        for (; next < ledger.size; next++) take(ledger.read(next))
      }
    }
  }

  function take(record: LedgerRecord): void {
    const { entry } = record
    if (group !== null && entry.group !== group.number) {
      for (const digest of group.named) count(keyOf(digest), -1)
      deadGroups.push({ first: group.first, records: group.records })
      group = null
    }
    // A group that is still being written counts: its Blobs are there before its closer is.
    countAll(record, 1)
    seen(record)
    if (entry.kind === "evicted" && entry.body.blobs === true && isDigest(entry.body.mapping))
      dropped.set(entry.body.mapping, entry.sequence)
    if (entry.group === undefined) return
    group ??= { number: entry.group, first: entry.sequence, records: 0, named: [] }
    group.records++
    group.named.push(...blobsNamedBy(record))
    if (entry.kind === "imported") group = null
  }

  /** What was published before its eviction names nothing any more. */
  async function forgetDropped(): Promise<void> {
    const end = next
    for (let sequence = 0; sequence < end; sequence++) {
      await pause(sequence)
      const record = ledger.read(sequence)
      const { mapping } = record.entry.body
      if (record.entry.kind !== "published" || !isDigest(mapping) || isDead(sequence)) continue
      if (sequence < (dropped.get(mapping) ?? -1)) countAll(record, -1)
    }
  }

  function isDead(sequence: number): boolean {
    return deadGroups.some(({ first, records }) => sequence >= first && sequence < first + records)
  }

  function countAll(record: LedgerRecord, by: number): void {
    for (const digest of blobsNamedBy(record)) count(keyOf(digest), by)
  }

  function count(key: number, by: number): void {
    const left = (counts.get(key) ?? 0) + by
    if (left > 0) counts.set(key, left)
    else counts.delete(key)
  }
}

function keyOf(digest: Digest): number {
  return Number.parseInt(hexOf(digest).slice(0, 13), 16)
}
