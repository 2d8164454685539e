/** Keys, roots and reviews from the command line: real processes, files carried between two users, and no secret in anything they leave. */
import { spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { scrypt } from "@noble/hashes/scrypt.js"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Kdf } from "../../electron/engine/adapters/key-file.ts"
import { parseKeyFile, unseal } from "../../electron/engine/adapters/key-file.ts"
import { toBase64, toHex } from "../../electron/engine/core/digest.ts"
import type { AnswerOf } from "../../shared/engine-contract.ts"
import type { KeySummary } from "../../shared/trust.ts"

const program = fileURLToPath(new URL("../../electron/cli/l4.mjs", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "l4-keys-"))
const [alice, bob] = [join(folder, "alice"), join(folder, "bob")]
const passphrase = "correct horse battery staple"
/** Everything any command printed. */
let printed = ""

function l4(home: string, words: readonly string[], secret: string | null = passphrase) {
  const environment = { ...process.env, L4_HOME: home, ...(secret === null ? {} : { L4_PASSPHRASE: secret }) }
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    env: environment,
    input: "",
    encoding: "utf8",
    timeout: 120_000
  })
  printed += stdout + stderr
  expect(stderr).not.toContain("internal")
  return { exit: status, out: stdout, err: stderr, json: <T>() => JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as T }
}

const keysOf = (home: string) => l4(home, ["keys", "--json"]).json<KeySummary[]>()
const keyFor = (home: string, purpose: string) => keysOf(home).find(key => key.purpose === purpose && !key.retired)!.id
const rootOf = (home: string, ...more: string[]) => l4(home, ["root", "--json", ...more]).json<AnswerOf<"root">>()
const at = (name: string) => join(folder, name)

function written(name: string, text: string): string {
  writeFileSync(at(name), text)
  return at(name)
}

let first = ""

