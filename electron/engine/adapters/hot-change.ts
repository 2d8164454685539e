/** What a Ledger record changes in the hot index: the same as `indexChangesOf`, read faster, because a rebuild reads every record there is. */
import { hash } from "node:crypto"
import type { Digest, InterfaceHash } from "../../../shared/digest.ts"
import { hexOf } from "../../../shared/digest.ts"
import type { LedgerRecord } from "../../../shared/ledger.ts"
import { predicateTypes } from "../../../shared/trust.ts"
import type { IndexChange } from "../core/published.ts"
import { indexChangesOf, publishedBodyOf } from "../core/published.ts"
import { isUnit, squaredLengthOf } from "../core/sketch.ts"
import type { HotRecord } from "./hot-records.ts"

export type HotChange = { readonly kind: "put"; readonly record: HotRecord } | Exclude<IndexChange, { readonly kind: "put" }>

/** The model whose vectors are taken in. */
export interface HotModel {
  readonly id: string
  readonly dimensions: number
}

export function hotChangesOf(record: LedgerRecord, model: HotModel): readonly HotChange[] {
  if (record.entry.kind !== "published") return indexChangesOf(record) as readonly Exclude<IndexChange, { readonly kind: "put" }>[]
  const body = publishedBodyOf(record)
  if (body === null) return []
  const interfaceHash = bytesOfDigest(body.claim.interface.hash)
  return [
    {
      kind: "put",
      record: {
        interfaceHash,
        mapping: bytesOfDigest(body.mapping),
        module: bytesOfDigest(body.claim.module.digest),
        text: textKeyOf(interfaceHash, body.claim.task.text),
        sequence: record.entry.sequence,
        createdMs: Date.parse(record.entry.at),
        vector: vectorOf(record, model)
      }
    }
  ]
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
export function usableVector(vector: Float32Array, modelId: string, model: HotModel): boolean {
  return modelId === model.id && vector.length === model.dimensions && isUnit(squaredLengthOf(vector))
}

function vectorOf(record: LedgerRecord, model: HotModel): Float32Array | null {
  const at = record.entry.parts.findIndex(part => part.kind === "embedding")
  const bytes = record.parts[at]
  const digest = record.entry.parts[at]?.digest
  if (bytes === undefined || digest === undefined || bytes.length !== 4 * model.dimensions) return null
  for (const [index, part] of record.entry.parts.entries()) {
    if (part.kind !== "attestation" || modelNamedBy(record.parts[index] as Uint8Array, digest) !== model.id) continue
    // Little-endian on both sides, and copied: bytes from elsewhere may be unaligned.
    const vector = new Float32Array(model.dimensions)
    new Uint8Array(vector.buffer).set(bytes)
    return usableVector(vector, model.id, model) ? vector : null
  }
  return null
}

/** Id of the model, where this is the Attestation of the vector with that Digest. Nothing is verified here. */
function modelNamedBy(attestation: Uint8Array, digest: Digest): string | null {
  if (!mayName(attestation, digest)) return null
  try {
    const bundle = JSON.parse(textOf(attestation)) as { dsseEnvelope?: { payload?: unknown } }
    const payload = Buffer.from(String(bundle.dsseEnvelope?.payload), "base64")
    if (!payload.includes(digest)) return null
    const statement = JSON.parse(payload.toString("utf8")) as {
      predicateType?: unknown
      predicate?: { digest?: unknown; model?: { id?: unknown } }
    }
    const { predicate } = statement
    return statement.predicateType === predicateTypes.embedding && predicate?.digest === digest && predicate.model !== undefined
      ? String(predicate.model.id)
      : null
  } catch {
    return null
  }
}

/** Most Attestations are of something else, and parsing them all would be most of a rebuild's work. */
function mayName(attestation: Uint8Array, digest: Digest): boolean {
  const bytes = Buffer.from(attestation.buffer, attestation.byteOffset, attestation.length)
  const start = bytes.indexOf(payloadKey)
  const end = bytes.indexOf(34, start + payloadKey.length)
  if (start < 0 || end < 0) return true
  return Buffer.from(bytes.toString("latin1", start + payloadKey.length, end), "base64").includes(digest)
}

const payloadKey = '"payload":"'

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8")
}
