import fs from "node:fs"
import path from "node:path"
import { inspect } from "node:util"
import { scrypt } from "@noble/hashes/scrypt.js"
import { describe, expect, it, vi } from "vitest"
import { openFileKeyring } from "../../../electron/engine/adapters/file-keyring.ts"
import type { Kdf } from "../../../electron/engine/adapters/key-file.ts"
import { parseKeyFile, unseal } from "../../../electron/engine/adapters/key-file.ts"
import { createMemoryKeyring } from "../../../electron/engine/adapters/memory-trust.ts"
import { publicKeyOf } from "../../../electron/engine/core/crypto.ts"
import { equalBytes, fromBase64, toBase64, toHex } from "../../../electron/engine/core/digest.ts"
import { utf8Encode } from "../../../electron/engine/core/utf8.ts"
import type { Vault } from "../../../electron/engine/ports.ts"
import { failureToWire } from "../../../shared/failure.ts"
import { keyringContract } from "../ports/keyring.contract.ts"
import { scratchFolder } from "../scratch.ts"

const cheap = { scryptCost: 2 ** 10, idleMs: 0 }
const key = { purpose: "publisher", name: "a key", owner: "alice", passphrase: "correct horse" } as const

keyringContract("files", () => openFileKeyring(path.join(scratchFolder(), "keys"), cheap))
keyringContract("memory", () => createMemoryKeyring())

function keyFile(folder: string): string {
  const [name] = fs.readdirSync(folder)
  return path.join(folder, name as string)
}

describe("a key file", () => {
  it("is for its owner's eyes, is read by another process, and holds the seed under the passphrase only", async () => {
    const folder = path.join(scratchFolder(), "keys")
    const { id } = await openFileKeyring(folder, cheap).create(key)
    const file = keyFile(folder)
    expect(path.basename(file)).toBe(`${id}.json`)
    expect(fs.statSync(file).mode & 0o777).toBe(0o600)
    expect(fs.statSync(folder).mode & 0o777).toBe(0o700)

    // opened by the other implementation of the same functions
    const read = parseKeyFile(new Uint8Array(fs.readFileSync(file)))
    if (typeof read === "string") throw new TypeError(read)
    const [slot] = read.slots
    if (slot?.kind !== "passphrase") throw new TypeError("expected a passphrase slot")
    const fileKey = unseal(
      slot.box,
      scrypt(utf8Encode("correct horse"), slot.salt, { ...(slot.by as Extract<Kdf, { kdf: "scrypt" }>), dkLen: 32 }),
      read.header,
      "slot"
    )
    const seed = unseal(read.seed, fileKey!, read.header, "seed")
    expect(equalBytes(publicKeyOf(seed!), fromBase64(read.header.public)!)).toBe(true)

    const again = openFileKeyring(folder, cheap)
    expect(again.list()).toMatchObject([{ id, unlocked: false }])
    expect(await again.unlock("correct horse")).toEqual([id])
  })

  it.each([
    ["purpose", '"publisher"', '"reviewer"'],
    ["owner", '"alice"', '"mallory"'],
    ["name", '"a key"', '"b key"']
  ])("does not open once its %s was changed, for the header is bound to the boxes", async (_what, from, to) => {
    const folder = path.join(scratchFolder(), "keys")
    await openFileKeyring(folder, cheap).create(key)
    const file = keyFile(folder)
    fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace(from, to))
    await expect(openFileKeyring(folder, cheap).unlock("correct horse")).rejects.toMatchObject({ code: "wrong-passphrase" })
  })

  it("does not open with the boxes of another file", async () => {
    const folder = path.join(scratchFolder(), "keys")
    const keyring = openFileKeyring(folder, cheap)
    const [one, two] = [await keyring.create(key), await keyring.create(key)]
    const fileOf = (id: string) => path.join(folder, `${id}.json`)
    const swapped = JSON.parse(fs.readFileSync(fileOf(one.id), "utf8"))
    swapped.seed = JSON.parse(fs.readFileSync(fileOf(two.id), "utf8")).seed
    fs.writeFileSync(fileOf(one.id), JSON.stringify(swapped))
    expect(await openFileKeyring(folder, cheap).unlock("correct horse")).toEqual([two.id])
  })

  it.each([
    ["N of 2^30", (file: { slots: { N: number }[] }) => void (file.slots[0]!.N = 2 ** 30), /outside the bounds/],
    ["N that is no power of two", (file: { slots: { N: number }[] }) => void (file.slots[0]!.N = 1025), /outside the bounds/],
    ["a huge r", (file: { slots: { r: number }[] }) => void (file.slots[0]!.r = 1e9), /outside the bounds/],
    ["a newer version", (file: { version: number }) => void (file.version = 2), /version 2/],
    ["another KeyId", (file: { id: string }) => void (file.id = "0".repeat(64)), /KeyId is not that/],
    ["a key of small order", (file: { public: string }) => void (file.public = toBase64(new Uint8Array(32))), /no admissible/],
    ["no slot", (file: { slots: unknown[] }) => void (file.slots = []), /1 to 8 slots/]
  ])("is refused unread with %s", async (_what, change, reason) => {
    const folder = path.join(scratchFolder(), "keys")
    await openFileKeyring(folder, cheap).create(key)
    const file = keyFile(folder)
    const json = JSON.parse(fs.readFileSync(file, "utf8"))
    change(json)
    fs.writeFileSync(file, JSON.stringify(json))
    const keyring = openFileKeyring(folder, cheap)
    expect(keyring.list()).toEqual([])
    expect(keyring.refused[0]?.reason).toMatch(reason)
  })

  it("is half copied: refused with the reason, and the other keys are here", async () => {
    const folder = path.join(scratchFolder(), "keys")
    const keyring = openFileKeyring(folder, cheap)
    const [one, two] = [await keyring.create(key), await keyring.create(key)]
    const file = path.join(folder, `${one.id}.json`)
    fs.truncateSync(file, 100)
    const again = openFileKeyring(folder, cheap)
    expect(again.list().map(summary => summary.id)).toEqual([two.id])
    expect(again.refused).toHaveLength(1)
  })
})

