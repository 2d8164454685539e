import { expect, it } from "vitest"
import { published, storeInMemory } from "./opened.ts"

const base = {
  request: { instruction: "double a number" },
  source: "(module num.base (:exports [double]) (defn double [n :int] :int (* 2 n)))",
  examples: [{ args: "[2]", result: "4" }]
}
const fourfold = (digest: string) => ({
  request: { instruction: "four times a number" },
  source: "(import num.base :as b) (defn four [n :int] :int (b/double (b/double n)))",
  examples: [{ args: "[2]", result: "8" }],
  imports: [{ name: "num.base", digest }]
})

it("links only what is trusted, records it, and is trusted itself by a rebuild from the store", async () => {
  const { engine } = await storeInMemory()
  const pending = await engine.publish(base)
  if (pending.kind !== "published") throw new Error(pending.kind)
  await expect(engine.publish(fourfold(pending.digest))).rejects.toMatchObject({
    code: "not-permitted",
    message: expect.stringContaining("pending")
  })
  await engine.signOff({ digest: pending.digest, signOff: { decision: "approve", note: "read" } })
  const made = await published(engine, fourfold(pending.digest.slice(7, 19)))
  const shown = await engine.show({ digest: made.digest })
  expect(shown.mappings[0]?.mapping.imports).toEqual([{ name: "num.base", digest: pending.digest }])
  const verdict = await engine.verify({ digest: made.digest })
  expect(
    verdict.rules.filter(({ rule }) => rule === "reproducible" || rule === "dependencies-sound").map(({ outcome }) => outcome)
  ).toEqual(["pass", "pass"])
  expect(await engine.run({ digest: made.digest, args: "[5]" })).toMatchObject({ outcome: { kind: "returned", value: "20" } })
  expect(await engine.compile({ source: fourfold("").source, imports: [{ name: "num.base", digest: pending.digest }] })).toMatchObject({
    kind: "compiled",
    digest: made.digest
  })
})

it("falls with what it imports", async () => {
  const { engine } = await storeInMemory()
  const first = await published(engine, base)
  const made = await published(engine, fourfold(first.digest))
  const { changed } = await engine.revoke({ what: first.digest, reason: "harmful" })
  expect(changed.map(({ mapping, after }) => [mapping, after])).toEqual(expect.arrayContaining([[made.mapping, "untrusted"]]))
  await expect(engine.run({ digest: made.digest, args: "[5]" })).rejects.toMatchObject({ code: "not-permitted" })
  await expect(engine.publish({ ...fourfold(first.digest), request: { instruction: "again" } })).rejects.toMatchObject({
    code: "not-permitted"
  })
})

it("refuses an import that is not here, and one that the Source does not name", async () => {
  const { engine, store } = await storeInMemory()
  const size = store.ports.ledger.size
  await expect(engine.publish(fourfold("abcdef0123456789"))).rejects.toMatchObject({ code: "unknown-digest" })
  expect(await engine.publish({ ...fourfold("x"), imports: undefined })).toMatchObject({
    kind: "rejected",
    diagnostics: expect.arrayContaining([expect.objectContaining({ category: "module-error" })])
  })
  expect(store.ports.ledger.size).toBe(size)
})
