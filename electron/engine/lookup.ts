/** How a Request becomes a Hit, or a Miss with its reason: exact words first, then nearness; evidence decides, never an index row. */
import type { AnswerOf, CallContext, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Candidate, MissReason, Steps, Task, Tier } from "../../shared/lookup.ts"
import type { Mapping, ModuleRecord } from "../../shared/module.ts"
import type { Outcome } from "../../shared/run.ts"
import type { VerdictState } from "../../shared/trust.ts"
import type { Value } from "../../shared/value.ts"
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

/** Neighbours looked at for one Lookup, best first. */
const neighboursMax = 16

/** A Candidate with what the evidence says of it. `dropped` says why it is not served. */
interface Weighed {
  readonly record: ModuleRecord
  readonly claim: Mapping | null
  readonly similarity: number
  readonly tier: Tier
  readonly verdict: VerdictState | null
  readonly realm: string
  dropped: string | null
  damaged: boolean
}

/** Microseconds so far, and what was looked at. */
interface Search {
  readonly task: Task
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
}

interface Served {
  readonly weighed: Weighed
  readonly claim: Mapping
  readonly bytes: Uint8Array
}

export async function lookup(input: ParsedOf<"lookup">, store: OpenStore, context: CallContext = {}): Promise<AnswerOf<"lookup">> {
  const task = taskFor(input)
  const args = input.args === undefined ? null : parseArguments(input.args)
  const search = begin(task, input, store)
  let served: Served | null
  try {
    served = (await exactly(search, store)) ?? (await nearby(search, store))
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

function begin(task: Task, input: ParsedOf<"lookup">, store: OpenStore): Search {
  return {
    task,
    similarityMin: input.similarityMin ?? similarityMinDefault,
    startUs: store.ports.clock.monotonicUs(),
    weighed: [],
    embedUs: 0,
    searchUs: 0,
    verdictUs: 0,
    fetchUs: 0,
    best: null,
    known: false,
    withoutModel: null
  }
}

/** Equal words and Interface: similarity is 1 by definition, and nothing is embedded. */
async function exactly(search: Search, store: OpenStore): Promise<Served | null> {
  const { hash } = search.task.interface
  const records = await timed(search, "searchUs", store, () => store.ports.index.byText(hash, search.task.text))
  if (records.length > 0) search.known = true
  return pick(
    records.map(record => weigh(record, 1, "exact-text", search, store)),
    search,
    store
  )
}

async function nearby(search: Search, store: OpenStore): Promise<Served | null> {
  const vector = await vectorOf(search, store)
  if (vector === null) return null
  const { hash } = search.task.interface
  const near = await timed(search, "searchUs", store, () => store.ports.index.nearest(hash, vector, search.similarityMin, neighboursMax))
  search.best = near.best
  search.known ||= near.known
  const seen = new Set(search.weighed.map(one => one.record.mapping))
  const fresh = near.neighbours.filter(({ record }) => !seen.has(record.mapping))
  return pick(
    fresh.map(({ record }) => weigh(record, similarityOf(record, vector), "similar", search, store)),
    search,
    store
  )
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

/** A row is a hint. What it says must be what the signed claim says, and its vector one that an Attestation names. */
function weigh(record: ModuleRecord, similarity: number, tier: Tier, search: Search, store: OpenStore): Weighed {
  const startUs = store.ports.clock.monotonicUs()
  const held = store.trust.claimOf(record.mapping)
  const verdict = held === null ? null : servedVerdict(record.mapping, store.trust)
  const weighed: Weighed = {
    record,
    claim: held?.claim ?? null,
    similarity,
    tier,
    verdict: verdict?.state ?? null,
    realm: `${verdict?.root?.id ?? ""} ${held?.claim.namespace ?? ""}`,
    dropped: faultOf(record, held?.claim ?? null, similarity, tier, search, store),
    damaged: false
  }
  if (weighed.dropped === null && verdict !== null && verdict.state !== "trusted") {
    const open = verdict.rules.filter(rule => rule.outcome === (verdict.state === "pending" ? "missing" : "fail"))
    weighed.dropped = `${verdict.state}: ${open.map(rule => `${rule.rule} (${rule.why})`).join(", ")}`
    // A broken Blob is found by the Verdict first where none was cached; that alone is damage, not distrust.
    weighed.damaged = open.length > 0 && open.every(rule => rule.rule === "blob-intact") && store.ports.blobs.has(record.module)
  }
  search.verdictUs += store.ports.clock.monotonicUs() - startUs
  search.weighed.push(weighed)
  return weighed
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
  if (!isNear(similarity, search.similarityMin)) return "the index called it nearer than its vector is"
  const { model } = store.ports.embedder
  const vector = record.embedding === null ? null : digestOf(bytesOfFloats(record.embedding))
  return vector !== null && store.trust.vectorsOf(record.mapping, model).includes(vector) ? null : "no counted Attestation names its vector"
}

/** The first in rank that is trusted and whose Blob is whole. */
function pick(weighed: readonly Weighed[], search: Search, store: OpenStore): Served | null {
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
  const { weighed, claim } = served
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
      similarity: weighed.similarity
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
  const dropped = search.weighed.filter(one => one.dropped !== null)
  const model = search.withoutModel === null ? "" : `; only equal words were compared, for ${search.withoutModel}`
  if (dropped.length > 0 && dropped.every(one => one.damaged))
    return ["damaged", `the bytes of every Candidate do not match their Digest${model}`]
  if (dropped.length > 0)
    return ["untrusted", `${dropped.map(one => `${one.record.mapping.slice(0, 19)} is ${one.dropped}`).join("; ")}${model}`]
  if (search.withoutModel !== null) return ["too-far", `no Mapping of this Interface has exactly these words${model}`]
  if (!search.known) return ["no-such-interface", `no Mapping has the Interface ${search.task.interface.text}`]
  return [
    "too-far",
    search.best === null
      ? "no Mapping of this Interface has a vector to compare"
      : `the nearest Mapping of this Interface has similarity ${search.best.toFixed(4)}, and ${search.similarityMin} is asked`
  ]
}

function miss(reason: MissReason, why: string, input: ParsedOf<"lookup">, search: Search, store: OpenStore): AnswerOf<"lookup"> {
  const beforeLogUs = store.ports.clock.monotonicUs()
  const [first] = search.weighed
  try {
    store.log({
      ...entryOf(input, search, store),
      kind: "miss",
      missReason: reason,
      verdict: first?.verdict ?? null,
      similarity: search.best ?? first?.similarity ?? 0
    })
  } catch (error) {
    return unlogged(error, search, store)
  }
  return {
    kind: "miss",
    reason,
    why,
    candidates: search.weighed.map(candidateOf),
    steps: stepsOf(search, store.ports.clock.monotonicUs() - beforeLogUs, store)
  }
}

function unlogged(error: unknown, search: Search, store: OpenStore): AnswerOf<"lookup"> {
  if (!(error instanceof EngineFailure) || error.code !== "log-unavailable") throw error
  return {
    kind: "miss",
    reason: "log-unavailable",
    why: error.message,
    candidates: search.weighed.map(candidateOf),
    steps: stepsOf(search, 0, store)
  }
}

function candidateOf(one: Weighed): Candidate {
  return {
    mapping: one.record.mapping,
    module: one.record.module,
    task: one.claim?.task.text ?? one.record.taskText,
    similarity: one.similarity,
    ...(one.verdict === null ? {} : { verdict: one.verdict }),
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

async function timed<T>(search: Search, step: "embedUs" | "searchUs", store: OpenStore, work: () => Promise<T>): Promise<T> {
  const startUs = store.ports.clock.monotonicUs()
  try {
    return await work()
  } finally {
    search[step] += store.ports.clock.monotonicUs() - startUs
  }
}
