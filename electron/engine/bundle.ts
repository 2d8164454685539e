/** What a Bundle holds by its own account: every manifest read, every reference resolved, every Blob hashed, and nothing of it believed yet. */
import type { Digest } from "../../shared/digest.ts"
import type { CallContext } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
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
  /** Sizes of all layers. */
  readonly layers: ReadonlyMap<Digest, number>
}

function refuse(why: string, details: Readonly<Record<string, unknown>> = {}): EngineFailure {
  return new EngineFailure("bundle-refused", `the Bundle is refused: ${why}`, details)
}

interface Known {
  readonly descriptor: Descriptor
  readonly manifest: Manifest
}

/** Throws `bundle-refused` with what was expected and found, `cancelled`. */
export async function readContents(source: BundleSource, context: CallContext = {}): Promise<BundleContents> {
  const layoutProblem = layoutFault(source.layout())
  if (layoutProblem !== null) throw refuse(layoutProblem)
  const known = readManifests(source)
  for (const { manifest } of known.values()) resolveSubject(manifest, known)
  const layers = new Map<Digest, number>()
  for (const { manifest } of known.values()) {
    for (const one of [manifest.config, ...manifest.layers]) {
      const size = layers.get(one.digest) ?? one.size
      if (size !== one.size) throw refuse(`Blob ${one.digest} is described with ${size} and with ${one.size} bytes`)
      layers.set(one.digest, size)
    }
  }
  await hashAll(source, layers, known, context)
  return { ...sortOut(known), layers }
}

function readManifests(source: BundleSource): Map<Digest, Known> {
  const known = new Map<Digest, Known>()
  const fallbacks: Descriptor[] = []
  let entries = 0
  for (const descriptor of indexOf(source)) {
    if (++entries > bundleLimits.entriesMax)
      throw refuse(`expected at most ${bundleLimits.entriesMax} entries in index.json, found more`, { expected: bundleLimits.entriesMax })
    if (descriptor.mediaType === mediaTypes.index) fallbacks.push(descriptor)
    else if (descriptor.mediaType === mediaTypes.manifest)
      known.set(descriptor.digest, { descriptor, manifest: manifestOf(descriptor, source) })
    else throw refuse(`expected manifests and indexes in index.json, found ${JSON.stringify(descriptor.mediaType)}`)
  }
  for (const fallback of fallbacks) {
    const bytes = document(fallback, source)
    for (const one of readFallback(bytes))
      if (known.get(one.digest)?.descriptor.size !== one.size)
        throw refuse(`an index of referrers names ${one.digest}, which index.json does not`)
  }
  return known
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

function manifestOf(descriptor: Descriptor, source: BundleSource): Manifest {
  const manifest = readManifest(document(descriptor, source))
  if (typeof manifest === "string") throw refuse(`manifest ${descriptor.digest}: ${manifest}`)
  return manifest
}

/** Follows `subject` to its end: it must stay inside the Bundle and not turn in a circle. */
function resolveSubject(manifest: Manifest, known: ReadonlyMap<Digest, Known>): void {
  const met = new Set<Digest>()
  for (let subject = manifest.subject; subject !== undefined; ) {
    if (met.has(subject.digest)) throw refuse(`the subjects of ${subject.digest} turn in a circle`)
    met.add(subject.digest)
    const found = known.get(subject.digest)
    if (found === undefined) throw refuse(`the subject ${subject.digest} is not in the Bundle: it may be half copied`)
    if (found.descriptor.size !== subject.size)
      throw refuse(`the subject ${subject.digest} has ${found.descriptor.size} bytes, its referrer says ${subject.size}`)
    subject = found.manifest.subject
  }
}

/** How often a long reading lets others have a turn. */
const turnEvery = 256

async function hashAll(
  source: BundleSource,
  layers: ReadonlyMap<Digest, number>,
  known: ReadonlyMap<Digest, Known>,
  context: CallContext
): Promise<void> {
  let done = 0
  for (const [digest, size] of layers) {
    source.blob(digest, size)
    await turn(++done, layers.size, "hash the Blobs", context)
  }
  // what no manifest names is left out, but must still be what its name says
  for (const digest of source.digests()) if (!layers.has(digest) && !known.has(digest)) source.blob(digest)
}

/** Throws `cancelled`; reports progress now and then. */
export async function turn(done: number, total: number, step: string, context: CallContext): Promise<void> {
  if (done % turnEvery !== 0 && done !== total) return
  if (context.signal?.aborted)
    throw new EngineFailure(
      "cancelled",
      "cancelled before it was done: no Bundle was written, and of a Bundle's Mappings none was taken in"
    )
  context.onProgress?.({ step, done, total })
  await new Promise(resolve => setImmediate(resolve))
}

function sortOut(known: ReadonlyMap<Digest, Known>): Pick<BundleContents, "modules" | "roots"> {
  const roots: BundledRootLayers[] = []
  const wasm = new Map<Digest, Descriptor>()
  for (const [digest, { manifest }] of known) {
    if (manifest.config.mediaType === mediaTypes.wasmConfig) wasm.set(digest, moduleLayer(digest, manifest))
    if (manifest.artifactType === mediaTypes.root) roots.push(rootLayers(digest, manifest))
  }
  const modules = new Map<Digest, { module: Descriptor; attestations: Digest[]; proofs: { entry: Digest; proof: Digest }[] }>()
  for (const [digest, { manifest }] of known) {
    const module = manifest.subject === undefined ? undefined : wasm.get(manifest.subject.digest)
    if (module === undefined) continue
    const held = modules.get(module.digest) ?? { module, attestations: [], proofs: [] }
    modules.set(module.digest, held)
    if (manifest.artifactType === mediaTypes.attestation) held.attestations.push(...onlyLayer(digest, manifest, mediaTypes.attestation))
    if (manifest.artifactType === mediaTypes.ledger) held.proofs.push(...proofPairs(digest, manifest))
  }
  if (modules.size > bundleLimits.modulesMax)
    throw refuse(`expected at most ${bundleLimits.modulesMax} Modules in a volume, found ${modules.size}`, {
      expected: bundleLimits.modulesMax,
      found: modules.size
    })
  return { modules, roots }
}

function moduleLayer(digest: Digest, { layers }: Manifest): Descriptor {
  const [layer] = layers
  if (layers.length !== 1 || layer?.mediaType !== mediaTypes.wasm)
    throw refuse(`expected exactly one layer of ${mediaTypes.wasm} in manifest ${digest}, found ${layers.length}`)
  return layer
}

function onlyLayer(digest: Digest, { layers }: Manifest, type: string): Digest[] {
  if (layers.length !== 1 || layers[0]?.mediaType !== type) throw refuse(`expected exactly one layer of ${type} in manifest ${digest}`)
  return [layers[0].digest]
}

function proofPairs(digest: Digest, { layers }: Manifest): { entry: Digest; proof: Digest }[] {
  const pairs: { entry: Digest; proof: Digest }[] = []
  for (let at = 0; at < layers.length; at += 2) {
    const [entry, proof] = [layers[at], layers[at + 1]]
    if (entry?.mediaType !== mediaTypes.record || proof?.mediaType !== mediaTypes.proof)
      throw refuse(`expected records and proofs in turn in manifest ${digest}`)
    pairs.push({ entry: entry.digest, proof: proof.digest })
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
