/** The Modules opened lately in this window, newest first: for the navigation and the commands. */
import { create } from "zustand"

export interface Recent {
  readonly digest: string
  readonly mapping: string
  readonly task: string
}

export const useRecent = create<{ readonly modules: readonly Recent[] }>(() => ({ modules: [] }))

const recentMax = 8

export function remember(module: Recent): void {
  useRecent.setState(({ modules }) => ({
    modules: [module, ...modules.filter(known => known.digest !== module.digest)].slice(0, recentMax)
  }))
}
