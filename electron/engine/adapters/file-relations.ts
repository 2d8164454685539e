/**
 * Relations on disk: one sorted run of 40-byte entries, read piece by piece, and what was added since in memory. Derived from the Ledger; a sealed
 * header says what the run must be, so that nobody can leave a refusal out of it.
 */
import { createHash, hash } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import { setImmediate as nextTurn } from "node:timers/promises"
import { z } from "zod"
import type { Digest } from "../../../shared/digest.ts"
import { hexOf } from "../../../shared/digest.ts"
import type { RelationKind, Relations } from "../ports.ts"
import { relationKinds } from "../ports.ts"
import { diskFailure, readUpTo } from "./disk.ts"
import { createRelationTable, kindOf, positionOf, type RelationTable, relationBytes } from "./relation-table.ts"
import type { Seal } from "./seal.ts"
import { readSealed, writeSealed } from "./seal.ts"

export interface FileRelations extends Relations {
  /** The Ledger size of the run on disk, and the leaf hash (hex) of the entry before it; null where there is none. */
  readonly origin: { readonly size: number; readonly leaf: string } | null
  /** Writes what was added since the last time into the run. `leafAt`: leaf hash (hex) of the entry before a size. */
  save(leafAt: (size: number) => string): Promise<void>
  close(): Promise<void>
}

export interface FileRelationsOptions {
  /** The store's `hot/`. */
  readonly directory: string
  readonly seal: Seal
  readonly readOnly: boolean
  /** Fewer Ledger records than this are not worth a run. */
  readonly least: number
  /** Takes everything in again, after the run was found damaged and dropped. */
  readonly refill: () => void
}

const layout = 1
const purpose = "relations"
const chunkEntries = 128
const chunkBytes = chunkEntries * relationBytes
const fenceBytes = 8
/** Longest stretch of merging before other work gets its turn, milliseconds. */
const sliceMs = 10
const writeBytes = 1 << 20

const headerSchema = z.object({
  layout: z.literal(layout),
  size: z.number().int().min(1),
  leaf: z.string(),
  highestMs: z.number(),
  entries: z.number().int().min(0),
  file: z.string().regex(/^relations-[0-9]+\.run$/)
})
type Header = z.infer<typeof headerSchema>

/** A sorted file of entries: which chunks it has, where each begins, what each must hash to. */
interface Run {
  readonly header: Header
  readonly handle: number
  readonly fences: Buffer
  readonly sums: Buffer
}

class RunDamaged extends Error {}

