import fs from "node:fs"
import path from "node:path"
import { expect, it, onTestFinished } from "vitest"
import { forkLaunch } from "../../../electron/engine/adapters/child-process.ts"
import { openLanceIndex } from "../../../electron/engine/adapters/lance-index.ts"
import { createMemoryLedger } from "../../../electron/engine/adapters/memory.ts"
import type { EngineProcess, Launch, Ledger } from "../../../electron/engine/ports.ts"
import { dimensions, samplePublished, scratchFolder, vectorNear } from "../scratch.ts"

async function ledgerOf(...texts: readonly string[]): Promise<Ledger> {
  const ledger = createMemoryLedger()
  for (const [at, text] of texts.entries()) await ledger.append(samplePublished({ text, vector: vectorNear(at) }).draft)
  return ledger
}

function open(folder: string, ledger: Ledger, launch: Launch = forkLaunch) {
  const repairs: string[] = []
  const index = openLanceIndex({
    launch,
    directory: path.join(folder, "lance"),
    quarantine: path.join(folder, "quarantine"),
    dimensions,
    ledger,
    onRepair: what => repairs.push(what)
  })
  onTestFinished(() => index.close())
  return { index, repairs }
}

/** Starts real processes and keeps them, so that a test can kill one. */
function watched(): { readonly launch: Launch; readonly started: EngineProcess[] } {
  const started: EngineProcess[] = []
  return {
    started,
    launch: entry => {
      const made = forkLaunch(entry)
      started.push(made)
      return made
    }
  }
}

it("starts no process before it is asked, and then catches up with the Ledger by itself", async () => {
  const { launch, started } = watched()
  const { index } = open(scratchFolder(), await ledgerOf("a", "b", "c"), launch)
  expect([started.length, index.appliedSequence]).toEqual([0, -1])
  expect((await index.page(0, 10)).total).toBe(3)
  expect([started.length, index.appliedSequence]).toEqual([1, 2])
})

it("goes on where it stopped, and rebuilds when its folder is gone", async () => {
  const folder = scratchFolder()
  const ledger = await ledgerOf("a", "b")
  const first = open(folder, ledger)
  expect((await first.index.page(0, 10)).total).toBe(2)
  await first.index.close()
  await ledger.append(samplePublished({ text: "c" }).draft)
  const second = open(folder, ledger)
  expect((await second.index.page(0, 10)).records.map(record => record.taskText)).toEqual(["c", "b", "a"])
  await second.index.close()
  fs.rmSync(path.join(folder, "lance"), { recursive: true })
  const third = open(folder, ledger)
  expect((await third.index.page(0, 10)).total).toBe(3)
  expect(third.repairs).toEqual([])
})

it("moves an empty newest manifest aside and applies what it lost again", async () => {
  const folder = scratchFolder()
  const ledger = await ledgerOf("a")
  const { index } = open(folder, ledger)
  for (const text of ["b", "c"]) {
    const entry = await ledger.append(samplePublished({ text }).draft)
    await index.follow(ledger.read(entry.sequence))
  }
  await index.close()
  const versions = path.join(folder, "lance", "rtfs_modules.lance", "_versions")
  const manifests = fs.readdirSync(versions).filter(name => name.endsWith(".manifest"))
  const newest = manifests
    .map(name => path.join(versions, name))
    .sort((left, right) => fs.statSync(right).mtimeMs - fs.statSync(left).mtimeMs)[0]!
  fs.truncateSync(newest, 0)
  const again = open(folder, ledger)
  expect((await again.index.page(0, 10)).total).toBe(3)
  expect(again.repairs).toEqual([expect.stringContaining("it was empty")])
  expect(fs.readdirSync(path.join(folder, "quarantine"))).toHaveLength(2)
})

it("rebuilds a table that no longer opens, or belongs to a longer Ledger", async () => {
  const folder = scratchFolder()
  const ledger = await ledgerOf("a", "b", "c")
  const first = open(folder, ledger)
  await first.index.page(0, 1)
  await first.index.close()
  const versions = path.join(folder, "lance", "rtfs_modules.lance", "_versions")
  for (const name of fs.readdirSync(versions)) fs.writeFileSync(path.join(versions, name), "nonsense")
  const second = open(folder, ledger)
  expect((await second.index.page(0, 10)).total).toBe(3)
  expect(second.repairs.at(-1)).toContain("rebuilt from the ledger")
  await second.index.close()
  const shorter = open(folder, await ledgerOf("other"))
  expect((await shorter.index.page(0, 10)).records.map(record => record.taskText)).toEqual(["other"])
})

