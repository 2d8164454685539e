import { expect, it } from "vitest"
import { digestOf } from "../../electron/engine/core/digest.ts"
import type { ModuleIndex } from "../../electron/engine/ports.ts"
import type { ModuleRecord } from "../../shared/module.ts"
import { published, storeInMemory } from "./opened.ts"
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
