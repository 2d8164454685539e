/** The bytes of a Ledger record: `u32 length · u32 crc32(payload) · payload`, payload = `u32 entry length · entry · parts`; u32 little-endian. */
import { hash } from "node:crypto"
import { crc32 } from "node:zlib"
import type { Digest } from "../../../shared/digest.ts"
import { isDigest } from "../../../shared/digest.ts"
import type { LedgerEntry, LedgerPart, LedgerRecord } from "../../../shared/ledger.ts"
import { canonicalBytes } from "../core/canonical.ts"

export const recordBytesMax = 262_144
const headerBytes = 8
const lengthBytes = 4

/** A frame as it lies in a segment: offsets into the bytes it was found in. */
export interface Frame {
  readonly start: number
  readonly end: number
  readonly payload: Uint8Array
  readonly entryBytes: Uint8Array
}

export function frameOf(entryBytes: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  const length = lengthBytes + entryBytes.length + parts.reduce((sum, part) => sum + part.length, 0)
  const frame = new Uint8Array(headerBytes + length)
  const view = new DataView(frame.buffer)
  view.setUint32(0, length, true)
  view.setUint32(headerBytes, entryBytes.length, true)
  let at = headerBytes + lengthBytes
  for (const piece of [entryBytes, ...parts]) {
    frame.set(piece, at)
    at += piece.length
  }
  view.setUint32(4, crc32(frame.subarray(headerBytes)), true)
  return frame
}

/** The frame that begins at `start`, or null where there is no whole and sound one. */
export function frameAt(bytes: Uint8Array, start: number): Frame | null {
  if (start + headerBytes + lengthBytes > bytes.length) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = view.getUint32(start, true)
  const end = start + headerBytes + length
  if (length <= lengthBytes || length > recordBytesMax || end > bytes.length) return null
  const payload = bytes.subarray(start + headerBytes, end)
  const entryLength = view.getUint32(start + headerBytes, true)
  if (entryLength > length - lengthBytes || crc32(payload) !== view.getUint32(start + 4, true)) return null
  return { start, end, payload, entryBytes: payload.subarray(lengthBytes, lengthBytes + entryLength) }
}

/** Whether any sound frame begins after `start`: what tells damage from a torn append. */
export function frameAfter(bytes: Uint8Array, start: number): number | null {
  for (let at = start + 1; at + headerBytes + lengthBytes <= bytes.length; at++) {
    // A length above the limit has a non-zero fourth byte or a large third one: cheap to rule out before the checksum.
    if (bytes[at + 3] === 0 && (bytes[at + 2] as number) <= 4 && frameAt(bytes, at) !== null) return at
  }
  return null
}

export function entryBytesOf(entry: LedgerEntry): Uint8Array {
  return canonicalBytes(entry)
}

/** RFC 6962 leaf hash of an entry, hex. */
export function leafOf(entryBytes: Uint8Array): string {
  const leaf = new Uint8Array(entryBytes.length + 1)
  leaf.set(entryBytes, 1)
  return hash("sha256", leaf, "hex")
}

export function digestOfBytes(bytes: Uint8Array): Digest {
  return `sha256:${hash("sha256", bytes, "hex")}` as Digest
}

const decoder = new TextDecoder("utf-8", { fatal: true })
const zeros = /^[0-9a-f]{64}$/

/** Throws a SyntaxError or TypeError that says what was expected. */
export function parseEntry(bytes: Uint8Array): LedgerEntry {
  const data: unknown = JSON.parse(decoder.decode(bytes))
  if (!isRecord(data)) throw new TypeError("expected an entry object")
  const { sequence, previous, kind, at, body, parts } = data
  if (typeof sequence !== "number" || !Number.isSafeInteger(sequence) || sequence < 0) throw new TypeError("expected a sequence")
  if (typeof previous !== "string" || !zeros.test(previous)) throw new TypeError("expected the leaf hash of the entry before")
  if (typeof kind !== "string" || typeof at !== "string" || !isRecord(body)) throw new TypeError("expected kind, time and body")
  if (!Array.isArray(parts) || !parts.every(isPart)) throw new TypeError("expected parts with kind, digest and length")
  return data as unknown as LedgerEntry
}

/** The parts behind an entry. Throws where a length or a Digest does not hold. */
export function recordOf(frame: Frame): LedgerRecord {
  const entry = parseEntry(frame.entryBytes)
  const parts: Uint8Array[] = []
  let at = lengthBytes + frame.entryBytes.length
  for (const part of entry.parts) {
    const bytes = frame.payload.subarray(at, at + part.length)
    if (bytes.length !== part.length || digestOfBytes(bytes) !== part.digest)
      throw new TypeError(`part ${part.digest} does not match its Digest`)
    parts.push(bytes)
    at += part.length
  }
  if (at !== frame.payload.length) throw new TypeError(`expected the parts to end at byte ${at}, found ${frame.payload.length}`)
  return { entry, parts }
}

/** As `recordOf`, for an entry that was parsed in full when it was first read: the parts' bytes are not held against their Digests. */
export function looseRecordOf(frame: Frame): LedgerRecord {
  const entry = JSON.parse(textOf(frame.entryBytes)) as LedgerEntry
  const parts: Uint8Array[] = []
  let at = lengthBytes + frame.entryBytes.length
  for (const part of entry.parts) {
    parts.push(frame.payload.subarray(at, at + part.length))
    at += part.length
  }
  if (at !== frame.payload.length) throw new TypeError(`expected the parts to end at byte ${at}, found ${frame.payload.length}`)
  return { entry, parts }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8")
}

function isPart(part: unknown): part is LedgerPart {
  return (
    isRecord(part) &&
    typeof part.kind === "string" &&
    isDigest(part.digest) &&
    typeof part.length === "number" &&
    Number.isSafeInteger(part.length) &&
    part.length >= 0
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
