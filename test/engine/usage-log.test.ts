import fs from "node:fs"
import path from "node:path"
import { expect, it } from "vitest"
import { openHitLog } from "../../electron/engine/adapters/hit-log.ts"
import { createMemoryLedger } from "../../electron/engine/adapters/memory.ts"
import { openUsedPositions } from "../../electron/engine/adapters/used-positions.ts"
import type { HitLogEntry, Ledger } from "../../electron/engine/ports.ts"
import { latencyBucket, latencyOf, percentilesOf } from "../../electron/engine/usage-counters.ts"
import { openUsageLog } from "../../electron/engine/usage-log.ts"
import type { Digest } from "../../shared/digest.ts"
import { sampleEntry } from "./ports/hit-log.contract.ts"
import { samplePublished, scratchFolder } from "./scratch.ts"

const day = 86_400_000
const never = new AbortController().signal

/** Hits on the Mapping at this position of the Ledger. */
const hitOn = (sequence: number, atMs = day): HitLogEntry => ({ ...sampleEntry, atMs, ledgerSequence: sequence })

/** A process that serves: its log, its counters, and a clock that is set by hand. */
function serving(
  folder: string,
  ledger: Ledger,
  options: { role?: "writer" | "reader"; atMs?: number; logBytesMax?: number; dead?: boolean } = {}
) {
  const clock = { atMs: options.atMs ?? day }
  const hitLog = openHitLog(folder, {
    role: options.role ?? "writer",
    nowMs: () => clock.atMs,
    ...(options.logBytesMax === undefined ? {} : { logBytesMax: options.logBytesMax }),
    processes: { boot: "b", isAlive: () => options.dead !== true, startedAt: () => "1" }
  })
  const usage = openUsageLog({ hitLog, ledger, nowMs: () => clock.atMs, positions: openUsedPositions(folder, options.role === "reader") })
  return {
    clock,
    hitLog,
    usage,
    serve(entry: HitLogEntry) {
      hitLog.append(entry)
      usage.counters.note(entry)
    },
    takeIn: () => usage.takeIn(draft => ledger.append(draft), never),
    hits: () => Object.fromEntries([...usage.counters.totals().byRecord].map(([sequence, used]) => [sequence, used.hits]))
  }
}

async function ledgerOf(count: number): Promise<Ledger> {
  const ledger = createMemoryLedger()
  for (let at = 0; at < count; at++) await ledger.append(samplePublished({ text: `task ${at}` }).draft)
  return ledger
}

const usedRecords = (ledger: Ledger) =>
  [...ledger.records(0)].filter(record => record.entry.kind === "used").map(record => record.entry.body)

it("binds a rotated log once, with its totals, and counts on from the record", async () => {
  const folder = scratchFolder()
  const ledger = await ledgerOf(3)
  const first = serving(folder, ledger, { logBytesMax: 128 * 5 })
  for (const sequence of [0, 1, 1, 2, 2, 2]) first.serve(hitOn(sequence))
  first.serve({ ...sampleEntry, kind: "miss", missReason: "too-far", module: null, ledgerSequence: -1 })
  expect(await first.takeIn()).toBe(1)
  expect(await first.takeIn()).toBe(0)
  expect(usedRecords(ledger)).toMatchObject([
    {
      log: { name: "writer-1.log", bytes: 128 * 5 },
      entries: 4,
      totals: { hits: 4, tiers: { similar: 4 } },
      mappings: [
        [1, 2, day],
        [0, 1, day],
        [2, 1, day]
      ]
    }
  ])
  expect(first.hits()).toEqual({ 0: 1, 1: 2, 2: 3 })
  await first.hitLog.close()
  const second = serving(folder, ledger)
  expect(second.hits()).toEqual({ 0: 1, 1: 2, 2: 3 })
  expect(second.usage.counters.totals().misses).toEqual({ "too-far": 1 })
  expect(percentilesOf(second.usage.counters.totals().latency).n).toBe(7)
  await second.hitLog.close()
})

it("takes in the log of a reader that is done or dead, counts it while it lives, and never twice", async () => {
  const folder = scratchFolder()
  const ledger = await ledgerOf(2)
  const writer = serving(folder, ledger)
  writer.serve(hitOn(0))
  expect(writer.hits()).toEqual({ 0: 1 })
  const reader = serving(folder, ledger, { role: "reader" })
  reader.serve(hitOn(1))
  writer.usage.refresh()
  expect(writer.hits()).toEqual({ 0: 1, 1: 1 })
  expect(await writer.takeIn()).toBe(0)
  reader.serve(hitOn(1))
  await reader.hitLog.close()
  expect(await writer.takeIn()).toBe(1)
  writer.usage.refresh()
  expect(writer.hits()).toEqual({ 0: 1, 1: 2 })
  const killed = serving(folder, ledger, { role: "reader" })
  killed.serve(hitOn(0))
  await writer.hitLog.close()
  const next = serving(folder, ledger, { dead: true })
  expect(next.hits()).toEqual({ 0: 2, 1: 2 })
  expect(await next.takeIn()).toBe(1)
  next.usage.refresh()
  expect(next.hits()).toEqual({ 0: 2, 1: 2 })
  expect(usedRecords(ledger)).toHaveLength(2)
  await next.hitLog.close()
  await killed.hitLog.close()
})

