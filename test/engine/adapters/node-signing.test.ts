import { createHash } from "node:crypto"
import { expect, it } from "vitest"
import { platformPublicKeyOf, platformSignature } from "../../../electron/engine/adapters/node-signing.ts"
import { publicKeyOf, signWithSeed, verifySignature } from "../../../electron/engine/core/crypto.ts"
import { fromHex, toHex } from "../../../electron/engine/core/digest.ts"

it("signs the same bytes as core, for many seeds and lengths", () => {
  for (let at = 0; at < 40; at++) {
    const seed = new Uint8Array(createHash("sha256").update(`seed ${at}`).digest())
    const message = new Uint8Array(at * 17).fill(at)
    expect(platformPublicKeyOf(seed)).toEqual(publicKeyOf(seed))
    expect(platformSignature(seed, message)).toEqual(signWithSeed(seed, message))
    expect(verifySignature(platformSignature(seed, message), message, platformPublicKeyOf(seed))).toBe(true)
  }
})

it("agrees with RFC 8032, section 7.1, test 2", () => {
  const seed = fromHex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
  expect(toHex(platformPublicKeyOf(seed))).toBe("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
  expect(toHex(platformSignature(seed, new Uint8Array([0x72])))).toBe(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
  )
})
