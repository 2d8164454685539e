/** What trust is given by whoever opens a store: its ports, and what it needs of compiler and engine as plain functions. */
import type { Digest } from "../../shared/digest.ts"
import type { LedgerDraft, LedgerEntry } from "../../shared/ledger.ts"
import type { ImportClaim } from "../../shared/module.ts"
import type { Evidence } from "./evidence.ts"
import type { BlobStore, Clock, Crypto, Keyring, Ledger, SeenStores, TrustStore } from "./ports.ts"

/** The ports trust needs. `Ports` fits. */
export interface TrustPorts {
  readonly clock: Clock
  readonly crypto: Crypto
  readonly blobs: BlobStore
  readonly ledger: Ledger
  readonly trust: TrustStore
  readonly keyring: Keyring
  /** What is known of the Ledger already; absent, it is read from the start. */
  readonly evidence?: Evidence
}

/** What trust needs of compiler and engine, handed in as functions because core and verbs hold neither. */
export interface TrustTools {
  /** Version of the compiler at hand, as provenance names it. */
  readonly compilerVersion: string
  /** Digest of the runtime that ships: what *strict* allows where nobody listed more. */
  readonly shippedRuntime: Digest | null
  /** Recompiles; null where the Source no longer compiles or an import is not here. */
  readonly rebuild: (source: string, imports: readonly ImportClaim[], entry: string) => Digest | null
  /** An engine's opinion: does the WebAssembly validate? */
  readonly validates: (bytes: Uint8Array) => boolean
  /** Canonical Interface text of an export of a plain Module; null where it has none. */
  readonly plainInterface?: (bytes: Uint8Array, entry: string) => string | null
  readonly seen: SeenStores
  /** Appends to the Ledger and feeds all that follow it, this state included. Default: the Ledger, then `follow`. */
  readonly append?: (draft: LedgerDraft) => Promise<LedgerEntry>
}
