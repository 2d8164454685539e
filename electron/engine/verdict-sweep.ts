/** Verdicts of many Mappings without holding up whoever waits for a Hit: the first Verdict of a Mapping costs milliseconds. */
import type { Digest } from "../../shared/digest.ts"
import type { VerdictState } from "../../shared/trust.ts"
import type { OpenStore } from "./open-store.ts"

/** Longest stretch of work before other work gets its turn, microseconds. */
const sliceUs = 10_000

/** Answers each item in order; between slices other work gets its turn. */
export async function inSlices<T, R>(items: Iterable<T>, work: (item: T) => R, store: Pick<OpenStore, "ports">): Promise<R[]> {
  const { clock } = store.ports
  const answers: R[] = []
  let turnUs = clock.monotonicUs()
  for (const item of items) {
    answers.push(work(item))
    if (clock.monotonicUs() - turnUs < sliceUs) continue
    await new Promise(resolve => setTimeout(resolve, 0))
    turnUs = clock.monotonicUs()
  }
  return answers
}

/** Those of the Mappings whose Verdict has this state, in their order. */
export async function mappingsIn(state: VerdictState, mappings: readonly Digest[], store: OpenStore): Promise<Digest[]> {
  const states = await inSlices(mappings, mapping => store.trust.cachedVerdict(mapping).state, store)
  return mappings.filter((_, at) => states[at] === state)
}
