import { spawn } from "node:child_process"
import fs from "node:fs"
import path from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { forkLaunch } from "../../electron/engine/adapters/child-process.ts"
import { initStore, openEngine } from "../../electron/engine/open.ts"
import { hexOf } from "../../shared/digest.ts"
import { adding, published, storeOnDisk } from "./opened.ts"
import { scratchFolder } from "./scratch.ts"

const ask = { request: adding.request, args: "[3 4]" }

describe("a store on disk", () => {
  it("keeps what was published and signed off, and answers after it is opened again without the index", async () => {
    const { store, open } = await storeOnDisk()
    const first = await open()
    const made = await published(first)
    expect(await first.lookup(ask)).toMatchObject({ kind: "hit", outcome: { value: "7" } })
    expect((await first.find({ words: "numbers to add" })).rows).toMatchObject([
      { mapping: made.mapping, verdict: "trusted", why: expect.arrayContaining([expect.stringContaining("numbers")]) }
    ])
    await first.close()
    await expect(first.lookup(ask)).rejects.toMatchObject({ code: "engine-stopped" })
    for (const derived of ["lance", "hot", "hits"]) fs.rmSync(path.join(store, derived), { recursive: true, force: true })
    const second = await open()
    expect(await second.lookup(ask)).toMatchObject({ kind: "hit", mapping: made.mapping })
    expect((await second.list({})).rows).toMatchObject([{ mapping: made.mapping, verdict: "trusted", task: "add two numbers" }])
    const { checked, findings } = await second.audit({})
    expect([findings, checked.rows, checked.mappings]).toEqual([[], 2, 1])
  })

  it("is held by one writer, who is named to the next; a reader needs no lock and sees a publish within a second", async () => {
    const { open } = await storeOnDisk()
    const writer = await open({ program: "the first" })
    await expect(open()).rejects.toMatchObject({ code: "store-locked", message: expect.stringContaining("the first") })
    const reader = await open({ readOnly: true })
    expect(await reader.status({})).toMatchObject({ readOnly: true, heldBy: expect.stringContaining("the first") })
    await expect(reader.publish(adding)).rejects.toMatchObject({ code: "store-read-only" })
    const made = await published(writer)
    await delay(1_000)
    expect(await reader.lookup(ask)).toMatchObject({ kind: "hit", mapping: made.mapping })
    expect((await reader.find({ words: "numbers" })).rows).toHaveLength(1)
    await writer.revoke({ what: made.mapping, reason: "wrong" })
    await delay(1_000)
    expect(await reader.lookup(ask)).toMatchObject({ kind: "miss", reason: "untrusted" })
  })

  it("refuses a tampered Blob as damaged, until its bytes are back", async () => {
    const { store, open } = await storeOnDisk()
    const engine = await open()
    const made = await published(engine)
    const file = path.join(store, "oci", "blobs", "sha256", hexOf(made.digest))
    const bytes = fs.readFileSync(file)
    const changed = Buffer.from(bytes)
    changed[20]! ^= 1
    fs.chmodSync(file, 0o644)
    fs.writeFileSync(file, changed)
    expect(await engine.lookup(ask)).toMatchObject({ kind: "miss", reason: "damaged" })
    expect(await engine.verify({ digest: made.digest })).toMatchObject({ state: "untrusted" })
    fs.writeFileSync(file, bytes)
    expect(await engine.lookup(ask)).toMatchObject({ kind: "hit" })
  })

  it("counts what it served over several runs of the program", async () => {
    const { open } = await storeOnDisk()
    const first = await open()
    const made = await published(first)
    for (let at = 0; at < 3; at++) await first.lookup(ask)
    await first.lookup({ request: { ...adding.request, interface: "(string) -> string" } })
    await first.close()
    const second = await open()
    await second.lookup(ask)
    const usage = await second.usage({})
    expect(usage.lookups).toMatchObject({
      hits: 4,
      misses: { "no-such-interface": 1 },
      runs: { returned: 4 },
      tiers: { "exact-text": 4 },
      totalUs: { n: 5 }
    })
    expect(usage.mostUsed).toMatchObject([{ mapping: made.mapping, hits: 4 }])
    expect(usage.bytes.blobs).toBeGreaterThan(100_000)
    expect((await second.list({})).rows[0]?.hits).toBe(4)
  })
})

