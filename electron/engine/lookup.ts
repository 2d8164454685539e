/** How a Request becomes a Hit, or a Miss with its reason: exact words, then nearness, then what a Candidate does; evidence decides, never an index row. */
import type { AnswerOf, CallContext, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Allowed, Candidate, MissReason, Steps, Task, Tier, TierWord } from "../../shared/lookup.ts"
import type { Mapping, ModuleRecord } from "../../shared/module.ts"
import type { Outcome } from "../../shared/run.ts"
import type { VerdictState } from "../../shared/trust.ts"
import type { Value } from "../../shared/value.ts"
import { hitName } from "./calibration.ts"
import { contrastOf } from "./core/contrast.ts"
import { digestOf } from "./core/digest.ts"
import { bytesOfFloats } from "./core/published.ts"
import { cosine, inOrder, isNear, similarityMinDefault } from "./core/ranking.ts"
import { requestDigest, taskOf } from "./core/task.ts"
import { categoryOf, runEntry } from "./log-entry.ts"
import type { OpenStore } from "./open-store.ts"
import type { HitLogEntry } from "./ports.ts"
import { parseArguments, runLoaded } from "./run-module.ts"
import { servedVerdict } from "./served-verdict.ts"
import { whileBelieved } from "./stoppable.ts"
import type { AskedExample, VerifiedAnswer } from "./verified.ts"
import { askedExamples, failedExample, verified } from "./verified.ts"

/** Neighbours looked at for one Lookup, best first. */
const neighboursMax = 16
/** Nearest Mappings that a Miss names where the caller gave no Examples to try them on. */
const namedMax = 5
/** Mappings in the store beyond which that is left out: it may take every vector of the Interface, and a Miss shall stay quick. */
const namedAmongMax = 20_000
/** Share of wrong Hits that the verified tier may have where the caller does not say. */
const falseHitDefault = 0.01

/** A Candidate with what the evidence says of it. `dropped` says why it is not served. */
interface Weighed {
  readonly record: ModuleRecord
  readonly claim: Mapping | null
  readonly similarity: number
  readonly tier: Tier
  verdict: VerdictState | null
  realm: string
  dropped: string | null
  /** What was dropped lacks evidence, and not likeness. */
  distrusted: boolean
  damaged: boolean
  support: number | null
}

/** Microseconds so far, and what was looked at. */
interface Search {
  readonly task: Task
  readonly examples: readonly AskedExample[]
  readonly args: readonly Value[] | null
  readonly falseHitMax: number
  readonly signal: AbortSignal | undefined
  readonly similarityMin: number
  readonly startUs: number
  readonly weighed: Weighed[]
  embedUs: number
  searchUs: number
  verdictUs: number
  fetchUs: number
  /** Greatest similarity any Mapping of the Interface had; null where none was compared. */
  best: number | null
  known: boolean
  /** Why similarity was not asked, where it was not. */
  withoutModel: string | null
  readonly explained: TierWord[]
  verified: VerifiedAnswer | null
}

interface Served {
  readonly allowed?: Allowed
  readonly weighed: Weighed
  readonly claim: Mapping
  readonly bytes: Uint8Array
}

export async function lookup(input: ParsedOf<"lookup">, store: OpenStore, context: CallContext = {}): Promise<AnswerOf<"lookup">> {
  const args = input.args === undefined ? null : parseArguments(input.args)
  const search = begin(taskFor(input), args, input, store, context)
  let served: Served | null
  try {
    served = (await exactly(search, store)) ?? (await byNearness(search, store))
  } catch (error) {
    if (!(error instanceof EngineFailure) || error.code !== "index-unavailable") throw error
    return miss("index-rebuilding", error.message, input, search, store)
  }
  return served === null ? miss(...reasonOf(search), input, search, store) : hit(served, args, input, search, store, context)
}

