/** The log of what was served: one file of fixed entries per process, each request's words once in a file beside it. */
import { createHash, randomBytes } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import type { Digest, InterfaceHash } from "../../../shared/digest.ts"
import { digestOfHex, isDigest } from "../../../shared/digest.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import type { HitLog, HitLogEntry, LogFile, NumberedEntry } from "../ports.ts"
import { diskFailure, readUpTo, syncDirectory, systemCode, writeFully } from "./disk.ts"
import { decodeEntry, encodeEntry, entryBytes } from "./hit-log-entry.ts"
import type { ProcessTable } from "./store-lock.ts"
import { systemProcesses } from "./store-lock.ts"

const magic = "L4HITS1\n"
/**
 * Magic 8 · pid 4 · closed 4 (1: its reader is done) · start time 8 · 16 random bytes, so that the file's Digest confirms no guess · start of the
 * process in clock ticks 8, 0 where the system does not tell · zeros.
 */
const headerBytes = 128
const requestsBytesMax = 64 * 1024 * 1024
const syncEveryMs = 1_000
export const logBytesMax = 16 * 1024 * 1024
const dayMs = 86_400_000
const logName = /^(writer-[0-9]+|reader-[0-9a-f-]+)\.log$/
const at = { pid: 8, closed: 12, startedMs: 16, random: 24, processStarted: 40 } as const

export interface HitLogOptions {
  readonly role: "writer" | "reader"
  readonly nowMs: () => number
  /** Which processes live; the system's own answer unless a test hands in another. */
  readonly processes?: ProcessTable
  /** Bytes after which a log rotates. */
  readonly logBytesMax?: number
}

/** Opens a new log of this process in `directory`, which is made where it is missing. A function names the directory when it is first needed. */
export function openHitLog(directory: string | (() => string), given: HitLogOptions): HitLog {
  const options = { processes: systemProcesses(), logBytesMax, ...given }
  const folder = () => (typeof directory === "string" ? directory : directory())
  let own: OwnLog | null = null
  let closed = false
  const written = new Set<string>()

  return {
    get id() {
      return own?.id ?? null
    },
    append(entry) {
      if (closed) throw new EngineFailure("engine-stopped", "the hit log is closed")
      try {
        if (own?.isDue(options.nowMs()) === true) {
          own.close(true)
          own = null
        }
        // Made at the first entry: a command that serves nothing leaves no file.
        own ??= openOwnLog(folder(), options)
        written.add(own.id)
        return own.append(entry)
      } catch (error) {
        const failure = diskFailure(error, "write the hit log")
        throw new EngineFailure("log-unavailable", `${failure.message}; what cannot be logged is not served`, failure.details, {
          cause: error
        })
      }
    },
    *entries() {
      for (const file of logFiles(folder())) yield* readLog(path.join(folder(), file.name))
    },
    *entriesOf(file, after = 0) {
      if (identify(folder(), file.name)?.id === file.id) yield* readLog(path.join(folder(), file.name), after)
    },
    closed() {
      const files = logFiles(folder())
      const open = own?.name ?? (options.role === "writer" && files.length > 0 ? unfinishedLog(folder(), options) : null)
      return files.filter(file => file.name !== open && isDone(file, options)).map(described)
    },
    files: () => logFiles(folder()).map(described),
    digestsOf(file) {
      if (identify(folder(), file.name)?.id !== file.id) return null
      const log = path.join(folder(), file.name)
      // Whoever died may not have come to sync it, and what is bound must stay as it is.
      for (const name of [`${log}.requests`, log]) syncFile(name)
      return { log: digestOfFile(log), requests: digestOfFile(`${log}.requests`), bytes: fs.statSync(log).size }
    },
    remove(file) {
      if (identify(folder(), file.name)?.id !== file.id) return
      for (const suffix of [".requests", ""]) fs.rmSync(path.join(folder(), `${file.name}${suffix}`), { force: true })
      syncDirectory(folder())
    },
    sync() {
      own?.sync()
    },
    async close() {
      closed = true
      own?.close(options.role === "reader")
      own = null
    }
  }

  function described({ name, id }: Identified): LogFile {
    return { name, id, mine: written.has(id) }
  }
}

