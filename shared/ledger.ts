/** What the Ledger records, one entry for each thing that happened (storage page, section 2). */
import { z } from "zod"
import type { Digest } from "./digest.ts"

export const ledgerKinds = [
  "published",
  "embedded",
  "signed-off",
  "trusted",
  "revoked",
  "policy-changed",
  "imported",
  "exported",
  "evicted",
  "host-called",
  "feedback",
  "used",
  "checkpoint",
  "repaired"
] as const
export type LedgerKind = (typeof ledgerKinds)[number]

/** Raw bytes bound to an entry by their Digest: Attestations, vectors (f32 little-endian), documents of trust, foreign proofs. */
export interface LedgerPart {
  readonly kind: "attestation" | "embedding" | "root" | "revocations" | "policy" | "proof"
  readonly digest: Digest
  readonly length: number
}

/** Canonical JSON (RFC 8785) is what is hashed: leaf = sha256(0x00 ‖ entry bytes). */
export interface LedgerEntry {
  /** Position, from 0. */
  readonly sequence: number
  /** Leaf hash (hex) of the entry before; 64 zeros in the first. */
  readonly previous: string
  readonly kind: LedgerKind
  /** Wall-clock time, RFC 3339 in UTC. Informs, never decides alone. */
  readonly at: string
  readonly "clock-jump"?: true
  readonly group?: number
  readonly body: Readonly<Record<string, unknown>>
  readonly parts: readonly LedgerPart[]
}

/** An entry with its raw parts, in the order of `entry.parts`. */
export interface LedgerRecord {
  readonly entry: LedgerEntry
  readonly parts: readonly Uint8Array[]
}

/** What a caller hands in to be appended; the Ledger adds position, chain and the parts' Digests. */
export interface LedgerDraft {
  readonly kind: LedgerKind
  readonly body: Readonly<Record<string, unknown>>
  readonly parts: readonly { readonly kind: LedgerPart["kind"]; readonly bytes: Uint8Array }[]
  readonly group?: number
}

/** One line of the Ledger screen. */
export const ledgerLineSchema = z.object({
  sequence: z.number().int(),
  kind: z.enum(ledgerKinds),
  at: z.string(),
  leaf: z.string(),
  body: z.record(z.string(), z.unknown()),
  parts: z.array(z.object({ kind: z.string(), digest: z.string(), length: z.number().int() }))
})
