/** Where each record of a Ledger lies and its leaf hash: 48 bytes a record, the older ones in a file that is read piece by piece, the newer ones in memory. */
import { createHash, hash } from "node:crypto"
import fs from "node:fs"
import { promisify } from "node:util"
import { nodeHash } from "../core/merkle.ts"
import { readUpTo, writeFully } from "./disk.ts"

const fdatasync = promisify(fs.fdatasync)

export interface Place {
  /** Number of the segment, from 0. */
  readonly segment: number
  /** Bytes. */
  readonly start: number
  readonly length: number
  /** RFC 6962 leaf hash, hex. */
  readonly leaf: string
}

/** What a snapshot keeps beside the file, so that its bytes need not be read to be believed. */
export interface PlacesSummary {
  readonly count: number
  /** SHA-256 of each chunk of the file, the last one as far as it goes. */
  readonly chunks: Uint8Array
  /** Heads of the complete subtrees of 1,024 leaves, in order. */
  readonly heads: Uint8Array
}

export interface LedgerPlaces {
  readonly count: number
  add(place: Place): void
  /** Undefined where there is no such record. Throws `PlacesDamaged`. */
  at(sequence: number): Place | undefined
  /** Leaf hashes of the first `size` records, 32 bytes each. */
  leaves(size: number): Uint8Array[]
  /** RFC 6962 head of the tree of the first `size` records. */
  root(size: number): Uint8Array
  /** Moves what is in memory into the file; durable when it resolves. Records added meanwhile stay in memory. */
  save(file: string): Promise<PlacesSummary>
  close(): void
}

/** The file is not what its summary says: whoever holds the Ledger reads it again. */
export class PlacesDamaged extends Error {}

const placeBytes = 48
const leafBytes = 32
const leafOffset = placeBytes - leafBytes
const chunkPlaces = 256
const chunkBytes = chunkPlaces * placeBytes
/** Leaves under one head that is kept. */
const subtree = 1_024
const chunksHeldMax = 512
const firstCapacity = 256

const hashOf = (bytes: Uint8Array): Uint8Array => hash("sha256", bytes, "buffer")

