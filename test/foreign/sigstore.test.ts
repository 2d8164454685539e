/** A verifier we did not write accepts each of our Attestations and refuses each tampering. It checks one signature; not our policy, root or Ledger. */
import { createPublicKey } from "node:crypto"
import { createRequire } from "node:module"
import { toSignedEntity, toTrustMaterial, Verifier } from "@sigstore/verify"
import { describe, expect, it } from "vitest"
import { peekAttestation, sealAttestation, signOffStatement } from "../../electron/engine/core/attestation.ts"
import { keyIdOf, publicKeyOf, signWithSeed, spkiOf } from "../../electron/engine/core/crypto.ts"
import { digestOf, fromBase64, sha256, toBase64 } from "../../electron/engine/core/digest.ts"
import { utf8Decode, utf8Encode } from "../../electron/engine/core/utf8.ts"
import type { Attestation } from "../../shared/trust.ts"
import { openTestStore } from "../engine/trust-store.ts"

/** The bundle reader comes with the verifier and is its dependency, not ours. */
const { bundleFromJSON } = createRequire(createRequire(import.meta.url).resolve("@sigstore/verify"))("@sigstore/bundle") as {
  bundleFromJSON: (json: unknown) => Parameters<typeof toSignedEntity>[0]
}

const noAuthorities = {
  mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
  tlogs: [],
  certificateAuthorities: [],
  ctlogs: [],
  timestampAuthorities: []
}

function foreignAnswer(attestation: Uint8Array, publicKey: Uint8Array): string {
  const key = createPublicKey({ key: Buffer.from(spkiOf(publicKey)), format: "der", type: "spki" })
  const trust = toTrustMaterial(noAuthorities, hint => {
    if (hint !== keyIdOf(publicKey)) throw new RangeError("unknown key")
    return { publicKey: key, validFor: () => true }
  })
  const verifier = new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 })
  try {
    verifier.verify(toSignedEntity(bundleFromJSON(JSON.parse(utf8Decode(attestation) as string))))
    return "accepted"
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error)
  }
}

describe("stock @sigstore/verify", () => {
  it("accepts each of the five Attestations", async () => {
    const store = await openTestStore()
    const { mapping, module, attestations } = await store.publish()
    const { reviewer } = store.keys
    const statement = signOffStatement({
      module,
      mapping,
      reviewer,
      decision: "accept",
      viewed: [],
      firstStart: false,
      note: "é",
      policy: null,
      timeCreated: "2026-11-22T12:00:00Z"
    })
    const signOff = sealAttestation(statement, reviewer, message => store.ports.keyring.sign(reviewer, message))
    const all = [...attestations.map(bytes => [bytes, store.keys.publisher] as const), [signOff, reviewer] as const]
    expect(new Set(all.map(([bytes]) => peekAttestation(bytes)?.statement?.predicateType)).size).toBe(5)
    for (const [bytes, keyId] of all) expect(foreignAnswer(bytes, store.ports.keyring.publicKey(keyId)!)).toBe("accepted")
  })

  it("refuses another payload, another type, another signature and another key", () => {
    const seed = sha256(new Uint8Array([1]))
    const publicKey = publicKeyOf(seed)
    const some = digestOf(seed)
    const statement = signOffStatement({
      module: some,
      mapping: some,
      reviewer: keyIdOf(publicKey),
      decision: "accept",
      viewed: [],
      firstStart: false,
      note: "",
      policy: null,
      timeCreated: "2026-11-22T12:00:00Z"
    })
    const sealed = sealAttestation(statement, keyIdOf(publicKey), message => signWithSeed(seed, message))
    const changed = (
      change: (envelope: { payload: string; payloadType: string; signatures: { keyid: string; sig: string }[] }) => void
    ) => {
      const copy = JSON.parse(utf8Decode(sealed) as string) as Attestation
      change(copy.dsseEnvelope as Parameters<typeof change>[0])
      return utf8Encode(JSON.stringify(copy))
    }
    expect(foreignAnswer(sealed, publicKey)).toBe("accepted")
    const flipped = (text: string) => {
      const bytes = fromBase64(text)!
      bytes[bytes.length >> 1]! ^= 1
      return toBase64(bytes)
    }
    expect(
      foreignAnswer(
        changed(envelope => void (envelope.payload = flipped(envelope.payload))),
        publicKey
      )
    ).toBe("SIGNATURE_ERROR")
    expect(
      foreignAnswer(
        changed(envelope => void (envelope.payloadType = "text/plain")),
        publicKey
      )
    ).toBe("SIGNATURE_ERROR")
    expect(
      foreignAnswer(
        changed(envelope => void (envelope.signatures[0]!.sig = flipped(envelope.signatures[0]!.sig))),
        publicKey
      )
    ).toBe("SIGNATURE_ERROR")
    expect(
      foreignAnswer(
        changed(envelope => void envelope.signatures.push(envelope.signatures[0]!)),
        publicKey
      )
    ).not.toBe("accepted")
    expect(foreignAnswer(sealed, publicKeyOf(sha256(new Uint8Array([2]))))).not.toBe("accepted")
  })
})
