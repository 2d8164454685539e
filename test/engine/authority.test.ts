/** An authority of several keys kept on several machines, and changes of trust that are in force as a whole or not at all. */
import path from "node:path"
import { describe, expect, it } from "vitest"
import { openFileTrustStore } from "../../electron/engine/adapters/file-trust-store.ts"
import { canonicalBytes } from "../../electron/engine/core/canonical.ts"
import { confirmForeignRoot, exportRoot } from "../../electron/engine/foreign-root.ts"
import { createKey, exportKey, retireKey, rotateKey } from "../../electron/engine/keys.ts"
import { setPolicy } from "../../electron/engine/policy.ts"
import { preparedIn, preparedText, signPrepared } from "../../electron/engine/prepared.ts"
import { revoke } from "../../electron/engine/revoke.ts"
import { assembleRoot, confirmRoot, prepareRoot, signRoot } from "../../electron/engine/root-change.ts"
import { signOff } from "../../electron/engine/sign-off.ts"
import { openTrustState } from "../../electron/engine/trust-state.ts"
import { scratchFolder } from "./scratch.ts"
import { openTestStore, type TestStore } from "./trust-store.ts"

async function trusted(store: TestStore) {
  const { mapping } = await store.publish()
  await signOff({ digest: mapping, signOff: { decision: "approve", note: "" } }, store.state)
  return mapping
}

const standing = (store: TestStore) => [
  store.ports.ledger.size,
  store.ports.trust.ownRoots().length,
  store.state.policy().version,
  store.state.revocations().version
]

/** Two of two authority keys, the second on another machine. */
async function sharedAuthority() {
  const [here, away] = [await openTestStore(), await openTestStore({ owner: "vault", seedsFrom: 80 })]
  const mapping = await trusted(here)
  const file = JSON.stringify((await exportKey({ key: away.keys.authority }, away.state)).document)
  const prepared = await prepareRoot({ add: [{ file, role: "authority" }], thresholds: { authority: 2 } }, here.state)
  const signedHere = [prepared.document, ...prepared.also.map(one => one.document)].map(
    document => signPrepared(document, here.ports.keyring).document
  )
  return { here, away, mapping, prepared, signedHere }
}

describe("a change of the authority", () => {
  it("is refused where its new keys are not here and signed nothing, and is then as if it was never tried", async () => {
    const { here, mapping, signedHere } = await sharedAuthority()
    const before = standing(here)
    await expect(assembleRoot({ documents: [signedHere[0]!] }, here.state)).rejects.toMatchObject({
      code: "keys-missing",
      message: expect.stringMatching(/2 of 2 keys, and 1 of them/)
    })
    await expect(assembleRoot({ documents: signedHere }, here.state)).rejects.toMatchObject({ code: "trust-damaged" })
    expect(standing(here)).toEqual(before)
    expect(here.state.verdict(mapping).state).toBe("trusted")
  })

  it("brings policy and revocations signed elsewhere into force with the version, in one step", async () => {
    const { here, away, mapping, prepared, signedHere } = await sharedAuthority()
    expect(prepared.also.map(one => one.kind)).toEqual(["policy"])
    const documents = signedHere.map(document =>
      preparedIn(document).kind === "root" ? document : signPrepared(document, away.ports.keyring).document
    )
    await assembleRoot({ documents }, here.state)
    expect([here.state.root()?.newest.document.version, here.state.policy().believed, here.state.policy().version]).toEqual([2, true, 2])
    expect(here.state.verdict(mapping).state).toBe("trusted")
    expect(openTrustState(here.ports, here.tools).missingRecords()).toEqual([])
  })

  it("cut short anywhere, stands as a whole, and its records follow at the next open", async () => {
    const trust = openFileTrustStore(path.join(scratchFolder(), "trust"))
    const store = await openTestStore({ home: { trust } })
    const mapping = await trusted(store)
    await revoke({ what: (await store.publish({ task: "old" })).mapping, reason: "wrong" }, store.state)
    const { append } = store.ports.ledger
    store.ports.ledger.append = async draft => {
      if (draft.kind === "trusted") throw new Error("the power went")
      return append(draft)
    }
    await expect(rotateKey({ key: store.keys.authority }, store.state)).rejects.toThrow(/power/)
    store.ports.ledger.append = append
    const state = openTrustState(store.ports, store.tools)
    expect([state.rootProblem(), state.policy().believed, state.revocations().version]).toEqual([null, true, 2])
    expect(state.verdict(mapping).state).toBe("trusted")
    expect(state.missingRecords().map(draft => draft.kind)).toEqual(["trusted", "policy-changed", "revoked"])
  })

  it("of one key needs no file: the new key signs policy and revocations in the same step", async () => {
    const store = await openTestStore()
    const mapping = await trusted(store)
    await rotateKey({ key: store.keys.authority }, store.state)
    expect([store.state.policy().believed, store.state.rootProblem()]).toEqual([true, null])
    expect(store.state.revocations().keys).toMatchObject([{ keyid: store.keys.authority, reason: "superseded" }])
    expect(store.state.verdict(mapping).state).toBe("trusted")
  })
})

