/** What the hot index keeps of every Mapping in memory: eight words each, and tables that find them by 64 bits of a Digest. The full 32 bytes decide elsewhere. */

/** Words of a slot. Digests are kept by their first eight bytes, most significant word first. */
export const column = { text: 0, mapping: 2, module: 4, sequence: 6, bucket: 7 } as const
const wordsPerSlot = 8
const liveFlag = 0x8000_0000
const vectorFlag = 0x4000_0000
const bucketMask = 0x3fff_ffff

/** What a slot is made from. Digests are 32 bytes. */
export interface SlotValues {
  readonly text: Uint8Array
  readonly mapping: Uint8Array
  readonly module: Uint8Array
  readonly sequence: number
  readonly bucket: number
  readonly withVector: boolean
}

/** Slots in the order of their `published` records; one that was evicted stays and is dead. */
export class Slots {
  words: Uint32Array
  count: number
  live: number

  constructor(words: Uint32Array = new Uint32Array(1024 * wordsPerSlot), count = 0, live = 0) {
    this.words = words
    this.count = count
    this.live = live
  }

  add(values: SlotValues): number {
    const slot = this.count
    const at = slot * wordsPerSlot
    if (at === this.words.length) {
      const bigger = new Uint32Array(Math.ceil((this.count * 5) / 4) * wordsPerSlot)
      bigger.set(this.words)
      this.words = bigger
    }
    for (const name of ["text", "mapping", "module"] as const) {
      this.words[at + column[name]] = highOf(values[name])
      this.words[at + column[name] + 1] = lowOf(values[name])
    }
    this.words[at + column.sequence] = values.sequence
    this.words[at + column.bucket] = (values.bucket | liveFlag | (values.withVector ? vectorFlag : 0)) >>> 0
    this.count++
    this.live++
    return slot
  }

  word(slot: number, at: number): number {
    return this.words[slot * wordsPerSlot + at] as number
  }

  isLive(slot: number): boolean {
    return slot < this.count && (this.word(slot, column.bucket) & liveFlag) !== 0
  }

  hasVector(slot: number): boolean {
    return (this.word(slot, column.bucket) & vectorFlag) !== 0
  }

  giveVector(slot: number): void {
    this.words[slot * wordsPerSlot + column.bucket] = (this.word(slot, column.bucket) | vectorFlag) >>> 0
  }

  kill(slot: number): void {
    this.words[slot * wordsPerSlot + column.bucket] = (this.word(slot, column.bucket) & bucketMask) >>> 0
    this.live--
  }

  bucketOf(slot: number): number {
    return this.word(slot, column.bucket) & bucketMask
  }

  /** Whether every slot lies in one of so many buckets. */
  inBuckets(buckets: number): boolean {
    const { words } = this
    let greatest = -1
    for (let at: number = column.bucket; at < this.count * wordsPerSlot; at += wordsPerSlot) {
      const bucket = (words[at] as number) & bucketMask
      if (bucket > greatest) greatest = bucket
    }
    return greatest < buckets
  }

  sequenceOf(slot: number): number {
    return this.word(slot, column.sequence)
  }

  /** Live slots whose Mapping or Module begins with these hex digits, as far as eight bytes tell. */
  *beginningWith(hex: string): Iterable<number> {
    const shown = hex.slice(0, 16)
    const high = prefixOf(shown.slice(0, 8))
    const low = prefixOf(shown.slice(8))
    for (let slot = 0; slot < this.count; slot++) {
      if (!this.isLive(slot)) continue
      for (const at of [column.mapping, column.module])
        if ((this.word(slot, at) & high.mask) >>> 0 === high.bits && (this.word(slot, at + 1) & low.mask) >>> 0 === low.bits) {
          yield slot
          break
        }
    }
  }

  /** The used words, without a copy. */
  usedWords(): Uint32Array {
    return this.words.subarray(0, this.count * wordsPerSlot)
  }

  static wordsFor(count: number): number {
    return count * wordsPerSlot
  }
}

function prefixOf(hex: string): { readonly mask: number; readonly bits: number } {
  if (hex === "") return { mask: 0, bits: 0 }
  const shift = 32 - 4 * hex.length
  return { mask: (0xffff_ffff << shift) >>> 0, bits: (Number.parseInt(hex, 16) << shift) >>> 0 }
}

const empty = 0
const removed = 0xffff_ffff
/** Filled places, removed ones too, stay below this share of a table. */
const fillMax = 0.7

/** Open addressing from the first eight bytes of one Digest to slots; several slots may share them. */
export class SlotTable {
  readonly #slots: Slots
  readonly #column: number
  places: Uint32Array
  /** Places that are not empty. */
  filled: number

  /** `places`: a power of two of them, slot + 1 each. */
  constructor(slots: Slots, at: number, places: Uint32Array = new Uint32Array(2048), filled = 0) {
    this.#slots = slots
    this.#column = at
    this.places = places
    this.filled = filled
  }

  add(slot: number): void {
    if (this.filled + 1 > this.places.length * fillMax) this.#grow()
    this.#put(slot)
  }

  remove(slot: number): void {
    const mask = this.places.length - 1
    for (let at = this.#slots.word(slot, this.#column + 1) & mask; this.places[at] !== empty; at = (at + 1) & mask)
      if (this.places[at] === slot + 1) {
        this.places[at] = removed
        return
      }
  }

  /** Slots whose Digest begins as this one does. */
  find(digest: Uint8Array): number[] {
    const high = highOf(digest)
    const low = lowOf(digest)
    const mask = this.places.length - 1
    const found: number[] = []
    for (let at = low & mask; ; at = (at + 1) & mask) {
      const place = this.places[at] as number
      if (place === empty) return found
      if (place === removed) continue
      if (this.#slots.word(place - 1, this.#column + 1) === low && this.#slots.word(place - 1, this.#column) === high) found.push(place - 1)
    }
  }

  #put(slot: number): void {
    const mask = this.places.length - 1
    let at = this.#slots.word(slot, this.#column + 1) & mask
    while (this.places[at] !== empty) at = (at + 1) & mask
    this.places[at] = slot + 1
    this.filled++
  }

  #grow(): void {
    const before = this.places
    this.places = new Uint32Array(before.length * 2)
    this.filled = 0
    for (const place of before) if (place !== empty && place !== removed) this.#put(place - 1)
  }
}

/** The first four bytes as a number. */
export function highOf(digest: Uint8Array): number {
  return (((digest[0] as number) << 24) | ((digest[1] as number) << 16) | ((digest[2] as number) << 8) | (digest[3] as number)) >>> 0
}

/** The next four. */
export function lowOf(digest: Uint8Array): number {
  return (((digest[4] as number) << 24) | ((digest[5] as number) << 16) | ((digest[6] as number) << 8) | (digest[7] as number)) >>> 0
}
