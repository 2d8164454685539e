/** Signing by the platform's library: Ed25519 is deterministic, so the bytes are core's, and a publish waits for four of them. */
import { createPrivateKey, createPublicKey, type KeyObject, sign as platformSign } from "node:crypto"

/** DER of a PKCS #8 Ed25519 key, without the seed itself. */
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex")

/** Public half (32 bytes) of a 32-byte seed. */
export function platformPublicKeyOf(seed: Uint8Array): Uint8Array {
  return new Uint8Array(createPublicKey(keyOf(seed)).export({ format: "der", type: "spki" }).subarray(-32))
}

/** 64-byte signature of exactly these bytes. */
export function platformSignature(seed: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(platformSign(null, message, keyOf(seed)))
}

/** Keys as the platform holds them, for as long as whoever holds the seed keeps it: decoding one costs more than a signature. */
const keys = new WeakMap<Uint8Array, KeyObject>()

function keyOf(seed: Uint8Array): KeyObject {
  const known = keys.get(seed)
  if (known !== undefined) return known
  const der = Buffer.concat([pkcs8Prefix, seed])
  try {
    const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" })
    keys.set(seed, key)
    return key
  } finally {
    der.fill(0)
  }
}
