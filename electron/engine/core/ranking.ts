/** Which of several near Mappings comes first, and when two texts are near enough: decided here and nowhere else. */
import type { Digest } from "../../../shared/digest.ts"

/** f32 kernels and f64 sums differ in the last digits, so nearness is decided with this tolerance, everywhere. */
export const similarityEpsilon = 1e-6
export const similarityMinDefault = 0.99

/** Cosine of two unit vectors of one length. */
export function cosine(left: Float32Array, right: Float32Array): number {
  let sum = 0
  for (let index = 0; index < left.length; index++) sum += (left[index] as number) * (right[index] as number)
  return Math.max(-1, Math.min(1, sum))
}

export function isNear(similarity: number, similarityMin: number): boolean {
  return similarity >= similarityMin - similarityEpsilon
}

/** What the order of Candidates depends on. */
export interface Ranked {
  readonly mapping: Digest
  readonly similarity: number
  readonly ledgerSequence: number
  readonly trusted: boolean
  readonly supersedes: readonly Digest[]
  /** Root under which the Verdict stands and namespace of the claim: a successor counts only within both. */
  readonly realm: string
}

/**
 * Best first: similarity in steps of the tolerance; then a trusted successor before what it supersedes within its
 * realm (a Pending one displaces nothing); then the newest position in the Ledger.
 */
export function inOrder<T extends Ranked>(candidates: readonly T[]): T[] {
  const waiting = [...candidates].sort((left, right) => stepOf(right) - stepOf(left) || right.ledgerSequence - left.ledgerSequence)
  const ordered: T[] = []
  while (waiting.length > 0) {
    const step = stepOf(waiting[0] as T)
    const next = waiting.findIndex(
      one => stepOf(one) === step && !waiting.some(other => other !== one && stepOf(other) === step && displaces(other, one))
    )
    // Claims that supersede each other in a circle displace nothing.
    ordered.push(...waiting.splice(Math.max(0, next), 1))
  }
  return ordered
}

function displaces(successor: Ranked, before: Ranked): boolean {
  return successor.trusted && successor.realm === before.realm && successor.supersedes.includes(before.mapping)
}

function stepOf(candidate: Ranked): number {
  return Math.round(candidate.similarity / similarityEpsilon)
}