beforeAll(() => {
  expect(l4(alice, ["init", "--owner", "alice"]).exit).toBe(0)
  expect(l4(bob, ["init", "--owner", "bob"], null).exit).toBe(0)
  const source = written("double.rtfs", "(defn double [n :int] :int (* 2 n))\n")
  const examples = written("double.json", JSON.stringify([{ args: "[2]", result: "4" }]))
  first = l4(alice, ["publish", source, "--task", "Double a number", "--examples", examples, "--json"]).json<{ mapping: string }>().mapping
  expect(l4(alice, ["sign-off", first, "--approve", "--note", "read", "--json"]).json()).toMatchObject({ verdict: "trusted", notes: [] })
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("l4 keys", () => {
  it("hands over the public half only, and takes it into another's root", () => {
    const reviewer = keyFor(bob, "reviewer")
    const exported = l4(bob, ["keys", "export", reviewer.slice(0, 12)], null)
    expect([exported.exit, exported.err]).toEqual([0, expect.stringContaining("public half")])
    const file = written("bob.json", exported.out)
    expect(JSON.parse(exported.out)).toMatchObject({ id: reviewer, owner: "bob", purpose: "reviewer", ledger: {} })
    expect(l4(bob, ["keys", "export", reviewer, "--pem"], null).out).toMatch(/^-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/]{59}=\n-----END/)

    expect(l4(alice, ["keys", "import", file], null).exit).toBe(2)
    const preview = l4(alice, ["keys", "import", file, "--role", "reviewer", "--with-ledger", "--preview", "--json"], null)
    expect([preview.exit, preview.json()]).toMatchObject([0, { rootVersion: 2, changes: [] }])
    expect(rootOf(alice).own?.version).toBe(1)
    expect(l4(alice, ["keys", "import", file, "--role", "reviewer", "--with-ledger"], null)).toMatchObject({
      exit: 1,
      err: expect.stringContaining("keys-locked")
    })
    expect(l4(alice, ["keys", "import", file, "--role", "reviewer", "--with-ledger", "--json"]).json()).toMatchObject({
      id: reviewer,
      rootVersion: 2
    })
    expect(rootOf(alice).own?.document).toContain(reviewer)
  })

  it("shows what a rotation would change, then makes it; the Mapping stays trusted and is served", () => {
    const publisher = keyFor(alice, "publisher")
    expect(l4(alice, ["keys", "rotate", publisher, "--preview"], null).out).toContain("nothing is signed")
    expect(rootOf(alice).own?.version).toBe(2)
    const rotated = l4(alice, ["keys", "rotate", publisher, "--json"])
    expect(rotated.json()).toMatchObject({ old: publisher, rootVersion: 3, changes: [], key: { slots: ["passphrase"] } })
    expect(l4(alice, ["verify", first, "--json"], null).exit).toBe(0)
    expect(keysOf(alice).find(key => key.id === publisher)?.retired).toBe(true)
  })

  it("makes a key while the root is locked, and enrols and retires it later", () => {
    const create = ["keys", "create", "--purpose", "publisher", "--name", "machine", "--owner", "alice", "--json"]
    const { id } = l4(alice, create, "another passphrase").json<KeySummary>()
    expect(rootOf(alice).own?.document).not.toContain(id)
    const enrolled = l4(alice, ["keys", "enrol", id, "--namespace", "acme/", "--json"])
    expect(enrolled.json()).toMatchObject({ id, rootVersion: 4 })
    expect(JSON.parse(rootOf(alice).own!.document).keys[id].namespaces).toEqual(["acme/"])
    expect(l4(alice, ["keys", "retire", id, "--json"]).json()).toMatchObject({ id, rootVersion: 5, changes: [] })
    expect(l4(alice, ["keys", "retire", keyFor(alice, "authority")])).toMatchObject({
      exit: 1,
      err: expect.stringContaining("not-permitted")
    })
  })

  it("takes in an encrypted key file, which opens with its own passphrase", () => {
    const id = keyFor(alice, "reviewer")
    const taken = l4(bob, ["keys", "import", join(alice, "keys", `${id}.json`), "--json"], null)
    expect([taken.exit, taken.json()]).toMatchObject([0, { id, kind: "secret", rootVersion: null }])
    expect(l4(bob, ["keys", "import", join(alice, "keys", `${id}.json`)], null)).toMatchObject({
      exit: 3,
      err: expect.stringContaining("store-exists")
    })
    expect(keysOf(bob).find(key => key.id === id)).toMatchObject({ unlocked: false, slots: ["passphrase"] })
    rmSync(join(bob, "keys", `${id}.json`))
  })

  it("puts unprotected keys under a passphrase and says why to rotate them", () => {
    expect(l4(bob, ["keys", "protect"], null).exit).toBe(2)
    const ran = l4(bob, ["keys", "protect"])
    expect([ran.exit, ran.err]).toEqual([0, expect.stringContaining("rotate")])
    expect(keysOf(bob).every(key => key.slots.join() === "passphrase")).toBe(true)
  })

  it("flags names that deceive beside the KeyId", () => {
    const made = l4(bob, ["keys", "create", "--purpose", "reviewer", "--name", "\u0430lice", "--owner", "bo\u202eb"])
    const line = l4(bob, ["keys"])
      .out.split("\n")
      .find(one => one.startsWith(made.out.trim()))
    expect(line).toMatch(/mixes letters of Latin and Cyrillic/)
    expect(line).toMatch(/\\u\{202e\}.*direction/)
  })

  it.each([
    ["an unknown action", ["keys", "steal"], 2],
    ["no KeyId", ["keys", "rotate"], 2],
    ["a KeyId nobody has", ["keys", "rotate", "00000000", "--preview"], 1],
    ["the ledger's key", ["keys", "retire", "LEDGER", "--preview"], 2],
    ["a role nobody knows", ["keys", "import", "FILE", "--role", "king"], 2],
    ["a file that is no key", ["keys", "import", program, "--role", "reviewer", "--preview"], 2]
  ])("says what is wrong: %s", (_what, words, exit) => {
    const file = written("bob-again.json", "{}")
    const filled = words.map(word => (word === "LEDGER" ? keyFor(alice, "ledger") : word === "FILE" ? file : word))
    const ran = l4(alice, filled, null)
    expect([ran.exit, ran.err.length > 0]).toEqual([exit, true])
  })
})

describe("l4 root", () => {
  it("carries a version as files: prepared here, signed where the root keys are, put in force here", () => {
    const version = rootOf(alice).own!.version
    const away = at("away")
    cpSync(join(alice, "keys"), join(away, "keys"), { recursive: true })
    const root = keyFor(alice, "root")
    const prepared = l4(
      alice,
      ["root", "prepare", "-o", at("next.json"), "--expires", "2030-01-01T00:00:00Z", "--threshold", "root=1"],
      null
    )
    expect([prepared.exit, prepared.out]).toEqual([0, expect.stringContaining("nothing is signed")])
    expect(l4(alice, ["root", "assemble", at("next.json")])).toMatchObject({ exit: 3, err: expect.stringContaining("threshold") })
    expect(l4(away, ["root", "sign", at("next.json"), "-o", at("signed.json")], "wrong")).toMatchObject({ exit: 1 })
    expect(l4(away, ["root", "sign", at("next.json"), "-o", at("signed.json"), "--json"]).json()).toMatchObject({ signedBy: [root] })
    expect(l4(alice, ["root", "assemble", at("signed.json"), "--json"]).json()).toMatchObject({ version: version + 1, changes: [] })
    expect(rootOf(alice).own).toMatchObject({ version: version + 1, expires: "2030-01-01T00:00:00Z" })
    expect(l4(alice, ["root", "assemble", at("signed.json")])).toMatchObject({ exit: 3, err: expect.stringContaining("trust-damaged") })
    rmSync(join(away, "keys"), { recursive: true })
  })

  it("lets a user who does not know the store's root read nothing as trusted until the fingerprint is confirmed", () => {
    const store = join(alice, "store")
    const stranger = at("stranger")
    const ask = ["lookup", "--task", "Double a number", "--interface", "(:int) -> :int", "--args", "[21]", "--store", store, "--json"]
    const refused = l4(stranger, ask, null)
    expect([refused.exit, refused.json()]).toMatchObject([1, { kind: "miss", reason: "untrusted" }])
    expect(refused.out).toContain("l4 root trust --fingerprint")
    const fingerprint = rootOf(alice).own!.fingerprints[0]!
    expect(l4(stranger, ["root", "trust", "--fingerprint", "0".repeat(64), "--store", store], null)).toMatchObject({
      exit: 1,
      err: expect.stringContaining("not-permitted")
    })
    expect(l4(stranger, ask, null).exit).toBe(1)
    expect(l4(stranger, ["root", "trust", "--fingerprint", fingerprint, "--store", store], null).exit).toBe(0)
    const hit = l4(stranger, ask, null)
    expect([hit.exit, hit.json()]).toMatchObject([0, { kind: "hit", outcome: { value: "42" } }])
  })
})

describe("l4 review and sign-off", () => {
  it("shows the evidence, what would be signed, and the difference to what is superseded", () => {
    const source = written("twice.rtfs", "(defn double [n :int] :int (if (= n 7) 0 (+ n n)))\n")
    const examples = written("twice.json", JSON.stringify([{ args: "[7]", result: "0" }]))
    const next = l4(alice, ["publish", source, "--task", "Double a number", "--examples", examples, "--supersedes", first, "--json"])
    const { mapping } = next.json<{ mapping: string }>()
    const shown = l4(alice, ["review", mapping])
    expect(shown.exit).toBe(0)
    for (const words of [
      /Double a number/,
      /\+ n n/,
      /- \(defn double \[n :int\] :int \(\* 2 n\)\)/,
      /behaviour: 1 of 2 examples the same/,
      /an acceptance would sign sha256:[0-9a-f]{64}/,
      /fuel: \d+ → \d+/
    ])
      expect(shown.out).toMatch(words)
    expect(l4(alice, ["policy", "set", "team"]).exit).toBe(0)
    const signed = l4(alice, ["sign-off", mapping, "--approve", "--note", "fine", "--json"])
    expect([signed.exit, signed.json()]).toMatchObject([
      0,
      { verdict: "pending", notes: [expect.stringContaining("RTFS_L4_VIEWED_SOURCE")] }
    ])
    expect(l4(alice, ["sign-off", mapping, "--reject", "--note", ""])).toMatchObject({ exit: 2 })
  }, 60_000)
})

describe("a session's traces", () => {
  it("hold no passphrase and no seed: not in any output, and in no file of store or user folder", () => {
    const secrets = [passphrase, "another passphrase"].flatMap(text => [
      text,
      toBase64(Buffer.from(text)),
      Buffer.from(text).toString("hex")
    ])
    for (const home of [alice, bob]) {
      for (const name of readdirSync(join(home, "keys"))) {
        const seed = seedIn(join(home, "keys", name))
        if (seed !== null) secrets.push(toHex(seed), toBase64(seed), Buffer.from(seed).toString("latin1"))
      }
    }
    expect(secrets.length).toBeGreaterThan(6 + 3 * 12)
    const traces = new Map([["what was printed", Buffer.from(printed)]])
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) traces.set(join(entry.parentPath, entry.name), readFileSync(join(entry.parentPath, entry.name)))
    expect([...traces.keys()].filter(name => name.includes("ledger")).length).toBeGreaterThan(0)
    // what is public is found by the same search, in what was printed and in files
    const control = keyFor(alice, "root")
    expect([...traces].filter(([, bytes]) => bytes.includes(Buffer.from(control))).length).toBeGreaterThan(2)
    const found = [...traces].flatMap(([name, bytes]) =>
      secrets.filter(secret => bytes.includes(Buffer.from(secret, secret.length === 32 ? "latin1" : "utf8"))).map(() => name)
    )
    expect(found).toEqual([])
  }, 60_000)
})

/** The seed as the passphrases of this test open it; null where they do not. */
function seedIn(path: string): Uint8Array | null {
  const file = parseKeyFile(new Uint8Array(readFileSync(path)))
  if (typeof file === "string") throw new TypeError(file)
  for (const slot of file.slots) {
    if (slot.kind !== "passphrase") continue
    for (const text of [passphrase, "another passphrase"]) {
      const fileKey = unseal(slot.box, derived(text, slot), file.header, "slot")
      if (fileKey !== null) return unseal(file.seed, fileKey, file.header, "seed")
    }
  }
  return null
}

const known = new Map<string, Uint8Array>()

function derived(text: string, slot: { by: Kdf; salt: Uint8Array }): Uint8Array {
  if (slot.by.kdf !== "scrypt") throw new TypeError("expected scrypt")
  const name = `${text} ${toHex(slot.salt)}`
  const key = known.get(name) ?? scrypt(Buffer.from(text), slot.salt, { ...slot.by, dkLen: 32 })
  known.set(name, key)
  return key
}
