/** The format of a key file: a seed under a random file key, and the slots that wrap that file key. The header binds them together. */
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js"
import { isKeyId, type KeyId } from "../../../shared/digest.ts"
import type { KeyPurpose } from "../../../shared/trust.ts"
import { keyPurposes } from "../../../shared/trust.ts"
import type { Json } from "../core/canonical.ts"
import { canonicalBytes, readStrictJson } from "../core/canonical.ts"
import { isAdmissible, keyIdOf } from "../core/crypto.ts"
import { concatBytes, fromBase64, toBase64 } from "../core/digest.ts"
import { isObject } from "../core/dsse.ts"
import { utf8Encode } from "../core/utf8.ts"

export const keyFileBytesMax = 65_536

/** Everything that is not secret. It is the associated data of every box, so that no part can be moved to another file. */
export interface KeyHeader {
  readonly version: 1
  readonly id: KeyId
  /** Raw public key, standard base64. */
  readonly public: string
  readonly purpose: KeyPurpose
  readonly name: string
  readonly owner: string
}

/** `nonce ‖ ciphertext ‖ tag` of XChaCha20-Poly1305, standard base64. */
type Box = string

/** How a passphrase becomes a key of 32 bytes. scrypt: `N` is a power of two. argon2id (version 0x13): `m` in KiB, `t` passes. */
export type Kdf =
  | { readonly kdf: "scrypt"; readonly N: number; readonly r: number; readonly p: number }
  | { readonly kdf: "argon2id"; readonly m: number; readonly t: number; readonly p: number }

export type Slot =
  | { readonly kind: "passphrase"; readonly by: Kdf; readonly salt: Uint8Array; readonly box: Box }
  | { readonly kind: "none"; readonly key: Uint8Array }
  /** Sealed by the operating system's own store of secrets: text that only it can open. */
  | { readonly kind: "os"; readonly sealed: string; readonly json: Readonly<Record<string, Json>> }
  /** Of a kind this program cannot open: kept as it stands, for those who can. */
  | { readonly kind: "other"; readonly json: Readonly<Record<string, Json>> }

export interface KeyFile {
  readonly header: KeyHeader
  readonly seed: Box
  readonly slots: readonly Slot[]
  readonly retired: boolean
}

/** What a file may ask of us: at most 1 GiB and about four seconds. */
export const scryptBounds = { costMin: 2 ** 10, costMax: 2 ** 20, blockMax: 16, parallelMax: 4, bytesMax: 2 ** 30 } as const

/** The same for argon2id: passes over at most 1 GiB in all. */
export const argonBounds = { memoryMin: 8 * 1024, memoryMax: 2 ** 20, passesMax: 16, parallelMax: 4, passesOverMax: 2 ** 20 } as const

const nonceBytes = 24

/** Seals `secret` under `key` (32 bytes); `what` keeps a slot's box from being taken for the seed's. */
export function seal(secret: Uint8Array, key: Uint8Array, header: KeyHeader, what: "seed" | "slot", nonce: Uint8Array): Box {
  return toBase64(concatBytes(nonce, xchacha20poly1305(key, nonce, associated(header, what)).encrypt(secret)))
}

/** The secret, or null where the key does not fit or a byte of box or header was changed. */
export function unseal(box: Box, key: Uint8Array, header: KeyHeader, what: "seed" | "slot"): Uint8Array | null {
  const bytes = fromBase64(box)
  if (bytes === null || bytes.length !== nonceBytes + 32 + 16) return null
  try {
    return xchacha20poly1305(key, bytes.slice(0, nonceBytes), associated(header, what)).decrypt(bytes.slice(nonceBytes))
  } catch {
    return null
  }
}

function associated(header: KeyHeader, what: "seed" | "slot"): Uint8Array {
  return concatBytes(utf8Encode(`l4-workbench key file 1 ${what}\n`), canonicalBytes(header))
}

export function keyFileBytes(file: KeyFile): Uint8Array {
  const slots = file.slots.map(slotJson)
  return utf8Encode(`${JSON.stringify({ ...file.header, seed: file.seed, slots, retired: file.retired }, null, 2)}\n`)
}

function slotJson(slot: Slot): Json {
  if (slot.kind === "other") return slot.json
  if (slot.kind === "os") return { ...slot.json, kind: slot.kind, box: slot.sealed }
  if (slot.kind === "none") return { kind: slot.kind, key: toBase64(slot.key) }
  return { kind: slot.kind, ...slot.by, salt: toBase64(slot.salt), box: slot.box }
}

