/** What Keys & trust holds: the keys here, the roots, the policy, as the engine says them now. */
import { create } from "zustand"
import type { AnswerOf } from "../../../shared/engine-contract.ts"
import { engine } from "../../engine.ts"
import type { Asked } from "../../parts/asked.ts"
import { createAsker, idle } from "../../parts/asked.ts"
import { readStoreStatus } from "../../store-status.ts"

interface KeysState {
  readonly keys: Asked<AnswerOf<"keys">>
  readonly root: Asked<AnswerOf<"root">>
  readonly policy: Asked<AnswerOf<"policy">>
}

export const useKeys = create<KeysState>(() => ({ keys: idle, root: idle, policy: idle }))

const { setState: set } = useKeys
const askKeys = createAsker<AnswerOf<"keys">>(keys => set({ keys }))
const askRoot = createAsker<AnswerOf<"root">>(root => set({ root }))
const askPolicy = createAsker<AnswerOf<"policy">>(policy => set({ policy }))

/** Reads all of it anew, and what the line at the bottom says of it. */
export function readTrust(): void {
  void askKeys(signal => engine.keys({}, { signal }))
  void askRoot(signal => engine.root({}, { signal }))
  void askPolicy(signal => engine.policy({}, { signal }))
  void readStoreStatus()
}