describe("an authority of two keys", () => {
  async function established() {
    const one = await sharedAuthority()
    const documents = one.signedHere.map(document =>
      preparedIn(document).kind === "root" ? document : signPrepared(document, one.away.ports.keyring).document
    )
    await assembleRoot({ documents }, one.here.state)
    return one
  }

  it("signs nothing with one of them", async () => {
    const { here, mapping } = await established()
    const before = standing(here)
    for (const attempt of [
      () => setPolicy({ policy: "team" }, here.state),
      () => revoke({ what: mapping, reason: "wrong" }, here.state),
      () => rotateKey({ key: here.keys.publisher }, here.state)
    ])
      await expect(attempt()).rejects.toMatchObject({ code: "keys-missing", message: expect.stringMatching(/l4 root assemble/) })
    expect(standing(here)).toEqual(before)
  })

  it("puts a policy and a revocation in force that both signed, in either order, as files", async () => {
    const { here, away, mapping } = await established()
    const policy = await setPolicy({ policy: "team", prepare: true }, here.state)
    expect(policy.changes).toMatchObject([{ mapping, after: "pending" }])
    const byOne = signPrepared(policy.document!, here.ports.keyring)
    await expect(assembleRoot({ documents: [byOne.document, byOne.document] }, here.state)).rejects.toMatchObject({ code: "trust-damaged" })
    const byOther = signPrepared(policy.document!, away.ports.keyring)
    await assembleRoot({ documents: [byOther.document, byOne.document] }, here.state)
    expect(here.state.policy().policy.preset).toBe("team")
    await expect(assembleRoot({ documents: [byOther.document, byOne.document] }, here.state)).rejects.toMatchObject({
      code: "trust-damaged"
    })

    const line = await revoke({ what: mapping, reason: "harmful", prepare: true }, here.state)
    expect(line.changed).toMatchObject([{ mapping, after: "untrusted" }])
    expect(here.state.verdict(mapping).state).toBe("pending")
    const signed = signPrepared(signPrepared(line.document!, away.ports.keyring).document, here.ports.keyring)
    await assembleRoot({ documents: [signed.document] }, here.state)
    expect(here.state.verdict(mapping).rules.find(rule => rule.rule === "not-revoked")?.outcome).toBe("fail")
  })

  it("never takes a line back, whoever signs", async () => {
    const { here, away, mapping } = await established()
    const line = await revoke({ what: mapping, reason: "wrong", prepare: true }, here.state)
    const both = (document: string) => signPrepared(signPrepared(document, away.ports.keyring).document, here.ports.keyring).document
    await assembleRoot({ documents: [both(line.document!)] }, here.state)
    const without = { ...here.state.revocations(), version: 2, modules: [] }
    await expect(
      assembleRoot({ documents: [both(preparedText("revocations", canonicalBytes(without)))] }, here.state)
    ).rejects.toMatchObject({
      code: "trust-damaged",
      message: expect.stringMatching(/taken back/)
    })
    expect(here.state.revocations().modules).toHaveLength(1)
  })

  it("accepts a foreign root by a document that both signed", async () => {
    const { here, away } = await established()
    const theirs = await openTestStore({ owner: "carol", seedsFrom: 150 })
    const { file, fingerprint } = await exportRoot({}, theirs.state)
    await expect(confirmRoot({ file, fingerprint }, here.state)).rejects.toMatchObject({ code: "keys-missing" })
    const { document } = await confirmRoot({ file, fingerprint, prepare: true }, here.state)
    const one = signPrepared(document!, here.ports.keyring)
    await expect(assembleRoot({ documents: [one.document] }, here.state)).rejects.toMatchObject({ code: "trust-damaged" })
    const two = signPrepared(one.document, away.ports.keyring)
    await assembleRoot({ documents: [two.document] }, here.state)
    expect(here.state.roots().map(chain => chain.id)).toContain(theirs.state.root()?.id)
  })
})