export function openFileRelations(options: FileRelationsOptions): FileRelations {
  const { directory, seal } = options
  const snapshot = path.join(directory, "relations.snap")
  let run = openRun()
  let active: RelationTable = createRelationTable()
  /** What is being merged into the next run. */
  let frozen: RelationTable | null = null
  /** Why nothing can be answered any more. */
  let failed: { readonly why: unknown } | null = null
  let size = run?.header.size ?? 0
  let highestMs = run?.header.highestMs ?? 0
  let saving: Promise<void> = Promise.resolve()

  return {
    get size() {
      return size
    },
    get highestMs() {
      return highestMs
    },
    get origin() {
      return run === null ? null : { size: run.header.size, leaf: run.header.leaf }
    },
    reached(newSize, ms) {
      size = newSize
      highestMs = ms
    },
    add(kind, digest, position) {
      active.add(numberOf(kind), keyOf(digest), position)
    },
    of(kind, digest) {
      const key = keyOf(digest)
      const number = numberOf(kind)
      return sound(() => {
        const found: number[] = []
        active.collect(number, key, found)
        frozen?.collect(number, key, found)
        if (run !== null) collect(run, number, key, found)
        return found.sort((left, right) => left - right)
      })
    },
    each,
    clear,
    save(leafAt) {
      saving = saving.then(() => saveNow(leafAt))
      return saving
    },
    async close() {
      await saving.catch(() => undefined)
      if (run !== null) fs.closeSync(run.handle)
      run = null
    }
  }

  function* each(kind: RelationKind): Iterable<readonly [Digest, number]> {
    const number = numberOf(kind)
    if (failed !== null) throw failed.why
    for (const table of [active, frozen]) {
      for (let at = 0; at < (table?.count ?? 0); at++) {
        const entry = (table as RelationTable).entry(at)
        if (kindOf(entry) === number) yield [digestAt(entry, 0), positionOf(entry)]
      }
    }
    for (let chunk = 0; run !== null && chunk * chunkEntries < run.header.entries; chunk++) {
      const of = run
      const bytes = sound(() => (run === of ? chunkOf(of, chunk) : null))
      // It was damaged and everything was taken in again: those that came twice do no harm.
      if (bytes === null) return yield* each(kind)
      for (let at = 0; at < bytes.length; at += relationBytes)
        if (kindOf(bytes, at) === number) yield [digestAt(bytes, at), positionOf(bytes, at)]
    }
  }

  function openRun(): Run | null {
    const sealed = readSealed(snapshot, seal, purpose)
    const header = headerSchema.safeParse(sealed?.header)
    if (sealed === null || !header.success) return null
    const chunks = Math.ceil(header.data.entries / chunkEntries)
    if (sealed.columns.length !== chunks * (fenceBytes + 32)) return null
    try {
      const handle = fs.openSync(path.join(directory, header.data.file), "r")
      return {
        header: header.data,
        handle,
        fences: Buffer.from(sealed.columns.subarray(0, chunks * fenceBytes)),
        sums: Buffer.from(sealed.columns.subarray(chunks * fenceBytes))
      }
    } catch {
      return null
    }
  }

  function clear(): void {
    if (run !== null) fs.closeSync(run.handle)
    run = null
    active = createRelationTable()
    frozen = null
    size = 0
    highestMs = 0
  }

  /** Derived: where the run is damaged, the Ledger is read again, and the answer is the same. */
  function sound<T>(ask: () => T): T {
    if (failed !== null) throw failed.why
    try {
      return ask()
    } catch (error) {
      if (!(error instanceof RunDamaged)) throw error
      clear()
      try {
        options.refill()
      } catch (unreadable) {
        // Half of the relations would be worse than none: what is left out could be a refusal.
        failed = { why: unreadable }
        throw unreadable
      }
      return ask()
    }
  }

  async function saveNow(leafAt: (size: number) => string): Promise<void> {
    if (failed !== null || options.readOnly || size < options.least || size === (run?.header.size ?? 0)) return
    const before = run
    const fresh = active
    const number = Number(/[0-9]+/.exec(before?.header.file ?? "0")?.[0]) + 1
    const header: Header = { layout, size, leaf: leafAt(size), highestMs, entries: 0, file: `relations-${number}.run` }
    frozen = fresh
    active = createRelationTable()
    try {
      fs.mkdirSync(directory, { recursive: true })
      const written = await writeRun(path.join(directory, header.file), before, fresh)
      // Everything was taken in anew meanwhile, because the run merged from was damaged.
      if (frozen !== fresh) return fs.rmSync(path.join(directory, header.file), { force: true })
      const { entries, fences, sums } = written
      writeSealed(snapshot, seal, purpose, { ...header, entries }, [fences, sums])
      run = { header: { ...header, entries }, handle: fs.openSync(path.join(directory, header.file), "r"), fences, sums }
      frozen = null
      if (before !== null) fs.closeSync(before.handle)
      for (const name of fs.readdirSync(directory))
        if (/^relations-[0-9]+\.run$/.test(name) && name !== header.file) fs.rmSync(path.join(directory, name), { force: true })
    } catch (error) {
      if (frozen === fresh) {
        for (let at = 0; at < active.count; at++) copyEntry(active.entry(at), fresh)
        active = fresh
        frozen = null
      }
      throw diskFailure(error, `keep the relations in ${directory}`)
    }
  }

  /** Old run and new entries in one order, in slices. */
  async function writeRun(
    file: string,
    before: Run | null,
    fresh: RelationTable
  ): Promise<{ entries: number; fences: Buffer; sums: Buffer }> {
    const order = fresh.sorted()
    const handle = await fs.promises.open(file, "w", 0o644)
    try {
      const fences: Buffer[] = []
      const sums: Buffer[] = []
      const staging = Buffer.allocUnsafe(Math.floor(writeBytes / chunkBytes) * chunkBytes)
      let filled = 0
      let entries = 0
      let turn = performance.now()
      const flush = async () => {
        for (let at = 0; at < filled; at += chunkBytes) {
          const chunk = staging.subarray(at, Math.min(filled, at + chunkBytes))
          fences.push(Buffer.from(chunk.subarray(0, fenceBytes)))
          sums.push(createHash("sha256").update(chunk).digest())
        }
        for (let from = 0; from < filled; ) from += (await handle.write(staging, from, filled - from)).bytesWritten
        filled = 0
      }
      let newer = 0
      let chunk = 0
      let older: Buffer = Buffer.alloc(0)
      let olderAt = 0
      for (;;) {
        if (olderAt === older.length && before !== null && chunk * chunkEntries < before.header.entries) {
          older = chunkOf(before, chunk++)
          olderAt = 0
        }
        const added = newer < order.length ? fresh.entry(order[newer] as number) : null
        if (added === null && olderAt === older.length) break
        const takeOlder =
          added === null || (olderAt < older.length && older.compare(added, 0, relationBytes, olderAt, olderAt + relationBytes) <= 0)
        if (takeOlder) {
          older.copy(staging, filled, olderAt, olderAt + relationBytes)
          olderAt += relationBytes
        } else {
          ;(added as Buffer).copy(staging, filled)
          newer++
        }
        filled += relationBytes
        entries++
        if (filled === staging.length) await flush()
        if ((entries & 1023) === 0 && performance.now() - turn > sliceMs) {
          await nextTurn()
          turn = performance.now()
        }
      }
      await flush()
      await handle.sync()
      return { entries, fences: Buffer.concat(fences), sums: Buffer.concat(sums) }
    } finally {
      await handle.close()
    }
  }
}

