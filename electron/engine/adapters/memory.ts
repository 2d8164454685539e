/** Ports held in memory: for looking into a Bundle, for a machine without LanceDB, and as the plain answer the contract suites compare with. */
import type { Digest } from "../../../shared/digest.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import type { LedgerDraft, LedgerEntry, LedgerRecord } from "../../../shared/ledger.ts"
import type { ModuleRecord } from "../../../shared/module.ts"
import { sizeLimits } from "../../../shared/module.ts"
import { merkleRoot } from "../core/merkle.ts"
import { indexChangesOf } from "../core/published.ts"
import { cosine, isNear } from "../core/ranking.ts"
import type { BlobStore, HitLog, HitLogEntry, Ledger, ModuleIndex, Neighbour } from "../ports.ts"
import { digestOfBytes, entryBytesOf, frameOf, leafOf, recordBytesMax } from "./ledger-frame.ts"

export function createMemoryBlobStore(nowMs: () => number = () => 0): BlobStore {
  const blobs = new Map<Digest, { readonly bytes: Uint8Array; readonly modifiedMs: number }>()
  return {
    async put(all) {
      for (const { length } of all) {
        if (length > sizeLimits.blobBytesMax)
          throw new EngineFailure("limit-exceeded", `a Blob of ${length} bytes is too large: at most ${sizeLimits.blobBytesMax} are stored`)
      }
      return all.map(bytes => {
        const digest = digestOfBytes(bytes)
        blobs.set(digest, { bytes: blobs.get(digest)?.bytes ?? bytes.slice(), modifiedMs: nowMs() })
        return digest
      })
    },
    get: digest => blobs.get(digest)?.bytes.slice() ?? null,
    has: digest => blobs.has(digest),
    async *list() {
      for (const [digest, { bytes, modifiedMs }] of blobs) yield { digest, bytes: bytes.length, modifiedMs }
    },
    async strays() {
      return []
    },
    async delete(digest, untouchedSinceMs) {
      const found = blobs.get(digest)
      if (untouchedSinceMs !== undefined && found !== undefined && found.modifiedMs > untouchedSinceMs) return false
      return blobs.delete(digest)
    },
    async sweepTemporary() {
      return 0
    }
  }
}

export function createMemoryLedger(nowMs: () => number = Date.now): Ledger {
  const records: LedgerRecord[] = []
  const bytes: Uint8Array[] = []
  let head = "0".repeat(64)

  const appendAll = async (drafts: readonly LedgerDraft[]): Promise<LedgerEntry[]> => {
    const made: LedgerRecord[] = []
    let chain = head
    for (const draft of drafts) {
      const entry: LedgerEntry = {
        sequence: records.length + made.length,
        previous: chain,
        kind: draft.kind,
        at: new Date(nowMs()).toISOString(),
        ...(draft.group === undefined ? {} : { group: draft.group }),
        body: draft.body,
        parts: draft.parts.map(part => ({ kind: part.kind, digest: digestOfBytes(part.bytes), length: part.bytes.length }))
      }
      const parts = draft.parts.map(part => part.bytes.slice())
      const entryBytes = entryBytesOf(entry)
      const size = frameOf(entryBytes, parts).length - 8
      if (size > recordBytesMax)
        throw new EngineFailure("limit-exceeded", `a record of ${size} bytes is too large for the ledger: at most ${recordBytesMax}`)
      chain = leafOf(entryBytes)
      made.push({ entry, parts })
    }
    for (const record of made) {
      records.push(record)
      bytes.push(entryBytesOf(record.entry))
    }
    head = chain
    return made.map(record => record.entry)
  }
  const read = (sequence: number): LedgerRecord => {
    const record = records[sequence]
    if (record === undefined)
      throw new EngineFailure("wrong-usage", `the ledger has ${records.length} records, there is none at ${sequence}`)
    return record
  }

  return {
    get size() {
      return records.length
    },
    get head() {
      return head
    },
    appendAll,
    append: async draft => (await appendAll([draft]))[0] as LedgerEntry,
    read,
    entryBytes(sequence) {
      read(sequence)
      return (bytes[sequence] as Uint8Array).slice()
    },
    *records(from) {
      for (let sequence = from; sequence < records.length; sequence++) yield read(sequence)
    },
    *stream(from) {
      for (let sequence = from; sequence < records.length; sequence++) yield read(sequence)
    },
    rootAt: (size = records.length) => merkleRoot(bytes.slice(0, size).map(entry => new Uint8Array(Buffer.from(leafOf(entry), "hex")))),
    leaves: (size = records.length) => bytes.slice(0, size).map(entry => new Uint8Array(Buffer.from(leafOf(entry), "hex"))),
    refresh: () => records.length,
    async close() {}
  }
}

