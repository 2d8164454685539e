/** Tries Candidates of a Find on its Examples, behind the wall and with small limits: what a Module does says more than its words. */
import type { Digest } from "../../shared/digest.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Mapping } from "../../shared/module.ts"
import type { Outcome } from "../../shared/run.ts"
import type { VerdictState } from "../../shared/trust.ts"
import type { Value } from "../../shared/value.ts"
import type { KnownInterface } from "./catalogue.ts"
import type { TypeRequest } from "./core/interface.ts"
import { normalise, testOf } from "./core/interface.ts"
import { literalHolds } from "./core/type-literals.ts"
import type { Trial } from "./find-terms.ts"
import type { RunPorts } from "./probing.ts"
import { stopped, trialLimits } from "./probing.ts"
import { returned, runMapping } from "./run-module.ts"
import { whileBelieved } from "./stoppable.ts"
import type { TrustState } from "./trust-state.ts"

/** `skipped`: not run, or not to its end, with the reason in words. */
export type Tried = { readonly kind: "tried"; readonly passed: number } | { readonly kind: "skipped"; readonly why: string }

/** Where the Candidates of one Find are run. */
export interface Where {
  readonly trust: TrustState
  readonly portsFor: (claim: Mapping) => RunPorts
  readonly signal: AbortSignal | undefined
}

/** How the Examples' arguments go into an Interface's parameters: null where neither their order nor another one fits its declared types. */
export function argumentOrder(known: KnownInterface, trials: readonly Trial[], given: readonly number[] | null): readonly number[] | null {
  const { type } = known
  if (type === null) return null
  const plain = trials[0]?.args.map((_, at) => at) ?? []
  if (given !== null) return trials.some(trial => takes(type, trial, given)) ? given : null
  if (
    trials.some(trial =>
      takes(
        type,
        trial,
        trial.args.map((_, at) => at)
      )
    )
  )
    return plain
  for (const order of otherOrders(plain)) if (trials.every(trial => takes(type, trial, order))) return order
  return null
}

/** Most arguments whose order is tried. */
const reorderedMax = 4

function otherOrders(plain: readonly number[]): number[][] {
  if (plain.length < 2 || plain.length > reorderedMax) return []
  return permutations(plain).filter(order => order.some((from, at) => from !== at))
}

function permutations(left: readonly number[]): number[][] {
  if (left.length === 0) return [[]]
  return left.flatMap((first, at) => permutations(left.toSpliced(at, 1)).map(others => [first, ...others]))
}

/** Whether the declared types allow these arguments and this result. */
function takes(request: TypeRequest, trial: Trial, order: readonly number[]): boolean {
  const { params, rest } = request.type
  if (order.length !== trial.args.length || order.length < params.length || (rest === null && order.length > params.length)) return false
  return (
    order.every((from, at) => {
      const parameter = params[at] ?? rest
      return parameter !== null && literalHolds(trial.args[from] as Value, testOf(normalise(parameter)))
    }) && mayBe(trial.expected, request)
  )
}

/** An expected error or function mark is no data that a type speaks of. */
function mayBe(expected: Value, { type: { result } }: TypeRequest): boolean {
  if (
    typeof expected === "object" &&
    expected !== null &&
    "kind" in expected &&
    (expected.kind === "error" || expected.kind === "function")
  )
    return true
  return literalHolds(expected, testOf(normalise(result)))
}

/** Null where the Mapping may run; else why not. Only trusted ones run, Pending ones in review. */
export function refusalOf(verdict: VerdictState, review: boolean): string | null {
  if (verdict === "trusted" || (verdict === "pending" && review)) return null
  return verdict === "pending" ? "pending: it runs in review only" : "untrusted: it never runs"
}

/** Runs one Mapping on each Example. A limit, a call of the host or a Module that cannot start ends its trial. Throws `cancelled`. */
export async function tryOn(
  mapping: Digest,
  claim: Mapping,
  trials: readonly Trial[],
  order: readonly number[],
  where: Where
): Promise<Tried> {
  let passed = 0
  for (const trial of trials) {
    const args = order.length === trial.args.length ? order.map(from => trial.args[from] as Value) : trial.args
    const outcome = await outcomeOf(mapping, claim, { ...trial, args }, where)
    if (typeof outcome === "string") return { kind: "skipped", why: outcome }
    const why = stopped(outcome)
    if (why !== null) return { kind: "skipped", why }
    if (answersAs(outcome, trial)) passed++
  }
  return { kind: "tried", passed }
}

/** An answer of the host that nobody asked for fails the Example, as everywhere. */
function answersAs(outcome: Outcome, trial: Trial): boolean {
  if (!returned(outcome, trial.expected)) return false
  return outcome.kind === "returned" && (outcome.spent.answersUsed ?? 0) === trial.answers.length
}

async function outcomeOf(mapping: Digest, claim: Mapping, trial: Trial, { trust, portsFor, signal }: Where): Promise<Outcome | string> {
  try {
    return await whileBelieved(mapping, trust, signal, stop =>
      runMapping(claim, { args: trial.args, answers: trial.answers, limits: trialLimits(claim), signal: stop }, portsFor(claim))
    )
  } catch (error) {
    if (!(error instanceof EngineFailure) || !["blob-damaged", "not-permitted", "queue-full"].includes(error.code)) throw error
    return error.message
  }
}
