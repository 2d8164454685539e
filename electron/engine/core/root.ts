/** Trust roots: who may sign what, in versions that each hand over to the next (modelled on TUF's root). */
import type { KeyId } from "../../../shared/digest.ts"
import { isKeyId } from "../../../shared/digest.ts"
import type { Role, RootKey, TrustRoot } from "../../../shared/trust.ts"
import { roles } from "../../../shared/trust.ts"
import type { Json } from "./canonical.ts"
import { readStrictJson } from "./canonical.ts"
import { parseVkey } from "./checkpoint.ts"
import type { VerifySignature } from "./crypto.ts"
import { isAdmissible, keyIdOf } from "./crypto.ts"
import { equalBytes, fromBase64, sha256, toHex } from "./digest.ts"
import type { OpenedEnvelope } from "./dsse.ts"
import { isObject, openEnvelopeBytes, payloadTypes, signersOf } from "./dsse.ts"
import { timeOf } from "./time.ts"

/** A version that is believed: its signatures and its place in the chain hold. */
export interface RootVersion {
  readonly document: TrustRoot
  /** SHA-256 hex of its payload: its fingerprint, and the next version's `previous`. */
  readonly fingerprint: string
  readonly envelope: Uint8Array
  /** Raw public keys by recomputed KeyId. */
  readonly publicKeys: ReadonlyMap<KeyId, Uint8Array>
}

/** All versions of one root. `id` is the fingerprint of version 1. */
export interface RootChain {
  readonly id: string
  readonly versions: readonly RootVersion[]
  readonly newest: RootVersion
}

export type ChainResult =
  | { readonly kind: "chain"; readonly chain: RootChain }
  | { readonly kind: "broken"; readonly version: number; readonly reason: string }

/** Versions a chain may have before it is refused unread. */
const versionsMax = 10_000

/**
 * Follows the envelopes from version 1. Each must be exactly one higher, name its predecessor's payload, and carry the root
 * threshold of its predecessor and its own.
 */
export function openRootChain(envelopes: readonly Uint8Array[], verify: VerifySignature): ChainResult {
  const broken = (version: number, reason: string): ChainResult => ({ kind: "broken", version, reason })
  if (envelopes.length === 0) return broken(1, "there is no version 1")
  if (envelopes.length > versionsMax) return broken(versionsMax, `a root has at most ${versionsMax} versions`)
  const versions: RootVersion[] = []
  for (const [index, envelope] of envelopes.entries()) {
    const opened = openRootVersion(envelope)
    if (typeof opened === "string") return broken(index + 1, opened)
    const fault = successionFault(versions.at(-1) ?? null, opened.version, opened.envelope, verify)
    if (fault) return broken(index + 1, fault)
    versions.push(opened.version)
  }
  const first = versions[0] as RootVersion
  return { kind: "chain", chain: { id: first.fingerprint, versions, newest: versions.at(-1) as RootVersion } }
}

/** Whether `envelope` may follow `chain`; the longer chain, or why not. */
export function extendRootChain(chain: RootChain, envelope: Uint8Array, verify: VerifySignature): ChainResult {
  const opened = openRootVersion(envelope)
  const number = chain.newest.document.version + 1
  if (typeof opened === "string") return { kind: "broken", version: number, reason: opened }
  const fault = successionFault(chain.newest, opened.version, opened.envelope, verify)
  if (fault) return { kind: "broken", version: number, reason: fault }
  return { kind: "chain", chain: { id: chain.id, versions: [...chain.versions, opened.version], newest: opened.version } }
}

function successionFault(
  before: RootVersion | null,
  version: RootVersion,
  envelope: OpenedEnvelope,
  verify: VerifySignature
): string | null {
  const { document } = version
  const expected = before === null ? 1 : before.document.version + 1
  if (document.version !== expected) return `expected version ${expected}, found ${document.version}`
  if ((document.previous ?? null) !== (before?.fingerprint ?? null))
    return `version ${document.version} does not name its predecessor's payload`
  if (before !== null && !hasThreshold(before, "root", envelope, verify))
    return `version ${document.version} lacks the root threshold of version ${before.document.version}`
  if (!hasThreshold(version, "root", envelope, verify)) return `version ${document.version} lacks its own root threshold`
  return null
}

/** Whether enough distinct keys of the role signed. */
export function hasThreshold(version: RootVersion, role: Role, envelope: OpenedEnvelope, verify: VerifySignature): boolean {
  return signersOf(envelope, keysOfRole(version, role), verify).size >= version.document.roles[role].threshold
}

/** Public keys of a role by KeyId. */
export function keysOfRole(version: RootVersion, role: Role): ReadonlyMap<KeyId, Uint8Array> {
  return new Map(version.document.roles[role].keyids.map(id => [id as KeyId, version.publicKeys.get(id as KeyId) as Uint8Array]))
}

export function holdsRole(version: RootVersion, role: Role, keyId: KeyId): boolean {
  return version.document.roles[role].keyids.includes(keyId)
}

/** Reads a version without believing it: its form and its keys hold, its signatures are not looked at. */
export function openRootVersion(bytes: Uint8Array): { readonly version: RootVersion; readonly envelope: OpenedEnvelope } | string {
  const envelope = openEnvelopeBytes(bytes, payloadTypes.root)
  if (typeof envelope === "string") return envelope
  const read = readStrictJson(envelope.payload)
  if (typeof read === "string") return `the root is ${read}`
  const { json } = read
  const parsed = parseTrustRoot(json)
  if (typeof parsed === "string") return parsed
  return { version: { ...parsed, fingerprint: toHex(sha256(envelope.payload)), envelope: bytes }, envelope }
}