interface OwnLog extends Pick<LogFile, "name" | "id"> {
  /** Full, or of another day. */
  isDue(nowMs: number): boolean
  append(entry: HitLogEntry): number
  sync(): void
  /** `done`: nobody will go on in it. */
  close(done: boolean): void
}

function openOwnLog(directory: string, options: Required<HitLogOptions>): OwnLog {
  const made = fs.mkdirSync(directory, { recursive: true })
  if (made !== undefined) syncDirectory(path.dirname(directory))
  const unfinished = options.role === "writer" ? unfinishedLog(directory, options) : null
  const name = unfinished ?? nameOfLog(directory, options)
  const file = path.join(directory, name)
  const handle = fs.openSync(file, unfinished === null ? "wx" : "r+")
  const requests = fs.openSync(`${file}.requests`, "a")
  const known = new Set<Digest>(unfinished === null ? [] : readRequests(`${file}.requests`).keys())
  let requestBytes = fs.fstatSync(requests).size
  let number = unfinished === null ? 0 : Math.max(0, Math.floor((fs.fstatSync(handle).size - headerBytes) / entryBytes))
  let bytes = headerBytes + number * entryBytes
  let dirty = false
  let syncedMs = options.nowMs()
  const startedMs = unfinished === null ? options.nowMs() : startOf(readUpTo(handle, 0, headerBytes))
  /** A sync of the timer's is under way; files are closed after it, so that their numbers name nothing else meanwhile. */
  let syncing = false
  let closeAfter = false
  const timer = setInterval(syncBehind, syncEveryMs)
  timer.unref()
  if (unfinished === null) writeHeader()
  const { id } = identify(directory, name) as Identified

  return {
    name,
    id,
    isDue: nowMs => bytes >= options.logBytesMax || !sameDay(startedMs, nowMs),
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
      // The timer may be late on a busy machine.
      if (options.nowMs() - syncedMs >= syncEveryMs) syncBehind()
      return ++number
    },
    sync,
    close(done) {
      clearInterval(timer)
      sync()
      try {
        if (done && options.role === "reader") writeFully(handle, Uint8Array.of(1), at.closed)
      } catch {
        // Without the mark it counts as done once this process is gone.
      }
      if (syncing) closeAfter = true
      else closeFiles()
    }
  }

  function writeHeader(): void {
    const header = new Uint8Array(headerBytes)
    header.set(new TextEncoder().encode(magic))
    const view = new DataView(header.buffer)
    view.setUint32(at.pid, process.pid, true)
    view.setFloat64(at.startedMs, startedMs, true)
    header.set(randomBytes(16), at.random)
    view.setFloat64(at.processStarted, Number(options.processes.startedAt(process.pid) ?? 0), true)
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

  /** Off this thread: a Lookup that comes meanwhile does not wait for the disk. */
  function syncBehind(): void {
    syncedMs = options.nowMs()
    if (!dirty || syncing) return
    dirty = false
    syncing = true
    fs.fdatasync(requests, first =>
      fs.fdatasync(handle, second => {
        syncing = false
        // The next append meets the same disk and says so; a timer has nobody to tell.
        if (first || second) dirty = true
        if (closeAfter) closeFiles()
      })
    )
  }

  function closeFiles(): void {
    fs.closeSync(handle)
    fs.closeSync(requests)
  }

  function sync(): void {
    syncedMs = options.nowMs()
    if (!dirty && !syncing) return
    dirty = false
    try {
      fs.fdatasyncSync(requests)
      fs.fdatasyncSync(handle)
    } catch {
      dirty = true
    }
  }
}

interface Identified extends Pick<LogFile, "name" | "id"> {
  readonly pid: number
  readonly closed: boolean
  readonly startedMs: number
  /** Of its process, in clock ticks since boot; 0 where unknown. */
  readonly processStarted: number
}

