/** How the file adapters touch a disk: durable writes, and errors of the system as failures with a code and a remedy. */
import fs from "node:fs"
import path from "node:path"
import { promisify } from "node:util"
import { EngineFailure, type EngineFailureCode } from "../../../shared/failure.ts"

const fsync = promisify(fs.fsync)

const codes: Readonly<Record<string, readonly [EngineFailureCode, string]>> = {
  ENOSPC: ["disk-full", "the disk is full: make room and try again"],
  EDQUOT: ["disk-full", "the disk quota is used up: make room and try again"],
  EROFS: ["store-read-only", "the folder lies on a read-only file system"],
  EACCES: ["store-read-only", "the folder may not be written by this user"],
  EPERM: ["store-read-only", "the folder may not be written by this user"]
}

/** The failure a system error means; `doing` completes the sentence "could not …". A failure passes through as it is. */
export function diskFailure(error: unknown, doing: string): EngineFailure {
  if (error instanceof EngineFailure) return error
  const code = systemCode(error)
  const [failure, remedy] = codes[code] ?? ["disk-failed", "the file system reported an error"]
  return new EngineFailure(failure, `could not ${doing}: ${remedy} (${code || String(error)})`, { system: code }, { cause: error })
}

/** `ENOENT` and its like; empty where the error is none of the system's. */
export function systemCode(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : ""
}

/** Makes names in a directory durable. Windows has no such call: there the file's own sync must do. */
export function syncDirectory(directory: string): void {
  if (process.platform === "win32") return
  const handle = fs.openSync(directory, "r")
  try {
    fs.fsyncSync(handle)
  } finally {
    fs.closeSync(handle)
  }
}

/** As `syncDirectory`, without holding up the caller's thread. */
export async function syncDirectoryLater(directory: string): Promise<void> {
  if (process.platform === "win32") return
  const handle = fs.openSync(directory, "r")
  try {
    await fsync(handle)
  } finally {
    fs.closeSync(handle)
  }
}

/**
 * New files with these bytes, synced at the same time: one journal commit of the file system serves syncs that wait together. The caller syncs the
 * directory. Leaves nothing behind when it fails.
 */
export async function writeNewFiles(files: readonly { readonly file: string; readonly bytes: Uint8Array }[], mode: number): Promise<void> {
  const handles: number[] = []
  try {
    for (const { file, bytes } of files) {
      handles.push(fs.openSync(file, "wx", mode))
      writeFully(handles.at(-1) as number, bytes, 0)
    }
    await Promise.all(handles.map(handle => fsync(handle)))
  } catch (error) {
    for (const { file } of files.slice(0, handles.length)) fs.rmSync(file, { force: true })
    throw error
  } finally {
    for (const handle of handles) fs.closeSync(handle)
  }
}

/** A new file with these bytes; not yet durable. */
export function writeUnsynced(file: string, bytes: Uint8Array, mode: number): void {
  const handle = fs.openSync(file, "wx", mode)
  try {
    writeFully(handle, bytes, 0)
  } finally {
    fs.closeSync(handle)
  }
}

/** All of `bytes` at `position`: the system may write less than it is asked to. */
export function writeFully(handle: number, bytes: Uint8Array, position: number): void {
  let written = 0
  while (written < bytes.length) written += fs.writeSync(handle, bytes, written, bytes.length - written, position + written)
}

/** As many bytes as are there, at most `length`. */
export function readUpTo(handle: number, position: number, length: number): Uint8Array {
  return readInto(handle, position, new Uint8Array(length))
}

/** As `readUpTo`, into this memory; answers the part that was filled. */
export function readInto(handle: number, position: number, bytes: Uint8Array): Uint8Array {
  let read = 0
  while (read < bytes.length) {
    const count = fs.readSync(handle, bytes, read, bytes.length - read, position + read)
    if (count === 0) return bytes.subarray(0, read)
    read += count
  }
  return bytes
}

/** A new file with these bytes, synced; the caller syncs the directory. Leaves nothing behind when it fails. */
export function writeNewFile(file: string, bytes: Uint8Array, mode = 0o644): void {
  const handle = fs.openSync(file, "wx", mode)
  try {
    writeFully(handle, bytes, 0)
    fs.fsyncSync(handle)
  } catch (error) {
    fs.rmSync(file, { force: true })
    throw error
  } finally {
    fs.closeSync(handle)
  }
}

/** Replaces a small file as a whole: written beside, synced, renamed, directory synced. */
export function replaceFile(file: string, bytes: Uint8Array): void {
  const beside = `${file}.${process.pid}.new`
  fs.rmSync(beside, { force: true })
  writeNewFile(beside, bytes)
  try {
    fs.renameSync(beside, file)
  } catch (error) {
    fs.rmSync(beside, { force: true })
    throw error
  }
  syncDirectory(path.dirname(file))
}

/** Moves bytes aside with a note saying why; answers the file they are in. */
export function quarantine(directory: string, name: string, bytes: Uint8Array, why: string): string {
  fs.mkdirSync(directory, { recursive: true })
  const taken = new Set(fs.readdirSync(directory))
  let number = 1
  while (taken.has(`${name}.${number}`)) number++
  const file = path.join(directory, `${name}.${number}`)
  writeNewFile(file, bytes)
  writeNewFile(`${file}.note`, new TextEncoder().encode(`${why}\n`))
  syncDirectory(directory)
  return file
}

/** Bytes of all files below a directory; 0 where there is none. */
export function bytesBelow(directory: string): number {
  if (!fs.existsSync(directory)) return 0
  let bytes = 0
  for (const entry of fs.readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) bytes += fs.statSync(path.join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0
  }
  return bytes
}
