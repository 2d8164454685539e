/** Many proofs over one tree: the heads of complete subtrees are kept, so that a proof costs a few look-ups and not the whole tree again. */
import type { Hash } from "./merkle.ts"
import { nodeHash } from "./merkle.ts"

/** Proofs of RFC 6962 over a fixed list of leaf hashes; the same answers as `inclusionProof` and `consistencyProof`. */
export interface MerkleTree {
  readonly size: number
  root(): Uint8Array
  /** Siblings from the leaf upwards. Throws a RangeError where there is no such leaf. */
  inclusion(index: number): Uint8Array[]
}

export function createMerkleTree(leaves: readonly Uint8Array[], hash: Hash): MerkleTree {
  /** `levels[k][i]`: head of the leaves from i·2^k, where all 2^k are there. */
  const levels: Uint8Array[][] = [[...leaves]]
  for (let below = levels[0] as Uint8Array[]; below.length > 1; ) {
    const level: Uint8Array[] = []
    for (let at = 0; at + 1 < below.length; at += 2) level.push(nodeHash(below[at] as Uint8Array, below[at + 1] as Uint8Array, hash))
    levels.push(level)
    below = level
  }

  function range(start: number, end: number): Uint8Array {
    const size = end - start
    const level = Math.log2(size)
    if (Number.isInteger(level)) return (levels[level] as Uint8Array[])[start / size] as Uint8Array
    const middle = start + splitOf(size)
    return nodeHash(range(start, middle), range(middle, end), hash)
  }

  return {
    size: leaves.length,
    root: () => (leaves.length === 0 ? hash(new Uint8Array()) : range(0, leaves.length)),
    inclusion(index) {
      if (!Number.isInteger(index) || index < 0 || index >= leaves.length)
        throw new RangeError(`expected a leaf below ${leaves.length}, found ${index}`)
      const proof: Uint8Array[] = []
      let start = 0
      let end = leaves.length
      while (end - start > 1) {
        const middle = start + splitOf(end - start)
        if (index < middle) {
          proof.push(range(middle, end))
          end = middle
        } else {
          proof.push(range(start, middle))
          start = middle
        }
      }
      return proof.reverse()
    }
  }
}

function splitOf(size: number): number {
  let split = 1
  while (split * 2 < size) split *= 2
  return split
}
