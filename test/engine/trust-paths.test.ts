/** The paths of the trust page, end to end at the verbs, and attacks on a store's trust. */
import path from "node:path"
import { describe, expect, it } from "vitest"
import { openFileKeyring } from "../../electron/engine/adapters/file-keyring.ts"
import { openFileSeen } from "../../electron/engine/adapters/file-seen.ts"
import { openFileTrustStore } from "../../electron/engine/adapters/file-trust-store.ts"
import { createMemoryLedger } from "../../electron/engine/adapters/memory.ts"
import { createMemorySeen, createMemoryTrustStore } from "../../electron/engine/adapters/memory-trust.ts"
import { createNodeCrypto } from "../../electron/engine/adapters/node-crypto.ts"
import { openAttestation } from "../../electron/engine/core/attestation.ts"
import { parseVkey, verifyProofFile } from "../../electron/engine/core/checkpoint.ts"
import { digestOf } from "../../electron/engine/core/digest.ts"
import { sealPolicy } from "../../electron/engine/core/policy.ts"
import { dayMs } from "../../electron/engine/core/time.ts"
import { utf8Encode } from "../../electron/engine/core/utf8.ts"
import { initTrust } from "../../electron/engine/init.ts"
import { createKey, keys, retireKey, rotateKey } from "../../electron/engine/keys.ts"
import { policy, putPolicy, setPolicy } from "../../electron/engine/policy.ts"
import { ledger, prove } from "../../electron/engine/proof.ts"
import { putRevocations, revoke } from "../../electron/engine/revoke.ts"
import { nextRoot, root, signRoot } from "../../electron/engine/root.ts"
import { signOff, signOffAtFirstStart } from "../../electron/engine/sign-off.ts"
import { putSuccessor } from "../../electron/engine/succession.ts"
import { checkpointEvery, openTrustState } from "../../electron/engine/trust-state.ts"
import { verify } from "../../electron/engine/verify.ts"
import type { Digest } from "../../shared/digest.ts"
import type { LedgerRecord } from "../../shared/ledger.ts"
import { policyPresets } from "../../shared/policy-presets.ts"
import { scratchFolder } from "./scratch.ts"
import { openTestStore, publish, type TestStore, testModel, testTools } from "./trust-store.ts"

const approve = (store: TestStore, mapping: Digest, note = "") =>
  signOff({ digest: mapping, signOff: { decision: "approve", note } }, store.state)
const stateOf = (store: TestStore, mapping: Digest) => store.state.cachedVerdict(mapping).state

/** The same store as another process sees it: its own state over the same ports. */
const reopened = (store: TestStore) => openTrustState(store.ports, store.tools)

