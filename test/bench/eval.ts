/**
 * `npm run -s eval -- retrieval|refusal [--half unseen|tuning|all] [--out DIR] [--json]`: how often the right Module is found and served, and
 * how often a wrong one is. Shares stand as p50 with their bound as p99 (`_eval-rows.ts`). Nothing is fitted here; the calibration in force
 * was made from the tuning half, and the unseen half is what is reported unless another is asked for.
 */

import { type Half, halves } from "./_eval-data.ts"
import { writeSheets } from "./_eval-plot.ts"
import { refusal } from "./_eval-refusal.ts"
import { type Evaluation, retrieval } from "./_eval-retrieval.ts"
import { type BenchReport, machine, table } from "./_report.ts"

const evaluations: Readonly<Record<string, (half: Half | "all") => Promise<Evaluation>>> = { retrieval, refusal }

interface Options {
  readonly names: readonly string[]
  readonly half: Half | "all"
  readonly out: string | null
  readonly json: boolean
}

function optionsOf(words: readonly string[]): Options | string {
  const names: string[] = []
  let half: Half | "all" = "unseen"
  let out: string | null = null
  let json = false
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string
    const value = () => words[++at] ?? ""
    if (word === "--json") json = true
    else if (word === "--out") {
      out = value()
      if (out === "") return "--out: expected a folder"
    } else if (word === "--half") {
      const chosen = value()
      const known = [...halves, "all" as const].find(one => one === chosen)
      if (known === undefined) return `--half: expected one of ${[...halves, "all"].join(", ")}, found ${JSON.stringify(chosen)}`
      half = known
    } else if (Object.hasOwn(evaluations, word)) names.push(word)
    else return `expected ${Object.keys(evaluations).join(" or ")}, --half, --out or --json, found ${JSON.stringify(word)}`
  }
  return { names: names.length === 0 ? Object.keys(evaluations) : names, half, out, json }
}

const options = optionsOf(process.argv.slice(2))
if (typeof options === "string") {
  process.stderr.write(`eval: ${options}\n`)
  process.exit(2)
}
for (const name of options.names) {
  const { rows, sheets } = await (evaluations[name] as (typeof evaluations)[string])(options.half)
  const report: BenchReport = { machine: machine(), rows }
  const written = options.out === null ? [] : writeSheets(options.out, name, sheets)
  if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`)
  else process.stdout.write(`${name}: shares stand first, then their bound (95 %, one-sided)\n${table(report.rows)}\n`)
  for (const file of written) process.stderr.write(`written ${file}\n`)
}
