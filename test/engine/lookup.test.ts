import { describe, expect, it } from "vitest"
import { createMemoryHitLog } from "../../electron/engine/adapters/memory.ts"
import { digestOf } from "../../electron/engine/core/digest.ts"
import type { ModuleIndex } from "../../electron/engine/ports.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { ModuleRecord } from "../../shared/module.ts"
import { adding, letterEmbedder, published, storeInMemory } from "./opened.ts"
import { hashOf, textBytes, vectorNear } from "./scratch.ts"

const ask = { request: adding.request, args: "[3 4]" }

describe("a Lookup", () => {
  it("goes from Miss to Pending to Hit, and each is in the log with its request, Verdict and Outcome", async () => {
    const { engine, store } = await storeInMemory()
    expect(await engine.lookup(ask)).toMatchObject({ kind: "miss", reason: "no-such-interface" })
    const made = await engine.publish(adding)
    if (made.kind !== "published") throw new Error(made.kind)
    expect(await engine.lookup(ask)).toMatchObject({
      kind: "miss",
      reason: "untrusted",
      why: expect.stringContaining("pending"),
      candidates: [{ mapping: made.mapping, verdict: "pending", dropped: expect.stringContaining("signed-off") }]
    })
    await engine.signOff({ digest: made.digest, signOff: { decision: "approve", note: "read" } })
    const hit = await engine.lookup(ask)
    expect(hit).toMatchObject({
      kind: "hit",
      digest: made.digest,
      mapping: made.mapping,
      tier: "exact-text",
      similarity: 1,
      verdict: "trusted",
      outcome: { kind: "returned", value: "7" },
      steps: { embedUs: 0 }
    })
    const entries = [...store.ports.hitLog.entries()]
    expect(entries.map(entry => [entry.kind, entry.missReason, entry.outcome, entry.request.text, entry.hitNumber])).toEqual([
      ["miss", "no-such-interface", null, "add two numbers", 0],
      ["miss", "untrusted", null, "add two numbers", 0],
      ["hit", null, null, "add two numbers", 0],
      ["run", null, "returned", "add two numbers", 3]
    ])
    expect(entries[2]).toMatchObject({ module: made.digest, verdict: "trusted", similarity: 1 })
    expect(entries[2]!.ledgerSequence).toBe(store.trust.claimOf(made.mapping)!.sequence)
  })

  it("finds other words by similarity, and says how far the nearest is where it is too far", async () => {
    const { engine } = await storeInMemory()
    const made = await published(engine)
    expect(await engine.lookup({ ...ask, request: { ...ask.request, instruction: "ADD TWO NUMBERS" } })).toMatchObject({
      kind: "hit",
      mapping: made.mapping,
      tier: "similar",
      similarity: expect.closeTo(1, 6),
      outcome: { value: "7" }
    })
    expect(await engine.lookup({ ...ask, request: { ...ask.request, instruction: "reverse the letters" } })).toMatchObject({
      kind: "miss",
      reason: "too-far",
      why: expect.stringMatching(/similarity 0\.\d{4}/)
    })
    expect(
      await engine.lookup({ ...ask, similarityMin: 0.1, request: { ...ask.request, instruction: "sum up two numbers" } })
    ).toMatchObject({ kind: "hit", tier: "similar" })
  })

  it("refuses a Request that is no Task, and arguments that are no vector", async () => {
    const { engine } = await storeInMemory()
    await expect(engine.lookup({ request: { instruction: "x" } })).rejects.toMatchObject({
      code: "wrong-usage",
      message: expect.stringContaining("expected an interface")
    })
    await expect(engine.lookup({ ...ask, args: "3 4" })).rejects.toMatchObject({
      code: "wrong-usage",
      message: expect.stringContaining("character")
    })
    await expect(engine.lookup({ request: { words: 1 } } as never)).rejects.toMatchObject({
      code: "wrong-usage",
      message: expect.stringContaining("instruction")
    })
  })

  it("hands on how a Run ended, whatever the arguments were", async () => {
    const { engine } = await storeInMemory()
    await published(engine)
    expect(await engine.lookup({ ...ask, args: '["a" 1]' })).toMatchObject({
      kind: "hit",
      outcome: { kind: "failed", category: "type-validation" }
    })
    expect(await engine.lookup({ ...ask, args: "[1]" })).toMatchObject({
      kind: "hit",
      outcome: { kind: "failed", category: "arity-mismatch" }
    })
  })
})

