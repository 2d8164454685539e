/** What every Crypto must answer: published vectors, and the crafted inputs on which libraries disagree. */
import { sha512 } from "@noble/hashes/sha2.js"
import { describe, expect, it } from "vitest"
import { EdwardsPoint, groupOrder, signWithSeed } from "../../../electron/engine/core/crypto.ts"
import { concatBytes, fromHex, toHex } from "../../../electron/engine/core/digest.ts"
import { utf8Encode } from "../../../electron/engine/core/utf8.ts"
import type { Crypto } from "../../../electron/engine/ports.ts"
import rfc8032 from "../../vectors/rfc8032.json" with { type: "json" }
import sha256 from "../../vectors/sha256.json" with { type: "json" }
import wycheproof from "../../vectors/wycheproof-ed25519.json" with { type: "json" }

export interface CraftedCase {
  readonly name: string
  readonly publicKey: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
  /** What the port must answer. */
  readonly accepted: boolean
}

/** A point of order eight. */
const torsion = EdwardsPoint.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", true)

export function craftedCases(): CraftedCase[] {
  const seed = new Uint8Array(32).fill(7)
  const message = utf8Encode("crafted")
  const expanded = sha512(seed)
  const secret = clamped(expanded.slice(0, 32))
  const nonce = 123_456_789n
  const key = EdwardsPoint.BASE.multiply(secret)
  const R = EdwardsPoint.BASE.multiply(nonce)
  const honest = signWithSeed(seed, message)
  const made = (publicKey: Uint8Array, r: Uint8Array, scalar: bigint) => {
    const h = littleEndian(sha512(concatBytes(r, publicKey, message))) % groupOrder
    return concatBytes(r, bytesOfScalar((nonce + h * scalar) % groupOrder))
  }
  const twistedKey = key.add(torsion).toBytes()
  const identity = EdwardsPoint.ZERO.toBytes()
  // the identity written with y = p + 1 instead of 1
  const otherIdentity = fromHex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")
  const byIdentity = concatBytes(R.toBytes(), bytesOfScalar(nonce))
  const mauled = concatBytes(honest.slice(0, 32), bytesOfScalar(littleEndian(honest.slice(32)) + groupOrder))
  const twistedR = R.add(torsion).toBytes()
  return [
    { name: "an honest signature", publicKey: key.toBytes(), message, signature: honest, accepted: true },
    {
      name: "R carries a torsion component",
      publicKey: key.toBytes(),
      message,
      signature: made(key.toBytes(), twistedR, secret),
      accepted: true
    },
    {
      name: "the key carries a torsion component",
      publicKey: twistedKey,
      message,
      signature: made(twistedKey, R.toBytes(), secret),
      accepted: false
    },
    { name: "the key is the identity, R = rB", publicKey: identity, message, signature: byIdentity, accepted: false },
    { name: "the key is the identity encoded non-canonically", publicKey: otherIdentity, message, signature: byIdentity, accepted: false },
    { name: "the key is of order eight", publicKey: torsion.toBytes(), message, signature: byIdentity, accepted: false },
    { name: "S + L instead of S", publicKey: key.toBytes(), message, signature: mauled, accepted: false },
    { name: "another message", publicKey: key.toBytes(), message: utf8Encode("crafted!"), signature: honest, accepted: false },
    { name: "a signature cut short", publicKey: key.toBytes(), message, signature: honest.slice(0, 63), accepted: false },
    {
      name: "a signature with a byte more",
      publicKey: key.toBytes(),
      message,
      signature: concatBytes(honest, new Uint8Array(1)),
      accepted: false
    },
    { name: "a key cut short", publicKey: key.toBytes().slice(0, 31), message, signature: honest, accepted: false },
    { name: "an empty key and signature", publicKey: new Uint8Array(), message, signature: new Uint8Array(), accepted: false },
    { name: "a key that is no point", publicKey: fromHex("02".padEnd(64, "0")), message, signature: honest, accepted: false },
    { name: "all zeros", publicKey: new Uint8Array(32), message, signature: new Uint8Array(64), accepted: false }
  ]
}

export function cryptoContract(name: string, create: () => Crypto): void {
  describe(`Crypto of ${name}`, () => {
    const crypto = create()

    it.each(sha256.tests)("hashes $times times $text as published", ({ text, times, hash }) => {
      expect(toHex(crypto.sha256(utf8Encode(text.repeat(times))))).toBe(hash)
    })

    it.each(rfc8032.tests)("accepts $name of RFC 8032 and refuses it with any byte changed", test => {
      const [publicKey, message, signature] = [fromHex(test.public), fromHex(test.message), fromHex(test.signature)]
      expect(toHex(signWithSeed(fromHex(test.seed), message))).toBe(test.signature)
      expect(crypto.verify(signature, message, publicKey)).toBe(true)
      expect(crypto.verify(signature, concatBytes(message, new Uint8Array(1)), publicKey)).toBe(false)
      for (const at of [0, 31, 32, 63]) {
        const changed = signature.slice()
        changed[at] = (changed[at] as number) ^ 1
        expect(crypto.verify(changed, message, publicKey)).toBe(false)
      }
    })

    it("answers every Wycheproof test as Wycheproof does", () => {
      const answers = wycheproof.groups.flatMap(group =>
        group.tests.map(test => ({
          id: test.id,
          accepted: crypto.verify(fromHex(test.signature), fromHex(test.message), fromHex(group.public))
        }))
      )
      const expected = wycheproof.groups.flatMap(group => group.tests.map(test => ({ id: test.id, accepted: test.result === "valid" })))
      expect(answers).toEqual(expected)
      expect(answers).toHaveLength(wycheproof.count)
    })

    it.each(craftedCases())("answers $accepted where $name", ({ publicKey, message, signature, accepted }) => {
      expect(crypto.verify(signature, message, publicKey)).toBe(accepted)
      // asked again, from whatever is remembered of the key
      expect(crypto.verify(signature, message, publicKey)).toBe(accepted)
    })
  })
}

function clamped(bytes: Uint8Array): bigint {
  const copy = bytes.slice()
  copy[0] = (copy[0] as number) & 248
  copy[31] = ((copy[31] as number) & 127) | 64
  return littleEndian(copy) % groupOrder
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes.slice().reverse())}`)
}

function bytesOfScalar(scalar: bigint): Uint8Array {
  return fromHex(scalar.toString(16).padStart(64, "0")).reverse()
}
