/** A Run under way ends when its Mapping is revoked: in the process that revokes, and in one that follows the Ledger. */
import { describe, expect, it } from "vitest"
import type { Engine } from "../../electron/engine/engine.ts"
import { adding, storeInMemory, storeOnDisk } from "./opened.ts"

const spinning = {
  request: { instruction: "count up to a number", interface: "(int, int) -> int" },
  source: "(defn count-up [i :int n :int] :int (if (< i n) (count-up (+ i 1) n) i))",
  examples: [{ args: "[0 3]", result: "3" }]
}
/** Far more turns than the test will wait for. */
const endless = { args: "[0 1000000000000]", limits: { fuelMax: 1_000_000_000_000, timeoutMs: 600_000 } }

async function trusted(engine: Engine, draft: typeof spinning) {
  const published = await engine.publish(draft)
  if (published.kind !== "published") throw new TypeError(`expected it to be published, found ${JSON.stringify(published)}`)
  await engine.signOff({ digest: published.mapping, signOff: { decision: "approve", note: "" } })
  return published.mapping
}

const stopped = (mapping: string) => ({
  code: "not-permitted",
  message: expect.stringContaining("stopped"),
  details: { mapping, state: "untrusted" }
})

describe("a Run of what is revoked", () => {
  it("is stopped where it was run by name and where a Lookup ran it, and nothing else is", async () => {
    const { engine } = await storeInMemory()
    const mapping = await trusted(engine, spinning)
    const other = await trusted(engine, adding)
    const runs = Promise.allSettled([engine.run({ digest: mapping, ...endless }), engine.lookup({ request: spinning.request, ...endless })])
    await new Promise(resolve => setTimeout(resolve, 200))
    await engine.revoke({ what: other, reason: "wrong" })
    expect(await Promise.race([runs, new Promise(resolve => setTimeout(resolve, 200, "still running"))])).toBe("still running")
    await engine.revoke({ what: mapping, reason: "harmful" })
    for (const run of await runs) expect(run).toMatchObject({ status: "rejected", reason: stopped(mapping) })
    await expect(engine.run({ digest: mapping, args: "[0 3]" })).rejects.toMatchObject({ code: "not-permitted" })
  })

  it("is stopped in a process that reads beside the one that revokes", async () => {
    const { open } = await storeOnDisk()
    const writer = await open()
    const mapping = await trusted(writer, spinning)
    const reader = await open({ readOnly: true })
    const run = reader.run({ digest: mapping, ...endless })
    run.catch(() => {})
    await writer.revoke({ what: mapping, reason: "harmful" })
    await expect(run).rejects.toMatchObject(stopped(mapping))
  })

  it("still ends as its caller's when the caller gives up", async () => {
    const { engine } = await storeInMemory()
    const mapping = await trusted(engine, spinning)
    const caller = new AbortController()
    const run = engine.run({ digest: mapping, ...endless }, { signal: caller.signal })
    run.catch(() => {})
    await new Promise(resolve => setTimeout(resolve, 100))
    caller.abort()
    await expect(run).rejects.toMatchObject({ code: "cancelled" })
  })
})

describe("the difference to what is superseded", () => {
  it("shows Interface, Source, behaviour on the Examples of both, and fuel", async () => {
    const { engine } = await storeInMemory()
    const before = await trusted(engine, adding)
    const published = await engine.publish({
      ...adding,
      source: "(defn add [a :int b :int] :int (if (= a 7) 0 (reduce + 0 [a b])))",
      examples: [{ args: "[7 1]", result: "0" }],
      supersedes: [before]
    })
    if (published.kind !== "published") throw new TypeError("expected it to be published")
    const difference = await engine.difference({ digest: published.mapping })
    expect(difference).toMatchObject({
      mapping: published.mapping,
      against: before,
      interface: { before: difference.interface.after },
      source: { before: adding.source, after: expect.stringContaining("(= a 7)") },
      examplesInAll: 3,
      examples: [
        { args: "[7 1]", same: false, before: { kind: "returned", value: "8" }, after: { kind: "returned", value: "0" } },
        { args: "[1 2]", same: true },
        { args: "[-1 1]", same: true }
      ]
    })
    expect(difference.fuel.after).toBeGreaterThan(difference.fuel.before!)
    await expect(engine.difference({ digest: before })).rejects.toMatchObject({ code: "wrong-usage" })
    await engine.revoke({ what: before, reason: "wrong" })
    const without = await engine.difference({ digest: published.mapping })
    expect(without.examples.map(one => [one.before, one.same])).toEqual([
      [null, false],
      [null, false],
      [null, false]
    ])
  })
})
