/** Blobs as files of one flat OCI image-layout directory: written beside, synced, renamed, read-only, re-hashed on every read. */
import { hash, randomBytes } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import type { Digest } from "../../../shared/digest.ts"
import { digestOfHex, hexOf } from "../../../shared/digest.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import { sizeLimits } from "../../../shared/module.ts"
import type { BlobStore } from "../ports.ts"
import { diskFailure, syncDirectory, syncDirectoryLater, systemCode, writeNewFile, writeNewFiles } from "./disk.ts"

const blobName = /^[0-9a-f]{64}$/
const layoutNames: ReadonlySet<string> = new Set(["oci-layout", "index.json", "blobs", "tmp"])

/** Writes the two fixed files of an OCI image layout and its folders. Throws `disk-full`, `store-read-only` or `disk-failed`. */
export function createBlobLayout(directory: string): void {
  try {
    fs.mkdirSync(path.join(directory, "blobs", "sha256"), { recursive: true })
    fs.mkdirSync(path.join(directory, "tmp"), { recursive: true })
    writeNewFile(path.join(directory, "oci-layout"), encode('{"imageLayoutVersion":"1.0.0"}\n'))
    writeNewFile(
      path.join(directory, "index.json"),
      encode('{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}\n')
    )
    for (const part of ["blobs/sha256", "blobs", "."]) syncDirectory(path.join(directory, part))
  } catch (error) {
    throw diskFailure(error, `create the Blob directory ${directory}`)
  }
}

export function openFileBlobStore(directory: string, options: { readonly readOnly?: boolean } = {}): BlobStore {
  const blobs = path.join(directory, "blobs", "sha256")
  const temporary = path.join(directory, "tmp")
  const fileOf = (digest: Digest) => path.join(blobs, hexOf(digest))

  return {
    async put(all) {
      if (options.readOnly === true)
        throw new EngineFailure("store-read-only", "Blobs cannot be written: the store is open for reading only")
      for (const bytes of all) refuseOversized(bytes.length)
      const digests = all.map(digestOf)
      const fresh = digests.flatMap((digest, at) => {
        const bytes = all[at] as Uint8Array
        return digests.indexOf(digest) === at && !taken(fileOf(digest), digest, bytes.length) ? [{ file: fileOf(digest), bytes }] : []
      })
      try {
        await place(fresh)
        // Also where every Blob stood already: whoever renamed it may have died before this sync.
        if (all.length > 0) await syncDirectoryLater(blobs)
      } catch (error) {
        throw diskFailure(error, "write a Blob")
      }
      return digests
    },
    get(digest) {
      const bytes = readBlob(fileOf(digest))
      if (bytes !== null && digestOf(bytes) !== digest)
        throw new EngineFailure(
          "blob-damaged",
          `the bytes of Blob ${digest} do not match its Digest: run an Audit, or import or publish it again`,
          { digest }
        )
      return bytes
    },
    has(digest) {
      return fs.existsSync(fileOf(digest))
    },
    async *list() {
      for await (const file of await fs.promises.opendir(blobs)) {
        if (!file.isFile() || !blobName.test(file.name)) continue
        const found = fs.statSync(path.join(blobs, file.name), { throwIfNoEntry: false })
        if (found !== undefined) yield { digest: digestOfHex(file.name), bytes: found.size, modifiedMs: found.mtimeMs }
      }
    },
    async strays() {
      const found: { name: string; bytes: number; modifiedMs: number; temporary: boolean }[] = []
      const note = (folder: string, name: string, temporary: boolean) => {
        const stat = fs.lstatSync(path.join(folder, name), { throwIfNoEntry: false })
        if (stat !== undefined)
          found.push({ name: path.relative(directory, path.join(folder, name)), bytes: stat.size, modifiedMs: stat.mtimeMs, temporary })
      }
      for await (const entry of await fs.promises.opendir(blobs))
        if (!entry.isFile() || !blobName.test(entry.name)) note(blobs, entry.name, false)
      for (const name of namesIn(path.join(directory, "blobs"))) if (name !== "sha256") note(path.join(directory, "blobs"), name, false)
      for (const name of namesIn(directory)) if (!layoutNames.has(name)) note(directory, name, false)
      for (const name of namesIn(temporary)) note(temporary, name, true)
      return found
    },
    async delete(digest, untouchedSinceMs) {
      if (options.readOnly === true)
        throw new EngineFailure("store-read-only", "Blobs cannot be deleted: the store is open for reading only")
      const file = fileOf(digest)
      try {
        // No await between the look and the removal: a put in this process touches the file, and there is one writer.
        const found = fs.lstatSync(file, { throwIfNoEntry: false })
        if (untouchedSinceMs !== undefined && found !== undefined && found.mtimeMs > untouchedSinceMs) return false
        fs.rmSync(file, { force: true })
        syncDirectory(blobs)
        return found !== undefined
      } catch (error) {
        throw diskFailure(error, `delete Blob ${digest}`)
      }
    },
    async sweepTemporary(beforeMs) {
      if (options.readOnly === true) return 0
      try {
        return sweepTemporary(directory, beforeMs)
      } catch (error) {
        throw diskFailure(error, `sweep ${temporary}`)
      }
    }
  }

  /** Bytes that stand already are a success, and count as put now: a sweep that is under way leaves them. */
  function taken(file: string, digest: Digest, size: number): boolean {
    if (!standsIntact(file, digest, size)) return false
    const now = new Date()
    try {
      fs.utimesSync(file, now, now)
    } catch (error) {
      throw diskFailure(error, `mark Blob ${digest} as used`)
    }
    return true
  }

  /** Beside, synced together, renamed. A damaged file of that name is replaced, so publishing again heals it. */
  async function place(fresh: readonly { readonly file: string; readonly bytes: Uint8Array }[]): Promise<void> {
    fs.mkdirSync(temporary, { recursive: true })
    const moves = fresh.map(({ file, bytes }) => ({
      bytes,
      to: file,
      file: path.join(temporary, `${process.pid}-${randomBytes(8).toString("hex")}`)
    }))
    await writeNewFiles(moves, 0o444)
    try {
      for (const { file, to } of moves) fs.renameSync(file, to)
    } catch (error) {
      for (const { file } of moves) fs.rmSync(file, { force: true })
      throw error
    }
  }
}