describe("first start", () => {
  it("makes five separate keys, a root, a policy and a checkpoint, each logged", async () => {
    const store = await openTestStore({ owner: "alice", passphrase: "p" })
    const keys = store.ports.keyring.list()
    expect(keys.map(key => key.purpose)).toEqual(["root", "authority", "publisher", "reviewer", "ledger"])
    expect(new Set(keys.map(key => key.id)).size).toBe(5)
    expect([...store.ports.ledger.records(0)].map(record => record.entry.kind)).toEqual(["trusted", "policy-changed", "checkpoint"])
    expect(await policy({}, store.state)).toMatchObject({ believed: true, policy: policyPresets.solo })
    const shown = await root({}, store.state)
    expect(shown.own).toMatchObject({ version: 1, fingerprints: [shown.own?.id] })
    expect(store.state.origin()).toBe(`l4-workbench.invalid/ledger/${store.keys.ledger.slice(0, 16)}`)
    expect(store.state.warnings()).toEqual([])
    await expect(initTrust(store.ports, store.tools)).rejects.toMatchObject({ code: "store-exists" })
  })

  it("names two fresh stores two owners, and calls unprotected keys so", async () => {
    const ports = async () => {
      const store = await openTestStore({ seedsFrom: 100 })
      const fresh = { ...store.ports, ledger: createMemoryLedger(), trust: createMemoryTrustStore() }
      return initTrust(fresh, { ...store.tools, seen: createMemorySeen() })
    }
    const [one, two] = [await ports(), await ports()]
    const ownerOf = (made: typeof one) => [...new Set(Object.values(made.state.root()!.newest.document.keys).map(key => key.owner))]
    expect(ownerOf(one)).toEqual([one.keys.root.slice(0, 16)])
    expect(one.warnings.join()).toMatch(/unprotected/)
    expect(two.origin).toBe(one.origin) // the same seeds make the same keys; see the memory keyring
  })

  it("accepts its library with the words that no person reviewed it; team wants one", async () => {
    const store = await openTestStore()
    const { mapping } = await store.publish()
    await signOffAtFirstStart(mapping, store.state)
    expect(store.state.verdict(mapping)).toMatchObject({
      state: "trusted",
      notes: ["one owner: alice both published and accepted it", "accepted at first start, no person reviewed"]
    })
    const preview = await setPolicy({ policy: "team", preview: true }, store.state)
    expect(preview.changes).toEqual([{ mapping, task: "add one", before: "trusted", after: "pending" }])
    expect(stateOf(store, mapping)).toBe("trusted")
    expect((await setPolicy({ policy: "team" }, store.state)).changes).toEqual(preview.changes)
    expect(stateOf(store, mapping)).toBe("pending")
    const bob = await createKey({ purpose: "reviewer", name: "bob", owner: "bob" }, store.state)
    expect(store.state.root()?.newest.document.version).toBe(2)
    const viewed = ["RTFS_L4_VIEWED_SOURCE", "RTFS_L4_VIEWED_EXAMPLES", "RTFS_L4_VIEWED_INTERFACE"] as const
    await expect(approve(store, mapping)).rejects.toMatchObject({ code: "ambiguous-key" })
    await signOff({ digest: mapping, key: bob.id, signOff: { decision: "approve", note: "", viewed: [...viewed] } }, store.state)
    expect(stateOf(store, mapping)).toBe("trusted")
  })

  it("is the same over real files: keys, trust, what was seen", async () => {
    const folder = scratchFolder()
    const memory = await openTestStore()
    const open = (passphrase?: string) => {
      const keyring = openFileKeyring(path.join(folder, "keys"), { scryptCost: 2 ** 10, idleMs: 0 })
      const ports = {
        ...memory.ports,
        keyring,
        trust: openFileTrustStore(path.join(folder, "trust")),
        ledger: passphrase === undefined ? storeLedger : (storeLedger = createMemoryLedger(() => memory.clock.nowMs))
      }
      return { ports, tools: { ...testTools(), seen: openFileSeen(path.join(folder, "seen")) } }
    }
    let storeLedger = createMemoryLedger()
    const fresh = open("secret words")
    const { state } = await initTrust(fresh.ports, fresh.tools, { owner: "alice", passphrase: "secret words" })
    const { mapping } = await publish({}, state, fresh.ports)

    const next = open()
    const later = openTrustState(next.ports, next.tools)
    expect(later.verdict(mapping).state).toBe("pending")
    const word = { digest: mapping, signOff: { decision: "approve", note: "" } } as const
    await expect(signOff(word, later)).rejects.toMatchObject({ code: "keys-locked" })
    await expect(next.ports.keyring.unlock("wrong words")).rejects.toMatchObject({ code: "wrong-passphrase" })
    await next.ports.keyring.unlock("secret words")
    expect((await signOff(word, later)).verdict.state).toBe("trusted")
  })
})

