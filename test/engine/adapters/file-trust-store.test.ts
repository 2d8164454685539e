import fs from "node:fs"
import path from "node:path"
import { describe, expect, it } from "vitest"
import { openFileSeen } from "../../../electron/engine/adapters/file-seen.ts"
import { openFileTrustStore } from "../../../electron/engine/adapters/file-trust-store.ts"
import { createMemoryTrustStore } from "../../../electron/engine/adapters/memory-trust.ts"
import { utf8Encode } from "../../../electron/engine/core/utf8.ts"
import type { TrustStore } from "../../../electron/engine/ports.ts"
import { scratchFolder } from "../scratch.ts"

const id = "ab".repeat(32)

function contract(name: string, open: () => { readonly store: TrustStore; readonly again: () => TrustStore }): void {
  describe(`TrustStore of ${name}`, () => {
    it("is empty at first", () => {
      const { store } = open()
      expect([
        store.ownRoots(),
        store.foreignRoots(),
        store.policy(),
        store.revocations(),
        store.checkpoint(),
        store.highestTimeMs()
      ]).toEqual([[], [], null, null, null, 0])
    })

    it("gives back what was put, in order, to itself and to whoever opens it next", async () => {
      const { store, again } = open()
      await store.putOwnRoot(1, utf8Encode("one"))
      await store.putOwnRoot(2, utf8Encode("two"))
      await store.putPolicy(utf8Encode("policy"))
      await store.putPolicy(utf8Encode("policy 2"))
      await store.putRevocations(utf8Encode("revocations"))
      await store.putCheckpoint("note\n")
      await store.putForeignRoot(id, 1, utf8Encode("foreign"))
      await store.putForeignRevocations(id, utf8Encode("theirs"))
      await store.putForeignAcceptance(id, utf8Encode("accepted"))
      await store.putForeignCheckpoint(id, "first\n")
      await store.putForeignCheckpoint(id, "second\n")
      for (const one of [store, again()]) {
        expect(one.ownRoots().map(text)).toEqual(["one", "two"])
        expect(text(one.policy()!)).toBe("policy 2")
        expect(text(one.revocations()!)).toBe("revocations")
        expect(one.checkpoint()).toBe("note\n")
        expect(one.foreignRoots()).toHaveLength(1)
        const [foreign] = one.foreignRoots()
        expect({
          ...foreign,
          versions: foreign?.versions.map(text),
          revocations: text(foreign!.revocations!),
          acceptance: text(foreign!.acceptance!)
        }).toEqual({
          id,
          versions: ["foreign"],
          revocations: "theirs",
          checkpoints: ["first\n", "second\n"],
          acceptance: "accepted"
        })
      }
    })

    it("never lowers the time seen", async () => {
      const { store, again } = open()
      await store.raiseHighestTime(2_000)
      await store.raiseHighestTime(1_000)
      expect([store.highestTimeMs(), again().highestTimeMs()]).toEqual([2_000, 2_000])
    })
  })
}

contract("memory", () => {
  const store = createMemoryTrustStore()
  return { store, again: () => store }
})
contract("files", () => {
  const folder = path.join(scratchFolder(), "trust")
  return { store: openFileTrustStore(folder), again: () => openFileTrustStore(folder) }
})

describe("trust in files", () => {
  it("shows another process's change only when asked to look again", async () => {
    const folder = path.join(scratchFolder(), "trust")
    const [writer, reader] = [openFileTrustStore(folder), openFileTrustStore(folder, { readOnly: true })]
    expect(reader.policy()).toBeNull()
    await writer.putPolicy(utf8Encode("p"))
    expect(reader.policy()).toBeNull()
    reader.refresh()
    expect(text(reader.policy()!)).toBe("p")
    await expect(reader.putPolicy(utf8Encode("q"))).rejects.toMatchObject({ code: "store-read-only" })
  })

  it("never replaces or skips a version", async () => {
    const store = openFileTrustStore(path.join(scratchFolder(), "trust"))
    await store.putOwnRoot(1, utf8Encode("one"))
    await expect(store.putOwnRoot(1, utf8Encode("uno"))).rejects.toMatchObject({ code: "trust-damaged" })
    await expect(store.putOwnRoot(3, utf8Encode("three"))).rejects.toMatchObject({ code: "trust-damaged" })
    await expect(store.putForeignRoot("../../etc", 1, utf8Encode("x"))).rejects.toMatchObject({ code: "wrong-usage" })
  })

  it("does not believe a time that is no number, nor read a document beyond its limit", async () => {
    const folder = path.join(scratchFolder(), "trust")
    await openFileTrustStore(folder).raiseHighestTime(5)
    fs.writeFileSync(path.join(folder, "time"), "soon")
    fs.writeFileSync(path.join(folder, "policy.json"), new Uint8Array(5 * 1024 * 1024))
    const store = openFileTrustStore(folder)
    expect(store.highestTimeMs()).toBe(Number.MAX_SAFE_INTEGER)
    expect(store.policy()).toHaveLength(0)
  })

  it("leaves no file beside the document it wrote", async () => {
    const folder = path.join(scratchFolder(), "trust")
    await openFileTrustStore(folder).putPolicy(utf8Encode("p"))
    expect(fs.readdirSync(folder)).toEqual(["policy.json"])
  })
})

