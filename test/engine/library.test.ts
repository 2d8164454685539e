import fs from "node:fs"
import path from "node:path"
import { expect, it } from "vitest"
import { readLibrary } from "../../electron/engine/adapters/library-folder.ts"
import { publishLibrary } from "../../electron/engine/library.ts"
import { storeInMemory } from "./opened.ts"
import { scratchFolder } from "./scratch.ts"

const twice = {
  name: "numbers/twice",
  source: "(defn twice [n :int] :int (* 2 n))",
  description: { task: "double a number", examples: [{ args: "[2]", result: "4" }] }
}
const half = {
  name: "numbers/half",
  source: "(defn half [n :int] :int (- n 2))",
  description: { task: "take two from a number", examples: [{ args: "[4]", result: "2" }] }
}
const wrong = { ...half, name: "numbers/wrong", description: { task: "third of a number", examples: [{ args: "[9]", result: "3" }] } }
const broken = { ...half, name: "numbers/broken", source: "(defn half [n :int] :int (- n 2)" }

it("is published and accepted, and every Verdict says that no person reviewed it", async () => {
  const { engine, store } = await storeInMemory()
  const steps: string[] = []
  expect(await publishLibrary([twice, half], store, ({ step, done, total }) => steps.push(`${step} ${done}/${total}`))).toEqual({
    published: 2,
    failed: []
  })
  expect(steps.map(step => step.slice(-3))).toEqual(["1/2", "2/2"])
  const { rows } = await engine.list({})
  expect(rows.map(row => [row.verdict, row.unreviewed])).toEqual([
    ["trusted", true],
    ["trusted", true]
  ])
  expect((await engine.verify({ digest: rows[0]!.digest })).notes).toEqual(
    expect.arrayContaining([expect.stringContaining("no person reviewed")])
  )
  expect(await engine.lookup({ request: { instruction: "double a number", interface: "(int) -> int" }, args: "[21]" })).toMatchObject({
    kind: "hit",
    outcome: { value: "42" }
  })
})

it("published again changes nothing, and names what could not be published beside what could", async () => {
  const { store } = await storeInMemory()
  await publishLibrary([twice], store)
  const size = store.ports.ledger.size
  expect(await publishLibrary([twice], store)).toEqual({ published: 1, failed: [] })
  expect(store.ports.ledger.size).toBe(size)
  const report = await publishLibrary([wrong, half, broken], store)
  expect(report.published).toBe(1)
  expect(report.failed.toSorted((left, right) => (left.name < right.name ? -1 : 1))).toEqual([
    { name: "numbers/broken", why: expect.stringMatching(/^line 1, column \d+: /) },
    { name: "numbers/wrong", why: expect.stringContaining("Example 1: [9] should give 3, and ended as 7") }
  ])
})

it("is read from pairs of files in order of names, and a malformed description names its file", () => {
  const folder = scratchFolder()
  const write = (name: string, text: string) => {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    fs.writeFileSync(path.join(folder, name), text)
  }
  write("README.md", "not a group")
  for (const name of ["text/b", "numbers/a"]) {
    write(`${name}.rtfs`, "1")
    write(`${name}.json`, JSON.stringify({ task: "t", examples: [{ args: "[]", result: "1" }] }))
  }
  expect(readLibrary(folder).map(item => [item.name, item.source])).toEqual([
    ["numbers/a", "1"],
    ["text/b", "1"]
  ])
  write("text/b.json", '{"task":"t","examples":[]}')
  expect(() => readLibrary(folder)).toThrow(
    expect.objectContaining({ code: "store-unreadable", message: expect.stringContaining("text/b.json") })
  )
})
