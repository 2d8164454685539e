/** Ed25519 as this product means it: strict, by admissible keys only. This is the answer every other implementation is held to. */
import { getPublicKey, hashes, Point, sign, verify } from "@noble/ed25519"
import { sha512 } from "@noble/hashes/sha2.js"
import type { KeyId } from "../../../shared/digest.ts"
import { concatBytes, equalBytes, fromHex, sha256, toHex } from "./digest.ts"

hashes.sha512 = sha512

/** `publicKey`: 32 raw bytes; `signature`: 64. False, never a throw, for anything else. */
export type VerifySignature = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean

/** DER of a SubjectPublicKeyInfo for Ed25519, without the key itself. */
const spkiPrefix = fromHex("302a300506032b6570032100")

/** 44-byte DER SubjectPublicKeyInfo of a raw public key. */
export function spkiOf(publicKey: Uint8Array): Uint8Array {
  if (publicKey.length !== 32) throw new TypeError(`expected a public key of 32 bytes, found ${publicKey.length}`)
  return concatBytes(spkiPrefix, publicKey)
}

export function keyIdOf(publicKey: Uint8Array): KeyId {
  return toHex(sha256(spkiOf(publicKey))) as KeyId
}

/** Whether a public key may count: canonical encoding, not of small order, no torsion component. */
export function isAdmissible(publicKey: Uint8Array): boolean {
  if (publicKey.length !== 32) return false
  const name = toHex(publicKey)
  const known = weighed.get(name)
  if (known !== undefined) return known
  const answer = weigh(publicKey)
  if (weighed.size >= weighedMax) weighed.clear()
  weighed.set(name, answer)
  return answer
}

/** Keys weighed before: the same few are met in the keyring, in every root and in every signature, and each costs milliseconds. */
const weighed = new Map<string, boolean>()
const weighedMax = 4_096

function weigh(publicKey: Uint8Array): boolean {
  try {
    const point = Point.fromBytes(publicKey, false)
    return equalBytes(point.toBytes(), publicKey) && !point.isSmallOrder() && point.isTorsionFree()
  } catch {
    return false
  }
}

/** Strict verification by an admissible key. */
export const verifySignature: VerifySignature = (signature, message, publicKey) =>
  isAdmissible(publicKey) && verifyByAdmissible(signature, message, publicKey)

/** Strict verification where the caller knows that the key is admissible: half the work. */
export const verifyByAdmissible: VerifySignature = (signature, message, publicKey) => {
  if (signature.length !== 64 || publicKey.length !== 32) return false
  try {
    return verify(signature, message, publicKey, { zip215: false })
  } catch {
    return false
  }
}

/** Public half of a 32-byte seed. */
export function publicKeyOf(seed: Uint8Array): Uint8Array {
  return getPublicKey(seed)
}

/** 64-byte signature of exactly these bytes. */
export function signWithSeed(seed: Uint8Array, message: Uint8Array): Uint8Array {
  return sign(message, seed)
}

/** Group order, for those who craft edge cases. */
export const groupOrder: bigint = Point.CURVE().n

export { Point as EdwardsPoint }