export function createLedgerPlaces(from?: { readonly file: string; readonly summary: PlacesSummary }): LedgerPlaces {
  let filed = from?.summary.count ?? 0
  let handle = from === undefined ? -1 : fs.openSync(from.file, "r")
  let sums = Buffer.from(from?.summary.chunks ?? [])
  /** Chunks read and compared with their sum, the oldest first. */
  const held = new Map<number, Buffer>()
  let memory: Buffer = Buffer.alloc(firstCapacity * placeBytes)
  let count = filed
  const heads: Uint8Array[] = []
  for (let at = 0; at < (from?.summary.heads.length ?? 0); at += leafBytes)
    heads.push((from as { summary: PlacesSummary }).summary.heads.slice(at, at + leafBytes))
  /** Leaves after the last head. */
  let loose: Uint8Array[] | null = filed === heads.length * subtree ? [] : null

  return {
    get count() {
      return count
    },
    add({ segment, start, length, leaf }) {
      const at = (count - filed) * placeBytes
      if (at === memory.length) {
        const larger = Buffer.alloc(memory.length * 2)
        memory.copy(larger)
        memory = larger
      }
      memory.writeUInt32LE(segment, at)
      memory.writeUInt32LE(start, at + 4)
      memory.writeUInt32LE(length, at + 8)
      memory.write(leaf, at + leafOffset, "hex")
      const leaves = looseLeaves()
      count++
      leaves.push(new Uint8Array(memory.subarray(at + leafOffset, at + placeBytes)))
      if (leaves.length < subtree) return
      heads.push(folded(completeHeads(leaves)))
      loose = []
    },
    at(sequence) {
      if (!Number.isInteger(sequence) || sequence < 0 || sequence >= count) return undefined
      const { bytes, at } = bytesOf(sequence)
      return {
        segment: bytes.readUInt32LE(at),
        start: bytes.readUInt32LE(at + 4),
        length: bytes.readUInt32LE(at + 8),
        leaf: bytes.toString("hex", at + leafOffset, at + placeBytes)
      }
    },
    leaves: size => Array.from({ length: Math.min(size, count) }, (_, sequence) => leafAt(sequence)),
    root(size) {
      const whole = Math.floor(size / subtree)
      const rest = Array.from({ length: size - whole * subtree }, (_, at) => leafAt(whole * subtree + at))
      const all = [...completeHeads(heads.slice(0, whole)), ...completeHeads(rest)]
      return new Uint8Array(all.length === 0 ? hashOf(new Uint8Array()) : folded(all))
    },
    save,
    close() {
      if (handle >= 0) fs.closeSync(handle)
      handle = -1
    }
  }

  function looseLeaves(): Uint8Array[] {
    loose ??= Array.from({ length: count - heads.length * subtree }, (_, at) => leafAt(heads.length * subtree + at))
    return loose
  }

  function leafAt(sequence: number): Uint8Array {
    const { bytes, at } = bytesOf(sequence)
    return new Uint8Array(bytes.subarray(at + leafOffset, at + placeBytes))
  }

  function bytesOf(sequence: number): { readonly bytes: Buffer; readonly at: number } {
    if (sequence >= filed) return { bytes: memory, at: (sequence - filed) * placeBytes }
    const number = Math.floor(sequence / chunkPlaces)
    return { bytes: held.get(number) ?? readChunk(number), at: (sequence % chunkPlaces) * placeBytes }
  }

  function readChunk(number: number): Buffer {
    const start = number * chunkBytes
    const read = readUpTo(handle, start, Math.min(chunkBytes, filed * placeBytes - start))
    const bytes = Buffer.from(read.buffer, read.byteOffset, read.length)
    if (!hash("sha256", bytes, "buffer").equals(sums.subarray(number * 32, number * 32 + 32)))
      throw new PlacesDamaged("the file of the ledger's places is damaged")
    held.set(number, bytes)
    if (held.size > chunksHeldMax) held.delete(held.keys().next().value as number)
    return bytes
  }

  async function save(file: string): Promise<PlacesSummary> {
    const saved = count
    const firstChunk = Math.floor(filed / chunkPlaces)
    const before =
      firstChunk * chunkPlaces < filed
        ? bytesOf(firstChunk * chunkPlaces).bytes.subarray(0, (filed % chunkPlaces) * placeBytes)
        : Buffer.alloc(0)
    const bytes = Buffer.concat([before, memory.subarray(0, (saved - filed) * placeBytes)])
    const writer = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o644)
    try {
      writeFully(writer, bytes, firstChunk * chunkBytes)
      await fdatasync(writer)
    } catch (error) {
      fs.closeSync(writer)
      throw error
    }
    const fresh: Buffer[] = [sums.subarray(0, firstChunk * 32)]
    for (let at = 0; at < bytes.length; at += chunkBytes)
      fresh.push(
        createHash("sha256")
          .update(bytes.subarray(at, at + chunkBytes))
          .digest()
      )
    sums = Buffer.concat(fresh)
    memory = Buffer.from(memory.subarray((saved - filed) * placeBytes))
    if (memory.length < firstCapacity * placeBytes) memory = Buffer.concat([memory, Buffer.alloc(firstCapacity * placeBytes)])
    held.delete(firstChunk)
    filed = saved
    if (handle >= 0) fs.closeSync(handle)
    handle = writer
    return { count: saved, chunks: sums, heads: Buffer.concat(heads.slice(0, Math.floor(saved / subtree))) }
  }
}

/** Heads of complete subtrees over leaves of one size, largest first. */
function completeHeads(leaves: readonly Uint8Array[]): Uint8Array[] {
  const heads: Uint8Array[] = []
  for (const [index, leaf] of leaves.entries()) {
    let head = leaf
    for (let rest = index; rest % 2 === 1; rest = Math.floor(rest / 2)) head = nodeHash(heads.pop() as Uint8Array, head, hashOf)
    heads.push(head)
  }
  return heads
}

function folded(heads: readonly Uint8Array[]): Uint8Array {
  return heads.slice(0, -1).reduceRight((right, left) => nodeHash(left, right, hashOf), heads.at(-1) as Uint8Array)
}
