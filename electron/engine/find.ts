/** A person exploring: Mappings ranked by words and meaning, narrowed by TYPE and facets, tried on Examples, and told apart where they are rivals. */
import type { Digest, InterfaceHash } from "../../shared/digest.ts"
import type { AnswerOf, CallContext, ModuleRow, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { VerdictState } from "../../shared/trust.ts"
import type { Catalogue, Entry, KnownInterface, Ranked, RankedEntry } from "./catalogue.ts"
import { catalogueMax, createCatalogue, entryOf, interfaceOfClaim } from "./catalogue.ts"
import type { TypeFit } from "./core/type-match.ts"
import { fitOf } from "./core/type-match.ts"
import { fusedScore, sharedWords } from "./core/word-index.ts"
import { argumentOrder, refusalOf, tryOn } from "./find-examples.ts"
import type { FindState, FindSteps, FindTerms } from "./find-terms.ts"
import { findTermsOf } from "./find-terms.ts"
import type { OpenStore } from "./open-store.ts"
import { probesTogether, runtimeOnce } from "./probing.ts"
import { isPublisher, publisherOf } from "./publisher.ts"
import { rivalsApart } from "./rivals.ts"
import { rowOf } from "./rows.ts"
import { servedVerdict } from "./served-verdict.ts"

/** Candidates run on the Examples: with words the best of them, without words all that fit, within reason. */
const triedMax = { withWords: 200, withoutWords: 2_000 } as const
/** With words: Candidates still run, by rank, once one has answered all Examples. */
const triedAfterFirst = 24
/** Candidates run at once before anything was found; the Sandbox has two workers. */
const firstTogether = 2
/** Wall-clock milliseconds after which no further Candidate is begun. */
const trialMsMax = 10_000
const skippedShownMax = 100
/** What a step away from the TYPE costs beside a cosine of 1. */
const distanceWeight = 0.05
const sliceMs = 8
/** Rows that are handed out together while nothing is run. */
const rowsTogether = 25
/** Rows the index is asked for where the catalogue cannot hold all Mappings. */
const indexRows = 200

/** One Candidate on its way to becoming a row. */
interface Candidate extends RankedEntry {
  readonly fit: Fit
}

/** How a Candidate's Interface takes what is asked; one for all Mappings of an Interface. */
interface Fit {
  /** Null where no TYPE was asked for. */
  readonly type: TypeFit | null
  /** For each parameter the place of the argument that goes there; null where it is the given order or there are no Examples. */
  readonly order: readonly number[] | null
}

export interface Finder {
  find(input: ParsedOf<"find">, context?: CallContext): Promise<AnswerOf<"find">>
  /** Reads the terms at once, and throws `wrong-usage`; nothing else is done until a step is asked for. */
  begin(input: ParsedOf<"find">, signal?: AbortSignal): { readonly state: FindState; readonly steps: FindSteps }
}

/** One catalogue a store, however many verbs ask it. */
const finders = new WeakMap<OpenStore, Finder>()

export function finderOf(store: OpenStore): Finder {
  const known = finders.get(store) ?? createFinder(store)
  finders.set(store, known)
  return known
}

export function find(input: ParsedOf<"find">, store: OpenStore, context: CallContext = {}): Promise<AnswerOf<"find">> {
  return finderOf(store).find(input, context)
}

/** `mappingsMax`: how many Mappings are ranked in memory. */
export function createFinder(store: OpenStore, mappingsMax: number = catalogueMax): Finder {
  const catalogue = createCatalogue(store, mappingsMax)
  const begin: Finder["begin"] = (input, signal) => {
    const terms = findTermsOf(input)
    const state: FindState = { rows: new Map(), order: [], considered: 0, tried: 0, skipped: [], skippedInAll: 0, notes: [] }
    return { state, steps: finding(terms, state, store, catalogue, signal) }
  }
  return {
    begin,
    async find(input, context = {}) {
      const { state, steps } = begin(input, context.signal)
      for await (const _ of steps);
      const { rows, order, considered, tried, skipped, skippedInAll, notes } = state
      return { rows: order.flatMap(mapping => rows.get(mapping) ?? []), considered, tried, skipped, skippedInAll, notes }
    }
  }
}

async function* finding(
  terms: FindTerms,
  state: FindState,
  store: OpenStore,
  catalogue: Catalogue,
  signal: AbortSignal | undefined
): FindSteps {
  const candidates = await candidatesOf(terms, state, store, catalogue)
  if (terms.trials.length === 0) yield* shown(candidates, terms, state, store, signal)
  else yield* tried(candidates, terms, state, store, signal)
  if (terms.probe) yield* rivalsApart(state, terms, store, signal)
}

/** What words, TYPE, Examples' types and cheap facets leave, best first. */
async function candidatesOf(terms: FindTerms, state: FindState, store: OpenStore, catalogue: Catalogue): Promise<Iterable<Candidate>> {
  const fitting = fitsOf(terms)
  const weigh = (entry: Entry): number | null => {
    const fit = hasFacets(entry, terms, store) ? fitting(entry.interface) : null
    return fit === null ? null : distanceWeight * (fit.type?.distance ?? 0)
  }
  const ranked = await rankedBy(terms.words, weigh, state, store, catalogue)
  state.considered = ranked.count
  const candidate = (one: RankedEntry): Candidate => ({ ...one, fit: fitting(one.entry.interface) as Fit })
  return lazily(ranked, candidate)
}

function* lazily(ranked: Ranked, candidate: (one: RankedEntry) => Candidate): Iterable<Candidate> {
  for (const one of ranked.head) yield candidate(one)
  for (const one of ranked.rest()) yield candidate(one)
}

async function rankedBy(
  words: string | null,
  weigh: (entry: Entry) => number | null,
  state: FindState,
  store: OpenStore,
  catalogue: Catalogue
): Promise<Ranked> {
  await catalogue.sync()
  if (words === null) {
    if (catalogue.full) state.notes.push(`only the newest ${catalogue.size} Mappings were looked at: give words to search all`)
    return inOrder(
      catalogue.newest().map(entry => ({ entry, score: 0, similarity: null })),
      weigh
    )
  }
  const vector = await vectorOf(words, state, store)
  if (catalogue.full) return inOrder(await throughIndex(words, vector, state, store), weigh)
  if (catalogue.problem !== null) state.notes.push(`words alone rank the Mappings whose vectors could not be read: ${catalogue.problem}`)
  return catalogue.ranked(words, vector, weigh)
}

/** The given order where they weigh the same. */
function inOrder(entries: readonly RankedEntry[], weigh: (entry: Entry) => number | null): Ranked {
  const kept = entries.flatMap(one => {
    const back = weigh(one.entry)
    return back === null ? [] : [{ ...one, score: one.score - back }]
  })
  return { count: kept.length, head: kept.sort((left, right) => right.score - left.score), rest: () => [] }
}

/** Beyond what the catalogue holds: the index answers its best, and the filters are laid over them. */
async function throughIndex(words: string, vector: Float32Array | null, state: FindState, store: OpenStore): Promise<RankedEntry[]> {
  const near = await store.ports.index.search(words, vector, indexRows)
  if (!store.indexAvailable()) state.notes.push("LanceDB is not in use here: the Mappings were searched one by one")
  state.notes.push(`the best ${near.length} Mappings by words were looked at`)
  return near.flatMap(({ record, similarity }, at) => {
    const held = store.trust.claimOf(record.mapping)
    if (held === null) return []
    const entry = entryOf(record.mapping, held.claim, held.sequence, -1, interfaceOfClaim(held.claim))
    const known = vector === null ? null : similarity
    return [{ entry, similarity: known, score: fusedScore(known, near.length - at, near.length) }]
  })
}

/** Null where the model cannot be used: words alone rank then, and the answer says so. */
async function vectorOf(text: string, state: FindState, store: OpenStore): Promise<Float32Array | null> {
  try {
    return (await store.ports.embedder.embed([text]))[0] ?? null
  } catch (error) {
    if (!(error instanceof EngineFailure) || error.code !== "model-unavailable") throw error
    state.notes.push(`words alone rank, for ${error.message}`)
    return null
  }
}

/** Compared once for each Interface; null where it does not fit. */
function fitsOf(terms: FindTerms): (known: KnownInterface) => Fit | null {
  const known = new Map<InterfaceHash, Fit | null>()
  return one => {
    const before = known.get(one.hash)
    if (before !== undefined) return before
    const fit = fitTo(one, terms)
    known.set(one.hash, fit)
    return fit
  }
}

function fitTo(known: KnownInterface, terms: FindTerms): Fit | null {
  if (known.type === null && (terms.type !== null || terms.trials.length > 0)) return null
  const type = terms.type === null || known.type === null ? null : fitOf(terms.type, known.type)
  if (terms.type !== null && (type === null || (terms.exact && type.distance > 0))) return null
  if (terms.trials.length === 0) return { type, order: null }
  const order = argumentOrder(known, terms.trials, type?.order ?? null)
  if (order === null) return null
  return { type, order: order.some((from, at) => from !== at) ? order : null }
}

/** Facets that the claim answers; the Verdict and the publisher are asked of what is about to be shown. */
function hasFacets(entry: Entry, { facets }: FindTerms, store: OpenStore): boolean {
  const { capabilities } = entry.interface
  if (facets.profile !== undefined && entry.profile !== facets.profile) return false
  if (facets.bytesMax !== undefined && entry.bytes > facets.bytesMax) return false
  if (facets.pure !== undefined && (capabilities.length === 0) !== facets.pure) return false
  if (facets.capabilities?.some(wanted => !capabilities.includes(wanted)) === true) return false
  return facets.used === undefined || hitsOf(entry, store) > 0 === facets.used
}

function hitsOf(entry: Entry, store: OpenStore): number {
  return store.counters.of(entry.mapping)?.hits ?? 0
}

/** Without Examples: rows as they are, until there are enough. */
async function* shown(
  candidates: Iterable<Candidate>,
  terms: FindTerms,
  state: FindState,
  store: OpenStore,
  signal: AbortSignal | undefined
): FindSteps {
  let fresh: ModuleRow[] = []
  let turn = performance.now()
  for (const candidate of candidates) {
    if (state.rows.size === terms.limit) break
    if (performance.now() - turn > sliceMs) {
      await pause(signal)
      yield []
      turn = performance.now()
    }
    if (verdictIfWanted(candidate.entry, terms, store) === null) continue
    fresh.push(put(rowFor(candidate, terms, null, store), state))
    if (fresh.length < rowsTogether) continue
    yield fresh
    fresh = []
  }
  if (fresh.length > 0) yield fresh
}

/** Cached, but asked anew where only bytes spoke against it; null where a facet excludes the Mapping. */
function verdictIfWanted(entry: Entry, { facets }: FindTerms, store: OpenStore): VerdictState | null {
  if (facets.publisher !== undefined && !isPublisher(facets.publisher, entry.mapping, store.trust)) return null
  const { state } = servedVerdict(entry.mapping, store.trust)
  return facets.verdict === undefined || facets.verdict === state ? state : null
}

/** With Examples: a few Candidates at once, in the order of their rank; those that answer at least one of them are kept. */
async function* tried(
  candidates: Iterable<Candidate>,
  terms: FindTerms,
  state: FindState,
  store: OpenStore,
  signal: AbortSignal | undefined
): FindSteps {
  const endMs = performance.now() + trialMsMax
  const where = { trust: store.trust, portsFor: runtimeOnce(store.ports), signal }
  const passes = new Map<Digest, { readonly candidate: Candidate; readonly passed: number }>()
  const answering = () => [...passes.values()].filter(({ passed }) => passed === terms.trials.length).length
  const isEnough = () => answering() >= terms.limit
  let firstAt: number | null = null
  let turn = performance.now()
  const runnable = runnableOf(candidates, terms, state, store)
  // The first few by themselves: the best ranked is often the one, and somebody waits for it.
  for (let wave = take(runnable, firstTogether); wave.length > 0; wave = take(runnable, probesTogether)) {
    const answers = await Promise.all(
      wave.map(({ entry, fit }) => {
        const held = store.trust.claimOf(entry.mapping)
        if (held === null) return { kind: "skipped" as const, why: "its claim is gone" }
        return tryOn(entry.mapping, held.claim, terms.trials, fit.order ?? [], where)
      })
    )
    const fresh: ModuleRow[] = []
    for (const [at, answer] of answers.entries()) {
      const candidate = wave[at] as Candidate
      if (answer.kind === "skipped") skip(candidate.entry, answer.why, state)
      else state.tried++
      if (answer.kind === "skipped" || answer.passed === 0) continue
      passes.set(candidate.entry.mapping, { candidate, passed: answer.passed })
      fresh.push(put(rowFor(candidate, terms, answer.passed, store), state))
    }
    keepBest(passes, terms.limit, state)
    // Also where nothing was found: whoever asks may stop here.
    yield fresh.filter(row => state.rows.has(row.mapping))
    if (isEnough()) break
    const seen = state.tried + state.skippedInAll
    if (firstAt === null && answering() > 0) firstAt = seen
    const why = whyStop(seen, firstAt, terms, endMs)
    if (why !== null) {
      if (seen < state.considered) state.notes.push(`the Examples were no longer tried ${why}`)
      break
    }
    if (performance.now() - turn <= sliceMs) continue
    await pause(signal)
    turn = performance.now()
  }
}

/** Null while there is reason to go on. `firstAt`: Candidates seen when the first had answered all Examples. */
function whyStop(seen: number, firstAt: number | null, { words }: FindTerms, endMs: number): string | null {
  const most = words === null ? triedMax.withoutWords : triedMax.withWords
  if (performance.now() > endMs) return `after ${trialMsMax / 1_000} s`
  if (seen >= most) return `after ${most} Candidates`
  const isPast = words !== null && firstAt !== null && seen >= firstAt + triedAfterFirst
  return isPast ? `beyond ${triedAfterFirst} Candidates behind the first that answers all` : null
}

/** In rank order, what may run; the rest is skipped with its reason as it is come to. */
function* runnableOf(candidates: Iterable<Candidate>, terms: FindTerms, state: FindState, store: OpenStore): Generator<Candidate> {
  for (const candidate of candidates) {
    const verdict = verdictIfWanted(candidate.entry, terms, store)
    if (verdict === null) continue
    const refusal = refusalOf(verdict, terms.review)
    if (refusal === null) yield candidate
    else skip(candidate.entry, refusal, state)
  }
}

function take<T>(from: Iterator<T>, count: number): T[] {
  const taken: T[] = []
  while (taken.length < count) {
    const next = from.next()
    if (next.done === true) break
    taken.push(next.value)
  }
  return taken
}

function skip({ module, mapping, task }: Entry, why: string, state: FindState): void {
  state.skippedInAll++
  if (state.skipped.length < skippedShownMax) state.skipped.push({ digest: module, mapping, task, why })
}

/** Most Examples first, then rank; what falls behind the limit is dropped. */
function keepBest(
  passes: ReadonlyMap<Digest, { readonly candidate: Candidate; readonly passed: number }>,
  limit: number,
  state: FindState
): void {
  const ordered = [...passes.values()].sort(
    (left, right) =>
      right.passed - left.passed ||
      right.candidate.score - left.candidate.score ||
      right.candidate.entry.sequence - left.candidate.entry.sequence
  )
  const kept = ordered.slice(0, limit).map(({ candidate }) => candidate.entry.mapping)
  for (const mapping of state.rows.keys()) if (!kept.includes(mapping)) state.rows.delete(mapping)
  state.order = kept
}

function put(row: ModuleRow, state: FindState): ModuleRow {
  state.rows.set(row.mapping, row)
  state.order = [...state.order, row.mapping]
  return row
}

/** `passed`: Examples it answers; null where none were asked. */
function rowFor({ entry, similarity, fit }: Candidate, terms: FindTerms, passed: number | null, store: OpenStore): ModuleRow {
  const publisher = publisherOf(entry.mapping, store.trust)
  return {
    ...rowOf(entry.mapping, store),
    ...(similarity === null ? {} : { similarity }),
    ...(fit.type === null ? {} : { typeDistance: fit.type.distance }),
    ...orderOf(fit),
    ...(passed === null ? {} : { examplesPassed: { passed, of: terms.trials.length } }),
    ...(publisher === null ? {} : { publisher: publisher.owner ?? publisher.keyId }),
    capabilities: [...entry.interface.capabilities],
    profile: entry.profile,
    why: reasonsOf(entry, similarity, fit, passed, terms)
  }
}

function orderOf(fit: Fit): { order?: number[] } {
  const order = fit.order ?? fit.type?.order ?? null
  return order === null ? {} : { order: [...order] }
}

function reasonsOf(entry: Entry, similarity: number | null, fit: Fit, passed: number | null, terms: FindTerms): string[] {
  const shared = terms.words === null ? [] : sharedWords(entry.task, terms.words)
  const moved = fit.type?.order ?? null
  return [
    ...(shared.length === 0 ? [] : [`shares the words ${shared.join(", ")}`]),
    ...(similarity === null ? [] : [`similarity ${similarity.toFixed(2)}`]),
    ...(fit.type === null ? [] : [typeReason(fit.type)]),
    ...(fit.order === null || moved !== null ? [] : [`takes the Examples' arguments in the order ${places(fit.order)}`]),
    ...(passed === null ? [] : [`answers ${passed} of ${terms.trials.length} Examples`])
  ]
}

function places(order: readonly number[]): string {
  return order.map(from => from + 1).join(", ")
}

function typeReason({ distance, order, notes }: TypeFit): string {
  if (distance === 0) return "its Interface fits"
  const moved = order === null ? [] : [`give it the asked ones in the order ${places(order)}`]
  return `its Interface fits at distance ${distance}: ${[...notes, ...moved].join("; ")}`
}

async function pause(signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted === true) throw new EngineFailure("cancelled", "the caller cancelled")
  await new Promise(resolve => setTimeout(resolve, 0))
}
