/** Documents of trust carried as files: prepared without signatures, signed wherever the keys of their role are kept, joined again. */
import type { KeyId } from "../../shared/digest.ts"
import type { AnswerOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Role } from "../../shared/trust.ts"
import type { Json } from "./core/canonical.ts"
import { canonicalBytes, readStrictJson } from "./core/canonical.ts"
import { sha256, toBase64, toHex } from "./core/digest.ts"
import type { OpenedEnvelope, PayloadType } from "./core/dsse.ts"
import { envelopeBytes, isObject, openEnvelope, payloadTypes, sealEnvelope } from "./core/dsse.ts"
import { openRootVersion } from "./core/root.ts"
import { utf8Decode, utf8Encode } from "./core/utf8.ts"
import type { Keyring } from "./ports.ts"

export type PreparedKind = "root" | "policy" | "revocations" | "acceptance"

/** Whose keys sign each kind. */
const roleOfKind: Readonly<Record<PreparedKind, Role>> = {
  root: "root",
  policy: "authority",
  revocations: "authority",
  acceptance: "authority"
}

export interface Prepared {
  readonly kind: PreparedKind
  readonly envelope: OpenedEnvelope
  readonly payload: Json
  /** SHA-256 hex of the payload. */
  readonly fingerprint: string
  /** 0 where the document has none. */
  readonly version: number
  /** What travels beside it, unsigned. */
  readonly beside: Readonly<Record<string, Json>>
}

export function preparedText(kind: PreparedKind, payload: Uint8Array, beside: Readonly<Record<string, Json>> = {}): string {
  return utf8Decode(canonicalBytes({ ...beside, ...sealEnvelope(payloadTypes[kind], payload, []) })) ?? ""
}

/** Throws `wrong-usage` where the text is none of these documents; a root must have the form of one. */
export function preparedIn(text: string): Prepared {
  const refused = (why: string) => new EngineFailure("wrong-usage", `expected a prepared document: ${why}`)
  const read = readStrictJson(utf8Encode(text))
  if (typeof read === "string") throw refused(`it is ${read}`)
  const { json } = read
  if (!isObject(json)) throw refused("it is no object")
  const kind = (Object.keys(roleOfKind) as PreparedKind[]).find(one => json.payloadType === payloadTypes[one])
  if (kind === undefined) throw refused("it is no root, policy, revocations or acceptance")
  const envelope = openEnvelope(json, payloadTypes[kind] as PayloadType)
  if (typeof envelope === "string") throw refused(envelope)
  if (kind === "root") {
    const opened = openRootVersion(utf8Encode(text))
    if (typeof opened === "string") throw new EngineFailure("wrong-usage", `expected a prepared root document: ${opened}`)
  }
  const payloadRead = readStrictJson(envelope.payload)
  if (typeof payloadRead === "string") throw refused(`its payload is ${payloadRead}`)
  const { json: payload } = payloadRead
  const version = isObject(payload) && typeof payload.version === "number" ? payload.version : 0
  const { payload: _payload, payloadType: _type, signatures: _signatures, ...beside } = json
  return { kind, envelope, payload, fingerprint: toHex(sha256(envelope.payload)), version, beside }
}

/** Signs with the open keys of the document's role in this keyring; needs no store. Throws `wrong-usage`, `keys-missing`, `keys-locked`. */
export function signPrepared(text: string, keyring: Keyring, chosen?: KeyId): AnswerOf<"signRoot"> {
  const { kind, envelope, version, fingerprint, beside } = preparedIn(text)
  const role = roleOfKind[kind]
  const here = keyring.list().filter(key => key.purpose === role && !key.retired && (chosen === undefined || key.id === chosen))
  if (here.length === 0)
    throw new EngineFailure("keys-missing", `no ${role} key ${chosen === undefined ? "" : `${chosen} `}is on this machine`)
  const open = here.filter(key => key.unlocked)
  if (open.length === 0)
    throw new EngineFailure("keys-locked", `the ${role} keys of this machine are locked: unlock them with their passphrase`)
  const added = sealEnvelope(
    payloadTypes[kind],
    envelope.payload,
    open.map(key => ({ keyId: key.id, sign: message => keyring.sign(key.id, message) }))
  )
  const signedBy = open.map(key => key.id)
  const kept = signaturesOf(envelope).filter(one => !signedBy.includes(one.keyid as KeyId))
  const document = utf8Decode(canonicalBytes({ ...beside, ...added, signatures: [...kept, ...added.signatures] })) ?? ""
  return { document, version, fingerprint, signedBy }
}

/** A document with the signatures of all the files that hold it, as stored bytes. */
export interface Joined extends Prepared {
  readonly bytes: Uint8Array
}

/** By kind. Throws `wrong-usage` where two files hold different documents of one kind. */
export function joinPrepared(texts: readonly string[]): Partial<Record<PreparedKind, Joined>> {
  const joined: Partial<Record<PreparedKind, Prepared[]>> = {}
  for (const one of texts.map(preparedIn)) {
    const same = joined[one.kind] ?? []
    const other = same.find(each => each.fingerprint !== one.fingerprint)
    if (other !== undefined)
      throw new EngineFailure(
        "wrong-usage",
        `the files are of different documents: the ${one.kind} ${other.fingerprint} and ${one.fingerprint}`
      )
    joined[one.kind] = [...same, one]
  }
  return Object.fromEntries(Object.entries(joined).map(([kind, parts]) => [kind, join(parts)]))
}

function join(parts: readonly Prepared[]): Joined {
  const first = parts[0] as Prepared
  const signatures = new Map(parts.flatMap(one => signaturesOf(one.envelope)).map(one => [`${one.keyid} ${one.sig}`, one]))
  const { payload, payloadType } = sealEnvelope(payloadTypes[first.kind], first.envelope.payload, [])
  return { ...first, bytes: envelopeBytes({ payload, payloadType, signatures: [...signatures.values()] }) }
}

function signaturesOf(envelope: OpenedEnvelope) {
  return envelope.signatures.map(one => ({ keyid: one.keyId, sig: toBase64(one.bytes) }))
}
