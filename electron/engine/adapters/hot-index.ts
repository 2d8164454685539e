/** The hot index: answers Lookups from memory and one read of a file, in front of a ModuleIndex that answers everything else. Derived from the Ledger alone. */
import fs from "node:fs"
import path from "node:path"
import { setImmediate as nextTurn } from "node:timers/promises"
import type { Digest, InterfaceHash } from "../../../shared/digest.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import type { LedgerRecord } from "../../../shared/ledger.ts"
import type { EmbeddingModel, ModuleRecord } from "../../../shared/module.ts"
import { moduleRecordOf } from "../core/published.ts"
import { cosine, isNear, similarityEpsilon } from "../core/ranking.ts"
import { isUnit, projectionOf, sketchLimit, sketchSimilarityMin, squaredLengthOf } from "../core/sketch.ts"
import type { Ledger, ModuleIndex, Neighbour } from "../ports.ts"
import { diskFailure, syncDirectory } from "./disk.ts"
import type { HotChange } from "./hot-change.ts"
import { bytesOfDigest, digestOfBytes32, hotChangesOf, textKeyOf, usableVector } from "./hot-change.ts"
import type { HotRecord, RecordFile } from "./hot-records.ts"
import { decodeRecord, encodeInto, encodeRecord, openRecordFile, recordBytesOf } from "./hot-records.ts"
import { column, highOf, lowOf } from "./hot-slots.ts"
import type { SnapshotIdentity } from "./hot-snapshot.ts"
import { emptyState, loadSnapshot, slotsMax, writeSnapshot } from "./hot-snapshot.ts"
import { leafOf } from "./ledger-frame.ts"
import { liveRecords } from "./ledger-tailer.ts"
import { createScanKernel } from "./scan-kernel.ts"

export interface HotIndexOptions {
  /** The store's `hot/`. */
  readonly directory: string
  /** Who answers `search` and keeps verdicts and counters; null where nobody does. */
  readonly behind: ModuleIndex | null
  readonly ledger: Ledger
  /** The store's model: vectors of another are left out. */
  readonly model: EmbeddingModel
  /** Seed of the projection, from FORMAT.json. */
  readonly seed: number
  /** A reader writes nothing: what is newer than the snapshot it keeps in memory. */
  readonly readOnly?: boolean
  /** What was found damaged or stale, and what was done. */
  readonly onRepair?: (what: string) => void
  /** False: no WebAssembly. */
  readonly simd?: boolean
  /** Up to this many records are read before opening returns; more are read in the background. */
  readonly replayAtOnceMax?: number
  /** Bytes up to which a snapshot is held against its checksum before opening returns. */
  readonly checkedAtOnceMax?: number
}

export interface HotIndex extends ModuleIndex {
  readonly state: "ready" | "rebuilding"
  /** Resolves when nothing is rebuilt any more, however it ended. */
  readonly ready: Promise<void>
  /** Mappings with a vector of the Interface that has most. */
  readonly largestInterface: number
  /** Writes the snapshot now, if anything changed since the last. */
  save(): Promise<void>
}

/** A snapshot after so many changes, and after so long without one. */
const changesPerSnapshot = 5_000
const idleMs = 60_000
const replayAtOnce = 2_000
/** Exact comparisons of one Lookup; where more sketches are near, all vectors of the Interface are compared. */
const recheckMax = 1_000
/** Longest stretch of work before other work gets its turn, milliseconds. */
const sliceMs = 10
const detailsMax = 2_048

