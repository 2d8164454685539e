/** The window's files, listed once at start: a request can only name what is in the list, so no request ever becomes a path. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { contentTypeOf } from "../../shared/page-policy.ts"

export interface WindowFile {
  readonly type: string
  readonly bytes: Buffer
}

/** Every file below a directory under the path a page asks for it by (`/assets/index.js`); `/` is the page itself. */
export function windowFiles(directory: string): ReadonlyMap<string, WindowFile> {
  const files = new Map<string, WindowFile>()
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith(".map")) continue
    const path = join(entry.parentPath, entry.name)
    const name = `/${path.slice(directory.length).replaceAll("\\", "/").replace(/^\/+/, "")}`
    files.set(name, { type: contentTypeOf(name), bytes: readFileSync(path) })
  }
  const page = files.get("/index.html")
  if (page === undefined) throw new Error(`no window found in ${directory}: expected index.html; run "npm run build" first`)
  files.set("/", page)
  return files
}
