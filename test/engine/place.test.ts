/** What a failed Run says of the place, and what an interpretation costs at most. */
import { describe, expect, it, test } from "vitest"
import { forkLaunch } from "../../electron/engine/adapters/child-process.ts"
import { openInterpreter } from "../../electron/engine/adapters/interpreter-line.ts"
import { published, storeInMemory } from "./opened.ts"

describe("a failed Run of a stored Module", () => {
  it("says the line and column of its Source, with arguments and recorded answers", async () => {
    const { engine } = await storeInMemory()
    const made = await published(engine, {
      request: { instruction: "divide by what the host says" },
      source: "; a comment\n(defn share [n :int]\n  (+ 1\n     (/ n (call :divisor))))",
      examples: [{ args: "[4]", result: "3", answers: [{ capability: "divisor", arguments: "[]", value: "2" }] }]
    })
    const run = (value: string) =>
      engine.run({ digest: made.digest, args: "[4]", answers: [{ capability: "divisor", arguments: "[]", value }] })
    expect(await run("2")).toMatchObject({ outcome: { kind: "returned", value: "3" } })
    expect(await run("0")).toMatchObject({ outcome: { kind: "failed", category: "division-by-zero", span: { line: 4, column: 6 } } })
    expect(await run('"x"')).toMatchObject({ outcome: { kind: "failed", category: "type-error", span: { line: 4, column: 6 } } })
  })

  it("says nothing of a place that lies in an import", async () => {
    const { engine } = await storeInMemory()
    const base = await published(engine, {
      request: { instruction: "half of a number" },
      source: "(module num.half (:exports [half]) (defn half [n d] (/ n d)))",
      examples: [{ args: "[4 2]", result: "2" }]
    })
    const made = await published(engine, {
      request: { instruction: "half of a number, or of its first" },
      source: "(import num.half :as h)\n(defn f [v] (h/half (first v) 0))",
      examples: [{ args: '["x"]', result: "1" }].slice(1),
      imports: [{ name: "num.half", digest: base.digest }]
    })
    const inside = await engine.run({ digest: made.digest, args: "[[4]]" })
    expect(inside.outcome).toMatchObject({ kind: "failed", category: "division-by-zero" })
    expect(inside.outcome).not.toHaveProperty("span")
    const outside = await engine.run({ digest: made.digest, args: "[5]" })
    expect(outside.outcome).toMatchObject({ kind: "failed", category: "type-error", span: { line: 2, column: 21 } })
  })
})

describe("an interpretation", () => {
  const interpret = openInterpreter(forkLaunch)
  const shared = "(reduce (fn [v i] [v v]) [] (range 0 60))"

  test.each([
    ["compares what shares its parts sixty deep", `(= ${shared} ${shared})`],
    ["answers what shares its parts sixty deep", shared],
    ["prints what shares its parts sixty deep", `(count (str ${shared}))`]
  ])("is ended in time when it %s", async (_, source) => {
    const ended = await interpret({ source, fuelMax: 1e9 }, 300)
    expect(["timed-out", "out-of-memory", "out-of-fuel"]).toContain(ended.kind)
  })

  test.each([["doubles a vector", "(defn grow [v] (grow (concat v v))) (grow [1 2 3 4])"]])(
    "ends as out-of-memory when it %s",
    async (_, source) => {
      const ended = await interpret({ source, fuelMax: 1e9 }, 60_000)
      expect(ended).toEqual({ kind: "out-of-memory" })
    }
  )

  test("goes on after one that was ended, and can be cancelled", async () => {
    expect(await interpret({ source: "(+ 1 2)", fuelMax: 1_000 }, 1_000)).toMatchObject({ kind: "returned", value: "3" })
    const stop = new AbortController()
    const endless = interpret({ source: "(defn f [n] (f n)) (f 1)", fuelMax: 1e12 }, 60_000, stop.signal)
    stop.abort()
    await expect(endless).rejects.toMatchObject({ code: "cancelled" })
    expect(await interpret({ source: "(+ 1 3)", fuelMax: 1_000 }, 1_000)).toMatchObject({ kind: "returned", value: "4" })
  })
})
