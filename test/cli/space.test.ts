/** audit, gc, evict and stats by command line, and reading beside a program that writes. */
import { spawnSync } from "node:child_process"
import fs from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import { adding, published, storeOnDisk } from "../engine/opened.ts"

const program = fileURLToPath(new URL("../../electron/cli/l4.mjs", import.meta.url))

async function made() {
  const { store, home, open } = await storeOnDisk()
  const engine = await open({ program: "the window" })
  const module = await published(engine)
  const l4 = (...words: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words, "--store", store, "--home", home], {
      input: "",
      encoding: "utf8",
      timeout: 120_000
    })
    return {
      exit: status,
      out: stdout,
      err: stderr,
      json: () => JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as Record<string, unknown>
    }
  }
  return { store, engine, module, l4 }
}

it("reads while another program writes, logs what it serves there, and is refused what would write", async () => {
  const { store, engine, l4 } = await made()
  const asked = ["--task", adding.request.instruction, "--interface", adding.request.interface]
  expect(l4("lookup", ...asked, "--args", "[3 4]", "--json")).toMatchObject({ exit: 0 })
  expect(l4("list")).toMatchObject({ exit: 0, out: expect.stringContaining("add two numbers") })
  expect(l4("audit")).toMatchObject({ exit: 0, out: expect.stringContaining("nothing to mend") })
  expect(l4("gc", "--dry-run")).toMatchObject({ exit: 0, out: expect.stringContaining("would go  0") })
  for (const words of [["gc"], ["audit", "--repair"], ["evict", "0123", "--reason", "r"]])
    expect(l4(...words)).toMatchObject({ exit: 3, err: expect.stringMatching(/store-locked.*the window \(process/) })
  expect(fs.readdirSync(path.join(store, "hits")).filter(name => /^reader-.*log$/.test(name))).toHaveLength(1)
  expect((await engine.usage({})).lookups.hits).toBe(1)
})

it("finds, sweeps and evicts, in words and in JSON", async () => {
  const { store, engine, module, l4 } = await made()
  await engine.close()
  const orphan = path.join(store, "oci", "blobs", "sha256", "a".repeat(64))
  fs.writeFileSync(orphan, "nobody names me")
  fs.utimesSync(orphan, 1, 1)
  expect(l4("audit")).toMatchObject({ exit: 0, out: expect.stringMatching(/note blob-orphan sha256:a{64}.*15 bytes.*l4 gc/) })
  expect(l4("gc", "--dry-run")).toMatchObject({ exit: 0, out: expect.stringContaining("would go  1 that no record names (15 bytes)") })
  expect(fs.existsSync(orphan)).toBe(true)
  expect(l4("gc", "--json").json()).toMatchObject({ removedBlobs: 1, removedBytes: 15 })
  expect(fs.existsSync(orphan)).toBe(false)
  expect(l4("gc", "--older-than", "x")).toMatchObject({ exit: 2, err: expect.stringContaining("--older-than: expected a number") })
  expect(l4("evict", module.digest)).toMatchObject({ exit: 2, err: expect.stringContaining("--reason") })
  expect(l4("evict", module.digest, "--reason", "unused", "--blobs", "--json").json()).toMatchObject({ mapping: module.mapping })
  expect(l4("list").out).not.toContain("add two numbers")
  expect(l4("audit")).toMatchObject({ exit: 0, out: expect.stringContaining("nothing to mend") })
  expect(l4("stats").out).toMatch(/bytes +blobs [0-9]+, ledger [0-9]+, lance [0-9]+, hot [0-9]+, hits [0-9]+/)
})
