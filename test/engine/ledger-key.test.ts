/** The Ledger's key: replaced under a new origin, after a rollback too; checkpoints from elsewhere held against it; forks kept as evidence. */
import { describe, expect, it } from "vitest"
import { createMemoryLedger } from "../../electron/engine/adapters/memory.ts"
import { createMemorySeen } from "../../electron/engine/adapters/memory-trust.ts"
import { parseCheckpoint, parseVkey, signCheckpoint as signNote, verifyProofFile } from "../../electron/engine/core/checkpoint.ts"
import { fromBase64 } from "../../electron/engine/core/digest.ts"
import { verifyConsistency } from "../../electron/engine/core/merkle.ts"
import { rotateKey } from "../../electron/engine/keys.ts"
import { checkLedger, prove, signCheckpoint } from "../../electron/engine/proof.ts"
import { revoke } from "../../electron/engine/revoke.ts"
import { signOff } from "../../electron/engine/sign-off.ts"
import { openTrustState } from "../../electron/engine/trust-state.ts"
import { openTestStore, type TestStore } from "./trust-store.ts"

async function trusted(store: TestStore, task = "add one") {
  const { mapping } = await store.publish({ task })
  await signOff({ digest: mapping, signOff: { decision: "approve", note: "" } }, store.state)
  return mapping
}

const noteOf = async (store: TestStore) => (await signCheckpoint({}, store.state)).checkpoint

/** The same store with only the first records of its Ledger. */
async function cutTo(
  store: TestStore,
  size: number,
  change: (at: number, body: object) => object = (_, body) => body
): Promise<TestStore["ports"]> {
  const ledger = createMemoryLedger(() => store.clock.nowMs)
  for (const { entry, parts } of [...store.ports.ledger.records(0)].slice(0, size))
    await ledger.append({
      kind: entry.kind,
      body: { ...change(entry.sequence, entry.body) },
      parts: entry.parts.map((part, at) => ({ kind: part.kind, bytes: parts[at]! }))
    })
  return { ...store.ports, ledger }
}

describe("the ledger's key replaced", () => {
  it("opens a new origin over the same records; what was proven, signed and revoked before still counts", async () => {
    const store = await openTestStore()
    const mapping = await trusted(store)
    const publisher = await rotateKey({ key: store.keys.publisher }, store.state)
    const before = { origin: store.state.origin(), note: await noteOf(store), size: store.ports.ledger.size }
    const preview = await rotateKey({ key: store.keys.ledger, preview: true }, store.state)
    expect([preview.rootVersion, preview.changes, store.ports.ledger.size]).toEqual([3, [], before.size])
    const answer = await rotateKey({ key: store.keys.ledger.slice(0, 12) }, store.state)
    expect(answer).toMatchObject({ old: store.keys.ledger, rootVersion: 3, changes: [] })
    const { ledgers } = store.state.root()!.newest.document
    expect(ledgers).toMatchObject([{ origin: store.state.origin() }, { origin: before.origin, closedAt: { size: before.size } }])
    expect(store.state.origin()).not.toBe(before.origin)
    expect(store.state.verdict(mapping).state).toBe("trusted")
    // the old publisher key is revoked as of a checkpoint of the old origin
    expect(store.state.revocations().keys).toMatchObject([{ keyid: publisher.old, asOf: { origin: before.origin } }])
    expect(await trusted(store, "after").then(after => store.state.verdict(after).state)).toBe("trusted")

    const { proof, sequence } = await prove({ digest: mapping }, store.state)
    const key = parseVkey(ledgers[0]!.vkey)!
    const bytes = new TextEncoder().encode(proof)
    expect(verifyProofFile(bytes, store.ports.ledger.entryBytes(sequence), key, store.ports.crypto.verify).kind).toBe("included")
    expect(await checkLedger({ checkpoint: before.note }, store.state)).toMatchObject({ own: true, standing: "prefix" })
    const again = openTrustState(store.ports, store.tools)
    expect([again.ledgerProblem(), again.rootProblem(), again.verdict(mapping).state]).toEqual([null, null, "trusted"])
  })

  it("is noticed where the store is put back to before it", async () => {
    const store = await openTestStore()
    const mapping = await trusted(store)
    const old = { roots: [...store.ports.trust.ownRoots()], checkpoint: store.ports.trust.checkpoint() }
    await rotateKey({ key: store.keys.ledger }, store.state)
    const trust = { ...store.ports.trust, ownRoots: () => old.roots, checkpoint: () => old.checkpoint }
    const ledger = (await cutTo(store, 6)).ledger
    const state = openTrustState({ ...store.ports, trust, ledger }, store.tools)
    expect(state.verdict(mapping).state).not.toBe("trusted")
    expect(state.ledgerProblem()).toMatch(/checkpoint/)
  })

  it("lets a store that was put back go on, closed where it stands, and nothing else does", async () => {
    const store = await openTestStore()
    const mapping = await trusted(store)
    const size = store.ports.ledger.size
    await trusted(store, "lost")
    const seen = await noteOf(store)
    const ports = await cutTo(store, size)
    const state = openTrustState(ports, store.tools)
    expect(state.ledgerProblem()).toMatch(/rolled back/)
    await expect(rotateKey({ key: store.keys.publisher }, state)).rejects.toMatchObject({ code: "ledger-rolled-back" })
    await expect(revoke({ what: mapping, reason: "wrong" }, state)).rejects.toMatchObject({ code: "ledger-rolled-back" })
    await rotateKey({ key: store.keys.ledger }, state)
    expect(state.ledgerProblem()).toBeNull()
    expect(state.root()!.newest.document.ledgers[1]).toMatchObject({ closedAt: { size } })
    expect(state.verdict(mapping).state).toBe("trusted")
    expect(await checkLedger({ checkpoint: seen }, state)).toMatchObject({ standing: "ahead", own: true })
    const again = openTrustState(ports, store.tools)
    expect([again.ledgerProblem(), again.verdict(mapping).state]).toEqual([null, "trusted"])
  })

  it("does not excuse a Ledger that was rewritten", async () => {
    const store = await openTestStore()
    await trusted(store)
    await noteOf(store)
    const ports = await cutTo(store, store.ports.ledger.size, (at, body) => (at === 2 ? { ...body, other: true } : body))
    const state = openTrustState(ports, store.tools)
    expect(state.ledgerProblem()).toMatch(/rewritten/)
    await expect(rotateKey({ key: store.keys.ledger }, state)).rejects.toMatchObject({ code: "ledger-forked" })
    expect(store.ports.trust.ownRoots()).toHaveLength(1)
  })

  it("stays the user's own store where only the old origin was seen", async () => {
    const store = await openTestStore()
    const mapping = await trusted(store)
    const seen = createMemorySeen()
    await seen.put(store.state.origin(), { fingerprint: store.state.root()!.id, checkpoint: null })
    await rotateKey({ key: store.keys.ledger }, store.state)
    const elsewhere = openTrustState(store.ports, { ...store.tools, seen })
    expect([elsewhere.rootProblem(), elsewhere.verdict(mapping).state]).toEqual([null, "trusted"])
  })
})

