/** Keys in the user's data folder, one file each, encrypted at rest or called unprotected; a seed is in memory only while unlocked. */
import { createHmac, randomBytes, scrypt, timingSafeEqual } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import { argon2idAsync } from "@noble/hashes/argon2.js"
import { isKeyId, type KeyId } from "../../../shared/digest.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import type { KeySummary } from "../../../shared/trust.ts"
import { keyIdOf } from "../core/crypto.ts"
import { equalBytes, fromBase64, toBase64 } from "../core/digest.ts"
import type { Keyring, Vault } from "../ports.ts"
import { diskFailure, syncDirectory, systemCode, writeNewFile } from "./disk.ts"
import type { Kdf, KeyFile, KeyHeader, Slot } from "./key-file.ts"
import { keyFileBytes, keyFileBytesMax, parseKeyFile, seal, unseal } from "./key-file.ts"
import { platformPublicKeyOf, platformSignature } from "./node-signing.ts"

export interface FileKeyringOptions {
  /** scrypt's cost for new keys, a power of two; default 2^17 (about half a second). Tests pass a smaller one. */
  readonly scryptCost?: number
  /** argon2id's memory in KiB and passes for new keys that ask for it; default 64 MiB and 3 (about a second). */
  readonly argon?: { readonly m: number; readonly t: number }
  /** The operating system's own store of secrets; without one no key is kept there. */
  readonly vault?: Vault
  /** Unlocked keys close after this long without a signature; default 15 minutes, 0 for never. */
  readonly idleMs?: number
}

export interface FileKeyring extends Keyring {
  readonly refused: NonNullable<Keyring["refused"]>
  /** Closes what is open and forgets it. */
  close(): void
}

const defaultCost = 2 ** 17
const defaultArgon = { m: 64 * 1024, t: 3 }
const defaultIdleMs = 15 * 60_000
/** A key derived from a passphrase is remembered this long, so that several keys under one passphrase cost one derivation. */
const derivedKeptMs = 60_000

interface Entry {
  readonly path: string
  file: KeyFile
  readonly publicKey: Uint8Array
  /** 32 bytes while unlocked, else null. */
  seed: Uint8Array | null
}

interface Derived {
  readonly salt: Uint8Array
  readonly by: Kdf
  /** HMAC of the passphrase under a key of this process: tells whether it is the same one again. */
  readonly tag: Uint8Array
  readonly key: Uint8Array
}

