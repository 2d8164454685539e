/** Stores as people meet them: on a full, read-only or network disk, with strange files in them, with a Blob missing, read by another process. */
import { execFileSync, fork } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { forkLaunch } from "../../electron/engine/adapters/child-process.ts"
import { checkFileSystem } from "../../electron/engine/adapters/store-format.ts"
import { openEngine } from "../../electron/engine/open.ts"
import { hexOf } from "../../shared/digest.ts"
import { adding, published, storeOnDisk } from "./opened.ts"
import { scratchFolder } from "./scratch.ts"

const twice = {
  request: { instruction: "twice a number", interface: "(int) -> int" },
  source: "(defn twice [n :int] :int (* 2 n))",
  examples: [{ args: "[1]", result: "2" }]
}

/** Everything below a folder, with its bytes. */
function contents(folder: string): Record<string, string> {
  const files = fs.readdirSync(folder, { withFileTypes: true, recursive: true }).filter(entry => entry.isFile())
  return Object.fromEntries(
    files.map(entry => {
      const file = path.join(entry.parentPath, entry.name)
      return [path.relative(folder, file), fs.readFileSync(file).toString("base64")]
    })
  )
}

/** Null where this user may mount; else why not. Only a system on which one is root has a disk to fill. */
const cannotMount = ((): string | null => {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "needs Linux and root"
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "l4-mount-"))
  try {
    execFileSync("/bin/mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], { stdio: "ignore" })
    execFileSync("/bin/umount", [folder], { stdio: "ignore" })
    return null
  } catch {
    return "mount is not permitted here"
  } finally {
    fs.rmdirSync(folder)
  }
})()

function mounted(...params: readonly string[]): string {
  const folder = scratchFolder()
  execFileSync("/bin/mount", [...params, folder])
  onTestFinished(() => {
    execFileSync("/bin/umount", ["--lazy", folder])
  })
  return folder
}

describe.runIf(cannotMount === null)("a real disk", () => {
  it("that is full: nothing is published or served, what is there can be read and audited, and it goes on when there is room", async () => {
    const { store, home, open } = await storeOnDisk()
    const first = await open()
    await published(first)
    await first.close()
    const disk = mounted("-t", "tmpfs", "-o", "size=3m", "tmpfs")
    const place = path.join(disk, "store")
    fs.cpSync(store, place, { recursive: true })
    const engine = await openEngine({ store: place, home, launch: forkLaunch })
    onTestFinished(() => engine.close())
    const fill = path.join(disk, "fill")
    const handle = fs.openSync(fill, "w")
    try {
      for (;;) fs.writeSync(handle, Buffer.alloc(4_096))
    } catch {
      fs.closeSync(handle)
    }
    await expect(engine.publish(twice)).rejects.toMatchObject({ code: "disk-full", message: expect.stringContaining("make room") })
    expect(await engine.lookup({ request: adding.request })).toMatchObject({ kind: "miss", reason: "log-unavailable" })
    const reader = await openEngine({ store: place, home, launch: forkLaunch, readOnly: true })
    expect((await reader.list({})).rows).toHaveLength(1)
    expect((await reader.audit({})).findings.filter(finding => finding.harmless !== true)).toEqual([])
    await reader.close()
    fs.rmSync(fill)
    expect(await engine.lookup({ request: adding.request })).toMatchObject({ kind: "hit" })
    expect(await engine.publish(twice)).toMatchObject({ kind: "published" })
    expect((await engine.audit({})).findings.filter(finding => finding.harmless !== true)).toEqual([])
  })

  it("that may only be read: it is opened for reading, served from, logged with the user, and not touched", async () => {
    const { store, home, open } = await storeOnDisk()
    const first = await open()
    await published(first)
    await first.close()
    const disk = mounted("--bind", "-o", "ro", store)
    if (fs.statfsSync(disk).type !== undefined) execFileSync("/bin/mount", ["-o", "remount,bind,ro", disk])
    const before = contents(store)
    const engine = await openEngine({ store: disk, home, launch: forkLaunch })
    expect(await engine.lookup({ request: adding.request, args: "[3 4]" })).toMatchObject({ kind: "hit", outcome: { value: "7" } })
    expect(await engine.status({})).toMatchObject({
      readOnly: true,
      warnings: expect.arrayContaining([expect.stringContaining("read-only file system")])
    })
    expect((await engine.usage({})).lookups.hits).toBe(1)
    for (const refused of [
      engine.publish(twice),
      engine.gc({}),
      engine.audit({ repair: true }),
      engine.revoke({ what: "0123", reason: "wrong" })
    ])
      await expect(refused).rejects.toMatchObject({ code: expect.stringMatching(/store-read-only|unknown-digest/) })
    await engine.close()
    expect(contents(store)).toEqual(before)
  })
})

it.runIf(cannotMount !== null)(`real disks were not tried: ${cannotMount}`, () => {
  expect(cannotMount).not.toBeNull()
})

it.each([
  ["NFS", 0x6969],
  ["SMB", 0xfe534d42],
  ["SMB", 0x517b]
])("a network disk (%s) is refused with what to do instead", (name, type) => {
  expect(() => checkFileSystem("/somewhere", () => type)).toThrow(
    expect.objectContaining({ code: "store-unreadable", message: expect.stringMatching(new RegExp(`${name}.*keep it on a local disk`)) })
  )
})

