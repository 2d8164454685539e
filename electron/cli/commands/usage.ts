/** Commands that give an account of use: what was served one by one, what happened over time, what it saved. */
import type { Served } from "../../../shared/activity.ts"
import { assumptionsDefault } from "../../../shared/activity.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import { exitCodes } from "../exit-code.ts"
import { expectPositionals, type Words } from "../options.ts"
import { plain } from "../show.ts"
import { type Answer, type Command, oneOf } from "./command.ts"

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }
const pageRows = 10_000

/** `30m`, `12h`, `7d` back from now. */
function since(words: Words): number | undefined {
  const text = words.text("since")
  if (text === undefined) return undefined
  const match = /^(\d{1,6})([mhd])$/.exec(text)
  if (match === null)
    throw new EngineFailure(
      "wrong-usage",
      `--since: expected minutes, hours or days, such as 30m, 12h or 7d, found ${JSON.stringify(text)}`
    )
  return Date.now() - Number(match[1]) * (unitMs[match[2] as string] as number)
}

export const usageCommands: Readonly<Record<string, Command>> = {
  hits: {
    usage: "hits [--since 7d] [--kind hit|miss|run|shadow] [--csv]",
    options: { since: "text", kind: "text", csv: "flag" },
    async run(words, session): Promise<Answer> {
      expectPositionals(words, [])
      const kind = words.text("kind")
      const sinceMs = since(words)
      const engine = await session.engine()
      const entries: Served[] = []
      for (let cursor: number | null = 0; cursor !== null; ) {
        const page: Awaited<ReturnType<typeof engine.hits>> = await engine.hits({
          cursor,
          limit: pageRows,
          ...(sinceMs === undefined ? {} : { sinceMs }),
          ...(kind === undefined ? {} : { kind: oneOf("--kind", kind, ["hit", "miss", "run", "shadow"]) })
        })
        entries.push(...page.entries)
        cursor = page.next
      }
      return { exit: exitCodes.done, value: entries, text: words.flag("csv") ? csv(entries) : entries.map(line).join("\n") }
    }
  },
  activity: {
    usage: "activity [--since 24h]",
    options: { since: "text" },
    async run(words, session): Promise<Answer> {
      expectPositionals(words, [])
      const fromMs = since(words)
      const engine = await session.engine()
      const seen = await engine.activity(fromMs === undefined ? {} : { fromMs })
      const misses = Object.entries(seen.misses)
      const missed = misses.reduce((sum, [, count]) => sum + count, 0)
      const lookups = seen.hits + missed
      const step = (name: string, { n, p50, p95, p99 }: typeof seen.steps.run) =>
        `${name.padEnd(8)} p50 ${p50.toFixed(0)} µs, p95 ${p95.toFixed(0)} µs, p99 ${p99.toFixed(0)} µs (n = ${n})`
      const text = [
        `hits     ${seen.hits} of ${lookups} lookups${lookups === 0 ? "" : ` (${((100 * seen.hits) / lookups).toFixed(1)} %)`}`,
        `misses   ${missed}${misses.length === 0 ? "" : `: ${misses.map(([reason, count]) => `${reason} ${count}`).join(", ")}`}`,
        step("embed", seen.steps.embed),
        step("search", seen.steps.search),
        step("fetch", seen.steps.fetch),
        step("run", seen.steps.run),
        `feedback ${seen.feedback.right} right, ${seen.feedback.wrong} wrong`,
        ...seen.mostUsed.map(({ hits, task }) => `  ${String(hits).padStart(6)}  ${plain(task)}`),
        ...seen.missed.map(
          ({ count, reason, text: words_, request }) => `  ${String(count).padStart(6)}  missed (${reason}): ${plain(words_ ?? request)}`
        )
      ]
      return { exit: exitCodes.done, value: seen, text: text.join("\n") }
    }
  },
  worth: {
    usage: "worth [--tokens-per-generation N] [--money-per-million-tokens X] [--seconds-per-generation S] [--money-per-module X]",
    options: {
      "tokens-per-generation": "text",
      "money-per-million-tokens": "text",
      "seconds-per-generation": "text",
      "money-per-module": "text"
    },
    async run(words, session): Promise<Answer> {
      expectPositionals(words, [])
      const assumptions = {
        tokensPerGeneration: words.number("tokens-per-generation", 0, 1e7) ?? assumptionsDefault.tokensPerGeneration,
        moneyPerMillionTokens: words.number("money-per-million-tokens", 0, 1e6) ?? assumptionsDefault.moneyPerMillionTokens,
        secondsPerGeneration: words.number("seconds-per-generation", 0, 86_400) ?? assumptionsDefault.secondsPerGeneration,
        moneyPerModule: words.number("money-per-module", 0, 1e6) ?? assumptionsDefault.moneyPerModule
      }
      const engine = await session.engine()
      const saved = await engine.worth({ assumptions })
      const text = [
        `assumed  a generation takes ${assumptions.tokensPerGeneration} tokens at ${assumptions.moneyPerMillionTokens} a million and ${assumptions.secondsPerGeneration} s; a Module costs ${assumptions.moneyPerModule} once`,
        `saved    ${saved.tokens} tokens, ${saved.money.toFixed(2)} of money, ${saved.seconds} s by ${saved.hits} hits`,
        `paid     ${saved.paidOff} of ${saved.used} used Modules have paid for themselves${saved.breakEvenHits === null ? "" : `, at ${saved.breakEvenHits} hits each`}`,
        ...saved.modules.map(
          ({ hits, money, paid, task }) =>
            `  ${String(hits).padStart(6)}  ${money.toFixed(2).padStart(8)}  ${(100 * paid).toFixed(0).padStart(5)} %  ${plain(task)}`
        )
      ]
      return { exit: exitCodes.done, value: saved, text: text.join("\n") }
    }
  }
}

function line({ atMs, kind, tier, missReason, verdict, outcome, text, request, hit }: Served): string {
  const what = tier ?? missReason ?? outcome ?? verdict ?? ""
  return `${new Date(atMs).toISOString()}  ${kind.padEnd(6)}  ${what.padEnd(18)}  ${plain(text ?? request)}  ${hit}`
}

/** RFC 4180, a heading first. A cell that a spreadsheet would take for a formula begins with an apostrophe. */
function csv(entries: readonly Served[]): string {
  const names = [
    "hit",
    "atMs",
    "kind",
    "request",
    "text",
    "module",
    "mapping",
    "verdict",
    "tier",
    "missReason",
    "similarity",
    "outcome",
    "category",
    "fuel",
    "embedUs",
    "searchUs",
    "fetchUs",
    "runUs"
  ] as const
  return [names.join(","), ...entries.map(entry => names.map(name => cell(entry[name])).join(","))].join("\r\n")
}

function cell(value: string | number | null): string {
  if (value === null) return ""
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