/** `directory` is `<home>/keys`, made at the first key. Unprotected keys are open at once. */
export function openFileKeyring(directory: string, options: FileKeyringOptions = {}): FileKeyring {
  const { vault } = options
  const kdfs: Readonly<Record<Kdf["kdf"], Kdf>> = {
    scrypt: { kdf: "scrypt", N: options.scryptCost ?? defaultCost, r: 8, p: 1 },
    argon2id: { kdf: "argon2id", ...(options.argon ?? defaultArgon), p: 1 }
  }
  const idleMs = options.idleMs ?? defaultIdleMs
  const tagKey = randomBytes(32)
  const entries = new Map<KeyId, Entry>()
  const refused: { file: string; reason: string }[] = []
  let derived: Derived[] = []
  let idle: NodeJS.Timeout | undefined
  let forgetting: NodeJS.Timeout | undefined

  for (const file of keyFilesIn(directory)) {
    const read = readKeyFile(file)
    if (typeof read === "string") refused.push({ file: path.basename(file), reason: read })
    else take(file, read)
  }

  function take(file: string, read: KeyFile): Entry {
    const publicKey = fromBase64(read.header.public) as Uint8Array
    const entry: Entry = { path: file, file: read, publicKey, seed: null }
    const open = read.slots.find(slot => slot.kind === "none")
    if (open) entry.seed = seedUnder(entry, open.key)
    entries.set(read.header.id, entry)
    return entry
  }

  /** The seed under a file key; null where a box was changed or the seed is not that of the public key. */
  function seedUnder({ file, publicKey }: Entry, fileKey: Uint8Array): Uint8Array | null {
    const seed = unseal(file.seed, fileKey, file.header, "seed")
    if (seed === null) return null
    if (equalBytes(platformPublicKeyOf(seed), publicKey)) return seed
    seed.fill(0)
    return null
  }

  async function derive(passphrase: string, by: Kdf, salt: Uint8Array): Promise<Uint8Array> {
    const tag = createHmac("sha256", tagKey).update(passphrase.normalize("NFC")).digest()
    const known = derived.find(one => equalBytes(one.salt, salt) && isSameKdf(one.by, by) && timingSafeEqual(one.tag, tag))
    if (known) return known.key
    const key = await keyFrom(passphrase.normalize("NFC"), by, salt)
    derived.push({ salt, by, tag, key })
    clearTimeout(forgetting)
    forgetting = setTimeout(forgetDerived, derivedKeptMs).unref()
    return key
  }

  function forgetDerived(): void {
    for (const one of derived) one.key.fill(0)
    derived = []
  }

  /** A slot for a file key. Keys made under one passphrase share its salt, so that opening them all costs one derivation. */
  async function passphraseSlot(passphrase: string, fileKey: Uint8Array, header: KeyHeader, kdf: Kdf["kdf"] = "scrypt"): Promise<Slot> {
    const tag = createHmac("sha256", tagKey).update(passphrase.normalize("NFC")).digest()
    const by = kdfs[kdf]
    const known = derived.find(one => isSameKdf(one.by, by) && timingSafeEqual(one.tag, tag))
    const salt = known?.salt ?? new Uint8Array(randomBytes(16))
    const key = await derive(passphrase, by, salt)
    return { kind: "passphrase", by, salt, box: seal(fileKey, key, header, "slot", new Uint8Array(randomBytes(24))) }
  }

  function keyOf(id: KeyId): Entry {
    const entry = entries.get(id)
    if (!entry) throw new EngineFailure("unknown-key", `no key ${id} is here`)
    return entry
  }

  function summaryOf({ file, seed }: Entry): KeySummary {
    const { id, purpose, name, owner } = file.header
    return { id, purpose, name, owner, slots: file.slots.flatMap(slotName), unlocked: seed !== null, retired: file.retired }
  }

  function rewrite(entry: Entry, file: KeyFile): void {
    const beside = `${entry.path}.${process.pid}.new`
    try {
      fs.rmSync(beside, { force: true })
      writeNewFile(beside, keyFileBytes(file), 0o600)
      fs.renameSync(beside, entry.path)
      syncDirectory(directory)
    } catch (error) {
      fs.rmSync(beside, { force: true })
      throw diskFailure(error, "replace a key file")
    }
    entry.file = file
  }

  function touch(): void {
    clearTimeout(idle)
    if (idleMs > 0) idle = setTimeout(lock, idleMs).unref()
  }

  /** Closes the keys that have something to open them with; an unprotected key has nothing to close. */
  function lock(): KeyId[] {
    clearTimeout(idle)
    forgetDerived()
    const locked: KeyId[] = []
    for (const entry of entries.values()) {
      if (entry.seed === null || entry.file.slots.some(slot => slot.kind === "none")) continue
      entry.seed.fill(0)
      entry.seed = null
      locked.push(entry.file.header.id)
    }
    return locked
  }

  return {
    refused,
    list: () => [...entries.values()].map(summaryOf),
    publicKey: id => entries.get(id)?.publicKey ?? null,
    lock,

    async create({ purpose, name, owner, passphrase, kdf }) {
      const seed = new Uint8Array(randomBytes(32))
      const fileKey = new Uint8Array(randomBytes(32))
      const publicKey = platformPublicKeyOf(seed)
      const header: KeyHeader = { version: 1, id: keyIdOf(publicKey), public: toBase64(publicKey), purpose, name, owner }
      const slot: Slot =
        passphrase === undefined ? { kind: "none", key: fileKey.slice() } : await passphraseSlot(passphrase, fileKey, header, kdf)
      const file: KeyFile = {
        header,
        seed: seal(seed, fileKey, header, "seed", new Uint8Array(randomBytes(24))),
        slots: [slot],
        retired: false
      }
      fileKey.fill(0)
      const target = path.join(directory, `${header.id}.json`)
      try {
        fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
        writeNewFile(target, keyFileBytes(file), 0o600)
        syncDirectory(directory)
      } catch (error) {
        seed.fill(0)
        throw diskFailure(error, "write a key file")
      }
      const entry: Entry = { path: target, file, publicKey, seed }
      entries.set(header.id, entry)
      touch()
      return summaryOf(entry)
    },

    async unlock(passphrase, id) {
      const asked = id === undefined ? [...entries.values()] : [keyOf(id)]
      const opened: { entry: Entry; seed: Uint8Array }[] = []
      for (const entry of asked) {
        const seed = await seedByPassphrase(entry, passphrase)
        if (seed !== null) opened.push({ entry, seed })
      }
      if (opened.length === 0) throw new EngineFailure("wrong-passphrase", "the passphrase opens no key here")
      for (const { entry, seed } of opened) {
        if (entry.seed !== null && entry.seed !== seed) entry.seed.fill(0)
        entry.seed = seed
      }
      touch()
      return opened.map(({ entry }) => entry.file.header.id)
    },

    sign(id, message) {
      const { seed } = keyOf(id)
      if (seed === null) throw new EngineFailure("keys-locked", `key ${id.slice(0, 16)} is locked: unlock it with its passphrase`)
      touch()
      return platformSignature(seed, message)
    },

    async import(bytes) {
      const file = bytes.length > keyFileBytesMax ? `it is larger than ${keyFileBytesMax} bytes` : parseKeyFile(bytes)
      if (typeof file === "string") throw new EngineFailure("wrong-usage", `the key file is refused: ${file}`)
      const { id } = file.header
      if (entries.has(id)) throw new EngineFailure("store-exists", `key ${id} is here already`)
      const target = path.join(directory, `${id}.json`)
      try {
        fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
        writeNewFile(target, keyFileBytes(file), 0o600)
        syncDirectory(directory)
      } catch (error) {
        throw diskFailure(error, "write a key file")
      }
      return summaryOf(take(target, file))
    },

    async retire(id) {
      const entry = keyOf(id)
      if (!entry.file.retired) rewrite(entry, { ...entry.file, retired: true })
    },

    async protect(passphrase, kdf) {
      const changed: KeyId[] = []
      for (const entry of entries.values()) {
        const open = entry.file.slots.find(slot => slot.kind === "none")
        if (!open || entry.seed === null) continue
        const slot = await passphraseSlot(passphrase, open.key, entry.file.header, kdf)
        const { key: openKey } = open
        rewrite(entry, { ...entry.file, slots: [slot, ...entry.file.slots.filter(one => one.kind !== "none")] })
        openKey.fill(0)
        changed.push(entry.file.header.id)
      }
      return changed
    },

    async vaultProblem() {
      return vault === undefined ? "only the desktop app can ask the operating system to keep keys" : vault.problem()
    },

    async keep(passphrase) {
      const ready = await usableVault()
      const kept: KeyId[] = []
      let opened = false
      for (const entry of entries.values()) {
        if (entry.file.slots.some(slot => slot.kind === "none")) continue
        const fileKey = await fileKeyByPassphrase(entry, passphrase)
        if (fileKey === null) continue
        opened = true
        const sealed = await ready.seal(fileKey).finally(() => fileKey.fill(0))
        const slot: Slot = { kind: "os", sealed, json: {} }
        rewrite(entry, { ...entry.file, slots: [...entry.file.slots.filter(one => one.kind !== "os"), slot] })
        kept.push(entry.file.header.id)
      }
      if (!opened) throw new EngineFailure("wrong-passphrase", "the passphrase opens no key here")
      return kept
    },

    async forget() {
      const forgotten: KeyId[] = []
      for (const entry of entries.values()) {
        const slots = entry.file.slots.filter(slot => slot.kind !== "os")
        if (slots.length === entry.file.slots.length || slots.length === 0) continue
        rewrite(entry, { ...entry.file, slots })
        forgotten.push(entry.file.header.id)
      }
      return forgotten
    },

    async unlockKept() {
      const ready = await usableVault()
      const opened: KeyId[] = []
      for (const entry of entries.values()) {
        const slot = entry.file.slots.find(one => one.kind === "os")
        if (slot === undefined || entry.seed !== null) continue
        const answer = await ready.open(slot.sealed).catch(() => null)
        if (answer === null) continue
        const { secret, renew } = answer
        entry.seed = secret.length === 32 ? seedUnder(entry, secret) : null
        if (entry.seed !== null) opened.push(entry.file.header.id)
        if (entry.seed !== null && renew) await renewSlot(entry, secret, ready)
        secret.fill(0)
      }
      if (opened.length > 0) touch()
      return opened
    },

    close() {
      clearTimeout(forgetting)
      lock()
      for (const entry of entries.values()) {
        entry.seed?.fill(0)
        entry.seed = null
      }
      entries.clear()
    }
  }

  async function seedByPassphrase(entry: Entry, passphrase: string): Promise<Uint8Array | null> {
    const fileKey = await fileKeyByPassphrase(entry, passphrase)
    const seed = fileKey === null ? null : seedUnder(entry, fileKey)
    fileKey?.fill(0)
    return seed
  }

  /** The file key that the passphrase opens, if the seed lies under it; whoever takes it wipes it. */
  async function fileKeyByPassphrase(entry: Entry, passphrase: string): Promise<Uint8Array | null> {
    for (const slot of entry.file.slots) {
      if (slot.kind !== "passphrase") continue
      const fileKey = unseal(slot.box, await derive(passphrase, slot.by, slot.salt), entry.file.header, "slot")
      const seed = fileKey === null ? null : seedUnder(entry, fileKey)
      seed?.fill(0)
      if (seed !== null) return fileKey
      fileKey?.fill(0)
    }
    return null
  }

  async function usableVault(): Promise<Vault> {
    const problem = vault === undefined ? "only the desktop app can ask the operating system to keep keys" : await vault.problem()
    if (vault === undefined || problem !== null)
      throw new EngineFailure("not-permitted", `the operating system keeps no keys here: ${problem}`)
    return vault
  }

  /** The system has a newer key of its own: the slot is sealed again under it. What fails is tried at the next start. */
  async function renewSlot(entry: Entry, fileKey: Uint8Array, ready: Vault): Promise<void> {
    try {
      const sealed = await ready.seal(fileKey)
      rewrite(entry, { ...entry.file, slots: entry.file.slots.map(slot => (slot.kind === "os" ? { ...slot, sealed } : slot)) })
    } catch {
      // the old slot still opens
    }
  }
}

