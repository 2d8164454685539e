/** Values as a whole: canonical bytes, prints, equality, order and JSON, over random values. */
import { expect, test } from "vitest"
import { printValue } from "../../../electron/engine/core/print.ts"
import type { Value } from "../../../shared/value.ts"
import { keyword } from "../../../shared/value.ts"
import { openRuntime, Raised } from "./harness.ts"
import { createRandom } from "./random.ts"
import { randomValue } from "./values.ts"

function samples(seed: number, count: number, json = false): Value[] {
  const random = createRandom(seed)
  return Array.from({ length: count }, () => randomValue(random, 4, json))
}

test("canonical bytes go in and out unchanged", () => {
  const rt = openRuntime()
  for (const v of samples(1, 1500)) expect(rt.fromRaw(rt.toRaw(v))).toEqual(v)
})

test("canonical print is that of the host's printer", () => {
  const rt = openRuntime()
  for (const v of samples(2, 1500)) expect(rt.fromRaw(rt.raw("print", rt.toRaw(v)))).toBe(printValue(v))
})

/** Whether a NaN is inside: such a value does not equal itself. */
const hasNaN = (v: Value): boolean =>
  JSON.stringify(v, (_, x) => (typeof x === "bigint" ? `${x}` : Number.isNaN(x) ? "NaN!" : x)).includes('"NaN!"')

test("equal content is equal, and so it hashes", () => {
  const rt = openRuntime()
  for (const v of samples(3, 800)) {
    const same = !hasNaN(v)
    expect(rt.call("=", v, v)).toBe(same)
    const distinct = rt.call("distinct", [v, 1n, v]) as Value[]
    expect(distinct.length).toBe(same && v !== 1n ? 2 : same ? 1 : 3)
  }
})

test("the order of sort is total: antisymmetric and transitive on all triples of a sample", () => {
  const rt = openRuntime()
  const values = [
    ...samples(4, 24),
    2 ** 53,
    2n ** 53n,
    2n ** 53n + 1n,
    Number.NaN,
    0,
    -0,
    0n,
    2 ** 63,
    2n ** 63n - 1n,
    Number.NEGATIVE_INFINITY
  ].map(v => rt.toRaw(v))
  // The smaller of two by sorting the pair both ways: 0 if the order of the pair is kept.
  const before = (a: bigint, b: bigint): number => {
    const first = rt.raw("at", rt.invoke(rt.builtin("sort"), rt.invoke(rt.builtin("vector"), a, b)), 0) as bigint
    const other = rt.raw("at", rt.invoke(rt.builtin("sort"), rt.invoke(rt.builtin("vector"), b, a)), 0) as bigint
    return first === other ? (first === a ? -1 : 1) : 0
  }
  const order = values.map(a => values.map(b => (a === b ? 0 : before(a, b))))
  for (let a = 0; a < values.length; a++) {
    for (let b = 0; b < values.length; b++) {
      const ab = order[a]?.[b] as number
      expect(ab + (order[b]?.[a] as number)).toBe(0)
      for (let c = 0; c < values.length; c++) if (ab <= 0 && (order[b]?.[c] as number) <= 0) expect(order[a]?.[c]).toBeLessThanOrEqual(0)
    }
  }
})

test("sort orders kinds, numbers of both kinds and NaN as the language says, stably", () => {
  const rt = openRuntime()
  const list = { kind: "list", items: [1n] } as const
  const map = { kind: "map", entries: [[1n, 1n]] } as const
  const shuffled: Value[] = [
    map,
    list,
    [2n],
    [1n, 5n],
    keyword("b"),
    keyword("a"),
    "b",
    "B",
    Number.NaN,
    2n,
    1.5,
    Number.POSITIVE_INFINITY,
    1n,
    1,
    true,
    false,
    null
  ]
  expect(rt.call("sort", shuffled)).toEqual([
    null,
    false,
    true,
    1n,
    1,
    1.5,
    2n,
    Number.POSITIVE_INFINITY,
    Number.NaN,
    "B",
    "b",
    keyword("a"),
    keyword("b"),
    [1n, 5n],
    [2n],
    list,
    map
  ])
  expect(rt.call("sort", [1, 1n, 0, -0])).toEqual([0, -0, 1, 1n])
  expect(rt.call("sort", "hello wörld")).toBe(
    [..."hello wörld"].sort((a, b) => (a.codePointAt(0) as number) - (b.codePointAt(0) as number)).join("")
  )
})

test("a long random vector comes out sorted and complete", () => {
  const rt = openRuntime()
  const random = createRandom(6)
  const items = Array.from({ length: 5000 }, () => BigInt(random.below(3000)))
  expect(rt.call("sort", items)).toEqual(items.toSorted((a, b) => Number(a - b)))
})

