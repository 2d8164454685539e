/** Reads a Bundle from a directory or a plain tar without unpacking it: names and places first, each Blob when asked for, and hashed then. */
import { createHash, hash } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import type { Digest } from "../../../shared/digest.ts"
import { digestOfHex, hexOf } from "../../../shared/digest.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import { bundleLimits } from "../core/oci.ts"
import { compressionFault, foldedPath, readTarHeader, tarBlockBytes, tarPadding } from "../core/tar.ts"
import type { BundleFiles, BundleSource } from "../ports.ts"
import type { BundleLimits } from "./bundle-writer.ts"
import { createBundleSink } from "./bundle-writer.ts"
import type { DigestTable } from "./digest-table.ts"
import { createDigestTable } from "./digest-table.ts"
import { diskFailure, readUpTo, systemCode } from "./disk.ts"

/** `limits`: lower ones than those of the trust page are for tests. */
export function createBundleFiles(limits: BundleLimits = bundleLimits): BundleFiles {
  return {
    open: place => openBundleSource(place, limits),
    create: place => createBundleSink(place, limits),
    discard: place => fs.rmSync(place, { recursive: true, force: true })
  }
}

const blobPath = /^blobs\/sha256\/([0-9a-f]{64})$/
const folders = new Set([".", "blobs", "blobs/sha256"])
const pieceBytes = 1024 * 1024
const scratchBytes = 64 * 1024

/** Where the bytes of a file of the layout lie. */
interface Place {
  readonly size: number
  read(position: number, length: number): Uint8Array
  /** Fills `target` from the beginning; answers how many bytes there were. */
  fill(target: Uint8Array): number
}

interface Layout {
  readonly entries: number
  readonly layout: Place
  readonly index: Place
  /** Numbered as `names` has them. */
  blobAt(number: number): Place
  readonly names: DigestTable
  close(): void
}

function refuse(why: string, details: Readonly<Record<string, unknown>> = {}): EngineFailure {
  return new EngineFailure("bundle-refused", `the Bundle is refused: ${why}`, details)
}

function openBundleSource(place: string, limits: BundleLimits): BundleSource {
  let found: fs.Stats
  try {
    found = fs.statSync(place)
  } catch (error) {
    if (systemCode(error) === "ENOENT") throw refuse(`there is nothing at ${place}`)
    throw diskFailure(error, `read the Bundle ${place}`)
  }
  if (!found.isDirectory() && !found.isFile()) throw refuse(`${place} is neither a directory nor a file`)
  try {
    return sourceOf(found.isDirectory() ? openDirectory(place, limits) : openTar(place, found.size, limits), limits)
  } catch (error) {
    throw diskFailure(error, `read the Bundle ${place}`)
  }
}

