/** Every built-in through its function object: values, categories, messages, arities; and through its direct exports. */
import { existsSync, readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import type { Value } from "../../../shared/value.ts"
import { cases } from "./builtin-cases.ts"
import { evaluate, isPure, printed, readExpression } from "./expression.ts"
import { manifest, openRuntime, Raised } from "./harness.ts"

function outcome(source: string): string {
  const form = readExpression(source)
  if (!isPure(form)) throw new Error(`not built-ins and literals alone: ${source}`)
  const rt = openRuntime()
  try {
    return printed(evaluate(form, rt), rt)
  } catch (fault) {
    if (fault instanceof Raised) return `!${fault.category} ${fault.message}`
    throw fault
  }
}

test.each(cases)("%s is %s", (source, expected) => {
  const got = outcome(source)
  if (expected.startsWith("!") && !expected.includes(" ")) expect(got.split(" ")[0]).toBe(expected)
  else expect(got).toBe(expected)
})

test("every built-in has a case", () => {
  const missing = manifest.builtins.filter(b => !cases.some(([source]) => source.split(/[\s()[\]{}]+/).includes(b.name)))
  expect(missing.map(b => b.name)).toEqual([])
})

test("the table holds 108 names: 107 pure built-ins and read-file", () => {
  expect(new Set(manifest.builtins.map(b => b.name)).size).toBe(108)
  expect(manifest.builtins.map(b => b.index)).toEqual(Array.from({ length: 108 }, (_, i) => i))
})

test.each(manifest.builtins.map(b => [b.name, b] as const))(
  "%s as a value refuses every other number of arguments",
  (name, { min, max }) => {
    const rt = openRuntime()
    const bound = max < 0 ? `at least ${min}` : max > min ? `${min} to ${max}` : `${min}`
    for (let n = 0; n < 8; n++) {
      const call = (): Value => rt.call(name, ...Array.from({ length: n }, () => null))
      if (n < min || (max >= 0 && n > max)) expect(call).toThrow(`Arity mismatch in ${name}: expected ${bound}, got ${n}`)
      else {
        let message = ""
        try {
          call()
        } catch (fault) {
          message = (fault as Raised).message
        }
        if (name !== "hash-map" && name !== "assoc") expect(message).not.toContain("Arity")
      }
    }
  }
)

test("direct exports exist as the manifest says, with the types the ABI gives", () => {
  for (const { index, direct, depth } of manifest.builtins) {
    for (const count of direct) {
      const params = [...Array.from({ length: count }, () => "i64"), ...(depth ? ["i32"] : [])]
      expect(manifest.exports[`b${index}_${count}`]).toBe(`(${params.join(" ")}) -> i64`)
    }
  }
})

const sample: readonly Value[] = [
  null,
  true,
  0n,
  3n,
  2.5,
  "aé",
  "",
  [],
  [1n, 2n],
  { kind: "list", items: [3n, 4n] },
  { kind: "map", entries: [["a", 1n]] },
  { kind: "keyword", name: "a" }
]

test("a direct call and a call through the function object do the same, on all pairs of sample values", () => {
  const told = (work: () => Value): unknown => {
    try {
      return work()
    } catch (fault) {
      if (!(fault instanceof Raised)) throw fault
      return `${fault.category} ${fault.message}`
    }
  }
  for (const { index, name, direct, depth } of manifest.builtins) {
    if (!direct.includes(1) && !direct.includes(2)) continue
    const rt = openRuntime()
    const tail = depth ? [manifest.recursionLimit] : []
    for (const a of sample) {
      if (direct.includes(1))
        expect(told(() => rt.fromRaw(rt.guard(() => rt.raw(`b${index}_1`, rt.toRaw(a), ...tail))))).toEqual(told(() => rt.call(name, a)))
      if (!direct.includes(2)) continue
      for (const b of sample)
        expect(told(() => rt.fromRaw(rt.guard(() => rt.raw(`b${index}_2`, rt.toRaw(a), rt.toRaw(b), ...tail))))).toEqual(
          told(() => rt.call(name, a, b))
        )
    }
  }
})

test("lists keep their kind where the language says so, and are refused elsewhere", () => {
  const rt = openRuntime()
  const list = (...items: Value[]): Value => ({ kind: "list", items })
  const l = list(1n, 2n, 3n)
  for (const [name, args, expected] of [
    ["rest", [l], list(2n, 3n)],
    ["first", [l], 1n],
    ["last", [l], 3n],
    ["nth", [l, 1n], 2n],
    ["conj", [l, 4n, 5n], list(1n, 2n, 3n, 4n, 5n)],
    ["reverse", [l], list(3n, 2n, 1n)],
    ["take", [2n, l], list(1n, 2n)],
    ["drop", [2n, l], list(3n)],
    ["count", [l], 3n],
    ["empty?", [list()], true],
    ["contains?", [l, 2n], true],
    ["=", [l, [1n, 2n, 3n]], false],
    ["=", [l, list(1n, 2n, 3n)], true],
    ["list?", [l], true],
    ["vector?", [l], false],
    ["concat", [l, [9n]], [l, 9n]],
    ["join", ["", l], "123"],
    ["str", [l], "(1 2 3)"],
    ["partition", [2n, l], [[1n, 2n], [3n]]],
    ["type-name", [l], "list"]
  ] as [string, Value[], Value][])
    expect([name, rt.call(name, ...args)]).toEqual([name, expected])
  for (const [name, args] of [
    ["get", [l, 0n]],
    ["cons", [0n, l]],
    ["subvec", [l, 0n]],
    ["distinct", [l]],
    ["sort", [l]],
    ["assoc", [l, 0n, 1n]],
    ["keys", [l]]
  ] as [string, Value[]][])
    expect(() => rt.call(name, ...args), name).toThrow("Type error")
  const map = rt.invoke(rt.builtin("map-indexed"), rt.builtin("+"), rt.toRaw(l))
  expect(rt.fromRaw(map)).toEqual(list(1n, 3n, 5n))
  expect(rt.fromRaw(rt.invoke(rt.builtin("map"), rt.builtin("inc"), rt.toRaw(l)))).toEqual([2n, 3n, 4n])
})

const corpus = new URL("../../conformance/rtfs-public.json", import.meta.url)

describe.skipIf(!existsSync(corpus))("conformance cases made of built-ins and literals alone", () => {
  const all: { id: string; src: string; expect: { value?: string; error?: string } }[] = existsSync(corpus)
    ? JSON.parse(readFileSync(corpus, "utf8"))
    : []
  const pure = all.filter(
    c =>
      isPure(readExpression(c.src)) && (c.expect.value !== undefined || (c.expect.error !== undefined && c.expect.error !== "parse-error"))
  )
  test.each(pure.map(c => [c.id, c] as const))("%s", (_, c) => {
    const got = outcome(c.src)
    if (c.expect.error) expect(got.split(" ")[0]).toBe(`!${c.expect.error}`)
    else expect(got).toBe(c.expect.value)
  })
})
