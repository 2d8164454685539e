/** Writes WebAssembly binaries: one deterministic encoder, so that equal input gives equal bytes on every machine (vm page, D3). */
import { utf8Encode } from "../utf8.ts"

export const i32: 0x7f = 0x7f
export const i64: 0x7e = 0x7e
export const f32: 0x7d = 0x7d
export const f64: 0x7c = 0x7c
export const funcref: 0x70 = 0x70
export const exnref: 0x69 = 0x69
export type ValueType = 0x7f | 0x7e | 0x7d | 0x7c | 0x70 | 0x69

/** Block type of a block without parameters and results. */
export const emptyBlock = 0x40
/** What a block takes and leaves: nothing, one value, or a function type by index. */
export type BlockType = ValueType | typeof emptyBlock | { readonly type: number }

/** One-byte instructions without immediates, and the first byte of those that have some. */
export const op = {
  unreachable: 0x00,
  nop: 0x01,
  throwRef: 0x0a,
  end: 0x0b,
  else: 0x05,
  return: 0x0f,
  drop: 0x1a,
  select: 0x1b,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32Ne: 0x47,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32GtS: 0x4a,
  i32GtU: 0x4b,
  i32LeS: 0x4c,
  i32LeU: 0x4d,
  i32GeS: 0x4e,
  i32GeU: 0x4f,
  i64Eqz: 0x50,
  i64Eq: 0x51,
  i64Ne: 0x52,
  i64LtS: 0x53,
  i64LtU: 0x54,
  i64GtS: 0x55,
  i64GtU: 0x56,
  i64LeS: 0x57,
  i64LeU: 0x58,
  i64GeS: 0x59,
  i64GeU: 0x5a,
  f64Eq: 0x61,
  f64Ne: 0x62,
  f64Lt: 0x63,
  f64Gt: 0x64,
  f64Le: 0x65,
  f64Ge: 0x66,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32And: 0x71,
  i32Or: 0x72,
  i32Xor: 0x73,
  i32Shl: 0x74,
  i32ShrS: 0x75,
  i32ShrU: 0x76,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64Mul: 0x7e,
  i64DivS: 0x7f,
  i64RemS: 0x81,
  i64And: 0x83,
  i64Or: 0x84,
  i64Xor: 0x85,
  i64Shl: 0x86,
  i64ShrS: 0x87,
  i64ShrU: 0x88,
  f64Abs: 0x99,
  f64Neg: 0x9a,
  f64Ceil: 0x9b,
  f64Floor: 0x9c,
  f64Trunc: 0x9d,
  f64Sqrt: 0x9f,
  f64Add: 0xa0,
  f64Sub: 0xa1,
  f64Mul: 0xa2,
  f64Div: 0xa3,
  i32WrapI64: 0xa7,
  i64ExtendI32S: 0xac,
  i64ExtendI32U: 0xad,
  f64ConvertI64S: 0xb9,
  i64ReinterpretF64: 0xbd,
  f64ReinterpretI64: 0xbf
} as const

/** Growing byte buffer with the primitive encodings of the binary format. */
export class Bytes {
  data: Uint8Array = new Uint8Array(256)
  length = 0

  u8(byte: number): this {
    if (this.length === this.data.length) this.#grow(1)
    this.data[this.length++] = byte
    return this
  }

  raw(bytes: Uint8Array): this {
    if (this.length + bytes.length > this.data.length) this.#grow(bytes.length)
    this.data.set(bytes, this.length)
    this.length += bytes.length
    return this
  }

