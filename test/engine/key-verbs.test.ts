/** Keys and roots through their verbs: handed over, replaced, carried as files, confirmed; and what a reviewer is shown before signing. */
import { createPublicKey, verify as verifyWithNode } from "node:crypto"
import { describe, expect, it } from "vitest"
import { createMemorySeen } from "../../electron/engine/adapters/memory-trust.ts"
import { keyIdOf } from "../../electron/engine/core/crypto.ts"
import { digestOf, fromBase64 } from "../../electron/engine/core/digest.ts"
import { utf8Encode } from "../../electron/engine/core/utf8.ts"
import { createKey, enrolKey, exportKey, importKey, keys, protectKeys, retireKey, rotateKey } from "../../electron/engine/keys.ts"
import { setPolicy } from "../../electron/engine/policy.ts"
import { signPrepared } from "../../electron/engine/prepared.ts"
import { revoke } from "../../electron/engine/revoke.ts"
import { assembleRoot, confirmRoot, prepareRoot, signRoot } from "../../electron/engine/root-change.ts"
import { reviewStatement, signOff } from "../../electron/engine/sign-off.ts"
import { openTrustState } from "../../electron/engine/trust-state.ts"
import type { Digest } from "../../shared/digest.ts"
import { openTestStore, type TestStore } from "./trust-store.ts"

const approve = (store: TestStore, mapping: Digest) => signOff({ digest: mapping, signOff: { decision: "approve", note: "" } }, store.state)

async function trusted(store: TestStore) {
  const { mapping } = await store.publish()
  await approve(store, mapping)
  return mapping
}

/** What stands in the store: nothing may change while something is only tried or refused. */
const standing = (store: TestStore) => ({
  records: store.ports.ledger.size,
  roots: store.ports.trust.ownRoots().length,
  revocations: store.state.revocations().version,
  keys: store.ports.keyring.list()
})

describe("a key handed over", () => {
  it("is its public half and PEM that another program reads, with the ledger it signs in", async () => {
    const store = await openTestStore()
    const { document, pem } = await exportKey({ key: store.keys.reviewer.slice(0, 8) }, store.state)
    expect(document).toMatchObject({ id: store.keys.reviewer, type: "ed25519", purpose: "reviewer", owner: "alice" })
    expect(document.ledger?.origin).toBe(store.state.origin())
    expect(keyIdOf(fromBase64(document.public)!)).toBe(document.id)
    const message = utf8Encode("a message")
    expect(verifyWithNode(null, message, createPublicKey(pem), store.ports.keyring.sign(store.keys.reviewer, message))).toBe(true)
    await expect(exportKey({ key: "0123" }, store.state)).rejects.toMatchObject({ code: "unknown-key" })
  })

  it("enters another's root with its owner and ledger, and signs off there", async () => {
    const [alice, bob] = [await openTestStore(), await openTestStore({ owner: "bob", seedsFrom: 50 })]
    await setPolicy({ policy: "team" }, alice.state)
    const file = JSON.stringify((await exportKey({ key: bob.keys.reviewer }, bob.state)).document)
    const before = standing(alice)
    expect(await importKey({ file, role: "reviewer", ledger: true, preview: true }, alice.state)).toMatchObject({
      rootVersion: 2,
      changes: []
    })
    expect(standing(alice)).toEqual(before)
    expect(await importKey({ file, role: "reviewer", ledger: true }, alice.state)).toMatchObject({ kind: "public", rootVersion: 2 })
    const { document } = alice.state.root()!.newest
    expect(document.keys[bob.keys.reviewer]?.owner).toBe("bob")
    expect(document.ledgers.map(one => one.origin)).toEqual([alice.state.origin(), bob.state.origin()])
    expect(alice.state.rootProblem()).toBeNull()
    await expect(importKey({ file, role: "reviewer" }, alice.state)).rejects.toMatchObject({ code: "store-exists" })
    await expect(importKey({ file, role: "publisher" }, alice.state)).rejects.toMatchObject({ code: "not-permitted" })
  })

  it.each([
    ["no JSON", () => "{", /JSON/],
    ["another KeyId", (file: Record<string, unknown>) => JSON.stringify({ ...file, id: "0".repeat(64) }), /KeyId/],
    [
      "a key of small order",
      (file: Record<string, unknown>) => JSON.stringify({ ...file, public: "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" }),
      /admissible/
    ],
    [
      "a member named twice",
      (file: Record<string, unknown>) => JSON.stringify(file).replace("{", '{"owner":"mallory",'),
      /owner|twice|duplicate/i
    ],
    ["no owner", (file: Record<string, unknown>) => JSON.stringify({ ...file, owner: "" }), /owner/],
    ["another ledger's key", (file: Record<string, unknown>) => JSON.stringify({ ...file, ledger: { origin: "x", vkey: "y" } }), /ledger/]
  ])("is refused with its reason: %s", async (_what, spoil, why) => {
    const [alice, bob] = [await openTestStore(), await openTestStore({ owner: "bob", seedsFrom: 50 })]
    const { document } = await exportKey({ key: bob.keys.reviewer }, bob.state)
    const before = standing(alice)
    await expect(importKey({ file: spoil(document), role: "reviewer" }, alice.state)).rejects.toMatchObject({
      code: "wrong-usage",
      message: expect.stringMatching(why)
    })
    expect(standing(alice)).toEqual(before)
  })
})

