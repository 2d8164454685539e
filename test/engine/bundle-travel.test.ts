/** What a Bundle carries beside one Module: volumes, imports, vectors of another model, newer roots and revocations, consistency from export to export. */
import { createHash } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import { describe, expect, it } from "vitest"
import { createBundleFiles } from "../../electron/engine/adapters/bundle-reader.ts"
import { peekAttestation } from "../../electron/engine/core/attestation.ts"
import { digestOf } from "../../electron/engine/core/digest.ts"
import { bundleLimits } from "../../electron/engine/core/oci.ts"
import type { Engine } from "../../electron/engine/engine.ts"
import { exportBundle } from "../../electron/engine/export.ts"
import type { Embedder } from "../../electron/engine/ports.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { predicateTypes } from "../../shared/trust.ts"
import { adding, letterEmbedder, published, storeInMemory, storeOnDisk } from "./opened.ts"
import { scratchFolder, textBytes } from "./scratch.ts"

const target = (name = "b.tar") => path.join(scratchFolder(), name)
const rootOf = async (engine: Engine) => (await engine.root({})).own?.fingerprints.at(-1) ?? ""
const plus = (number: number) => ({
  request: { instruction: `add ${number} to a number`, interface: "(int) -> int" },
  source: `(defn add${number} [n :int] :int (+ n ${number}))`,
  examples: [{ args: "[1]", result: String(number + 1) }]
})

async function failureOf(promise: Promise<unknown>): Promise<EngineFailure> {
  const failure = await promise.then(
    () => null,
    (error: unknown) => error
  )
  if (!(failure instanceof EngineFailure)) throw new Error(`expected a failure of the engine, found ${String(failure)}`)
  return failure
}

/** Every file below a folder with its bytes' SHA-256. */
function snapshot(folder: string): Record<string, string> {
  const files = fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter(one => one.isFile())
  return Object.fromEntries(
    files.map(one => {
      const file = path.join(one.parentPath, one.name)
      return [path.relative(folder, file), createHash("sha256").update(fs.readFileSync(file)).digest("hex")]
    })
  )
}

describe("volumes", () => {
  it("are as many as the Modules need, each complete in itself, under one checkpoint, and all of them bring everything", async () => {
    const { engine, store } = await storeInMemory()
    const base = await published(engine, plus(1))
    for (const number of [2, 3, 4, 5]) await published(engine, plus(number))
    const place = target("all.tar")
    const answer = await engine.exportBundle({ all: true, target: place, volumeModules: 2 })
    expect(answer).toMatchObject({ modules: 5, mappings: 5 })
    expect(answer.volumes.map(one => path.basename(one.path))).toEqual(["all.001.tar", "all.002.tar", "all.003.tar"])
    expect(answer.volumes.map(one => one.modules)).toEqual([2, 2, 1])
    expect(fs.existsSync(place)).toBe(false)
    const other = (await storeInMemory()).engine
    const trustRoot = await rootOf(engine)
    const taken = []
    for (const volume of answer.volumes) {
      const report = await other.importBundle({ path: volume.path, trustRoot })
      expect(report.ledgers.map(ledger => ledger.size)).toEqual([answer.checkpoint.size])
      taken.push(...report.mappings.filter(row => row.written).map(row => row.digest))
    }
    expect(taken).toHaveLength(5)
    expect(taken).toContain(base.digest)
    expect([...store.ports.ledger.records(0)].filter(({ entry }) => entry.kind === "exported")).toHaveLength(3)
  })

  it("are halved where one outgrows what an import takes, and none stays where one cannot be written", async () => {
    const { engine, store } = await storeInMemory()
    for (const number of [1, 2, 3, 4]) await published(engine, plus(number))
    const limited = (entriesMax: number) => ({
      ...store,
      ports: { ...store.ports, bundles: createBundleFiles({ ...bundleLimits, entriesMax }) }
    })
    const place = target("all.tar")
    const answer = await exportBundle({ all: true, target: place }, limited(70))
    expect(answer.volumes.map(one => one.modules)).toEqual([2, 2])
    const another = target("none.tar")
    const failure = await failureOf(exportBundle({ all: true, target: another }, limited(20)))
    expect(failure).toMatchObject({ code: "limit-exceeded", details: { limit: 20 } })
    expect(fs.readdirSync(path.dirname(another))).toEqual([])
  })
})