function taskFor(input: ParsedOf<"lookup">): Task {
  const made = taskOf(input.request)
  if (made.kind === "malformed") throw new EngineFailure("wrong-usage", `the request is no Task: ${made.message}`)
  return made.task
}

function begin(task: Task, args: readonly Value[] | null, input: ParsedOf<"lookup">, store: OpenStore, { signal }: CallContext): Search {
  return {
    task,
    examples: askedExamples(task.examples),
    args,
    falseHitMax: input.falseHitMax ?? falseHitDefault,
    signal,
    similarityMin: input.similarityMin ?? similarityMinDefault,
    startUs: store.ports.clock.monotonicUs(),
    weighed: [],
    embedUs: 0,
    searchUs: 0,
    verdictUs: 0,
    fetchUs: 0,
    best: null,
    known: false,
    withoutModel: null,
    explained: [],
    verified: null
  }
}

/** Equal words and Interface: similarity is 1 by definition, and nothing is embedded. */
async function exactly(search: Search, store: OpenStore): Promise<Served | null> {
  const { hash } = search.task.interface
  const records = await timed(search, "searchUs", store, () => store.ports.index.byText(hash, search.task.text))
  if (records.length > 0) search.known = true
  const weighed = records.map(record => weigh(record, 1, "exact-text", search, store))
  const served = await pick(weighed, search, store)
  return explain("exact-text", served, weighed, "no Mapping of this Interface has exactly these words", "the words are equal", search)
}

async function byNearness(search: Search, store: OpenStore): Promise<Served | null> {
  const vector = await vectorOf(search, store)
  if (vector === null) return null
  return (await nearby(vector, search, store)) ?? (await byDoing(vector, search, store))
}

async function nearby(vector: Float32Array, search: Search, store: OpenStore): Promise<Served | null> {
  const { hash } = search.task.interface
  const near = await timed(search, "searchUs", store, () => store.ports.index.nearest(hash, vector, search.similarityMin, neighboursMax))
  search.best = near.best
  search.known ||= near.known
  const weighed = unseen(near.neighbours, search).map(({ record }) => weigh(record, similarityOf(record, vector), "similar", search, store))
  const served = await pick(weighed, search, store)
  const nearest = search.best === null ? "nothing could be compared" : `the nearest has similarity ${search.best.toFixed(4)}`
  const none = near.neighbours.length > 0 ? "what is near has exactly these words" : `${nearest}, and ${search.similarityMin} is asked`
  return explain(
    "similar",
    served,
    weighed,
    none,
    `similarity ${served?.weighed.similarity.toFixed(4)}, and ${search.similarityMin} is asked`,
    search
  )
}

/** Below the threshold: who does what the caller's Examples show, where the store knows how often that was wrong. */
async function byDoing(vector: Float32Array, search: Search, store: OpenStore): Promise<Served | null> {
  if (!search.known) return null
  const withoutExamples = search.examples.length === 0
  if (withoutExamples) search.explained.push({ tier: "verified", outcome: "refused", why: "the caller gave no Examples" })
  if (withoutExamples && (await store.ports.index.page(0, 1)).total > namedAmongMax) return null
  const { hash } = search.task.interface
  const most = withoutExamples ? namedMax : neighboursMax
  const near = await timed(search, "searchUs", store, () => store.ports.index.nearest(hash, vector, 0, most))
  const fresh = unseen(near.neighbours, search).map(({ record }) =>
    considered(record, similarityOf(record, vector), "verified", search, store)
  )
  if (withoutExamples) {
    for (const one of fresh)
      one.dropped = `similarity ${one.similarity.toFixed(4)} is below ${search.similarityMin}, and there is no Example to try it on`
    return null
  }
  const claimed = fresh.filter(one => one.claim !== null)
  const { task, examples, args, falseHitMax, signal } = search
  const contenders = claimed.map(one => ({
    mapping: one.record.mapping,
    claim: one.claim as Mapping,
    similarity: one.similarity,
    admit: () => judge(one, search, store).dropped
  }))
  const contest = { text: task.text, examples, args, falseHitMax, signal, contenders }
  const answer = await timed(search, "verdictUs", store, () => verified(contest, store.calibration, store.ports))
  search.verified = answer
  for (const one of fresh) {
    const judgement = answer.judgements.get(one.record.mapping)
    one.support = judgement?.support ?? null
    one.dropped = judgement === undefined ? "the index names a Mapping that the ledger does not hold" : judgement.refused
  }
  const chosen = answer.kind === "served" ? claimed.find(one => one.record.mapping === answer.mapping) : undefined
  const bytes = chosen === undefined ? null : fetch(chosen, search, store)
  const found = answer.kind === "served" ? "served" : answer.kind === "closed" ? "closed" : "refused"
  search.explained.push({ tier: "verified", outcome: found, why: answer.why })
  if (answer.kind !== "served" || chosen === undefined || bytes === null) return null
  return { weighed: chosen, claim: chosen.claim as Mapping, bytes, allowed: answer.allowed }
}

