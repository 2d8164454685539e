/** Calls across the boundary between runtime and Module: descriptors, depth, errors, matching, types, host replies. */
import { describe, expect, test } from "vitest"
import { encodeValue } from "../../../electron/engine/core/codec.ts"
import type { Value } from "../../../shared/value.ts"
import { keyword } from "../../../shared/value.ts"
import { install } from "./closures.ts"
import type { Runtime } from "./harness.ts"
import { manifest, openRuntime, Raised } from "./harness.ts"

const identity = { arity: 1, body: "local.get $0" }
const plus = { arity: 2, body: "(call $add (local.get $0) (local.get $1))" }
const remaining = { arity: 1, body: "(i64.or (i64.shl (i64.extend_i32_s (local.get $depth)) (i64.const 1)) (i64.const 1))" }

describe("closures", () => {
  test("are called by built-ins with the right number of arguments", () => {
    const rt = openRuntime()
    const [id, add] = install(rt, [identity, plus]) as [bigint, bigint]
    expect(rt.fromRaw(rt.invoke(rt.builtin("map"), id, rt.toRaw([1n, "a"])))).toEqual([1n, "a"])
    expect(rt.fromRaw(rt.invoke(rt.builtin("reduce"), add, rt.toRaw([1n, 2n, 3.5])))).toBe(6.5)
    expect(rt.fromRaw(rt.invoke(rt.builtin("apply"), add, rt.toRaw([1n, 2n])))).toBe(3n)
    expect(() => rt.invoke(rt.builtin("map"), add, rt.toRaw([1n]))).toThrow("Arity mismatch in user-defined function: expected 2, got 1")
    expect(() => rt.invoke(id)).toThrow("expected 1, got 0")
    expect(() => rt.invoke(id, 1n, 1n, 1n, 1n, 1n, 1n)).toThrow("expected 1, got 6")
  })

  test("equal only themselves, and print as functions", () => {
    const rt = openRuntime()
    const [f, g] = install(rt, [identity, identity]) as [bigint, bigint]
    expect(rt.raw("equal", f, f)).toBe(1)
    expect(rt.raw("equal", f, g)).toBe(0)
    expect(rt.fromRaw(rt.raw("print", f))).toBe("#<fn>")
    expect(rt.fromRaw(f)).toEqual({ kind: "function" })
  })

  test("get the caller's remaining calls through every built-in that calls back", () => {
    const rt = openRuntime()
    const [f] = install(rt, [remaining]) as [bigint]
    const depth = BigInt(manifest.recursionLimit)
    const one = rt.toRaw([0n])
    expect(rt.fromRaw(rt.invoke(rt.builtin("map"), f, one))).toEqual([depth])
    expect(rt.fromRaw(rt.invoke(rt.builtin("filter"), f, one))).toEqual([0n])
    expect(rt.fromRaw(rt.invoke(rt.builtin("apply"), f, rt.toRaw([0n])))).toBe(depth)
    expect(rt.fromRaw(rt.invoke(rt.builtin("update"), rt.toRaw([0n]), rt.toRaw(0n), f))).toEqual([depth])
    expect(rt.fromRaw(rt.invoke(rt.builtin("group-by"), f, rt.toRaw([0n])))).toEqual({ kind: "map", entries: [[depth, [0n]]] })
    // A built-in called by a built-in takes no call of its own.
    expect(
      rt.fromRaw(
        rt.invoke(
          rt.builtin("apply"),
          rt.builtin("apply"),
          rt.invoke(rt.builtin("vector"), rt.builtin("map"), f, rt.invoke(rt.builtin("vector"), one))
        )
      )
    ).toEqual([depth])
  })

  test("stop at depth 0 with the catchable recursion-limit", () => {
    const rt = openRuntime()
    const [f] = install(rt, [identity]) as [bigint]
    expect(rt.guard(() => rt.raw("invoke1", f, 7n, 1))).toBe(7n)
    expect(() => rt.guard(() => rt.raw("invoke1", f, 7n, 0))).toThrow(new Raised("recursion-limit", "Recursion limit exceeded"))
  })
})