it("a store of a newer version is refused with both layouts named, and stays as it was", async () => {
  const { store, open } = await storeOnDisk()
  const file = path.join(store, "FORMAT.json")
  fs.writeFileSync(file, JSON.stringify({ ...JSON.parse(fs.readFileSync(file, "utf8")), layout: 7 }))
  const before = contents(store)
  await expect(open()).rejects.toMatchObject({
    code: "store-newer-format",
    message: expect.stringMatching(/layout 7.*up to 1.*newer version/)
  })
  expect(contents(store)).toEqual(before)
})

it("strange files are named by Audit, everywhere, and no verb touches or reads them", async () => {
  const { store, open } = await storeOnDisk()
  const engine = await open()
  await published(engine)
  await engine.close()
  const strange = [
    "notes.txt",
    "ledger/00000001.log.bak",
    "trust/old.json",
    "oci/blobs/sha256/README",
    "oci/blobs/md5/x",
    "oci/x.json",
    "hits/mine.csv",
    "lance/other.lance/x"
  ]
  for (const name of strange) {
    fs.mkdirSync(path.dirname(path.join(store, name)), { recursive: true })
    fs.writeFileSync(path.join(store, name), "mine")
  }
  const again = await open()
  const { findings } = await again.audit({ repair: true })
  const named = findings.filter(finding => finding.code === "file-foreign").map(finding => finding.subject)
  expect(named.sort()).toEqual([...strange.filter(name => !/md5|other/.test(name)), "oci/blobs/md5", "lance/other.lance"].sort())
  expect(findings.filter(finding => finding.harmless !== true)).toEqual([])
  await again.gc({ olderThanHours: 0 })
  expect(await again.lookup({ request: adding.request })).toMatchObject({ kind: "hit" })
  for (const name of strange) expect(fs.readFileSync(path.join(store, name), "utf8")).toBe("mine")
})

it("a missing Blob is a finding with a remedy that works, a Miss that says so, and nothing else suffers", async () => {
  const { store, open } = await storeOnDisk()
  const engine = await open()
  const made = await published(engine)
  await published(engine, twice)
  fs.rmSync(path.join(store, "oci", "blobs", "sha256", hexOf(made.digest)))
  expect(await engine.lookup({ request: adding.request })).toMatchObject({ kind: "miss", why: expect.stringMatching(/blob|bytes/i) })
  expect(await engine.lookup({ request: twice.request, args: "[4]" })).toMatchObject({ kind: "hit", outcome: { value: "8" } })
  const missing = (await engine.audit({ repair: true })).findings.filter(finding => finding.harmless !== true)
  expect(missing).toMatchObject([
    { code: "blob-missing", subject: made.digest, remedy: expect.stringContaining("publish it again"), repaired: false }
  ])
  expect(await engine.publish(adding)).toMatchObject({ kind: "published", already: true })
  expect((await engine.audit({})).findings).toEqual([])
  expect(await engine.lookup({ request: adding.request, args: "[3 4]" })).toMatchObject({ kind: "hit", outcome: { value: "7" } })
})

describe("another process", () => {
  /** A process that has the store open for reading and answers Lookups. */
  async function reading(store: string, home: string) {
    const child = fork(new URL("./reading-process.ts", import.meta.url), [store, home], { stdio: "ignore", execArgv: [] })
    onTestFinished(() => {
      child.kill("SIGKILL")
    })
    const ask = (question: unknown) =>
      new Promise<{ kind: string; reason?: string; mapping?: string; readOnly?: boolean; heldBy?: string }>(resolve => {
        child.once("message", answer => resolve(answer as { kind: string }))
        child.send(question as object)
      })
    await new Promise(resolve => child.once("message", resolve))
    return { child, ask }
  }

  it("sees a publish and a revocation within a second, names who writes, and its hits are logged and counted", async () => {
    const { store, home, open } = await storeOnDisk()
    const writer = await open({ program: "the writer" })
    const { child, ask } = await reading(store, home)
    expect(await ask("status")).toMatchObject({ readOnly: true, heldBy: expect.stringContaining("the writer") })
    expect(await ask(adding.request)).toMatchObject({ kind: "miss", reason: "no-such-interface" })
    /** Milliseconds until the reader says so; the clock starts when the writer has its acknowledgement. */
    const until = async (wanted: string) => {
      const start = performance.now()
      for (;;) {
        const answer = await ask(adding.request)
        if ((answer.reason ?? answer.kind) === wanted) return performance.now() - start
      }
    }
    const made = await published(writer)
    const seenPublish = await until("hit")
    await writer.revoke({ what: made.mapping, reason: "wrong" })
    const seenRevocation = await until("untrusted")
    // It looks twice a second; what a busy machine adds is not its doing.
    expect([seenPublish < 5_000, seenRevocation < 5_000]).toEqual([true, true])
    const logs = () =>
      fs.readdirSync(path.join(store, "hits")).filter(name => name.startsWith(`reader-${child.pid}`) && name.endsWith(".log"))
    expect(logs()).toHaveLength(1)
    const counted = (await writer.usage({})).lookups
    expect(counted.hits).toBeGreaterThanOrEqual(1)
    expect(counted.misses.untrusted).toBeGreaterThanOrEqual(1)
    child.kill("SIGKILL")
    await new Promise(resolve => child.once("exit", resolve))
    await writer.close()
    const next = await open()
    await expect.poll(async () => (await next.ledger({ limit: 1 })).lines[0]?.kind, { timeout: 20_000 }).toBe("used")
    expect((await next.usage({})).lookups).toMatchObject({ hits: counted.hits, misses: { untrusted: counted.misses.untrusted } })
  })
})
