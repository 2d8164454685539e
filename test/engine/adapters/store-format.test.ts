import fs from "node:fs"
import path from "node:path"
import { expect, it } from "vitest"
import { checkFileSystem, formatFor, readStoreFormat, writeStoreFormat } from "../../../electron/engine/adapters/store-format.ts"
import { digestOf } from "../../../electron/engine/core/digest.ts"
import { scratchFolder, textBytes } from "../scratch.ts"

const format = formatFor({ id: "model", digest: digestOf(textBytes("model")), dimensions: 384 })

it("comes back as it was written", () => {
  const store = scratchFolder()
  writeStoreFormat(store, format)
  expect(readStoreFormat(store)).toEqual(format)
  expect(fs.readdirSync(store)).toEqual(["FORMAT.json"])
})

it.each([
  ["of a newer layout, whatever else it holds", JSON.stringify({ layout: 2, secret: [] }), "store-newer-format"],
  ["that is no JSON", "{", "store-unreadable"],
  ["without a layout", "{}", "store-unreadable"],
  [
    "with vectors of no allowed size",
    JSON.stringify({ ...format, embedding: { ...format.embedding, dimensions: 100 } }),
    "store-unreadable"
  ],
  ["too large", " ".repeat(70_000), "store-unreadable"]
])("is refused %s", (_, text, code) => {
  const store = scratchFolder()
  fs.writeFileSync(path.join(store, "FORMAT.json"), text)
  expect(() => readStoreFormat(store)).toThrow(expect.objectContaining({ code }))
})

it("is missing where there is no store, and the message says how to make one", () => {
  expect(() => readStoreFormat(path.join(scratchFolder(), "nowhere"))).toThrow(
    expect.objectContaining({ code: "store-missing", message: expect.stringContaining("l4 init") })
  )
})

it.runIf(process.platform === "linux")("refuses network disks and warns of doubtful ones", () => {
  for (const type of [0x6969, 0x517b, 0xff534d42, -11317950])
    expect(() => checkFileSystem("/", () => type)).toThrow(
      expect.objectContaining({ code: "store-unreadable", message: expect.stringMatching(/NFS|SMB/) })
    )
  expect(checkFileSystem("/", () => 0x65735546)).toHaveLength(1)
  expect(checkFileSystem("/", () => 0xef53)).toEqual([])
})
