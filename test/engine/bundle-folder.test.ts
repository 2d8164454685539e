/** A window names Bundles in one folder, and cannot reach anywhere else. */
import fs from "node:fs"
import path from "node:path"
import { describe, expect, it } from "vitest"
import { withBundleFolder } from "../../electron/engine/bundle-folder.ts"
import { published, storeOnDisk } from "./opened.ts"

async function opened() {
  const { open, home } = await storeOnDisk()
  const plain = await open()
  return { plain, home, engine: withBundleFolder(plain, home) }
}

it("exports into the folder, lists it, and imports from it by name", async () => {
  const { engine, home } = await opened()
  await published(engine)
  const { volumes } = await engine.exportBundle({ all: true, target: "mine.tar" })
  expect(volumes[0]?.path).toBe(path.join(home, "bundles", "mine.tar"))
  expect(await engine.bundles({})).toMatchObject({
    folder: path.join(home, "bundles"),
    files: [{ name: "mine.tar", bytes: fs.statSync(path.join(home, "bundles", "mine.tar")).size }]
  })
  expect((await engine.importBundle({ path: "mine.tar", dryRun: true })).mappings).toMatchObject([{ standing: "same" }])
})

describe("a name that is none", () => {
  it.each(["../mine.tar", "/etc/passwd", "a/b.tar", "a\\b.tar", ".hidden", "", "a\u0000b", "mine.tar.", "C:mine.tar", "x".repeat(121)])(
    "%j is refused",
    async name => {
      const { engine, home } = await opened()
      for (const call of [
        () => engine.exportBundle({ all: true, target: name }),
        () => engine.importBundle({ path: name, dryRun: true }),
        () => engine.verifyBundle({ path: name }),
        () => engine.uploadBundle({ name, offset: 0, bytes: new Blob(["x"]), last: true })
      ])
        await expect(call()).rejects.toMatchObject({ code: "wrong-usage" })
      expect(fs.existsSync(path.join(home, "bundles"))).toBe(false)
    }
  )
})

it("takes a file in pieces that meet, and shows it when it is whole", async () => {
  const { engine, home } = await opened()
  const send = (offset: number, text: string, last = false) =>
    engine.uploadBundle({ name: "sent.tar", offset, bytes: new Blob([text]), last })
  await send(0, "abc")
  await expect(send(5, "x")).rejects.toMatchObject({ code: "wrong-usage", message: expect.stringContaining("expected the piece at 3") })
  expect((await engine.bundles({})).files).toEqual([])
  expect(await send(3, "def", true)).toEqual({ bytes: 6, done: true })
  expect(fs.readFileSync(path.join(home, "bundles", "sent.tar"), "utf8")).toBe("abcdef")
  await expect(send(0, "again", true)).rejects.toMatchObject({ code: "wrong-usage", message: expect.stringContaining("is here already") })
})

it("a door without the folder says so", async () => {
  const { plain } = await opened()
  await expect(plain.bundles({})).rejects.toMatchObject({ code: "not-permitted" })
})
