/** `hot.f32`: one record of fixed size for every slot, with the vector and the full Digests. One read brings all that decides a Candidate. */
import fs from "node:fs"
import { promisify } from "node:util"
import { crc32 } from "node:zlib"
import { readUpTo, writeFully } from "./disk.ts"

const fdatasync = promisify(fs.fdatasync)

/** Where a record holds what, after a vector of `4 × dimensions` bytes. Numbers are little-endian, as every machine we run on is. */
const after = {
  interfaceHash: 0,
  mapping: 32,
  module: 64,
  text: 96,
  sequence: 128,
  createdMs: 136,
  flags: 144,
  crc: 148,
  reserved: 152
} as const
const tailBytes = 160
const withVectorFlag = 1

export interface HotRecord {
  readonly interfaceHash: Uint8Array
  readonly mapping: Uint8Array
  readonly module: Uint8Array
  /** SHA-256 of InterfaceHash, zero byte and canonical Task text. */
  readonly text: Uint8Array
  readonly sequence: number
  readonly createdMs: number
  /** Null where the Mapping has no vector of the store's model. */
  readonly vector: Float32Array | null
}

export function recordBytesOf(dimensions: number): number {
  return 4 * dimensions + tailBytes
}

export function encodeRecord(record: HotRecord, dimensions: number): Uint8Array {
  return encodeInto(Buffer.alloc(recordBytesOf(dimensions)), record, dimensions)
}

/** As `encodeRecord`, over whatever these bytes were. */
export function encodeInto(bytes: Buffer, record: HotRecord, dimensions: number): Buffer {
  const tail = 4 * dimensions
  const { vector } = record
  if (vector === null) bytes.fill(0, 0, tail)
  else bytes.set(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength))
  for (const name of ["interfaceHash", "mapping", "module", "text"] as const) bytes.set(record[name], tail + after[name])
  bytes.writeUInt32LE(record.sequence >>> 0, tail + after.sequence)
  bytes.writeUInt32LE(Math.floor(record.sequence / 2 ** 32), tail + after.sequence + 4)
  bytes.writeDoubleLE(record.createdMs, tail + after.createdMs)
  bytes.writeUInt32LE(vector === null ? 0 : withVectorFlag, tail + after.flags)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, tail + after.crc)), tail + after.crc)
  bytes.fill(0, tail + after.reserved)
  return bytes
}

/** Null where a byte is not as it was written. The record's arrays are views of `bytes`, which must begin at a multiple of 4. */
export function decodeRecord(bytes: Uint8Array, dimensions: number): HotRecord | null {
  const tail = 4 * dimensions
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (bytes.length !== recordBytesOf(dimensions)) return null
  if (view.getUint32(tail + after.crc, true) !== crc32(bytes.subarray(0, tail + after.crc))) return null
  if (view.getBigUint64(tail + after.reserved, true) !== 0n) return null
  const part = (at: number) => bytes.subarray(tail + at, tail + at + 32)
  const flags = view.getUint32(tail + after.flags, true)
  return {
    interfaceHash: part(after.interfaceHash),
    mapping: part(after.mapping),
    module: part(after.module),
    text: part(after.text),
    sequence: Number(view.getBigUint64(tail + after.sequence, true)),
    createdMs: view.getFloat64(tail + after.createdMs, true),
    vector: (flags & withVectorFlag) === 0 ? null : new Float32Array(bytes.buffer, bytes.byteOffset, dimensions)
  }
}

/** The file behind the slots, or memory alone for whoever may not write it. */
export interface RecordFile {
  /** A copy of a slot's bytes, null where there are none. */
  read(slot: number): Uint8Array | null
  /** Appends at the end or writes over; held in memory until `flush` has put it into the file. */
  write(slot: number, bytes: Uint8Array): void
  /** Where the bytes of the next slot to be appended may be put at once; null where they are to be written. */
  room(slot: number): Buffer | null
  flush(): void
  /** Durable when it resolves. */
  sync(): Promise<void>
  close(): void
}

/** `records`: how many of the file count; what lies behind them is written over. */
export function openRecordFile(file: string, recordBytes: number, records: number, readOnly: boolean): RecordFile {
  const handle = readOnly
    ? records > 0
      ? fs.openSync(file, "r")
      : -1
    : fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o644)
  /** Written here and not in the file: a reader's own tail, or what a writer wrote over. */
  const held = new Map<number, Uint8Array>()
  let inFile = records
  /** What a writer appended, in one piece: slots from `inFile` on. */
  let staging = Buffer.alloc(0)
  let staged = 0

  return {
    read(slot) {
      const own = held.get(slot)
      if (own !== undefined) return new Uint8Array(own)
      if (slot >= inFile)
        return slot < inFile + staged
          ? new Uint8Array(staging.subarray((slot - inFile) * recordBytes, (slot - inFile + 1) * recordBytes))
          : null
      const bytes = readUpTo(handle, slot * recordBytes, recordBytes)
      return bytes.length === recordBytes ? bytes : null
    },
    room(slot) {
      if (!readOnly && staged === stagedMax) tryFlush()
      if (readOnly || slot !== inFile + staged || staged === stagedMax) return null
      if (staging.length === 0) staging = Buffer.allocUnsafe(stagedMax * recordBytes)
      staged++
      return staging.subarray((staged - 1) * recordBytes, staged * recordBytes)
    },
    write(slot, bytes) {
      // What the disk refuses is held and tried again by `flush`, which says so.
      if (!readOnly && staged === stagedMax) tryFlush()
      if (readOnly || slot !== inFile + staged || staged === stagedMax) {
        held.set(slot, bytes)
        return
      }
      if (staging.length === 0) staging = Buffer.allocUnsafe(stagedMax * recordBytes)
      staging.set(bytes, staged++ * recordBytes)
    },
    flush,
    async sync() {
      flush()
      if (!readOnly) await fdatasync(handle)
    },
    close() {
      if (handle >= 0) fs.closeSync(handle)
    }
  }

  function flush(): void {
    if (readOnly) return
    if (staged > 0) {
      writeFully(handle, staging.subarray(0, staged * recordBytes), inFile * recordBytes)
      inFile += staged
      staged = 0
    }
    for (const run of runsOf(held)) {
      writeFully(handle, run.bytes.length === 1 ? (run.bytes[0] as Uint8Array) : Buffer.concat(run.bytes), run.slot * recordBytes)
      inFile = Math.max(inFile, run.slot + run.bytes.length)
    }
    held.clear()
  }

  function tryFlush(): void {
    try {
      flush()
    } catch {}
  }
}

/** Records appended before they are written to the file at the latest. */
const stagedMax = 256

/** Neighbouring slots together, so that a batch is one write. */
function runsOf(held: ReadonlyMap<number, Uint8Array>): { readonly slot: number; readonly bytes: Uint8Array[] }[] {
  const runs: { readonly slot: number; readonly bytes: Uint8Array[] }[] = []
  for (const [slot, bytes] of [...held].sort((left, right) => left[0] - right[0])) {
    const last = runs.at(-1)
    if (last !== undefined && last.slot + last.bytes.length === slot) last.bytes.push(bytes)
    else runs.push({ slot, bytes: [bytes] })
  }
  return runs
}
