import fc from "fast-check"
import { beforeAll, describe, expect, test } from "vitest"
import wabt from "wabt"
import {
  abiName,
  admit,
  clampOf,
  jsonBytes,
  plainArgumentsOf,
  plainEntryOf,
  plainInterfaceText,
  plainResultOf,
  sectionsOf,
  spliced
} from "../../../electron/engine/core/admission.ts"
import { customSection } from "../../../electron/engine/core/compiler/encode.ts"
import { digestOf, fromHex } from "../../../electron/engine/core/digest.ts"
import type { WasmShape } from "../../../electron/engine/core/wasm-walk.ts"
import { walk } from "../../../electron/engine/core/wasm-walk.ts"

let parse: (text: string) => Uint8Array

beforeAll(async () => {
  const tool = await wabt()
  const features = {
    threads: true,
    exceptions: true,
    simd: true,
    memory64: true,
    multi_memory: true,
    tail_call: true,
    bulk_memory: true,
    reference_types: true,
    relaxed_simd: true
  }
  parse = text => {
    const module = tool.parseWat("test.wat", text, features)
    const bytes = module.toBinary({}).buffer
    module.destroy()
    return bytes
  }
})

function shapeOf(bytes: Uint8Array): WasmShape {
  const walked = walk(bytes)
  if (walked.kind === "rejected") throw new Error(walked.detail)
  return walked.shape
}

const header = "0061736d01000000"

describe("a module from outside is refused:", () => {
  const texts: readonly (readonly [reason: string, name: string, text: string])[] = [
    ["forbidden-import", "an import of anything", '(module (import "env" "f" (func)))'],
    ["forbidden-import", "an import of the runtime", '(module (import "rt" "alloc" (func (param i32) (result i32))))'],
    ["forbidden-feature", "shared memory", "(module (memory 1 2 shared))"],
    ["forbidden-feature", "64-bit memory", "(module (memory i64 1))"],
    ["forbidden-feature", "two memories", "(module (memory 1) (memory 1))"],
    ["forbidden-feature", "atomics", "(module (memory 1) (func (drop (i32.atomic.load (i32.const 0)))))"],
    ["forbidden-feature", "atomic fences in dead code", "(module (func return atomic.fence))"],
    ["forbidden-feature", "legacy exceptions", "(module (tag $e) (func try throw $e catch $e end))"],
    ["too-large", "more table entries than the limit", "(module (table 70000 funcref))"]
  ]
  test.each(texts)("%s: %s", (reason, _, text) => {
    expect(admit(parse(text))).toMatchObject({ kind: "rejected", reason })
  })

  const hex: readonly (readonly [reason: string, name: string, hex: string])[] = [
    ["invalid-module", "no bytes at all", ""],
    ["invalid-module", "another magic number", "0061736e01000000"],
    ["invalid-module", "version 2", "0061736d02000000"],
    ["invalid-module", "a section longer than the module", `${header}01ff01`],
    ["invalid-module", "a section twice", `${header}010100010100`],
    ["invalid-module", "sections out of order", `${header}030100010100`],
    ["invalid-module", "an overlong number", `${header}01808080808000`],
    ["invalid-module", "a count without items", `${header}0102ff01`],
    ["invalid-module", "functions without bodies", `${header}01040160000003020100`],
    ["forbidden-section", "a section of the future", `${header}0e0100`],
    ["forbidden-section", "sections of compiled Modules", `${header}000a08727466732e61626900`],
    ["forbidden-feature", "a structure type", `${header}0104015f0000`],
    ["forbidden-feature", "a recursion group", `${header}0107014e016000006000`],
    ["forbidden-feature", "relaxed SIMD", `${header}010401600000030201000a0801060000fd80020b`],
    ["forbidden-feature", "garbage collection instructions", `${header}010401600000030201000a0701050000fb000b`],
    ["forbidden-feature", "stack switching", `${header}010401600000030201000a0701050000e0000b`]
  ]
  test.each(hex)("%s: %s", (reason, _, bytes) => {
    expect(admit(fromHex(bytes))).toMatchObject({ kind: "rejected", reason })
  })

  test("too-large: more bytes, functions or data than the limits", () => {
    expect(admit(new Uint8Array(1_048_577))).toMatchObject({ reason: "too-large" })
    expect(admit(parse(`(module ${"(func)".repeat(2_001)})`))).toMatchObject({ reason: "too-large" })
    expect(admit(parse("(module (memory 4097))"))).toMatchObject({ reason: "too-large" })
    expect(admit(parse("(module (memory 4096))"))).toMatchObject({ kind: "admitted" })
    expect(admit(parse(`(module (memory 8) (data (i32.const 0) "${"x".repeat(262_145)}"))`))).toMatchObject({ reason: "too-large" })
  })

  test("random changes of a module never throw", () => {
    const module = parse(
      '(module (memory 1) (table 2 funcref) (global (mut i64) (i64.const 9)) (func (export "f") (param i64) (result i64) (if (result i64) (i64.eqz (local.get 0)) (then (i64.const 1)) (else (local.get 0)))) (elem (i32.const 0) 0) (data (i32.const 4) "abc"))'
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(module.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), changes => {
        const changed = module.slice()
        for (const [at, byte] of changes) changed[at] = byte
        expect(["admitted", "rejected"]).toContain(admit(changed).kind)
      }),
      { numRuns: 3_000 }
    )
  })
})

