/** The chosen Generator: kept with its key sealed, found again by whoever opens the keys, and harmless where the file was changed. */
import fs from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import path from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { chosenGenerator, openGeneratorFile } from "../../../electron/engine/adapters/file-generator.ts"
import { openFileKeyring } from "../../../electron/engine/adapters/file-keyring.ts"
import { scratchFolder } from "../scratch.ts"

const task = { text: "t", typeText: "() -> :int", examples: [], near: [], attempts: [], tokensMax: Number.POSITIVE_INFINITY }

async function place(passphrase?: string) {
  const home = scratchFolder()
  const keyring = openFileKeyring(path.join(home, "keys"), { scryptCost: 1_024 })
  await keyring.create({ purpose: "publisher", name: "p", owner: "o", ...(passphrase === undefined ? {} : { passphrase }) })
  return { home, keyring, file: path.join(home, "generator.json") }
}

async function endpoint() {
  const shown: (string | undefined)[] = []
  const server = createServer((request, response) => {
    shown.push(request.headers.authorization)
    response.end(JSON.stringify({ choices: [{ message: { content: "(defn f [] 1)" } }] }))
  })
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { shown, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` }
}

describe("an endpoint with a key", () => {
  it("is asked with its key, which stands nowhere on disk", async () => {
    const { home, keyring, file } = await place("long enough")
    const { url, shown } = await endpoint()
    openGeneratorFile(home, keyring).choose({ kind: "http", url, model: "m", hostsAllowed: [], key: "sk-very-secret" })
    expect(fs.readFileSync(file, "utf8")).not.toContain("sk-very-secret")
    expect(fs.statSync(file).mode & 0o777).toBe(0o600)
    expect(openGeneratorFile(home, keyring).shown()).toEqual({ kind: "http", url, model: "m", hostsAllowed: [], hasKey: true })
    expect(await chosenGenerator(home, keyring).generate(task)).toEqual({ source: "(defn f [] 1)", tokens: 0 })
    expect(shown).toEqual(["Bearer sk-very-secret"])
  })

  it("is not asked while the keys are locked", async () => {
    const { home, keyring } = await place("long enough")
    const { url, shown } = await endpoint()
    openGeneratorFile(home, keyring).choose({ kind: "http", url, model: "m", hostsAllowed: [], key: "sk" })
    const locked = openFileKeyring(path.join(home, "keys"))
    await expect(chosenGenerator(home, locked).generate(task)).rejects.toMatchObject({ code: "keys-locked" })
    expect(shown).toEqual([])
    expect(() => openGeneratorFile(home, locked).choose({ kind: "http", url, model: "m", hostsAllowed: [], key: "sk" })).toThrow("unlock")
  })

  it("is not sent to an address that somebody wrote into the file", async () => {
    const { home, keyring, file } = await place()
    const [meant, other] = [await endpoint(), await endpoint()]
    openGeneratorFile(home, keyring).choose({ kind: "http", url: meant.url, model: "m", hostsAllowed: [], key: "sk" })
    fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace(meant.url, other.url))
    await expect(chosenGenerator(home, keyring).generate(task)).rejects.toMatchObject({ code: "trust-damaged" })
    expect(other.shown).toEqual([])
  })
})

it("a choice is taken back, and then nobody is asked", async () => {
  const { home, keyring } = await place()
  const file = openGeneratorFile(home, keyring)
  const generator = chosenGenerator(home, keyring)
  file.choose({ kind: "command", command: [process.execPath, "-e", 'process.stdout.write("(defn f [] 2)")'] })
  expect(await generator.generate(task)).toEqual({ source: "(defn f [] 2)", tokens: 0 })
  file.choose(null)
  expect([generator.name, await generator.generate(task), file.shown()]).toEqual(["no generator", null, null])
})

it("refuses what cannot be used before it is kept, and says what a damaged file needs", async () => {
  const { home, keyring, file } = await place()
  const settings = openGeneratorFile(home, keyring)
  expect(() => settings.choose({ kind: "http", url: "http://models.example/v1", model: "m", hostsAllowed: [] })).toThrow("models.example")
  expect(fs.existsSync(file)).toBe(false)
  fs.writeFileSync(file, '{"version":2}')
  expect(() => settings.shown()).toThrow("choose the generator again")
})
