import { spawn } from "node:child_process"
import fs from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it, onTestFinished, vi } from "vitest"
import { lockOwnerOf, type ProcessTable, takeStoreLock } from "../../../electron/engine/adapters/store-lock.ts"
import { scratchFolder } from "../scratch.ts"

const alive: ProcessTable = { boot: "boot 1", isAlive: () => true, startedAt: pid => `started ${pid}` }
const locked = expect.objectContaining({ code: "store-locked", message: expect.stringContaining(`process ${process.pid}`) })

it("is held by one, who is named to the second, and free after release", () => {
  const store = scratchFolder()
  const lock = takeStoreLock(store, "l4 publish")
  expect(() => takeStoreLock(store, "l4 web")).toThrow(locked)
  expect(() => takeStoreLock(store, "l4 web")).toThrow(/l4 publish/)
  expect(lockOwnerOf(store)?.program).toBe("l4 publish")
  lock.release()
  expect(lockOwnerOf(store)).toBeNull()
  takeStoreLock(store, "l4 web").release()
  expect(fs.readdirSync(store)).toEqual([])
})

it.each<[string, ProcessTable]>([
  ["whose process is gone", { ...alive, isAlive: () => false }],
  ["whose pid belongs to a younger process", { ...alive, startedAt: () => "later" }],
  ["from before the machine started", { ...alive, boot: "boot 2" }]
])("is taken over from an owner %s", (_, now) => {
  const store = scratchFolder()
  const dead = takeStoreLock(store, "l4 first", alive)
  const lock = takeStoreLock(store, "l4 second", now)
  expect(lock.takenFrom?.program).toBe("l4 first")
  dead.release()
  expect(JSON.parse(fs.readFileSync(path.join(store, "LOCK"), "utf8")).program).toBe("l4 second")
})

it("is taken over when its file holds nothing readable, and with a guard a dead taker left", () => {
  const store = scratchFolder()
  fs.writeFileSync(path.join(store, "LOCK"), "{half")
  fs.writeFileSync(path.join(store, "LOCK.takeover"), "{half")
  takeStoreLock(store, "l4").release()
  expect(fs.readdirSync(store)).toEqual([])
})

it("is held also where the file system has no hard links", () => {
  const store = scratchFolder()
  const link = vi.spyOn(fs, "linkSync").mockImplementation(() => {
    throw Object.assign(new Error("no links"), { code: "EPERM" })
  })
  onTestFinished(() => link.mockRestore())
  const lock = takeStoreLock(store, "l4 publish")
  expect(() => takeStoreLock(store, "l4 web")).toThrow(locked)
  lock.release()
  expect(fs.readdirSync(store)).toEqual([])
})

it("goes to exactly one of several processes that find a dead owner at once", async () => {
  const store = scratchFolder()
  const module = fileURLToPath(new URL("../../../electron/engine/adapters/store-lock.ts", import.meta.url))
  fs.writeFileSync(
    path.join(store, "LOCK"),
    JSON.stringify({ pid: 2 ** 22 + 1, started: "1", boot: null, program: "dead", at: "then", nonce: "0" })
  )
  const script = `import { takeStoreLock } from ${JSON.stringify(module)}
    try { takeStoreLock(process.argv[1], "taker"); process.stdout.write("got"); setTimeout(() => {}, 3000) } catch (e) { process.stdout.write(e.code) }`
  const results = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const child = spawn(process.execPath, ["--input-type=module", "-e", script, store], { stdio: ["ignore", "pipe", "inherit"] })
      const answer = await new Promise<string>(resolve => child.stdout.once("data", data => resolve(String(data))))
      return { answer, child }
    })
  )
  for (const { child } of results) child.kill()
  expect(results.map(result => result.answer).sort()).toEqual(["got", ...Array(5).fill("store-locked")])
})
