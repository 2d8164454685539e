/**
 * Lookups over N synthetic Mappings, one a Module, with Interfaces drawn Zipf(1): hits and near misses, the parts of a whole Hit, opening and
 * rebuilding, memory, and the same questions put to plainer ways. `--modules N` `--questions Q` `--peers none|plain|all`
 * `--engine none` `--ledger made` (records made as they are read, where there is no time or room to write a real Ledger).
 */
import { execFileSync } from "node:child_process"
import { createHash, hash, randomBytes } from "node:crypto"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { DatabaseSync } from "node:sqlite"
import { fileURLToPath } from "node:url"
import { createBlobLayout, openFileBlobStore } from "../../electron/engine/adapters/file-blob-store.ts"
import { openFileLedger } from "../../electron/engine/adapters/file-ledger.ts"
import { openHitLog } from "../../electron/engine/adapters/hit-log.ts"
import { openHotIndex } from "../../electron/engine/adapters/hot-index.ts"
import { digestOfBytes } from "../../electron/engine/adapters/ledger-frame.ts"
import { createMemoryLedger } from "../../electron/engine/adapters/memory.ts"
import { bundledModel, openTransformersEmbedder } from "../../electron/engine/adapters/transformers-embedder.ts"
import { bytesOfFloats } from "../../electron/engine/core/published.ts"
import { cosine, isNear } from "../../electron/engine/core/ranking.ts"
import { forkLaunch, initStore, openEngine, publishStartingLibrary } from "../../electron/engine/index.ts"
import type { HitLogEntry, Ledger, ModuleIndex } from "../../electron/engine/ports.ts"
import { createVerdictCache } from "../../electron/engine/verdict-cache.ts"
import type { Digest, InterfaceHash } from "../../shared/digest.ts"
import type { LedgerDraft, LedgerRecord } from "../../shared/ledger.ts"
import { predicateTypes, type Verdict } from "../../shared/trust.ts"
import { randomOf, unitVector, vectorAt } from "../engine/vectors.ts"
import type { BenchRow } from "./bench.ts"

const { dimensions } = bundledModel
const similarityMin = 0.99
const topics = 2_000
const blobsMax = 20_000
const blobBytes = 4_096
const slowQuestions = 100

interface Data {
  readonly count: number
  readonly vectors: Float32Array
  /** Interface of each Mapping. */
  readonly interfaces: Uint32Array
  /** Mappings of each Interface. */
  readonly members: readonly number[][]
  readonly hashes: readonly InterfaceHash[]
  readonly mappings: Digest[]
  readonly modules: readonly Digest[]
}

interface Question {
  readonly interfaceIndex: number
  readonly vector: Float32Array
  readonly target: number
}

