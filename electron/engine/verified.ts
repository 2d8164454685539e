/** The tier below the threshold: a Candidate is served on what it does, if the store knows how often that was wrong. */
import type { Digest } from "../../shared/digest.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Allowed } from "../../shared/lookup.ts"
import type { Example, Mapping } from "../../shared/module.ts"
import { exampleSchema, sizeLimits } from "../../shared/module.ts"
import type { Value } from "../../shared/value.ts"
import type { Calibration } from "./calibration.ts"
import type { Allowance } from "./core/calibration.ts"
import { supportMin } from "./core/calibration.ts"
import type { Domain } from "./core/domain.ts"
import { domainOf } from "./core/domain.ts"
import { sameResult } from "./core/literal.ts"
import { printValue } from "./core/print.ts"
import { probeInputs } from "./core/probes.ts"
import { bitsOf, supportOf } from "./core/support.ts"
import { utf8Decode } from "./core/utf8.ts"
import { coverOf, tellingWords } from "./core/words.ts"
import type { Ports } from "./ports.ts"
import { disagreement, probeLimits, probesTogether, stopped, together } from "./probing.ts"
import { parseArguments, parseResult, returned, runMapping } from "./run-module.ts"

/** An Example of the caller, parsed once. */
export interface AskedExample {
  readonly example: Example
  readonly args: readonly Value[]
  readonly expected: Value
}

/** A Mapping of the Interface asked for. */
export interface Contender {
  readonly mapping: Digest
  readonly claim: Mapping
  readonly similarity: number
  /** Null where it is trusted and may run, else why not: asked only of those that are tried, for a Verdict costs. */
  admit(): string | null
}

export interface Contest {
  readonly text: string
  /** At least one. */
  readonly examples: readonly AskedExample[]
  /** What is to be run, where the caller says so. */
  readonly args: readonly Value[] | null
  readonly contenders: readonly Contender[]
  readonly falseHitMax: number
  readonly signal?: AbortSignal | undefined
}

export interface Judgement {
  /** Null: may be served, or would be. */
  readonly refused: string | null
  readonly support: number | null
}

export type VerifiedAnswer = {
  readonly judgements: ReadonlyMap<Digest, Judgement>
} & (
  | { readonly kind: "served"; readonly mapping: Digest; readonly allowed: Allowed; readonly why: string }
  | { readonly kind: "closed"; readonly mapping: Digest; readonly support: number; readonly why: string }
  | { readonly kind: "ambiguous"; readonly why: string }
  | { readonly kind: "none"; readonly why: string }
)

/** Milliseconds for a contest after its first Runs, which may have to start the Runner; who was not tried by then is refused. */
const contestMs = 3_000
/** Examples of the caller that are run on each; the first ones. */
const examplesRunMax = 16
/** Examples of a Mapping that show its domain. */
const domainExamplesMax = 64
/** A rival this close behind in support must agree on every input tried. */
const rivalMargin = 0.1
const rivalsMax = 4
const probes = { seed: 1, max: 24 }

interface Supported extends Contender {
  readonly support: number
}

export async function verified(contest: Contest, calibration: Calibration, ports: Ports): Promise<VerifiedAnswer> {
  const judgements = new Map<Digest, Judgement>()
  const ranked = await trial(supported(contest, calibration), contest, judgements, ports)
  const [best] = ranked
  if (best === undefined) return { kind: "none", why: noneOf(contest.contenders.length, judgements), judgements }
  for (const one of ranked) judgements.set(one.mapping, { refused: one === best ? null : behind(one, best), support: one.support })
  const quarrel = await rivalry(best, ranked, contest, ports)
  if (quarrel !== null) {
    judgements.set(best.mapping, { refused: quarrel, support: best.support })
    return { kind: "ambiguous", why: quarrel, judgements }
  }
  const passed = Math.min(contest.examples.length, examplesRunMax)
  const allowance = await calibration.allowance(passed, contest.falseHitMax)
  if (allowance.open && allowance.from !== null && best.support >= allowance.from - 1e-9) {
    const allowed = allowedBy(allowance, allowance.from, best, passed, contest.falseHitMax)
    return { kind: "served", mapping: best.mapping, allowed, why: servedWords(allowed), judgements }
  }
  const why = closedWords(allowance, best, contest.falseHitMax)
  judgements.set(best.mapping, { refused: why, support: best.support })
  if (best.support < supportMin) return { kind: "none", why, judgements }
  return { kind: "closed", mapping: best.mapping, support: best.support, why, judgements }
}

