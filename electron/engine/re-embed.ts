/** Gives Mappings that came with another model's vectors one of ours, signed by our Publisher: without it they answer equal words only. */
import type { Digest } from "../../shared/digest.ts"
import type { CallContext } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { turn } from "./bundle.ts"
import { embeddingStatement, sealAttestation } from "./core/attestation.ts"
import { digestOf } from "./core/digest.ts"
import { bytesOfFloats } from "./core/published.ts"
import type { OpenStore } from "./open-store.ts"

/** Mappings of one `embedded` record: some hundred kilobytes at most. */
const batchMax = 32

/** Answers how many were embedded, and in words why the others were not. Throws failures of the Ledger. */
export async function reEmbed(
  mappings: readonly Digest[],
  store: OpenStore,
  context: CallContext
): Promise<{ readonly done: number; readonly why: string | null }> {
  let done = 0
  try {
    for (; done < mappings.length; done += batchMax) {
      await embedBatch(mappings.slice(done, done + batchMax), store)
      await turn(Math.min(done + batchMax, mappings.length), mappings.length, "embed the words", context, batchMax)
    }
    return { done: mappings.length, why: null }
  } catch (failure) {
    if (!(failure instanceof EngineFailure && postponing.has(failure.code))) throw failure
    return { done, why: failure.code === "cancelled" ? "cancelled" : failure.message }
  }
}

const postponing: ReadonlySet<string> = new Set(["keys-locked", "keys-missing", "ambiguous-key", "model-unavailable", "cancelled"])

async function embedBatch(mappings: readonly Digest[], { ports, trust, append }: OpenStore): Promise<void> {
  const { model } = ports.embedder
  const known = mappings.flatMap(mapping => {
    const claim = trust.claimOf(mapping)?.claim
    return claim === undefined ? [] : [{ mapping, claim }]
  })
  const { keyId, sign } = trust.signer("publisher")
  const vectors = await ports.embedder.embed(known.map(({ claim }) => claim.task.text))
  const made = known.map(({ mapping, claim }, at) => {
    const bytes = bytesOfFloats(vectors[at] as Float32Array)
    const facts = { mapping, module: claim.module.digest, model: { id: model.id, digest: model.digest }, dimensions: model.dimensions }
    const statement = embeddingStatement({ ...facts, vector: digestOf(bytes) })
    return { mapping, bytes, vector: digestOf(bytes), attestation: sealAttestation(statement, keyId, sign) }
  })
  await append({
    kind: "embedded",
    body: { model: { id: model.id, digest: model.digest }, embeddings: made.map(({ mapping, vector }) => ({ mapping, vector })) },
    parts: [
      ...made.map(({ attestation }) => ({ kind: "attestation" as const, bytes: attestation })),
      ...made.map(({ bytes }) => ({ kind: "embedding" as const, bytes }))
    ]
  })
}
