/** The public half of a key as a file and as PEM: what people hand each other. Nothing in it is believed but what its bytes prove. */
import type { PublicKeyFile } from "../../../shared/trust.ts"
import { publicKeySchema } from "../../../shared/trust.ts"
import { readStrictJson } from "./canonical.ts"
import { parseVkey } from "./checkpoint.ts"
import { isAdmissible, keyIdOf, spkiOf } from "./crypto.ts"
import { fromBase64, toBase64 } from "./digest.ts"
import { utf8Encode } from "./utf8.ts"

/** SubjectPublicKeyInfo as PEM; its 44 bytes fit one line. */
export function pemOf(publicKey: Uint8Array): string {
  return `-----BEGIN PUBLIC KEY-----\n${toBase64(spkiOf(publicKey))}\n-----END PUBLIC KEY-----\n`
}

/** Reads such a file, or says what is wrong with it. The KeyId is recomputed, never believed. */
export function parsePublicKey(text: string): PublicKeyFile | string {
  const read = readStrictJson(utf8Encode(text), { bytesMax: 65_536, depthMax: 8 })
  if (typeof read === "string") return `it is ${read}`
  const { json } = read
  const parsed = publicKeySchema.safeParse(json)
  if (!parsed.success) return `${parsed.error.issues[0]?.path.join(".") ?? "it"}: ${parsed.error.issues[0]?.message ?? "malformed"}`
  const publicKey = fromBase64(parsed.data.public)
  if (publicKey === null || !isAdmissible(publicKey)) return "its public key is no admissible Ed25519 key"
  if (keyIdOf(publicKey) !== parsed.data.id) return "its KeyId is not that of its public key"
  const { ledger } = parsed.data
  const vkey = ledger === undefined ? null : parseVkey(ledger.vkey)
  if (ledger !== undefined && (vkey?.name !== ledger.origin || !isAdmissible(vkey.publicKey)))
    return "the ledger it names has no admissible key of that origin"
  return parsed.data
}
