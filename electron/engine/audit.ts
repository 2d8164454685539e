/** Checks the whole store against itself: every frame and link, every Blob, every Attestation, every row of the index. */
import type { Digest } from "../../shared/digest.ts"
import type { AnswerOf, AuditFinding, CallContext, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { LedgerRecord } from "../../shared/ledger.ts"
import type { ModuleRecord } from "../../shared/module.ts"
import { canonicalBytes } from "./core/canonical.ts"
import { digestOf, equalBytes, toHex } from "./core/digest.ts"
import { mappingDigest } from "./core/mapping.ts"
import { leafHash } from "./core/merkle.ts"
import { bytesOfFloats, embeddingOf, publishedBodyOf } from "./core/published.ts"
import type { OpenStore } from "./open-store.ts"
import type { ModuleIndex } from "./ports.ts"

const pageRows = 500
const progressEvery = 200

interface Auditing {
  readonly store: OpenStore
  readonly context: CallContext
  readonly checked: Record<"records" | "blobs" | "mappings" | "attestations" | "rows", number>
  readonly findings: AuditFinding[]
  /** Blobs that some record names. */
  readonly named: Set<Digest>
}

/** With `repair`, what derives is rebuilt; the truth is never changed. Throws `cancelled`. */
export async function audit(input: ParsedOf<"audit">, store: OpenStore, context: CallContext = {}): Promise<AnswerOf<"audit">> {
  const auditing: Auditing = {
    store,
    context,
    checked: { records: 0, blobs: 0, mappings: 0, attestations: 0, rows: 0 },
    findings: [],
    named: new Set()
  }
  checkLedger(auditing)
  await checkBlobs(auditing)
  checkMappings(auditing)
  const faults = (await checkIndex("hot index", store.ports.index, auditing)) + (await checkIndex("LanceDB", store.tables, auditing))
  if (input.repair === true && faults > 0) await repairIndex(auditing, faults)
  for (const warning of store.warnings())
    auditing.findings.push({ code: "opened-with", subject: "store", message: warning, remedy: "see the message", repaired: true })
  return { checked: auditing.checked, findings: auditing.findings }
}

/** Frame, checksum, chain, parts, canonical form, and that a record's Mapping is the Digest of its claim. */
function checkLedger(auditing: Auditing): void {
  const { ledger } = auditing.store.ports
  let previous = "0".repeat(64)
  for (let sequence = 0; sequence < ledger.size; sequence++) {
    step(auditing, "check the ledger", sequence, ledger.size)
    auditing.checked.records++
    const record = readRecord(sequence, auditing)
    if (record === null) {
      previous = toHex(ledger.leaves(sequence + 1)[sequence] as Uint8Array)
      continue
    }
    const bytes = ledger.entryBytes(sequence)
    if (record.entry.previous !== previous)
      find(
        auditing,
        "chain-broken",
        `record ${sequence}`,
        "it does not name the leaf of the record before",
        "restore the ledger from a backup"
      )
    if (!equalBytes(bytes, canonicalBytes(record.entry)))
      find(
        auditing,
        "record-not-canonical",
        `record ${sequence}`,
        "its bytes are not the canonical form of what they say",
        "restore the ledger from a backup"
      )
    previous = toHex(leafHash(bytes))
    checkPublished(record, auditing)
  }
}

function readRecord(sequence: number, auditing: Auditing): LedgerRecord | null {
  try {
    return auditing.store.ports.ledger.read(sequence)
  } catch (error) {
    if (!(error instanceof EngineFailure)) throw error
    find(
      auditing,
      "record-damaged",
      `record ${sequence}`,
      error.message,
      "restore the ledger from a backup, or import a Bundle that holds what it recorded"
    )
    return null
  }
}

function checkPublished(record: LedgerRecord, auditing: Auditing): void {
  const { entry } = record
  if (entry.kind !== "published") return
  const body = publishedBodyOf(record)
  if (body === null || mappingDigest(body.claim) !== body.mapping) {
    find(
      auditing,
      "claim-malformed",
      `record ${entry.sequence}`,
      "its Mapping is not the Digest of its claim",
      "restore the ledger from a backup"
    )
    return
  }
  for (const digest of Object.values(body.blobs)) if (digest !== undefined) auditing.named.add(digest)
}

async function checkBlobs(auditing: Auditing): Promise<void> {
  const { blobs } = auditing.store.ports
  let at = 0
  for (const digest of auditing.named) {
    step(auditing, "check the Blobs", at++, auditing.named.size)
    auditing.checked.blobs++
    try {
      if (blobs.get(digest) === null)
        find(
          auditing,
          "blob-missing",
          digest,
          "a record names it, and it is not there",
          "publish it again, or import a Bundle that holds it"
        )
    } catch (error) {
      if (!(error instanceof EngineFailure)) throw error
      find(auditing, "blob-damaged", digest, error.message, "publish it again, or import a Bundle that holds it")
    }
  }
}

/** Verdicts afresh: what each rule finds wrong with the evidence itself, not what a policy is still waiting for. */
function checkMappings(auditing: Auditing): void {
  const { trust } = auditing.store
  const mappings = trust.mappings()
  for (const [at, mapping] of mappings.entries()) {
    step(auditing, "check the Attestations", at, mappings.length)
    auditing.checked.mappings++
    auditing.checked.attestations += trust.attestationsOf(mapping).length
    const verdict = trust.verdict(mapping)
    for (const { digest, reason } of verdict.ignored)
      find(auditing, "attestation-ignored", digest, `${reason} (of Mapping ${mapping})`, "nothing to do: it counts for nothing")
    for (const { rule, outcome, why } of verdict.rules)
      if (outcome === "fail" && rule !== "not-refused" && rule !== "not-revoked" && rule !== "blob-intact")
        find(auditing, rule, mapping, why, "publish it again, or leave it: it is never served")
    if (verdict.rules.some(({ rule, outcome }) => rule === "mapping-signed" && outcome === "missing"))
      find(auditing, "unsigned", mapping, "no Publisher of a confirmed root signed its claim", "leave it: it is never served")
  }
}

/** How many rows differ from what the Ledger says; each is a finding. */
async function checkIndex(name: string, index: ModuleIndex, auditing: Auditing): Promise<number> {
  const expected = new Set(auditing.store.trust.mappings())
  let faults = 0
  const report = (code: string, mapping: Digest, message: string) => {
    faults++
    find(auditing, code, mapping, `${name}: ${message}`, "audit with repair rebuilds the index")
  }
  for (let cursor = 0; ; cursor += pageRows) {
    const { records, total } = await index.page(cursor, pageRows)
    for (const row of records) {
      auditing.checked.rows++
      const fault = rowFault(row, auditing.store)
      if (!expected.delete(row.mapping)) report("row-stray", row.mapping, "it holds a row twice, or one the ledger does not know")
      else if (fault !== null) report("row-differs", row.mapping, fault)
    }
    if (cursor + pageRows >= total) break
  }
  for (const mapping of expected) report("row-missing", mapping, "the ledger holds it, the index does not")
  return faults
}

function rowFault(row: ModuleRecord, store: OpenStore): string | null {
  const held = store.trust.claimOf(row.mapping)
  if (held === null) return "the ledger holds no such Mapping"
  const { claim } = held
  if (
    row.module !== claim.module.digest ||
    row.interfaceHash !== claim.interface.hash ||
    row.taskText !== claim.task.text ||
    row.ledgerSequence !== held.sequence
  )
    return "its columns are not those of the signed claim"
  if (row.embedding === null) return null
  const vector = digestOf(bytesOfFloats(row.embedding))
  const own = embeddingOf(store.ports.ledger.read(held.sequence))
  return own?.digest === vector || store.trust.vectorsOf(row.mapping, store.ports.embedder.model).includes(vector)
    ? null
    : "its vector is not the attested one"
}

async function repairIndex(auditing: Auditing, faults: number): Promise<void> {
  const { store, findings } = auditing
  const { index, ledger } = store.ports
  auditing.context.onProgress?.({ step: "rebuild the index", done: 0, total: null })
  await index.rebuild()
  for (const record of ledger.records(0)) await index.follow(record)
  for (const [at, one] of findings.entries()) if (one.code.startsWith("row-")) findings[at] = { ...one, repaired: true }
  if (!store.readOnly) await store.append({ kind: "repaired", body: { by: "audit", index: { rows: faults } }, parts: [] })
  await store.settled()
}

function find(auditing: Auditing, code: string, subject: string, message: string, remedy: string): void {
  auditing.findings.push({ code, subject, message, remedy, repaired: false })
}

function step(auditing: Auditing, name: string, done: number, total: number): void {
  if (auditing.context.signal?.aborted) throw new EngineFailure("cancelled", "the audit was cancelled; nothing was changed")
  if (done % progressEvery === 0) auditing.context.onProgress?.({ step: name, done, total })
}
