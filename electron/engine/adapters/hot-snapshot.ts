/** `hot.snap`: the hot index's memory on disk, so that opening reads it instead of the whole Ledger. Any byte that changed is noticed, and the index is rebuilt. */
import fs from "node:fs"
import path from "node:path"
import { setImmediate as nextTurn } from "node:timers/promises"
import { crc32 } from "node:zlib"
import { z } from "zod"
import { digestSchema } from "../../../shared/module.ts"
import { sketchBytes, sketchClip } from "../core/sketch.ts"
import { syncDirectory } from "./disk.ts"
import { Buckets } from "./hot-buckets.ts"
import { column, Slots, SlotTable } from "./hot-slots.ts"
import type { ScanKernel } from "./scan-kernel.ts"

/** Everything the hot index holds in memory, and up to which Ledger record it is true. */
export interface HotState {
  readonly kernel: ScanKernel
  readonly slots: Slots
  readonly byText: SlotTable
  readonly byMapping: SlotTable
  readonly buckets: Buckets
  /** Sequence of the newest record applied, −1 while empty. */
  applied: number
}

export function emptyState(kernel: ScanKernel): HotState {
  const slots = new Slots()
  return {
    kernel,
    slots,
    byText: new SlotTable(slots, column.text),
    byMapping: new SlotTable(slots, column.mapping),
    buckets: new Buckets(kernel),
    applied: -1
  }
}

/** What a snapshot must have been made with to be of use. */
export interface SnapshotIdentity {
  readonly model: { readonly id: string; readonly digest: string; readonly dimensions: number }
  readonly seed: number
}

const layout = 2
/** A checksum and no Digest: what is damaged is noticed, and what is forged is a hint like all rows. */
const sumBytes = 4
const magic = Buffer.from("L4 hot\0\x02", "latin1")
const headerBytesMax = 65_536
const pieceBytes = 4 << 20
const checkBytes = 1 << 20
/** Beyond this many Mappings nothing is taken in (storage page, section 9). */
export const slotsMax = 4_000_000

const count = z.number().int().min(0).max(0xffff_fffe)
const headerSchema = z.object({
  layout: z.literal(layout),
  projection: z.object({ seed: z.number().int(), K: z.literal(sketchBytes), clip: z.literal(sketchClip) }),
  model: z.object({ id: z.string(), digest: digestSchema, dimensions: z.number().int() }),
  sequence: z.number().int().min(-1),
  leaf: z.string(),
  slots: count.max(slotsMax),
  live: count.max(slotsMax),
  text: z.object({ places: count, filled: count }),
  mapping: z.object({ places: count, filled: count }),
  buckets: count.max(slotsMax),
  rows: count.max(slotsMax)
})
export type SnapshotHeader = Readonly<z.infer<typeof headerSchema>>

/** Written beside and renamed. `leaf`: hash of the newest entry applied. Nothing may change the state until it resolves; reading goes on. */
export async function writeSnapshot(file: string, state: HotState, identity: SnapshotIdentity, leaf: string): Promise<void> {
  const parts = state.buckets.parts()
  const header: SnapshotHeader = {
    layout,
    projection: { seed: identity.seed, K: sketchBytes, clip: sketchClip },
    model: identity.model as SnapshotHeader["model"],
    sequence: state.applied,
    leaf,
    slots: state.slots.count,
    live: state.slots.live,
    text: { places: state.byText.places.length, filled: state.byText.filled },
    mapping: { places: state.byMapping.places.length, filled: state.byMapping.filled },
    buckets: state.buckets.count,
    rows: parts.rowSlots.length
  }
  const beside = `${file}.new`
  const handle = await fs.promises.open(beside, "w", 0o644)
  try {
    let sum = 0
    const staging = Buffer.allocUnsafe(pieceBytes)
    let filled = 0
    const put = async (bytes: Uint8Array) => {
      for (let from = 0; from < bytes.length; ) {
        const length = Math.min(bytes.length - from, pieceBytes - filled)
        staging.set(bytes.subarray(from, from + length), filled)
        filled += length
        from += length
        if (filled === pieceBytes) await flush()
      }
    }
    const flush = async () => {
      sum = crc32(staging.subarray(0, filled), sum)
      await writeAll(handle, staging.subarray(0, filled))
      filled = 0
    }
    await put(headerBytesOf(header))
    for (const words of [state.slots.usedWords(), state.byText.places, state.byMapping.places, parts.counts, parts.rowSlots])
      await put(bytesOf(words))
    await put(parts.hashes)
    for (const block of state.buckets.sketches()) await put(block)
    await flush()
    const end = Buffer.alloc(sumBytes)
    end.writeUInt32LE(sum)
    await writeAll(handle, end)
    await handle.sync()
  } catch (error) {
    fs.rmSync(beside, { force: true })
    throw error
  } finally {
    await handle.close()
  }
  fs.renameSync(beside, file)
  syncDirectory(path.dirname(file))
}

