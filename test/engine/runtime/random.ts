/** Seeded randomness for the tests of the runtime: the same draws on every machine. */

export interface Random {
  /** 0 ≤ n < below. */
  readonly below: (limit: number) => number
  readonly pick: <T>(items: readonly T[]) => T
  /** Any 64 bits. */
  readonly bits64: () => bigint
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }
  return {
    below: limit => next() % limit,
    pick: items => items[next() % items.length] as never,
    bits64: () => (BigInt(next()) << 32n) | BigInt(next())
  }
}