export async function rows(options: ReadonlyMap<string, string>): Promise<readonly BenchRow[]> {
  const count = Number(options.get("modules") ?? 100_000)
  const asked = Number(options.get("questions") ?? 2_000)
  if (!Number.isInteger(count) || count < 10 || count > 4_000_000) throw new Error("expected --modules between 10 and 4000000")
  const folder = fs.mkdtempSync(path.join(options.get("folder") ?? os.tmpdir(), "l4 bench "))
  try {
    const made = options.get("ledger") === "made"
    const small = count > 1_000 ? await measure(1_000, asked, path.join(folder, "small"), "none", made) : null
    const measured = await measure(count, asked, path.join(folder, "large"), options.get("peers") ?? "all", made)
    const before = small?.find(row => row.name.startsWith("lookup, hit"))
    const now = measured.find(row => row.name.startsWith("lookup, hit"))
    if (!before || !now) return measured
    const growth = now.p50 / before.p50
    const engine = options.get("engine") === "none" ? [] : await throughEngine(path.join(folder, "engine"), asked)
    return [
      ...measured,
      ...engine,
      plainRow(`p50 of a hit against 1000 Modules (${before.p50.toFixed(1)} us)`, growth, "times", "< 3 times", growth < 3)
    ]
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(count: number, asked: number, folder: string, peersAsked: string, made: boolean): Promise<BenchRow[]> {
  say(`making ${count} Mappings`)
  const random = randomOf(20_261_122)
  const data = makeData(count, random)
  const ledger = made ? madeLedger(data) : await writtenLedger(folder, data)
  const first = ledger.read(0)
  const recordBytes = ledger.entryBytes(0).length + first.parts.reduce((sum, part) => sum + part.length, 0)
  makeBlobs(path.join(folder, "oci"), data)

  say("rebuilding the index from the Ledger")
  const directory = path.join(folder, "hot")
  const open = () => openHotIndex({ directory, behind: null, ledger, model: bundledModel, seed: 1 })
  const rebuildStart = performance.now()
  const rebuildCpu = process.cpuUsage()
  const rebuilt = open()
  await rebuilt.ready
  await rebuilt.save()
  const rebuildSeconds = (performance.now() - rebuildStart) / 1_000
  const { user, system } = process.cpuUsage(rebuildCpu)
  await rebuilt.close()
  const opened = Array.from({ length: 5 }, () => openInChild(directory, ledger))
  const index = open()

  say("asking")
  const hits = questions(data, asked, random, () => 0.9905 + 0.0095 * random())
  const misses = questions(data, asked, random, () => 0.97)
  await ask(index, data, hits.slice(0, 300))
  const hitTimes = await ask(index, data, hits)
  const missTimes = await ask(index, data, misses)
  const found = { rows: [] as BenchRow[] }
  const largest = data.members.reduce((most, one) => Math.max(most, one.length), 0)
  const peers = peersAsked === "none" ? {} : await askPeers(data, hits, folder, peersAsked === "all")
  const bestPeer = Math.min(...Object.values(peers))
  const row = (
    name: string,
    times: readonly number[],
    target: string | null = null,
    met: ((p50: number, p99: number) => boolean) | null = null
  ) => {
    const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)]
    found.rows.push({ name, n: times.length, p50, p99, unit: "us", peers: {}, ratio: null, target, met: met?.(p50, p99) ?? null })
  }
  found.rows.push({
    name: `lookup, hit, ${count} Modules, largest Interface ${largest}`,
    n: hitTimes.length,
    p50: quantile(hitTimes, 0.5),
    p99: quantile(hitTimes, 0.99),
    unit: "us",
    peers,
    ratio: Number.isFinite(bestPeer) ? bestPeer / quantile(hitTimes, 0.5) : null,
    target: null,
    met: null
  })
  row(
    "the same, best of three askings (without what the machine did besides)",
    bestOf(hitTimes, await ask(index, data, hits), await ask(index, data, hits))
  )
  row("lookup, near miss (cosine 0.97)", missTimes)
  row("lookup, equal words", await askWords(index, data, asked, random))
  row("lookup, Interface nobody has", await askUnknown(index, asked, random))
  const target = (p50: number, p99: number) => p50 < 100 && p99 < 1_000
  const whole = await wholeHits(index, data, hits, folder)
  row("whole Hit without embedding", whole[0]!, "p50 < 100 us, p99 < 1 ms", target)
  row("the same, best of three askings", bestOf(...whole), "p50 < 100 us, p99 < 1 ms", target)
  const embedded = await embedTimes(index, data, random)
  if (embedded !== null) row("embedding and lookup", embedded)
  const wrong = (await wrongAnswers(index, data, hits)) + (await wrongAnswers(index, data, misses))
  const openMs = opened.map(one => one.openMs)
  const ready = opened.every(one => one.ready)
  const memory = Math.max(...opened.map(one => one.bytes))
  found.rows.push(
    plainRow(`wrong answers of ${hits.length + misses.length}, held against a full scan`, wrong, "answers", "0", wrong === 0),
    {
      ...plainRow(
        "open from snapshot (projection made anew)",
        quantile(openMs, 0.5),
        "ms",
        "< 300 ms",
        ready && quantile(openMs, 0.5) < 300
      ),
      n: openMs.length,
      p99: quantile(openMs, 0.99)
    },
    plainRow(
      "of it, processor time",
      quantile(
        opened.map(one => one.processorMs),
        0.5
      ),
      "ms",
      null,
      null
    ),
    plainRow(
      made
        ? `rebuild (records of ${recordBytes} bytes made as they are read, no file)`
        : `rebuild from the Ledger (real frames of ${recordBytes} bytes, pages warm, signatures not verified)`,
      rebuildSeconds,
      "s",
      "< 30 s at 1000000, in proportion",
      rebuildSeconds < (30 * count) / 1_000_000
    ),
    plainRow("of it, processor time", (user + system) / 1e6, "s", null, null),
    plainRow("memory of the index", memory / 1e6, "MB", "< 150 MB", memory < 150e6),
    plainRow("hot.f32", fs.statSync(path.join(directory, "hot.f32")).size / 1e6, "MB", null, null),
    plainRow("hot.snap", fs.statSync(path.join(directory, "hot.snap")).size / 1e6, "MB", null, null)
  )
  await index.close()
  await ledger.close()
  return found.rows
}

