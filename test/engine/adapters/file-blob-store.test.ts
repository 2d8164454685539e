import fs from "node:fs"
import path from "node:path"
import { expect, it, vi } from "vitest"
import { createBlobLayout, openFileBlobStore, sweepTemporary } from "../../../electron/engine/adapters/file-blob-store.ts"
import { hexOf } from "../../../shared/digest.ts"
import { scratchFolder, textBytes } from "../scratch.ts"

function fresh() {
  const folder = path.join(scratchFolder(), "oci")
  createBlobLayout(folder)
  return {
    folder,
    store: openFileBlobStore(folder),
    fileOf: (digest: string) => path.join(folder, "blobs", "sha256", hexOf(digest as never))
  }
}

it("is an OCI image layout of read-only files", async () => {
  const { folder, store, fileOf } = fresh()
  const [digest] = await store.put([textBytes("blob")])
  expect(JSON.parse(fs.readFileSync(path.join(folder, "oci-layout"), "utf8"))).toEqual({ imageLayoutVersion: "1.0.0" })
  expect(JSON.parse(fs.readFileSync(path.join(folder, "index.json"), "utf8"))).toMatchObject({ schemaVersion: 2, manifests: [] })
  expect(fs.statSync(fileOf(digest!)).mode & 0o777).toBe(0o444)
  expect(fs.readdirSync(path.join(folder, "tmp"))).toEqual([])
})

it("finds a changed, shortened, lengthened, replaced or linked file at the next read, and putting the bytes again heals it", async () => {
  const { store, fileOf } = fresh()
  const bytes = textBytes("a good module")
  const [digest] = await store.put([bytes])
  const file = fileOf(digest!)
  const spoil = (act: () => void) => {
    fs.chmodSync(file, 0o644)
    act()
  }
  const harms = [
    () => fs.writeFileSync(file, "a bad module!"),
    () => fs.truncateSync(file, 3),
    () => fs.appendFileSync(file, "x"),
    () => fs.truncateSync(file, 0),
    () => {
      fs.renameSync(file, `${file}.elsewhere`)
      fs.symlinkSync(`${file}.elsewhere`, file)
    }
  ]
  for (const harm of harms) {
    spoil(harm)
    expect(() => store.get(digest!)).toThrow(expect.objectContaining({ code: "blob-damaged" }))
    await store.put([bytes])
    expect(store.get(digest!)).toEqual(bytes)
  }
})

it("ignores foreign files when it lists", async () => {
  const { folder, store } = fresh()
  fs.writeFileSync(path.join(folder, "blobs", "sha256", "README"), "not a Blob")
  const listed = []
  for await (const blob of store.list()) listed.push(blob)
  expect(listed).toEqual([])
})

it.each([
  ["ENOSPC", "disk-full"],
  ["EDQUOT", "disk-full"],
  ["EROFS", "store-read-only"],
  ["EACCES", "store-read-only"],
  ["EIO", "disk-failed"]
])("says what %s means, keeps what stood there and leaves nothing behind", async (system, code) => {
  const { folder, store } = fresh()
  const [kept] = await store.put([textBytes("kept")])
  const write = vi.spyOn(fs, "writeSync").mockImplementationOnce(() => {
    throw Object.assign(new Error(system), { code: system })
  })
  await expect(store.put([textBytes("new")])).rejects.toMatchObject({ code })
  write.mockRestore()
  expect(store.get(kept!)).toEqual(textBytes("kept"))
  expect(fs.readdirSync(path.join(folder, "tmp"))).toEqual([])
})

it("writes nothing when it is opened for reading", async () => {
  const { folder } = fresh()
  const reader = openFileBlobStore(folder, { readOnly: true })
  await expect(reader.put([textBytes("x")])).rejects.toMatchObject({ code: "store-read-only" })
})

it("sweeps what a dead writer left in tmp", () => {
  const { folder } = fresh()
  fs.writeFileSync(path.join(folder, "tmp", "123-abc"), "half")
  expect(sweepTemporary(folder)).toBe(1)
  expect(fs.readdirSync(path.join(folder, "tmp"))).toEqual([])
})
