/** An import that is killed between two file operations: of its Mappings all are there or none, and importing again ends it. */
import { spawnSync } from "node:child_process"
import fs from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it, onTestFinished } from "vitest"
import { forkLaunch, openEngine } from "../../electron/engine/index.ts"
import { published, storeInMemory, storeOnDisk } from "./opened.ts"
import { scratchFolder } from "./scratch.ts"

const child = fileURLToPath(new URL("./import-child.ts", import.meta.url))
/** Modules of the Bundle: their Blobs and records are what a kill comes between. */
const modules = 3

it("leaves all of its Mappings or none wherever it is killed", async () => {
  const { engine } = await storeInMemory()
  for (let number = 1; number <= modules; number++)
    await published(engine, {
      request: { instruction: `add ${number} to a number`, interface: "(int) -> int" },
      source: `(defn add${number} [n :int] :int (+ n ${number}))`,
      examples: [{ args: "[1]", result: String(number + 1) }]
    })
  const bundle = path.join(scratchFolder(), "b.tar")
  await engine.exportBundle({ all: true, target: bundle })
  const trustRoot = (await engine.root({})).own?.fingerprints.at(-1) ?? ""
  const empty = await storeOnDisk()
  const run = (places: { store: string; home: string }, operation: number) =>
    spawnSync(process.execPath, [child, places.store, places.home, bundle, trustRoot, String(operation)], { encoding: "utf8" })
  const fresh = () => {
    const folder = scratchFolder()
    fs.cpSync(path.dirname(empty.store), folder, { recursive: true })
    return { store: path.join(folder, "store"), home: path.join(folder, "home") }
  }
  const whole = run(fresh(), 0)
  const operations = Number(/done after (\d+)/.exec(whole.stdout)?.[1])
  expect(operations, whole.stderr).toBeGreaterThan(20)
  const found = new Set<number>()
  for (const share of [0.1, 0.45, 0.7, 0.9]) {
    const places = fresh()
    const killed = run(places, Math.round(share * operations))
    expect(killed.signal, killed.stdout).toBe("SIGKILL")
    const after = await openEngine({ ...places, launch: forkLaunch })
    onTestFinished(() => after.close())
    const { total } = await after.list({})
    expect([0, modules]).toContain(total)
    found.add(total)
    expect(fs.readdirSync(path.join(places.store, "oci", "tmp"))).toEqual([])
    const report = await after.importBundle({ path: bundle, trustRoot })
    expect(report.counts).toEqual({ trusted: modules, pending: 0, untrusted: 0 })
    expect((await after.list({})).total).toBe(modules)
    const left = (await after.audit({})).findings.filter(finding => !finding.repaired)
    expect(left).toEqual([])
    await after.close()
  }
  expect(found).toContain(0)
}, 120_000)
