import { describe, expect, it } from "vitest"
import type { InputOf } from "../../shared/engine-contract.ts"
import { adding, published, storeInMemory } from "./opened.ts"

const spanless = expect.objectContaining({ severity: "error" })

describe("a Draft that is refused writes nothing:", () => {
  it.each<[string, Partial<InputOf<"publish">>, object]>([
    ["a Source that does not read", { source: "(defn add [a b] (+ a b)" }, { kind: "rejected", diagnostics: [spanless] }],
    [
      "an Example that fails",
      { examples: [{ args: "[1 2]", result: "4" }] },
      { kind: "examples-failed", examples: [{ position: 1, passed: false, expected: "4", outcome: { kind: "returned", value: "3" } }] }
    ],
    [
      "an Example that traps or loops for ever",
      { source: "(defn add [a :int b :int] :int (if (= a 0) 0 (add a b)))" },
      { kind: "examples-failed" }
    ],
    [
      "another Interface than the Request asks for",
      { request: { ...adding.request, interface: "(string) -> int" } },
      { kind: "rejected", diagnostics: [{ expected: "(:string) -> :int", found: "(:int, :int) -> :int" }] }
    ],
    ["an entry that is not exported", { entry: "nobody" }, { kind: "rejected", diagnostics: [{ found: "nobody" }] }]
  ])("%s", async (_, change, answer) => {
    const { engine, store } = await storeInMemory()
    const before = [store.ports.ledger.size, await blobs(store.ports)]
    expect(await engine.publish({ ...adding, ...change })).toMatchObject(answer)
    expect([store.ports.ledger.size, await blobs(store.ports)]).toEqual(before)
  })

  it.each<[string, Partial<InputOf<"publish">>, string]>([
    ["more than 256 KiB of Source", { source: `; ${"x".repeat(262_144)}` }, "limit-exceeded"],
    ["more than 1 MiB of Examples", { examples: [{ args: `["${"x".repeat(1_048_576)}"]`, result: "1" }] }, "limit-exceeded"],
    ["an Example whose literals are malformed", { examples: [{ args: "[1 2", result: "3" }] }, "wrong-usage"],
    ["Example arguments that are no vector", { examples: [{ args: "1", result: "3" }] }, "wrong-usage"],
    ["neither Source nor bytes", { source: undefined }, "wrong-usage"],
    ["words of nothing but space", { request: { instruction: "  " } }, "wrong-usage"],
    ["a namespace that does not end in a slash", { namespace: "acme" }, "wrong-usage"],
    ["a Mapping to supersede that is not here", { supersedes: ["0123456789abcdef"] }, "unknown-digest"],
    ["a key that is not here", { key: "0".repeat(64) as never }, "unknown-key"]
  ])("%s", async (_, change, code) => {
    const { engine, store } = await storeInMemory()
    const before = store.ports.ledger.size
    await expect(engine.publish({ ...adding, ...change })).rejects.toMatchObject({ code })
    expect([store.ports.ledger.size, await blobs(store.ports)]).toEqual([before, 0])
  })
})

