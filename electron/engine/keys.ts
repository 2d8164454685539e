/** Keys as people handle them: list, open, close, make, hand over, take in, rotate, retire. A secret half never comes out. */
import type { KeyId } from "../../shared/digest.ts"
import type { AnswerOf, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { KeySummary, Role, RootKey, TrustRoot } from "../../shared/trust.ts"
import { roles } from "../../shared/trust.ts"
import type { VerdictChange } from "./changes.ts"
import { changesBetween, changesUnder, statesOf, withTasks } from "./changes.ts"
import { ledgerKeyOf, ledgerOrigin, vkeyOf } from "./core/checkpoint.ts"
import { keyIdOf } from "./core/crypto.ts"
import { fromHex, toBase64 } from "./core/digest.ts"
import { pemOf } from "./core/public-key.ts"
import type { RevokedKey } from "./core/revocations.ts"
import { holdsRole } from "./core/root.ts"
import { utf8Encode } from "./core/utf8.ts"
import type { RootChange } from "./root.ts"
import { canSignRoot, nextRoot, signRoot } from "./root.ts"
import type { KeyTerms } from "./root-change.ts"
import { acceptable, assertOneSide, keyNamed, publicKeyIn, rootKey, withMember } from "./root-change.ts"
import { assertAuthorityReady, lineAsOfNow, lineFor, putSuccessor } from "./succession.ts"
import type { TrustState } from "./trust-state.ts"

/** Names and owners as the root states them, where it holds the key: the root of a first start names its own key's owner. */
export async function keys(_input: ParsedOf<"keys">, state: TrustState): Promise<AnswerOf<"keys">> {
  const { keyring } = state.ports
  return {
    keys: keyring.list().map(key => named(key, state)),
    refused: (keyring.refused ?? []).map(one => ({ ...one })),
    vault: await keyring.vaultProblem()
  }
}

function named(key: KeySummary, state: TrustState): KeySummary {
  const held = state.root()?.newest.document.keys[key.id]
  return held === undefined ? key : { ...key, name: held.name, owner: held.owner }
}

/** Throws `wrong-passphrase`, `unknown-key`, and `not-permitted` where the operating system is asked and keeps no keys. A checkpoint that waited for the ledger key is signed now. */
export async function unlock(input: ParsedOf<"unlock">, state: TrustState): Promise<AnswerOf<"unlock">> {
  const { keyring } = state.ports
  const unlocked = input.passphrase === undefined ? await keyring.unlockKept() : await keyring.unlock(input.passphrase, input.key)
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
  const key = await state.ports.keyring.create({ purpose, name, owner, ...protectionOf(input) })
  if (purpose === "ledger") return key
  if (passphrase !== undefined && !canSignRoot(state)) await openRootKeys(passphrase, state)
  if (!canSignRoot(state)) return key
  await advanceRoot(enrolment(key, {}, state), [], state)
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

/** The public half as a file, with the ledger of this store, by which what the key signs here can be proven elsewhere. Throws `unknown-key`. */
export async function exportKey(input: ParsedOf<"exportKey">, state: TrustState): Promise<AnswerOf<"exportKey">> {
  const key = keyHere(input.key, state)
  const publicKey = publicHalf(key.id, state)
  const ledger = state.root()?.newest.document.ledgers.find(one => one.origin === state.origin())
  return {
    document: {
      id: key.id,
      type: "ed25519",
      public: toBase64(publicKey),
      name: key.name,
      owner: key.owner,
      purpose: key.purpose,
      ...(ledger === undefined ? {} : { ledger: { origin: ledger.origin, vkey: ledger.vkey } })
    },
    pem: pemOf(publicKey)
  }
}

/** Throws `wrong-usage` (malformed, or no role for a public half), `store-exists`, `not-permitted`, `keys-locked`. */
export async function importKey(input: ParsedOf<"importKey">, state: TrustState): Promise<AnswerOf<"importKey">> {
  // a key file carries a sealed seed; a public half carries none
  if (/"seed"\s*:/.test(input.file)) return importSecret(input, state)
  const file = publicKeyIn(input.file)
  const { role } = input
  if (role === undefined)
    throw new EngineFailure("wrong-usage", `a public key enters the root in a role: expected one of ${roles.join(", ")}`)
  assertOneSide(file.id, role, state)
  const { document } = newestRoot(state)
  if (document.roles[role].keyids.includes(file.id)) throw new EngineFailure("store-exists", `key ${file.id} is ${role} already`)
  const { ledger } = file
  if (input.ledger === true && ledger === undefined) throw new EngineFailure("wrong-usage", "the file names no ledger that could be listed")
  const listed = document.ledgers.some(one => one.origin === ledger?.origin)
  const change: RootChange = {
    keys: {
      ...document.keys,
      [file.id]: rootKey({ public: file.public, name: input.name ?? file.name, owner: input.owner ?? file.owner }, input)
    },
    roles: withMember(document.roles, role, file.id),
    ...(input.ledger === true && ledger !== undefined && !listed
      ? { ledgers: [...document.ledgers, { origin: ledger.origin, vkey: ledger.vkey }] }
      : {})
  }
  return { id: file.id, kind: "public", ...(await changeRoot(change, null, input.preview, state)) }
}

async function importSecret(input: ParsedOf<"importKey">, state: TrustState): Promise<AnswerOf<"importKey">> {
  if (input.role !== undefined || input.preview === true)
    throw new EngineFailure(
      "wrong-usage",
      "this is a key file with a sealed secret half: it is taken in without a role, and enters the root by enrolling it"
    )
  const { id } = await state.ports.keyring.import(utf8Encode(input.file))
  return { id, kind: "secret", rootVersion: null, changes: [] }
}

/** Throws `unknown-key`, `store-exists`, `not-permitted`, `keys-locked`. The role's threshold stays. */
export async function enrolKey(input: ParsedOf<"enrolKey">, state: TrustState): Promise<AnswerOf<"enrolKey">> {
  const key = keyHere(input.key, state)
  const role = roleOf(key)
  if (newestRoot(state).document.roles[role].keyids.includes(key.id))
    throw new EngineFailure("store-exists", `key ${key.id} is ${role} already`)
  assertOneSide(key.id, role, state)
  return { id: key.id, ...(await changeRoot(enrolment(key, input, state), null, input.preview, state)) }
}

function enrolment(key: KeySummary, terms: KeyTerms, state: TrustState): RootChange {
  const { document } = newestRoot(state)
  const entry = { public: toBase64(publicHalf(key.id, state)), name: key.name, owner: key.owner }
  return { keys: { ...document.keys, [key.id]: rootKey(entry, terms) }, roles: withMember(document.roles, roleOf(key), key.id) }
}

/**
 * Replaces a key by a new one of the same purpose, name and owner: root version + 1, and a line `superseded` for the old key, so
 * that what it signed until now still counts. Throws `unknown-key`, `keys-locked`, and `wrong-usage` where a protected key would
 * be followed by an unprotected one.
 */
export async function rotateKey(input: ParsedOf<"rotateKey">, state: TrustState): Promise<AnswerOf<"rotateKey">> {
  const { passphrase } = input
  const origin = ledgerToRotate(input.key, state)
  if (origin !== null) return rotateLedger(origin, input, state)
  if (input.preview !== true) state.assertWritable()
  const old = keyHere(input.key, state)
  const role = roleOf(old)
  const newest = newestRoot(state)
  const { document } = newest
  if (!holdsRole(newest, role, old.id)) throw new EngineFailure("unknown-key", `key ${old.id} is no ${role} of this store's root`)
  const { [old.id]: gone, ...kept } = document.keys
  if (input.preview) {
    const keyids = document.roles[role].keyids.filter(one => one !== old.id)
    const next = nextRoot(state, { keys: kept, roles: { ...document.roles, [role]: { ...document.roles[role], keyids } } })
    const changes = changesUnder(next, [lineAsOfNow(old.id, "superseded", state)], state)
    return { old: old.id, key: null, rootVersion: next.version, changes: withTasks(changes, state) }
  }
  assertCanSignRoot(state)
  if (passphrase === undefined && !old.slots.includes("none"))
    throw new EngineFailure("wrong-usage", "the key is protected, and so must be the one that follows: give a passphrase for it")
  const others = document.roles.authority.keyids.filter(id => id !== old.id)
  const authority = { keyids: others, threshold: document.roles.authority.threshold }
  assertAuthorityReady({ ...document, roles: { ...document.roles, authority } }, [old.id], state, role === "authority" ? 1 : 0)
  const before = statesOf(state.mappings(), state)
  const fresh = await state.ports.keyring.create({
    purpose: old.purpose,
    name: old.name,
    owner: old.owner,
    ...protectionOf(input)
  })
  const entry = { public: toBase64(publicHalf(fresh.id, state)), name: old.name, owner: old.owner }
  const keyids = document.roles[role].keyids.map(one => (one === old.id ? fresh.id : one))
  const line = await lineFor(old.id, "superseded", state)
  await advanceRoot(
    {
      keys: { ...kept, [fresh.id]: rootKey(entry, limitsOf(gone)) },
      roles: { ...document.roles, [role]: { ...document.roles[role], keyids } }
    },
    [line],
    state
  )
  await state.ports.keyring.retire(old.id)
  await state.checkpoint(true)
  return { old: old.id, key: fresh, rootVersion: newestRoot(state).document.version, changes: changedSince(before, state) }
}

/** KeyId of the open ledger's key where it is the one meant: it may be gone from this machine, and is named by the root all the same. */
function ledgerToRotate(prefix: string, state: TrustState): KeyId | null {
  const here = state.ports.keyring.list().map(key => key.id)
  const known = state.bench().ledgers.get(state.origin())
  if (known === undefined) return null
  const id = keyIdOf(known.key.publicKey)
  return keyNamed(prefix, [...here, id]) === id ? id : null
}

/**
 * A new key for the Ledger, and with it a new origin: root version + 1 lists it and closes the old one at the head. A store that was
 * put back goes on this way, for others may have seen what was lost. Throws `ledger-forked` where the Ledger was rewritten.
 */
async function rotateLedger(old: KeyId, input: ParsedOf<"rotateKey">, state: TrustState): Promise<AnswerOf<"rotateKey">> {
  const { keyring } = state.ports
  const { document } = newestRoot(state)
  const version = document.version + 1
  if (input.preview) return { old, key: null, rootVersion: version, changes: [] }
  assertCanSignRoot(state)
  if (state.ledgerProblem()?.includes("rolled back") === false) state.assertWritable()
  const summary = keyring.list().find(key => key.id === old)
  if (input.passphrase === undefined && summary?.slots.includes("none") !== true)
    throw new EngineFailure("wrong-usage", "the key that follows must be protected: give a passphrase for it")
  const owner = summary?.owner ?? Object.values(document.keys)[0]?.owner ?? ""
  const fresh = await keyring.create({
    purpose: "ledger",
    name: summary?.name ?? `${owner} ledger`,
    owner,
    ...protectionOf(input)
  })
  const before = statesOf(state.mappings(), state)
  const next = ledgerKeyOf(ledgerOrigin(fresh.id), publicHalf(fresh.id, state))
  const { size } = state.ports.ledger
  const closedAt = { size, root: toBase64(fromHex(state.ledgerHead().root)) }
  const closed = state.origin()
  const ledgers = document.ledgers.flatMap(one =>
    one.origin === closed
      ? [
          { origin: next.name, vkey: vkeyOf(next) },
          { ...one, closedAt }
        ]
      : [one]
  )
  const envelope = signRoot(nextRoot(state, { ledgers }), state)
  const fingerprint = state.root()?.id ?? ""
  // this user knows the new origin first: whatever is cut short after this, the store is still this user's own
  await state.tools.seen.put(next.name, { fingerprint, checkpoint: null })
  await putSuccessor(envelope, [], state)
  const note = await state.checkpoint(true)
  // whoever puts the store back to before this step meets a checkpoint of the origin that came after
  if (note !== null) await state.tools.seen.put(closed, { fingerprint, checkpoint: note })
  if (summary !== undefined) await keyring.retire(old)
  return { old, key: fresh, rootVersion: version, changes: changedSince(before, state) }
}

/** Drops a key without successor: root version + 1 and a line `ceased`. Throws `not-permitted` where its role would fall below its threshold. */
export async function retireKey(input: ParsedOf<"retireKey">, state: TrustState): Promise<AnswerOf<"retireKey">> {
  const key = keyHere(input.key, state)
  const role = roleOf(key)
  const newest = newestRoot(state)
  const { document } = newest
  if (!holdsRole(newest, role, key.id)) {
    if (input.preview !== true) await state.ports.keyring.retire(key.id)
    return { id: key.id, rootVersion: null, changes: [] }
  }
  const { keyids, threshold } = document.roles[role]
  const left = keyids.filter(one => one !== key.id)
  if (left.length < threshold)
    throw new EngineFailure(
      "not-permitted",
      `the role ${role} needs ${threshold} keys and would keep ${left.length}: rotate the key instead`
    )
  const { [key.id]: _gone, ...kept } = document.keys
  const change = { keys: kept, roles: { ...document.roles, [role]: { keyids: left, threshold } } }
  const done = await changeRoot(change, key.id, input.preview, state)
  if (input.preview !== true) await state.ports.keyring.retire(key.id)
  return { id: key.id, ...done }
}

/** Throws `wrong-usage` where every key has a passphrase already. */
export async function protectKeys(input: ParsedOf<"protectKeys">, state: TrustState): Promise<AnswerOf<"protectKeys">> {
  const changed = await state.ports.keyring.protect(input.passphrase, input.kdf)
  if (changed.length === 0) throw new EngineFailure("wrong-usage", "no key here is unprotected")
  return { protected: [...changed] }
}

/** Throws `not-permitted` where the operating system does not protect, `wrong-passphrase`. */
export async function keepKeys(input: ParsedOf<"keepKeys">, state: TrustState): Promise<AnswerOf<"keepKeys">> {
  return { kept: [...(await state.ports.keyring.keep(input.passphrase))] }
}

export async function forgetKeys(_input: ParsedOf<"forgetKeys">, state: TrustState): Promise<AnswerOf<"forgetKeys">> {
  return { forgotten: [...(await state.ports.keyring.forget())] }
}

interface Protection {
  readonly passphrase?: string
  readonly kdf?: "scrypt" | "argon2id"
}

function protectionOf({ passphrase, kdf }: { readonly [K in keyof Protection]: Protection[K] | undefined }): Protection {
  return { ...(passphrase === undefined ? {} : { passphrase }), ...(kdf === undefined ? {} : { kdf }) }
}

/** Tries a change of the root, or makes it with a line for a key that leaves; answers what it changes. */
async function changeRoot(
  change: RootChange,
  leaving: KeyId | null,
  preview: boolean | undefined,
  state: TrustState
): Promise<{ readonly rootVersion: number; readonly changes: ReturnType<typeof withTasks> }> {
  const next = acceptable(nextRoot(state, change))
  if (preview === true) {
    const lines: RevokedKey[] = leaving === null ? [] : [lineAsOfNow(leaving, "ceased", state)]
    return { rootVersion: next.version, changes: withTasks(changesUnder(next, lines, state), state) }
  }
  state.assertWritable()
  assertCanSignRoot(state)
  assertAuthorityReady(next, leaving === null ? [] : [leaving], state)
  const before = statesOf(state.mappings(), state)
  await advanceRoot(change, leaving === null ? [] : [await lineFor(leaving, "ceased", state)], state)
  await state.checkpoint(true)
  return { rootVersion: next.version, changes: changedSince(before, state) }
}

function changedSince(before: ReadonlyMap<VerdictChange["mapping"], VerdictChange["before"]>, state: TrustState) {
  return withTasks(changesBetween(before, statesOf([...before.keys()], state)), state)
}

async function advanceRoot(change: RootChange, lines: readonly RevokedKey[], state: TrustState): Promise<void> {
  await putSuccessor(signRoot(nextRoot(state, change), state), lines, state)
}

function assertCanSignRoot(state: TrustState): void {
  if (!canSignRoot(state))
    throw new EngineFailure(
      "keys-locked",
      "this makes a new root version: unlock the root keys, or prepare the version for the machine where they are kept (l4 root prepare)"
    )
}

function limitsOf(key: RootKey | undefined): KeyTerms {
  return key?.namespaces === undefined ? {} : { namespaces: key.namespaces }
}

function newestRoot(state: TrustState): { readonly document: TrustRoot } & Parameters<typeof holdsRole>[0] {
  const newest = state.root()?.newest
  if (!newest) throw new EngineFailure("trust-damaged", state.rootProblem() ?? "the store has no root")
  return newest
}

function publicHalf(id: KeyId, state: TrustState): Uint8Array {
  const publicKey = state.ports.keyring.publicKey(id)
  if (publicKey === null) throw new EngineFailure("unknown-key", `no key ${id} is here`)
  return publicKey
}

function keyHere(prefix: string, state: TrustState): KeySummary {
  const list = state.ports.keyring.list()
  const id = keyNamed(
    prefix,
    list.map(key => key.id)
  )
  return named(list.find(key => key.id === id) as KeySummary, state)
}

function roleOf(key: KeySummary): Role {
  const role = roles.find(one => one === key.purpose)
  if (role === undefined) throw new EngineFailure("wrong-usage", "the ledger key belongs to the store and has no role in the root")
  return role
}