/** Exact, by looking at every Mapping of an Interface. */
export function createMemoryIndex(): ModuleIndex {
  const rows = new Map<Digest, ModuleRecord>()
  const usage = new Map<Digest, { readonly mapping: Digest; readonly hits: number; readonly lastUsedMs: number }>()
  let applied = -1
  const newestFirst = (found: Iterable<ModuleRecord>) => [...found].sort((left, right) => right.ledgerSequence - left.ledgerSequence)
  const where = (holds: (row: ModuleRecord) => boolean) => newestFirst([...rows.values()].filter(holds))

  return {
    get appliedSequence() {
      return applied
    },
    async follow(record) {
      for (const change of indexChangesOf(record)) {
        if (change.kind === "evict") rows.delete(change.mapping)
        else if (change.kind === "put") rows.set(change.record.mapping, mergedRow(rows.get(change.record.mapping), change.record))
        else {
          const row = rows.get(change.mapping)
          if (row !== undefined) rows.set(change.mapping, { ...row, embedding: change.vector, embeddingModel: change.model })
        }
      }
      applied = Math.max(applied, record.entry.sequence)
    },
    byText: async (hash, text) => where(row => row.interfaceHash === hash && row.taskText === text),
    async nearest(hash, vector, similarityMin, limit) {
      const bucket = where(row => row.interfaceHash === hash)
      const near = nearestOf(bucket, vector)
      return {
        neighbours: near.filter(({ similarity }) => isNear(similarity, similarityMin)).slice(0, limit),
        best: near[0]?.similarity ?? null,
        known: bucket.length > 0
      }
    },
    async search(words, vector, limit) {
      return fuse(words, [...rows.values()], vector).slice(0, limit)
    },
    byMapping: async mapping => rows.get(mapping) ?? null,
    byModule: async module => where(row => row.module === module),
    async page(cursor, limit) {
      return { records: newestFirst(rows.values()).slice(cursor, cursor + limit), total: rows.size }
    },
    async withPrefix(hex, limit) {
      const found = new Set<Digest>()
      for (const row of rows.values())
        for (const digest of [row.mapping, row.module]) if (digest.startsWith(`sha256:${hex}`)) found.add(digest)
      return [...found].sort().slice(0, limit)
    },
    async noteVerdicts() {},
    async noteUsage(used) {
      for (const one of used) usage.set(one.mapping, one)
    },
    usageRows: async () => [...usage.values()],
    maintain: async () => [],
    async rebuild() {
      rows.clear()
      applied = -1
    },
    async close() {}
  }
}

/** Publishing the same claim again only adds Attestations: the row keeps its place and takes a vector it lacked. */
export function mergedRow(before: ModuleRecord | undefined, record: ModuleRecord): ModuleRecord {
  if (before === undefined) return record
  return before.embedding === null && record.embedding !== null
    ? { ...before, embedding: record.embedding, embeddingModel: record.embeddingModel }
    : before
}

function nearestOf(rows: readonly ModuleRecord[], vector: Float32Array): Neighbour[] {
  const near: Neighbour[] = []
  for (const record of rows)
    if (record.embedding?.length === vector.length) near.push({ record, similarity: cosine(record.embedding, vector) })
  return near.sort((left, right) => right.similarity - left.similarity)
}

/** Rows whose Task shares a word with the question, and the nearest by vector, ranked by the sum of reciprocal ranks. */
function fuse(words: string, rows: readonly ModuleRecord[], vector: Float32Array | null): Neighbour[] {
  const asked = new Set(wordsOf(words))
  const byWords = rows
    .map(record => ({ record, shared: wordsOf(record.taskText).filter(word => asked.has(word)).length }))
    .filter(({ shared }) => shared > 0)
    .sort((left, right) => right.shared - left.shared || right.record.ledgerSequence - left.record.ledgerSequence)
  const byVector = vector === null ? [] : nearestOf(rows, vector)
  const scores = new Map<ModuleRecord, number>()
  for (const list of [byWords, byVector])
    for (const [rank, { record }] of list.entries()) scores.set(record, (scores.get(record) ?? 0) + 1 / (60 + rank))
  return [...scores]
    .sort((left, right) => right[1] - left[1])
    .map(([record]) => ({ record, similarity: vector !== null && record.embedding !== null ? cosine(record.embedding, vector) : 0 }))
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}

export function createMemoryHitLog(): HitLog {
  const entries: (HitLogEntry & { readonly number: number })[] = []
  return {
    id: "memory",
    append(entry) {
      // Like the file, it holds no Mapping: the position of the Mapping's record names it.
      return entries.push({ ...entry, mapping: null, number: entries.length + 1 })
    },
    entries: () => entries.values(),
    entriesOf: (file, after = 0) => (file.id === "memory" ? entries.slice(after) : []),
    closed: () => [],
    files: () => [{ name: "memory", id: "memory", mine: true }],
    digestsOf: () => null,
    remove() {},
    sync() {},
    async close() {}
  }
}
