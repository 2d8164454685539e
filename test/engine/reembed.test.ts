import fs from "node:fs"
import path from "node:path"
import { describe, expect, it } from "vitest"
import { readModelFolder } from "../../electron/engine/adapters/model-folder.ts"
import { bundledModel } from "../../electron/engine/adapters/transformers-embedder.ts"
import { digestOf } from "../../electron/engine/core/digest.ts"
import type { Embedder } from "../../electron/engine/ports.ts"
import { reembed } from "../../electron/engine/reembed.ts"
import { adding, letterEmbedder, published, storeInMemory, storeOnDisk } from "./opened.ts"
import { scratchFolder, textBytes } from "./scratch.ts"

const identical = {
  request: { instruction: "give back what is given", interface: "(string) -> string" },
  source: "(defn same [text :string] :string text)",
  examples: [{ args: '["a"]', result: '"a"' }]
}
const same = {
  ...identical,
  source: "(defn same [text :string] :string (str text))"
}

/** Vectors of another model: other dimensions, other directions. */
function otherEmbedder(dimensions = 160): Embedder & { readonly asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    model: { id: "other letters", digest: digestOf(textBytes("other letters")), dimensions },
    async embed(texts) {
      asked.push(...texts)
      return texts.map(text => {
        const vector = new Float32Array(dimensions)
        for (const letter of text) vector[((letter.codePointAt(0) as number) * 7) % dimensions]! += 1
        const length = Math.hypot(...vector)
        return vector.map(value => value / length)
      })
    },
    async close() {}
  }
}

describe("re-embedding", () => {
  it("gives every Mapping an attested vector of the other model, and changes no Verdict", async () => {
    const { engine, store } = await storeInMemory()
    const mappings = [(await published(engine)).mapping, (await published(engine, identical)).mapping]
    const pending = await engine.publish(same)
    if (pending.kind === "published") mappings.push(pending.mapping)
    const verdicts = mappings.map(mapping => ({ ...store.trust.verdict(mapping), asOf: 0 }))
    const other = otherEmbedder()
    expect(await reembed(other, store)).toEqual({ embedded: 3, already: 0, left: [] })
    for (const mapping of mappings) {
      expect(store.trust.vectorsOf(mapping, other.model)).toHaveLength(1)
      expect(store.trust.vectorsOf(mapping, letterEmbedder().model)).toHaveLength(1)
      // Of the bulk record only what speaks of this Mapping: claim, provenance, tests, two embeddings, and a sign-off where there is one.
      expect(store.trust.attestationsOf(mapping).length).toBeLessThanOrEqual(6)
    }
    expect(mappings.map(mapping => ({ ...store.trust.verdict(mapping), asOf: 0 }))).toEqual(verdicts)
    expect(other.asked).toHaveLength(2)
    const record = store.ports.ledger.read(store.ports.ledger.size - 1)
    expect(record.entry).toMatchObject({ kind: "embedded", body: { model: { id: "other letters", digest: other.model.digest } } })
  })

  it("goes on where it was, writes nothing twice, and says how far it is", async () => {
    const { engine, store } = await storeInMemory()
    for (let count = 0; count < 40; count++)
      await engine.publish({
        request: { instruction: `add ${count} to a number` },
        source: `(defn plus [n :int] :int (+ n ${count}))`,
        examples: [{ args: "[1]", result: String(count + 1) }]
      })
    // So large that a record holds 31 of them.
    const other = otherEmbedder(1_024)
    let batches = 0
    const failing: Embedder = {
      ...other,
      embed: texts => (++batches > 1 ? Promise.reject(new Error("power cut")) : other.embed(texts))
    }
    await expect(reembed(failing, store)).rejects.toThrow("power cut")
    const before = store.ports.ledger.size
    const steps: (readonly [string, number, number | null])[] = []
    const done = await reembed(other, store, { onProgress: ({ step, done, total }) => steps.push([step, done, total]) })
    expect(done.already).toBeGreaterThan(0)
    expect(done.embedded + done.already).toBe(40)
    expect(steps.at(-1)?.[0]).toMatch(/looking|embedding/)
    expect(store.ports.ledger.size).toBeGreaterThan(before)
    const after = store.ports.ledger.size
    expect(await reembed(other, store)).toEqual({ embedded: 0, already: 40, left: [] })
    expect(store.ports.ledger.size).toBe(after)
  })

  it("stops when it is asked to, and keeps what it wrote", async () => {
    const { engine, store } = await storeInMemory()
    await published(engine)
    const stop = new AbortController()
    stop.abort()
    await expect(reembed(otherEmbedder(), store, { signal: stop.signal })).rejects.toMatchObject({ code: "cancelled" })
  })

  it("is refused where the publisher's key is locked or the store is open for reading", async () => {
    const { engine, store } = await storeInMemory()
    await published(engine)
    await expect(reembed(otherEmbedder(), { ...store, readOnly: true })).rejects.toMatchObject({ code: "store-read-only" })
  })
})

