import { expect, it } from "vitest"
import { createMemoryLayer } from "../../electron/engine/adapters/memory-layer.ts"
import { preparedGenerator } from "../../electron/engine/adapters/prepared-generator.ts"
import type { Generator, Layer } from "../../electron/engine/ports.ts"
import type { Budget } from "../../shared/generation.ts"
import { adding, published, storeInMemory } from "./opened.ts"

async function withGenerator(generator: Generator) {
  const made = await storeInMemory()
  Object.assign(made.store.ports, { generator })
  return made.engine
}

const ask = { request: { ...adding.request, examples: [{ args: "[1 2]", result: "3" }] }, args: "[3 4]" }

it("asks the cache, then the Generator, whose Source waits for a sign-off; then the cache answers", async () => {
  const engine = await withGenerator(preparedGenerator([{ instruction: "add  two numbers", source: adding.source }]))
  const first = await engine.delegate(ask)
  expect(first).toMatchObject({
    answeredBy: "generator",
    verdict: "pending",
    layers: [
      { layer: "l4", answered: false, why: expect.stringContaining("no-such-interface") },
      { layer: "prepared sources", answered: true }
    ]
  })
  expect(first.outcome).toBeUndefined()
  await engine.signOff({ digest: first.digest!, signOff: { decision: "approve", note: "read" } })
  expect(await engine.delegate(ask)).toMatchObject({
    answeredBy: "l4",
    digest: first.digest,
    mapping: first.mapping,
    outcome: { kind: "returned", value: "7" }
  })
})

it("says that nobody answered, and why", async () => {
  const engine = await withGenerator(preparedGenerator([]))
  expect(await engine.delegate(ask)).toMatchObject({
    answeredBy: "nobody",
    layers: [{ answered: false }, { answered: false, why: expect.stringContaining("nothing for this Task") }]
  })
})

it("tells a Generator what was wrong, and gives up after three Sources", async () => {
  const told: string[][] = []
  const sources = ["(defn add [a :int b :int] :int (+ a", "(defn add [a :int b :int] :int (- a b))", adding.source]
  const learning = (until: number): Generator => ({
    name: "learning",
    async generate({ typeText, examples, attempts }) {
      expect([typeText, examples]).toEqual(["(:int, :int) -> :int", [{ args: "[1 2]", result: "3" }]])
      told.push([...(attempts.at(-1)?.complaints ?? [])])
      return { source: sources[Math.min(told.length - 1, until)]!, tokens: 10 }
    }
  })
  const engine = await withGenerator(learning(2))
  const answer = await engine.delegate(ask)
  expect(answer).toMatchObject({ answeredBy: "generator", generation: { generator: "learning", tokens: 30, shared: false } })
  expect(answer.generation!.attempts.map(one => [one.source, one.complaints.length])).toEqual(
    sources.map((source, at) => [source, at < 2 ? 1 : 0])
  )
  expect(told).toEqual([
    [],
    [expect.stringMatching(/^line 1: /)],
    [expect.stringContaining("Example 1: [1 2] should give 3, and ended as -1")]
  ])
  told.length = 0
  const hopeless = await withGenerator(learning(1))
  expect(await hopeless.delegate(ask)).toMatchObject({
    answeredBy: "nobody",
    layers: [{}, { why: expect.stringContaining("none of 3 Sources") }],
    generation: { attempts: [{}, {}, {}] }
  })
})

it("asks the layers above first, says why each did not answer, and lets them keep what a later one found", async () => {
  const made = await storeInMemory()
  const broken: Layer = { name: "L1", ask: () => Promise.reject(new Error("its disk is gone")) }
  Object.assign(made.store.ports, { layers: [broken, createMemoryLayer("L3")] })
  await published(made.engine)
  expect(await made.engine.delegate(ask)).toMatchObject({
    answeredBy: "l4",
    layers: [
      { layer: "L1", answered: false, why: "it failed: its disk is gone" },
      { layer: "L3", answered: false },
      { layer: "l4", answered: true }
    ],
    outcome: { kind: "returned", value: "7" }
  })
  expect(await made.engine.delegate(ask)).toMatchObject({ answeredBy: "layer", value: "7", layers: [{}, { layer: "L3", answered: true }] })
  expect(await made.engine.delegate({ ...ask, args: "[20 22]" })).toMatchObject({ answeredBy: "l4", outcome: { value: "42" } })
  expect(await made.engine.delegate({ request: ask.request })).toMatchObject({ answeredBy: "l4" })
})

