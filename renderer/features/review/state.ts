/** What the Review screen holds: the queue, the evidence of the one that is open, what was opened of it, and the decision being prepared. */
import { create } from "zustand"
import type { AnswerOf, ModuleRow, ShownModule } from "../../../shared/engine-contract.ts"
import type { EngineFailure } from "../../../shared/failure.ts"
import type { Preset, ViewedProperty } from "../../../shared/trust.ts"
import { engine } from "../../engine.ts"
import type { Asked } from "../../parts/asked.ts"
import { createAsker, idle } from "../../parts/asked.ts"

export type ReviewList = "waiting" | "unreviewed"
export type Decision = "approve" | "reject"

export interface Evidence {
  readonly shown: ShownModule
  readonly mapping: ShownModule["mappings"][number]
  /** Null where it supersedes nothing. */
  readonly difference: AnswerOf<"difference"> | null
}

interface Policy {
  readonly preset: Preset
  readonly viewed: readonly ViewedProperty[]
}

interface ReviewState {
  readonly list: ReviewList
  readonly rows: Asked<readonly ModuleRow[]>
  readonly policy: Policy | null
  readonly evidence: Asked<Evidence>
  /** By Mapping: it is remembered while one goes back and forth in the queue. */
  readonly viewed: Readonly<Record<string, readonly ViewedProperty[]>>
  readonly notes: Readonly<Record<string, string>>
  readonly deciding: { readonly decision: Decision; readonly statement: Asked<AnswerOf<"reviewStatement">> } | null
  readonly signing: Asked<AnswerOf<"signOff">>
}

export const useReview = create<ReviewState>(() => ({
  list: "waiting",
  rows: idle,
  policy: null,
  evidence: idle,
  viewed: {},
  notes: {},
  deciding: null,
  signing: idle
}))

const { setState: set, getState: get } = useReview
const rowsMax = 1_000

const askRows = createAsker<readonly ModuleRow[]>(rows => set({ rows }))
const askEvidence = createAsker<Evidence>(evidence => set({ evidence }))
const askStatement = createAsker<AnswerOf<"reviewStatement">>(statement =>
  set(({ deciding }) => ({ deciding: deciding === null ? null : { ...deciding, statement } }))
)
const askSigning = createAsker<AnswerOf<"signOff">>(signing => set({ signing }))

export function readQueue(list: ReviewList): Promise<void> {
  set({ list })
  void engine
    .policy({})
    .then(({ policy }) => set({ policy: { preset: policy.preset, viewed: policy.viewed } }))
    .catch(() => {})
  return askRows(async signal => {
    if (list === "waiting") return (await engine.review({ limit: rowsMax }, { signal })).rows
    const { rows } = await engine.list({ limit: rowsMax, verdict: "trusted" }, { signal })
    return rows.filter(row => row.unreviewed)
  })
}

export function openEvidence(row: ModuleRow | null): void {
  set({ deciding: null, signing: idle })
  void askEvidence(row === null ? null : signal => evidenceOf(row, signal))
}

async function evidenceOf({ digest, mapping }: ModuleRow, signal: AbortSignal): Promise<Evidence> {
  const shown = await engine.show({ digest, mapping }, { signal })
  const [chosen] = shown.mappings
  if (chosen === undefined) throw new Error("the Module has no such Mapping")
  const supersedes = (chosen.mapping.supersedes ?? []).length > 0
  return { shown, mapping: chosen, difference: supersedes ? await engine.difference({ digest, mapping }, { signal }) : null }
}

/** Ticks what a person has in front of them. */
export function markViewed(mapping: string, property: ViewedProperty): void {
  set(({ viewed }) => {
    const before = viewed[mapping] ?? []
    return before.includes(property) ? {} : { viewed: { ...viewed, [mapping]: [...before, property] } }
  })
}

export function writeNote(mapping: string, note: string): void {
  set(({ notes }) => ({ notes: { ...notes, [mapping]: note } }))
}

/** Asks for the bytes that would be signed; nothing is signed yet. */
export function prepare(decision: Decision, { shown, mapping }: Evidence): void {
  set({ deciding: { decision, statement: idle }, signing: idle })
  void askStatement(signal =>
    engine.reviewStatement({ ...asked(shown.digest, mapping.digest), signOff: wordOf(decision, mapping.digest) }, { signal })
  )
}

export function cancelDecision(): void {
  void askStatement(null)
  set({ deciding: null, signing: idle })
}

/** Signs exactly the Statement that was shown. */
export async function sign({ shown, mapping }: Evidence): Promise<AnswerOf<"signOff"> | EngineFailure | null> {
  const { deciding } = get()
  if (deciding === null || deciding.statement.state !== "done") return null
  const { statement } = deciding.statement.answer
  await askSigning(() =>
    engine.signOff({ ...asked(shown.digest, mapping.digest), signOff: wordOf(deciding.decision, mapping.digest), statement })
  )
  const { signing } = get()
  return signing.state === "done" ? signing.answer : signing.state === "failed" ? signing.failure : null
}

const asked = (digest: string, mapping: string) => ({ digest, mapping })

function wordOf(decision: Decision, mapping: string) {
  const { notes, viewed } = get()
  return { decision, note: notes[mapping] ?? "", viewed: [...(viewed[mapping] ?? [])] }
}