/** Interfaces Zipf(1), 38 for every thousand Mappings; a fifth of the vectors lie at cosine 0.97 from another of their Interface. */
function makeData(count: number, random: () => number): Data {
  const interfaceCount = Math.max(3, Math.round(count * 0.038))
  const cumulative = new Float64Array(interfaceCount)
  let sum = 0
  for (let rank = 0; rank < interfaceCount; rank++) cumulative[rank] = sum += 1 / (rank + 1)
  const centres = Array.from({ length: Math.min(topics, count) }, () => unitVector(random, dimensions))
  const vectors = new Float32Array(count * dimensions)
  const interfaces = new Uint32Array(count)
  const members: number[][] = Array.from({ length: interfaceCount }, () => [])
  for (let at = 0; at < count; at++) {
    const drawn = lowerBound(cumulative, random() * sum)
    const others = members[drawn]!
    const paraphrase = others.length > 0 && random() < 0.2
    const from = paraphrase
      ? vectorOf(vectors, others[Math.floor(random() * others.length)]!)
      : centres[Math.floor(random() * centres.length)]!
    vectors.set(vectorAt(from, paraphrase ? 0.97 : 0.8, random), at * dimensions)
    interfaces[at] = drawn
    others.push(at)
  }
  const modules = Array.from({ length: Math.min(count, blobsMax) }, (_, at) => digestOfBytes(blobOf(at)))
  const hashes = members.map((_, at) => digestOfBytes(Buffer.from(`interface ${at}`)) as InterfaceHash)
  return { count, vectors, interfaces, members, hashes, mappings: [], modules }
}

function vectorOf(vectors: Float32Array, at: number): Float32Array {
  return vectors.subarray(at * dimensions, (at + 1) * dimensions)
}

function lowerBound(values: Float64Array, wanted: number): number {
  let low = 0
  let high = values.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (values[middle]! < wanted) low = middle + 1
    else high = middle
  }
  return low
}

/** Records as `publish` writes them: a claim, four Attestations (their signatures are random bytes), a vector. */
async function writtenLedger(folder: string, data: Data): Promise<Ledger> {
  const ledger = openFileLedger(makeFolder(folder, "ledger"), { quarantine: path.join(folder, "quarantine"), nowMs: Date.now })
  const group = 60
  for (let from = 0; from < data.count; from += group) {
    const drafts: LedgerDraft[] = []
    for (let at = from; at < Math.min(data.count, from + group); at++) drafts.push(draftOf(data, at))
    await ledger.appendAll(drafts)
  }
  return ledger
}

/** Such records, with two Attestations, without a file or a chain, made anew at every reading. */
function madeLedger(data: Data): Ledger {
  const read = (sequence: number): LedgerRecord => {
    const { kind, body, parts } = draftOf(data, sequence, 2)
    return {
      entry: {
        sequence,
        previous: "0".repeat(64),
        kind,
        at: "2026-11-22T00:00:00.000Z",
        body,
        parts: parts.map(part => ({ kind: part.kind, digest: digestOfBytes(part.bytes), length: part.bytes.length }))
      },
      parts: parts.map(part => part.bytes)
    }
  }
  return { ...createMemoryLedger(), size: data.count, read, entryBytes: sequence => new TextEncoder().encode(`entry ${sequence}`) }
}

