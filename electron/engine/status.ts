/** What is open, by whom, and what a person should know about it. */
import type { EngineStatus } from "../../shared/engine-contract.ts"
import type { OpenStore } from "./open-store.ts"
import { mappingsIn } from "./verdict-sweep.ts"

export async function statusOf(store: OpenStore): Promise<EngineStatus> {
  const { trust, ports } = store
  const keys = ports.keyring.list().filter(key => !key.retired)
  const chain = trust.root()
  return {
    store: store.place,
    readOnly: store.readOnly,
    ...(store.heldBy === null ? {} : { heldBy: store.heldBy }),
    origin: trust.origin(),
    root: chain === null ? null : { id: chain.id, version: chain.newest.document.version, expires: chain.newest.document.expires },
    preset: trust.policy().policy.preset,
    ledgerSize: ports.ledger.size,
    pending: (await mappingsIn("pending", trust.mappings(), store)).length,
    modules: [...trust.modules()].length,
    model: store.modelState(),
    indexAvailable: store.indexAvailable(),
    unprotectedKeys: keys.filter(key => key.slots.includes("none")).length,
    lockedKeys: keys.filter(key => !key.unlocked).length,
    warnings: [...store.warnings(), ...trust.warnings()]
  }
}