export type LoadedSnapshot =
  | {
      readonly kind: "loaded"
      readonly state: HotState
      readonly header: SnapshotHeader
      /** Whether its bytes are those that were written; null where that was seen already. `stopped` ends it early, with true. */
      readonly check: ((stopped: () => boolean) => Promise<boolean>) | null
    }
  | { readonly kind: "unusable"; readonly why: string }

/** Larger snapshots are held against their checksum after opening: what a damaged one leads to is a Miss at worst, and only until it is noticed. */
const checkedAtOnceMax = 16 << 20

/** The state of a snapshot, or why there is none to be had from this file. */
export function loadSnapshot(file: string, identity: SnapshotIdentity, kernel: ScanKernel, atOnceMax = checkedAtOnceMax): LoadedSnapshot {
  let handle: number
  try {
    handle = fs.openSync(file, "r")
  } catch {
    return { kind: "unusable", why: "there is no snapshot" }
  }
  try {
    const atOnce = fs.fstatSync(handle).size <= atOnceMax
    const loaded = readState(handle, identity, kernel, atOnce)
    if (atOnce) fs.closeSync(handle)
    return { kind: "loaded", ...loaded, check: atOnce ? null : stopped => checkSum(handle, stopped).finally(() => fs.closeSync(handle)) }
  } catch (error) {
    fs.closeSync(handle)
    return { kind: "unusable", why: error instanceof Unusable ? error.message : `the snapshot cannot be read (${String(error)})` }
  }
}

/** In small pieces: Lookups are answered meanwhile. */
async function checkSum(handle: number, stopped: () => boolean): Promise<boolean> {
  const end = fs.fstatSync(handle).size - sumBytes
  const piece = Buffer.allocUnsafe(checkBytes)
  let sum = 0
  for (let at = 0; at < end; ) {
    await nextTurn()
    if (stopped()) return true
    const read = fs.readSync(handle, piece, 0, Math.min(checkBytes, end - at), at)
    if (read === 0) return false
    sum = crc32(piece.subarray(0, read), sum)
    at += read
  }
  return fs.readSync(handle, piece, 0, sumBytes, end) === sumBytes && piece.readUInt32LE(0) === sum
}

class Unusable extends Error {}

