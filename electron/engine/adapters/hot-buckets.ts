/** The Mappings of each Interface: an exact table from the InterfaceHash to a block of sketches in the kernel's memory. */
import { sketchBytes } from "../core/sketch.ts"
import { lowOf } from "./hot-slots.ts"
import type { ScanKernel } from "./scan-kernel.ts"
import { scanRowsMax } from "./scan-kernel.ts"

/** Columns of a bucket: first row of its block, rows the block has room for, rows in use, live Mappings with or without a vector. */
const field = { start: 0, room: 1, used: 2, live: 3 } as const
const fieldsPerBucket = 4
const hashBytes = 32
/** The smallest block has four rows. */
const roomPowerMin = 2

/** What a scan of a bucket left over. */
export interface Survivors {
  readonly slots: readonly number[]
  /** The slot whose sketch is nearest, within the limit or not; −1 where there is none. */
  readonly nearest: number
}

/** Everything a snapshot keeps of the buckets. */
export interface BucketParts {
  readonly hashes: Uint8Array
  /** Rows in use and live Mappings, bucket after bucket. */
  readonly counts: Uint32Array
  /** Slots of all rows, bucket after bucket. */
  readonly rowSlots: Uint32Array
}

export class Buckets {
  readonly #kernel: ScanKernel
  count = 0
  #hashes: Uint8Array = new Uint8Array(256 * hashBytes)
  #fields: Uint32Array = new Uint32Array(256 * fieldsPerBucket)
  /** Bucket + 1 by the InterfaceHash; a power of two of places. */
  #table = new Uint32Array(1024)
  /** Slot of each row of the heap. */
  #rowSlots: Uint32Array = new Uint32Array(4096)
  /** Rows handed out so far. */
  #heapRows = 0
  /** Blocks given back, by the power of two their room reaches. */
  readonly #free: number[][] = []

  constructor(kernel: ScanKernel) {
    this.#kernel = kernel
  }

