import { describe, expect, it } from "vitest"
import {
  claimStatement,
  decodeClaim,
  openAttestation,
  sealAttestation,
  signOffStatement,
  statementPayload
} from "../../../electron/engine/core/attestation.ts"
import { canonicalJson } from "../../../electron/engine/core/canonical.ts"
import { keyIdOf, publicKeyOf, signWithSeed, verifySignature } from "../../../electron/engine/core/crypto.ts"
import { digestOf, fromBase64, toBase64 } from "../../../electron/engine/core/digest.ts"
import { preAuthEncoding } from "../../../electron/engine/core/dsse.ts"
import { mappingDigest } from "../../../electron/engine/core/mapping.ts"
import { utf8Decode, utf8Encode } from "../../../electron/engine/core/utf8.ts"
import type { InterfaceHash, KeyId } from "../../../shared/digest.ts"
import type { Mapping } from "../../../shared/module.ts"
import type { Attestation } from "../../../shared/trust.ts"

const seed = new Uint8Array(32).fill(5)
const publicKey = publicKeyOf(seed)
const keyId = keyIdOf(publicKey)
const some = digestOf(utf8Encode("some"))
const claim: Mapping = {
  task: { text: "add one — été" },
  interface: { hash: some as InterfaceHash, canonical: "(interface 1 [:fn [:int] :int] [])" },
  entry: "main",
  module: { digest: some, size: 10 },
  runtime: null,
  source: null,
  examples: { digest: some, count: 0 }
}
const statement = claimStatement(claim)
const sealed = sealAttestation(statement, keyId, message => signWithSeed(seed, message))
const bundle = JSON.parse(utf8Decode(sealed)!) as Attestation
const open = (bytes: Uint8Array, known: KeyId = keyId) => openAttestation(bytes, id => (id === known ? publicKey : null), verifySignature)

interface Changeable {
  mediaType: string
  verificationMaterial: { publicKey?: { hint: string } }
  dsseEnvelope: { payload: string; payloadType: string; signatures: { keyid: string; sig: string }[] }
}

const changed = (change: (bundle: Changeable) => void): Uint8Array => {
  const copy = structuredClone(bundle) as Changeable
  change(copy)
  return utf8Encode(JSON.stringify(copy))
}
const resigned = (payload: Uint8Array, type = "application/vnd.in-toto+json") =>
  changed(copy => {
    copy.dsseEnvelope.payload = toBase64(payload)
    copy.dsseEnvelope.payloadType = type
    copy.dsseEnvelope.signatures[0]!.sig = toBase64(signWithSeed(seed, preAuthEncoding(type, payload)))
  })
const urlSafe = (text: string) => text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")