describe("an import of a Module that imports others", () => {
  it("brings them along, so that it is rebuilt and trusted there", async () => {
    const { engine } = await storeInMemory()
    const inner = await published(engine, {
      request: { instruction: "double a number", interface: "(int) -> int" },
      source: "(module lib.twice (:exports [twice]) (defn twice [n :int] :int (+ n n)))",
      examples: [{ args: "[2]", result: "4" }]
    })
    const middle = await published(engine, {
      request: { instruction: "four times a number", interface: "(int) -> int" },
      source: "(module lib.four (:exports [four]) (import lib.twice :as t) (defn four [n :int] :int (t/twice (t/twice n))))",
      imports: [{ name: "lib.twice", digest: inner.digest }],
      examples: [{ args: "[2]", result: "8" }]
    })
    const outer = await published(engine, {
      request: { instruction: "eight times a number", interface: "(int) -> int" },
      source: "(module lib.eight (:exports [eight]) (import lib.four :as f) (defn eight [n :int] :int (* 2 (f/four n))))",
      imports: [{ name: "lib.four", digest: middle.digest }],
      examples: [{ args: "[2]", result: "16" }]
    })
    const place = target()
    expect(await engine.exportBundle({ digests: [outer.digest], target: place })).toMatchObject({ modules: 3 })
    const other = (await storeInMemory()).engine
    const report = await other.importBundle({ path: place, trustRoot: await rootOf(engine) })
    expect(report.counts).toEqual({ trusted: 3, pending: 0, untrusted: 0 })
    const rules = (await other.verify({ digest: outer.digest })).rules
    expect(rules.find(rule => rule.rule === "reproducible")).toMatchObject({ outcome: "pass" })
    const hit = await other.lookup({ request: { instruction: "eight times a number", interface: "(int) -> int" }, args: "[3]" })
    expect(hit).toMatchObject({ kind: "hit", outcome: { value: "24" } })
  })
})

describe("vectors of another model", () => {
  /** The letters again, under another name: other vectors to whoever compares models. */
  const otherModel = (): Embedder => ({
    ...letterEmbedder(),
    model: { ...letterEmbedder().model, id: "others", digest: digestOf(textBytes("others")) }
  })
  const near = { instruction: "ADD TWO NUMBERS", interface: "(int, int) -> int" }

  async function exportedElsewhere() {
    const { engine } = await storeInMemory({ embedder: otherModel() })
    const { digest, mapping } = await published(engine)
    const place = target()
    await engine.exportBundle({ digests: [digest], target: place })
    return { place, mapping, trustRoot: await rootOf(engine) }
  }

  it("stay as evidence, and our Publisher embeds the words here", async () => {
    const { place, mapping, trustRoot } = await exportedElsewhere()
    const { engine, store } = await storeInMemory()
    expect((await engine.importBundle({ path: place, trustRoot, dryRun: true })).notes.join()).toMatch(
      /without a vector of the model letters/
    )
    const report = await engine.importBundle({ path: place, trustRoot })
    expect(report.notes.join()).toMatch(/1 Mappings came without a vector of the model letters: they were embedded here/)
    expect(await engine.lookup({ request: near, args: "[2 3]" })).toMatchObject({ kind: "hit", tier: "similar" })
    const models = store.trust.attestationsOf(mapping).flatMap(({ bytes }) => {
      const statement = peekAttestation(bytes)?.statement
      return statement?.predicateType === predicateTypes.embedding ? [(statement.predicate.model as { id: string }).id] : []
    })
    expect(models).toEqual(["others", "letters"])
    const size = store.ports.ledger.size
    await engine.importBundle({ path: place })
    expect(store.ports.ledger.size).toBe(size)
  })

  it("leave equal words only while the Publisher's key is locked, and the report says so", async () => {
    const { place, trustRoot } = await exportedElsewhere()
    const { engine, store } = await storeInMemory()
    await engine.protectKeys({ passphrase: "a long enough passphrase" })
    await engine.unlock({ passphrase: "a long enough passphrase" })
    await engine.importBundle({ path: place, trustRoot, dryRun: true })
    const only = store.ports.keyring.list().filter(key => key.purpose !== "publisher")
    store.ports.keyring.lock()
    for (const { id } of only) await engine.unlock({ passphrase: "a long enough passphrase", key: id })
    const report = await engine.importBundle({ path: place, trustRoot })
    expect(report.mappings).toMatchObject([{ written: true, verdict: { state: "trusted" } }])
    expect(report.notes.join()).toMatch(/1 of them answer equal words only/)
    expect((await engine.lookup({ request: near })).kind).toBe("miss")
    expect((await engine.lookup({ request: adding.request })).kind).toBe("hit")
    await engine.unlock({ passphrase: "a long enough passphrase" })
    expect((await engine.importBundle({ path: place })).notes.join()).toMatch(/they were embedded here/)
    expect((await engine.lookup({ request: near })).kind).toBe("hit")
  })
})

