/** Writes a Bundle as a directory or a plain tar: Blobs are staged beside the place, which is taken by one rename at the end. */
import { createHash, randomBytes } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import type { Digest } from "../../../shared/digest.ts"
import { digestOfHex, hexOf } from "../../../shared/digest.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import { bundleLimits, layoutBytes } from "../core/oci.ts"
import { tarEnd, tarHeader, tarPadding } from "../core/tar.ts"
import type { BundleSink } from "../ports.ts"
import { diskFailure, readUpTo, syncDirectory, writeFully, writeUnsynced } from "./disk.ts"

/** `place` ends in `.tar` or is a directory to be made. */
export function createBundleSink(place: string): BundleSink {
  refuseOccupied(place)
  const beside = `${place}.partial-${process.pid}-${randomBytes(4).toString("hex")}`
  const staging = place.endsWith(".tar") ? stageSpool(beside) : stageDirectory(beside)
  const known = new Set<Digest>()
  let bytes = 0
  return {
    put(content) {
      const digest = digestOfHex(createHash("sha256").update(content).digest("hex"))
      if (known.has(digest)) return { digest, size: content.length }
      bytes += content.length
      limit("entries", bundleLimits.entriesMax, known.size + 6)
      limit("bytes", bundleLimits.bytesMax, bytes)
      try {
        staging.put(digest, content)
      } catch (error) {
        throw diskFailure(error, `write a Bundle beside ${place}`)
      }
      known.add(digest)
      return { digest, size: content.length }
    },
    async finish(index) {
      const hash = createHash("sha256")
      let size = 0
      function* counted(): Iterable<Uint8Array> {
        for (const piece of index) {
          hash.update(piece)
          size += piece.length
          limit("bytes of index.json", bundleLimits.indexBytesMax, size)
          yield piece
        }
      }
      try {
        staging.finish(counted(), place)
        syncDirectory(path.dirname(path.resolve(place)))
        return { digest: digestOfHex(hash.digest("hex")), bytes: bytes + size + layoutBytes.length, entries: known.size + 4 }
      } catch (error) {
        throw diskFailure(error, `write the Bundle ${place}`)
      } finally {
        staging.abandon()
      }
    },
    abandon: staging.abandon
  }
}

interface Staging {
  put(digest: Digest, content: Uint8Array): void
  finish(index: Iterable<Uint8Array>, place: string): void
  abandon(): void
}

function stageDirectory(beside: string): Staging {
  const blobs = path.join(beside, "blobs", "sha256")
  try {
    fs.mkdirSync(blobs, { recursive: true })
  } catch (error) {
    throw diskFailure(error, `write a Bundle in ${path.dirname(beside)}`)
  }
  return {
    put: (digest, content) => writeUnsynced(path.join(blobs, hexOf(digest)), content, 0o644),
    finish(index, place) {
      writeUnsynced(path.join(beside, "oci-layout"), layoutBytes, 0o644)
      writeUnsynced(path.join(beside, "index.json"), Buffer.concat([...index]), 0o644)
      fs.rmSync(place, { recursive: true, force: true })
      fs.renameSync(beside, place)
    },
    abandon: () => fs.rmSync(beside, { recursive: true, force: true })
  }
}

/** Blobs one after another in a single file: a file each would cost more than all else. They are sorted when the archive is packed. */
function stageSpool(beside: string): Staging {
  const spool = `${beside}.spool`
  const places = new Map<Digest, readonly [number, number]>()
  let end = 0
  let handle: number | null = null
  try {
    handle = fs.openSync(spool, "wx+", 0o600)
  } catch (error) {
    throw diskFailure(error, `write a Bundle in ${path.dirname(beside)}`)
  }
  return {
    put(digest, content) {
      writeFully(handle as number, content, end)
      places.set(digest, [end, content.length])
      end += content.length
    },
    finish(index, place) {
      pack(beside, Buffer.concat([...index]), handle as number, places)
      fs.renameSync(beside, place)
    },
    abandon() {
      if (handle !== null) fs.closeSync(handle)
      handle = null
      fs.rmSync(spool, { force: true })
      fs.rmSync(beside, { force: true })
    }
  }
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

function pack(to: string, index: Uint8Array, spool: number, blobs: ReadonlyMap<Digest, readonly [number, number]>): void {
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
  const file = (name: string, content: Uint8Array) => {
    write(tarHeader({ kind: "file", name, size: content.length }))
    write(content)
    write(new Uint8Array(tarPadding(content.length)))
  }
  try {
    file("oci-layout", layoutBytes)
    file("index.json", index)
    directory("blobs")
    directory("blobs/sha256")
    for (const digest of [...blobs.keys()].sort()) {
      const [start, size] = blobs.get(digest) as readonly [number, number]
      file(`blobs/sha256/${hexOf(digest)}`, readUpTo(spool, start, size))
    }
    write(tarEnd)
    flush()
    fs.fsyncSync(handle)
  } finally {
    fs.closeSync(handle)
  }
}

function refuseOccupied(place: string): void {
  const found = fs.lstatSync(place, { throwIfNoEntry: false })
  if (found === undefined) return
  if (found.isDirectory() && !place.endsWith(".tar") && fs.readdirSync(place).length === 0) return
  throw new EngineFailure("wrong-usage", `there is something at ${place} already: a Bundle is written to a new place`)
}