/** Removes what writers that are gone left in `tmp/` before then; answers how many files. */
export function sweepTemporary(directory: string, beforeMs = Number.POSITIVE_INFINITY): number {
  const temporary = path.join(directory, "tmp")
  const old = namesIn(temporary).filter(name => {
    const found = fs.lstatSync(path.join(temporary, name), { throwIfNoEntry: false })
    return found !== undefined && found.mtimeMs < beforeMs
  })
  for (const name of old) fs.rmSync(path.join(temporary, name), { force: true, recursive: true })
  return old.length
}

function namesIn(folder: string): string[] {
  return fs.existsSync(folder) ? fs.readdirSync(folder) : []
}

/** Null where there is no file. Anything but a regular file of a Blob's size counts as damaged. */
function readBlob(file: string): Uint8Array | null {
  let handle: number
  try {
    handle = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0))
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null
    if (systemCode(error) === "ELOOP") throw new EngineFailure("blob-damaged", `${path.basename(file)} is a link, not a Blob`)
    throw diskFailure(error, `read Blob ${path.basename(file)}`)
  }
  try {
    const found = fs.fstatSync(handle)
    if (!found.isFile() || found.size > sizeLimits.blobBytesMax)
      throw new EngineFailure(
        "blob-damaged",
        `${path.basename(file)} is no Blob: expected a regular file of at most ${sizeLimits.blobBytesMax} bytes`
      )
    const bytes = new Uint8Array(found.size)
    let read = 0
    while (read < bytes.length) {
      const count = fs.readSync(handle, bytes, read, bytes.length - read, read)
      if (count === 0) break
      read += count
    }
    return bytes.subarray(0, read)
  } catch (error) {
    throw diskFailure(error, `read Blob ${path.basename(file)}`)
  } finally {
    fs.closeSync(handle)
  }
}

function standsIntact(file: string, digest: Digest, size: number): boolean {
  if (fs.lstatSync(file, { throwIfNoEntry: false })?.size !== size) return false
  try {
    const bytes = readBlob(file)
    return bytes !== null && digestOf(bytes) === digest
  } catch {
    return false
  }
}

function refuseOversized(bytes: number): void {
  if (bytes > sizeLimits.blobBytesMax)
    throw new EngineFailure("limit-exceeded", `a Blob of ${bytes} bytes is too large: at most ${sizeLimits.blobBytesMax} are stored`, {
      limit: sizeLimits.blobBytesMax,
      found: bytes
    })
}

function digestOf(bytes: Uint8Array): Digest {
  return digestOfHex(hash("sha256", bytes, "hex"))
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
