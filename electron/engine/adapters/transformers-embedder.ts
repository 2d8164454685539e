/**
 * The Embedder over the bundled sentence model, run by transformers.js on ONNX Runtime in this process.
 *
 * Nothing is fetched, and nothing is loaded before its SHA-256 was compared: the manifest's with the pinned
 * Digest, each file's with the manifest's. Opening touches no file, so that an Engine opens, and answers
 * Lookups by exact text, where the model is absent. Texts are embedded one at a time: a vector then depends on
 * its text alone, never on what else was in a batch or how it was padded.
 */
import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import type { Tensor } from "@xenova/transformers"
import { type Digest, digestOfHex } from "../../../shared/digest.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import type { EmbeddingModel } from "../../../shared/module.ts"
import type { Embedder } from "../ports.ts"

/** The model in `resources/models/all-MiniLM-L6-v2`; its Digest is that of `manifest.json`. */
export const bundledModel: EmbeddingModel = {
  id: "all-MiniLM-L6-v2",
  digest: digestOfHex("c4a01730da36020408b0d34d705b130858a56387aa77044a49b13dafc00ced80"),
  dimensions: 384
}

interface Manifest {
  readonly maxTokens: number
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly bytes: number }>>
}

interface Loaded {
  vectorOf(text: string): Promise<Float32Array>
  dispose(): Promise<unknown>
}

/** Threads of one inference: the Engine shares its machine with the Runner and the window. */
const threadsMax = 1
/** Characters that reach the tokenizer, which then cuts at the model's greatest number of tokens. */
const charactersMax = 32_768
/** Calls of `embed` that may wait at once. */
const callsMax = 1_024
/** Vectors kept in memory, the least recently used leaving first: 1.5 KiB each. */
const keptMax = 1_024

export interface TransformersEmbedderOptions {
  readonly modelDirectory: string
  /** What must be in the directory. */
  readonly model?: EmbeddingModel
}

export function openTransformersEmbedder({ modelDirectory, model = bundledModel }: TransformersEmbedderOptions): Embedder {
  const directory = resolve(modelDirectory)
  const kept = new Map<string, Float32Array>()
  let loading: Promise<Loaded> | null = null
  let last: Promise<unknown> = Promise.resolve()
  let calls = 0
  let closed = false

  /** Texts of concurrent calls take turns, so that a long call does not hold up a Lookup. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(work)
    last = turn.catch(() => undefined)
    return turn
  }

  async function vectorOf(text: string): Promise<Float32Array> {
    if (closed) throw new EngineFailure("engine-stopped", "the embedding model is closed")
    const vector = kept.get(text) ?? (await (await loaded()).vectorOf(text))
    kept.delete(text)
    kept.set(text, vector)
    if (kept.size > keptMax) kept.delete(kept.keys().next().value!)
    return vector.slice()
  }

  function loaded(): Promise<Loaded> {
    loading ??= load(directory, model).catch(failure => {
      loading = null // a file put back is found by the next call
      throw failure
    })
    return loading
  }

  return {
    model,

    async embed(texts) {
      if (calls >= callsMax) throw new EngineFailure("queue-full", `${callsMax} calls already wait for the embedding model`)
      calls += 1
      try {
        const vectors: Float32Array[] = []
        for (const text of texts) vectors.push(await inTurn(() => vectorOf(text.slice(0, charactersMax))))
        return vectors
      } finally {
        calls -= 1
      }
    },

    async close() {
      if (closed) return
      closed = true
      await inTurn(async () => {
        kept.clear()
        await (await loading?.catch(() => null))?.dispose()
      })
    }
  }
}

async function load(directory: string, model: EmbeddingModel): Promise<Loaded> {
  const { maxTokens } = await checkFiles(directory, model)
  try {
    const { AutoModel, AutoTokenizer, env, mean_pooling, Tensor } = await import("@xenova/transformers")
    env.allowRemoteModels = false
    env.useFSCache = false
    env.useBrowserCache = false
    // The absolute directory, not an id below `env.localModelPath`: that setting, and the library's own cache by id, are global.
    const tokenizer = await AutoTokenizer.from_pretrained(directory, { local_files_only: true })
    const encoder = await AutoModel.from_pretrained(directory, {
      dtype: "q8",
      device: "cpu",
      local_files_only: true,
      session_options: { intraOpNumThreads: threadsMax, interOpNumThreads: 1 }
    })

    return {
      async vectorOf(text) {
        const ids = idsOf(await tokenizer(text), maxTokens)
        const row = (values: BigInt64Array): Tensor => new Tensor("int64", values, [1, values.length])
        const attention_mask = row(new BigInt64Array(ids.length).fill(1n))
        const inputs = { input_ids: row(ids), attention_mask, token_type_ids: row(new BigInt64Array(ids.length)) }
        const { last_hidden_state } = (await encoder(inputs)) as { last_hidden_state: Tensor }
        const unit = mean_pooling(last_hidden_state, attention_mask).normalize(2, -1)
        const vector = Float32Array.from(unit.data as Float32Array) // our own memory, not the runtime's
        last_hidden_state.dispose()
        return finite(vector, model)
      },
      dispose: () => encoder.dispose()
    }
  } catch (cause) {
    throw unavailable(`${model.id} could not be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, {}, cause)
  }
}

/** At most `maxTokens` ids that still end with the separator, as the model was trained; the library's own truncation drops it. */
function idsOf({ input_ids }: { readonly input_ids: Tensor }, maxTokens: number): BigInt64Array {
  const ids = input_ids.data as BigInt64Array
  if (ids.length <= maxTokens) return ids
  const cut = ids.slice(0, maxTokens)
  cut[maxTokens - 1] = ids[ids.length - 1]!
  return cut
}

function finite(vector: Float32Array, model: EmbeddingModel): Float32Array {
  if (vector.length === model.dimensions && vector.every(Number.isFinite)) return vector
  throw unavailable(`${model.id} answered ${vector.length} components, not ${model.dimensions} finite ones`, {})
}

async function checkFiles(directory: string, model: EmbeddingModel): Promise<Manifest> {
  const bytes = await checked(directory, "manifest.json", model.digest)
  const manifest = JSON.parse(new TextDecoder().decode(bytes)) as Manifest // its bytes are the pinned ones
  for (const [file, expected] of Object.entries(manifest.files)) {
    await checked(directory, file, digestOfHex(expected.sha256), expected.bytes)
  }
  return manifest
}

async function checked(directory: string, file: string, expected: Digest, expectedBytes?: number): Promise<Uint8Array> {
  const bytes = await readFile(join(directory, file)).catch((cause: NodeJS.ErrnoException) => {
    const found = cause.code === "ENOENT" ? "no such file" : (cause.code ?? cause.message)
    throw unavailable(`${file} cannot be read: expected ${expected}, found ${found}`, { file, expected, found }, cause)
  })
  const found = digestOfHex(createHash("sha256").update(bytes).digest("hex"))
  if (found === expected) return bytes
  const sizes =
    expectedBytes === undefined || expectedBytes === bytes.length ? "" : ` (${expectedBytes} bytes expected, ${bytes.length} found)`
  throw unavailable(`${file} is altered: expected ${expected}, found ${found}${sizes}`, { file, expected, found })
}

function unavailable(what: string, details: Readonly<Record<string, unknown>>, cause?: unknown): EngineFailure {
  return new EngineFailure("model-unavailable", `the embedding model is unavailable: ${what}`, details, { cause })
}
