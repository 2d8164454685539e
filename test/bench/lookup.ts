/**
 * Lookups over N synthetic Mappings, one a Module, with Interfaces drawn Zipf(1): hits and near misses, the parts of a whole Hit, opening and
 * rebuilding, memory, and the same questions put to plainer ways. `--modules N` (several with commas) `--questions Q` `--peers none|plain|all`
 * `--folder DIR` for what is written on the way: 11 GB at a million, removed at the end.
 */
import { execFileSync } from "node:child_process"
import { hash } from "node:crypto"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { openFileBlobStore } from "../../electron/engine/adapters/file-blob-store.ts"
import { openHitLog } from "../../electron/engine/adapters/hit-log.ts"
import { openHotIndex } from "../../electron/engine/adapters/hot-index.ts"
import { digestOfBytes } from "../../electron/engine/adapters/ledger-frame.ts"
import { bundledModel, openTransformersEmbedder } from "../../electron/engine/adapters/transformers-embedder.ts"
import type { HitLogEntry, ModuleIndex } from "../../electron/engine/ports.ts"
import { createVerdictCache } from "../../electron/engine/verdict-cache.ts"
import type { Digest, InterfaceHash } from "../../shared/digest.ts"
import type { Verdict } from "../../shared/trust.ts"
import { randomOf, unitVector, vectorAt } from "../engine/vectors.ts"
import type { Data, LibraryTask, Question } from "./_lookup-data.ts"
import { dimensions, makeData, makeStore, similarityMin, textOf, vectorOf, writeBlobs, writeLedger } from "./_lookup-data.ts"
import { askPeers, scan } from "./_peers.ts"
import { bestOf, plainRow, quantile, say, timed } from "./_rows.ts"
import type { BenchRow } from "./bench.ts"

const embedded = 100
const peerQuestions = 100
const openings = 5

