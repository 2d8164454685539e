/** Who vouches for what: keys, roots, attestations, policy and the Verdict they add up to (trust page). */
import { z } from "zod"
import type { KeyId } from "./digest.ts"
import { isKeyId } from "./digest.ts"
import { digestSchema } from "./module.ts"

export const keyIdSchema = z.custom<KeyId>(isKeyId, "expected a KeyId: 64 hex digits")

export const roles = ["root", "authority", "publisher", "reviewer"] as const
export type Role = (typeof roles)[number]

/** What a key on this machine is for. The ledger key belongs to a store and is no role of the root. */
export const keyPurposes = [...roles, "ledger"] as const
export type KeyPurpose = (typeof keyPurposes)[number]

/** A key as people see it: never its secret half. */
export const keySummarySchema = z.object({
  id: keyIdSchema,
  purpose: z.enum(keyPurposes),
  name: z.string(),
  owner: z.string(),
  /** Which slots wrap it; `none` is an unprotected key. */
  slots: z.array(z.enum(["passphrase", "os", "none"])),
  unlocked: z.boolean(),
  retired: z.boolean()
})
export type KeySummary = Readonly<z.infer<typeof keySummarySchema>>

/** The public half of a key as a file: what is handed to whoever puts it into a root. It says of itself; only the KeyId is proven. */
export const publicKeySchema = z.object({
  id: keyIdSchema,
  type: z.literal("ed25519"),
  /** Raw 32-byte public key, standard base64. */
  public: z.string().max(100),
  name: z.string().min(1).max(100),
  owner: z.string().min(1).max(100),
  purpose: z.enum(keyPurposes).optional(),
  /** The ledger of the store it signs in, so that its word there can be proven elsewhere. */
  ledger: z.object({ origin: z.string().max(400), vkey: z.string().max(600) }).optional()
})
export type PublicKeyFile = Readonly<z.infer<typeof publicKeySchema>>

/** in-toto Statement v1, decoded. */
export interface Statement {
  readonly _type: "https://in-toto.io/Statement/v1"
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[]
  readonly predicateType: string
  readonly predicate: Readonly<Record<string, unknown>>
}

export const predicateTypes = {
  claim: "urn:rtfs:l4:module:v1",
  embedding: "urn:rtfs:l4:embedding:v1",
  provenance: "https://slsa.dev/provenance/v1",
  testResult: "https://in-toto.io/attestation/test-result/v0.1",
  signOff: "https://in-toto.io/attestation/svr/v0.2"
} as const

/** Sigstore bundle v0.3 holding one DSSE envelope with exactly one signature. */
export interface Attestation {
  readonly mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json"
  readonly verificationMaterial: { readonly publicKey: { readonly hint: string } }
  readonly dsseEnvelope: DsseEnvelope
}

export interface DsseEnvelope {
  readonly payload: string
  readonly payloadType: string
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[]
}

export interface RootKey {
  readonly type: "ed25519"
  /** Raw 32-byte public key, standard base64. */
  readonly public: string
  readonly name: string
  readonly owner: string
  readonly notAfter?: string
  readonly namespaces?: readonly string[]
}

/** A version of a trust root (modelled on TUF's root). */
export interface TrustRoot {
  readonly version: number
  readonly expires: string
  /** SHA-256 hex of the previous version's payload; absent in version 1. */
  readonly previous?: string
  readonly keys: Readonly<Record<string, RootKey>>
  readonly roles: Readonly<Record<Role, { readonly keyids: readonly string[]; readonly threshold: number }>>
  readonly ledgers: readonly {
    readonly origin: string
    readonly vkey: string
    readonly closedAt?: { readonly size: number; readonly root: string }
  }[]
}

export const presets = ["solo", "team", "strict", "automatic"] as const
export type Preset = (typeof presets)[number]

