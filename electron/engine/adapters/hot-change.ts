/** What a Ledger record changes in the hot index: the same as `indexChangesOf`, read faster, because a rebuild reads every record there is. */
import { hash } from "node:crypto"
import type { Digest, InterfaceHash } from "../../../shared/digest.ts"
import { hexOf, isDigest } from "../../../shared/digest.ts"
import type { LedgerEntry, LedgerRecord } from "../../../shared/ledger.ts"
import { predicateTypes } from "../../../shared/trust.ts"
import type { IndexChange } from "../core/published.ts"
import { indexChangesOf } from "../core/published.ts"
import { isUnit, squaredLengthOf } from "../core/sketch.ts"
import type { HotRecord } from "./hot-records.ts"

export type HotChange = { readonly kind: "put"; readonly record: HotRecord } | Exclude<IndexChange, { readonly kind: "put" }>

/** The model whose vectors are taken in. */
export interface HotModel {
  readonly id: string
  /** Two models of one id are told apart by it; where a record names none, the id decides. */
  readonly digest: string
  readonly dimensions: number
}

/** `scratch`: where the vector may lie until the next call. */
export function hotChangesOf(record: LedgerRecord, model: HotModel, scratch?: Float32Array): readonly HotChange[] {
  if (record.entry.kind !== "published") return indexChangesOf(record) as readonly Exclude<IndexChange, { readonly kind: "put" }>[]
  const named = namedBy(record.entry.body)
  if (named === null) return []
  const interfaceHash = bytesOfDigest(named.interfaceHash)
  return [
    {
      kind: "put",
      record: {
        interfaceHash,
        mapping: bytesOfDigest(named.mapping),
        module: bytesOfDigest(named.module),
        text: textKeyOf(interfaceHash, named.text),
        sequence: record.entry.sequence,
        createdMs: Date.parse(record.entry.at),
        vector: vectorOf(record, model, scratch)
      }
    }
  ]
}

/** What a row is made of, and no more: a row is a hint, and the Claim is checked in full before anything is served. */
function namedBy(body: LedgerEntry["body"]) {
  const { mapping } = body
  const claim = body.claim as PartialClaim | null | undefined
  const interfaceHash = claim?.interface?.hash
  const module = claim?.module?.digest
  const text = claim?.task?.text
  if (!isDigest(mapping) || !isDigest(interfaceHash) || !isDigest(module) || typeof text !== "string") return null
  return { mapping, interfaceHash, module, text }
}

interface PartialClaim {
  readonly interface?: { readonly hash?: unknown } | null
  readonly module?: { readonly digest?: unknown } | null
  readonly task?: { readonly text?: unknown } | null
}

/** SHA-256 of InterfaceHash, a zero byte and the canonical Task text. */
export function textKeyOf(interfaceHash: Uint8Array, text: string): Uint8Array {
  const words = Buffer.from(text, "utf8")
  const bytes = Buffer.allocUnsafe(33 + words.length)
  bytes.set(interfaceHash)
  bytes[32] = 0
  bytes.set(words, 33)
  return hash("sha256", bytes, "buffer")
}

export function bytesOfDigest(digest: Digest | InterfaceHash): Uint8Array {
  return Buffer.from(hexOf(digest), "hex")
}

export function digestOfBytes32(bytes: Uint8Array): Digest {
  return `sha256:${Buffer.from(bytes.buffer, bytes.byteOffset, 32).toString("hex")}` as Digest
}

/** The vector, where it is a unit vector of this model; any other leaves the Mapping to be found by its words alone. */
export function usableVector(vector: Float32Array, named: NamedModel, model: HotModel): boolean {
  return isModel(named, model) && vector.length === model.dimensions && isUnit(squaredLengthOf(vector))
}

interface NamedModel {
  readonly id: string
  readonly digest?: string | undefined
}

function isModel(named: NamedModel, model: HotModel): boolean {
  return named.id === model.id && (named.digest === undefined || named.digest === model.digest)
}

function vectorOf(record: LedgerRecord, model: HotModel, scratch?: Float32Array): Float32Array | null {
  const at = record.entry.parts.findIndex(part => part.kind === "embedding")
  const bytes = record.parts[at]
  const digest = record.entry.parts[at]?.digest
  if (bytes === undefined || digest === undefined || bytes.length !== 4 * model.dimensions) return null
  if (`sha256:${hash("sha256", bytes, "hex")}` !== digest) return null
  // It is the last one where we wrote the record.
  for (let index = record.entry.parts.length - 1; index >= 0; index--) {
    if (record.entry.parts[index]?.kind !== "attestation" || !namesModel(record.parts[index] as Uint8Array, digest, model)) continue
    // Little-endian on both sides, and copied: bytes from elsewhere may be unaligned.
    const vector = scratch ?? new Float32Array(model.dimensions)
    new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength).set(bytes)
    return usableVector(vector, model, model) ? vector : null
  }
  return null
}

/** Whether this is an Attestation by that model of the vector with that Digest. Nothing is verified here. */
function namesModel(attestation: Uint8Array, digest: Digest, model: HotModel): boolean {
  const payload = payloadOf(attestation)
  if (payload === null || !payload.includes(digest)) return false
  // As we write it; whoever writes it otherwise is parsed.
  if (payload.includes(embeddingType) && payload.includes(`"model":{"digest":"${model.digest}","id":"${model.id}"}`)) return true
  try {
    const statement = JSON.parse(payload.toString("utf8")) as {
      predicateType?: unknown
      predicate?: { digest?: unknown; model?: { id?: unknown; digest?: unknown } }
    }
    const { predicate } = statement
    if (statement.predicateType !== predicateTypes.embedding || predicate?.digest !== digest || predicate.model === undefined) return false
    const named = predicate.model.digest
    return isModel({ id: String(predicate.model.id), digest: typeof named === "string" ? named : undefined }, model)
  } catch {
    return false
  }
}

const embeddingType = `"predicateType":"${predicateTypes.embedding}"`
const payloadKey = '"payload":"'

/** Most Attestations are of something else, and parsing them all would be most of a rebuild's work: the payload is cut out of the text. */
function payloadOf(attestation: Uint8Array): Buffer | null {
  const bytes = Buffer.from(attestation.buffer, attestation.byteOffset, attestation.length)
  const start = bytes.indexOf(payloadKey, 0, "latin1")
  const end = bytes.indexOf(34, start + payloadKey.length)
  if (start >= 0 && end >= 0) return Buffer.from(bytes.toString("latin1", start + payloadKey.length, end), "base64")
  try {
    const bundle = JSON.parse(textOf(attestation)) as { dsseEnvelope?: { payload?: unknown } }
    return Buffer.from(String(bundle.dsseEnvelope?.payload), "base64")
  } catch {
    return null
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8")
}
