import fs from "node:fs"
import path from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import type { HotIndex, HotIndexOptions } from "../../../electron/engine/adapters/hot-index.ts"
import { openHotIndex } from "../../../electron/engine/adapters/hot-index.ts"
import { digestOfBytes } from "../../../electron/engine/adapters/ledger-frame.ts"
import { createMemoryIndex, createMemoryLedger } from "../../../electron/engine/adapters/memory.ts"
import { bytesOfFloats } from "../../../electron/engine/core/published.ts"
import { cosine, isNear, similarityEpsilon } from "../../../electron/engine/core/ranking.ts"
import type { Ledger } from "../../../electron/engine/ports.ts"
import type { LedgerDraft } from "../../../shared/ledger.ts"
import type { ModuleRecord } from "../../../shared/module.ts"
import { moduleIndexContract } from "../ports/module-index.contract.ts"
import { dimensions, hashOf, samplePublished, scratchFolder, textBytes, vectorNear } from "../scratch.ts"
import { randomOf, unitVector, vectorAt } from "../vectors.ts"

const model = { id: "model", digest: digestOfBytes(textBytes("model")), dimensions }
const ints = "(interface 1 [:fn [:int] :int] [])"
const strings = "(interface 1 [:fn [:string] :string] [])"
const recordBytes = 1_696

function openIndex(ledger: Ledger, more: Partial<HotIndexOptions> = {}): HotIndex {
  return openHotIndex({ directory: scratchFolder(), behind: null, ledger, model, seed: 1, ...more })
}

async function ledgerOf(...drafts: readonly LedgerDraft[]): Promise<Ledger> {
  const ledger = createMemoryLedger()
  await ledger.appendAll(drafts)
  return ledger
}

const sampleDrafts = (count: number, vectorOf: (at: number) => Float32Array = vectorNear) =>
  Array.from(
    { length: count },
    (_, at) => samplePublished({ text: `task ${at}`, type: at % 3 === 0 ? strings : ints, vector: vectorOf(at) }).draft
  )

/** Everything an index answers, plainly. */
async function everything(index: HotIndex) {
  const { records, total } = await index.page(0, 1_000)
  const near = []
  for (let topic = 0; topic < 20; topic++)
    near.push(await index.nearest(hashOf(topic % 3 === 0 ? strings : ints), vectorNear(topic), 0.9, 5))
  return JSON.stringify({
    records: records.map(plain),
    total,
    near: near.map(one => ({ ...one, neighbours: one.neighbours.map(({ record, similarity }) => [plain(record), similarity]) }))
  })
}

const plain = (record: ModuleRecord) => ({
  ...record,
  embedding: record.embedding === null ? null : Buffer.from(bytesOfFloats(record.embedding)).toString("base64")
})

moduleIndexContract("hot", ledger => {
  const index = openIndex(ledger, { behind: createMemoryIndex() })
  onTestFinished(() => index.close())
  return index
})

moduleIndexContract("hot, read-only and without WebAssembly", ledger => {
  const index = openIndex(ledger, { behind: createMemoryIndex(), readOnly: true, simd: false })
  onTestFinished(() => index.close())
  return index
})

