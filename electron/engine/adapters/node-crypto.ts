/** SHA-256 and Ed25519 by the platform's library, held to core's answers: ten times faster, never of another opinion. */
import { createHash, createPublicKey, type KeyObject, verify as platformVerify } from "node:crypto"
import { isAdmissible, spkiOf, verifyByAdmissible } from "../core/crypto.ts"
import { toHex } from "../core/digest.ts"
import type { Crypto } from "../ports.ts"

/** Public keys remembered; a root holds a few dozen. */
const keysMax = 4_096

/** Signatures remembered as good, by the SHA-256 of key, signature and message together. */
const acceptedMax = 100_000

export function createNodeCrypto(): Crypto {
  const keys = new Map<string, KeyObject | null>()
  const accepted = new Set<string>()

  /** Null for a key that is not admissible. */
  function keyOf(publicKey: Uint8Array): KeyObject | null {
    const name = toHex(publicKey)
    const known = keys.get(name)
    if (known !== undefined) return known
    const key = isAdmissible(publicKey) ? createPublicKey({ key: Buffer.from(spkiOf(publicKey)), format: "der", type: "spki" }) : null
    if (keys.size >= keysMax) keys.clear()
    keys.set(name, key)
    return key
  }

  return {
    sha256: bytes => new Uint8Array(createHash("sha256").update(bytes).digest()),
    verify(signature, message, publicKey) {
      if (signature.length !== 64 || publicKey.length !== 32) return false
      const key = keyOf(publicKey)
      if (key === null) return false
      // Both lengths are fixed, so the three parts cannot be cut in another way.
      const name = createHash("sha256").update(publicKey).update(signature).update(message).digest("base64")
      if (accepted.has(name)) return true
      // An accept for an admissible key is final. A reject is not: the platform refuses an R with a torsion component, core accepts it.
      if (!platformVerify(null, message, key, signature) && !verifyByAdmissible(signature, message, publicKey)) return false
      if (accepted.size >= acceptedMax) accepted.clear()
      accepted.add(name)
      return true
    }
  }
}
