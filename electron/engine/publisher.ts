/** Who signed a Mapping's claim, as the confirmed roots name the key. */
import type { Digest, KeyId } from "../../shared/digest.ts"
import { predicateTypes } from "../../shared/trust.ts"
import { peekAttestation } from "./core/attestation.ts"
import type { TrustState } from "./trust-state.ts"

export interface PublisherKey {
  readonly keyId: string
  /** Absent where no confirmed root names the key. */
  readonly name?: string
  readonly owner?: string
}

const keptMax = 50_000
/** What was read of a store's Mappings; forgotten when its roots may name keys otherwise. */
const read = new WeakMap<TrustState, Map<Digest, PublisherKey | null>>()

/** Unverified, for lists; null where no claim Attestation is there. Where several signed, the first. */
export function publisherOf(mapping: Digest, trust: TrustState): PublisherKey | null {
  let kept = read.get(trust)
  if (kept === undefined) {
    const fresh = new Map<Digest, PublisherKey | null>()
    trust.onChange(() => fresh.clear())
    read.set(trust, fresh)
    kept = fresh
  }
  const known = kept.get(mapping)
  if (known !== undefined) return known
  const publisher = readPublisher(mapping, trust)
  if (kept.size >= keptMax) kept.clear()
  if (publisher !== null) kept.set(mapping, publisher)
  return publisher
}

function readPublisher(mapping: Digest, trust: TrustState): PublisherKey | null {
  for (const held of trust.attestationsOf(mapping)) {
    const peeked = peekAttestation(held.bytes)
    if (peeked?.statement?.predicateType !== predicateTypes.claim) continue
    const { keyId } = peeked
    const key = trust
      .roots()
      .map(chain => chain.newest.document.keys[keyId as KeyId])
      .find(one => one !== undefined)
    return key === undefined ? { keyId } : { keyId, name: key.name, owner: key.owner }
  }
  return null
}

/** Whether `wanted` is the owner, the name, or the KeyId or the beginning of it; letter case aside. */
export function isPublisher(wanted: string, mapping: Digest, trust: TrustState): boolean {
  const publisher = publisherOf(mapping, trust)
  if (publisher === null) return false
  const asked = wanted.trim().toLowerCase()
  if (/^[0-9a-f]{4,64}$/.test(asked) && publisher.keyId.startsWith(asked)) return true
  return publisher.owner?.toLowerCase() === asked || publisher.name?.toLowerCase() === asked
}