describe("what was seen of stores", () => {
  it("is kept by origin, and a file nobody understands confirms nothing", async () => {
    const folder = path.join(scratchFolder(), "seen")
    const seen = { fingerprint: id, checkpoint: null }
    await openFileSeen(folder).put("origin/a", seen)
    expect(openFileSeen(folder).get("origin/a")).toEqual(seen)
    expect(openFileSeen(folder).get("origin/b")).toBeNull()
    for (const name of fs.readdirSync(folder)) fs.writeFileSync(path.join(folder, name), "{")
    expect(openFileSeen(folder).get("origin/a")).toBeNull()
  })
})

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

describe("documents put together", () => {
  const documents = { root: { version: 1, envelope: utf8Encode("root") }, policy: utf8Encode("policy"), revocations: utf8Encode("lines") }
  const held = (store: TrustStore) => [store.ownRoots().map(text), text(store.policy()!), text(store.revocations()!)]

  it("stand in their places afterwards, with nothing beside them", async () => {
    const folder = path.join(scratchFolder(), "trust")
    const store = openFileTrustStore(folder)
    await store.putTogether(documents)
    expect(held(store)).toEqual([["root"], "policy", "lines"])
    expect(fs.readdirSync(folder).sort()).toEqual(["own", "policy.json"])
    await expect(store.putTogether(documents)).rejects.toMatchObject({ code: "trust-damaged" })
  })

  it.each(["own/root.1.json", "policy.json", "own/revocations.json"])(
    "are all in force where a crash came before %s was written",
    async blocked => {
      const folder = path.join(scratchFolder(), "trust")
      const store = openFileTrustStore(folder)
      await store.putPolicy(utf8Encode("before"))
      // what stands in the way makes this step fail, as a crash would
      const inTheWay = path.join(folder, `${blocked}.${process.pid}.new`)
      fs.mkdirSync(path.join(inTheWay, "x"), { recursive: true })
      await store.putTogether(documents)
      expect(held(store)).toEqual([["root"], "policy", "lines"])
      expect(fs.existsSync(path.join(folder, "change.json"))).toBe(true)
      fs.rmSync(inTheWay, { recursive: true })
      expect(held(openFileTrustStore(folder, { readOnly: true }))).toEqual([["root"], "policy", "lines"])
      expect(fs.existsSync(path.join(folder, "change.json"))).toBe(true)
      expect(held(openFileTrustStore(folder))).toEqual([["root"], "policy", "lines"])
      expect(fs.readdirSync(folder).sort()).toEqual(["own", "policy.json"])
    }
  )

  it("count for nothing where the file that announces them cannot be read", async () => {
    const folder = path.join(scratchFolder(), "trust")
    await openFileTrustStore(folder).putTogether(documents)
    fs.writeFileSync(path.join(folder, "change.json"), "{")
    expect(held(openFileTrustStore(folder))).toEqual([["root"], "policy", "lines"])
    await openFileTrustStore(folder).putTogether({ policy: utf8Encode("next") })
    expect(held(openFileTrustStore(folder))).toEqual([["root"], "next", "lines"])
  })
})

describe("evidence of a fork", () => {
  it("is kept once, and read by whoever opens the store next", async () => {
    const folder = path.join(scratchFolder(), "trust")
    const evidence = { origin: "o", kept: "a\n", found: "b\n" }
    await openFileTrustStore(folder).putFork(evidence)
    await openFileTrustStore(folder).putFork(evidence)
    expect(openFileTrustStore(folder).forks()).toEqual([evidence])
  })
})