const untried = "not tried: the time for one Lookup was over"

/**
 * Those that pass, best first; why not is noted of the others. All are asked with the same Examples, so that words alone order them: once one
 * passed, whoever is too far behind to be its rival need not be tried.
 */
async function trial(
  ordered: readonly Supported[],
  contest: Contest,
  judgements: Map<Digest, Judgement>,
  ports: Ports
): Promise<Supported[]> {
  const passed: Supported[] = []
  let endUs = Number.POSITIVE_INFINITY
  for (let at = 0; at < ordered.length; at += probesTogether) {
    const faults = await together(ordered.slice(at, at + probesTogether), async one => {
      const [best] = passed
      if (best !== undefined && one.support < best.support - rivalMargin)
        return `not tried: its words say too little beside ${best.mapping.slice(0, 19)}`
      return ports.clock.monotonicUs() > endUs ? untried : (one.admit() ?? faultOf(one, contest, ports))
    })
    for (const [index, why] of faults.entries()) {
      const one = ordered[at + index] as Supported
      judgements.set(one.mapping, { refused: why, support: why === null ? one.support : null })
      if (why === null) passed.push(one)
    }
    endUs = Math.min(endUs, ports.clock.monotonicUs() + contestMs * 1_000)
  }
  return passed
}

async function faultOf({ claim }: Contender, contest: Contest, ports: Ports): Promise<string | null> {
  const shown = shownExamples(claim, ports)
  if (typeof shown === "string") return shown
  const contradicted = contest.examples.find(asked =>
    shown.examples.some(own => sameResult([...own.args], [...asked.args]) && !sameResult(own.expected, asked.expected))
  )
  if (contradicted !== undefined) return `its own Example gives another result for ${short(contradicted.example.args)}`
  for (const args of [...contest.examples.map(one => one.args), ...(contest.args === null ? [] : [contest.args])]) {
    const outside = shown.domain.outside(args)
    if (outside !== null) return `outside the domain its Examples show: ${outside}`
  }
  return failedExample(claim, contest.examples, ports, contest.signal)
}

/** Null where every Example passes; a Module that meets a limit or calls the host is left where it stands. */
export async function failedExample(
  claim: Mapping,
  examples: readonly AskedExample[],
  ports: Pick<Ports, "blobs" | "sandbox">,
  signal: AbortSignal | undefined
): Promise<string | null> {
  for (const [at, { example, args, expected }] of examples.slice(0, examplesRunMax).entries()) {
    try {
      const outcome = await runMapping(claim, { args, answers: example.answers, limits: probeLimits, signal }, ports)
      if (returned(outcome, expected)) continue
      const halted = stopped(outcome)
      if (halted !== null) return `skipped on Example ${at + 1}: ${halted}`
      const found = outcome.kind === "returned" ? short(outcome.value) : outcome.kind === "failed" ? outcome.category : outcome.kind
      return `fails Example ${at + 1}: ${short(example.args)} gives ${found}, not ${short(example.result)}`
    } catch (error) {
      if (!(error instanceof EngineFailure) || error.code !== "blob-damaged") throw error
      return error.message
    }
  }
  return null
}

interface Shown {
  readonly examples: readonly { readonly args: readonly Value[]; readonly expected: Value }[]
  readonly domain: Domain
}

