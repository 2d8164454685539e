/** Keys as people handle them: list, open, close, make, rotate, retire. A secret half never comes out. */
import type { KeyId } from "../../shared/digest.ts"
import type { AnswerOf, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { KeySummary, Role, RootKey, TrustRoot } from "../../shared/trust.ts"
import { roles } from "../../shared/trust.ts"
import { toBase64 } from "./core/digest.ts"
import { holdsRole, rootKeyOf } from "./core/root.ts"
import { putPolicy } from "./policy.ts"
import { presentCheckpoint, putRevocations } from "./revoke.ts"
import type { RootChange } from "./root.ts"
import { canSignRoot, nextRoot, putRoot, signRoot } from "./root.ts"
import type { TrustState } from "./trust-state.ts"

/** Names and owners as the root states them, where it holds the key: the root of a first start names its own key's owner. */
export async function keys(_input: ParsedOf<"keys">, state: TrustState): Promise<AnswerOf<"keys">> {
  return { keys: state.ports.keyring.list().map(key => named(key, state)) }
}

function named(key: KeySummary, state: TrustState): KeySummary {
  const held = state.root()?.newest.document.keys[key.id]
  return held === undefined ? key : { ...key, name: held.name, owner: held.owner }
}

/** Throws `wrong-passphrase`, `unknown-key`. A checkpoint that waited for the ledger key is signed now. */
export async function unlock(input: ParsedOf<"unlock">, state: TrustState): Promise<AnswerOf<"unlock">> {
  const unlocked = await state.ports.keyring.unlock(input.passphrase, input.key)
  await state.checkpoint()
  return { unlocked: [...unlocked] }
}

export async function lock(_input: ParsedOf<"lock">, state: TrustState): Promise<AnswerOf<"lock">> {
  return { locked: [...state.ports.keyring.lock()] }
}

/**
 * Makes a key. Where the root keys here are open and enough, or the new key's passphrase opens them, it enters the root at once,
 * in a new version; otherwise it waits on this machine until a root that names it arrives.
 */
export async function createKey(input: ParsedOf<"createKey">, state: TrustState): Promise<AnswerOf<"createKey">> {
  const { purpose, name, owner, passphrase } = input
  const key = await state.ports.keyring.create({ purpose, name, owner, ...(passphrase === undefined ? {} : { passphrase }) })
  if (purpose === "ledger") return key
  if (passphrase !== undefined && !canSignRoot(state)) await openRootKeys(passphrase, state)
  if (!canSignRoot(state)) return key
  await enrolKey(key, state)
  await state.checkpoint(true)
  return key
}

/** People keep their keys under one passphrase; where this is another one, the root keys stay as they are. */
async function openRootKeys(passphrase: string, state: TrustState): Promise<void> {
  for (const key of state.ports.keyring.list()) {
    if (key.purpose !== "root" || key.unlocked || key.retired) continue
    try {
      await state.ports.keyring.unlock(passphrase, key.id)
    } catch (failure) {
      if (!(failure instanceof EngineFailure && failure.code === "wrong-passphrase")) throw failure
    }
  }
}

/** Puts a key of this machine into its role in a new root version; the role's threshold stays. */
export async function enrolKey(key: KeySummary, state: TrustState, more: Pick<RootKey, "notAfter" | "namespaces"> = {}): Promise<void> {
  const role = roleOf(key)
  const publicKey = state.ports.keyring.publicKey(key.id)
  const newest = state.root()?.newest
  if (publicKey === null || !newest) throw new EngineFailure("unknown-key", `no key ${key.id} is here, or there is no root to enter`)
  const { document } = newest
  await advanceRoot(state, {
    keys: { ...document.keys, [key.id]: rootKeyOf(toBase64(publicKey), key.name, key.owner, more) },
    roles: withRole(document, role, [...document.roles[role].keyids, key.id])
  })
}

/**
 * Replaces a key by a new one of the same purpose, name and owner: root version + 1, and a line `superseded` for the old key, so
 * that what it signed until now still counts. Throws `unknown-key`, `keys-locked`.
 */
export async function rotateKey(id: KeyId, passphrase: string | undefined, state: TrustState): Promise<KeySummary> {
  const old = keyHere(id, state)
  const role = roleOf(old)
  const newest = state.root()?.newest
  if (!newest || !holdsRole(newest, role, id)) throw new EngineFailure("unknown-key", `key ${id} is no ${role} of this store's root`)
  if (!canSignRoot(state)) throw new EngineFailure("keys-locked", "rotating a key makes a new root version: unlock the root keys")
  const fresh = await state.ports.keyring.create({
    purpose: old.purpose,
    name: old.name,
    owner: old.owner,
    ...(passphrase === undefined ? {} : { passphrase })
  })
  const publicKey = state.ports.keyring.publicKey(fresh.id) as Uint8Array
  const { document } = newest
  const { [id]: _gone, ...kept } = document.keys
  await advanceRoot(state, {
    keys: { ...kept, [fresh.id]: rootKeyOf(toBase64(publicKey), old.name, old.owner, limitsOf(document, id)) },
    roles: withRole(
      document,
      role,
      document.roles[role].keyids.map(one => (one === id ? fresh.id : one))
    )
  })
  await state.ports.keyring.retire(id)
  await lineFor(id, "superseded", state)
  await state.checkpoint(true)
  return fresh
}

/** Drops a key without successor: root version + 1 and a line `ceased`. Throws `not-permitted` where its role would fall below its threshold. */
export async function retireKey(id: KeyId, state: TrustState): Promise<void> {
  const role = roleOf(keyHere(id, state))
  const newest = state.root()?.newest
  if (newest && holdsRole(newest, role, id)) {
    const { document } = newest
    const left = document.roles[role].keyids.filter(one => one !== id)
    if (left.length < document.roles[role].threshold)
      throw new EngineFailure(
        "not-permitted",
        `the role ${role} needs ${document.roles[role].threshold} keys and would keep ${left.length}: rotate the key instead`
      )
    const { [id]: _gone, ...kept } = document.keys
    await advanceRoot(state, { keys: kept, roles: withRole(document, role, left) })
    await lineFor(id, "ceased", state)
    await state.checkpoint(true)
  }
  await state.ports.keyring.retire(id)
}

/** A new version in force, with what the authority signed signed again where the authority changed: an old authority's word ends with it. */
async function advanceRoot(state: TrustState, change: RootChange): Promise<void> {
  const before = state.root()?.newest.document.roles.authority.keyids.join()
  const { policy, believed } = state.policy()
  const lines = state.revocations()
  await putRoot(signRoot(nextRoot(state, change), state), state)
  if (state.root()?.newest.document.roles.authority.keyids.join() === before) return
  if (believed) await putPolicy(policy, state)
  if (lines.version > 0)
    await putRevocations(lines, { what: "all lines", reason: "superseded", note: "signed again by the new authority" }, state, lines)
}

async function lineFor(keyid: KeyId, reason: "superseded" | "ceased", state: TrustState): Promise<void> {
  await putRevocations({ keys: [{ keyid, reason, asOf: await presentCheckpoint(state) }] }, { what: keyid, reason }, state)
}

function withRole(document: TrustRoot, role: Role, keyids: readonly string[]): TrustRoot["roles"] {
  return { ...document.roles, [role]: { ...document.roles[role], keyids } }
}

function limitsOf(document: TrustRoot, id: KeyId): Pick<RootKey, "namespaces"> {
  const namespaces = document.keys[id]?.namespaces
  return namespaces === undefined ? {} : { namespaces }
}

function keyHere(id: KeyId, state: TrustState): KeySummary {
  const key = state.ports.keyring.list().find(one => one.id === id)
  if (!key) throw new EngineFailure("unknown-key", `no key ${id} is here`)
  return named(key, state)
}

function roleOf(key: KeySummary): Role {
  const role = roles.find(one => one === key.purpose)
  if (role === undefined) throw new EngineFailure("wrong-usage", "the ledger key belongs to the store and has no role in the root")
  return role
}
