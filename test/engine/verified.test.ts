/** The tier below the threshold: what it serves, what it refuses and why, and how feedback and other words teach it. */
import { describe, expect, it } from "vitest"
import type { ShippedCalibration } from "../../electron/engine/calibration.ts"
import type { Engine } from "../../electron/engine/engine.ts"
import { adding, letterEmbedder, published, storeInMemory, storeOnDisk } from "./opened.ts"

const { model } = letterEmbedder()

/** Enough right answers everywhere, or none. */
function calibrated(n: number, wrong = 0): ShippedCalibration {
  const bins = Array.from({ length: 43 }, (_, at) => ({ from: Math.round((0.4 + at * 0.02) * 100) / 100, passed: 1, n, wrong }))
  return { model: { id: model.id, digest: model.digest }, made: "for this test", weights: { texts: 1, found: {} }, bins }
}

const open = calibrated(400)
const example = { args: "[20 22]", result: "42" }
const asked = { instruction: "the sum of two numbers, please: add", interface: "(int, int) -> int" }

async function ask(engine: Engine, examples: readonly { args: string; result: string }[] = [example], more: object = {}) {
  return engine.lookup({ request: { ...asked, examples: [...examples] }, ...more })
}

describe("the verified tier", () => {
  it("serves what passes the caller's Examples, and says on what evidence", async () => {
    const { engine } = await storeInMemory({ calibration: open })
    const made = await published(engine)
    const answer = await ask(engine, [example], { args: "[1 2]" })
    expect(answer).toMatchObject({
      kind: "hit",
      mapping: made.mapping,
      tier: "verified",
      outcome: { value: "3" },
      allowed: { examples: 1, wrong: 0, falseHitMax: 0.01 },
      hit: expect.stringMatching(/^memory:\d+$/),
      explained: [
        { tier: "exact-text", outcome: "refused" },
        { tier: "similar", outcome: "refused" },
        { tier: "verified", outcome: "served", why: expect.stringMatching(/0 of \d+ judged answers were wrong: at most 0\.\d+ % \(95 %\)/) }
      ]
    })
    if (answer.kind === "hit") expect(answer.allowed?.upper).toBeLessThanOrEqual(0.01)
  })

  it.each<[string, ShippedCalibration | undefined, object, RegExp]>([
    ["without any evidence", undefined, {}, /closed: 0 of 0 judged/],
    ["with too many wrong ones", calibrated(400, 40), {}, /closed: \d+ of \d+ judged answers were wrong/],
    ["for a caller who allows no false Hit", open, { falseHitMax: 0 }, /closed/]
  ])("is closed %s, and keeps what it would have served", async (_, calibration, more, why) => {
    const { engine, store } = await storeInMemory(calibration === undefined ? {} : { calibration })
    const made = await published(engine)
    const answer = await ask(engine, [example], more)
    expect(answer).toMatchObject({
      kind: "miss",
      reason: "too-far",
      why: expect.stringMatching(why),
      shadow: { mapping: made.mapping, module: made.digest },
      candidates: [{ mapping: made.mapping, support: expect.any(Number), dropped: expect.stringMatching(why) }]
    })
    const [miss, shadow] = [...store.ports.hitLog.entries()].slice(-2)
    expect(miss).toMatchObject({ kind: "miss", missReason: "too-far" })
    expect(shadow).toMatchObject({
      kind: "shadow",
      hitNumber: miss?.number,
      examplesPassed: 1,
      support: expect.any(Number),
      module: made.digest
    })
    expect(store.counters.totals().hits).toBe(0)
  })

  it.each<[string, Parameters<Engine["publish"]>[0], { args: string; result: string }, RegExp]>([
    [
      "runs on and on",
      { ...adding, source: "(defn spin [n :int] :int (spin n)) (defn add [a :int b :int] :int (if (> a 9) (spin a) (+ a b)))" },
      example,
      /skipped on Example 1: .*(fuel|active calls|takes|recursion)/
    ],
    [
      "holds Examples of another domain",
      {
        request: { instruction: "add two things", interface: "(any, any) -> any" },
        source: "(defn add [a :any b :any] :any (str a b))",
        examples: [{ args: '["a" "b"]', result: '"ab"' }]
      },
      { args: "[1 2]", result: '"12"' },
      /outside the domain its Examples show: no Example has a number as argument 1/
    ]
  ])("refuses a Candidate that %s", async (_, draft, shown, why) => {
    const { engine } = await storeInMemory({ calibration: open })
    await published(engine, draft)
    const answer = await engine.lookup({ request: { ...asked, interface: draft.request.interface as string, examples: [shown] } })
    expect(answer).toMatchObject({ kind: "miss", reason: "too-far", candidates: [{ dropped: expect.stringMatching(why) }] })
    expect(answer).not.toHaveProperty("shadow")
  })

  it("refuses Pending Candidates", async () => {
    const { engine } = await storeInMemory({ calibration: open })
    await engine.publish(adding)
    expect(await ask(engine)).toMatchObject({
      kind: "miss",
      candidates: [{ verdict: "pending", dropped: expect.stringContaining("pending") }]
    })
  })

  it("refuses where a rival as likely answers otherwise, and says on which input", async () => {
    const { engine } = await storeInMemory({ calibration: open })
    await published(engine)
    await published(engine, {
      request: { instruction: "add two numbers or", interface: adding.request.interface },
      source: "(defn add [a :int b :int] :int (if (< b 0) 0 (+ a b)))",
      examples: adding.examples
    })
    expect(await ask(engine)).toMatchObject({
      kind: "miss",
      reason: "ambiguous",
      why: expect.stringMatching(/differs on \[/)
    })
  })

  it("takes no predecessor for a rival", async () => {
    const { engine } = await storeInMemory({ calibration: open })
    const first = await published(engine)
    const source = "(defn add [a :int b :int] :int (if (< b 0) 0 (+ a b)))"
    const second = await published(engine, {
      ...adding,
      request: { ...adding.request, instruction: "add two numbers: sum" },
      source,
      supersedes: [first.mapping]
    })
    expect(await ask(engine)).toMatchObject({ kind: "hit", mapping: second.mapping })
  })
})

describe("the other tiers", () => {
  it("serve nothing that fails the caller's Examples", async () => {
    const { engine } = await storeInMemory({ calibration: open })
    const made = await published(engine)
    const request = { ...adding.request, examples: [{ args: "[2 2]", result: "5" }] }
    expect(await engine.lookup({ request })).toMatchObject({
      kind: "miss",
      candidates: [{ mapping: made.mapping, dropped: "fails Example 1: [2 2] gives 4, not 5" }]
    })
    expect(await engine.lookup({ request: { ...request, examples: [{ args: "[2 2]", result: "4" }] } })).toMatchObject({
      kind: "hit",
      tier: "exact-text"
    })
    // The verified tier neither, and without Examples it names the nearest.
    for (const [shown, why] of [
      [{ args: "[20 22]", result: "43" }, /fails Example 1: \[20 22\] gives 42, not 43/],
      [{ args: "[1 2]", result: "4" }, /its own Example gives another result/]
    ] as const) {
      const answer = await ask(engine, [shown])
      expect(answer).toMatchObject({ kind: "miss", reason: "too-far", candidates: [{ dropped: expect.stringMatching(why) }] })
      expect(answer).not.toHaveProperty("shadow")
    }
    expect(await ask(engine, [])).toMatchObject({
      kind: "miss",
      candidates: [{ mapping: made.mapping, dropped: expect.stringContaining("no Example") }],
      explained: [{}, {}, { tier: "verified", why: "the caller gave no Examples" }]
    })
    await expect(ask(engine, [{ args: "20 22", result: "42" }])).rejects.toMatchObject({
      code: "wrong-usage",
      message: expect.stringContaining("Example 1")
    })
    await expect(ask(engine, [example, { args: "[ 20 22 ]", result: "43" }])).rejects.toMatchObject({
      code: "wrong-usage",
      message: expect.stringContaining("Examples 1 and 2 contradict each other")
    })
  })

  it("tell near wordings that mean different things apart", async () => {
    const { engine } = await storeInMemory()
    await published(engine, { ...adding, request: { ...adding.request, instruction: "subtract the first from the second" } })
    expect(await engine.lookup({ request: { ...adding.request, instruction: "subtract the second from the first" } })).toMatchObject({
      kind: "miss",
      reason: "too-far",
      why: expect.stringContaining("another order")
    })
  })
})

describe("feedback", () => {
  it("on shadow answers opens the tier, and on Hits closes it again", async () => {
    const { engine, store } = await storeInMemory()
    await published(engine)
    const terms = { falseHitMax: 0.6 }
    for (const words of ["sum of two numbers: add", "add up two numbers for me", "two numbers to add", "numbers, two, added"]) {
      const missed = await engine.lookup({ request: { ...asked, instruction: words, examples: [example] }, falseHitMax: 0 })
      if (missed.kind !== "miss" || missed.shadow === undefined) throw new Error(`expected a shadow answer: ${JSON.stringify(missed)}`)
      expect(await engine.feedback({ hit: missed.shadow.hit, right: true, note: "yes" })).toMatchObject({ right: true, calibrates: true })
    }
    expect((await store.calibration.own()).length).toBe(4)
    const hit = await engine.lookup({ request: { ...asked, instruction: "two numbers: add", examples: [example] }, ...terms })
    expect(hit).toMatchObject({ kind: "hit", tier: "verified", allowed: { n: 4, wrong: 0 } })
    if (hit.kind !== "hit") return
    for (const right of [true, false]) await engine.feedback({ hit: hit.hit, right })
    expect((await store.calibration.own()).map(one => one.right).sort()).toEqual([false, true, true, true, true])
    expect(await engine.lookup({ request: { ...asked, instruction: "two numbers: add", examples: [example] }, ...terms })).toMatchObject({
      kind: "miss"
    })
    const records = [...store.ports.ledger.records(0)].filter(({ entry }) => entry.kind === "feedback")
    expect(records.length).toBe(6)
    expect(records[0]?.entry.body).toMatchObject({ hit: { log: "memory" }, right: true, note: "yes", examples: 1 })
    expect((await engine.verify({ digest: hit.digest })).state).toBe("trusted")
  })

  it("is refused on what is no Hit, and where its form is wrong", async () => {
    const { engine } = await storeInMemory()
    await engine.lookup({ request: asked })
    for (const [hit, message] of [
      ["memory:999", "no log of this store holds memory:999"],
      ["elsewhere:1", "no log of this store holds"],
      ["memory:1", "is a miss: expected the hit of a Lookup"],
      ["12", "expected the hit of an answer"]
    ] as const)
      await expect(engine.feedback({ hit, right: true })).rejects.toMatchObject({
        code: "wrong-usage",
        message: expect.stringContaining(message)
      })
    await expect(engine.feedback({ hit: "memory:1", right: true, note: "x".repeat(2_001) })).rejects.toMatchObject({ code: "wrong-usage" })
  })

  it("is read back when the store is opened again", async () => {
    const store = await storeOnDisk()
    const first = await store.open()
    await published(first)
    const missed = await first.lookup({ request: { ...asked, instruction: "two numbers to add", examples: [example] }, falseHitMax: 0 })
    if (missed.kind !== "miss" || missed.shadow === undefined) throw new Error(JSON.stringify(missed))
    await first.close()
    const second = await store.open()
    expect(await second.feedback({ hit: missed.shadow.hit, right: false })).toMatchObject({ judged: { n: 1, wrong: 1 } })
    await second.close()
    const third = await store.open()
    expect(await third.feedback({ hit: missed.shadow.hit, right: true })).toMatchObject({ judged: { n: 1, wrong: 0 } })
    await third.close()
    const reader = await store.open({ readOnly: true })
    await expect(reader.feedback({ hit: missed.shadow.hit, right: true })).rejects.toMatchObject({ code: "store-read-only" })
  })
})

describe("other words", () => {
  it("for a Module are a Mapping of it, Pending until signed off, and judge what was withheld", async () => {
    const { engine, store } = await storeInMemory()
    const made = await published(engine)
    const words = "two numbers to add"
    await engine.lookup({ request: { ...asked, instruction: words, examples: [example] } })
    expect(await store.calibration.own()).toEqual([])
    const other = await engine.alias({ digest: made.digest, words })
    expect(other).toMatchObject({ kind: "published", digest: made.digest, of: made.mapping, verdict: { state: "pending" } })
    if (other.kind !== "published") return
    expect(other.mapping).not.toBe(made.mapping)
    expect(other.examples.length).toBe(adding.examples.length)
    const request = { instruction: words, interface: asked.interface }
    expect(await engine.lookup({ request })).toMatchObject({ kind: "miss", reason: "untrusted" })
    await engine.signOff({ digest: made.digest, mapping: other.mapping, signOff: { decision: "approve", note: "same" } })
    expect(await engine.lookup({ request })).toMatchObject({ kind: "hit", tier: "exact-text", mapping: other.mapping, digest: made.digest })
    expect(await store.calibration.own()).toMatchObject([{ right: true, passed: 1 }])
  })

  it("that another Module answers in the end judge a shadow answer wrong", async () => {
    const { engine, store } = await storeInMemory()
    await published(engine)
    const words = "two numbers to add"
    await engine.lookup({ request: { ...asked, instruction: words, examples: [example] } })
    await published(engine, {
      request: { instruction: words, interface: asked.interface },
      source: "(defn add [a :int b :int] :int (+ (abs a) (abs b)))",
      examples: [example]
    })
    expect(await store.calibration.own()).toMatchObject([{ right: false }])
  })

  it("do not inherit who gave the Examples, and are tried on the caller's own", async () => {
    const { engine } = await storeInMemory()
    const made = await published(engine, { ...adding, request: { ...adding.request, examples: [{ args: "[5 5]", result: "10" }] } })
    const other = await engine.alias({ digest: made.digest, words: "plus", examples: [{ args: "[2 3]", result: "5" }] })
    if (other.kind !== "published") throw new Error(other.kind)
    const { mappings } = await engine.show({ digest: made.digest, mapping: other.mapping })
    expect(mappings.find(({ digest }) => digest === other.mapping)?.mapping.examples.count).toBe(4)
    expect(
      await engine.alias({ digest: made.digest, mapping: made.mapping, words: "minus", examples: [{ args: "[2 3]", result: "-1" }] })
    ).toMatchObject({
      kind: "examples-failed"
    })
    await expect(engine.alias({ digest: "sha256:abcd", words: "x" })).rejects.toMatchObject({ code: "unknown-digest" })
    await engine.revoke({ what: made.mapping, reason: "wrong" })
    await expect(engine.alias({ digest: made.digest, mapping: made.mapping, words: "times" })).rejects.toMatchObject({
      code: "not-permitted"
    })
  })
})