export async function rows(options: ReadonlyMap<string, string>): Promise<readonly BenchRow[]> {
  const counts = (options.get("modules") ?? "100000").split(",").map(Number)
  const asked = Number(options.get("questions") ?? 2_000)
  if (!counts.every(count => Number.isInteger(count) && count >= 10 && count <= 4_000_000))
    throw new Error("expected --modules between 10 and 4000000, several with commas between them")
  if (!Number.isInteger(asked) || asked < 10 || asked > 100_000) throw new Error("expected --questions between 10 and 100000")
  const folder = fs.mkdtempSync(path.join(options.get("folder") ?? os.tmpdir(), "l4 bench "))
  try {
    say(`load average ${os.loadavg()[0]?.toFixed(2)}`)
    const small = await smallest(folder, asked)
    const found: BenchRow[] = []
    for (const count of counts) {
      const rows = await measure(count, asked, path.join(folder, String(count)), options.get("peers") ?? "all")
      const now = rows.find(row => row.name.startsWith("lookup, hit"))?.p50 ?? Number.NaN
      const growth = now / small
      found.push(
        ...rows,
        plainRow(`p50 of a hit against 1000 Modules (${small.toFixed(1)} us, same run)`, growth, "times", "< 3 times", growth < 3)
      )
      fs.rmSync(path.join(folder, String(count)), { recursive: true, force: true })
    }
    const [load] = os.loadavg()
    return [...found, plainRow("load average at the end (1 minute)", load ?? Number.NaN, "", null, null)]
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

/** p50 of a hit among 1,000 Mappings, microseconds: what the growth is held against. */
async function smallest(folder: string, asked: number): Promise<number> {
  const random = randomOf(20_261_122)
  const data = makeData(1_000, random)
  const ledger = await writeLedger(path.join(folder, "small", "ledger"), data)
  const index = openHotIndex({ directory: path.join(folder, "small", "hot"), behind: null, ledger, model: bundledModel, seed: 1 })
  await index.ready
  const hits = questions(data, asked, random, nearCosine(random))
  await ask(index, data, hits)
  const times = await ask(index, data, hits)
  await index.close()
  await ledger.close()
  return quantile(times, 0.5)
}

async function measure(count: number, asked: number, folder: string, peersAsked: string): Promise<BenchRow[]> {
  const places = { store: path.join(folder, "store"), home: path.join(folder, "home") }
  fs.mkdirSync(folder, { recursive: true })
  say("making a store with the library that ships")
  const tasks = await makeStore(places)
  say(`writing ${count} Mappings into its Ledger`)
  const random = randomOf(20_261_122)
  const data = makeData(count, random)
  const ledger = await writeLedger(path.join(places.store, "ledger"), data)
  const before = ledger.size - count
  const last = ledger.read(ledger.size - 1)
  const recordBytes = ledger.entryBytes(ledger.size - 1).length + last.parts.reduce((sum, part) => sum + part.length, 0)
  writeBlobs(path.join(places.store, "oci"), data)
  fs.rmSync(path.join(places.store, "hot"), { recursive: true, force: true })

  say("rebuilding the index from the Ledger")
  const directory = path.join(places.store, "hot")
  const open = () => openHotIndex({ directory, behind: null, ledger, model: bundledModel, seed: 1 })
  const rebuildStart = performance.now()
  const rebuildCpu = process.cpuUsage()
  const rebuilt = open()
  await rebuilt.ready
  await rebuilt.save()
  const rebuildSeconds = (performance.now() - rebuildStart) / 1_000
  const { user, system } = process.cpuUsage(rebuildCpu)
  await rebuilt.close()
  const opened = Array.from({ length: openings }, () => openInChild(directory, ledger.size, ledger.entryBytes(ledger.size - 1)))
  const index = open()

  say(`rebuilt in ${rebuildSeconds.toFixed(1)} s (${((user + system) / 1e6).toFixed(1)} s of processor time)`)
  say("asking")
  const hits = questions(data, asked, random, nearCosine(random))
  const misses = questions(data, asked, random, () => 0.97)
  await ask(index, data, hits.slice(0, 300))
  const hitTimes = await ask(index, data, hits)
  const missTimes = await ask(index, data, misses)
  const largest = data.members.reduce((most, one) => Math.max(most, one.length), 0)
  const peers =
    peersAsked === "none" ? new Map<string, number[]>() : await askPeers(data, hits.slice(0, peerQuestions), folder, peersAsked === "all")
  const ours = quantile(hitTimes, 0.5)
  const target = (p50: number, p99: number) => p50 < 100 && p99 < 1_000
  const whole = await wholeHits(index, data, hits, folder, path.join(places.store, "oci"))
  const found: BenchRow[] = [
    {
      ...timesRow(`lookup, hit, ${count} Modules, largest Interface ${largest}`, hitTimes),
      peers: Object.fromEntries([...peers].map(([name, times]) => [name, quantile(times, 0.5)])),
      ratio: peers.size === 0 ? null : Math.min(...[...peers.values()].map(times => quantile(times, 0.5))) / ours
    },
    timesRow("the same, best of three askings", bestOf(hitTimes, await ask(index, data, hits), await ask(index, data, hits))),
    timesRow("lookup, near miss (cosine 0.97)", missTimes),
    timesRow("lookup, equal words", await askWords(index, data, asked, random)),
    timesRow("lookup, Interface nobody has", await askUnknown(index, asked, random)),
    timesRow(
      "whole Hit without embedding (lookup, vector's Digest, cached Verdict, Blob, its Digest, log)",
      whole.plain[0]!,
      "p50 < 100 us, p99 < 1 ms",
      target
    ),
    timesRow("the same, best of three askings", bestOf(...whole.plain), "p50 < 100 us, p99 < 1 ms", target)
  ]
  if (whole.embedded !== null) found.push(timesRow("whole Hit with embedding", whole.embedded))
  for (const [name, times] of peers)
    found.push({ ...timesRow(`peer: ${name}, the same questions`, times), ratio: quantile(times, 0.5) / ours })
  say(
    `lookup p50 ${ours.toFixed(1)} us; whole Hit p50 ${quantile(whole.plain[0]!, 0.5).toFixed(1)} us, p99 ${quantile(whole.plain[0]!, 0.99).toFixed(1)} us`
  )
  say("holding every answer against a full scan")
  const wrong = (await wrongAnswers(index, data, hits, before)) + (await wrongAnswers(index, data, misses, before))
  const memory = Math.max(...opened.map(one => one.bytes))
  const openMs = opened.map(one => one.openMs)
  const ready = opened.every(one => one.ready)
  found.push(
    plainRow(`wrong answers of ${hits.length + misses.length}, held against a full scan`, wrong, "answers", "0", wrong === 0),
    manyRow("index: open from snapshot", openMs, "ms", "< 300 ms", ready && quantile(openMs, 0.5) < 300),
    manyRow(
      "of it, processor time",
      opened.map(one => one.processorMs),
      "ms",
      null,
      null
    ),
    plainRow("index: memory", memory / 1e6, "MB", "< 150 MB", memory < 150e6),
    plainRow(
      `index: rebuild from the Ledger (real frames of ${recordBytes} bytes, pages warm, signatures not verified)`,
      rebuildSeconds,
      "s",
      "< 30 s at 1000000, in proportion",
      count < 100_000 ? null : rebuildSeconds < (30 * count) / 1_000_000
    ),
    plainRow("of it, processor time", (user + system) / 1e6, "s", null, null)
  )
  await index.close()
  await ledger.close()
  return [...found, ...wholeStore(places, tasks, asked, folder)]
}

const nearCosine = (random: () => number) => () => 0.9905 + 0.0095 * random()

/** The store as a host opens it: once with everything to be read, then from its snapshots, each time in a process of its own. */
function wholeStore(places: { store: string; home: string }, tasks: readonly LibraryTask[], asked: number, folder: string): BenchRow[] {
  const tasksFile = path.join(folder, "tasks.json")
  fs.writeFileSync(tasksFile, JSON.stringify(tasks))
  const child = fileURLToPath(new URL("./_open-store.ts", import.meta.url))
  const once = () =>
    JSON.parse(
      execFileSync(process.execPath, [child, places.store, places.home, tasksFile, String(asked)], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "inherit"]
      })
    ) as Record<"openMs" | "processorMs" | "bytes" | "waitedMs" | "closeMs" | "firstP50" | "p50" | "p99", number>
  say("opening the whole store, everything read")
  const first = once()
  say("opening the whole store from its snapshots")
  const later = Array.from({ length: openings }, once)
  const openMs = later.map(one => one.openMs)
  const bytes = Math.max(...later.map(one => one.bytes))
  const best = later.reduce((least, one) => (one.p50 < least.p50 ? one : least))
  return [
    plainRow("whole store: open with every record of the Ledger read", first.openMs / 1_000, "s", null, null),
    plainRow("of it, processor time", first.processorMs / 1_000, "s", null, null),
    manyRow("whole store: open from snapshots", openMs, "ms", "< 300 ms", quantile(openMs, 0.5) < 300),
    manyRow(
      "of it, processor time",
      later.map(one => one.processorMs),
      "ms",
      null,
      null
    ),
    plainRow("whole store: memory after opening, over the process before", bytes / 1e6, "MB", "< 150 MB", bytes < 150e6),
    manyRow(
      "whole store: first Hit of a Module through the verb (evidence verified)",
      later.map(one => one.firstP50),
      "us",
      null,
      null
    ),
    {
      ...timesRow(`whole store: Hit through the verb lookup, equal words, ${tasks.length} real Modules`, []),
      n: asked,
      p50: best.p50,
      p99: best.p99,
      target: "p50 < 100 us, p99 < 1 ms",
      met: best.p50 < 100 && best.p99 < 1_000
    }
  ]
}

