/** What Explore asks and holds: the filters come from the address, rows from a Find as they come or, where nothing narrows, from `list`. */
import { create } from "zustand"
import type { InputOf, ModuleRow, ShownModule } from "../../../shared/engine-contract.ts"
import type { EngineFailure } from "../../../shared/failure.ts"
import { engine } from "../../engine.ts"
import type { Asked } from "../../parts/asked.ts"
import { createAsker, idle } from "../../parts/asked.ts"
import type { Route } from "../../route.ts"

export type Filters = Omit<Extract<Route, { screen: "explore" }>, "screen">

/** How far the Examples have been run, and what was passed over. */
interface Trials {
  readonly considered: number
  readonly tried: number
  readonly skipped: readonly { readonly mapping: string; readonly task: string; readonly why: string }[]
  readonly skippedInAll: number
  readonly done: boolean
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
  /** Null where nothing is run. */
  readonly trials: Trials | null
  /** The Mapping others are compared with. */
  readonly marked: ModuleRow | null
}

export const useExplore = create<ExploreState>(() => ({
  filters: null,
  rows: [],
  total: 0,
  next: null,
  asking: null,
  failure: null,
  selected: null,
  preview: idle,
  trials: null,
  marked: null
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
  set({ filters, trials: null })
  void ask(async signal => {
    if (!isFind(filters))
      return engine.list({ limit: pageRows, ...(filters.verdict === null ? {} : { verdict: filters.verdict }) }, { signal })
    return fetched(filters, signal)
  })
}

/** Whether anything but the Verdict narrows: a list then does not do. */
export function isFind({ words, type, examples, facet }: Filters): boolean {
  return words.trim() !== "" || type.trim() !== "" || examples.length > 0 || facet !== null
}

/** Rows as they come: each part is shown at once, the last one is the answer. */
async function fetched(filters: Filters, signal: AbortSignal): Promise<Page> {
  const { search } = await engine.findStart(termsOf(filters), { signal })
  const give = () => void engine.findNext({ search, end: true }).catch(() => {})
  signal.addEventListener("abort", give, { once: true })
  const known = new Map<string, ModuleRow>()
  for (;;) {
    const { rows, order, done, considered, tried, skipped, skippedInAll } = await engine.findNext({ search }, { signal })
    for (const row of rows) known.set(row.mapping, row)
    const ordered = order.flatMap(mapping => known.get(mapping) ?? [])
    if (signal.aborted) return { rows: ordered, total: ordered.length, next: null }
    if (filters.examples.length > 0) set({ trials: { considered, tried, skipped, skippedInAll, done } })
    if (done) {
      signal.removeEventListener("abort", give)
      return { rows: ordered, total: ordered.length, next: null }
    }
    if (ordered.length > 0) showPart(ordered)
  }
}

function showPart(rows: readonly ModuleRow[]): void {
  set({ rows, total: rows.length, next: null })
  const { selected } = get()
  if (!rows.some(({ mapping }) => mapping === selected)) select(rows[0]?.mapping ?? null)
}

function termsOf({ words, type, verdict, examples, facet, review }: Filters): InputOf<"findStart"> {
  return {
    limit: findRows,
    ...(words.trim() === "" ? {} : { words }),
    ...(type.trim() === "" ? {} : { type }),
    ...(verdict === null ? {} : { verdict }),
    ...(examples.length === 0 ? {} : { examples: examples.map(exampleIn), review }),
    ...(facet === null ? {} : facet === "pure" ? { pure: true } : { used: facet === "used" })
  }
}

/** The engine says what is wrong with either half. */
function exampleIn(line: string): { args: string; result: string } {
  const at = line.indexOf("=>")
  return at < 0 ? { args: line.trim(), result: "" } : { args: line.slice(0, at).trim(), result: line.slice(at + 2).trim() }
}

export function mark(row: ModuleRow | null): void {
  set({ marked: row })
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
