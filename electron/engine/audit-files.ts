/** Audit of what lies beside the Ledger: Blobs that must be there, those that nothing names, files nobody knows, and hit logs against what binds them. */
import type { Digest } from "../../shared/digest.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Auditing } from "./findings.ts"
import { orphanHours } from "./gc.ts"
import { blobsNamedBy, walkBlobs } from "./named-blobs.ts"

const hourMs = 3_600_000
/** Days a bound log should still be there. */
const logDays = 30

/** Every Blob that a record names is there and matches its Digest; groups that were never closed and Blobs nobody names are told. */
export async function auditBlobs(auditing: Auditing): Promise<void> {
  const { blobs, ledger } = auditing.store.ports
  const { named, deadGroups } = await walkBlobs(ledger, done => auditing.step("find what records name", done, ledger.size))
  for (const { first, records } of deadGroups)
    auditing.note(
      "group-unfinished",
      `record ${first}`,
      `an import that began here was never closed: its ${records} records count for nothing`,
      "import the Bundle again; its Blobs are swept by l4 gc"
    )
  const checked = new Set<Digest>()
  for (let sequence = 0; sequence < ledger.size; sequence++) {
    await auditing.step("check the Blobs", sequence, ledger.size)
    for (const digest of blobsNamedBy(ledger.read(sequence))) {
      if (checked.has(digest) || !named.has(digest)) continue
      checked.add(digest)
      checkBlob(digest, auditing)
    }
  }
  let at = 0
  for await (const { digest, bytes } of blobs.list()) {
    await auditing.step("look for orphans", at++, null)
    if (!named.has(digest))
      auditing.note("blob-orphan", digest, `no record names it (${bytes} bytes)`, "l4 gc removes it a day after it was last put")
  }
}

function checkBlob(digest: Digest, auditing: Auditing): void {
  const remedy = "publish it again, or import a Bundle that holds it"
  auditing.checked.blobs++
  try {
    if (auditing.store.ports.blobs.get(digest) === null)
      auditing.find("blob-missing", digest, "a record names it, and it is not there", remedy)
  } catch (error) {
    if (!(error instanceof EngineFailure)) throw error
    auditing.find("blob-damaged", digest, error.message, remedy)
  }
}

export async function auditFiles(auditing: Auditing): Promise<void> {
  const { store } = auditing
  const oldMs = store.ports.clock.nowMs() - orphanHours * hourMs
  const strays = await store.ports.blobs.strays()
  for (const { name, bytes, temporary, modifiedMs } of strays) {
    if (!temporary) stranger(`oci/${name}`, bytes, auditing)
    else if (modifiedMs < oldMs)
      auditing.note(
        "file-temporary",
        `oci/${name}`,
        `an unfinished file of a writer that is gone (${bytes} bytes)`,
        "l4 gc sweeps it, and so does audit with repair"
      )
  }
  for (const { name, bytes } of store.strangers()) stranger(name, bytes, auditing)
  for (const { name, why } of store.quarantined())
    auditing.note("quarantined", name, why, "look at it, and delete it when you need it no more")
}

function stranger(name: string, bytes: number, auditing: Auditing): void {
  auditing.note(
    "file-foreign",
    name,
    `no file of a store (${bytes} bytes): it is never read`,
    "move it elsewhere if it is yours; nothing here touches it"
  )
}

/** A log that the Ledger binds is what it was, or was removed because it is old. */
export async function auditLogs(auditing: Auditing): Promise<void> {
  const { usageLog, ports } = auditing.store
  const { hitLog } = ports
  const there = new Set(hitLog.files().map(file => file.id))
  const taken = usageLog.taken()
  for (const [at, bound] of taken.entries()) {
    await auditing.step("check the hit logs", at, taken.length)
    auditing.checked.logs++
    const named = `${bound.name} (record ${bound.sequence})`
    if (!there.has(bound.id)) {
      if (ports.clock.nowMs() - bound.lastMs < logDays * 24 * hourMs)
        auditing.note(
          "log-missing",
          named,
          "the log is gone before its 30 days",
          "its counters rest on the ledger's record; the single entries are lost"
        )
      continue
    }
    const found = hitLog.digestsOf(bound)
    if (found === null || found.log !== bound.log || found.requests !== bound.requests)
      auditing.find(
        "log-changed",
        named,
        "the log is not what the ledger says it was",
        "its counters rest on the ledger's record; do not believe the single entries"
      )
  }
}
