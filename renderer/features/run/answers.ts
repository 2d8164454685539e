/** Recorded answers of the host as a person edits them, and as a Run takes them. */
import type { Answer } from "../../../shared/run.ts"
import { strings } from "../../strings.ts"
import { LiteralError, readLiteral } from "./literal.ts"

export interface AnswerRow {
  readonly capability: string
  /** An RTFS vector literal. */
  readonly arguments: string
  readonly kind: "value" | "failure"
  /** An RTFS literal, or the words of the failure. */
  readonly text: string
}

const words = strings.run.answers

export function rowsOf(answers: readonly Answer[]): AnswerRow[] {
  return answers.map(answer => {
    const { capability, arguments: given } = answer
    return "value" in answer
      ? { capability, arguments: given, kind: "value", text: answer.value }
      : { capability, arguments: given, kind: "failure", text: answer.failure }
  })
}

export function answersOf(rows: readonly AnswerRow[]): Answer[] {
  return rows.map(({ capability, arguments: given, kind, text }) =>
    kind === "value" ? { capability, arguments: given, value: text } : { capability, arguments: given, failure: text }
  )
}

/** Of the parts of one row; undefined where there is none. */
export interface RowProblems {
  readonly capability?: string
  readonly arguments?: string
  readonly text?: string
}

export function rowProblems({ capability, arguments: given, kind, text }: AnswerRow): RowProblems {
  const wrongArguments = literalProblem(given, "vector")
  const wrongValue = kind === "value" ? literalProblem(text) : null
  return {
    ...(capability.trim() === "" ? { capability: words.capabilityMissing } : {}),
    ...(wrongArguments === null ? {} : { arguments: wrongArguments }),
    ...(wrongValue === null ? {} : { text: wrongValue })
  }
}

/** The first thing that keeps them from being used. */
export function answersProblem(rows: readonly AnswerRow[]): string | null {
  for (const [at, row] of rows.entries()) {
    const [problem] = Object.values(rowProblems(row))
    if (problem !== undefined) return words.problem(at + 1, problem)
  }
  return null
}

function literalProblem(text: string, kind?: "vector"): string | null {
  try {
    const read = readLiteral(text)
    return kind !== undefined && read.kind !== kind ? words.vectorExpected : null
  } catch (error) {
    return error instanceof LiteralError ? `${error.message} (at ${error.position + 1})` : String(error)
  }
}

export function printAnswers(rows: readonly AnswerRow[]): string {
  return JSON.stringify(answersOf(rows), null, 2)
}

/** Throws an Error that says what was expected. */
export function readAnswers(json: string): AnswerRow[] {
  let list: unknown
  try {
    list = JSON.parse(json)
  } catch (error) {
    throw new Error(words.json(error instanceof Error ? error.message : ""))
  }
  if (!Array.isArray(list)) throw new Error(words.listExpected)
  return list.map((entry, at) => rowIn(entry, at))
}

function rowIn(entry: unknown, at: number): AnswerRow {
  const { capability, arguments: given, value, failure } = (entry ?? {}) as Readonly<Record<string, unknown>>
  if (typeof capability === "string" && typeof given === "string") {
    if (typeof value === "string" && failure === undefined) return { capability, arguments: given, kind: "value", text: value }
    if (typeof failure === "string" && value === undefined) return { capability, arguments: given, kind: "failure", text: failure }
  }
  throw new Error(words.problem(at + 1, words.entryExpected))
}
