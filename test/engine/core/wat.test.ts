import { existsSync, readFileSync } from "node:fs"
import fc from "fast-check"
import { beforeAll, describe, expect, it } from "vitest"
import wabt from "wabt"
import { Bytes } from "../../../electron/engine/core/compiler/bytes.ts"
import { Code, exnref, f64, funcref, i32, i64, op } from "../../../electron/engine/core/compiler/code.ts"
import { customSection, ModuleBuilder, nameSection } from "../../../electron/engine/core/compiler/encode.ts"
import { bulkNames, plainNames, vectorNames } from "../../../electron/engine/core/wasm-names.ts"
import { walk } from "../../../electron/engine/core/wasm-walk.ts"
import { watLimits, watOf } from "../../../electron/engine/core/wat.ts"

const features = {
  exceptions: true,
  tail_call: true,
  bulk_memory: true,
  multi_value: true,
  mutable_globals: true,
  reference_types: true,
  sat_float_to_int: true,
  sign_extension: true,
  simd: true
}

let parse: (text: string) => Uint8Array

beforeAll(async () => {
  const tool = await wabt()
  parse = text => {
    const module = tool.parseWat("printed.wat", text, features)
    try {
      return new Uint8Array(module.toBinary({}).buffer)
    } finally {
      module.destroy()
    }
  }
})

function textOf(bytes: Uint8Array): string {
  const wat = watOf(bytes)
  if (wat.kind !== "text" || wat.cut) throw new Error(`not printed: ${JSON.stringify(wat).slice(0, 300)}`)
  return wat.text
}

/** Sections in hex by id, without custom ones; the data count is left out, since the assembler writes it only where an instruction needs it. */
function sectionsOf(bytes: Uint8Array): Record<string, string> {
  const walked = walk(bytes)
  if (walked.kind === "rejected") throw new Error(walked.detail)
  return Object.fromEntries(
    walked.shape.sections
      .filter(section => section.id !== 0 && section.id !== 12)
      .map(section => [section.id, Buffer.from(bytes.subarray(section.content, section.end)).toString("hex")])
  )
}

function expectRoundTrip(bytes: Uint8Array): string {
  const text = textOf(bytes)
  expect(sectionsOf(parse(text))).toEqual(sectionsOf(bytes))
  return text
}

const magic = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])

/** A module of raw sections. */
function moduleOf(...sections: readonly (readonly [number, readonly number[]])[]): Uint8Array {
  const out = new Bytes().raw(magic)
  for (const [id, content] of sections) out.u8(id).sized(Uint8Array.from(content))
  return out.take()
}

/** A module whose one function has this body; it has a memory, two tables, a global, a tag, segments and types to point at. */
function moduleAround(body: readonly number[]): Uint8Array {
  const code = new Bytes()
    .u32(1)
    .sized(Uint8Array.from([1, 2, 0x7e, ...body, 0x0b]))
    .take()
  return moduleOf(
    [1, [2, 0x60, 0, 0, 0x60, 1, 0x7e, 2, 0x7e, 0x7f]],
    [3, [1, 0]],
    [4, [2, 0x70, 0, 1, 0x6f, 1, 1, 9]],
    [5, [1, 1, 1, 2]],
    [13, [1, 0, 0]],
    [6, [1, 0x7f, 1, 0x41, 0x7f, 0x0b]],
    [9, [1, 1, 0, 1, 0]],
    [12, [1]],
    [10, [...code]],
    [11, [1, 1, 3, 0, 0x22, 0xff]]
  )
}

