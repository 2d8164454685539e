/** What is no longer to be believed: one signed document per root, whose lines are never taken back. */
import type { Digest, KeyId } from "../../../shared/digest.ts"
import { isDigest, isKeyId } from "../../../shared/digest.ts"
import type { Revocations } from "../../../shared/trust.ts"
import type { Json } from "./canonical.ts"
import { parseStrictJson } from "./canonical.ts"
import type { VerifySignature } from "./crypto.ts"
import type { Signer } from "./dsse.ts"
import { isObject, openEnvelopeBytes, payloadTypes, sealDocument } from "./dsse.ts"
import type { RootVersion } from "./root.ts"
import { hasThreshold } from "./root.ts"
import { timeOf } from "./time.ts"

export type RevokedKey = Revocations["keys"][number]
export type RevokedModule = Revocations["modules"][number]

export const noRevocations: Revocations = { version: 0, expires: "1970-01-01T00:00:00Z", keys: [], modules: [] }

/** How hard a key's line strikes; a stronger one replaces a weaker one, never the other way. */
const strength: Readonly<Record<RevokedKey["reason"], number>> = { superseded: 1, ceased: 1, compromised: 2 }

export function sealRevocations(document: Revocations, signers: readonly Signer[]): Uint8Array {
  return sealDocument(payloadTypes.revocations, document, signers)
}

/** The document that the authority of this root version signed, or why it is not believed. */
export function openRevocations(bytes: Uint8Array, root: RootVersion, verify: VerifySignature): Revocations | string {
  const envelope = openEnvelopeBytes(bytes, payloadTypes.revocations)
  if (typeof envelope === "string") return envelope
  if (!hasThreshold(root, "authority", envelope, verify)) return "the authority of the root in force did not sign the revocations"
  try {
    return parseRevocations(parseStrictJson(envelope.payload))
  } catch (error) {
    return `the revocations are no JSON we accept: ${error instanceof Error ? error.message : error}`
  }
}

function parseRevocations(json: Json): Revocations | string {
  if (!isObject(json) || typeof json.version !== "number" || !Number.isSafeInteger(json.version) || json.version < 1)
    return "the revocations have no version"
  if (typeof json.expires !== "string" || timeOf(json.expires) === null) return "the revocations' `expires` is no time in UTC"
  if (!Array.isArray(json.keys) || !Array.isArray(json.modules)) return "the revocations lack keys or modules"
  for (const line of json.keys as readonly Json[]) if (!isKeyLine(line)) return "a key's line of the revocations is malformed"
  for (const line of json.modules as readonly Json[]) if (!isModuleLine(line)) return "a Module's line of the revocations is malformed"
  return json as unknown as Revocations
}

function isKeyLine(line: Json): boolean {
  if (!isObject(line) || !isKeyId(line.keyid) || typeof line.reason !== "string" || !Object.hasOwn(strength, line.reason)) return false
  const { asOf } = line
  return (
    asOf === undefined ||
    (isObject(asOf) && typeof asOf.origin === "string" && Number.isSafeInteger(asOf.size) && typeof asOf.root === "string")
  )
}

function isModuleLine(line: Json): boolean {
  return (
    isObject(line) &&
    isDigest(line.digest) &&
    typeof line.reason === "string" &&
    (line.note === undefined || typeof line.note === "string") &&
    (line.replacement === undefined || isDigest(line.replacement))
  )
}

/** The line of a Module or a Mapping. */
export function revokedModule(document: Revocations, digest: Digest): RevokedModule | null {
  return document.modules.find(line => line.digest === digest) ?? null
}

/**
 * Whether what this key signed still counts. `places` are the Ledger positions of the Attestation, by origin: what was logged
 * before the line's `asOf` counts on; without an `asOf` nothing does.
 */
export function strikesKey(
  document: Revocations,
  keyId: KeyId,
  places: readonly { readonly origin: string; readonly index: number }[]
): RevokedKey | null {
  const line = document.keys.find(one => one.keyid === keyId)
  if (!line) return null
  const { asOf } = line
  const before = asOf !== undefined && places.some(place => place.origin === asOf.origin && place.index < asOf.size)
  return before ? null : line
}

/** The next version with these lines added. A standing line stays unless the new one of its key is stronger. */
export function withLines(
  document: Revocations,
  lines: { readonly keys?: readonly RevokedKey[]; readonly modules?: readonly RevokedModule[] },
  expires: string
): Revocations {
  const keys = new Map(document.keys.map(line => [line.keyid, line]))
  for (const line of lines.keys ?? []) {
    const standing = keys.get(line.keyid)
    if (standing === undefined || strength[line.reason] > strength[standing.reason]) keys.set(line.keyid, line)
  }
  const modules = new Map(document.modules.map(line => [line.digest, line]))
  for (const line of lines.modules ?? []) if (!modules.has(line.digest)) modules.set(line.digest, line)
  return { version: document.version + 1, expires, keys: [...keys.values()], modules: [...modules.values()] }
}

/** Why `next` may not follow: another version than the one after, or a line that is gone or was made weaker. Null where it may. */
export function successionFault(before: Revocations, next: Revocations): string | null {
  if (next.version !== before.version + 1) return `expected version ${before.version + 1}, found ${next.version}`
  const keyGone = before.keys.find(line => {
    const standing = next.keys.find(one => one.keyid === line.keyid)
    return standing === undefined || strength[standing.reason] < strength[line.reason]
  })
  if (keyGone !== undefined) return `the line of key ${keyGone.keyid} is taken back`
  const moduleGone = before.modules.find(line => revokedModule(next, line.digest as Digest) === null)
  return moduleGone === undefined ? null : `the line of ${moduleGone.digest} is taken back`
}
