import { expect, it } from "vitest"
import { preparedGenerator } from "../../electron/engine/adapters/prepared-generator.ts"
import type { Generator } from "../../electron/engine/ports.ts"
import { adding, storeInMemory } from "./opened.ts"

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
    async generate({ typeText, diagnostics }) {
      expect(typeText).toBe("(:int, :int) -> :int")
      told.push([...diagnostics])
      return { source: sources[Math.min(told.length - 1, until)]! }
    }
  })
  const engine = await withGenerator(learning(2))
  expect(await engine.delegate(ask)).toMatchObject({ answeredBy: "generator" })
  expect(told).toEqual([
    [],
    [expect.stringMatching(/^line 1: /)],
    [expect.stringContaining("Example 1: [1 2] should give 3, and ended as -1")]
  ])
  told.length = 0
  const hopeless = await withGenerator(learning(1))
  expect(await hopeless.delegate(ask)).toMatchObject({
    answeredBy: "nobody",
    layers: [{}, { why: expect.stringContaining("none of 3 Sources") }]
  })
})
