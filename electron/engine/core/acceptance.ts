/** The authority's word that a foreign root is the one somebody compared by its fingerprint: without it nothing under `trust/foreign` is believed. */
import type { KeyId } from "../../../shared/digest.ts"
import { parseStrictJson } from "./canonical.ts"
import type { VerifySignature } from "./crypto.ts"
import type { Signer } from "./dsse.ts"
import { isObject, openEnvelopeBytes, payloadTypes, sealDocument, signersOf } from "./dsse.ts"
import type { RootChain } from "./root.ts"
import { keysOfRole } from "./root.ts"

/** `root`: identity of the foreign root. `fingerprint`: that of the version which was compared. Both SHA-256 in hex. */
export interface Acceptance {
  readonly root: string
  readonly fingerprint: string
}

export function sealAcceptance(acceptance: Acceptance, signers: readonly Signer[]): Uint8Array {
  return sealDocument(payloadTypes.acceptance, acceptance, signers)
}

/**
 * The document, with the newest version of our own root whose authority's threshold signed it; or why it is not believed. A key for
 * which `isStruck` answers true does not count. Whether the word of an earlier authority still holds is for the caller to say: it
 * does where it was logged while that authority was in force.
 */
export function openAcceptance(
  bytes: Uint8Array,
  own: RootChain,
  verify: VerifySignature,
  isStruck: (keyId: KeyId) => boolean = () => false
): (Acceptance & { readonly by: number }) | string {
  const envelope = openEnvelopeBytes(bytes, payloadTypes.acceptance)
  if (typeof envelope === "string") return envelope
  const signed = [...own.versions].reverse().find(version => {
    const counted = [...signersOf(envelope, keysOfRole(version, "authority"), verify)].filter(keyId => !isStruck(keyId))
    return counted.length >= version.document.roles.authority.threshold
  })
  if (signed === undefined) return "the authority of our own root did not accept it"
  try {
    const json = parseStrictJson(envelope.payload)
    if (!isObject(json) || typeof json.root !== "string" || typeof json.fingerprint !== "string") return "the acceptance is malformed"
    return { root: json.root, fingerprint: json.fingerprint, by: signed.document.version }
  } catch (error) {
    return `the acceptance is no JSON we accept: ${error instanceof Error ? error.message : error}`
  }
}