function timesRow(
  name: string,
  times: readonly number[],
  target: string | null = null,
  met: ((p50: number, p99: number) => boolean) | null = null
): BenchRow {
  const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)]
  return { name, n: times.length, p50, p99, unit: "us", peers: {}, ratio: null, target, met: met?.(p50, p99) ?? null }
}

function manyRow(name: string, values: readonly number[], unit: string, target: string | null, met: boolean | null): BenchRow {
  return { ...plainRow(name, quantile(values, 0.5), unit, target, met), n: values.length, p99: quantile(values, 0.99) }
}

/** Drawn by Mapping, so that popular Interfaces are asked most. */
function questions(data: Data, count: number, random: () => number, cosineOf: () => number): Question[] {
  return Array.from({ length: count }, () => {
    const target = Math.floor(random() * data.count)
    return { interfaceIndex: data.interfaces[target]!, vector: vectorAt(vectorOf(data.vectors, target), cosineOf(), random), target }
  })
}

async function ask(index: ModuleIndex, data: Data, asked: readonly Question[]): Promise<number[]> {
  return timed(asked, ({ interfaceIndex, vector }) => index.nearest(data.hashes[interfaceIndex]!, vector, similarityMin, 16))
}

async function askWords(index: ModuleIndex, data: Data, count: number, random: () => number): Promise<number[]> {
  const targets = Array.from({ length: count }, () => Math.floor(random() * data.count))
  return timed(targets, async at => {
    const [record] = await index.byText(data.hashes[data.interfaces[at]!]!, textOf(at))
    if (record?.mapping !== data.mappings[at]) throw new Error("equal words found something else")
  })
}

