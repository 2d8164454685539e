/** What a Mapping changes against the one it supersedes: Interface, Source, behaviour on the Examples of both, and fuel. */
import type { Digest } from "../../shared/digest.ts"
import type { AnswerOf, CallContext, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Example, Mapping } from "../../shared/module.ts"
import type { Outcome } from "../../shared/run.ts"
import { readLiteral, sameResult } from "./core/literal.ts"
import { digestNamed } from "./naming.ts"
import type { OpenStore } from "./open-store.ts"
import { claimedMapping, resolveMapping } from "./resolve-digest.ts"
import { parseArguments, runMapping } from "./run-module.ts"
import { servedVerdict } from "./served-verdict.ts"
import { examplesOf, textOf } from "./show.ts"
import { whileBelieved } from "./stoppable.ts"

/** Examples that are run on both sides; the answer says how many there are. */
const examplesRunMax = 50

/** Writes nothing and counts as no Run. Throws `wrong-usage` where the Mapping supersedes none, or several and none was chosen. */
export async function difference(
  input: ParsedOf<"difference">,
  store: OpenStore,
  context: CallContext = {}
): Promise<AnswerOf<"difference">> {
  const after = resolveMapping(input, store.trust)
  const before = claimedMapping(predecessor(after.claim, input.against, store), store.trust)
  const all = distinct([...examplesOf(after.claim, store), ...examplesOf(before.claim, store)])
  const examples: AnswerOf<"difference">["examples"] = []
  for (const example of all.slice(0, examplesRunMax)) {
    const [was, is] = [await outcomeOf(before, example, store, context), await outcomeOf(after, example, store, context)]
    examples.push({ args: example.args, before: was, after: is, same: was !== null && is !== null && alike(was, is) })
  }
  return {
    mapping: after.mapping,
    against: before.mapping,
    interface: { before: before.claim.interface.canonical, after: after.claim.interface.canonical },
    entry: { before: before.claim.entry, after: after.claim.entry },
    source: { before: sourceOf(before.claim, store), after: sourceOf(after.claim, store) },
    bytes: { before: before.claim.module.size, after: after.claim.module.size },
    examples,
    examplesInAll: all.length,
    fuel: { before: fuelOf(examples.map(one => one.before)), after: fuelOf(examples.map(one => one.after)) }
  }
}

function predecessor(claim: Mapping, against: string | undefined, store: OpenStore): Digest {
  if (against !== undefined) return digestNamed(against, store.trust.mappings())
  const known = (claim.supersedes ?? []).filter(one => store.trust.claimOf(one as Digest) !== null)
  const [first] = known
  if (first !== undefined && known.length === 1) return first as Digest
  throw new EngineFailure(
    "wrong-usage",
    known.length === 0
      ? "the Mapping supersedes none that is here: name the one to compare it with"
      : `the Mapping supersedes ${known.length}: choose one of ${known.join(", ")}`
  )
}

/** Null where the Mapping may not run at all. */
async function outcomeOf(
  { mapping, claim }: { readonly mapping: Digest; readonly claim: Mapping },
  example: Example,
  store: OpenStore,
  context: CallContext
): Promise<Outcome | null> {
  if (servedVerdict(mapping, store.trust).state === "untrusted") return null
  const args = parseArguments(example.args)
  return whileBelieved(mapping, store.trust, context.signal, signal =>
    runMapping(claim, { args, answers: example.answers, signal }, store.ports)
  )
}

function alike(before: Outcome, after: Outcome): boolean {
  if (before.kind !== after.kind) return false
  if (before.kind === "failed" && after.kind === "failed") return before.category === after.category
  if (before.kind !== "returned" || after.kind !== "returned") return true
  const [was, is] = [readLiteral(before.value, "result"), readLiteral(after.value, "result")]
  return was.kind === "value" && is.kind === "value" && sameResult(was.value, is.value)
}

function distinct(examples: readonly Example[]): Example[] {
  return [...new Map(examples.map(example => [JSON.stringify([example.args, example.answers ?? []]), example])).values()]
}

/** The sum over Examples whose fuel was metered on that side; null where none was. */
function fuelOf(outcomes: readonly (Outcome | null)[]): number | null {
  const metered = outcomes.flatMap(one => (one === null || one.kind === "rejected" || one.spent.fuel === null ? [] : [one.spent.fuel]))
  return metered.length === 0 ? null : metered.reduce((sum, fuel) => sum + fuel, 0)
}

function sourceOf(claim: Mapping, store: OpenStore): string | null {
  return claim.source === null ? null : textOf(claim.source.digest, store)
}
