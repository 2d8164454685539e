/** Synthetic Mappings for the lookup bench, one a Module, and a store on disk that holds them as real Ledger records behind the library that ships. */
import { createHash, randomBytes } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import { createBlobLayout } from "../../electron/engine/adapters/file-blob-store.ts"
import { openFileLedger } from "../../electron/engine/adapters/file-ledger.ts"
import { digestOfBytes } from "../../electron/engine/adapters/ledger-frame.ts"
import { bundledModel } from "../../electron/engine/adapters/transformers-embedder.ts"
import { bytesOfFloats } from "../../electron/engine/core/published.ts"
import { forkLaunch, initStore, openEngine, publishStartingLibrary } from "../../electron/engine/index.ts"
import type { Ledger } from "../../electron/engine/ports.ts"
import type { Digest, InterfaceHash } from "../../shared/digest.ts"
import type { LedgerDraft } from "../../shared/ledger.ts"
import { predicateTypes } from "../../shared/trust.ts"
import { unitVector } from "../engine/vectors.ts"

export const { dimensions } = bundledModel
const topics = 2_000
const blobsMax = 20_000
const blobBytes = 4_096
/** Records in one append: enough to share a sync, few enough to hold. */
const recordsAtOnce = 250

export const similarityMin = 0.99

export interface Question {
  readonly interfaceIndex: number
  readonly vector: Float32Array
  /** The Mapping it was made from. */
  readonly target: number
}

export interface Data {
  readonly count: number
  readonly vectors: Float32Array
  /** Interface of each Mapping. */
  readonly interfaces: Uint32Array
  /** Mappings of each Interface. */
  readonly members: readonly number[][]
  readonly hashes: readonly InterfaceHash[]
  readonly mappings: Digest[]
  readonly modules: readonly Digest[]
}

/** Interfaces Zipf(1), 38 for every thousand Mappings; a fifth of the vectors lie at cosine 0.97 from another of their Interface. */
export function makeData(count: number, random: () => number): Data {
  const interfaceCount = Math.max(3, Math.round(count * 0.038))
  const cumulative = new Float64Array(interfaceCount)
  let sum = 0
  for (let rank = 0; rank < interfaceCount; rank++) cumulative[rank] = sum += 1 / (rank + 1)
  const centres = Array.from({ length: Math.min(topics, count) }, () => unitVector(random, dimensions))
  const vectors = new Float32Array(count * dimensions)
  const interfaces = new Uint32Array(count)
  const members: number[][] = Array.from({ length: interfaceCount }, () => [])
  for (let at = 0; at < count; at++) {
    const drawn = lowerBound(cumulative, random() * sum)
    const others = members[drawn]!
    const paraphrase = others.length > 0 && random() < 0.2
    const from = paraphrase
      ? vectorOf(vectors, others[Math.floor(random() * others.length)]!)
      : centres[Math.floor(random() * centres.length)]!
    scatter(from, paraphrase ? 0.97 : 0.8, random, vectorOf(vectors, at))
    interfaces[at] = drawn
    others.push(at)
  }
  const modules = Array.from({ length: Math.min(count, blobsMax) }, (_, at) => digestOfBytes(blobOf(at)))
  const hashes = members.map((_, at) => digestOfBytes(Buffer.from(`interface ${at}`)) as InterfaceHash)
  return { count, vectors, interfaces, members, hashes, mappings: [], modules }
}

/** As `vectorAt`, into `out` and with cheaper noise: a million are made. */
function scatter(from: Float32Array, cosine: number, random: () => number, out: Float32Array): void {
  let state = Math.floor(random() * 2 ** 32) | 1
  let along = 0
  let length = 0
  for (let at = 0; at < dimensions; at++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    const value = state / 2 ** 31
    noise[at] = value
    along += value * from[at]!
    length += value * value
  }
  const scale = Math.sqrt((1 - cosine * cosine) / (length - along * along))
  for (let at = 0; at < dimensions; at++) out[at] = cosine * from[at]! + scale * (noise[at]! - along * from[at]!)
}

const noise = new Float64Array(dimensions)

export function vectorOf(vectors: Float32Array, at: number): Float32Array {
  return vectors.subarray(at * dimensions, (at + 1) * dimensions)
}

function lowerBound(values: Float64Array, wanted: number): number {
  let low = 0
  let high = values.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (values[middle]! < wanted) low = middle + 1
    else high = middle
  }
  return low
}

