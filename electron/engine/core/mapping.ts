/** The identity of a Mapping: the Digest of its canonical bytes, whoever signs them. */
import type { Digest } from "../../../shared/digest.ts"
import type { Mapping } from "../../../shared/module.ts"
import { canonicalBytes } from "./canonical.ts"
import { digestOf } from "./digest.ts"

/** SHA-256 of the RFC 8785 bytes of the claim, unknown members included. */
export function mappingDigest(mapping: Mapping | Readonly<Record<string, unknown>>): Digest {
  return digestOf(canonicalBytes(mapping))
}
