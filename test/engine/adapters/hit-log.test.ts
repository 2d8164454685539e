import fs from "node:fs"
import path from "node:path"
import { expect, it, vi } from "vitest"
import { openHitLog } from "../../../electron/engine/adapters/hit-log.ts"
import { sampleEntry } from "../ports/hit-log.contract.ts"
import { scratchFolder } from "../scratch.ts"

const open = (folder: string, role: "writer" | "reader" = "writer") => openHitLog(folder, { role, nowMs: () => 7 })

it("leaves no file where nothing was served", async () => {
  const folder = path.join(scratchFolder(), "hits")
  await open(folder).close()
  expect(fs.existsSync(folder)).toBe(false)
})

it("writes entries of 128 bytes after a header of 128, and a request's words once", async () => {
  const folder = scratchFolder()
  const log = open(folder)
  for (let index = 0; index < 3; index++) log.append(sampleEntry)
  await log.close()
  expect(fs.statSync(path.join(folder, "writer-1.log")).size).toBe(128 * 4)
  expect(fs.readFileSync(path.join(folder, "writer-1.log.requests"), "utf8").trim().split("\n")).toHaveLength(1)
})

it("reads the logs of every process together and skips an entry a crash tore", async () => {
  const folder = scratchFolder()
  const first = open(folder)
  first.append(sampleEntry)
  first.append({ ...sampleEntry, similarity: 1 })
  await first.close()
  const reader = open(folder, "reader")
  reader.append({ ...sampleEntry, kind: "run", outcome: "returned" })
  await reader.close()
  const file = path.join(folder, "writer-1.log")
  fs.truncateSync(file, fs.statSync(file).size - 20)
  const second = open(folder)
  second.append({ ...sampleEntry, kind: "miss", missReason: "untrusted" })
  expect([...second.entries()].map(entry => [entry.kind, entry.number, entry.request.text]).sort()).toEqual([
    ["hit", 1, "count words"],
    ["miss", 2, "count words"],
    ["run", 1, "count words"]
  ])
  await second.close()
  expect(fs.readdirSync(folder)).not.toContain("writer-2.log")
})

it("refuses to serve what it cannot write, and goes on when there is room again", async () => {
  const log = open(scratchFolder())
  log.append(sampleEntry)
  const write = vi.spyOn(fs, "writeSync").mockImplementationOnce(() => {
    throw Object.assign(new Error("full"), { code: "ENOSPC" })
  })
  expect(() => log.append({ ...sampleEntry, similarity: 0 })).toThrow(
    expect.objectContaining({ code: "log-unavailable", message: expect.stringContaining("full") })
  )
  write.mockRestore()
  expect(log.append(sampleEntry)).toBe(2)
  expect([...log.entries()]).toHaveLength(2)
  await log.close()
})

it("refuses where its folder may not be written", () => {
  const folder = path.join(scratchFolder(), "file")
  fs.writeFileSync(folder, "not a folder")
  expect(() => open(folder).append(sampleEntry)).toThrow(expect.objectContaining({ code: "log-unavailable" }))
})

it("goes on in the writer's log of the day, with numbers and words as they were, and begins another the next day", async () => {
  const folder = scratchFolder()
  const day = 86_400_000
  const serve = async (nowMs: number) => {
    const log = openHitLog(folder, { role: "writer", nowMs: () => nowMs })
    const number = log.append(sampleEntry)
    await log.close()
    return number
  }
  expect([await serve(day), await serve(day + 5), await serve(2 * day)]).toEqual([1, 2, 1])
  expect(fs.readdirSync(folder).sort()).toEqual(["writer-1.log", "writer-1.log.requests", "writer-2.log", "writer-2.log.requests"])
  expect(fs.readFileSync(path.join(folder, "writer-1.log.requests"), "utf8").trim().split("\n")).toHaveLength(1)
})
