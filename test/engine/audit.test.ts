import fs from "node:fs"
import path from "node:path"
import { expect, it } from "vitest"
import { digestOf } from "../../electron/engine/core/digest.ts"
import type { ModuleIndex } from "../../electron/engine/ports.ts"
import type { ModuleRecord } from "../../shared/module.ts"
import { adding, published, storeInMemory, storeOnDisk } from "./opened.ts"
import { samplePublished, textBytes } from "./scratch.ts"

const codes = (report: { findings: readonly { code: string }[] }) => report.findings.map(finding => finding.code)

it("finds nothing in a sound store, counts what it checked and says how far it is", async () => {
  const { engine } = await storeInMemory()
  await published(engine)
  const steps = new Set<string>()
  const report = await engine.audit({}, { onProgress: ({ step }) => steps.add(step) })
  expect(report.findings).toEqual([])
  expect(report.checked).toMatchObject({ mappings: 1, attestations: 5, blobs: 4, rows: 2 })
  expect([...steps].slice(0, 5)).toEqual([
    "check the ledger",
    "find what records name",
    "check the Blobs",
    "look for orphans",
    "check the Attestations"
  ])
})

it("names a Blob that is missing and one that nobody signed for", async () => {
  const { engine, store } = await storeInMemory()
  const made = await published(engine)
  await store.ports.blobs.delete(made.digest)
  await store.append(samplePublished({ text: "planted" }).draft)
  const report = await engine.audit({})
  expect(codes(report)).toEqual(expect.arrayContaining(["blob-missing", "attestation-ignored", "unsigned"]))
  expect(report.findings.every(finding => finding.remedy !== "" && !finding.repaired)).toBe(true)
})

it("names a record whose claim is not the Mapping it says", async () => {
  const { engine, store } = await storeInMemory()
  const { draft } = samplePublished({ text: "a" })
  await store.ports.ledger.append({ ...draft, body: { ...draft.body, mapping: digestOf(textBytes("another")) } })
  expect(codes(await engine.audit({}))).toContain("claim-malformed")
})

it.each<[string, string, (rows: readonly ModuleRecord[]) => ModuleRecord[]]>([
  ["lacks", "row-missing", () => []],
  ["holds twice", "row-stray", rows => [...rows, ...rows]],
  ["says something else of", "row-differs", rows => rows.map(row => ({ ...row, taskText: "delete everything" }))],
  ["has another vector for", "row-differs", rows => rows.map(row => ({ ...row, embedding: new Float32Array(384).fill(1) }))]
])("names what the index %s, and repairs it by a rebuild", async (_, code, spoil) => {
  let spoilt = true
  const { engine, store } = await storeInMemory({
    index: honest => ({
      ...honest,
      async page(cursor, limit) {
        const page = await honest.page(cursor, limit)
        return spoilt ? { records: spoil(page.records), total: page.total } : page
      },
      async rebuild() {
        spoilt = false
        await honest.rebuild()
      }
    })
  })
  await published(engine)
  expect(codes(await engine.audit({}))).toEqual([code])
  expect((await engine.audit({ repair: true })).findings).toMatchObject([{ code, repaired: true }])
  expect(codes(await engine.audit({}))).toEqual([])
  expect(store.ports.ledger.read(store.ports.ledger.size - 1).entry.kind).toBe("repaired")
})

