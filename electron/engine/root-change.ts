/** Changes of the own root by people who carry files: prepared here, signed wherever root keys are kept, joined and put in force here. */
import type { KeyId } from "../../shared/digest.ts"
import { isKeyId } from "../../shared/digest.ts"
import type { AnswerOf, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { PublicKeyFile, Role, RootKey, TrustRoot } from "../../shared/trust.ts"
import { roles } from "../../shared/trust.ts"
import { changesBetween, changesUnder, statesOf, withTasks } from "./changes.ts"
import { canonicalBytes } from "./core/canonical.ts"
import { toBase64, toHex } from "./core/digest.ts"
import { envelopeBytes, type OpenedEnvelope, payloadTypes, sealEnvelope } from "./core/dsse.ts"
import { parsePublicKey } from "./core/public-key.ts"
import type { RevokedKey } from "./core/revocations.ts"
import { openRootVersion, parseTrustRoot, type RootVersion, rootKeyOf } from "./core/root.ts"
import { timeOf } from "./core/time.ts"
import { utf8Decode, utf8Encode } from "./core/utf8.ts"
import { putPolicy } from "./policy.ts"
import type { Keyring } from "./ports.ts"
import { presentCheckpoint, putRevocations } from "./revoke.ts"
import { nextRoot, putRoot } from "./root.ts"
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
    document: textOfEnvelope(envelopeBytes(sealEnvelope(payloadTypes.root, payload, []))),
    version: document.version,
    fingerprint: toHex(state.ports.crypto.sha256(payload)),
    changes: withTasks(changesUnder(document, lines, state), state)
  }
}

/**
 * Signs a prepared document with open root keys of this keyring; needs no store. Throws `wrong-usage` where it is no root,
 * `keys-missing`, `keys-locked`.
 */
export function signRootWith(text: string, keyring: Keyring, chosen?: KeyId): AnswerOf<"signRoot"> {
  const { version, envelope } = rootIn(text)
  const here = keyring.list().filter(key => key.purpose === "root" && !key.retired && (chosen === undefined || key.id === chosen))
  if (here.length === 0)
    throw new EngineFailure(
      "keys-missing",
      chosen === undefined ? "no root key is on this machine" : `no root key ${chosen} is on this machine`
    )
  const open = here.filter(key => key.unlocked)
  if (open.length === 0)
    throw new EngineFailure("keys-locked", "the root keys of this machine are locked: unlock them with their passphrase")
  const added = sealEnvelope(
    payloadTypes.root,
    envelope.payload,
    open.map(key => ({ keyId: key.id, sign: message => keyring.sign(key.id, message) }))
  )
  const signedBy = open.map(key => key.id)
  const document = envelopeBytes({
    ...added,
    signatures: [...signaturesOf(envelope).filter(one => !signedBy.includes(one.keyid as KeyId)), ...added.signatures]
  })
  return { document: textOfEnvelope(document), version: version.document.version, fingerprint: version.fingerprint, signedBy }
}

export async function signRoot(input: ParsedOf<"signRoot">, state: TrustState): Promise<AnswerOf<"signRoot">> {
  return signRootWith(input.document, state.ports.keyring, input.key)
}

/**
 * Throws `wrong-usage` where the files are of different documents, `trust-damaged` with the reason the version is refused, and
 * `keys-locked` where the authority has to sign something in the same step and cannot. Nothing is written then.
 */
export async function assembleRoot(input: ParsedOf<"assembleRoot">, state: TrustState): Promise<AnswerOf<"assembleRoot">> {
  const read = input.documents.map(rootIn)
  const [first] = read as [(typeof read)[0], ...typeof read]
  const other = read.find(one => one.version.fingerprint !== first.version.fingerprint)
  if (other !== undefined)
    throw new EngineFailure(
      "wrong-usage",
      `the files are of different documents: ${first.version.fingerprint} and ${other.version.fingerprint}`
    )
  const signatures = new Map(read.flatMap(one => signaturesOf(one.envelope)).map(one => [`${one.keyid} ${one.sig}`, one]))
  const { document, fingerprint } = first.version
  const before = ownRoot(state).newest.document
  const gone = Object.keys(before.keys).filter(id => document.keys[id] === undefined) as KeyId[]
  assertAuthorityReady(document, gone, state)
  const mappings = state.mappings()
  const states = statesOf(mappings, state)
  const sealed = sealEnvelope(payloadTypes.root, first.envelope.payload, [])
  await putSuccessor(envelopeBytes({ ...sealed, signatures: [...signatures.values()] }), state)
  for (const keyid of gone) await putLine(await lineFor(keyid, "ceased", state), state)
  await state.checkpoint(true)
  return {
    version: document.version,
    fingerprint,
    changes: withTasks(changesBetween(states, statesOf(mappings, state)), state),
    notes: gone.map(id => `key ${id} left the root: what it signed until now still counts, nothing after`)
  }
}

