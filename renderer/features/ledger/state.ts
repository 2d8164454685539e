/** What the Ledger screen holds: entries newest first as far as one has scrolled, the signed head, and a proof once asked for. */
import { create } from "zustand"
import type { AnswerOf } from "../../../shared/engine-contract.ts"
import type { EngineFailure } from "../../../shared/failure.ts"
import type { LedgerKind } from "../../../shared/ledger.ts"
import { engine } from "../../engine.ts"
import type { Asked } from "../../parts/asked.ts"
import { createAsker, idle } from "../../parts/asked.ts"

type Page = AnswerOf<"ledger">
export type LedgerLine = Page["lines"][number]
export type Fork = Page["forks"][number]

interface LedgerState {
  readonly kind: LedgerKind | null
  readonly lines: readonly LedgerLine[]
  readonly next: number | null
  readonly head: { readonly size: number; readonly root: string; readonly checkpoint: string | null } | null
  /** The entry a link names, where the pages read so far do not hold it. */
  readonly linked: LedgerLine | null
  readonly forks: readonly Fork[]
  readonly asking: boolean
  readonly failure: EngineFailure | null
  readonly proof: Asked<AnswerOf<"prove">>
  readonly checked: Asked<AnswerOf<"checkLedger">>
}

export const useLedger = create<LedgerState>(() => ({
  kind: null,
  lines: [],
  next: null,
  head: null,
  linked: null,
  forks: [],
  asking: false,
  failure: null,
  proof: idle,
  checked: idle
}))

const { setState: set, getState: get } = useLedger
const pageLines = 200

const askProof = createAsker<AnswerOf<"prove">>(proof => set({ proof }))
const askChecked = createAsker<AnswerOf<"checkLedger">>(checked => set({ checked }))

let reading: AbortController | null = null

/** Reads one entry that a link names and no page has brought yet; nothing where the Ledger has none of that number. */
export async function readLinked(sequence: number): Promise<void> {
  const { head, linked } = get()
  if (head === null || sequence >= head.size || linked?.sequence === sequence) return
  const { lines } = await engine.ledger({ cursor: head.size - 1 - sequence, limit: 1 }).catch(() => ({ lines: [] }))
  set({ linked: lines.find(line => line.sequence === sequence) ?? null })
}

/** Begins anew, from the newest entry. */
export async function readLedger(kind: LedgerKind | null = get().kind): Promise<void> {
  reading?.abort()
  set({ kind, lines: [], next: 0, failure: null, asking: false })
  await readMore()
}

/** Reads on until a page has something, or the Ledger is at its end: entries of a rare kind lie far apart. */
export async function readMore(): Promise<void> {
  const { next, asking, kind } = get()
  if (next === null || asking) return
  const own = new AbortController()
  reading = own
  set({ asking: true })
  try {
    for (let cursor: number | null = next; cursor !== null; ) {
      const page: Page = await engine.ledger({ cursor, limit: pageLines, ...(kind === null ? {} : { kind }) }, { signal: own.signal })
      if (reading !== own) return
      cursor = page.next
      const { size, root, checkpoint, forks } = page
      set(({ lines }) => ({ lines: [...lines, ...page.lines], next: page.next, head: { size, root, checkpoint }, forks }))
      if (page.lines.length > 0) break
    }
    set({ asking: false })
  } catch (failure) {
    if (reading === own) set({ failure: failure as EngineFailure, asking: false, next: null })
  }
}

export function prove(digest: string | null): void {
  void askProof(digest === null ? null : signal => engine.prove({ digest }, { signal }))
}

export function check(checkpoint: string): void {
  void askChecked(signal => engine.checkLedger({ checkpoint }, { signal }))
}

/** Throws the engine's failure. */
export async function signCheckpoint(): Promise<void> {
  const { checkpoint } = await engine.signCheckpoint({})
  set(({ head }) => ({ head: head === null ? null : { ...head, checkpoint } }))
  await readLedger()
}