describe("publish, pending, sign-off, hit", () => {
  it("turns trusted with the reviewer's word, at once in the process that gives it and after the record in any other", async () => {
    const store = await openTestStore()
    const { mapping, module } = await store.publish()
    const other = reopened(store)
    expect([stateOf(store, mapping), other.cachedVerdict(mapping).state]).toEqual(["pending", "pending"])
    const { digest } = await approve(store, mapping, "fine")
    expect(digest).toBe(module)
    expect(stateOf(store, mapping)).toBe("trusted")
    for (const record of store.ports.ledger.records(0)) other.follow(record)
    expect(other.cachedVerdict(mapping).state).toBe("trusted")
  })

  it("names the Mapping that is meant where a Module answers several Tasks", async () => {
    const store = await openTestStore()
    const source = "(defn main [x :int] :int (+ x 1))"
    const one = await store.publish({ task: "add one", source })
    const two = await store.publish({ task: "increment", source })
    expect(two.module).toBe(one.module)
    const word = { signOff: { decision: "approve", note: "" } } as const
    await expect(signOff({ digest: one.module, ...word }, store.state)).rejects.toMatchObject({ code: "ambiguous-mapping" })
    expect((await signOff({ digest: one.module, task: "increment", ...word }, store.state)).mapping).toBe(two.mapping)
    expect([stateOf(store, one.mapping), stateOf(store, two.mapping)]).toEqual(["pending", "trusted"])
    expect((await signOff({ digest: one.module.slice(0, 20), mapping: one.mapping.slice(7, 27), ...word }, store.state)).mapping).toBe(
      one.mapping
    )
    await expect(verify({ digest: "sha256:ffffffff" }, store.state)).rejects.toMatchObject({ code: "unknown-digest" })
    await expect(verify({ digest: one.module, task: "subtract" }, store.state)).rejects.toMatchObject({ code: "unknown-digest" })
  })

  it("wants a reason for a refusal, logs it, and lets it stand for other keys too", async () => {
    const store = await openTestStore()
    const { mapping } = await store.publish()
    await expect(signOff({ digest: mapping, signOff: { decision: "reject", note: " " } }, store.state)).rejects.toMatchObject({
      code: "wrong-usage"
    })
    const { verdict } = await signOff({ digest: mapping, signOff: { decision: "reject", note: "wrong for 0" } }, store.state)
    expect(verdict.state).toBe("untrusted")
    expect(store.ports.ledger.read(store.ports.ledger.size - 1).entry.body).toMatchObject({ decision: "reject", note: "wrong for 0" })
  })

  it("publishes the same Claim again without losing its sign-offs", async () => {
    const store = await openTestStore()
    const first = await store.publish()
    await approve(store, first.mapping)
    const again = await store.publish()
    expect(again.mapping).toBe(first.mapping)
    expect(stateOf(store, first.mapping)).toBe("trusted")
  })

  it("attests vectors apart from the Claim: only those that count may be found", async () => {
    const store = await openTestStore()
    const counted = await store.publish()
    const bare = await store.publish({ task: "another", withVector: false })
    expect(store.state.vectorsOf(counted.mapping, testModel)).toEqual([digestOf(new Uint8Array(16))])
    expect(store.state.vectorsOf(counted.mapping, { ...testModel, id: "other" })).toEqual([])
    expect(store.state.vectorsOf(bare.mapping, testModel)).toEqual([])
    await revoke({ what: store.keys.publisher, reason: "compromised" }, store.state)
    expect(store.state.vectorsOf(counted.mapping, testModel)).toEqual([])
  })
})

describe("supersede", () => {
  it("leaves the older Mapping trusted, whatever becomes of the newer", async () => {
    const store = await openTestStore()
    const one = await store.publish({ source: "(defn main [x :int] :int (+ x 1)) ; 1" })
    await approve(store, one.mapping)
    const two = await store.publish({ source: "(defn main [x :int] :int (+ x 1)) ; 2", supersedes: [one.mapping] })
    expect(store.state.successorsOf(one.mapping)).toEqual([two.mapping])
    expect([stateOf(store, one.mapping), stateOf(store, two.mapping)]).toEqual(["trusted", "pending"])
    await approve(store, two.mapping)
    expect([stateOf(store, one.mapping), stateOf(store, two.mapping)]).toEqual(["trusted", "trusted"])
    await revoke({ what: two.mapping, reason: "wrong", replacement: one.mapping }, store.state)
    expect([stateOf(store, one.mapping), stateOf(store, two.mapping)]).toEqual(["trusted", "untrusted"])
  })
})

