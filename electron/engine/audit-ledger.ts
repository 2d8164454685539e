/** Audit of the Ledger: every frame, part and link, every claim's Digest, every checkpoint against the tree, and groups that were never closed. */
import type { LedgerRecord } from "../../shared/ledger.ts"
import { canonicalBytes } from "./core/canonical.ts"
import { openCheckpoint, parseCheckpoint } from "./core/checkpoint.ts"
import { equalBytes, toHex } from "./core/digest.ts"
import { mappingDigest } from "./core/mapping.ts"
import { createFrontier, leafHash } from "./core/merkle.ts"
import { publishedBodyOf } from "./core/published.ts"
import type { Auditing } from "./findings.ts"

const restore = "restore the ledger from a backup, or import a Bundle that holds what it recorded"

/** False where a record could not be read: what depends on all of them cannot be judged. */
export async function auditLedger(auditing: Auditing): Promise<boolean> {
  const { ledger } = auditing.store.ports
  const { trust } = auditing.store
  const tree = treeOf(auditing)
  let previous = "0".repeat(64)
  let readable = true
  for (let sequence = 0; sequence < ledger.size; sequence++) {
    await auditing.step("check the ledger", sequence, ledger.size)
    auditing.checked.records++
    const record = readRecord(sequence, auditing)
    if (record === null) {
      readable = false
      previous = toHex(ledger.leaves(sequence + 1)[sequence] as Uint8Array)
      tree.push(ledger.leaves(sequence + 1)[sequence] as Uint8Array)
      continue
    }
    const bytes = ledger.entryBytes(sequence)
    const leaf = leafHash(bytes)
    if (record.entry.previous !== previous)
      auditing.find("chain-broken", `record ${sequence}`, "it does not name the leaf of the record before", restore)
    if (!equalBytes(bytes, canonicalBytes(record.entry)))
      auditing.find("record-not-canonical", `record ${sequence}`, "its bytes are not the canonical form of what they say", restore)
    previous = toHex(leaf)
    tree.push(leaf)
    checkClaim(record, auditing)
    if (record.entry.kind === "checkpoint") tree.check(record)
  }
  if (ledger.damage) auditing.find("ledger-damaged", "ledger", ledger.damage.message, restore)
  const own = trust.ports.trust.checkpoint()
  if (own !== null) tree.checkNote(own, "the newest own checkpoint in trust/")
  const problem = trust.ledgerProblem()
  if (problem !== null)
    auditing.find(
      "ledger-problem",
      "ledger",
      problem,
      "look at both checkpoints on the Ledger screen; a restored backup goes on under a new ledger key and origin"
    )
  return readable && !ledger.damage
}

function readRecord(sequence: number, auditing: Auditing): LedgerRecord | null {
  try {
    return auditing.store.ports.ledger.read(sequence)
  } catch (error) {
    auditing.find("record-damaged", `record ${sequence}`, error instanceof Error ? error.message : String(error), restore)
    return null
  }
}

function checkClaim(record: LedgerRecord, auditing: Auditing): void {
  if (record.entry.kind !== "published") return
  const body = publishedBodyOf(record)
  if (body === null || mappingDigest(body.claim) !== body.mapping)
    auditing.find(
      "claim-malformed",
      `record ${record.entry.sequence}`,
      "its Mapping is not the Digest of its claim",
      "leave it: such a Mapping is never served; publish it again to have it back"
    )
}

/** Roots of the tree as it grows, held against each checkpoint that was recorded: no leaf is hashed twice. */
function treeOf(auditing: Auditing) {
  const { crypto } = auditing.store.ports
  const { trust } = auditing.store
  const frontier = createFrontier(crypto.sha256)
  /** Leaves past the frontier: a checkpoint names a size that is at most its own position. */
  const pending: Uint8Array[] = []

  function rootAt(size: number): Uint8Array | null {
    if (size < frontier.size || size > frontier.size + pending.length) return null
    for (const leaf of pending.splice(0, size - frontier.size)) frontier.push(leaf)
    return frontier.root()
  }

  function checkNote(note: string, subject: string): void {
    auditing.checked.checkpoints++
    const parsed = parseCheckpoint(note)
    if (typeof parsed === "string") {
      auditing.find("checkpoint-malformed", subject, parsed, "export again: a new checkpoint is signed")
      return
    }
    const { origin, size, root } = parsed.checkpoint
    const key = trust.bench().ledgers.get(origin)?.key
    const signed = key === undefined ? "its origin is no ledger that the root lists" : openCheckpoint(note, key, crypto.verify)
    if (typeof signed === "string")
      auditing.find("checkpoint-unsigned", subject, signed, "look at the root: which ledger keys does it list?")
    const expected = rootAt(size)
    if (size < frontier.size && expected === null) return
    if (expected === null || !equalBytes(expected, root))
      auditing.find(
        "checkpoint-differs",
        subject,
        expected === null ? `it is of ${size} records, which are not here` : `its root is not that of the first ${size} records`,
        "the ledger was rewritten or cut: restore it from a backup"
      )
  }

  return {
    push(leaf: Uint8Array) {
      pending.push(leaf)
    },
    checkNote,
    check({ entry }: LedgerRecord) {
      const { note } = entry.body
      if (typeof note === "string") checkNote(note, `record ${entry.sequence}`)
      else
        auditing.find(
          "checkpoint-malformed",
          `record ${entry.sequence}`,
          "it carries no signed note",
          "export again: a new checkpoint is signed"
        )
    }
  }
}
