/** Rows of an evaluation: a share with its exact bound, and times. */
import { lowerBound, upperBound } from "../../electron/engine/core/calibration.ts"
import type { BenchRow } from "./_report.ts"

export interface Share {
  readonly hits: number
  readonly n: number
}

export interface Aim {
  readonly atLeast?: number
  readonly atMost?: number
}

/**
 * `p50` is the share, `p99` its bound (Clopper–Pearson, one-sided, 95 %): the lower one of what is wanted, the upper one of what is not.
 * A target is met by the share itself; the bound says how sure that is.
 */
export function shareRow(
  name: string,
  { hits, n }: Share,
  wanted: boolean,
  aim: Aim = {},
  peers: Readonly<Record<string, number>> = {}
): BenchRow {
  const share = n === 0 ? 0 : hits / n
  const target = aim.atLeast !== undefined ? `at least ${aim.atLeast}` : aim.atMost !== undefined ? `at most ${aim.atMost}` : null
  const met = aim.atLeast !== undefined ? share >= aim.atLeast : aim.atMost !== undefined ? share <= aim.atMost : null
  return {
    name,
    n,
    p50: share,
    p99: wanted ? lowerBound(hits, n) : upperBound(hits, n),
    unit: "share",
    peers: { count: hits, ...peers },
    ratio: null,
    target,
    met: n === 0 && target !== null ? false : met
  }
}

export function timeRow(name: string, times: readonly number[]): BenchRow {
  const sorted = times.toSorted((left, right) => left - right)
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
  return { name, n: times.length, p50: at(0.5), p99: at(0.99), unit: "ms", peers: { p95: at(0.95) }, ratio: null, target: null, met: null }
}

/** How many of a list there are, of all. */
export function shareOf<T>(list: readonly T[], holds: (one: T) => boolean): Share {
  return { hits: list.filter(holds).length, n: list.length }
}