it("generates equal Requests once, however many ask at one time", async () => {
  let asked = 0
  const slow: Generator = {
    name: "slow",
    async generate() {
      asked++
      await new Promise(resolve => setTimeout(resolve, 100))
      return { source: adding.source, tokens: 5 }
    }
  }
  const engine = await withGenerator(slow)
  const answers = await Promise.all([engine.delegate(ask), engine.delegate(ask), engine.delegate({ ...ask, args: "[1 1]" })])
  expect([asked, new Set(answers.map(one => one.mapping)).size]).toEqual([1, 1])
  expect(answers.map(one => one.generation?.shared)).toEqual([false, true, true])
})

it("goes on for the others when one caller leaves, and stops when the last one does", async () => {
  const seen: AbortSignal[] = []
  const hanging: Generator = {
    name: "hanging",
    generate: (_, signal) => {
      seen.push(signal!)
      return new Promise(() => {})
    }
  }
  const engine = await withGenerator(hanging)
  const [first, second] = [new AbortController(), new AbortController()]
  const answers = [engine.delegate(ask, { signal: first.signal }), engine.delegate(ask, { signal: second.signal })]
  await expect.poll(() => seen.length).toBe(1)
  first.abort()
  await expect(answers[0]).rejects.toMatchObject({ code: "cancelled" })
  expect(seen[0]!.aborted).toBe(false)
  second.abort()
  await expect(answers[1]).rejects.toMatchObject({ code: "cancelled" })
  await expect.poll(() => seen[0]!.aborted).toBe(true)
})

it.each<[string, Budget, string, number]>([
  ["attempts", { attempts: 1 }, "none of 1 Sources was good", 1],
  ["tokens", { attempts: 9, tokens: 25 }, "the budget of 25 tokens is used up", 3],
  ["seconds", { seconds: 0.2 }, "the budget of 0.2 seconds is used up", 0]
])("stops where the budget of %s ends", async (what, budget, why, tried) => {
  const bad: Generator = {
    name: "bad",
    generate: () => (what === "seconds" ? new Promise(() => {}) : Promise.resolve({ source: "(defn", tokens: 10 }))
  }
  const engine = await withGenerator(bad)
  const answer = await engine.delegate({ ...ask, budget })
  expect([answer.answeredBy, answer.layers.at(-1)!.why, answer.generation!.attempts.length]).toEqual([
    "nobody",
    expect.stringContaining(why),
    tried
  ])
})

it("refuses a Source that calls a capability the Interface does not list, and says so to its writer", async () => {
  const told: string[] = []
  const reaching: Generator = {
    name: "reaching",
    async generate({ attempts }) {
      told.push(...(attempts.at(-1)?.complaints ?? []))
      return { source: "(defn add [a :int b :int] :int (call :fs.read a b))", tokens: 0 }
    }
  }
  const engine = await withGenerator(reaching)
  expect(await engine.delegate({ ...ask, budget: { attempts: 2 } })).toMatchObject({ answeredBy: "nobody" })
  expect(told).toEqual([expect.stringContaining("fs.read")])
})

it("shows a generator what exists near the Task", async () => {
  const near: unknown[] = []
  const looking: Generator = {
    name: "looking",
    async generate(task) {
      near.push(...task.near)
      return null
    }
  }
  const engine = await withGenerator(looking)
  await published(engine)
  await engine.delegate({ request: { instruction: "add three numbers", interface: "(int, int, int) -> int" } })
  expect(near).toEqual([{ task: "add two numbers", typeText: "(:int, :int) -> :int", source: adding.source }])
})
