/** DSSE 1.0.2 envelopes: what is signed is the type and the bytes together, and what was verified is the very buffer that is decoded. */
import type { KeyId } from "../../../shared/digest.ts"
import { isKeyId } from "../../../shared/digest.ts"
import type { DsseEnvelope } from "../../../shared/trust.ts"
import type { Json } from "./canonical.ts"
import { canonicalBytes, parseStrictJson } from "./canonical.ts"
import type { VerifySignature } from "./crypto.ts"
import { concatBytes, fromBase64, toBase64 } from "./digest.ts"
import { utf8Encode } from "./utf8.ts"

/** Each kind of document is signed under its own type, so that no signature can be used for another kind. */
export const payloadTypes = {
  statement: "application/vnd.in-toto+json",
  root: "application/vnd.rtfs.l4.root.v1+json",
  revocations: "application/vnd.rtfs.l4.revocations.v1+json",
  policy: "application/vnd.rtfs.l4.policy.v1+json",
  acceptance: "application/vnd.rtfs.l4.acceptance.v1+json"
} as const
export type PayloadType = (typeof payloadTypes)[keyof typeof payloadTypes]

/** Signs exactly these bytes; 64 bytes. Throws where the key cannot be used. */
export type Sign = (message: Uint8Array) => Uint8Array

export interface Signer {
  readonly keyId: KeyId
  readonly sign: Sign
}

/** An envelope opened but not believed. `signed` is what the signatures are over. */
export interface OpenedEnvelope {
  readonly payloadType: string
  readonly payload: Uint8Array
  readonly signed: Uint8Array
  readonly signatures: readonly { readonly keyId: string; readonly bytes: Uint8Array }[]
}

/** Signatures an envelope may carry before it is refused unread. */
const signaturesMax = 64

/** `DSSEv1 <len type> <type> <len body> <body>`, lengths in ASCII decimal. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = utf8Encode(payloadType)
  return concatBytes(utf8Encode(`DSSEv1 ${type.length} `), type, utf8Encode(` ${payload.length} `), payload)
}

/** An envelope over these bytes with one signature for each signer. */
export function sealEnvelope(payloadType: PayloadType, payload: Uint8Array, signers: readonly Signer[]): DsseEnvelope {
  const signed = preAuthEncoding(payloadType, payload)
  return {
    payload: toBase64(payload),
    payloadType,
    signatures: signers.map(signer => ({ keyid: signer.keyId, sig: toBase64(signer.sign(signed)) }))
  }
}

/** The bytes under which an envelope is stored. */
export function envelopeBytes(envelope: DsseEnvelope): Uint8Array {
  return canonicalBytes(envelope)
}

/** A document as an envelope of its own: canonical JSON, signed, as stored bytes. */
export function sealDocument(payloadType: PayloadType, document: unknown, signers: readonly Signer[]): Uint8Array {
  return envelopeBytes(sealEnvelope(payloadType, canonicalBytes(document), signers))
}

/** Opens stored bytes, or says in words why they are no envelope of this type. */
export function openEnvelopeBytes(bytes: Uint8Array, payloadType: PayloadType): OpenedEnvelope | string {
  try {
    return openEnvelope(parseStrictJson(bytes), payloadType)
  } catch (error) {
    return error instanceof SyntaxError ? `the envelope is no JSON we accept: ${error.message}` : String(error)
  }
}

/** As `openEnvelopeBytes`, of JSON already read. Unknown members are ignored. */
export function openEnvelope(json: Json | undefined, payloadType: PayloadType): OpenedEnvelope | string {
  if (!isObject(json)) return "the envelope is no object"
  if (json.payloadType !== payloadType) return `the payload type is not ${payloadType}`
  const payload = typeof json.payload === "string" ? fromBase64(json.payload) : null
  if (payload === null) return "the payload is no base64"
  if (!Array.isArray(json.signatures) || json.signatures.length > signaturesMax)
    return `the envelope has no list of at most ${signaturesMax} signatures`
  const signatures: { keyId: string; bytes: Uint8Array }[] = []
  for (const one of json.signatures as readonly Json[]) {
    const keyId = isObject(one) ? one.keyid : undefined
    const bytes = isObject(one) && typeof one.sig === "string" ? fromBase64(one.sig) : null
    if (bytes === null || (keyId !== undefined && typeof keyId !== "string")) return "a signature of the envelope is malformed"
    signatures.push({ keyId: keyId ?? "", bytes })
  }
  return { payloadType, payload, signed: preAuthEncoding(payloadType, payload), signatures }
}

/**
 * Which of these keys signed. Each key counts once, however often its name or signature stands there;
 * `publicKeys` maps the KeyIds that may count to their 32 bytes.
 */
export function signersOf(envelope: OpenedEnvelope, publicKeys: ReadonlyMap<KeyId, Uint8Array>, verify: VerifySignature): Set<KeyId> {
  const counted = new Set<KeyId>()
  for (const { keyId, bytes } of envelope.signatures) {
    if (!isKeyId(keyId) || counted.has(keyId)) continue
    const publicKey = publicKeys.get(keyId)
    if (publicKey !== undefined && verify(bytes, envelope.signed, publicKey)) counted.add(keyId)
  }
  return counted
}

export function isObject(json: unknown): json is Readonly<Record<string, Json>> {
  return typeof json === "object" && json !== null && !Array.isArray(json)
}
