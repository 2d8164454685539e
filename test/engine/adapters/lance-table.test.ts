import fs from "node:fs"
import path from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { expect, it, onTestFinished } from "vitest"
import type { SequencedChange } from "../../../electron/engine/adapters/lance-protocol.ts"
import type { LanceTableOptions } from "../../../electron/engine/adapters/lance-table.ts"

import { digestOf } from "../../../electron/engine/core/digest.ts"
import { indexChangesOf } from "../../../electron/engine/core/published.ts"
import type { LedgerRecord } from "../../../shared/ledger.ts"
import { dimensions, samplePublished, scratchFolder, textBytes } from "../scratch.ts"
import { randomOf } from "../vectors.ts"

// LanceDB reads its log level when it is imported.
process.env.LANCEDB_LOG = "error"
const { createLanceTable } = await import("../../../electron/engine/adapters/lance-table.ts")

const random = randomOf(5)
const zero = digestOf(textBytes(""))

function unitVector(): Float32Array {
  const vector = Float32Array.from({ length: dimensions }, () => random() - 0.5)
  const length = Math.hypot(...vector)
  return vector.map(value => value / length)
}

/** What a Ledger would tell of this many Mappings. */
function changesOf(count: number, from = 0): { readonly changes: SequencedChange[]; readonly vectors: Float32Array[] } {
  const vectors: Float32Array[] = []
  const changes = Array.from({ length: count }, (_, at) => {
    const vector = unitVector()
    vectors.push(vector)
    const { draft } = samplePublished({ text: `task ${from + at}`, vector })
    const parts = draft.parts.map(part => ({ kind: part.kind, digest: part.kind === "embedding" ? digestOf(part.bytes) : zero, length: 0 }))
    const record = {
      entry: { sequence: from + at, previous: "", kind: draft.kind, at: new Date(0).toISOString(), body: draft.body, parts },
      parts: draft.parts.map(part => part.bytes)
    } as LedgerRecord
    return { sequence: from + at, change: indexChangesOf(record)[0]! }
  })
  return { changes, vectors }
}

async function openTable(options: LanceTableOptions = {}) {
  const folder = scratchFolder()
  const places = [path.join(folder, "lance"), dimensions, path.join(folder, "quarantine")] as const
  const table = createLanceTable(options)
  onTestFinished(() => table.close())
  await table.open(...places)
  return { table, places }
}

it("makes indices for points, filters and words once rows exist, and none over few vectors", async () => {
  const { table } = await openTable({ quietMs: 1 })
  expect((await table.shape()).indices).toEqual([])
  await table.apply(changesOf(40).changes)
  await delay(100)
  const kinds = new Map((await table.shape()).indices.map(({ column, type }) => [column, type]))
  expect(Object.fromEntries(kinds)).toEqual({
    id: "BTree",
    interface_hash: "BTree",
    validation_status: "Bitmap",
    language_version: "Bitmap",
    embedding_model: "Bitmap",
    task_text: "FTS",
    type_text: "FTS"
  })
})

it("builds an index over the vectors beside the questions when it pays, and anew when the table has grown by half", async () => {
  const { table } = await openTable({ quietMs: 1, vectorIndexRowsMin: 300 })
  const { changes, vectors } = changesOf(300)
  await table.apply(changes)
  const indexOf = async () => (await table.shape()).indices.find(({ column }) => column === "semantic_embedding")
  await expect.poll(indexOf, { timeout: 20_000 }).toMatchObject({ type: "IvfHnswSq" })
  let found = 0
  for (const [at, vector] of vectors.slice(0, 50).entries()) {
    const rows = await table.search("", vector, at % 2 === 0 ? 5 : 50)
    if (rows[0]?.record.taskText === `task ${at}` && rows[0].similarity > 0.999) found++
    // A Lookup compares every vector.
    const [nearest] = (await table.nearest(rows[0]!.record.interfaceHash, vector, 0.99, 5)).neighbours
    expect(nearest?.record.taskText).toBe(`task ${at}`)
  }
  expect(found).toBeGreaterThanOrEqual(48)
  const more = changesOf(160, 300)
  await table.apply(more.changes)
  expect((await table.search("", more.vectors[0]!, 1))[0]?.record.taskText).toBe("task 300")
  await expect.poll(async () => (await indexOf())?.unindexed, { timeout: 20_000 }).toBe(0)
})

it("compacts many small fragments by itself, and drops versions nobody needs when it is asked", async () => {
  const { table, places } = await openTable({ keptVersionsMs: 0 })
  const { changes } = changesOf(30)
  for (const change of changes) await table.apply([change])
  expect((await table.shape()).fragments).toBeLessThan(21)
  const filesBefore = fs.readdirSync(places[0], { recursive: true }).length
  const [first] = changes
  const mapping = first!.change.kind === "put" ? first!.change.record.mapping : null
  const said = await table.maintain([{ mapping: mapping!, lastUsedMs: 1_795_000_000_000 }])
  expect(said.join()).toContain("1 rows say when they were used last")
  expect(await table.maintain([{ mapping: mapping!, lastUsedMs: 1_795_000_000_000 }])).not.toContain("rows say when")
  expect(fs.readdirSync(places[0], { recursive: true }).length).toBeLessThan(filesBefore / 2)
  expect((await table.page(0, 100)).total).toBe(30)
})

it("keeps counters as they were told last, and forgets all when it is dropped", async () => {
  const { table } = await openTable()
  const [{ change }] = changesOf(1).changes as [SequencedChange]
  const mapping = change.kind === "put" ? change.record.mapping : change.mapping
  await table.noteUsage([{ mapping, hits: 1, lastUsedMs: 5 }])
  await table.noteUsage([{ mapping, hits: 3, lastUsedMs: 9 }])
  expect(await table.usageRows()).toEqual([{ mapping, hits: 3, lastUsedMs: 9 }])
  await table.drop()
  expect(await table.usageRows()).toEqual([])
})
