/** Checks the whole store against itself: every frame and link, every Blob, every Attestation, every row and counter, every file. */
import type { Digest } from "../../shared/digest.ts"
import type { AnswerOf, CallContext, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { ModuleRecord } from "../../shared/module.ts"
import { auditBlobs, auditFiles, auditLogs } from "./audit-files.ts"
import { auditLedger } from "./audit-ledger.ts"
import { digestOf } from "./core/digest.ts"
import { bytesOfFloats, embeddingOf, moduleRecordOf } from "./core/published.ts"
import type { Auditing } from "./findings.ts"
import { createAuditing } from "./findings.ts"
import { orphanHours, sweepOrphans } from "./gc.ts"
import type { OpenStore } from "./open-store.ts"
import type { ModuleIndex } from "./ports.ts"

const pageRows = 500
/** A rebuild that is under way is waited for, so often. */
const waitMs = 50
const derived = ["row-stray", "row-differs", "row-missing", "index-unavailable", "counter-differs"]

/**
 * With `repair`, what derives is rebuilt where it differs, and old orphans are swept; the truth is never changed. Throws `cancelled`, and
 * `store-read-only` where a repair is asked of a reader.
 */
export async function audit(input: ParsedOf<"audit">, store: OpenStore, context: CallContext = {}): Promise<AnswerOf<"audit">> {
  if (input.repair === true && store.readOnly)
    throw new EngineFailure("store-read-only", "nothing can be repaired: the store is open for reading only; audit without repair")
  const auditing = createAuditing(store, context)
  if (await auditLedger(auditing)) await auditBlobs(auditing)
  await auditMappings(auditing)
  await auditIndex("hot index", store.ports.index, auditing)
  await auditIndex("LanceDB", store.tables, auditing)
  await auditCounters(auditing)
  await auditLogs(auditing)
  await auditFiles(auditing)
  if (input.repair === true) await repair(auditing, context)
  for (const warning of store.warnings())
    if (warning !== store.ports.ledger.damage?.message) auditing.note("opened-with", "store", warning, "see the message")
  auditing.repaired(["opened-with"])
  return { checked: auditing.checked, findings: auditing.findings() }
}

/** Verdicts afresh: what each rule finds wrong with the evidence itself, not what a policy is still waiting for. */
async function auditMappings(auditing: Auditing): Promise<void> {
  const { trust } = auditing.store
  const mappings = trust.mappings()
  for (const [at, mapping] of mappings.entries()) {
    await auditing.step("check the Attestations", at, mappings.length)
    auditing.checked.mappings++
    auditing.checked.attestations += trust.attestationsOf(mapping).length
    const verdict = trust.verdict(mapping)
    for (const { digest, reason } of verdict.ignored)
      auditing.note("attestation-ignored", digest, `${reason} (of Mapping ${mapping})`, "nothing to do: it counts for nothing")
    for (const { rule, outcome, why } of verdict.rules)
      if (outcome === "fail" && rule !== "not-refused" && rule !== "not-revoked" && rule !== "blob-intact")
        auditing.find(rule, mapping, why, "publish it again, or leave it: it is never served")
    if (verdict.rules.some(({ rule, outcome }) => rule === "mapping-signed" && outcome === "missing"))
      auditing.find("unsigned", mapping, "no Publisher of a confirmed root signed its claim", "leave it: it is never served")
  }
  const problem = trust.rootProblem()
  if (problem !== null) auditing.find("root-problem", "trust/", problem, "restore trust/ from a backup; until then nothing is trusted")
  const policy = trust.policy()
  if (!policy.believed && trust.root() !== null)
    auditing.find("policy-not-believed", "trust/policy.json", policy.why, "set the policy again: l4 policy set")
}

/** Every row is held against what the Ledger says of its Mapping. */
async function auditIndex(name: string, index: ModuleIndex, auditing: Auditing): Promise<void> {
  const expected = new Set(auditing.store.trust.mappings())
  const report = (code: string, mapping: Digest, message: string) =>
    auditing.find(code, mapping, `${name}: ${message}`, "audit with repair rebuilds the index")
  try {
    for (let cursor = 0; ; cursor += pageRows) {
      const { records, total } = await pageOf(index, cursor, auditing)
      for (const row of records) {
        await auditing.step(`check the ${name}`, cursor, total)
        auditing.checked.rows++
        const fault = rowFault(row, auditing.store)
        if (!expected.delete(row.mapping)) report("row-stray", row.mapping, "it holds a row twice, or one the ledger does not know")
        else if (fault !== null) report("row-differs", row.mapping, fault)
      }
      if (cursor + pageRows >= total) break
    }
  } catch (error) {
    if (!(error instanceof EngineFailure) || error.code === "cancelled") throw error
    auditing.find("index-unavailable", name, error.message, "audit with repair rebuilds the index")
    return
  }
  // What a reader's tables have not come to yet is no fault.
  for (const mapping of expected)
    if (!auditing.store.readOnly || (auditing.store.trust.claimOf(mapping)?.sequence ?? 0) <= index.appliedSequence)
      report("row-missing", mapping, "the ledger holds it, the index does not")
}

async function pageOf(index: ModuleIndex, cursor: number, auditing: Auditing): ReturnType<ModuleIndex["page"]> {
  for (;;) {
    try {
      return await index.page(cursor, pageRows)
    } catch (error) {
      if (!(error instanceof EngineFailure) || error.details.rebuilding !== true) throw error
      await auditing.step("wait for the index", 0, null)
      await new Promise(resolve => setTimeout(resolve, waitMs))
    }
  }
}

function rowFault(row: ModuleRecord, store: OpenStore): string | null {
  const held = store.trust.claimOf(row.mapping)
  if (held === null) return "the ledger holds no such Mapping"
  const record = store.ports.ledger.read(held.sequence)
  const expected = moduleRecordOf(record)
  if (expected === null) return "its record is no publication"
  // Publishing a claim again only adds Attestations: the row stays that of the first record.
  const own = row.ledgerSequence === held.sequence ? expected : firstOf(row, store)
  if (own === null) return "it names a record that is not its own"
  for (const column of columns) if (row[column] !== own[column]) return `its column ${column} is not what its record says`
  if (row.embedding === null) return null
  const vector = digestOf(bytesOfFloats(row.embedding))
  return embeddingOf(record)?.digest === vector || store.trust.vectorsOf(row.mapping, store.ports.embedder.model).includes(vector)
    ? null
    : "its vector is not the attested one"
}

const columns = [
  "module",
  "interfaceHash",
  "taskText",
  "typeText",
  "languageVersion",
  "sizeBytes",
  "fuelProfile",
  "signature",
  "createdMs",
  "ledgerSequence"
] as const

function firstOf(row: ModuleRecord, { ports }: OpenStore): ModuleRecord | null {
  const { ledger } = ports
  if (row.ledgerSequence < 0 || row.ledgerSequence >= ledger.size) return null
  const record = moduleRecordOf(ledger.read(row.ledgerSequence))
  return record?.mapping === row.mapping ? record : null
}

/** The table may lag behind what was served; ahead of it is what a crash took from the logs. */
async function auditCounters(auditing: Auditing): Promise<void> {
  const { store } = auditing
  let rows: Awaited<ReturnType<ModuleIndex["usageRows"]>>
  try {
    rows = await store.tables.usageRows()
  } catch (error) {
    if (!(error instanceof EngineFailure)) throw error
    return
  }
  store.usageLog.refresh()
  for (const [at, { mapping, hits, lastUsedMs }] of rows.entries()) {
    await auditing.step("check the counters", at, rows.length)
    const used = store.counters.of(mapping)
    if (used === null || hits > used.hits || lastUsedMs > used.lastUsedMs)
      auditing.note(
        "counter-differs",
        mapping,
        "the table usage counts more than the logs, which a crash may have taken the last second of",
        "audit with repair counts again"
      )
  }
}

async function repair(auditing: Auditing, context: CallContext): Promise<void> {
  const { store } = auditing
  const { index, ledger } = store.ports
  const faults = derived.reduce((sum, code) => sum + auditing.count(code), 0)
  if (faults > 0) {
    context.onProgress?.({ step: "rebuild the index", done: 0, total: null })
    await index.rebuild()
    for (const record of ledger.records(0)) await index.follow(record)
    store.usageLog.touchAll()
    auditing.repaired(derived)
    await store.append({ kind: "repaired", body: { by: "audit", index: { rows: faults } }, parts: [] })
    await store.settled()
  }
  const swept = await sweepOrphans(store, { olderThanHours: orphanHours, dryRun: false }, context)
  if (swept.temporary > 0) auditing.repaired(["file-temporary"])
  if (swept.removedBlobs > 0)
    auditing.note(
      "orphans-swept",
      "oci/",
      `${swept.removedBlobs} Blobs that no record names were removed (${swept.removedBytes} bytes)`,
      "nothing to do"
    )
  auditing.repaired(["orphans-swept"])
}