/** Reads a key file, or says why it is refused. The KeyId is recomputed, never believed; parameters are bounded before use. */
export function parseKeyFile(bytes: Uint8Array): KeyFile | string {
  const read = readStrictJson(bytes, { bytesMax: keyFileBytesMax, depthMax: 8 })
  if (typeof read === "string") return `it is ${read}`
  const { json } = read
  if (!isObject(json)) return "it is no object"
  if (json.version !== 1) return `it has version ${String(json.version)}; this program knows version 1`
  const publicKey = typeof json.public === "string" ? fromBase64(json.public) : null
  if (publicKey === null || !isAdmissible(publicKey)) return "its public key is no admissible Ed25519 key"
  if (!isKeyId(json.id) || keyIdOf(publicKey) !== json.id) return "its KeyId is not that of its public key"
  const purpose = keyPurposes.find(one => one === json.purpose)
  if (purpose === undefined || typeof json.name !== "string" || typeof json.owner !== "string" || typeof json.seed !== "string")
    return "purpose, name, owner or seed is missing"
  if (!Array.isArray(json.slots) || json.slots.length === 0 || json.slots.length > 8) return "it has no list of 1 to 8 slots"
  const slots: Slot[] = []
  for (const slot of json.slots as readonly Json[]) {
    const read = parseSlot(slot)
    if (typeof read === "string") return read
    slots.push(read)
  }
  const header: KeyHeader = { version: 1, id: json.id, public: json.public as string, purpose, name: json.name, owner: json.owner }
  return { header, seed: json.seed, slots, retired: json.retired === true }
}

function parseSlot(json: Json): Slot | string {
  if (!isObject(json) || typeof json.kind !== "string") return "a slot is malformed"
  if (json.kind === "none") {
    const key = typeof json.key === "string" ? fromBase64(json.key) : null
    return key?.length === 32 ? { kind: "none", key } : "a slot is malformed"
  }
  if (json.kind === "os" && typeof json.box === "string") return { kind: "os", sealed: json.box, json }
  if (json.kind !== "passphrase") return { kind: "other", json }
  const salt = typeof json.salt === "string" ? fromBase64(json.salt) : null
  if (typeof json.box !== "string" || salt === null || salt.length < 16 || salt.length > 64) return "a passphrase slot is malformed"
  const by = parseKdf(json)
  return typeof by === "string" ? by : { kind: "passphrase", by, salt, box: json.box }
}

function parseKdf(json: Readonly<Record<string, Json>>): Kdf | string {
  const { kdf, N, r, p, m, t } = json
  if (kdf === "scrypt") {
    if (typeof N !== "number" || typeof r !== "number" || typeof p !== "number") return "a passphrase slot has no scrypt parameters"
    return isScryptBounded(N, r, p) ? { kdf, N, r, p } : `its scrypt parameters N=${N}, r=${r}, p=${p} are outside the bounds`
  }
  if (kdf === "argon2id") {
    if (typeof m !== "number" || typeof t !== "number" || typeof p !== "number") return "a passphrase slot has no argon2id parameters"
    return isArgonBounded(m, t, p) ? { kdf, m, t, p } : `its argon2id parameters m=${m}, t=${t}, p=${p} are outside the bounds`
  }
  return `its passphrase slot asks for ${JSON.stringify(kdf ?? null)}; this program knows scrypt and argon2id`
}

function isArgonBounded(m: number, t: number, p: number): boolean {
  const whole = [m, t, p].every(value => Number.isSafeInteger(value) && value > 0)
  const { memoryMin, memoryMax, passesMax, parallelMax, passesOverMax } = argonBounds
  return whole && m >= memoryMin && m <= memoryMax && t <= passesMax && p <= parallelMax && m * t <= passesOverMax
}

function isScryptBounded(N: number, r: number, p: number): boolean {
  const whole = [N, r, p].every(value => Number.isSafeInteger(value) && value > 0)
  const { costMin, costMax, blockMax, parallelMax, bytesMax } = scryptBounds
  return (
    whole &&
    Number.isInteger(Math.log2(N)) &&
    N >= costMin &&
    N <= costMax &&
    r <= blockMax &&
    p <= parallelMax &&
    128 * N * r * p <= bytesMax
  )
}