async function askUnknown(index: ModuleIndex, count: number, random: () => number): Promise<number[]> {
  const vector = unitVector(random, dimensions)
  const unknown = Array.from({ length: count }, (_, at) => digestOfBytes(Buffer.from(`nobody's ${at}`)) as InterfaceHash)
  return timed(unknown, one => index.nearest(one, vector, similarityMin, 16))
}

/** What stands between a Task and its answer: asked three times over, and once with the words embedded first. */
async function wholeHits(
  index: ModuleIndex,
  data: Data,
  asked: readonly Question[],
  folder: string,
  oci: string
): Promise<{ readonly plain: readonly number[][]; readonly embedded: number[] | null }> {
  const blobs = openFileBlobStore(oci)
  const log = openHitLog(() => path.join(folder, "hits"), { role: "writer", nowMs: Date.now })
  const verdicts = createVerdictCache()
  const key = { trust: "root policy revocations", revision: 1, timeMs: Date.now() }
  const verdict = { state: "trusted" } as Verdict
  for (const { target } of asked) verdicts.put(data.mappings[target]!, key, verdict, Number.MAX_SAFE_INTEGER)
  const one = async ({ interfaceIndex, vector }: Question) => {
    const { neighbours } = await index.nearest(data.hashes[interfaceIndex]!, vector, similarityMin, 16)
    for (const { record, similarity } of neighbours) {
      const named = record.embedding === null ? "" : hash("sha256", new Uint8Array(record.embedding.buffer, 0, 4 * dimensions), "hex")
      if (named === "" || verdicts.get(record.mapping, key)?.state !== "trusted") continue
      if (blobs.get(record.module) === null) throw new Error("a Blob is missing")
      log.append(entryOf(record.interfaceHash, record.module, record.mapping, record.ledgerSequence, similarity))
      return
    }
    throw new Error("a Hit was missed")
  }
  await timed(asked.slice(0, 200), one)
  const plain = [await timed(asked, one), await timed(asked, one), await timed(asked, one)]
  const embedder = embedderHere()
  if (embedder === null) {
    await log.close()
    return { plain, embedded: null }
  }
  await embedder.embed(["warm up"])
  const embeddedTimes = await timed(asked.slice(0, embedded), async question => {
    // The synthetic vectors are of no words: the words are embedded for the time it takes.
    await embedder.embed([`question ${question.target}: ${textOf(question.target)}`])
    await one(question)
  })
  await embedder.close()
  await log.close()
  return { plain, embedded: embeddedTimes }
}

function entryOf(interfaceHash: InterfaceHash, module: Digest, mapping: Digest, ledgerSequence: number, similarity: number): HitLogEntry {
  return {
    kind: "hit",
    atMs: Date.now(),
    request: { digest: mapping, interfaceHash, text: "a request" },
    module,
    mapping,
    ledgerSequence,
    tier: "similar",
    missReason: null,
    verdict: "trusted",
    outcome: null,
    category: null,
    similarity,
    fuel: 0,
    embedUs: 0,
    searchUs: 0,
    fetchUs: 0,
    runUs: 0,
    hitNumber: 0
  }
}

/** Null where the model is not here. */
function embedderHere() {
  const modelDirectory = fileURLToPath(new URL(`../../resources/models/${bundledModel.id}`, import.meta.url))
  return fs.existsSync(modelDirectory) ? openTransformersEmbedder({ modelDirectory }) : null
}

async function wrongAnswers(index: ModuleIndex, data: Data, asked: readonly Question[], before: number): Promise<number> {
  let wrong = 0
  for (const question of asked) {
    const { neighbours } = await index.nearest(data.hashes[question.interfaceIndex]!, question.vector, similarityMin, data.count)
    const found = neighbours.map(({ record }) => record.ledgerSequence - before).sort((left, right) => left - right)
    const expected = scan(data, question)
    if (found.length !== expected.length || found.some((at, place) => at !== expected[place])) wrong++
  }
  return wrong
}

function openInChild(
  directory: string,
  size: number,
  lastEntry: Uint8Array
): { readonly openMs: number; readonly processorMs: number; readonly bytes: number; readonly ready: boolean } {
  const child = fileURLToPath(new URL("./_open-index.ts", import.meta.url))
  const last = Buffer.from(lastEntry).toString("base64")
  const said = execFileSync(process.execPath, [child, directory, JSON.stringify(bundledModel), String(size), last], { encoding: "utf8" })
  return JSON.parse(said) as { openMs: number; processorMs: number; bytes: number; ready: boolean }
}