describe("a keyring of files", () => {
  it("derives once for all keys made under one passphrase, and anew for another", async () => {
    const folder = path.join(scratchFolder(), "keys")
    const keyring = openFileKeyring(folder, cheap)
    for (let made = 0; made < 3; made++) await keyring.create(key)
    await keyring.create({ ...key, passphrase: "another" })
    const salts = fs.readdirSync(folder).map(name => JSON.parse(fs.readFileSync(path.join(folder, name), "utf8")).slots[0].salt)
    expect(new Set(salts).size).toBe(2)
  })

  it("leaves no partial state behind a wrong passphrase", async () => {
    const folder = path.join(scratchFolder(), "keys")
    await openFileKeyring(folder, cheap).create(key)
    const before = fs.readFileSync(keyFile(folder), "utf8")
    const keyring = openFileKeyring(folder, cheap)
    await expect(keyring.unlock("wrong")).rejects.toMatchObject({ code: "wrong-passphrase" })
    expect(keyring.list()[0]?.unlocked).toBe(false)
    expect(fs.readdirSync(folder)).toHaveLength(1)
    expect(fs.readFileSync(keyFile(folder), "utf8")).toBe(before)
  })

  it("puts unprotected keys under a passphrase", async () => {
    const folder = path.join(scratchFolder(), "keys")
    const keyring = openFileKeyring(folder, cheap)
    const { id } = await keyring.create({ purpose: "root", name: "bare", owner: "alice" })
    expect(fs.readFileSync(keyFile(folder), "utf8")).toMatch(/"kind": "none"/)
    expect(await keyring.protect("new passphrase")).toEqual([id])
    const text = fs.readFileSync(keyFile(folder), "utf8")
    expect(text).not.toMatch(/"kind": "none"/)
    expect(fs.statSync(keyFile(folder)).mode & 0o777).toBe(0o600)
    const again = openFileKeyring(folder, cheap)
    expect(again.list()[0]?.unlocked).toBe(false)
    expect(await again.unlock("new passphrase")).toEqual([id])
  })

  it("keeps a slot it cannot open when it writes the file anew", async () => {
    const folder = path.join(scratchFolder(), "keys")
    const { id } = await openFileKeyring(folder, cheap).create({ purpose: "root", name: "bare", owner: "alice" })
    const file = keyFile(folder)
    const foreign = [
      { kind: "os", backend: "keychain", box: "AAAA", more: { deep: [1, 2] } },
      { kind: "hardware", serial: 7 }
    ]
    const json = JSON.parse(fs.readFileSync(file, "utf8"))
    fs.writeFileSync(file, JSON.stringify({ ...json, slots: [...json.slots, ...foreign] }))
    const keyring = openFileKeyring(folder, cheap)
    expect(keyring.list()[0]?.slots).toEqual(["none", "os"])
    await keyring.protect("new passphrase")
    await keyring.retire(id)
    expect(JSON.parse(fs.readFileSync(file, "utf8"))).toMatchObject({ retired: true, slots: [{ kind: "passphrase" }, ...foreign] })
    expect(await openFileKeyring(folder, cheap).unlock("new passphrase")).toEqual([id])
  })

  it("takes in a key file closed, once, and none that is malformed", async () => {
    const [from, to] = [path.join(scratchFolder(), "keys"), path.join(scratchFolder(), "keys")]
    const { id } = await openFileKeyring(from, cheap).create(key)
    const bytes = new Uint8Array(fs.readFileSync(keyFile(from)))
    const keyring = openFileKeyring(to, cheap)
    expect(await keyring.import(bytes)).toMatchObject({ id, purpose: "publisher", unlocked: false, slots: ["passphrase"] })
    expect(fs.statSync(keyFile(to)).mode & 0o777).toBe(0o600)
    expect(await keyring.unlock(key.passphrase)).toEqual([id])
    await expect(keyring.import(bytes)).rejects.toMatchObject({ code: "store-exists" })
    for (const wrong of [bytes.slice(0, 50), utf8Encode("{}"), new Uint8Array(100_000)])
      await expect(keyring.import(wrong)).rejects.toMatchObject({ code: "wrong-usage" })
    expect(fs.readdirSync(to)).toHaveLength(1)
  })

  it("closes its keys after the idle time", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    try {
      const keyring = openFileKeyring(path.join(scratchFolder(), "keys"), { scryptCost: 2 ** 10, idleMs: 60_000 })
      const { id } = await keyring.create(key)
      vi.advanceTimersByTime(59_000)
      keyring.sign(id, utf8Encode("x"))
      vi.advanceTimersByTime(59_000)
      expect(keyring.list()[0]?.unlocked).toBe(true)
      vi.advanceTimersByTime(1_000)
      expect(keyring.list()[0]?.unlocked).toBe(false)
    } finally {
      vi.useRealTimers()
    }
  })

  it("says no secret: not in listings, errors, failures on a wire or inspected objects", async () => {
    const folder = path.join(scratchFolder(), "keys")
    const keyring = openFileKeyring(folder, cheap)
    const { id } = await keyring.create({ purpose: "root", name: "bare", owner: "alice" })
    const locked = await keyring.create(key)
    const read = parseKeyFile(new Uint8Array(fs.readFileSync(path.join(folder, `${id}.json`))))
    if (typeof read === "string" || read.slots[0]?.kind !== "none") throw new TypeError("expected an unprotected key")
    const seed = unseal(read.seed, read.slots[0].key, read.header, "seed") as Uint8Array
    const failures: unknown[] = []
    const keep = (failure: unknown) => void failures.push(failure)
    await keyring.unlock("not this one").catch(keep)
    await keyring.unlock("nor this one", id).catch(keep)
    keyring.lock()
    for (const wrong of [locked.id, "1".repeat(64) as typeof id]) {
      try {
        keyring.sign(wrong, utf8Encode("x"))
      } catch (failure) {
        keep(failure)
      }
    }
    expect(failures).toHaveLength(4)
    const said = [keyring.list(), keyring, failures, failures.map(failureToWire), failures.map(String)]
      .flatMap(what => [JSON.stringify(what), inspect(what, { depth: 9, showHidden: true })])
      .join("\n")
    for (const secret of [toHex(seed), toBase64(seed), seed.join(","), seed.join(", "), "correct horse", "not this one", "nor this one"])
      expect(said).not.toContain(secret)
  })
})

