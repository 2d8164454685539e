/** The `published` record: what publish writes into its body, and what an index derives from it and its like. Pure, so that a rebuild gives the same rows. */
import type { Digest } from "../../../shared/digest.ts"
import { isDigest } from "../../../shared/digest.ts"
import type { LedgerRecord } from "../../../shared/ledger.ts"
import type { Mapping, ModuleRecord } from "../../../shared/module.ts"
import { mappingSchema } from "../../../shared/module.ts"
import { predicateTypes } from "../../../shared/trust.ts"
import { fromBase64 } from "./digest.ts"
import { utf8Decode } from "./utf8.ts"

export interface PublishedBody {
  readonly mapping: Digest
  readonly claim: Mapping
  /** The Interface in the arrow form, for people. */
  readonly typeText: string
  readonly languageVersion: string
  /** Greatest fuel an Example used; 0 where none is metered. */
  readonly fuelProfile: number
  readonly blobs: { readonly module: Digest; readonly source?: Digest; readonly examples: Digest; readonly runtime?: Digest }
  /** Digest of the Request as stated, where there was one. */
  readonly request?: Digest
}

/** The body of a `published` record; null for a record of another kind or one that is malformed. */
export function publishedBodyOf(record: LedgerRecord): PublishedBody | null {
  if (record.entry.kind !== "published") return null
  const { body } = record.entry
  const claim = mappingSchema.safeParse(body.claim)
  if (!isDigest(body.mapping) || !claim.success) return null
  return { ...(body as unknown as PublishedBody), claim: body.claim as Mapping }
}

/** What a record changes in an index. */
export type IndexChange =
  | { readonly kind: "put"; readonly record: ModuleRecord }
  | {
      readonly kind: "embedding"
      readonly mapping: Digest
      readonly model: string
      readonly modelDigest?: string
      readonly vector: Float32Array
    }
  | { readonly kind: "evict"; readonly mapping: Digest }

export function indexChangesOf(record: LedgerRecord): readonly IndexChange[] {
  switch (record.entry.kind) {
    case "published": {
      const derived = moduleRecordOf(record)
      return derived === null ? [] : [{ kind: "put", record: derived }]
    }
    case "embedded":
      return embeddingsOf(record)
    case "evicted": {
      const mapping = record.entry.body.mapping
      return isDigest(mapping) ? [{ kind: "evict", mapping }] : []
    }
    default:
      return []
  }
}

/** The ModuleRecord a `published` record stands for: claim and Attestations decide, nothing else is taken in. */
export function moduleRecordOf(record: LedgerRecord): ModuleRecord | null {
  const body = publishedBodyOf(record)
  if (body === null) return null
  const { claim } = body
  const embedded = embeddingOf(record)
  return {
    mapping: body.mapping,
    module: claim.module.digest,
    interfaceHash: claim.interface.hash,
    typeText: typeof body.typeText === "string" ? body.typeText : claim.interface.canonical,
    taskText: claim.task.text,
    languageVersion: typeof body.languageVersion === "string" ? body.languageVersion : "",
    sizeBytes: claim.module.size,
    fuelProfile: typeof body.fuelProfile === "number" ? body.fuelProfile : 0,
    embedding: embedded?.vector ?? null,
    embeddingModel: embedded?.model ?? "",
    signature: claimAttestationOf(record),
    createdMs: Date.parse(record.entry.at),
    ledgerSequence: record.entry.sequence
  }
}

/** The vector of a record and the model its embedding Attestation names. Whether that Attestation counts is the Verdict's business. */
export function embeddingOf(
  record: LedgerRecord
): { readonly vector: Float32Array; readonly digest: Digest; readonly model: string } | null {
  const at = record.entry.parts.findIndex(part => part.kind === "embedding")
  const part = record.entry.parts[at]
  const bytes = record.parts[at]
  if (part === undefined || bytes === undefined || bytes.length % 4 !== 0) return null
  for (const statement of statementsOf(record)) {
    const { predicate, predicateType } = statement
    if (predicateType === predicateTypes.embedding && isRecord(predicate) && predicate.digest === part.digest && isRecord(predicate.model))
      return { vector: floatsOf(bytes), digest: part.digest, model: String(predicate.model.id) }
  }
  return null
}

/** f32 little-endian, copied: bytes from elsewhere may be unaligned. */
export function floatsOf(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const floats = new Float32Array(bytes.length >> 2)
  for (let index = 0; index < floats.length; index++) floats[index] = view.getFloat32(4 * index, true)
  return floats
}

/** f32 little-endian bytes of a vector. */
export function bytesOfFloats(vector: Float32Array): Uint8Array {
  const bytes = new Uint8Array(4 * vector.length)
  const view = new DataView(bytes.buffer)
  for (let index = 0; index < vector.length; index++) view.setFloat32(4 * index, vector[index] as number, true)
  return bytes
}

function embeddingsOf(record: LedgerRecord): IndexChange[] {
  const { model, embeddings } = record.entry.body
  if (!isRecord(model) || typeof model.id !== "string" || !Array.isArray(embeddings)) return []
  const changes: IndexChange[] = []
  for (const one of embeddings) {
    if (!isRecord(one) || !isDigest(one.mapping)) continue
    const bytes = record.parts[record.entry.parts.findIndex(part => part.kind === "embedding" && part.digest === one.vector)]
    if (bytes === undefined || bytes.length % 4 !== 0) continue
    const named = typeof model.digest === "string" ? { modelDigest: model.digest } : {}
    changes.push({ kind: "embedding", mapping: one.mapping, model: model.id, ...named, vector: floatsOf(bytes) })
  }
  return changes
}

function claimAttestationOf(record: LedgerRecord): string {
  for (const [at, part] of record.entry.parts.entries()) {
    const bytes = record.parts[at]
    if (part.kind === "attestation" && bytes !== undefined && statementOf(bytes)?.predicateType === predicateTypes.claim)
      return utf8Decode(bytes) ?? ""
  }
  return ""
}

interface LooseStatement {
  readonly predicateType: unknown
  readonly predicate: unknown
}

function* statementsOf(record: LedgerRecord): Iterable<LooseStatement> {
  for (const [at, part] of record.entry.parts.entries()) {
    const bytes = record.parts[at]
    const statement = part.kind === "attestation" && bytes !== undefined ? statementOf(bytes) : null
    if (statement !== null) yield statement
  }
}

/** Unverified, for derivation only. */
function statementOf(attestation: Uint8Array): LooseStatement | null {
  try {
    const bundle: unknown = JSON.parse(utf8Decode(attestation) ?? "")
    if (!isRecord(bundle) || !isRecord(bundle.dsseEnvelope)) return null
    const payload = fromBase64(String(bundle.dsseEnvelope.payload))
    const statement: unknown = payload === null ? null : JSON.parse(utf8Decode(payload) ?? "")
    return isRecord(statement) ? { predicateType: statement.predicateType, predicate: statement.predicate } : null
  } catch {
    return null
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
