/** The authority's word that a foreign root is the one somebody compared by its fingerprint: without it nothing under `trust/foreign` is believed. */
import { parseStrictJson } from "./canonical.ts"
import type { VerifySignature } from "./crypto.ts"
import type { Signer } from "./dsse.ts"
import { isObject, openEnvelopeBytes, payloadTypes, sealDocument } from "./dsse.ts"
import type { RootChain } from "./root.ts"
import { hasThreshold } from "./root.ts"

/** `root`: identity of the foreign root. `fingerprint`: that of the version which was compared. Both SHA-256 in hex. */
export interface Acceptance {
  readonly root: string
  readonly fingerprint: string
}

export function sealAcceptance(acceptance: Acceptance, signers: readonly Signer[]): Uint8Array {
  return sealDocument(payloadTypes.acceptance, acceptance, signers)
}

/** The document that the authority of some version of our own root signed, or why it is not believed. */
export function openAcceptance(bytes: Uint8Array, own: RootChain, verify: VerifySignature): Acceptance | string {
  const envelope = openEnvelopeBytes(bytes, payloadTypes.acceptance)
  if (typeof envelope === "string") return envelope
  if (!own.versions.some(version => hasThreshold(version, "authority", envelope, verify)))
    return "the authority of our own root did not accept it"
  try {
    const json = parseStrictJson(envelope.payload)
    if (!isObject(json) || typeof json.root !== "string" || typeof json.fingerprint !== "string") return "the acceptance is malformed"
    return { root: json.root, fingerprint: json.fingerprint }
  } catch (error) {
    return `the acceptance is no JSON we accept: ${error instanceof Error ? error.message : error}`
  }
}
