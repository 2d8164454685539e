/** What a bench or an evaluation prints: the machine it ran on, and its rows. */
import { cpus, totalmem } from "node:os"

/** One line of a bench. Times in `unit`; `ratio` is the peer's (or the target's) p50 over ours unless the name says otherwise. */
export interface BenchRow {
  readonly name: string
  readonly n: number
  readonly p50: number
  readonly p99: number
  readonly unit: string
  readonly peers: Readonly<Record<string, number>>
  readonly ratio: number | null
  readonly target: string | null
  readonly met: boolean | null
}

export interface BenchReport {
  readonly machine: {
    readonly processor: string
    readonly cores: number
    readonly memoryGiB: number
    readonly node: string
    readonly v8: string
    readonly platform: string
  }
  readonly rows: readonly BenchRow[]
}

export function machine(): BenchReport["machine"] {
  const [first] = cpus()
  return {
    processor: first?.model ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    v8: process.versions.v8 ?? "",
    platform: `${process.platform}-${process.arch}`
  }
}

export function table(rows: readonly BenchRow[]): string {
  const cells = rows.map(row => [
    row.name,
    `${row.p50.toPrecision(4)} ${row.unit}`,
    `${row.p99.toPrecision(4)} ${row.unit}`,
    `n=${row.n}`,
    Object.entries(row.peers)
      .map(([peer, value]) => `${peer} ${value.toPrecision(4)}`)
      .join(", "),
    row.ratio === null ? "" : `${row.ratio.toFixed(2)}x`,
    row.target === null ? "" : `${row.target}: ${row.met ? "met" : "NOT MET"}`
  ])
  const heading = ["what", "p50", "p99", "", "peers (p50)", "ratio", "target"]
  const widths = heading.map((title, column) => Math.max(title.length, ...cells.map(row => row[column]!.length)))
  return [heading, ...cells]
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd()
    )
    .join("\n")
}
