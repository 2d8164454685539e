/** What the verbs know of trust while a store is open: roots, policy, revocations, evidence by Mapping, and the Verdicts they add up to. */
import type { Digest, KeyId } from "../../shared/digest.ts"
import type { LedgerDraft, LedgerEntry, LedgerRecord } from "../../shared/ledger.ts"
import type { ImportClaim, Mapping } from "../../shared/module.ts"
import type { KeyPurpose, Revocations, Verdict } from "../../shared/trust.ts"
import type { Signer } from "./core/dsse.ts"
import type { PolicyInForce } from "./core/policy.ts"
import type { RootChain } from "./core/root.ts"
import type { BlobStore, Clock, Crypto, Keyring, Ledger, TrustStore } from "./ports.ts"

/** The ports trust needs. `Ports` fits. */
export interface TrustPorts {
  readonly clock: Clock
  readonly crypto: Crypto
  readonly blobs: BlobStore
  readonly ledger: Ledger
  readonly trust: TrustStore
  readonly keyring: Keyring
}

/** What this user has seen of stores before: kept outside every store, by Ledger origin. */
export interface SeenStores {
  get(origin: string): { readonly fingerprint: string; readonly checkpoint: string | null } | null
  put(origin: string, seen: { readonly fingerprint: string; readonly checkpoint: string | null }): Promise<void>
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

/** An Attestation held for a Mapping, with the Ledger position of the record that carries it. */
export interface HeldAttestation {
  readonly bytes: Uint8Array
  readonly digest: Digest
  readonly sequence: number
}

export interface TrustState {
  readonly ports: TrustPorts
  readonly tools: TrustTools
  /** Feeds the next Ledger record; in order, each once (a record fed again is ignored). Re-reads `trust/` where it names a change. */
  follow(record: LedgerRecord): void
  /** Appends through `tools.append`. */
  append(draft: LedgerDraft): Promise<LedgerEntry>

  /** Computed afresh. `asOf` is a Ledger size: what was trusted then, under the root, policy and revocations of then. */
  verdict(mapping: Digest, options?: { readonly asOf?: number; readonly policy?: PolicyInForce }): Verdict
  /** The hot path's answer: cached until anything it rests on changes or expires. */
  cachedVerdict(mapping: Digest): Verdict
  /** Drops every cached Verdict. */
  forgetVerdicts(): void

  /** Null where the store has no root that can be believed. */
  root(): RootChain | null
  /** Confirmed roots, own first. */
  roots(): readonly RootChain[]
  /** Why the own root is not believed, or the store is not this user's; null when all is well. */
  rootProblem(): string | null
  policy(): PolicyInForce
  revocations(): Revocations
  /** Re-reads `trust/`, after another process changed it. */
  refresh(): void

  /** Origin of the own Ledger; empty before `init`. */
  origin(): string
  /** Size and RFC 6962 root (hex) of the own Ledger as followed. */
  ledgerHead(): { readonly size: number; readonly root: string }
  /** Signs a checkpoint where 1,000 records passed since the newest (or `force`) and the ledger key is open; null where it is postponed. */
  checkpoint(force?: boolean): Promise<string | null>
  /** Whether a checkpoint is due and waits for the ledger key. */
  checkpointDue(): boolean

  /** The Claim of a Mapping as its `published` record states it; null where there is none. */
  claimOf(mapping: Digest): { readonly claim: Mapping; readonly sequence: number } | null
  /** Mappings of a Module, oldest first. */
  mappingsOf(module: Digest): readonly Digest[]
  /** All Mappings, oldest first. */
  mappings(): readonly Digest[]
  /** Mappings that name this one in `supersedes`. */
  successorsOf(mapping: Digest): readonly Digest[]
  attestationsOf(mapping: Digest): readonly HeldAttestation[]
  /** Digests of the vectors that counted embedding Attestations name for this Mapping and model: only these may be found by similarity. */
  vectorsOf(mapping: Digest, model: { readonly id: string; readonly digest: Digest }): readonly Digest[]

  /** The key that signs for a purpose. Throws `keys-missing`, `ambiguous-key` or `unknown-key`; signing itself throws `keys-locked`. */
  signer(purpose: KeyPurpose, chosen?: KeyId): Signer
  /** `signer("publisher", chosen).keyId`. */
  publisherKeyFor(chosen?: KeyId): KeyId
  /** What a person should know at every start: unprotected keys, expiry near, checkpoint due, policy not believed. */
  warnings(): readonly string[]
}
