/** Every adapter of the store against the contract of its port. */
import path from "node:path"
import { onTestFinished } from "vitest"
import { forkLaunch } from "../../../electron/engine/adapters/child-process.ts"
import { createBlobLayout, openFileBlobStore } from "../../../electron/engine/adapters/file-blob-store.ts"
import { openFileLedger } from "../../../electron/engine/adapters/file-ledger.ts"
import { openHitLog } from "../../../electron/engine/adapters/hit-log.ts"
import { openLanceIndex } from "../../../electron/engine/adapters/lance-index.ts"
import {
  createMemoryBlobStore,
  createMemoryHitLog,
  createMemoryIndex,
  createMemoryLedger
} from "../../../electron/engine/adapters/memory.ts"
import { dimensions, scratchFolder } from "../scratch.ts"
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
moduleIndexContract("LanceDB", ledger => {
  const folder = scratchFolder()
  const index = openLanceIndex({
    launch: forkLaunch,
    directory: path.join(folder, "lance"),
    quarantine: path.join(folder, "quarantine"),
    dimensions,
    ledger
  })
  onTestFinished(() => index.close())
  return index
})

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
