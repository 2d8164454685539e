/** Ledgers of other stores as their Bundles show them: older checkpoints, histories that contradict each other, an origin that was replaced. */
import path from "node:path"
import { expect, it } from "vitest"
import { parseVkey, signCheckpoint } from "../../electron/engine/core/checkpoint.ts"
import { leafHash, merkleRoot } from "../../electron/engine/core/merkle.ts"
import type { Engine } from "../../electron/engine/engine.ts"
import { storeInMemory } from "./opened.ts"
import { scratchFolder } from "./scratch.ts"

const draftOf = (instruction: string) => ({
  request: { instruction, interface: "(int, int) -> int" },
  source: "(defn add [a :int b :int] :int (+ a b))",
  examples: [{ args: "[1 2]", result: "3" }]
})

async function trusted(engine: Engine, instruction: string) {
  const draft = await engine.publish(draftOf(instruction))
  if (draft.kind !== "published") throw new Error(draft.kind)
  await engine.signOff({ digest: draft.mapping, signOff: { decision: "approve", note: "" } })
  return draft.mapping
}

async function exported(engine: Engine, mapping: string, consistentWith?: number) {
  const target = path.join(scratchFolder(), "bundle")
  await engine.exportBundle({ digests: [mapping], target, ...(consistentWith === undefined ? {} : { consistentWith }) })
  return target
}

const outcomeOf = async (engine: Engine, place: string) => {
  const report = await engine.importBundle({ path: place, dryRun: true })
  return report.mappings[0]?.verdict.rules.find(rule => rule.rule === "ledger-consistent")?.outcome
}

it("an older Bundle that was never accepted is a note, and missing under strict; one accepted in its time is neither", async () => {
  const [alice, bob] = [await storeInMemory({ owner: "alice" }), await storeInMemory({ owner: "bob" })]
  const trustRoot = (await alice.engine.root({})).own!.fingerprints[0]!
  const first = await exported(alice.engine, await trusted(alice.engine, "add, the first"))
  const never = await exported(alice.engine, await trusted(alice.engine, "add, the second"))
  const { ledgers } = await bob.engine.importBundle({ path: first, trustRoot })
  const latest = await exported(alice.engine, await trusted(alice.engine, "add, the third"), ledgers[0]!.size)
  await bob.engine.importBundle({ path: latest })
  const notes = (await bob.engine.importBundle({ path: never, dryRun: true })).notes
  expect(notes).toContainEqual(expect.stringMatching(/older Bundle/))
  expect(await outcomeOf(bob.engine, never)).toBe("pass")
  await bob.engine.setPolicy({ policy: "strict" })
  expect([await outcomeOf(bob.engine, first), await outcomeOf(bob.engine, never)]).toEqual(["pass", "missing"])
})

it("two histories stop the import, and both signed notes are kept and shown", async () => {
  const [alice, bob] = [await storeInMemory({ owner: "alice" }), await storeInMemory({ owner: "bob" })]
  const trustRoot = (await alice.engine.root({})).own!.fingerprints[0]!
  const mapping = await trusted(alice.engine, "add")
  const honest = await exported(alice.engine, mapping)
  await bob.engine.importBundle({ path: honest, trustRoot })
  const kept = bob.store.ports.trust.foreignRoots()[0]!.checkpoints[0]!
  // the same keys, another past: what a publisher would sign who tells two stories
  const { ledger } = alice.store.ports
  const read = ledger.entryBytes.bind(ledger)
  const size = Number(kept.split("\n")[1])
  const key = (await alice.engine.keys({})).keys.find(one => one.purpose === "ledger")!
  const { vkey } = JSON.parse((await alice.engine.root({})).own!.document).ledgers[0]
  const leaves = Array.from({ length: size }, (_, at) => leafHash(at === 0 ? new Uint8Array([1]) : read(at)))
  const note = signCheckpoint({ origin: parseVkey(vkey)!.name, size, root: merkleRoot(leaves) }, parseVkey(vkey)!, message =>
    alice.store.ports.keyring.sign(key.id, message)
  )
  const before = [bob.store.ports.ledger.size, bob.store.ports.trust.foreignRoots()[0]!.checkpoints.length]
  expect(await bob.engine.checkLedger({ checkpoint: note })).toMatchObject({ standing: "forked", own: false })
  expect((await bob.engine.ledger({})).forks).toEqual([{ origin: parseVkey(vkey)!.name, kept, found: note }])
  expect([bob.store.ports.ledger.size, bob.store.ports.trust.foreignRoots()[0]!.checkpoints.length]).toEqual(before)
})

it("a replaced ledger key reaches importers by its root, and what the old origin proved stays proven", async () => {
  const [alice, bob] = [await storeInMemory({ owner: "alice" }), await storeInMemory({ owner: "bob" })]
  const trustRoot = (await alice.engine.root({})).own!.fingerprints[0]!
  const first = await trusted(alice.engine, "add, the first")
  const before = await exported(alice.engine, first)
  await bob.engine.importBundle({ path: before, trustRoot })
  const ledgerKey = (await alice.engine.keys({})).keys.find(key => key.purpose === "ledger")!
  await alice.engine.rotateKey({ key: ledgerKey.id })
  const second = await trusted(alice.engine, "add, the second")
  const after = await exported(alice.engine, second)
  const report = await bob.engine.importBundle({ path: after })
  expect(report.mappings).toMatchObject([{ mapping: second, verdict: { state: "trusted" }, written: true }])
  expect(report.roots).toMatchObject([{ version: 2, newVersions: 1 }])
  for (const mapping of [first, second]) expect((await bob.engine.verify({ digest: mapping })).state).toBe("trusted")
  // and a Bundle of the old origin comes home as our own
  const home = await alice.engine.importBundle({ path: before })
  expect(home.ledgers).toMatchObject([{ standing: "own" }])
  expect(alice.store.ports.trust.foreignRoots()).toEqual([])
})
