/** Checkpoints of a Ledger as C2SP signed notes, the keys that sign them, and proof files that other tools can verify. */
import type { CheckpointRef } from "../../../shared/trust.ts"
import type { VerifySignature } from "./crypto.ts"
import { concatBytes, equalBytes, fromBase64, sha256, toBase64, toHex } from "./digest.ts"
import type { Sign } from "./dsse.ts"
import { leafHash, verifyInclusion } from "./merkle.ts"
import { utf8Decode, utf8Encode } from "./utf8.ts"

/** Bytes of a signed note, and signatures it may carry. */
const noteBytesMax = 65_536
const noteSignaturesMax = 16
const ed25519Type = new Uint8Array([0x01])
/** The em dash and the space that begin a signature line. */
const dash = "\u2014 "

export interface LedgerKey {
  /** The origin: a URL without scheme; no spaces, no plus. */
  readonly name: string
  /** 4 bytes. */
  readonly hash: Uint8Array
  /** 32 raw bytes. */
  readonly publicKey: Uint8Array
}

/** A signed tree head. `root`: 32 bytes. */
export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
}

/** Origin of a store's Ledger: it carries the ledger KeyId's first 16 hex digits, so that no two stores share one. */
export function ledgerOrigin(keyId: string): string {
  return `l4-workbench.invalid/ledger/${keyId.slice(0, 16)}`
}

export function ledgerKeyOf(name: string, publicKey: Uint8Array): LedgerKey {
  const hash = sha256(concatBytes(utf8Encode(name), new Uint8Array([0x0a]), ed25519Type, publicKey)).slice(0, 4)
  return { name, hash, publicKey }
}

/** `name+hex(hash)+base64(0x01 ‖ public key)`. */
export function vkeyOf(key: LedgerKey): string {
  return `${key.name}+${toHex(key.hash)}+${toBase64(concatBytes(ed25519Type, key.publicKey))}`
}

/** Null where the text is no verifier key, or its hash is not that of its name and key. */
export function parseVkey(text: string): LedgerKey | null {
  const parts = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text)
  const material = parts ? fromBase64(parts[3] as string) : null
  if (!parts || material === null || material.length !== 33 || material[0] !== ed25519Type[0]) return null
  const key = ledgerKeyOf(parts[1] as string, material.slice(1))
  return toHex(key.hash) === parts[2] ? key : null
}

/** The text a checkpoint's signature is over. */
export function checkpointText(checkpoint: Checkpoint): string {
  return `${checkpoint.origin}\n${checkpoint.size}\n${toBase64(checkpoint.root)}\n`
}

/** The signed note of a checkpoint. */
export function signCheckpoint(checkpoint: Checkpoint, key: LedgerKey, sign: Sign): string {
  const text = checkpointText(checkpoint)
  return `${text}\n${dash}${key.name} ${toBase64(concatBytes(key.hash, sign(utf8Encode(text))))}\n`
}

/**
 * The checkpoint of a note that this key signed, or why it is none. Signatures of other keys and types are ignored;
 * one of this key that fails rejects the whole note.
 */
export function openCheckpoint(note: string, key: LedgerKey, verify: VerifySignature): Checkpoint | string {
  const parsed = parseCheckpoint(note)
  if (typeof parsed === "string") return parsed
  if (parsed.checkpoint.origin !== key.name) return `the checkpoint is of ${parsed.checkpoint.origin}, not of ${key.name}`
  let signed = false
  for (const one of parsed.signatures) {
    if (one.name !== key.name || !equalBytes(one.hash, key.hash)) continue
    if (!verify(one.signature, utf8Encode(parsed.text), key.publicKey)) return "a signature of the ledger's key does not hold"
    signed = true
  }
  return signed ? parsed.checkpoint : "the ledger's key did not sign this checkpoint"
}

interface ParsedNote {
  readonly text: string
  readonly checkpoint: Checkpoint
  readonly signatures: readonly { readonly name: string; readonly hash: Uint8Array; readonly signature: Uint8Array }[]
}

