/** Timing, quantiles and rows for the lookup bench. */
import type { BenchRow } from "./bench.ts"

/** Microseconds of each. */
export async function timed<T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<number[]> {
  const times: number[] = []
  for (const one of all) {
    const start = performance.now()
    await work(one)
    times.push((performance.now() - start) * 1_000)
  }
  return times
}

/** The least of several timings of each question. */
export function bestOf(...runs: readonly (readonly number[])[]): number[] {
  return runs[0]!.map((_, at) => Math.min(...runs.map(run => run[at]!)))
}

export function quantile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
}

export function plainRow(name: string, value: number, unit: string, target: string | null, met: boolean | null): BenchRow {
  return { name, n: 1, p50: value, p99: value, unit, peers: {}, ratio: null, target, met }
}

export function say(what: string): void {
  process.stderr.write(`bench: ${what}\n`)
}
