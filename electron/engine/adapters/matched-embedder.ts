/** Holds the Embedder to the store's model: vectors of different models are never compared, and a failure is remembered for the status. */
import { EngineFailure } from "../../../shared/failure.ts"
import type { EmbeddingModel } from "../../../shared/module.ts"
import type { Embedder } from "../ports.ts"

export interface MatchedEmbedder extends Embedder {
  /** Why the model cannot be used, as far as is known; null while nothing speaks against it. */
  readonly failure: string | null
}

/** `wanted`: the model that FORMAT.json names. `missing`: why its files are known not to be there, before anything is tried. */
export function matchEmbedder(embedder: Embedder, wanted: EmbeddingModel, missing: string | null = null): MatchedEmbedder {
  const { model } = embedder
  const same = model.id === wanted.id && model.digest === wanted.digest && model.dimensions === wanted.dimensions
  let failure = same
    ? missing
    : `the store's vectors are of the model ${wanted.id} (${wanted.digest}), and this program has ${model.id} (${model.digest})`
  return {
    model: wanted,
    get failure() {
      return failure
    },
    async embed(texts) {
      if (!same) throw new EngineFailure("model-unavailable", failure ?? "")
      try {
        const vectors = await embedder.embed(texts)
        failure = null
        return vectors
      } catch (error) {
        if (!(error instanceof EngineFailure) || error.code !== "model-unavailable") throw error
        failure = `the store's model ${wanted.id} cannot be used: ${error.message}`
        throw new EngineFailure("model-unavailable", failure, error.details, { cause: error })
      }
    },
    close: () => embedder.close()
  }
}
