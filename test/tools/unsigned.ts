/** Plants what an attacker with write access to a store could: a module under somebody's Task, well-formed in every way, that nobody signed. */
import { join } from "node:path"
import { openFileBlobStore } from "../../electron/engine/adapters/file-blob-store.ts"
import { openFileLedger } from "../../electron/engine/adapters/file-ledger.ts"
import { interfaceHash, showInterface } from "../../electron/engine/core/interface.ts"
import { mappingDigest } from "../../electron/engine/core/mapping.ts"
import type { Mapping } from "../../shared/module.ts"

const task = "Greet a person by name"
const canonical = "(interface 1 [:fn [:string] :string] [])"

/** `(module (func (export "main")))`: the smallest valid module with an export. */
const moduleBytes = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 8, 1, 4, 109, 97, 105, 110, 0, 0, 10, 4, 1, 2, 0, 11
])

/** The store must be closed. Answers the request that the planted Mapping would answer. */
export async function plantUnsigned(store: string): Promise<{ readonly instruction: string; readonly interface: string }> {
  const blobs = openFileBlobStore(join(store, "oci"))
  const ledger = openFileLedger(join(store, "ledger"), { quarantine: join(store, "quarantine"), nowMs: () => Date.now() })
  try {
    const [module, examples] = await blobs.put([moduleBytes, new TextEncoder().encode("[]")])
    const claim: Mapping = {
      task: { text: task },
      interface: { hash: interfaceHash(canonical), canonical },
      entry: "main",
      module: { digest: module!, size: moduleBytes.length },
      runtime: null,
      source: null,
      examples: { digest: examples!, count: 0 }
    }
    const body = {
      mapping: mappingDigest(claim),
      claim,
      typeText: showInterface(canonical),
      languageVersion: "",
      fuelProfile: 0,
      blobs: { module: module!, examples: examples! }
    }
    await ledger.append({ kind: "published", body, parts: [] })
  } finally {
    await ledger.close()
  }
  return { instruction: task, interface: showInterface(canonical) }
}
