/** The Draft and what the engine says of it as it is written. It is kept on each pause and outlives a crash of this window. */
import { create } from "zustand"
import type { AnswerOf, ModuleRow, ShownModule } from "../../../shared/engine-contract.ts"
import type { Outcome } from "../../../shared/run.ts"
import { engine } from "../../engine.ts"
import type { Asked } from "../../parts/asked.ts"
import { createAsker, idle } from "../../parts/asked.ts"
import { handedExample } from "../../parts/handed-example.ts"
import { strings } from "../../strings.ts"
import { announce } from "../../ui/live.tsx"
import type { Draft, DraftExample } from "./draft.ts"
import { emptyTemplate } from "./templates.ts"

interface AuthorState {
  readonly draft: Draft
  /** What Discard took away, until the next one. */
  readonly discarded: Draft | null
  readonly compiled: Asked<AnswerOf<"compile">>
  /** What each Example ended as, by position; null while it has not run. */
  readonly found: readonly (Outcome | null)[]
  readonly near: readonly ModuleRow[]
  readonly wat: Asked<string>
  readonly published: Asked<AnswerOf<"publish">>
}

const draftKey = "l4-draft"
export const runMax = 50
const pauseMs = { save: 300, compile: 250, examples: 250, near: 600 } as const

export const useAuthor = create<AuthorState>(() => ({
  draft: keptDraft() ?? blank(),
  discarded: null,
  compiled: idle,
  found: [],
  near: [],
  wat: idle,
  published: idle
}))

const { setState: set, getState: get } = useAuthor
const askCompiled = createAsker<AnswerOf<"compile">>(compiled => {
  set({ compiled })
  if (compiled.state === "done") void runExamples()
})
const askWat = createAsker<string>(wat => set({ wat }))
const askPublished = createAsker<AnswerOf<"publish">>(published => set({ published }))

export function blank(): Draft {
  return { ...emptyTemplate, imports: [], supersedes: [] }
}

/** Changes the Draft; what depends on the change is asked for once typing rests. */
export function write(change: Partial<Draft>): void {
  const before = get().draft
  const draft = { ...before, ...change }
  set({ draft, published: idle })
  later("save", () => localStorage.setItem(draftKey, JSON.stringify(draft)))
  if (draft.source !== before.source || draft.imports !== before.imports) {
    set({ wat: idle })
    later("compile", compileNow)
  } else if (draft.examples !== before.examples) later("examples", () => void runExamples())
  if (draft.task !== before.task) later("near", () => void readNear())
}

export function discard(): void {
  const { draft } = get()
  write(blank())
  set({ discarded: draft, near: [] })
}

export function undoDiscard(): void {
  const { discarded } = get()
  if (discarded === null) return
  write(discarded)
  set({ discarded: null })
}

const timers: Partial<Record<keyof typeof pauseMs, ReturnType<typeof setTimeout>>> = {}

function later(what: keyof typeof pauseMs, act: () => void): void {
  clearTimeout(timers[what])
  timers[what] = setTimeout(act, pauseMs[what])
}

/** Asks for everything anew: on opening the screen, and when the engine is back. */
export function compileNow(): void {
  const { source, imports } = get().draft
  if (source.trim() === "") {
    void askCompiled(null)
    set({ found: [] })
    return
  }
  void askCompiled(signal => engine.compile({ source, ...namedImports(imports) }, { signal }))
}

export function readWat(): void {
  const { source, imports } = get().draft
  void askWat(async signal => {
    const answer = await engine.compile({ source, ...namedImports(imports), wat: true }, { signal })
    return answer.kind === "compiled" ? (answer.wat ?? "") : ""
  })
}

function namedImports(imports: Draft["imports"]) {
  const whole = imports.filter(({ name, digest }) => name !== "" && /^sha256:[0-9a-f]{64}$/.test(digest))
  return whole.length === 0 ? {} : { imports: whole.map(one => ({ ...one })) as never }
}

let running: AbortController | null = null