it("removes a log after 30 days, never before the Ledger binds it, and keeps its counters, without its own notes too", async () => {
  const folder = scratchFolder()
  const ledger = await ledgerOf(1)
  const old = serving(folder, ledger, { atMs: day })
  old.serve(hitOn(0, day))
  await old.hitLog.close()
  const later = serving(folder, ledger, { atMs: 40 * day })
  later.serve(hitOn(0, 40 * day))
  expect(later.usage.removeOld()).toBe(0)
  await later.takeIn()
  expect(later.usage.removeOld()).toBe(1)
  expect(fs.readdirSync(folder).filter(name => name.startsWith("writer-1"))).toEqual([])
  await later.hitLog.close()
  for (const forget of [false, true]) {
    if (forget) fs.rmSync(path.join(folder, "used.json"))
    const again = serving(folder, ledger, { atMs: 40 * day })
    expect(again.hits()).toEqual({ 0: 2 })
    await again.hitLog.close()
  }
})

it("tells counters once, as absolute values, and all of them again after the tables lost them", async () => {
  const folder = scratchFolder()
  const ledger = await ledgerOf(2)
  const { usage, serve, hitLog } = serving(folder, ledger)
  const mapping = (at: number) => ledger.read(at).entry.body.mapping
  serve(hitOn(0))
  serve(hitOn(0, day + 5))
  serve(hitOn(1))
  expect(usage.changed(10)).toEqual([
    { mapping: mapping(0), hits: 2, lastUsedMs: day + 5 },
    { mapping: mapping(1), hits: 1, lastUsedMs: day }
  ])
  expect(usage.changed(10)).toEqual([])
  serve(hitOn(1))
  expect(usage.changed(10)).toEqual([{ mapping: mapping(1), hits: 2, lastUsedMs: day }])
  usage.touchAll()
  expect(usage.changed(1)).toHaveLength(1)
  expect(usage.changed(10)).toHaveLength(1)
  expect(usage.lastUsed(1)).toEqual([{ mapping: mapping(0), lastUsedMs: day + 5 }])
  await hitLog.close()
})

it("counts a Mapping once, whichever of its records a Hit named", async () => {
  const ledger = await ledgerOf(1)
  await ledger.append(samplePublished({ text: "task 0" }).draft)
  const { usage, serve, hitLog } = serving(scratchFolder(), ledger)
  const mapping = ledger.read(0).entry.body.mapping as Digest
  expect([usage.counters.of(mapping), [...usage.counters.all()]]).toEqual([null, []])
  serve(hitOn(0, day))
  expect(usage.counters.of(mapping)).toEqual({ hits: 1, lastUsedMs: day })
  serve(hitOn(1, day + 1))
  expect(usage.counters.of(mapping)).toEqual({ hits: 2, lastUsedMs: day + 1 })
  expect(usage.changed(10)).toEqual([{ mapping, hits: 2, lastUsedMs: day + 1 }])
  serve(hitOn(7, day + 2))
  expect([...usage.counters.all()]).toEqual([[mapping, { hits: 2, lastUsedMs: day + 1 }]])
  await hitLog.close()
})

it("does not take a damaged note of positions, or one of another Ledger, for its own", async () => {
  const folder = scratchFolder()
  const ledger = await ledgerOf(1)
  const first = serving(folder, ledger, { atMs: day })
  first.serve(hitOn(0))
  await first.hitLog.close()
  const second = serving(folder, ledger, { atMs: 3 * day })
  await second.takeIn()
  await second.hitLog.close()
  const file = path.join(folder, "used.json")
  const sound = fs.readFileSync(file, "utf8")
  for (const spoilt of [
    "{",
    sound.replace('"used":[1]', '"used":[0]'),
    sound.replace(/"leaf":"../, '"leaf":"zz'),
    sound.replace(/"size":2/, '"size":9')
  ]) {
    fs.writeFileSync(file, spoilt)
    const again = serving(folder, ledger, { atMs: 3 * day })
    expect(again.hits()).toEqual({ 0: 1 })
    await again.hitLog.close()
  }
})

it("reads a latency back within 1 part in 32", () => {
  for (let us = 0; us < 2_000_000; us += 1 + Math.floor(us / 50)) {
    const read = latencyOf(latencyBucket(us))
    expect(Math.abs(read - us)).toBeLessThanOrEqual(us / 32)
  }
})