function unseen<T extends { readonly record: ModuleRecord }>(neighbours: readonly T[], search: Search): T[] {
  const seen = new Set(search.weighed.map(one => one.record.mapping))
  return neighbours.filter(({ record }) => !seen.has(record.mapping))
}

function explain(tier: Tier, served: Served | null, weighed: readonly Weighed[], none: string, why: string, search: Search): Served | null {
  const [first] = weighed
  const refused = first === undefined ? none : `${weighed.length > 1 ? `the best of ${weighed.length}: ` : ""}${first.dropped}`
  search.explained.push(served === null ? { tier, outcome: "refused", why: refused } : { tier, outcome: "served", why })
  return served
}

/** Null where the model cannot be used: equal words were compared all the same, and the Miss says so. */
async function vectorOf(search: Search, store: OpenStore): Promise<Float32Array | null> {
  try {
    const [vector] = await timed(search, "embedUs", store, () => store.ports.embedder.embed([search.task.text]))
    return vector ?? null
  } catch (error) {
    if (!(error instanceof EngineFailure) || error.code !== "model-unavailable") throw error
    search.withoutModel = error.message
    return null
  }
}

function similarityOf(record: ModuleRecord, vector: Float32Array): number {
  return record.embedding?.length === vector.length ? cosine(record.embedding, vector) : -1
}

function weigh(record: ModuleRecord, similarity: number, tier: Tier, search: Search, store: OpenStore): Weighed {
  const startUs = store.ports.clock.monotonicUs()
  const one = judge(considered(record, similarity, tier, search, store), search, store)
  if (one.dropped === null && tier === "similar") {
    const contrast = contrastOf(one.claim?.task.text ?? "", search.task.text)
    if (contrast !== null) one.dropped = `near, but not the same: ${contrast}`
  }
  search.verdictUs += store.ports.clock.monotonicUs() - startUs
  return one
}

/** With its claim, and without a Verdict yet. */
function considered(record: ModuleRecord, similarity: number, tier: Tier, search: Search, store: OpenStore): Weighed {
  const claim = store.trust.claimOf(record.mapping)?.claim ?? null
  const one: Weighed = {
    record,
    claim,
    similarity,
    tier,
    verdict: null,
    realm: "",
    dropped: null,
    distrusted: false,
    damaged: false,
    support: null
  }
  search.weighed.push(one)
  return one
}