export function openHotIndex(options: HotIndexOptions): HotIndex {
  const { directory, behind, ledger, model } = options
  const readOnly = options.readOnly === true
  const { dimensions } = model
  const recordBytes = recordBytesOf(dimensions)
  const matrix = projectionOf(options.seed, dimensions)
  const identity: SnapshotIdentity = { model: { id: model.id, digest: model.digest, dimensions }, seed: options.seed }
  const files = { records: path.join(directory, "hot.f32"), snapshot: path.join(directory, "hot.snap") }
  const details = new Map<number, ModuleRecord>()
  /** Every vector that is taken in lies here until it is. */
  const scratch = new Float32Array(dimensions)

  let state = emptyState(newKernel())
  let records: RecordFile
  let changes = 0
  let rebuilding: Promise<void> | null = null
  let saving: Promise<void> | null = null
  /** The snapshot that was opened is still held against its checksum. */
  let checking: Promise<void> | null = null
  let idle: NodeJS.Timeout | null = null
  let broken: EngineFailure | null = null
  let closed = false

  open()

  return {
    get appliedSequence() {
      return state.applied
    },
    get state() {
      return rebuilding === null ? "ready" : "rebuilding"
    },
    get ready() {
      return rebuilding ?? Promise.resolve()
    },
    get largestInterface() {
      return state.buckets.largest()
    },
    save,
    async follow(record) {
      await writable()
      replay()
      behind?.follow(record).catch(error => options.onRepair?.(`the index behind did not follow: ${String(error)}`))
    },
    async byText(hash, text) {
      answerable()
      const key = textKeyOf(bytesOfDigest(hash), text)
      const found = liveSlots(state.byText.find(key)).map(slot => readSlot(slot))
      return newestFirst(found.filter(record => same(record.text, key))).map(moduleRecord)
    },
    nearest,
    async search(words, vector, limit) {
      if (behind === null) throw new EngineFailure("index-unavailable", "searching by words needs LanceDB, which is not running here")
      return behind.search(words, vector, limit)
    },
    async byMapping(mapping) {
      answerable()
      const slot = slotOf(bytesOfDigest(mapping))
      return slot < 0 ? null : moduleRecord(readSlot(slot))
    },
    async byModule(module) {
      answerable()
      const bytes = bytesOfDigest(module)
      const found: HotRecord[] = []
      for (const slot of state.slots.beginningWith(Buffer.from(bytes.subarray(0, 8)).toString("hex"))) {
        const record = readSlot(slot)
        if (same(record.module, bytes)) found.push(record)
      }
      return newestFirst(found).map(moduleRecord)
    },
    async page(cursor, limit) {
      answerable()
      const found: ModuleRecord[] = []
      let skip = cursor
      for (let slot = state.slots.count - 1; slot >= 0 && found.length < limit; slot--) {
        if (state.slots.isLive(slot) && --skip < 0) found.push(moduleRecord(readSlot(slot)))
      }
      return { records: found, total: state.slots.live }
    },
    async withPrefix(hex, limit) {
      answerable()
      const found = new Set<Digest>()
      for (const slot of state.slots.beginningWith(hex)) {
        const record = readSlot(slot)
        for (const digest of [digestOfBytes32(record.mapping), digestOfBytes32(record.module)])
          if (digest.startsWith(`sha256:${hex}`)) found.add(digest)
        if (found.size >= limit) break
      }
      return [...found].sort().slice(0, limit)
    },
    async noteVerdicts(verdicts) {
      await behind?.noteVerdicts(verdicts)
    },
    async noteUsage(rows) {
      await behind?.noteUsage(rows)
    },
    usageRows: async () => (await behind?.usageRows()) ?? [],
    maintain: async lastUsed => (await behind?.maintain(lastUsed)) ?? [],
    async rebuild() {
      await writable()
      startRebuild("the index is rebuilt as asked")
      await rebuilding
      if (broken !== null) throw broken
      await behind?.rebuild()
    },
    async close() {
      if (changes > 0) await checking
      closed = true
      if (idle !== null) clearTimeout(idle)
      await checking
      await rebuilding
      await saving
      try {
        if (changes > 0 && broken === null) await save()
      } finally {
        records.close()
        await behind?.close()
      }
    }
  }

  function newKernel() {
    return createScanKernel(matrix, options.simd ?? true)
  }

  function open(): void {
    try {
      if (!readOnly) {
        fs.mkdirSync(directory, { recursive: true })
        for (const left of [`${files.records}.new`, `${files.snapshot}.new`]) fs.rmSync(left, { force: true })
      }
      const loaded = loadSnapshot(files.snapshot, identity, newKernel(), options.checkedAtOnceMax)
      const why = loaded.kind === "unusable" ? loaded.why : whyStale(loaded.header.sequence, loaded.header.leaf, loaded.header)
      if (loaded.kind === "loaded" && why === null) {
        state = loaded.state
        if (loaded.check !== null) checking = checkBehind(loaded.check)
      } else if (loaded.kind === "loaded") loaded.check?.(() => true).catch(report)
      if (why !== null && ledger.size > 0 && fs.existsSync(files.snapshot))
        options.onRepair?.(`${why}: the index is rebuilt from the ledger`)
      records = openRecordFile(files.records, recordBytes, state.slots.count, readOnly)
    } catch (error) {
      throw diskFailure(error, `open the index in ${directory}`)
    }
    if (ledger.size - 1 - state.applied <= (options.replayAtOnceMax ?? replayAtOnce)) replay()
    else if (state.applied >= 0) inBackground(replayInSlices)
    else startRebuild(null)
  }

  async function checkBehind(check: (stopped: () => boolean) => Promise<boolean>): Promise<void> {
    const of = state
    const sound = await check(() => closed || state !== of).catch(() => false)
    checking = null
    if (!sound && !closed && state === of) startRebuild("the snapshot is damaged: the index is rebuilt from the ledger")
  }

  /** Null for a snapshot that this Ledger continues and whose records are there. */
  function whyStale(sequence: number, leaf: string, counts: { readonly slots: number; readonly live: number }): string | null {
    // The writer may have saved it after this process read the Ledger.
    if (sequence >= ledger.size && sequence >= ledger.refresh()) return "the snapshot is ahead of the ledger"
    if (sequence >= 0 && leafOf(ledger.entryBytes(sequence)) !== leaf) return "the snapshot is of another ledger"
    if (counts.slots > 2 * counts.live + 1_000) return "most of the snapshot was evicted"
    const size = fs.existsSync(files.records) ? fs.statSync(files.records).size : 0
    return size < counts.slots * recordBytes ? "hot.f32 is shorter than its snapshot says" : null
  }

  /** Everything the Ledger has and the index has not. */
  function replay(): void {
    for (const record of liveRecords(ledger, state.applied + 1)) applyAll(record)
    try {
      records.flush()
    } catch (error) {
      // What the disk refuses stays in memory and is tried again with the next record.
      report(error)
    }
    if (changes >= changesPerSnapshot) save().catch(report)
    else if (changes > 0) saveWhenIdle()
  }

  async function replayInSlices(): Promise<void> {
    let turn = performance.now()
    for (const record of liveRecords(ledger, state.applied + 1, "transient")) {
      if (closed) return
      applyAll(record)
      if (performance.now() - turn < sliceMs) continue
      records.flush()
      await nextTurn()
      turn = performance.now()
    }
    records.flush()
  }

  /** A change that stops half-way leaves memory in no known state: nothing is answered from it any more. */
  function applyAll(record: LedgerRecord): void {
    try {
      for (const change of hotChangesOf(record, model, scratch)) {
        apply(change)
        changes++
      }
      state.applied = record.entry.sequence
    } catch (error) {
      if (rebuilding === null) broken = diskFailure(error, "keep the index")
      throw error
    }
  }

  function apply(change: HotChange): void {
    if (change.kind === "put") {
      const known = slotOf(change.record.mapping)
      if (known < 0) put(change.record)
      else if (!state.slots.hasVector(known) && change.record.vector !== null) giveVector(known, change.record.vector)
      return
    }
    const slot = slotOf(bytesOfDigest(change.mapping))
    if (slot < 0) return
    if (change.kind === "evict") evict(slot)
    else if (usableVector(change.vector, { id: change.model, digest: change.modelDigest }, model)) giveVector(slot, change.vector)
  }

  function put(record: HotRecord): void {
    const { slots, buckets } = state
    if (slots.count >= slotsMax)
      throw new EngineFailure("limit-exceeded", `a store holds at most ${slotsMax} Mappings`, { limit: slotsMax })
    const bucket = buckets.findOrAdd(record.interfaceHash)
    const slot = slots.add({ ...record, bucket, withVector: record.vector !== null })
    const room = records.room(slot)
    if (room === null) records.write(slot, encodeRecord(record, dimensions))
    else encodeInto(room, record, dimensions)
    state.byText.add(slot)
    state.byMapping.add(slot)
    buckets.addLive(bucket, 1)
    if (record.vector !== null) buckets.add(bucket, slot, record.vector)
  }

  function giveVector(slot: number, vector: Float32Array): void {
    const { slots, buckets } = state
    records.write(slot, encodeRecord({ ...readSlot(slot), vector }, dimensions))
    if (slots.hasVector(slot)) buckets.replace(slots.bucketOf(slot), slot, vector)
    else buckets.add(slots.bucketOf(slot), slot, vector)
    slots.giveVector(slot)
  }

  function evict(slot: number): void {
    const { slots, buckets } = state
    const bucket = slots.bucketOf(slot)
    if (slots.hasVector(slot)) buckets.remove(bucket, slot)
    buckets.addLive(bucket, -1)
    state.byText.remove(slot)
    state.byMapping.remove(slot)
    slots.kill(slot)
  }

  async function nearest(hash: InterfaceHash, vector: Float32Array, similarityMin: number, limit: number) {
    answerable()
    const squaredLength = squaredLengthOf(vector)
    if (vector.length !== dimensions || !isUnit(squaredLength))
      throw new EngineFailure("wrong-usage", `expected a unit vector of ${dimensions} dimensions`, {
        dimensions: vector.length,
        squaredLength
      })
    const bucket = state.buckets.find(bytesOfDigest(hash))
    if (bucket < 0 || state.buckets.live(bucket) === 0) return { neighbours: [], best: null, known: false }
    const kernelLimit = sketchLimit(similarityMin - similarityEpsilon, squaredLength)
    const near = similarityMin < sketchSimilarityMin ? null : state.buckets.scan(bucket, vector, kernelLimit)
    if (near === null || near.slots.length > recheckMax) {
      const compared = await compareAll(state.buckets.slotsOf(bucket), vector, similarityMin)
      return { ...compared, neighbours: best(compared.neighbours, limit), known: true, scan: "vectors" as const }
    }
    let highest: number | null = null
    const neighbours: Found[] = []
    for (const slot of near.slots.length > 0 || near.nearest < 0 ? near.slots : [near.nearest]) {
      const record = readSlot(slot)
      const similarity = cosine(record.vector as Float32Array, vector)
      if (highest === null || similarity > highest) highest = similarity
      if (isNear(similarity, similarityMin)) neighbours.push({ record, similarity })
    }
    return { neighbours: best(neighbours, limit), best: highest, known: true }
  }

  /** In the order of the file, and in slices: the largest Interface may have many thousands. */
  async function compareAll(slots: Uint32Array, vector: Float32Array, similarityMin: number) {
    let highest: number | null = null
    const neighbours: Found[] = []
    const of = state
    let turn = performance.now()
    for (const slot of slots.sort()) {
      if (performance.now() - turn > sliceMs) {
        await nextTurn()
        turn = performance.now()
        answerable()
        if (state !== of) throw unavailable("the index was rebuilt meanwhile: ask again")
      }
      if (!state.slots.isLive(slot)) continue
      const record = readSlot(slot)
      const similarity = cosine(record.vector as Float32Array, vector)
      if (highest === null || similarity > highest) highest = similarity
      if (isNear(similarity, similarityMin)) neighbours.push({ record, similarity })
    }
    return { neighbours, best: highest }
  }

  function best(found: Found[], limit: number): Neighbour[] {
    return found
      .sort((left, right) => right.similarity - left.similarity || right.record.sequence - left.record.sequence)
      .slice(0, limit)
      .map(({ record, similarity }) => ({ record: moduleRecord(record), similarity }))
  }

  function slotOf(mapping: Uint8Array): number {
    return liveSlots(state.byMapping.find(mapping)).find(slot => same(readSlot(slot).mapping, mapping)) ?? -1
  }

  function liveSlots(slots: readonly number[]): number[] {
    return slots.filter(slot => state.slots.isLive(slot))
  }

  /** What the file has for a slot, held against what memory knows of it. */
  function readSlot(slot: number): HotRecord {
    // A second look: a reader may have met the writer in the middle of a record.
    for (let look = 0; look < 2; look++) {
      const bytes = records.read(slot)
      const record = bytes === null ? null : decodeRecord(bytes, dimensions)
      if (record !== null && belongs(record, slot)) return record
    }
    return recovered(slot)
  }

  function belongs(record: HotRecord, slot: number): boolean {
    const { slots } = state
    return (
      record.sequence === slots.sequenceOf(slot) &&
      highOf(record.mapping) === slots.word(slot, column.mapping) &&
      lowOf(record.mapping) === slots.word(slot, column.mapping + 1) &&
      (record.vector !== null || !slots.hasVector(slot))
    )
  }

  /** A damaged record comes back from the Ledger; one whose vector came by a later record takes the whole index with it. */
  function recovered(slot: number): HotRecord {
    const [change] = hotChangesOf(ledger.read(state.slots.sequenceOf(slot)), model)
    if (change?.kind !== "put" || !belongs(change.record, slot)) {
      startRebuild(`record ${slot} of hot.f32 is damaged: the index is rebuilt from the ledger`)
      throw unavailable("the index is being rebuilt")
    }
    options.onRepair?.(`record ${slot} of hot.f32 was damaged and was written again from the ledger`)
    if (!readOnly) {
      records.write(slot, encodeRecord(change.record, dimensions))
      records.flush()
    }
    return change.record
  }

  /** The full record: what is not in `hot.f32` is read from the Ledger when it is asked for. */
  function moduleRecord(hot: HotRecord): ModuleRecord {
    const rest = () => detailOf(hot.sequence)
    return {
      mapping: digestOfBytes32(hot.mapping),
      module: digestOfBytes32(hot.module),
      interfaceHash: digestOfBytes32(hot.interfaceHash) as InterfaceHash,
      embedding: hot.vector,
      embeddingModel: hot.vector === null ? "" : model.id,
      createdMs: hot.createdMs,
      ledgerSequence: hot.sequence,
      get typeText() {
        return rest().typeText
      },
      get taskText() {
        return rest().taskText
      },
      get languageVersion() {
        return rest().languageVersion
      },
      get sizeBytes() {
        return rest().sizeBytes
      },
      get fuelProfile() {
        return rest().fuelProfile
      },
      get signature() {
        return rest().signature
      }
    }
  }

  function detailOf(sequence: number): ModuleRecord {
    const known = details.get(sequence)
    if (known !== undefined) return known
    const record = moduleRecordOf(ledger.read(sequence))
    if (record === null) throw new EngineFailure("internal", `record ${sequence} of the ledger is no publication, though the index says so`)
    if (details.size >= detailsMax) details.delete(details.keys().next().value as number)
    details.set(sequence, { ...record, embedding: null })
    return record
  }

  function answerable(): void {
    if (closed) throw new EngineFailure("engine-stopped", "the index is closed")
    if (broken !== null) throw broken
    if (rebuilding !== null) throw unavailable("the index is being rebuilt")
  }

  /** Nothing is taken in while the state is written or rebuilt. */
  async function writable(): Promise<void> {
    while (rebuilding !== null || saving !== null) {
      await rebuilding
      await saving
    }
    if (closed) throw new EngineFailure("engine-stopped", "the index is closed")
    if (broken !== null) throw broken
  }

  /** Lookups are refused until `work` is done: an index that lacks records would answer a Miss where there is a Hit. */
  function inBackground(work: () => Promise<void>): void {
    rebuilding = work()
      .catch(error => {
        broken = diskFailure(error, "rebuild the index")
        report(error)
      })
      .then(async () => {
        rebuilding = null
        if (!closed && broken === null) await save().catch(report)
      })
  }

  function startRebuild(why: string | null): void {
    if (rebuilding !== null) return
    if (why !== null) options.onRepair?.(why)
    broken = null
    inBackground(async () => {
      await saving
      state = emptyState(newKernel())
      details.clear()
      records.close()
      // The old snapshot must not meet the new file.
      if (!readOnly) fs.rmSync(files.snapshot, { force: true })
      const beside = `${files.records}.new`
      if (!readOnly) fs.rmSync(beside, { force: true })
      records = openRecordFile(beside, recordBytes, 0, readOnly)
      await replayInSlices()
      if (readOnly) return
      await records.sync()
      records.close()
      fs.renameSync(beside, files.records)
      syncDirectory(directory)
      records = openRecordFile(files.records, recordBytes, state.slots.count, false)
    })
  }

  async function save(): Promise<void> {
    // What is written is believed by the next opening.
    await checking
    if (readOnly || rebuilding !== null || changes === 0) return
    saving ??= writeNow().finally(() => {
      saving = null
    })
    await saving
  }

  async function writeNow(): Promise<void> {
    const saved = changes
    await records.sync()
    const leaf = state.applied < 0 ? "" : leafOf(ledger.entryBytes(state.applied))
    await writeSnapshot(files.snapshot, state, identity, leaf)
    changes -= saved
  }

  function saveWhenIdle(): void {
    if (readOnly) return
    if (idle !== null) clearTimeout(idle)
    idle = setTimeout(() => save().catch(report), idleMs)
    idle.unref()
  }

  function report(error: unknown): void {
    options.onRepair?.(`the index could not be kept: ${error instanceof Error ? error.message : String(error)}`)
  }
}

interface Found {
  readonly record: HotRecord
  readonly similarity: number
}

function newestFirst(records: HotRecord[]): HotRecord[] {
  return records.sort((left, right) => right.sequence - left.sequence)
}

function same(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0
}

function unavailable(message: string): EngineFailure {
  return new EngineFailure("index-unavailable", message, { rebuilding: true })
}
