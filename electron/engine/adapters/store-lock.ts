/** LOCK: one writer per store. The lock names its process, so that one left by a dead process is taken over and a living one is named. */
import { randomBytes } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import { z } from "zod"
import { EngineFailure } from "../../../shared/failure.ts"
import { diskFailure, systemCode, writeNewFile } from "./disk.ts"

const ownerSchema = z.object({
  pid: z.number().int().min(1),
  /** Start time in clock ticks since boot, where the system tells it; a pid alone is used again. */
  started: z.string().nullable(),
  boot: z.string().nullable(),
  program: z.string(),
  at: z.string(),
  nonce: z.string()
})
export type LockOwner = Readonly<z.infer<typeof ownerSchema>>

export interface StoreLock {
  readonly owner: LockOwner
  /** Who held it before and died, if it was taken over. */
  readonly takenFrom: LockOwner | null
  release(): void
}

/** What is known of running processes; the system's own answers unless a test hands in others. */
export interface ProcessTable {
  readonly boot: string | null
  isAlive(pid: number): boolean
  startedAt(pid: number): string | null
}

/** Throws `store-locked` naming the owner, or a failure of the disk. */
export function takeStoreLock(store: string, program: string, processes: ProcessTable = systemProcesses()): StoreLock {
  const file = path.join(store, "LOCK")
  const owner: LockOwner = {
    pid: process.pid,
    started: processes.startedAt(process.pid),
    boot: processes.boot,
    program,
    at: new Date().toISOString(),
    nonce: randomBytes(8).toString("hex")
  }
  try {
    if (create(file, owner)) return held(file, owner, null)
    const before = readOwner(file)
    if (before !== null && lives(before, processes)) throw lockedBy(before, store)
    takeOver(file, before, owner, processes, store)
    return held(file, owner, before)
  } catch (error) {
    throw diskFailure(error, `take the lock of ${store}`)
  }
}

/** Who writes this store now; null where nobody does. */
export function lockOwnerOf(store: string, processes: ProcessTable = systemProcesses()): LockOwner | null {
  const owner = readOwner(path.join(store, "LOCK"))
  return owner !== null && lives(owner, processes) ? owner : null
}

export function describeOwner(owner: LockOwner): string {
  return `${owner.program} (process ${owner.pid}, since ${owner.at})`
}

function held(file: string, owner: LockOwner, takenFrom: LockOwner | null): StoreLock {
  return {
    owner,
    takenFrom,
    release() {
      if (readOwner(file)?.nonce === owner.nonce) fs.rmSync(file, { force: true })
    }
  }
}

/** Exclusive and never half-written: the content is made beside and linked to its name. */
function create(file: string, owner: LockOwner): boolean {
  const beside = `${file}.${owner.nonce}`
  writeNewFile(beside, new TextEncoder().encode(`${JSON.stringify(owner)}\n`))
  try {
    fs.linkSync(beside, file)
    return true
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(systemCode(error))) throw error
    return copyExclusively(beside, file)
  } finally {
    fs.rmSync(beside, { force: true })
  }
}

/** For file systems without hard links. A reader may see the copy before it is whole, and then takes the lock for a dead one's: as good as there can be. */
function copyExclusively(beside: string, file: string): boolean {
  try {
    fs.copyFileSync(beside, file, fs.constants.COPYFILE_EXCL)
    return true
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false
    throw error
  }
}

/**
 * Only one taker at a time may judge and replace a dead lock: without the guard two takers that read the same dead
 * owner would each remove the other's fresh lock. A guard left by a dead taker is older than any living attempt.
 */
function takeOver(file: string, dead: LockOwner | null, owner: LockOwner, processes: ProcessTable, store: string): void {
  const guard = `${file}.takeover`
  if (!create(guard, owner)) {
    const taker = readOwner(guard)
    if (taker !== null && lives(taker, processes)) throw lockedBy(taker, store)
    fs.rmSync(guard, { force: true })
    if (!create(guard, owner)) throw lockedBy(readOwner(guard) ?? owner, store)
  }
  try {
    const now = readOwner(file)
    if (now !== null && now.nonce !== dead?.nonce) throw lockedBy(now, store)
    fs.rmSync(file, { force: true })
    if (!create(file, owner)) throw lockedBy(readOwner(file) ?? owner, store)
  } finally {
    fs.rmSync(guard, { force: true })
  }
}

function lives(owner: LockOwner, processes: ProcessTable): boolean {
  if (owner.boot !== null && processes.boot !== null && owner.boot !== processes.boot) return false
  if (!processes.isAlive(owner.pid)) return false
  const started = processes.startedAt(owner.pid)
  return started === null || owner.started === null || started === owner.started
}

/** Null where there is no lock, or one nobody can read: a malformed LOCK names no living process. */
function readOwner(file: string): LockOwner | null {
  let text: string
  try {
    text = fs.readFileSync(file, "utf8")
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null
    throw error
  }
  try {
    return ownerSchema.parse(JSON.parse(text))
  } catch {
    return null
  }
}

function lockedBy(owner: LockOwner, store: string): EngineFailure {
  return new EngineFailure(
    "store-locked",
    `${store} is being written by ${describeOwner(owner)}: close it there, or open the store for reading`,
    {
      pid: owner.pid,
      program: owner.program,
      since: owner.at
    }
  )
}

export function systemProcesses(): ProcessTable {
  return {
    boot: readLine("/proc/sys/kernel/random/boot_id"),
    isAlive(pid) {
      try {
        process.kill(pid, 0)
        return true
      } catch (error) {
        return systemCode(error) === "EPERM"
      }
    },
    startedAt(pid) {
      // Field 22 of proc(5) stat; the second field is a name in brackets and may hold blanks.
      const line = readLine(`/proc/${pid}/stat`)
      return line === null ? null : (line.slice(line.lastIndexOf(")") + 2).split(" ")[19] ?? null)
    }
  }
}

function readLine(file: string): string | null {
  try {
    return fs.readFileSync(file, "utf8").trim()
  } catch {
    return null
  }
}
