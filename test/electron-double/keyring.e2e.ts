/** Keys that the operating system keeps, on the built desktop app: main unseals a file key, the engine opens with it; where nothing protects, neither is asked. */
import { readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "@playwright/test"
import { openFileKeyring } from "../../electron/engine/adapters/file-keyring.ts"
import type { Vault } from "../../electron/engine/ports.ts"
import { startDouble } from "./harness.ts"
import { makeStore } from "./store.ts"

const passphrase = "kept by the system"

/** Seals as the model of safeStorage does. */
const modelVault: Vault = {
  problem: async () => null,
  seal: async secret =>
    Buffer.from(Buffer.from(`sealed 00 ${Buffer.from(secret).toString("base64")}`).map(byte => byte ^ 0xa5)).toString("base64"),
  open: async () => Promise.reject(new Error("the app opens it"))
}

const boxes = (home: string) =>
  readdirSync(join(home, "keys"))
    .sort()
    .map(name =>
      (JSON.parse(readFileSync(join(home, "keys", name), "utf8")).slots as { kind: string; box?: string }[]).map(slot => [
        slot.kind,
        slot.box
      ])
    )

test.describe("a store whose keys the system keeps", () => {
  let places: Awaited<ReturnType<typeof makeStore>>

  test.beforeEach(async () => {
    places = await makeStore()
    const keyring = openFileKeyring(join(places.home, "keys"), { vault: modelVault })
    await keyring.protect(passphrase)
    expect(await keyring.keep(passphrase)).toHaveLength(5)
    keyring.close()
  })

  test.afterEach(() => rmSync(places.folder, { recursive: true, force: true }))

  const cases = [
    { name: "a password manager", storage: "gnome_libsecret", renewed: true },
    { name: "the fallback that protects nothing", storage: "basic_text", renewed: false },
    { name: "no store of secrets at all", storage: "none", renewed: false }
  ]
  for (const { name, storage, renewed } of cases)
    test(`with ${name}, its keys are ${renewed ? "opened, and sealed again when the system's own key was replaced" : "left alone"}`, async ({
      browser
    }) => {
      const before = boxes(places.home)
      const double = await startDouble({ browser, ...places, env: { MODEL_STORAGE: storage, MODEL_STORAGE_ROTATED: "1" } })
      try {
        await expect(double.page.getByRole("contentinfo")).toContainText("Policy solo")
        if (renewed)
          await expect.poll(() => boxes(places.home).filter((slots, at) => slots[1]?.[1] !== before[at]?.[1]?.[1]).length).toBe(5)
        expect(await double.quit()).toBe(0)
        const after = boxes(places.home)
        expect(after.map(slots => slots.map(([kind]) => kind))).toEqual(before.map(() => ["passphrase", "os"]))
        if (!renewed) expect(after).toEqual(before)
        expect(double.output()).not.toContain(passphrase)
        expect(double.forked.flatMap(one => one.env)).not.toContain("L4_PASSPHRASE")
        const keyring = openFileKeyring(join(places.home, "keys"))
        expect(await keyring.unlock(passphrase)).toHaveLength(5)
        keyring.close()
      } finally {
        await double.close()
      }
    })
})