const runtime = digestOfBytes(Buffer.from("runtime"))

function draftOf(data: Data, at: number, attestations = 4): LedgerDraft {
  const interfaceIndex = data.interfaces[at]!
  const module = data.modules[at % data.modules.length]!
  const claim = {
    task: { text: textOf(at) },
    interface: { hash: data.hashes[interfaceIndex]!, canonical: `(interface 1 [:fn [:int] :int] [${interfaceIndex}])` },
    entry: "main",
    module: { digest: module, size: blobBytes },
    runtime: { digest: runtime },
    source: { digest: module },
    examples: { digest: module, count: 3 }
  }
  const mapping = digestOfBytes(Buffer.from(JSON.stringify(claim)))
  data.mappings[at] = mapping
  const vector = bytesOfFloats(vectorOf(data.vectors, at))
  const statements: readonly [string, object][] = [
    [predicateTypes.claim, claim],
    [predicateTypes.embedding, { claim: mapping, model: bundledModel, text: mapping, digest: digestOfBytes(vector) }],
    [predicateTypes.provenance, { claim: mapping, kind: "rtfs", compiler: "bench", runtime, source: module }],
    [predicateTypes.testResult, { claim: mapping, passed: 3, failed: 0, outcomes: [module, module, module] }]
  ]
  return {
    kind: "published",
    body: {
      mapping,
      claim,
      typeText: "(:int) -> :int",
      languageVersion: "1",
      fuelProfile: 1_000,
      blobs: { module, source: module, examples: module, runtime }
    },
    parts: [
      ...statements.slice(0, attestations).map(([predicateType, predicate]) => ({
        kind: "attestation" as const,
        bytes: attestationOf(predicateType, predicate, module)
      })),
      { kind: "embedding" as const, bytes: vector }
    ]
  }
}

function attestationOf(predicateType: string, predicate: object, module: Digest): Uint8Array {
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ digest: { sha256: module.slice(7) } }],
    predicateType,
    predicate
  }
  return Buffer.from(
    JSON.stringify({
      mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      dsseEnvelope: {
        payload: Buffer.from(JSON.stringify(statement)).toString("base64"),
        payloadType: "application/vnd.in-toto+json",
        signatures: [{ sig: randomBytes(64).toString("base64") }]
      },
      verificationMaterial: { publicKey: { hint: module.slice(7) } }
    })
  )
}

const textOf = (at: number) => `synthetic task number ${at}, put into words of the usual length for a request`

function blobOf(at: number): Uint8Array {
  const bytes = Buffer.alloc(blobBytes, createHash("sha256").update(`blob ${at}`).digest())
  return new Uint8Array(bytes)
}

/** Written without a sync: they are only read here. */
function makeBlobs(directory: string, data: Data): void {
  createBlobLayout(directory)
  for (const [at, digest] of data.modules.entries()) fs.writeFileSync(path.join(directory, "blobs", "sha256", digest.slice(7)), blobOf(at))
}

function makeFolder(...parts: readonly string[]): string {
  const folder = path.join(...parts)
  fs.mkdirSync(folder, { recursive: true })
  return folder
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

/** Lookup, the vector's Digest, the cached Verdict, the Blob with its Digest, the log: what stands between a vector and an answer. */
async function wholeHits(index: ModuleIndex, data: Data, asked: readonly Question[], folder: string): Promise<number[][]> {
  const blobs = openFileBlobStore(path.join(folder, "oci"))
  const log = openHitLog(path.join(folder, "hits"), { role: "writer", nowMs: Date.now })
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
  const times = [await timed(asked, one), await timed(asked, one), await timed(asked, one)]
  await log.close()
  return times
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

/** The verb itself, on a real store with the library that ships: parsing, evidence, Verdict, Blob and log included. */
async function throughEngine(folder: string, count: number): Promise<BenchRow[]> {
  say("publishing the library that ships")
  const places = { store: path.join(folder, "store"), home: path.join(folder, "home") }
  await initStore(places)
  const engine = await openEngine({ ...places, launch: forkLaunch })
  try {
    await publishStartingLibrary(engine)
    const { rows: published, total } = await engine.list({})
    const asked = Array.from({ length: count }, (_, at) => published[at % published.length]!)
    const one = async ({ task, interface: type }: (typeof published)[number]) => {
      const answer = await engine.lookup({ request: { instruction: task, interface: type } })
      if (answer.kind !== "hit") throw new Error(`the library's own Task is a miss: ${answer.reason}`)
    }
    await timed(asked.slice(0, 1_000), one)
    const times = await timed(asked, one)
    const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)]
    const name = `whole Hit through the verb lookup, equal words, ${total} Modules of a real store`
    return [{ name, n: count, p50, p99, unit: "us", peers: {}, ratio: null, target: null, met: null }]
  } finally {
    await engine.close()
  }
}

