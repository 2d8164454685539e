/**
 * The Ledger as framed, checksummed, hash-chained segments: a record is synced before it is acknowledged, and a torn tail is cut at open. Where a
 * sealed snapshot says what was read and found sound before, only what came after it is read.
 */
import fs from "node:fs"
import path from "node:path"
import { promisify } from "node:util"
import { EngineFailure } from "../../../shared/failure.ts"
import type { LedgerDraft, LedgerEntry, LedgerRecord } from "../../../shared/ledger.ts"
import type { Ledger } from "../ports.ts"
import { diskFailure, quarantine, readInto, readUpTo, syncDirectory, systemCode, writeFully } from "./disk.ts"
import type { Frame } from "./ledger-frame.ts"
import {
  digestOfBytes,
  entryBytesOf,
  frameAfter,
  frameAt,
  frameOf,
  leafOf,
  looseRecordOf,
  parseEntry,
  recordBytesMax,
  recordOf
} from "./ledger-frame.ts"
import type { Place } from "./ledger-places.ts"
import { createLedgerPlaces, PlacesDamaged } from "./ledger-places.ts"
import type { LedgerSnapshot } from "./ledger-snapshot.ts"
import { readLedgerSnapshot, writeLedgerSnapshot } from "./ledger-snapshot.ts"
import type { Seal } from "./seal.ts"

const fdatasync = promisify(fs.fdatasync)

export const segmentBytesMax = 64 * 1024 * 1024
/** Records that share one sync at most. Nobody waits for company: while a sync runs, the next group gathers. */
const groupRecordsMax = 64
const dayMs = 86_400_000
const noLeaf = "0".repeat(64)
/** Read at once where many records are read in order. */
const streamBytes = 4 * 1024 * 1024
/** As much where the memory is used again; more than any record. */
const transientBytes = 1024 * 1024

/** Where the chain stops holding. Everything before it is read; nothing is appended. */
export interface LedgerDamage {
  readonly segment: string
  readonly offset: number
  readonly sequence: number
  readonly message: string
}

export interface FileLedger extends Ledger {
  readonly damage: LedgerDamage | null
  /** What opening changed: torn tails cut, each as a sentence. */
  readonly repairs: readonly string[]
  /** Records below this were read from their segments by this process; the others by an earlier one, whose snapshot says so. */
  readonly verified: number
  /** Reads the next `count` records that only a snapshot vouches for; false once there are none. What it finds broken becomes `damage`. */
  verifyNext(count: number): boolean
  /** Writes a snapshot of what was read, where the Ledger is long enough to be worth one and anything is new. */
  saveSnapshot(): Promise<void>
}

export interface LedgerSnapshotPlace {
  /** The store's `hot/`. */
  readonly directory: string
  readonly seal: Seal
  /** A Ledger of fewer records is read whole at every opening. */
  readonly least: number
}

export interface FileLedgerOptions {
  readonly readOnly?: boolean
  /** Where a torn tail is kept. */
  readonly quarantine: string
  readonly nowMs: () => number
  readonly segmentBytesMax?: number
  /** Absent: every opening reads the whole Ledger. */
  readonly snapshot?: LedgerSnapshotPlace | null
  /** Called for each record that opening reads, in order: a million need not be read twice. */
  readonly onScanned?: (entry: LedgerEntry) => void
}

interface Segment {
  readonly file: string
  /** −1 until it is first needed. */
  handle: number
  /** Bytes of sound, acknowledged frames. */
  bytes: number
}

interface Waiting {
  readonly drafts: readonly LedgerDraft[]
  readonly resolve: (entries: LedgerEntry[]) => void
  readonly reject: (failure: unknown) => void
}

