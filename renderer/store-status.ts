/** What is open and what a person should know about it, read once a connection is up and again when the window comes back to the front. */
import { create } from "zustand"
import type { EngineStatus } from "../shared/engine-contract.ts"
import { engine, useConnection } from "./engine.ts"

export const useStoreStatus = create<{ readonly status: EngineStatus | null }>(() => ({ status: null }))

export async function readStoreStatus(): Promise<void> {
  try {
    useStoreStatus.setState({ status: await engine.status({}) })
  } catch {
    // The status line shows the connection's state instead; screens report their own failures.
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
