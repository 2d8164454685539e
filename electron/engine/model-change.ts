/** Another embedding model for a whole store: its vectors and files grow beside the old ones, which go on answering until FORMAT.json is replaced. */
import fs from "node:fs"
import path from "node:path"
import type { CallContext } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { EmbeddingModel } from "../../shared/module.ts"
import { openHotIndex } from "./adapters/hot-index.ts"
import { installModel, modelFolderOf, readModelFolder } from "./adapters/model-folder.ts"
import type { StoreFormat } from "./adapters/store-format.ts"
import { formatFor, writeStoreFormat } from "./adapters/store-format.ts"
import { bundledModel, openTransformersEmbedder } from "./adapters/transformers-embedder.ts"
import type { OpenStore } from "./open-store.ts"
import type { Embedder } from "./ports.ts"
import type { ModelChange } from "./reembed.ts"
import { reembed } from "./reembed.ts"

/** Folders of what derives from vectors: those of the model that ships lie where they always lay, those of another beside them by its Digest. */
export function derivedFolders(store: string, { embedding: { digest } }: StoreFormat): { readonly hot: string; readonly lance: string } {
  const name = digest === bundledModel.digest ? "" : nameOf(digest)
  return { hot: path.join(store, "hot", name), lance: path.join(store, "lance", name) }
}

function nameOf(digest: string): string {
  return digest.slice("sha256:".length, "sha256:".length + 12)
}

/** The Embedder of the model that FORMAT.json names, wherever its files are. Opening touches none of them. */
export function openStoreEmbedder(
  { embedding }: StoreFormat,
  home: string
): { readonly embedder: Embedder; readonly missing: string | null } {
  const model: EmbeddingModel = { id: embedding.model, digest: embedding.digest, dimensions: embedding.dimensions }
  const folder = modelFolderOf(model.digest, home)
  const hint =
    model.digest === bundledModel.digest ? "" : "; l4 reembed --model DIR puts it there, or without --model goes back to the one that ships"
  const missing = fs.existsSync(path.join(folder, "manifest.json"))
    ? null
    : `the embedding model ${model.id} is missing: expected manifest.json in ${folder}${hint}`
  return { embedder: openTransformersEmbedder({ modelDirectory: folder, model }), missing }
}

/** Removes what derives from models that FORMAT.json no longer names. Never throws: what is left is found again at the next opening. */
export function sweepDerived(store: string, format: StoreFormat): void {
  const kept = format.embedding.digest === bundledModel.digest ? null : nameOf(format.embedding.digest)
  for (const [part, own] of [
    ["hot", /^hot\.(f32|snap)$/],
    ["lance", /\.lance$/]
  ] as const) {
    const folder = path.join(store, part)
    try {
      for (const name of fs.readdirSync(folder))
        if ((/^[0-9a-f]{12}$/.test(name) && name !== kept) || (kept !== null && own.test(name)))
          fs.rmSync(path.join(folder, name), { recursive: true, force: true })
    } catch {
      // A folder that is not there holds nothing to sweep.
    }
  }
}

/**
 * Re-embeds a store that this process has open for writing: with the model in `directory`, or without one with the model that ships. The open engine goes on with
 * the old model; open the store again for the new one. Safe to repeat after an interruption.
 */
export async function changeModel(
  directory: string | null,
  store: OpenStore,
  home: string,
  before: StoreFormat,
  context: CallContext = {}
): Promise<ModelChange> {
  const found = readModelFolder(directory ?? modelFolderOf(bundledModel.digest, home))
  refuseNamesake(found.model, before.embedding)
  if (store.readOnly) throw new EngineFailure("store-read-only", "nothing can be embedded: the store is open for reading only")
  const folder = installModel(found, home)
  const target = openTransformersEmbedder({ modelDirectory: folder, model: found.model })
  try {
    const done = await reembed(target, store, context)
    const isSame = found.model.digest === before.embedding.digest
    if (isSame || done.left.length > 0) return { ...done, model: found.model, switched: false }
    const format = formatFor(found.model)
    await buildIndex(format, store)
    writeStoreFormat(store.place, format)
    return { ...done, model: found.model, switched: true }
  } finally {
    await target.close()
  }
}

/** Rows name a model by its id: two of one id would be taken for one wherever no Digest is at hand. */
function refuseNamesake(model: EmbeddingModel, { model: id, digest }: StoreFormat["embedding"]): void {
  if (model.id === id && model.digest !== digest)
    throw new EngineFailure(
      "wrong-usage",
      `the model is called ${id} as the store's own, and is another (${model.digest}, not ${digest}): give it an id of its own in manifest.json`
    )
}

/** Written and closed before FORMAT.json names it, so that the next opening finds it whole. */
async function buildIndex(format: StoreFormat, store: OpenStore): Promise<void> {
  const { model: id, digest, dimensions } = format.embedding
  const index = openHotIndex({
    directory: derivedFolders(store.place, format).hot,
    behind: null,
    ledger: store.ports.ledger,
    model: { id, digest, dimensions },
    seed: format.projection.seed
  })
  await index.ready
  await index.close()
}