describe("nearness in the hot index", () => {
  it("agrees with brute force on thousands of vectors at, below and above each threshold", async () => {
    const random = randomOf(20_260)
    const ledger = createMemoryLedger()
    const index = openIndex(ledger)
    const queries = Array.from({ length: 12 }, () => unitVector(random, dimensions))
    const thresholds = [0.999, 0.99, 0.97, 0.95, 0.9, 0.85, 0.8]
    const offsets = [-1e-3, -1e-5, -2e-6, -1.2e-6, -1e-6, -0.8e-6, -1e-7, 0, 1e-7, 1e-6, 1e-5, 1e-3]
    const vectors: Float32Array[] = []
    for (const query of queries)
      for (const threshold of thresholds)
        for (const offset of offsets) for (let twice = 0; twice < 3; twice++) vectors.push(vectorAt(query, threshold + offset, random))
    for (let far = 0; far < 1_500; far++) vectors.push(unitVector(random, dimensions))
    await ledger.appendAll(vectors.map((vector, at) => samplePublished({ text: `${at}`, vector }).draft))
    await index.follow(ledger.read(0))
    let decided = 0
    let atTheEdge = 0
    for (const query of queries)
      for (const threshold of thresholds) {
        const expected = vectors.flatMap((vector, at) => (isNear(cosine(vector, query), threshold) ? [at] : []))
        const { neighbours, best, known, scan } = await index.nearest(hashOf(ints), query, threshold, vectors.length)
        expect(neighbours.map(({ record }) => record.ledgerSequence).sort((left, right) => left - right)).toEqual(expected)
        expect(neighbours.map(one => one.similarity)).toEqual(neighbours.map(one => one.similarity).sort((left, right) => right - left))
        expect([best, known]).toEqual([Math.max(...vectors.map(vector => cosine(vector, query))), true])
        if (threshold < 0.85 || threshold >= 0.9) expect(scan).toBe(threshold < 0.85 ? "vectors" : undefined)
        decided += vectors.length
        atTheEdge += vectors.filter(vector => Math.abs(cosine(vector, query) - threshold) <= 2 * similarityEpsilon).length
      }
    expect(decided).toBeGreaterThan(300_000)
    expect(atTheEdge).toBeGreaterThan(1_000)
    await index.close()
  })

  it("compares every vector where more are near than are worth a look each, and says so", async () => {
    const ledger = await ledgerOf(
      ...Array.from({ length: 1_100 }, (_, at) => samplePublished({ text: `${at}`, vector: vectorNear(3, at * 1e-5) }).draft)
    )
    const index = openIndex(ledger)
    const { neighbours, scan } = await index.nearest(hashOf(ints), vectorNear(3), 0.99, 2_000)
    expect([neighbours.length, scan]).toEqual([1_100, "vectors"])
    await index.close()
  })

  it("says how near the best was though nothing was near enough", async () => {
    const index = openIndex(await ledgerOf(samplePublished({ text: "a", vector: vectorNear(3, Math.acos(0.97)) }).draft))
    const { neighbours, best } = await index.nearest(hashOf(ints), vectorNear(3), 0.99, 5)
    expect(neighbours).toEqual([])
    expect(best).toBeCloseTo(0.97, 6)
    await index.close()
  })

  it.each([
    ["no unit vector", () => vectorNear(1).map(value => value * 2)],
    ["not a number", () => vectorNear(1).fill(Number.NaN)],
    ["too short", () => vectorNear(1).subarray(0, 128)]
  ])("refuses a question that is %s", async (_, vector) => {
    const index = openIndex(await ledgerOf(samplePublished({ text: "a" }).draft))
    await expect(index.nearest(hashOf(ints), vector(), 0.99, 5)).rejects.toMatchObject({ code: "wrong-usage" })
    await index.close()
  })

  it.each([
    ["longer than one", vectorNear(1).map(value => value * 50)],
    ["not a number", vectorNear(1).fill(Number.NaN)],
    ["of another length", new Float32Array(128).fill(0.1)]
  ])("gives a published vector that is %s no nearness at all, and finds the Mapping by its words", async (_, vector) => {
    const index = openIndex(await ledgerOf(samplePublished({ text: "hostile", vector }).draft))
    expect(await index.nearest(hashOf(ints), vectorNear(1), 0.1, 5)).toMatchObject({ neighbours: [], best: null, known: true })
    expect((await index.byText(hashOf(ints), "hostile")).map(record => record.embedding)).toEqual([null])
    await index.close()
  })

  it("leaves out vectors of another model", async () => {
    const ledger = await ledgerOf(samplePublished({ text: "a", vector: vectorNear(1) }).draft)
    const index = openIndex(ledger, { model: { ...model, id: "another" } })
    expect(await index.nearest(hashOf(ints), vectorNear(1), 0.5, 5)).toMatchObject({ neighbours: [], known: true })
    await index.close()
  })
})