describe("destructuring and match", () => {
  test("vectors by length, with and without rest", () => {
    const rt = openRuntime()
    const v = rt.toRaw([1n, 2n, 3n])
    expect(rt.raw("matchVector", v, 3, 0)).toBe(1)
    expect(rt.raw("matchVector", v, 2, 0)).toBe(0)
    expect(rt.raw("matchVector", v, 2, 1)).toBe(1)
    expect(rt.raw("matchVector", rt.toRaw({ kind: "list", items: [1n] }), 1, 0)).toBe(0)
    expect(() => rt.guard(() => rt.raw("destructureVector", v, 2, 0))).toThrow(
      "Type error in destructuring: expected vector of 2 elements, got 3"
    )
    expect(() => rt.guard(() => rt.raw("destructureVector", rt.toRaw(null), 2, 0))).toThrow("expected vector, got nil")
    expect(rt.fromRaw(rt.raw("restVector", v, 1))).toEqual([2n, 3n])
    expect(rt.fromRaw(rt.raw("restVector", v, 3))).toEqual([])
    expect(rt.fromRaw(rt.raw("at", v, 1))).toBe(2n)
  })

  test("maps by their keys", () => {
    const rt = openRuntime()
    const m = rt.toRaw({
      kind: "map",
      entries: [
        ["a", 1n],
        ["b", null]
      ]
    })
    expect(rt.raw("lookup", m, rt.toRaw("b"))).toBe(0n)
    expect(rt.raw("lookup", m, rt.toRaw("c"))).toBe(6n)
    expect(rt.raw("lookupNil", m, rt.toRaw([1n]))).toBe(0n)
    expect(rt.raw("matchMap", m, 2, 0)).toBe(1)
    expect(rt.raw("matchMap", m, 1, 0)).toBe(0)
    expect(rt.raw("matchMap", m, 1, 1)).toBe(1)
    const keys = rt.raw("args", 1) as number
    new BigInt64Array(rt.memory.buffer, keys, 1)[0] = rt.toRaw("a")
    expect(rt.fromRaw(rt.raw("mapWithout", m, keys, 1))).toEqual({ kind: "map", entries: [["b", null]] })
    expect(() => rt.guard(() => rt.raw("destructureMap", 0n))).toThrow("expected map, got nil")
  })

  test("rest arguments become a list over the arguments themselves", () => {
    const rt = openRuntime()
    for (const n of [0, 1, 5, 40, 100]) {
      const args = rt.raw("args", n) as number
      new BigInt64Array(rt.memory.buffer, args, n).set(Array.from({ length: n }, (_, i) => BigInt(2 * i + 1)))
      const from = Math.min(2, n)
      expect(rt.fromRaw(rt.raw("rest", args, n, from))).toEqual({
        kind: "list",
        items: Array.from({ length: n - from }, (_, i) => BigInt(i + from))
      })
    }
  })

  test("sources of for and dotimes are checked", () => {
    const rt = openRuntime()
    expect(rt.raw("forSource", rt.toRaw([1n]))).toBe(1)
    expect(() => rt.guard(() => rt.raw("forSource", rt.toRaw("ab")))).toThrow("Type error in for: expected vector or list, got string")
    expect(rt.raw("dotimesCount", rt.toRaw(-3n))).toBe(-3n)
    expect(() => rt.guard(() => rt.raw("dotimesCount", rt.toRaw(1.5)))).toThrow("Type error in dotimes: expected integer, got float")
  })
})

/** Type descriptor from opcodes and literals; strings in it are text of a name with its length. */
function descriptor(rt: Runtime, code: Uint8Array, text = ""): number {
  const name = new TextEncoder().encode(text)
  const at = rt.raw("alloc", 1 + name.length + code.length) as number
  new Uint8Array(rt.memory.buffer, at, 1 + name.length + code.length).set([name.length, ...name, ...code])
  return at
}

