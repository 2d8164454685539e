/** First start: five separate keys under one passphrase, a root that names them, and a policy, all signed and logged. */
import type { KeyId } from "../../shared/digest.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { presetPolicy } from "../../shared/policy-presets.ts"
import type { KeyPurpose, Preset, TrustRoot } from "../../shared/trust.ts"
import { keyPurposes, roles } from "../../shared/trust.ts"
import { canonicalBytes } from "./core/canonical.ts"
import { ledgerKeyOf, ledgerOrigin, vkeyOf } from "./core/checkpoint.ts"
import { toBase64, toHex } from "./core/digest.ts"
import { payloadTypes, sealDocument } from "./core/dsse.ts"
import { policyDigest, sealPolicy } from "./core/policy.ts"
import { rootKeyOf } from "./core/root.ts"
import { dayMs, textOfTime } from "./core/time.ts"
import type { TrustPorts, TrustTools } from "./trust-ports.ts"
import type { TrustState } from "./trust-state.ts"
import { openTrustState } from "./trust-state.ts"

/** How long a root version holds unless its owner says otherwise. */
export const rootLifetimeMs = 5 * 365 * dayMs

export interface InitOptions {
  /** The person or team behind the keys; default: the root KeyId's first 16 digits, so that two fresh stores are two owners. */
  readonly owner?: string
  /** Without one the keys are unprotected, and every start says so. */
  readonly passphrase?: string
}

export interface Initialised {
  readonly state: TrustState
  readonly root: { readonly id: string; readonly version: number; readonly expires: string }
  readonly origin: string
  readonly preset: Preset
  readonly keys: Readonly<Record<KeyPurpose, KeyId>>
  readonly warnings: readonly string[]
}

/** Throws `store-exists` where the store has a root. Documents first, then their records, then the checkpoint. */
export async function initTrust(ports: TrustPorts, tools: TrustTools, options: InitOptions = {}): Promise<Initialised> {
  const { trust, ledger, keyring, clock } = ports
  if (trust.ownRoots().length > 0 || ledger.size > 0) throw new EngineFailure("store-exists", "the store has a root and a ledger already")
  const keys = await createKeys(ports, options)
  const owner = options.owner ?? keys.root.slice(0, 16)
  const publicOf = (id: KeyId) => keyring.publicKey(id) as Uint8Array
  const ledgerKey = ledgerKeyOf(ledgerOrigin(keys.ledger), publicOf(keys.ledger))
  const document: TrustRoot = {
    version: 1,
    expires: textOfTime(clock.nowMs() + rootLifetimeMs),
    keys: Object.fromEntries(roles.map(role => [keys[role], rootKeyOf(toBase64(publicOf(keys[role])), nameOf(role, owner), owner)])),
    roles: Object.fromEntries(roles.map(role => [role, { keyids: [keys[role]], threshold: 1 }])) as unknown as TrustRoot["roles"],
    ledgers: [{ origin: ledgerKey.name, vkey: vkeyOf(ledgerKey) }]
  }
  const id = toHex(ports.crypto.sha256(canonicalBytes(document)))
  const root = sealDocument(payloadTypes.root, document, [{ keyId: keys.root, sign: message => keyring.sign(keys.root, message) }])
  const policy = presetPolicy("solo", [])
  const signedPolicy = sealPolicy(1, policy, [{ keyId: keys.authority, sign: message => keyring.sign(keys.authority, message) }])
  // confirmed first: whatever is cut short after this, the store is still this user's own
  await tools.seen.put(ledgerKey.name, { fingerprint: id, checkpoint: null })
  await trust.putPolicy(signedPolicy)
  await trust.putOwnRoot(1, root)
  const drafts = [
    { kind: "trusted", body: { root: id, own: true, version: 1, fingerprint: id }, parts: [{ kind: "root", bytes: root }] },
    {
      kind: "policy-changed",
      body: { before: null, after: policyDigest(policy), version: 1 },
      parts: [{ kind: "policy", bytes: signedPolicy }]
    }
  ] as const
  await ledger.appendAll(drafts)
  const state = openTrustState(ports, tools)
  await state.checkpoint(true)
  return {
    state,
    root: { id, version: 1, expires: document.expires },
    origin: ledgerKey.name,
    preset: policy.preset,
    keys,
    warnings: state.warnings()
  }
}

async function createKeys({ keyring }: TrustPorts, options: InitOptions): Promise<Record<KeyPurpose, KeyId>> {
  const protection = options.passphrase === undefined ? {} : { passphrase: options.passphrase }
  const made = {} as Record<KeyPurpose, KeyId>
  for (const purpose of keyPurposes) {
    // the root comes first: where no owner is given, its KeyId names one
    const owner = options.owner ?? (purpose === "root" ? null : made.root.slice(0, 16))
    const key = await keyring.create({ purpose, name: nameOf(purpose, owner), owner: owner ?? "", ...protection })
    made[purpose] = key.id
  }
  return made
}

function nameOf(purpose: KeyPurpose, owner: string | null): string {
  return owner === null ? purpose : `${owner} ${purpose}`
}
