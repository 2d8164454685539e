/**
 * The key of an endpoint, kept as signing keys are: sealed under one of them, so that the same passphrase opens both and nothing opens it
 * while they are locked. Ed25519 is deterministic: the signature of one fixed text is a secret that only the key's holder can make again.
 */
import { randomBytes } from "node:crypto"
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js"
import type { KeyId } from "../../../shared/digest.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import { concatBytes, fromBase64, sha256, toBase64 } from "../core/digest.ts"
import { utf8Decode, utf8Encode } from "../core/utf8.ts"
import type { Keyring } from "../ports.ts"

export interface SealedSecret {
  readonly sealedBy: KeyId
  /** `nonce ‖ ciphertext ‖ tag` of XChaCha20-Poly1305, standard base64. */
  readonly box: string
}

const nonceBytes = 24
/** No statement, root, revocation, policy, checkpoint or proof begins like this: the signature is good for nothing else. */
const fixedText = "l4-workbench secret of an endpoint, version 1\n"

/** `place` is bound in: the box opens for no other address. Throws `keys-locked` and `keys-missing`. */
export function sealSecret(secret: string, place: string, keyring: Keyring): SealedSecret {
  const key = keyring.list().find(one => one.unlocked && !one.retired)
  if (key === undefined) {
    const any = keyring.list().some(one => !one.retired)
    throw new EngineFailure(
      any ? "keys-locked" : "keys-missing",
      "an endpoint's key is kept under a signing key: unlock one first, or make one by l4 init"
    )
  }
  const nonce = new Uint8Array(randomBytes(nonceBytes))
  const box = xchacha20poly1305(sealingKey(key.id, keyring), nonce, utf8Encode(place)).encrypt(utf8Encode(secret))
  return { sealedBy: key.id, box: toBase64(concatBytes(nonce, box)) }
}

/** Throws `keys-locked`, `unknown-key`, and `trust-damaged` where the box was changed or belongs to another place. */
export function openSecret({ sealedBy, box }: SealedSecret, place: string, keyring: Keyring): string {
  const bytes = fromBase64(box)
  const key = sealingKey(sealedBy, keyring)
  try {
    if (bytes === null) throw new Error("it is no base64")
    const text = utf8Decode(xchacha20poly1305(key, bytes.slice(0, nonceBytes), utf8Encode(place)).decrypt(bytes.slice(nonceBytes)))
    if (text === null) throw new Error("it is no text")
    return text
  } catch (cause) {
    throw new EngineFailure("trust-damaged", "the endpoint's key was changed or sealed for another address: set it again", {}, { cause })
  }
}

function sealingKey(id: KeyId, keyring: Keyring): Uint8Array {
  return sha256(keyring.sign(id, utf8Encode(fixedText)))
}