const lit = (v: Value): number[] => [...encodeValue(v)]
const entry = (key: string, type: number[], flags = 0): number[] => [flags, key.length, ...new TextEncoder().encode(key), ...type]
const list = (...items: Value[]): Value => ({ kind: "list", items })
const map = (...entries: [string, Value][]): Value => ({ kind: "map", entries })

const types: readonly (readonly [string, number[], Value[], Value[]])[] = [
  [":any", [0x00], [null, 1n], []],
  [":never", [0x01], [], [null, 1n]],
  [":int", [0x02], [1n, 2n ** 62n], [1, null]],
  [":float", [0x03], [1, 1n], ["1"]],
  [":string", [0x04], ["a"], [keyword("a")]],
  [":bool", [0x05], [true, false], [null]],
  [":nil", [0x06], [null], [false]],
  [":keyword", [0x07], [keyword("a")], ["a"]],
  [":symbol", [0x08], [], [keyword("a")]],
  [":fn", [0x09], [], [keyword("a"), 1n]],
  ["[:vector :int]", [0x10, 0x02], [[], [1n, 2n]], [[1n, "a"], list(1n)]],
  ["[:tuple :int [:vector :string]]", [0x11, 2, 0x02, 0x10, 0x04], [[1n, ["a"]]], [[1n], [1n, [2n]], list(1n, [])]],
  [
    "[:map [:a :int] [:b :string ?]]",
    [0x12, 2, ...entry("a", [0x02]), ...entry("b", [0x04], 1)],
    [map(["a", 1n]), map(["a", 1n], ["b", "x"], ["c", null])],
    [map(["a", "x"]), map(["b", "x"]), map(["a", 1n], ["b", 2n]), null]
  ],
  ["fields by keyword alone", [0x12, 1, ...entry("a", [0x02], 2)], [{ kind: "map", entries: [[keyword("a"), 1n]] }], [map(["a", 1n])]],
  ["[:map-of :string :int]", [0x13, 0x04, 0x02], [map(), map(["a", 1n])], [map(["a", "b"]), { kind: "map", entries: [[1n, 1n]] }]],
  ["[:union :int [:tuple :nil]]", [0x14, 2, 0x02, 0x11, 1, 0x06], [1n, [null]], [[1n], "a"]],
  ["[:and :int [:> 0] [:<= 10]]", [0x15, 3, 0x02, 0x20, ...lit(0n), 0x23, ...lit(10n)], [1n, 10n], [0n, 11n, 5, null]],
  ["[:enum 1 :a]", [0x16, 2, ...lit(1n), ...lit(keyword("a"))], [1n, keyword("a")], [1, "a"]],
  ["[:val [1]]", [0x17, ...lit([1n])], [[1n]], [[1]]],
  ["[:array :int [2]]", [0x18, 3, 0x02], [[1n, 2n]], [[1n], [1n, "a"]]],
  ["[:array :int]", [0x18, 0, 0x02], [[], [1n]], [["a"]]],
  [":int?", [0x19, 0x02], [null, 1n], ["a"]],
  ["[:in-range 0.5 1.5]", [0x15, 1, 0x26, ...lit(0.5), ...lit(1.5)], [0.5, 1, 1.5], [1n, 2]],
  ["[:!= 3]", [0x15, 1, 0x25, ...lit(3n)], [2n], [3n, 2]],
  ["[:< 3] [:= 2]", [0x15, 2, 0x21, ...lit(3n), 0x24, ...lit(2n)], [2n], [1n]],
  ["[:>= 3]", [0x15, 1, 0x22, ...lit(3n)], [3n], [2n]],
  ["lengths of strings", [0x15, 2, 0x30, 2, 0x31, 3], ["é😀", "abc"], ["a", "abcd", [1n, 2n]]],
  ["[:length 2]", [0x15, 1, 0x32, 2], ["é😀"], ["a"]],
  ['[:matches-regex "^a+$"]', [0x15, 1, 0x33, ...lit("^a+$")], ["aa"], ["ab", 1n]],
  ["counts", [0x15, 2, 0x34, 1, 0x35, 2], ["ab", [1n], map(["a", 1n]), list(1n, 2n)], ["", [1n, 2n, 3n], 5n]],
  ["[:count 2]", [0x15, 1, 0x36, 2], ["ab", [1n, 2n]], [[1n], null]],
  ["[:non-empty]", [0x15, 1, 0x37], ["a", [1n]], ["", [], null]],
  ["[:has-key :a]", [0x15, 1, 0x38, ...lit(keyword("a"))], [{ kind: "map", entries: [[keyword("a"), null]] }], [map(["a", 1n]), null]],
  ['[:required-keys ["a" "b"]]', [0x15, 1, 0x39, 2, ...lit("a"), ...lit("b")], [map(["a", 1n], ["b", 1n])], [map(["a", 1n]), 1n]]
]

