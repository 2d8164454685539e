/** A ModuleIndex that goes on without LanceDB: where the first index cannot answer, an exact one in memory is filled from the Ledger. */
import { EngineFailure } from "../../../shared/failure.ts"
import type { Ledger, ModuleIndex } from "../ports.ts"
import { liveRecords } from "./ledger-tailer.ts"
import { createMemoryIndex } from "./memory.ts"

export interface StandbyIndex extends ModuleIndex {
  /** Why the first index is out of use; null while it answers. */
  readonly failure: string | null
}

/** Null for a first index: memory answers from the start. */
export function openStandbyIndex(first: ModuleIndex | null, ledger: Ledger): StandbyIndex {
  let second: ModuleIndex | null = first === null ? createMemoryIndex() : null
  let failure: string | null = null

  return {
    get failure() {
      return failure
    },
    get appliedSequence() {
      return (second ?? first)?.appliedSequence ?? -1
    },
    follow: record => ask(index => index.follow(record)),
    byText: (...params) => ask(index => index.byText(...params)),
    nearest: (...params) => ask(index => index.nearest(...params)),
    search: (...params) => ask(index => index.search(...params)),
    byMapping: (...params) => ask(index => index.byMapping(...params)),
    byModule: (...params) => ask(index => index.byModule(...params)),
    page: (...params) => ask(index => index.page(...params)),
    withPrefix: (...params) => ask(index => index.withPrefix(...params)),
    noteVerdicts: (...params) => ask(index => index.noteVerdicts(...params)),
    noteUsage: (...params) => ask(index => index.noteUsage(...params)),
    usageRows: () => ask(index => index.usageRows()),
    maintain: (...params) => ask(index => index.maintain(...params)),
    rebuild: () => ask(index => index.rebuild()),
    async close() {
      await first?.close()
    }
  }

  async function ask<T>(question: (index: ModuleIndex) => Promise<T>): Promise<T> {
    if (second !== null || first === null) return question(await caughtUp(second ?? createMemoryIndex()))
    try {
      return await question(first)
    } catch (error) {
      if (!(error instanceof EngineFailure) || error.code !== "index-unavailable") throw error
      failure = error.message
      second ??= createMemoryIndex()
      return question(await caughtUp(second))
    }
  }

  async function caughtUp(index: ModuleIndex): Promise<ModuleIndex> {
    for (const record of liveRecords(ledger, index.appliedSequence + 1)) await index.follow(record)
    return index
  }
}