/** In words what is wrong with them, where nothing can be read of them. */
function shownExamples(claim: Mapping, ports: Pick<Ports, "blobs">): Shown | string {
  try {
    const bytes = ports.blobs.get(claim.examples.digest)
    if (bytes === null || bytes.length > sizeLimits.examplesBytesMax) return "its Examples are missing, so nothing shows its domain"
    const read = exampleSchema.array().parse(JSON.parse(utf8Decode(bytes) ?? "null"))
    if (read.length === 0) return "it has no Examples, so nothing shows its domain"
    const examples = read.slice(0, domainExamplesMax).map(one => ({ args: parseArguments(one.args), expected: parseResult(one.result) }))
    return { examples, domain: domainOf(examples.map(one => one.args)) }
  } catch (error) {
    return `its Examples cannot be read: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** What each has if it passes, best first. */
function supported(contest: Contest, { weights }: Calibration): Supported[] {
  const asked = tellingWords(contest.text)
  const bits = contest.examples.slice(0, examplesRunMax).reduce((sum, { args, expected }) => sum + bitsOf(args, expected), 0)
  return contest.contenders
    .map(one => {
      const cover = coverOf(asked, tellingWords(one.claim.task.text), weights)
      return { ...one, support: supportOf({ similarity: one.similarity, cover, bits }) }
    })
    .sort((left, right) => right.support - left.support)
}

/** In words where a close rival answers otherwise; null where none does. Copies and predecessors are no rivals. */
async function rivalry(best: Supported, ranked: readonly Supported[], contest: Contest, ports: Ports): Promise<string | null> {
  const rivals = ranked
    .filter(
      one =>
        one !== best &&
        one.support >= best.support - rivalMargin &&
        one.claim.module.digest !== best.claim.module.digest &&
        !(best.claim.supersedes ?? []).includes(one.mapping)
    )
    .slice(0, rivalsMax)
  if (rivals.length === 0) return null
  const inputs = probeInputs(best.claim.interface.canonical, { ...probes, like: contest.examples.map(one => one.args) })
  for (const rival of rivals) {
    const { disagreements } = await disagreement([best.claim, rival.claim], inputs, ports, { signal: contest.signal, first: true })
    const parting = disagreements.find(({ kind }) => kind === "values") ?? disagreements[0]
    if (parting !== undefined)
      return `a rival as likely answers otherwise: ${rival.mapping.slice(0, 19)} (${short(rival.claim.task.text)}) differs on ${short(parting.args)}`
  }
  return null
}

function behind(one: Supported, best: Supported): string {
  return `passes too, with less support (${one.support.toFixed(2)}, and ${best.support.toFixed(2)} for ${best.mapping.slice(0, 19)})`
}

function allowedBy(allowance: Allowance, from: number, best: Supported, examples: number, falseHitMax: number): Allowed {
  return { support: best.support, from, examples, n: allowance.n, wrong: allowance.wrong, upper: allowance.upper, falseHitMax }
}

function servedWords({ support, from, examples, n, wrong, upper, falseHitMax }: Allowed): string {
  return (
    `passes ${examples === 1 ? "the caller's Example" : `the caller's ${examples} Examples`}, support ${support.toFixed(2)}; from ${from.toFixed(2)} on ` +
    `${wrong} of ${n} judged answers were wrong: at most ${percent(upper)} (95 %), and ${percent(falseHitMax)} is allowed`
  )
}

function closedWords({ open, from, n, wrong, upper }: Allowance, best: Supported, falseHitMax: number): string {
  const support = `support ${best.support.toFixed(2)}`
  if (open && from !== null)
    return `passes the caller's Examples, but ${support} is below ${from.toFixed(2)}, from where on at most ${percent(falseHitMax)} are wrong`
  return (
    `passes the caller's Examples (${support}), but the tier is closed: ${wrong} of ${n} judged answers were wrong, so that the rate may be ` +
    `${percent(upper)} (95 %), and ${percent(falseHitMax)} is allowed`
  )
}

function noneOf(contenders: number, judgements: ReadonlyMap<Digest, Judgement>): string {
  const late = [...judgements.values()].filter(({ refused }) => refused === untried).length
  if (late > 0) return `${late} of ${contenders} Mappings of this Interface were not tried for lack of time, and none of the others passes`
  return `none of ${contenders} Mappings of this Interface is trusted and passes the caller's Examples within its domain`
}

function percent(rate: number): string {
  return `${(100 * rate).toPrecision(2)} %`
}

function short(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`
}

/** The caller's Examples parsed; throws `wrong-usage` where one is malformed or two contradict each other. */
export function askedExamples(examples: readonly Example[]): AskedExample[] {
  const results = new Map<string, { readonly expected: Value; readonly position: number }>()
  return examples.map((example, index) => {
    const position = index + 1
    const parse = <T>(what: () => T): T => {
      try {
        return what()
      } catch (error) {
        if (!(error instanceof EngineFailure)) throw error
        throw new EngineFailure("wrong-usage", `Example ${position}: ${error.message}`, { position })
      }
    }
    const args = parse(() => parseArguments(example.args))
    const expected = parse(() => parseResult(example.result))
    const key = printValue(args)
    const before = results.get(key)
    if (before !== undefined && example.answers === undefined && !sameResult(before.expected, expected))
      throw new EngineFailure(
        "wrong-usage",
        `Examples ${before.position} and ${position} contradict each other: ${short(example.args)} cannot give both ${short(printValue(before.expected))} and ${short(printValue(expected))}`,
        { position }
      )
    results.set(key, { expected, position })
    return { example, args, expected }
  })
}
