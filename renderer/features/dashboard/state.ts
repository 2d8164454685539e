/** What the Dashboard holds: the activity of a stretch of time, what was served lately, and what it saved under one's own assumptions. */
import { create } from "zustand"
import type { Activity, Assumptions, Served, Worth } from "../../../shared/activity.ts"
import { engine } from "../../engine.ts"
import type { Asked } from "../../parts/asked.ts"
import { createAsker, idle } from "../../parts/asked.ts"

const hourMs = 3_600_000
export const rangeMs = { hour: hourMs, day: 24 * hourMs, week: 168 * hourMs, month: 720 * hourMs } as const
export type Range = keyof typeof rangeMs

interface Page {
  readonly entries: readonly Served[]
  readonly next: number | null
}

interface DashboardState {
  readonly range: Range
  readonly activity: Asked<Activity>
  readonly served: Asked<Page>
  readonly worth: Asked<Worth>
  readonly assumptions: Assumptions | null
  /** By the name of the hit. */
  readonly judged: Readonly<Record<string, boolean>>
}

export const useDashboard = create<DashboardState>(() => ({
  range: "day",
  activity: idle,
  served: idle,
  worth: idle,
  assumptions: null,
  judged: {}
}))

const { setState: set, getState: get } = useDashboard
const stretches = 60
const pageRows = 50
const assumptionsKey = "l4-assumptions"

const askActivity = createAsker<Activity>(activity => set({ activity }))
const askServed = createAsker<Page>(served => set({ served }))
const askWorth = createAsker<Worth>(worth => set({ worth }))

export function readDashboard(range: Range = get().range): void {
  set({ range })
  const toMs = Date.now()
  void askActivity(signal => engine.activity({ fromMs: toMs - rangeMs[range], toMs, stretches }, { signal }))
  void askServed(signal => engine.hits({ limit: pageRows }, { signal }))
  readWorth(get().assumptions ?? keptAssumptions())
}

export function readWorth(assumptions: Assumptions | null): void {
  set({ assumptions })
  if (assumptions !== null) localStorage.setItem(assumptionsKey, JSON.stringify(assumptions))
  void askWorth(signal => engine.worth(assumptions === null ? {} : { assumptions }, { signal }))
}

export async function moreServed(): Promise<void> {
  const { served } = get()
  if (served.state !== "done" || served.answer.next === null) return
  const before = served.answer
  const more = await engine.hits({ limit: pageRows, cursor: before.next as number }).catch(() => null)
  if (more !== null) set({ served: { state: "done", answer: { entries: [...before.entries, ...more.entries], next: more.next } } })
}

/** A person's word on an answer: recorded, and the tile counts it. */
export async function judge(hit: string, right: boolean): Promise<void> {
  await engine.feedback({ hit, right })
  set(({ judged }) => ({ judged: { ...judged, [hit]: right } }))
  const toMs = Date.now()
  void askActivity(signal => engine.activity({ fromMs: toMs - rangeMs[get().range], toMs, stretches }, { signal }))
}

/** What this window assumed last; anything but four numbers is forgotten. */
function keptAssumptions(): Assumptions | null {
  try {
    const kept = JSON.parse(localStorage.getItem(assumptionsKey) ?? "null") as Record<string, unknown> | null
    const names = ["tokensPerGeneration", "moneyPerMillionTokens", "secondsPerGeneration", "moneyPerModule"] as const
    return kept !== null && names.every(name => typeof kept[name] === "number" && (kept[name] as number) >= 0)
      ? (kept as unknown as Assumptions)
      : null
  } catch {
    return null
  }
}
