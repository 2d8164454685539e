import { createPublicKey, verify as platformVerify } from "node:crypto"
import { verify as nobleVerify } from "@noble/ed25519"
import { describe, expect, it } from "vitest"
import { createNodeCrypto } from "../../../electron/engine/adapters/node-crypto.ts"
import { isAdmissible, keyIdOf, spkiOf, verifySignature } from "../../../electron/engine/core/crypto.ts"
import { fromHex, sha256, toHex } from "../../../electron/engine/core/digest.ts"
import { craftedCases, cryptoContract } from "./crypto.contract.ts"

cryptoContract("core's noble", () => ({ sha256, verify: verifySignature }))
cryptoContract("node:crypto", createNodeCrypto)

describe("where the libraries disagree", () => {
  const opinion = (ask: () => boolean): string => {
    try {
      return ask() ? "accept" : "reject"
    } catch {
      return "reject"
    }
  }
  const platform = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) =>
    platformVerify(null, message, createPublicKey({ key: Buffer.from(spkiOf(publicKey)), format: "der", type: "spki" }), signature)

  it.each([
    ["an honest signature", "accept", "accept", "accept"],
    ["R carries a torsion component", "accept", "accept", "reject"],
    ["the key carries a torsion component", "accept", "accept", "reject"],
    // The platform accepted these two in earlier releases of its library and rejects them since (seen with OpenSSL 3.5.8).
    ["the key is the identity, R = rB", "reject", "accept", null],
    ["the key is the identity encoded non-canonically", "reject", "accept", null],
    ["S + L instead of S", "reject", "reject", "reject"]
  ])("%s: noble strict says %s, noble with ZIP-215 %s, the platform %s", (name, strict, lenient, ours) => {
    const crafted = craftedCases().find(one => one.name === name)
    if (!crafted) throw new RangeError(`no crafted case ${name}`)
    const { publicKey, message, signature } = crafted
    expect(opinion(() => nobleVerify(signature, message, publicKey, { zip215: false }))).toBe(strict)
    expect(opinion(() => nobleVerify(signature, message, publicKey, { zip215: true }))).toBe(lenient)
    const said = opinion(() => platform(publicKey, message, signature))
    expect(said).toBe(ours ?? said)
  })
})

describe("public keys", () => {
  it("are named by the SHA-256 of their SubjectPublicKeyInfo", () => {
    const publicKey = fromHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    expect(toHex(spkiOf(publicKey))).toBe("302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    expect(keyIdOf(publicKey)).toBe(toHex(sha256(spkiOf(publicKey))))
  })

  it.each([
    ["0100000000000000000000000000000000000000000000000000000000000000", "the identity"],
    ["ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "order two"],
    ["0000000000000000000000000000000000000000000000000000000000000000", "order four"],
    ["c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", "order eight"],
    ["eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "a y not below p"],
    ["0100000000000000000000000000000000000000000000000000000000000080", "x = 0 with its sign set"]
  ])("%s is refused: %s", hex => {
    expect(isAdmissible(fromHex(hex))).toBe(false)
  })
})