function sourceOf({ names, blobAt, ...layout }: Layout, limits: BundleLimits): BundleSource {
  /** A bit for each Blob that was hashed once. */
  const checked = new Uint8Array(Math.ceil(names.size / 8))
  let checkedBytes = 0
  const scratch = new Uint8Array(scratchBytes)
  const isChecked = (number: number) => ((checked[number >> 3] as number) & (1 << (number & 7))) !== 0
  function placeOf(digest: Digest, size: number | undefined): { number: number; place: Place } {
    const number = names.find(hexOf(digest))
    if (number < 0) throw refuse(`Blob ${digest} is named and not in it: it may be half copied`, { digest })
    const place = blobAt(number)
    if (size !== undefined && place.size !== size)
      throw refuse(`Blob ${digest} has ${place.size} bytes, its descriptor says ${size}`, { digest, expected: size, found: place.size })
    return { number, place }
  }
  function blob(digest: Digest, size?: number): Uint8Array {
    const { number, place } = placeOf(digest, size)
    const bytes = whole(place, `Blob ${digest}`, bundleLimits.blobBytesMax)
    hashed(digest, number, bytes)
    return bytes
  }
  function hashed(digest: Digest, number: number, bytes: Uint8Array): void {
    const actual = hash("sha256", bytes, "hex")
    if (actual !== hexOf(digest))
      throw refuse(`the bytes of Blob ${digest} do not match its name, they are sha256:${actual}`, { digest, found: `sha256:${actual}` })
    if (!isChecked(number)) bounded((checkedBytes += bytes.length), "what it holds in all", limits.bytesMax)
    checked[number >> 3]! |= 1 << (number & 7)
  }
  function* index(): Iterable<Uint8Array> {
    bounded(layout.index.size, "index.json", limits.indexBytesMax)
    for (let at = 0; at < layout.index.size; at += pieceBytes) {
      const piece = layout.index.read(at, Math.min(pieceBytes, layout.index.size - at))
      if (piece.length === 0) throw refuse("index.json is cut short")
      yield piece
    }
  }
  return {
    entries: layout.entries,
    layout: () => whole(layout.layout, "oci-layout", bundleLimits.documentBytesMax),
    index,
    indexDigest() {
      const sum = createHash("sha256")
      for (const piece of index()) sum.update(piece)
      return digestOfHex(sum.digest("hex"))
    },
    has: digest => names.find(hexOf(digest)) >= 0,
    blob,
    check(digest, size) {
      const { number, place } = placeOf(digest, size)
      if (isChecked(number)) return
      // most Blobs are small, and there are very many: an allocation each would cost more memory than the Bundle
      const target = scratch.subarray(0, place.size)
      if (place.size > scratch.length || place.fill(target) !== place.size) blob(digest, size)
      else hashed(digest, number, target)
    },
    *unchecked() {
      for (let number = 0; number < names.size; number++) if (!isChecked(number)) yield digestOfHex(names.hex(number))
    },
    close: layout.close
  }
}

function whole(place: Place, name: string, max: number): Uint8Array {
  bounded(place.size, name, max)
  const bytes = place.read(0, place.size)
  if (bytes.length !== place.size) throw refuse(`${name} is cut short: expected ${place.size} bytes, found ${bytes.length}`)
  return bytes
}

function bounded(found: number, name: string, expected: number): void {
  if (found > expected) throw refuse(`${name} is too large: expected at most ${expected} bytes, found ${found}`, { expected, found })
}

/** Counting ends where the limit is passed: how many there are in truth nobody asks. */
function tooMany(found: number, what: string, expected: number): void {
  if (found > expected) throw refuse(`expected at most ${expected} ${what}, found ${found} and perhaps more`, { expected, found })
}

function openTar(file: string, length: number, limits: BundleLimits): Layout {
  bounded(length, "the archive", limits.bytesMax + 2 * limits.entriesMax * tarBlockBytes)
  const handle = fs.openSync(file, "r")
  try {
    const compressed = compressionFault(readUpTo(handle, 0, 8))
    if (compressed !== null) throw refuse(compressed)
    return layoutIn(handle, length, limits)
  } catch (error) {
    fs.closeSync(handle)
    throw error
  }
}

