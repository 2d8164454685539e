/** Names of bytes and keys: branded strings and the parsers that make them. Runs anywhere. */

/** `sha256:` followed by 64 lower-case hex digits: the name of some bytes. */
export type Digest = string & { readonly __brand: "Digest" }

/** Digest of the canonical text of an Interface (language page, section 15). */
export type InterfaceHash = Digest & { readonly __interface: true }

/** Lower-case hex SHA-256 of a public key's 44-byte DER SubjectPublicKeyInfo. */
export type KeyId = string & { readonly __brand: "KeyId" }

const digestPattern = /^sha256:[0-9a-f]{64}$/
const keyIdPattern = /^[0-9a-f]{64}$/

export function isDigest(text: unknown): text is Digest {
  return typeof text === "string" && digestPattern.test(text)
}

/** Parses a full Digest. Throws a TypeError that says what was expected. */
export function parseDigest(text: unknown): Digest {
  if (isDigest(text)) return text
  throw new TypeError(`expected a Digest (sha256: and 64 hex digits), found ${JSON.stringify(text)}`)
}

export function isKeyId(text: unknown): text is KeyId {
  return typeof text === "string" && keyIdPattern.test(text)
}

/** The 64 hex digits of a Digest. */
export function hexOf(digest: Digest): string {
  return digest.slice("sha256:".length)
}

/** The Digest whose 64 hex digits these are. */
export function digestOfHex(hex: string): Digest {
  return parseDigest(`sha256:${hex}`)
}
