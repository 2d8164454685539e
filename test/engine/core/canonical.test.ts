import { describe, expect, it } from "vitest"
import { canonicalBytes, canonicalJson, parseStrictJson } from "../../../electron/engine/core/canonical.ts"
import { fromHex } from "../../../electron/engine/core/digest.ts"
import { mappingDigest } from "../../../electron/engine/core/mapping.ts"
import { utf8Encode } from "../../../electron/engine/core/utf8.ts"
import vectors from "../../vectors/rfc8785.json" with { type: "json" }

const parse = (text: string) => parseStrictJson(utf8Encode(text))

describe("canonical JSON", () => {
  it.each(vectors.numbers)("writes the number of bits %s as %s", (bits, text) => {
    const number = new DataView(fromHex(bits!).slice().buffer).getFloat64(0)
    if (text === null) expect(() => canonicalJson(number)).toThrow(TypeError)
    else expect(canonicalJson(number)).toBe(text)
  })

  it.each(vectors.documents)("writes the document of $name as published", ({ input, output }) => {
    expect(canonicalJson(parse(input))).toBe(output)
    expect(canonicalJson(parse(output))).toBe(output)
  })

  it("leaves out members that are undefined and refuses what JSON cannot say", () => {
    expect(canonicalJson({ b: undefined, a: [1] })).toBe('{"a":[1]}')
    for (const value of [undefined, 1n, () => 1, "\ud800", { "\udc00": 1 }, [undefined], Number.NaN])
      expect(() => canonicalJson(value)).toThrow(TypeError)
    const cycle: unknown[] = []
    cycle.push(cycle)
    expect(() => canonicalJson(cycle)).toThrow(TypeError)
  })

  it("names a Mapping by its members, not by their order", () => {
    expect(mappingDigest({ a: 1, b: { d: 2, c: 3 } })).toBe(mappingDigest({ b: { c: 3, d: 2 }, a: 1 }))
    expect(mappingDigest({ a: 1, extra: true })).not.toBe(mappingDigest({ a: 1 }))
  })
})

describe("the strict reader", () => {
  it.each([
    ['{"a":1,"a":1}', /stands twice/],
    ['{"\\u0061":1,"a":2}', /stands twice/],
    ['{"__proto__":1,"__proto__":2}', /stands twice/],
    ['"\\ud800"', /surrogate/],
    ["1e999", /binary64/],
    ["01", /the end/],
    ["[1,]", /a value/],
    ['{"a":1,}', /member name/],
    ["'a'", /a value/],
    ['"a\nb"', /quote or an escape/],
    ['"\\x"', /escape of JSON/],
    ['"\\u12g4"', /hex digits/],
    ["[1] x", /the end/],
    ["", /a value/],
    ["nul", /a value/],
    ["+1", /a value/],
    ['{"a" 1}', /colon/],
    ["[1 2]", /comma/],
    ["\ufeff1", /a value/],
    ["[", /a value/]
  ])("refuses %s", (text, reason) => {
    expect(() => parse(text)).toThrow(SyntaxError)
    expect(() => parse(text)).toThrow(reason)
  })

  it("refuses ill-formed UTF-8, too many bytes and too much depth", () => {
    expect(() => parseStrictJson(new Uint8Array([0x22, 0xc0, 0x80, 0x22]))).toThrow(/UTF-8/)
    expect(() => parseStrictJson(utf8Encode('"12345"'), { bytesMax: 6, depthMax: 4 })).toThrow(/at most 6 bytes/)
    expect(parse("[".repeat(32) + "]".repeat(32))).toBeTruthy()
    expect(() => parse("[".repeat(33) + "]".repeat(33))).toThrow(/at most 32 deep/)
    expect(() => parse("[".repeat(100_000))).toThrow(/deep/)
  })

  it("makes `__proto__` a plain member that changes no prototype", () => {
    const value = parse('{"__proto__":{"polluted":true}}') as Record<string, unknown>
    expect(Object.hasOwn(value, "__proto__")).toBe(true)
    expect(value.polluted).toBeUndefined()
    expect(canonicalJson(value)).toBe('{"__proto__":{"polluted":true}}')
  })

  it("reads what JSON.parse reads, and writes it back to the same value", () => {
    for (const text of ['{"a":[1,-2.5e3,true,null],"b":{"c":"\\u00e9\\ud83d\\ude00 \\/ \\n"},"":[]}', " 0 ", '"x"', "[[],{}]", "-0.0"]) {
      expect(parse(text)).toEqual(JSON.parse(text))
      expect(JSON.parse(new TextDecoder().decode(canonicalBytes(parse(text))))).toEqual(JSON.parse(text.replace("-0.0", "0")))
    }
  })
})