describe("the hot index as it changes", () => {
  it("answers as a plain index does after any mixture of publications, vectors, evictions and restarts", async () => {
    const random = randomOf(4)
    const pick = (below: number) => Math.floor(random() * below)
    const directory = scratchFolder()
    const ledger = createMemoryLedger()
    const plainIndex = createMemoryIndex()
    let index = openIndex(ledger, { directory })
    const samples = Array.from({ length: 120 }, (_, at) =>
      samplePublished({
        text: `task ${at % 100}`,
        module: `module ${at % 70}`,
        type: [ints, strings, "third"][at % 3]!,
        vector: random() < 0.2 ? null : vectorNear(at % 40, random() / 20)
      })
    )
    for (let step = 0; step < 900; step++) {
      const sample = samples[pick(samples.length)]!
      const vector = vectorNear(pick(40), random() / 20)
      const draft: LedgerDraft =
        random() < 0.6
          ? sample.draft
          : random() < 0.6
            ? {
                kind: "embedded",
                body: { model: { id: "model" }, embeddings: [{ mapping: sample.mapping, vector: digestOfBytes(bytesOfFloats(vector)) }] },
                parts: [{ kind: "embedding", bytes: bytesOfFloats(vector) }]
              }
            : { kind: "evicted", body: { mapping: sample.mapping }, parts: [] }
      const record = ledger.read((await ledger.append(draft)).sequence)
      await plainIndex.follow(record)
      await index.follow(record)
      if (random() < 0.02) {
        if (random() < 0.5) await index.close()
        else await index.save()
        index = openIndex(ledger, { directory, simd: random() < 0.5, readOnly: random() < 0.3 })
        expect(index.state).toBe("ready")
      }
      if (step % 30 > 0) continue
      const pages = await Promise.all([plainIndex.page(0, 500), index.page(0, 500)])
      expect(pages[1].total).toBe(pages[0].total)
      expect(pages[1].records.map(plain)).toEqual(pages[0].records.map(plain))
      for (const type of [ints, strings, "third", "none"]) {
        const question = vectorNear(pick(40))
        const [left, right] = await Promise.all([
          plainIndex.nearest(hashOf(type), question, 0.99, 50),
          index.nearest(hashOf(type), question, 0.99, 50)
        ])
        const shown = (answer: typeof left) => answer.neighbours.map(({ record, similarity }) => [similarity, record.mapping]).sort()
        expect([right.known, shown(right)]).toEqual([left.known, shown(left)])
      }
      const text = `task ${pick(100)}`
      expect((await index.byText(hashOf(ints), text)).map(plain)).toEqual((await plainIndex.byText(hashOf(ints), text)).map(plain))
      expect((await index.byModule(sample.claim.module.digest)).map(plain)).toEqual(
        (await plainIndex.byModule(sample.claim.module.digest)).map(plain)
      )
    }
    await index.close()
  })

  it("takes in a group when its closer is there, and never one without", async () => {
    const ledger = createMemoryLedger()
    const index = openIndex(ledger)
    const [first, second, third] = [0, 1, 2].map(at => samplePublished({ text: `${at}`, vector: vectorNear(at) }).draft) as [
      LedgerDraft,
      LedgerDraft,
      LedgerDraft
    ]
    await ledger.appendAll([
      { ...first, group: 0 },
      { ...second, group: 0 }
    ])
    await index.follow(ledger.read(1))
    expect((await index.page(0, 10)).total).toBe(0)
    await ledger.append({ kind: "imported", body: {}, parts: [], group: 0 })
    await index.follow(ledger.read(2))
    expect([(await index.page(0, 10)).total, index.appliedSequence]).toEqual([2, 2])
    await ledger.appendAll([
      { ...third, group: 3 },
      { kind: "feedback", body: {}, parts: [] }
    ])
    await index.follow(ledger.read(4))
    expect([(await index.page(0, 10)).total, index.appliedSequence]).toEqual([2, 4])
    await index.close()
  })

  it("passes words, verdicts and counters on, and says so where nobody takes them", async () => {
    const told: unknown[] = []
    const behind = {
      ...createMemoryIndex(),
      noteUsage: async (rows: unknown) => void told.push(rows),
      noteVerdicts: async (rows: unknown) => void told.push(rows)
    }
    const ledger = await ledgerOf(samplePublished({ text: "some words" }).draft)
    const index = openIndex(ledger, { behind })
    await index.follow(ledger.read(0))
    expect((await index.search("words", null, 5)).map(({ record }) => record.taskText)).toEqual(["some words"])
    await index.noteUsage([])
    await index.noteVerdicts([])
    expect(told).toEqual([[], []])
    await index.close()
    const alone = openIndex(ledger)
    await expect(alone.search("words", null, 5)).rejects.toMatchObject({ code: "index-unavailable" })
    await alone.close()
  })

  it("goes on answering when the index behind it fails", async () => {
    const said: string[] = []
    const behind = { ...createMemoryIndex(), follow: () => Promise.reject(new Error("gone")) }
    const ledger = await ledgerOf(samplePublished({ text: "a" }).draft)
    const index = openIndex(ledger, { behind, onRepair: what => said.push(what) })
    await index.follow(ledger.read(0))
    expect((await index.byText(hashOf(ints), "a")).length).toBe(1)
    await new Promise(resolve => setImmediate(resolve))
    expect(said).toEqual(["the index behind did not follow: Error: gone"])
    await index.close()
  })
})