function isSameKdf(left: Kdf, right: Kdf): boolean {
  return JSON.stringify(Object.entries(left).sort()) === JSON.stringify(Object.entries(right).sort())
}

async function keyFrom(passphrase: string, by: Kdf, salt: Uint8Array): Promise<Uint8Array> {
  if (by.kdf === "argon2id") return argon2idAsync(passphrase, salt, { m: by.m, t: by.t, p: by.p, dkLen: 32, version: 0x13 })
  const { N, r, p } = by
  return new Promise((resolve, reject) => {
    scrypt(passphrase, salt, 32, { N, r, p, maxmem: 256 * N * r + 1_048_576 }, (error, bytes) =>
      error ? reject(error) : resolve(new Uint8Array(bytes))
    )
  })
}

/** What a listing calls a slot; a kind that only a newer program knows has no name here. */
function slotName(slot: Slot): KeySummary["slots"] {
  return slot.kind === "other" ? [] : [slot.kind]
}

/** `<KeyId>.json` files; anything else in the folder is none of ours. */
function keyFilesIn(directory: string): string[] {
  try {
    return fs
      .readdirSync(directory)
      .filter(name => name.endsWith(".json") && isKeyId(name.slice(0, -".json".length)))
      .sort()
      .map(name => path.join(directory, name))
  } catch (error) {
    if (systemCode(error) === "ENOENT") return []
    throw diskFailure(error, "list the keys")
  }
}

function readKeyFile(file: string): KeyFile | string {
  try {
    if (fs.statSync(file).size > keyFileBytesMax) return `it is larger than ${keyFileBytesMax} bytes`
    const read = parseKeyFile(new Uint8Array(fs.readFileSync(file)))
    if (typeof read === "string") return read
    return path.basename(file) === `${read.header.id}.json` ? read : "its name is not its KeyId"
  } catch (error) {
    throw diskFailure(error, "read a key file")
  }
}