describe("a plain module", () => {
  test("is admitted with memory, table, globals, tags and a start function", () => {
    const text =
      '(module (memory 1) (table 1 funcref) (global i32 (i32.const 1)) (tag) (func $s) (start $s) (func (export "add") (param i64 i64) (result i64) (i64.add (local.get 0) (local.get 1))))'
    expect(admit(parse(text))).toMatchObject({ kind: "admitted", profile: "plain", shape: { hasStart: true, functions: 2 } })
  })

  test.each([
    ['(module (func (export "add") (param i64 i64) (result i64) (local.get 0)))', null, "add", "(interface 1 [:fn [:int :int] :int] [])"],
    [
      '(module (func (export "main") (param f64 f32 i32)) (func (export "b")))',
      null,
      "main",
      "(interface 1 [:fn [:float :float :int] :nil] [])"
    ],
    [
      '(module (func (export "a")) (func (export "b") (result i64 f64) (i64.const 1) (f64.const 2)))',
      "b",
      "b",
      "(interface 1 [:fn [] [:tuple :int :float]] [])"
    ]
  ])("has an Interface: %s", (text, wanted, name, canonical) => {
    const entry = plainEntryOf(shapeOf(parse(text)), wanted)
    if (entry.kind === "rejected") throw new Error(entry.detail)
    expect(entry.name).toBe(name)
    expect(plainInterfaceText(entry)).toBe(canonical)
  })

  test.each([
    ["no-such-export", '(module (func (export "a")) (func (export "b")))', null],
    ["no-such-export", "(module)", null],
    ["no-such-export", '(module (func (export "a")))', "b"],
    ["not-callable", '(module (memory (export "m") 1))', "m"],
    ["not-callable", '(module (func (export "v") (param v128)))', null],
    ["not-callable", '(module (func (export "v") (result funcref) (ref.null func)))', null]
  ])("%s: %s", (reason, text, name) => {
    expect(plainEntryOf(shapeOf(parse(text)), name)).toMatchObject({ kind: "rejected", reason })
  })

  test("has its arguments checked before it runs", () => {
    const entry = plainEntryOf(shapeOf(parse('(module (func (export "f") (param i32 i64 f64)))')), null)
    if (entry.kind === "rejected") throw new Error(entry.detail)
    expect(plainArgumentsOf(entry, [1n, 2n, 3n])).toEqual({ kind: "arguments", numbers: [1, 2n, 3] })
    expect(plainArgumentsOf(entry, [1n, 2n])).toMatchObject({ kind: "failed", category: "arity-mismatch" })
    for (const args of [
      [2n ** 31n, 0n, 0],
      [1.5, 0n, 0],
      [0n, 1.5, 0],
      [0n, 0n, "x"],
      [true, 0n, 0]
    ])
      expect(plainArgumentsOf(entry, args)).toMatchObject({ kind: "failed", category: "type-validation" })
  })

  test("answers integers, floats, nil or a vector", () => {
    const of = (results: ("i32" | "i64" | "f64")[]) => ({ kind: "entry", name: "f", params: [], results }) as const
    expect(plainResultOf(of([]), [])).toBeNull()
    expect(plainResultOf(of(["i32"]), [-1])).toBe(-1n)
    expect(plainResultOf(of(["i64", "f64"]), [7n, 0.5])).toEqual([7n, 0.5])
  })
})

