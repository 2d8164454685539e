/** Changes of the own root by people who carry files: prepared here, signed wherever root keys are kept, joined and put in force here. */
import type { KeyId } from "../../shared/digest.ts"
import { isKeyId } from "../../shared/digest.ts"
import type { AnswerOf, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { PublicKeyFile, Role, RootKey, TrustRoot } from "../../shared/trust.ts"
import { roles } from "../../shared/trust.ts"
import { changesBetween, changesUnder, statesOf, withTasks } from "./changes.ts"
import { canonicalBytes } from "./core/canonical.ts"
import { toHex } from "./core/digest.ts"
import { parsePublicKey } from "./core/public-key.ts"
import type { RevokedKey } from "./core/revocations.ts"
import { parseTrustRoot, rootKeyOf } from "./core/root.ts"
import { timeOf } from "./core/time.ts"
import { confirmForeignRoot, putAccepted } from "./foreign-root.ts"
import { newestPolicyVersion, putPolicy } from "./policy.ts"
import type { Joined } from "./prepared.ts"
import { joinPrepared, preparedText, signPrepared } from "./prepared.ts"
import { putRevocationsDocument } from "./revoke.ts"
import { nextRoot } from "./root.ts"
import { assertAuthorityReady, changesAuthority, lineAsOfNow, lineFor, nextLines, putSuccessor } from "./succession.ts"
import type { TrustState } from "./trust-state.ts"

/** What a root says of a key beside its public half, as a verb is given it. */
export interface KeyTerms {
  readonly notAfter?: string | undefined
  readonly namespaces?: readonly string[] | undefined
}

/** Throws `wrong-usage` where a key file is malformed or the version would not be accepted, `unknown-key`. Signs nothing. */
export async function prepareRoot(input: ParsedOf<"prepareRoot">, state: TrustState): Promise<AnswerOf<"prepareRoot">> {
  const { document: newest } = ownRoot(state).newest
  let { keys, roles: held } = newest
  for (const { file, role, ...terms } of input.add ?? []) {
    const key = publicKeyIn(file)
    assertOneSide(key.id, role, state)
    keys = { ...keys, [key.id]: rootKey(key, terms) }
    held = withMember(held, role, key.id)
  }
  const lines: RevokedKey[] = []
  for (const prefix of input.remove ?? []) {
    const id = keyNamed(prefix, Object.keys(newest.keys) as KeyId[])
    const { [id]: _gone, ...kept } = keys
    keys = kept
    held = withoutMember(held, id)
    lines.push(lineAsOfNow(id, "ceased", state))
  }
  for (const role of roles) {
    const threshold = input.thresholds?.[role]
    if (threshold !== undefined) held = { ...held, [role]: { ...held[role], threshold } }
  }
  const expires = input.expires
  if (expires !== undefined && (timeOf(expires) ?? 0) <= state.ports.clock.nowMs())
    throw new EngineFailure("wrong-usage", `expires: expected a time to come in UTC such as 2032-11-22T00:00:00Z, found ${expires}`)
  const document = acceptable(nextRoot(state, { keys, roles: held, ...(expires === undefined ? {} : { expires }) }))
  const payload = canonicalBytes(document)
  return {
    document: preparedText("root", payload),
    version: document.version,
    fingerprint: toHex(state.ports.crypto.sha256(payload)),
    changes: withTasks(changesUnder(document, lines, state), state),
    also: alsoSigned(document, lines, state)
  }
}

/** What the authority of that version signs in the same step, as documents of their own: its keys may be kept elsewhere too. */
function alsoSigned(next: TrustRoot, lines: readonly RevokedKey[], state: TrustState): AnswerOf<"prepareRoot">["also"] {
  const again = changesAuthority(next, state)
  const { policy, believed } = state.policy()
  const also: AnswerOf<"prepareRoot">["also"] = []
  if (again && believed)
    also.push({
      kind: "policy",
      document: preparedText("policy", canonicalBytes({ version: newestPolicyVersion(state) + 1, policy }))
    })
  if (lines.length > 0 || (again && state.revocations().version > 0))
    also.push({ kind: "revocations", document: preparedText("revocations", canonicalBytes(nextLines(lines, state))) })
  return also
}

export async function signRoot(input: ParsedOf<"signRoot">, state: TrustState): Promise<AnswerOf<"signRoot">> {
  return signPrepared(input.document, state.ports.keyring, input.key)
}

/**
 * Throws `wrong-usage` where files hold different documents of one kind, `trust-damaged` with the reason one is refused, and
 * `keys-missing` or `keys-locked` where the authority has to sign something in the same step and cannot. Nothing is written then.
 */
export async function assembleRoot(input: ParsedOf<"assembleRoot">, state: TrustState): Promise<AnswerOf<"assembleRoot">> {
  const { root, policy, revocations, acceptance } = joinPrepared(input.documents)
  const mappings = state.mappings()
  const states = statesOf(mappings, state)
  const notes: string[] = []
  if (root !== undefined) notes.push(...(await assembleVersion(root, { policy, revocations }, state)))
  else {
    if (policy !== undefined) await putPolicy(policy.bytes, state)
    if (revocations !== undefined)
      await putRevocationsDocument(revocations.bytes, { what: "lines signed elsewhere", reason: "assembled" }, state)
  }
  if (acceptance !== undefined) notes.push(`root ${(await putAccepted(acceptance, state)).id} is confirmed`)
  await state.checkpoint(true)
  const first = (root ?? policy ?? revocations ?? acceptance) as Joined
  return {
    kinds: [root, policy, revocations, acceptance].flatMap(one => (one === undefined ? [] : [one.kind])),
    version: first.version,
    fingerprint: first.fingerprint,
    changes: withTasks(changesBetween(states, statesOf(mappings, state)), state),
    notes
  }
}

async function assembleVersion(
  root: Joined,
  { policy, revocations }: { readonly policy: Joined | undefined; readonly revocations: Joined | undefined },
  state: TrustState
): Promise<string[]> {
  const document = root.payload as unknown as TrustRoot
  const before = ownRoot(state).newest.document
  const gone = Object.keys(before.keys).filter(id => document.keys[id] === undefined) as KeyId[]
  const lines: RevokedKey[] = []
  const again = changesAuthority(document, state)
  if (revocations === undefined && gone.length > 0) assertAuthorityReady(document, gone, state)
  if (policy === undefined && again && state.policy().believed) assertAuthorityReady(document, gone, state)
  for (const keyid of gone) lines.push(await lineFor(keyid, "ceased", state))
  if ((policy !== undefined || revocations !== undefined) && !again && gone.length === 0)
    throw new EngineFailure("wrong-usage", "this version leaves the authority as it is: put policy and revocations in force by themselves")
  await putSuccessor(root.bytes, lines, state, {
    ...(policy === undefined ? {} : { policy: policy.bytes }),
    ...(revocations === undefined ? {} : { revocations: revocations.bytes })
  })
  return gone.map(id => `key ${id} left the root: what it signed until now still counts, nothing after`)
}

/**
 * Of the store's own root, or of the one in `file`. Throws `not-permitted` where no version of it has this fingerprint. The own one
 * is written into the user's data folder, never the store.
 */
export async function confirmRoot(input: ParsedOf<"confirmRoot">, state: TrustState): Promise<AnswerOf<"confirmRoot">> {
  const fingerprint = input.fingerprint.toLowerCase().replace(/^sha256:|[\s:]/g, "")
  if (!/^[0-9a-f]{64}$/.test(fingerprint))
    throw new EngineFailure("wrong-usage", "expected a fingerprint: 64 hex digits, in groups if you like")
  if (input.file !== undefined) return confirmForeignRoot(input.file, fingerprint, input.prepare === true, state)
  const chain = ownRoot(state)
  const fits = chain.versions.some(version => version.fingerprint === fingerprint)
  if (!fits)
    throw new EngineFailure(
      "not-permitted",
      "no version of this store's root has that fingerprint: it is not the root you were told of, and nothing is confirmed",
      { expected: fingerprint, found: chain.versions.map(version => version.fingerprint) }
    )
  const origin = state.origin()
  const { seen } = state.tools
  const known = seen.get(origin)
  const answer = { id: chain.id, version: chain.newest.document.version, origin }
  if (known?.fingerprint === chain.id) return { ...answer, already: true }
  // a checkpoint seen before stays: confirming a root does not excuse a Ledger that was put back
  await seen.put(origin, { fingerprint: chain.id, checkpoint: known?.checkpoint ?? verifiedCheckpoint(state) })
  state.refresh()
  return { ...answer, already: false }
}

function verifiedCheckpoint(state: TrustState): string | null {
  return state.ledgerProblem() === null ? (state.newestCheckpoint()?.note ?? null) : null
}

/** The public key in a file. Throws `wrong-usage` saying what is wrong with it. */
export function publicKeyIn(file: string): PublicKeyFile {
  const key = parsePublicKey(file)
  if (typeof key === "string") throw new EngineFailure("wrong-usage", `the public key file is refused: ${key}`)
  return key
}

export function rootKey(key: { readonly public: string; readonly name: string; readonly owner: string }, terms: KeyTerms): RootKey {
  const { notAfter, namespaces } = terms
  return rootKeyOf(key.public, key.name, key.owner, {
    ...(notAfter === undefined ? {} : { notAfter }),
    ...(namespaces === undefined ? {} : { namespaces })
  })
}

/** One KeyId, one side: a publisher in any confirmed root is reviewer in none. */
export function assertOneSide(id: KeyId, role: Role, state: TrustState): void {
  const against = role === "publisher" ? "reviewer" : role === "reviewer" ? "publisher" : null
  if (against === null) return
  const chain = state.roots().find(one => one.newest.document.roles[against].keyids.includes(id))
  if (chain !== undefined)
    throw new EngineFailure("not-permitted", `key ${id} is ${against} in the root ${chain.id.slice(0, 16)} and can be ${role} in none`)
}

/** The version as it stands, or `wrong-usage` with the reason it would be refused everywhere. */
export function acceptable(document: TrustRoot): TrustRoot {
  const parsed = parseTrustRoot(document as unknown as Parameters<typeof parseTrustRoot>[0])
  if (typeof parsed === "string") throw new EngineFailure("wrong-usage", `that root would not be accepted: ${parsed}`)
  return document
}

export function withMember(held: TrustRoot["roles"], role: Role, id: KeyId): TrustRoot["roles"] {
  return held[role].keyids.includes(id) ? held : { ...held, [role]: { ...held[role], keyids: [...held[role].keyids, id] } }
}

function withoutMember(held: TrustRoot["roles"], id: KeyId): TrustRoot["roles"] {
  return Object.fromEntries(
    roles.map(role => [role, { ...held[role], keyids: held[role].keyids.filter(one => one !== id) }])
  ) as unknown as TrustRoot["roles"]
}

/** The one KeyId that begins with these digits. Throws `unknown-key`, `ambiguous-prefix`. */
export function keyNamed(prefix: string, among: readonly KeyId[]): KeyId {
  const fitting = [...new Set(among)].filter(id => id.startsWith(prefix))
  const [id] = fitting
  if (id === undefined) throw new EngineFailure("unknown-key", `no key ${isKeyId(prefix) ? prefix : `that begins with ${prefix}`} is here`)
  if (fitting.length > 1) throw new EngineFailure("ambiguous-prefix", `${prefix} begins ${fitting.length} KeyIds: give more digits`)
  return id
}

function ownRoot(state: TrustState) {
  const chain = state.root()
  if (chain === null) throw new EngineFailure("trust-damaged", state.rootProblem() ?? "the store has no root")
  return chain
}