describe("what a crash left", () => {
  it("a torn last record is cut, recorded as repaired, and what was acknowledged is there", async () => {
    const { store, open } = await storeOnDisk()
    const engine = await open()
    const made = await published(engine)
    await engine.close()
    const segment = path.join(store, "ledger", "00000001.log")
    fs.appendFileSync(segment, Buffer.from([200, 0, 0, 0, 1, 2, 3]))
    const again = await open()
    expect(await again.lookup(ask)).toMatchObject({ kind: "hit", mapping: made.mapping })
    expect((await again.ledger({ limit: 1 })).lines).toMatchObject([{ kind: "repaired" }])
    expect((await again.status({})).warnings).toEqual(expect.arrayContaining([expect.stringContaining("never acknowledged")]))
    expect(fs.readdirSync(path.join(store, "quarantine"))).toHaveLength(2)
  })

  it("a damaged record opens the store for reading, and says where", async () => {
    const { store, open } = await storeOnDisk()
    const engine = await open()
    await published(engine)
    await engine.close()
    const segment = path.join(store, "ledger", "00000001.log")
    const bytes = fs.readFileSync(segment)
    bytes[bytes.length >> 1]! ^= 1
    fs.writeFileSync(segment, bytes)
    const damaged = await open()
    const status = await damaged.status({})
    expect(status.readOnly).toBe(true)
    expect(status.warnings.join()).toContain("the ledger is damaged in 00000001.log at byte")
    await expect(damaged.publish(adding)).rejects.toMatchObject({ code: "store-read-only" })
    expect(fs.readFileSync(segment)).toEqual(bytes)
  })

  it("the lock of a killed writer is taken over, and what it acknowledged is there", async () => {
    const { store, home, open } = await storeOnDisk()
    const index = fileURLToPath(new URL("../../electron/engine/index.ts", import.meta.url))
    const script = `import { openEngine, forkLaunch } from ${JSON.stringify(index)}
      const engine = await openEngine({ store: process.argv[1], home: process.argv[2], launch: forkLaunch, program: "the killed one" })
      const answer = await engine.publish(JSON.parse(process.argv[3]))
      process.stdout.write(answer.mapping)
      setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ["--input-type=module", "-e", script, store, home, JSON.stringify(adding)], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    const mapping = await new Promise<string>(resolve => child.stdout.once("data", data => resolve(String(data))))
    await expect(open()).rejects.toMatchObject({ code: "store-locked", message: expect.stringContaining("the killed one") })
    child.kill("SIGKILL")
    await new Promise(resolve => child.once("exit", resolve))
    const engine = await open()
    expect((await engine.list({})).rows).toMatchObject([{ mapping, verdict: "pending" }])
    expect((await engine.status({})).warnings).toEqual(expect.arrayContaining([expect.stringContaining("the killed one")]))
    expect((await engine.audit({})).findings.filter(finding => !finding.repaired)).toEqual([])
  })
})

describe("a store that cannot be opened", () => {
  it.each<[string, (store: string) => void, string]>([
    ["of a newer format", store => fs.writeFileSync(path.join(store, "FORMAT.json"), '{"layout":9}'), "store-newer-format"],
    ["without its format", store => fs.rmSync(path.join(store, "FORMAT.json")), "store-missing"],
    ["with a malformed format", store => fs.writeFileSync(path.join(store, "FORMAT.json"), "{"), "store-unreadable"]
  ])("%s is refused, untouched and unlocked", async (_, spoil, code) => {
    const { store, open } = await storeOnDisk()
    spoil(store)
    const before = fs.readdirSync(store)
    await expect(open()).rejects.toMatchObject({ code })
    expect(fs.readdirSync(store)).toEqual(before)
  })

  it("on a full disk publishes nothing, says so, and goes on when there is room", async () => {
    const { open } = await storeOnDisk()
    const engine = await open()
    const { ledgerSize } = await engine.status({})
    const write = vi.spyOn(fs, "writeSync").mockImplementation(() => {
      throw Object.assign(new Error("full"), { code: "ENOSPC" })
    })
    onTestFinished(() => write.mockRestore())
    await expect(engine.publish(adding)).rejects.toMatchObject({ code: "disk-full" })
    write.mockRestore()
    expect((await engine.status({})).ledgerSize).toBe(ledgerSize)
    expect(await engine.publish(adding)).toMatchObject({ kind: "published" })
  })

  it("for writing, because its folder is read-only, is opened for reading and keeps its log with the user", async () => {
    const { store, home, open } = await storeOnDisk()
    const first = await open()
    const made = await published(first)
    await first.close()
    const refuse = () => {
      throw Object.assign(new Error("read-only"), { code: "EROFS" })
    }
    const spies = [vi.spyOn(fs, "linkSync").mockImplementation(refuse), vi.spyOn(fs, "accessSync").mockImplementation(refuse)]
    onTestFinished(() => {
      for (const spy of spies) spy.mockRestore()
    })
    const before = fs.readdirSync(store, { recursive: true }).sort()
    const engine = await open()
    expect(await engine.lookup(ask)).toMatchObject({ kind: "hit", mapping: made.mapping })
    expect(await engine.status({})).toMatchObject({
      readOnly: true,
      warnings: expect.arrayContaining([expect.stringContaining("read-only file system")])
    })
    await expect(engine.publish(adding)).rejects.toMatchObject({ code: "store-read-only" })
    await expect(engine.signOff({ digest: made.digest, signOff: { decision: "approve", note: "again" } })).rejects.toMatchObject({
      code: "store-read-only"
    })
    await engine.close()
    expect(fs.readdirSync(store, { recursive: true }).sort()).toEqual(before)
    expect(fs.readdirSync(path.join(home, "hits"), { recursive: true }).length).toBeGreaterThan(1)
  })

  it("whose vectors are of another model answers equal words and says why nothing else", async () => {
    const { store, open } = await storeOnDisk()
    const first = await open()
    await published(first)
    await first.close()
    const file = path.join(store, "FORMAT.json")
    const format = JSON.parse(fs.readFileSync(file, "utf8"))
    const embedding = { ...format.embedding, model: "another-model", digest: `sha256:${"5".repeat(64)}` }
    fs.writeFileSync(file, JSON.stringify({ ...format, embedding }))
    const engine = await open()
    expect(await engine.lookup(ask)).toMatchObject({ kind: "hit", tier: "exact-text" })
    expect(await engine.lookup({ ...ask, request: { ...ask.request, instruction: "sum two numbers" } })).toMatchObject({
      kind: "miss",
      why: expect.stringContaining("another-model")
    })
    expect((await engine.status({})).model).toMatchObject({ available: false, why: expect.stringContaining("another-model") })
  })
})

describe("making a store", () => {
  it("refuses a folder that holds one, or anything else, and leaves both as they were", async () => {
    const { store, home } = await storeOnDisk()
    await expect(initStore({ store, home })).rejects.toMatchObject({ code: "store-exists" })
    const folder = scratchFolder()
    fs.writeFileSync(path.join(folder, "precious"), "x")
    await expect(initStore({ store: folder, home })).rejects.toMatchObject({ code: "store-exists" })
    expect(fs.readdirSync(folder)).toEqual(["precious"])
  })

  it("that fails half-way leaves nothing behind", async () => {
    const folder = scratchFolder()
    const store = path.join(folder, "store")
    const rename = vi.spyOn(fs, "renameSync").mockImplementation(() => {
      throw Object.assign(new Error("full"), { code: "ENOSPC" })
    })
    onTestFinished(() => rename.mockRestore())
    await expect(initStore({ store, home: path.join(folder, "home") })).rejects.toMatchObject({ code: "disk-full" })
    rename.mockRestore()
    expect(fs.existsSync(store)).toBe(false)
    await expect(openEngine({ store, home: path.join(folder, "home"), launch: forkLaunch })).rejects.toMatchObject({
      code: "store-missing"
    })
  })
})