describe("the memory cap", () => {
  test.each([
    ["(module (memory 1))", 16, 16],
    ["(module (memory 2 9))", 16, 9],
    ["(module (memory 2 300))", 130, 130]
  ])("of %s under %i pages is %i", (text, cap, max) => {
    const bytes = parse(text)
    const splices = clampOf(shapeOf(bytes), cap)
    if ("kind" in splices) throw new Error(splices.detail)
    const clamped = spliced(bytes, splices)
    expect(shapeOf(clamped).memories[0]?.max).toBe(max)
    expect(WebAssembly.validate(clamped as Uint8Array<ArrayBuffer>)).toBe(true)
  })

  test("refuses a module that starts above it", () => {
    expect(clampOf(shapeOf(parse("(module (memory 17))")), 16)).toMatchObject({ kind: "rejected", reason: "too-large" })
  })
})

describe("a linked Module", () => {
  const runtimeText =
    '(module (memory (export "memory") 1 4096) (tag (export "err") (param i64)) (global (export "fuel") (mut i64) (i64.const 0)) (func (export "alloc") (param i32) (result i32) (local.get 0)))'
  const digest = digestOf(new Uint8Array())

  function linked(imports: string, caps: readonly string[] = [], change: Record<string, unknown> = {}): Uint8Array {
    const text = `(interface 1 [:fn [] :any] [${caps.map(one => `"${one}"`).join(" ")}])`
    const sections: Record<string, unknown> = {
      "rtfs.abi": { abi: abiName, runtime: digest, compiler: "c", features: "" },
      "rtfs.iface": { text, entry: "main", exports: [["main", "[:fn [] :any]"]] },
      "rtfs.caps": caps,
      "rtfs.deps": [],
      ...change
    }
    const customs = Object.entries(sections).map(([name, content]) => customSection(name, jsonBytes(content)))
    return Buffer.concat([parse(`(module ${imports})`), ...customs])
  }

  const alloc = '(import "rt" "alloc" (func (param i32) (result i32)))'
  const host = '(import "host" "call" (func (param i32 i32 i32) (result i32)))'

  test("is admitted when every import fits and its sections agree", () => {
    const runtime = shapeOf(parse(runtimeText))
    expect(admit(linked(alloc), runtime)).toMatchObject({ kind: "admitted", profile: "linked" })
    expect(
      admit(linked(`${alloc}${host}(import "rt" "err" (tag (param i64)))(import "rt" "memory" (memory 1 4096))`, ["kv.get"]), runtime)
    ).toMatchObject({ kind: "admitted" })
    expect(sectionsOf(shapeOf(linked(alloc)))).toMatchObject({ abi: abiName, runtime: digest, entry: "main", capabilities: [] })
  })

  test.each([
    ["forbidden-import", "another module", () => linked('(import "env" "alloc" (func (param i32) (result i32)))')],
    ["forbidden-import", "another name", () => linked('(import "rt" "steal" (func))')],
    ["forbidden-import", "another kind", () => linked('(import "rt" "alloc" (global i32))')],
    ["forbidden-import", "another type", () => linked('(import "rt" "alloc" (func (param i32) (result i64)))')],
    ["forbidden-import", "a global that is not mutable", () => linked('(import "rt" "fuel" (global i64))')],
    ["forbidden-import", "a memory with other limits", () => linked('(import "rt" "memory" (memory 1 17))')],
    ["forbidden-import", "host.call of another type", () => linked(`${alloc}(import "host" "call" (func))`, ["a"])],
    ["forbidden-import", "another function of the host", () => linked(`${alloc}(import "host" "clock" (func (result i64)))`, ["a"])],
    ["forbidden-section", "its own memory", () => linked(`${alloc}(memory 1)`)],
    ["forbidden-section", "its own table", () => linked(`${alloc}(table 1 funcref)`)],
    ["forbidden-section", "its own tag", () => linked(`${alloc}(tag)`)],
    ["forbidden-section", "a start function", () => linked(`${alloc}(func $s)(start $s)`)],
    ["abi-mismatch", "another ABI", () => linked(alloc, [], { "rtfs.abi": { abi: "rtfs-wasm-abi/9", runtime: digest, compiler: "c" } })],
    ["invalid-module", "no ABI section", () => linked(alloc, [], { "rtfs.abi": 5 })],
    ["invalid-module", "capabilities without the host import", () => linked(alloc, ["kv.get"])],
    ["invalid-module", "the host import without capabilities", () => linked(`${alloc}${host}`)],
    [
      "invalid-module",
      "effects that differ from the capabilities",
      () => linked(`${alloc}${host}`, ["kv.get"], { "rtfs.caps": ["kv.put"] })
    ]
  ])("%s: %s", (reason, _, bytes) => {
    expect(admit(bytes(), shapeOf(parse(runtimeText)))).toMatchObject({ kind: "rejected", reason })
  })
})
