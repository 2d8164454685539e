/** Gives Mappings that came with another model's vectors one of ours, signed by our Publisher: without it they answer equal words only. */
import type { Digest } from "../../shared/digest.ts"
import type { CallContext } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { turn } from "./bundle.ts"
import type { OpenStore } from "./open-store.ts"
import { appendVectors, batchesOf } from "./reembed.ts"

/** What puts it off; importing the same Bundle again goes on from there. */
const postponing: ReadonlySet<string> = new Set(["keys-locked", "keys-missing", "ambiguous-key", "model-unavailable", "cancelled"])

/** Answers how many were embedded, and in words why the others were not. Throws failures of the Ledger. */
export async function embedImported(
  mappings: readonly Digest[],
  store: OpenStore,
  context: CallContext
): Promise<{ readonly done: number; readonly why: string | null }> {
  const { embedder } = store.ports
  let done = 0
  try {
    for (const batch of batchesOf(mappings, embedder)) {
      const claims = batch.flatMap(mapping => {
        const claim = store.trust.claimOf(mapping)?.claim
        return claim === undefined ? [] : [{ mapping, claim }]
      })
      await appendVectors(claims, embedder, store.trust.signer("publisher"), store)
      done += batch.length
      await turn(done, mappings.length, "embed the words", context, 1)
    }
    return { done, why: null }
  } catch (failure) {
    if (!(failure instanceof EngineFailure && postponing.has(failure.code))) throw failure
    return { done, why: failure.code === "cancelled" ? "cancelled" : failure.message }
  }
}
