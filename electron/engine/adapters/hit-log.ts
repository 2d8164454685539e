/** The log of what was served: one file of fixed entries per process, each request's words once in a file beside it. */
import { randomBytes } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import type { Digest, InterfaceHash } from "../../../shared/digest.ts"
import { isDigest } from "../../../shared/digest.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import type { HitLog, HitLogEntry } from "../ports.ts"
import { diskFailure, readUpTo, syncDirectory, systemCode, writeFully } from "./disk.ts"
import { decodeEntry, encodeEntry, entryBytes } from "./hit-log-entry.ts"

const magic = "L4HITS1\n"
/** Magic 8 · pid 4 · reserved 4 · start time 8 · 16 random bytes, so that the file's Digest confirms no guess · zeros. */
const headerBytes = 128
const requestsBytesMax = 64 * 1024 * 1024
const syncEveryMs = 1_000
const logBytesMax = 16 * 1024 * 1024
const dayMs = 86_400_000

export interface HitLogOptions {
  readonly role: "writer" | "reader"
  readonly nowMs: () => number
}

/** Opens a new log of this process in `directory`, which is made where it is missing. */
export function openHitLog(directory: string, options: HitLogOptions): HitLog {
  let own: OwnLog | null = null
  let closed = false

  return {
    append(entry) {
      if (closed) throw new EngineFailure("engine-stopped", "the hit log is closed")
      try {
        // Made at the first entry: a command that serves nothing leaves no file.
        own ??= openOwnLog(directory, options)
        return own.append(entry)
      } catch (error) {
        const failure = diskFailure(error, "write the hit log")
        throw new EngineFailure("log-unavailable", `${failure.message}; what cannot be logged is not served`, failure.details, {
          cause: error
        })
      }
    },
    *entries() {
      for (const file of logFiles(directory)) yield* readLog(file)
    },
    async close() {
      closed = true
      own?.close()
      own = null
    }
  }
}

interface OwnLog {
  append(entry: HitLogEntry): number
  close(): void
}

function openOwnLog(directory: string, options: HitLogOptions): OwnLog {
  fs.mkdirSync(directory, { recursive: true })
  const unfinished = options.role === "writer" ? unfinishedLog(directory, options.nowMs()) : null
  const file = unfinished ?? path.join(directory, nameOfLog(directory, options))
  const handle = fs.openSync(file, unfinished === null ? "wx" : "r+")
  const requests = fs.openSync(`${file}.requests`, "a")
  const known = new Set<Digest>(unfinished === null ? [] : readRequests(`${file}.requests`).keys())
  let requestBytes = fs.fstatSync(requests).size
  let number = unfinished === null ? 0 : Math.floor((fs.fstatSync(handle).size - headerBytes) / entryBytes)
  let bytes = headerBytes + number * entryBytes
  let dirty = false
  const timer = setInterval(sync, syncEveryMs)
  timer.unref()
  if (unfinished === null) writeHeader()

  return {
    append(entry) {
      rememberRequest(entry)
      const encoded = encodeEntry(entry, number + 1)
      try {
        writeFully(handle, encoded, bytes)
      } catch (error) {
        fs.ftruncateSync(handle, bytes)
        throw error
      }
      bytes += encoded.length
      dirty = true
      return ++number
    },
    close() {
      clearInterval(timer)
      sync()
      fs.closeSync(handle)
      fs.closeSync(requests)
    }
  }

  function writeHeader(): void {
    const header = new Uint8Array(headerBytes)
    header.set(new TextEncoder().encode(magic))
    const view = new DataView(header.buffer)
    view.setUint32(8, process.pid, true)
    view.setFloat64(16, options.nowMs(), true)
    header.set(randomBytes(16), 24)
    writeFully(handle, header, 0)
    syncDirectory(directory)
  }

  /** Once per request; past the bound only its Digest is kept, in the entry itself. */
  function rememberRequest({ request }: HitLogEntry): void {
    if (known.has(request.digest) || requestBytes > requestsBytesMax) return
    const line = new TextEncoder().encode(`${JSON.stringify([request.digest, request.interfaceHash, request.text])}\n`)
    fs.appendFileSync(requests, line)
    requestBytes += line.length
    known.add(request.digest)
  }

  function sync(): void {
    if (!dirty) return
    dirty = false
    try {
      fs.fdatasyncSync(requests)
      fs.fdatasyncSync(handle)
    } catch {
      // The next append meets the same disk and says so; a timer has nobody to tell.
      dirty = true
    }
  }
}