function layoutIn(handle: number, length: number, limits: BundleLimits): Layout {
  const others = new Set<string>()
  const names = createDigestTable()
  const files = new Map<string, Place>()
  let bytes = 0
  let entries = 0
  let ended = false
  const placeAt = (position: number, size: number): Place => ({
    size,
    read: (from, count) => readUpTo(handle, position + from, count),
    fill: target => readInto(handle, target, position)
  })
  for (let at = 0; at < length; ) {
    const header = readTarHeader(readUpTo(handle, at, tarBlockBytes))
    if (header.kind === "refused") throw refuse(header.reason)
    if (header.kind === "end") {
      ended = true
      break
    }
    at += tarBlockBytes
    const { kind, name, size } = header.entry
    tooMany(++entries, "entries", limits.entriesMax)
    const blob = kind === "file" ? blobPath.exec(name)?.[1] : undefined
    // a Blob's name is its own folded form, and no other name folds to one that is taken
    const folded = blob === undefined ? foldedPath(name) : name
    if (blob === undefined ? others.has(folded) : names.add(blob, at, size) < 0)
      throw refuse(`the name ${JSON.stringify(name)} stands in it twice`)
    if (blob === undefined) others.add(folded)
    bytes += size
    bounded(bytes, "what it holds in all", limits.bytesMax)
    if (at + size > length) throw refuse(`${name} is cut short: expected ${size} bytes, found ${length - at}`)
    if (kind === "directory" ? !folders.has(name) : blob === undefined && name !== "oci-layout" && name !== "index.json")
      throw refuse(`expected oci-layout, index.json and blobs/sha256/<64 hex> only, found ${JSON.stringify(name)}`)
    if (blob !== undefined) bounded(size, `Blob ${blob}`, bundleLimits.blobBytesMax)
    else if (kind === "file") files.set(name, placeAt(at, size))
    at += size + tarPadding(size)
  }
  if (!ended) throw refuse("the archive has no end: it may be half copied")
  const layout = files.get("oci-layout")
  const index = files.get("index.json")
  if (layout === undefined || index === undefined)
    throw refuse(`it has no ${layout === undefined ? "oci-layout" : "index.json"}: it is no OCI image layout`)
  return {
    entries,
    layout,
    index,
    names,
    blobAt: number => placeAt(names.start(number), names.length(number)),
    close: () => fs.closeSync(handle)
  }
}

/** Files beside those of the layout are left alone; links are not followed. */
function openDirectory(directory: string, limits: BundleLimits): Layout {
  const blobFolder = path.join(directory, "blobs", "sha256")
  for (const folder of [path.join(directory, "blobs"), blobFolder]) {
    if (fs.lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw refuse(`it has no folder ${path.relative(directory, folder)}: it is no OCI image layout`)
  }
  const placeOf = (file: string): Place | null => {
    const found = fs.lstatSync(file, { throwIfNoEntry: false })
    if (found === undefined) return null
    if (!found.isFile()) throw refuse(`${path.relative(directory, file)} is a link or no regular file`)
    return {
      size: found.size,
      read: (position, length) => opened(file, handle => readUpTo(handle, position, length)),
      fill: target => opened(file, handle => readInto(handle, target, 0))
    }
  }
  const layout = placeOf(path.join(directory, "oci-layout"))
  const index = placeOf(path.join(directory, "index.json"))
  if (layout === null || index === null)
    throw refuse(`it has no ${layout === null ? "oci-layout" : "index.json"}: it is no OCI image layout`)
  const names = listBlobs(blobFolder, limits)
  return {
    entries: names.size,
    layout,
    index,
    names,
    blobAt(number) {
      const hex = names.hex(number)
      const place = placeOf(path.join(blobFolder, hex))
      if (place === null) throw refuse(`Blob sha256:${hex} was taken away while it was read`)
      return place
    },
    close: () => undefined
  }
}

function opened<T>(file: string, work: (handle: number) => T): T {
  const handle = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0))
  try {
    return work(handle)
  } finally {
    fs.closeSync(handle)
  }
}

function readInto(handle: number, target: Uint8Array, position: number): number {
  let read = 0
  while (read < target.length) {
    const count = fs.readSync(handle, target, read, target.length - read, position + read)
    if (count === 0) break
    read += count
  }
  return read
}

function listBlobs(folder: string, limits: BundleLimits): DigestTable {
  const names = createDigestTable()
  const handle = fs.opendirSync(folder)
  try {
    for (let found = handle.readSync(); found !== null; found = handle.readSync()) {
      if (/^[0-9a-f]{64}$/.test(found.name)) names.add(found.name, 0, 0)
      tooMany(names.size, "Blobs", limits.entriesMax)
    }
  } finally {
    handle.closeSync()
  }
  return names
}