describe("the hot index on disk", () => {
  async function saved(count = 24) {
    const directory = scratchFolder()
    const ledger = await ledgerOf(...sampleDrafts(count))
    const index = openIndex(ledger, { directory })
    const answers = await everything(index)
    await index.close()
    return { directory, ledger, answers }
  }

  const files = ["hot.snap", "hot.f32"] as const

  it("opens from its snapshot and reads only what the Ledger has more", async () => {
    const { directory, ledger, answers } = await saved()
    const reads: number[] = []
    const counted: Ledger = {
      ...ledger,
      size: ledger.size,
      head: ledger.head,
      read: sequence => {
        reads.push(sequence)
        return ledger.read(sequence)
      }
    }
    const index = openIndex(counted, { directory })
    expect(reads).toEqual([])
    expect(index.appliedSequence).toBe(23)
    expect(await everything(index)).toBe(answers)
    await index.close()
    expect(fs.statSync(path.join(directory, "hot.f32")).size).toBe(24 * recordBytes)
  })

  it.each(files)("is whole again when %s was deleted", async name => {
    const { directory, ledger, answers } = await saved()
    fs.rmSync(path.join(directory, name))
    const index = openIndex(ledger, { directory })
    expect(await everything(index)).toBe(answers)
    await index.close()
  })

  it.each(files)("is whole again when %s was cut anywhere", async name => {
    const { directory, ledger, answers } = await saved()
    const file = path.join(directory, name)
    const whole = fs.readFileSync(file)
    const random = randomOf(9)
    for (let time = 0; time < 20; time++) {
      fs.writeFileSync(file, whole.subarray(0, Math.floor(random() * whole.length)))
      const index = openIndex(ledger, { directory, readOnly: true })
      expect(await everything(index)).toBe(answers)
      await index.close()
    }
  })

  it.each([
    ["hot.snap", 80],
    ["hot.f32", 80]
  ] as const)("answers the same, or not at all, with any byte of %s changed, %i times", async (name, times) => {
    const { directory, ledger, answers } = await saved()
    const file = path.join(directory, name)
    const whole = fs.readFileSync(file)
    const random = randomOf(77)
    let noticed = 0
    for (let time = 0; time < times; time++) {
      const damaged = Buffer.from(whole)
      const at = Math.floor(random() * whole.length)
      damaged[at] = damaged[at]! ^ (1 + Math.floor(random() * 255))
      fs.writeFileSync(file, damaged)
      const index = openIndex(ledger, { directory, readOnly: true, onRepair: () => noticed++ })
      expect(await everything(index)).toBe(answers)
      await index.close()
    }
    expect(noticed).toBeGreaterThanOrEqual(times)
  })

  it("notices any byte changed in a snapshot it holds against its checksum after opening, rebuilds, and keeps nothing of it", async () => {
    const { directory, ledger, answers } = await saved()
    const file = path.join(directory, "hot.snap")
    const whole = fs.readFileSync(file)
    const random = randomOf(78)
    for (let time = 0; time < 12; time++) {
      const damaged = Buffer.from(whole)
      const at = Math.floor(random() * whole.length)
      damaged[at] = damaged[at]! ^ (1 + Math.floor(random() * 255))
      fs.writeFileSync(file, damaged)
      let noticed = 0
      const index = openIndex(ledger, { directory, checkedAtOnceMax: 0, onRepair: () => noticed++ })
      await index.save()
      while (noticed === 0 || index.state === "rebuilding") await new Promise(resolve => setTimeout(resolve, 1))
      expect(await everything(index)).toBe(answers)
      await index.close()
      expect(noticed).toBe(1)
      const again = openIndex(ledger, { directory, onRepair: () => noticed++ })
      expect([again.state, noticed]).toEqual(["ready", 1])
      await again.close()
    }
  })

  it("writes a damaged record again from the Ledger", async () => {
    const { directory, ledger, answers } = await saved()
    const file = path.join(directory, "hot.f32")
    const whole = fs.readFileSync(file)
    const damaged = Buffer.from(whole)
    damaged[7 * recordBytes + 100]! ^= 1
    fs.writeFileSync(file, damaged)
    const said: string[] = []
    const index = openIndex(ledger, { directory, onRepair: what => said.push(what) })
    expect(await everything(index)).toBe(answers)
    await index.close()
    expect(said).toEqual(["record 7 of hot.f32 was damaged and was written again from the ledger"])
    expect(fs.readFileSync(file).equals(whole)).toBe(true)
  })

  it("rebuilds when a damaged record's vector came by a later one, and refuses answers meanwhile", async () => {
    const directory = scratchFolder()
    const sample = samplePublished({ text: "later", vector: null })
    const vector = bytesOfFloats(vectorNear(7))
    const ledger = await ledgerOf(sample.draft, {
      kind: "embedded",
      body: { model: { id: "model" }, embeddings: [{ mapping: sample.mapping, vector: digestOfBytes(vector) }] },
      parts: [{ kind: "embedding", bytes: vector }]
    })
    await openIndex(ledger, { directory }).close()
    const file = path.join(directory, "hot.f32")
    const damaged = fs.readFileSync(file)
    damaged[0]! ^= 1
    fs.writeFileSync(file, damaged)
    const index = openIndex(ledger, { directory })
    await expect(index.nearest(hashOf(ints), vectorNear(7), 0.99, 5)).rejects.toMatchObject({
      code: "index-unavailable",
      details: { rebuilding: true }
    })
    expect(index.state).toBe("rebuilding")
    await index.ready
    expect((await index.nearest(hashOf(ints), vectorNear(7), 0.99, 5)).neighbours).toHaveLength(1)
    await index.close()
  })

  it("does not believe the snapshot of another Ledger, model, seed or a Ledger put back", async () => {
    const { directory, ledger } = await saved()
    const other = await ledgerOf(...sampleDrafts(45, at => vectorNear(at + 50)))
    const shorter = await ledgerOf(...sampleDrafts(10))
    for (const [options, total] of [
      [{ ledger: other }, 45],
      [{ ledger: shorter }, 10],
      [{ ledger, seed: 2 }, 24],
      [{ ledger, model: { ...model, digest: digestOfBytes(textBytes("other")) } }, 24]
    ] as const) {
      const said: string[] = []
      const index = openIndex(options.ledger, { directory, readOnly: true, ...options, onRepair: what => said.push(what) })
      expect([(await index.page(0, 1)).total, said.length]).toEqual([total, 1])
      await index.close()
    }
  })

  it("lets a reader follow beside the writer without touching its files", async () => {
    const { directory, ledger } = await saved()
    const before = files.map(name => fs.readFileSync(path.join(directory, name)))
    const reader = openIndex(ledger, { directory, readOnly: true })
    const { draft } = samplePublished({ text: "news", vector: vectorNear(200) })
    const record = ledger.read((await ledger.append(draft)).sequence)
    await reader.follow(record)
    expect((await reader.byText(hashOf(ints), "news")).length).toBe(1)
    expect((await reader.nearest(hashOf(ints), vectorNear(200), 0.99, 5)).neighbours.length).toBe(1)
    await reader.close()
    expect(files.map((name, at) => fs.readFileSync(path.join(directory, name)).equals(before[at]!))).toEqual([true, true])
  })

  it("rebuilds a long Ledger in the background, refusing answers until it is whole", async () => {
    const ledger = await ledgerOf(...sampleDrafts(300))
    const index = openIndex(ledger, { replayAtOnceMax: 100 })
    await expect(index.byText(hashOf(ints), "task 1")).rejects.toMatchObject({ code: "index-unavailable", details: { rebuilding: true } })
    await index.ready
    expect([index.state, (await index.page(0, 1)).total]).toEqual(["ready", 300])
    await index.close()
  })

  it("can be closed while it rebuilds, and goes on at the next opening", async () => {
    const directory = scratchFolder()
    const ledger = await ledgerOf(...sampleDrafts(3_000))
    await openIndex(ledger, { directory, replayAtOnceMax: 100 }).close()
    const index = openIndex(ledger, { directory, replayAtOnceMax: 100 })
    await index.ready
    expect((await index.page(0, 1)).total).toBe(3_000)
    await index.close()
    expect(fs.readdirSync(directory).sort()).toEqual(["hot.f32", "hot.snap"])
  })

  it("keeps answering and loses nothing while its snapshot is written", async () => {
    const ledger = await ledgerOf(...sampleDrafts(500))
    const directory = scratchFolder()
    const index = openIndex(ledger, { directory })
    const saving = index.save()
    expect((await index.byText(hashOf(ints), "task 1")).length).toBe(1)
    const record = ledger.read((await ledger.append(samplePublished({ text: "meanwhile" }).draft)).sequence)
    await Promise.all([saving, index.follow(record), index.save()])
    expect((await index.byText(hashOf(ints), "meanwhile")).length).toBe(1)
    await index.close()
    const again = openIndex(ledger, { directory })
    expect((await again.byText(hashOf(ints), "meanwhile")).length).toBe(1)
    await again.close()
  })

  it("refuses questions and changes once it is closed", async () => {
    const ledger = await ledgerOf(samplePublished({ text: "a" }).draft)
    const index = openIndex(ledger)
    await index.close()
    await expect(index.byText(hashOf(ints), "a")).rejects.toMatchObject({ code: "engine-stopped" })
    await expect(index.follow(ledger.read(0))).rejects.toMatchObject({ code: "engine-stopped" })
  })
})
