/** What the Module screen holds: one Module as the engine shows it, and its bytes as text once asked for. */
import { create } from "zustand"
import type { ShownModule } from "../../../shared/engine-contract.ts"
import { engine } from "../../engine.ts"
import type { Asked } from "../../parts/asked.ts"
import { createAsker, idle } from "../../parts/asked.ts"
import { remember } from "../../parts/recent.ts"

interface ModuleState {
  readonly asked: string | null
  readonly shown: Asked<ShownModule>
  readonly wat: Asked<string>
}

export const useModule = create<ModuleState>(() => ({ asked: null, shown: idle, wat: idle }))

const { setState: set, getState: get } = useModule
const askShown = createAsker<ShownModule>(shown => {
  set({ shown })
  if (shown.state !== "done") return
  const first = shown.answer.mappings[0]
  if (first !== undefined) remember({ digest: shown.answer.digest, mapping: first.digest, task: first.mapping.task.text })
})
const askWat = createAsker<string>(wat => set({ wat }))

export type ShownMapping = ShownModule["mappings"][number]

/** Reads a Module by its Digest; `again` reads it afresh, since Verdicts change. */
export function openModule(digest: string | null, { again = false }: { readonly again?: boolean } = {}): void {
  if (digest === get().asked && !again) return
  set({ asked: digest })
  void askWat(null)
  void askShown(digest === null ? null : signal => engine.show({ digest }, { signal }))
}

/** Disassembles the Module once. */
export function readWat(digest: string): void {
  const { state } = get().wat
  if (state === "loading" || state === "done") return
  void askWat(async signal => (await engine.disassemble({ digest }, { signal })).text)
}

/** The Mapping a link names, by Digest or prefix; else the first. */
export function chosenMapping(shown: ShownModule, mapping: string | null): ShownMapping | undefined {
  const asked = mapping?.replace(/^sha256:/, "")
  return shown.mappings.find(candidate => asked !== undefined && candidate.digest.startsWith(`sha256:${asked}`)) ?? shown.mappings[0]
}
