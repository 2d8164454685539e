/** One random byte of each kind of file is changed, a thousand times: what is read afterwards is what was written, or is refused. */
import fs from "node:fs"
import path from "node:path"
import { expect, it, onTestFinished } from "vitest"
import { openFileBlobStore } from "../../../electron/engine/adapters/file-blob-store.ts"
import { openFileKeyring } from "../../../electron/engine/adapters/file-keyring.ts"
import { openFileLedger } from "../../../electron/engine/adapters/file-ledger.ts"
import { openFileTrustStore } from "../../../electron/engine/adapters/file-trust-store.ts"
import { openHitLog } from "../../../electron/engine/adapters/hit-log.ts"
import { openHotIndex } from "../../../electron/engine/adapters/hot-index.ts"
import { digestOfBytes } from "../../../electron/engine/adapters/ledger-frame.ts"
import { createMemoryLedger } from "../../../electron/engine/adapters/memory.ts"
import { createNodeCrypto } from "../../../electron/engine/adapters/node-crypto.ts"
import { readStoreFormat } from "../../../electron/engine/adapters/store-format.ts"
import { takeStoreLock } from "../../../electron/engine/adapters/store-lock.ts"
import { openUsedPositions } from "../../../electron/engine/adapters/used-positions.ts"
import { createEvidence } from "../../../electron/engine/evidence.ts"
import { openTrustState } from "../../../electron/engine/trust-state.ts"
import { openUsageLog } from "../../../electron/engine/usage-log.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import { flipperOf } from "../flips.ts"
import { adding, published, storeOnDisk } from "../opened.ts"
import { dimensions, hashOf, samplePublished, scratchFolder, textBytes, vectorNear } from "../scratch.ts"
import { randomOf } from "../vectors.ts"

const flips = Number(process.env.L4_FLIPS ?? 1_000)
/** From so many on the shares of what was refused are no accident. */
const manyFlips = 100
const random = randomOf(Number(process.env.L4_SEED ?? 4))

/** What reading makes of a folder: a text that says all of it, or the failure it ends in. */
type Reading = () => string | Promise<string>

/** Counts how many flips were refused, how many changed nothing, and names those that were believed though they changed something. */
async function flipped(folder: string, only: RegExp, read: Reading, allowed: (now: string, before: string) => boolean = () => false) {
  const before = await read()
  const flipper = flipperOf(folder, only, random)
  const seen = { refused: 0, same: 0, allowed: 0, wrong: [] as string[] }
  for (let flip = 0; flip < flips; flip++) {
    const what = flipper.flip()
    try {
      const now = await read()
      if (now === before) seen.same++
      else if (allowed(now, before)) seen.allowed++
      else seen.wrong.push(what)
    } catch (failure) {
      if (!(failure instanceof EngineFailure) || failure.code === "internal") seen.wrong.push(`${what}: ${String(failure)}`)
      seen.refused++
    }
    flipper.restore()
  }
  expect(seen.wrong).toEqual([])
  return seen
}

/** A store with two trusted Mappings, closed. */
async function madeStore() {
  const places = await storeOnDisk()
  const engine = await places.open()
  await published(engine)
  await published(engine, {
    request: { instruction: "twice a number", interface: "(int) -> int" },
    source: "(defn twice [n :int] :int (* 2 n))",
    examples: [{ args: "[1]", result: "2" }]
  })
  await engine.lookup({ request: adding.request })
  await engine.close()
  return places
}

it("a segment of the Ledger: records are as they were, or the store is damaged, or its tail is cut and kept", async () => {
  const { store } = await madeStore()
  const folder = path.join(store, "ledger")
  const aside = scratchFolder()
  const read = async () => {
    const ledger = openFileLedger(folder, { quarantine: aside, nowMs: () => 0 })
    try {
      if (ledger.damage !== null) throw new EngineFailure("ledger-damaged", ledger.damage.message)
      if (ledger.repairs.length > 0) throw new EngineFailure("ledger-damaged", ledger.repairs.join())
      return JSON.stringify(
        [...ledger.records(0)].map(({ entry, parts }) => [entry, parts.map(part => Buffer.from(part).toString("base64"))])
      )
    } finally {
      await ledger.close()
    }
  }
  expect((await flipped(folder, /\.log$/, read)).refused).toBe(flips)
})

