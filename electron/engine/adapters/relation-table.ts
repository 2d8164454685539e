/** Relations held in memory: 40 bytes each in one buffer, found by a table of chains. Objects would take ten times that. */

/** Key 32 · kind 1 · zeros 3 · position 4, big-endian, so that comparing bytes orders by key, kind and position. */
export const relationBytes = 40
const kindOffset = 32
const positionOffset = 36
const firstCapacity = 64

export interface RelationTable {
  readonly count: number
  add(kind: number, key: Uint8Array, position: number): void
  /** Appends the positions of a key and kind, in no order. */
  collect(kind: number, key: Uint8Array, into: number[]): void
  /** Entry `at` in the order of adding; valid until the next `add`. */
  entry(at: number): Buffer
  /** Entries in order, as their numbers in the order of adding. */
  sorted(): Uint32Array
}

export const kindOf = (entry: Buffer, at = 0): number => entry[at + kindOffset] as number
export const positionOf = (entry: Buffer, at = 0): number => entry.readUInt32BE(at + positionOffset)

export function createRelationTable(): RelationTable {
  let bytes = Buffer.alloc(firstCapacity * relationBytes)
  /** Entry + 1 at the head of each chain, and behind each entry. */
  let heads = new Uint32Array(firstCapacity)
  let next = new Uint32Array(firstCapacity)
  let count = 0

  return {
    get count() {
      return count
    },
    add(kind, key, position) {
      if (count === next.length) grow()
      const at = count * relationBytes
      bytes.set(key, at)
      bytes[at + kindOffset] = kind
      bytes.writeUInt32BE(position, at + positionOffset)
      chain(count++)
    },
    collect(kind, key, into) {
      for (let one = heads[place(key, 0)] as number; one !== 0; one = next[one - 1] as number) {
        const at = (one - 1) * relationBytes
        if (bytes[at + kindOffset] === kind && bytes.compare(key, 0, kindOffset, at, at + kindOffset) === 0)
          into.push(bytes.readUInt32BE(at + positionOffset))
      }
    },
    entry: at => bytes.subarray(at * relationBytes, (at + 1) * relationBytes),
    sorted() {
      // Numbers sort natively; 30 bits of the key settle nearly all of it, and the rest is settled in place.
      const places = 2 ** 23
      const keys = new Float64Array(count)
      for (let at = 0; at < count; at++) keys[at] = (bytes.readUInt32BE(at * relationBytes) >>> 2) * places + (at % places)
      if (count > places) return Uint32Array.from({ length: count }, (_, at) => at).sort(compare)
      keys.sort()
      const order = Uint32Array.from(keys, key => key % places)
      for (let from = 0; from < count; ) {
        const prefix = Math.floor((keys[from] as number) / places)
        let to = from + 1
        while (to < count && Math.floor((keys[to] as number) / places) === prefix) to++
        if (to - from > 1) order.subarray(from, to).sort(compare)
        from = to
      }
      return order
    }
  }

  function compare(left: number, right: number): number {
    const at = right * relationBytes
    return bytes.compare(bytes, at, at + relationBytes, left * relationBytes, (left + 1) * relationBytes)
  }

  /** Digests are as good as random: four of their bytes are the hash. */
  function place(key: Uint8Array, at: number): number {
    return (
      (((key[at + 4] as number) << 24) ^ ((key[at + 5] as number) << 16) ^ ((key[at + 6] as number) << 8) ^ (key[at + 7] as number)) &
      (heads.length - 1)
    )
  }

  function chain(at: number): void {
    const head = place(bytes, at * relationBytes)
    next[at] = heads[head] as number
    heads[head] = at + 1
  }

  function grow(): void {
    const capacity = next.length * 2
    const larger = Buffer.alloc(capacity * relationBytes)
    bytes.copy(larger)
    bytes = larger
    next = new Uint32Array(capacity)
    heads = new Uint32Array(capacity)
    for (let at = 0; at < count; at++) chain(at)
  }
}