describe("revoke", () => {
  it("ends a compromised Publisher's Mappings at once; publishing again with a new key brings the same ones back, sign-offs and all", async () => {
    const store = await openTestStore()
    const { mapping } = await store.publish()
    await approve(store, mapping)
    const { changed, version } = await revoke({ what: store.keys.publisher, reason: "compromised", note: "laptop lost" }, store.state)
    expect({ changed, version }).toEqual({ changed: [{ mapping, before: "trusted", after: "untrusted" }], version: 1 })
    expect(stateOf(store, mapping)).toBe("untrusted")
    const fresh = (await rotateKey({ key: store.keys.publisher }, store.state)).key!
    expect(stateOf(store, mapping)).toBe("untrusted")
    expect((await store.publish({ key: fresh.id })).mapping).toBe(mapping)
    expect(stateOf(store, mapping)).toBe("trusted")
    // the weaker line of the rotation did not replace the stronger one
    expect(store.state.revocations().keys).toMatchObject([{ keyid: store.keys.publisher, reason: "compromised" }])
  })

  it("lets what a rotated key signed before still count, and nothing after", async () => {
    const store = await openTestStore()
    const before = await store.publish()
    await approve(store, before.mapping)
    await rotateKey({ key: store.keys.publisher }, store.state)
    expect(stateOf(store, before.mapping)).toBe("trusted")
    const after = await store.publish({ task: "later", key: store.keys.publisher })
    expect(store.state.verdict(after.mapping).rules.find(rule => rule.rule === "not-revoked")?.outcome).toBe("fail")
  })

  it("returns Mappings to the queue where a reviewer's key is compromised", async () => {
    const store = await openTestStore()
    const { mapping } = await store.publish()
    await approve(store, mapping)
    expect((await revoke({ what: store.keys.reviewer, reason: "compromised" }, store.state)).changed).toEqual([
      { mapping, before: "trusted", after: "pending" }
    ])
  })

  it("rotates the authority first: what the old one signed is signed again, and only then its line is drawn", async () => {
    const store = await openTestStore()
    const { mapping } = await store.publish()
    await approve(store, mapping)
    await revoke({ what: (await store.publish({ task: "bad" })).mapping, reason: "harmful" }, store.state)
    await expect(revoke({ what: store.keys.authority, reason: "compromised" }, store.state)).rejects.toMatchObject({
      code: "not-permitted"
    })
    await rotateKey({ key: store.keys.authority }, store.state)
    expect(store.state.policy().believed).toBe(true)
    expect(store.state.rootProblem()).toBeNull()
    expect(store.state.revocations().modules).toHaveLength(1)
    expect(stateOf(store, mapping)).toBe("trusted")
    await revoke({ what: store.keys.authority, reason: "compromised" }, store.state)
    expect(stateOf(store, mapping)).toBe("trusted")
  })

  it("rotates the root key itself, whose owner the first start named after its own KeyId", async () => {
    const fresh = await openTestStore({ seedsFrom: 200 })
    const ports = { ...fresh.ports, ledger: createMemoryLedger(() => fresh.clock.nowMs), trust: createMemoryTrustStore() }
    const { state, keys: made } = await initTrust(ports, { ...fresh.tools, seen: createMemorySeen() })
    const owner = made.root.slice(0, 16)
    expect((await keys({}, state)).keys.find(key => key.id === made.root)).toMatchObject({ owner, name: `${owner} root` })
    const next = (await rotateKey({ key: made.root }, state)).key!
    expect(state.root()?.newest.document).toMatchObject({ version: 2, roles: { root: { keyids: [next.id], threshold: 1 } } })
    const again = (await rotateKey({ key: next.id }, state)).key!
    expect(state.root()?.newest.document.roles.root.keyids).toEqual([again.id])
    expect(state.root()?.newest.document.keys[again.id]?.owner).toBe(owner)
  })

  it("takes a new key into the root where its passphrase opens the root key, and lets it wait where not", async () => {
    const store = await openTestStore({ passphrase: "p" })
    store.ports.keyring.lock()
    const waiting = await createKey({ purpose: "reviewer", name: "bob", owner: "bob", passphrase: "another" }, store.state)
    expect(store.state.root()?.newest.document.version).toBe(1)
    const taken = await createKey({ purpose: "reviewer", name: "carol", owner: "carol", passphrase: "p" }, store.state)
    const { keyids } = store.state.root()!.newest.document.roles.reviewer
    expect([keyids.includes(waiting.id), keyids.includes(taken.id)]).toEqual([false, true])
    expect((await createKey({ purpose: "ledger", name: "l", owner: "l", passphrase: "p" }, store.state)).purpose).toBe("ledger")
    expect(store.state.root()?.newest.document.version).toBe(2)
  })

  it("retires a key without successor only where its role keeps enough", async () => {
    const store = await openTestStore()
    await expect(retireKey({ key: store.keys.reviewer }, store.state)).rejects.toMatchObject({ code: "not-permitted" })
    const bob = await createKey({ purpose: "reviewer", name: "bob", owner: "bob" }, store.state)
    const { mapping } = await store.publish()
    await signOff({ digest: mapping, key: bob.id, signOff: { decision: "approve", note: "" } }, store.state)
    await retireKey({ key: bob.id }, store.state)
    expect(stateOf(store, mapping)).toBe("trusted")
    expect(store.ports.keyring.list().find(key => key.id === bob.id)?.retired).toBe(true)
    await expect(signOff({ digest: mapping, key: bob.id, signOff: { decision: "approve", note: "" } }, store.state)).rejects.toMatchObject({
      code: "unknown-key"
    })
  })

  it.each([
    ["a key as harmful", (store: TestStore) => ({ what: store.keys.publisher, reason: "harmful" as const }), "wrong-usage"],
    ["nothing that is here", () => ({ what: "ffffffffffff", reason: "wrong" as const }), "unknown-digest"],
    ["something unnameable", () => ({ what: "x", reason: "wrong" as const }), "wrong-usage"]
  ])("refuses to revoke %s", async (_what, input, code) => {
    const store = await openTestStore()
    await store.publish()
    await expect(revoke(input(store), store.state)).rejects.toMatchObject({ code })
    expect(store.state.revocations().version).toBe(0)
  })
})

