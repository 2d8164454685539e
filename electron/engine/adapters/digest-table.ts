/** Where the Blobs of a Bundle lie, by Digest, in flat memory: of 300,000 a Map of texts would take some hundred megabytes. */
import { randomBytes } from "node:crypto"

/** Blobs by the number they were added under, from 0. */
export interface DigestTable {
  readonly size: number
  /** Answers its number, or -1 where it is there already. `hex`: 64 digits. */
  add(hex: string, start: number, length: number): number
  /** -1 where there is none. */
  find(hex: string): number
  hex(number: number): string
  start(number: number): number
  length(number: number): number
  /** Numbers in the order of the Digests. */
  sorted(): Uint32Array
}

const keyBytes = 32
const firstCapacity = 1_024

export function createDigestTable(): DigestTable {
  let keys = Buffer.alloc(firstCapacity * keyBytes)
  let starts = new Float64Array(firstCapacity)
  let lengths = new Uint32Array(firstCapacity)
  /** Number + 1, or 0 where the slot is free; twice as many as Blobs at least. */
  let slots = new Uint32Array(2 * firstCapacity)
  let size = 0
  const sought = Buffer.alloc(keyBytes)
  // names in an archive are a stranger's choice: with secret factors nobody can choose them to share a slot
  const seed = randomBytes(keyBytes)
  const factors = Array.from({ length: 8 }, (_, at) => seed.readUInt32LE(4 * at) | 1)

  function slotOf(key: Buffer, from: number): number {
    let mixed = 0
    for (let word = 0; word < 8; word++) mixed ^= Math.imul(key.readUInt32LE(from + 4 * word), factors[word] as number)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
    return (mixed ^ (mixed >>> 13)) & (slots.length - 1)
  }

  /** The slot of the Digest in `sought`, or the free one where it belongs. */
  function probe(): number {
    for (let slot = slotOf(sought, 0); ; slot = (slot + 1) & (slots.length - 1)) {
      const number = slots[slot] as number
      if (number === 0 || sought.compare(keys, (number - 1) * keyBytes, number * keyBytes) === 0) return slot
    }
  }

  function grow(): void {
    const wider = Buffer.alloc(2 * keys.length)
    keys.copy(wider)
    keys = wider
    const moved = new Float64Array(2 * starts.length)
    moved.set(starts)
    starts = moved
    const counts = new Uint32Array(2 * lengths.length)
    counts.set(lengths)
    lengths = counts
    slots = new Uint32Array(2 * slots.length)
    for (let number = 0; number < size; number++) {
      let slot = slotOf(keys, number * keyBytes)
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1)
      slots[slot] = number + 1
    }
  }

  return {
    get size() {
      return size
    },
    add(hex, start, length) {
      sought.write(hex, "hex")
      let slot = probe()
      if (slots[slot] !== 0) return -1
      if (size === lengths.length) {
        grow()
        slot = probe()
      }
      sought.copy(keys, size * keyBytes)
      starts[size] = start
      lengths[size] = length
      slots[slot] = ++size
      return size - 1
    },
    find(hex) {
      sought.write(hex, "hex")
      return (slots[probe()] as number) - 1
    },
    hex: number => keys.toString("hex", number * keyBytes, (number + 1) * keyBytes),
    start: number => starts[number] as number,
    length: number => lengths[number] as number,
    sorted() {
      const first = Uint32Array.from({ length: size }, (_, number) => keys.readUInt32BE(number * keyBytes))
      return Uint32Array.from({ length: size }, (_, number) => number).sort(
        (left, right) =>
          (first[left] as number) - (first[right] as number) ||
          keys.compare(keys, right * keyBytes, (right + 1) * keyBytes, left * keyBytes, (left + 1) * keyBytes)
      )
    }
  }
}