/** The writer's newest log, where it is of today and not full: a command that serves one Hit does not leave a file of its own. */
function unfinishedLog(directory: string, nowMs: number): string | null {
  const newest = newestWriter(directory)
  if (newest === 0) return null
  const file = path.join(directory, `writer-${newest}.log`)
  const handle = fs.openSync(file, "r")
  try {
    const header = readUpTo(handle, 0, headerBytes)
    if (header.length < headerBytes || new TextDecoder().decode(header.subarray(0, magic.length)) !== magic) return null
    const startedMs = new DataView(header.buffer, header.byteOffset).getFloat64(16, true)
    const sameDay = Math.floor(startedMs / dayMs) === Math.floor(nowMs / dayMs)
    return sameDay && fs.fstatSync(handle).size < logBytesMax ? file : null
  } finally {
    fs.closeSync(handle)
  }
}

function newestWriter(directory: string): number {
  return Math.max(0, ...fs.readdirSync(directory).map(name => Number(/^writer-([0-9]+)\.log$/.exec(name)?.[1] ?? 0)))
}

function nameOfLog(directory: string, options: HitLogOptions): string {
  if (options.role === "reader") return `reader-${process.pid}-${options.nowMs()}-${randomBytes(3).toString("hex")}.log`
  return `writer-${newestWriter(directory) + 1}.log`
}

function logFiles(directory: string): string[] {
  try {
    const names = fs.readdirSync(directory).filter(name => /^(writer-[0-9]+|reader-[0-9a-f-]+)\.log$/.test(name))
    return names.map(name => path.join(directory, name))
  } catch (error) {
    if (systemCode(error) === "ENOENT") return []
    throw diskFailure(error, `list the hit logs in ${directory}`)
  }
}

interface Words {
  readonly interfaceHash: InterfaceHash | null
  readonly text: string | null
}

/** Sound entries only: a crash may have torn the last one, and nothing is inferred from it. */
function* readLog(file: string): Iterable<HitLogEntry & { readonly number: number }> {
  const words = readRequests(`${file}.requests`)
  const handle = fs.openSync(file, "r")
  try {
    if (new TextDecoder().decode(readUpTo(handle, 0, headerBytes).subarray(0, magic.length)) !== magic) return
    const pageBytes = 4_096 * entryBytes
    for (let at = headerBytes; ; at += pageBytes) {
      const page = readUpTo(handle, at, pageBytes)
      for (let start = 0; start + entryBytes <= page.length; start += entryBytes) {
        const entry = decodeEntry(page.subarray(start, start + entryBytes))
        if (entry === null) continue
        const { request, ...rest } = entry
        yield { ...rest, mapping: null, request: { digest: request, ...(words.get(request) ?? { interfaceHash: null, text: null }) } }
      }
      if (page.length < pageBytes) return
    }
  } finally {
    fs.closeSync(handle)
  }
}

function readRequests(file: string): Map<Digest, Words> {
  const words = new Map<Digest, Words>()
  let text: string
  try {
    text = fs.readFileSync(file, "utf8")
  } catch {
    return words
  }
  for (const line of text.split("\n")) {
    try {
      const [digest, interfaceHash, request] = JSON.parse(line) as readonly unknown[]
      if (isDigest(digest))
        words.set(digest, {
          interfaceHash: isDigest(interfaceHash) ? (interfaceHash as InterfaceHash) : null,
          text: typeof request === "string" ? request : null
        })
    } catch {
      // A line a crash tore: its entries keep the request's Digest.
    }
  }
  return words
}
