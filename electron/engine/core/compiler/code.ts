/** Instructions of one function body, with the indices of functions and globals left open until the module is whole. */
import { Bytes } from "./bytes.ts"

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
  #free: Map<ValueType, number[]> | null = null

  constructor(paramCount: number) {
    super()
    this.paramCount = paramCount
  }

  op(code: number): this {
    return this.u8(code)
  }

  /** A local of this type, reused if one has been given back. */
  local(type: ValueType): number {
    const free = this.#free?.get(type)
    const reused = free?.pop()
    if (reused !== undefined) return reused
    this.locals.push(type)
    return this.paramCount + this.locals.length - 1
  }

  /** Gives a local back; its value must not be read any more. */
  release(local: number): void {
    const type = this.locals[local - this.paramCount]
    if (type === undefined) return
    this.#free ??= new Map()
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