/** Null where the model is not here. */
async function embedTimes(index: ModuleIndex, data: Data, random: () => number): Promise<number[] | null> {
  const modelDirectory = fileURLToPath(new URL(`../../resources/models/${bundledModel.id}`, import.meta.url))
  if (!fs.existsSync(modelDirectory)) return null
  const embedder = openTransformersEmbedder({ modelDirectory })
  try {
    await embedder.embed(["warm up"])
    const texts = Array.from({ length: slowQuestions }, (_, at) => `question ${at}: ${textOf(Math.floor(random() * 1e6))}`)
    return await timed(texts, async text => {
      const [vector] = await embedder.embed([text])
      await index.nearest(data.hashes[0]!, vector!, similarityMin, 16)
    })
  } finally {
    await embedder.close()
  }
}

async function wrongAnswers(index: ModuleIndex, data: Data, asked: readonly Question[]): Promise<number> {
  let wrong = 0
  for (const { interfaceIndex, vector } of asked) {
    const expected = data.members[interfaceIndex]!.filter(at => isNear(cosine(vectorOf(data.vectors, at), vector), similarityMin))
    const { neighbours } = await index.nearest(data.hashes[interfaceIndex]!, vector, similarityMin, data.count)
    const found = neighbours.map(({ record }) => record.ledgerSequence).sort((left, right) => left - right)
    if (found.length !== expected.length || found.some((at, place) => at !== expected[place])) wrong++
  }
  return wrong
}

/** p50 in microseconds of the same questions, put to plainer ways. Each must find what the question was made from. */
async function askPeers(data: Data, hits: readonly Question[], folder: string, all: boolean): Promise<Record<string, number>> {
  const few = hits.slice(0, slowQuestions)
  say("asking a Map and an array")
  const plain = await timed(hits.slice(0, 5 * slowQuestions), async question => expectFound(scan(data, question), question))
  say(`Map + scan: p50 ${quantile(plain, 0.5).toFixed(0)} us, p99 ${quantile(plain, 0.99).toFixed(0)} us`)
  if (!all) return { "Map + scan": quantile(plain, 0.5) }
  say("asking SQLite")
  const sqlite = await askSqlite(data, few, path.join(folder, "peer.sqlite"))
  say("asking LanceDB")
  const lance = await askLance(data, few, path.join(folder, "peer.lance"))
  for (const [name, times] of Object.entries({ "SQLite + scan": sqlite, LanceDB: lance }))
    say(`${name}: p50 ${quantile(times, 0.5).toFixed(0)} us, p99 ${quantile(times, 0.99).toFixed(0)} us`)
  return { "Map + scan": quantile(plain, 0.5), "SQLite + scan": quantile(sqlite, 0.5), LanceDB: quantile(lance, 0.5) }
}

function scan(data: Data, { interfaceIndex, vector }: Question): number[] {
  return data.members[interfaceIndex]!.filter(at => isNear(cosine(vectorOf(data.vectors, at), vector), similarityMin))
}

function expectFound(found: readonly number[], { target }: Question): void {
  if (!found.includes(target)) throw new Error("a peer missed what it was asked for")
}