  /** −1 for an Interface nothing was ever published for. */
  find(hash: Uint8Array): number {
    const mask = this.#table.length - 1
    for (let at = lowOf(hash) & mask; ; at = (at + 1) & mask) {
      const place = this.#table[at] as number
      if (place === 0) return -1
      if (this.#isHash(place - 1, hash)) return place - 1
    }
  }

  findOrAdd(hash: Uint8Array): number {
    const known = this.find(hash)
    if (known >= 0) return known
    const bucket = this.count++
    if (this.count * hashBytes > this.#hashes.length) {
      this.#hashes = grown(this.#hashes, this.count * hashBytes)
      this.#fields = grown(this.#fields, this.count * fieldsPerBucket)
    }
    this.#hashes.set(hash, bucket * hashBytes)
    if (this.count > this.#table.length * 0.6) this.#rebuildTable()
    else this.#place(bucket)
    return bucket
  }

  live(bucket: number): number {
    return this.#field(bucket, field.live)
  }

  used(bucket: number): number {
    return this.#field(bucket, field.used)
  }

  addLive(bucket: number, change: 1 | -1): void {
    this.#setField(bucket, field.live, this.live(bucket) + change)
  }

  add(bucket: number, slot: number, vector: Float32Array): void {
    const used = this.used(bucket)
    if (used === this.#field(bucket, field.room)) this.#move(bucket)
    const row = this.#field(bucket, field.start) + used
    this.#rowSlots[row] = slot
    this.#kernel.sketch(vector, this.#address(row))
    this.#setField(bucket, field.used, used + 1)
  }

  /** Another vector for a slot that has one. */
  replace(bucket: number, slot: number, vector: Float32Array): void {
    const row = this.#rowOf(bucket, slot)
    if (row >= 0) this.#kernel.sketch(vector, this.#address(row))
  }

  remove(bucket: number, slot: number): void {
    const row = this.#rowOf(bucket, slot)
    if (row < 0) return
    const last = this.#field(bucket, field.start) + this.used(bucket) - 1
    const from = this.#address(last)
    this.#kernel.bytes().copyWithin(this.#address(row), from, from + sketchBytes)
    this.#rowSlots[row] = this.#rowSlots[last] as number
    this.#setField(bucket, field.used, this.used(bucket) - 1)
  }

  /** Slots whose sketch is within `limit` squared steps of the query's: every near vector's is. */
  scan(bucket: number, query: Float32Array, limit: number): Survivors {
    const start = this.#field(bucket, field.start)
    const used = this.used(bucket)
    const slots: number[] = []
    let nearest = -1
    let least = Number.POSITIVE_INFINITY
    for (let from = 0; from < used; from += scanRowsMax) {
      const found = this.#kernel.scan(query, this.#address(start + from), Math.min(scanRowsMax, used - from), limit)
      for (const row of found.rows) slots.push(this.#rowSlots[start + from + row] as number)
      if (found.nearest < 0 || found.nearestDistance >= least) continue
      least = found.nearestDistance
      nearest = this.#rowSlots[start + from + found.nearest] as number
    }
    return { slots, nearest }
  }

  /** Slots with a vector. */
  slotsOf(bucket: number): Uint32Array {
    const start = this.#field(bucket, field.start)
    return this.#rowSlots.slice(start, start + this.used(bucket))
  }

  largest(): number {
    let most = 0
    for (let bucket = 0; bucket < this.count; bucket++) most = Math.max(most, this.used(bucket))
    return most
  }

  parts(): BucketParts {
    const counts = new Uint32Array(this.count * 2)
    let rows = 0
    for (let bucket = 0; bucket < this.count; bucket++) {
      counts[2 * bucket] = this.used(bucket)
      counts[2 * bucket + 1] = this.live(bucket)
      rows += this.used(bucket)
    }
    const rowSlots = new Uint32Array(rows)
    for (let bucket = 0, at = 0; bucket < this.count; at += this.used(bucket), bucket++) {
      const start = this.#field(bucket, field.start)
      rowSlots.set(this.#rowSlots.subarray(start, start + this.used(bucket)), at)
    }
    return { hashes: this.#hashes.subarray(0, this.count * hashBytes), counts, rowSlots }
  }

  /** Sketches of all rows in the order of `parts`, a block at a time; each is valid until something is added. */
  *sketches(): Iterable<Uint8Array> {
    for (let bucket = 0; bucket < this.count; bucket++) {
      const from = this.#address(this.#field(bucket, field.start))
      if (this.used(bucket) > 0) yield this.#kernel.bytes().subarray(from, from + this.used(bucket) * sketchBytes)
    }
  }

  /** Takes in what `parts` gave; answers where the sketches, all in one piece, are to be read to. Blocks have no room to spare. */
  load(parts: BucketParts): Uint8Array {
    this.count = parts.hashes.length / hashBytes
    this.#hashes = parts.hashes
    this.#rowSlots = parts.rowSlots
    this.#heapRows = parts.rowSlots.length
    this.#fields = new Uint32Array(Math.max(1, this.count) * fieldsPerBucket)
    for (let bucket = 0, row = 0; bucket < this.count; bucket++) {
      const used = parts.counts[2 * bucket] as number
      this.#setField(bucket, field.start, row)
      this.#setField(bucket, field.room, used)
      this.#setField(bucket, field.used, used)
      this.#setField(bucket, field.live, parts.counts[2 * bucket + 1] as number)
      row += used
    }
    this.#rebuildTable()
    const from = this.#kernel.heapStart
    this.#kernel.reserve(this.#address(this.#heapRows))
    return this.#kernel.bytes().subarray(from, from + this.#heapRows * sketchBytes)
  }

  #isHash(bucket: number, hash: Uint8Array): boolean {
    const start = bucket * hashBytes
    for (let index = 0; index < hashBytes; index++) if (this.#hashes[start + index] !== hash[index]) return false
    return true
  }

  #place(bucket: number): void {
    const mask = this.#table.length - 1
    let at = lowOf(this.#hashes.subarray(bucket * hashBytes)) & mask
    while (this.#table[at] !== 0) at = (at + 1) & mask
    this.#table[at] = bucket + 1
  }

  #rebuildTable(): void {
    let size = 1024
    while (this.count > size * 0.4) size *= 2
    this.#table = new Uint32Array(size)
    for (let bucket = 0; bucket < this.count; bucket++) this.#place(bucket)
  }

  #rowOf(bucket: number, slot: number): number {
    const start = this.#field(bucket, field.start)
    return this.#rowSlots.subarray(0, start + this.used(bucket)).indexOf(slot, start)
  }

  /** A block twice as large for a bucket that is full. */
  #move(bucket: number): void {
    const before = this.#field(bucket, field.start)
    const used = this.used(bucket)
    const power = Math.max(roomPowerMin, powerOf(used) + 1)
    const start = this.#free[power]?.pop() ?? this.#fresh(2 ** power)
    const bytes = this.#kernel.bytes()
    bytes.copyWithin(this.#address(start), this.#address(before), this.#address(before + used))
    this.#rowSlots.copyWithin(start, before, before + used)
    if (used > 0) {
      const reached = powerOf(this.#field(bucket, field.room))
      const blocks = (this.#free[reached] ??= [])
      blocks.push(before)
    }
    this.#setField(bucket, field.start, start)
    this.#setField(bucket, field.room, 2 ** power)
  }

  #fresh(rows: number): number {
    const start = this.#heapRows
    this.#heapRows += rows
    this.#kernel.reserve(this.#address(this.#heapRows))
    if (this.#heapRows > this.#rowSlots.length) {
      const bigger = new Uint32Array(Math.max(this.#heapRows, Math.ceil(this.#rowSlots.length * 1.25)))
      bigger.set(this.#rowSlots)
      this.#rowSlots = bigger
    }
    return start
  }

  #address(row: number): number {
    return this.#kernel.heapStart + row * sketchBytes
  }

  #field(bucket: number, at: number): number {
    return this.#fields[bucket * fieldsPerBucket + at] as number
  }

  #setField(bucket: number, at: number, value: number): void {
    this.#fields[bucket * fieldsPerBucket + at] = value
  }
}

/** Exponent of the greatest power of two that is not above `count`; 0 for 0. */
function powerOf(count: number): number {
  return 31 - Math.clz32(Math.max(1, count))
}

function grown<T extends Uint8Array | Uint32Array>(before: T, least: number): T {
  const bigger = new (before.constructor as new (length: number) => T)(Math.max(least, before.length * 2))
  bigger.set(before)
  return bigger
}
