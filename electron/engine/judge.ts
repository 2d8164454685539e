/** Gathers what a Verdict rests on (records, Blobs, a rebuild) and has it weighed; believes none of it itself. */
import type { Digest } from "../../shared/digest.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Mapping } from "../../shared/module.ts"
import { sizeLimits } from "../../shared/module.ts"
import { decodeProvenance, peekAttestation } from "./core/attestation.ts"
import { parseStrictJson } from "./core/canonical.ts"
import type { Checkpoint } from "./core/checkpoint.ts"
import type { Held, RootView } from "./core/counting.ts"
import { countEvidence } from "./core/counting.ts"
import type { VerifySignature } from "./core/crypto.ts"
import { toBase64 } from "./core/digest.ts"
import { isObject } from "./core/dsse.ts"
import type { FoundBlob } from "./core/module-facts.ts"
import { moduleFactsOf } from "./core/module-facts.ts"
import type { PolicyInForce } from "./core/policy.ts"
import type { ExampleFacts, LedgerFacts, RebuildFacts, VerdictTime } from "./core/rules.ts"
import { timeOfReckoning } from "./core/rules.ts"
import type { Weighed } from "./core/trust.ts"
import { verdictOn } from "./core/trust.ts"
import { utf8Decode } from "./core/utf8.ts"
import type { Evidence, HeldAttestation } from "./evidence.ts"
import type { ForeignProof, ListedLedger, ProvenRecord } from "./foreign.ts"
import { openProof, placesBy, rememberingVerify } from "./foreign.ts"
import type { TrustPorts, TrustTools } from "./trust-ports.ts"

/** The trust a Verdict is reached under. */
export interface Bench {
  readonly views: readonly RootView[]
  readonly rootProblem: string | null
  readonly policy: PolicyInForce
  readonly time: VerdictTime
  readonly ledger: LedgerFacts
  /** Ledgers that the confirmed roots list, by origin. */
  readonly ledgers: ReadonlyMap<string, ListedLedger>
  /** The greatest checkpoint kept of each foreign one. */
  readonly kept: ReadonlyMap<string, Checkpoint>
  /** Every checkpoint accepted of a foreign ledger: origin, size and root (base64), a space between. */
  readonly accepted: ReadonlySet<string>
  /** Origins the own Ledger had before; records below `size` stand under them too. */
  readonly former: readonly { readonly key: { readonly name: string }; readonly size: number }[]
  readonly asOf: number
}

export interface Judging {
  readonly ports: TrustPorts
  readonly tools: TrustTools
  readonly evidence: Evidence
  /** Rebuilds already done in this process; null computes afresh. */
  readonly rebuilds: Map<string, Digest | null> | null
  /** Runtimes read before: far larger than what is linked against them, and the same for thousands of Mappings. Null reads afresh. */
  readonly runtimes: Map<Digest, Uint8Array> | null
}

/** The Verdict of one Mapping. Throws `unknown-digest` where the Ledger holds no Claim of it below `asOf`. */
export function judge(mapping: Digest, judging: Judging, bench: Bench): Weighed {
  const { ports, evidence } = judging
  const known = evidence.claimOf(mapping)
  const verify = rememberingVerify(ports.crypto.verify, ports.crypto.sha256)
  const { held, unproven } = heldOf(evidence.attestationsOf(mapping, bench.asOf), bench, verify)
  if (known === null || !evidence.isPublished(mapping, bench.asOf))
    throw new EngineFailure("unknown-digest", `no Mapping ${mapping} is in this store`)
  const { claim } = known
  const siblings = heldOf(siblingsOf(mapping, claim, evidence, bench), bench, verify).held
  const linkedIn = linkedInto(claim, module => importsIn(evidence, module))
  const blobOf = (digest: Digest) => (digest === claim.runtime?.digest ? runtimeAt(digest, judging) : blobAt(ports, digest))
  return weigh({ mapping, claim, held, siblings, linkedIn, unproven }, blobOf, judging, bench)
}

function runtimeAt(digest: Digest, { ports, runtimes }: Judging): FoundBlob {
  const found = runtimes?.get(digest) ?? blobAt(ports, digest)
  if (runtimes !== null && typeof found !== "string" && runtimes.size < runtimesKeptMax) runtimes.set(digest, found)
  return found
}

const runtimesKeptMax = 8

