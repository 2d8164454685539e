/** One byte of one file of a store is changed: what is served afterwards is right, or is not served and says why. `L4_FLIPS` asks for more of each kind. */
import fs from "node:fs"
import path from "node:path"
import { expect, it } from "vitest"
import { forkLaunch } from "../../electron/engine/adapters/child-process.ts"
import { openEngine } from "../../electron/engine/open.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { flipperOf } from "./flips.ts"
import { adding, published, storeOnDisk } from "./opened.ts"
import { randomOf } from "./vectors.ts"

const flips = Number(process.env.L4_FLIPS ?? 12)
const random = randomOf(Number(process.env.L4_SEED ?? 11))
const kinds: readonly [string, RegExp][] = [
  ["FORMAT.json", /^FORMAT\.json$/],
  ["the Ledger", /^ledger\//],
  ["a Blob", /^oci\/blobs\//],
  ["the OCI layout", /^oci\/(index\.json|oci-layout)$/],
  ["trust/", /^trust\//],
  ["the hot index", /^hot\/hot\./],
  ["a snapshot", /^hot\/(?!hot\.)/],
  ["the tables", /^lance\//],
  ["the hit logs", /^hits\//]
]
const twice = {
  request: { instruction: "twice a number", interface: "(int) -> int" },
  source: "(defn twice [n :int] :int (* 2 n))",
  examples: [{ args: "[1]", result: "2" }]
}

it("never serves anything wrong, whichever file it is", async () => {
  const { store, home, open } = await storeOnDisk()
  const engine = await open()
  const right = new Map<string, string>()
  for (const draft of [adding, twice]) right.set(draft.request.instruction, (await published(engine, draft)).digest)
  const asks = [adding.request, twice.request, { ...adding.request, instruction: "twice a number" }]
  for (const request of asks) await engine.lookup({ request })
  await engine.find({ words: "numbers" })
  await engine.close()
  const places = { store, home, launch: forkLaunch, snapshotsFrom: 1 }
  await (await openEngine(places)).close()
  const wrong: string[] = []
  const seen = { hit: 0, miss: 0, refused: 0 }
  for (const [, only] of kinds) {
    const flipper = flipperOf(store, only, random)
    for (let flip = 0; flip < flips; flip++) {
      const what = flipper.flip()
      try {
        const flipped = await openEngine(places)
        try {
          for (const request of asks) {
            const answer = await flipped.lookup({ request })
            seen[answer.kind]++
            const expected =
              request.interface === "(int, int) -> int" && request.instruction !== adding.request.instruction
                ? null
                : right.get(request.instruction)
            if (answer.kind === "hit" && answer.digest !== expected)
              wrong.push(`${what}: served ${answer.digest} for ${request.instruction}`)
          }
          await flipped.list({})
        } finally {
          await flipped.close()
        }
      } catch (failure) {
        seen.refused++
        if (!(failure instanceof EngineFailure) || failure.code === "internal")
          wrong.push(`${what}: ${failure instanceof Error ? failure.stack : String(failure)}`)
      }
      flipper.restore()
    }
  }
  expect(wrong).toEqual([])
  expect(seen.hit).toBeGreaterThan(0)
  expect(seen.miss + seen.refused).toBeGreaterThan(0)
}, 3_600_000)

it("shows nothing wrong from changed tables, and Audit with repair makes them right", async () => {
  const { store, home, open } = await storeOnDisk()
  const engine = await open()
  const right = new Map<string, string>()
  for (const draft of [adding, twice]) right.set((await published(engine, draft)).mapping, draft.request.instruction)
  await engine.find({ words: "numbers" })
  await engine.close()
  const flipper = flipperOf(store, /^lance\//, random)
  for (let flip = 0; flip < Math.ceil(flips / 2); flip++) {
    const what = flipper.flip()
    const flipped = await openEngine({ store, home, launch: forkLaunch })
    try {
      const { rows } = await flipped.find({ words: "twice a number" })
      expect([what, rows.filter(row => right.get(row.mapping) !== row.task)]).toEqual([what, []])
      await flipped.audit({ repair: true })
      const left = (await flipped.audit({})).findings.filter(finding => finding.harmless !== true)
      expect([what, left]).toEqual([what, []])
      expect((await flipped.find({ words: "twice a number" })).rows.map(row => row.mapping).sort()).toEqual([...right.keys()].sort())
    } finally {
      await flipped.close()
    }
    flipper.restore()
  }
}, 3_600_000)

it.each([
  "lance",
  "lance/rtfs_modules.lance",
  "lance/usage.lance",
  "hot",
  "hot/hot.f32",
  "hot/hot.snap",
  "hits",
  "hits/used.json",
  "oci/tmp",
  "quarantine"
])("loses nothing when %s is deleted", async name => {
  const { store, open } = await storeOnDisk()
  const engine = await open()
  const made = await published(engine)
  await engine.find({ words: "numbers" })
  await engine.lookup({ request: adding.request })
  await engine.close()
  fs.rmSync(path.join(store, name), { recursive: true, force: true })
  const again = await open()
  expect(await again.lookup({ request: adding.request })).toMatchObject({ kind: "hit", mapping: made.mapping })
  expect((await again.find({ words: "numbers" })).rows).toMatchObject([{ mapping: made.mapping, verdict: "trusted" }])
  const { findings, checked } = await again.audit({})
  expect([findings.filter(finding => finding.harmless !== true && !finding.repaired), checked.rows]).toEqual([[], 2])
  await again.close()
})
