import fs from "node:fs"
import path from "node:path"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { openFileLedger } from "../../../electron/engine/adapters/file-ledger.ts"
import type { LedgerDraft } from "../../../shared/ledger.ts"
import { scratchFolder } from "../scratch.ts"

const draft = (note: string): LedgerDraft => ({
  kind: "feedback",
  body: { note },
  parts: [{ kind: "proof", bytes: new TextEncoder().encode(`part of ${note}`) }]
})

function open(folder: string, options: { readOnly?: boolean; segmentBytesMax?: number; nowMs?: () => number } = {}) {
  const ledger = openFileLedger(folder, { quarantine: path.join(folder, "quarantine"), nowMs: Date.now, ...options })
  onTestFinished(() => ledger.close())
  return ledger
}

const notes = (ledger: ReturnType<typeof open>) => [...ledger.records(0)].map(({ entry }) => entry.body.note)

async function written(...texts: readonly string[]) {
  const folder = scratchFolder()
  const ledger = open(folder)
  const ends: number[] = []
  const file = path.join(folder, "00000001.log")
  for (const text of texts) {
    await ledger.append(draft(text))
    ends.push(fs.statSync(file).size)
  }
  await ledger.close()
  return { folder, file, ends, bytes: fs.readFileSync(file) }
}

describe("the Ledger's tail after a crash", () => {
  it("is cut at any byte length of the last record, kept aside, and takes records again", async () => {
    const { folder, file, ends, bytes } = await written("first", "second")
    for (let length = ends[0]!; length < ends[1]!; length++) {
      fs.writeFileSync(file, bytes.subarray(0, length))
      const ledger = openFileLedger(folder, { quarantine: path.join(folder, "quarantine"), nowMs: Date.now })
      expect([notes(ledger), ledger.damage, ledger.repairs.length]).toEqual([["first"], null, length === ends[0] ? 0 : 1])
      await ledger.append(draft("again"))
      await ledger.close()
      const reopened = openFileLedger(folder, { quarantine: path.join(folder, "quarantine"), nowMs: Date.now })
      expect([notes(reopened), reopened.repairs]).toEqual([["first", "again"], []])
      await reopened.close()
    }
    const kept = fs.readdirSync(path.join(folder, "quarantine")).filter(name => !name.endsWith(".note"))
    expect(kept).toHaveLength(ends[1]! - ends[0]! - 1)
  })

  it.each([
    ["zeros where the record should be", (bytes: Buffer, end: number) => bytes.fill(0, end)],
    ["zeros after the length", (bytes: Buffer, end: number) => bytes.fill(0, end + 4)],
    ["zeros in its last bytes", (bytes: Buffer) => bytes.fill(0, bytes.length - 5)],
    ["garbage", (bytes: Buffer, end: number) => bytes.fill(0xa5, end)]
  ])("with %s is cut", async (_, spoil) => {
    const { folder, file, ends, bytes } = await written("first", "second")
    spoil(bytes, ends[0]!)
    fs.writeFileSync(file, bytes)
    const ledger = open(folder)
    expect([notes(ledger), ledger.damage, ledger.repairs.length]).toEqual([["first"], null, 1])
    expect(fs.statSync(file).size).toBe(ends[0])
  })

  it("is left alone by a reader, who waits for its writer", async () => {
    const { folder, file, ends, bytes } = await written("first", "second")
    fs.writeFileSync(file, bytes.subarray(0, ends[1]! - 3))
    const reader = open(folder, { readOnly: true })
    expect([notes(reader), reader.damage]).toEqual([["first"], null])
    fs.appendFileSync(file, bytes.subarray(ends[1]! - 3))
    expect(reader.refresh()).toBe(2)
    expect(notes(reader)).toEqual(["first", "second"])
    await expect(reader.append(draft("x"))).rejects.toMatchObject({ code: "store-read-only" })
  })
})

