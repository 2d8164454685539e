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
  const wanted = wantedOf(input, trust)
  // first, for it changes what Verdicts rest on
  const notes = wanted.length === 0 ? [] : await renewRevocations(trust)
  const selected = input.digests === undefined ? await soundOf(wanted, trust, context) : wanted
  if (selected.length === 0) throw new EngineFailure("unknown-digest", "there is nothing to export")
  const limit = input.volumeModules ?? bundleLimits.modulesMax
  const planned = volumesOf(new Set(selected), modulesOf(selected, trust), limit, trust)
  const mappings = [...new Set(planned.flatMap(mappingsIn))]
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
  const { volumes, written } = await writeVolumes(planned, new Set(selected), input.target, made)
  for (const [at, volume] of volumes.entries()) {
    const [list] = await store.ports.blobs.put([canonicalBytes([...volume.keys()])])
    await store.append({
      kind: "exported",
      body: {
        bundle: written[at]?.bundle,
        list,
        modules: volume.size,
        mappings: mappingsIn(volume).length,
        checkpoint: checkpointRef(checkpoint)
      },
      parts: []
    })
  }
  return {
    volumes: written,
    modules: new Set(volumes.flatMap(volume => [...volume.keys()])).size,
    mappings: mappings.length,
    checkpoint: checkpointRef(checkpoint),
    notes
  }
}

function wantedOf({ digests, all, since }: Input, trust: TrustState): readonly Digest[] {
  if ([digests, all === true ? true : undefined, since].filter(one => one !== undefined).length !== 1)
    throw new EngineFailure("wrong-usage", "expected exactly one of Digests, all, or since a Ledger size")
  if (digests !== undefined) {
    const known = [...trust.modules(), ...trust.mappings()]
    return digests.flatMap(text => {
      const digest = digestNamed(text, known)
      return trust.claimOf(digest) === null ? [...trust.mappingsOf(digest)] : [digest]
    })
  }
  if (since === undefined) return trust.mappings()
  if (since > trust.ledgerHead().size)
    throw new EngineFailure("wrong-usage", `the Ledger has ${trust.ledgerHead().size} records, an export since ${since} was asked for`)
  return trust.mappings().filter(mapping => trust.attestationsOf(mapping).some(one => one.sequence >= since))
}

async function soundOf(wanted: readonly Digest[], trust: TrustState, context: CallContext): Promise<Digest[]> {
  const sound: Digest[] = []
  for (const [at, mapping] of wanted.entries()) {
    if (trust.cachedVerdict(mapping).state !== "untrusted") sound.push(mapping)
    await turn(at + 1, wanted.length, "weigh the Mappings", context, 2)
  }
  return sound
}

/** Mappings by Module. */
type Volume = Map<Digest, Digest[]>

const mappingsIn = (volume: Volume): Digest[] => [...volume.values()].flat()

function modulesOf(mappings: readonly Digest[], trust: TrustState): Digest[] {
  return [...new Set(mappings.map(mapping => moduleOf(mapping, trust)))].sort()
}

/** Each volume holds what its Modules import, and at most so many Modules. */
function volumesOf(chosen: ReadonlySet<Digest>, modules: readonly Digest[], modulesMax: number, trust: TrustState): Volume[] {
  const volumes: Volume[] = []
  let current: Volume = new Map()
  for (const module of modules) {
    const closure = closureOf(module, trust)
    if (closure.size > modulesMax)
      throw new EngineFailure(
        "limit-exceeded",
        `Module ${module} and what it imports are ${closure.size} Modules, a volume has at most ${modulesMax}`,
        { limit: modulesMax, found: closure.size }
      )
    const wanted = [...closure].filter(one => !current.has(one))
    if (current.size + wanted.length > modulesMax) {
      volumes.push(current)
      current = new Map()
    }
    for (const one of closure) {
      const all = trust.mappingsOf(one)
      const named = all.filter(mapping => chosen.has(mapping))
      current.set(one, [...(named.length > 0 ? named : all)].sort())
    }
  }
  volumes.push(current)
  return volumes.map(volume => new Map([...volume].sort(([left], [right]) => (left < right ? -1 : 1))))
}

/** One that outgrows what an import takes in entries or bytes is written again as two. Where one fails, none stays. */
async function writeVolumes(planned: readonly Volume[], chosen: ReadonlySet<Digest>, target: string, made: Making) {
  const waiting = [...planned]
  const volumes: Volume[] = []
  const written: Answer["volumes"] = []
  try {
    for (let volume = waiting.shift(); volume !== undefined; volume = waiting.shift()) {
      const path = volumes.length + waiting.length === 0 ? target : volumePath(target, volumes.length + 1)
      try {
        written.push({ path, ...(await writeVolume(volume, path, made)) })
        volumes.push(volume)
      } catch (failure) {
        if (!(failure instanceof EngineFailure && failure.code === "limit-exceeded")) throw failure
        const halves = halvesOf(volume, chosen, made.store.trust)
        if (halves === null) throw failure
        waiting.unshift(...halves)
      }
    }
    return { volumes, written }
  } catch (failure) {
    for (const { path } of written) made.store.ports.bundles.discard(path)
    throw failure
  }
}

/** Null where a single Module, with what it imports, is too much. */
function halvesOf(volume: Volume, chosen: ReadonlySet<Digest>, trust: TrustState): Volume[] | null {
  const modules = [...volume.keys()]
  const middle = modules.length >> 1
  const halves = [modules.slice(0, middle), modules.slice(middle)].flatMap(half =>
    half.length === 0 ? [] : volumesOf(chosen, half, bundleLimits.modulesMax, trust)
  )
  return halves.some(half => half.size >= volume.size) ? null : halves
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
