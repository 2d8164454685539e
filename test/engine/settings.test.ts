/** Settings of a user: one file for all doors, defaults where it says nothing, and no Lookup stops for a damaged one. */
import fs from "node:fs"
import path from "node:path"
import { expect, it } from "vitest"
import { settingsDefault } from "../../shared/settings.ts"
import { adding, published, storeOnDisk } from "./opened.ts"

it("begins with the defaults, keeps what is set for every store of this user, and refuses what is out of bounds", async () => {
  const { open, home } = await storeOnDisk()
  const engine = await open()
  expect(await engine.settings({})).toEqual({ settings: settingsDefault, defaults: settingsDefault, problem: null })
  await engine.changeSettings({ similarityMin: 0.95, timeoutMs: 1_000 })
  expect((await engine.settings({})).settings).toEqual({ ...settingsDefault, similarityMin: 0.95, timeoutMs: 1_000 })
  expect(fs.statSync(path.join(home, "settings.json")).mode & 0o777).toBe(0o600)
  await expect(engine.changeSettings({ similarityMin: 2 })).rejects.toMatchObject({ code: "wrong-usage" })
  expect((await (await open({ readOnly: true })).settings({})).settings.timeoutMs).toBe(1_000)
})

it("bounds a Run whose caller says nothing, and gives way to one who does", async () => {
  const { open } = await storeOnDisk()
  const engine = await open()
  const { digest } = await published(engine)
  await engine.changeSettings({ fuelMax: 1 })
  expect((await engine.run({ digest, args: "[1 2]" })).outcome.kind).toBe("out-of-fuel")
  expect((await engine.run({ digest, args: "[1 2]", limits: { fuelMax: 1_000 } })).outcome.kind).toBe("returned")
  expect(await engine.lookup({ request: adding.request, args: "[1 2]" })).toMatchObject({ kind: "hit", outcome: { kind: "out-of-fuel" } })
})

it("keeps no words of requests where only their Digest is wanted", async () => {
  const { open, store } = await storeOnDisk()
  const engine = await open()
  await engine.changeSettings({ requestTexts: "hash" })
  await engine.lookup({ request: { instruction: "a secret of the caller", interface: "(int) -> int" } })
  expect((await engine.hits({})).entries).toMatchObject([{ kind: "miss", text: null }])
  const logs = fs.readdirSync(path.join(store, "hits")).map(name => fs.readFileSync(path.join(store, "hits", name)).toString("latin1"))
  expect(logs.join("")).not.toContain("a secret of the caller")
})

it("goes on with the defaults where the file is damaged, and says so", async () => {
  const { open, home } = await storeOnDisk()
  fs.writeFileSync(path.join(home, "settings.json"), '{"version":1,"settings":{"fuelMax":"much"}}')
  const engine = await open()
  expect(await engine.settings({})).toMatchObject({ settings: settingsDefault, problem: expect.stringContaining("the defaults apply") })
})