describe("as of a Ledger size", () => {
  it("answers what was trusted then, under the root, policy and revocations of then", async () => {
    const store = await openTestStore()
    const { mapping } = await store.publish()
    const published = store.ports.ledger.size
    await approve(store, mapping)
    const accepted = store.ports.ledger.size
    await revoke({ what: mapping, reason: "wrong" }, store.state)
    const revoked = store.ports.ledger.size
    const at = async (asOf: number) => (await verify({ digest: mapping, asOf }, store.state)).state
    expect([await at(published), await at(accepted), await at(revoked)]).toEqual(["pending", "trusted", "untrusted"])
    expect(await verify({ digest: mapping, asOf: accepted }, store.state)).toMatchObject({ asOf: accepted, revocations: 0 })
    await expect(verify({ digest: mapping, asOf: published - 1 }, store.state)).rejects.toMatchObject({ code: "unknown-digest" })
    await expect(verify({ digest: mapping, asOf: 999 }, store.state)).rejects.toMatchObject({ code: "wrong-usage" })
  })
})

describe("a document found in force without its record", () => {
  it("is in force, and gets its record from whoever opens the store for writing", async () => {
    const store = await openTestStore()
    const { mapping } = await store.publish()
    const cut = store.ports.ledger.size
    await putSuccessor(signRoot(nextRoot(store.state, {}), store.state), [], store.state)
    await putPolicy(sealPolicy(2, policyPresets.team, [store.state.signer("authority")]), store.state)
    await putRevocations({ modules: [{ digest: mapping, reason: "wrong" }] }, { what: mapping, reason: "wrong" }, store.state)
    const copy = createMemoryLedger(() => store.clock.nowMs)
    for (const { entry, parts } of [...store.ports.ledger.records(0)].slice(0, cut))
      await copy.append({
        kind: entry.kind,
        body: entry.body,
        parts: entry.parts.map((part, at) => ({ kind: part.kind, bytes: parts[at]! }))
      })
    const state = openTrustState({ ...store.ports, ledger: copy }, store.tools)
    expect(state.policy().policy.preset).toBe("team")
    expect(state.verdict(mapping).state).toBe("untrusted")
    expect(state.missingRecords().map(draft => [draft.kind, draft.body.version])).toEqual([
      ["trusted", 2],
      ["policy-changed", 2],
      ["revoked", 1]
    ])
    for (const draft of state.missingRecords()) await state.append(draft)
    expect(state.missingRecords()).toEqual([])
    expect(store.state.missingRecords()).toEqual([])
  })
})