describe("from export to export", () => {
  it("a consistency proof shows that the Ledger only grew, and one that starts elsewhere is asked for by its size", async () => {
    const { engine } = await storeInMemory()
    const folder = scratchFolder()
    const place = (name: string) => path.join(folder, name)
    await published(engine, plus(1))
    const first = await engine.exportBundle({ all: true, target: place("1.tar") })
    const { engine: other } = await storeInMemory()
    const trustRoot = await rootOf(engine)
    expect((await other.importBundle({ path: place("1.tar"), trustRoot })).ledgers).toMatchObject([{ standing: "first" }])
    await published(engine, plus(2))
    await engine.exportBundle({ all: true, target: place("2.tar") })
    await published(engine, plus(3))
    await engine.exportBundle({ all: true, target: place("3.tar") })
    const skipped = await other.importBundle({ path: place("3.tar"), dryRun: true })
    expect(skipped.ledgers).toMatchObject([{ standing: "unproven", ask: first.checkpoint.size }])
    expect(skipped.notes.join()).toContain(`--consistent-with ${first.checkpoint.size}`)
    await engine.exportBundle({ all: true, target: place("4.tar"), consistentWith: first.checkpoint.size })
    expect((await other.importBundle({ path: place("4.tar") })).ledgers).toMatchObject([{ standing: "consistent" }])
    expect((await other.importBundle({ path: place("2.tar") })).ledgers).toMatchObject([{ standing: "older" }])
    expect((await other.importBundle({ path: place("2.tar") })).notes.join()).toMatch(/older Bundle/)
    expect(await failureOf(engine.exportBundle({ all: true, target: place("5.tar"), consistentWith: 10_000 }))).toMatchObject({
      code: "wrong-usage"
    })
  })

  it("since a Ledger size, only what was recorded from there on travels", async () => {
    const { engine } = await storeInMemory()
    await published(engine, plus(1))
    const { size } = await engine.ledger({})
    const late = await published(engine, plus(2))
    const answer = await engine.exportBundle({ since: size, target: target() })
    expect(answer.mappings).toBe(1)
    const report = await engine.verifyBundle({ path: answer.volumes[0]!.path, trustRoot: await rootOf(engine) })
    expect(report.mappings.map(row => row.mapping)).toEqual([late.mapping])
    expect(await failureOf(engine.exportBundle({ since: 1_000_000, target: target() }))).toMatchObject({ code: "wrong-usage" })
    const { size: end } = await engine.ledger({})
    expect(await failureOf(engine.exportBundle({ since: end, target: target() }))).toMatchObject({ code: "unknown-digest" })
  })

  it("a newer root and newer revocations of a confirmed root are taken in even where no Mapping is, and strike what is here", async () => {
    const { engine } = await storeInMemory()
    const folder = scratchFolder()
    const bad = await published(engine, plus(1))
    const good = await published(engine, plus(2))
    const at = (name: string) => path.join(folder, name)
    await engine.exportBundle({ all: true, target: at("old.tar") })
    const { engine: other } = await storeInMemory()
    await other.importBundle({ path: at("old.tar"), trustRoot: await rootOf(engine) })
    expect(await other.verify({ digest: bad.digest })).toMatchObject({ state: "trusted" })
    await engine.revoke({ what: bad.mapping, reason: "harmful", note: "it overflows" })
    const reviewer = (await engine.keys({})).keys.find(key => key.purpose === "reviewer")!
    await engine.rotateKey({ key: reviewer.id })
    await engine.exportBundle({ digests: [good.digest], target: at("new.tar") })
    const report = await other.importBundle({ path: at("new.tar") })
    expect(report.roots).toMatchObject([{ standing: "confirmed", newVersions: 1, revocations: { newer: true } }])
    expect(report.roots[0]!.revocations!.revokes).toContain(bad.mapping)
    expect(await other.verify({ digest: bad.digest })).toMatchObject({ state: "untrusted" })
    expect(await other.verify({ digest: good.digest })).toMatchObject({ state: "trusted" })
    const again = await other.importBundle({ path: at("old.tar") })
    expect(again.roots).toMatchObject([{ newVersions: 0, revocations: { newer: false } }])
    expect(await other.verify({ digest: bad.digest })).toMatchObject({ state: "untrusted" })
  })
})

