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
import { diskFailure, syncDirectory, writeFully, writeUnsynced } from "./disk.ts"

/** `place` ends in `.tar` or is a directory to be made. */
export function createBundleSink(place: string): BundleSink {
  refuseOccupied(place)
  const staging = `${place}.partial-${process.pid}-${randomBytes(4).toString("hex")}`
  const blobs = path.join(staging, "blobs", "sha256")
  const sizes = new Map<Digest, number>()
  let bytes = 0
  try {
    fs.mkdirSync(blobs, { recursive: true })
  } catch (error) {
    throw diskFailure(error, `write a Bundle beside ${place}`)
  }

  function abandon(): void {
    fs.rmSync(staging, { recursive: true, force: true })
    fs.rmSync(`${staging}.tar`, { force: true })
  }

  return {
    put(content) {
      const digest = digestOfHex(createHash("sha256").update(content).digest("hex"))
      if (sizes.has(digest)) return { digest, size: content.length }
      bytes += content.length
      limit("entries", bundleLimits.entriesMax, sizes.size + 6)
      limit("bytes", bundleLimits.bytesMax, bytes)
      try {
        writeUnsynced(path.join(blobs, hexOf(digest)), content, 0o644)
      } catch (error) {
        throw diskFailure(error, `write a Bundle beside ${place}`)
      }
      sizes.set(digest, content.length)
      return { digest, size: content.length }
    },
    async finish(index) {
      try {
        writeUnsynced(path.join(staging, "oci-layout"), layoutBytes, 0o644)
        const { digest, size } = writeIndex(path.join(staging, "index.json"), index)
        if (place.endsWith(".tar")) {
          pack(
            staging,
            `${staging}.tar`,
            [...sizes].sort(([left], [right]) => (left < right ? -1 : 1)),
            size
          )
          fs.renameSync(`${staging}.tar`, place)
        } else {
          fs.rmSync(place, { recursive: true, force: true })
          fs.renameSync(staging, place)
        }
        syncDirectory(path.dirname(path.resolve(place)))
        return { digest, bytes: bytes + size + layoutBytes.length, entries: sizes.size + 5 }
      } catch (error) {
        throw diskFailure(error, `write the Bundle ${place}`)
      } finally {
        abandon()
      }
    },
    abandon
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

function writeIndex(file: string, pieces: Iterable<Uint8Array>): { readonly digest: Digest; readonly size: number } {
  const hash = createHash("sha256")
  const handle = fs.openSync(file, "wx", 0o644)
  let size = 0
  try {
    for (const piece of pieces) {
      hash.update(piece)
      writeFully(handle, piece, size)
      size += piece.length
    }
  } finally {
    fs.closeSync(handle)
  }
  limit("bytes of index.json", bundleLimits.indexBytesMax, size)
  return { digest: digestOfHex(hash.digest("hex")), size }
}

function pack(from: string, to: string, blobs: readonly (readonly [Digest, number])[], indexSize: number): void {
  const handle = fs.openSync(to, "wx", 0o644)
  let at = 0
  const write = (bytes: Uint8Array) => {
    writeFully(handle, bytes, at)
    at += bytes.length
  }
  const directory = (name: string) => write(tarHeader({ kind: "directory", name, size: 0 }))
  const file = (name: string, size: number) => {
    write(tarHeader({ kind: "file", name, size }))
    copy(path.join(from, name), write)
    write(new Uint8Array(tarPadding(size)))
  }
  try {
    file("oci-layout", layoutBytes.length)
    file("index.json", indexSize)
    directory("blobs")
    directory("blobs/sha256")
    for (const [digest, size] of blobs) file(`blobs/sha256/${hexOf(digest)}`, size)
    write(tarEnd)
    fs.fsyncSync(handle)
  } finally {
    fs.closeSync(handle)
  }
}

const pieceBytes = 1024 * 1024

function copy(file: string, write: (bytes: Uint8Array) => void): void {
  const handle = fs.openSync(file, "r")
  const buffer = new Uint8Array(pieceBytes)
  try {
    for (;;) {
      const count = fs.readSync(handle, buffer, 0, buffer.length, null)
      if (count === 0) return
      write(buffer.subarray(0, count))
    }
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
