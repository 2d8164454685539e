/** What every Keyring must do: sign what is asked while open, nothing while closed, and never say a secret. */
import { describe, expect, it } from "vitest"
import { keyIdOf, verifySignature } from "../../../electron/engine/core/crypto.ts"
import { utf8Encode } from "../../../electron/engine/core/utf8.ts"
import type { Keyring } from "../../../electron/engine/ports.ts"
import { EngineFailure } from "../../../shared/failure.ts"

const message = utf8Encode("a message")

export function keyringContract(name: string, open: () => Keyring): void {
  const protectedKey = { purpose: "publisher", name: "a key", owner: "alice", passphrase: "correct horse" } as const

  describe(`Keyring of ${name}`, () => {
    it("makes a key whose KeyId is that of its public half, and signs with it", async () => {
      const keyring = open()
      const key = await keyring.create(protectedKey)
      expect(key).toMatchObject({
        purpose: "publisher",
        name: "a key",
        owner: "alice",
        slots: ["passphrase"],
        unlocked: true,
        retired: false
      })
      const publicKey = keyring.publicKey(key.id)!
      expect(keyIdOf(publicKey)).toBe(key.id)
      expect(verifySignature(keyring.sign(key.id, message), message, publicKey)).toBe(true)
      expect(keyring.list()).toEqual([key])
    })

    it("signs nothing while locked, and again once unlocked", async () => {
      const keyring = open()
      const { id } = await keyring.create(protectedKey)
      expect(keyring.lock()).toEqual([id])
      expect(keyring.list()[0]?.unlocked).toBe(false)
      expect(failureOf(() => keyring.sign(id, message))).toBe("keys-locked")
      await expect(keyring.unlock("correct horsf")).rejects.toMatchObject({ code: "wrong-passphrase" })
      expect(keyring.list()[0]?.unlocked).toBe(false)
      expect(await keyring.unlock("correct horse")).toEqual([id])
      expect(keyring.sign(id, message)).toHaveLength(64)
    })

    it("opens every key a passphrase fits, or the one that is named", async () => {
      const keyring = open()
      const first = await keyring.create(protectedKey)
      const second = await keyring.create({ ...protectedKey, purpose: "reviewer" })
      const other = await keyring.create({ ...protectedKey, passphrase: "another" })
      keyring.lock()
      expect(await keyring.unlock("correct horse", second.id)).toEqual([second.id])
      expect((await keyring.unlock("correct horse")).toSorted()).toEqual([first.id, second.id].toSorted())
      await expect(keyring.unlock("correct horse", other.id)).rejects.toMatchObject({ code: "wrong-passphrase" })
    })

    it("leaves an unprotected key open and calls it so", async () => {
      const keyring = open()
      const key = await keyring.create({ purpose: "root", name: "bare", owner: "alice" })
      expect(key.slots).toEqual(["none"])
      expect(keyring.lock()).toEqual([])
      expect(keyring.sign(key.id, message)).toHaveLength(64)
      await expect(keyring.unlock("anything")).rejects.toMatchObject({ code: "wrong-passphrase" })
    })

    it("marks a retired key and knows no strangers", async () => {
      const keyring = open()
      const { id } = await keyring.create(protectedKey)
      await keyring.retire(id)
      expect(keyring.list()[0]?.retired).toBe(true)
      const stranger = "0".repeat(64) as typeof id
      expect(keyring.publicKey(stranger)).toBeNull()
      expect(failureOf(() => keyring.sign(stranger, message))).toBe("unknown-key")
      await expect(keyring.retire(stranger)).rejects.toMatchObject({ code: "unknown-key" })
      await expect(keyring.unlock("x", stranger)).rejects.toMatchObject({ code: "unknown-key" })
    })
  })
}

function failureOf(call: () => unknown): string | null {
  try {
    call()
    return null
  } catch (failure) {
    return failure instanceof EngineFailure ? failure.code : String(failure)
  }
}
