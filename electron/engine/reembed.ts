/** Gives every Mapping a vector of another model: bulk records in the Ledger, each vector attested by this store's publisher. No Claim, sign-off or Verdict changes. */
import type { Digest } from "../../shared/digest.ts"
import type { CallContext } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { LedgerDraft } from "../../shared/ledger.ts"
import type { EmbeddingModel, Mapping } from "../../shared/module.ts"
import { embeddingStatement, sealAttestation } from "./core/attestation.ts"
import { digestOf } from "./core/digest.ts"
import type { Signer } from "./core/dsse.ts"
import { bytesOfFloats } from "./core/published.ts"
import type { OpenStore } from "./open-store.ts"
import type { Embedder } from "./ports.ts"
import { stepper } from "./stepper.ts"

export interface Reembedded {
  /** Vectors written now, and Mappings that had theirs before. */
  readonly embedded: number
  readonly already: number
  /** Mappings that could not be given one, with the reason. */
  readonly left: readonly { readonly mapping: Digest; readonly why: string }[]
}

export interface ModelChange extends Reembedded {
  readonly model: EmbeddingModel
  /** FORMAT.json names this model now, and did not before: whoever opens the store from here on uses it. */
  readonly switched: boolean
}

/** Bytes of a record that vectors and their Attestations may fill: a record holds 256 KiB. */
const recordBytes = 200_000
/** An Attestation, its place in the entry and that of the vector; measured at 1,700. */
const bytesBeside = 2_200

/**
 * Appends `embedded` records until every live Mapping has a counted vector of `target`'s model, those that come meanwhile included. What is
 * written stays written: called again after an interruption it goes on where it was. Throws `keys-locked`, `cancelled`, `model-unavailable`.
 */
export async function reembed(target: Embedder, store: OpenStore, context: CallContext = {}): Promise<Reembedded> {
  if (store.readOnly) throw new EngineFailure("store-read-only", "nothing can be embedded: the store is open for reading only")
  store.trust.assertWritable()
  const signer = store.trust.signer("publisher")
  const step = stepper(context, "re-embedding was cancelled: what was written stays, and it goes on from there when it is asked for again")
  const left = new Map<Digest, string>()
  let embedded = 0
  let already = 0
  let done = 0
  for (;;) {
    const all = store.trust.mappings()
    const missing: Digest[] = []
    for (const mapping of all) {
      if (!left.has(mapping) && store.trust.vectorsOf(mapping, target.model).length === 0) missing.push(mapping)
      await step("looking for Mappings without a vector", missing.length, null)
    }
    if (done === 0) already = all.length - missing.length
    if (missing.length === 0) return { embedded, already, left: [...left].map(([mapping, why]) => ({ mapping, why })) }
    const total = done + missing.length
    for (const batch of batchesOf(missing, target)) {
      await step("embedding", done, total)
      const claims = claimsOf(batch, store, left)
      await appendVectors(claims, target, signer, store)
      done += batch.length
      for (const { mapping } of claims) {
        if (store.trust.vectorsOf(mapping, target.model).length > 0) embedded++
        else left.set(mapping, "the Attestation of its new vector does not count under this store's root")
      }
    }
    await step("embedding", done, total)
  }
}

interface Claimed {
  readonly mapping: Digest
  readonly claim: Mapping
}

function claimsOf(batch: readonly Digest[], store: OpenStore, left: Map<Digest, string>): Claimed[] {
  return batch.flatMap(mapping => {
    const held = store.trust.claimOf(mapping)
    if (held === null) left.set(mapping, "its claim cannot be read")
    return held === null ? [] : [{ mapping, claim: held.claim }]
  })
}

/** As many as fit a record. */
export function* batchesOf(mappings: readonly Digest[], { model }: Embedder): Iterable<readonly Digest[]> {
  const most = Math.max(1, Math.floor(recordBytes / (4 * model.dimensions + bytesBeside)))
  for (let from = 0; from < mappings.length; from += most) yield mappings.slice(from, from + most)
}

type Part = LedgerDraft["parts"][number]

/** One `embedded` record; equal words are embedded once. */
export async function appendVectors(claims: readonly Claimed[], target: Embedder, signer: Signer, store: OpenStore): Promise<void> {
  if (claims.length === 0) return
  const texts = [...new Set(claims.map(({ claim }) => claim.task.text))]
  const vectors = await target.embed(texts)
  const byText = new Map(texts.map((text, at) => [text, bytesOfFloats(vectors[at] as Float32Array)]))
  const parts = new Map<Digest, Part>()
  const attestations: Part[] = []
  const embeddings: { mapping: Digest; vector: Digest }[] = []
  const { id, digest, dimensions } = target.model
  for (const { mapping, claim } of claims) {
    const bytes = byText.get(claim.task.text) as Uint8Array
    const vector = digestOf(bytes)
    parts.set(vector, { kind: "embedding", bytes })
    embeddings.push({ mapping, vector })
    const statement = embeddingStatement({ mapping, module: claim.module.digest, model: { id, digest }, dimensions, vector })
    attestations.push({ kind: "attestation", bytes: sealAttestation(statement, signer.keyId, signer.sign) })
  }
  await store.append({ kind: "embedded", body: { model: { id, digest }, embeddings }, parts: [...attestations, ...parts.values()] })
}
