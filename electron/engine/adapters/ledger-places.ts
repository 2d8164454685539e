/** Where each record of a Ledger lies and its leaf hash, in columns of 48 bytes a record: objects would take five times that. */
export interface Place {
  /** Number of the segment, from 0. */
  readonly segment: number
  /** Bytes. */
  readonly start: number
  readonly length: number
  /** RFC 6962 leaf hash, hex. */
  readonly leaf: string
}

export interface LedgerPlaces {
  readonly count: number
  add(place: Place): void
  /** Undefined where there is no such record. */
  at(sequence: number): Place | undefined
  /** Leaf hashes of the first `size` records, 32 bytes each. */
  leaves(size: number): Uint8Array[]
}

const leafBytes = 32
const firstCapacity = 256

export function createLedgerPlaces(): LedgerPlaces {
  let count = 0
  let segments = new Uint32Array(firstCapacity)
  let starts = new Uint32Array(firstCapacity)
  let lengths = new Uint32Array(firstCapacity)
  let leaves = Buffer.alloc(firstCapacity * leafBytes)

  return {
    get count() {
      return count
    },
    add({ segment, start, length, leaf }) {
      if (count === segments.length) grow()
      segments[count] = segment
      starts[count] = start
      lengths[count] = length
      leaves.write(leaf, count * leafBytes, "hex")
      count++
    },
    at(sequence) {
      if (!Number.isInteger(sequence) || sequence < 0 || sequence >= count) return undefined
      return {
        segment: segments[sequence] as number,
        start: starts[sequence] as number,
        length: lengths[sequence] as number,
        leaf: leaves.toString("hex", sequence * leafBytes, (sequence + 1) * leafBytes)
      }
    },
    leaves: size =>
      Array.from({ length: Math.min(size, count) }, (_, at) => new Uint8Array(leaves.subarray(at * leafBytes, (at + 1) * leafBytes)))
  }

  function grow(): void {
    const capacity = 2 * segments.length
    segments = copied(segments, capacity)
    starts = copied(starts, capacity)
    lengths = copied(lengths, capacity)
    const more = Buffer.alloc(capacity * leafBytes)
    leaves.copy(more)
    leaves = more
  }
}

function copied(column: Uint32Array, capacity: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(capacity)
  larger.set(column)
  return larger
}