describe("ledger proofs", () => {
  it("prove each named record to whoever holds the entry and the ledger's key", async () => {
    const store = await openTestStore()
    const { mapping, module, sequence, attestations } = await store.publish()
    const key = parseVkey(store.state.root()!.newest.document.ledgers[0]!.vkey)!
    for (const digest of [mapping, module, digestOf(attestations[2]!)]) {
      const proof = await prove({ digest }, store.state)
      expect(proof.sequence).toBe(sequence)
      const checked = verifyProofFile(utf8Encode(proof.proof), store.ports.ledger.entryBytes(sequence), key, store.ports.crypto.verify)
      expect(checked).toMatchObject({ kind: "included", index: sequence })
    }
    await expect(prove({ digest: "sha256:00000000" }, store.state)).rejects.toMatchObject({ code: "unknown-digest" })
  })

  it("wait for the ledger key where no checkpoint covers the record", async () => {
    const store = await openTestStore({ passphrase: "p" })
    const { mapping } = await store.publish()
    store.ports.keyring.lock()
    await expect(prove({ digest: mapping }, store.state)).rejects.toMatchObject({ code: "keys-locked" })
    await store.ports.keyring.unlock("p")
    expect((await prove({ digest: mapping }, store.state)).proof).toMatch(/^c2sp.org\/tlog-proof@v1\nindex 3\n/)
  })

  it("sign a checkpoint every thousand records, and show one that waits for its key", async () => {
    const store = await openTestStore({ passphrase: "p" })
    const drafts = Array.from({ length: checkpointEvery }, () => ({ kind: "feedback" as const, body: {}, parts: [] }))
    await store.ports.ledger.appendAll(drafts)
    store.ports.keyring.lock()
    expect(await store.state.checkpoint()).toBeNull()
    expect(store.state.checkpointDue()).toBe(true)
    expect(store.state.warnings().join()).toMatch(/checkpoint is due/)
    await store.ports.keyring.unlock("p")
    expect(await store.state.checkpoint()).toMatch(/\n1003\n/)
    expect(store.state.checkpointDue()).toBe(false)
    expect(await store.state.checkpoint()).toBeNull()
  })

  it("list records newest first with their leaves", async () => {
    const store = await openTestStore()
    await store.publish()
    const page = await ledger({ limit: 2 }, store.state)
    expect(page.lines.map(line => line.kind)).toEqual(["published", "checkpoint"])
    expect(page.lines[0]?.leaf).toBe(store.ports.ledger.head)
    expect((await ledger({ cursor: 2 }, store.state)).lines.map(line => line.sequence)).toEqual([1, 0])
    expect(page).toMatchObject({ size: 4, root: store.state.ledgerHead().root })
  })
})

