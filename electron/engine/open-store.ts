/** What is open while a store is open: the ports, the state of trust, and the few things the verbs share. Types only. */
import type { Digest } from "../../shared/digest.ts"
import type { EngineStatus } from "../../shared/engine-contract.ts"
import type { LedgerDraft, LedgerEntry } from "../../shared/ledger.ts"
import type { Calibration } from "./calibration.ts"
import type { RuntimeAbi } from "./core/compiler/runtime-abi.ts"
import type { HitLogEntry, Interpret, ModuleIndex, Ports, SettingsStore } from "./ports.ts"
import type { TrustState } from "./trust-state.ts"
import type { UsageCounters } from "./usage-counters.ts"
import type { UsageLog } from "./usage-log.ts"

export interface OpenStore {
  /** The directory, for messages. */
  readonly place: string
  readonly readOnly: boolean
  /** When this process opened it, milliseconds since 1970. */
  readonly openedMs: number
  /** Who writes the store, when this process does not. */
  readonly heldBy: string | null
  readonly ports: Ports
  /** LanceDB behind the hot index, or what stands in for it. */
  readonly tables: ModuleIndex
  readonly trust: TrustState
  /** The runtime that ships: what a publish compiles against. */
  readonly runtime: {
    readonly digest: Digest
    readonly bytes: Uint8Array
    readonly abi: RuntimeAbi
  }
  readonly interpret: Interpret
  readonly counters: UsageCounters
  /** What is known of the verified tier's errors. */
  readonly calibration: Calibration
  readonly usageLog: UsageLog
  /** The truth first, then what derives from it: trust at once, the index behind. */
  append(draft: LedgerDraft): Promise<LedgerEntry>
  /**
   * Records that count together or not at all: without a gap, and only once the last of them, an `imported`, is there. Nothing
   * else is appended meanwhile. Answers the closer.
   */
  appendGroup(drafts: Iterable<LedgerDraft>): Promise<LedgerEntry>
  /** Resolves when the index holds all that was appended; never fails, for what derives is caught up from the Ledger. */
  settled(): Promise<void>
  /** Throws `log-unavailable`; what cannot be logged is not served. Answers the entry's number. */
  log(entry: HitLogEntry): number
  readonly settings: SettingsStore
  /** Bytes on disk. */
  sizes(): { readonly blobs: number; readonly ledger: number; readonly lance: number; readonly hot: number; readonly hits: number }
  /** Files in the store's folder that no store has. */
  strangers(): readonly { readonly name: string; readonly bytes: number }[]
  /** What recovery moved aside. */
  quarantined(): readonly { readonly name: string; readonly why: string }[]
  /** What opening found and mended, and what a person should know. */
  warnings(): readonly string[]
  modelState(): EngineStatus["model"]
  indexAvailable(): boolean
}