/** A system's store that XORs: what it seals it opens, for whoever holds the same `own` byte. */
function vaultModel(state: { own: number; problem: string | null; renew: boolean; asked: string[] }): Vault {
  const turned = (bytes: Uint8Array) => bytes.map(byte => byte ^ state.own)
  return {
    problem: async () => state.problem,
    async seal(secret) {
      state.asked.push("seal")
      return `${state.own} ${toBase64(turned(secret))}`
    },
    async open(sealed) {
      state.asked.push("open")
      const [own, box] = sealed.split(" ")
      if (Number(own) !== state.own) throw new Error("another user's secret")
      return { secret: turned(fromBase64(box!)!), renew: state.renew }
    }
  }
}

describe("a key kept by the operating system", () => {
  const opened = (folder: string, state: Parameters<typeof vaultModel>[0]) =>
    openFileKeyring(folder, { ...cheap, vault: vaultModel(state) })
  const fresh = () => ({ own: 90, problem: null as string | null, renew: false, asked: [] as string[] })

  it("opens without its passphrase where the system does, and with it everywhere", async () => {
    const folder = path.join(scratchFolder(), "keys")
    const state = fresh()
    const keyring = opened(folder, state)
    const [one, two] = [await keyring.create(key), await keyring.create({ ...key, passphrase: "another" })]
    expect(await keyring.keep("correct horse")).toEqual([one.id])
    expect(keyring.list().find(each => each.id === one.id)?.slots).toEqual(["passphrase", "os"])
    const desktop = opened(folder, state)
    expect(await desktop.unlockKept()).toEqual([one.id])
    expect(desktop.sign(one.id, utf8Encode("x"))).toHaveLength(64)
    const commandLine = openFileKeyring(folder, cheap)
    await expect(commandLine.unlockKept()).rejects.toMatchObject({ code: "not-permitted" })
    expect(await commandLine.unlock("correct horse")).toEqual([one.id])
    expect(await commandLine.unlock("another")).toEqual([two.id])
    expect(await opened(folder, { ...state, own: 91 }).unlockKept()).toEqual([])
    expect(await desktop.forget()).toEqual([one.id])
    expect(await opened(folder, state).unlockKept()).toEqual([])
  })

  it("is not offered where the system does not protect, and an unprotected or unopened key is not kept", async () => {
    const folder = path.join(scratchFolder(), "keys")
    const state = fresh()
    state.problem = "basic_text is no protection"
    const keyring = opened(folder, state)
    const { id } = await keyring.create(key)
    await keyring.create({ purpose: "root", name: "bare", owner: "alice" })
    await expect(keyring.keep("correct horse")).rejects.toMatchObject({
      code: "not-permitted",
      message: expect.stringMatching(/basic_text/)
    })
    await expect(keyring.unlockKept()).rejects.toMatchObject({ code: "not-permitted" })
    expect(await keyring.vaultProblem()).toMatch(/basic_text/)
    expect(state.asked).toEqual([])
    state.problem = null
    await expect(keyring.keep("wrong")).rejects.toMatchObject({ code: "wrong-passphrase" })
    expect(await keyring.keep("correct horse")).toEqual([id])
    expect(await openFileKeyring(folder, cheap).vaultProblem()).toMatch(/desktop/)
  })

  it("is sealed again where the system says that its own key was replaced", async () => {
    const folder = path.join(scratchFolder(), "keys")
    const state = fresh()
    const { id } = await opened(folder, state).create(key)
    await opened(folder, state).keep("correct horse")
    state.renew = true
    state.asked = []
    expect(await opened(folder, state).unlockKept()).toEqual([id])
    expect(state.asked).toEqual(["open", "seal"])
    expect(JSON.parse(fs.readFileSync(keyFile(folder), "utf8")).slots).toHaveLength(2)
  })

  it("is another key's secret: refused, and the passphrase still opens it", async () => {
    const folder = path.join(scratchFolder(), "keys")
    const state = fresh()
    const keyring = opened(folder, state)
    const [one, two] = [await keyring.create(key), await keyring.create(key)]
    await keyring.keep("correct horse")
    const fileOf = (id: string) => path.join(folder, `${id}.json`)
    const swapped = JSON.parse(fs.readFileSync(fileOf(one.id), "utf8"))
    swapped.slots[1] = JSON.parse(fs.readFileSync(fileOf(two.id), "utf8")).slots[1]
    fs.writeFileSync(fileOf(one.id), JSON.stringify(swapped))
    const again = opened(folder, state)
    expect(await again.unlockKept()).toEqual([two.id])
    expect(await again.unlock("correct horse", one.id)).toEqual([one.id])
  })
})

