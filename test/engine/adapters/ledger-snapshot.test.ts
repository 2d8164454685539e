import fs from "node:fs"
import path from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { openFileLedger } from "../../../electron/engine/adapters/file-ledger.ts"
import { createSeal } from "../../../electron/engine/adapters/seal.ts"
import { merkleRoot } from "../../../electron/engine/core/merkle.ts"
import type { LedgerEntry } from "../../../shared/ledger.ts"
import { scratchFolder } from "../scratch.ts"

function openIn(folder: string, options: { readOnly?: boolean; home?: string } = {}) {
  const scanned: LedgerEntry[] = []
  fs.mkdirSync(path.join(folder, "ledger"), { recursive: true })
  const ledger = openFileLedger(path.join(folder, "ledger"), {
    quarantine: path.join(folder, "quarantine"),
    nowMs: Date.now,
    segmentBytesMax: 20_000,
    snapshot: { directory: path.join(folder, "hot"), seal: createSeal(path.join(folder, options.home ?? "home")), least: 10 },
    onScanned: entry => scanned.push(entry),
    ...(options.readOnly === undefined ? {} : { readOnly: options.readOnly })
  })
  onTestFinished(() => ledger.close())
  return { ledger, scanned }
}

const drafts = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => ({ kind: "feedback" as const, body: { number: from + at }, parts: [] }))

/** A Ledger of 1,100 records with a snapshot of the first 1,050: the rest came after it. */
async function kept() {
  const folder = scratchFolder()
  const { ledger } = openIn(folder)
  await ledger.appendAll(drafts(1_050))
  await ledger.saveSnapshot()
  await ledger.appendAll(drafts(50, 1_050))
  await ledger.close()
  return { folder, leaves: (size?: number) => openIn(folder).ledger.leaves(size), head: ledger.head }
}

const flip = (file: string, at: number) => {
  const bytes = fs.readFileSync(file)
  bytes[at < 0 ? bytes.length + at : at]! ^= 1
  fs.writeFileSync(file, bytes)
}

describe("a Ledger opened from its snapshot", () => {
  it("reads only what came after, and is the same Ledger", async () => {
    const { folder, head } = await kept()
    const { ledger, scanned } = openIn(folder)
    expect(scanned.map(entry => entry.sequence)).toEqual(Array.from({ length: 50 }, (_, at) => 1_050 + at))
    expect([ledger.size, ledger.head, ledger.verified]).toEqual([1_100, head, 0])
    expect([...ledger.stream(0)].map(({ entry }) => entry.body.number)).toEqual(Array.from({ length: 1_100 }, (_, at) => at))
    expect(ledger.read(700).entry.body).toEqual({ number: 700 })
    const [next] = await ledger.appendAll(drafts(1, 1_100))
    expect(next?.previous).toBe(head)
  })

  it.each([0, 1, 255, 1_023, 1_024, 1_025, 1_050, 1_100])("has the tree head of its first %i records", async size => {
    const { folder } = await kept()
    const { ledger } = openIn(folder)
    expect(ledger.rootAt(size)).toEqual(merkleRoot(ledger.leaves(size)))
  })

  it("verifies behind what the snapshot vouched for", async () => {
    const { folder } = await kept()
    const { ledger } = openIn(folder)
    let turns = 1
    while (ledger.verifyNext(100)) turns++
    expect([turns, ledger.verified, ledger.damage]).toEqual([11, 1_100, null])
  })

  it("finds behind a record that was changed, refuses to read it, and records nothing more", async () => {
    const { folder } = await kept()
    flip(path.join(folder, "ledger", "00000001.log"), 300)
    const { ledger } = openIn(folder)
    expect(ledger.damage).toBeNull()
    while (ledger.verifyNext(100));
    expect(ledger.damage).toMatchObject({ segment: "00000001.log" })
    await expect(ledger.appendAll(drafts(1))).rejects.toMatchObject({ code: "ledger-damaged" })
    expect(() => ledger.read(ledger.damage?.sequence ?? 0)).toThrow(/damaged/)
  })

  it.each([
    ["its seal was changed", (folder: string) => flip(path.join(folder, "hot", "ledger.snap"), -1)],
    ["what it says was changed", (folder: string) => flip(path.join(folder, "hot", "ledger.snap"), 30)],
    ["its places are gone", (folder: string) => fs.rmSync(path.join(folder, "hot", "ledger.places"))],
    ["it is gone", (folder: string) => fs.rmSync(path.join(folder, "hot"), { recursive: true })],
    ["the user's secret is another", (folder: string) => fs.rmSync(path.join(folder, "home"), { recursive: true })],
    ["a closed segment has another length", (folder: string) => fs.appendFileSync(path.join(folder, "ledger", "00000001.log"), "")]
  ])("reads everything where %s", async (what, change) => {
    const { folder, head } = await kept()
    change(folder)
    const { ledger, scanned } = openIn(folder)
    expect([ledger.size, ledger.head, ledger.damage]).toEqual([1_100, head, null])
    expect(scanned).toHaveLength(what.startsWith("a closed segment") ? 50 : 1_100)
  })

  it("reads everything again where its places are damaged, and answers the same", async () => {
    const { folder, head } = await kept()
    flip(path.join(folder, "hot", "ledger.places"), 48 * 300)
    const { ledger } = openIn(folder)
    expect(ledger.read(300).entry.body).toEqual({ number: 300 })
    expect([ledger.size, ledger.head, ledger.damage]).toEqual([1_100, head, null])
    expect(ledger.repairs.join()).toMatch(/places is damaged/)
  })

  it("does not let a shorter Ledger pass for the one it is of", async () => {
    const { folder } = await kept()
    for (const name of fs.readdirSync(path.join(folder, "ledger")).sort().slice(-3)) fs.rmSync(path.join(folder, "ledger", name))
    const { ledger, scanned } = openIn(folder)
    expect(ledger.size).toBe(scanned.length)
    expect(ledger.size).toBeLessThan(1_050)
  })

  it("serves a reader, who writes nothing", async () => {
    const { folder, head } = await kept()
    const before = fs.readdirSync(path.join(folder, "hot")).map(name => fs.statSync(path.join(folder, "hot", name)).mtimeMs)
    const { ledger, scanned } = openIn(folder, { readOnly: true })
    await ledger.saveSnapshot()
    expect([ledger.head, scanned.length]).toEqual([head, 50])
    expect(fs.readdirSync(path.join(folder, "hot")).map(name => fs.statSync(path.join(folder, "hot", name)).mtimeMs)).toEqual(before)
  })

  it("is kept again as it grows, the pieces in the file continued", async () => {
    const { folder } = await kept()
    for (let round = 0; round < 3; round++) {
      const { ledger } = openIn(folder)
      await ledger.appendAll(drafts(170, ledger.size))
      await ledger.saveSnapshot()
      await ledger.appendAll(drafts(3, ledger.size))
      await ledger.saveSnapshot()
      await ledger.close()
    }
    const { ledger, scanned } = openIn(folder)
    expect([ledger.size, scanned.length]).toEqual([1_619, 0])
    expect(ledger.rootAt()).toEqual(merkleRoot(ledger.leaves()))
    expect([...ledger.stream(0)].map(({ entry }) => entry.body.number)).toEqual(Array.from({ length: 1_619 }, (_, at) => at))
  })
})
