/** What is open and what a person should know about it, read once a connection is up and again when the window comes back to the front. */
import { create } from "zustand"
import type { EngineStatus } from "../shared/engine-contract.ts"
import { engine, useConnection } from "./engine.ts"

export const useStoreStatus = create<{ readonly status: EngineStatus | null }>(() => ({ status: null }))

const againMs = 3_000
let again: ReturnType<typeof setTimeout> | undefined

export async function readStoreStatus(): Promise<void> {
  try {
    useStoreStatus.setState({ status: await engine.status({}) })
  } catch {
    // Screens report their own failures; this line asks again for as long as someone looks.
    clearTimeout(again)
    again = setTimeout(() => {
      if (document.visibilityState === "visible" && useConnection.getState().state === "ready") void readStoreStatus()
    }, againMs)
  }
}

export function followStoreStatus(): void {
  useConnection.subscribe((now, before) => {
    if (now.generation !== before.generation) void readStoreStatus()
  })
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && useConnection.getState().state === "ready") void readStoreStatus()
  })
}
