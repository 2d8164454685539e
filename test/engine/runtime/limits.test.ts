/** Fuel and memory: what they cost, that both end a Run cleanly, and that equal work costs equally. */
import { expect, test } from "vitest"
import type { Value } from "../../../shared/value.ts"
import { install } from "./closures.ts"
import type { Raw, Runtime } from "./harness.ts"
import { openRuntime, wasm } from "./harness.ts"

const reasons = { outOfFuel: 1, outOfMemory: 2 }
const range = (rt: Runtime, n: number): Raw => rt.invoke(rt.builtin("range"), rt.toRaw(0n), rt.toRaw(BigInt(n)))
const used = (rt: Runtime): number => (rt.raw("alloc", 0) as number) >>> 0

test("100,000 assocs in a fold leave less than 64 MiB", () => {
  const rt = openRuntime()
  const [step] = install(rt, [{ arity: 2, body: "(call $assoc (local.get $0) (local.get $1) (local.get $1))" }]) as [Raw]
  const m = rt.invoke(rt.builtin("reduce"), step, rt.invoke(rt.builtin("hash-map")), range(rt, 100_000))
  expect(rt.raw("size", m)).toBe(100_000)
  expect(rt.memory.buffer.byteLength).toBeLessThan(64 * 2 ** 20)
})

test("with an owner they leave less than 20 MiB, and give the same map", () => {
  const rt = openRuntime()
  const [owned, plain] = install(rt, [
    { arity: 2, body: "(call $assocOwn (i32.const 1000000) (local.get $0) (local.get $1) (local.get $1))" },
    { arity: 2, body: "(call $assoc (local.get $0) (local.get $1) (local.get $1))" }
  ]) as [Raw, Raw]
  const m = rt.invoke(rt.builtin("reduce"), owned, rt.invoke(rt.builtin("hash-map")), range(rt, 100_000))
  expect(used(rt)).toBeLessThan(20 * 2 ** 20)
  expect(rt.raw("equal", m, rt.invoke(rt.builtin("reduce"), plain, rt.invoke(rt.builtin("hash-map")), range(rt, 100_000)))).toBe(1)
})

test("5,000 appends to one string leave less than 16 MiB", () => {
  const rt = openRuntime()
  const [step] = install(rt, [{ arity: 2, body: "(call $str (local.get $0) (local.get $1))" }]) as [Raw]
  const s = rt.invoke(rt.builtin("reduce"), step, rt.toRaw(""), range(rt, 5000))
  expect((rt.fromRaw(s) as string).length).toBe(18_890)
  expect(used(rt)).toBeLessThan(2 ** 20)
})

test("5,000 conses and walking them by rest leave less than 2 MiB", () => {
  const rt = openRuntime()
  let v = rt.toRaw([])
  for (let i = 0; i < 5000; i++) v = rt.invoke(rt.builtin("cons"), 1n, v)
  for (let i = 0; i < 5000; i++) v = rt.invoke(rt.builtin("rest"), v)
  expect(rt.raw("size", v)).toBe(0)
  expect(used(rt)).toBeLessThan(2 * 2 ** 20)
})

test("a long range costs nothing until it is walked, and then ends with the fuel", () => {
  const rt = openRuntime(1_000_000n)
  const v = range(rt, 1_000_000_000)
  expect(rt.fuel.value).toBeGreaterThan(999_900n)
  expect(() => rt.invoke(rt.builtin("reduce"), rt.builtin("+"), v)).toThrow(WebAssembly.RuntimeError)
  expect(rt.reason.value).toBe(reasons.outOfFuel)
  expect(rt.fuel.value).toBeLessThan(0n)
})

test("splitting a short text costs little, also where less than a separator is left at its end", () => {
  const rt = openRuntime(10_000n)
  for (const text of ["a::", "a::b", "::::", "::"]) rt.invoke(rt.builtin("split"), rt.toRaw(text), rt.toRaw("::"))
  expect(rt.fuel.value).toBeGreaterThan(9_800n)
})

test("memory ends at the maximum of the memory section, with its reason", () => {
  const rt = openRuntime()
  let v = rt.toRaw(["x"])
  expect(() => {
    for (;;) v = rt.invoke(rt.builtin("concat"), v, v)
  }).toThrow(WebAssembly.RuntimeError)
  expect(rt.reason.value).toBe(reasons.outOfMemory)
  expect(rt.memory.buffer.byteLength).toBeGreaterThan(128 * 2 ** 20)
})

test("a doubling string ends with out-of-memory, not with the process", () => {
  const rt = openRuntime()
  let s = rt.toRaw("0123456789abcdef")
  expect(() => {
    for (;;) s = rt.invoke(rt.builtin("str"), s, s)
  }).toThrow(WebAssembly.RuntimeError)
  expect(rt.reason.value).toBe(reasons.outOfMemory)
})