test("JSON reads back what it wrote", () => {
  const rt = openRuntime()
  for (const v of samples(7, 800, true)) {
    expect(rt.call("parse-json", rt.call("serialize-json", v))).toEqual(v)
    expect(rt.call("parse-json", rt.call("serialize-json-pretty", v))).toEqual(v)
  }
})

test("compact JSON is what the host writes for the same data", () => {
  const rt = openRuntime()
  const cases: [Value, string][] = [
    [['\u0001\b\f\n\r\t"\\/\u007f é'], JSON.stringify(['\u0001\b\f\n\r\t"\\/\u007f é'])],
    [
      {
        kind: "map",
        entries: [
          [-1n, 1n],
          [7n, 2n],
          ["7", 3n],
          ["a", 4n],
          [keyword("a"), 5n],
          [keyword("b"), null]
        ]
      },
      '{"-1":1,"7":3,"a":5,"b":null}'
    ],
    [{ kind: "map", entries: [] }, "{}"],
    [[[], [[]]], "[[],[[]]]"]
  ]
  for (const [v, text] of cases) expect(rt.call("serialize-json", v)).toBe(text)
  expect(rt.call("serialize-json-pretty", [1n, [], { kind: "map", entries: [["a", [2n]]] }])).toBe(
    JSON.stringify([1, [], { a: [2] }], null, 2)
  )
})

const badJson = [
  "",
  " ",
  "[",
  "[1",
  "[1,",
  "[1,]",
  "{",
  '{"a"',
  '{"a":',
  '{"a":1',
  '{"a":1,}',
  "{1:2}",
  "01",
  "-",
  "1.",
  ".5",
  "1e",
  "+1",
  "tru",
  "nul",
  "True",
  "'a'",
  '"a',
  '"\\x"',
  '"\\u12"',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\n"',
  "1 2",
  "[1 2]",
  "NaN",
  "1e999",
  "// x\n1",
  "\u00a01"
]

test.each(badJson)("the text %j is no JSON", text => {
  expect(() => openRuntime().call("parse-json", text)).toThrow(Raised)
})

test("JSON numbers: integers that fit stay exact, others become floats", () => {
  const rt = openRuntime()
  expect(rt.call("parse-json", "[9223372036854775807, -9223372036854775808, 9223372036854775808, 1E2, -0.0, 1.0]")).toEqual([
    2n ** 63n - 1n,
    -(2n ** 63n),
    2 ** 63,
    100,
    -0,
    1
  ])
  expect(rt.call("parse-json", ' {"\\u0041\\ud83d\\ude00\\/" : [ ] } ')).toEqual({ kind: "map", entries: [["A😀/", []]] })
})

test("values without JSON form are runtime-errors", () => {
  const rt = openRuntime()
  for (const v of [keyword("k"), { kind: "list", items: [] } as const, Number.NaN, Number.POSITIVE_INFINITY, [Number.NEGATIVE_INFINITY]])
    expect(() => rt.call("serialize-json", v)).toThrow("Runtime error")
})

test("malformed canonical bytes are refused", () => {
  const rt = openRuntime()
  const decode = (...bytes: number[]): void => {
    const at = rt.raw("alloc", bytes.length) as number
    new Uint8Array(rt.memory.buffer, at, bytes.length).set(bytes)
    rt.guard(() => rt.raw("decode", at, bytes.length))
  }
  const bad = [
    [],
    [0x18, 5],
    [0x19, 0, 200],
    [0x1b, 0, 0, 0, 0, 0, 0, 0, 1],
    [0x1b, 0x80, 0, 0, 0, 0, 0, 0, 0],
    [0x61],
    [0x61, 0xff],
    [0x62, 0xc0, 0x80],
    [0x63, 0xed, 0xa0, 0x80],
    [0x64, 0xf4, 0x90, 0x80, 0x80],
    [0x81],
    [0x9f, 0xff],
    [0x9b, 255, 255, 255, 255, 255, 255, 255, 255],
    [0xa1, 1],
    [0xa2, 2, 0, 1, 0],
    [0xa2, 1, 0, 1, 0],
    [0xa1, 0xf6, 0],
    [0xa2, 0xc6, 0x61, 97, 0, 0x61, 97, 0],
    [0xc9, 0xf6],
    [0xc6, 0x01],
    [0xc7, 0xa0],
    [0xc0, 0],
    [0xf7],
    [0xf9, 0, 0],
    [0xfb, 0, 0],
    [0xfb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 1],
    [0xfb, 0xff, 0xf8, 0, 0, 0, 0, 0, 0],
    [0, 0],
    [0xc8, 0x82, 0x61, 97, 0x60],
    [0x40]
  ]
  for (const bytes of bad) expect(() => decode(...bytes), bytes.join(" ")).toThrow("malformed canonical bytes")
})
