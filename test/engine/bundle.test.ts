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

async function exported() {
  const { engine, store } = await storeInMemory()
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
