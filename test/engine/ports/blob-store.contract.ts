/** What every BlobStore must do. */
import { describe, expect, it } from "vitest"
import { digestOf } from "../../../electron/engine/core/digest.ts"
import type { BlobStore } from "../../../electron/engine/ports.ts"
import { textBytes } from "../scratch.ts"

export function blobStoreContract(name: string, open: () => BlobStore): void {
  describe(`BlobStore: ${name}`, () => {
    it("answers the bytes it was given, under their Digest", async () => {
      const store = open()
      const all = [textBytes("one"), new Uint8Array(), new Uint8Array([0, 255, 0])]
      const digests = await store.put(all)
      expect(digests).toEqual(all.map(digestOf))
      for (const [at, digest] of digests.entries()) {
        expect(store.has(digest)).toBe(true)
        expect(store.get(digest)).toEqual(all[at])
      }
    })

    it("takes the same bytes again, twice in one call too", async () => {
      const store = open()
      const [first] = await store.put([textBytes("same")])
      expect(await store.put([textBytes("same"), textBytes("same")])).toEqual([first, first])
      const listed = []
      for await (const blob of store.list()) listed.push(blob.digest)
      expect(listed).toEqual([first])
    })

    it("answers null for a Digest nobody put", () => {
      const store = open()
      const absent = digestOf(textBytes("absent"))
      expect(store.get(absent)).toBeNull()
      expect(store.has(absent)).toBe(false)
    })

    it("hands out copies: changing them changes nothing", async () => {
      const store = open()
      const [digest] = await store.put([textBytes("kept")])
      store.get(digest!)!.fill(0)
      expect(store.get(digest!)).toEqual(textBytes("kept"))
    })

    it("lists sizes and forgets what is deleted", async () => {
      const store = open()
      const [digest] = await store.put([textBytes("12345")])
      const listed = []
      for await (const blob of store.list()) listed.push(blob)
      expect(listed).toMatchObject([{ digest, bytes: 5 }])
      await store.delete(digest!)
      expect(store.get(digest!)).toBeNull()
      await store.delete(digest!)
    })

    it("refuses more than 16 MiB, and then stores nothing of the call", async () => {
      const store = open()
      const small = textBytes("small")
      await expect(store.put([small, new Uint8Array(16_777_217)])).rejects.toMatchObject({ code: "limit-exceeded" })
      expect(store.has(digestOf(small))).toBe(false)
    })
  })
}
