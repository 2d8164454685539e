/** Vectors, lists and maps against plain models, old versions included: what was built earlier never changes. */
import { expect, test } from "vitest"
import type { MapKey, Value } from "../../../shared/value.ts"
import { keyword } from "../../../shared/value.ts"
import type { Raw, Runtime } from "./harness.ts"
import { openRuntime } from "./harness.ts"
import type { Random } from "./random.ts"
import { createRandom } from "./random.ts"

interface Version {
  raw: Raw
  model: Value[]
}

function vectorStep(rt: Runtime, random: Random, { raw, model }: Version): Version {
  const call = (name: string, ...args: (Raw | Value)[]): Raw =>
    rt.invoke(rt.builtin(name), ...args.map(a => (typeof a === "bigint" ? a : rt.toRaw(a as Value))))
  const int = (n: number): Raw => rt.raw("int", BigInt(n))
  const x = random.below(1000)
  switch (random.below(10)) {
    case 0:
      return { raw: call("rest", raw), model: model.slice(1) }
    case 1: {
      const k = random.below(model.length + 3)
      return { raw: call("drop", int(k), raw), model: model.slice(k) }
    }
    case 2: {
      const k = random.below(model.length + 3)
      return { raw: call("take", int(k), raw), model: model.slice(0, k) }
    }
    case 3: {
      if (model.length === 0) return { raw, model }
      const k = random.below(model.length)
      return { raw: call("assoc", raw, int(k), int(x)), model: model.with(k, BigInt(x)) }
    }
    case 4: {
      if (model.length > 400) return { raw: call("reverse", raw), model: model.toReversed() }
      return { raw: call("concat", raw, raw), model: [...model, ...model] }
    }
    case 5: {
      let front = { raw, model }
      for (let n = random.below(40); n >= 0; n--)
        front = { raw: call("cons", int(x + n), front.raw), model: [BigInt(x + n), ...front.model] }
      return front
    }
    case 6: {
      const a = random.below(model.length + 1)
      const b = a + random.below(model.length - a + 1)
      return { raw: call("subvec", raw, int(a), int(b)), model: model.slice(a, b) }
    }
    case 7: {
      const n = random.below(70)
      return { raw: call("range", int(x), int(x + n)), model: Array.from({ length: n }, (_, i) => BigInt(x + i)) }
    }
    default: {
      const more = Array.from({ length: 1 + random.below(40) }, () => random.below(1000))
      return { raw: call("conj", raw, ...more.map(int)), model: [...model, ...more.map(BigInt)] }
    }
  }
}

test("random vector operations agree with arrays, for every version kept", () => {
  const random = createRandom(11)
  for (let round = 0; round < 30; round++) {
    const rt = openRuntime()
    const versions: Version[] = [{ raw: rt.toRaw([]), model: [] }]
    for (let i = 0; i < 300; i++)
      versions.push(vectorStep(rt, random, random.below(3) ? (versions.at(-1) as Version) : random.pick(versions)))
    for (const { raw, model } of versions) expect(rt.fromRaw(raw)).toEqual(model)
  }
})

test("long vectors keep every element through growth and replacement", () => {
  const rt = openRuntime()
  const n = 40_000
  let v = rt.invoke(rt.builtin("map"), rt.builtin("inc"), rt.invoke(rt.builtin("range"), rt.toRaw(0n), rt.toRaw(BigInt(n))))
  const before = v
  const random = createRandom(5)
  const model = Array.from({ length: n }, (_, i) => BigInt(i + 1))
  for (let i = 0; i < 2000; i++) {
    const k = random.below(n)
    model[k] = BigInt(-i)
    v = rt.invoke(rt.builtin("assoc"), v, rt.toRaw(BigInt(k)), rt.toRaw(BigInt(-i)))
  }
  expect(rt.fromRaw(v)).toEqual(model)
  expect(rt.fromRaw(before)).toEqual(Array.from({ length: n }, (_, i) => BigInt(i + 1)))
})

function randomKey(random: Random): MapKey {
  const n = random.below(400)
  switch (random.below(4)) {
    case 0:
      return `s${n}`
    case 1:
      return keyword(`k${n}`)
    case 2:
      return (BigInt(n) << 54n) - (1n << 62n)
    default:
      return BigInt(n - 200)
  }
}

const textOf = (key: MapKey): string => (typeof key === "bigint" ? `i${key}` : typeof key === "string" ? `s${key}` : `k${key.name}`)
const rank = (key: MapKey): number => (typeof key === "bigint" ? 0 : typeof key === "string" ? 1 : 2)

function inMapOrder(a: MapKey, b: MapKey): number {
  if (rank(a) !== rank(b)) return rank(a) - rank(b)
  if (typeof a === "bigint") return a < (b as bigint) ? -1 : a > (b as bigint) ? 1 : 0
  return textOf(a) < textOf(b) ? -1 : textOf(a) > textOf(b) ? 1 : 0
}

type Model = ReadonlyMap<string, readonly [MapKey, Value]>