  /** Unsigned LEB128 of an integer below 2^32. */
  u32(value: number): this {
    let rest = value >>> 0
    while (rest > 0x7f) {
      this.u8((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    return this.u8(rest)
  }

  /** Signed LEB128 of a 32-bit integer. */
  s32(value: number): this {
    let rest = value | 0
    for (;;) {
      const low = rest & 0x7f
      rest >>= 7
      if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return this.u8(low)
      this.u8(low | 0x80)
    }
  }

  /** Signed LEB128 of a 64-bit integer. */
  s64(value: bigint): this {
    let rest = BigInt.asIntN(64, value)
    for (;;) {
      const low = Number(rest & 0x7fn)
      rest >>= 7n
      if ((rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0)) return this.u8(low)
      this.u8(low | 0x80)
    }
  }

  f64(value: number): this {
    const view = new DataView(new ArrayBuffer(8))
    view.setFloat64(0, value, true)
    return this.raw(new Uint8Array(view.buffer))
  }

  /** Length in bytes, then the bytes. */
  sized(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes)
  }

  name(text: string): this {
    return this.sized(utf8Encode(text))
  }

  take(): Uint8Array {
    return this.data.slice(0, this.length)
  }

  #grow(extra: number): void {
    const bigger = new Uint8Array(Math.max(this.data.length * 2, this.length + extra))
    bigger.set(this.data.subarray(0, this.length))
    this.data = bigger
  }
}

export interface FunctionType {
  readonly params: readonly ValueType[]
  readonly results: readonly ValueType[]
}

/** A function of the module under construction; its index is known only when every import is. */
export interface FunctionRef {
  readonly kind: "import" | "defined"
  readonly position: number
  readonly type: number
}

/** A global of the module under construction. */
export interface GlobalRef {
  readonly kind: "import" | "defined"
  readonly position: number
}

interface Fixup {
  readonly at: number
  readonly ref: FunctionRef | GlobalRef
  readonly space: "function" | "global"
}

/** A place in a body that stands for a piece of the Source; `start` and `end` are offsets into it. */
export interface CodeMark {
  readonly at: number
  readonly start: number
  readonly end: number
}

/** The body of one function: instructions, with the indices of functions and globals left open. */
export class Code extends Bytes {
  readonly fixups: Fixup[] = []
  readonly marks: CodeMark[] = []
  readonly locals: ValueType[] = []
  readonly paramCount: number
  readonly #free = new Map<ValueType, number[]>()

  constructor(paramCount: number) {
    super()
    this.paramCount = paramCount
  }

  op(code: number): this {
    return this.u8(code)
  }

  /** A local of this type, reused if one has been given back. */
  local(type: ValueType): number {
    const free = this.#free.get(type)
    const reused = free?.pop()
    if (reused !== undefined) return reused
    this.locals.push(type)
    return this.paramCount + this.locals.length - 1
  }

  /** Gives a local back; its value must not be read any more. */
  release(local: number): void {
    const type = this.locals[local - this.paramCount]
    if (type === undefined) return
    const free = this.#free.get(type)
    if (free) free.push(local)
    else this.#free.set(type, [local])
  }

  get(local: number): this {
    return this.u8(0x20).u32(local)
  }

  set(local: number): this {
    return this.u8(0x21).u32(local)
  }

  tee(local: number): this {
    return this.u8(0x22).u32(local)
  }

  i32(value: number): this {
    return this.u8(0x41).s32(value)
  }

  i64(value: bigint): this {
    return this.u8(0x42).s64(value)
  }

  f64Const(value: number): this {
    return this.u8(0x44).f64(value)
  }

  call(ref: FunctionRef): this {
    return this.u8(0x10).#open("function", ref)
  }

  returnCall(ref: FunctionRef): this {
    return this.u8(0x12).#open("function", ref)
  }

  callIndirect(type: number): this {
    return this.u8(0x11).u32(type).u8(0)
  }

  returnCallIndirect(type: number): this {
    return this.u8(0x13).u32(type).u8(0)
  }

  globalGet(ref: GlobalRef): this {
    return this.u8(0x23).#open("global", ref)
  }

  globalSet(ref: GlobalRef): this {
    return this.u8(0x24).#open("global", ref)
  }

  block(type: BlockType = emptyBlock): this {
    return this.u8(0x02).#blockType(type)
  }

  loop(type: BlockType = emptyBlock): this {
    return this.u8(0x03).#blockType(type)
  }

  if(type: BlockType = emptyBlock): this {
    return this.u8(0x04).#blockType(type)
  }

  br(depth: number): this {
    return this.u8(0x0c).u32(depth)
  }

  brIf(depth: number): this {
    return this.u8(0x0d).u32(depth)
  }

  brTable(depths: readonly number[], otherwise: number): this {
    this.u8(0x0e).u32(depths.length)
    for (const depth of depths) this.u32(depth)
    return this.u32(otherwise)
  }

  throw(tag: number): this {
    return this.u8(0x08).u32(tag)
  }

