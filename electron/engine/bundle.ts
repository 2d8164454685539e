/** What a Bundle holds by its own account: every manifest read, every reference resolved, every Blob hashed, and nothing of it believed yet. */
import type { Digest } from "../../shared/digest.ts"
import { digestOfHex, hexOf } from "../../shared/digest.ts"
import type { CallContext } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { sizeLimits } from "../../shared/module.ts"
import { fromHex, toHex } from "./core/digest.ts"
import { readIndex } from "./core/index-json.ts"
import type { Descriptor, Manifest } from "./core/oci.ts"
import { bundleLimits, layoutFault, mediaTypes, readManifest } from "./core/oci.ts"
import type { BundleSource } from "./ports.ts"

export interface BundledModule {
  readonly module: Descriptor
  readonly attestations: readonly Digest[]
  readonly proofs: readonly { readonly entry: Digest; readonly proof: Digest }[]
}

export interface BundledRootLayers {
  readonly versions: readonly Digest[]
  readonly revocations: Digest | null
  readonly consistency: Digest | null
}

export interface BundleContents {
  /** Modules that something refers to, by their own Digest. */
  readonly modules: ReadonlyMap<Digest, BundledModule>
  readonly roots: readonly BundledRootLayers[]
}

function refuse(why: string, details: Readonly<Record<string, unknown>> = {}): EngineFailure {
  return new EngineFailure("bundle-refused", `the Bundle is refused: ${why}`, details)
}

/** What the manifests say, gathered while they are read: of the manifests themselves none stays in memory. */
interface Gathered {
  /** Every manifest in `index.json`, with its subject. */
  readonly subjects: Map<Digest, Digest | null>
  /** Modules and runtimes by their manifest. */
  readonly wasm: Map<Digest, Descriptor>
  /** What refers to a manifest. */
  readonly referrers: Map<Digest, { readonly attestations: Digest[]; readonly proofs: BundledModule["proofs"][number][] }>
  readonly roots: BundledRootLayers[]
}

/** Throws `bundle-refused` with what was expected and found, `cancelled`. */
export async function readContents(source: BundleSource, context: CallContext = {}): Promise<BundleContents> {
  const layoutProblem = layoutFault(source.layout())
  if (layoutProblem !== null) throw refuse(layoutProblem)
  const gathered = await readManifests(source, context)
  for (const subject of gathered.referrers.keys()) resolveSubject(subject, gathered.subjects)
  // what no manifest names is left out, but must still be what its name says
  let done = 0
  for (const digest of source.unchecked()) {
    source.blob(digest)
    await turn(++done, null, "hash what is left over", context, 128)
  }
  return sortOut(gathered)
}

async function readManifests(source: BundleSource, context: CallContext): Promise<Gathered> {
  const gathered: Gathered = { subjects: new Map(), wasm: new Map(), referrers: new Map(), roots: [] }
  const fallbacks: Descriptor[] = []
  let entries = 0
  for (const descriptor of indexOf(source)) {
    if (++entries > bundleLimits.entriesMax)
      throw refuse(`expected at most ${bundleLimits.entriesMax} entries in index.json, found ${entries} and perhaps more`, {
        expected: bundleLimits.entriesMax,
        found: entries
      })
    if (descriptor.mediaType === mediaTypes.index)
      fallbacks.push({ mediaType: mediaTypes.index, digest: copied(descriptor.digest), size: descriptor.size })
    else if (descriptor.mediaType === mediaTypes.manifest) gather(descriptor, source, gathered)
    else throw refuse(`expected manifests and indexes in index.json, found ${JSON.stringify(descriptor.mediaType)}`)
    await turn(entries, null, "read the manifests", context, 128)
  }
  for (const fallback of fallbacks) {
    for (const { digest, size } of readFallback(document(fallback, source))) {
      if (!gathered.subjects.has(digest)) throw refuse(`an index of referrers names ${digest}, which index.json does not`)
      source.check(digest, size)
    }
  }
  return gathered
}

/** A text cut from a document keeps the whole document in memory; this one does not. */
function copied(digest: Digest): Digest {
  return digestOfHex(toHex(fromHex(hexOf(digest))))
}

function* indexOf(source: BundleSource): Iterable<Descriptor> {
  try {
    yield* readIndex(source.index())
  } catch (error) {
    if (error instanceof SyntaxError) throw refuse(error.message)
    throw error
  }
}

function readFallback(bytes: Uint8Array): Descriptor[] {
  try {
    return [...readIndex([bytes])]
  } catch (error) {
    if (error instanceof SyntaxError) throw refuse(`an index of referrers is malformed: ${error.message}`)
    throw error
  }
}

function document(descriptor: Descriptor, source: BundleSource): Uint8Array {
  if (descriptor.size > bundleLimits.documentBytesMax)
    throw refuse(`expected at most ${bundleLimits.documentBytesMax} bytes in the manifest ${descriptor.digest}, found ${descriptor.size}`, {
      expected: bundleLimits.documentBytesMax,
      found: descriptor.size
    })
  return source.blob(descriptor.digest, descriptor.size)
}

