import { describe, expect, it } from "vitest"
import { probeInputs } from "../../electron/engine/core/probes.ts"
import { compareOutcomes, disagreement } from "../../electron/engine/probing.ts"
import type { Outcome } from "../../shared/run.ts"
import { published, storeInMemory } from "./opened.ts"

const spent = { fuel: 1, memoryPages: 1, wallMs: 1 }
const returned = (value: string): Outcome => ({ kind: "returned", value, spent })
const failed = (category: "type-error" | "runtime-error"): Outcome => ({ kind: "failed", category, message: "no", spent })
const stopped: Outcome = { kind: "timed-out", timeoutMs: 1, spent }

describe("two outcomes", () => {
  it.each([
    ["equal values", returned("[1 2]"), returned("[1 2]"), "same"],
    ["equal maps", returned("{:a 1 :b 2}"), returned("{:a 1 :b 2}"), "same"],
    ["other values", returned("1"), returned("2"), "values"],
    ["an integer and a float", returned("1"), returned("1.0"), "values"],
    ["a vector and a list", returned("[1]"), returned("(1)"), "values"],
    ["a value and a failure", returned("1"), failed("type-error"), "domain"],
    ["two failures", failed("type-error"), failed("runtime-error"), "same"],
    ["one that was stopped", returned("1"), stopped, "unknown"],
    ["two that were stopped", stopped, stopped, "unknown"],
    ["a call of the host", returned("1"), { kind: "needs-host", capability: "x", arguments: "[]", call: 0, spent } as Outcome, "unknown"]
  ])("%s", (_, left, right, expected) => {
    expect(compareOutcomes(left, right)).toBe(expected)
    expect(compareOutcomes(right, left)).toBe(expected)
  })
})

describe("disagreement", () => {
  it("compares every pair, prefers values to domain, and can stop at the first", async () => {
    const { engine, store } = await storeInMemory()
    const sources = [
      "(defn first-or-zero [items : [:vector :int]] :int (if (empty? items) 0 (first items)))",
      "(defn least-or-zero [items : [:vector :int]] :int (if (empty? items) 0 (apply min items)))",
      "(defn first-only [items : [:vector :int]] :int (nth items 0))"
    ]
    const claims = []
    for (const [at, source] of sources.entries()) {
      const { mapping } = await published(engine, {
        request: { instruction: `task ${at}` },
        source,
        examples: [{ args: "[[1 2]]", result: "1" }]
      })
      claims.push(store.trust.claimOf(mapping)!.claim)
    }
    const inputs = probeInputs("([:vector int]) -> int", { max: 20 })
    const all = await disagreement(claims, inputs, store.ports)
    expect(all.inputs).toBe(20)
    expect(all.disagreements.map(({ left, right, kind }) => [left, right, kind]).sort()).toEqual([
      [0, 1, "values"],
      [0, 2, "domain"],
      [1, 2, "values"]
    ])
    expect(all.disagreements.find(one => one.kind === "domain")?.args).toBe("[[]]")
    const first = await disagreement(claims, inputs, store.ports, { first: true })
    expect(first.inputs).toBeLessThan(20)
    expect(await disagreement(claims.slice(0, 1), inputs, store.ports)).toEqual({ inputs: 0, decided: 0, disagreements: [], skipped: [] })
  })
})
