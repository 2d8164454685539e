/** What the Run screen holds: the arguments as one literal and its form, the limits, the Run under way and those before. */
import { create } from "zustand"
import type { AnswerOf, ShownModule } from "../../../shared/engine-contract.ts"
import type { EngineFailure } from "../../../shared/failure.ts"
import { defaultLimits } from "../../../shared/limits.ts"
import type { Limits, Outcome } from "../../../shared/run.ts"
import type { InterfaceTree } from "../../../shared/type-text.ts"
import { readInterface } from "../../../shared/type-text.ts"
import { engine } from "../../engine.ts"
import type { Asked } from "../../parts/asked.ts"
import { createAsker, idle } from "../../parts/asked.ts"
import { handExample } from "../../parts/handed-example.ts"
import { remember } from "../../parts/recent.ts"
import { navigate } from "../../route.ts"
import { strings } from "../../strings.ts"
import { copyText } from "../../ui/copy.tsx"
import { announce } from "../../ui/live.tsx"
import type { AnswerRow } from "./answers.ts"
import { answersOf, answersProblem, rowsOf } from "./answers.ts"
import { blankArguments, blankOf } from "./blank.ts"
import type { Literal } from "./literal.ts"
import { hasHole, LiteralError, printLiteral, readLiteral } from "./literal.ts"

export type RunAnswer = AnswerOf<"run">

export interface PastRun {
  readonly number: number
  readonly digest: string
  readonly mapping: string
  readonly task: string
  readonly args: string
  readonly answers: readonly AnswerRow[]
  readonly answer: RunAnswer
}

interface RunState {
  /** `digest?mapping` of what is shown. */
  readonly asked: string | null
  readonly shown: Asked<ShownModule>
  readonly mapping: string | null
  readonly tree: InterfaceTree | null
  /** The arguments as a person reads and types them: the one truth. */
  readonly literal: string
  /** The same as a form; it keeps its last shape while the literal cannot be read. */
  readonly items: readonly Literal[]
  readonly problem: string | null
  readonly limits: Partial<Limits>
  /** What the host is taken to have answered, in the order of the calls. */
  readonly answers: readonly AnswerRow[]
  readonly running: { readonly sinceMs: number; readonly stop: () => void } | null
  readonly answer: RunAnswer | null
  readonly failure: EngineFailure | null
  readonly history: readonly PastRun[]
}

export const useRun = create<RunState>(() => ({
  asked: null,
  shown: idle,
  mapping: null,
  tree: null,
  literal: "[]",
  items: [],
  problem: null,
  limits: {},
  answers: [],
  running: null,
  answer: null,
  failure: null,
  history: []
}))

const { setState: set, getState: get } = useRun
const historyMax = 100

let wanted: { mapping: string | null; args: string | null; kept: boolean } = { mapping: null, args: null, kept: false }

const askShown = createAsker<ShownModule>(shown => {
  set({ shown })
  if (shown.state === "done") prepare(shown.answer)
})

/** Shows a Mapping to run. Arguments come from the link, else from its first Example, else blank. */
export function openRun(
  digest: string | null,
  mapping: string | null,
  args: string | null,
  { again = false }: { readonly again?: boolean } = {}
): void {
  const asked = digest === null ? null : `${digest}?${mapping ?? ""}?${args ?? ""}`
  if (asked === get().asked && !again) return
  const same = asked === get().asked
  wanted = { mapping, args: same ? get().literal : args, kept: same && get().mapping !== null }
  set({ asked, ...(same ? {} : { answer: null, failure: null }) })
  void askShown(digest === null ? null : signal => engine.show({ digest }, { signal }))
}

function prepare(shown: ShownModule): void {
  const asked = wanted.mapping?.replace(/^sha256:/, "")
  const chosen =
    shown.mappings.find(candidate => asked !== undefined && candidate.digest.startsWith(`sha256:${asked}`)) ?? shown.mappings[0]
  if (chosen === undefined) {
    set({ mapping: null, tree: null })
    return
  }
  const tree = treeOf(chosen.mapping.interface.canonical)
  set({ mapping: chosen.digest, tree, items: [] })
  remember({ digest: shown.digest, mapping: chosen.digest, task: chosen.mapping.task.text })
  const given = wanted.args ?? shown.examples[0]?.args
  if (!wanted.kept) setAnswers(rowsOf(shown.examples.find(({ args }) => args === given)?.answers ?? []))
  if (given !== undefined) typeLiteral(given)
  else editItems(tree === null ? [] : blankArguments(tree))
}

function treeOf(canonical: string): InterfaceTree | null {
  try {
    return readInterface(canonical)
  } catch {
    return null
  }
}

