/** A Bundle as an OCI image layout: its manifests with deterministic bytes, and the reading of manifests nobody vouches for. */
import type { Digest } from "../../../shared/digest.ts"
import { hexOf, isDigest } from "../../../shared/digest.ts"
import { bundleMediaType } from "./attestation.ts"
import type { Json } from "./canonical.ts"
import { canonicalBytes, canonicalJson, parseStrictJson } from "./canonical.ts"
import { isObject } from "./dsse.ts"
import { utf8Encode } from "./utf8.ts"

/** Limits of a Bundle (trust page, section 10). */
export const bundleLimits = {
  entriesMax: 300_000,
  bytesMax: 4 * 1024 * 1024 * 1024,
  blobBytesMax: 16 * 1024 * 1024,
  indexBytesMax: 64 * 1024 * 1024,
  documentBytesMax: 4 * 1024 * 1024,
  depthMax: 32,
  modulesMax: 10_000
} as const

export const mediaTypes = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  empty: "application/vnd.oci.empty.v1+json",
  wasmConfig: "application/vnd.wasm.config.v0+json",
  wasm: "application/wasm",
  attestation: bundleMediaType,
  evidence: "application/vnd.rtfs.l4.evidence.v1",
  source: "application/vnd.rtfs.source.v1",
  examples: "application/vnd.rtfs.l4.examples.v1+json",
  embedding: "application/vnd.rtfs.l4.embedding.v1",
  ledger: "application/vnd.rtfs.l4.ledger.v1",
  record: "application/vnd.rtfs.l4.record.v1",
  proof: "application/vnd.rtfs.l4.tlog-proof.v1",
  root: "application/vnd.rtfs.l4.root.v1+json",
  revocations: "application/vnd.rtfs.l4.revocations.v1+json",
  consistency: "application/vnd.rtfs.l4.consistency.v1+json"
} as const

export const layoutBytes: Uint8Array = utf8Encode('{"imageLayoutVersion":"1.0.0"}')

export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

export interface Manifest {
  readonly schemaVersion: 2
  readonly mediaType: typeof mediaTypes.manifest
  readonly artifactType?: string
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
  readonly subject?: Descriptor
}

/** The empty config every artifact but a Module has. */
export const emptyBytes: Uint8Array = utf8Encode("{}")
export const emptyConfig: Descriptor = {
  mediaType: mediaTypes.empty,
  digest: "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" as Digest,
  size: 2
}

const refName = "org.opencontainers.image.ref.name"

/** What a tag may say of a manifest: its kind and its Digest, never words somebody typed. */
export type ArtifactKind = "module" | "runtime" | "attestation" | "evidence" | "ledger" | "root"

export function tagged(kind: ArtifactKind, manifest: Descriptor): Descriptor {
  return { ...manifest, annotations: { [refName]: `${kind}-${hexOf(manifest.digest)}` } }
}

/** Config of a Module or a runtime. `created`: RFC 3339, from the Ledger. */
export function wasmConfigBytes(layer: Digest, created: string): Uint8Array {
  return canonicalBytes({ created, architecture: "wasm", os: "wasip1", layerDigests: [layer] })
}

export function moduleManifestBytes(config: Descriptor, module: { readonly digest: Digest; readonly size: number }): Uint8Array {
  const annotations = { "org.opencontainers.image.title": `${hexOf(module.digest).slice(0, 12)}.wasm` }
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config,
    layers: [{ mediaType: mediaTypes.wasm, ...module, annotations }]
  }
  return canonicalBytes(manifest)
}

/** A manifest with the empty config; with `subject` a referrer of a Module's manifest. */
export function artifactManifestBytes(artifactType: string, layers: readonly Descriptor[], subject: Descriptor | null): Uint8Array {
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType,
    config: emptyConfig,
    layers,
    ...(subject === null ? {} : { subject: plainDescriptor(subject) })
  }
  return canonicalBytes(manifest)
}

/** The index of a subject's referrers, for registries that do not know them. */
export function fallbackIndexBytes(referrers: readonly Descriptor[]): Uint8Array {
  return canonicalBytes({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: sorted(referrers.map(withoutAnnotations)) })
}

export function fallbackTagged(subject: Descriptor, index: { readonly digest: Digest; readonly size: number }): Descriptor {
  return { mediaType: mediaTypes.index, ...index, annotations: { [refName]: `sha256-${hexOf(subject.digest)}` } }
}

