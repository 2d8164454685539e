/** Which Ledger records speak of which Mapping: positions only, and those outside memory; the records are read when asked for. */
import type { Digest } from "../../shared/digest.ts"
import { isDigest } from "../../shared/digest.ts"
import type { LedgerEntry, LedgerRecord } from "../../shared/ledger.ts"
import type { Mapping } from "../../shared/module.ts"
import { peekAttestation, subjectOf } from "./core/attestation.ts"
import { isObject } from "./core/dsse.ts"
import { mappingDigest } from "./core/mapping.ts"
import { publishedBodyOf } from "./core/published.ts"
import type { ForeignProof } from "./foreign.ts"
import type { Ledger, RelationKind, Relations } from "./ports.ts"

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
  follow(record: Pick<LedgerRecord, "entry">): void
  /** As if nothing was ever followed. */
  forget(): void
  /** Positions of `trusted`, `revoked` and `policy-changed` records. */
  readonly trustSequences: readonly number[]
  /** Positions of `feedback` records, ascending. */
  feedbackSequences(): readonly number[]
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
const knownMax = 50_000

/** What the records say of a Mapping. Positions, ascending. */
interface Known {
  readonly published: readonly number[]
  readonly signedOff: readonly number[]
  readonly embedded: readonly number[]
  readonly evicted: boolean
}

/** A relation of a record whose group is still open. */
type Waiting = readonly [kind: RelationKind, digest: Digest, position: number]

const nothing = `sha256:${"0".repeat(64)}` as Digest

/** `relations` may know part of the Ledger already; `size` says how far. */
export function createEvidence(ledger: () => Ledger, relations: Relations = createRelations()): Evidence {
  const known = new Map<Digest, Known>()
  const answering = new Map<Digest, readonly number[]>()
  /** Claims read and compared with their Digest: what a Hit asks for again and again. */
  const claims = new Map<Digest, { readonly claim: Mapping; readonly sequence: number }>()
  let trustSequences: readonly number[] | null = null
  let size = relations.size
  let highestMs = relations.highestMs
  /** The group that is open, with what its records would add. */
  let open: { readonly group: number; readonly waiting: Waiting[] } | null = null

  function add(kind: RelationKind, digest: Digest, position: number): void {
    if (open !== null) {
      open.waiting.push([kind, digest, position])
      return
    }
    relations.add(kind, digest, position)
    if (kind === "trust") trustSequences = null
    else if (kind === "feedback") return
    else if (kind === "module") answering.delete(digest)
    else known.delete(digest)
  }

  function apply({ kind, body, sequence }: LedgerEntry): void {
    if (kind === "published") {
      const named = namedBy(body)
      if (named === null) return
      add("published", named.mapping, sequence)
      add("module", named.module, sequence)
      for (const older of named.supersedes) add("supersedes", older, sequence)
      for (const imported of named.imports) add("imports", imported, sequence)
    } else if (kind === "trusted" || kind === "revoked" || kind === "policy-changed") add("trust", nothing, sequence)
    else if (kind === "feedback") add("feedback", nothing, sequence)
    else if (kind === "embedded") for (const mapping of embeddedMappings(body)) add("embedded", mapping, sequence)
    else if ((kind === "signed-off" || kind === "evicted") && isDigest(body.mapping)) add(kind, body.mapping, sequence)
  }

  function follow({ entry }: Pick<LedgerRecord, "entry">): void {
    if (entry.sequence < size) return
    size = entry.sequence + 1
    const at = Date.parse(entry.at)
    if (entry["clock-jump"] === undefined && at > highestMs) highestMs = at
    // A group that anything else follows without its closer is dead.
    if (open?.group !== entry.group) open = entry.group === undefined ? null : { group: entry.group, waiting: [] }
    if (open !== null && entry.kind === "imported") {
      const { waiting } = open
      open = null
      for (const one of waiting) add(...one)
    } else apply(entry)
    if (open === null) relations.reached(size, highestMs)
  }

  function knownOf(mapping: Digest): Known | null {
    const kept = known.get(mapping)
    if (kept !== undefined) return kept
    const published = relations.of("published", mapping)
    if (published.length === 0) return null
    const evictions = relations.of("evicted", mapping)
    const one = {
      published,
      signedOff: relations.of("signed-off", mapping),
      embedded: relations.of("embedded", mapping),
      evicted: (evictions.at(-1) ?? -1) > (published.at(-1) as number)
    }
    if (known.size >= knownMax) dropOldest(known)
    known.set(mapping, one)
    return one
  }

  function publicationsOf(module: Digest): readonly number[] {
    const kept = answering.get(module)
    if (kept !== undefined) return kept
    const sequences = relations.of("module", module)
    if (answering.size >= knownMax) dropOldest(answering)
    answering.set(module, sequences)
    return sequences
  }

  /** Live Mappings of these `published` records, in their order. */
  function publishedIn(sequences: readonly number[]): Digest[] {
    const mappings = new Set<Digest>()
    for (const sequence of sequences) {
      const { mapping } = ledger().read(sequence).entry.body
      if (isDigest(mapping) && knownOf(mapping)?.evicted === false) mappings.add(mapping)
    }
    return [...mappings]
  }

  function held(sequences: readonly number[], asOf: number): HeldAttestation[] {
    return sequences
      .filter(sequence => sequence < asOf)
      .flatMap(sequence => {
        const record = ledger().read(sequence)
        const imported = record.entry.group !== undefined
        const proofs = proofsOf(record)
        return record.entry.parts.flatMap((part, at) => {
          const bytes = record.parts[at]
          if (part.kind !== "attestation" || !bytes) return []
          return [{ bytes, digest: part.digest, sequence, atMs: Date.parse(record.entry.at), imported, proofs }]
        })
      })
  }

  /** Of a bulk record only what speaks of the Mapping. Where we wrote it, the Attestations stand in the order of its list. */
  function embeddedIn(sequence: number, mapping: Digest): HeldAttestation[] {
    const all = held([sequence], size)
    const listed = all[embeddedMappings(ledger().read(sequence).entry.body).indexOf(mapping)]
    return listed !== undefined && isAbout(listed.bytes, mapping) ? [listed] : all.filter(one => isAbout(one.bytes, mapping))
  }

  function claimOf(mapping: Digest): { readonly claim: Mapping; readonly sequence: number } | null {
    const sequence = knownOf(mapping)?.published.at(-1)
    if (sequence === undefined) return null
    const kept = claims.get(mapping)
    if (kept?.sequence === sequence) return kept
    const body = publishedBodyOf(ledger().read(sequence))
    if (body === null || mappingDigest(body.claim) !== mapping) return null
    const read = { claim: body.claim, sequence }
    if (claims.size >= claimsMax) dropOldest(claims)
    claims.set(mapping, read)
    return read
  }

  return {
    get size() {
      return size
    },
    get highestMs() {
      return highestMs
    },
    get trustSequences() {
      trustSequences ??= relations.of("trust", nothing)
      return trustSequences
    },
    feedbackSequences: () => relations.of("feedback", nothing),
    follow,
    forget() {
      relations.clear()
      known.clear()
      answering.clear()
      claims.clear()
      trustSequences = null
      open = null
      size = 0
      highestMs = 0
    },
    mappings() {
      const first = new Map<Digest, number>()
      for (const [mapping, sequence] of relations.each("published")) {
        const before = first.get(mapping)
        if (before === undefined || sequence < before) first.set(mapping, sequence)
      }
      for (const [mapping] of relations.each("evicted")) if (knownOf(mapping)?.evicted === true) first.delete(mapping)
      return [...first].sort((left, right) => left[1] - right[1]).map(([mapping]) => mapping)
    },
    modules() {
      const first = new Map<Digest, number>()
      for (const [module, sequence] of relations.each("module")) {
        const before = first.get(module)
        if (before === undefined || sequence < before) first.set(module, sequence)
      }
      return [...first].sort((left, right) => left[1] - right[1]).map(([module]) => module)
    },
    mappingsOf: module => publishedIn(publicationsOf(module)),
    successorsOf: mapping => publishedIn(relations.of("supersedes", mapping)),
    importersOf: module => publishedIn(relations.of("imports", module)),
    claimOf,
    isPublished: (mapping, asOf) => (knownOf(mapping)?.published[0] ?? asOf) < asOf,
    attestationsOf(mapping, asOf = size) {
      const one = knownOf(mapping)
      return one === null
        ? []
        : held(
            [...one.published, ...one.signedOff].sort((left, right) => left - right),
            asOf
          )
    },
    embeddedOf: mapping => (knownOf(mapping)?.embedded ?? []).flatMap(sequence => embeddedIn(sequence, mapping)),
    embeddedCount: mapping => knownOf(mapping)?.embedded.length ?? 0,
    revision(mapping) {
      const one = knownOf(mapping)
      if (one === null) return -1
      // rivals are Claims of the same Module, so their number belongs to what a Verdict rests on
      const module = claimOf(mapping)?.claim.module.digest
      return (module === undefined ? one.published.length : publicationsOf(module).length) + one.signedOff.length
    }
  }
}

