/** Whatever bytes arrive, the readers of trust answer with a value or a reason: they never throw anything else, and never accept by accident. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parseKeyFile } from "../../../electron/engine/adapters/key-file.ts"
import { claimStatement, openAttestation, sealAttestation } from "../../../electron/engine/core/attestation.ts"
import { canonicalBytes, canonicalJson, parseStrictJson } from "../../../electron/engine/core/canonical.ts"
import { ledgerKeyOf, openCheckpoint, parseVkey, signCheckpoint, verifyProofFile } from "../../../electron/engine/core/checkpoint.ts"
import { keyIdOf, publicKeyOf, signWithSeed, verifySignature } from "../../../electron/engine/core/crypto.ts"
import { digestOf, equalBytes, fromBase64, toBase64 } from "../../../electron/engine/core/digest.ts"
import { openRootChain } from "../../../electron/engine/core/root.ts"
import { utf8Encode } from "../../../electron/engine/core/utf8.ts"
import type { InterfaceHash } from "../../../shared/digest.ts"

const seed = new Uint8Array(32).fill(3)
const publicKey = publicKeyOf(seed)
const keyId = keyIdOf(publicKey)
const key = ledgerKeyOf("example.invalid/ledger", publicKey)
const note = signCheckpoint({ origin: key.name, size: 3, root: digestBytes() }, key, message => signWithSeed(seed, message))
const some = digestOf(seed)
const sealed = sealAttestation(
  claimStatement({
    task: { text: "t" },
    interface: { hash: some as InterfaceHash, canonical: "c" },
    entry: "e",
    module: { digest: some, size: 1 },
    runtime: null,
    source: null,
    examples: { digest: some, count: 0 }
  }),
  keyId,
  message => signWithSeed(seed, message)
)

function digestBytes(): Uint8Array {
  return new Uint8Array(32).fill(1)
}

const json = fc.jsonValue({ maxDepth: 5 })

describe("any JSON value", () => {
  it("is read back from its canonical text, which has one form", () => {
    fc.assert(
      fc.property(json, value => {
        const canonical = canonicalJson(value)
        expect(canonicalJson(parseStrictJson(utf8Encode(canonical)))).toBe(canonical)
        expect(canonicalJson(parseStrictJson(utf8Encode(JSON.stringify(value, null, 2))))).toBe(canonical)
      })
    )
  })

  it("is read as JSON.parse reads it, or refused where JSON.parse is laxer", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          json.map(value => JSON.stringify(value)),
          fc.string({ unit: fc.constantFrom(...'{}[],:"\\u0e-+.1 \n') })
        ),
        text => {
          let expected: unknown
          try {
            expected = JSON.parse(text)
          } catch {
            expect(() => parseStrictJson(utf8Encode(text))).toThrow(SyntaxError)
            return
          }
          try {
            expect(parseStrictJson(utf8Encode(text))).toEqual(expected)
          } catch (error) {
            expect(error).toBeInstanceOf(SyntaxError)
            expect(String(error)).toMatch(/twice|surrogate|binary64|deep/)
          }
        }
      ),
      { numRuns: 500 }
    )
  })
})

describe("base64", () => {
  it("has one text for each bytes in each alphabet", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"))
        expect(equalBytes(fromBase64(toBase64(bytes))!, bytes)).toBe(true)
        expect(equalBytes(fromBase64(Buffer.from(bytes).toString("base64url"))!, bytes)).toBe(true)
      })
    )
  })

  it.each(["A", "AA=", "AAA==", "AB", "A===", "AA ==", "+_==", "\nAAAA", "AAAA=", "ÄAAA"])("does not read %s", text => {
    expect(fromBase64(text)).toBeNull()
  })
})

describe("hostile bytes", () => {
  const mutated = (bytes: Uint8Array) =>
    fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean()).map(([at, change, cut]) => {
      const copy = cut ? bytes.slice(0, at) : bytes.slice()
      if (!cut) copy[at] = (copy[at] as number) ^ change
      return copy
    })

  it("never make a genuine Attestation of one with a byte changed, unless only the spelling of the same signature changed", () => {
    fc.assert(
      fc.property(mutated(sealed), bytes => {
        const opened = openAttestation(bytes, id => (id === keyId ? publicKey : null), verifySignature)
        if (opened.kind !== "ignored")
          expect(equalBytes(opened.kind === "genuine" ? opened.payload : new Uint8Array(), payloadOf(sealed))).toBe(true)
      }),
      { numRuns: 300 }
    )
  })

  it("are refused with a reason by every reader", () => {
    const nothing = () => null
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 200 }), json.map(canonicalBytes), mutated(sealed), mutated(utf8Encode(note))),
        bytes => {
          const text = new TextDecoder().decode(bytes)
          expect(openAttestation(bytes, nothing, verifySignature).kind).toBe("ignored")
          expect(openRootChain([bytes], verifySignature).kind).toBe("broken")
          expect(typeof parseKeyFile(bytes)).toBe("string")
          expect(parseVkey(text)).toBeNull()
          expect(verifyProofFile(bytes, seed, key, verifySignature).kind).toBe("refused")
          const checkpoint = openCheckpoint(text, key, verifySignature)
          if (typeof checkpoint !== "string") expect(checkpoint).toEqual({ origin: key.name, size: 3, root: digestBytes() })
        }
      ),
      { numRuns: 300 }
    )
  })
})

function payloadOf(bytes: Uint8Array): Uint8Array {
  const opened = openAttestation(bytes, () => publicKey, verifySignature)
  if (opened.kind !== "genuine") throw new TypeError(opened.kind)
  return opened.payload
}