describe("supersession", () => {
  it("serves the new Mapping once it is trusted, the old one before that and after its revocation", async () => {
    const { engine } = await storeInMemory()
    const first = await published(engine)
    const draft = { ...adding, source: "(defn add [a :int b :int] :int (+ b a))", supersedes: [first.mapping] }
    const second = await engine.publish(draft)
    if (second.kind !== "published") throw new Error(second.kind)
    const served = async () => {
      const answer = await engine.lookup(ask)
      return answer.kind === "hit" ? answer.mapping : answer.reason
    }
    expect(await served()).toBe(first.mapping)
    await engine.signOff({ digest: second.digest, mapping: second.mapping, signOff: { decision: "approve", note: "better" } })
    expect(await served()).toBe(second.mapping)
    await engine.revoke({ what: second.mapping, reason: "wrong" })
    expect(await served()).toBe(first.mapping)
    await engine.revoke({ what: first.mapping, reason: "wrong" })
    expect(await engine.lookup(ask)).toMatchObject({
      kind: "miss",
      reason: "untrusted",
      candidates: [{ verdict: "untrusted" }, { verdict: "untrusted" }]
    })
  })
})

describe("an index is never evidence: a row", () => {
  const lies: readonly (readonly [string, (row: ModuleRecord) => ModuleRecord])[] = [
    ["that names another Module", row => ({ ...row, module: digestOf(textBytes("other")) })],
    ["that names a Mapping nobody claimed", row => ({ ...row, mapping: digestOf(textBytes("nobody's")) })]
  ]

  it.each(lies)("%s is not served", async (_, lie) => {
    const { engine } = await storeInMemory({ index: honest => lying(honest, lie) })
    await published(engine)
    expect(await engine.lookup(ask)).toMatchObject({ kind: "miss", reason: "untrusted" })
  })

  it("found under words or an Interface that its claim does not have is not served", async () => {
    const { engine } = await storeInMemory({
      index: honest => ({ ...honest, byText: async () => (await honest.page(0, 1)).records })
    })
    await published(engine)
    expect(await engine.lookup({ ...ask, request: { ...ask.request, instruction: "delete everything" } })).toMatchObject({
      kind: "miss",
      reason: "untrusted"
    })
    expect(await engine.lookup({ ...ask, request: { ...ask.request, interface: "(int) -> int" } })).toMatchObject({
      kind: "miss",
      reason: "untrusted"
    })
  })

  it("with a vector that no Attestation names, or called nearer than it is, is not served", async () => {
    let swap = vectorNear(3)
    const embedder = {
      ...letterEmbedder(),
      embed: async (texts: readonly string[]) => texts.map(text => (text === "add two numbers" ? vectorNear(3) : swap))
    }
    const { engine } = await storeInMemory({
      embedder,
      index: honest => ({
        ...honest,
        nearest: async () => {
          const [record] = (await honest.page(0, 1)).records
          return { neighbours: [{ record: { ...record!, embedding: swap }, similarity: 1 }], best: 1, known: true }
        }
      })
    })
    await published(engine)
    const other = { ...ask, request: { ...ask.request, instruction: "something else" } }
    swap = vectorNear(200)
    expect(await engine.lookup(other)).toMatchObject({
      kind: "miss",
      reason: "untrusted",
      candidates: [{ dropped: expect.stringContaining("no counted Attestation") }]
    })
  })
})