it("a Blob: its bytes are as they were, or refused", async () => {
  const { store } = await madeStore()
  const folder = path.join(store, "oci")
  const read = async () => {
    const blobs = openFileBlobStore(folder, { readOnly: true })
    const all: string[] = []
    for await (const { digest } of blobs.list()) all.push(digest, Buffer.from(blobs.get(digest) ?? []).toString("base64"))
    return all.sort().join()
  }
  const { refused } = await flipped(folder, /^blobs\/sha256\//, read)
  expect(refused).toBe(flips)
})

it("a file of trust/: what is believed is as it was, or less, never something else", async () => {
  const { store, home } = await madeStore()
  const ledger = openFileLedger(path.join(store, "ledger"), { readOnly: true, quarantine: scratchFolder(), nowMs: () => 0 })
  onTestFinished(() => ledger.close())
  const keyring = openFileKeyring(path.join(home, "keys"))
  const evidence = createEvidence(() => ledger)
  for (const record of ledger.records(0)) evidence.follow(record)
  const engine = { clock: { nowMs: () => Date.now(), monotonicUs: () => 0 }, crypto: createNodeCrypto(), keyring }
  const read = () => {
    const trust = openTrustState(
      {
        ...engine,
        blobs: openFileBlobStore(path.join(store, "oci")),
        ledger,
        trust: openFileTrustStore(path.join(store, "trust"), { readOnly: true })
      },
      {
        compilerVersion: "none",
        shippedRuntime: digestOfBytes(textBytes("")),
        rebuild: () => null,
        validates: () => true,
        plainInterface: () => null,
        seen: { get: () => null, async put() {} }
      } as never
    )
    const root = trust.root()
    const { policy, believed } = trust.policy()
    return JSON.stringify({
      root: root?.id ?? null,
      version: root?.newest.document.version ?? null,
      policy,
      believed,
      revoked: trust.revocations()
    })
  }
  const trusted = JSON.parse(await read()) as { policy: { preset: string } }
  const less = (now: string, before: string) => {
    const [is, was] = [now, before].map(text => JSON.parse(text) as { root: string | null; policy: { preset: string }; believed: boolean })
    if (is === undefined || was === undefined) return false
    return is.root === null || (is.root === was.root && !is.believed && is.policy.preset === "strict")
  }
  expect(trusted.policy.preset).toBe("solo")
  const { same, allowed, refused } = await flipped(path.join(store, "trust"), /./, read, less)
  if (flips >= manyFlips) expect(allowed + refused).toBeGreaterThan(same)
})

it("FORMAT.json: it says what it said, is refused, or names another model or projection", async () => {
  const { store } = await madeStore()
  const { refused } = await flipped(
    store,
    /^FORMAT\.json$/,
    () => JSON.stringify(readStoreFormat(store)),
    // Another model answers no vector, another seed makes the hot index anew: neither can answer wrongly.
    (now, before) => (JSON.parse(now) as { layout: number }).layout === (JSON.parse(before) as { layout: number }).layout
  )
  if (flips >= manyFlips) expect(refused).toBeGreaterThan(flips / 2)
})

it.each(["hot.f32", "hot.snap"])("%s: the hot index answers as it did, or is made anew and then does", async name => {
  const ledger = createMemoryLedger()
  for (let at = 0; at < 6; at++) await ledger.append(samplePublished({ text: `task ${at}`, vector: vectorNear(at) }).draft)
  const directory = scratchFolder()
  const model = { id: "model", digest: digestOfBytes(textBytes("model")), dimensions }
  const open = (readOnly: boolean) => openHotIndex({ directory, behind: null, ledger, model, seed: 1, readOnly })
  const made = open(false)
  await made.save()
  await made.close()
  const read = async () => {
    const index = open(true)
    try {
      const near = []
      for (let topic = 0; topic < 6; topic++) {
        await index.ready
        near.push(await index.nearest(hashOf("(interface 1 [:fn [:int] :int] [])"), vectorNear(topic, 0.01), 0.99, 3))
      }
      return JSON.stringify(near)
    } catch (failure) {
      // A Lookup answers the Miss index-rebuilding meanwhile, and then as before.
      if (!(failure instanceof EngineFailure) || failure.code !== "index-unavailable") throw failure
      await index.ready
      const again = []
      for (let topic = 0; topic < 6; topic++)
        again.push(await index.nearest(hashOf("(interface 1 [:fn [:int] :int] [])"), vectorNear(topic, 0.01), 0.99, 3))
      return JSON.stringify(again)
    } finally {
      await index.close()
    }
  }
  expect((await flipped(directory, new RegExp(`^${name.replace(".", "\\.")}$`), read)).same).toBe(flips)
})

it("a hit log, its requests and its note of positions: entries are as they were or left out, counters never grow", async () => {
  const { store } = await madeStore()
  const folder = path.join(store, "hits")
  const ledger = createMemoryLedger()
  const read = async () => {
    const hitLog = openHitLog(folder, { role: "reader", nowMs: () => 0 })
    const usage = openUsageLog({ hitLog, ledger, nowMs: () => 0, positions: openUsedPositions(folder, true) })
    const entries = [...hitLog.entries()].map(({ request, ...entry }) => JSON.stringify([entry, request.digest]))
    const { hits } = usage.counters.totals()
    await hitLog.close()
    return JSON.stringify({ entries, hits })
  }
  const fewer = (now: string, before: string) => {
    const [is, was] = [now, before].map(text => JSON.parse(text)) as [
      { entries: string[]; hits: number },
      { entries: string[]; hits: number }
    ]
    return is.entries.every(entry => was.entries.includes(entry)) && is.hits <= was.hits
  }
  const { allowed } = await flipped(folder, /./, read, fewer)
  if (flips >= manyFlips) expect(allowed).toBeGreaterThan(0)
})

it("LOCK of a process that is gone: it is taken over", async () => {
  const folder = scratchFolder()
  const gone = { boot: "boot", isAlive: () => false, startedAt: () => "1" }
  takeStoreLock(folder, "gone", gone)
  const taken = () => {
    const lock = takeStoreLock(folder, "next", gone)
    lock.release()
    return "taken"
  }
  const flipper = flipperOf(folder, /^LOCK$/, random)
  for (let flip = 0; flip < flips; flip++) {
    flipper.flip()
    expect(taken()).toBe("taken")
    flipper.restore()
  }
  expect(fs.readdirSync(folder)).toEqual(["LOCK"])
})