function readState(
  handle: number,
  identity: SnapshotIdentity,
  kernel: ScanKernel,
  summed: boolean
): { readonly state: HotState; readonly header: SnapshotHeader } {
  let sum = 0
  const size = fs.fstatSync(handle).size
  let at = 0
  const fill = <T extends Uint8Array>(target: T): T => {
    for (let from = 0; from < target.length; ) {
      const read = fs.readSync(handle, target, from, Math.min(pieceBytes, target.length - from), at)
      if (read === 0) throw new Unusable("the snapshot ends too early")
      if (summed) sum = crc32(target.subarray(from, from + read), sum)
      from += read
      at += read
    }
    return target
  }
  const words = (length: number): Uint32Array => {
    const read = new Uint32Array(length)
    fill(bytesOf(read))
    return read
  }

  const start = fill(new Uint8Array(magic.length + 4))
  const headerLength = new DataView(start.buffer).getUint32(magic.length, true)
  if (!magic.equals(start.subarray(0, magic.length)) || headerLength > headerBytesMax) throw new Unusable("the snapshot has no header")
  const header = parseHeader(fill(new Uint8Array(headerLength)), identity)
  const ends = at + sectionBytes(header) + sumBytes
  if (size !== ends) throw new Unusable(`the snapshot has ${size} bytes; expected ${ends}`)

  const slots = new Slots(words(Slots.wordsFor(header.slots)), header.slots, header.live)
  const byText = new SlotTable(slots, column.text, words(header.text.places), header.text.filled)
  const byMapping = new SlotTable(slots, column.mapping, words(header.mapping.places), header.mapping.filled)
  const counts = words(2 * header.buckets)
  const rowSlots = words(header.rows)
  const hashes = fill(new Uint8Array(32 * header.buckets))
  // Only numbers that fit each other may be used as places in memory, whatever the sum says.
  checkCounts(header, counts, rowSlots, slots, [byText, byMapping])
  const buckets = new Buckets(kernel)
  fill(buckets.load({ hashes, counts, rowSlots }))
  const found = Buffer.alloc(sumBytes)
  if (summed && (fs.readSync(handle, found, 0, sumBytes, at) !== sumBytes || found.readUInt32LE(0) !== sum))
    throw new Unusable("the snapshot is damaged")
  return { state: { kernel, slots, byText, byMapping, buckets, applied: header.sequence }, header }
}

function parseHeader(bytes: Uint8Array, identity: SnapshotIdentity): SnapshotHeader {
  let data: unknown
  try {
    data = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes))
  } catch {
    throw new Unusable("the snapshot's header is no JSON")
  }
  const header = headerSchema.safeParse(data)
  if (!header.success) throw new Unusable("the snapshot is of another layout")
  const { model, projection } = header.data
  const { id, digest, dimensions } = identity.model
  if (model.id !== id || model.digest !== digest || model.dimensions !== dimensions || projection.seed !== identity.seed)
    throw new Unusable("the snapshot was made for another model or projection")
  return header.data
}

function sectionBytes(header: SnapshotHeader): number {
  const words = Slots.wordsFor(header.slots) + header.text.places + header.mapping.places + 2 * header.buckets + header.rows
  return 4 * words + 32 * header.buckets + sketchBytes * header.rows
}

function checkCounts(header: SnapshotHeader, counts: Uint32Array, rowSlots: Uint32Array, slots: Slots, tables: readonly SlotTable[]): void {
  let rows = 0
  for (let at = 0; at < counts.length; at += 2) rows += counts[at] as number
  let sound = rows === header.rows
  let greatest = 0
  for (let row = 0; row < rowSlots.length; row++) greatest = Math.max(greatest, rowSlots[row] as number)
  if (rowSlots.length > 0 && greatest >= header.slots) sound = false
  if (!slots.inBuckets(header.buckets)) sound = false
  for (const { places } of tables) {
    const { length } = places
    let empty = 0
    let strays = 0
    for (let at = 0; at < length; at++) {
      const place = places[at] as number
      if (place === 0) empty++
      else if (place > header.slots && place !== 0xffff_ffff) strays++
    }
    // A table without an empty place would be searched for ever.
    if ((length & (length - 1)) !== 0 || empty === 0 || strays > 0) sound = false
  }
  if (!sound) throw new Unusable("the snapshot's tables do not fit together")
}

function headerBytesOf(header: SnapshotHeader): Uint8Array {
  const text = Buffer.from(JSON.stringify(header), "utf8")
  const length = Buffer.alloc(4)
  length.writeUInt32LE(text.length)
  return Buffer.concat([magic, length, text])
}

function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
}

async function writeAll(handle: fs.promises.FileHandle, bytes: Uint8Array): Promise<void> {
  for (let from = 0; from < bytes.length; ) from += (await handle.write(bytes, from, bytes.length - from)).bytesWritten
}