test("random map operations agree with a plain model, for every version kept, in map order", () => {
  const random = createRandom(12)
  for (let round = 0; round < 25; round++) {
    const rt = openRuntime()
    const call = (name: string, ...args: Raw[]): Raw => rt.invoke(rt.builtin(name), ...args)
    const versions: { raw: Raw; model: Model }[] = [{ raw: call("hash-map"), model: new Map() }]
    for (let i = 0; i < 500; i++) {
      const from = random.below(4) ? versions.at(-1)! : random.pick(versions)
      const model = new Map(from.model)
      const key = randomKey(random)
      const value = BigInt(i)
      let raw = from.raw
      const kind = random.below(8)
      if (kind < 5) {
        model.set(textOf(key), [key, value])
        raw = call("assoc", raw, rt.toRaw(key), rt.toRaw(value))
      } else if (kind < 7) {
        const gone = model.size && random.below(2) ? random.pick([...model.values()])[0] : key
        model.delete(textOf(gone))
        raw = call("dissoc", raw, rt.toRaw(gone))
      } else {
        const other = random.pick(versions)
        for (const [t, e] of other.model) model.set(t, e)
        raw = call("merge", raw, other.raw)
      }
      versions.push({ raw, model })
      const probe = randomKey(random)
      expect(rt.fromRaw(call("get", raw, rt.toRaw(probe), rt.toRaw(":none")))).toEqual(model.get(textOf(probe))?.[1] ?? ":none")
    }
    for (const { raw, model } of versions) {
      const entries = [...model.values()].sort((a, b) => inMapOrder(a[0], b[0]))
      expect(rt.fromRaw(raw)).toEqual({ kind: "map", entries })
      expect(rt.fromRaw(call("count", raw))).toBe(BigInt(model.size))
    }
  }
})

test("maps compare by content, whatever their history", () => {
  const rt = openRuntime()
  const call = (name: string, ...args: Raw[]): Raw => rt.invoke(rt.builtin(name), ...args)
  const int = (n: number): Raw => rt.raw("int", BigInt(n))
  let up = call("hash-map")
  let down = call("hash-map")
  for (let i = 0; i < 500; i++) {
    up = call("assoc", up, int(i), int(i))
    down = call("assoc", down, int(499 - i), int(499 - i))
  }
  expect(rt.fromRaw(call("=", up, down))).toBe(true)
  for (let i = 3; i < 500; i++) up = call("dissoc", up, int(i))
  expect(rt.fromRaw(call("=", up, call("hash-map", int(2), int(2), int(1), int(1), int(0), int(0))))).toBe(true)
})

test("keys with equal hashes live side by side", () => {
  // The hash of an integer is the high half of (n ^ n >> 32) × a constant: multiples of 2^32 collide in pairs with their high half.
  const rt = openRuntime()
  const call = (name: string, ...args: Raw[]): Raw => rt.invoke(rt.builtin(name), ...args)
  const mixed = (n: bigint): bigint =>
    (BigInt.asUintN(64, (BigInt.asUintN(64, n) ^ (BigInt.asUintN(64, n) >> 32n)) * 0x9e3779b97f4a7c15n) >> 32n) & 0xffffffffn
  // n and n' with n ^ n >> 32 differing by a multiple of the constant's inverse in the low half only.
  const inverse = 0xf1de83e19937733dn
  const pairs: bigint[] = []
  for (let low = 0n; low < 40n; low++) {
    const y = BigInt.asUintN(64, ((0x12345678n << 32n) | low) * inverse)
    pairs.push(BigInt.asIntN(64, y ^ (y >> 32n)))
  }
  expect(new Set(pairs.map(mixed)).size).toBe(1)
  let m = call("hash-map")
  for (const k of pairs) m = call("assoc", m, rt.toRaw(k), rt.toRaw(k))
  for (const k of pairs) expect(rt.fromRaw(call("get", m, rt.toRaw(k)))).toBe(k)
  for (const k of pairs.slice(1)) m = call("dissoc", m, rt.toRaw(k))
  expect(rt.fromRaw(m)).toEqual({ kind: "map", entries: [[pairs[0], pairs[0]]] })
})

test("strings keep their older versions when appended to in place", () => {
  const random = createRandom(8)
  const rt = openRuntime()
  const versions = [{ raw: rt.toRaw("x".repeat(40)), model: "x".repeat(40) }]
  for (let i = 0; i < 2000; i++) {
    const from = random.below(5) ? versions.at(-1)! : random.pick(versions)
    const more = random.pick(["a", "é", "😀", "bcd", "", "0123456789".repeat(5)])
    versions.push({ raw: rt.invoke(rt.builtin("str"), from.raw, rt.toRaw(more)), model: from.model + more })
  }
  for (const { raw, model } of versions) {
    expect(rt.fromRaw(raw)).toBe(model)
    expect(rt.fromRaw(rt.invoke(rt.builtin("string-length"), raw))).toBe(BigInt([...model].length))
  }
})