export function openFileLedger(directory: string, options: FileLedgerOptions): FileLedger {
  const limit = options.segmentBytesMax ?? segmentBytesMax
  const segments: Segment[] = []
  let places = createLedgerPlaces()
  /** Records whose frames this process has not read: below this, from `verified` on. */
  let vouched = 0
  let verified = 0
  let snapshotSize = 0
  let saving: Promise<void> = Promise.resolve()
  let opening = true
  const repairs: string[] = []
  const waiting: Waiting[] = []
  let head = noLeaf
  let lastMs: number | null = null
  let appendedHere = false
  let damage: LedgerDamage | null = null
  let broken: EngineFailure | null = null
  let flushing: Promise<void> | null = null
  let closed = false

  fromSnapshot()
  scan()
  opening = false

  return {
    get size() {
      return places.count
    },
    get head() {
      return head
    },
    get damage() {
      return damage
    },
    repairs,
    async append(draft) {
      const [entry] = await enqueue([draft])
      return entry as LedgerEntry
    },
    appendAll: enqueue,
    read,
    entryBytes(sequence) {
      return frameOfSequence(sequence).entryBytes.slice()
    },
    *records(from) {
      for (let sequence = from; sequence < places.count; sequence++) yield read(sequence)
    },
    stream,
    leaves(size = places.count) {
      return known(() => places.leaves(size))
    },
    rootAt(size = places.count) {
      if (size > places.count) throw new EngineFailure("wrong-usage", `the ledger has ${places.count} records, not ${size}`)
      return known(() => places.root(size))
    },
    get verified() {
      return verified < vouched ? verified : places.count
    },
    verifyNext(count) {
      const end = Math.min(vouched, verified + count)
      try {
        for (; verified < end && damage === null; verified++) {
          const { entryBytes } = frameOfSequence(verified)
          if (parseEntry(entryBytes).previous !== (verified === 0 ? noLeaf : placeOf(verified - 1).leaf))
            throw damagedAt(placeOf(verified), verified, "it does not follow the one before it")
        }
      } catch (error) {
        noteDamage(verified, error)
      }
      return damage === null && verified < vouched
    },
    saveSnapshot() {
      saving = saving.then(saveNow, saveNow)
      return saving
    },
    refresh() {
      if (options.readOnly === true && damage === null) scan()
      return places.count
    },
    async close() {
      closed = true
      await flushing
      await saving.catch(() => undefined)
      places.close()
      for (const segment of segments) if (segment.handle >= 0) fs.closeSync(segment.handle)
      segments.length = 0
    }
  }

  function read(sequence: number): LedgerRecord {
    const frame = frameOfSequence(sequence)
    try {
      return recordOf(frame)
    } catch (error) {
      throw damagedAt(placeOf(sequence), sequence, String(error))
    }
  }

  /** Neighbours are read from the disk together; a segment's records lie one after the other. */
  function* stream(from: number, transient?: "transient"): Iterable<LedgerRecord> {
    let bytes: Uint8Array = new Uint8Array()
    /** One piece of memory for all that is read: fresh memory costs more than the reading. */
    const piece = transient === undefined ? null : Buffer.allocUnsafeSlow(transientBytes)
    let held = { segment: -1, start: 0, end: 0 }
    let previous = from === 0 ? noLeaf : placeOf(from - 1).leaf
    for (let sequence = from; sequence < places.count; sequence++) {
      const place = placeOf(sequence)
      if (place.segment !== held.segment || place.start < held.start || place.start + place.length > held.end) {
        const segment = segments[place.segment] as Segment
        const most = segment.bytes - place.start
        bytes =
          piece === null
            ? readUpTo(handleOf(segment), place.start, Math.max(place.length, Math.min(streamBytes, most)))
            : readInto(handleOf(segment), place.start, piece.subarray(0, Math.min(piece.length, most)))
        held = { segment: place.segment, start: place.start, end: place.start + bytes.length }
      }
      const at = place.start - held.start
      const frame = frameAt(bytes.subarray(at, at + place.length), 0)
      if (frame === null || frame.end !== place.length) throw damagedAt(place, sequence, "its bytes changed")
      const record = looseRecord(frame, place, sequence)
      if (record.entry.sequence !== sequence || record.entry.previous !== previous)
        throw damagedAt(place, sequence, "it does not follow the one before it")
      previous = place.leaf
      yield record
    }
  }

  function looseRecord(frame: Frame, place: Place, sequence: number): LedgerRecord {
    try {
      return looseRecordOf(frame)
    } catch (error) {
      throw damagedAt(place, sequence, String(error))
    }
  }

  /** What a sealed snapshot says, where the segments are those it speaks of; else everything is read. */
  function fromSnapshot(): void {
    const { snapshot } = options
    if (snapshot === undefined || snapshot === null) return
    const found = readLedgerSnapshot(snapshot)
    if (found === null || !segmentsFit(found)) return
    for (const [index, bytes] of found.segments.entries())
      segments.push({ file: path.join(directory, segmentName(index + 1)), handle: -1, bytes })
    try {
      places = createLedgerPlaces({ file: found.file, summary: found })
      head = found.head
      lastMs = found.lastMs
      if (leafOf(frameOfSequence(found.count - 1).entryBytes) === found.head) {
        vouched = snapshotSize = found.count
        return
      }
    } catch {
      // A file that is gone, or not what the snapshot says: everything is read, and what is wrong is found there.
    }
    forgetAll()
  }

  function segmentsFit(found: LedgerSnapshot): boolean {
    return found.segments.every((bytes, index) => {
      const size = fs.statSync(path.join(directory, segmentName(index + 1)), { throwIfNoEntry: false })?.size ?? -1
      return index < found.segments.length - 1 ? size === bytes : size >= bytes
    })
  }

  function forgetAll(): void {
    places.close()
    for (const segment of segments) if (segment.handle >= 0) fs.closeSync(segment.handle)
    segments.length = 0
    places = createLedgerPlaces()
    head = noLeaf
    lastMs = null
    vouched = verified = snapshotSize = 0
    damage = null
  }

  /** The file of places is derived: where it is damaged, the segments are read again, and the answer is the same. */
  function known<T>(ask: () => T): T {
    try {
      return ask()
    } catch (error) {
      if (!(error instanceof PlacesDamaged)) throw error
      repairs.push(`${error.message}: the whole ledger was read again`)
      const before = { head, count: places.count }
      forgetAll()
      scan()
      if (places.count < before.count || (places.count === before.count && head !== before.head))
        damage ??= damageAt(segments.at(-1) as Segment, 0, "it is not what was read before")
      return ask()
    }
  }

  async function saveNow(): Promise<void> {
    const { snapshot } = options
    if (snapshot === undefined || snapshot === null || options.readOnly === true || damage !== null || broken !== null) return
    if (places.count < snapshot.least || places.count === snapshotSize) return
    const state = {
      count: places.count,
      head,
      lastMs,
      segments: segments.map(segment => segment.bytes)
    }
    await writeLedgerSnapshot(snapshot, places, state)
    snapshotSize = state.count
  }

  function noteDamage(sequence: number, error: unknown): void {
    const place = placeOf(sequence)
    const why = error instanceof Error ? error.message : String(error)
    damage ??= {
      segment: segmentName(place.segment + 1),
      offset: place.start,
      sequence,
      message: `${why}; nothing more is recorded until the ledger is restored from a backup`
    }
  }

  function handleOf(segment: Segment): number {
    if (segment.handle < 0) segment.handle = fs.openSync(segment.file, options.readOnly === true ? "r" : "r+")
    return segment.handle
  }

  function enqueue(drafts: readonly LedgerDraft[]): Promise<LedgerEntry[]> {
    const refusal = refusalNow()
    if (refusal !== null) return Promise.reject(refusal)
    if (drafts.length === 0) return Promise.resolve([])
    return new Promise((resolve, reject) => {
      waiting.push({ drafts, resolve, reject })
      flushing ??= flush()
    })
  }

  function refusalNow(): EngineFailure | null {
    if (closed) return new EngineFailure("engine-stopped", "the ledger is closed")
    if (options.readOnly === true)
      return new EngineFailure("store-read-only", "nothing can be recorded: the store is open for reading only")
    if (damage !== null) return new EngineFailure("ledger-damaged", damage.message, { ...damage })
    return broken
  }

  async function flush(): Promise<void> {
    // Callers of one turn of the event loop share a sync.
    await Promise.resolve()
    while (waiting.length > 0) {
      const group = takeGroup()
      try {
        if (broken !== null) throw broken
        await write(group)
      } catch (error) {
        const failure = diskFailure(error, "append to the ledger")
        for (const one of group) one.reject(failure)
      }
    }
    // Here and not in a `finally` of the promise: whoever enqueues after the last look at `waiting` must start a new flush.
    flushing = null
  }

  function takeGroup(): Waiting[] {
    const group: Waiting[] = []
    let records = 0
    while (waiting.length > 0 && (group.length === 0 || records + (waiting[0] as Waiting).drafts.length <= groupRecordsMax)) {
      const next = waiting.shift() as Waiting
      records += next.drafts.length
      group.push(next)
    }
    return group
  }

  async function write(group: readonly Waiting[]): Promise<void> {
    const made: { entry: LedgerEntry; frame: Uint8Array; leaf: string }[] = []
    const sound: Waiting[] = []
    let chain = head
    let atMs = lastMs
    for (const one of group) {
      try {
        const own: typeof made = []
        for (const draft of one.drafts) {
          const encoded = encode(draft, places.count + made.length + own.length, own.at(-1)?.leaf ?? chain, atMs)
          own.push(encoded)
          atMs = Math.max(atMs ?? 0, Date.parse(encoded.entry.at))
        }
        made.push(...own)
        chain = own.at(-1)?.leaf ?? chain
        sound.push(one)
      } catch (error) {
        one.reject(error)
      }
    }
    const written = await writeFrames(made)
    for (const place of written) places.add(place)
    head = chain
    lastMs = atMs
    appendedHere = true
    let at = 0
    for (const one of sound) one.resolve(made.slice(at, (at += one.drafts.length)).map(item => item.entry))
  }

  function encode(draft: LedgerDraft, sequence: number, previous: string, beforeMs: number | null) {
    const nowMs = options.nowMs()
    const entry: LedgerEntry = {
      sequence,
      previous,
      kind: draft.kind,
      at: new Date(nowMs).toISOString(),
      ...(jumps(nowMs, beforeMs) ? { "clock-jump": true as const } : {}),
      ...(draft.group === undefined ? {} : { group: draft.group }),
      body: draft.body,
      parts: draft.parts.map(part => ({ kind: part.kind, digest: digestOfBytes(part.bytes), length: part.bytes.length }))
    }
    const entryBytes = entryBytesOf(entry)
    const frame = frameOf(
      entryBytes,
      draft.parts.map(part => part.bytes)
    )
    if (frame.length - 8 > recordBytesMax)
      throw new EngineFailure(
        "limit-exceeded",
        `a record of ${frame.length - 8} bytes is too large for the ledger: at most ${recordBytesMax}`,
        { limit: recordBytesMax, found: frame.length - 8 }
      )
    return { entry, frame, leaf: leafOf(entryBytes) }
  }

  /** A clock set far ahead: a day past the entry before while running, 400 days between two runs (trust page, section 6). */
  function jumps(nowMs: number, beforeMs: number | null): boolean {
    return beforeMs !== null && nowMs - beforeMs > (appendedHere ? dayMs : 400 * dayMs)
  }

  /** Everything of a group is durable, or nothing of it stays. */
  async function writeFrames(made: readonly { frame: Uint8Array; leaf: string }[]): Promise<Place[]> {
    const before = segments.length
    const beforeBytes = segments.at(-1)?.bytes ?? 0
    const written: Place[] = []
    try {
      for (const run of runsBySegment(made)) {
        const segment = run.fresh ? createSegment() : (segments.at(-1) as Segment)
        writeFully(handleOf(segment), Buffer.concat(run.items.map(item => item.frame)), segment.bytes)
        for (const { frame, leaf } of run.items) {
          written.push({ segment: segments.length - 1, start: segment.bytes, length: frame.length, leaf })
          segment.bytes += frame.length
        }
        await sync(segment)
      }
      return written
    } catch (error) {
      takeBack(before, beforeBytes)
      throw error
    }
  }

  function runsBySegment<T extends { frame: Uint8Array }>(made: readonly T[]): { fresh: boolean; items: T[] }[] {
    const runs: { fresh: boolean; items: T[] }[] = []
    let bytes = segments.at(-1)?.bytes ?? Number.POSITIVE_INFINITY
    for (const item of made) {
      const fresh = bytes > 0 && bytes + item.frame.length > limit
      if (fresh) bytes = 0
      if (fresh || runs.length === 0) runs.push({ fresh, items: [] })
      runs.at(-1)?.items.push(item)
      bytes += item.frame.length
    }
    return runs
  }

  /** After a failed sync the kernel may have dropped the pages: what lies on disk is unknown until the store is opened again. */
  async function sync(segment: Segment): Promise<void> {
    try {
      await fdatasync(handleOf(segment))
    } catch (error) {
      broken = new EngineFailure(
        "disk-failed",
        `the ledger could not be synced (${systemCode(error)}): nothing more is recorded until the store is opened again`,
        {},
        { cause: error }
      )
      throw broken
    }
  }

  function takeBack(count: number, bytes: number): void {
    try {
      for (const extra of segments.splice(count)) {
        if (extra.handle >= 0) fs.closeSync(extra.handle)
        fs.rmSync(extra.file, { force: true })
      }
      const last = segments.at(-1)
      if (last !== undefined) {
        last.bytes = bytes
        fs.ftruncateSync(handleOf(last), bytes)
      }
    } catch (error) {
      broken ??= diskFailure(error, "take back an unfinished ledger record")
    }
  }

  function createSegment(): Segment {
    const file = path.join(directory, segmentName(segments.length + 1))
    const handle = fs.openSync(file, "wx+", 0o644)
    const segment: Segment = { file, handle, bytes: 0 }
    segments.push(segment)
    syncDirectory(directory)
    return segment
  }

  /** Reads what lies after the last entry known: everything at open, what another process appended at a refresh. */
  function scan(): void {
    try {
      const names = segmentNames(directory)
      for (const [index, name] of names.entries()) {
        if (index < segments.length - 1 || damage !== null) continue
        const segment = segments[index] ?? openSegment(path.join(directory, name))
        if (segments[index] === undefined) segments.push(segment)
        scanSegment(segment, index === names.length - 1)
      }
    } catch (error) {
      throw diskFailure(error, `read the ledger in ${directory}`)
    }
  }

  function openSegment(file: string): Segment {
    return { file, handle: fs.openSync(file, options.readOnly === true ? "r" : "r+"), bytes: 0 }
  }

  function scanSegment(segment: Segment, newest: boolean): void {
    const base = segment.bytes
    const handle = handleOf(segment)
    const bytes = readUpTo(handle, base, fs.fstatSync(handle).size - base)
    let at = 0
    while (at < bytes.length) {
      const frame = frameAt(bytes, at)
      if (frame === null) {
        badFrame(segment, bytes, at, base, newest)
        return
      }
      if (!take(segment, frame, base)) return
      at = frame.end
      segment.bytes = base + at
    }
  }

  /** False where the frame is sound and the chain is not: nobody's torn append, but damage. */
  function take(segment: Segment, frame: Frame, base: number): boolean {
    let entry: LedgerEntry
    try {
      entry = parseEntry(frame.entryBytes)
    } catch (error) {
      damage = damageAt(segment, base + frame.start, `an entry cannot be read: ${String(error)}`)
      return false
    }
    if (entry.sequence !== places.count || entry.previous !== head) {
      damage = damageAt(segment, base + frame.start, "an entry does not follow the one before it")
      return false
    }
    head = leafOf(frame.entryBytes)
    places.add({ segment: segments.indexOf(segment), start: base + frame.start, length: frame.end - frame.start, leaf: head })
    const atMs = Date.parse(entry.at)
    if (Number.isFinite(atMs) && entry["clock-jump"] !== true) lastMs = Math.max(lastMs ?? 0, atMs)
    if (opening) options.onScanned?.(entry)
    return true
  }

  function badFrame(segment: Segment, bytes: Uint8Array, at: number, base: number, newest: boolean): void {
    const next = frameAfter(bytes, at)
    if (next !== null || !newest) {
      damage = damageAt(
        segment,
        base + at,
        next === null ? "a closed segment ends in a broken record" : `a record is broken, and a sound one follows at byte ${base + next}`
      )
      return
    }
    // For a reader an unfinished frame means: wait, its writer is not done.
    if (options.readOnly === true) return
    const torn = bytes.subarray(at)
    const name = path.basename(segment.file)
    const why = `${torn.length} bytes after byte ${base + at} of ${name} were an append that never finished and was never acknowledged; cut at open`
    quarantine(options.quarantine, name, torn, why)
    fs.ftruncateSync(handleOf(segment), base + at)
    fs.fdatasyncSync(handleOf(segment))
    repairs.push(why)
  }

  function damageAt(segment: Segment, offset: number, what: string): LedgerDamage {
    const message = `the ledger is damaged in ${path.basename(segment.file)} at byte ${offset} (record ${places.count}): ${what}; the store is open for reading only`
    return { segment: path.basename(segment.file), offset, sequence: places.count, message }
  }

  function placeOf(sequence: number): Place {
    const place = known(() => places.at(sequence))
    if (place === undefined)
      throw new EngineFailure("wrong-usage", `the ledger has ${places.count} records, there is none at ${sequence}`, {
        sequence,
        size: places.count
      })
    return place
  }

  /** Re-read and re-checked: bytes on a disk can change after they were scanned. */
  function frameOfSequence(sequence: number): Frame {
    const place = placeOf(sequence)
    let bytes: Uint8Array
    try {
      bytes = readUpTo(handleOf(segments[place.segment] as Segment), place.start, place.length)
    } catch (error) {
      throw diskFailure(error, `read record ${sequence} of the ledger`)
    }
    const frame = frameAt(bytes, 0)
    if (frame === null || frame.end !== bytes.length || leafOf(frame.entryBytes) !== place.leaf)
      throw damagedAt(place, sequence, "its bytes changed")
    return frame
  }

  function damagedAt(place: Place, sequence: number, why: string): EngineFailure {
    const segment = path.basename((segments[place.segment] as Segment).file)
    return new EngineFailure("ledger-damaged", `record ${sequence} of the ledger (${segment}, byte ${place.start}) is damaged: ${why}`, {
      sequence,
      segment,
      offset: place.start
    })
  }
}

function segmentName(number: number): string {
  return `${String(number).padStart(8, "0")}.log`
}

/** In order, from 1 without a gap; a gap is damage nobody can repair from here. */
function segmentNames(directory: string): string[] {
  const names = fs.readdirSync(directory).filter(name => /^[0-9]{8}\.log$/.test(name))
  names.sort()
  for (const [index, name] of names.entries()) {
    if (name !== segmentName(index + 1))
      throw new EngineFailure(
        "ledger-damaged",
        `segment ${segmentName(index + 1)} of the ledger is missing from ${directory}: restore it from a backup`,
        { missing: segmentName(index + 1) }
      )
  }
  return names
}