test("a range longer than memory can hold is out-of-memory when built, not an endless loop", () => {
  const rt = openRuntime()
  expect(() => range(rt, 2 ** 40)).toThrow(WebAssembly.RuntimeError)
  expect(rt.reason.value).toBe(reasons.outOfMemory)
})

const text = (n: number): string => "0123456789".repeat(n / 10)
const items = (n: number): Value => Array.from({ length: n }, (_, i) => BigInt((i * 7919) % 1009))
const table = (n: number): Value => ({ kind: "map", entries: Array.from({ length: n }, (_, i) => [BigInt(i), BigInt(i)]) })

/** Work whose fuel must grow at least in proportion to its input: nothing scans for free. */
const scans: readonly (readonly [string, (n: number) => Value[], bigint])[] = [
  ["string-upper", n => [text(n).replaceAll("5", "é")], 32n],
  ["string-length", n => [`é${text(n)}`], 32n],
  ["string-contains", n => [text(n), "zz"], 32n],
  ["starts-with?", n => [text(n), text(n)], 32n],
  ["split", n => [text(n), "9"], 32n],
  ["reverse", n => [text(n)], 1n],
  ["re-matches", n => ["z", text(n)], 32n],
  ["re-seq", n => ["\\d", text(n)], 1n],
  ["parse-json", n => [JSON.stringify(Array(n).fill(1))], 1n],
  ["serialize-json", n => [items(n)], 1n],
  ["=", n => [items(n), items(n)], 1n],
  ["sort", n => [items(n)], 1n],
  ["distinct", n => [items(n)], 1n],
  ["reverse", n => [items(n)], 1n],
  ["concat", n => [[], items(n)], 1n],
  ["take", n => [BigInt(n - 1), items(n)], 1n],
  ["cons", n => [1n, items(n)], 1n],
  ["partition", n => [3n, items(n)], 1n],
  ["contains?", n => [items(n), keyword()], 1n],
  ["join", n => [",", items(n)], 1n],
  ["str", n => [items(n)], 1n],
  ["keys", n => [table(n)], 1n],
  ["vals", n => [table(n)], 1n],
  ["merge", n => [table(1), table(n)], 1n],
  ["parse-float", n => [`0.${text(n)}`], 32n]
]

function keyword(): Value {
  return { kind: "keyword", name: "none" }
}

test.each(scans)("%s pays for what it visits", (name, args, unit) => {
  const spent = (n: number): bigint => {
    const rt = openRuntime()
    const raw = args(n).map(rt.toRaw)
    const before = rt.fuel.value
    rt.invoke(rt.builtin(name), ...raw)
    return before - rt.fuel.value
  }
  const [small, large] = [spent(1000), spent(11_000)]
  expect(large - small).toBeGreaterThanOrEqual(10_000n / unit)
  expect(spent(11_000)).toBe(large)
})

/** Small work that must stay cheap: [built-in, arguments, units at most]. */
const cheap: readonly (readonly [string, Value[], bigint])[] = [
  ["split", ["a--", "--"], 20n],
  ["split", ["a-b", "--"], 20n],
  ["string-contains", ["ab", "abc"], 20n],
  ["re-seq", ["a*", "ba"], 60n],
  ["substring", ["é", 1n], 20n],
  ["take", [0n, []], 20n],
  ["string-trim", ["   "], 20n],
  ["parse-float", ["1e308"], 60n],
  ["str", [1.0000000000000002], 100n],
  ["sort", [[2n, 1n]], 30n]
]

test.each(cheap)("%s of little costs little", (name, args, most) => {
  const rt = openRuntime()
  const raw = args.map(rt.toRaw)
  const before = rt.fuel.value
  rt.invoke(rt.builtin(name), ...raw)
  expect(before - rt.fuel.value).toBeLessThanOrEqual(most)
})

test("more arguments than memory can hold are out-of-memory", () => {
  const rt = openRuntime()
  expect(() => rt.invoke(rt.builtin("apply"), rt.builtin("+"), range(rt, 2_000_000_000))).toThrow(WebAssembly.RuntimeError)
  expect(rt.reason.value).toBe(reasons.outOfMemory)
})

test("equal work on a fresh instance costs the same fuel and memory", () => {
  const run = (): [bigint, number] => {
    const rt = openRuntime()
    const [step] = install(rt, [{ arity: 2, body: "(call $assoc (local.get $0) (local.get $1) (local.get $1))" }]) as [Raw]
    const m = rt.invoke(rt.builtin("reduce"), step, rt.toRaw(table(20)), range(rt, 3000))
    rt.invoke(rt.builtin("str"), m)
    rt.invoke(rt.builtin("re-seq"), rt.toRaw("\\w+ (?i)[a-k]*"), rt.invoke(rt.builtin("str"), m))
    return [rt.fuel.value, used(rt)]
  }
  expect(run()).toEqual(run())
})

test("the memory's maximum is in the bytes, where the loader can lower it", () => {
  const memory = new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports.memory as WebAssembly.Memory
  expect(() => memory.grow(4097)).toThrow(RangeError)
})
