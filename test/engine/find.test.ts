import { describe, expect, it } from "vitest"
import { createFinder } from "../../electron/engine/find.ts"
import type { ModuleIndex } from "../../electron/engine/ports.ts"
import type { AnswerOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { adding, letterEmbedder, published, storeInMemory } from "./opened.ts"

const draft = (instruction: string, source: string, args: string, result: string) => ({
  request: { instruction },
  source,
  examples: [{ args, result }]
})

const sumOf = draft("add up a list of numbers", "(defn total [items : [:vector :int]] :int (reduce + 0 items))", "[[1 2 3]]", "6")
const lengthOf = draft("how many items a list has", "(defn size [items : [:vector :int]] :int (count items))", "[[7 7]]", "2")
const largestOf = draft(
  "the largest number of a list",
  "(defn largest [items : [:vector :int]] :int (if (empty? items) 0 (apply max items)))",
  "[[1 9 3]]",
  "9"
)
const lastOf = draft(
  "the largest number of a list, which is its last when sorted",
  "(defn biggest [items : [:vector :int]] :int (if (empty? items) -1 (last (sort items))))",
  "[[1 9 3]]",
  "9"
)
const repeating = draft(
  "repeat a text so many times",
  '(defn again [text :string times :int] :string (join "" (map (fn [_] text) (range 0 times))))',
  '["ab" 2]',
  '"abab"'
)
const looping = draft(
  "spin on odd input",
  "(defn spin [n :int] :int (if (= n 1) 1 (reduce (fn [a _] (+ a (reduce + 0 (range 0 1000)))) 0 (range 0 50000))))",
  "[1]",
  "1"
)
const hoarding = draft(
  "hoard on other input",
  '(defn hoard [n :int] :int (if (= n 1) 1 (count (reduce (fn [s _] (str s s)) "abcdefgh" (range 0 40)))))',
  "[1]",
  "1"
)
const calling = draft("ask the host on other input", '(defn ask [n :int] :int (if (= n 1) 1 (call "net.get" n)))', "[1]", "1")
const doubling = draft("double a number", "(defn double [n :int] :int (* 2 n))", "[4]", "8")

/** (func (export "spin") (param i64) (result i64) (loop (br_if 0 (i64.ne (local.get 0) (i64.const 1)))) (i64.const 1)): without fuel, only the clock ends it. */
const endless = {
  request: { instruction: "spin without fuel" },
  wasm: new Blob([
    Uint8Array.from([
      0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 126, 1, 126, 3, 2, 1, 0, 7, 8, 1, 4, 115, 112, 105, 110, 0, 0, 10, 16, 1, 14, 0, 3, 64,
      32, 0, 66, 1, 82, 13, 0, 11, 66, 1, 11
    ])
  ]),
  examples: [{ args: "[1]", result: "1" }]
}

async function holding(...drafts: readonly Parameters<typeof published>[1][]) {
  const made = await storeInMemory()
  for (const one of drafts) await published(made.engine, one)
  return made
}

const tasks = (answer: { readonly rows: readonly { readonly task: string }[] }) => answer.rows.map(row => row.task)

describe("find by Examples", () => {
  it("keeps those that answer some, those that answer most first, with k of n", async () => {
    const { engine } = await holding(sumOf, lengthOf, largestOf)
    const { rows } = await engine.find({
      examples: [
        { args: "[[3 4]]", result: "7" },
        { args: "[[2 2]]", result: "4" },
        { args: "[[2]]", result: "2" }
      ],
      probe: false
    })
    expect(rows.map(row => [row.task, row.examplesPassed])).toEqual([
      ["add up a list of numbers", { passed: 3, of: 3 }],
      ["the largest number of a list", { passed: 1, of: 3 }]
    ])
  })

  it("puts arguments into another order where only that one fits the parameters, and says so", async () => {
    const { engine } = await holding(repeating)
    const { rows } = await engine.find({ examples: [{ args: '[3 "x"]', result: '"xxx"' }] })
    expect(rows).toMatchObject([{ order: [1, 0], examplesPassed: { passed: 1, of: 1 } }])
    expect(rows[0]?.why).toContain("takes the Examples' arguments in the order 2, 1")
  })

  it("reads the TYPE's order of arguments as that of the Examples", async () => {
    const { engine } = await holding(repeating)
    const { rows } = await engine.find({ type: "(int, string) -> string", examples: [{ args: '[2 "y"]', result: '"yy"' }] })
    expect(rows).toMatchObject([{ typeDistance: 1, order: [1, 0], examplesPassed: { passed: 1, of: 1 } }])
  })

  it("skips what loops, hoards memory or calls a capability, each with its reason, and finds the rest", async () => {
    const { engine } = await holding(looping, hoarding, calling, endless, doubling)
    const answer = await engine.find({ examples: [{ args: "[21]", result: "42" }], verdict: "trusted" })
    expect(tasks(answer)).toEqual(["double a number"])
    expect(Object.fromEntries(answer.skipped?.map(one => [one.task, one.why]) ?? [])).toEqual({
      "ask the host on other input": "calls the capability net.get",
      "spin without fuel": "takes more than 500 ms",
      "spin on odd input": expect.stringContaining("units of fuel"),
      "hoard on other input": expect.stringMatching(/fuel|memory|pages/)
    })
  })

  it("runs Pending ones in review only", async () => {
    const { engine } = await storeInMemory()
    await engine.publish(doubling)
    const question = { examples: [{ args: "[21]", result: "42" }] }
    expect(await engine.find(question)).toMatchObject({ rows: [], tried: 0, skipped: [{ why: expect.stringContaining("review") }] })
    expect(await engine.find({ ...question, review: true })).toMatchObject({ rows: [{ verdict: "pending" }], tried: 1 })
  })

  it("never runs what is untrusted", async () => {
    const { engine } = await storeInMemory()
    const answer = await engine.publish(doubling)
    if (answer.kind !== "published") throw new Error(answer.kind)
    await engine.signOff({ digest: answer.digest, signOff: { decision: "reject", note: "no" } })
    const found = await engine.find({ examples: [{ args: "[21]", result: "42" }], review: true })
    expect(found).toMatchObject({ rows: [], tried: 0, skipped: [{ why: "untrusted: it never runs" }] })
  })

  it("says on which input rivals of one Interface part", async () => {
    const { engine } = await holding(largestOf, lastOf)
    const { rows } = await engine.find({ examples: [{ args: "[[4 8 2]]", result: "8" }] })
    expect(rows).toHaveLength(2)
    expect(rows[0]?.differs).toMatchObject([{ mapping: rows[1]?.mapping, kind: "values", args: "[[]]" }])
    expect(rows[0]?.why?.at(-1)).toContain("on [[]]: ")
  })
})

it("facets narrow", async () => {
  const { engine } = await storeInMemory()
  await published(engine, adding)
  await engine.publish(calling)
  await published(engine, doubling)
  await engine.lookup({ request: adding.request })
  const narrowed: readonly (readonly [Parameters<typeof engine.find>[0], readonly string[]])[] = [
    [{ capabilities: ["net.get"] }, ["ask the host on other input"]],
    [{ capabilities: ["net.get", "net.put"] }, []],
    [{ pure: true }, ["double a number", "add two numbers"]],
    [{ bytesMax: 1 }, []],
    [{ profile: "plain" }, []],
    [{ profile: "linked", verdict: "trusted" }, ["double a number", "add two numbers"]],
    [{ publisher: "Tester" }, ["double a number", "ask the host on other input", "add two numbers"]],
    [{ publisher: "nobody" }, []],
    [{ verdict: "pending" }, ["ask the host on other input"]],
    [{ used: true }, ["add two numbers"]],
    [{ used: false, pure: true }, ["double a number"]],
    [{ words: "number", pure: true, type: "(?a) -> ?a" }, ["double a number"]]
  ]
  for (const [facets, expected] of narrowed) expect([facets, tasks(await engine.find(facets))]).toEqual([facets, expected])
})

describe("a TYPE", () => {
  it("ranks what is equal before what only fits, and says how far", async () => {
    const { engine } = await holding(
      draft("half a number", "(defn half [n :float] :float (/ n 2.0))", "[3.0]", "1.5"),
      draft("double a number", "(defn double [n :int] :float (* 2 n))", "[4]", "8")
    )
    const { rows } = await engine.find({ type: "(int) -> float" })
    expect(rows.map(row => [row.task, row.typeDistance, row.why])).toEqual([
      ["double a number", 0, ["its Interface fits"]],
      ["half a number", 1, ["its Interface fits at distance 1: :int stands for :float"]]
    ])
    expect(tasks(await engine.find({ type: "(int) -> float", exact: true }))).toEqual(["double a number"])
  })
})

describe("words", () => {
  it("rank alone where the model is missing, and the answer says so", async () => {
    const broken = {
      ...letterEmbedder(),
      embed: async () => {
        throw new EngineFailure("model-unavailable", "the model is away")
      }
    }
    const { engine, store } = await storeInMemory({ embedder: { ...letterEmbedder() } })
    await published(engine, sumOf)
    await published(engine, lengthOf)
    ;(store.ports as { embedder: unknown }).embedder = broken
    const answer = await engine.find({ words: "numbers of a list, added" })
    expect(answer.rows[0]).toMatchObject({ task: "add up a list of numbers" })
    expect(answer.rows[0]?.similarity).toBeUndefined()
    expect(answer.notes).toEqual([expect.stringContaining("the model is away")])
  })

  it("rank alone those whose vectors the index cannot read, until it can", async () => {
    let away = true
    const index = (honest: ModuleIndex): ModuleIndex => ({
      ...honest,
      byMapping: async mapping => {
        if (away) throw new EngineFailure("index-unavailable", "the index is being rebuilt")
        return honest.byMapping(mapping)
      }
    })
    const { engine } = await storeInMemory({ index })
    await published(engine, sumOf)
    const first = await engine.find({ words: "list" })
    expect([tasks(first), first.rows[0]?.similarity, first.notes]).toEqual([
      ["add up a list of numbers"],
      undefined,
      [expect.stringContaining("rebuilt")]
    ])
    away = false
    const second = await engine.find({ words: "list" })
    expect(second.rows[0]?.similarity).toBeGreaterThan(0)
    expect(second.notes).toEqual([])
  })

  it("never compare vectors of another model", async () => {
    const { engine, store } = await storeInMemory()
    await published(engine, sumOf)
    const other = { ...letterEmbedder(), model: { ...letterEmbedder().model, id: "other letters" } }
    ;(store.ports as { embedder: unknown }).embedder = other
    const { rows } = await engine.find({ words: "list of numbers" })
    expect(rows).toMatchObject([{ task: "add up a list of numbers" }])
    expect(rows[0]?.similarity).toBeUndefined()
  })

  it("are put to the index where there are more Mappings than are ranked in memory, and the answer says so", async () => {
    const { store } = await holding(sumOf, lengthOf, doubling)
    const finder = createFinder(store, 2)
    const byWords = await finder.find({ words: "numbers of a list, added up", type: "([:vector int]) -> int" })
    expect(tasks(byWords)[0]).toBe("add up a list of numbers")
    expect(byWords.notes).toEqual([expect.stringContaining("by words were looked at")])
    const newest = await finder.find({})
    expect([newest.rows.length, newest.notes]).toEqual([2, [expect.stringContaining("only the newest 2 Mappings")]])
  })

  it("find what is published after the first question, and no longer what is gone", async () => {
    const { engine, store } = await holding(sumOf)
    expect(tasks(await engine.find({ words: "list" }))).toEqual(["add up a list of numbers"])
    const later = await published(engine, lengthOf)
    expect(tasks(await engine.find({ words: "how many" }))[0]).toBe("how many items a list has")
    await store.append({ kind: "evicted", body: { mapping: later.mapping, reason: "test" }, parts: [] })
    expect(tasks(await engine.find({ words: "how many" }))).toEqual(["add up a list of numbers"])
  })
})

it("bad input is refused with what was expected, and where", async () => {
  const { engine } = await storeInMemory()
  const megabyte = [{ args: `["${"a".repeat(1_100_000)}"]`, result: "1" }]
  const refused: readonly (readonly [Parameters<typeof engine.find>[0], RegExp])[] = [
    [{ type: "(int, , int) -> int" }, /^the type is malformed at character \d+: [^\n]*\n {2}\(int, , int\) -> int\n {2,} *\^$/],
    [{ type: "(?a" }, /the type is malformed[\s\S]*\^$/],
    [{ examples: [{ args: "[1 2", result: "3" }] }, /arguments of Example 1 .*at character \d+[\s\S]*\^$/],
    [{ examples: [{ args: "1", result: "3" }] }, /expected the arguments in a vector/],
    [{ examples: [{ args: "[1]", result: "foo" }] }, /result of Example 1 .*\n {2}foo\n {2}\^$/],
    [
      { examples: ["1", "2", "3"].map((result, at) => ({ args: at === 1 ? "[8]" : "[7]", result })) },
      /Examples 1 and 3 contradict each other: for \[7\] one expects 1, the other 3/
    ],
    [{ words: " \n " }, /expected words/],
    [{ words: "word ".repeat(200_000) }, /expected at most 4096 bytes of instruction, found 999999/],
    [{ words: "\ud800" }, /lone surrogate/],
    [{ examples: Array.from({ length: 65 }, (_, at) => ({ args: `[${at}]`, result: "1" })) }, /examples/],
    [{ examples: megabyte }, /at most 1048576/]
  ]
  for (const [input, message] of refused) {
    await expect(engine.find(input)).rejects.toMatchObject({ message: expect.stringMatching(message) })
    await expect(engine.find(input)).rejects.toMatchObject({ code: expect.stringMatching(/wrong-usage|limit-exceeded/) })
    await expect(engine.findStart(input)).rejects.toBeInstanceOf(EngineFailure)
  }
})

describe("a Find fetched as it comes", () => {
  async function fetched(next: () => Promise<AnswerOf<"findNext">>) {
    const pages: AnswerOf<"findNext">[] = []
    for (let page = await next(); ; page = await next()) {
      pages.push(page)
      if (page.done) return pages
    }
  }

  it("ends with the rows of the same question asked at once", async () => {
    const { engine } = await holding(largestOf, lastOf, sumOf, lengthOf)
    const question = { words: "number of a list", examples: [{ args: "[[4 8 2]]", result: "8" }] }
    const { search } = await engine.findStart(question)
    const pages = await fetched(() => engine.findNext({ search }))
    const rows = new Map(pages.flatMap(page => page.rows).map(row => [row.mapping, row]))
    const last = pages.at(-1)!
    expect(last.order.map(mapping => rows.get(mapping))).toEqual((await engine.find(question)).rows)
    await expect(engine.findNext({ search })).rejects.toMatchObject({ code: "wrong-usage" })
  })

  it("does nothing that nobody asks for, and stops when it is given up", async () => {
    const { engine, store } = await holding(sumOf)
    let runs = 0
    const { sandbox } = store.ports
    ;(store.ports as { sandbox: unknown }).sandbox = {
      ...sandbox,
      run: (job: Parameters<typeof sandbox.run>[0]) => {
        runs++
        return sandbox.run(job)
      }
    }
    const { search } = await engine.findStart({ examples: [{ args: "[[1]]", result: "1" }] })
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(runs).toBe(0)
    expect(await engine.findNext({ search, end: true })).toMatchObject({ done: true, rows: [] })
    await expect(engine.findNext({ search })).rejects.toMatchObject({ code: "wrong-usage" })
    expect(runs).toBe(0)
  })

  it("comes back while nothing is found", async () => {
    const { engine, store } = await holding(sumOf, lengthOf, largestOf, lastOf, doubling, adding)
    const { sandbox } = store.ports
    ;(store.ports as { sandbox: unknown }).sandbox = {
      ...sandbox,
      run: async () => {
        await new Promise(resolve => setTimeout(resolve, 120))
        return { kind: "returned", value: "nil", spent: { fuel: 1, memoryPages: 1, wallMs: 1 } }
      }
    }
    const { search } = await engine.findStart({ examples: [{ args: "[[1]]", result: "7" }] })
    const pages = await fetched(() => engine.findNext({ search }))
    expect(pages.length).toBeGreaterThan(0)
    expect(pages.at(-1)).toMatchObject({ done: true, order: [], tried: 4 })
    const second = await engine.findStart({
      examples: [
        { args: "[[1]]", result: "7" },
        { args: "[[2]]", result: "9" }
      ]
    })
    expect(await engine.findNext({ search: second.search })).toMatchObject({ done: false, tried: 2 })
  })

  it("keeps a bounded number open: the one asked longest ago makes room", async () => {
    const { engine } = await storeInMemory()
    const searches: string[] = []
    for (let count = 0; count < 17; count++) searches.push((await engine.findStart({})).search)
    await expect(engine.findNext({ search: searches[0]! })).rejects.toMatchObject({ code: "wrong-usage" })
    expect(await engine.findNext({ search: searches[16]! })).toMatchObject({ done: true })
  })

  it("stops with its caller", async () => {
    const { engine } = await holding(looping)
    const stop = new AbortController()
    const { search } = await engine.findStart({ examples: [{ args: "[5]", result: "1" }] })
    stop.abort()
    await expect(engine.findNext({ search }, { signal: stop.signal })).rejects.toMatchObject({ code: "cancelled" })
  })
})

describe("probe", () => {
  it("tells where two Mappings part", async () => {
    const { engine } = await storeInMemory()
    const [one, other] = [await published(engine, largestOf), await published(engine, lastOf)]
    const probed = await engine.probe({ digest: one.digest, against: other.mapping })
    expect(probed).toMatchObject({ mapping: one.mapping, against: other.mapping, skipped: [] })
    expect(probed.disagreements).toMatchObject([
      { kind: "values", args: "[[]]", here: { kind: "returned", value: "0" }, there: { kind: "returned", value: "-1" } }
    ])
    expect(probed.inputs).toBeGreaterThan(20)
  })

  it("finds nothing between a Module and itself", async () => {
    const { engine } = await storeInMemory()
    const one = await published(engine, sumOf)
    expect((await engine.probe({ digest: one.digest, against: one.digest })).disagreements).toEqual([])
  })

  it("leaves out what is stopped, and says why", async () => {
    const { engine } = await storeInMemory()
    const [one, other] = [await published(engine, doubling), await published(engine, looping)]
    const probed = await engine.probe({ digest: one.digest, against: other.digest })
    expect(probed.skipped).toEqual([{ mapping: other.mapping, why: expect.stringContaining("fuel") }])
  })

  it("refuses what may not run, and other parameters", async () => {
    const { engine } = await storeInMemory()
    const one = await published(engine, doubling)
    const other = await published(engine, sumOf)
    const pending = await engine.publish(looping)
    if (pending.kind !== "published") throw new Error(pending.kind)
    await expect(engine.probe({ digest: one.digest, against: pending.digest })).rejects.toMatchObject({ code: "not-permitted" })
    await expect(engine.probe({ digest: one.digest, against: other.digest })).rejects.toMatchObject({
      code: "wrong-usage",
      message: expect.stringContaining("the same parameters")
    })
  })
})