describe("a store with another model", () => {
  /** The model that ships under another name: real vectors of a model that nothing takes for the old one. */
  function renamed(id: string): string {
    const folder = path.join(scratchFolder(), "model")
    const from = path.resolve("resources/models", bundledModel.id)
    fs.mkdirSync(path.join(folder, "onnx"), { recursive: true })
    for (const name of ["config.json", "tokenizer.json", "tokenizer_config.json", "onnx/model_quantized.onnx"])
      fs.copyFileSync(path.join(from, name), path.join(folder, name))
    const manifest = JSON.parse(fs.readFileSync(path.join(from, "manifest.json"), "utf8"))
    fs.writeFileSync(path.join(folder, "manifest.json"), JSON.stringify({ ...manifest, id }))
    return folder
  }

  it("answers by the old one until it is opened again, then by the new one, and goes back the same way", async () => {
    const { store, open } = await storeOnDisk()
    const first = await open()
    const { mapping } = await published(first)
    const verdict = await first.verify({ digest: mapping })
    const near = { request: { instruction: "add two numbers!", interface: "(int, int) -> int" }, similarityMin: 0.5 }
    const folder = renamed("another")
    const { model } = readModelFolder(folder)
    expect(await first.reembed(folder)).toMatchObject({ model: { id: "another" }, embedded: 1, already: 0, left: [], switched: true })
    expect(await first.lookup(near)).toMatchObject({ kind: "hit", tier: "similar", mapping })
    expect((await first.status({})).model).toMatchObject({ id: bundledModel.id, available: true })
    await first.close()

    const second = await open()
    expect((await second.status({})).model).toEqual({ id: "another", digest: model.digest, available: true })
    expect(await second.lookup(near)).toMatchObject({ kind: "hit", tier: "similar", mapping })
    expect((await second.find({ words: "sum of numbers" })).rows[0]?.similarity).toBeGreaterThan(0.2)
    expect(await second.verify({ digest: mapping })).toMatchObject({ state: verdict.state, rules: verdict.rules })
    expect((await second.audit({})).findings.map(one => one.code)).toEqual([])
    const later = await published(second, identical)
    await second.close()
    expect(fs.existsSync(path.join(store, "hot", "hot.snap"))).toBe(false)

    const third = await open()
    // What came meanwhile is caught up: it had no vector of the old model.
    expect(await third.reembed(null)).toMatchObject({ model: { id: bundledModel.id }, embedded: 1, already: 1, switched: true })
    await third.close()
    const fourth = await open()
    expect((await fourth.status({})).model).toMatchObject({ id: bundledModel.id, available: true })
    expect((await fourth.find({ words: "give back what it was given" })).rows[0]).toMatchObject({
      mapping: later.mapping,
      similarity: expect.any(Number)
    })
    await fourth.close()
    expect(fs.readdirSync(path.join(store, "hot")).filter(name => /^[0-9a-f]{12}$/.test(name))).toEqual([])
  }, 60_000)

  it("refuses a folder that is no model, and another model under the store's own name", async () => {
    const { open } = await storeOnDisk()
    const engine = await open()
    await expect(engine.reembed(scratchFolder())).rejects.toMatchObject({
      code: "wrong-usage",
      message: expect.stringContaining("holds no embedding model: expected config.json")
    })
    const namesake = renamed(bundledModel.id)
    await expect(engine.reembed(namesake)).rejects.toMatchObject({
      code: "wrong-usage",
      message: expect.stringContaining("an id of its own")
    })
    const malformed = renamed("../escape")
    await expect(engine.reembed(malformed)).rejects.toMatchObject({ code: "wrong-usage", message: expect.stringContaining("malformed") })
    const altered = renamed("altered")
    fs.appendFileSync(path.join(altered, "tokenizer.json"), " ")
    await published(engine, adding)
    await expect(engine.reembed(altered)).rejects.toMatchObject({
      code: "model-unavailable",
      message: expect.stringContaining("tokenizer.json is altered")
    })
  }, 60_000)

  it("makes a manifest for a model that has none, named after its folder", async () => {
    const folder = renamed("whatever")
    fs.rmSync(path.join(folder, "manifest.json"))
    const { model } = readModelFolder(folder)
    expect(model).toMatchObject({ id: "model", dimensions: 384 })
    expect(readModelFolder(folder).model).toEqual(model)
  })
})
