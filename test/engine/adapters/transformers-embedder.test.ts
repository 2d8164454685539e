import { createHash } from "node:crypto"
import { cp, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { AutoTokenizer } from "@xenova/transformers"
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest"
import { bundledModel, openTransformersEmbedder } from "../../../electron/engine/adapters/transformers-embedder.ts"
import type { Embedder } from "../../../electron/engine/ports.ts"
import { EngineFailure } from "../../../shared/failure.ts"

const modelDirectory = join(import.meta.dirname, "../../../resources/models/all-MiniLM-L6-v2")
const files = ["config.json", "tokenizer.json", "tokenizer_config.json", "onnx/model_quantized.onnx"]

interface Fixture {
  readonly maxTokens: number
  readonly dimensions: number
  readonly sentences: readonly { readonly text: string; readonly tokens: readonly number[]; readonly fp32: string }[]
}

describe("the bundled embedding model", () => {
  let embedder: Embedder
  let fixture: Fixture

  beforeAll(async () => {
    embedder = openTransformersEmbedder({ modelDirectory })
    fixture = JSON.parse(await readFile(join(import.meta.dirname, "../../data/embedding-parity.json"), "utf8"))
  })

  afterAll(() => embedder.close())

  it("is the one whose manifest is pinned, and the manifest names all four files", async () => {
    const manifest = await readFile(join(modelDirectory, "manifest.json"))
    expect(bundledModel.digest).toBe(`sha256:${sha256(manifest)}`)
    expect(JSON.parse(manifest.toString())).toMatchObject({
      id: bundledModel.id,
      dimensions: bundledModel.dimensions,
      maxTokens: fixture.maxTokens
    })
    expect(Object.keys(JSON.parse(manifest.toString()).files)).toEqual(files)
  })

  it("stays within mean cosine 0.98 of fp32 on at least 200 sentences", { timeout: 60_000 }, async () => {
    expect(fixture.sentences.length).toBeGreaterThanOrEqual(200)
    const cosines = []
    for (const [index, vector] of (await embedder.embed(fixture.sentences.map(s => s.text))).entries()) {
      cosines.push(cosine(vector, fp32Of(fixture.sentences[index]!.fp32)))
    }
    const mean = cosines.reduce((sum, value) => sum + value, 0) / cosines.length
    expect(mean).toBeGreaterThanOrEqual(0.98)
    expect(mean).toBeGreaterThanOrEqual(0.999) // what this quantisation reaches; 0.98 is the promise
    expect(Math.min(...cosines)).toBeGreaterThanOrEqual(0.99)
  })

  it("has a tokenizer that agrees with the reference, token by token", async () => {
    const tokenizer = await AutoTokenizer.from_pretrained(modelDirectory, { local_files_only: true })
    for (const { text, tokens } of fixture.sentences) {
      const { input_ids } = await tokenizer(text)
      const ids = Array.from(input_ids.data as BigInt64Array, Number)
      const cut = ids.length <= fixture.maxTokens ? ids : [...ids.slice(0, fixture.maxTokens - 1), ids.at(-1)]
      expect(cut, JSON.stringify(text)).toEqual(tokens)
    }
  })

  it("cuts an over-long text as the reference does", async () => {
    const long = fixture.sentences.filter(s => s.tokens.length === fixture.maxTokens)
    expect(long.length).toBeGreaterThanOrEqual(1)
    const vectors = await embedder.embed(long.map(s => s.text))
    for (const [index, vector] of vectors.entries()) expect(cosine(vector, fp32Of(long[index]!.fp32))).toBeGreaterThan(0.998)
  })

  it("answers unit vectors of the stated length, the empty and the over-long text among them", async () => {
    for (const vector of await embedder.embed(["", "reverse a string", "\ud800 lone surrogate", "word ".repeat(100_000)])) {
      expect(vector).toHaveLength(bundledModel.dimensions)
      expect(Math.abs(Math.hypot(...vector) - 1)).toBeLessThan(1e-5)
    }
  })

  it("answers the same bits for the same text, alone, among others, at once, or in another embedder", async () => {
    const other = openTransformersEmbedder({ modelDirectory })
    const text = "count the vowels of a word"
    const [alone] = await embedder.embed([text])
    const [, among] = await other.embed(["a much longer text ".repeat(20), text, "short"])
    const atOnce = await Promise.all([embedder.embed([text]), other.embed([text]), embedder.embed(["x", text])])
    expect(among).toEqual(alone)
    expect(atOnce.map(vectors => vectors.at(-1))).toEqual([alone, alone, alone])
    await other.close()
  })

  it("is not changed by a caller that writes into an answer", async () => {
    const [first] = await embedder.embed(["sort a list"])
    const copy = first!.slice()
    first!.fill(0)
    expect((await embedder.embed(["sort a list"]))[0]).toEqual(copy)
  })

  it("finds a rewording nearer than another task", async () => {
    const [task, rewording, another] = await embedder.embed([
      "compute the sum of the numbers in a list",
      "add up all numbers of a vector",
      "format a date as year, month and day"
    ])
    expect(cosine(task!, rewording!)).toBeGreaterThan(cosine(task!, another!) + 0.3)
  })

  it("fetches nothing", async () => {
    const fetched = vi.spyOn(globalThis, "fetch").mockRejectedValue(new Error("no network in this test"))
    const fresh = openTransformersEmbedder({ modelDirectory })
    await fresh.embed(["no network"])
    expect(fetched).not.toHaveBeenCalled()
    fetched.mockRestore()
    await fresh.close()
  })

  it("says so once it is closed", async () => {
    const closed = openTransformersEmbedder({ modelDirectory })
    await closed.close()
    await closed.close()
    expect(await failureOf(closed)).toMatchObject({ code: "engine-stopped" })
  })
})

describe("a model directory that is not as it was built", () => {
  const directories: string[] = []

  afterEach(async () => {
    for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true })
  })

  async function copyOfModel(): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), "l4-model-"))
    directories.push(directory)
    await cp(modelDirectory, directory, { recursive: true })
    return directory
  }

  it("still opens, with the model's identity, where nothing is there", async () => {
    const embedder = openTransformersEmbedder({ modelDirectory: join(tmpdir(), "l4-no-such-model") })
    expect(embedder.model).toEqual(bundledModel)
    expect(await failureOf(embedder)).toMatchObject({
      code: "model-unavailable",
      details: { file: "manifest.json", expected: bundledModel.digest, found: "no such file" }
    })
  })

  it.each(["manifest.json", ...files])("refuses a missing %s by name", async file => {
    const directory = await copyOfModel()
    await rm(join(directory, file))
    const failure = await failureOf(openTransformersEmbedder({ modelDirectory: directory }))
    expect(failure).toMatchObject({ code: "model-unavailable", details: { file, found: "no such file" } })
    expect(failure.message).toContain(file)
  })

  it.each(["manifest.json", ...files])("refuses %s with one bit flipped, and names both Digests", async file => {
    const directory = await copyOfModel()
    const bytes = await readFile(join(directory, file))
    const expected = `sha256:${sha256(bytes)}`
    bytes[bytes.length >> 1]! ^= 1
    await writeFile(join(directory, file), bytes)
    const found = `sha256:${sha256(bytes)}`
    const failure = await failureOf(openTransformersEmbedder({ modelDirectory: directory }))
    expect(failure).toMatchObject({ code: "model-unavailable", details: { file, expected, found } })
    for (const part of [file, expected, found]) expect(failure.message).toContain(part)
  })

  it("refuses a truncated model, says how long it is, and loads once it is whole again", async () => {
    const directory = await copyOfModel()
    const path = join(directory, "onnx/model_quantized.onnx")
    const whole = await readFile(path)
    await truncate(path, 1_000_000)
    const embedder = openTransformersEmbedder({ modelDirectory: directory })
    expect((await failureOf(embedder)).message).toContain(`(${whole.length} bytes expected, 1000000 found)`)
    await writeFile(path, whole)
    expect(await embedder.embed(["whole again"])).toHaveLength(1)
    await embedder.close()
  })
})

async function failureOf(embedder: Embedder): Promise<EngineFailure> {
  const failure = await embedder.embed(["any text"]).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(EngineFailure)
  return failure as EngineFailure
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex")
}

function fp32Of(base64: string): Float32Array {
  const bytes = Buffer.from(base64, "base64")
  return Float32Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readInt16LE(index * 2) / 32_767)
}

function cosine(a: Float32Array, b: Float32Array): number {
  let dot = 0
  for (const [index, value] of a.entries()) dot += value * b[index]!
  return dot / (Math.hypot(...a) * Math.hypot(...b))
}
