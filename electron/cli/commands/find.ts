/** Commands that search by more than a Digest: find, as it comes, and probe. */
import type { AnswerOf, FindTerms, InputOf, ModuleRow } from "../../../shared/engine-contract.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import type { Engine } from "../../engine/index.ts"
import { caretUnder, parseExampleLine } from "../../engine/index.ts"
import { exitCodes } from "../exit-code.ts"
import { expectPositionals, expectText, type Words } from "../options.ts"
import { outcomeText, plain, rowsText } from "../show.ts"
import { type Answer, type Command, mappingChoice, mappingOptions } from "./command.ts"

type Page = AnswerOf<"findNext">

const skippedShownMax = 10

export const findCommands: Readonly<Record<string, Command>> = {
  find: {
    usage:
      "find [WORDS] [--type TYPE] [--exact] [--example 'ARGS => RESULT']… [--verdict trusted|pending|untrusted] [--capability NAME]… [--pure] [--publisher NAME|KEYID] [--profile linked|plain] [--max-bytes N] [--used] [--unused] [--review] [--no-probe] [--limit N]",
    options: {
      type: "text",
      exact: "flag",
      example: "texts",
      verdict: "text",
      capability: "texts",
      pure: "flag",
      publisher: "text",
      profile: "text",
      "max-bytes": "text",
      used: "flag",
      unused: "flag",
      review: "flag",
      "no-probe": "flag",
      limit: "text"
    },
    reads: true,
    async run(words, session): Promise<Answer> {
      const terms = termsOf(words)
      const engine = await session.engine()
      const { search } = await engine.findStart(terms)
      const rows = new Map<string, ModuleRow>()
      const written = new Set<string>()
      let page = await turn(engine, search, rows)
      for (; !page.done; page = await turn(engine, search, rows)) if (!session.json) writeSettled(page, rows, written, terms)
      const ordered = page.order.flatMap(mapping => rows.get(mapping) ?? [])
      if (!session.json) write(ordered, written)
      tellRest(page)
      const apart = session.json ? "" : apartText(ordered)
      return { exit: exitCodes.done, value: ordered, text: ordered.length === 0 ? "nothing found" : apart }
    }
  },
  probe: {
    usage: "probe DIGEST --against DIGEST [--task WORDS | --mapping DIGEST] [--max N] [--seed N] [--review]",
    options: { against: "text", max: "text", seed: "text", review: "flag", ...mappingOptions },
    reads: true,
    async run(words, session): Promise<Answer> {
      const [digest] = expectPositionals(words, ["DIGEST"])
      const [max, seed] = [words.integer("max", 1, 256), words.integer("seed", 0, 4_294_967_295)]
      const engine = await session.engine()
      const probed = await engine.probe({
        digest,
        against: expectText(words, "against"),
        ...mappingChoice(words),
        review: words.flag("review"),
        ...(max === undefined ? {} : { max }),
        ...(seed === undefined ? {} : { seed })
      })
      const text = [
        `${probed.inputs} inputs, ${probed.disagreements.length === 0 ? "no disagreement" : `${probed.disagreements.length} disagreements`}`,
        ...probed.disagreements.map(one => `  ${plain(one.args)}: ${outcomeText(one.here)} here, ${outcomeText(one.there)} there`),
        ...probed.skipped.map(one => `  ${one.mapping.slice(0, 19)} left out: ${plain(one.why)}`)
      ]
      return { exit: probed.disagreements.length === 0 ? exitCodes.done : exitCodes.negative, value: probed, text: text.join("\n") }
    }
  }
}

/** What was found since the last turn goes into `rows`. */
async function turn(engine: Engine, search: string, rows: Map<string, ModuleRow>): Promise<Page> {
  const page = await engine.findNext({ search })
  for (const row of page.rows) rows.set(row.mapping, row)
  return page
}

