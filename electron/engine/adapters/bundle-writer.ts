/** Writes a Bundle as a directory or a plain tar: Blobs are staged beside the place, which is taken by one rename at the end. */
import { createHash, hash, randomBytes } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import { digestOfHex } from "../../../shared/digest.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import { bundleLimits, layoutBytes } from "../core/oci.ts"
import { tarEnd, tarHeader, tarPadding } from "../core/tar.ts"
import type { BundleSink } from "../ports.ts"
import type { DigestTable } from "./digest-table.ts"
import { createDigestTable } from "./digest-table.ts"
import { diskFailure, readUpTo, syncDirectory, systemCode, writeFully, writeUnsynced } from "./disk.ts"

export type BundleLimits = Pick<Record<keyof typeof bundleLimits, number>, "entriesMax" | "bytesMax" | "indexBytesMax">

/** `place` ends in `.tar` or is a directory to be made. */
export function createBundleSink(place: string, limits: BundleLimits = bundleLimits): BundleSink {
  refuseOccupied(place)
  sweepPartials(place)
  const beside = `${place}.partial-${process.pid}-${randomBytes(4).toString("hex")}`
  const staging = place.endsWith(".tar") ? stageSpool(beside) : stageDirectory(beside)
  const blobs = createDigestTable()
  let bytes = 0
  return {
    put(content) {
      const hex = hash("sha256", content, "hex")
      const put = { digest: digestOfHex(hex), size: content.length }
      if (blobs.find(hex) >= 0) return put
      limit("entries", limits.entriesMax, blobs.size + 5)
      limit("bytes", limits.bytesMax, bytes + content.length)
      try {
        staging.put(hex, content)
      } catch (error) {
        throw diskFailure(error, `write a Bundle beside ${place}`)
      }
      blobs.add(hex, bytes, content.length)
      bytes += content.length
      return put
    },
    async finish(index) {
      const sum = createHash("sha256")
      let size = 0
      function* counted(): Iterable<Uint8Array> {
        for (const piece of index) {
          sum.update(piece)
          size += piece.length
          limit("bytes of index.json", limits.indexBytesMax, size)
          yield piece
        }
      }
      try {
        staging.finish(counted(), blobs, bytes)
        fs.rmSync(place, { recursive: true, force: true })
        fs.renameSync(beside, place)
        syncDirectory(path.dirname(path.resolve(place)))
        return { digest: digestOfHex(sum.digest("hex")), bytes: bytes + size + layoutBytes.length, entries: blobs.size + 4 }
      } catch (error) {
        throw diskFailure(error, `write the Bundle ${place}`)
      } finally {
        staging.abandon()
      }
    },
    abandon: staging.abandon
  }
}

/** What is written beside the Bundle's place until all of it is there. */
interface Staging {
  put(hex: string, content: Uint8Array): void
  /** `end`: bytes put so far. */
  finish(index: Iterable<Uint8Array>, blobs: DigestTable, end: number): void
  abandon(): void
}

function stageDirectory(beside: string): Staging {
  const folder = path.join(beside, "blobs", "sha256")
  try {
    fs.mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw diskFailure(error, `write a Bundle in ${path.dirname(beside)}`)
  }
  return {
    put: (hex, content) => writeUnsynced(path.join(folder, hex), content, 0o644),
    finish(index) {
      writeUnsynced(path.join(beside, "oci-layout"), layoutBytes, 0o644)
      const handle = fs.openSync(path.join(beside, "index.json"), "wx", 0o644)
      try {
        writePieces(handle, index, 0)
        fs.fsyncSync(handle)
      } finally {
        fs.closeSync(handle)
      }
    },
    abandon: () => fs.rmSync(beside, { recursive: true, force: true })
  }
}

