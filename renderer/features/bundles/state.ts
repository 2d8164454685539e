/** What the Bundles screen holds: the folder, the report of the Bundle being looked at, and what was exported last. */
import { create } from "zustand"
import type { AnswerOf, InputOf } from "../../../shared/engine-contract.ts"
import type { EngineFailure } from "../../../shared/failure.ts"
import { engine } from "../../engine.ts"
import type { Asked } from "../../parts/asked.ts"
import { createAsker, idle } from "../../parts/asked.ts"
import { startWork } from "../../parts/work.ts"
import { readStoreStatus } from "../../store-status.ts"
import { strings } from "../../strings.ts"

const words = strings.bundles
const pieceBytes = 4_194_304

export type Folder = AnswerOf<"bundles">
export type Report = AnswerOf<"importBundle">
export type HistoryLine = AnswerOf<"ledger">["lines"][number]

interface BundlesState {
  readonly folder: Asked<Folder>
  readonly history: Asked<readonly HistoryLine[]>
  readonly exported: AnswerOf<"exportBundle"> | null
  readonly report: { readonly name: string; readonly answer: Report } | null
  readonly busy: boolean
  readonly failure: EngineFailure | null
}

export const useBundles = create<BundlesState>(() => ({
  folder: idle,
  history: idle,
  exported: null,
  report: null,
  busy: false,
  failure: null
}))

const { setState: set } = useBundles
const askFolder = createAsker<Folder>(folder => set({ folder }))
const askHistory = createAsker<readonly HistoryLine[]>(history => set({ history }))

export function readFolder(): void {
  void askFolder(signal => engine.bundles({}, { signal }))
}

export function readHistory(): void {
  void askHistory(async signal => {
    const [out, into] = await Promise.all(
      (["exported", "imported"] as const).map(async kind => {
        const lines: HistoryLine[] = []
        for (let cursor: number | null = 0; cursor !== null && lines.length < 200; ) {
          const page: AnswerOf<"ledger"> = await engine.ledger({ kind, cursor, limit: 200 }, { signal })
          lines.push(...page.lines)
          cursor = page.next
        }
        return lines
      })
    )
    return [...(out ?? []), ...(into ?? [])].sort((left, right) => right.sequence - left.sequence)
  })
}

/** Forgets what was looked at: another Bundle, another question. */
export function forgetReport(): void {
  set({ report: null, failure: null })
}

export async function exportNow(input: InputOf<"exportBundle">): Promise<void> {
  const exported = await working(() =>
    startWork(
      words.export.working(input.target),
      "exportBundle",
      signal => engine.exportBundle(input, { signal }),
      answer =>
        words.export.done(words.modules(answer.modules), strings.units.bytes(answer.volumes.reduce((sum, { bytes }) => sum + bytes, 0)))
    )
  )
  if (exported === null) return
  set({ exported })
  readFolder()
  void readStoreStatus()
}

export interface ImportChoice {
  readonly name: string
  readonly trustRoot: string
  readonly pending: boolean
}

/** The report alone; nothing is written. */
export async function checkNow(choice: ImportChoice): Promise<void> {
  set({ report: null })
  const answer = await working(() =>
    startWork(
      words.import.checking(choice.name),
      "importBundle",
      signal => engine.importBundle({ ...asked(choice), dryRun: true }, { signal }),
      () => words.import.checked
    )
  )
  if (answer !== null) set({ report: { name: choice.name, answer } })
}

export async function importNow(choice: ImportChoice): Promise<boolean> {
  const answer = await working(() =>
    startWork(
      words.import.working(choice.name),
      "importBundle",
      signal => engine.importBundle(asked(choice), { signal }),
      ({ mappings }) => words.import.done(mappings.filter(({ written }) => written).length)
    )
  )
  if (answer === null) return false
  set({ report: { name: choice.name, answer } })
  void readStoreStatus()
  return true
}

function asked({ name, trustRoot, pending }: ImportChoice): InputOf<"importBundle"> {
  return { path: name, pending, ...(trustRoot === "" ? {} : { trustRoot }) }
}

/** Brings a file into the folder piece by piece. */
export async function bring(file: File): Promise<void> {
  const done = await working(() =>
    startWork(
      words.import.bringing(file.name),
      "uploadBundle",
      async signal => {
        for (let offset = 0; offset < Math.max(1, file.size); offset += pieceBytes) {
          const bytes = file.slice(offset, offset + pieceBytes)
          await engine.uploadBundle({ name: file.name, offset, bytes, last: offset + pieceBytes >= file.size }, { signal })
        }
      },
      () => words.import.brought(strings.units.bytes(file.size))
    )
  )
  if (done !== null) readFolder()
}

/** Null where it failed or was stopped; what failed is shown. */
async function working<T>(work: () => Promise<T>): Promise<T | null> {
  set({ busy: true, failure: null })
  try {
    return (await work()) ?? (true as T)
  } catch (error) {
    const failure = error as EngineFailure
    if (failure.code !== "cancelled") set({ failure })
    return null
  } finally {
    set({ busy: false })
  }
}
