import { describe, expect, it } from "vitest"
import { canonicalBytes } from "../../../electron/engine/core/canonical.ts"
import { ledgerKeyOf, vkeyOf } from "../../../electron/engine/core/checkpoint.ts"
import { keyIdOf, publicKeyOf, signWithSeed, verifySignature } from "../../../electron/engine/core/crypto.ts"
import { sha256, toBase64, toHex } from "../../../electron/engine/core/digest.ts"
import type { Signer } from "../../../electron/engine/core/dsse.ts"
import { envelopeBytes, payloadTypes, sealDocument, sealEnvelope } from "../../../electron/engine/core/dsse.ts"
import { policyDigest, policyInForce, sealPolicy } from "../../../electron/engine/core/policy.ts"
import {
  noRevocations,
  openRevocations,
  revokedModule,
  sealRevocations,
  strikesKey,
  withLines
} from "../../../electron/engine/core/revocations.ts"
import { openRootChain, rootKeyOf } from "../../../electron/engine/core/root.ts"
import { textOfTime, timeOf } from "../../../electron/engine/core/time.ts"
import type { Digest, KeyId } from "../../../shared/digest.ts"
import { policyPresets } from "../../../shared/policy-presets.ts"
import type { DsseEnvelope, RootKey, TrustRoot } from "../../../shared/trust.ts"
import { roles } from "../../../shared/trust.ts"

interface Key extends Signer {
  readonly publicKey: Uint8Array
  readonly entry: RootKey
}

function keyFrom(number: number, owner = "alice"): Key {
  const seed = sha256(new Uint8Array([number]))
  const publicKey = publicKeyOf(seed)
  return {
    keyId: keyIdOf(publicKey),
    publicKey,
    sign: message => signWithSeed(seed, message),
    entry: rootKeyOf(toBase64(publicKey), `key ${number}`, owner)
  }
}

const [rootA, authority, publisher, reviewer, ledger, rootB, rootC] = [0, 1, 2, 3, 4, 5, 6].map(number => keyFrom(number)) as [
  Key,
  Key,
  Key,
  Key,
  Key,
  Key,
  Key
]
const origin = "example.invalid/ledger"

function documentOf(change: Partial<TrustRoot> = {}, rootKeys: readonly Key[] = [rootA], threshold = 1): TrustRoot {
  const holders: Record<string, readonly Key[]> = { root: rootKeys, authority: [authority], publisher: [publisher], reviewer: [reviewer] }
  const all = Object.values(holders).flat()
  return {
    version: 1,
    expires: "2031-11-22T00:00:00Z",
    keys: Object.fromEntries(all.map(key => [key.keyId, key.entry])),
    roles: Object.fromEntries(
      roles.map(role => [role, { keyids: holders[role]!.map(key => key.keyId), threshold: role === "root" ? threshold : 1 }])
    ) as unknown as TrustRoot["roles"],
    ledgers: [{ origin, vkey: vkeyOf(ledgerKeyOf(origin, ledger.publicKey)) }],
    ...change
  }
}

const seal = (document: unknown, signers: readonly Signer[] = [rootA]) => sealDocument(payloadTypes.root, document, signers)
const next = (before: TrustRoot, change: Partial<TrustRoot> = {}): TrustRoot => ({
  ...before,
  ...change,
  version: before.version + 1,
  previous: toHex(sha256(canonicalBytes(before)))
})
const chain = (...envelopes: Uint8Array[]) => openRootChain(envelopes, verifySignature)
const broken = (reason: RegExp) => expect.objectContaining({ kind: "broken", reason: expect.stringMatching(reason) })