/** One byte string for every instruction with immediates of its kind. */
function everyInstruction(): { name: string; body: number[] }[] {
  const memory = [0, 5]
  const special: Record<string, number[]> = {
    block: [0x40, 0x0b],
    loop: [0x7e, 0x0b],
    if: [1, 0x05, 0x01, 0x0b],
    try_table: [0x40, 4, 0, 0, 0, 1, 0, 0, 2, 0, 3, 0, 0x0b],
    throw: [0],
    br: [0],
    br_if: [0],
    br_table: [2, 0, 0, 0],
    call: [0],
    return_call: [0],
    call_indirect: [1, 0],
    return_call_indirect: [1, 0],
    "memory.size": [0],
    "memory.grow": [0],
    "i32.const": [0x80, 0x80, 0x80, 0x80, 0x78],
    "i64.const": [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0],
    "f32.const": [0, 0, 0xc0, 0x7f],
    "f64.const": [0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0xbf],
    "ref.null": [0x70],
    "ref.func": [0]
  }
  const found: { name: string; body: number[] }[] = []
  for (const [code, name] of plainNames.entries()) {
    if (name === undefined || name === "end" || name === "else") continue
    const immediates =
      code === 0x1c ? [1, 0x7e] : (special[name] ?? (/load|store/.test(name) ? memory : /^(local|global|table)\./.test(name) ? [0] : []))
    found.push({ name: code === 0x1c ? "typed select" : name, body: [code, ...immediates] })
  }
  for (const [code, name] of bulkNames.entries())
    if (name !== undefined) found.push({ name, body: [0xfc, code, ...(code < 8 ? [] : /copy|init/.test(name) ? [0, 0] : [0])] })
  for (const [code, name] of vectorNames.entries()) {
    if (name === undefined) continue
    const low = code < 0x80 ? [code] : [(code & 0x7f) | 0x80, code >> 7]
    const immediates = name.endsWith("const")
      ? [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 250, 251, 252, 253, 254, 255]
      : name.endsWith("shuffle")
        ? [0, 17, 2, 19, 4, 21, 6, 23, 8, 25, 10, 27, 12, 29, 14, 31]
        : [...(/load|store/.test(name) ? memory : []), ...(/lane(_[su])?$/.test(name) ? [1] : [])]
    found.push({ name, body: [0xfd, ...low, ...immediates] })
  }
  return found
}

function linkedModule(): { bytes: Uint8Array; custom: Uint8Array } {
  const module = new ModuleBuilder()
  const raise = module.importFunction("rt", "raise", [i64], [i64])
  module.importMemory("rt", "memory", 1, 2)
  module.importTable("rt", "table", 4, null)
  const stack = module.importGlobal("rt", "stack", i32, true)
  const tag = module.importTag("rt", "err", [i64])
  const counter = module.global(i64, true, -5n)
  const half = module.global(f64, false, -0.5)
  const main = module.declare("main", [i64, i64], [i64])
  const loops = module.declare("count down!", [i64], [i64])
  const pair = module.type([], [i64, i32])
  const code = new Code(2)
  const caught = code.local(i64)
  const reference = code.local(exnref)
  code.block(i64).tryTable(i64, tag, 0, false).get(0).call(raise).op(op.end).op(op.end).set(caught)
  code
    .block({ type: module.type([], [i64, exnref]) })
    .tryTable(i64, tag, 0, true)
    .get(0)
    .call(raise)
    .op(op.end)
    .op(op.return)
    .op(op.end)
  code.set(reference).op(op.drop)
  code.get(0).op(op.i64Eqz).if(i64).get(caught).op(op.else).get(reference).op(op.throwRef).op(op.end)
  code
    .block({ type: pair })
    .i64(-(2n ** 63n))
    .i32(7)
    .op(op.end)
    .op(op.drop)
    .op(op.i64Add)
  code.globalGet(counter).op(op.i64Sub).globalSet(counter)
  code.i32(64).globalGet(stack).memory(0x29, 3, 16).op(op.drop).i32(0).memory(0x2d, 0, 0).op(op.drop)
  code.globalGet(half).f64Const(1e21).op(op.f64Add).op(op.drop)
  code.i32(0).i32(0).i32(3).memoryInit(0).i32(0).i32(0).i32(1).tableInit(0).refNullFunc().i32(1).tableGrow().op(op.drop)
  code.get(1).returnCall(loops)
  module.define(main, code)
  const loop = new Code(1)
  loop
    .block()
    .block()
    .get(0)
    .op(op.i32WrapI64)
    .brTable([0, 1], 2)
    .op(op.end)
    .op(op.end)
    .get(0)
    .returnCallIndirect(module.type([i64], [i64]))
  module.define(loops, loop)
  module.exportFunction("main", main)
  module.exportGlobal('count \u202eer"', counter)
  module.element(loops)
  module.element(raise)
  module.setData(new TextEncoder().encode(`two "lines"\n${"x".repeat(70)}é`))
  const body = module.encodeBody().bytes
  const custom = new Bytes()
    .raw(customSection("rtfs.iface", new TextEncoder().encode('{"type":"[:fn [:int] :int]",\n"version":1}')))
    .raw(customSection("rtfs.map", new Uint8Array([0, 255, 1])))
    .raw(customSection("name", nameSection(module.functionNames())))
    .take()
  return { bytes: body, custom }
}

