/** Every adapter of the store against the contract of its port. */
import path from "node:path"
import { onTestFinished } from "vitest"
import { createBlobLayout, openFileBlobStore } from "../../../electron/engine/adapters/file-blob-store.ts"
import { openFileLedger } from "../../../electron/engine/adapters/file-ledger.ts"
import { openHitLog } from "../../../electron/engine/adapters/hit-log.ts"
import {
  createMemoryBlobStore,
  createMemoryHitLog,
  createMemoryIndex,
  createMemoryLedger
} from "../../../electron/engine/adapters/memory.ts"
import { scratchFolder } from "../scratch.ts"
import { blobStoreContract } from "./blob-store.contract.ts"
import { hitLogContract } from "./hit-log.contract.ts"
import { ledgerContract } from "./ledger.contract.ts"
import { moduleIndexContract } from "./module-index.contract.ts"

blobStoreContract("memory", createMemoryBlobStore)
blobStoreContract("files", () => {
  const folder = path.join(scratchFolder(), "oci")
  createBlobLayout(folder)
  return openFileBlobStore(folder)
})

ledgerContract("memory", createMemoryLedger)
ledgerContract("files", () => fileLedger(undefined))
ledgerContract("files, small segments", () => fileLedger(20_000))

hitLogContract("memory", createMemoryHitLog)
hitLogContract("files", () => {
  const log = openHitLog(scratchFolder(), { role: "writer", nowMs: () => 1 })
  onTestFinished(() => log.close())
  return log
})

moduleIndexContract("memory", createMemoryIndex)

function fileLedger(segmentBytesMax: number | undefined) {
  const folder = scratchFolder()
  const ledger = openFileLedger(folder, {
    quarantine: path.join(folder, "quarantine"),
    nowMs: Date.now,
    ...(segmentBytesMax === undefined ? {} : { segmentBytesMax })
  })
  onTestFinished(() => ledger.close())
  return ledger
}