describe("what is missing or broken:", () => {
  it("a damaged Blob is a Miss `damaged`, verify says blob-intact fails, run refuses, and publishing again heals", async () => {
    const { engine, store } = await storeInMemory()
    const made = await published(engine)
    const { get } = store.ports.blobs
    const broken = { ...store.ports.blobs }
    Object.assign(store.ports.blobs, {
      get(digest: typeof made.digest) {
        if (digest === made.digest) throw new EngineFailure("blob-damaged", "the bytes do not match")
        return broken.get(digest)
      }
    })
    expect(await engine.lookup(ask)).toMatchObject({ kind: "miss", reason: "damaged" })
    const verdict = await engine.verify({ digest: made.digest })
    expect([verdict.state, verdict.rules.find(rule => rule.rule === "blob-intact")?.outcome]).toEqual(["untrusted", "fail"])
    await expect(engine.run({ digest: made.digest, args: "[1 2]" })).rejects.toMatchObject({ code: "blob-damaged" })
    expect((await engine.audit({})).findings.map(finding => finding.code)).toEqual(["blob-damaged"])
    Object.assign(store.ports.blobs, { get })
    store.trust.forgetVerdicts()
    expect(await engine.lookup(ask)).toMatchObject({ kind: "hit" })
  })

  it("without the model equal words still hit, and a Miss says what was not compared", async () => {
    const model = letterEmbedder()
    let missing = false
    const embed: typeof model.embed = async texts => {
      if (missing) throw new EngineFailure("model-unavailable", "the model's file is missing")
      return model.embed(texts)
    }
    const { engine } = await storeInMemory({ embedder: { ...model, embed } })
    await published(engine)
    missing = true
    expect(await engine.lookup(ask)).toMatchObject({ kind: "hit", tier: "exact-text" })
    expect(await engine.lookup({ ...ask, request: { ...ask.request, instruction: "ADD two numbers" } })).toMatchObject({
      kind: "miss",
      reason: "too-far",
      why: expect.stringContaining("the model's file is missing")
    })
    const bare = await published(engine, { ...adding, request: { ...adding.request, instruction: "published without a vector" } })
    expect(await engine.lookup({ ...ask, request: { ...ask.request, instruction: "published without a vector" } })).toMatchObject({
      kind: "hit",
      mapping: bare.mapping
    })
    missing = false
    const again = await engine.publish({ ...adding, request: { ...adding.request, instruction: "published without a vector" } })
    expect(again).toMatchObject({ kind: "published", already: false, mapping: bare.mapping, verdict: { state: "trusted" } })
    expect(await engine.lookup({ ...ask, request: { ...ask.request, instruction: "PUBLISHED without a vector" } })).toMatchObject({
      kind: "hit",
      tier: "similar"
    })
  })

  it("what cannot be logged is not served", async () => {
    const log = createMemoryHitLog()
    let full = false
    const hitLog = {
      ...log,
      append(entry: Parameters<typeof log.append>[0]) {
        if (full) throw new EngineFailure("log-unavailable", "the disk is full")
        return log.append(entry)
      }
    }
    const { engine } = await storeInMemory({ hitLog })
    const made = await published(engine)
    full = true
    expect(await engine.lookup(ask)).toMatchObject({ kind: "miss", reason: "log-unavailable" })
    await expect(engine.run({ digest: made.digest, args: "[1 2]" })).rejects.toMatchObject({ code: "log-unavailable" })
    full = false
    expect(await engine.lookup(ask)).toMatchObject({ kind: "hit" })
  })

  it("an index that cannot answer is a Miss that says so", async () => {
    const fail = async () => {
      throw new EngineFailure("index-unavailable", "the index is being rebuilt")
    }
    const { engine } = await storeInMemory({ index: honest => ({ ...honest, byText: fail }) })
    expect(await engine.lookup(ask)).toMatchObject({ kind: "miss", reason: "index-rebuilding", why: "the index is being rebuilt" })
  })
})

function lying(honest: ModuleIndex, lie: (row: ModuleRecord) => ModuleRecord): ModuleIndex {
  return {
    ...honest,
    byText: async (hash, text) => (await honest.byText(hash, text)).map(lie),
    nearest: async (hash, vector, similarityMin, limit) => {
      const near = await honest.nearest(hash, vector, similarityMin, limit)
      return { ...near, neighbours: near.neighbours.map(({ record, similarity }) => ({ record: lie(record), similarity })) }
    }
  }
}

it("knows no Interface by its hash alone", () => {
  expect(hashOf("(interface 1 [:fn [:int] :int] [])")).not.toBe(hashOf("(interface 1 [:fn [:any] :int] [])"))
})
