/** Keeps an index behind the Ledger: records are told to it in batches, some seconds late, and all of them before it is closed. */
import { setImmediate as nextTurn } from "node:timers/promises"
import type { Digest } from "../../../shared/digest.ts"
import type { LedgerRecord } from "../../../shared/ledger.ts"
import type { VerdictState } from "../../../shared/trust.ts"
import type { ModuleIndex } from "../ports.ts"

export interface WriteBehindOptions {
  readonly index: ModuleIndex
  readonly delayMs: number
  /** Verdicts that records may have changed since they were told last, a few at a time; none when all were told. */
  readonly verdicts: () => readonly { readonly mapping: Digest; readonly state: VerdictState }[]
  /** Counters that changed since the last batch, as absolute values. */
  readonly usage: () => readonly { readonly mapping: Digest; readonly hits: number; readonly lastUsedMs: number }[]
  /** A batch that failed is told to nobody else: what derives is caught up from the Ledger. */
  readonly onFailure?: (why: string) => void
}

/** Longest time closing takes to tell Verdicts, milliseconds. */
const closingMs = 5_000

export function openWriteBehind({ index, delayMs, verdicts, usage, onFailure }: WriteBehindOptions): ModuleIndex {
  let newest: LedgerRecord | null = null
  let timer: NodeJS.Timeout | null = null
  /** When telling Verdicts has to end. */
  let closeBy = Number.POSITIVE_INFINITY
  let writing: Promise<void> = Promise.resolve()

  return {
    // A question sees everything told so far.
    byText: async (...params) => (await flushed()).byText(...params),
    nearest: async (...params) => (await flushed()).nearest(...params),
    search: async (...params) => (await flushed()).search(...params),
    byMapping: async (...params) => (await flushed()).byMapping(...params),
    byModule: async (...params) => (await flushed()).byModule(...params),
    page: async (...params) => (await flushed()).page(...params),
    withPrefix: async (...params) => (await flushed()).withPrefix(...params),
    noteVerdicts: rows => index.noteVerdicts(rows),
    noteUsage: rows => index.noteUsage(rows),
    usageRows: async () => (await flushed()).usageRows(),
    maintain: async (...params) => (await flushed()).maintain(...params),
    get appliedSequence() {
      return index.appliedSequence
    },
    async follow(record) {
      newest = record
      timer ??= setTimeout(flush, delayMs)
      timer.unref()
    },
    async rebuild() {
      await (await flushed()).rebuild()
    },
    async close() {
      closeBy = performance.now() + closingMs
      await flush()
      await index.close()
    }
  }

  async function flushed(): Promise<ModuleIndex> {
    await flush()
    return index
  }

  function flush(): Promise<void> {
    if (timer !== null) clearTimeout(timer)
    timer = null
    const record = newest
    newest = null
    if (record !== null) writing = writing.then(() => write(record)).catch(error => onFailure?.(String(error)))
    return writing
  }

  /** The newest record alone is told: the index reads those before it from the Ledger itself. */
  async function write(record: LedgerRecord): Promise<void> {
    await index.follow(record)
    for (let states = verdicts(); states.length > 0; states = verdicts()) {
      await index.noteVerdicts(states)
      // What is cached in a table is never believed: closing does not wait for all of a large store.
      if (performance.now() > closeBy) break
      await nextTurn()
    }
    const rows = usage()
    if (rows.length > 0) await index.noteUsage(rows)
  }
}