/** The form of a note, nothing verified. Lines of the text after the third are extensions, signed and not understood. */
export function parseCheckpoint(note: string): ParsedNote | string {
  if (note.length > noteBytesMax) return `a checkpoint has at most ${noteBytesMax} bytes`
  const split = note.lastIndexOf("\n\n")
  if (split < 0 || !note.endsWith("\n")) return "the checkpoint is no signed note"
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a signed note forbids exactly these
  if (/[\u0000-\u0009\u000b-\u001f]/.test(note) || !note.isWellFormed()) return "the checkpoint holds control characters"
  const text = note.slice(0, split + 1)
  const [origin, size, root] = text.split("\n")
  const hash = root === undefined ? null : fromBase64(root)
  if (
    !origin ||
    size === undefined ||
    !/^(0|[1-9][0-9]{0,15})$/.test(size) ||
    hash === null ||
    hash.length !== 32 ||
    toBase64(hash) !== root
  )
    return "the checkpoint is no origin, size and root"
  const lines = note.slice(split + 2, -1).split("\n")
  if (lines.length > noteSignaturesMax) return `a checkpoint has at most ${noteSignaturesMax} signatures`
  const signatures: { name: string; hash: Uint8Array; signature: Uint8Array }[] = []
  for (const line of lines) {
    const parts = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+=*)$/.exec(line)
    const bytes = parts ? fromBase64(parts[2] as string) : null
    if (!parts || bytes === null || bytes.length < 5) return "a signature line of the checkpoint is malformed"
    signatures.push({ name: parts[1] as string, hash: bytes.slice(0, 4), signature: bytes.slice(4) })
  }
  return { text, checkpoint: { origin, size: Number(size), root: hash }, signatures }
}

export function checkpointRef(checkpoint: Checkpoint): CheckpointRef {
  return { origin: checkpoint.origin, size: checkpoint.size, root: toBase64(checkpoint.root) }
}

const proofHeader = "c2sp.org/tlog-proof@v1"

/** A proof file: index, sibling hashes from the leaf upwards, and the checkpoint they lead to, verbatim. */
export function proofFile(index: number, proof: readonly Uint8Array[], checkpointNote: string): string {
  return `${[proofHeader, `index ${index}`, ...proof.map(toBase64)].join("\n")}\n\n${checkpointNote}`
}

export type ProofResult =
  | { readonly kind: "included"; readonly index: number; readonly checkpoint: Checkpoint }
  | { readonly kind: "refused"; readonly reason: string }

/** Verifies a proof file for these entry bytes under this ledger key. The leaf is recomputed; `extra` is never trusted. */
export function verifyProofFile(file: Uint8Array, entry: Uint8Array, key: LedgerKey, verify: VerifySignature): ProofResult {
  const refused = (reason: string): ProofResult => ({ kind: "refused", reason })
  const text = file.length > noteBytesMax * 2 ? null : utf8Decode(file)
  if (text === null) return refused("the proof is no UTF-8 of at most 128 KiB")
  const split = text.indexOf("\n\n")
  const lines = text.slice(0, split).split("\n")
  if (split < 0 || lines.shift() !== proofHeader) return refused(`expected a proof that begins with ${proofHeader}`)
  if (lines[0]?.startsWith("extra ")) lines.shift()
  const index = /^index (0|[1-9][0-9]{0,15})$/.exec(lines.shift() ?? "")
  if (!index) return refused("the proof has no index")
  const hashes = lines.map(fromBase64)
  if (hashes.length > 64 || !hashes.every(hash => hash?.length === 32)) return refused("a hash of the proof is malformed")
  const checkpoint = openCheckpoint(text.slice(split + 2), key, verify)
  if (typeof checkpoint === "string") return refused(checkpoint)
  const at = Number(index[1])
  if (!verifyInclusion(leafHash(entry), at, checkpoint.size, hashes as Uint8Array[], checkpoint.root))
    return refused("the proof does not lead from the entry to the checkpoint")
  return { kind: "included", index: at, checkpoint }
}