function gather(descriptor: Descriptor, source: BundleSource, { subjects, wasm, referrers, roots }: Gathered): void {
  const digest = copied(descriptor.digest)
  const manifest = readManifest(document(descriptor, source))
  if (typeof manifest === "string") throw refuse(`manifest ${digest}: ${manifest}`)
  for (const one of [manifest.config, ...manifest.layers]) {
    assertSize(one)
    source.check(one.digest, one.size)
  }
  const { config, artifactType } = manifest
  if (config.mediaType === mediaTypes.wasmConfig) wasm.set(digest, moduleLayer(digest, manifest))
  else if (artifactType === mediaTypes.root) roots.push(rootLayers(digest, manifest))
  subjects.set(digest, manifest.subject === undefined ? null : copied(manifest.subject.digest))
  if (manifest.subject === undefined) return
  const { digest: subject, size } = manifest.subject
  if (!source.has(subject)) throw refuse(`the subject ${subject} is not in the Bundle: it may be half copied`)
  source.check(subject, size)
  const held = referrers.get(subject) ?? { attestations: [], proofs: [] }
  referrers.set(copied(subject), held)
  if (artifactType === mediaTypes.attestation) held.attestations.push(onlyLayer(digest, manifest, mediaTypes.attestation))
  if (artifactType === mediaTypes.ledger) held.proofs.push(...proofPairs(digest, manifest))
}

/** Follows `subject` to its end: it must stay among the manifests and not turn in a circle. */
function resolveSubject(subject: Digest, subjects: Gathered["subjects"]): void {
  const met = new Set<Digest>()
  for (let at: Digest | null = subject; at !== null; ) {
    if (met.has(at)) throw refuse(`the subjects of ${at} turn in a circle`)
    met.add(at)
    const next = subjects.get(at)
    if (next === undefined) throw refuse(`the subject ${at} is not in index.json: it may be half copied`)
    at = next
  }
}

/** Turns that pass between two reports of progress. */
const reportEvery = 8

/** Gives others a turn after every so many; reports progress now and then. Throws `cancelled`. */
export async function turn(done: number, total: number | null, step: string, context: CallContext, every: number): Promise<void> {
  if (done % every !== 0 && done !== total) return
  if (context.signal?.aborted)
    throw new EngineFailure(
      "cancelled",
      "cancelled before it was done: no Bundle was written, and of a Bundle's Mappings none was taken in"
    )
  if (done % (every * reportEvery) === 0 || done === total) context.onProgress?.({ step, done, total })
  await new Promise(resolve => setImmediate(resolve))
}

function sortOut({ wasm, referrers, roots }: Gathered): BundleContents {
  const modules = new Map<Digest, { module: Descriptor; attestations: Digest[]; proofs: BundledModule["proofs"][number][] }>()
  for (const [subject, { attestations, proofs }] of referrers) {
    const module = wasm.get(subject)
    if (module === undefined) continue
    const held = modules.get(module.digest)
    if (held === undefined) modules.set(module.digest, { module, attestations, proofs })
    else {
      held.attestations.push(...attestations)
      held.proofs.push(...proofs)
    }
  }
  if (modules.size > bundleLimits.modulesMax)
    throw refuse(`expected at most ${bundleLimits.modulesMax} Modules in a volume, found ${modules.size}`, {
      expected: bundleLimits.modulesMax,
      found: modules.size
    })
  return { modules, roots }
}

/** Bytes that a layer of each kind may have; a vector and whatever is of no kind we know are bounded as any Blob. */
const layerBytesMax: ReadonlyMap<string, number> = new Map([
  [mediaTypes.wasm, sizeLimits.moduleBytesMax],
  [mediaTypes.source, sizeLimits.sourceBytesMax],
  [mediaTypes.examples, sizeLimits.examplesBytesMax],
  ...[mediaTypes.attestation, mediaTypes.record, mediaTypes.proof, mediaTypes.root, mediaTypes.revocations, mediaTypes.consistency].map(
    (type): [string, number] => [type, bundleLimits.documentBytesMax]
  )
])

function assertSize({ mediaType, digest, size }: Descriptor): void {
  const expected = layerBytesMax.get(mediaType)
  if (expected !== undefined && size > expected)
    throw refuse(`expected at most ${expected} bytes of ${mediaType}, found ${size} in ${digest}`, { expected, found: size })
}

function moduleLayer(digest: Digest, { layers }: Manifest): Descriptor {
  const [layer] = layers
  if (layers.length !== 1 || layer?.mediaType !== mediaTypes.wasm)
    throw refuse(`expected exactly one layer of ${mediaTypes.wasm} in manifest ${digest}, found ${layers.length}`)
  return { mediaType: mediaTypes.wasm, digest: copied(layer.digest), size: layer.size }
}

function onlyLayer(digest: Digest, { layers }: Manifest, type: string): Digest {
  if (layers.length !== 1 || layers[0]?.mediaType !== type) throw refuse(`expected exactly one layer of ${type} in manifest ${digest}`)
  return copied(layers[0].digest)
}

function proofPairs(digest: Digest, { layers }: Manifest): { entry: Digest; proof: Digest }[] {
  const pairs: { entry: Digest; proof: Digest }[] = []
  for (let at = 0; at < layers.length; at += 2) {
    const [entry, proof] = [layers[at], layers[at + 1]]
    if (entry?.mediaType !== mediaTypes.record || proof?.mediaType !== mediaTypes.proof)
      throw refuse(`expected records and proofs in turn in manifest ${digest}`)
    pairs.push({ entry: copied(entry.digest), proof: copied(proof.digest) })
  }
  return pairs
}

function rootLayers(digest: Digest, { layers, subject }: Manifest): BundledRootLayers {
  const of = (type: string) => layers.filter(layer => layer.mediaType === type).map(layer => layer.digest)
  const [versions, revocations, consistency] = [of(mediaTypes.root), of(mediaTypes.revocations), of(mediaTypes.consistency)]
  if (subject !== undefined || versions.length === 0 || revocations.length > 1 || consistency.length > 1)
    throw refuse(
      `manifest ${digest} is no trust root: expected its versions, then at most one of revocations and consistency, and no subject`
    )
  return { versions, revocations: revocations[0] ?? null, consistency: consistency[0] ?? null }
}
