/**
 * A disk that forgets: records what a process does to the files below a folder and when it syncs them, so that a power loss can be played
 * afterwards. What POSIX does not promise is dropped: bytes written since the file's last sync, names made, moved or removed since the
 * directory's last sync. Native code (LanceDB) is not seen.
 */
import fs from "node:fs"
import path from "node:path"

/** One line of the journal, written before what it tells of. */
type Line =
  | {
      readonly kind: "write"
      readonly inode: number
      readonly at: number
      readonly length: number
      readonly size: number
      readonly old: string
    }
  | { readonly kind: "cut"; readonly inode: number; readonly to: number; readonly old: string }
  | { readonly kind: "made"; readonly name: string }
  | { readonly kind: "moved"; readonly from: string; readonly name: string; readonly kept: string | null }
  | { readonly kind: "removed"; readonly name: string; readonly kept: string }
  | { readonly kind: "synced"; readonly inode: number; readonly lines: number }
  | { readonly kind: "listed"; readonly name: string; readonly lines: number }

type Call = (...params: unknown[]) => unknown

const { closeSync, existsSync, fstatSync, linkSync, lstatSync, openSync, readSync, rmSync } = fs
const originals = { ...fs }

/** Patches `fs` of this process. `beforeEach` is called before every operation that changes or syncs something: it may kill, or throw as a full disk does. */
export function recordDisk(root: string, journal: string, beforeEach: (operation: string) => void): void {
  const folders = new Map<number, string>()
  let lines = 0
  let kept = 0
  fs.mkdirSync(journal, { recursive: true })
  const file = path.join(journal, "lines")
  const log = openSync(file, "a")

  const inside = (name: unknown): name is string => typeof name === "string" && path.resolve(name).startsWith(root + path.sep)
  const say = (line: Line) => {
    originals.writeSync(log, `${JSON.stringify(line)}\n`)
    lines++
  }
  const inodeOf = (handle: number) => fstatSync(handle).ino
  /** A second name for a file, so that its removal can be taken back. */
  const keep = (name: string): string => {
    const other = path.join(journal, `kept-${++kept}`)
    linkSync(name, other)
    return other
  }
  const bytesAt = (handle: number, at: number, length: number): string => {
    const bytes = Buffer.alloc(Math.max(0, length))
    try {
      return bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, at)).toString("base64")
    } catch {
      // Opened for appending only: it grows and never changes.
      return ""
    }
  }
  const wrap = (name: string, call: (original: Call) => Call) => {
    const original = (fs as unknown as Record<string, Call>)[name] as Call
    Object.assign(fs, { [name]: call(original) })
  }
  const counted = (name: string, before: (...params: unknown[]) => void) =>
    wrap(name, original => (...params) => {
      beforeEach(name)
      before(...params)
      return original(...params)
    })

  wrap("openSync", original => (...params) => {
    const [name, flags] = params
    const makes = inside(name) && flags !== undefined && flags !== "r" && flags !== "r+" && typeof flags === "string" && !existsSync(name)
    if (makes) {
      beforeEach("openSync")
      say({ kind: "made", name: path.resolve(name as string) })
    }
    const handle = original(...params) as number
    if (inside(name) && fstatSync(handle).isDirectory()) folders.set(handle, path.resolve(name))
    else folders.delete(handle)
    return handle
  })
  counted("writeSync", (handle, bytes, _offset, length, at) => {
    if (typeof handle !== "number" || handle <= 2 || !(bytes instanceof Uint8Array)) return
    const { size, ino } = fstatSync(handle)
    const position = typeof at === "number" ? at : size
    const count = typeof length === "number" ? length : bytes.length
    say({ kind: "write", inode: ino, at: position, length: count, size, old: bytesAt(handle, position, Math.min(count, size - position)) })
  })
  counted("ftruncateSync", (handle, to) => {
    const { size, ino } = fstatSync(handle as number)
    const length = Number(to ?? 0)
    say({ kind: "cut", inode: ino, to: size, old: bytesAt(handle as number, length, size - length) })
  })
  counted("appendFileSync", (handle, bytes) => {
    if (typeof handle !== "number") return
    const { size, ino } = fstatSync(handle)
    say({ kind: "write", inode: ino, at: size, length: (bytes as Uint8Array).length, size, old: "" })
  })
  counted("renameSync", (from, to) => {
    if (inside(to)) say({ kind: "moved", from: path.resolve(String(from)), name: path.resolve(to), kept: existsSync(to) ? keep(to) : null })
  })
  counted("linkSync", (_from, to) => {
    if (inside(to)) say({ kind: "made", name: path.resolve(to) })
  })
  counted("copyFileSync", (_from, to) => {
    if (inside(to)) say({ kind: "made", name: path.resolve(to) })
  })
  counted("rmSync", name => {
    const found = inside(name) ? lstatSync(name, { throwIfNoEntry: false }) : undefined
    if (found?.isFile()) say({ kind: "removed", name: path.resolve(String(name)), kept: keep(String(name)) })
  })
  wrap("mkdirSync", original => (...params) => {
    const made = original(...params)
    const first = typeof made === "string" ? made : params[0]
    if (inside(first) && made !== undefined) say({ kind: "made", name: path.resolve(first) })
    return made
  })
  for (const name of ["fsyncSync", "fdatasyncSync"])
    wrap(name, original => (...params) => {
      beforeEach(name)
      const handle = params[0] as number
      const told = lines
      const answer = original(handle)
      synced(handle, told)
      return answer
    })
  for (const name of ["fsync", "fdatasync"])
    wrap(name, original => (...params) => {
      beforeEach(name)
      const [handle, done] = params as [number, (error: Error | null) => void]
      const told = lines
      original(handle, (error: Error | null) => {
        if (error === null || error === undefined) synced(handle, told)
        done(error)
      })
    })

  function synced(handle: number, told: number): void {
    const folder = folders.get(handle)
    if (folder === undefined) say({ kind: "synced", inode: inodeOf(handle), lines: told })
    else say({ kind: "listed", name: folder, lines: told })
  }
}

