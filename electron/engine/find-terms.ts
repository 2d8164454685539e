/** What a Find asks for, read once at the door: canonical words, a TYPE, Examples as values; every mistake with its place under a caret. */
import type { Digest } from "../../shared/digest.ts"
import type { FindTerms as FindInput, ModuleRow } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { sizeLimits } from "../../shared/module.ts"
import type { Answer } from "../../shared/run.ts"
import type { Value } from "../../shared/value.ts"
import { caretUnder } from "./core/example-line.ts"
import type { TypeRequest } from "./core/interface.ts"
import { parseType } from "./core/interface.ts"
import { readArguments, readLiteral, sameResult } from "./core/literal.ts"
import { canonicalWords } from "./core/task.ts"
import { utf8Encode } from "./core/utf8.ts"

/** An Example to be tried. */
export interface Trial {
  readonly args: readonly Value[]
  readonly expected: Value
  readonly answers: readonly Answer[]
}

export interface FindTerms {
  /** Canonical words; null where none were given. */
  readonly words: string | null
  readonly type: TypeRequest | null
  readonly exact: boolean
  readonly trials: readonly Trial[]
  readonly facets: Pick<FindInput, "verdict" | "capabilities" | "pure" | "publisher" | "profile" | "bytesMax" | "used">
  readonly review: boolean
  readonly probe: boolean
  readonly limit: number
}

/** What a Find knows so far; each step hands out the rows that are new or changed. */
export interface FindState {
  /** By Mapping, in no order. */
  readonly rows: Map<Digest, ModuleRow>
  /** Best first. */
  order: readonly Digest[]
  considered: number
  tried: number
  readonly skipped: { readonly digest: Digest; readonly mapping: Digest; readonly task: string; readonly why: string }[]
  skippedInAll: number
  readonly notes: string[]
}

export type FindSteps = AsyncGenerator<readonly ModuleRow[], void>

const limitDefault = 20

/** Throws `wrong-usage` saying what was expected, and where. */
export function findTermsOf(input: FindInput): FindTerms {
  const trials = trialsOf(input.examples ?? [])
  return {
    words: input.words === undefined ? null : wordsOf(input.words),
    type: input.type === undefined ? null : typeOf(input.type),
    exact: input.exact ?? false,
    trials,
    facets: input,
    review: input.review ?? false,
    probe: input.probe ?? trials.length > 0,
    limit: input.limit ?? limitDefault
  }
}

function wordsOf(text: string): string {
  const words = canonicalWords(text)
  if (words.kind === "words") return words.text
  const hint = text.trim() === "" ? ": leave words out to find by TYPE, Examples or facets alone" : ""
  throw new EngineFailure("wrong-usage", `${words.message}${hint}`)
}

function typeOf(text: string): TypeRequest {
  const parsed = parseType(text, true)
  if (parsed.kind === "malformed") throw malformed("the type", parsed.message, text, parsed.offset)
  return parsed
}

function trialsOf(examples: NonNullable<FindInput["examples"]>): Trial[] {
  const bytes = examples.reduce((sum, { args, result }) => sum + utf8Encode(args).length + utf8Encode(result).length, 0)
  if (bytes > sizeLimits.examplesBytesMax)
    throw new EngineFailure("limit-exceeded", `the Examples have ${bytes} bytes, at most ${sizeLimits.examplesBytesMax} are tried`, {
      limit: sizeLimits.examplesBytesMax,
      found: bytes
    })
  const trials: Trial[] = []
  for (const [at, example] of examples.entries()) {
    const trial = trialOf(example, at)
    const before = trials.findIndex(one => sameQuestion(one, trial))
    if (before < 0) trials.push(trial)
    else if (!sameResult((trials[before] as Trial).expected, trial.expected)) throw contradiction(examples, trials, before, at)
  }
  return trials
}

function trialOf(example: NonNullable<FindInput["examples"]>[number], at: number): Trial {
  const args = readArguments(example.args)
  if (args.kind === "malformed") throw malformed(`the arguments of Example ${at + 1}`, args.message, example.args, args.offset)
  const expected = readLiteral(example.result, "result")
  if (expected.kind === "malformed") throw malformed(`the result of Example ${at + 1}`, expected.message, example.result, expected.offset)
  return { args: args.values, expected: expected.value, answers: example.answers ?? [] }
}

/** A Module that calls a host may answer the same arguments otherwise when the host does. */
function sameQuestion(left: Trial, right: Trial): boolean {
  return sameResult(left.args, right.args) && JSON.stringify(left.answers) === JSON.stringify(right.answers)
}

function contradiction(examples: NonNullable<FindInput["examples"]>, trials: readonly Trial[], before: number, at: number): EngineFailure {
  const first = examples.findIndex(example => {
    const args = readArguments(example.args)
    return args.kind === "arguments" && sameResult(args.values, (trials[before] as Trial).args)
  })
  const [one, other] = [examples[first], examples[at]]
  return new EngineFailure(
    "wrong-usage",
    `Examples ${first + 1} and ${at + 1} contradict each other: for ${brief(one?.args ?? "")} one expects ${brief(one?.result ?? "")}, the other ${brief(other?.result ?? "")}, and no Module answers both`,
    { examples: [first, at] }
  )
}

function malformed(what: string, message: string, text: string, offset: number): EngineFailure {
  return new EngineFailure("wrong-usage", `${what} is malformed at character ${offset + 1}: ${message}\n${caretUnder(text, offset)}`, {
    offset
  })
}

function brief(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
