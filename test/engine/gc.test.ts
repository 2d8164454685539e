import fs from "node:fs"
import path from "node:path"
import { describe, expect, it } from "vitest"
import { walkBlobs } from "../../electron/engine/named-blobs.ts"
import { hexOf } from "../../shared/digest.ts"
import { adding, published, storeInMemory, storeOnDisk } from "./opened.ts"
import { samplePublished, textBytes } from "./scratch.ts"

const twice = {
  request: { instruction: "twice a number", interface: "(int) -> int" },
  source: "(defn twice [n :int] :int (* 2 n))",
  examples: [{ args: "[1]", result: "2" }]
}
const twoDaysAgo = (Date.now() - 2 * 86_400_000) / 1_000

async function diskStore() {
  const { store, open } = await storeOnDisk()
  const blobs = path.join(store, "oci", "blobs", "sha256")
  const plant = (name: string, old: boolean) => {
    const file = path.join(store, "oci", name)
    fs.writeFileSync(file, "nobody names me")
    if (old) fs.utimesSync(file, twoDaysAgo, twoDaysAgo)
    return file
  }
  return { store, open, blobs, plant }
}

describe("gc", () => {
  it("removes what no record names and is old enough, says how much, and touches nothing else", async () => {
    const { open, blobs, plant } = await diskStore()
    const engine = await open()
    const made = await published(engine)
    const named = fs.readdirSync(blobs)
    for (const name of named) fs.utimesSync(path.join(blobs, name), twoDaysAgo, twoDaysAgo)
    const old = plant(`blobs/sha256/${"a".repeat(64)}`, true)
    const young = plant(`blobs/sha256/${"b".repeat(64)}`, false)
    const foreign = plant("blobs/sha256/README", true)
    const unfinished = plant("tmp/77-left", true)
    const dry = await engine.gc({ dryRun: true })
    expect(dry).toMatchObject({ removedBlobs: 1, removedBytes: 15, youngBlobs: 1, youngBytes: 15, temporary: 1, dryRun: true })
    expect(dry.blobs).toBe(named.length + 2)
    for (const file of [old, young, foreign, unfinished]) expect(fs.existsSync(file)).toBe(true)
    expect(await engine.gc({})).toMatchObject({ removed: [{ digest: `sha256:${"a".repeat(64)}`, bytes: 15 }], temporary: 1 })
    expect([old, unfinished].map(file => fs.existsSync(file))).toEqual([false, false])
    expect([young, foreign].map(file => fs.existsSync(file))).toEqual([true, true])
    expect(fs.readdirSync(blobs)).toEqual(expect.arrayContaining(named))
    expect(await engine.lookup({ request: adding.request, args: "[3 4]" })).toMatchObject({ kind: "hit", digest: made.digest })
    expect((await engine.audit({})).findings.map(finding => finding.code).sort()).toEqual(
      expect.arrayContaining(["blob-orphan", "file-foreign"])
    )
  })

  it("leaves what this process put a moment ago: its record may be on the way", async () => {
    const { open, blobs, plant } = await diskStore()
    const before = plant(`blobs/sha256/${"a".repeat(64)}`, false)
    await new Promise(resolve => setTimeout(resolve, 300))
    const engine = await open()
    const during = plant(`blobs/sha256/${"b".repeat(64)}`, false)
    expect(await engine.gc({ olderThanHours: 0 })).toMatchObject({ removedBlobs: 1, youngBlobs: 1 })
    expect([before, during].map(file => fs.existsSync(file))).toEqual([false, true])
    expect(fs.readdirSync(blobs)).toHaveLength(1)
  })

  it("never takes an orphan that is put again meanwhile", async () => {
    const { store } = await storeInMemory()
    const { blobs } = store.ports
    const [digest] = await blobs.put([textBytes("an orphan")])
    expect(await blobs.delete(digest!, -1)).toBe(false)
    expect(blobs.has(digest!)).toBe(true)
    expect(await blobs.delete(digest!, Date.now())).toBe(true)
  })

  it("removes nothing where a record cannot be read, and nothing for a reader", async () => {
    const { store, open, plant } = await diskStore()
    const engine = await open()
    await published(engine)
    const reader = await open({ readOnly: true })
    await expect(reader.gc({})).rejects.toMatchObject({ code: "store-read-only" })
    expect((await reader.gc({ dryRun: true })).dryRun).toBe(true)
    const orphan = plant(`blobs/sha256/${"a".repeat(64)}`, true)
    const segment = path.join(store, "ledger", "00000001.log")
    const bytes = fs.readFileSync(segment)
    bytes[bytes.length >> 1]! ^= 1
    fs.writeFileSync(segment, bytes)
    await expect(engine.gc({})).rejects.toMatchObject({ code: "ledger-damaged" })
    expect(fs.existsSync(orphan)).toBe(true)
  })

  it("stops where it is cancelled", async () => {
    const { engine } = await storeInMemory()
    await expect(engine.gc({}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" })
  })
})

describe("which Blobs count as named", () => {
  const named = async (store: Awaited<ReturnType<typeof storeInMemory>>["store"]) => walkBlobs(store.ports.ledger, async () => {})

  it("those of an import that was never closed do not, once something follows; while it is written they do", async () => {
    const { store } = await storeInMemory()
    const { ledger } = store.ports
    const sample = samplePublished({ text: "in a group" })
    const group = ledger.size
    await ledger.append({ ...sample.draft, group })
    const open = await named(store)
    expect([open.named.has(sample.claim.module.digest), open.deadGroups]).toEqual([true, []])
    await ledger.append({ kind: "repaired", body: {}, parts: [] })
    const dead = await named(store)
    expect([dead.named.has(sample.claim.module.digest), dead.deadGroups]).toEqual([false, [{ first: group, records: 1 }]])
    open.named.catchUp()
    expect(open.named.has(sample.claim.module.digest)).toBe(false)
    await ledger.append(samplePublished({ text: "in a group" }).draft)
    expect((await named(store)).named.has(sample.claim.module.digest)).toBe(true)
  })

  it("those of an evicted Mapping do, unless they were to go, and again once it is published again", async () => {
    const { store } = await storeInMemory()
    const { ledger } = store.ports
    const sample = samplePublished({ text: "evicted" })
    const { digest } = sample.claim.module
    const evicted = (blobs: boolean) => ledger.append({ kind: "evicted", body: { mapping: sample.mapping, reason: "r", blobs }, parts: [] })
    await ledger.append(sample.draft)
    await evicted(false)
    expect((await named(store)).named.has(digest)).toBe(true)
    await evicted(true)
    expect((await named(store)).named.has(digest)).toBe(false)
    await ledger.append(sample.draft)
    expect((await named(store)).named.has(digest)).toBe(true)
  })
})

describe("evict", () => {
  it("takes a Mapping out of Lookup and lists, keeps its record, and brings it back when it is published again", async () => {
    const { open } = await diskStore()
    const engine = await open()
    const made = await published(engine)
    const other = await published(engine, twice)
    const gone = await engine.evict({ digest: made.digest, reason: "nobody asks" })
    expect(gone).toMatchObject({ mapping: made.mapping, removed: [] })
    expect(await engine.lookup({ request: adding.request })).toMatchObject({ kind: "miss" })
    expect((await engine.list({})).rows.map(row => row.mapping)).toEqual([other.mapping])
    await expect(engine.run({ digest: made.mapping, args: "[1 2]" })).rejects.toMatchObject({ code: "unknown-digest" })
    expect((await engine.audit({})).findings).toEqual([])
    expect((await engine.ledger({ limit: 1 })).lines).toMatchObject([{ kind: "evicted", body: { reason: "nobody asks", blobs: false } }])
    const back = await engine.publish(adding)
    expect(back).toMatchObject({ kind: "published", mapping: made.mapping })
    expect(await engine.lookup({ request: adding.request, args: "[3 4]" })).toMatchObject({ kind: "hit", mapping: made.mapping })
  })

  it("removes the Blobs that nothing else names, in the next process at once, and Audit does not miss them", async () => {
    const { open, blobs } = await diskStore()
    const first = await open()
    const made = await published(first)
    const other = await published(first, twice)
    const before = fs.readdirSync(blobs).length
    await first.close()
    const engine = await open()
    const { removed } = await engine.evict({ digest: made.mapping, reason: "space", blobs: true })
    // Module, Source and Examples; the runtime serves the other one too.
    expect(removed).toHaveLength(3)
    expect(removed).toContain(made.digest)
    expect(fs.readdirSync(blobs)).toHaveLength(before - 3)
    expect(fs.existsSync(path.join(blobs, hexOf(other.digest)))).toBe(true)
    expect((await engine.audit({})).findings).toEqual([])
    expect(await engine.lookup({ request: twice.request, args: "[4]" })).toMatchObject({ kind: "hit" })
  })

  it("is undone by an import that holds the Mapping", async () => {
    const { store, open } = await diskStore()
    const engine = await open()
    const made = await published(engine)
    const target = path.join(store, "..", "bundle")
    await engine.exportBundle({ all: true, target })
    await engine.evict({ digest: made.mapping, reason: "space", blobs: true })
    expect((await engine.importBundle({ path: target })).mappings).toMatchObject([{ standing: "new", written: true }])
    expect(await engine.lookup({ request: adding.request, args: "[3 4]" })).toMatchObject({ kind: "hit", mapping: made.mapping })
    expect((await engine.audit({})).findings).toEqual([])
  })

  it("refuses while something that stays imports the Module", async () => {
    const { engine } = await storeInMemory()
    const made = await published(engine, {
      request: { instruction: "double a number" },
      source: "(module num.base (:exports [double]) (defn double [n :int] :int (* 2 n)))",
      examples: [{ args: "[2]", result: "4" }]
    })
    await published(engine, {
      request: { instruction: "four times a number" },
      source: "(import num.base :as b) (defn four [n :int] :int (b/double (b/double n)))",
      examples: [{ args: "[2]", result: "8" }],
      imports: [{ name: "num.base", digest: made.digest }]
    })
    await expect(engine.evict({ digest: made.digest, reason: "r" })).rejects.toMatchObject({ code: "not-permitted" })
  })
})
