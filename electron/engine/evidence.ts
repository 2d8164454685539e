/** Which Ledger records speak of which Mapping: positions only, so that a million Mappings fit; the records are read when asked for. */
import type { Digest } from "../../shared/digest.ts"
import { isDigest } from "../../shared/digest.ts"
import type { LedgerRecord } from "../../shared/ledger.ts"
import type { Mapping } from "../../shared/module.ts"
import { isObject } from "./core/dsse.ts"
import { mappingDigest } from "./core/mapping.ts"
import { publishedBodyOf } from "./core/published.ts"
import type { ForeignProof } from "./foreign.ts"
import type { Ledger } from "./ports.ts"

export interface HeldAttestation {
  readonly bytes: Uint8Array
  readonly digest: Digest
  readonly sequence: number
  /** Wall-clock time of the record that carries it. */
  readonly atMs: number
  /** Whether an import brought it. */
  readonly imported: boolean
  /** Records of other ledgers with their proofs, as that import brought them. */
  readonly proofs: readonly ForeignProof[]
}

export interface Evidence {
  /** Ledger size followed. */
  readonly size: number
  /** Takes in the next record. A record of a group waits for the group's `imported`. */
  follow(record: LedgerRecord): void
  /** Positions of `trusted`, `revoked` and `policy-changed` records. */
  readonly trustSequences: readonly number[]
  /** Greatest time of a record whose clock had not jumped. */
  readonly highestMs: number
  mappings(): readonly Digest[]
  modules(): Iterable<Digest>
  mappingsOf(module: Digest): readonly Digest[]
  successorsOf(mapping: Digest): readonly Digest[]
  importersOf(module: Digest): readonly Digest[]
  /** The Claim of the newest `published` record; null where there is none, or its bytes are not the Mapping's. */
  claimOf(mapping: Digest): { readonly claim: Mapping; readonly sequence: number } | null
  /** Whether it was published below `asOf`. */
  isPublished(mapping: Digest, asOf: number): boolean
  /** Attestations in records below `asOf`, embeddings in bulk left out, oldest first. */
  attestationsOf(mapping: Digest, asOf?: number): readonly HeldAttestation[]
  /** Attestations of bulk `embedded` records that name the Mapping. */
  embeddedOf(mapping: Digest): readonly HeldAttestation[]
  /** How many bulk records name this Mapping. */
  embeddedCount(mapping: Digest): number
  /** Grows with every record that may change this Mapping's Verdict; -1 for one that is not here. */
  revision(mapping: Digest): number
}

const claimsMax = 20_000

interface Known {
  readonly module: Digest
  readonly published: number[]
  readonly signedOff: number[]
  readonly embedded: number[]
  evicted: boolean
}