describe("what stops half way", () => {
  it("leaves nothing behind where an export or an import is cancelled", async () => {
    const { engine } = await storeInMemory()
    for (const number of [1, 2, 3]) await published(engine, plus(number))
    const place = target()
    const steps = new Set<string>()
    await engine.exportBundle({ all: true, target: place }, { onProgress: ({ step }) => steps.add(step) })
    const trustRoot = await rootOf(engine)
    const { engine: other, store } = await storeInMemory()
    await other.importBundle({ path: place, trustRoot, dryRun: true }, { onProgress: ({ step }) => steps.add(step) })
    expect(steps.size).toBeGreaterThan(2)
    const size = store.ports.ledger.size
    const elsewhere = target()
    const stopped = { signal: AbortSignal.abort() }
    expect(await failureOf(engine.exportBundle({ all: true, target: elsewhere }, stopped))).toMatchObject({ code: "cancelled" })
    expect(fs.readdirSync(path.dirname(elsewhere))).toEqual([])
    expect(await failureOf(other.importBundle({ path: place, trustRoot }, stopped))).toMatchObject({ code: "cancelled" })
    expect(store.ports.ledger.size).toBe(size)
    expect(store.ports.trust.foreignRoots()).toEqual([])
    for (const step of steps) {
      const stop = new AbortController()
      const context = { signal: stop.signal, onProgress: (progress: { step: string }) => void (progress.step === step && stop.abort()) }
      const before = store.trust.mappings().length
      // what comes after the last step of weighing is the writing, which is all or nothing
      const failure = await other.importBundle({ path: place, trustRoot }, context).catch((error: unknown) => error)
      if (failure instanceof EngineFailure) {
        expect(failure.code).toBe("cancelled")
        expect(store.trust.mappings()).toHaveLength(before)
      } else expect(store.trust.mappings()).toHaveLength(3)
    }
  })

  it("sweeps what a killed export left beside its place", async () => {
    const { engine } = await storeInMemory()
    const { digest } = await published(engine)
    const place = target()
    const left = [`${place}.partial-4194305-0badcafe.spool`, `${place}.partial-4194305-0badcafe`]
    for (const file of left) fs.writeFileSync(file, "left")
    const alive = `${place}.partial-${process.ppid}-0badcafe.spool`
    fs.writeFileSync(alive, "another export, still at work")
    await engine.exportBundle({ digests: [digest], target: place })
    expect(fs.readdirSync(path.dirname(place)).sort()).toEqual([path.basename(place), path.basename(alive)].sort())
  })

  it("takes a Bundle in twice without changing a byte of the store", async () => {
    const { engine } = await storeInMemory()
    await published(engine)
    const place = target()
    await engine.exportBundle({ all: true, target: place })
    const disk = await storeOnDisk()
    const other = await disk.open()
    await other.importBundle({ path: place, trustRoot: await rootOf(engine) })
    const parts = ["ledger", "oci", "trust"]
    const before = parts.map(part => snapshot(path.join(disk.store, part)))
    expect(Object.keys(before[1]!).length).toBeGreaterThan(3)
    const again = await other.importBundle({ path: place })
    expect(again.mappings).toMatchObject([{ standing: "same", written: false }])
    expect(parts.map(part => snapshot(path.join(disk.store, part)))).toEqual(before)
    await other.close()
    const reader = await disk.open({ readOnly: true })
    expect(await failureOf(reader.importBundle({ path: place }))).toMatchObject({ code: "store-read-only" })
    expect((await reader.importBundle({ path: place, dryRun: true })).counts.trusted).toBe(1)
  })

  it("says that the disk is full, and writes no Mapping, where a Blob finds no room", async () => {
    const { engine } = await storeInMemory()
    await published(engine)
    const place = target()
    await engine.exportBundle({ all: true, target: place })
    const { engine: other, store } = await storeInMemory()
    const put = store.ports.blobs.put
    Object.assign(store.ports.blobs, {
      put: async () => {
        throw new EngineFailure("disk-full", "there is no room left to write a Blob")
      }
    })
    expect(await failureOf(other.importBundle({ path: place, trustRoot: await rootOf(engine) }))).toMatchObject({ code: "disk-full" })
    expect(store.trust.mappings()).toEqual([])
    Object.assign(store.ports.blobs, { put })
    expect((await other.importBundle({ path: place })).mappings).toMatchObject([{ written: true }])
  })
})
