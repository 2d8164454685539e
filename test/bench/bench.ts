/** `npm run bench -- NAME [--json] [options]`: measures side by side in one run and prints ratios. Nothing here asserts. */

import { existsSync, readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { type BenchReport, type BenchRow, machine, table } from "./_report.ts"

export type { BenchRow } from "./_report.ts"

/** Each bench is a module beside this file that exports `rows(options)`. */
interface Bench {
  rows(options: ReadonlyMap<string, string>): Promise<readonly BenchRow[]>
}

const folder = fileURLToPath(new URL(".", import.meta.url))

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
    .filter(name => name.endsWith(".ts") && !["bench.ts", "eval.ts"].includes(name) && !name.startsWith("_"))
    .map(name => name.slice(0, -3))
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