function numberOf(kind: RelationKind): number {
  return relationKinds.indexOf(kind) + 1
}

function keyOf(digest: Digest): Buffer {
  return Buffer.from(hexOf(digest), "hex")
}

function digestAt(bytes: Buffer, at: number): Digest {
  return `sha256:${bytes.toString("hex", at, at + 32)}` as Digest
}

function copyEntry(entry: Buffer, to: RelationTable): void {
  to.add(kindOf(entry), entry.subarray(0, 32), positionOf(entry))
}

function chunkOf(run: Run, chunk: number): Buffer {
  const read = readUpTo(run.handle, chunk * chunkBytes, Math.min(chunkBytes, run.header.entries * relationBytes - chunk * chunkBytes))
  const bytes = Buffer.from(read.buffer, read.byteOffset, read.length)
  if (!hash("sha256", bytes, "buffer").equals(run.sums.subarray(chunk * 32, chunk * 32 + 32)))
    throw new RunDamaged("the run of relations is damaged")
  return bytes
}

/** From the last chunk that begins below the key to the last that does not begin above it. */
function collect(run: Run, kind: number, key: Buffer, into: number[]): void {
  const chunks = run.fences.length / fenceBytes
  const against = (chunk: number) => run.fences.compare(key, 0, fenceBytes, chunk * fenceBytes, (chunk + 1) * fenceBytes)
  let low = 0
  let high = chunks
  while (low < high) {
    const middle = (low + high) >> 1
    if (against(middle) < 0) low = middle + 1
    else high = middle
  }
  for (let chunk = Math.max(0, low - 1); chunk < chunks && against(chunk) <= 0; chunk++) {
    const bytes = chunkOf(run, chunk)
    for (let at = firstOf(bytes, key); at < bytes.length && bytes.compare(key, 0, 32, at, at + 32) === 0; at += relationBytes)
      if (kindOf(bytes, at) === kind) into.push(positionOf(bytes, at))
  }
}

/** Offset of the first entry that is not below the key. */
function firstOf(bytes: Buffer, key: Buffer): number {
  let low = 0
  let high = bytes.length / relationBytes
  while (low < high) {
    const middle = (low + high) >> 1
    if (bytes.compare(key, 0, 32, middle * relationBytes, middle * relationBytes + 32) < 0) low = middle + 1
    else high = middle
  }
  return low * relationBytes
}