/** Relations held in plain maps: for tests, and for stores that are looked into and not kept. */
export function createRelations(): Relations {
  const positions = new Map<string, number[]>()
  let size = 0
  let highestMs = 0
  return {
    get size() {
      return size
    },
    get highestMs() {
      return highestMs
    },
    add(kind, digest, position) {
      const key = `${kind} ${digest}`
      const list = positions.get(key)
      if (list === undefined) positions.set(key, [position])
      else list.push(position)
    },
    reached(newSize, ms) {
      size = newSize
      highestMs = ms
    },
    of: (kind, digest) => [...(positions.get(`${kind} ${digest}`) ?? [])].sort((left, right) => left - right),
    *each(kind) {
      for (const [key, list] of positions)
        if (key.startsWith(`${kind} `)) for (const position of list) yield [key.slice(kind.length + 1) as Digest, position]
    },
    clear() {
      positions.clear()
      size = 0
      highestMs = 0
    }
  }
}

function dropOldest<K>(map: Map<K, unknown>): void {
  // a Map keeps the order of insertion
  for (const key of map.keys()) return void map.delete(key)
}

/** What a `published` body names, read by hand: every record passes here at open, and a Claim is checked in full when it is asked for. */
function namedBy(body: LedgerEntry["body"]) {
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

function isAbout(attestation: Uint8Array, mapping: Digest): boolean {
  const statement = peekAttestation(attestation)?.statement ?? null
  return statement !== null && subjectOf(statement, "mapping") === mapping
}

function embeddedMappings({ embeddings }: LedgerEntry["body"]): Digest[] {
  if (!Array.isArray(embeddings)) return []
  return embeddings.flatMap((one: { readonly mapping?: unknown } | null) => (isDigest(one?.mapping) ? [one.mapping] : []))
}
