/** The Merkle tree of RFC 6962 over Ledger entries: hashes, proofs and their verification, and a frontier that grows with the Ledger. */
import { concatBytes, equalBytes, sha256 as portableSha256 } from "./digest.ts"

/** SHA-256; the engine may hand in a faster one with the same answers. */
export type Hash = (bytes: Uint8Array) => Uint8Array

const leafPrefix = new Uint8Array([0])
const nodePrefix = new Uint8Array([1])

/** Leaf hash of an entry's bytes: SHA-256(0x00 ‖ bytes). */
export function leafHash(entry: Uint8Array, hash: Hash = portableSha256): Uint8Array {
  return hash(concatBytes(leafPrefix, entry))
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array, hash: Hash = portableSha256): Uint8Array {
  return hash(concatBytes(nodePrefix, left, right))
}

/** Tree head over leaf hashes; that of no leaf is SHA-256 of nothing. */
export function merkleRoot(leaves: readonly Uint8Array[], hash: Hash = portableSha256): Uint8Array {
  return leaves.length === 0 ? hash(new Uint8Array()) : rangeRoot(leaves, 0, leaves.length, hash)
}

/**
 * Sibling hashes of leaf `index`, from its neighbour upwards, in the tree of all `leaves`.
 * Throws a RangeError where there is no such leaf.
 */
export function inclusionProof(leaves: readonly Uint8Array[], index: number, hash: Hash = portableSha256): Uint8Array[] {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length)
    throw new RangeError(`expected a leaf below ${leaves.length}, found ${index}`)
  const proof: Uint8Array[] = []
  let start = 0
  let end = leaves.length
  while (end - start > 1) {
    const middle = start + splitOf(end - start)
    if (index < middle) {
      proof.push(rangeRoot(leaves, middle, end, hash))
      end = middle
    } else {
      proof.push(rangeRoot(leaves, start, middle, hash))
      start = middle
    }
  }
  return proof.reverse()
}

/**
 * Proof that the tree of the first `from` leaves is a prefix of the tree of all of them (RFC 6962, 2.1.2).
 * Empty for equal sizes. Throws a RangeError unless 1 ≤ from ≤ leaves.length.
 */
export function consistencyProof(leaves: readonly Uint8Array[], from: number, hash: Hash = portableSha256): Uint8Array[] {
  if (!Number.isInteger(from) || from < 1 || from > leaves.length)
    throw new RangeError(`expected a size from 1 to ${leaves.length}, found ${from}`)
  return subproof(leaves, 0, leaves.length, from, true, hash)
}

function subproof(leaves: readonly Uint8Array[], start: number, end: number, from: number, whole: boolean, hash: Hash): Uint8Array[] {
  if (from === end - start) return whole ? [] : [rangeRoot(leaves, start, end, hash)]
  const split = splitOf(end - start)
  const middle = start + split
  return from <= split
    ? [...subproof(leaves, start, middle, from, whole, hash), rangeRoot(leaves, middle, end, hash)]
    : [...subproof(leaves, middle, end, from - split, false, hash), rangeRoot(leaves, start, middle, hash)]
}

/** Whether `leaf` is entry `index` of the tree with `size` leaves and head `root`. */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
  hash: Hash = portableSha256
): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false
  let node = index
  let last = size - 1
  let computed = leaf
  for (const sibling of proof) {
    if (last === 0) return false
    if (node % 2 === 1 || node === last) {
      computed = nodeHash(sibling, computed, hash)
      // a right edge without a sibling of its own rises until it has one
      while (node % 2 === 0 && node !== 0) {
        node /= 2
        last = Math.floor(last / 2)
      }
    } else computed = nodeHash(computed, sibling, hash)
    node = Math.floor(node / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && equalBytes(computed, root)
}

/** Whether the tree of `from` leaves with head `fromRoot` is a prefix of that of `to` leaves with head `toRoot`. */
export function verifyConsistency(
  from: number,
  to: number,
  proof: readonly Uint8Array[],
  fromRoot: Uint8Array,
  toRoot: Uint8Array,
  hash: Hash = portableSha256
): boolean {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 1 || from > to) return false
  if (from === to) return proof.length === 0 && equalBytes(fromRoot, toRoot)
  const steps = isPowerOfTwo(from) ? [fromRoot, ...proof] : [...proof]
  let node = from - 1
  let last = to - 1
  while (node % 2 === 1) {
    node = Math.floor(node / 2)
    last = Math.floor(last / 2)
  }
  const first = steps.shift()
  if (first === undefined) return false
  let older = first
  let newer = first
  for (const step of steps) {
    if (last === 0) return false
    if (node % 2 === 1 || node === last) {
      older = nodeHash(step, older, hash)
      newer = nodeHash(step, newer, hash)
      while (node % 2 === 0 && node !== 0) {
        node /= 2
        last = Math.floor(last / 2)
      }
    } else newer = nodeHash(newer, step, hash)
    node = Math.floor(node / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && equalBytes(older, fromRoot) && equalBytes(newer, toRoot)
}

/** A tree that only grows: it keeps one hash for each complete subtree on its right edge, at most 53. */
export interface Frontier {
  readonly size: number
  push(leaf: Uint8Array): void
  root(): Uint8Array
}

export function createFrontier(hash: Hash = portableSha256): Frontier {
  /** Heads of complete subtrees, largest first; their sizes are the bits of `size`. */
  const heads: Uint8Array[] = []
  let size = 0
  return {
    get size() {
      return size
    },
    push(leaf) {
      let head = leaf
      for (let rest = size; rest % 2 === 1; rest = Math.floor(rest / 2)) head = nodeHash(heads.pop() as Uint8Array, head, hash)
      heads.push(head)
      size++
    },
    root() {
      const newest = heads.at(-1)
      if (newest === undefined) return hash(new Uint8Array())
      return heads.slice(0, -1).reduceRight((right, left) => nodeHash(left, right, hash), newest)
    }
  }
}

function rangeRoot(leaves: readonly Uint8Array[], start: number, end: number, hash: Hash): Uint8Array {
  if (end - start === 1) return leaves[start] as Uint8Array
  const middle = start + splitOf(end - start)
  return nodeHash(rangeRoot(leaves, start, middle, hash), rangeRoot(leaves, middle, end, hash), hash)
}

/** Largest power of two below `size` (≥ 2). */
function splitOf(size: number): number {
  let split = 1
  while (split * 2 < size) split *= 2
  return split
}

function isPowerOfTwo(size: number): boolean {
  return splitOf(size * 2) === size
}