/** The literal was typed: the form follows where it can be read. */
export function typeLiteral(literal: string): void {
  try {
    const read = readLiteral(literal)
    if (read.kind === "vector") set({ literal, items: read.items, problem: countProblem(read.items) })
    else set({ literal, problem: strings.run.problems.expected(strings.run.problems.vector) })
  } catch (error) {
    const where = error instanceof LiteralError ? `${error.message} (at ${error.position + 1})` : String(error)
    set({ literal, problem: where })
  }
}

/** The form was edited: the literal follows. */
export function editItems(items: readonly Literal[]): void {
  const list: Literal = { kind: "vector", items }
  set({ items, literal: printLiteral(list), problem: hasHole(list) ? holeProblem(items) : countProblem(items) })
}

function holeProblem(items: readonly Literal[]): string {
  const at = items.findIndex(hasHole)
  return `${strings.interface.parameter(at + 1)}: ${strings.run.problems.expected(get().tree?.parameters[at]?.text ?? strings.run.problems.literal)}`
}

function countProblem(items: readonly Literal[]): string | null {
  const { tree } = get()
  if (tree === null) return null
  const { length } = tree.parameters
  if (items.length === length || (tree.rest !== null && items.length > length)) return null
  return strings.run.problems.count(strings.run.problems.argumentCount(length, tree.rest !== null), items.length)
}

/** The literal at a position, blank where none was given yet. */
export function itemAt(items: readonly Literal[], tree: InterfaceTree, position: number): Literal {
  return items[position] ?? blankOf(tree.parameters[position]!)
}

export function setLimit(name: keyof Limits, value: number | null): void {
  const { [name]: _, ...others } = get().limits
  set({ limits: value === null || value === defaultLimits[name] ? others : { ...others, [name]: value } })
}

export function resetLimits(): void {
  set({ limits: {} })
}

export function setAnswers(answers: readonly AnswerRow[]): void {
  set({ answers })
}

/** The call a Run stood still at becomes a row to be answered. */
export function askForAnswer({ capability, arguments: given }: Extract<Outcome, { kind: "needs-host" }>): void {
  set(({ answers }) => ({ answers: [...answers, { capability, arguments: given, kind: "value", text: "" }] }))
}

/** Copies the Run as an Example and opens it in a Draft of the Module's next version. */
export async function saveExample({ digest, mapping, args, answers, answer }: PastRun): Promise<void> {
  if (answer.outcome.kind !== "returned") return
  const recorded = answersOf(answers)
  const example = { args, result: answer.outcome.value, ...(recorded.length === 0 ? {} : { answers: recorded }) }
  await copyText(JSON.stringify(example, null, 2), strings.run.example)
  handExample({ from: digest, mapping, example })
  navigate({ screen: "author", from: digest })
}

/** Takes the arguments and answers of an earlier Run of this Mapping. */
export function takeRun({ args, answers }: PastRun): void {
  set({ answers })
  typeLiteral(args)
}

export function clearHistory(): void {
  set({ history: [] })
}

/** Runs the chosen Mapping. A new Run waits for the one before to end or be stopped. */
export async function startRun(): Promise<void> {
  const { shown, mapping, literal, limits, answers, running, problem } = get()
  if (shown.state !== "done" || mapping === null || running !== null || problem !== null || answersProblem(answers) !== null) return
  const chosen = shown.answer.mappings.find(candidate => candidate.digest === mapping)
  if (chosen === undefined || chosen.verdict.state === "untrusted") return
  const abort = new AbortController()
  const { digest } = shown.answer
  set({ running: { sinceMs: performance.now(), stop: () => abort.abort() }, failure: null })
  announce(strings.run.running)
  try {
    const review = chosen.verdict.state === "pending"
    const answer = await engine.run(
      {
        digest,
        mapping,
        args: literal,
        ...(review ? { review } : {}),
        ...(answers.length > 0 ? { answers: answersOf(answers) } : {}),
        ...(Object.keys(limits).length > 0 ? { limits } : {})
      },
      { signal: abort.signal }
    )
    const past: PastRun = {
      number: (get().history[0]?.number ?? 0) + 1,
      digest,
      mapping,
      task: chosen.mapping.task.text,
      args: literal,
      answers,
      answer
    }
    set({ running: null, history: [past, ...get().history].slice(0, historyMax), ...(get().mapping === mapping ? { answer } : {}) })
    announce(
      `${strings.run.kinds[answer.outcome.kind]}${answer.outcome.kind === "returned" ? `: ${answer.outcome.value.slice(0, 200)}` : ""}`
    )
  } catch (error) {
    const failure = error as EngineFailure
    set({ running: null, answer: null, failure })
    announce(failure.code === "cancelled" ? strings.run.cancelled : failure.message)
  }
}
