/** What a Bundle holds by its own account: every manifest read, every reference resolved, every Blob hashed, and nothing of it believed yet. */
import type { Digest } from "../../shared/digest.ts"
import { digestOfHex, hexOf } from "../../shared/digest.ts"
import type { CallContext } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
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

/** What is kept of a manifest: of a whole Bundle's manifests nothing else stays in memory. */
interface Known {
  readonly size: number
  readonly subject: { readonly digest: Digest; readonly size: number } | null
  readonly role:
    | { readonly kind: "wasm"; readonly module: Descriptor }
    | { readonly kind: "attestation"; readonly attestation: Digest }
    | { readonly kind: "ledger"; readonly proofs: BundledModule["proofs"] }
    | { readonly kind: "root"; readonly root: BundledRootLayers }
    | { readonly kind: "other" }
}

/** Throws `bundle-refused` with what was expected and found, `cancelled`. */
export async function readContents(source: BundleSource, context: CallContext = {}): Promise<BundleContents> {
  const layoutProblem = layoutFault(source.layout())
  if (layoutProblem !== null) throw refuse(layoutProblem)
  const known = await readManifests(source, context)
  for (const one of known.values()) resolveSubject(one, known)
  // what no manifest names is left out, but must still be what its name says
  let done = 0
  for (const digest of source.unchecked()) {
    source.blob(digest)
    await turn(++done, null, "hash what is left over", context, 128)
  }
  return sortOut(known)
}

async function readManifests(source: BundleSource, context: CallContext): Promise<Map<Digest, Known>> {
  const known = new Map<Digest, Known>()
  let fallbacks: Descriptor[] = []
  let entries = 0
  for (const descriptor of indexOf(source)) {
    if (++entries > bundleLimits.entriesMax)
      throw refuse(`expected at most ${bundleLimits.entriesMax} entries in index.json, found more`, { expected: bundleLimits.entriesMax })
    if (descriptor.mediaType === mediaTypes.index) fallbacks.push({ ...descriptor, digest: copied(descriptor.digest) })
    else if (descriptor.mediaType === mediaTypes.manifest) known.set(copied(descriptor.digest), manifestOf(descriptor, source))
    else throw refuse(`expected manifests and indexes in index.json, found ${JSON.stringify(descriptor.mediaType)}`)
    await turn(entries, null, "read the manifests", context, 128)
  }
  for (const fallback of fallbacks) {
    for (const one of readFallback(document(fallback, source)))
      if (known.get(one.digest)?.size !== one.size) throw refuse(`an index of referrers names ${one.digest}, which index.json does not`)
  }
  fallbacks = []
  return known
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

function manifestOf(descriptor: Descriptor, source: BundleSource): Known {
  const manifest = readManifest(document(descriptor, source))
  if (typeof manifest === "string") throw refuse(`manifest ${descriptor.digest}: ${manifest}`)
  for (const one of [manifest.config, ...manifest.layers]) source.check(one.digest, one.size)
  const { subject } = manifest
  return {
    size: descriptor.size,
    subject: subject === undefined ? null : { digest: copied(subject.digest), size: subject.size },
    role: roleOf(descriptor.digest, manifest)
  }
}

function roleOf(digest: Digest, manifest: Manifest): Known["role"] {
  const { config, artifactType } = manifest
  if (config.mediaType === mediaTypes.wasmConfig) return { kind: "wasm", module: moduleLayer(digest, manifest) }
  if (artifactType === mediaTypes.root) return { kind: "root", root: rootLayers(digest, manifest) }
  if (artifactType === mediaTypes.attestation)
    return { kind: "attestation", attestation: onlyLayer(digest, manifest, mediaTypes.attestation) }
  return artifactType === mediaTypes.ledger ? { kind: "ledger", proofs: proofPairs(digest, manifest) } : { kind: "other" }
}

/** Follows `subject` to its end: it must stay inside the Bundle and not turn in a circle. */
function resolveSubject({ subject }: Known, known: ReadonlyMap<Digest, Known>): void {
  const met = new Set<Digest>()
  for (let at = subject; at !== null; ) {
    if (met.has(at.digest)) throw refuse(`the subjects of ${at.digest} turn in a circle`)
    met.add(at.digest)
    const found = known.get(at.digest)
    if (found === undefined) throw refuse(`the subject ${at.digest} is not in the Bundle: it may be half copied`)
    if (found.size !== at.size) throw refuse(`the subject ${at.digest} has ${found.size} bytes, its referrer says ${at.size}`)
    at = found.subject
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

function sortOut(known: ReadonlyMap<Digest, Known>): BundleContents {
  const roots: BundledRootLayers[] = []
  const modules = new Map<Digest, { module: Descriptor; attestations: Digest[]; proofs: BundledModule["proofs"][number][] }>()
  for (const { role, subject } of known.values()) {
    if (role.kind === "root") roots.push(role.root)
    const target = subject === null ? undefined : known.get(subject.digest)?.role
    if (target?.kind !== "wasm") continue
    const { module } = target
    const held = modules.get(module.digest) ?? { module, attestations: [], proofs: [] }
    modules.set(module.digest, held)
    if (role.kind === "attestation") held.attestations.push(role.attestation)
    if (role.kind === "ledger") held.proofs.push(...role.proofs)
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