  /** `try_table` with one clause that catches this tag and pushes its parameters, and the exception too if `withRef`. */
  tryTable(type: BlockType, tag: number, label: number, withRef: boolean): this {
    this.u8(0x1f).#blockType(type)
    return this.u32(1)
      .u8(withRef ? 0x01 : 0x00)
      .u32(tag)
      .u32(label)
  }

  /** A load or store: opcode, log2 of the alignment, offset. */
  memory(code: number, align: number, offset: number): this {
    return this.u8(code).u32(align).u32(offset)
  }

  memoryInit(segment: number): this {
    return this.u8(0xfc).u32(8).u32(segment).u8(0)
  }

  tableInit(segment: number): this {
    return this.u8(0xfc).u32(12).u32(segment).u32(0)
  }

  tableGrow(): this {
    return this.u8(0xfc).u32(15).u32(0)
  }

  refNullFunc(): this {
    return this.u8(0xd0).u8(funcref)
  }

  refNullExn(): this {
    return this.u8(0xd0).u8(exnref)
  }

  refIsNull(): this {
    return this.u8(0xd1)
  }

  mark(start: number, end: number): void {
    this.marks.push({ at: this.length, start, end })
  }

  #blockType(type: BlockType): this {
    return typeof type === "number" ? this.u8(type) : this.s32(type.type)
  }

  #open(space: "function" | "global", ref: FunctionRef | GlobalRef): this {
    this.fixups.push({ at: this.length, ref, space })
    return this
  }
}

interface FunctionImport {
  readonly module: string
  readonly name: string
  readonly type: number
}

interface DefinedFunction {
  readonly type: number
  readonly name: string
  code: Code | null
}

interface DefinedGlobal {
  readonly type: ValueType
  readonly mutable: boolean
  readonly init: bigint | number
}

/** A piece of the finished code: its offset from the start of the module, and the Source it stands for. */
export interface CodePlace {
  readonly offset: number
  readonly start: number
  readonly end: number
}

/** A module under construction. Everything is numbered in the order of first use. */
export class ModuleBuilder {
  readonly #types: FunctionType[] = []
  readonly #typeIndex = new Map<string, number>()
  readonly #imports: FunctionImport[] = []
  readonly #importIndex = new Map<string, FunctionRef>()
  readonly #globalImports: { module: string; name: string; type: ValueType; mutable: boolean }[] = []
  readonly #functions: DefinedFunction[] = []
  readonly #globals: DefinedGlobal[] = []
  readonly #exports: { name: string; kind: number; ref: FunctionRef | GlobalRef }[] = []
  readonly #elements: FunctionRef[] = []
  readonly #custom: { name: string; bytes: Uint8Array }[] = []
  #memoryImport: { module: string; name: string; min: number; max: number } | null = null
  #tableImport: { module: string; name: string; min: number; max: number | null } | null = null
  #tagImport: { module: string; name: string; type: number } | null = null
  #data: Uint8Array | null = null

