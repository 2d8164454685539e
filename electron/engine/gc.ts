/** Removes Blobs that no record of the Ledger names, once they are old enough; nothing a record names is ever touched. */
import type { Digest } from "../../shared/digest.ts"
import type { AnswerOf, CallContext, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { walkBlobs } from "./named-blobs.ts"
import type { OpenStore } from "./open-store.ts"
import { nextTurn, stepper } from "./stepper.ts"

/** A file system's clock may tick this much behind ours. */
const tickMs = 100

/** What was put since then may wait for its record; before this process opened the store nobody is left who would write one. */
export function inFlightSince({ openedMs, ports }: OpenStore): number {
  return Math.max(openedMs - tickMs, ports.clock.nowMs() - underwayMs)
}

/** How old an orphan is by default before it goes. */
export const orphanHours = 24
const hourMs = 3_600_000
/** Longest time between a Blob's put and its record, within one process. */
const underwayMs = 600_000
/** Blobs listed in an answer; the counts are of all. */
const listedMax = 1_000

type Answer = AnswerOf<"gc">

/** Throws `store-read-only` but for a dry run, `ledger-damaged` where a record cannot be read (then nothing is removed), and `cancelled`. */
export async function gc(input: ParsedOf<"gc">, store: OpenStore, context: CallContext = {}): Promise<Answer> {
  const swept = await sweepOrphans(store, { olderThanHours: input.olderThanHours ?? orphanHours, dryRun: input.dryRun === true }, context)
  if (input.dryRun === true) return { ...swept, tables: [] }
  store.usageLog.removeOld()
  return { ...swept, tables: [...(await store.tables.maintain([]))] }
}

export async function sweepOrphans(
  store: OpenStore,
  { olderThanHours, dryRun }: { readonly olderThanHours: number; readonly dryRun: boolean },
  context: CallContext = {}
): Promise<Omit<Answer, "tables">> {
  const { blobs, ledger, clock } = store.ports
  if (store.readOnly && !dryRun)
    throw new EngineFailure("store-read-only", "nothing can be removed: the store is open for reading only; a dry run says what would be")
  const nowMs = clock.nowMs()
  const oldMs = nowMs - olderThanHours * hourMs
  const beforeMs = Math.min(oldMs, inFlightSince(store))
  const step = stepper(context, "the sweep was cancelled; what it removed until then was named by no record")
  const { named } = await walkBlobs(ledger, done => step("read the ledger", done, ledger.size))
  const answer = {
    dryRun,
    blobs: 0,
    bytes: 0,
    removed: [] as { digest: Digest; bytes: number; modifiedMs: number }[],
    removedBlobs: 0,
    removedBytes: 0,
    youngBlobs: 0,
    youngBytes: 0,
    temporary: 0
  }
  for await (const blob of blobs.list()) {
    await step("look at the Blobs", answer.blobs, null)
    answer.blobs++
    answer.bytes += blob.bytes
    if (named.has(blob.digest)) continue
    if (blob.modifiedMs > beforeMs) {
      answer.youngBlobs++
      answer.youngBytes += blob.bytes
      continue
    }
    // From here to the removal nothing else runs: no record can come between.
    named.catchUp()
    if (named.has(blob.digest) || (!dryRun && !(await blobs.delete(blob.digest, beforeMs)))) continue
    answer.removedBlobs++
    answer.removedBytes += blob.bytes
    if (answer.removed.length < listedMax) answer.removed.push(blob)
  }
  answer.temporary = dryRun
    ? (await blobs.strays()).filter(stray => stray.temporary && stray.modifiedMs < beforeMs).length
    : await blobs.sweepTemporary(beforeMs)
  await nextTurn()
  return answer
}
