/**
 * Sketches: 64 bytes that stand for a unit vector and cannot hide a near one. A vector is projected onto 64 orthonormal
 * directions, each coordinate is clipped and rounded to a signed byte. Projection and clipping never lengthen a distance,
 * so vectors of cosine ≥ t have sketches no farther apart than √(2 − 2t), plus rounding (storage page, section 4).
 */

/** Coordinates of a sketch, one signed byte each. */
export const sketchBytes = 64
/** Coordinates beyond ± this are cut. */
export const sketchClip = 0.25
/** Sketch steps for one unit of length. */
export const stepsPerUnit = 127 / sketchClip

/** Below this similarity the bound is so loose that sketches tell nothing: the vectors themselves are scanned. */
export const sketchSimilarityMin = 0.85

/** How far the square of a vector's length may be from 1, for it to count as a unit vector. */
export const unitTolerance = 1e-3

/** Each of two roundings moves a coordinate by half a step; 0.1 more than √64 covers the arithmetic in 32 bits. */
const roundingSteps = Math.sqrt(sketchBytes) + 0.1
/** The directions are orthonormal but for their 32-bit digits. */
const directionSlack = 1 + 1e-5

/**
 * Greatest squared distance, in steps, between the sketch of a query (`squaredLength` its exact |q|²) and that of any
 * vector whose dot product with it is at least `similarity`. Nothing with a greater one need be looked at.
 */
export function sketchLimit(similarity: number, squaredLength: number): number {
  const squaredDistance = Math.max(0, squaredLength + 1 + unitTolerance - 2 * similarity)
  const steps = Math.sqrt(squaredDistance) * stepsPerUnit * directionSlack + roundingSteps
  return Math.min(Math.ceil(steps * steps), 0x7fff_ffff)
}

export function squaredLengthOf(vector: Float32Array): number {
  let sum = 0
  for (let at = 0; at < vector.length; at++) {
    const value = vector[at] as number
    sum += value * value
  }
  return sum
}

/** False for NaN, infinities and any length but 1: such a vector has no similarity to speak of. */
export function isUnit(squaredLength: number): boolean {
  return Math.abs(squaredLength - 1) <= unitTolerance
}

/** 64 orthonormal rows of `dimensions` numbers, row after row, from a seed alone: the same on every machine. */
export function projectionOf(seed: number, dimensions: number): Float32Array {
  if (last?.seed !== seed || last.dimensions !== dimensions) last = { seed, dimensions, matrix: projectionFrom(seed, dimensions) }
  return last.matrix
}

/** The one made last: a process opens stores of one model, and to make it takes longer than the rest of an opening. Nobody writes into it. */
let last: { readonly seed: number; readonly dimensions: number; readonly matrix: Float32Array } | null = null

function projectionFrom(seed: number, dimensions: number): Float32Array {
  if (!Number.isInteger(dimensions) || dimensions < sketchBytes) throw new TypeError(`expected at least ${sketchBytes} dimensions`)
  const next = uniform(seed)
  const rows: Float64Array[] = []
  while (rows.length < sketchBytes) {
    const row = Float64Array.from({ length: dimensions }, () => bellShaped(next))
    // Twice: what rounding leaves of the earlier directions after the first pass is gone after the second.
    for (let pass = 0; pass < 2; pass++) for (const other of rows) subtract(row, other, dot(row, other))
    const length = Math.sqrt(dot(row, row))
    if (length < 1e-6) continue
    rows.push(row.map(value => value / length))
  }
  const matrix = new Float32Array(sketchBytes * dimensions)
  for (const [index, row] of rows.entries()) matrix.set(row, index * dimensions)
  return matrix
}

function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0
  for (let index = 0; index < left.length; index++) sum += (left[index] as number) * (right[index] as number)
  return sum
}

function subtract(row: Float64Array, other: Float64Array, times: number): void {
  for (let index = 0; index < row.length; index++) row[index] = (row[index] as number) - times * (other[index] as number)
}

/** Twelve uniform numbers make nearly a normal one, with plain arithmetic only. */
function bellShaped(next: () => number): number {
  let sum = -6
  for (let count = 0; count < 12; count++) sum += next()
  return sum
}

/** Numbers in [0, 1) from a 32-bit state (a Weyl sequence, mixed). */
function uniform(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x9e37_79b9) | 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0_aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a_2d97)
    mixed ^= mixed >>> 15
    return (mixed >>> 0) / 2 ** 32
  }
}
