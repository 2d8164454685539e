/** What speaks for a Candidate whose words are not near enough alone: words, and what the caller's Examples tell. One number, so that it can be calibrated. */
import type { Value } from "../../../shared/value.ts"
import { equalValues } from "./order.ts"

/** Bits beyond which one more says nothing new here. */
const bitsMax = 8
const shareBitsMax = 3
/** Shares of the words' part, which lies between 0 and 1; chosen on the tuning half of the evaluation's tasks. */
const similarityWeight = 0.65
const coverWeight = 0.35
/** How much Examples may add to it. */
const examplesWeight = 0.2

export interface SupportFacts {
  /** Cosine of the two texts' Embeddings. */
  readonly similarity: number
  /** `coverOf`, 0 to 1. */
  readonly cover: number
  /** Bits that the passed Examples tell, summed. */
  readonly bits: number
  /** Candidates of the Interface that were tried, and those among them that passed every Example. */
  readonly tried: number
  readonly passed: number
}

/** 0 to 1.2. More is better; what it is worth is for the calibration to say. */
export function supportOf({ similarity, cover, bits, tried, passed }: SupportFacts): number {
  const words = similarityWeight * Math.max(0, similarity) + coverWeight * cover
  const rare = Math.min(1, -Math.log2((passed - 0.5) / tried) / shareBitsMax)
  return words + (examplesWeight / 2) * (Math.min(bits, bitsMax) / bitsMax + Math.max(0, rare))
}

/**
 * Bits that a passed Example tells, roughly: how likely another program gives the same result by chance. Yes or no, nothing, zero and an
 * argument handed back are what many programs answer.
 */
export function bitsOf(args: readonly Value[], result: Value): number {
  if (typeof result === "boolean") return 1
  if (isPlain(result) || args.some(arg => equalValues(arg, result))) return 2
  return typeof result === "bigint" ? 4 : bitsMax
}

function isPlain(value: Value): boolean {
  if (value === null || value === "" || value === 0n || value === 1n || value === -1n) return true
  if (Array.isArray(value)) return value.length === 0
  return typeof value === "object" && "kind" in value && value.kind === "map" && value.entries.length === 0
}