describe("damage in the Ledger", () => {
  it("before sound records is never cut: what precedes it is read, nothing is appended", async () => {
    const { folder, file, ends, bytes } = await written("first", "second", "third")
    for (let at = ends[0]!; at < ends[1]!; at++) {
      const spoilt = Buffer.from(bytes)
      spoilt[at]! ^= 0x10
      fs.writeFileSync(file, spoilt)
      const ledger = openFileLedger(folder, { quarantine: path.join(folder, "quarantine"), nowMs: Date.now })
      expect([notes(ledger), ledger.damage?.offset, ledger.damage?.sequence]).toEqual([["first"], ends[0], 1])
      await expect(ledger.append(draft("x"))).rejects.toMatchObject({ code: "ledger-damaged" })
      await ledger.close()
      expect(fs.readFileSync(file)).toEqual(spoilt)
    }
  })

  it("is a record taken out, swapped or repeated, though each frame is sound", async () => {
    const { folder, file, ends, bytes } = await written("first", "second", "third")
    const frames = [bytes.subarray(0, ends[0]), bytes.subarray(ends[0], ends[1]), bytes.subarray(ends[1])]
    for (const order of [
      [0, 2],
      [1, 0, 2],
      [0, 0],
      [0, 2, 1]
    ]) {
      fs.writeFileSync(file, Buffer.concat(order.map(at => frames[at]!)))
      const ledger = openFileLedger(folder, { quarantine: path.join(folder, "quarantine"), nowMs: Date.now })
      expect(ledger.damage?.message).toContain("does not follow")
      await ledger.close()
    }
  })

  it("is a closed segment that lost its end, and a segment that is missing", async () => {
    const folder = scratchFolder()
    const writer = open(folder, { segmentBytesMax: 1_500 })
    for (let index = 0; index < 12; index++) await writer.append(draft(`n${index}`))
    await writer.close()
    const segments = fs.readdirSync(folder).filter(name => name.endsWith(".log"))
    expect(segments.length).toBeGreaterThan(2)
    const all = open(folder, { segmentBytesMax: 1_500 })
    expect(notes(all)).toHaveLength(12)
    const first = path.join(folder, "00000001.log")
    const bytes = fs.readFileSync(first)
    fs.writeFileSync(first, bytes.subarray(0, bytes.length - 4))
    expect(open(folder).damage?.message).toContain("closed segment")
    fs.rmSync(first)
    expect(() => open(folder)).toThrow(expect.objectContaining({ code: "ledger-damaged" }))
  })

  it("that happens while it is open is found at the next read", async () => {
    const { folder, file, ends, bytes } = await written("first", "second")
    const ledger = open(folder)
    bytes[ends[0]! - 1]! ^= 1
    fs.writeFileSync(file, bytes)
    expect(() => ledger.read(0)).toThrow(expect.objectContaining({ code: "ledger-damaged" }))
    expect(ledger.read(1).entry.body.note).toBe("second")
  })
})

describe("an append that fails", () => {
  it("on a full disk says so, leaves no trace and lets the next one through", async () => {
    const folder = scratchFolder()
    const ledger = open(folder)
    await ledger.append(draft("first"))
    const write = vi.spyOn(fs, "writeSync").mockImplementationOnce((handle: unknown, bytes: unknown, ...rest: unknown[]) => {
      fs.writevSync(handle as number, [(bytes as Uint8Array).subarray(0, 9)], rest[2] as number)
      throw Object.assign(new Error("full"), { code: "ENOSPC" })
    })
    await expect(ledger.append(draft("lost"))).rejects.toMatchObject({ code: "disk-full" })
    write.mockRestore()
    await ledger.append(draft("second"))
    expect(notes(ledger)).toEqual(["first", "second"])
    await ledger.close()
    expect(notes(open(folder))).toEqual(["first", "second"])
  })

  it("acknowledges nothing before the sync, and nothing more after a sync that failed", async () => {
    const folder = scratchFolder()
    const ledger = open(folder)
    await ledger.append(draft("first"))
    const sync = vi.spyOn(fs, "fdatasync").mockImplementation((_handle, done) => done(Object.assign(new Error("io"), { code: "EIO" })))
    onTestFinished(() => sync.mockRestore())
    // The adapter binds the sync when it is loaded, so a fresh copy meets the failing one.
    vi.resetModules()
    const { openFileLedger: openFresh } = await import("../../../electron/engine/adapters/file-ledger.ts")
    const failing = openFresh(folder, { quarantine: path.join(folder, "quarantine"), nowMs: Date.now })
    onTestFinished(() => failing.close())
    await expect(failing.append(draft("second"))).rejects.toMatchObject({ code: "disk-failed" })
    expect(failing.size).toBe(1)
    await expect(failing.append(draft("third"))).rejects.toMatchObject({ code: "disk-failed" })
  })
})

it("marks a clock set far ahead: a day while running, four hundred between two runs", async () => {
  const folder = scratchFolder()
  const day = 86_400_000
  let now = Date.parse("2026-01-01T00:00:00Z")
  const jumps: unknown[] = []
  for (const leaps of [[0, 0.9, 1.1, 0], [399, 0.5], [402]]) {
    const ledger = openFileLedger(folder, { quarantine: folder, nowMs: () => now })
    for (const days of leaps) {
      now += days * day
      jumps.push((await ledger.append(draft("x")))["clock-jump"] ?? false)
    }
    await ledger.close()
  }
  expect(jumps).toEqual([false, false, true, false, false, false, true])
})

it("hands concurrent appends to one sync, and at most 64 records to each", async () => {
  const sync = vi.spyOn(fs, "fdatasync")
  onTestFinished(() => sync.mockRestore())
  vi.resetModules()
  const { openFileLedger: openFresh } = await import("../../../electron/engine/adapters/file-ledger.ts")
  const folder = scratchFolder()
  const ledger = openFresh(folder, { quarantine: folder, nowMs: Date.now })
  await Promise.all(Array.from({ length: 200 }, (_, index) => ledger.append(draft(`n${index}`))))
  expect(sync.mock.calls.length).toBe(4)
  await ledger.close()
  expect(notes(open(folder))).toHaveLength(200)
})
