/** Embedding models on this machine: the one that ships, and those a user brought, kept by Digest in the user's data folder. */
import fs from "node:fs"
import path from "node:path"
import { z } from "zod"
import type { Digest } from "../../../shared/digest.ts"
import { hexOf } from "../../../shared/digest.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import type { EmbeddingModel } from "../../../shared/module.ts"
import { diskFailure, syncDirectory, systemCode } from "./disk.ts"
import { digestOfBytes } from "./ledger-frame.ts"
import { shippedFolder } from "./library-folder.ts"
import { bundledModel } from "./transformers-embedder.ts"

/** Files a model is made of, below its folder. */
const needed = ["config.json", "tokenizer.json", "tokenizer_config.json", "onnx/model_quantized.onnx"] as const
const jsonBytesMax = 16_777_216
const modelBytesMax = 2_147_483_648

/** What the vectors of a model depend on; its bytes' Digest is the model's. */
const manifestSchema = z.object({
  id: z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,99}$/u, "expected an id of at most 100 letters, digits and . _ @ -"),
  dimensions: z.number().int().min(128).max(1_024).multipleOf(16),
  pooling: z.literal("mean").optional(),
  normalise: z.literal(true).optional(),
  maxTokens: z.number().int().min(8).max(8_192),
  files: z.record(z.enum(needed), z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.number().int().min(1) }))
})

/** A model read from a folder; nothing in it was loaded. */
export interface FoundModel {
  readonly model: EmbeddingModel
  readonly folder: string
  readonly manifest: Uint8Array
}

/** Where the files of a model are expected; they may be missing. */
export function modelFolderOf(digest: Digest, home: string): string {
  return digest === bundledModel.digest ? path.join(shippedFolder("models"), bundledModel.id) : path.join(home, "models", hexOf(digest))
}

/**
 * The model in a folder, by its `manifest.json`; where it has none, one is made of what its files say. Throws `wrong-usage` where a file is missing or the
 * manifest malformed; whether the files match it is found out when they are read.
 */
export function readModelFolder(folder: string): FoundModel {
  for (const name of needed)
    if (!fs.existsSync(path.join(folder, name)))
      throw new EngineFailure("wrong-usage", `${folder} holds no embedding model: expected ${needed.join(", ")}, and ${name} is missing`)
  const manifest = fs.existsSync(path.join(folder, "manifest.json")) ? smallFile(folder, "manifest.json") : manifestOf(folder)
  const { id, dimensions } = parsed(manifest, folder)
  return { model: { id, digest: digestOfBytes(manifest), dimensions }, folder, manifest }
}

/** Copies a model to the user's folder, unless it is there or ships; answers where it is. Safe to repeat. */
export function installModel({ model, folder, manifest }: FoundModel, home: string): string {
  const place = modelFolderOf(model.digest, home)
  if (fs.existsSync(path.join(place, "manifest.json"))) return place
  const beside = `${place}.${process.pid}.new`
  try {
    fs.rmSync(beside, { recursive: true, force: true })
    fs.mkdirSync(path.join(beside, "onnx"), { recursive: true })
    for (const name of needed) fs.copyFileSync(path.join(folder, name), path.join(beside, name))
    fs.writeFileSync(path.join(beside, "manifest.json"), manifest)
    fs.rmSync(place, { recursive: true, force: true })
    fs.renameSync(beside, place)
    syncDirectory(path.dirname(place))
  } catch (error) {
    fs.rmSync(beside, { recursive: true, force: true })
    throw diskFailure(error, `copy the model to ${place}`)
  }
  return place
}

function parsed(manifest: Uint8Array, folder: string): z.infer<typeof manifestSchema> {
  let data: unknown
  try {
    data = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(manifest))
  } catch {
    throw new EngineFailure("wrong-usage", `${folder}: manifest.json is no JSON`)
  }
  const read = manifestSchema.safeParse(data)
  if (read.success) return read.data
  throw new EngineFailure("wrong-usage", `${folder}: manifest.json is malformed: ${z.prettifyError(read.error)}`)
}

const configSchema = z.object({ hidden_size: z.number().int(), max_position_embeddings: z.number().int().optional() })

/** The id is the folder's name; mean pooling, as sentence models of this kind are trained. */
function manifestOf(folder: string): Uint8Array {
  const config = configSchema.safeParse(JSON.parse(new TextDecoder().decode(smallFile(folder, "config.json"))))
  if (!config.success) throw new EngineFailure("wrong-usage", `${folder}: config.json names no hidden_size`)
  const { hidden_size: dimensions, max_position_embeddings: positions = 512 } = config.data
  const files = Object.fromEntries(
    needed.map(name => {
      const bytes = fs.readFileSync(path.join(folder, name))
      if (bytes.length > modelBytesMax) throw new EngineFailure("limit-exceeded", `${name} is larger than ${modelBytesMax} bytes`)
      return [name, { sha256: hexOf(digestOfBytes(bytes)), bytes: bytes.length }]
    })
  )
  const manifest = {
    id: path.basename(path.resolve(folder)),
    dimensions,
    pooling: "mean",
    normalise: true,
    maxTokens: Math.min(positions, 256),
    files
  }
  return new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`)
}

function smallFile(folder: string, name: string): Uint8Array {
  const file = path.join(folder, name)
  try {
    const { size } = fs.statSync(file)
    if (size > jsonBytesMax) throw new EngineFailure("limit-exceeded", `${file} is larger than ${jsonBytesMax} bytes`)
    return fs.readFileSync(file)
  } catch (error) {
    if (error instanceof EngineFailure) throw error
    throw new EngineFailure("wrong-usage", `${file}: expected a readable file, found ${systemCode(error)}`, {}, { cause: error })
  }
}