describe("replacing and ending keys", () => {
  it("shows before anything is signed which Mappings would change, and that is what changes", async () => {
    const store = await openTestStore()
    const bob = await createKey({ purpose: "reviewer", name: "bob", owner: "bob" }, store.state)
    await setPolicy({ policy: "strict" }, store.state)
    const { mapping } = await store.publish()
    const before = standing(store)
    const preview = await retireKey({ key: bob.id, preview: true }, store.state)
    expect(preview).toMatchObject({ rootVersion: 3, changes: [] })
    expect(standing(store)).toEqual(before)
    expect(store.state.verdict(mapping).state).toBe("pending")
    expect(await retireKey({ key: bob.id }, store.state)).toEqual(preview)
    expect((await keys({}, store.state)).keys.find(key => key.id === bob.id)?.retired).toBe(true)
  })

  it("names the Mappings that lose their publisher, where the key was compromised before it is rotated", async () => {
    const store = await openTestStore()
    const mapping = await trusted(store)
    expect(await rotateKey({ key: store.keys.publisher, preview: true }, store.state)).toMatchObject({ key: null, changes: [] })
    await revoke({ what: store.keys.publisher, reason: "compromised" }, store.state)
    expect(store.state.verdict(mapping).state).toBe("untrusted")
    const rotated = await rotateKey({ key: store.keys.publisher }, store.state)
    expect(rotated.key?.id).not.toBe(store.keys.publisher)
    expect(store.state.verdict(mapping).state).toBe("untrusted")
    await store.publish()
    expect(store.state.verdict(mapping).state).toBe("trusted")
  })

  it("does nothing while the root or the authority is locked, and never follows a protected key by an open one", async () => {
    const store = await openTestStore({ passphrase: "p" })
    await expect(rotateKey({ key: store.keys.publisher }, store.state)).rejects.toMatchObject({ code: "wrong-usage" })
    store.ports.keyring.lock()
    const before = standing(store)
    await expect(rotateKey({ key: store.keys.publisher, passphrase: "p" }, store.state)).rejects.toMatchObject({ code: "keys-locked" })
    await store.ports.keyring.unlock("p", store.keys.root)
    await expect(rotateKey({ key: store.keys.publisher, passphrase: "p" }, store.state)).rejects.toMatchObject({
      code: "keys-locked",
      message: expect.stringMatching(/authority/)
    })
    store.ports.keyring.lock()
    expect(standing(store)).toEqual(before)
  })

  it("enrols a key that was made while the root was locked", async () => {
    const store = await openTestStore({ passphrase: "p" })
    store.ports.keyring.lock()
    const made = await createKey({ purpose: "reviewer", name: "second", owner: "bob", passphrase: "q" }, store.state)
    expect(store.state.root()!.newest.document.keys[made.id]).toBeUndefined()
    await store.ports.keyring.unlock("p")
    const notAfter = "2030-01-01T00:00:00Z"
    expect(await enrolKey({ key: made.id, notAfter }, store.state)).toMatchObject({ id: made.id, rootVersion: 2 })
    expect(store.state.root()!.newest.document.keys[made.id]).toMatchObject({ owner: "bob", notAfter })
  })

  it("puts unprotected keys under a passphrase, once", async () => {
    const store = await openTestStore()
    expect((await protectKeys({ passphrase: "p" }, store.state)).protected).toHaveLength(5)
    expect(store.state.warnings()).toEqual([])
    await expect(protectKeys({ passphrase: "p" }, store.state)).rejects.toMatchObject({ code: "wrong-usage" })
  })
})