describe("argon2id", () => {
  const argon = { ...cheap, argon: { m: 8 * 1024, t: 1 } }

  it("wraps a key beside others under scrypt, and is read with its own parameters", async () => {
    const folder = path.join(scratchFolder(), "keys")
    const keyring = openFileKeyring(folder, argon)
    const [one, two] = [await keyring.create({ ...key, kdf: "argon2id" }), await keyring.create(key)]
    const slot = JSON.parse(fs.readFileSync(path.join(folder, `${one.id}.json`), "utf8")).slots[0]
    expect(slot).toMatchObject({ kind: "passphrase", kdf: "argon2id", m: 8 * 1024, t: 1, p: 1 })
    const again = openFileKeyring(folder, cheap)
    await expect(again.unlock("wrong")).rejects.toMatchObject({ code: "wrong-passphrase" })
    expect((await again.unlock("correct horse")).toSorted()).toEqual([one.id, two.id].toSorted())
  })

  it.each([
    ["more memory than bounds allow", { m: 2 ** 21 }],
    ["too many passes", { t: 1000 }],
    ["no memory", { m: 8 }],
    ["a derivation nobody knows", { kdf: "pbkdf2" }]
  ])("is refused unread with %s", async (_what, change) => {
    const folder = path.join(scratchFolder(), "keys")
    await openFileKeyring(folder, argon).create({ ...key, kdf: "argon2id" })
    const file = keyFile(folder)
    const json = JSON.parse(fs.readFileSync(file, "utf8"))
    fs.writeFileSync(file, JSON.stringify({ ...json, slots: [{ ...json.slots[0], ...change }] }))
    const keyring = openFileKeyring(folder, cheap)
    expect([keyring.list(), keyring.refused.length]).toEqual([[], 1])
  })
})