/** A row is a hint. What it says must be what the signed claim says, and its vector one that an Attestation names. */
function judge(one: Weighed, search: Search, store: OpenStore): Weighed {
  const { record, claim, similarity, tier } = one
  const verdict = claim === null ? null : servedVerdict(record.mapping, store.trust)
  one.verdict = verdict?.state ?? null
  one.realm = `${verdict?.root?.id ?? ""} ${claim?.namespace ?? ""}`
  one.dropped = faultOf(record, claim, similarity, tier, search, store)
  one.distrusted = one.dropped !== null
  if (one.dropped === null && verdict !== null && verdict.state !== "trusted") {
    const open = verdict.rules.filter(rule => rule.outcome === (verdict.state === "pending" ? "missing" : "fail"))
    one.distrusted = true
    one.dropped = `${verdict.state}: ${open.map(rule => `${rule.rule} (${rule.why})`).join(", ")}`
    // A broken Blob is found by the Verdict first where none was cached; that alone is damage, not distrust.
    one.damaged = open.length > 0 && open.every(rule => rule.rule === "blob-intact") && store.ports.blobs.has(record.module)
  }
  return one
}

function faultOf(
  record: ModuleRecord,
  claim: Mapping | null,
  similarity: number,
  tier: Tier,
  search: Search,
  store: OpenStore
): string | null {
  if (claim === null) return "the index names a Mapping that the ledger does not hold"
  if (claim.interface.hash !== search.task.interface.hash || claim.module.digest !== record.module)
    return "the index differs from the signed claim"
  if (tier === "exact-text") return claim.task.text === search.task.text ? null : "the index differs from the signed claim"
  if (tier === "similar" && !isNear(similarity, search.similarityMin)) return "the index called it nearer than its vector is"
  const { model } = store.ports.embedder
  const vector = record.embedding === null ? null : digestOf(bytesOfFloats(record.embedding))
  return vector !== null && store.trust.vectorsOf(record.mapping, model).includes(vector) ? null : "no counted Attestation names its vector"
}

/** The first in rank that is trusted, does what the caller's Examples show, and whose Blob is whole. */
async function pick(weighed: readonly Weighed[], search: Search, store: OpenStore): Promise<Served | null> {
  const ranked = inOrder(
    weighed.map(one => ({
      mapping: one.record.mapping,
      similarity: one.similarity,
      ledgerSequence: one.record.ledgerSequence,
      trusted: one.verdict === "trusted",
      supersedes: one.claim?.supersedes ?? [],
      realm: one.realm,
      one
    }))
  )
  for (const { one } of ranked) {
    if (one.dropped === null && one.claim !== null && search.examples.length > 0)
      one.dropped = await timed(search, "verdictUs", store, () =>
        failedExample(one.claim as Mapping, search.examples, store.ports, search.signal)
      )
    const bytes = one.dropped === null ? fetch(one, search, store) : null
    if (bytes !== null && one.claim !== null) return { weighed: one, claim: one.claim, bytes }
  }
  return null
}

/** Re-hashed by the BlobStore at every load. */
function fetch(one: Weighed, search: Search, store: OpenStore): Uint8Array | null {
  const startUs = store.ports.clock.monotonicUs()
  try {
    const bytes = store.ports.blobs.get(one.record.module)
    if (bytes === null) one.dropped = "its Blob is missing"
    return bytes
  } catch (error) {
    if (!(error instanceof EngineFailure)) throw error
    one.dropped = error.message
    return null
  } finally {
    one.damaged = one.dropped !== null
    one.distrusted ||= one.damaged
    search.fetchUs += store.ports.clock.monotonicUs() - startUs
  }
}

async function hit(
  served: Served,
  args: readonly Value[] | null,
  input: ParsedOf<"lookup">,
  search: Search,
  store: OpenStore,
  context: CallContext
): Promise<AnswerOf<"lookup">> {
  const { weighed, claim, allowed } = served
  const beforeLogUs = store.ports.clock.monotonicUs()
  let hitNumber: number
  try {
    hitNumber = store.log({
      ...entryOf(input, search, store),
      kind: "hit",
      module: weighed.record.module,
      mapping: weighed.record.mapping,
      ledgerSequence: weighed.record.ledgerSequence,
      tier: weighed.tier,
      verdict: "trusted",
      similarity: weighed.similarity,
      examplesPassed: search.examples.length,
      ...(allowed === undefined ? {} : { support: allowed.support })
    })
  } catch (error) {
    return unlogged(error, search, store)
  }
  const answer = {
    kind: "hit" as const,
    digest: weighed.record.module,
    mapping: weighed.record.mapping,
    entry: claim.entry,
    similarity: weighed.similarity,
    tier: weighed.tier,
    verdict: "trusted" as const,
    hitNumber,
    hit: hitName(store.ports.hitLog.id ?? "", hitNumber),
    explained: search.explained,
    ...(allowed === undefined ? {} : { allowed }),
    steps: stepsOf(search, store.ports.clock.monotonicUs() - beforeLogUs, store)
  }
  if (args === null) return answer
  return { ...answer, outcome: await run(served, args, hitNumber, input, search, store, context) }
}

