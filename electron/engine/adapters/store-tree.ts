/** What stands in a store's folder: names this version makes, and names it does not know. A stranger's file is named and never touched. */
import fs from "node:fs"
import path from "node:path"
import { systemCode } from "./disk.ts"

/** Names of each folder, by its path in the store. Blobs are not among them: their folder may hold millions, and the Blob store knows them. */
const known: Readonly<Record<string, RegExp>> = {
  ".": /^(FORMAT\.json|LOCK|LOCK\.takeover|LOCK\.[0-9a-f]{16}|ledger|oci|trust|lance|hot|hits|quarantine)$/,
  ledger: /^[0-9]{8}\.log$/,
  trust: /^(own|foreign|policy\.json|time|policy\.pending\.json)$/,
  "trust/own": /^(root\.[1-9][0-9]{0,6}\.json|revocations\.json|checkpoint)$/,
  lance: /^((rtfs_modules|usage)\.lance|__manifest|[0-9a-f]{12})$/,
  hits: /^((writer-[0-9]+|reader-[0-9a-f-]+)\.log(\.requests)?|used\.json)$/
}
/** Written beside and renamed: one that was left by a crash is no stranger's. */
const beside = /\.(new|[0-9]+\.new)$/

export interface Stranger {
  /** Path in the store, with `/`. */
  readonly name: string
  readonly bytes: number
}

/** Files and folders that this version did not make. */
export function strangersIn(store: string): Stranger[] {
  return Object.entries(known).flatMap(([folder, names]) =>
    entriesOf(path.join(store, folder))
      .filter(name => !names.test(name) && !beside.test(name))
      .map(name => {
        const found = fs.lstatSync(path.join(store, folder, name), { throwIfNoEntry: false })
        return { name: folder === "." ? name : `${folder}/${name}`, bytes: found?.size ?? 0 }
      })
  )
}

/** What recovery moved aside, each with the note that says why. */
export function quarantinedIn(store: string): { readonly name: string; readonly why: string }[] {
  const folder = path.join(store, "quarantine")
  return entriesOf(folder)
    .filter(name => !name.endsWith(".note"))
    .map(name => ({ name: `quarantine/${name}`, why: noteOf(path.join(folder, `${name}.note`)) }))
}

function entriesOf(folder: string): string[] {
  try {
    return fs.readdirSync(folder).sort()
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error))) return []
    throw error
  }
}

function noteOf(file: string): string {
  try {
    return fs.readFileSync(file, "utf8").trim()
  } catch {
    return "no note says why"
  }
}