describe("a Draft that is good", () => {
  it("is Pending with all evidence but a sign-off, and its Blobs and record are there", async () => {
    const { engine, store } = await storeInMemory()
    const answer = await engine.publish(adding)
    expect(answer).toMatchObject({
      kind: "published",
      already: false,
      verdict: { state: "pending" },
      examples: [{ passed: true }, { passed: true }]
    })
    if (answer.kind !== "published") return
    expect(answer.verdict.rules.filter(rule => rule.outcome === "missing" || rule.outcome === "fail").map(rule => rule.rule)).toEqual([
      "signed-off"
    ])
    const record = store.ports.ledger.read(store.ports.ledger.size - 1)
    expect(record.entry).toMatchObject({ kind: "published", body: { mapping: answer.mapping, typeText: "(:int, :int) -> :int" } })
    expect(record.entry.parts.map(part => part.kind)).toEqual(["attestation", "attestation", "attestation", "attestation", "embedding"])
    expect(await blobs(store.ports)).toBe(4)
    const shown = await engine.show({ digest: answer.digest })
    expect(shown.source).toBe(adding.source)
    expect(shown.examples).toEqual(adding.examples)
    expect(shown.attestations.map(one => one.ignored)).toEqual([null, null, null, null])
  })

  it("published again changes nothing and keeps its sign-off", async () => {
    const { engine, store } = await storeInMemory()
    const first = await published(engine)
    const size = store.ports.ledger.size
    expect(await engine.publish(adding)).toMatchObject({
      kind: "published",
      already: true,
      digest: first.digest,
      mapping: first.mapping,
      verdict: { state: "trusted" }
    })
    expect(store.ports.ledger.size).toBe(size)
  })

  it("takes its Interface from the entry where the Request names none, and marks the Request's Examples as the caller's", async () => {
    const { engine } = await storeInMemory()
    const answer = await engine.publish({
      request: { instruction: "twice", examples: [{ args: "[4]", result: "8" }] },
      source: "(defn twice [n :int] :int (* 2 n))",
      examples: [{ args: "[4]", result: "8" }]
    })
    if (answer.kind !== "published") throw new Error(answer.kind)
    const shown = await engine.show({ digest: answer.digest })
    expect(shown.mappings[0]?.mapping.interface.canonical).toBe("(interface 1 [:fn [:int] :int] [])")
    expect(shown.examples).toEqual([{ args: "[4]", result: "8", origin: "caller" }])
  })

  it("answers several Tasks, and has to be named with one of them then", async () => {
    const { engine } = await storeInMemory()
    const sum = await published(engine)
    const other = await engine.publish({ ...adding, request: { ...adding.request, instruction: "the total of two counts" } })
    if (other.kind !== "published") throw new Error(other.kind)
    expect(other.digest).toBe(sum.digest)
    await expect(engine.run({ digest: sum.digest, args: "[1 2]" })).rejects.toMatchObject({
      code: "ambiguous-mapping",
      details: { mappings: [{ mapping: sum.mapping }, { mapping: other.mapping }] }
    })
    expect(await engine.run({ digest: sum.digest, task: "add  two numbers ", args: "[1 2]" })).toMatchObject({
      review: false,
      outcome: { value: "3" }
    })
    await expect(engine.run({ digest: sum.digest, mapping: other.mapping, args: "[1 2]" })).rejects.toMatchObject({ code: "not-permitted" })
    expect(await engine.run({ digest: sum.digest, mapping: other.mapping, args: "[1 2]", review: true })).toMatchObject({
      review: true,
      verdict: "pending",
      outcome: { value: "3" }
    })
  })
})

describe("a foreign Module of plain bytes", () => {
  // (module (func (export "twice") (param i64) (result i64) local.get 0 i64.const 2 i64.mul))
  const twice = Uint8Array.from([
    0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 126, 1, 126, 3, 2, 1, 0, 7, 9, 1, 5, 116, 119, 105, 99, 101, 0, 0, 10, 9, 1, 7, 0, 32, 0,
    66, 2, 126, 11
  ])
  // The same with (import "env" "f" (func))
  const importing = Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, 9, 1, 3, 101, 110, 118, 1, 102, 0, 0])

  it("is published, signed off and run", async () => {
    const { engine } = await storeInMemory()
    const made = await published(engine, {
      request: { instruction: "twice a number" },
      wasm: new Blob([twice]),
      examples: [{ args: "[21]", result: "42" }]
    })
    expect(await engine.run({ digest: made.digest, args: "[4]" })).toMatchObject({
      verdict: "trusted",
      outcome: { kind: "returned", value: "8" }
    })
    expect((await engine.disassemble({ digest: made.digest })).text).toContain("i64.mul")
  })

  it.each([
    ["that imports something", importing, "forbidden-import"],
    ["that is no module", Uint8Array.from([1, 2, 3]), "invalid-module"],
    ["too large", new Uint8Array(1_048_577), "too-large"]
  ])("is refused %s", async (_, bytes, reason) => {
    const { engine, store } = await storeInMemory()
    const before = store.ports.ledger.size
    expect(await engine.publish({ request: { instruction: "x" }, wasm: new Blob([bytes]), examples: [] })).toMatchObject({
      kind: "refused",
      outcome: { kind: "rejected", reason }
    })
    expect(store.ports.ledger.size).toBe(before)
  })
})

async function blobs(ports: Awaited<ReturnType<typeof storeInMemory>>["store"]["ports"]): Promise<number> {
  let count = 0
  for await (const _ of ports.blobs.list()) count++
  return count
}
