import { describe, expect, test } from "vitest"
import wabt from "wabt"
import { Bytes } from "../../../../electron/engine/core/compiler/bytes.ts"
import { Code, exnref, f64, i32, i64, op } from "../../../../electron/engine/core/compiler/code.ts"
import { ModuleBuilder, nameSection } from "../../../../electron/engine/core/compiler/encode.ts"
import { toHex } from "../../../../electron/engine/core/digest.ts"
import { walk } from "../../../../electron/engine/core/wasm-walk.ts"

describe("numbers in LEB128", () => {
  test.each([
    [0, "00"],
    [127, "7f"],
    [128, "8001"],
    [624_485, "e58e26"],
    [0xffff_ffff, "ffffffff0f"]
  ])("unsigned %i", (value, hex) => {
    expect(toHex(new Bytes().u32(value).take())).toBe(hex)
  })

  test.each([
    [0, "00"],
    [63, "3f"],
    [64, "c000"],
    [-64, "40"],
    [-65, "bf7f"],
    [-123_456, "c0bb78"],
    [-(2 ** 31), "8080808078"]
  ])("signed %i", (value, hex) => {
    expect(toHex(new Bytes().s32(value).take())).toBe(hex)
    expect(toHex(new Bytes().s64(BigInt(value)).take())).toBe(hex)
  })

  test("signed, of 64 bits", () => {
    expect(toHex(new Bytes().s64(2n ** 63n - 1n).take())).toBe("ffffffffffffffffff00")
    expect(toHex(new Bytes().s64(-(2n ** 63n)).take())).toBe("8080808080808080807f")
  })
})

function everyFeature(): ModuleBuilder {
  const builder = new ModuleBuilder()
  builder.importMemory("rt", "memory", 1, 4096)
  builder.importTable("rt", "table", 4, null)
  const tag = builder.importTag("rt", "err", [i64])
  const alloc = builder.importFunction("rt", "alloc", [i32], [i32])
  const fuel = builder.global(i64, true, 7n)
  const half = builder.global(f64, false, 0.5)
  const down = builder.declare("down", [i64], [i64])
  const body = new Code(1)
  body.get(0).op(op.i64Eqz).if().i64(3n).op(op.return).op(op.end)
  body.get(0).i64(1n).op(op.i64Sub).returnCall(down)
  builder.define(down, body)
  const guarded = builder.declare("guarded", [i64], [i64])
  const guard = new Code(1)
  const pending = guard.local(exnref)
  guard.block({ type: builder.type([], [i64, exnref]) }).tryTable(0x40, tag, 0, true)
  guard.get(0).throw(tag)
  guard.op(op.end).op(op.unreachable).op(op.end).set(pending)
  guard.get(pending).refIsNull().if().get(pending).op(op.throwRef).op(op.end)
  builder.define(guarded, guard)
  const tables = builder.declare("tables", [i32], [i64])
  const table = new Code(1)
  table.i32(8).call(alloc).i32(0).i32(3).memoryInit(0)
  table.refNullFunc().i32(1).tableGrow().op(op.drop)
  table.globalGet(fuel).globalSet(fuel).globalGet(half).op(op.drop)
  table
    .i64(1n)
    .get(0)
    .returnCallIndirect(builder.type([i64], [i64]))
  builder.define(tables, table)
  builder.element(down)
  builder.setData(Uint8Array.of(1, 2, 3))
  builder.exportFunction("down", down)
  builder.exportFunction("guarded", guarded)
  builder.exportFunction("tables", tables)
  builder.exportGlobal("rtfs:fuel", fuel)
  builder.custom("name", nameSection(builder.functionNames()))
  return builder
}

describe("a module that uses everything the encoder has", () => {
  test("is valid, here and in wabt", async () => {
    const bytes = everyFeature().encode()
    expect(WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>)).toBe(true)
    const module = (await wabt()).readWasm(bytes, { exceptions: true, tail_call: true, bulk_memory: true, reference_types: true })
    module.validate()
    module.destroy()
  })

  test("passes our own walk", () => {
    const walked = walk(everyFeature().encode())
    if (walked.kind === "rejected") throw new Error(walked.detail)
    expect(walked.shape.imports.map(one => `${one.module}.${one.name}:${one.extern.kind}`)).toEqual([
      "rt.alloc:function",
      "rt.table:table",
      "rt.memory:memory",
      "rt.err:tag"
    ])
    expect(walked.shape.exports.map(one => one.name)).toEqual(["down", "guarded", "tables", "rtfs:fuel"])
    expect(walked.shape).toMatchObject({ functions: 3, dataBytes: 3, hasStart: false, tags: 0 })
  })

  test("has the same bytes every time", () => {
    expect(toHex(everyFeature().encode())).toBe(toHex(everyFeature().encode()))
  })

  test("catches what it throws and jumps in constant stack", () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 4096 })
    const table = new WebAssembly.Table({ initial: 4, element: "anyfunc" })
    const rt = { memory, table, err: new WebAssembly.Tag({ parameters: ["i64"] }), alloc: () => 64 }
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(everyFeature().encode() as Uint8Array<ArrayBuffer>), {
      rt
    } as unknown as WebAssembly.Imports)
    expect((exports.down as (n: bigint) => bigint)(1_000_000n)).toBe(3n)
    expect((exports.guarded as (n: bigint) => bigint)(42n)).toBe(42n)
  })
})

test("locals of one type are shared once given back, and declared in runs", () => {
  const code = new Code(1)
  const first = code.local(i64)
  code.release(first)
  expect(code.local(i64)).toBe(first)
  expect(code.local(i64)).toBe(2)
  expect(code.local(i32)).toBe(3)
  expect(code.locals).toEqual([i64, i64, i32])
})

test("a function declared and never defined is a defect that is named", () => {
  const builder = new ModuleBuilder()
  builder.declare("lost", [], [])
  expect(() => builder.encode()).toThrow("lost")
})
