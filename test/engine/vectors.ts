/** Random unit vectors from a seed, and vectors at an exact cosine from one, for tests and benches of nearness. */

/** Numbers in [0, 1): xorshift on 32 bits. */
export function randomOf(seed: number): () => number {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

export function unitVector(random: () => number, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions)
  for (let at = 0; at < dimensions; at++) vector[at] = random() + random() + random() + random() - 2
  return normalised(vector)
}

export function normalised(vector: Float32Array): Float32Array {
  let sum = 0
  for (const value of vector) sum += value * value
  const length = Math.sqrt(sum)
  return vector.map(value => value / length)
}

/** A unit vector whose cosine with `from` is `cosine`, but for its 32-bit digits. */
export function vectorAt(from: Float32Array, cosine: number, random: () => number): Float32Array {
  const other = unitVector(random, from.length)
  let along = 0
  for (let at = 0; at < from.length; at++) along += from[at]! * other[at]!
  const across = new Float64Array(from.length)
  let length = 0
  for (let at = 0; at < from.length; at++) {
    const value = other[at]! - along * from[at]!
    across[at] = value
    length += value * value
  }
  const scale = Math.sqrt((1 - cosine * cosine) / length)
  return Float32Array.from(across, (value, at) => cosine * from[at]! + scale * value)
}