describe("a checkpoint from elsewhere", () => {
  it("is told from one of another history, of more records, of a stranger, and from no checkpoint at all", async () => {
    const store = await openTestStore()
    await trusted(store)
    const note = await noteOf(store)
    const { checkpoint } = parseCheckpoint(note) as Exclude<ReturnType<typeof parseCheckpoint>, string>
    await trusted(store, "more")
    const held = await checkLedger({ checkpoint: note }, store.state)
    expect(held).toMatchObject({ standing: "prefix", size: checkpoint.size, own: true })
    const { from, to, hashes } = held.consistency!
    const root = new Uint8Array(Buffer.from(store.state.ledgerHead().root, "hex"))
    expect(
      verifyConsistency(
        from,
        to,
        hashes.map(one => fromBase64(one)!),
        checkpoint.root,
        root,
        store.ports.crypto.sha256
      )
    ).toBe(true)

    const key = parseVkey(store.state.root()!.newest.document.ledgers[0]!.vkey)!
    const signed = (change: Partial<typeof checkpoint>) =>
      signNote({ ...checkpoint, ...change }, key, message => store.ports.keyring.sign(store.keys.ledger, message))
    expect(await checkLedger({ checkpoint: signed({ size: 500 }) }, store.state)).toMatchObject({ standing: "ahead" })
    const other = signed({ root: new Uint8Array(32) })
    expect(await checkLedger({ checkpoint: other }, store.state)).toMatchObject({ standing: "forked" })
    expect(store.ports.trust.forks()).toMatchObject([{ origin: key.name, found: other }])
    expect(store.state.warnings()).toContainEqual(expect.stringMatching(/two histories/))

    const stranger = await openTestStore({ owner: "bob", seedsFrom: 50 })
    await expect(checkLedger({ checkpoint: await noteOf(stranger) }, store.state)).rejects.toMatchObject({ code: "not-permitted" })
    const forged = note.replace(/(— \S+ .{20})./, (_, head: string) => `${head}${note.includes(`${head}A`) ? "B" : "A"}`)
    await expect(checkLedger({ checkpoint: forged }, store.state)).rejects.toMatchObject({ code: "not-permitted" })
    await expect(checkLedger({ checkpoint: "{}" }, store.state)).rejects.toMatchObject({ code: "wrong-usage" })
  })

  it("is signed once for the same records", async () => {
    const store = await openTestStore()
    const note = await noteOf(store)
    const { size } = store.ports.ledger
    expect([await noteOf(store), store.ports.ledger.size]).toEqual([note, size])
  })
})
