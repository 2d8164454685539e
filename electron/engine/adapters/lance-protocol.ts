/** What the engine and the index process say to each other; every message is a structured clone. */
import type { Digest, InterfaceHash } from "../../../shared/digest.ts"
import type { FailureWire } from "../../../shared/failure.ts"
import type { ModuleRecord } from "../../../shared/module.ts"
import type { VerdictState } from "../../../shared/trust.ts"
import type { IndexChange } from "../core/published.ts"
import type { Neighbour } from "../ports.ts"

/** A change and the position of the record it comes from. */
export interface SequencedChange {
  readonly sequence: number
  readonly change: IndexChange
}

export interface NearestAnswer {
  readonly neighbours: readonly Neighbour[]
  readonly best: number | null
  readonly known: boolean
}

export interface TableShape {
  readonly rows: number
  readonly fragments: number
  readonly versions: number
  readonly indices: readonly { readonly column: string; readonly type: string; readonly unindexed: number }[]
}

/** What the index process can be asked. */
export interface LanceCalls {
  /** Answers the greatest sequence the table holds, −1 while empty, and what opening mended. With `readOnly` nothing is made or mended. */
  open(
    directory: string,
    dimensions: number,
    quarantine: string,
    readOnly?: boolean
  ): Promise<{ readonly applied: number; readonly repaired: readonly string[] }>
  apply(changes: readonly SequencedChange[]): Promise<void>
  byText(hash: InterfaceHash, text: string): Promise<readonly ModuleRecord[]>
  nearest(hash: InterfaceHash, vector: Float32Array, similarityMin: number, limit: number): Promise<NearestAnswer>
  search(words: string, vector: Float32Array | null, limit: number): Promise<readonly Neighbour[]>
  byMapping(mapping: Digest): Promise<ModuleRecord | null>
  byModule(module: Digest): Promise<readonly ModuleRecord[]>
  page(cursor: number, limit: number): Promise<{ readonly records: readonly ModuleRecord[]; readonly total: number }>
  withPrefix(hex: string, limit: number): Promise<readonly Digest[]>
  noteVerdicts(verdicts: readonly { readonly mapping: Digest; readonly state: VerdictState }[]): Promise<void>
  noteUsage(rows: readonly { readonly mapping: Digest; readonly hits: number; readonly lastUsedMs: number }[]): Promise<void>
  usageRows(): Promise<readonly { readonly mapping: Digest; readonly hits: number; readonly lastUsedMs: number }[]>
  /** Answers what it did, in words. */
  maintain(lastUsed: readonly { readonly mapping: Digest; readonly lastUsedMs: number }[]): Promise<readonly string[]>
  /** What the tables hold beside rows: for tests and figures. */
  shape(): Promise<TableShape>
  drop(): Promise<void>
  close(): Promise<void>
}

export type LanceMethod = keyof LanceCalls

export interface LanceRequest {
  readonly id: number
  readonly method: LanceMethod
  readonly params: readonly unknown[]
}

export type LanceReply = { readonly id: number; readonly answer: unknown } | { readonly id: number; readonly failure: FailureWire }

/** The index process ends itself so when it has grown too large; it is started anew and nothing is wrong. */
export const recycledExitCode = 75
