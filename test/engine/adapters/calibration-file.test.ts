import fs from "node:fs"
import path from "node:path"
import { describe, expect, it } from "vitest"
import { readCalibration } from "../../../electron/engine/adapters/calibration-file.ts"
import { decodeEntry, encodeEntry } from "../../../electron/engine/adapters/hit-log-entry.ts"
import { bundledModel } from "../../../electron/engine/adapters/transformers-embedder.ts"
import { allowanceOf } from "../../../electron/engine/core/calibration.ts"
import { digestOf } from "../../../electron/engine/core/digest.ts"
import { scratchFolder, textBytes } from "../scratch.ts"

describe("the calibration that ships", () => {
  it("opens the tier for one Example at 1 %, says on what, and how it was made", () => {
    const record = readCalibration(bundledModel)
    const { open, n, wrong, upper } = allowanceOf(record?.bins ?? [], 1, 0.01)
    expect(open).toBe(true)
    expect(n).toBeGreaterThanOrEqual(299)
    expect(wrong).toBeLessThan(n)
    expect(upper).toBeLessThanOrEqual(0.01)
    expect(record?.made).toContain("tuning half only")
    expect(record?.weights.texts).toBeGreaterThan(200)
  })

  it("says nothing of another model", () => {
    expect(readCalibration({ ...bundledModel, digest: digestOf(textBytes("other")) })).toBeNull()
    expect(readCalibration({ ...bundledModel, id: "../secret" })).toBeNull()
  })

  it.each([
    "{",
    "{}",
    '{"model":1}',
    JSON.stringify({ model: bundledModel, made: "", weights: { texts: 1, found: {} }, bins: [{ from: 0.5, passed: 1, n: 1, wrong: 2 }] })
  ])("is refused where it is malformed: %s", text => {
    const folder = scratchFolder()
    fs.writeFileSync(path.join(folder, `${bundledModel.id}.json`), text)
    expect(() => readCalibration(bundledModel, folder)).toThrow(/calibration all-MiniLM-L6-v2\.json is malformed/)
  })
})

describe("a shadow answer in the log", () => {
  it("keeps what was passed and what spoke for it", () => {
    const digest = digestOf(textBytes("one"))
    const entry = {
      kind: "shadow" as const,
      atMs: 1,
      request: { digest, interfaceHash: null, text: null },
      module: digest,
      mapping: null,
      ledgerSequence: 7,
      tier: "verified" as const,
      missReason: null,
      verdict: "trusted" as const,
      outcome: null,
      category: null,
      similarity: 0.5,
      fuel: 0,
      embedUs: 0,
      searchUs: 0,
      fetchUs: 0,
      runUs: 0,
      hitNumber: 3,
      examplesPassed: 2,
      support: 0.835
    }
    expect(decodeEntry(encodeEntry(entry, 4))).toMatchObject({
      kind: "shadow",
      number: 4,
      hitNumber: 3,
      examplesPassed: 2,
      support: 0.835,
      tier: "verified"
    })
    const { examplesPassed: _, support: __, ...plain } = entry
    const read = decodeEntry(encodeEntry({ ...plain, kind: "hit" }, 5))
    expect(read).not.toHaveProperty("support")
    expect(read).not.toHaveProperty("examplesPassed")
  })
})