/** Records as `publish` writes them: a claim, four Attestations (their signatures are random bytes), a vector. */
export async function writeLedger(directory: string, data: Data): Promise<Ledger> {
  fs.mkdirSync(directory, { recursive: true })
  const ledger = openFileLedger(directory, { quarantine: `${directory} quarantine`, nowMs: Date.now })
  for (let from = 0; from < data.count; from += recordsAtOnce) {
    const drafts: LedgerDraft[] = []
    for (let at = from; at < Math.min(data.count, from + recordsAtOnce); at++) drafts.push(draftOf(data, at))
    await ledger.appendAll(drafts)
  }
  return ledger
}

/** A Task that a real, trusted Mapping of the store answers. */
export interface LibraryTask {
  readonly text: string
  readonly type: string
}

/** A real store: keys, root and policy, and the library that ships, compiled, signed and signed off. */
export async function makeStore(places: { store: string; home: string }): Promise<readonly LibraryTask[]> {
  await initStore(places)
  const engine = await openEngine({ ...places, launch: forkLaunch })
  try {
    await publishStartingLibrary(engine)
    const { rows } = await engine.list({})
    return rows.map(row => ({ text: row.task, type: row.interface }))
  } finally {
    await engine.close()
  }
}

/** Written without a sync: they are only read here. */
export function writeBlobs(oci: string, data: Data): void {
  if (!fs.existsSync(oci)) createBlobLayout(oci)
  for (const [at, digest] of data.modules.entries()) fs.writeFileSync(path.join(oci, "blobs", "sha256", digest.slice(7)), blobOf(at))
}

const runtime = digestOfBytes(Buffer.from("runtime"))

function draftOf(data: Data, at: number): LedgerDraft {
  const interfaceIndex = data.interfaces[at]!
  const module = data.modules[at % data.modules.length]!
  const claim = {
    task: { text: textOf(at) },
    interface: { hash: data.hashes[interfaceIndex]!, canonical: `(interface 1 [:fn [:int] :int] [${interfaceIndex}])` },
    entry: "main",
    module: { digest: module, size: blobBytes },
    runtime: { digest: runtime },
    source: { digest: module },
    examples: { digest: module, count: 3 }
  }
  const mapping = digestOfBytes(Buffer.from(JSON.stringify(claim)))
  data.mappings[at] = mapping
  const vector = bytesOfFloats(vectorOf(data.vectors, at))
  const statements: readonly [string, object][] = [
    [predicateTypes.claim, claim],
    [predicateTypes.provenance, { claim: mapping, kind: "rtfs", compiler: "bench", runtime, source: module }],
    [predicateTypes.testResult, { claim: mapping, passed: 3, failed: 0, outcomes: [module, module, module] }],
    [
      predicateTypes.embedding,
      {
        claim: mapping,
        digest: digestOfBytes(vector),
        dimensions,
        encoding: "f32le",
        model: { digest: bundledModel.digest, id: bundledModel.id }
      }
    ]
  ]
  return {
    kind: "published",
    body: {
      mapping,
      claim,
      typeText: "(:int) -> :int",
      languageVersion: "1",
      fuelProfile: 1_000,
      blobs: { module, source: module, examples: module, runtime }
    },
    parts: [
      ...statements.map(([predicateType, predicate]) => ({
        kind: "attestation" as const,
        bytes: attestationOf(predicateType, predicate, module)
      })),
      { kind: "embedding" as const, bytes: vector }
    ]
  }
}

function attestationOf(predicateType: string, predicate: object, module: Digest): Uint8Array {
  // Members in their canonical order, as they are written.
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    predicate,
    predicateType,
    subject: [{ digest: { sha256: module.slice(7) } }]
  }
  return Buffer.from(
    JSON.stringify({
      mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      dsseEnvelope: {
        payload: Buffer.from(JSON.stringify(statement)).toString("base64"),
        payloadType: "application/vnd.in-toto+json",
        signatures: [{ sig: signatureOf() }]
      },
      verificationMaterial: { publicKey: { hint: module.slice(7) } }
    })
  )
}

/** 64 random bytes, cut from a pool: asking the system four million times would be most of the work. */
function signatureOf(): string {
  pooled = (pooled + 1_021) % (pool.length - 64)
  return pool.toString("base64", pooled, pooled + 64)
}

const pool = randomBytes(1 << 20)
let pooled = 0

export const textOf = (at: number) => `synthetic task number ${at}, put into words of the usual length for a request`

function blobOf(at: number): Uint8Array {
  const bytes = Buffer.alloc(blobBytes, createHash("sha256").update(`blob ${at}`).digest())
  return new Uint8Array(bytes)
}
