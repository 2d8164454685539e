/** Accounts of what was served: over time, one by one, and in what it saved. */
import { expect, it } from "vitest"
import { assumptionsDefault } from "../../shared/activity.ts"
import { adding, published, storeOnDisk } from "./opened.ts"

const task = { request: adding.request, args: "[3 4]" }
const other = { request: { instruction: "something nobody wrote", interface: "(string) -> string" } }

async function used() {
  const { open } = await storeOnDisk()
  const engine = await open()
  const made = await published(engine)
  for (let at = 0; at < 3; at++) await engine.lookup(task)
  await engine.lookup(other)
  await engine.lookup(other)
  return { engine, made }
}

it("counts Hits, Misses with their reasons, Runs and the time of each step", async () => {
  const { engine, made } = await used()
  const seen = await engine.activity({ stretches: 4 })
  expect(seen).toMatchObject({ hits: 3, misses: { "no-such-interface": 2 }, tiers: { "exact-text": 3 }, latency: { n: 5 }, neverUsed: 0 })
  expect(seen.stretches).toHaveLength(4)
  expect(seen.stretches.at(-1)).toMatchObject({ hits: 3, misses: 2, complete: true, latency: { n: 5 } })
  expect(seen.stretches[0]).toMatchObject({ hits: 0, misses: 0 })
  expect([seen.steps.search.n, seen.steps.fetch.n, seen.steps.search.p50 > 0]).toEqual([5, 3, true])
  expect(seen.mostUsed).toMatchObject([{ mapping: made.mapping, task: "add two numbers", hits: 3 }])
  expect(seen.missed).toMatchObject([{ text: "something nobody wrote", count: 2, reason: "no-such-interface" }])
  expect(Object.values(seen.runs).reduce((sum, count) => sum + count, 0)).toBe(3)
})

it("marks time whose logs are gone, and keeps to the time asked for", async () => {
  const { engine } = await used()
  const now = Date.now()
  const past = await engine.activity({ fromMs: now - 30 * 86_400_000, toMs: now - 10 * 86_400_000, stretches: 2 })
  expect([past.hits, past.stretches.map(({ complete }) => complete)]).toEqual([0, [false, false]])
})

it("tells what was served one by one, newest first, in pages that meet", async () => {
  const { engine, made } = await used()
  const all = await engine.hits({ limit: 100 })
  expect([all.total, all.next]).toEqual([8, null])
  expect(all.entries.map(({ atMs }) => atMs)).toEqual(all.entries.map(({ atMs }) => atMs).toSorted((a, b) => b - a))
  const [first, second] = [await engine.hits({ limit: 5 }), await engine.hits({ limit: 5, cursor: 5 })]
  expect([...first.entries, ...second.entries]).toEqual(all.entries)
  const ofOne = await engine.hits({ kind: "hit", mapping: made.mapping })
  expect(ofOne.entries.map(({ kind, mapping, tier, text }) => [kind, mapping, tier, text])).toEqual(
    Array.from({ length: 3 }, () => ["hit", made.mapping, "exact-text", "add two numbers"])
  )
  await engine.feedback({ hit: ofOne.entries[0]!.hit, right: false })
  expect((await engine.activity({})).feedback).toEqual({ right: 0, wrong: 1 })
})

it("says what the Hits saved under the assumptions that are shown", async () => {
  const { engine, made } = await used()
  expect(await engine.worth({})).toMatchObject({
    assumptions: assumptionsDefault,
    hits: 3,
    tokens: 12_000,
    breakEvenHits: 50,
    used: 1,
    paidOff: 0
  })
  const assumptions = { tokensPerGeneration: 1_000_000, moneyPerMillionTokens: 2, secondsPerGeneration: 7, moneyPerModule: 5 }
  expect(await engine.worth({ assumptions })).toEqual({
    assumptions,
    hits: 3,
    tokens: 3_000_000,
    money: 6,
    seconds: 21,
    breakEvenHits: 3,
    modules: [{ digest: made.digest, mapping: made.mapping, task: "add two numbers", hits: 3, money: 6, paid: 1.2 }],
    paidOff: 1,
    used: 1
  })
  expect((await engine.worth({ assumptions: { ...assumptions, moneyPerMillionTokens: 0 } })).breakEvenHits).toBeNull()
})
