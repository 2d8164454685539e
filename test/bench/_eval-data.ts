/** What the evaluation asks: reworded tasks with the example that comes with each, split by task, requests out of scope, and near opposites. */
import { createHash } from "node:crypto"
import fs from "node:fs"
import type { Published } from "./_eval-store.ts"
import { proseOf } from "./_prose.ts"

export interface Query {
  /** `task_id`, or the library's name of a Module. */
  readonly task: string
  /** Where the words come from. */
  readonly set: string
  readonly words: string
  /** Whether its words differ from the original prompt's. */
  readonly changed: boolean
}

export interface Case {
  readonly args: string
  readonly result: string
  /** It is among the Module's own Examples too. */
  readonly own: boolean
}

export const halves = ["tuning", "unseen"] as const
export type Half = (typeof halves)[number]

const data = new URL("../data/", import.meta.url)

/**
 * By task, so that all wordings of one stay together: tuning where the first byte of the SHA-256 of its `task_id` is even. Everything
 * that is fitted to data (weights, calibration) saw the tuning half alone.
 */
export function halfOf(task: string): Half {
  return (createHash("sha256").update(task).digest()[0] as number) % 2 === 0 ? "tuning" : "unseen"
}

export const rewordings = ["BackTranslation", "SynonymSubstitution"] as const

interface Row {
  readonly task_id: string
  readonly prompt: string
  readonly entry_point: string
}

/** Prose of the prompts of HumanEval, without signature and doctests, as they are. */
export function originalTasks(): Query[] {
  return linesOf("humaneval.jsonl").map(row => ({
    task: row.task_id,
    set: "original",
    words: proseOf(row.prompt, row.entry_point),
    changed: false
  }))
}

/** The same in other words. White space and case do not make a change. */
export function rewordedTasks(): Query[] {
  const before = new Map(linesOf("humaneval.jsonl").map(row => [row.task_id, bare(row.prompt)]))
  return rewordings.flatMap(set =>
    linesOf(`recode_he_${set}.jsonl`).map(row => ({
      task: row.task_id,
      set,
      words: proseOf(row.prompt, row.entry_point),
      changed: before.get(row.task_id) !== bare(row.prompt)
    }))
  )
}

function bare(text: string): string {
  return text.replace(/\s+/gu, "").toLowerCase()
}

/** Other wordings of ours: two of each Module outside `humaneval/`, one of each of the tuning half in it. All are for tuning. */
export function rewordedLibrary(): Query[] {
  const { rewordings: all } = readData<{ rewordings: Record<string, readonly string[]> }>("library-rewordings.json")
  return Object.entries(all).flatMap(([task, wordings]) => wordings.map(words => ({ task, set: "own", words, changed: true })))
}

/** Calls that the task's own check makes, those first that are not among the Module's Examples. Results within a tolerance are left out. */
export function casesOf(item: Published): Case[] {
  const own = new Set(item.examples.map(({ args }) => squeezed(args)))
  const checks = (checksByTask().get(item.origin ?? "") ?? []).map(({ args, expected }) => ({
    args,
    result: expected,
    own: own.has(squeezed(args))
  }))
  const examples = item.examples.map(({ args, result }) => ({ args, result, own: true }))
  const seen = new Set<string>()
  return [...checks.filter(one => !one.own), ...checks.filter(one => one.own), ...examples].filter(
    ({ args }) => !seen.has(squeezed(args)) && seen.add(squeezed(args))
  )
}

/** Results that many programs give: a caller who shows a single Example would show another. */
const plainResults = new Set(["nil", "true", "false", "0", "1", "-1", '""', "[]", "{}"])

/** The first call whose result says something, or the first; behind it the others. */
export function tellingFirst(cases: readonly Case[]): Case[] {
  const first = cases.find(({ result }) => !plainResults.has(result)) ?? cases.find(({ result }) => result === "true") ?? cases[0]
  return first === undefined ? [] : [first, ...cases.filter(one => one !== first)]
}

export function outOfScope(): string[] {
  return readData<string[]>("clinc-oos-half.json")
}

export function sentencePairs(): { readonly origin: string; readonly similar: string }[] {
  return readData("gptcache_mock_data.json")
}

export interface NearPair {
  readonly interface: string
  readonly stored: string
  readonly asked: string
  readonly source: string
  readonly storedExample: readonly [string, string]
  readonly askedExample: readonly [string, string]
}

export function nearOpposites(): NearPair[] {
  return readData<{ pairs: NearPair[] }>("near-opposites.json").pairs
}

interface Check {
  readonly task: string
  readonly args: string
  readonly expected: string
  readonly tolerance?: number
}

let checks: Map<string, Check[]> | null = null

function checksByTask(): Map<string, Check[]> {
  const exact = () => readData<{ cases: Check[] }>("humaneval-cases.json").cases.filter(one => one.tolerance === undefined)
  checks ??= Map.groupBy(exact(), one => one.task)
  return checks
}

function linesOf(name: string): Row[] {
  const text = fs.readFileSync(new URL(name, data), "utf8")
  return text
    .trim()
    .split("\n")
    .map(line => JSON.parse(line) as Row)
}

function readData<T>(name: string): T {
  return JSON.parse(fs.readFileSync(new URL(name, data), "utf8")) as T
}

function squeezed(text: string): string {
  return text.replace(/\s+/gu, " ").trim()
}