describe("a root", () => {
  const one = documentOf()

  it("is named by the SHA-256 of version 1's payload, over all its versions", () => {
    const two = next(one)
    const opened = chain(seal(one), seal(two))
    if (opened.kind !== "chain") throw new TypeError(opened.reason)
    expect(opened.chain.id).toBe(toHex(sha256(canonicalBytes(one))))
    expect(opened.chain.newest.document.version).toBe(2)
  })

  it.each<[string, TrustRoot | object, RegExp]>([
    ["a version that is not whole", { ...one, version: 1.5 }, /whole number/],
    ["an expiry on February 30", { ...one, expires: "2031-02-30T00:00:00Z" }, /no time in UTC/],
    ["an unknown role", { ...one, roles: { ...one.roles, witness: { keyids: [], threshold: 1 } } }, /unknown role/],
    [
      "a role left out",
      { ...one, roles: { root: one.roles.root, authority: one.roles.authority, publisher: one.roles.publisher } },
      /reviewer is malformed or absent/
    ],
    ["a threshold of none", { ...one, roles: { ...one.roles, root: { ...one.roles.root, threshold: 0 } } }, /expected 1 to 1/],
    ["a threshold above its keys", { ...one, roles: { ...one.roles, root: { ...one.roles.root, threshold: 2 } } }, /expected 1 to 1/],
    [
      "one key twice in a role",
      { ...one, roles: { ...one.roles, root: { keyids: [rootA.keyId, rootA.keyId], threshold: 2 } } },
      /names one key twice/
    ],
    ["a key it does not hold", { ...one, roles: { ...one.roles, root: { keyids: [rootB.keyId], threshold: 1 } } }, /does not hold/],
    ["a key under another's KeyId", { ...one, keys: { ...one.keys, [rootA.keyId]: rootB.entry } }, /another key than its KeyId/],
    [
      "a key of small order",
      { ...one, keys: { ...one.keys, [rootA.keyId]: { ...rootA.entry, public: toBase64(new Uint8Array(32)) } } },
      /no admissible/
    ],
    [
      "one key as publisher and reviewer",
      { ...one, roles: { ...one.roles, reviewer: { keyids: [publisher.keyId], threshold: 1 } } },
      /both publisher and reviewer/
    ],
    ["a ledger's key in a role", { ...one, ledgers: [{ origin, vkey: vkeyOf(ledgerKeyOf(origin, publisher.publicKey)) }] }, /ledger's key/],
    ["a ledger without its key", { ...one, ledgers: [{ origin, vkey: "x+y+z" }] }, /no verifier key/],
    [
      "a namespace without its slash",
      { ...one, keys: { ...one.keys, [publisher.keyId]: { ...publisher.entry, namespaces: ["acme"] } } },
      /end in a slash/
    ],
    ["a key without owner", { ...one, keys: { ...one.keys, [publisher.keyId]: { ...publisher.entry, owner: " " } } }, /no name or owner/]
  ])("is refused with %s", (_what, document, reason) => {
    expect(chain(seal(document))).toEqual(broken(reason))
  })

  it("is refused without enough of its own keys, and one key under many names is one", () => {
    const two = documentOf({}, [rootA, rootB], 2)
    const envelope = sealEnvelope(payloadTypes.root, canonicalBytes(two), [rootA])
    const again = {
      ...envelope,
      signatures: [envelope.signatures[0]!, { ...envelope.signatures[0]!, keyid: rootB.keyId }, envelope.signatures[0]!]
    } satisfies DsseEnvelope
    expect(chain(envelopeBytes(again))).toEqual(broken(/its own root threshold/))
    expect(chain(seal(two, [rootA, rootB])).kind).toBe("chain")
  })
})

describe("a new version", () => {
  const one = documentOf({}, [rootA, rootB], 2)
  const first = seal(one, [rootA, rootB])

  it("is signed by the thresholds of both versions", () => {
    const two = next(one, documentOf({}, [rootB, rootC], 2))
    expect(chain(first, seal(two, [rootA, rootB, rootC])).kind).toBe("chain")
    expect(chain(first, seal(two, [rootB, rootC]))).toEqual(broken(/lacks the root threshold of version 1/))
    expect(chain(first, seal(two, [rootA, rootB]))).toEqual(broken(/its own root threshold/))
  })

  it("is exactly one higher and names its predecessor", () => {
    const two = next(one)
    const three = next(two)
    const signers = [rootA, rootB]
    expect(chain(first, seal(three, signers))).toEqual(broken(/expected version 2, found 3/))
    expect(chain(first, seal({ ...two, previous: "0".repeat(64) }, signers))).toEqual(broken(/does not name its predecessor/))
    const { previous: _none, ...forgetful } = two
    expect(chain(first, seal(forgetful, signers))).toEqual(broken(/does not name its predecessor/))
    expect(chain(first, first)).toEqual(broken(/expected version 2, found 1/))
    expect(chain(first, seal(two, signers), seal(three, signers)).kind).toBe("chain")
  })

  it("is not a policy or a revocation signed with the same keys", () => {
    expect(chain(first, sealDocument(payloadTypes.policy, next(one), [rootA, rootB]))).toEqual(broken(/payload type/))
  })
})

function versionOf(document: TrustRoot, signers: readonly Signer[] = [rootA]) {
  const opened = chain(seal(document, signers))
  if (opened.kind !== "chain") throw new TypeError(opened.reason)
  return opened.chain.newest
}

describe("the policy in force", () => {
  const version = versionOf(documentOf())
  const team = policyPresets.team
  const signed = sealPolicy(3, team, [authority])
  const named = { version: 3, digest: policyDigest(team) }
  const runtimes = [`sha256:${"1".repeat(64)}`] as Digest[]

  it("is the document that the authority signed", () => {
    expect(policyInForce(signed, version, named, runtimes, verifySignature)).toMatchObject({ believed: true, version: 3, policy: team })
    // a document newer than its record is in force: the record follows
    expect(policyInForce(signed, version, { version: 2, digest: "x" }, runtimes, verifySignature).believed).toBe(true)
  })

  it.each<[string, Uint8Array | null, { version: number; digest: string } | null, RegExp]>([
    ["absent", null, null, /no policy document/],
    ["signed by a publisher", sealPolicy(3, team, [publisher]), named, /did not sign/],
    ["older than the ledger names", signed, { version: 4, digest: "x" }, /the ledger names 4/],
    ["another than the ledger names", signed, { version: 3, digest: "x" }, /another than the ledger names/],
    ["edited", new Uint8Array([...signed.slice(0, 40), 0x41, ...signed.slice(41)]), named, /./],
    ["the signed revocations", sealRevocations(withLines(noRevocations, {}, "2031-11-22T00:00:00Z"), [authority]), named, /payload type/]
  ])("is strict, and says why, where the document is %s", (_what, bytes, newest, why) => {
    const inForce = policyInForce(bytes, version, newest, runtimes, verifySignature)
    expect(inForce).toMatchObject({ believed: false, policy: { preset: "strict", runtimes } })
    expect(inForce.why).toMatch(why)
  })
})

describe("revocations", () => {
  const version = versionOf(documentOf())
  const expires = "2031-11-22T00:00:00Z"
  const digest = `sha256:${"2".repeat(64)}` as Digest
  const keyid = publisher.keyId
  const asOf = { origin, size: 10, root: "AA==" }

  it("are believed from the authority only", () => {
    const document = withLines(noRevocations, { modules: [{ digest, reason: "harmful" }] }, expires)
    expect(openRevocations(sealRevocations(document, [authority]), version, verifySignature)).toEqual(document)
    expect(openRevocations(sealRevocations(document, [publisher]), version, verifySignature)).toMatch(/did not sign/)
    expect(revokedModule(document, digest)?.reason).toBe("harmful")
  })

  it("let stand what was logged before a key ceased, and nothing of a compromised one", () => {
    const at = (index: number, where = origin) => [{ origin: where, index }]
    const ceased = withLines(noRevocations, { keys: [{ keyid, reason: "ceased", asOf }] }, expires)
    expect(strikesKey(ceased, keyid as KeyId, at(9))).toBeNull()
    expect(strikesKey(ceased, keyid as KeyId, at(10))).not.toBeNull()
    expect(strikesKey(ceased, keyid as KeyId, at(9, "elsewhere"))).not.toBeNull()
    expect(strikesKey(ceased, keyid as KeyId, [])).not.toBeNull()
    const compromised = withLines(ceased, { keys: [{ keyid, reason: "compromised" }] }, expires)
    expect(strikesKey(compromised, keyid as KeyId, at(0))).not.toBeNull()
  })

  it("never take a line back: a stronger one replaces a weaker one, not the other way", () => {
    const compromised = withLines(
      noRevocations,
      { keys: [{ keyid, reason: "compromised" }], modules: [{ digest, reason: "wrong" }] },
      expires
    )
    const later = withLines(
      compromised,
      { keys: [{ keyid, reason: "superseded", asOf }], modules: [{ digest, reason: "harmful" }] },
      expires
    )
    expect(later).toMatchObject({ version: 2, keys: [{ reason: "compromised" }], modules: [{ reason: "wrong" }] })
  })
})

describe("times", () => {
  it.each(["1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z", "2026-11-22T12:34:56Z", "2400-12-31T00:00:00Z", "1969-12-31T23:59:59Z"])(
    "%s is read as Date reads it, and written back",
    text => {
      expect(timeOf(text)).toBe(Date.parse(text))
      expect(textOfTime(Date.parse(text))).toBe(text)
    }
  )

  it.each([
    "2026-11-22",
    "2026-11-22T12:00:00",
    "2026-11-22T12:00:00+01:00",
    "2026-13-01T00:00:00Z",
    "2025-02-29T00:00:00Z",
    "2026-11-22T24:00:00Z",
    "",
    "now"
  ])("%s is none", text => {
    expect(timeOf(text)).toBeNull()
  })
})
