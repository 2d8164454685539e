/** What speaks for a Candidate whose words are not near enough alone: words, and what the caller's Examples tell. One number, so that it can be calibrated. */
import type { Value } from "../../../shared/value.ts"
import { equalValues } from "./order.ts"
import { printValue } from "./print.ts"

/** Bits beyond which one more says nothing new here. */
const bitsMax = 8
/** Shares of the words' part, which lies between 0 and 1, and how much Examples may add; chosen on the tuning half of the evaluation's tasks. */
const similarityWeight = 0.75
const coverWeight = 0.25
const examplesWeight = 0.25
export const supportMax = similarityWeight + coverWeight + examplesWeight

export interface SupportFacts {
  /** Cosine of the two texts' Embeddings. */
  readonly similarity: number
  /** `coverOf`, 0 to 1. */
  readonly cover: number
  /** Bits that the passed Examples tell, summed. */
  readonly bits: number
}

/** 0 to `supportMax`. More is better; what it is worth is for the calibration to say. */
export function supportOf({ similarity, cover, bits }: SupportFacts): number {
  const words = similarityWeight * Math.max(0, similarity) + coverWeight * cover
  return words + (examplesWeight * Math.min(bits, bitsMax)) / bitsMax
}

/**
 * Bits that a passed Example tells, roughly: how likely another program gives the same result by chance. Yes or no, nothing, zero and an
 * argument handed back are what many programs answer; a piece of an argument, or some of its elements in their order, is what some do.
 */
export function bitsOf(args: readonly Value[], result: Value): number {
  if (typeof result === "boolean") return 1
  if (isPlain(result) || args.some(arg => equalValues(arg, result))) return 2
  if (typeof result === "bigint") return 4
  return isPiece(args, result) ? 4 : bitsMax
}

function isPiece(args: readonly Value[], result: Value): boolean {
  if (Array.isArray(result)) return args.some(arg => Array.isArray(arg) && isSubsequence(result, arg))
  return printValue(args).includes(printValue(result).replace(/^"|"$/gu, ""))
}

function isSubsequence(some: readonly Value[], all: readonly Value[]): boolean {
  let at = 0
  for (const item of all) if (at < some.length && equalValues(some[at] as Value, item)) at++
  return at === some.length
}

function isPlain(value: Value): boolean {
  if (value === null || value === "" || value === 0n || value === 1n || value === -1n) return true
  if (Array.isArray(value)) return value.length === 0
  return typeof value === "object" && "kind" in value && value.kind === "map" && value.entries.length === 0
}