async function run(
  { weighed, claim, bytes }: Served,
  args: readonly Value[],
  hitNumber: number,
  input: ParsedOf<"lookup">,
  search: Search,
  store: OpenStore,
  context: CallContext
): Promise<Outcome> {
  const startUs = store.ports.clock.monotonicUs()
  const outcome = await whileBelieved(weighed.record.mapping, store.trust, context.signal, signal =>
    runLoaded(claim, bytes, { args, answers: input.answers, limits: input.limits, signal }, store.ports)
  )
  const runUs = store.ports.clock.monotonicUs() - startUs
  store.log(
    runEntry(outcome, {
      atMs: store.ports.clock.nowMs(),
      request: requestOf(input, search),
      module: weighed.record.module,
      mapping: weighed.record.mapping,
      ledgerSequence: weighed.record.ledgerSequence,
      verdict: "trusted",
      runUs,
      hitNumber
    })
  )
  return outcome
}

function reasonOf(search: Search): [MissReason, string] {
  // What lies below the threshold was never meant to be served on its words: that it is not trusted is no reason of this Miss.
  const dropped = search.weighed.filter(one => one.dropped !== null && one.distrusted && (one.tier !== "verified" || one.damaged))
  const model = search.withoutModel === null ? "" : `; only equal words were compared, for ${search.withoutModel}`
  if (dropped.length > 0 && dropped.every(one => one.damaged))
    return ["damaged", `the bytes of every Candidate do not match their Digest${model}`]
  if (search.verified?.kind === "ambiguous") return ["ambiguous", search.verified.why]
  if (dropped.length > 0)
    return ["untrusted", `${dropped.map(one => `${one.record.mapping.slice(0, 19)} is ${one.dropped}`).join("; ")}${model}`]
  if (search.withoutModel !== null) return ["too-far", `no Mapping of this Interface has exactly these words${model}`]
  if (!search.known) return ["no-such-interface", `no Mapping has the Interface ${search.task.interface.text}`]
  const near = search.weighed.find(one => one.tier !== "verified")
  if (near !== undefined) return ["too-far", `${near.record.mapping.slice(0, 19)} ${near.dropped}`]
  const verifying = search.verified === null ? "" : `; below it, ${search.verified.why}`
  return [
    "too-far",
    search.best === null
      ? "no Mapping of this Interface has a vector to compare"
      : `the nearest Mapping of this Interface has similarity ${search.best.toFixed(4)}, and ${search.similarityMin} is asked${verifying}`
  ]
}

function miss(reason: MissReason, why: string, input: ParsedOf<"lookup">, search: Search, store: OpenStore): AnswerOf<"lookup"> {
  const beforeLogUs = store.ports.clock.monotonicUs()
  const [first] = search.weighed
  let shadow: Shadow | null
  try {
    const number = store.log({
      ...entryOf(input, search, store),
      kind: "miss",
      missReason: reason,
      verdict: first?.verdict ?? null,
      similarity: search.best ?? first?.similarity ?? 0
    })
    shadow = shadowOf(number, input, search, store)
  } catch (error) {
    return unlogged(error, search, store)
  }
  return {
    kind: "miss",
    reason,
    why,
    candidates: nearestFirst(search),
    explained: search.explained,
    ...(shadow === null ? {} : { shadow }),
    steps: stepsOf(search, store.ports.clock.monotonicUs() - beforeLogUs, store)
  }
}