it("stops where it is cancelled", async () => {
  const { engine } = await storeInMemory()
  await published(engine)
  await expect(engine.audit({}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" })
})

it("holds rows of the index against the Ledger only where the index can answer", async () => {
  const { engine } = await storeInMemory({ index: (honest: ModuleIndex) => honest })
  expect((await engine.audit({})).checked.rows).toBe(0)
})

const remarks = (report: { findings: readonly { code: string; subject: string; harmless?: boolean | undefined }[] }) =>
  report.findings
    .filter(finding => finding.harmless === true && finding.code !== "opened-with")
    .map(finding => [finding.code, finding.subject])

it("checks each checkpoint: its key, and its root against the tree", async () => {
  const { engine, store } = await storeInMemory()
  await published(engine)
  const checkpoint = await store.trust.checkpoint(true)
  expect((await engine.audit({})).findings).toEqual([])
  expect((await engine.audit({})).checked.checkpoints).toBeGreaterThanOrEqual(2)
  const [origin, size, root, ...rest] = checkpoint!.split("\n")
  const other = Buffer.from(root!, "base64").fill(7).toString("base64")
  const forged = [origin, size, other, ...rest].join("\n")
  const stranger = ["example.org/ledger", size, root, ...rest].join("\n")
  for (const note of [forged, stranger, "no note"]) await store.append({ kind: "checkpoint", body: { note }, parts: [] })
  expect(codes(await engine.audit({})).sort()).toEqual([
    "checkpoint-differs",
    "checkpoint-malformed",
    "checkpoint-unsigned",
    "checkpoint-unsigned"
  ])
})

it("names an import that was never closed, its orphans, and says what sweeps them; nothing is wrong with the store", async () => {
  const { engine, store } = await storeInMemory()
  await published(engine)
  const { ledger, blobs } = store.ports
  const [orphan] = await blobs.put([textBytes("of an import that died")])
  const sample = samplePublished({ text: "never closed" })
  const group = ledger.size
  await ledger.append({ ...sample.draft, group })
  await ledger.append({ kind: "repaired", body: {}, parts: [] })
  const report = await engine.audit({})
  expect(remarks(report)).toEqual([
    ["group-unfinished", `record ${group}`],
    ["blob-orphan", orphan]
  ])
  expect(report.findings.every(finding => finding.remedy.includes("l4 gc"))).toBe(true)
})

it("names a hit log that is not what the Ledger bound, and one that is gone too early", async () => {
  const { store: folder, open } = await storeOnDisk()
  const writer = await open()
  await published(writer)
  for (let readers = 0; readers < 2; readers++) {
    const reader = await open({ readOnly: true })
    await reader.lookup({ request: adding.request })
    await reader.close()
  }
  await writer.close()
  const again = await open()
  await expect.poll(async () => (await again.audit({})).checked.logs, { timeout: 20_000 }).toBe(2)
  expect((await again.audit({})).findings).toEqual([])
  const [changed, gone] = fs.readdirSync(path.join(folder, "hits")).filter(name => /^reader.*log$/.test(name))
  const file = path.join(folder, "hits", changed!)
  const bytes = fs.readFileSync(file)
  bytes[200]! ^= 1
  fs.writeFileSync(file, bytes)
  fs.rmSync(path.join(folder, "hits", gone!))
  const { findings } = await again.audit({ repair: true })
  expect(findings.map(finding => [finding.code, finding.harmless === true])).toEqual(
    expect.arrayContaining([
      ["log-changed", false],
      ["log-missing", true]
    ])
  )
})

it("lists no more of one kind than can be read, and tells how many there are", async () => {
  const { engine, store } = await storeInMemory()
  await store.ports.blobs.put(Array.from({ length: 1_234 }, (_, at) => textBytes(`orphan ${at}`)))
  const { findings } = await engine.audit({})
  expect(findings).toHaveLength(1_001)
  expect(findings.at(-1)).toMatchObject({ code: "blob-orphan", subject: "more", message: "234 more of this kind are not listed" })
})

it("lets other work have its turn, and stops in the middle where it is cancelled then", async () => {
  const { engine, store } = await storeInMemory()
  await store.ports.ledger.appendAll(Array.from({ length: 3_000 }, () => ({ kind: "repaired" as const, body: {}, parts: [] })))
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 0)
  await expect(engine.audit({}, { signal: stop.signal })).rejects.toMatchObject({ code: "cancelled" })
})
