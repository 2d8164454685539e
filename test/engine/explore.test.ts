import { hash } from "node:crypto"
import { describe, expect, it } from "vitest"
import { adding, published, storeInMemory } from "./opened.ts"

const reversing = {
  request: { instruction: "reverse a vector", interface: "([:vector int]) -> [:vector int]" },
  source: "(defn back [items : [:vector :int]] : [:vector :int] (reverse items))",
  examples: [{ args: "[[1 2 3]]", result: "[3 2 1]" }]
}

const identical = {
  request: { instruction: "give back what is given", interface: "(string) -> string" },
  source: "(defn same [text :string] :string text)",
  examples: [{ args: '["a"]', result: '"a"' }]
}

async function filled() {
  const made = await storeInMemory()
  const add = await published(made.engine)
  const back = await published(made.engine, reversing)
  const same = await made.engine.publish(identical)
  if (same.kind !== "published") throw new Error(same.kind)
  return { ...made, add, back, same }
}

const tasks = (answer: { rows: readonly { task: string }[] }) => answer.rows.map(row => row.task)

describe("find", () => {
  it("ranks by words and says why", async () => {
    const { engine } = await filled()
    const { rows } = await engine.find({ words: "reverse" })
    expect(rows[0]).toMatchObject({
      task: "reverse a vector",
      verdict: "trusted",
      why: expect.arrayContaining(["shares the words reverse"])
    })
    expect(rows[0]?.similarity).toBeGreaterThan(0.5)
  })

  it.each([
    ["an exact TYPE", { type: "(int, int) -> int" }, ["add two numbers"]],
    ["a variable that stands for one type", { type: "(?a) -> ?a" }, ["give back what is given", "reverse a vector"]],
    ["a variable inside a type", { type: "([:vector ?a]) -> [:vector ?a]" }, ["reverse a vector"]],
    ["two variables", { type: "(?a, ?b) -> ?a" }, ["add two numbers"]],
    ["effects that none has", { type: '(?a) -> ?b ! ["kv.get"]' }, []],
    ["a Verdict", { verdict: "pending" as const }, ["give back what is given"]],
    ["words and a TYPE together", { words: "numbers", type: "(?a) -> ?a" }, ["reverse a vector", "give back what is given"]]
  ])("narrows by %s", async (_, input, expected) => {
    const { engine } = await filled()
    expect(tasks(await engine.find(input)).sort()).toEqual([...expected].sort())
  })

  it("keeps what answers the Examples, and runs only what is trusted", async () => {
    const { engine } = await filled()
    const { rows } = await engine.find({ examples: [{ args: "[20 22]", result: "42" }] })
    expect(rows.map(row => [row.task, row.why?.at(-1)])).toEqual([["add two numbers", "answers 1 of 1 Examples"]])
    const pending = await engine.find({ examples: [{ args: '["x"]', result: '"x"' }] })
    expect(pending).toMatchObject({
      rows: [],
      tried: 0,
      skipped: [{ task: "give back what is given", why: "pending: it runs in review only" }]
    })
  })

  it("refuses a malformed TYPE with its position", async () => {
    const { engine } = await filled()
    await expect(engine.find({ type: "(int -> int" })).rejects.toMatchObject({
      code: "wrong-usage",
      message: expect.stringContaining("at character")
    })
  })
})

describe("list, review and show", () => {
  it("list pages newest first, narrowed by Verdict", async () => {
    const { engine } = await filled()
    const first = await engine.list({ limit: 2 })
    expect([tasks(first), first.total, first.next]).toEqual([["give back what is given", "reverse a vector"], 3, 2])
    const second = await engine.list({ limit: 2, cursor: 2 })
    expect([tasks(second), second.next]).toEqual([["add two numbers"], null])
    expect(tasks(await engine.list({ verdict: "trusted" }))).toEqual(["reverse a vector", "add two numbers"])
  })

  it("review holds what is Pending, until it is refused or accepted", async () => {
    const { engine, same } = await filled()
    expect(tasks(await engine.review({}))).toEqual(["give back what is given"])
    await engine.signOff({ digest: same.digest, signOff: { decision: "reject", note: "says nothing" } })
    expect(tasks(await engine.review({}))).toEqual([])
    expect((await engine.list({ verdict: "untrusted" })).rows).toMatchObject([{ task: "give back what is given" }])
    await expect(engine.run({ digest: same.digest, args: '["x"]', review: true })).rejects.toMatchObject({ code: "not-permitted" })
  })

  it("blob hands out a Module by prefix and any other Blob by its whole Digest, and nothing else", async () => {
    const { engine, add } = await filled()
    const module = Buffer.from(await (await engine.blob({ digest: add.digest.slice(7, 20) })).arrayBuffer())
    expect(`sha256:${hash("sha256", module)}`).toBe(add.digest)
    const source = (await engine.show({ digest: add.digest })).mappings[0]?.mapping.source
    expect(await (await engine.blob({ digest: source!.digest })).text()).toContain("defn add")
    await expect(engine.blob({ digest: `sha256:${"0".repeat(64)}` })).rejects.toMatchObject({ code: "unknown-digest" })
  })

  it("show names signers, keeps what was signed, and says which Mapping supersedes which", async () => {
    const { engine, add } = await filled()
    const next = await engine.publish({ ...adding, source: "(defn add [a :int b :int] :int (+ b a))", supersedes: [add.digest] })
    if (next.kind !== "published") throw new Error(next.kind)
    const shown = await engine.show({ digest: add.digest.slice(7, 20) })
    expect(shown.mappings).toMatchObject([{ digest: add.mapping, verdict: { state: "trusted" }, supersededBy: [next.mapping] }])
    expect(new Set(shown.attestations.map(one => one.owner))).toEqual(new Set(["tester"]))
    expect(JSON.parse(shown.attestations[0]!.statement)._type).toBe("https://in-toto.io/Statement/v1")
    expect((await engine.disassemble({ digest: add.mapping })).text).toContain("(module")
  })
})

it("status says what is open", async () => {
  const { engine } = await filled()
  expect(await engine.status({})).toMatchObject({
    readOnly: false,
    preset: "solo",
    modules: 3,
    pending: 1,
    unprotectedKeys: 5,
    lockedKeys: 0,
    root: { version: 1 }
  })
})