type Shadow = NonNullable<Extract<AnswerOf<"lookup">, { kind: "miss" }>["shadow"]>

/** While the verified tier is closed, what it would have served is kept, to be judged by what those words are answered with in the end. */
function shadowOf(missNumber: number, input: ParsedOf<"lookup">, search: Search, store: OpenStore): Shadow | null {
  const answer = search.verified
  const one = answer?.kind === "closed" ? search.weighed.find(({ record }) => record.mapping === answer.mapping) : undefined
  if (answer?.kind !== "closed" || one === undefined || one.claim === null) return null
  const { mapping, module, ledgerSequence } = one.record
  const number = store.log({
    ...entryOf(input, search, store),
    kind: "shadow",
    module,
    mapping,
    ledgerSequence,
    tier: "verified",
    verdict: "trusted",
    similarity: one.similarity,
    examplesPassed: search.examples.length,
    support: answer.support,
    hitNumber: missNumber
  })
  return { hit: hitName(store.ports.hitLog.id ?? "", number), mapping, module, task: one.claim.task.text, support: answer.support }
}

function unlogged(error: unknown, search: Search, store: OpenStore): AnswerOf<"lookup"> {
  if (!(error instanceof EngineFailure) || error.code !== "log-unavailable") throw error
  return {
    kind: "miss",
    reason: "log-unavailable",
    why: error.message,
    candidates: nearestFirst(search),
    explained: search.explained,
    steps: stepsOf(search, 0, store)
  }
}

function nearestFirst(search: Search): Candidate[] {
  return search.weighed
    .toSorted((left, right) => (right.support ?? -1) - (left.support ?? -1) || right.similarity - left.similarity)
    .map(candidateOf)
}

function candidateOf(one: Weighed): Candidate {
  return {
    mapping: one.record.mapping,
    module: one.record.module,
    task: one.claim?.task.text ?? one.record.taskText,
    similarity: one.similarity,
    ...(one.verdict === null ? {} : { verdict: one.verdict }),
    ...(one.support === null ? {} : { support: one.support }),
    ...(one.dropped === null ? {} : { dropped: one.dropped })
  }
}

function requestOf(input: ParsedOf<"lookup">, search: Search): HitLogEntry["request"] {
  return { digest: requestDigest(input.request), interfaceHash: search.task.interface.hash, text: search.task.text }
}

/** What every entry of a Lookup says; `fetchUs` includes the Verdict's. */
function entryOf(input: ParsedOf<"lookup">, search: Search, store: OpenStore): HitLogEntry {
  return {
    kind: "miss",
    atMs: store.ports.clock.nowMs(),
    request: requestOf(input, search),
    module: null,
    mapping: null,
    ledgerSequence: -1,
    tier: null,
    missReason: null,
    verdict: null,
    outcome: null,
    category: categoryOf(null),
    similarity: 0,
    fuel: 0,
    embedUs: search.embedUs,
    searchUs: search.searchUs,
    fetchUs: search.fetchUs + search.verdictUs,
    runUs: 0,
    hitNumber: 0
  }
}

function stepsOf(search: Search, logUs: number, store: OpenStore): Steps {
  const { embedUs, searchUs, verdictUs, fetchUs } = search
  return { embedUs, searchUs, verdictUs, fetchUs, logUs, totalUs: store.ports.clock.monotonicUs() - search.startUs }
}

async function timed<T>(search: Search, step: "embedUs" | "searchUs" | "verdictUs", store: OpenStore, work: () => Promise<T>): Promise<T> {
  const startUs = store.ports.clock.monotonicUs()
  try {
    return await work()
  } finally {
    search[step] += store.ports.clock.monotonicUs() - startUs
  }
}
