/** Who signs for the authority: every open key of it on this machine, because its documents want a threshold and not one person's word. */
import { EngineFailure } from "../../shared/failure.ts"
import type { KeySummary, TrustRoot } from "../../shared/trust.ts"
import type { Signer } from "./core/dsse.ts"
import type { TrustState } from "./trust-state.ts"
import { refusedKeys } from "./trust-state.ts"

/** Signers that reach the threshold of this root's authority. Throws `keys-missing` or `keys-locked`, saying how many there are. */
export function authoritySigners(root: TrustRoot, state: TrustState): Signer[] {
  const { keyids, threshold } = root.roles.authority
  const here = state.ports.keyring.list().filter(key => isAuthority(key, keyids))
  if (here.length < threshold)
    throw new EngineFailure(
      "keys-missing",
      threshold === 1
        ? `no authority key of this store's root is on this machine${refusedKeys(state.ports.keyring)}`
        : `the authority is ${threshold} of ${keyids.length} keys, and ${here.length} of them are on this machine: prepare the document with -o FILE, sign it where the others are (l4 root sign), and join the files (l4 root assemble)`,
      { threshold, here: here.length }
    )
  const open = here.filter(key => key.unlocked)
  if (open.length < threshold)
    throw new EngineFailure(
      "keys-locked",
      `the authority's ${threshold === 1 ? "key is" : `keys are`} locked: ${open.length} open of ${threshold} needed; unlock with the passphrase`,
      { threshold, open: open.length }
    )
  return open.map(key => ({ keyId: key.id, sign: message => state.ports.keyring.sign(key.id, message) }))
}

function isAuthority(key: KeySummary, keyids: readonly string[]): boolean {
  return key.purpose === "authority" && !key.retired && keyids.includes(key.id)
}

/** The newest own root. Throws `trust-damaged` where there is none that is believed. */
export function ownRootOf(state: TrustState): TrustRoot {
  const newest = state.root()?.newest
  if (newest === undefined) throw new EngineFailure("trust-damaged", state.rootProblem() ?? "the store has no root")
  return newest.document
}