/** What is weighed: a Mapping of this store, or one that a Bundle brings. */
export interface Weighable {
  readonly mapping: Digest
  readonly claim: Mapping
  readonly held: readonly Held[]
  readonly siblings: readonly Held[]
  readonly linkedIn: readonly Digest[]
  /** Origins of foreign ledgers whose proofs are used and whose consistency is not proven. */
  readonly unproven: readonly string[]
}

/** The Verdict of a Mapping whose Blobs lie wherever `blobOf` finds them. */
export function weigh(
  what: Weighable,
  blobOf: (digest: Digest) => FoundBlob,
  judging: Pick<Judging, "tools" | "rebuilds"> & { readonly ports: Pick<TrustPorts, "crypto"> },
  bench: Bench
): Weighed {
  const { claim } = what
  return verdictOn({
    ...bench,
    ledger: { ...bench.ledger, unproven: what.unproven },
    mapping: what.mapping,
    claim,
    held: what.held,
    siblings: what.siblings,
    facts: moduleFactsOf(
      claim,
      { module: blobOf(claim.module.digest), runtime: claim.runtime === null ? "absent" : blobOf(claim.runtime.digest) },
      judging.tools,
      judging.ports.crypto.sha256
    ),
    linkedIn: what.linkedIn,
    examples: exampleFacts(blobOf(claim.examples.digest)),
    rebuild: rebuildFacts(claim, what.held, blobOf, judging),
    verify: judging.ports.crypto.verify
  })
}

/** Digests of vectors that counted, valid embedding Attestations name for this Mapping and model. */
export function vectorsNamed(
  mapping: Digest,
  model: { readonly id: string; readonly digest: Digest },
  judging: Judging,
  bench: Bench
): Digest[] {
  const known = judging.evidence.claimOf(mapping)
  if (known === null) return []
  const all = [...judging.evidence.attestationsOf(mapping), ...judging.evidence.embeddedOf(mapping)]
  const { held } = heldOf(all, bench, rememberingVerify(judging.ports.crypto.verify, judging.ports.crypto.sha256))
  const named = new Set<Digest>()
  for (const view of bench.views) {
    const counted = countEvidence({
      mapping,
      module: known.claim.module.digest,
      held,
      siblings: [],
      view,
      views: bench.views,
      timeMs: timeOfReckoning(bench.time),
      verify: judging.ports.crypto.verify
    })
    if (counted.claims.length === 0 && !view.own) continue
    for (const one of counted.embeddings) {
      if (
        one.standing === "valid" &&
        one.decoded.claim === mapping &&
        one.decoded.model.id === model.id &&
        one.decoded.model.digest === model.digest
      )
        named.add(one.decoded.vector)
    }
  }
  return [...named]
}

/**
 * Of our own open Ledger the verified chain is the proof, and the record's time is when this machine saw it. What an import
 * brought is proven by what it brought along.
 */
export function heldOf(
  all: readonly HeldAttestation[],
  bench: Bench,
  verify: VerifySignature
): { readonly held: Held[]; readonly unproven: readonly string[] } {
  const opened = new Map<ForeignProof, ProvenRecord | string>()
  const recordsOf = (proofs: readonly ForeignProof[]) =>
    proofs.flatMap(proof => {
      const record = opened.get(proof) ?? openProof(proof, bench.ledgers, verify)
      opened.set(proof, record)
      return typeof record === "string" ? [] : [record]
    })
  const held = all.map(one => ({
    bytes: one.bytes,
    sequence: one.sequence,
    places: [
      ...ownOriginsAt(one.sequence, bench).map(origin => ({
        origin,
        index: one.sequence,
        seenMs: one.atMs,
        proven: true,
        ...(one.imported ? { imported: true } : {})
      })),
      ...placesBy(one.digest, recordsOf(one.proofs), one.atMs)
    ]
  }))
  return { held, unproven: unprovenOrigins(recordsOf(all.flatMap(one => one.proofs)), bench) }
}

/** Origins under which a record at this position of our own Ledger stands. */
function ownOriginsAt(sequence: number, { ledger, former }: Pick<Bench, "ledger" | "former">): string[] {
  return [ledger.origin, ...former.filter(one => sequence < one.size).map(one => one.key.name)]
}

/** Whether an origin is, or was, that of our own Ledger. */
export function isOwnOrigin(origin: string, { ledger, former }: Pick<Bench, "ledger" | "former">): boolean {
  return origin === ledger.origin || former.some(one => one.key.name === origin)
}