describe("types", () => {
  test.each(types)("%s", (text, code, yes, no) => {
    const rt = openRuntime()
    const type = descriptor(rt, Uint8Array.from(code), text)
    for (const v of yes) expect([v, rt.raw("checkType", rt.toRaw(v), type)]).toEqual([v, 1])
    for (const v of no) expect([v, rt.raw("checkType", rt.toRaw(v), type)]).toEqual([v, 0])
    // Twice in a row: literals are kept, positions inside the descriptor are right after success and failure alike.
    const pair = descriptor(rt, Uint8Array.from([0x11, 2, ...code, 0x02]))
    for (const v of yes) expect(rt.raw("checkType", rt.toRaw([v, 1n]), pair)).toBe(1)
    const either = descriptor(rt, Uint8Array.from([0x14, 2, ...code, 0x00]))
    for (const v of [...yes, ...no]) expect(rt.raw("checkType", rt.toRaw(v), either)).toBe(1)
    for (const v of no)
      expect(() => rt.guard(() => rt.raw("expectType", rt.toRaw(v), type))).toThrow(`Type validation failed: expected ${text}, got`)
  })

  test("functions are functions, keywords are not", () => {
    const rt = openRuntime()
    const type = descriptor(rt, Uint8Array.from([0x09]))
    expect(rt.raw("checkType", rt.builtin("inc"), type)).toBe(1)
  })

  test("rest elements are checked one by one", () => {
    const rt = openRuntime()
    const type = descriptor(rt, Uint8Array.from([0x02]), ":int")
    rt.raw("expectElements", rt.toRaw(list(1n, 2n)), type)
    expect(() => rt.guard(() => rt.raw("expectElements", rt.toRaw(list(1n, "a")), type))).toThrow(
      new Raised("type-validation", "Type validation failed: expected :int, got string")
    )
  })
})

