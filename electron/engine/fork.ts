/** Two signed notes of one ledger that contradict each other are proof of two histories: both are kept, whatever else is refused. */
import { EngineFailure } from "../../shared/failure.ts"
import { parseCheckpoint } from "./core/checkpoint.ts"
import type { TrustState } from "./trust-state.ts"

/** Keeps both notes of a `ledger-forked` failure; anything else, and a failure to write, is left to whoever reports the first one. */
export async function keepForkEvidence(failure: unknown, state: TrustState): Promise<void> {
  if (!(failure instanceof EngineFailure) || failure.code !== "ledger-forked") return
  const { origin, kept, found } = failure.details
  if (typeof origin !== "string" || typeof found !== "string") return
  const note = noteOf(kept, origin, state)
  if (note === null) return
  await state.ports.trust.putFork({ origin, kept: note, found }).catch(() => undefined)
}

/** The signed note that the failure calls kept: itself, a checkpoint of a foreign ledger by its size, or the newest of our own Ledger. */
function noteOf(kept: unknown, origin: string, state: TrustState): string | null {
  if (typeof kept === "string" && typeof parseCheckpoint(kept) !== "string") return kept
  if (typeof kept === "object" && kept !== null && "size" in kept) {
    const notes = state.ports.trust.foreignRoots().flatMap(one => one.checkpoints)
    return notes.find(note => note.startsWith(`${origin}\n${String(kept.size)}\n`)) ?? null
  }
  return state.newestCheckpoint()?.note ?? state.ports.trust.checkpoint()
}
