/** Writes Modules with all that vouches for them as a Bundle: equal selection and equal checkpoint give equal bytes. */
import type { Digest } from "../../shared/digest.ts"
import type { AnswerOf, CallContext, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { LedgerRecord } from "../../shared/ledger.ts"
import { turn } from "./bundle.ts"
import { peekAttestation, subjectOf } from "./core/attestation.ts"
import { canonicalBytes } from "./core/canonical.ts"
import type { Checkpoint } from "./core/checkpoint.ts"
import { checkpointRef, proofFile } from "./core/checkpoint.ts"
import type { RootView } from "./core/counting.ts"
import { toBase64 } from "./core/digest.ts"
import { consistencyProof } from "./core/merkle.ts"
import type { MerkleTree } from "./core/merkle-tree.ts"
import { createMerkleTree } from "./core/merkle-tree.ts"
import type { Descriptor } from "./core/oci.ts"
import {
  artifactManifestBytes,
  bundleLimits,
  emptyBytes,
  fallbackIndexBytes,
  fallbackTagged,
  indexPieces,
  mediaTypes,
  moduleManifestBytes,
  tagged,
  wasmConfigBytes
} from "./core/oci.ts"
import { dayMs, timeOf } from "./core/time.ts"
import type { HeldAttestation } from "./evidence.ts"
import type { ForeignProof } from "./foreign.ts"
import { digestNamed } from "./naming.ts"
import type { OpenStore } from "./open-store.ts"
import type { BundleSink } from "./ports.ts"
import { putRevocations } from "./revoke.ts"
import type { TrustState } from "./trust-state.ts"

type Input = ParsedOf<"exportBundle">
type Answer = AnswerOf<"exportBundle">

/** Revocations that end sooner are renewed before they travel. */
const renewBeforeMs = 90 * dayMs

/** Throws `wrong-usage`, `unknown-digest`, `keys-locked` where no checkpoint covers the selection, `blob-damaged`, `limit-exceeded`, `cancelled`. */
export async function exportBundle(input: Input, store: OpenStore, context: CallContext = {}): Promise<Answer> {
  const { trust } = store
  if (store.readOnly)
    throw new EngineFailure("store-read-only", "nothing is exported from a store that is open for reading only: each export is recorded")
  const selected = select(input, trust)
  if (selected.length === 0) throw new EngineFailure("unknown-digest", "there is nothing to export")
  const volumes = volumesOf(selected, trust)
  const notes = [...(await renewRevocations(trust))]
  const mappings = volumes.flatMap(volume => [...volume.values()].flat())
  const { note, checkpoint } = await checkpointOver(mappings, trust)
  const leaves = store.ports.ledger.leaves(checkpoint.size)
  const from = consistencyStart(input.consistentWith, checkpoint.size, store)
  const made: Making = {
    store,
    context,
    note,
    checkpoint,
    tree: createMerkleTree(leaves, store.ports.crypto.sha256),
    consistency: from === null ? null : { from, hashes: consistencyProof(leaves, from, store.ports.crypto.sha256).map(toBase64) }
  }
  const written: Answer["volumes"] = []
  for (const [at, volume] of volumes.entries()) {
    const path = volumes.length === 1 ? input.target : volumePath(input.target, at + 1)
    written.push({ path, ...(await writeVolume(volume, path, made)) })
  }
  for (const [at, volume] of volumes.entries()) {
    const [list] = await store.ports.blobs.put([canonicalBytes([...volume.keys()])])
    await store.append({
      kind: "exported",
      body: {
        bundle: written[at]?.bundle,
        list,
        modules: volume.size,
        mappings: [...volume.values()].flat().length,
        checkpoint: checkpointRef(checkpoint)
      },
      parts: []
    })
  }
  return {
    volumes: written,
    modules: volumes.reduce((sum, volume) => sum + volume.size, 0),
    mappings: mappings.length,
    checkpoint: checkpointRef(checkpoint),
    notes
  }
}

function select({ digests, all, since }: Input, trust: TrustState): Digest[] {
  if ([digests, all === true ? true : undefined, since].filter(one => one !== undefined).length !== 1)
    throw new EngineFailure("wrong-usage", "expected exactly one of Digests, all, or since a Ledger size")
  if (digests !== undefined) {
    const known = [...trust.modules(), ...trust.mappings()]
    return digests.flatMap(text => {
      const digest = digestNamed(text, known)
      return trust.claimOf(digest) === null ? [...trust.mappingsOf(digest)] : [digest]
    })
  }
  const recent = (mapping: Digest) => trust.attestationsOf(mapping).some(one => one.sequence >= (since ?? 0))
  return trust.mappings().filter(mapping => trust.cachedVerdict(mapping).state !== "untrusted" && (since === undefined || recent(mapping)))
}

/** Mappings by Module. */
type Volume = Map<Digest, Digest[]>

/** Each volume holds what its Modules import, and at most so many Modules as one import takes. */
function volumesOf(selected: readonly Digest[], trust: TrustState): Volume[] {
  const chosen = new Set(selected)
  const modules = [...new Set(selected.map(mapping => moduleOf(mapping, trust)))].sort()
  const volumes: Volume[] = []
  let current: Volume = new Map()
  for (const module of modules) {
    const wanted = [...closureOf(module, trust)].filter(one => !current.has(one))
    if (current.size + wanted.length > bundleLimits.modulesMax) {
      volumes.push(current)
      current = new Map()
    }
    for (const one of closureOf(module, trust)) {
      const all = trust.mappingsOf(one)
      const named = all.filter(mapping => chosen.has(mapping))
      current.set(one, [...(named.length > 0 ? named : all)].sort())
    }
  }
  volumes.push(current)
  return volumes.map(volume => new Map([...volume].sort(([left], [right]) => (left < right ? -1 : 1))))
}

function moduleOf(mapping: Digest, trust: TrustState): Digest {
  const known = trust.claimOf(mapping)
  if (known === null) throw new EngineFailure("unknown-digest", `no Mapping ${mapping} is in this store`)
  return known.claim.module.digest
}

function closureOf(module: Digest, trust: TrustState): Set<Digest> {
  const closure = new Set([module])
  for (const one of closure)
    for (const mapping of trust.mappingsOf(one)) for (const { digest } of trust.claimOf(mapping)?.claim.imports ?? []) closure.add(digest)
  return closure
}

async function renewRevocations(trust: TrustState): Promise<string[]> {
  const { version, expires } = trust.revocations()
  const ends = timeOf(expires) ?? 0
  if (version > 0 && ends - trust.ports.clock.nowMs() > renewBeforeMs) return []
  try {
    await putRevocations({}, { what: "none", reason: "renewed for an export" }, trust)
    return []
  } catch (failure) {
    if (!(failure instanceof EngineFailure && (failure.code === "keys-locked" || failure.code === "keys-missing"))) throw failure
    return [
      version === 0
        ? "it carries no revocations: the authority key is locked"
        : `its revocations end on ${expires}: the authority key is locked`
    ]
  }
}

/** An existing checkpoint that covers the selection is used again. */
async function checkpointOver(mappings: readonly Digest[], trust: TrustState) {
  let last = 0
  for (const mapping of mappings) for (const one of trust.attestationsOf(mapping)) last = Math.max(last, one.sequence)
  if ((trust.newestCheckpoint()?.checkpoint.size ?? 0) <= last) await trust.checkpoint(true)
  const newest = trust.newestCheckpoint()
  if (newest === null || newest.checkpoint.size <= last)
    throw new EngineFailure("keys-locked", "no checkpoint covers these records yet: unlock the ledger key, which signs one")
  return newest
}

/** Where the consistency proof starts: as asked, else at the export before; null where there is none. */
function consistencyStart(asked: number | undefined, size: number, { ports }: OpenStore): number | null {
  if (asked !== undefined) {
    if (asked > size) throw new EngineFailure("wrong-usage", `the checkpoint has ${size} records, a proof from ${asked} was asked for`)
    return asked
  }
  for (let sequence = ports.ledger.size - 1; sequence >= 0; sequence--) {
    const { kind, body } = ports.ledger.read(sequence).entry
    const before = kind === "exported" ? (body.checkpoint as { readonly size?: unknown } | undefined)?.size : undefined
    if (typeof before === "number" && before >= 1 && before < size) return before
  }
  return null
}

function volumePath(target: string, number: number): string {
  const suffix = `.${String(number).padStart(3, "0")}`
  return target.endsWith(".tar") ? `${target.slice(0, -4)}${suffix}.tar` : `${target}${suffix}`
}

interface Making {
  readonly store: OpenStore
  readonly context: CallContext
  readonly note: string
  readonly checkpoint: Checkpoint
  readonly tree: MerkleTree
  readonly consistency: { readonly from: number; readonly hashes: readonly string[] } | null
}

async function writeVolume(volume: Volume, path: string, made: Making) {
  const sink = made.store.ports.bundles.create(path)
  try {
    const index: Descriptor[] = []
    const signers = new Set<string>()
    const runtimes = new Map<Digest, Descriptor>()
    sink.put(emptyBytes)
    let done = 0
    for (const [module, mappings] of volume) {
      index.push(...writeModule(module, mappings, sink, made, signers))
      for (const mapping of mappings) {
        const runtime = made.store.trust.claimOf(mapping)?.claim.runtime?.digest
        if (runtime !== undefined && !runtimes.has(runtime)) runtimes.set(runtime, writeWasm("runtime", runtime, 0, sink, made))
      }
      await turn(++done, volume.size, "write the Modules", made.context, 8)
    }
    index.push(...runtimes.values(), ...writeRoots(signers, sink, made))
    const { digest, bytes } = await sink.finish(indexPieces(index))
    return { bundle: digest, modules: volume.size, bytes }
  } catch (failure) {
    sink.abandon()
    throw failure
  }
}

function putLayer(mediaType: string, bytes: Uint8Array, sink: BundleSink): Descriptor {
  return { mediaType, ...sink.put(bytes) }
}

function putManifest(bytes: Uint8Array, artifactType: string | null, sink: BundleSink): Descriptor {
  const put = sink.put(bytes)
  return { mediaType: mediaTypes.manifest, ...put, ...(artifactType === null ? {} : { artifactType }) }
}

/** `since`: the Ledger position its time is taken from. */
function writeWasm(kind: "module" | "runtime", digest: Digest, since: number, sink: BundleSink, { store }: Making): Descriptor {
  const bytes = blobOf(digest, store)
  const { at } = store.ports.ledger.read(since).entry
  const config = putLayer(mediaTypes.wasmConfig, wasmConfigBytes(digest, at), sink)
  return tagged(kind, putManifest(moduleManifestBytes(config, sink.put(bytes)), null, sink))
}

function blobOf(digest: Digest, { ports }: OpenStore): Uint8Array {
  const bytes = ports.blobs.get(digest)
  if (bytes === null)
    throw new EngineFailure("blob-damaged", `Blob ${digest} is missing from the store: run an Audit before it is exported`, { digest })
  return bytes
}

function writeModule(module: Digest, mappings: readonly Digest[], sink: BundleSink, made: Making, signers: Set<string>): Descriptor[] {
  const { trust } = made.store
  const held = mappings.flatMap(mapping => trust.attestationsOf(mapping).filter(one => speaksOf(one, mapping)))
  const subject = writeWasm(
    "module",
    module,
    Math.min(...mappings.map(mapping => trust.claimOf(mapping)?.sequence ?? 0), ...held.map(one => one.sequence)),
    sink,
    made
  )
  const referrers: { readonly kind: "attestation" | "evidence" | "ledger"; readonly manifest: Descriptor }[] = []
  const refer = (kind: "attestation" | "evidence" | "ledger", type: string, layers: readonly Descriptor[]) =>
    referrers.push({ kind, manifest: putManifest(artifactManifestBytes(type, layers, subject), type, sink) })
  for (const { bytes } of new Map(held.map(one => [one.digest, one])).values()) {
    signers.add(peekAttestation(bytes)?.keyId ?? "")
    refer("attestation", mediaTypes.attestation, [putLayer(mediaTypes.attestation, bytes, sink)])
  }
  const records = new Map<number, LedgerRecord>()
  for (const { sequence } of held) if (!records.has(sequence)) records.set(sequence, made.store.ports.ledger.read(sequence))
  for (const mapping of mappings) {
    const layers = evidenceLayers(mapping, records, sink, made.store)
    refer("evidence", mediaTypes.evidence, layers)
  }
  const proofs = proofsOver(records, held, made)
  refer(
    "ledger",
    mediaTypes.ledger,
    proofs.flatMap(({ entry, proof }) => [putLayer(mediaTypes.record, entry, sink), putLayer(mediaTypes.proof, proof, sink)])
  )
  const unique = [...new Map(referrers.map(one => [one.manifest.digest, one])).values()]
  const fallback = sink.put(fallbackIndexBytes(unique.map(one => one.manifest)))
  return [subject, ...unique.map(one => tagged(one.kind, one.manifest)), fallbackTagged(subject, fallback)]
}

/** A bulk record carries the Attestations of many Mappings. */
function speaksOf(one: HeldAttestation, mapping: Digest): boolean {
  const statement = peekAttestation(one.bytes)?.statement ?? null
  const named = statement === null ? null : subjectOf(statement, "mapping")
  return named === null || named === mapping
}

function evidenceLayers(mapping: Digest, records: ReadonlyMap<number, LedgerRecord>, sink: BundleSink, store: OpenStore): Descriptor[] {
  const known = store.trust.claimOf(mapping)
  if (known === null) return []
  const { source, examples } = known.claim
  const vectors = new Map<Digest, Uint8Array>()
  for (const { entry, parts } of records.values()) {
    const wanted = vectorsIn(entry.body, entry.kind, mapping)
    for (const [at, part] of entry.parts.entries())
      if (part.kind === "embedding" && (wanted === "all" || wanted.has(part.digest))) vectors.set(part.digest, parts[at] as Uint8Array)
  }
  return [
    ...(source === null ? [] : [putLayer(mediaTypes.source, blobOf(source.digest, store), sink)]),
    putLayer(mediaTypes.examples, blobOf(examples.digest, store), sink),
    ...[...vectors].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, bytes]) => putLayer(mediaTypes.embedding, bytes, sink))
  ]
}