describe("a foreign root in a file", () => {
  it("is confirmed by the fingerprint of any of its versions, with its revocations, and logged", async () => {
    const [alice, bob] = [await openTestStore(), await openTestStore({ owner: "bob", seedsFrom: 50 })]
    const bad = await bob.publish({ task: "bad" })
    await revoke({ what: bad.mapping, reason: "wrong" }, bob.state)
    await createKey({ purpose: "publisher", name: "second", owner: "bob" }, bob.state)
    const { file, id, version } = await exportRoot({}, bob.state)
    expect(version).toBe(2)
    const spoken = id.replace(/(.{4})/g, "$1 ")
    expect(await confirmRoot({ file, fingerprint: spoken }, alice.state)).toMatchObject({
      id,
      version: 2,
      already: false,
      origin: bob.state.origin()
    })
    const view = alice.state.bench().views.find(one => !one.own)
    expect([view?.chain.versions.length, view?.revocations?.modules.map(line => line.digest)]).toEqual([2, [bad.mapping]])
    expect([...alice.ports.ledger.records(0)].filter(({ entry }) => entry.body.own === false).map(({ entry }) => entry.kind)).toEqual([
      "trusted",
      "revoked"
    ])
    const size = alice.ports.ledger.size
    expect(await confirmRoot({ file, fingerprint: id }, alice.state)).toMatchObject({ already: true })
    expect([...alice.ports.ledger.records(size)].filter(({ entry }) => entry.kind !== "checkpoint")).toEqual([])
  })

  it.each([
    ["another fingerprint", (file: string) => file, "0".repeat(64), "not-permitted"],
    ["no root at all", () => "{}", null, "wrong-usage"],
    ["no JSON", () => "{", null, "wrong-usage"],
    ["a signature changed", (file: string) => file.replace(/"sig":"../, '"sig":"AA'), null, "wrong-usage"],
    ["its first version left out", (file: string) => JSON.stringify({ ...JSON.parse(file), earlier: [] }), null, "wrong-usage"]
  ])("is refused: %s", async (_what, spoil, fingerprint, code) => {
    const [alice, bob] = [await openTestStore(), await openTestStore({ owner: "bob", seedsFrom: 50 })]
    await createKey({ purpose: "publisher", name: "second", owner: "bob" }, bob.state)
    const { file, id } = await exportRoot({}, bob.state)
    const before = standing(alice)
    await expect(confirmRoot({ file: spoil(file), fingerprint: fingerprint ?? id }, alice.state)).rejects.toMatchObject({ code })
    expect([standing(alice), alice.state.roots().length]).toEqual([before, 1])
  })

  it("that contradicts the one kept is refused, and an older one lowers nothing", async () => {
    const [alice, bob] = [await openTestStore(), await openTestStore({ owner: "bob", seedsFrom: 50 })]
    const older = await exportRoot({}, bob.state)
    const twin = await prepareRoot({ expires: "2031-01-01T00:00:00Z" }, bob.state)
    await createKey({ purpose: "publisher", name: "second", owner: "bob" }, bob.state)
    const { file, id } = await exportRoot({}, bob.state)
    await confirmForeignRoot(file, id, false, alice.state)
    await confirmForeignRoot(older.file, id, false, alice.state)
    expect(alice.state.roots()[1]?.versions).toHaveLength(2)
    const { document } = await signRoot({ document: twin.document }, bob.state)
    const forked = JSON.stringify({ ...JSON.parse(document), earlier: JSON.parse(file).earlier })
    await expect(confirmForeignRoot(forked, id, false, alice.state)).rejects.toMatchObject({ code: "trust-damaged" })
  })

  it("counts as of a Ledger size only from the record that brought it", async () => {
    const [alice, bob] = [await openTestStore(), await openTestStore({ owner: "bob", seedsFrom: 50 })]
    const mapping = await trusted(alice)
    const { file, id } = await exportRoot({}, bob.state)
    const before = alice.ports.ledger.size
    await confirmRoot({ file, fingerprint: id }, alice.state)
    // a key of theirs is our publisher's key: their later word about it must not reach back
    expect(alice.state.verdict(mapping, { asOf: before }).state).toBe("trusted")
    expect(alice.state.verdict(mapping, { asOf: alice.ports.ledger.size }).state).toBe("trusted")
  })
})

it("keeps what an authority key that left signed from reaching further", async () => {
  const store = await openTestStore()
  const second = await createKey({ purpose: "authority", name: "second", owner: "alice" }, store.state)
  const line = await setPolicy({ policy: "team", prepare: true }, store.state)
  const signed = signPrepared(line.document!, store.ports.keyring, second.id)
  await retireKey({ key: second.id }, store.state)
  await expect(assembleRoot({ documents: [signed.document] }, store.state)).rejects.toMatchObject({ code: "trust-damaged" })
})
