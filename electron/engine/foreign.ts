/** What reaches us from other stores: their confirmed roots, and the proofs that something stands in a ledger which a root lists. */
import type { Digest } from "../../shared/digest.ts"
import type { Acceptance } from "./core/acceptance.ts"
import { parseStrictJson } from "./core/canonical.ts"
import type { Checkpoint, LedgerKey } from "./core/checkpoint.ts"
import { openCheckpoint, parseVkey, verifyProofFile } from "./core/checkpoint.ts"
import type { LedgerPlace, RootView } from "./core/counting.ts"
import type { VerifySignature } from "./core/crypto.ts"
import { toHex } from "./core/digest.ts"
import { isObject } from "./core/dsse.ts"
import type { Hash } from "./core/merkle.ts"
import { openRevocations } from "./core/revocations.ts"
import { openRootChain } from "./core/root.ts"
import type { TrustStore } from "./ports.ts"

/** Foreign roots that our authority accepted, by what `accepts` answers. What is not believed is left out, with the reason. */
export function foreignViews(
  trust: Pick<TrustStore, "foreignRoots">,
  accepts: (acceptance: Uint8Array) => Acceptance | string,
  verify: VerifySignature
): { readonly views: RootView[]; readonly problems: string[] } {
  const views: RootView[] = []
  const problems: string[] = []
  for (const { id, versions, revocations, acceptance } of trust.foreignRoots()) {
    const opened = openRootChain(versions, verify)
    const accepted = acceptance === null ? "nobody accepted it" : accepts(acceptance)
    const fault =
      opened.kind === "broken"
        ? opened.reason
        : typeof accepted === "string"
          ? accepted
          : opened.chain.id !== id ||
              accepted.root !== id ||
              !opened.chain.versions.some(version => version.fingerprint === accepted.fingerprint)
            ? "another root was accepted"
            : null
    if (fault !== null || opened.kind === "broken") {
      problems.push(`the foreign root ${id.slice(0, 16)} is not believed: ${fault}`)
      continue
    }
    const read = revocations === null ? null : openRevocations(revocations, opened.chain.newest, verify)
    views.push({
      chain: opened.chain,
      own: false,
      revocations: typeof read === "string" ? null : read,
      problem: typeof read === "string" ? `the foreign root's revocations are not believed: ${read}` : null
    })
  }
  return { views, problems }
}

/** A ledger that a confirmed root lists. `closed`: records from there on are not its own any more. */
export interface ListedLedger {
  readonly key: LedgerKey
  /** Identity of the root that lists it. */
  readonly root: string
  readonly closed: number | null
}

/** By origin; the first root that lists an origin has the say, our own before all. */
export function ledgersOf(views: readonly RootView[]): ReadonlyMap<string, ListedLedger> {
  const listed = new Map<string, ListedLedger>()
  for (const { chain } of views) {
    for (const { origin, vkey, closedAt } of chain.newest.document.ledgers) {
      const key = parseVkey(vkey)
      if (key !== null && !listed.has(origin)) listed.set(origin, { key, root: chain.id, closed: closedAt?.size ?? null })
    }
  }
  return listed
}

/** The greatest checkpoint kept of each foreign ledger. */
export function keptCheckpoints(
  trust: TrustStore,
  ledgers: ReadonlyMap<string, ListedLedger>,
  verify: VerifySignature
): Map<string, Checkpoint> {
  const kept = new Map<string, Checkpoint>()
  for (const note of trust.foreignRoots().flatMap(one => one.checkpoints)) {
    const listed = ledgers.get(note.slice(0, note.indexOf("\n")))
    const checkpoint = listed === undefined ? "" : openCheckpoint(note, listed.key, verify)
    if (typeof checkpoint !== "string" && checkpoint.size > (kept.get(checkpoint.origin)?.size ?? -1))
      kept.set(checkpoint.origin, checkpoint)
  }
  return kept
}

/** A record of some ledger as its bytes, and the proof file that it stands there. */
export interface ForeignProof {
  readonly entry: Uint8Array
  readonly proof: Uint8Array
}

/** A proof that holds, under a ledger that a confirmed root lists. */
export interface ProvenRecord {
  readonly index: number
  readonly checkpoint: Checkpoint
  /** The signed note, verbatim. */
  readonly note: string
  readonly kind: string
  /** Digest of the Mapping that its body names, where it names one. */
  readonly mapping: string | null
  readonly body: Readonly<Record<string, unknown>>
  /** Digests of the Attestations it carries. */
  readonly attestations: ReadonlySet<Digest>
}

/** The record, or in words why the proof counts for nothing. */
export function openProof(
  { entry, proof }: ForeignProof,
  ledgers: ReadonlyMap<string, ListedLedger>,
  verify: VerifySignature
): ProvenRecord | string {
  const text = new TextDecoder().decode(proof)
  const note = text.slice(text.indexOf("\n\n") + 2)
  const origin = note.slice(0, note.indexOf("\n"))
  const listed = ledgers.get(origin)
  if (listed === undefined) return `no confirmed root lists the ledger ${origin}`
  const result = verifyProofFile(proof, entry, listed.key, verify)
  if (result.kind === "refused") return result.reason
  if (listed.closed !== null && result.index >= listed.closed) return `the ledger ${origin} was closed before record ${result.index}`
  const record = readEntry(entry)
  return typeof record === "string" ? record : { index: result.index, checkpoint: result.checkpoint, note, ...record }
}

/** What a record's bytes say, nothing proven. */
export function readEntry(entry: Uint8Array): Pick<ProvenRecord, "kind" | "mapping" | "body" | "attestations"> | string {
  try {
    const json = parseStrictJson(entry)
    if (!isObject(json) || typeof json.kind !== "string" || !isObject(json.body) || !Array.isArray(json.parts))
      return "the record is no ledger entry"
    const attestations = new Set<Digest>()
    for (const part of json.parts as readonly unknown[])
      if (isObject(part) && part.kind === "attestation" && typeof part.digest === "string") attestations.add(part.digest as Digest)
    return { kind: json.kind, mapping: typeof json.body.mapping === "string" ? json.body.mapping : null, body: json.body, attestations }
  } catch (error) {
    return `the record is no JSON we accept: ${error instanceof Error ? error.message : error}`
  }
}

/** Where an Attestation stands by these proofs. */
export function placesBy(digest: Digest, records: readonly ProvenRecord[], seenMs: number): LedgerPlace[] {
  return records
    .filter(record => record.attestations.has(digest))
    .map(record => ({ origin: record.checkpoint.origin, index: record.index, seenMs, proven: true }))
}

/** One signature is verified once, however many proofs stand under one checkpoint and however many roots ask. */
export function rememberingVerify(verify: VerifySignature, hash: Hash, keptMax = 4_096): VerifySignature {
  const known = new Map<string, boolean>()
  return (signature, message, publicKey) => {
    // key and hash have 32 bytes each, so that no two questions share a name
    const name = toHex(signature) + toHex(publicKey) + toHex(hash(message))
    const answer = known.get(name) ?? verify(signature, message, publicKey)
    if (known.size >= keptMax) known.clear()
    known.set(name, answer)
    return answer
  }
}
