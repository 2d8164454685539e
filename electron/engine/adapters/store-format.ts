/** FORMAT.json: which layout a store has and which model its vectors are of; a store this version cannot judge is refused, never guessed. */
import fs from "node:fs"
import path from "node:path"
import { z } from "zod"
import { EngineFailure } from "../../../shared/failure.ts"
import type { EmbeddingModel } from "../../../shared/module.ts"
import { digestSchema } from "../../../shared/module.ts"
import { diskFailure, replaceFile, systemCode } from "./disk.ts"

export const layoutVersion = 1

const formatSchema = z.object({
  layout: z.literal(layoutVersion),
  embedding: z.object({
    model: z.string().min(1),
    digest: digestSchema,
    dimensions: z.number().int().min(128).max(1_024).multipleOf(16),
    encoding: z.literal("f32le"),
    metric: z.literal("cosine")
  }),
  projection: z.object({ seed: z.number().int().min(0), K: z.literal(64), clip: z.literal(0.25) })
})
export type StoreFormat = Readonly<z.infer<typeof formatSchema>>

const formatBytesMax = 65_536

export function formatFor(model: EmbeddingModel): StoreFormat {
  return {
    layout: layoutVersion,
    embedding: { model: model.id, digest: model.digest, dimensions: model.dimensions, encoding: "f32le", metric: "cosine" },
    projection: { seed: 1, K: 64, clip: 0.25 }
  }
}

export function writeStoreFormat(store: string, format: StoreFormat): void {
  try {
    replaceFile(path.join(store, "FORMAT.json"), new TextEncoder().encode(`${JSON.stringify(format, null, 2)}\n`))
  } catch (error) {
    throw diskFailure(error, `write FORMAT.json in ${store}`)
  }
}

/** Throws `store-missing`, `store-newer-format` or `store-unreadable`, each saying what was expected. */
export function readStoreFormat(store: string): StoreFormat {
  let text: string
  try {
    const file = path.join(store, "FORMAT.json")
    if (fs.statSync(file).size > formatBytesMax)
      throw new EngineFailure("store-unreadable", `${store}: FORMAT.json is larger than ${formatBytesMax} bytes`)
    text = fs.readFileSync(file, "utf8")
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error)))
      throw new EngineFailure("store-missing", `there is no store at ${store}: make one with "l4 init", or name another with --store`, {
        store
      })
    throw error instanceof EngineFailure
      ? error
      : new EngineFailure("store-unreadable", `${store}: FORMAT.json cannot be read (${systemCode(error)})`, { store }, { cause: error })
  }
  return parseFormat(text, store)
}

function parseFormat(text: string, store: string): StoreFormat {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    throw new EngineFailure("store-unreadable", `${store}: FORMAT.json is not JSON`, { store })
  }
  const layout = typeof data === "object" && data !== null && "layout" in data ? data.layout : undefined
  if (typeof layout === "number" && layout > layoutVersion)
    throw new EngineFailure(
      "store-newer-format",
      `${store} has layout ${layout}, and this version reads up to ${layoutVersion}: open it with a newer version`,
      { store, layout, newest: layoutVersion }
    )
  const format = formatSchema.safeParse(data)
  if (format.success) return format.data
  throw new EngineFailure("store-unreadable", `${store}: FORMAT.json is malformed: ${z.prettifyError(format.error)}`, { store })
}

/** `statfs` types of Linux. Locks and renames over a network promise less than a store needs. */
const networkFileSystems: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "SMB"],
  [0xfe534d42, "SMB"]
])
const doubtfulFileSystems: ReadonlyMap<number, string> = new Map([
  [0x65735546, "FUSE"],
  [0x794c7630, "overlay"]
])

/** Refuses network disks; answers warnings for file systems whose links and renames may misbehave. `typeOf` is the system's answer (Linux numbers). */
export function checkFileSystem(directory: string, typeOf = (at: string) => fs.statfsSync(at).type): readonly string[] {
  if (process.platform !== "linux") return []
  const type = typeOf(directory) >>> 0
  const network = networkFileSystems.get(type)
  if (network !== undefined)
    throw new EngineFailure(
      "store-unreadable",
      `${directory} lies on a network disk (${network}), where a store is not safe: keep it on a local disk and carry Bundles instead`,
      { directory, fileSystem: network }
    )
  const doubtful = doubtfulFileSystems.get(type)
  return doubtful === undefined ? [] : [`the store lies on a ${doubtful} file system, where renames after a crash may misbehave`]
}