  type(params: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${params.join(",")}>${results.join(",")}`
    const known = this.#typeIndex.get(key)
    if (known !== undefined) return known
    this.#types.push({ params, results })
    this.#typeIndex.set(key, this.#types.length - 1)
    return this.#types.length - 1
  }

  importFunction(module: string, name: string, params: readonly ValueType[], results: readonly ValueType[]): FunctionRef {
    const key = `${module}\0${name}`
    const known = this.#importIndex.get(key)
    if (known) return known
    const ref: FunctionRef = { kind: "import", position: this.#imports.length, type: this.type(params, results) }
    this.#imports.push({ module, name, type: ref.type })
    this.#importIndex.set(key, ref)
    return ref
  }

  importGlobal(module: string, name: string, type: ValueType, mutable: boolean): GlobalRef {
    const known = this.#globalImports.findIndex(one => one.module === module && one.name === name)
    if (known >= 0) return { kind: "import", position: known }
    this.#globalImports.push({ module, name, type, mutable })
    return { kind: "import", position: this.#globalImports.length - 1 }
  }

  /** `min` and `max` in pages of 64 KiB. */
  importMemory(module: string, name: string, min: number, max: number): void {
    this.#memoryImport ??= { module, name, min, max }
  }

  importTable(module: string, name: string, min: number, max: number | null): void {
    this.#tableImport ??= { module, name, min, max }
  }

  importTag(module: string, name: string, params: readonly ValueType[]): number {
    this.#tagImport ??= { module, name, type: this.type(params, []) }
    return 0
  }

  /** Declares a function; its body follows with `define`. */
  declare(name: string, params: readonly ValueType[], results: readonly ValueType[]): FunctionRef {
    const ref: FunctionRef = { kind: "defined", position: this.#functions.length, type: this.type(params, results) }
    this.#functions.push({ type: ref.type, name, code: null })
    return ref
  }

  define(ref: FunctionRef, code: Code): void {
    const declared = this.#functions[ref.position]
    if (ref.kind !== "defined" || !declared || declared.code) throw new Error("encode: a function is defined once, after its declaration")
    declared.code = code
  }

  paramsOf(ref: FunctionRef): number {
    return this.#types[ref.type]?.params.length ?? 0
  }

  global(type: ValueType, mutable: boolean, init: bigint | number): GlobalRef {
    this.#globals.push({ type, mutable, init })
    return { kind: "defined", position: this.#globals.length - 1 }
  }

  exportFunction(name: string, ref: FunctionRef): void {
    this.#exports.push({ name, kind: 0, ref })
  }

  exportGlobal(name: string, ref: GlobalRef): void {
    this.#exports.push({ name, kind: 3, ref })
  }

  /** Puts a function into the one passive element segment; answers its position there. */
  element(ref: FunctionRef): number {
    this.#elements.push(ref)
    return this.#elements.length - 1
  }

  elementCount(): number {
    return this.#elements.length
  }

  functionCount(): number {
    return this.#functions.length
  }

  dataLength(): number {
    return this.#data?.length ?? 0
  }

  /** The one passive data segment. */
  setData(bytes: Uint8Array): void {
    this.#data = bytes
  }

  /** Custom sections stand after the code, in the order of these calls. */
  custom(name: string, bytes: Uint8Array): void {
    this.#custom.push({ name, bytes })
  }

  /** Indices and names of the functions defined here: what the `name` section says. Imports have a name already. */
  functionNames(): readonly (readonly [index: number, name: string])[] {
    return this.#functions.map((one, position) => [this.#imports.length + position, one.name])
  }

  /** Everything up to and including code and data, and where the marked places came to stand. */
  encodeBody(): { readonly bytes: Uint8Array; readonly places: readonly CodePlace[] } {
    const out = new Bytes()
    out.raw(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))
    this.#section(out, 1, this.#types.length, section => {
      for (const type of this.#types) {
        section.u8(0x60).u32(type.params.length).raw(Uint8Array.from(type.params))
        section.u32(type.results.length).raw(Uint8Array.from(type.results))
      }
    })
    const otherImports = this.#globalImports.length + (this.#memoryImport ? 1 : 0) + (this.#tableImport ? 1 : 0) + (this.#tagImport ? 1 : 0)
    this.#section(out, 2, this.#imports.length + otherImports, section => this.#writeImports(section))
    this.#section(out, 3, this.#functions.length, section => {
      for (const one of this.#functions) section.u32(one.type)
    })
    this.#section(out, 6, this.#globals.length, section => {
      for (const one of this.#globals) writeGlobal(section, one)
    })
    this.#section(out, 7, this.#exports.length, section => {
      for (const one of this.#exports)
        section
          .name(one.name)
          .u8(one.kind)
          .u32(this.#index(one.ref, one.kind === 0 ? "function" : "global"))
    })
    this.#section(out, 9, this.#elements.length > 0 ? 1 : 0, section => {
      section.u8(1).u8(0).u32(this.#elements.length)
      for (const ref of this.#elements) section.u32(this.#index(ref, "function"))
    })
    if (this.#data) this.#section(out, 12, null, section => section.u32(1))
    const places = this.#writeCode(out)
    const data = this.#data
    if (data) this.#section(out, 11, 1, section => section.u8(1).sized(data))
    return { bytes: out.take(), places }
  }

  /** The whole module: `encodeBody`, then the custom sections. */
  encode(): Uint8Array {
    const out = new Bytes()
    out.raw(this.encodeBody().bytes)
    for (const one of this.#custom) out.raw(customSection(one.name, one.bytes))
    return out.take()
  }

  #index(ref: FunctionRef | GlobalRef, space: "function" | "global"): number {
    if (ref.kind === "import") return ref.position
    return ref.position + (space === "function" ? this.#imports.length : this.#globalImports.length)
  }

  #section(out: Bytes, id: number, count: number | null, write: (section: Bytes) => void): void {
    if (count === 0) return
    const section = new Bytes()
    if (count !== null) section.u32(count)
    write(section)
    out.u8(id).sized(section.take())
  }

  #writeImports(section: Bytes): void {
    for (const one of this.#imports) section.name(one.module).name(one.name).u8(0).u32(one.type)
    const table = this.#tableImport
    if (table) {
      section.name(table.module).name(table.name).u8(1).u8(funcref)
      if (table.max === null) section.u8(0).u32(table.min)
      else section.u8(1).u32(table.min).u32(table.max)
    }
    const memory = this.#memoryImport
    if (memory) section.name(memory.module).name(memory.name).u8(2).u8(1).u32(memory.min).u32(memory.max)
    for (const one of this.#globalImports)
      section
        .name(one.module)
        .name(one.name)
        .u8(3)
        .u8(one.type)
        .u8(one.mutable ? 1 : 0)
    const tag = this.#tagImport
    if (tag) section.name(tag.module).name(tag.name).u8(4).u8(0).u32(tag.type)
  }

  #writeCode(out: Bytes): readonly CodePlace[] {
    if (this.#functions.length === 0) return []
    const section = new Bytes()
    section.u32(this.#functions.length)
    const places: CodePlace[] = []
    for (const one of this.#functions) {
      if (!one.code) throw new Error(`encode: function ${one.name} was declared and never defined`)
      const body = this.#body(one.code)
      section.u32(body.bytes.length)
      const start = section.length
      section.raw(body.bytes)
      for (const mark of body.marks) places.push({ offset: start + mark.at, start: mark.start, end: mark.end })
    }
    out.u8(10).u32(section.length)
    const base = out.length
    out.raw(section.data.subarray(0, section.length))
    return places.map(place => ({ ...place, offset: place.offset + base }))
  }

  #body(code: Code): { bytes: Uint8Array; marks: CodeMark[] } {
    const out = new Bytes()
    writeLocals(out, code.locals)
    const marks: CodeMark[] = []
    let copied = 0
    let mark = 0
    const copyTo = (end: number) => {
      for (let next = code.marks[mark]; next && next.at <= end; next = code.marks[++mark]) {
        marks.push({ ...next, at: out.length + next.at - copied })
      }
      out.raw(code.data.subarray(copied, end))
      copied = end
    }
    for (const fixup of code.fixups) {
      copyTo(fixup.at)
      out.u32(this.#index(fixup.ref, fixup.space))
    }
    copyTo(code.length)
    out.u8(op.end)
    return { bytes: out.take(), marks }
  }
}

/** One custom section with its frame. */
export function customSection(name: string, bytes: Uint8Array): Uint8Array {
  const section = new Bytes()
  section.name(name).raw(bytes)
  return new Bytes().u8(0).sized(section.take()).take()
}

/** The payload of a `name` section that names functions, in index order. */
export function nameSection(names: readonly (readonly [index: number, name: string])[]): Uint8Array {
  const functions = new Bytes()
  functions.u32(names.length)
  for (const [index, name] of names) functions.u32(index).name(name)
  return new Bytes().u8(1).sized(functions.take()).take()
}

function writeLocals(out: Bytes, locals: readonly ValueType[]): void {
  const runs: { type: ValueType; count: number }[] = []
  for (const type of locals) {
    const last = runs.at(-1)
    if (last?.type === type) last.count++
    else runs.push({ type, count: 1 })
  }
  out.u32(runs.length)
  for (const run of runs) out.u32(run.count).u8(run.type)
}

function writeGlobal(section: Bytes, one: DefinedGlobal): void {
  section.u8(one.type).u8(one.mutable ? 1 : 0)
  if (one.type === i64) section.u8(0x42).s64(BigInt(one.init))
  else if (one.type === f64) section.u8(0x44).f64(Number(one.init))
  else section.u8(0x41).s32(Number(one.init))
  section.u8(op.end)
}
