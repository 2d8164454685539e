/** SHA-256 and the plain encodings of bytes (hex, base64), in portable arithmetic: core knows neither Node nor DOM. */
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import type { Digest } from "../../../shared/digest.ts"

/** 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes)
}

/** The Digest of some bytes. */
export function digestOf(bytes: Uint8Array): Digest {
  return digestOfHash(sha256(bytes))
}

/** The Digest of some bytes, and that of these bytes with more behind them: the beginning is hashed once. */
export function digestsOf(beginning: Uint8Array, more: Uint8Array): readonly [beginning: Digest, whole: Digest] {
  const hash = nobleSha256.create().update(beginning)
  return [digestOfHash(hash.clone().digest()), digestOfHash(hash.update(more).digest())]
}

/** The Digest that names a SHA-256 already computed. `hash`: 32 bytes. */
export function digestOfHash(hash: Uint8Array): Digest {
  if (hash.length !== 32) throw new TypeError(`expected a SHA-256 of 32 bytes, found ${hash.length}`)
  return `sha256:${toHex(hash)}` as Digest
}

export function toHex(bytes: Uint8Array): string {
  return bytesToHex(bytes)
}

/** Throws where the text is not an even number of hex digits. */
export function fromHex(hex: string): Uint8Array {
  return hexToBytes(hex)
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
/** Value of each ASCII letter of either alphabet; 255 for every other. */
const sextets = new Uint8Array(128).fill(255)
for (let value = 0; value < alphabet.length; value++) sextets[alphabet.charCodeAt(value)] = value
const code = { plus: 43, minus: 45, slash: 47, underscore: 95 } as const
sextets[code.minus] = 62
sextets[code.underscore] = 63

/** Standard base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  const pieces: string[] = []
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at
    const word =
      ((bytes[at] as number) << 16) | ((left > 1 ? (bytes[at + 1] as number) : 0) << 8) | (left > 2 ? (bytes[at + 2] as number) : 0)
    pieces.push(
      (alphabet[word >> 18] as string) +
        (alphabet[(word >> 12) & 63] as string) +
        (left > 1 ? (alphabet[(word >> 6) & 63] as string) : "=") +
        (left > 2 ? (alphabet[word & 63] as string) : "=")
    )
  }
  return pieces.join("")
}

/**
 * Standard or URL-safe base64, padded or not; null for anything else: white space, both alphabets mixed,
 * wrong padding, and bits left over that are not zero (so that one byte string has one text an alphabet).
 */
export function fromBase64(text: string): Uint8Array | null {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0
  const length = text.length - padding
  if (padding > 0 && text.length % 4 !== 0) return null
  if (length % 4 === 1) return null
  const bytes = new Uint8Array(Math.floor((length * 3) / 4))
  let filled = 0
  let bits = 0
  let word = 0
  let standard = false
  let urlSafe = false
  for (let index = 0; index < length; index++) {
    const letter = text.charCodeAt(index)
    const value = letter < 128 ? (sextets[letter] as number) : 255
    if (value === 255) return null
    if (value >= 62) {
      if (letter === code.plus || letter === code.slash) standard = true
      else if (letter === code.minus || letter === code.underscore) urlSafe = true
    }
    word = ((word << 6) | value) & 0xffffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[filled++] = (word >> bits) & 0xff
    }
  }
  if ((standard && urlSafe) || (word & ((1 << bits) - 1)) !== 0) return null
  return bytes
}

/** Bytes one after the other, in a fresh array. */
export function concatBytes(...pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

/** Not constant in time: for public bytes only. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index])
}
