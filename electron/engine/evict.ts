/** Takes a Mapping out of the cache: recorded first, then gone from all that derives; its Blobs too where asked and nothing else names them. */
import type { Digest } from "../../shared/digest.ts"
import type { AnswerOf, CallContext, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { inFlightSince } from "./gc.ts"
import { blobsNamedBy, walkBlobs } from "./named-blobs.ts"
import type { OpenStore } from "./open-store.ts"
import { resolveMapping } from "./resolve-digest.ts"
import { stepper } from "./stepper.ts"

/** Throws `not-permitted` where a Mapping that stays imports its Module. Its record stays in the Ledger; publishing it again brings it back. */
export async function evict(input: ParsedOf<"evict">, store: OpenStore, context: CallContext = {}): Promise<AnswerOf<"evict">> {
  const { trust, ports } = store
  const { module, mapping, sequence: published } = resolveMapping(input, trust)
  refuseImported(module, mapping, store)
  const record = ports.ledger.read(published)
  const withBlobs = input.blobs === true
  const entry = await store.append({ kind: "evicted", body: { mapping, reason: input.reason, blobs: withBlobs }, parts: [] })
  await store.settled()
  const removed = withBlobs ? await removeBlobs(blobsNamedBy(record), store, context) : []
  return { digest: module, mapping, sequence: entry.sequence, removed }
}

/** A Mapping that imports the Module is rebuilt from its Source when it is judged. */
function refuseImported(module: Digest, mapping: Digest, { trust }: OpenStore): void {
  if (trust.mappingsOf(module).some(other => other !== mapping)) return
  const importers = trust.importersOf(module)
  if (importers.length === 0) return
  throw new EngineFailure(
    "not-permitted",
    `${importers.length} Mappings import this Module and would no longer be trusted: evict them first (${importers.slice(0, 5).join(", ")})`,
    { importers: importers.slice(0, 20) }
  )
}

/** What another record names stays, and so does what somebody put just now: the next sweep looks at it again. */
async function removeBlobs(digests: readonly Digest[], store: OpenStore, context: CallContext): Promise<Digest[]> {
  const { blobs, ledger } = store.ports
  const beforeMs = inFlightSince(store)
  const step = stepper(context, "the Mapping is evicted; its Blobs are left for the next sweep")
  const { named } = await walkBlobs(ledger, done => step("read the ledger", done, ledger.size))
  const removed: Digest[] = []
  for (const digest of digests) {
    named.catchUp()
    if (!named.has(digest) && (await blobs.delete(digest, beforeMs))) removed.push(digest)
  }
  return removed
}
