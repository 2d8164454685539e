/** Two Mappings beside each other on inputs nobody wrote down: whether they agree where their Examples are silent. */
import type { AnswerOf, CallContext, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { readArguments } from "./core/literal.ts"
import { probeInputs } from "./core/probes.ts"
import { refusalOf } from "./find-examples.ts"
import { digestNamed } from "./naming.ts"
import type { OpenStore } from "./open-store.ts"
import { disagreement } from "./probing.ts"
import type { NamedMapping } from "./resolve-digest.ts"
import { claimedMapping, resolveMapping } from "./resolve-digest.ts"
import { servedVerdict } from "./served-verdict.ts"
import { examplesOf } from "./show.ts"

/** Inputs by default. */
const inputsDefault = 64
/** Examples of each that inputs are drawn near to. */
const likeMax = 16

/**
 * Counts as no Run and writes nothing. Throws `wrong-usage` where the Interfaces take other arguments or none can be made, `not-permitted` for
 * what may not run.
 */
export async function probeVerb(input: ParsedOf<"probe">, store: OpenStore, context: CallContext = {}): Promise<AnswerOf<"probe">> {
  const one = resolveMapping(input, store.trust)
  const other = otherOf(input.against, store)
  for (const side of [one, other]) demandRunnable(side, input.review === true, store)
  const inputs = probeInputs(one.claim.interface.canonical, {
    max: input.max ?? inputsDefault,
    ...(input.seed === undefined ? {} : { seed: input.seed }),
    like: [...likeOf(one, store), ...likeOf(other, store)]
  })
  if (parametersOf(one) !== parametersOf(other))
    throw new EngineFailure(
      "wrong-usage",
      `expected two Mappings of the same parameters: ${one.claim.interface.canonical} is not ${other.claim.interface.canonical}`
    )
  if (inputs.length === 0)
    throw new EngineFailure("wrong-usage", `no inputs can be made for ${one.claim.interface.canonical}: a function or an alias is no data`)
  const probed = await disagreement([one.claim, other.claim], inputs, store.ports, { signal: context.signal, every: true })
  return {
    mapping: one.mapping,
    against: other.mapping,
    inputs: probed.inputs,
    decided: probed.decided,
    disagreements: probed.disagreements.map(({ kind, args, leftOutcome, rightOutcome }) => ({
      kind,
      args,
      here: leftOutcome,
      there: rightOutcome
    })),
    skipped: probed.skipped.map(({ position, why }) => ({ mapping: position === 0 ? one.mapping : other.mapping, why }))
  }
}

/** A Digest of a Mapping, or of a Module with one. */
function otherOf(against: string, store: OpenStore): NamedMapping {
  const named = digestNamed(against, [...store.trust.mappings(), ...store.trust.modules()])
  return store.trust.claimOf(named) === null ? resolveMapping({ digest: against }, store.trust) : claimedMapping(named, store.trust)
}

function demandRunnable({ mapping }: NamedMapping, review: boolean, store: OpenStore): void {
  const { state } = servedVerdict(mapping, store.trust)
  const why = refusalOf(state, review)
  if (why !== null) throw new EngineFailure("not-permitted", `Mapping ${mapping} is ${why}`, { mapping, state })
}

function likeOf({ claim }: NamedMapping, store: OpenStore) {
  return examplesOf(claim, store)
    .slice(0, likeMax)
    .flatMap(({ args }) => {
      const read = readArguments(args)
      return read.kind === "arguments" ? [read.values] : []
    })
}

/** The parameters in the canonical text, before the result. */
function parametersOf({
  claim: {
    interface: { canonical }
  }
}: NamedMapping): string {
  const start = canonical.indexOf("[:fn [") + "[:fn ".length
  let depth = 0
  for (let at = start; at < canonical.length; at++) {
    if (canonical[at] === "[") depth++
    else if (canonical[at] === "]" && --depth === 0) return canonical.slice(start, at + 1)
  }
  return canonical
}