export const viewedProperties = [
  "RTFS_L4_VIEWED_SOURCE",
  "RTFS_L4_VIEWED_EXAMPLES",
  "RTFS_L4_VIEWED_INTERFACE",
  "RTFS_L4_VIEWED_DIFF"
] as const
export type ViewedProperty = (typeof viewedProperties)[number]

/** Which evidence suffices. Plain data with a Digest; signed by the authority; always local. */
export const trustPolicySchema = z.object({
  preset: z.enum(presets),
  /** Distinct reviewer keys and owners demanded. */
  reviewers: z.number().int().min(0).max(16),
  /** No person needed where there are no capabilities, a caller's Example passed and a rebuild gives the same bytes. */
  automatic: z.boolean(),
  reviewerMayBePublisher: z.boolean(),
  viewed: z.array(z.enum(viewedProperties)),
  expiredRootDays: z.number().int().min(0).max(365),
  demandConsistency: z.boolean(),
  /** `null` allows any declared capability or runtime; a list allows only its members. */
  capabilities: z.array(z.string()).nullable(),
  runtimes: z.array(digestSchema).nullable()
})
export type TrustPolicy = Readonly<z.infer<typeof trustPolicySchema>>

/** Rules in the order in which they are shown; all are always evaluated. */
export const ruleNames = [
  "blob-intact",
  "runtime-known",
  "root-current",
  "envelopes-sound",
  "mapping-signed",
  "interface-matches",
  "provenance-signed",
  "reproducible",
  "dependencies-sound",
  "capabilities-allowed",
  "tests-passed",
  "signed-off",
  "two-persons",
  "not-refused",
  "keys-valid",
  "not-revoked",
  "ledger-included",
  "ledger-consistent"
] as const
export type RuleName = (typeof ruleNames)[number]

export const verdictStates = ["trusted", "pending", "untrusted"] as const
export type VerdictState = (typeof verdictStates)[number]

export const ruleSchema = z.object({
  rule: z.enum(ruleNames),
  outcome: z.enum(["pass", "fail", "missing", "not-required"]),
  why: z.string(),
  /** Digests of the Attestations the outcome rests on. */
  evidence: z.array(digestSchema)
})
export type RuleResult = Readonly<z.infer<typeof ruleSchema>>

/** The Attestations of one Mapping weighed under one root and the policy in force. Computed, never stored as truth. */
export const verdictSchema = z.object({
  state: z.enum(verdictStates),
  mapping: digestSchema,
  rules: z.array(ruleSchema),
  notes: z.array(z.string()),
  /** Envelopes that count for nothing, each with its reason; they never change the state. */
  ignored: z.array(z.object({ digest: digestSchema, reason: z.string() })),
  policy: digestSchema.nullable(),
  root: z.object({ id: z.string(), version: z.number().int() }).nullable(),
  revocations: z.number().int(),
  /** Ledger size this Verdict speaks of. */
  asOf: z.number().int()
})
export type Verdict = Readonly<z.infer<typeof verdictSchema>>

export const revocationReasons = ["compromised", "superseded", "ceased", "wrong", "harmful"] as const
export type RevocationReason = (typeof revocationReasons)[number]

/** One document per root, signed by the authority's threshold. */
export interface Revocations {
  readonly version: number
  readonly expires: string
  readonly keys: readonly {
    readonly keyid: string
    readonly reason: "compromised" | "superseded" | "ceased"
    readonly asOf?: CheckpointRef
  }[]
  readonly modules: readonly { readonly digest: string; readonly reason: string; readonly note?: string; readonly replacement?: string }[]
}

export interface CheckpointRef {
  readonly origin: string
  readonly size: number
  /** Root hash, standard base64. */
  readonly root: string
}

/** A person's answer to a Pending Mapping. The command line claims no viewed property. */
export const signOffSchema = z.object({
  decision: z.enum(["approve", "reject"]),
  note: z.string().max(2_000),
  viewed: z.array(z.enum(viewedProperties)).optional()
})
