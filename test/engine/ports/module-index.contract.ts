/** What every ModuleIndex must do; the in-memory one is the plain answer the others are compared with. */
import { describe, expect, it } from "vitest"
import { createMemoryLedger } from "../../../electron/engine/adapters/memory.ts"
import type { Ledger, ModuleIndex } from "../../../electron/engine/ports.ts"
import { hexOf } from "../../../shared/digest.ts"
import { hashOf, samplePublished, vectorNear } from "../scratch.ts"

const ints = "(interface 1 [:fn [:int] :int] [])"
const strings = "(interface 1 [:fn [:string] :string] [])"

export function moduleIndexContract(name: string, open: (ledger: Ledger) => ModuleIndex | Promise<ModuleIndex>): void {
  async function filled(...samples: readonly ReturnType<typeof samplePublished>[]) {
    const ledger = createMemoryLedger()
    const index = await open(ledger)
    const follow = async (draft: (typeof samples)[number]["draft"]) => {
      const entry = await ledger.append(draft)
      await index.follow(ledger.read(entry.sequence))
    }
    for (const { draft } of samples) await follow(draft)
    return { ledger, index, follow }
  }

  describe(`ModuleIndex: ${name}`, () => {
    it("finds a Mapping by its exact words and Interface, whatever letters they hold", async () => {
      const text = `it's "quoted" % _ \\ ; -- ünï 数 \u{1f600}`
      const { index } = await filled(
        samplePublished({ text }),
        samplePublished({ text: "other" }),
        samplePublished({ text, type: strings })
      )
      const found = await index.byText(hashOf(ints), text)
      expect(found.map(record => [record.taskText, record.ledgerSequence, record.embedding?.length])).toEqual([[text, 0, 384]])
      expect(await index.byText(hashOf(ints), text.toUpperCase())).toEqual([])
    })

    it("finds by similarity only within the Interface, best first, and says how near the best was", async () => {
      const { index } = await filled(
        samplePublished({ text: "near", vector: vectorNear(5, 0.1) }),
        samplePublished({ text: "nearer", vector: vectorNear(5, 0.01) }),
        samplePublished({ text: "far", vector: vectorNear(5, 1) }),
        samplePublished({ text: "elsewhere", type: strings, vector: vectorNear(5) })
      )
      const { neighbours, best, known } = await index.nearest(hashOf(ints), vectorNear(5), 0.99, 10)
      expect(neighbours.map(({ record }) => record.taskText)).toEqual(["nearer", "near"])
      expect(best).toBeCloseTo(Math.cos(0.01), 6)
      expect(known).toBe(true)
      expect((await index.nearest(hashOf(ints), vectorNear(9), 0.99, 10)).neighbours).toEqual([])
      expect(await index.nearest(hashOf("nobody's"), vectorNear(5), 0.99, 10)).toEqual({ neighbours: [], best: null, known: false })
    })

    it("takes in a similarity that equals the threshold within the tolerance", async () => {
      const drift = Math.acos(0.97)
      const { index } = await filled(samplePublished({ text: "edge", vector: vectorNear(3, drift) }))
      expect((await index.nearest(hashOf(ints), vectorNear(3), 0.97, 10)).neighbours).toHaveLength(1)
      expect((await index.nearest(hashOf(ints), vectorNear(3), 0.970_01, 10)).neighbours).toHaveLength(0)
    })

    it("knows an Interface whose only Mapping has no vector, and finds that one by its words", async () => {
      const { index } = await filled(samplePublished({ text: "bare", vector: null }))
      expect(await index.nearest(hashOf(ints), vectorNear(1), 0.99, 10)).toEqual({ neighbours: [], best: null, known: true })
      expect((await index.byText(hashOf(ints), "bare")).map(record => record.embedding)).toEqual([null])
    })

    it("applies a record once, however often it is told", async () => {
      const sample = samplePublished({ text: "once" })
      const { index, ledger, follow } = await filled(sample)
      await index.follow(ledger.read(0))
      await follow(sample.draft)
      const { records, total } = await index.page(0, 10)
      expect([total, records.length, records[0]?.ledgerSequence]).toEqual([1, 1, 0])
      expect(index.appliedSequence).toBe(1)
    })

    it("lists newest first, a page at a time", async () => {
      const { index } = await filled(...["a", "b", "c", "d", "e"].map(text => samplePublished({ text })))
      const pages = [await index.page(0, 2), await index.page(2, 2), await index.page(4, 2)]
      expect(pages.map(page => page.records.map(record => record.taskText))).toEqual([["e", "d"], ["c", "b"], ["a"]])
      expect(pages.map(page => page.total)).toEqual([5, 5, 5])
    })

    it("finds by Mapping, by Module and by a prefix of either", async () => {
      const first = samplePublished({ text: "first", module: "shared" })
      const second = samplePublished({ text: "second", module: "shared" })
      const { index } = await filled(first, second)
      expect((await index.byMapping(first.mapping))?.taskText).toBe("first")
      expect(await index.byMapping(first.claim.module.digest)).toBeNull()
      expect((await index.byModule(first.claim.module.digest)).map(record => record.taskText)).toEqual(["second", "first"])
      expect(await index.withPrefix(hexOf(first.mapping).slice(0, 12), 10)).toEqual([first.mapping])
      expect(await index.withPrefix(hexOf(first.claim.module.digest).slice(0, 12), 10)).toEqual([first.claim.module.digest])
      expect(await index.withPrefix("ffff0000ffff0000", 10)).toEqual([])
      expect((await index.withPrefix("", 10)).length).toBe(3)
    })

    it("finds for people by a shared word and by nearness together", async () => {
      const { index } = await filled(
        samplePublished({ text: "count the words of a text", vector: vectorNear(10) }),
        samplePublished({ text: "reverse a string", vector: vectorNear(20), type: strings }),
        samplePublished({ text: "sum of squares", vector: vectorNear(30) })
      )
      expect((await index.search("reverse", null, 5)).map(({ record }) => record.taskText)).toEqual(["reverse a string"])
      const both = await index.search("words", vectorNear(30), 5)
      expect(
        both
          .map(({ record }) => record.taskText)
          .slice(0, 2)
          .sort()
      ).toEqual(["count the words of a text", "sum of squares"])
      expect(both.find(({ record }) => record.taskText === "sum of squares")?.similarity).toBeCloseTo(1, 5)
      expect(await index.search(`"' OR 1=1 -- (`, null, 5)).toEqual([])
    })

    it("takes a later vector, and forgets what was evicted", async () => {
      const sample = samplePublished({ text: "later", vector: null })
      const vector = samplePublished({ text: "other", vector: vectorNear(7) }).draft.parts.find(part => part.kind === "embedding")!
      const { index, ledger, follow } = await filled(sample)
      const { digestOfBytes } = await import("../../../electron/engine/adapters/ledger-frame.ts")
      await follow({
        kind: "embedded",
        body: { model: { id: "model" }, embeddings: [{ mapping: sample.mapping, vector: digestOfBytes(vector.bytes) }] },
        parts: [vector]
      })
      expect((await index.nearest(hashOf(ints), vectorNear(7), 0.99, 10)).neighbours.map(({ record }) => record.mapping)).toEqual([
        sample.mapping
      ])
      await follow({ kind: "evicted", body: { mapping: sample.mapping }, parts: [] })
      expect(await index.byMapping(sample.mapping)).toBeNull()
      expect([(await index.page(0, 10)).total, index.appliedSequence]).toEqual([0, ledger.size - 1])
    })

    it("is empty after rebuild until it is told again", async () => {
      const { index, ledger } = await filled(samplePublished({ text: "a" }), samplePublished({ text: "b" }))
      await index.rebuild()
      for (const record of ledger.records(0)) await index.follow(record)
      expect((await index.page(0, 10)).total).toBe(2)
      expect(index.appliedSequence).toBe(1)
    })

    it("takes verdicts and counters without changing what it finds", async () => {
      const sample = samplePublished({ text: "noted" })
      const { index } = await filled(sample)
      await index.noteVerdicts([{ mapping: sample.mapping, state: "trusted" }])
      await index.noteUsage([{ mapping: sample.mapping, hits: 3, lastUsedMs: 1_795_000_000_000 }])
      expect((await index.byMapping(sample.mapping))?.taskText).toBe("noted")
    })
  })
}