/** The document and its keys, or what is wrong with it in words. Unknown members are ignored; an unknown role is not. */
export function parseTrustRoot(json: Json): { readonly document: TrustRoot; readonly publicKeys: ReadonlyMap<KeyId, Uint8Array> } | string {
  if (!isObject(json)) return "the root is no object"
  const { version, expires, previous, keys, roles: named, ledgers } = json
  if (typeof version !== "number" || !Number.isSafeInteger(version) || version < 1) return "the root's version is no whole number from 1"
  if (typeof expires !== "string" || timeOf(expires) === null) return "the root's `expires` is no time in UTC such as 2032-11-22T00:00:00Z"
  if (previous !== undefined && (typeof previous !== "string" || !/^[0-9a-f]{64}$/.test(previous)))
    return "the root's `previous` is no SHA-256 in hex"
  if (!isObject(keys) || !isObject(named) || !Array.isArray(ledgers)) return "the root lacks keys, roles or ledgers"
  const publicKeys = new Map<KeyId, Uint8Array>()
  for (const [id, key] of Object.entries(keys)) {
    const publicKey = rootKeyFault(id, key)
    if (typeof publicKey === "string") return publicKey
    publicKeys.set(id as KeyId, publicKey)
  }
  for (const role of Object.keys(named))
    if (!(roles as readonly string[]).includes(role)) return `the root names the unknown role ${JSON.stringify(role)}`
  for (const role of roles) {
    const fault = roleFault(role, named[role], publicKeys)
    if (fault) return fault
  }
  const document = json as unknown as TrustRoot
  const both = document.roles.publisher.keyids.find(id => document.roles.reviewer.keyids.includes(id))
  if (both) return `key ${both} is both publisher and reviewer`
  for (const ledger of ledgers as readonly Json[]) {
    const fault = ledgerFault(ledger, publicKeys)
    if (fault) return fault
  }
  if (new Set(document.ledgers.map(ledger => ledger.origin)).size !== ledgers.length) return "the root lists one ledger origin twice"
  return { document, publicKeys }
}

function rootKeyFault(id: string, key: Json): Uint8Array | string {
  if (!isKeyId(id) || !isObject(key) || key.type !== "ed25519" || typeof key.public !== "string")
    return `key ${JSON.stringify(id)} of the root is malformed`
  const publicKey = fromBase64(key.public)
  if (publicKey === null || !isAdmissible(publicKey)) return `key ${id} of the root is no admissible Ed25519 key`
  if (keyIdOf(publicKey) !== id) return `key ${id} of the root is another key than its KeyId says`
  if (typeof key.name !== "string" || typeof key.owner !== "string" || key.owner.trim() === "")
    return `key ${id} of the root has no name or owner`
  if (key.notAfter !== undefined && (typeof key.notAfter !== "string" || timeOf(key.notAfter) === null))
    return `key ${id} of the root has a \`notAfter\` that is no time in UTC`
  const { namespaces } = key
  if (
    namespaces !== undefined &&
    !(Array.isArray(namespaces) && namespaces.every(one => typeof one === "string" && one.length > 1 && one.endsWith("/")))
  )
    return `the namespaces of key ${id} do not all end in a slash`
  return publicKey
}

function roleFault(role: Role, json: Json | undefined, publicKeys: ReadonlyMap<KeyId, Uint8Array>): string | null {
  if (!isObject(json) || !Array.isArray(json.keyids) || typeof json.threshold !== "number") return `the role ${role} is malformed or absent`
  const keyids = json.keyids as readonly Json[]
  if (!keyids.every(id => isKeyId(id) && publicKeys.has(id))) return `the role ${role} names a key that the root does not hold`
  if (new Set(keyids).size !== keyids.length) return `the role ${role} names one key twice`
  if (!Number.isSafeInteger(json.threshold) || json.threshold < 1 || json.threshold > keyids.length)
    return `the role ${role} has ${keyids.length} keys and the threshold ${json.threshold}; expected 1 to ${keyids.length}`
  return null
}

function ledgerFault(json: Json, publicKeys: ReadonlyMap<KeyId, Uint8Array>): string | null {
  if (!isObject(json) || typeof json.origin !== "string" || typeof json.vkey !== "string") return "a ledger of the root is malformed"
  const vkey = parseVkey(json.vkey)
  if (vkey === null || vkey.name !== json.origin || !isAdmissible(vkey.publicKey))
    return `the ledger ${JSON.stringify(json.origin)} has no verifier key of its own`
  for (const [id, publicKey] of publicKeys)
    if (equalBytes(publicKey, vkey.publicKey)) return `key ${id} is a ledger's key and stands in the root`
  const closed = json.closedAt
  if (closed !== undefined && !(isObject(closed) && Number.isSafeInteger(closed.size) && typeof closed.root === "string"))
    return `the ledger ${json.origin} is closed at no checkpoint`
  return null
}

/** A RootKey from raw bytes. */
export function rootKeyOf(publicKey: string, name: string, owner: string, more: Pick<RootKey, "notAfter" | "namespaces"> = {}): RootKey {
  return { type: "ed25519", public: publicKey, name, owner, ...more }
}