/** Throws `not-permitted` where no version of the store's root has this fingerprint. Written into the user's data folder, never the store. */
export async function confirmRoot(input: ParsedOf<"confirmRoot">, state: TrustState): Promise<AnswerOf<"confirmRoot">> {
  const chain = ownRoot(state)
  const fingerprint = input.fingerprint.toLowerCase().replace(/^sha256:|[\s:]/g, "")
  if (!/^[0-9a-f]{64}$/.test(fingerprint))
    throw new EngineFailure("wrong-usage", "expected a fingerprint: 64 hex digits, in groups if you like")
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

/** Puts a version in force, with what the authority signed signed again where the authority changed: an old authority's word ends with it. */
export async function putSuccessor(envelope: Uint8Array, state: TrustState): Promise<void> {
  const before = authorityOf(state)
  const { policy, believed } = state.policy()
  const lines = state.revocations()
  await putRoot(envelope, state)
  if (authorityOf(state) === before) return
  if (believed) await putPolicy(policy, state)
  if (lines.version > 0)
    await putRevocations(lines, { what: "all lines", reason: "superseded", note: "signed again by the new authority" }, state, lines)
}

const authorityOf = (state: TrustState) => state.root()?.newest.document.roles.authority.keyids.join()

/** Policy, revocations and the lines of keys that leave are signed in the same step: half of it done would leave nothing trusted. */
export function assertAuthorityReady(next: TrustRoot, leaving: readonly KeyId[], state: TrustState): void {
  const { authority } = next.roles
  if (leaving.length === 0 && authority.keyids.join() === authorityOf(state)) return
  const ready = state.ports.keyring
    .list()
    .some(key => key.purpose === "authority" && key.unlocked && !key.retired && authority.keyids.includes(key.id))
  if (!ready)
    throw new EngineFailure(
      "keys-locked",
      "the authority of the new version signs policy and revocations in the same step: its key must be on this machine and open"
    )
}

/** The line of a key that left its role: what was logged until now counts on. */
export async function lineFor(keyid: KeyId, reason: "superseded" | "ceased", state: TrustState): Promise<RevokedKey> {
  return { keyid, reason, asOf: await presentCheckpoint(state) }
}

/** The same as it would be, without a checkpoint signed for it. */
export function lineAsOfNow(keyid: KeyId, reason: "superseded" | "ceased", state: TrustState): RevokedKey {
  const { size, root } = state.ledgerHead()
  const hash = new Uint8Array(root.match(/../g)?.map(pair => Number.parseInt(pair, 16)) ?? [])
  return { keyid, reason, asOf: { origin: state.origin(), size, root: toBase64(hash) } }
}

export async function putLine(line: RevokedKey, state: TrustState): Promise<void> {
  await putRevocations({ keys: [line] }, { what: line.keyid, reason: line.reason }, state)
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

function rootIn(text: string): { readonly version: RootVersion; readonly envelope: OpenedEnvelope } {
  const opened = openRootVersion(utf8Encode(text))
  if (typeof opened === "string") throw new EngineFailure("wrong-usage", `expected a prepared root document: ${opened}`)
  return opened
}

function signaturesOf(envelope: OpenedEnvelope) {
  return envelope.signatures.map(one => ({ keyid: one.keyId, sig: toBase64(one.bytes) }))
}

function textOfEnvelope(bytes: Uint8Array): string {
  return utf8Decode(bytes) ?? ""
}

function ownRoot(state: TrustState) {
  const chain = state.root()
  if (chain === null) throw new EngineFailure("trust-damaged", state.rootProblem() ?? "the store has no root")
  return chain
}