describe("errors", () => {
  test("every helper raises its category and text", () => {
    const rt = openRuntime()
    const s = (v: string): bigint => rt.toRaw(v)
    const raised: [() => never, string, string][] = [
      [() => rt.raw("undefinedSymbol", s("foo")), "undefined-symbol", "Undefined symbol: foo"],
      [() => rt.raw("matchError"), "match-error", "Match error: No matching clause"],
      [() => rt.raw("recursionLimit"), "recursion-limit", "Recursion limit exceeded"],
      [() => rt.raw("overflow", 6), "integer-overflow", "Integer overflow in inc"],
      [() => rt.raw("divisionByZero"), "division-by-zero", "Division by zero"],
      [() => rt.raw("typeError", s("op"), s("x"), s("y")), "type-error", "Type error in op: expected x, got string"],
      [() => rt.raw("arityOf", s("f"), 2, -1, 1), "arity-mismatch", "Arity mismatch in f: expected at least 2, got 1"],
      [() => rt.raw("addInt", 2n ** 63n - 1n, 1n), "integer-overflow", "Integer overflow in +"],
      [() => rt.raw("subInt", -(2n ** 63n), 1n), "integer-overflow", "Integer overflow in -"],
      [() => rt.raw("mulInt", 2n ** 62n, 2n), "integer-overflow", "Integer overflow in *"],
      [() => rt.raw("modInt", 1n, 0n), "division-by-zero", "Division by zero"],
      ...manifest.errorCategories.map((c, i) => [() => rt.raw("fail", i, s("m")), c, "m"] as [() => never, string, string])
    ]
    for (const [work, category, message] of raised) expect(() => rt.guard(work)).toThrow(new Raised(category, message))
  })

  test("a caught error is a value: printed, compared by message, raised again", () => {
    const rt = openRuntime()
    let caught = 0n
    try {
      rt.raw("divisionByZero")
    } catch (fault) {
      caught = (fault as WebAssembly.Exception).getArg(rt.tag, 0) as bigint
    }
    expect(rt.call("=", { kind: "error", message: "Division by zero", category: "type-error" }, rt.fromRaw(caught))).toBe(true)
    expect(rt.fromRaw(rt.invoke(rt.builtin("getMessage"), caught))).toBe("Division by zero")
    expect(() => rt.guard(() => rt.raw("raise", caught))).toThrow(new Raised("division-by-zero", "Division by zero"))
  })
})

describe("the host", () => {
  const reply = (rt: Runtime, answer: Value): bigint => {
    const bytes = encodeValue(answer)
    const at = rt.raw("alloc", bytes.length + 4) as number
    new DataView(rt.memory.buffer).setUint32(at, bytes.length, true)
    new Uint8Array(rt.memory.buffer, at + 4, bytes.length).set(bytes)
    return rt.guard(() => rt.raw("reply", at))
  }

  test("answers a value or a failure", () => {
    const rt = openRuntime()
    expect(rt.fromRaw(reply(rt, [0n, { kind: "map", entries: [["a", [1n]]] }]))).toEqual({ kind: "map", entries: [["a", [1n]]] })
    expect(() => reply(rt, [1n, "no such key"])).toThrow(new Raised("runtime-error", "no such key"))
    for (const bad of [[2n, 1n], [0n], 5n, [1n, 5n]] as Value[]) expect(() => reply(rt, bad)).toThrow("malformed")
  })

  test("gets plain data only", () => {
    const rt = openRuntime()
    const send = (...values: bigint[]): Value => {
      const args = rt.raw("args", values.length) as number
      new BigInt64Array(rt.memory.buffer, args, values.length).set(values)
      const at = rt.guard(() => rt.raw("encodeArguments", args, values.length) as number)
      const length = new DataView(rt.memory.buffer).getUint32(at, true)
      return rt.fromRaw(rt.raw("decode", at + 4, length))
    }
    expect(send(rt.toRaw(1n), rt.toRaw(["a"]))).toEqual([1n, ["a"]])
    expect(() => send(rt.builtin("inc"))).toThrow("Type error in call: expected plain data, got function")
    expect(() => send(rt.toRaw([{ kind: "error", message: "m", category: "type-error" }]))).toThrow("got error")
  })

  test("may call a built-in on encoded arguments", () => {
    const rt = openRuntime()
    const bytes = encodeValue(["[0-9]+", "a42"])
    const at = rt.raw("alloc", bytes.length) as number
    new Uint8Array(rt.memory.buffer, at, bytes.length).set(bytes)
    const index = manifest.builtins.find(b => b.name === "re-find")?.index as number
    const out = rt.guard(() => rt.raw("callEncoded", index, at, bytes.length) as number)
    expect(rt.fromRaw(rt.raw("decode", out + 4, new DataView(rt.memory.buffer).getUint32(out, true)))).toBe("42")
  })
})
