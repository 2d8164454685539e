/** A program that dies with its keys open: what it prints, the report Node writes of it and the diagnostics of a failed call hold no secret. */
import { spawnSync } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { scrypt } from "@noble/hashes/scrypt.js"
import { expect, it } from "vitest"
import { parseKeyFile, unseal } from "../../electron/engine/adapters/key-file.ts"
import { toBase64, toHex } from "../../electron/engine/core/digest.ts"
import { scratchFolder } from "../engine/scratch.ts"

const at = (name: string) => fileURLToPath(new URL(`../../electron/${name}`, import.meta.url))
const passphrase = "correct horse battery staple"

/** Opens every key, signs with one, then ends as a defect would: with all it holds hanging on the error. */
const dying = `
  import { takeEnvironmentPassphrase } from ${JSON.stringify(at("cli/passphrase.ts"))}
  import { forkLaunch, openEngine } from ${JSON.stringify(at("engine/index.ts"))}
  import { openFileKeyring } from ${JSON.stringify(at("engine/adapters/file-keyring.ts"))}
  const [store, home] = process.argv.slice(1)
  const passphrase = takeEnvironmentPassphrase(process.env)
  const engine = await openEngine({ store, home, launch: forkLaunch })
  await engine.unlock({ passphrase })
  await engine.setPolicy({ policy: "automatic" })
  const keyring = openFileKeyring(home + "/keys")
  await keyring.unlock(passphrase)
  await engine.rotateKey({ key: "ffff", passphrase: passphrase + " wrong" }).catch(failure => console.error(failure))
  await engine.unlock({ passphrase: ["another", "guess"].join(" ") }).catch(failure => console.error(failure))
  await engine.createKey({ purpose: "nobody", passphrase }).catch(failure => console.error(failure))
  console.error("the first key:", keyring.list()[0].id)
  throw Object.assign(new Error("a defect"), { engine, keyring, keys: await engine.keys({}) })
`

it("a crash with open keys tells none of them", () => {
  const folder = scratchFolder()
  const places = { store: join(folder, "store"), home: join(folder, "home"), reports: join(folder, "reports") }
  mkdirSync(places.reports)
  const environment = { PATH: process.env.PATH ?? "", L4_PASSPHRASE: passphrase }
  const options = { env: environment, encoding: "utf8", timeout: 120_000 } as const
  const made = spawnSync(process.execPath, [at("cli/l4.mjs"), "init", "--store", places.store, "--home", places.home], options)
  expect(made.status).toBe(0)
  const flags = ["--report-uncaught-exception", `--report-directory=${places.reports}`, "--trace-uncaught", "--input-type=module"]
  const died = spawnSync(process.execPath, [...flags, "-e", dying, places.store, places.home], options)
  expect([died.status === 0, died.stderr]).toEqual([false, expect.stringMatching(/a defect/)])

  const reports = readdirSync(places.reports).map(name => readFileSync(join(places.reports, name), "utf8"))
  expect(reports.length).toBeGreaterThan(0)
  const said = [died.stdout, died.stderr, ...reports].join("\n")
  const secrets = [passphrase, toBase64(Buffer.from(passphrase)), "another guess"]
  const names = readdirSync(join(places.home, "keys"))
  for (const name of names) {
    const file = parseKeyFile(new Uint8Array(readFileSync(join(places.home, "keys", name))))
    const slot = typeof file === "string" ? undefined : file.slots[0]
    if (typeof file === "string" || slot?.kind !== "passphrase" || slot.by.kdf !== "scrypt")
      throw new TypeError("expected a key under scrypt")
    const derived = known(slot.salt) ?? remember(slot.salt, scrypt(Buffer.from(passphrase), slot.salt, { ...slot.by, dkLen: 32 }))
    const fileKey = unseal(slot.box, derived, file.header, "slot") as Uint8Array
    const seed = unseal(file.seed, fileKey, file.header, "seed") as Uint8Array
    for (const secret of [seed, fileKey, derived])
      secrets.push(toHex(secret), toBase64(secret), secret.join(","), secret.join(", "), [...secret.slice(0, 12)].join(",\n"))
  }
  expect(secrets.length).toBeGreaterThan(names.length * 15)
  // the search finds what is there: a KeyId was printed on purpose
  expect(names.some(name => said.includes(name.slice(0, 64)))).toBe(true)
  expect(secrets.filter(secret => said.includes(secret))).toEqual([])
}, 120_000)

const derivations = new Map<string, Uint8Array>()
const known = (salt: Uint8Array) => derivations.get(toHex(salt))
function remember(salt: Uint8Array, key: Uint8Array): Uint8Array {
  derivations.set(toHex(salt), key)
  return key
}