describe("DSSE", () => {
  it("encodes type and body as its specification's example does", () => {
    expect(utf8Decode(preAuthEncoding("http://example.com/HelloWorld", utf8Encode("hello world")))).toBe(
      "DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
  })

  it("counts bytes, not characters", () => {
    expect(utf8Decode(preAuthEncoding("é", utf8Encode("€")))).toBe("DSSEv1 2 é 3 €")
  })
})

describe("an Attestation", () => {
  it("is a Sigstore bundle v0.3 with one signature, in canonical JSON", () => {
    expect(utf8Decode(sealed)).toBe(canonicalJson(bundle))
    expect(bundle.mediaType).toBe("application/vnd.dev.sigstore.bundle.v0.3+json")
    expect(bundle.verificationMaterial).toEqual({ publicKey: { hint: keyId } })
    expect(bundle.dsseEnvelope.signatures).toHaveLength(1)
    expect(utf8Decode(fromBase64(bundle.dsseEnvelope.payload)!)).toBe(canonicalJson(statement))
  })

  it("opens to the very bytes that were signed, and its Claim has the Mapping's Digest", () => {
    const opened = open(sealed)
    if (opened.kind !== "genuine") throw new TypeError(opened.reason)
    expect(opened.payload).toEqual(statementPayload(statement))
    expect(opened.statement).toEqual(statement)
    expect(decodeClaim(opened.statement)).toEqual({ mapping: claim, digest: mappingDigest(claim) })
    expect(opened.digest).toBe(digestOf(sealed))
  })

  it("opens in URL-safe base64 without padding too", () => {
    const bytes = changed(copy => {
      copy.dsseEnvelope.payload = urlSafe(copy.dsseEnvelope.payload)
      copy.dsseEnvelope.signatures[0]!.sig = urlSafe(copy.dsseEnvelope.signatures[0]!.sig)
    })
    expect(open(bytes).kind).toBe("genuine")
  })

  it("covers members nobody knows with the Mapping's Digest", () => {
    const predicate = { ...statement.predicate, unknown: true }
    const opened = open(resigned(utf8Encode(JSON.stringify({ ...statement, predicate }))))
    if (opened.kind !== "genuine") throw new TypeError(opened.reason)
    expect(decodeClaim(opened.statement)).toMatchObject({ digest: mappingDigest(predicate) })
    expect(mappingDigest(predicate)).not.toBe(mappingDigest(claim))
  })

  it.each<[string, Uint8Array, RegExp]>([
    [
      "another signature",
      changed(copy => void (copy.dsseEnvelope.signatures[0]!.sig = toBase64(new Uint8Array(64).fill(1)))),
      /does not hold/
    ],
    ["another payload", changed(copy => void (copy.dsseEnvelope.payload = toBase64(utf8Encode("{}")))), /does not hold/],
    [
      "the payload written anew",
      changed(copy => void (copy.dsseEnvelope.payload = toBase64(utf8Encode(JSON.stringify(statement, null, 1))))),
      /does not hold/
    ],
    [
      "two signatures",
      changed(copy => void copy.dsseEnvelope.signatures.push(copy.dsseEnvelope.signatures[0]!)),
      /exactly one signature, found 2/
    ],
    ["no signature", changed(copy => void (copy.dsseEnvelope.signatures = [])), /exactly one signature, found 0/],
    ["a hint that is not the keyid", changed(copy => void (copy.verificationMaterial.publicKey!.hint = "0".repeat(64))), /differ/],
    ["no hint", changed(copy => void (copy.verificationMaterial = {})), /differ/],
    ["another media type", changed(copy => void (copy.mediaType = "application/json")), /no bundle/],
    [
      "the payload type of a root",
      changed(copy => void (copy.dsseEnvelope.payloadType = "application/vnd.rtfs.l4.root.v1+json")),
      /payload type/
    ],
    ["a signature made for another type", resigned(statementPayload(statement), "application/vnd.rtfs.l4.policy.v1+json"), /payload type/],
    ["a payload that is no base64", changed(copy => void (copy.dsseEnvelope.payload = "?")), /no base64/],
    ["a member twice", utf8Encode(utf8Decode(sealed)!.replace('{"dsseEnvelope"', '{"mediaType":"x","dsseEnvelope"')), /stands twice/],
    ["no JSON", utf8Encode("junk"), /no JSON/],
    ["too many bytes", new Uint8Array(200_000), /larger than/]
  ])("is ignored with %s", (_what, bytes, reason) => {
    const opened = open(bytes)
    expect(opened).toMatchObject({ kind: "ignored", reason: expect.stringMatching(reason) })
  })

  it("is ignored where its key is unknown, whatever it says", () => {
    expect(open(sealed, "0".repeat(64) as KeyId)).toMatchObject({ kind: "ignored", reason: "its key is in no confirmed root" })
  })

  it.each([
    ["an array", "[]"],
    [
      "no predicate",
      '{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"module","digest":{"sha256":"x"}}],"predicateType":"p"}'
    ],
    ["no subject", '{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"p","predicate":{}}'],
    [
      "a subject without digest",
      '{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"module"}],"predicateType":"p","predicate":{}}'
    ],
    ["a member twice", '{"_type":"https://in-toto.io/Statement/v1","_type":"x"}']
  ])("is malformed, and says so, where a key signed %s", (_what, payload) => {
    expect(open(resigned(utf8Encode(payload)))).toMatchObject({ kind: "malformed", keyId })
  })
})

describe("a sign-off", () => {
  const facts = {
    module: some,
    mapping: some,
    reviewer: keyId,
    viewed: ["RTFS_L4_VIEWED_SOURCE"],
    firstStart: false,
    note: "n",
    policy: null,
    timeCreated: "2026-11-22T12:00:00Z"
  } as const

  it("lists as properties what was accepted and viewed, and its policies even where there are none", () => {
    expect(signOffStatement({ ...facts, decision: "accept" }).predicate).toEqual({
      verifier: { id: `urn:rtfs:l4:reviewer:${keyId}`, policies: [] },
      timeCreated: facts.timeCreated,
      properties: ["RTFS_L4_SIGNED_OFF", "RTFS_L4_VIEWED_SOURCE"],
      "urn:rtfs:l4:note:v1": "n"
    })
  })

  it("claims nothing but the refusal where it refuses", () => {
    expect(signOffStatement({ ...facts, decision: "refuse" }).predicate).toMatchObject({ properties: ["RTFS_L4_REFUSED"] })
  })
})
