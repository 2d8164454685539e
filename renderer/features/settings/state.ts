/** What the Settings screen holds: sizes, what was set, and the last Audit. */
import { create } from "zustand"
import type { AnswerOf } from "../../../shared/engine-contract.ts"
import { engine } from "../../engine.ts"
import type { Asked } from "../../parts/asked.ts"
import { createAsker, idle } from "../../parts/asked.ts"
import { startWork } from "../../parts/work.ts"
import { readStoreStatus } from "../../store-status.ts"
import { strings } from "../../strings.ts"

type Settings = AnswerOf<"settings">

interface SettingsState {
  readonly usage: Asked<AnswerOf<"usage">>
  readonly settings: Asked<Settings>
  readonly audit: AnswerOf<"audit"> | null
  readonly space: AnswerOf<"gc"> | null
}

export const useSettings = create<SettingsState>(() => ({ usage: idle, settings: idle, audit: null, space: null }))

const { setState: set } = useSettings
const words = strings.settingsScreen.store
const askUsage = createAsker<AnswerOf<"usage">>(usage => set({ usage }))
const askSettings = createAsker<Settings>(settings => set({ settings }))

export function readSettings(): void {
  void askUsage(signal => engine.usage({}, { signal }))
  void askSettings(signal => engine.settings({}, { signal }))
}

/** Throws the engine's failure. */
export async function saveSettings(change: Partial<Settings["settings"]>): Promise<void> {
  const answer = await engine.changeSettings(change)
  set({ settings: { state: "done", answer } })
}

/** Stays in the tray whatever screen is open; a stop leaves the store as it was. */
export async function auditNow(repair: boolean): Promise<void> {
  const audit = await startWork(
    words.audit.working,
    "audit",
    signal => engine.audit({ repair }, { signal }),
    ({ findings }) => words.audit.done(findings.filter(({ repaired, harmless }) => !repaired && harmless !== true).length)
  ).catch(() => null)
  if (audit === null) return
  set({ audit })
  readSettings()
  void readStoreStatus()
}

export async function makeSpace(dryRun: boolean): Promise<void> {
  const space = await startWork(
    words.gc.working,
    "gc",
    signal => engine.gc({ dryRun }, { signal }),
    answer => spaceText(answer)
  ).catch(() => null)
  if (space === null) return
  set({ space })
  readSettings()
}

export function spaceText({ dryRun, removedBlobs, removedBytes }: AnswerOf<"gc">): string {
  const bytes = strings.units.bytes(removedBytes)
  return dryRun ? words.gc.could(removedBlobs, bytes) : words.gc.gone(removedBlobs, bytes)
}
