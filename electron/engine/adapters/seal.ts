/** Seals what is derived and must not be believed on its checksum alone: a MAC under a secret of this user, which lies outside every store. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import { EngineFailure } from "../../../shared/failure.ts"
import { syncDirectory, writeNewFile } from "./disk.ts"

/** HMAC-SHA256 under the user's secret. */
export interface Seal {
  /** `purpose` keeps one kind of file from standing in for another. Null where there is no secret and `make` does not ask for one, or it cannot be kept. */
  mac(purpose: string, pieces: readonly Uint8Array[], make: boolean): Buffer | null
}

const secretBytes = 32
const macBytes = 32
const lengthBytes = 4
const sealedBytesMax = 256 << 20

/** The secret is read, or made, when it is first needed: a store too small for snapshots needs none. */
export function createSeal(home: string): Seal {
  const file = path.join(home, "seal.key")
  let secret: Uint8Array | null = null
  return {
    mac(purpose, pieces, make) {
      secret ??= readSecret(file, make)
      if (secret === null) return null
      const sum = createHmac("sha256", secret).update(purpose).update("\0")
      for (const piece of pieces) sum.update(piece)
      return sum.digest()
    }
  }
}

function readSecret(file: string, create: boolean): Uint8Array | null {
  for (const mayCreate of [create, false]) {
    try {
      const bytes = fs.readFileSync(file)
      return bytes.length === secretBytes ? bytes : null
    } catch {
      if (!mayCreate || !makeSecret(file)) return null
    }
  }
  return null
}

/** Another process may make it at the same time: whoever comes second reads the first one's. */
function makeSecret(file: string): boolean {
  const beside = `${file}.${process.pid}.new`
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true })
    fs.rmSync(beside, { force: true })
    writeNewFile(beside, randomBytes(secretBytes), 0o600)
    try {
      fs.linkSync(beside, file)
    } catch {
      // it stands there already, or links are unknown here
      if (!fs.existsSync(file)) fs.renameSync(beside, file)
    }
    fs.rmSync(beside, { force: true })
    syncDirectory(path.dirname(file))
    return true
  } catch {
    return false
  }
}

/** `u32 length of the JSON · JSON · columns · MAC`, written beside, synced and renamed. Throws what the file system throws. */
export function writeSealed(file: string, seal: Seal, purpose: string, header: unknown, columns: readonly Uint8Array[]): void {
  const json = Buffer.from(JSON.stringify(header), "utf8")
  const length = Buffer.alloc(lengthBytes)
  length.writeUInt32LE(json.length)
  const pieces = [length, json, ...columns]
  const mac = seal.mac(purpose, pieces, true)
  if (mac === null) throw new EngineFailure("disk-failed", "the user's folder holds no secret to seal with, and none can be made")
  const beside = `${file}.new`
  fs.rmSync(beside, { force: true })
  writeNewFile(beside, Buffer.concat([...pieces, mac]))
  fs.renameSync(beside, file)
  syncDirectory(path.dirname(file))
}

/** Null for a file that is missing, damaged, or sealed by nobody we know. */
export function readSealed(file: string, seal: Seal, purpose: string): { readonly header: unknown; readonly columns: Buffer } | null {
  let bytes: Buffer
  try {
    if (fs.statSync(file).size > sealedBytesMax) return null
    bytes = fs.readFileSync(file)
  } catch {
    return null
  }
  const end = bytes.length - macBytes
  if (end < lengthBytes) return null
  const mac = seal.mac(purpose, [bytes.subarray(0, end)], false)
  if (mac === null || !timingSafeEqual(mac, bytes.subarray(end))) return null
  const jsonEnd = lengthBytes + bytes.readUInt32LE(0)
  if (jsonEnd > end) return null
  return { header: JSON.parse(bytes.toString("utf8", lengthBytes, jsonEnd)) as unknown, columns: bytes.subarray(jsonEnd, end) }
}
