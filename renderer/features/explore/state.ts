/** What Explore asks and holds: the filters come from the address, rows from `find` or, without words and TYPE, from `list`. */
import { create } from "zustand"
import type { ModuleRow, ShownModule } from "../../../shared/engine-contract.ts"
import type { EngineFailure } from "../../../shared/failure.ts"
import type { VerdictState } from "../../../shared/trust.ts"
import { engine } from "../../engine.ts"
import type { Asked } from "../../parts/asked.ts"
import { createAsker, idle } from "../../parts/asked.ts"

export interface Filters {
  readonly words: string
  readonly type: string
  readonly verdict: VerdictState | null
}

interface ExploreState {
  readonly filters: Filters | null
  readonly rows: readonly ModuleRow[]
  readonly total: number
  /** Cursor of the next page of `list`; null when all rows are here. */
  readonly next: number | null
  readonly asking: "first" | "more" | null
  readonly failure: EngineFailure | null
  readonly selected: string | null
  readonly preview: Asked<ShownModule>
}

export const useExplore = create<ExploreState>(() => ({
  filters: null,
  rows: [],
  total: 0,
  next: null,
  asking: null,
  failure: null,
  selected: null,
  preview: idle
}))

const { setState: set, getState: get } = useExplore
const pageRows = 500
export const findRows = 100

interface Page {
  readonly rows: readonly ModuleRow[]
  readonly total: number
  readonly next: number | null
}

let answered = ""

const ask = createAsker<Page>(asked => {
  if (asked.state === "loading") set({ asking: "first", failure: null })
  if (asked.state === "failed") set({ asking: null, failure: asked.failure })
  if (asked.state !== "done") return
  const { rows, total, next } = asked.answer
  set({ rows, total, next, asking: null, failure: null })
  // The same question asked again keeps the choice; another one begins at its best answer.
  const question = JSON.stringify(get().filters)
  const kept = question === answered ? rows.find(row => row.mapping === get().selected) : undefined
  answered = question
  select((kept ?? rows[0])?.mapping ?? null)
})

const askPreview = createAsker<ShownModule>(preview => {
  // The last preview stands until the next one is here, so that moving through results does not flicker.
  if (preview.state !== "loading" || get().preview.state !== "done") set({ preview })
})

/** Asks for the rows these filters mean. Answers to earlier filters are dropped. */
export function explore(filters: Filters): void {
  set({ filters })
  const verdict = filters.verdict === null ? {} : { verdict: filters.verdict }
  void ask(async signal => {
    if (filters.words.trim() === "" && filters.type.trim() === "") return engine.list({ limit: pageRows, ...verdict }, { signal })
    const words = filters.words.trim() === "" ? {} : { words: filters.words }
    const type = filters.type.trim() === "" ? {} : { type: filters.type }
    const { rows } = await engine.find({ ...words, ...type, ...verdict, limit: findRows }, { signal })
    return { rows, total: rows.length, next: null }
  })
}

/** Reads the next page of the list, if there is one and none is under way. */
export async function readMore(): Promise<void> {
  const { next, asking, filters, rows } = get()
  if (next === null || asking !== null || filters === null) return
  set({ asking: "more" })
  try {
    const page = await engine.list({ cursor: next, limit: pageRows, ...(filters.verdict === null ? {} : { verdict: filters.verdict }) })
    if (get().filters === filters) set({ rows: [...rows, ...page.rows], total: page.total, next: page.next, asking: null })
  } catch (failure) {
    if (get().filters === filters) set({ asking: null, failure: failure as EngineFailure })
  }
}

let previewTimer: ReturnType<typeof setTimeout> | undefined

/** Chooses a row by its Mapping; its preview is read once the choice rests for a moment. */
export function select(mapping: string | null): void {
  if (mapping === get().selected && mapping !== null && get().preview.state === "done") return
  set({ selected: mapping })
  clearTimeout(previewTimer)
  const row = get().rows.find(candidate => candidate.mapping === mapping)
  if (row === undefined) return void askPreview(null)
  previewTimer = setTimeout(() => void askPreview(signal => engine.show({ digest: row.digest }, { signal })), 60)
}
