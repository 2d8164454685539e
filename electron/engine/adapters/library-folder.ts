/** Reads the Modules that ship as Sources: `<group>/<name>.rtfs` beside `<name>.json` with words and Examples. */
import fs from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { z } from "zod"
import { EngineFailure } from "../../../shared/failure.ts"
import { exampleSchema } from "../../../shared/module.ts"

const descriptionSchema = z.object({
  task: z.string().min(1),
  interface: z.string().optional(),
  examples: z.array(exampleSchema).min(1),
  origin: z.string().optional()
})

export interface LibraryItem {
  /** `group/name`. */
  readonly name: string
  readonly source: string
  readonly description: z.infer<typeof descriptionSchema>
}

/** In order of names. Throws `store-unreadable` naming the file that is missing or malformed. */
export function readLibrary(folder = shippedFolder()): LibraryItem[] {
  const items: LibraryItem[] = []
  for (const group of fs.readdirSync(folder, { withFileTypes: true })) {
    if (!group.isDirectory()) continue
    for (const file of fs.readdirSync(path.join(folder, group.name)))
      if (file.endsWith(".rtfs")) items.push(readItem(folder, `${group.name}/${file.slice(0, -".rtfs".length)}`))
  }
  return items.sort((left, right) => (left.name < right.name ? -1 : 1))
}

function readItem(folder: string, name: string): LibraryItem {
  const file = path.join(folder, `${name}.json`)
  try {
    const description = descriptionSchema.parse(JSON.parse(fs.readFileSync(file, "utf8")))
    return { name, source: fs.readFileSync(path.join(folder, `${name}.rtfs`), "utf8"), description }
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error)
    throw new EngineFailure("store-unreadable", `the library's ${name}.json is missing or malformed: ${why}`, {}, { cause: error })
  }
}

/** Sources and bundles lie at different depths below the program's folder, so the folder is looked for on the way up. */
export function shippedFolder(name = "library"): string {
  for (let folder = path.dirname(fileURLToPath(import.meta.url)); ; folder = path.dirname(folder)) {
    // In a packaged app what native code reads lies beside the archive, under the archive's name with an ending.
    const beside = path.join(folder.replace(/\.asar$/, ".asar.unpacked"), "resources", name)
    const candidate = fs.existsSync(beside) ? beside : path.join(folder, "resources", name)
    if (fs.existsSync(candidate)) return candidate
    if (folder === path.dirname(folder)) throw new EngineFailure("internal", `a part of the program is missing: expected resources/${name}`)
  }
}