const concat = (...pieces: Uint8Array[]) => new Uint8Array(Buffer.concat(pieces))

describe("the text of a module", () => {
  it("reads back to the same sections for what the compiler's encoder can write", () => {
    const { bytes, custom } = linkedModule()
    const text = expectRoundTrip(concat(bytes, custom))
    expect(text).toContain('(import "rt" "err" (tag $rt.err (type 1) (param i64)))')
    expect(text).toContain("return_call $count_down!")
    expect(text).toContain(';; custom "rtfs.iface" (41 bytes)\n  ;;   {"type":"[:fn [:int] :int]",\n  ;;   "version":1}')
    expect(text).toContain(';; custom "rtfs.map" (3 bytes)\n  ;; custom "name"')
    expect(text).toContain('(export "count \\u{202e}er\\"" (global')
    expect(text).toContain("br_table 0 (;@2;) 1 (;@1;) 2 (;@0;)")
    expectRoundTrip(bytes)
  })

  it.each(everyInstruction())("reads back to the same bytes for $name", ({ body }) => {
    expectRoundTrip(moduleAround(body))
  })

  it("knows every instruction that the walk admits", () => {
    const names = new Set(everyInstruction().map(({ name }) => name))
    expect(names.size).toBe(everyInstruction().length)
    expect(names.size).toBeGreaterThan(430)
  })

  it.each([
    ["active, table 0", [0, 0x41, 0, 0x0b, 1, 0]],
    ["passive", [1, 0, 2, 0, 0]],
    ["active, a table named", [2, 1, 0x41, 1, 0x0b, 0, 1, 0]],
    ["declared", [3, 0, 1, 0]],
    ["active, expressions", [4, 0x41, 0, 0x0b, 2, 0xd2, 0, 0x0b, 0xd0, 0x70, 0x0b]],
    ["passive, expressions", [5, 0x70, 1, 0xd0, 0x70, 0x0b]],
    ["active, a table named, expressions", [6, 1, 0x41, 0, 0x0b, 0x6f, 1, 0xd0, 0x6f, 0x0b]],
    ["declared, expressions", [7, 0x70, 1, 0xd0, 0x70, 0x0b]]
  ] as const)("reads back to the same element segment: %s", (_, segment) => {
    expectRoundTrip(
      moduleOf([1, [1, 0x60, 0, 0]], [3, [1, 0]], [4, [2, 0x70, 0, 1, 0x70, 0, 1]], [9, [1, ...segment]], [10, [1, 2, 0, 0x0b]])
    )
  })

  it.each([
    ["0", 0n],
    ["-0", 1n << 63n],
    ["5e-324", 1n],
    ["1.7976931348623157e+308", 0x7fef_ffff_ffff_ffffn],
    ["-inf", 0xfff0_0000_0000_0000n],
    ["nan", 0x7ff8_0000_0000_0000n],
    ["-nan:0x1", 0xfff0_0000_0000_0001n],
    ["0.1", 0x3fb9_9999_9999_999an]
  ])("writes the float %s so that its bits come back", (shown, bits) => {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigUint64(0, bits, true)
    expect(expectRoundTrip(moduleAround([0x44, ...bytes, 0x1a]))).toContain(`f64.const ${shown}\n`)
  })

  it("gives floats of 32 bits back bit by bit", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), bytes => {
        expectRoundTrip(moduleAround([0x43, ...bytes, 0x1a]))
      }),
      { numRuns: 300 }
    )
  })

  it("keeps several locals, named and not, in their groups", () => {
    const body = [3, 2, 0x7f, 0, 0x7d, 3, 0x7e, 0x0b]
    const bytes = moduleOf([1, [1, 0x60, 1, 0x7c, 0]], [3, [1, 0]], [10, [1, body.length, ...body]])
    const names = [2, 12, 1, 0, 3, 0, 1, 0x61, 2, 1, 0x61, 4, 1, 0x62]
    const text = textOf(concat(bytes, customSection("name", Uint8Array.from(names))))
    expect(text).toContain("(param $a f64)")
    expect(text).toContain("(local i32) (local $a#2 i32)")
    expect(text).toContain("(local i64) (local $b i64) (local i64)")
    expect(WebAssembly.validate(parse(text) as BufferSource)).toBe(true)
  })

  it("lets no name leave its quotes, its identifier or its comment", () => {
    const nasty = 'a" (func) ;; (; \n\r\u2028\\'
    const name = new Bytes().name(nasty).take()
    const bytes = moduleOf([1, [1, 0x60, 0, 0]], [3, [1, 0]], [7, [1, ...name, 0, 0]], [10, [1, 2, 0, 0x0b]])
    const whole = concat(bytes, customSection(nasty, new TextEncoder().encode(")\r(func)\u2028(func)\u0085(func)")))
    const text = expectRoundTrip(whole)
    expect(
      text
        .split("\n")
        .filter(line => !line.trimStart().startsWith(";;"))
        .join("\n")
        .match(/\(func/g)
    ).toHaveLength(4)
  })

  it("ignores a malformed name section and says so", () => {
    const { bytes } = linkedModule()
    expect(expectRoundTrip(concat(bytes, customSection("name", new Uint8Array([1, 200, 1]))))).toContain(";; the name section is malformed")
  })

  it("stops at its bound and says where", () => {
    const { bytes } = linkedModule()
    const wat = watOf(bytes, 500)
    expect(wat).toMatchObject({ kind: "text", cut: true })
    expect(wat.kind === "text" && wat.text).toMatch(/^\(module\n[\s\S]{300,500}\n;; cut here: the text is longer than 500 characters\n$/)
  })

  it.each([
    ["many locals from few bytes", () => [1, 0xd0, 0x86, 3, 0x7e]],
    [
      "deep nesting",
      () => [0, ...Array.from({ length: 200_000 }, () => [0x02, 0x40]).flat(), ...Array.from({ length: 200_000 }, () => 0x0b)]
    ]
  ])("stays within its bound for %s", (_, body) => {
    const one = new Bytes().sized(Uint8Array.from([...body(), 0x0b])).take()
    const count = Math.max(1, Math.floor(200_000 / one.length))
    const code = new Bytes().u32(count)
    const functions = new Bytes().u32(count)
    for (let left = count; left > 0; left--) {
      code.raw(one)
      functions.u8(0)
    }
    const wat = watOf(moduleOf([1, [1, 0x60, 0, 0]], [3, [...functions.take()]], [10, [...code.take()]]))
    expect(wat.kind).toBe("text")
    expect(wat.kind === "text" && wat.text.length).toBeLessThan(watLimits.charactersMax + 200)
  })

  it.each([
    ["no bytes", new Uint8Array()],
    ["text", new TextEncoder().encode("(module)")],
    ["a cut header", magic.subarray(0, 6)],
    ["a section longer than the module", moduleOf([1, [1]]).map((byte, at) => (at === 9 ? 99 : byte))],
    ["more than a Blob holds", new Uint8Array(watLimits.moduleBytesMax + 1)]
  ])("says why and where it cannot read %s", (_, bytes) => {
    expect(watOf(bytes)).toEqual({ kind: "malformed", offset: expect.any(Number), why: expect.stringMatching(/./) })
  })

  it("answers every truncation and mutation of a module, and what it prints of them never throws", () => {
    const { bytes, custom } = linkedModule()
    const whole = concat(bytes, custom)
    for (let length = 0; length < whole.length; length++) expect(watOf(whole.subarray(0, length)).kind).toMatch(/text|malformed/)
    const change = fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255) })
    let printed = 0
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), changes => {
        const damaged = whole.slice()
        for (const { at, byte } of changes) damaged[at] = byte
        if (watOf(damaged).kind === "text") printed++
      }),
      { numRuns: 4_000, seed: 7 }
    )
    expect(printed).toBeGreaterThan(400)
  })

  it("answers any bytes after a good header", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        expect(watOf(concat(magic, bytes)).kind).toMatch(/text|malformed/)
      }),
      { numRuns: 2_000, seed: 11 }
    )
  })

  const runtime = new URL("../../../resources/runtime/rtfs-runtime.wasm", import.meta.url)
  it.runIf(existsSync(runtime))("prints the runtime completely", () => {
    const bytes = new Uint8Array(readFileSync(runtime))
    expectRoundTrip(bytes)
  })

  it("prints a table with a first element", () => {
    const text = textOf(moduleOf([4, [1, 0x40, 0, 0x70, 0, 3, 0xd0, 0x70, 0x0b]]))
    expect(text).toContain("(table (;0;) 3 funcref (ref.null func))")
    expect(funcref).toBe(0x70)
  })
})