export function createEvidence(ledger: Ledger): Evidence {
  const known = new Map<Digest, Known>()
  const byModule = new Map<Digest, Digest[]>()
  const successors = new Map<Digest, Digest[]>()
  const importers = new Map<Digest, Digest[]>()
  /** Sign-offs that arrived before what they are about: nothing else orders records of one group. */
  const early = new Map<Digest, number[]>()
  /** Positions of the records of groups that are still open. */
  const groups = new Map<number, number[]>()
  /** Claims read and compared with their Digest: what a Hit asks for again and again. */
  const claims = new Map<Digest, { readonly claim: Mapping; readonly sequence: number }>()
  const trustSequences: number[] = []
  let size = 0
  let highestMs = 0

  function apply(record: LedgerRecord): void {
    const { entry } = record
    if (entry.kind === "published") applyPublished(record)
    else if (entry.kind === "trusted" || entry.kind === "revoked" || entry.kind === "policy-changed") trustSequences.push(entry.sequence)
    else if (entry.kind === "embedded") for (const mapping of embeddedMappings(record)) known.get(mapping)?.embedded.push(entry.sequence)
    else if (isDigest(entry.body.mapping)) {
      const { mapping } = entry.body
      const one = known.get(mapping)
      if (entry.kind === "signed-off") (one?.signedOff ?? listOf(early, mapping)).push(entry.sequence)
      if (entry.kind === "evicted" && one) one.evicted = true
    }
  }

  function applyPublished({ entry }: LedgerRecord): void {
    const named = namedBy(entry.body)
    if (named === null) return
    const { mapping, module } = named
    const one = known.get(mapping)
    if (one) {
      one.published.push(entry.sequence)
      one.evicted = false
      return
    }
    known.set(mapping, { module, published: [entry.sequence], signedOff: early.get(mapping) ?? [], embedded: [], evicted: false })
    early.delete(mapping)
    listOf(byModule, module).push(mapping)
    for (const older of named.supersedes) listOf(successors, older).push(mapping)
    for (const imported of named.imports) listOf(importers, imported).push(mapping)
  }

  const live = (mappings: readonly Digest[] | undefined) => (mappings ?? []).filter(mapping => known.get(mapping)?.evicted === false)

  function held(sequences: readonly number[], asOf: number): HeldAttestation[] {
    return sequences
      .filter(sequence => sequence < asOf)
      .flatMap(sequence => {
        const record = ledger.read(sequence)
        const imported = record.entry.group !== undefined
        const proofs = proofsOf(record)
        return record.entry.parts.flatMap((part, at) => {
          const bytes = record.parts[at]
          if (part.kind !== "attestation" || !bytes) return []
          return [{ bytes, digest: part.digest, sequence, atMs: Date.parse(record.entry.at), imported, proofs }]
        })
      })
  }

  return {
    get size() {
      return size
    },
    get highestMs() {
      return highestMs
    },
    trustSequences,
    follow(record) {
      const { entry } = record
      if (entry.sequence < size) return
      size = entry.sequence + 1
      const at = Date.parse(entry.at)
      if (entry["clock-jump"] === undefined && at > highestMs) highestMs = at
      if (entry.group === undefined) apply(record)
      else if (entry.kind !== "imported") listOf(groups, entry.group).push(entry.sequence)
      else {
        for (const sequence of groups.get(entry.group) ?? []) apply(ledger.read(sequence))
        groups.delete(entry.group)
      }
    },
    mappings: () => live([...known.keys()]),
    modules: () => byModule.keys(),
    mappingsOf: module => live(byModule.get(module)),
    successorsOf: mapping => live(successors.get(mapping)),
    importersOf: module => live(importers.get(module)),
    claimOf(mapping) {
      const sequence = known.get(mapping)?.published.at(-1)
      if (sequence === undefined) return null
      const kept = claims.get(mapping)
      if (kept?.sequence === sequence) return kept
      const body = publishedBodyOf(ledger.read(sequence))
      if (body === null || mappingDigest(body.claim) !== mapping) return null
      const read = { claim: body.claim, sequence }
      if (claims.size >= claimsMax) claims.clear()
      claims.set(mapping, read)
      return read
    },
    isPublished: (mapping, asOf) => (known.get(mapping)?.published[0] ?? asOf) < asOf,
    attestationsOf(mapping, asOf = size) {
      const one = known.get(mapping)
      return one
        ? held(
            [...one.published, ...one.signedOff].sort((left, right) => left - right),
            asOf
          )
        : []
    },
    embeddedOf: mapping => held(known.get(mapping)?.embedded ?? [], size),
    embeddedCount: mapping => known.get(mapping)?.embedded.length ?? 0,
    revision(mapping) {
      const one = known.get(mapping)
      if (!one) return -1
      // rivals are Claims of the same Module, so their number belongs to what a Verdict rests on
      const siblings = byModule.get(one.module) ?? []
      return siblings.reduce((sum, sibling) => sum + (known.get(sibling)?.published.length ?? 0), one.signedOff.length)
    }
  }
}

/** What a `published` body names, read by hand: every record passes here at open, and a Claim is checked in full when it is asked for. */
function namedBy(body: LedgerRecord["entry"]["body"]) {
  const { mapping, claim } = body
  if (!isDigest(mapping) || !isObject(claim) || !isObject(claim.module) || !isDigest(claim.module.digest)) return null
  const supersedes = Array.isArray(claim.supersedes) ? claim.supersedes.filter(isDigest) : []
  const imported: unknown[] = Array.isArray(claim.imports) ? claim.imports : []
  const imports = imported.flatMap(one => (isObject(one) && isDigest(one.digest) ? [one.digest] : []))
  return { mapping, module: claim.module.digest, supersedes, imports }
}

/** Parts of the kind `proof` stand in pairs: a record's bytes, then its proof file. */
function proofsOf(record: LedgerRecord): ForeignProof[] {
  const bytes = record.parts.filter((_, at) => record.entry.parts[at]?.kind === "proof")
  const proofs: ForeignProof[] = []
  for (let at = 0; at + 1 < bytes.length; at += 2) proofs.push({ entry: bytes[at] as Uint8Array, proof: bytes[at + 1] as Uint8Array })
  return proofs
}

function embeddedMappings(record: LedgerRecord): Digest[] {
  const { embeddings } = record.entry.body
  if (!Array.isArray(embeddings)) return []
  return embeddings.flatMap((one: { readonly mapping?: unknown } | null) => (isDigest(one?.mapping) ? [one.mapping] : []))
}

function listOf<K, V>(map: Map<K, V[]>, key: K): V[] {
  const list = map.get(key) ?? []
  map.set(key, list)
  return list
}