/** Plays the power loss: of what was never synced, all is dropped, or the last part of it. Answers how many operations were taken back. */
export function losePower(root: string, journal: string, random: () => number): number {
  const lines = readLines(path.join(journal, "lines"))
  const lost = lines.map(isPending)
  // Names go through the file system's own journal: what is lost of them is a tail.
  const names = lost.flatMap((pending, at) => (pending && lines[at]?.kind !== "write" && lines[at]?.kind !== "cut" ? [at] : []))
  const namesKept = random() < 0.5 ? 0 : Math.floor(random() * (names.length + 1))
  let undone = 0
  for (const at of names.slice(namesKept).reverse()) undone += undoName(lines[at] as Line, root) ? 1 : 0
  const byInode = inodesBelow(root)
  for (let at = lines.length - 1; at >= 0; at--) {
    const line = lines[at] as Line
    if (!lost[at] || (line.kind !== "write" && line.kind !== "cut")) continue
    const file = byInode.get(line.inode)
    if (file !== undefined && undoBytes(line, file, random)) undone++
  }
  return undone

  function isPending(line: Line, at: number): boolean {
    if (line.kind === "synced" || line.kind === "listed") return false
    return !lines.some((other, later) => {
      if (later <= at) return false
      if (line.kind === "write" || line.kind === "cut") return other.kind === "synced" && other.inode === line.inode && at < other.lines
      return other.kind === "listed" && other.name === path.dirname(line.name) && at < other.lines
    })
  }
}

function undoName(line: Line, root: string): boolean {
  if (line.kind === "made") {
    if (!existsSync(line.name) || line.name === root) return false
    rmSync(line.name, { recursive: true, force: true })
    return true
  }
  if (line.kind === "removed") {
    if (existsSync(line.name) || !existsSync(path.dirname(line.name))) return false
    linkSync(line.kept, line.name)
    return true
  }
  if (line.kind !== "moved" || !existsSync(line.name)) return false
  if (existsSync(path.dirname(line.from))) {
    rmSync(line.from, { force: true })
    fs.renameSync(line.name, line.from)
  } else rmSync(line.name)
  if (line.kept !== null) linkSync(line.kept, line.name)
  return true
}

/** Dropped, or dropped from somewhere in its middle on. */
function undoBytes(line: Extract<Line, { kind: "write" | "cut" }>, file: string, random: () => number): boolean {
  const old = Buffer.from(line.old, "base64")
  const mode = lstatSync(file).mode
  fs.chmodSync(file, 0o644)
  const handle = openSync(file, "r+")
  try {
    if (line.kind === "cut") {
      fs.writeSync(handle, old, 0, old.length, line.to - old.length)
      return true
    }
    if (random() < 0.2) return false
    const torn = random() < 0.3 ? Math.floor(random() * line.length) : 0
    if (torn < old.length) fs.writeSync(handle, old, torn, old.length - torn, line.at + torn)
    const size = Math.max(line.size, line.at + torn)
    if (fstatSync(handle).size > size) fs.ftruncateSync(handle, size)
    return true
  } finally {
    closeSync(handle)
    fs.chmodSync(file, mode)
  }
}

function readLines(file: string): Line[] {
  if (!existsSync(file)) return []
  const text = fs.readFileSync(file, "utf8")
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter(line => line !== "")
    .map(line => JSON.parse(line) as Line)
}

function inodesBelow(root: string): Map<number, string> {
  const found = new Map<number, string>()
  for (const entry of fs.readdirSync(root, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue
    const file = path.join(entry.parentPath, entry.name)
    found.set(fs.statSync(file).ino, file)
  }
  return found
}

/** Begins anew: what is on the disk now counts as there. */
export function forgetJournal(journal: string): void {
  rmSync(journal, { recursive: true, force: true })
}
