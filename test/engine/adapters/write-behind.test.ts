import { expect, it } from "vitest"
import { createMemoryIndex, createMemoryLedger } from "../../../electron/engine/adapters/memory.ts"
import { openStandbyIndex } from "../../../electron/engine/adapters/standby-index.ts"
import { openWriteBehind } from "../../../electron/engine/adapters/write-behind.ts"
import type { ModuleIndex } from "../../../electron/engine/ports.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import { samplePublished } from "../scratch.ts"

async function told(texts: readonly string[], index: ModuleIndex) {
  const ledger = createMemoryLedger()
  const samples = texts.map(text => samplePublished({ text }))
  for (const { draft } of samples) {
    const entry = await ledger.append(draft)
    await index.follow(ledger.read(entry.sequence))
  }
  return { ledger, samples }
}

it("tells the index the newest record, Verdicts and counters late, and all of it at a question or when closed", async () => {
  const calls: string[] = []
  const behind: ModuleIndex = {
    ...createMemoryIndex(),
    follow: async record => void calls.push(`follow ${record.entry.sequence}`),
    noteVerdicts: async rows => void calls.push(`verdicts ${rows.length}`),
    noteUsage: async rows => void calls.push(`usage ${rows.length}`)
  }
  const mapping = samplePublished({ text: "x" }).mapping
  let untold = 2
  const verdicts = () => (untold-- > 0 ? [{ mapping, state: "trusted" as const }] : [])
  const index = openWriteBehind({ index: behind, delayMs: 60_000, verdicts, usage: () => [] })
  await told(["a", "b", "c"], index)
  expect(calls).toEqual([])
  await index.page(0, 1)
  expect(calls).toEqual(["follow 2", "verdicts 1", "verdicts 1"])
  untold = 1
  await told(["d"], index)
  await index.close()
  expect(calls).toEqual(["follow 2", "verdicts 1", "verdicts 1", "follow 0", "verdicts 1"])
})

it("goes on when a batch fails, and says so", async () => {
  const failures: string[] = []
  const broken: ModuleIndex = { ...createMemoryIndex(), follow: () => Promise.reject(new Error("gone")) }
  const index = openWriteBehind({ index: broken, delayMs: 1, verdicts: () => [], usage: () => [], onFailure: why => failures.push(why) })
  await told(["a"], index)
  expect((await index.page(0, 1)).total).toBe(0)
  expect(failures).toEqual(["Error: gone"])
})

it("answers from memory, filled from the Ledger, where the first index is out of use; other failures pass", async () => {
  const ledger = createMemoryLedger()
  await ledger.append(samplePublished({ text: "a" }).draft)
  let code: "index-unavailable" | "internal" = "internal"
  const first = { ...createMemoryIndex(), page: () => Promise.reject(new EngineFailure(code, "no LanceDB here")) }
  const index = openStandbyIndex(first, ledger)
  await expect(index.page(0, 1)).rejects.toMatchObject({ code: "internal" })
  code = "index-unavailable"
  expect((await index.page(0, 10)).total).toBe(1)
  expect(index.failure).toBe("no LanceDB here")
  await ledger.append(samplePublished({ text: "b" }).draft)
  expect((await index.page(0, 10)).total).toBe(2)
})