/** Runs the Examples against the text as it is: definitions first, then the entry applied to the arguments. Nothing is stored. */
async function runExamples(): Promise<void> {
  running?.abort()
  const own = new AbortController()
  running = own
  const { draft, compiled } = get()
  const answer = compiled.state === "done" ? compiled.answer : null
  if (answer === null || answer.kind === "rejected" || isModuleForm(draft.source) || draft.imports.length > 0) {
    set({ found: [] })
    return
  }
  for (const [at, { args, answers }] of draft.examples.slice(0, runMax).entries()) {
    if (args.trim() === "" || answers !== undefined) continue
    const source = answer.entry === "main" ? draft.source : `${draft.source}\n(apply ${answer.entry} ${args}\n)`
    const ended = await engine.evaluate({ source }, { signal: own.signal }).catch(() => null)
    if (running !== own) return
    const outcome =
      ended === null || ended.kind === "rejected"
        ? ended?.kind === "rejected" && "diagnostics" in ended
          ? badArguments(ended.diagnostics[0]?.message)
          : null
        : ended
    set(({ found }) => ({ found: Object.assign([...found], { [at]: outcome as Outcome | null }) }))
  }
}

/** Arguments that cannot be read are no fault of the Source. */
function badArguments(message = "the arguments cannot be read"): Outcome {
  return { kind: "failed", category: "invalid-arguments", message, spent: { fuel: 0, memoryPages: 0, wallMs: 0 } }
}

export const isModuleForm = (source: string): boolean => /^\s*(;[^\n]*\n\s*)*\(module\s/.test(source)

async function readNear(): Promise<void> {
  const words = get().draft.task.trim()
  if (words.length < 4) return set({ near: [] })
  const { rows } = await engine.find({ words, limit: 3 }).catch(() => ({ rows: [] }))
  if (get().draft.task.trim() === words) set({ near: rows })
}

export function publishNow(): Promise<void> {
  const { source, task, examples, imports, supersedes } = get().draft
  const filled = examples.filter(({ args, result }) => args.trim() !== "" && result.trim() !== "")
  return askPublished(() =>
    engine.publish({
      request: { instruction: task },
      source,
      examples: filled.map(({ args, result, answers }) => ({ args, result, ...(answers === undefined ? {} : { answers: [...answers] }) })),
      ...namedImports(imports),
      ...(supersedes.length === 0 ? {} : { supersedes: supersedes.map(({ mapping }) => mapping) })
    })
  )
}

export function forgetPublished(): void {
  void askPublished(null)
}

/** Opens what a Module was written from, as a Draft of its next version; an Example handed over joins it. The Draft before can be had back. */
export async function openFrom(digest: string): Promise<void> {
  const handed = handedExample(digest)
  const shown = await engine.show({ digest, ...(handed === null ? {} : { mapping: handed.mapping }) })
  const [first] = shown.mappings
  const before = get().draft
  write({
    source: shown.source ?? "",
    task: first?.mapping.task.text ?? "",
    examples: withExample(shown.examples.map(draftExample), handed?.example),
    imports: (first?.mapping.imports ?? []).map(({ name, digest: imported }) => ({ name, digest: imported })),
    supersedes: first === undefined ? [] : [{ mapping: first.digest, task: first.mapping.task.text }]
  })
  if (![blank().source, shown.source].includes(before.source)) set({ discarded: before })
  if (handed !== null) announce(strings.author.examples.handed)
}

function draftExample({ args, result, answers }: ShownModule["examples"][number] | DraftExample): DraftExample {
  return { args, result, ...(answers === undefined ? {} : { answers }) }
}

/** Not twice. */
function withExample(examples: readonly DraftExample[], example: DraftExample | undefined): readonly DraftExample[] {
  if (example === undefined || examples.some(one => JSON.stringify(one) === JSON.stringify(draftExample(example)))) return examples
  return [...examples, example]
}

/** Anything but a Draft as this window writes it is forgotten. */
function keptDraft(): Draft | null {
  try {
    const kept = JSON.parse(localStorage.getItem(draftKey) ?? "null") as Partial<Draft> | null
    const sound =
      kept !== null &&
      typeof kept.source === "string" &&
      typeof kept.task === "string" &&
      [kept.examples, kept.imports, kept.supersedes].every(Array.isArray)
    return sound ? (kept as Draft) : null
  } catch {
    return null
  }
}