function vectorsIn(body: Readonly<Record<string, unknown>>, kind: string, mapping: Digest): "all" | ReadonlySet<unknown> {
  if (kind === "published") return body.mapping === mapping ? "all" : new Set()
  const { embeddings } = body
  if (!Array.isArray(embeddings)) return new Set()
  return new Set(
    embeddings.flatMap((one: { mapping?: unknown; vector?: unknown } | null) => (one?.mapping === mapping ? [one.vector] : []))
  )
}

/** Our own records under our checkpoint, and what imports brought, unchanged. */
function proofsOver(records: ReadonlyMap<number, LedgerRecord>, held: readonly HeldAttestation[], made: Making): ForeignProof[] {
  const own = [...records.keys()]
    .sort((left, right) => left - right)
    .map(sequence => ({
      entry: made.store.ports.ledger.entryBytes(sequence),
      proof: new TextEncoder().encode(proofFile(sequence, made.tree.inclusion(sequence), made.note))
    }))
  const passedOn = new Map<string, ForeignProof>()
  for (const proof of held.flatMap(one => one.proofs)) passedOn.set(toBase64(proof.proof), proof)
  return [...own, ...[...passedOn].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, proof]) => proof)]
}

/** Our own root, and the foreign ones whose keys signed something here. */
function writeRoots(signers: ReadonlySet<string>, sink: BundleSink, made: Making): Descriptor[] {
  const { trust, ports } = made.store
  const signed = ({ chain }: RootView) => chain.versions.some(version => [...version.publicKeys.keys()].some(id => signers.has(id)))
  const views = trust.bench().views.filter(view => view.own || signed(view))
  const foreign = new Map(ports.trust.foreignRoots().map(one => [one.id, one.revocations]))
  return views.map(view => {
    const revocations = view.own ? ports.trust.revocations() : (foreign.get(view.chain.id) ?? null)
    const consistency =
      view.own && made.consistency !== null
        ? canonicalBytes({ origin: made.checkpoint.origin, to: made.checkpoint.size, ...made.consistency })
        : null
    const layers = [
      ...view.chain.versions.map(version => putLayer(mediaTypes.root, version.envelope, sink)),
      ...(revocations === null ? [] : [putLayer(mediaTypes.revocations, revocations, sink)]),
      ...(consistency === null ? [] : [putLayer(mediaTypes.consistency, consistency, sink)])
    ]
    return tagged("root", putManifest(artifactManifestBytes(mediaTypes.root, layers, null), mediaTypes.root, sink))
  })
}