/** `index.json` in pieces, entries sorted by Digest, then tag. */
export function* indexPieces(manifests: readonly Descriptor[]): Iterable<Uint8Array> {
  const all = sorted(manifests)
  yield utf8Encode('{"manifests":[')
  for (let at = 0; at < all.length; at += 256) {
    const text = all
      .slice(at, at + 256)
      .map(canonicalJson)
      .join(",")
    yield utf8Encode(at === 0 ? text : `,${text}`)
  }
  yield utf8Encode(`],"mediaType":${JSON.stringify(mediaTypes.index)},"schemaVersion":2}`)
}

function sorted(descriptors: readonly Descriptor[]): Descriptor[] {
  const key = (one: Descriptor) => `${one.digest} ${one.annotations?.[refName] ?? ""}`
  return [...descriptors].sort((left, right) => (key(left) < key(right) ? -1 : key(left) > key(right) ? 1 : 0))
}

function plainDescriptor({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size }
}

function withoutAnnotations({ annotations: _, ...descriptor }: Descriptor): Descriptor {
  return descriptor
}

/** A descriptor in JSON from a stranger, or why it is none. */
export function readDescriptor(json: Json | undefined): Descriptor | string {
  if (!isObject(json)) return "a descriptor is no object"
  const { mediaType, digest, size, artifactType } = json
  if (typeof mediaType !== "string") return "a descriptor has no media type"
  if (!isDigest(digest)) return `a descriptor of ${mediaType} names no sha256 digest`
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) return `the descriptor of ${digest} has no size`
  if (/\+(gzip|zstd)$/.test(mediaType))
    return `${digest} is compressed (${mediaType}), and compressed input is not read: unpack the layer first`
  if (artifactType !== undefined && typeof artifactType !== "string") return `the descriptor of ${digest} has a malformed artifactType`
  return { mediaType, digest, size, ...(artifactType === undefined ? {} : { artifactType }) }
}

/** A manifest from a stranger, or why it is none. */
export function readManifest(bytes: Uint8Array): Manifest | string {
  const json = readJson(bytes)
  if (typeof json === "string") return json
  if (!isObject(json) || json.schemaVersion !== 2 || (json.mediaType !== undefined && json.mediaType !== mediaTypes.manifest))
    return "it is no image manifest of schema version 2"
  const config = readDescriptor(json.config)
  if (typeof config === "string") return config
  if (!Array.isArray(json.layers)) return "the manifest has no layers"
  const layers: Descriptor[] = []
  for (const one of json.layers as readonly Json[]) {
    const layer = readDescriptor(one)
    if (typeof layer === "string") return layer
    layers.push(layer)
  }
  const { artifactType } = json
  if (artifactType !== undefined && typeof artifactType !== "string") return "the manifest has a malformed artifactType"
  const subject = json.subject === undefined ? undefined : readDescriptor(json.subject)
  if (typeof subject === "string") return subject
  return {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    ...(artifactType === undefined ? {} : { artifactType }),
    config,
    layers,
    ...(subject === undefined ? {} : { subject })
  }
}

/** Why these bytes are no layout file we know, or null. */
export function layoutFault(bytes: Uint8Array): string | null {
  const json = readJson(bytes)
  if (typeof json === "string") return `oci-layout: ${json}`
  const version = isObject(json) ? json.imageLayoutVersion : undefined
  return version === "1.0.0" ? null : `expected imageLayoutVersion 1.0.0, found ${JSON.stringify(version ?? null)}: a newer format`
}

export interface Consistency {
  readonly origin: string
  readonly from: number
  readonly to: number
  /** Standard base64. */
  readonly hashes: readonly string[]
}

export function readConsistency(bytes: Uint8Array): Consistency | string {
  const json = readJson(bytes)
  if (typeof json === "string") return json
  if (!isObject(json) || typeof json.origin !== "string" || !Number.isSafeInteger(json.from) || !Number.isSafeInteger(json.to))
    return "the consistency proof is malformed"
  const hashes = json.hashes
  if (!Array.isArray(hashes) || hashes.length > 128 || !hashes.every(hash => typeof hash === "string"))
    return "the consistency proof has no hashes"
  return { origin: json.origin, from: json.from as number, to: json.to as number, hashes: hashes as string[] }
}

function readJson(bytes: Uint8Array): Json | string {
  try {
    return parseStrictJson(bytes, { bytesMax: bundleLimits.documentBytesMax, depthMax: bundleLimits.depthMax })
  } catch (error) {
    return `no JSON we accept: ${error instanceof Error ? error.message : String(error)}`
  }
}