describe("a root version carried as files", () => {
  it("needs the signatures of both thresholds, joined from several machines", async () => {
    const [here, away] = [await openTestStore(), await openTestStore({ owner: "vault", seedsFrom: 80 })]
    const file = JSON.stringify((await exportKey({ key: away.keys.root }, away.state)).document)
    const prepared = await prepareRoot({ add: [{ file, role: "root" }], thresholds: { root: 2 } }, here.state)
    expect(prepared.version).toBe(2)
    const before = standing(here)
    const one = await signRoot({ document: prepared.document }, here.state)
    const other = signPrepared(prepared.document, away.ports.keyring)
    expect([one.signedBy, other.signedBy]).toEqual([[here.keys.root], [away.keys.root]])
    for (const documents of [[prepared.document], [one.document], [other.document], [one.document, one.document]])
      await expect(assembleRoot({ documents }, here.state)).rejects.toMatchObject({
        code: "trust-damaged",
        message: expect.stringMatching(/threshold/)
      })
    expect(standing(here)).toEqual(before)
    expect(await assembleRoot({ documents: [one.document, other.document] }, here.state)).toMatchObject({
      version: 2,
      fingerprint: prepared.fingerprint
    })
    expect(here.state.root()!.newest.document.roles.root).toMatchObject({ threshold: 2 })
    await expect(rotateKey({ key: here.keys.publisher }, here.state)).rejects.toMatchObject({ code: "keys-locked" })
  })

  it("is refused where files differ, the version is past, or the roles cannot hold", async () => {
    const store = await openTestStore()
    const [early, late] = [await prepareRoot({}, store.state), await prepareRoot({ expires: "2031-01-01T00:00:00Z" }, store.state)]
    const [one, two] = [await signRoot({ document: early.document }, store.state), await signRoot({ document: late.document }, store.state)]
    await expect(assembleRoot({ documents: [one.document, two.document] }, store.state)).rejects.toMatchObject({ code: "wrong-usage" })
    await assembleRoot({ documents: [two.document] }, store.state)
    await expect(assembleRoot({ documents: [one.document] }, store.state)).rejects.toMatchObject({ code: "trust-damaged" })
    for (const input of [
      { thresholds: { reviewer: 2 } },
      { remove: [store.keys.reviewer] },
      { expires: "2001-01-01T00:00:00Z" },
      { expires: "soon" }
    ])
      await expect(prepareRoot(input, store.state)).rejects.toMatchObject({ code: "wrong-usage" })
    await expect(signRoot({ document: "{}" }, store.state)).rejects.toMatchObject({ code: "wrong-usage" })
  })

  it("drops a key with a line, so that what it signed still counts", async () => {
    const store = await openTestStore()
    const second = await createKey({ purpose: "publisher", name: "second", owner: "alice" }, store.state)
    const { mapping } = await store.publish({ key: second.id })
    await approve(store, mapping)
    const prepared = await prepareRoot({ remove: [second.id.slice(0, 10)] }, store.state)
    expect(prepared.changes).toEqual([])
    const { document } = await signRoot({ document: prepared.document }, store.state)
    const assembled = await assembleRoot({ documents: [document] }, store.state)
    expect(assembled).toMatchObject({ changes: [], notes: [expect.stringContaining(second.id)] })
    expect(store.state.verdict(mapping).state).toBe("trusted")
    expect(store.state.revocations().keys).toMatchObject([{ keyid: second.id, reason: "ceased" }])
  })
})