/** Blobs one after another in a single file, the index behind them: a file each would cost more than all else. They are sorted when the archive is packed. */
function stageSpool(beside: string): Staging {
  const spool = `${beside}.spool`
  let end = 0
  let handle: number | null = null
  try {
    handle = fs.openSync(spool, "wx+", 0o600)
  } catch (error) {
    throw diskFailure(error, `write a Bundle in ${path.dirname(beside)}`)
  }
  return {
    put(_, content) {
      writeFully(handle as number, content, end)
      end += content.length
    },
    finish(index, blobs, indexStart) {
      const indexEnd = writePieces(handle as number, index, indexStart)
      pack(beside, handle as number, blobs, { start: indexStart, size: indexEnd - indexStart })
    },
    abandon() {
      if (handle !== null) fs.closeSync(handle)
      handle = null
      fs.rmSync(spool, { force: true })
      fs.rmSync(beside, { force: true })
    }
  }
}

/** Answers the position after the last piece. */
function writePieces(handle: number, pieces: Iterable<Uint8Array>, start: number): number {
  let at = start
  for (const piece of pieces) {
    writeFully(handle, piece, at)
    at += piece.length
  }
  return at
}

function limit(what: string, max: number, found: number): void {
  if (found > max)
    throw new EngineFailure(
      "limit-exceeded",
      `a Bundle has at most ${max} ${what}, this would have ${found}: export fewer Modules at once`,
      {
        limit: max,
        found
      }
    )
}

/** Bytes gathered before they are written. */
const pieceBytes = 1024 * 1024

function pack(to: string, spool: number, blobs: DigestTable, index: { readonly start: number; readonly size: number }): void {
  const handle = fs.openSync(to, "wx", 0o644)
  let at = 0
  let gathered: Uint8Array[] = []
  let waiting = 0
  const flush = () => {
    writeFully(handle, Buffer.concat(gathered), at)
    at += waiting
    gathered = []
    waiting = 0
  }
  const write = (bytes: Uint8Array) => {
    gathered.push(bytes)
    waiting += bytes.length
    if (waiting >= pieceBytes) flush()
  }
  const directory = (name: string) => write(tarHeader({ kind: "directory", name, size: 0 }))
  const spooled = (name: string, start: number, size: number) => {
    write(tarHeader({ kind: "file", name, size }))
    for (let from = 0; from < size; from += pieceBytes) {
      const length = Math.min(pieceBytes, size - from)
      const piece = readUpTo(spool, start + from, length)
      if (piece.length !== length) throw new EngineFailure("disk-failed", "what was staged for a Bundle is gone")
      write(piece)
    }
    write(new Uint8Array(tarPadding(size)))
  }
  try {
    write(tarHeader({ kind: "file", name: "oci-layout", size: layoutBytes.length }))
    write(layoutBytes)
    write(new Uint8Array(tarPadding(layoutBytes.length)))
    spooled("index.json", index.start, index.size)
    directory("blobs")
    directory("blobs/sha256")
    for (const number of blobs.sorted()) spooled(`blobs/sha256/${blobs.hex(number)}`, blobs.start(number), blobs.length(number))
    write(tarEnd)
    flush()
    fs.fsyncSync(handle)
  } finally {
    fs.closeSync(handle)
  }
}

/** What exports to this place left that were killed. */
function sweepPartials(place: string): void {
  const folder = path.dirname(path.resolve(place))
  const prefix = `${path.basename(place)}.partial-`
  if (!fs.existsSync(folder)) return
  for (const name of fs.readdirSync(folder)) {
    const found = name.startsWith(prefix) ? /^([0-9]+)-[0-9a-f]{8}(\.spool)?$/.exec(name.slice(prefix.length)) : null
    if (found && !isAlive(Number(found[1]))) fs.rmSync(path.join(folder, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemCode(error) !== "ESRCH"
  }
}

function refuseOccupied(place: string): void {
  const found = fs.lstatSync(place, { throwIfNoEntry: false })
  if (found === undefined) return
  if (found.isDirectory() && !place.endsWith(".tar") && fs.readdirSync(place).length === 0) return
  throw new EngineFailure("wrong-usage", `there is something at ${place} already: a Bundle is written to a new place`)
}