describe("attacks on a store's trust", () => {
  const trusted = async () => {
    const store = await openTestStore()
    const { mapping } = await store.publish()
    await approve(store, mapping)
    expect(stateOf(store, mapping)).toBe("trusted")
    return { store, mapping }
  }
  /** The records of a Ledger, cut or changed, as a Ledger of its own. */
  const rewritten = async (store: TestStore, change: (records: LedgerRecord[]) => LedgerRecord[]) => {
    const copy = createMemoryLedger(() => store.clock.nowMs)
    for (const { entry, parts } of change([...store.ports.ledger.records(0)]))
      await copy.append({
        kind: entry.kind,
        body: entry.body,
        parts: entry.parts.map((part, at) => ({ kind: part.kind, bytes: parts[at]! }))
      })
    return openTrustState({ ...store.ports, ledger: copy }, store.tools)
  }

  it("policy edited on disk: strict applies and says why", async () => {
    const { store, mapping } = await trusted()
    const mallory = await store.ports.keyring.create({ purpose: "authority", name: "m", owner: "m" })
    await store.ports.trust.putPolicy(
      sealPolicy(9, { ...policyPresets.solo, reviewers: 0 }, [
        { keyId: mallory.id, sign: message => store.ports.keyring.sign(mallory.id, message) }
      ])
    )
    const state = reopened(store)
    expect(state.policy()).toMatchObject({ believed: false, policy: { preset: "strict" } })
    const verdict = state.verdict(mapping)
    expect(verdict.state).toBe("pending")
    expect(verdict.notes[0]).toMatch(/strict applies: the authority/)
  })

  it("an older policy put back: strict applies", async () => {
    const { store } = await trusted()
    const lax = store.ports.trust.policy()!
    await setPolicy({ policy: "team" }, store.state)
    await store.ports.trust.putPolicy(lax)
    expect(reopened(store).policy().why).toMatch(/version 1, the ledger names 2/)
  })

  it("revocations deleted, or an older document put back: nothing is trusted", async () => {
    const { store, mapping } = await trusted()
    await revoke({ what: (await store.publish({ task: "x" })).mapping, reason: "wrong" }, store.state)
    const older = store.ports.trust.revocations()!
    await revoke({ what: mapping, reason: "harmful" }, store.state)
    await store.ports.trust.putRevocations(older)
    const state = reopened(store)
    expect(state.verdict(mapping).rules.find(rule => rule.rule === "root-current")).toMatchObject({
      outcome: "fail",
      why: expect.stringMatching(/version 1, the ledger names 2/)
    })
    await expect(revoke({ what: mapping, reason: "wrong" }, state)).rejects.toMatchObject({ code: "trust-damaged" })
  })

  it("an old root put back: nothing is trusted", async () => {
    const { store, mapping } = await trusted()
    await createKey({ purpose: "reviewer", name: "bob", owner: "bob" }, store.state)
    ;(store.ports.trust.ownRoots() as Uint8Array[]).pop()
    const state = reopened(store)
    expect(state.verdict(mapping)).toMatchObject({ state: "untrusted" })
    expect(state.rootProblem()).toMatch(/version 1, the ledger names 2/)
  })

  it("a new root version signed by new keys only is refused", async () => {
    const { store } = await trusted()
    const stranger = await openTestStore({ seedsFrom: 50 })
    const envelope = signRoot(nextRoot(stranger.state, {}), stranger.state)
    await expect(putSuccessor(envelope, [], store.state)).rejects.toMatchObject({ code: "trust-damaged" })
    expect(store.state.root()?.newest.document.version).toBe(1)
  })

  it("another person's store opened as one's own serves nothing", async () => {
    const { store, mapping } = await trusted()
    const state = openTrustState(store.ports, { ...store.tools, seen: createMemorySeen() })
    expect(state.rootProblem()).toMatch(/not confirmed/)
    expect(state.verdict(mapping).state).toBe("untrusted")
  })

  it("the ledger cut below its newest checkpoint is a rollback", async () => {
    const { store, mapping } = await trusted()
    await store.state.checkpoint(true)
    const state = await rewritten(store, records => records.slice(0, -2))
    expect(state.ledgerProblem()).toMatch(/rolled back/)
    await expect(signOff({ digest: mapping, signOff: { decision: "approve", note: "" } }, state)).rejects.toMatchObject({
      code: "ledger-rolled-back"
    })
    expect(state.verdict(mapping).rules.find(rule => rule.rule === "ledger-consistent")?.outcome).toBe("fail")
  })

  it("the whole store put back is noticed by what the user has seen", async () => {
    const { store } = await trusted()
    const trust = createMemoryTrustStore()
    for (const [index, envelope] of store.ports.trust.ownRoots().entries()) await trust.putOwnRoot(index + 1, envelope)
    await trust.putPolicy(store.ports.trust.policy()!)
    await trust.putCheckpoint(store.ports.trust.checkpoint()!)
    const size = store.ports.ledger.size
    await store.publish({ task: "later" })
    await store.state.checkpoint(true)
    const copy = createMemoryLedger(() => store.clock.nowMs)
    for (const { entry, parts } of [...store.ports.ledger.records(0)].slice(0, size))
      await copy.append({
        kind: entry.kind,
        body: entry.body,
        parts: entry.parts.map((part, at) => ({ kind: part.kind, bytes: parts[at]! }))
      })
    expect(openTrustState({ ...store.ports, ledger: copy, trust }, store.tools).ledgerProblem()).toMatch(/rolled back/)
  })

  it("the whole store put back to before a revocation is noticed, though no thousand records passed", async () => {
    const { store, mapping } = await trusted()
    const size = store.ports.ledger.size
    await revoke({ what: mapping, reason: "harmful" }, store.state)
    const trust = createMemoryTrustStore()
    await trust.putOwnRoot(1, store.ports.trust.ownRoots()[0]!)
    await trust.putPolicy(store.ports.trust.policy()!)
    const copy = createMemoryLedger(() => store.clock.nowMs)
    for (const { entry, parts } of [...store.ports.ledger.records(0)].slice(0, size))
      await copy.append({
        kind: entry.kind,
        body: entry.body,
        parts: entry.parts.map((part, at) => ({ kind: part.kind, bytes: parts[at]! }))
      })
    const state = openTrustState({ ...store.ports, ledger: copy, trust }, store.tools)
    expect(state.ledgerProblem()).toMatch(/rolled back/)
    expect(state.verdict(mapping).state).toBe("untrusted")
  })

  it("a record rewritten below a checkpoint is a fork", async () => {
    const { store, mapping } = await trusted()
    await store.state.checkpoint(true)
    const state = await rewritten(store, records =>
      records.map(record =>
        record.entry.kind === "policy-changed"
          ? { ...record, entry: { ...record.entry, body: { ...record.entry.body, note: "x" } } }
          : record
      )
    )
    expect(state.ledgerProblem()).toMatch(/rewritten/)
    expect(state.verdict(mapping).state).toBe("untrusted")
  })

  it("a clock set back neither revives what expired nor goes unnoticed", async () => {
    const { store, mapping } = await trusted()
    store.clock.nowMs += 6 * 365 * dayMs
    await store.state.append({ kind: "feedback", body: {}, parts: [] })
    store.clock.nowMs -= 6 * 365 * dayMs
    const rules = store.state.verdict(mapping).rules.filter(rule => rule.outcome === "fail")
    expect(rules.map(rule => rule.rule)).toEqual(["root-current", "keys-valid"])
    expect(stateOf(store, mapping)).toBe("untrusted")
  })

  it("a cached Verdict ends when its root expires", async () => {
    const { store, mapping } = await trusted()
    store.clock.nowMs += 5 * 365 * dayMs + 31 * dayMs
    expect(stateOf(store, mapping)).toBe("untrusted")
  })

  it("a good Module under another Task starts as pending", async () => {
    const { store, mapping } = await trusted()
    const claim = store.state.claimOf(mapping)!.claim
    const other = await store.publish({ claim: { task: { text: "delete everything" } } })
    expect(other.module).toBe(claim.module.digest)
    expect(other.mapping).not.toBe(mapping)
    expect([stateOf(store, mapping), stateOf(store, other.mapping)]).toEqual(["trusted", "pending"])
  })

  it("a Claim outside its Publisher's namespace counts for nothing", async () => {
    const store = await openTestStore()
    const { document } = store.state.root()!.newest
    const key = document.keys[store.keys.publisher]!
    await putSuccessor(
      signRoot(
        nextRoot(store.state, { keys: { ...document.keys, [store.keys.publisher]: { ...key, namespaces: ["acme/"] } } }),
        store.state
      ),
      [],
      store.state
    )
    const outside = await store.publish({ namespace: "other/" })
    const without = await store.publish({ task: "none" })
    const inside = await store.publish({ task: "inside", namespace: "acme/tools/" })
    const signed = [outside, without, inside].map(
      made => store.state.verdict(made.mapping).rules.find(rule => rule.rule === "mapping-signed")?.outcome
    )
    expect(signed).toEqual(["missing", "missing", "pass"])
    expect(store.state.verdict(outside.mapping).ignored[0]?.reason).toMatch(/namespaces/)
  })

  it("a key's expiry strikes what is logged later, not what this machine saw before", async () => {
    const store = await openTestStore()
    const { document } = store.state.root()!.newest
    const key = document.keys[store.keys.publisher]!
    const notAfter = "2026-12-01T00:00:00Z"
    await putSuccessor(
      signRoot(nextRoot(store.state, { keys: { ...document.keys, [store.keys.publisher]: { ...key, notAfter } } }), store.state),
      [],
      store.state
    )
    const before = await store.publish()
    await approve(store, before.mapping)
    store.clock.nowMs = Date.parse(notAfter) + dayMs
    const after = await store.publish({ task: "late" })
    expect(stateOf(store, before.mapping)).toBe("trusted")
    expect(store.state.verdict(after.mapping).rules.find(rule => rule.rule === "keys-valid")).toMatchObject({
      outcome: "fail",
      why: expect.stringMatching(/expired on 2026-12-01/)
    })
  })

  it("two keys of which one must be chosen: ambiguous-key", async () => {
    const store = await openTestStore()
    const second = await createKey({ purpose: "publisher", name: "second", owner: "alice" }, store.state)
    expect(() => store.state.publisherKeyFor()).toThrow(expect.objectContaining({ code: "ambiguous-key" }))
    expect(store.state.publisherKeyFor(second.id)).toBe(second.id)
    expect(() => store.state.publisherKeyFor(store.keys.reviewer)).toThrow(expect.objectContaining({ code: "unknown-key" }))
  })

  it("what is signed is what was shown: the stored payload equals the Statement's bytes", async () => {
    const { store, mapping } = await trusted()
    const { bytes } = store.state.attestationsOf(mapping).at(-1)!
    const opened = openAttestation(bytes, id => store.ports.keyring.publicKey(id), createNodeCrypto().verify)
    if (opened.kind !== "genuine") throw new TypeError(opened.reason)
    expect(opened.statement.subject.map(one => one.name)).toEqual(["module", "mapping"])
  })
})
