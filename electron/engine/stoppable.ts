/** A Run goes on only while its Mapping may run: what is revoked meanwhile, here or by whoever writes the store, is stopped. */
import type { Digest } from "../../shared/digest.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Outcome } from "../../shared/run.ts"
import type { TrustState } from "./trust-state.ts"

/**
 * Runs `work` under a signal that is aborted with the caller's, or when the Mapping turns untrusted. Throws `not-permitted` where
 * it was stopped for that, with the rules that failed.
 */
export async function whileBelieved(
  mapping: Digest,
  trust: TrustState,
  caller: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Outcome>
): Promise<Outcome> {
  const stop = new AbortController()
  let why: string | null = null
  const forget = trust.onChange(() => {
    const verdict = trust.cachedVerdict(mapping)
    if (verdict.state !== "untrusted") return
    const failed = verdict.rules.filter(rule => rule.outcome === "fail")
    why = failed.map(rule => `${rule.rule}: ${rule.why}`).join("; ")
    stop.abort()
  })
  try {
    return await work(caller === undefined ? stop.signal : AbortSignal.any([caller, stop.signal]))
  } catch (failure) {
    if (why === null || !(failure instanceof EngineFailure) || failure.code !== "cancelled") throw failure
    throw new EngineFailure("not-permitted", `the Run was stopped: Mapping ${mapping} is untrusted now (${why})`, {
      mapping,
      state: "untrusted"
    })
  } finally {
    forget()
  }
}