/**
 * Foreign ledgers of which these records use a checkpoint that nothing ties to those accepted: a larger one than the one kept, or a
 * smaller one, of an older Bundle, that was never accepted itself.
 */
export function unprovenOrigins(records: Iterable<ProvenRecord>, bench: Pick<Bench, "kept" | "accepted" | "ledger" | "former">): string[] {
  const origins = new Set<string>()
  for (const { checkpoint } of records) {
    const { origin, size, root } = checkpoint
    const kept = bench.kept.get(origin)
    const known = kept !== undefined && size === kept.size
    if (!known && !isOwnOrigin(origin, bench) && !bench.accepted.has(`${origin} ${size} ${toBase64(root)}`)) origins.add(origin)
  }
  return [...origins]
}

function siblingsOf(mapping: Digest, claim: Mapping, evidence: Evidence, bench: Bench): HeldAttestation[] {
  return evidence
    .mappingsOf(claim.module.digest)
    .filter(one => one !== mapping)
    .flatMap(one => evidence.attestationsOf(one, bench.asOf))
}

/** What a Module of this store imports, in the words of its first Mapping: its Mappings all name the same imports. */
export function importsIn(evidence: Pick<Evidence, "mappingsOf" | "claimOf">, module: Digest): readonly Digest[] {
  const [mapping] = evidence.mappingsOf(module)
  return mapping === undefined ? [] : (evidence.claimOf(mapping)?.claim.imports ?? []).map(one => one.digest)
}

/** Everything that imports bring with them, the imports themselves left out. */
export function linkedInto(claim: Mapping, importsOf: (module: Digest) => readonly Digest[]): Digest[] {
  const direct = (claim.imports ?? []).map(one => one.digest)
  const found = new Set(direct)
  for (const module of found) for (const one of importsOf(module)) found.add(one)
  return [...found].filter(digest => !direct.includes(digest))
}

export function blobAt(ports: Pick<TrustPorts, "blobs">, digest: Digest): FoundBlob {
  try {
    return ports.blobs.get(digest) ?? "absent"
  } catch (failure) {
    if (failure instanceof EngineFailure && failure.code === "blob-damaged") return "damaged"
    throw failure
  }
}

function exampleFacts(found: FoundBlob): ExampleFacts {
  if (typeof found === "string") return { kind: found }
  try {
    const examples = parseStrictJson(found, { bytesMax: sizeLimits.examplesBytesMax, depthMax: 32 })
    if (!Array.isArray(examples)) return { kind: "malformed" }
    return { kind: "intact", count: examples.length, callers: examples.filter(one => isObject(one) && one.origin === "caller").length }
  } catch {
    return { kind: "malformed" }
  }
}

/** Recompiles only where some provenance names the compiler and the Claim the runtime at hand: elsewhere the answer would prove nothing. */
function rebuildFacts(
  claim: Mapping,
  held: readonly Held[],
  blobOf: (digest: Digest) => FoundBlob,
  judging: Pick<Judging, "tools" | "rebuilds">
): RebuildFacts {
  const { tools } = judging
  const atHand = { compiler: tools.compilerVersion, runtime: tools.shippedRuntime }
  if (claim.source === null) return { ...atHand, source: "none", module: null }
  const found = blobOf(claim.source.digest)
  if (typeof found === "string") return { ...atHand, source: found, module: null }
  const source = utf8Decode(found)
  const proves = claim.runtime?.digest === atHand.runtime && held.some(one => namesCompiler(one.bytes, atHand.compiler))
  if (source === null || !proves) return { ...atHand, source: "intact", module: null }
  const key = `${claim.source.digest} ${claim.entry} ${(claim.imports ?? []).map(one => `${one.name}=${one.digest}`).join(" ")}`
  const done = judging.rebuilds?.get(key)
  if (done !== undefined) return { ...atHand, source: "intact", module: done }
  const module = tools.rebuild(source, claim.imports ?? [], claim.entry)
  judging.rebuilds?.set(key, module)
  return { ...atHand, source: "intact", module }
}

function namesCompiler(attestation: Uint8Array, compiler: string): boolean {
  const statement = peekAttestation(attestation)?.statement
  const provenance = statement ? decodeProvenance(statement) : null
  return provenance !== null && typeof provenance !== "string" && provenance.kind === "rtfs" && provenance.compiler === compiler
}
