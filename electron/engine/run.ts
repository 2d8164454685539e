/** Runs a Module for a Task it is trusted with, or in review mode for one that is Pending. */
import type { AnswerOf, CallContext, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Verdict } from "../../shared/trust.ts"
import { canonicalBytes } from "./core/canonical.ts"
import { digestOf } from "./core/digest.ts"
import { runEntry } from "./log-entry.ts"
import type { OpenStore } from "./open-store.ts"
import { placedInModule } from "./place.ts"
import type { NamedMapping } from "./resolve-digest.ts"
import { resolveMapping } from "./resolve-digest.ts"
import { parseArguments, runMapping } from "./run-module.ts"
import { servedVerdict } from "./served-verdict.ts"
import { whileBelieved } from "./stoppable.ts"

/** Throws `not-permitted` where the Verdict does not allow it, `blob-damaged` where the bytes are not whole. */
export async function run(input: ParsedOf<"run">, store: OpenStore, context: CallContext = {}): Promise<AnswerOf<"run">> {
  const named = resolveMapping(input, store.trust)
  const args = parseArguments(input.args)
  const verdict = servedVerdict(named.mapping, store.trust)
  // Damage is said as damage: a Verdict would only call it untrusted.
  if (store.ports.blobs.get(named.module) === null)
    throw new EngineFailure("blob-damaged", `the Blob of Module ${named.module} is missing`, { digest: named.module })
  const review = permitted(verdict, input.review === true, named)
  const { clock } = store.ports
  const startUs = clock.monotonicUs()
  const outcome = await whileBelieved(named.mapping, store.trust, context.signal, signal =>
    runMapping(named.claim, { args, answers: input.answers, limits: input.limits, signal }, store.ports)
  )
  store.log(
    runEntry(outcome, {
      atMs: clock.nowMs(),
      request: {
        digest: digestOf(canonicalBytes({ run: named.mapping, args: input.args })),
        interfaceHash: named.claim.interface.hash,
        text: named.claim.task.text
      },
      module: named.module,
      mapping: named.mapping,
      ledgerSequence: named.sequence,
      verdict: verdict.state,
      runUs: clock.monotonicUs() - startUs,
      hitNumber: input.hitNumber ?? 0
    })
  )
  const shelf = { trust: store.trust, blobs: store.ports.blobs, interpret: store.interpret }
  const shown = await placedInModule(outcome, named.claim, { args, answers: input.answers }, shelf)
  return { digest: named.module, mapping: named.mapping, verdict: verdict.state, review, outcome: shown }
}

/** Whether this is a review: its Outcome is marked so and never counts as a Hit. */
function permitted(verdict: Verdict, review: boolean, named: NamedMapping): boolean {
  if (verdict.state === "trusted") return false
  if (verdict.state === "pending" && review) return true
  const open = verdict.rules.filter(rule => rule.outcome === (verdict.state === "pending" ? "missing" : "fail"))
  const why = open.map(rule => `${rule.rule}: ${rule.why}`).join("; ")
  const remedy = verdict.state === "pending" ? "sign it off, or run it in review mode (--review)" : "it never runs"
  throw new EngineFailure("not-permitted", `Mapping ${named.mapping} is ${verdict.state} (${why}): ${remedy}`, {
    mapping: named.mapping,
    state: verdict.state
  })
}
