/** `npm run bench -- NAME [--json] [options]`: measures side by side in one run and prints ratios. Nothing here asserts. */

import { existsSync, readdirSync } from "node:fs"
import { cpus, totalmem } from "node:os"
import { fileURLToPath } from "node:url"

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

/** Each bench is a module beside this file that exports `rows(options)`. */
interface Bench {
  rows(options: ReadonlyMap<string, string>): Promise<readonly BenchRow[]>
}

const folder = fileURLToPath(new URL(".", import.meta.url))

function machine(): BenchReport["machine"] {
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

function readOptions(words: readonly string[]): { names: string[]; options: Map<string, string> } {
  const names: string[] = []
  const options = new Map<string, string>()
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    if (!word.startsWith("--")) names.push(word)
    else if (word === "--json") options.set("json", "true")
    else options.set(word.slice(2), words[++at] ?? "")
  }
  return { names, options }
}

function available(): string[] {
  return readdirSync(folder)
    .filter(name => name.endsWith(".ts") && name !== "bench.ts" && !name.startsWith("_"))
    .map(name => name.slice(0, -3))
}

function table(rows: readonly BenchRow[]): string {
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

const { names, options } = readOptions(process.argv.slice(2))
const chosen = names.length === 0 ? available() : names
for (const name of chosen) {
  if (!/^[a-z-]+$/.test(name) || !existsSync(`${folder}${name}.ts`)) {
    process.stderr.write(`bench: expected one of ${available().join(", ")}, found ${JSON.stringify(name)}\n`)
    process.exit(2)
  }
}
for (const name of chosen) {
  const bench = (await import(`./${name}.ts`)) as Bench
  const report: BenchReport = { machine: machine(), rows: await bench.rows(options) }
  process.stdout.write(
    options.has("json")
      ? `${JSON.stringify(report)}\n`
      : `${name} on ${report.machine.processor}, ${report.machine.cores} cores, Node ${report.machine.node}\n${table(report.rows)}\n`
  )
}
