import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { compareKeys, decodeValue, encodeValue, UnencodableValue } from "../../../electron/engine/core/codec.ts"
import { fromHex, toHex } from "../../../electron/engine/core/digest.ts"
import type { MapKey, Value } from "../../../shared/value.ts"
import { keyword } from "../../../shared/value.ts"

const table: readonly { name: string; value: Value; hex: string }[] = [
  { name: "nil", value: null, hex: "f6" },
  { name: "false", value: false, hex: "f4" },
  { name: "true", value: true, hex: "f5" },
  { name: "zero", value: 0n, hex: "00" },
  { name: "the last one-byte integer", value: 23n, hex: "17" },
  { name: "the first two-byte integer", value: 24n, hex: "1818" },
  { name: "256", value: 256n, hex: "190100" },
  { name: "65536", value: 65_536n, hex: "1a00010000" },
  { name: "2^32", value: 2n ** 32n, hex: "1b0000000100000000" },
  { name: "the greatest integer", value: 2n ** 63n - 1n, hex: "1b7fffffffffffffff" },
  { name: "minus one", value: -1n, hex: "20" },
  { name: "the least integer", value: -(2n ** 63n), hex: "3b7fffffffffffffff" },
  { name: "a float", value: 1.5, hex: "fb3ff8000000000000" },
  { name: "a float without fraction", value: 2, hex: "fb4000000000000000" },
  { name: "minus zero", value: -0, hex: "fb8000000000000000" },
  { name: "NaN", value: Number.NaN, hex: "fb7ff8000000000000" },
  { name: "infinity", value: Number.POSITIVE_INFINITY, hex: "fb7ff0000000000000" },
  { name: "a string", value: "aß😀", hex: "6761c39ff09f9880" },
  { name: "a keyword", value: keyword("a/b"), hex: "c663612f62" },
  { name: "a vector", value: [1n, "x"], hex: "82016178" },
  { name: "an empty vector", value: [], hex: "80" },
  { name: "a list", value: { kind: "list", items: [1n] }, hex: "c78101" },
  {
    name: "a map in map order",
    value: {
      kind: "map",
      entries: [
        [-1n, 0n],
        [2n, 1n],
        ["b", 2n],
        [keyword("a"), []]
      ]
    },
    hex: "a420000201616202c6616180"
  },
  { name: "an error", value: { kind: "error", message: "m", category: "type-error" }, hex: "c8826a747970652d6572726f72616d" }
]

describe("canonical bytes", () => {
  test.each(table)("of $name", ({ value, hex }) => {
    expect(toHex(encodeValue(value))).toBe(hex)
    expect(decodeValue(fromHex(hex))).toEqual({ kind: "value", value })
  })

  test("show a function and refuse to carry one", () => {
    expect(decodeValue(fromHex("c9f6"))).toEqual({ kind: "value", value: { kind: "function" } })
    expect(() => encodeValue([{ kind: "function" }])).toThrow(UnencodableValue)
  })

  test.each([
    ["an integer outside 64 bits", 2n ** 63n],
    ["a lone surrogate", "\ud800"],
    [
      "a map out of order",
      {
        kind: "map",
        entries: [
          ["b", 1n],
          ["a", 2n]
        ]
      }
    ],
    [
      "a map with a key twice",
      {
        kind: "map",
        entries: [
          [1n, 1n],
          [1n, 2n]
        ]
      }
    ]
  ] as readonly (readonly [string, Value])[])("do not exist for %s", (_, value) => {
    expect(() => encodeValue(value)).toThrow(TypeError)
  })
})

describe("hostile bytes are malformed:", () => {
  test.each([
    ["nothing", ""],
    ["more than one value", "0000"],
    ["a longer form of a number", "1800"],
    ["a longer form of a length", "790001" + "61"],
    ["an integer of 64 unsigned bits", "1bffffffffffffffff"],
    ["an indefinite length", "9f00ff"],
    ["a 32-bit float", "fa3fc00000"],
    ["a NaN of other bits", "fb7ff8000000000001"],
    ["a byte string", "4161"],
    ["an unknown tag", "c000"],
    ["a keyword that is no text", "c601"],
    ["a count without items", "9a7fffffff"],
    ["a length without bytes", "7a7fffffff"],
    ["text that is not UTF-8", "61ff"],
    ["overlong UTF-8", "62c080"],
    ["a surrogate in UTF-8", "63eda080"],
    ["keys out of order", "a2020001" + "00"],
    ["a key twice", "a200000001"],
    ["a vector as key", "a18000"],
    ["a map cut off", "a100"],
    ["an error without category", "c88161" + "61"],
    ["undefined", "f7"]
  ])("%s", (_, hex) => {
    expect(decodeValue(fromHex(hex)).kind).toBe("malformed")
  })

  test("nesting beyond the limit, and only that", () => {
    const nested = (depth: number) => Uint8Array.from([...Array.from({ length: depth }, () => 0x81), 0x80])
    expect(decodeValue(nested(9_999)).kind).toBe("value")
    expect(decodeValue(nested(10_000)).kind).toBe("malformed")
    expect(decodeValue(nested(200_000)).kind).toBe("malformed")
  })

  test("random bytes never throw, and what decodes encodes to the same bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), bytes => {
        const decoded = decodeValue(bytes)
        if (decoded.kind === "malformed") return
        if (holdsFunction(decoded.value)) return
        expect(toHex(encodeValue(decoded.value))).toBe(toHex(bytes))
      }),
      { numRuns: 2_000 }
    )
  })
})

const scalar = fc.string({ unit: "grapheme", maxLength: 8 })
const key: fc.Arbitrary<MapKey> = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), scalar, scalar.map(keyword))
const value = fc.letrec<{ value: Value }>(tie => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double(),
    scalar,
    scalar.map(keyword),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.array(tie("value"), { maxLength: 5 }).map(items => ({ kind: "list", items }) as const),
    fc
      .uniqueArray(fc.tuple(key, tie("value")), {
        maxLength: 6,
        selector: ([one]) => (typeof one === "object" ? `:${one.name}` : `${typeof one}${one}`)
      })
      .map(entries => ({ kind: "map", entries: entries.toSorted(([left], [right]) => compareKeys(left, right)) }) as const)
  )
})).value

test("every value survives the way there and back", () => {
  fc.assert(
    fc.property(value, one => {
      expect(decodeValue(encodeValue(one))).toEqual({ kind: "value", value: one })
    }),
    { numRuns: 500 }
  )
})

function holdsFunction(one: Value): boolean {
  if (typeof one !== "object" || one === null) return false
  if (Array.isArray(one)) return one.some(holdsFunction)
  if (!("kind" in one)) return false
  if (one.kind === "list") return one.items.some(holdsFunction)
  return one.kind === "map" ? one.entries.some(([, item]) => holdsFunction(item)) : one.kind === "function"
}
