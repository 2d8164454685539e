/** One hit-log entry as 128 bytes (storage page, section 7), little-endian, and back. */
import { crc32 } from "node:zlib"
import type { Digest } from "../../../shared/digest.ts"
import { digestOfHex, hexOf } from "../../../shared/digest.ts"
import { missReasons, tiers } from "../../../shared/lookup.ts"
import { errorCategories, rejectionReasons } from "../../../shared/run.ts"
import { verdictStates } from "../../../shared/trust.ts"
import type { HitLogEntry } from "../ports.ts"

export const entryBytes = 128

const kinds = ["hit", "miss", "run", "shadow"] as const
/** Steps in which support is kept: 0 to 1.275 in a byte. */
const supportSteps = 200
const outcomes = ["returned", "failed", "needs-host", "out-of-fuel", "timed-out", "out-of-memory", "trapped", "rejected"] as const
/** Error categories and rejection reasons share a field: the Outcome's kind says which list is meant. */
const categories: readonly string[] = [...errorCategories, ...rejectionReasons]

/** What an entry holds; the words of a request stand once in the file beside, and the Mapping is named by its record's position. */
export type StoredEntry = Omit<HitLogEntry, "request" | "mapping"> & { readonly number: number; readonly request: Digest }

export function encodeEntry(entry: HitLogEntry, number: number): Uint8Array {
  const bytes = new Uint8Array(entryBytes)
  const view = new DataView(bytes.buffer)
  view.setFloat64(0, entry.atMs, true)
  view.setUint32(8, number, true)
  view.setUint32(12, entry.hitNumber, true)
  bytes[16] = kinds.indexOf(entry.kind) + 1
  bytes[17] = codeOf(missReasons, entry.missReason)
  bytes[18] = codeOf(tiers, entry.tier)
  bytes[19] = codeOf(verdictStates, entry.verdict)
  bytes[20] = codeOf(outcomes, entry.outcome)
  bytes[21] = codeOf(categories, entry.category)
  bytes[22] = Math.min(255, entry.examplesPassed ?? 0)
  bytes[23] = entry.support === undefined ? 0 : Math.min(255, Math.max(1, Math.round(entry.support * supportSteps)))
  bytes.set(Buffer.from(hexOf(entry.request.digest), "hex"), 24)
  if (entry.module !== null) bytes.set(Buffer.from(hexOf(entry.module), "hex"), 56)
  view.setFloat64(88, entry.ledgerSequence, true)
  view.setFloat32(96, entry.similarity, true)
  view.setFloat64(100, entry.fuel, true)
  for (const [index, us] of [entry.embedUs, entry.searchUs, entry.fetchUs, entry.runUs].entries())
    view.setUint32(108 + 4 * index, microseconds(us), true)
  view.setUint32(124, crc32(bytes.subarray(0, 124)), true)
  return bytes
}

/** Null where the bytes are no sound entry: a torn append, or a file of something else. */
export function decodeEntry(bytes: Uint8Array): StoredEntry | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, entryBytes)
  if (crc32(bytes.subarray(0, 124)) !== view.getUint32(124, true)) return null
  const kind = kinds[(bytes[16] as number) - 1]
  if (kind === undefined) return null
  return {
    kind,
    atMs: view.getFloat64(0, true),
    number: view.getUint32(8, true),
    hitNumber: view.getUint32(12, true),
    missReason: nameOf(missReasons, bytes[17]),
    tier: nameOf(tiers, bytes[18]),
    verdict: nameOf(verdictStates, bytes[19]),
    outcome: nameOf(outcomes, bytes[20]),
    category: nameOf(categories, bytes[21]),
    request: digestAt(bytes, 24),
    module: bytes.subarray(56, 88).every(byte => byte === 0) ? null : digestAt(bytes, 56),
    ledgerSequence: view.getFloat64(88, true),
    similarity: view.getFloat32(96, true),
    fuel: view.getFloat64(100, true),
    embedUs: view.getUint32(108, true),
    searchUs: view.getUint32(112, true),
    fetchUs: view.getUint32(116, true),
    runUs: view.getUint32(120, true),
    ...(bytes[22] === 0 ? {} : { examplesPassed: bytes[22] as number }),
    ...(bytes[23] === 0 ? {} : { support: (bytes[23] as number) / supportSteps })
  }
}

function codeOf<T extends string>(names: readonly T[], name: T | null): number {
  return name === null ? 0 : names.indexOf(name) + 1
}

function nameOf<T extends string>(names: readonly T[], code: number | undefined): T | null {
  return names[(code ?? 0) - 1] ?? null
}

function digestAt(bytes: Uint8Array, at: number): Digest {
  return digestOfHex(Buffer.from(bytes.subarray(at, at + 32)).toString("hex"))
}

function microseconds(us: number): number {
  return Math.min(0xffffffff, Math.max(0, Math.round(us)))
}