async function askSqlite(data: Data, asked: readonly Question[], file: string): Promise<number[]> {
  const database = new DatabaseSync(file)
  try {
    database.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; CREATE TABLE m (i INTEGER PRIMARY KEY, h BLOB, v BLOB); BEGIN")
    const insert = database.prepare("INSERT INTO m VALUES (?, ?, ?)")
    const keys = data.hashes.map(one => Buffer.from(one.slice(7), "hex"))
    for (let at = 0; at < data.count; at++) {
      const vector = vectorOf(data.vectors, at)
      insert.run(at, keys[data.interfaces[at]!]!, new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength))
    }
    database.exec("COMMIT; CREATE INDEX mh ON m (h)")
    const select = database.prepare("SELECT i, v FROM m WHERE h = ?")
    return await timed(asked, async question => {
      const found: number[] = []
      for (const row of select.iterate(keys[question.interfaceIndex]!) as Iterable<{ i: number; v: Uint8Array }>) {
        const vector = new Float32Array(row.v.buffer, row.v.byteOffset, dimensions)
        if (isNear(cosine(vector, question.vector), similarityMin)) found.push(row.i)
      }
      expectFound(found, question)
    })
  } finally {
    database.close()
  }
}

async function askLance(data: Data, asked: readonly Question[], directory: string): Promise<number[]> {
  process.env.LANCEDB_LOG = "error"
  const lancedb = await import("@lancedb/lancedb")
  const { Field, FixedSizeList, Float32, Int32, Schema, Utf8 } = await import("apache-arrow")
  const schema = new Schema([
    new Field("id", new Int32()),
    new Field("interface_hash", new Utf8()),
    new Field("vector", new FixedSizeList(dimensions, new Field("item", new Float32(), true)))
  ])
  const connection = await lancedb.connect(directory, {}, new lancedb.Session(256n << 20n, 64n << 20n))
  const table = await connection.createEmptyTable("m", schema)
  const batch = 10_000
  for (let from = 0; from < data.count; from += batch) {
    const part = Array.from({ length: Math.min(batch, data.count - from) }, (_, offset) => ({
      id: from + offset,
      interface_hash: data.hashes[data.interfaces[from + offset]!]!,
      vector: Array.from(vectorOf(data.vectors, from + offset))
    }))
    await table.add(lancedb.makeArrowTable(part, { schema }))
  }
  await table.optimize()
  await table.createIndex("interface_hash", { config: lancedb.Index.btree() })
  const one = async (question: Question) => {
    const found = (await table
      .query()
      .where(`interface_hash = '${data.hashes[question.interfaceIndex]!}'`)
      .nearestTo(question.vector)
      .distanceType("cosine")
      .limit(16)
      .select(["id", "_distance"])
      .toArray()) as { id: number }[]
    expectFound(
      found.map(({ id }) => id),
      question
    )
  }
  await timed(asked.slice(0, 20), one)
  const times = await timed(asked, one)
  connection.close()
  return times
}

function openInChild(
  directory: string,
  ledger: Ledger
): { readonly openMs: number; readonly processorMs: number; readonly bytes: number; readonly ready: boolean } {
  const child = fileURLToPath(new URL("./_open-index.ts", import.meta.url))
  const last = Buffer.from(ledger.entryBytes(ledger.size - 1)).toString("base64")
  const said = execFileSync(process.execPath, [child, directory, JSON.stringify(bundledModel), String(ledger.size), last], {
    encoding: "utf8"
  })
  return JSON.parse(said) as { openMs: number; processorMs: number; bytes: number; ready: boolean }
}

/** Microseconds of each. */
async function timed<T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<number[]> {
  const times: number[] = []
  for (const one of all) {
    const start = performance.now()
    await work(one)
    times.push((performance.now() - start) * 1_000)
  }
  return times
}

/** The least of several timings of each question. */
function bestOf(...runs: readonly (readonly number[])[]): number[] {
  return runs[0]!.map((_, at) => Math.min(...runs.map(run => run[at]!)))
}

function quantile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
}

function plainRow(name: string, value: number, unit: string, target: string | null, met: boolean | null): BenchRow {
  return { name, n: 1, p50: value, p99: value, unit, peers: {}, ratio: null, target, met }
}

function say(what: string): void {
  process.stderr.write(`bench: ${what}\n`)
}
