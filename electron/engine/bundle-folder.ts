/** The one folder a window's Bundles lie in: a page names files in it, never a path. Doors for people put it around their engine. */
import fs from "node:fs"
import path from "node:path"
import type { AnswerOf, EngineVerbs, InputOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { parseInput } from "../../shared/verb-input.ts"
import { diskFailure } from "./adapters/disk.ts"

/** A plain name: no folder, no hidden file, nothing a shell or Windows takes for something else. */
const plainName = /^[A-Za-z0-9_][A-Za-z0-9_ .()+-]{0,119}$/
const listedMax = 1_000
const uploadBytesMax = 4 * 2 ** 30

/** Export, import and verification by name in `<home>/bundles`, which is made at the first use. Throws `wrong-usage` for any other place. */
export function withBundleFolder<E extends EngineVerbs>(engine: E, home: string): E {
  const folder = path.join(home, "bundles")
  return {
    ...engine,
    bundles: async () => ({ folder, files: listed(folder) }),
    uploadBundle: async (input: InputOf<"uploadBundle">) => upload(folder, input),
    exportBundle: async (input, context) => {
      const target = placeOf(folder, input.target)
      makeFolder(folder)
      return engine.exportBundle({ ...input, target }, context)
    },
    importBundle: async (input, context) => engine.importBundle({ ...input, path: placeOf(folder, input.path) }, context),
    verifyBundle: async (input, context) => engine.verifyBundle({ ...input, path: placeOf(folder, input.path) }, context)
  }
}

function placeOf(folder: string, name: string): string {
  if (plainName.test(name) && !name.endsWith(".")) return path.join(folder, name)
  throw new EngineFailure(
    "wrong-usage",
    `expected the name of a file in ${folder}, of letters, digits, spaces and . _ ( ) + -, found ${JSON.stringify(name)}`
  )
}

function makeFolder(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw diskFailure(error, "make the folder of Bundles")
  }
}

/** Newest first. Links are left out: what they lead to is not in the folder. */
function listed(folder: string): AnswerOf<"bundles">["files"] {
  let entries: fs.Dirent[]
  try {
    entries = fs.readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return []
    throw diskFailure(error, "list the Bundles")
  }
  return entries
    .filter(entry => plainName.test(entry.name) && (entry.isFile() || entry.isDirectory()))
    .flatMap(entry => {
      const stat = fs.statSync(path.join(folder, entry.name), { throwIfNoEntry: false })
      return stat === undefined ? [] : [{ name: entry.name, bytes: entry.isFile() ? stat.size : null, modifiedMs: stat.mtimeMs }]
    })
    .sort((left, right) => right.modifiedMs - left.modifiedMs)
    .slice(0, listedMax)
}

/** Appends a piece to a file that takes its name with the last one; a piece that does not go on where the last ended is refused. */
async function upload(folder: string, given: InputOf<"uploadBundle">): Promise<AnswerOf<"uploadBundle">> {
  const { name, offset, bytes, last } = parseInput("uploadBundle", given)
  const place = placeOf(folder, name)
  const part = path.join(folder, `.${name}.part`)
  const piece = Buffer.from(await bytes.arrayBuffer())
  makeFolder(folder)
  if (fs.existsSync(place)) throw new EngineFailure("wrong-usage", `${name} is here already: remove it, or choose another name`)
  try {
    if (offset === 0) fs.rmSync(part, { force: true })
    const found = fs.statSync(part, { throwIfNoEntry: false })?.size ?? 0
    if (found !== offset)
      throw new EngineFailure("wrong-usage", `expected the piece at ${found}, found the one at ${offset}: begin again at 0`)
    if (found + piece.length > uploadBytesMax) {
      fs.rmSync(part, { force: true })
      throw new EngineFailure("limit-exceeded", `a Bundle has at most ${uploadBytesMax} bytes`)
    }
    fs.appendFileSync(part, piece, { mode: 0o600 })
    if (last) fs.renameSync(part, place)
    return { bytes: found + piece.length, done: last }
  } catch (error) {
    throw error instanceof EngineFailure ? error : diskFailure(error, "write the Bundle")
  }
}