/** Null for a file that is no log, or one whose header was torn. */
function identify(directory: string, name: string): Identified | null {
  let handle: number
  try {
    handle = fs.openSync(path.join(directory, name), "r")
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null
    throw diskFailure(error, `read the hit log ${name}`)
  }
  try {
    const header = readUpTo(handle, 0, headerBytes)
    if (header.length < headerBytes || new TextDecoder().decode(header.subarray(0, magic.length)) !== magic) return null
    const view = new DataView(header.buffer, header.byteOffset)
    return {
      name,
      id: Buffer.from(header.subarray(at.random, at.random + 16)).toString("hex"),
      pid: view.getUint32(at.pid, true),
      closed: header[at.closed] === 1,
      startedMs: startOf(header),
      processStarted: view.getFloat64(at.processStarted, true)
    }
  } finally {
    fs.closeSync(handle)
  }
}

function startOf(header: Uint8Array): number {
  return header.length < headerBytes ? 0 : new DataView(header.buffer, header.byteOffset).getFloat64(at.startedMs, true)
}

function sameDay(left: number, right: number): boolean {
  return Math.floor(left / dayMs) === Math.floor(right / dayMs)
}

/** There is one writer, and its open log is known; a reader's is done when it says so, or when its process is gone. */
function isDone(file: Identified, { processes }: Required<HitLogOptions>): boolean {
  if (file.name.startsWith("writer-") || file.closed || !processes.isAlive(file.pid)) return true
  const started = processes.startedAt(file.pid)
  return started !== null && file.processStarted !== 0 && Number(started) !== file.processStarted
}

/** The writer's newest log, where it is of today and not full: a command that serves one Hit does not leave a file of its own. */
function unfinishedLog(directory: string, options: Required<HitLogOptions>): string | null {
  const newest = newestWriter(directory)
  if (newest === 0) return null
  const name = `writer-${newest}.log`
  const found = identify(directory, name)
  if (found === null || !sameDay(found.startedMs, options.nowMs())) return null
  return fs.statSync(path.join(directory, name)).size < options.logBytesMax ? name : null
}

function newestWriter(directory: string): number {
  return Math.max(0, ...fs.readdirSync(directory).map(name => Number(/^writer-([0-9]+)\.log$/.exec(name)?.[1] ?? 0)))
}

function nameOfLog(directory: string, options: HitLogOptions): string {
  if (options.role === "reader") return `reader-${process.pid}-${options.nowMs()}-${randomBytes(3).toString("hex")}.log`
  return `writer-${newestWriter(directory) + 1}.log`
}

function logFiles(directory: string): Identified[] {
  try {
    const names = fs.readdirSync(directory).filter(name => logName.test(name))
    return names.flatMap(name => identify(directory, name) ?? [])
  } catch (error) {
    if (systemCode(error) === "ENOENT") return []
    throw diskFailure(error, `list the hit logs in ${directory}`)
  }
}

function syncFile(file: string): void {
  try {
    const handle = fs.openSync(file, "r+")
    try {
      fs.fdatasyncSync(handle)
    } finally {
      fs.closeSync(handle)
    }
  } catch {
    // Missing, or in a folder that may only be read: its Digest is taken all the same.
  }
}

function digestOfFile(file: string): Digest {
  const digest = createHash("sha256")
  if (!fs.existsSync(file)) return digestOfHex(digest.digest("hex"))
  const handle = fs.openSync(file, "r")
  try {
    for (let position = 0; ; ) {
      const page = readUpTo(handle, position, 1 << 20)
      digest.update(page)
      position += page.length
      if (page.length < 1 << 20) return digestOfHex(digest.digest("hex"))
    }
  } finally {
    fs.closeSync(handle)
  }
}

interface Words {
  readonly interfaceHash: InterfaceHash | null
  readonly text: string | null
}

/** Sound entries only: a crash may have torn the last one, and nothing is inferred from it. */
function* readLog(file: string, after = 0): Iterable<NumberedEntry> {
  const words = readRequests(`${file}.requests`)
  const handle = fs.openSync(file, "r")
  try {
    if (new TextDecoder().decode(readUpTo(handle, 0, headerBytes).subarray(0, magic.length)) !== magic) return
    const pageBytes = 4_096 * entryBytes
    for (let position = headerBytes + after * entryBytes; ; position += pageBytes) {
      const page = readUpTo(handle, position, pageBytes)
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
