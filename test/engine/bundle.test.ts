/** From one store to another by Bundle: what was signed here is a Hit there, once its root is confirmed, and nothing else is. */
import fs from "node:fs"
import path from "node:path"
import { describe, expect, it } from "vitest"
import type { Engine } from "../../electron/engine/engine.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { adding, published, storeInMemory } from "./opened.ts"
import { scratchFolder } from "./scratch.ts"

async function rootOf(engine: Engine): Promise<string> {
  return (await engine.root({})).own?.fingerprints.at(-1) ?? ""
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return "accepted"
  } catch (failure) {
    return failure instanceof EngineFailure ? failure.code : String(failure)
  }
}

async function exported(owner = "alice") {
  const { engine, store } = await storeInMemory({ owner })
  const { digest, mapping } = await published(engine)
  const target = path.join(scratchFolder(), "b.tar")
  const answer = await engine.exportBundle({ digests: [digest], target })
  return { engine, store, digest, mapping, target, answer, fingerprint: await rootOf(engine) }
}

describe("a Bundle", () => {
  it("brings a trusted Mapping to another store, where it is a Hit, and imported twice changes nothing", async () => {
    const there = await exported()
    const { engine, store } = await storeInMemory()
    const before = store.ports.ledger.size
    const unconfirmed = await engine.importBundle({ path: there.target })
    expect(unconfirmed.counts).toEqual({ trusted: 0, pending: 0, untrusted: 1 })
    const dry = await engine.importBundle({ path: there.target, dryRun: true, trustRoot: there.fingerprint })
    expect(dry.mappings[0]?.verdict.rules.filter(rule => rule.outcome === "fail" || rule.outcome === "missing")).toEqual([])
    expect(dry.counts).toEqual({ trusted: 1, pending: 0, untrusted: 0 })
    expect(store.ports.ledger.size).toBe(before)
    const answer = await engine.importBundle({ path: there.target, trustRoot: there.fingerprint })
    expect(answer.mappings).toMatchObject([{ digest: there.digest, mapping: there.mapping, standing: "new", written: true }])
    const hit = await engine.lookup({ request: adding.request, args: "[2 3]" })
    expect(hit).toMatchObject({ kind: "hit", outcome: { kind: "returned", value: "5" } })
    const verdict = await engine.verify({ digest: there.digest })
    expect(verdict).toMatchObject({ state: "trusted", root: { id: answer.roots[0]?.id } })
    const size = store.ports.ledger.size
    const again = await engine.importBundle({ path: there.target })
    expect(again.mappings).toMatchObject([{ standing: "same", written: false, verdict: { state: "trusted" } }])
    expect(store.ports.ledger.size).toBe(size)
  })

  it("has equal bytes for an equal selection", async () => {
    const there = await exported()
    const again = path.join(scratchFolder(), "again.tar")
    await there.engine.exportBundle({ digests: [there.digest], target: again })
    expect(fs.readFileSync(again).equals(fs.readFileSync(there.target))).toBe(true)
  })

  it("is verified without a store only under a root whose fingerprint is given", async () => {
    const there = await exported()
    const { engine } = await storeInMemory()
    expect((await engine.verifyBundle({ path: there.target })).counts).toMatchObject({ trusted: 0, untrusted: 1 })
    expect((await engine.verifyBundle({ path: there.target, trustRoot: there.fingerprint })).counts).toMatchObject({ trusted: 1 })
    expect(await codeOf(engine.verifyBundle({ path: `${there.target}.absent` }))).toBe("bundle-refused")
  })
})

describe("a Pending Mapping", () => {
  const viewed = ["RTFS_L4_VIEWED_SOURCE", "RTFS_L4_VIEWED_EXAMPLES", "RTFS_L4_VIEWED_INTERFACE"] as const

  /** Bob's reviewer key and ledger stand in Alice's root; Alice publishes, and asks for a second person. */
  async function twoPersons() {
    const alice = await storeInMemory({ owner: "alice" })
    const bob = await storeInMemory({ owner: "bob" })
    const reviewer = (await bob.engine.keys({})).keys.find(key => key.purpose === "reviewer")!
    const { document } = await bob.engine.exportKey({ key: reviewer.id })
    await alice.engine.importKey({ file: JSON.stringify(document), role: "reviewer", ledger: true })
    await alice.engine.setPolicy({ policy: "team" })
    const draft = await alice.engine.publish(adding)
    if (draft.kind !== "published") throw new Error(draft.kind)
    const folder = scratchFolder()
    const out = path.join(folder, "out.tar")
    const back = path.join(folder, "back.tar")
    await alice.engine.exportBundle({ digests: [draft.mapping], target: out })
    return {
      alice: alice.engine,
      bob: bob.engine,
      bobStore: bob.store,
      mapping: draft.mapping,
      out,
      back,
      fingerprint: await rootOf(alice.engine)
    }
  }

  it("travels to a second person, and the acceptance comes back as a Hit", async () => {
    const { alice, bob, mapping, out, back, fingerprint } = await twoPersons()
    expect((await bob.importBundle({ path: out, trustRoot: fingerprint })).mappings).toMatchObject([
      { verdict: { state: "pending" }, written: false }
    ])
    expect((await bob.importBundle({ path: out, pending: true })).mappings).toMatchObject([{ written: true }])
    expect((await bob.review({})).rows.map(row => row.mapping)).toEqual([mapping])
    await bob.signOff({ digest: mapping, signOff: { decision: "approve", note: "read it", viewed: [...viewed] } })
    await bob.exportBundle({ digests: [mapping], target: back })
    expect((await alice.lookup({ request: adding.request })).kind).toBe("miss")
    const answer = await alice.importBundle({ path: back })
    expect(answer.mappings).toMatchObject([{ standing: "more", before: "pending", verdict: { state: "trusted" }, written: true }])
    expect((await alice.lookup({ request: adding.request })).kind).toBe("hit")
    const rules = (await alice.verify({ digest: mapping })).rules
    expect(rules.find(rule => rule.rule === "two-persons")?.outcome).toBe("pass")
  })

  it("comes back refused the same way", async () => {
    const { alice, bob, mapping, out, back, fingerprint } = await twoPersons()
    await bob.importBundle({ path: out, trustRoot: fingerprint, pending: true })
    await bob.signOff({ digest: mapping, signOff: { decision: "reject", note: "it overflows", viewed: [...viewed] } })
    await bob.exportBundle({ digests: [mapping], target: back })
    const answer = await alice.importBundle({ path: back })
    expect(answer.mappings).toMatchObject([{ verdict: { state: "untrusted" }, written: true }])
    expect((await alice.verify({ digest: mapping })).rules.find(rule => rule.rule === "not-refused")?.outcome).toBe("fail")
  })
})