function termsOf(words: Words): InputOf<"find"> {
  const given = words.positionals.join(" ")
  const examples = words.texts("example").map(exampleOf)
  const [type, verdict, publisher, profile] = ["type", "verdict", "publisher", "profile"].map(name => words.text(name))
  const [limit, bytesMax] = [words.integer("limit", 1, 200), words.integer("max-bytes", 0, 16_777_216)]
  const capabilities = [...words.texts("capability")]
  const [used, unused] = [words.flag("used"), words.flag("unused")]
  if (used && unused) throw new EngineFailure("wrong-usage", "expected --used or --unused, found both")
  const terms: InputOf<"find"> = {
    ...(words.positionals.length === 0 ? {} : { words: given }),
    ...(type === undefined ? {} : { type }),
    ...(words.flag("exact") ? { exact: true } : {}),
    ...(examples.length === 0 ? {} : { examples }),
    ...(verdict === undefined ? {} : { verdict: verdict as NonNullable<FindTerms["verdict"]> }),
    ...(capabilities.length === 0 ? {} : { capabilities }),
    ...(words.flag("pure") ? { pure: true } : {}),
    ...(publisher === undefined ? {} : { publisher }),
    ...(profile === undefined ? {} : { profile: profile as NonNullable<FindTerms["profile"]> }),
    ...(bytesMax === undefined ? {} : { bytesMax }),
    ...(used || unused ? { used } : {})
  }
  if (Object.keys(terms).length === 0 || (given.trim() === "" && words.positionals.length > 0))
    throw new EngineFailure("wrong-usage", "expected WORDS, --type, --example or a facet")
  return {
    ...terms,
    review: words.flag("review"),
    ...(words.flag("no-probe") ? { probe: false } : {}),
    ...(limit === undefined ? {} : { limit })
  }
}

/** An Example in one line. Throws `wrong-usage` with a caret under the mistake. */
export function exampleOf(line: string): { args: string; result: string } {
  const parsed = parseExampleLine(line)
  if (parsed.kind === "example") return { args: parsed.args, result: parsed.result }
  throw new EngineFailure(
    "wrong-usage",
    `--example is malformed at character ${parsed.offset + 1}: ${parsed.message}\n${caretUnder(line, parsed.offset)}`
  )
}

/** Rows whose place in the end is known: without Examples all that came, with Examples the leading ones that answer them all. */
function writeSettled(page: Page, rows: ReadonlyMap<string, ModuleRow>, written: Set<string>, { examples }: InputOf<"find">): void {
  const ordered = page.order.flatMap(mapping => rows.get(mapping) ?? [])
  const isSettled = (row: ModuleRow) => examples === undefined || row.examplesPassed?.passed === row.examplesPassed?.of
  const end = ordered.findIndex(row => !isSettled(row))
  write(end < 0 ? ordered : ordered.slice(0, end), written)
}

function write(ordered: readonly ModuleRow[], written: Set<string>): void {
  for (const row of ordered) {
    if (written.has(row.mapping)) continue
    written.add(row.mapping)
    process.stdout.write(`${rowsText([row])}\n`)
  }
}

/** What was left out or cut short is told beside the answer. */
function tellRest({ notes, skipped, skippedInAll }: Page): void {
  for (const note of notes) process.stderr.write(`l4: ${plain(note)}\n`)
  for (const one of skipped.slice(0, skippedShownMax))
    process.stderr.write(`l4: skipped ${one.mapping.slice(0, 19)} (${plain(one.task)}): ${plain(one.why)}\n`)
  if (skippedInAll > skippedShownMax) process.stderr.write(`l4: skipped ${skippedInAll - skippedShownMax} more\n`)
}

/** Each pair of rivals once. */
function apartText(rows: readonly ModuleRow[]): string {
  const places = new Map(rows.map((row, at) => [row.mapping, at]))
  const lines = rows.flatMap((row, at) =>
    (row.differs ?? [])
      .filter(one => (places.get(one.mapping) ?? -1) > at)
      .map(
        one =>
          `these two differ on ${plain(one.args)}: ${row.mapping.slice(0, 19)} ${plain(one.here)}, ${one.mapping.slice(0, 19)} ${plain(one.there)}`
      )
  )
  return lines.join("\n")
}