describe("a store from elsewhere", () => {
  it("serves nothing until the fingerprint is confirmed, and then does", async () => {
    const store = await openTestStore()
    const mapping = await trusted(store)
    const seen = createMemorySeen()
    const stranger = openTrustState(store.ports, { ...store.tools, seen })
    expect(stranger.rootProblem()).toMatch(/l4 root trust --fingerprint/)
    expect(stranger.cachedVerdict(mapping).state).toBe("untrusted")
    const { fingerprint } = stranger.root()!.newest
    const wrong = `${fingerprint.slice(0, -1)}${fingerprint.endsWith("0") ? "1" : "0"}`
    await expect(confirmRoot({ fingerprint: wrong }, stranger)).rejects.toMatchObject({ code: "not-permitted" })
    await expect(confirmRoot({ fingerprint: fingerprint.slice(0, 20) }, stranger)).rejects.toMatchObject({ code: "wrong-usage" })
    expect(stranger.cachedVerdict(mapping).state).toBe("untrusted")
    const spoken = fingerprint.toUpperCase().replace(/(.{4})/g, "$1 ")
    expect(await confirmRoot({ fingerprint: spoken }, stranger)).toMatchObject({ already: false })
    expect(stranger.cachedVerdict(mapping).state).toBe("trusted")
    expect(await confirmRoot({ fingerprint }, stranger)).toMatchObject({ already: true })
    expect(openTrustState(store.ports, { ...store.tools, seen }).rootProblem()).toBeNull()
  })

  it("keeps what was seen of its Ledger when another root is confirmed", async () => {
    const store = await openTestStore()
    await store.state.checkpoint(true)
    const seen = createMemorySeen()
    const note = store.state.newestCheckpoint()!.note
    await seen.put(store.state.origin(), { fingerprint: "0".repeat(64), checkpoint: note })
    const state = openTrustState(store.ports, { ...store.tools, seen })
    await confirmRoot({ fingerprint: state.root()!.id }, state)
    expect(seen.get(state.origin())).toEqual({ fingerprint: state.root()!.id, checkpoint: note })
  })
})

describe("what a reviewer is shown", () => {
  const shown = { decision: "approve", note: "looks right", viewed: ["RTFS_L4_VIEWED_SOURCE"] } as const
  const input = (mapping: Digest) => ({ digest: mapping, signOff: { ...shown, viewed: [...shown.viewed] } })

  it("is byte for byte what is signed, even a day later", async () => {
    const store = await openTestStore()
    const { mapping, module } = await store.publish()
    const before = standing(store)
    const review = await reviewStatement(input(mapping), store.state)
    expect(standing(store)).toEqual(before)
    expect(digestOf(utf8Encode(review.text))).toBe(review.statement)
    expect(review.evidence).toContainEqual({ what: "module", digest: module })
    store.clock.nowMs += 3_600_000
    await signOff({ ...input(mapping), statement: review.statement }, store.state)
    const envelope = JSON.parse(new TextDecoder().decode(store.state.attestationsOf(mapping).at(-1)!.bytes)).dsseEnvelope
    expect(Buffer.from(envelope.payload, "base64").toString()).toBe(review.text)
  })

  it.each([
    ["another note", { note: "other" }],
    ["another answer", { decision: "reject" as const }],
    ["other properties", { viewed: [] }]
  ])("is not signed as something else: %s", async (_what, change) => {
    const store = await openTestStore()
    const { mapping } = await store.publish()
    const { statement } = await reviewStatement(input(mapping), store.state)
    const held = store.state.attestationsOf(mapping).length
    const changed = { ...input(mapping), statement }
    await expect(signOff({ ...changed, signOff: { ...changed.signOff, ...change } }, store.state)).rejects.toMatchObject({
      code: "not-permitted",
      details: { expected: statement, found: expect.stringMatching(/^sha256:/) }
    })
    await setPolicy({ policy: "team" }, store.state)
    await expect(signOff(changed, store.state)).rejects.toMatchObject({ code: "not-permitted" })
    expect(store.state.attestationsOf(mapping)).toHaveLength(held)
  })
})