it("is started again when its process is killed, between questions and under one", async () => {
  const { launch, started } = watched()
  const { index } = open(scratchFolder(), await ledgerOf("a", "b"), launch)
  expect((await index.page(0, 10)).total).toBe(2)
  started[0]!.kill()
  expect((await index.page(0, 10)).total).toBe(2)
  const asked = index.page(0, 10)
  started.at(-1)!.kill()
  expect((await asked).total).toBe(2)
  expect(started.length).toBeGreaterThanOrEqual(2)
})

it("leaves no process behind, whether its tables opened or not", async () => {
  const { launch, started } = watched()
  const folder = scratchFolder()
  const ledger = await ledgerOf("a")
  const sound = open(folder, ledger, launch)
  await sound.index.page(0, 1)
  await sound.index.close()
  for (const file of ["rtfs_modules.lance/_versions", "rtfs_modules.lance/data"])
    for (const name of fs.readdirSync(path.join(folder, "lance", file)))
      fs.writeFileSync(path.join(folder, "lance", file, name), "nonsense")
  const damaged = open(folder, ledger, launch)
  expect((await damaged.index.page(0, 1)).total).toBe(1)
  await damaged.index.close()
  fs.rmSync(path.join(folder, "lance"), { recursive: true })
  fs.writeFileSync(path.join(folder, "lance"), "no folder")
  const reader = openLanceIndex({ launch, directory: path.join(folder, "lance"), quarantine: folder, dimensions, ledger, readOnly: true })
  await expect(reader.page(0, 1)).rejects.toMatchObject({ code: "index-unavailable" })
  await reader.close()
  const living = () => started.filter(({ pid }) => pid !== undefined && isAlive(pid)).length
  await expect.poll(living, { timeout: 10_000 }).toBe(0)
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

it("stays off after three deaths in a row and says so", async () => {
  const launch: Launch = () => {
    const listeners: ((code: number | null) => void)[] = []
    setTimeout(() => {
      for (const listener of listeners) listener(null)
    }, 1)
    return { pid: 1, postMessage() {}, onMessage() {}, onExit: listener => listeners.push(listener), kill() {} }
  }
  const { index } = open(scratchFolder(), await ledgerOf("a"), launch)
  for (let death = 0; death < 3; death++) await expect(index.page(0, 1)).rejects.toMatchObject({ code: "index-unavailable" })
  await expect(index.page(0, 1)).rejects.toMatchObject({ code: "index-unavailable", message: expect.stringContaining("stays off") })
})

it.each<[string, (table: string) => void]>([
  ["cut", table => fs.truncateSync(anyBelow(path.join(table, "data")), 40)],
  ["gone", table => fs.rmSync(path.join(table, "data"), { recursive: true })],
  ["nonsense", table => fs.writeFileSync(anyBelow(path.join(table, "data")), "nonsense")]
])("makes tables anew from the Ledger whose data are %s", async (_, spoil) => {
  const folder = scratchFolder()
  const ledger = await ledgerOf("a", "b", "c")
  const first = open(folder, ledger)
  expect((await first.index.page(0, 10)).total).toBe(3)
  await first.index.close()
  spoil(path.join(folder, "lance", "rtfs_modules.lance"))
  const second = open(folder, ledger)
  expect((await second.index.page(0, 10)).records.map(record => record.taskText)).toEqual(["c", "b", "a"])
  expect(second.repairs.join()).toMatch(/anew from the ledger|rebuilt from the ledger|moved aside/)
})

function anyBelow(folder: string): string {
  return path.join(folder, fs.readdirSync(folder)[0]!)
}

it("shows a reader what another process writes, and lets it write, make and mend nothing", async () => {
  const folder = scratchFolder()
  const ledger = await ledgerOf("a", "b")
  const reader = () => {
    const index = openLanceIndex({
      launch: forkLaunch,
      directory: path.join(folder, "lance"),
      quarantine: path.join(folder, "quarantine"),
      dimensions,
      ledger,
      readOnly: true
    })
    onTestFinished(() => index.close())
    return index
  }
  await expect(reader().page(0, 10)).rejects.toMatchObject({ code: "index-unavailable" })
  expect(fs.existsSync(path.join(folder, "lance", "rtfs_modules.lance"))).toBe(false)
  const writer = open(folder, ledger)
  expect((await writer.index.page(0, 10)).total).toBe(2)
  const index = reader()
  expect((await index.page(0, 10)).total).toBe(2)
  const entry = await ledger.append(samplePublished({ text: "c", vector: vectorNear(9) }).draft)
  await writer.index.follow(ledger.read(entry.sequence))
  expect((await index.page(0, 10)).records.map(record => record.taskText)).toEqual(["c", "b", "a"])
  expect((await index.search("", vectorNear(9), 1))[0]?.record.taskText).toBe("c")
  await expect(index.rebuild()).rejects.toMatchObject({ code: "store-read-only" })
})
