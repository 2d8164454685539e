/** What the functions of one Module share while they are emitted: imports on demand, constants, data, descriptors and small local helpers. */
import type { Value } from "../../../../shared/value.ts"
import { encodeValue } from "../codec.ts"
import { toHex } from "../digest.ts"
import { builtinIndex } from "./builtins.ts"
import { Bytes } from "./bytes.ts"
import type { Code, FunctionRef, GlobalRef } from "./code.ts"
import { Code as CodeBuilder, f64, i32, i64, op } from "./code.ts"
import { typeDescriptor } from "./emit-types.ts"
import type { ModuleBuilder } from "./encode.ts"
import type { IrProgram, Rep } from "./ir.ts"
import type { RuntimeAbi } from "./runtime-abi.ts"

/** The answer of lookups and the content of globals and cells that are not set; no RTFS value has these bits. */
export const unset = 6n

export const wasmTypeOf = { boxed: i64, i64, f64, bool: i32 } as const satisfies Record<Rep, number>

/** Small ints keep one bit for their mark. */
const smallMax = 2n ** 62n - 1n
const smallMin = -(2n ** 62n)

export class EmitContext {
  readonly builder: ModuleBuilder
  readonly program: IrProgram
  readonly runtime: RuntimeAbi
  /** The Module's own counter of fuel. */
  readonly fuel: GlobalRef
  readonly data = new Bytes()
  readonly #imported = new Map<string, FunctionRef>()
  readonly #constants = new Map<string, GlobalRef>()
  readonly #constantValues: Value[] = []
  readonly #types = new Map<number, number>()
  readonly #helpers = new Map<string, FunctionRef>()

  /** Whether fuel is charged at all. */
  readonly metered: boolean

  constructor(builder: ModuleBuilder, program: IrProgram, runtime: RuntimeAbi, metered: boolean) {
    this.metered = metered
    this.builder = builder
    this.program = program
    this.runtime = runtime
    this.fuel = builder.global(i64, true, 0n)
  }

  /** A function of the runtime, imported when first used. */
  rt(name: string): FunctionRef {
    const known = this.#imported.get(name)
    if (known) return known
    const type = this.runtime.functions.get(name)
    if (!type) throw new Error(`emit: the runtime has no ${name}`)
    const ref = this.builder.importFunction("rt", name, type.params, type.results)
    this.#imported.set(name, ref)
    return ref
  }

  errTag(): number {
    return this.builder.importTag("rt", "err", [i64])
  }

  /** Declares that the code touches memory or calls through the table. */
  usesMemory(): void {
    this.builder.importMemory("rt", "memory", 1, 4096)
  }

  usesTable(): void {
    this.builder.importTable("rt", "table", this.runtime.tableBase, null)
  }

  /** Pushes a constant as a boxed value. */
  constant(code: Code, value: Value): void {
    const immediate = immediateOf(value)
    if (immediate === null) code.globalGet(this.constantGlobal(value))
    else code.i64(immediate)
  }

  constantGlobal(value: Value): GlobalRef {
    const key = constantKey(value)
    const known = this.#constants.get(key)
    if (known) return known
    const global = this.builder.global(i64, true, 0n)
    this.#constants.set(key, global)
    this.#constantValues.push(value)
    return global
  }

  /** Every constant as one canonical vector, and the globals they go to, in its order. */
  constantPool(): { readonly bytes: Uint8Array; readonly globals: readonly GlobalRef[] } {
    return { bytes: encodeValue(this.#constantValues), globals: [...this.#constants.values()] }
  }

  /** Puts bytes into the data; answers their address. */
  place(bytes: Uint8Array, align: number): number {
    while (this.data.length % align !== 0) this.data.u8(0)
    const address = this.runtime.heapBase + this.data.length
    this.data.raw(bytes)
    return address
  }

  /** Address of the descriptor of a type of the program. */
  typeAddress(type: number): number {
    const known = this.#types.get(type)
    if (known !== undefined) return known
    const described = this.program.types[type]
    if (!described) throw new Error(`emit: the program has no type ${type}`)
    const address = this.place(typeDescriptor(described), 1)
    this.#types.set(type, address)
    return address
  }

  /** Address of the 40-byte descriptor of a function, its entries being positions in this Module's elements or stubs. */
  descriptor(minArity: number, variadic: boolean, entries: readonly (FunctionRef | null)[]): number {
    const bytes = new Uint8Array(40)
    const view = new DataView(bytes.buffer)
    view.setUint32(8, minArity, true)
    view.setUint32(12, variadic ? 1 : 0, true)
    for (const [position, entry] of entries.entries()) {
      const stub = this.runtime.arityStubs[position] as number
      view.setUint32(16 + position * 4, entry ? this.runtime.tableBase + this.builder.element(entry) : stub, true)
    }
    return this.place(bytes, 4)
  }

  /** A small function of the Module's own, made when first used: hot paths that are too long to repeat inline. */
  helper(name: string): FunctionRef {
    const known = this.#helpers.get(name)
    if (known) return known
    const make = helpers[name]
    if (!make) throw new Error(`emit: there is no helper ${name}`)
    const [params, results] = make.type
    const ref = this.builder.declare(name, params, results)
    this.#helpers.set(name, ref)
    const code = new CodeBuilder(params.length)
    make.body(code, this)
    this.builder.define(ref, code)
    return ref
  }
}

/** Equal for constants that are the same value. */
function constantKey(value: Value): string {
  if (typeof value === "string") return `"${value}`
  if (value !== null && typeof value === "object" && "kind" in value && value.kind === "keyword") return `:${value.name}`
  return toHex(encodeValue(value))
}

/** The bits of a value that needs no object, or null. */
export function immediateOf(value: Value): bigint | null {
  if (value === null) return 0n
  if (typeof value === "boolean") return value ? 4n : 2n
  if (typeof value === "bigint" && value >= smallMin && value <= smallMax) return (value << 1n) | 1n
  return null
}

/** The header of a vector or list, in bytes (runtime/README.md); a shift of `isRange` marks integers that are not stored. */
const sequenceCount = 4
const sequenceShift = 8
const sequenceRoot = 12
const sequenceTail = 16
const sequenceOffset = 20
const isRange = 255

type Signature = readonly [
  params: readonly (typeof i64 | typeof i32 | typeof f64)[],
  results: readonly (typeof i64 | typeof i32 | typeof f64)[]
]

interface Helper {
  readonly type: Signature
  readonly body: (code: Code, context: EmitContext) => void
}

/** Pushes an i32: whether both operands are small ints. */
function bothSmall(code: Code): void {
  code.get(0).get(1).op(op.i64And).i64(1n).op(op.i64And).op(op.i32WrapI64)
}

/** `+` and `-` of two values: small ints inline, everything else in the runtime. */
function sum(builtin: "+" | "-"): Helper {
  return {
    type: [[i64, i64], [i64]],
    body: (code, context) => {
      const result = code.local(i64)
      bothSmall(code)
      code.if()
      code.get(0)
      if (builtin === "+") code.get(1).i64(1n).op(op.i64Sub).op(op.i64Add).tee(result)
      else code.get(1).i64(1n).op(op.i64Sub).op(op.i64Sub).tee(result)
      code.get(0).op(op.i64Xor)
      if (builtin === "+") code.get(result).get(1).op(op.i64Xor).op(op.i64And)
      else code.get(0).get(1).op(op.i64Xor).op(op.i64And)
      code.i64(0n).op(op.i64GeS).if().get(result).op(op.return).op(op.end)
      code.op(op.end)
      code
        .get(0)
        .get(1)
        .returnCall(context.rt(`b${builtinIndex(builtin)}_2`))
    }
  }
}

/** `inc` and `dec` of a value. */
function step(builtin: "inc" | "dec"): Helper {
  return {
    type: [[i64], [i64]],
    body: (code, context) => {
      const result = code.local(i64)
      code.get(0).op(op.i32WrapI64).i32(1).op(op.i32And).if()
      code
        .get(0)
        .i64(2n)
        .op(builtin === "inc" ? op.i64Add : op.i64Sub)
        .tee(result)
      code
        .get(0)
        .op(builtin === "inc" ? op.i64GtS : op.i64LtS)
        .if()
        .get(result)
        .op(op.return)
        .op(op.end)
      code.op(op.end)
      code.get(0).returnCall(context.rt(`b${builtinIndex(builtin)}_1`))
    }
  }
}

/** A comparison of two values as an i32. */
function comparison(instruction: number, slow: string): Helper {
  return {
    type: [[i64, i64], [i32]],
    body: (code, context) => {
      bothSmall(code)
      code.if().get(0).get(1).op(instruction).op(op.return).op(op.end)
      code.get(0).get(1).returnCall(context.rt(slow))
    }
  }
}

/** Applies an unknown callee: a function object through its descriptor, anything else by the runtime. */
function apply(count: number): Helper {
  const values = Array.from({ length: count + 1 }, () => i64)
  return {
    type: [[...values, i32], [i64]],
    body: (code, context) => {
      context.usesMemory()
      context.usesTable()
      const depth = count + 1
      const pointer = code.local(i32)
      const operands = () => {
        for (let index = 0; index <= depth; index++) code.get(index)
      }
      code.get(0).op(op.i32WrapI64).tee(pointer).i32(7).op(op.i32And).op(op.i32Eqz)
      code.get(pointer).i32(65_535).op(op.i32GtU).op(op.i32And).if()
      code.get(pointer).memory(0x28, 2, 0).i32(8).op(op.i32Eq).if()
      operands()
      code
        .get(pointer)
        .memory(0x28, 2, 8)
        .memory(0x28, 2, 16 + 4 * count)
      code.returnCallIndirect(context.builder.type([...values, i32], [i64]))
      code.op(op.end).op(op.end)
      operands()
      code.returnCall(context.rt(`invoke${count}`))
    }
  }
}

const helpers: Readonly<Record<string, Helper>> = {
  "+": sum("+"),
  "-": sum("-"),
  inc: step("inc"),
  dec: step("dec"),
  "<": comparison(op.i64LtS, "compareLt"),
  "<=": comparison(op.i64LeS, "compareLe"),
  ">": comparison(op.i64GtS, "compareGt"),
  ">=": comparison(op.i64GeS, "compareGe"),
  /** A small int equals only itself, since forms are canonical. */
  equal: {
    type: [[i64, i64], [i32]],
    body: (code, context) => {
      code.get(0).get(1).op(op.i64Or).op(op.i32WrapI64).i32(1).op(op.i32And)
      code.get(0).get(1).op(op.i64Or).i64(8n).op(op.i64LtU).op(op.i32Or)
      code.if().get(0).get(1).op(op.i64Eq).op(op.return).op(op.end)
      code.get(0).get(1).returnCall(context.rt("equal"))
    }
  },
  apply0: apply(0),
  apply1: apply(1),
  apply2: apply(2),
  apply3: apply(3),
  apply4: apply(4),
  boxInt: {
    type: [[i64], [i64]],
    body: (code, context) => {
      const small = code.local(i64)
      code.get(0).i64(1n).op(op.i64Shl).tee(small).i64(1n).op(op.i64ShrS).get(0).op(op.i64Eq)
      code.if().get(small).i64(1n).op(op.i64Or).op(op.return).op(op.end)
      code.get(0).returnCall(context.rt("int"))
    }
  },
  unboxInt: {
    type: [[i64], [i64]],
    body: (code, context) => {
      context.usesMemory()
      code.get(0).op(op.i32WrapI64).i32(1).op(op.i32And).if()
      code.get(0).i64(1n).op(op.i64ShrS).op(op.return).op(op.end)
      code.get(0).op(op.i32WrapI64).memory(0x29, 3, 8)
    }
  },
  isInt: {
    type: [[i64], [i32]],
    body: (code, context) => {
      code.get(0).op(op.i32WrapI64).i32(1).op(op.i32And).if().i32(1).op(op.return).op(op.end)
      code.get(0).returnCall(context.rt("isInt"))
    }
  },
  /** Takes units from the Module's own counter. */
  charge: {
    type: [[i32], []],
    body: (code, context) => {
      const left = code.local(i64)
      code.globalGet(context.fuel).get(0).op(op.i64ExtendI32U).op(op.i64Sub).tee(left).globalSet(context.fuel)
      code.get(left).i64(0n).op(op.i64LtS).if().call(context.rt("outOfFuel")).op(op.unreachable).op(op.end)
    }
  },
  /** Raw product; operands of 32 bits cannot overflow. */
  mul: {
    type: [[i64, i64], [i64]],
    body: (code, context) => {
      code.get(0).get(0).op(op.i32WrapI64).op(op.i64ExtendI32S).op(op.i64Eq)
      code.get(1).get(1).op(op.i32WrapI64).op(op.i64ExtendI32S).op(op.i64Eq).op(op.i32And)
      code.if().get(0).get(1).op(op.i64Mul).op(op.return).op(op.end)
      code.get(0).get(1).returnCall(context.rt("mulInt"))
    }
  },
  /** An element of a vector or list, by an index that is in range: a walk down to its leaf; a range has none. */
  at: {
    type: [[i64, i32], [i64]],
    body: (code, context) => {
      context.usesMemory()
      const [place, shift, node] = [code.local(i32), code.local(i32), code.local(i32)]
      const head = () => code.get(0).op(op.i32WrapI64)
      const word = (offset: number) => code.memory(0x28, 2, offset)
      head()
      word(sequenceOffset).get(1).op(op.i32Add).set(place)
      head()
      word(sequenceShift).tee(shift).i32(isRange).op(op.i32Eq)
      code.if().get(0).get(1).returnCall(context.rt("at")).op(op.end)
      code.get(place)
      head()
      word(sequenceOffset)
      head()
      word(sequenceCount).op(op.i32Add).i32(1).op(op.i32Sub).i32(-32).op(op.i32And).op(op.i32GeU)
      code.if(i32)
      head()
      word(sequenceTail)
      code.op(op.else)
      head()
      word(sequenceRoot).set(node)
      code.block().loop()
      code.get(shift).op(op.i32Eqz).brIf(1)
      code.get(node).get(place).get(shift).op(op.i32ShrU).i32(31).op(op.i32And).i32(2).op(op.i32Shl).op(op.i32Add)
      word(8).set(node)
      code.get(shift).i32(5).op(op.i32Sub).set(shift).br(0).op(op.end).op(op.end)
      code.get(node).op(op.end)
      code.get(place).i32(31).op(op.i32And).i32(3).op(op.i32Shl).op(op.i32Add).memory(0x29, 3, 8)
    }
  },
  /**
   * Where to find an element and those behind it in its leaf: in the lower half an address that is 8 × index before the element's, in the upper half how
   * many there are. Elements of a range are made one at a time, in a cell of the Module's.
   */
  leaf: {
    type: [[i64, i32], [i64]],
    body: (code, context) => {
      context.usesMemory()
      const address = code.local(i32)
      const cell = context.place(new Uint8Array(8), 8)
      code.get(0).op(op.i32WrapI64).memory(0x28, 2, sequenceShift).i32(isRange).op(op.i32Eq).if(i64)
      code.i32(cell).get(0).get(1).call(context.rt("at")).memory(0x37, 3, 0)
      code
        .i32(cell)
        .get(1)
        .i32(3)
        .op(op.i32Shl)
        .op(op.i32Sub)
        .op(op.i64ExtendI32U)
        .i64(1n << 32n)
        .op(op.i64Or)
      code.op(op.else)
      code.get(0).get(1).call(context.rt("slotOf")).get(1).i32(3).op(op.i32Shl).op(op.i32Sub).set(address)
      code.i32(32).get(0).op(op.i32WrapI64).memory(0x28, 2, sequenceOffset).get(1).op(op.i32Add).i32(31).op(op.i32And).op(op.i32Sub)
      code.op(op.i64ExtendI32U).i64(32n).op(op.i64Shl).get(address).op(op.i64ExtendI32U).op(op.i64Or).op(op.end)
    }
  },
  /** Appends to a vector that nothing else holds, so that its last leaf is its own too: where that has room, without a call. Yields the vector. */
  push: {
    type: [[i64, i64], [i64]],
    body: (code, context) => {
      context.usesMemory()
      const [vector, tail, used] = [code.local(i32), code.local(i32), code.local(i32)]
      code.get(0).op(op.i32WrapI64).tee(vector).memory(0x28, 2, sequenceTail).tee(tail).memory(0x2f, 1, 0).tee(used)
      code.get(tail).memory(0x2f, 1, 2).op(op.i32LtU).if()
      code.get(tail).get(used).i32(3).op(op.i32Shl).op(op.i32Add).get(1).memory(0x37, 3, 8)
      code.get(tail).get(used).i32(1).op(op.i32Add).memory(0x3b, 1, 0)
      code.get(vector).get(vector).memory(0x28, 2, sequenceCount).i32(1).op(op.i32Add).memory(0x36, 2, sequenceCount)
      code.get(0).op(op.return).op(op.end)
      code.get(0).get(1).call(context.rt("vectorPush")).get(0)
    }
  },
  /** A value that is set, or undefined-symbol with this name. */
  defined: {
    type: [[i64, i64], [i64]],
    body: (code, context) => {
      code.get(0).i64(unset).op(op.i64Eq).if().get(1).call(context.rt("undefinedSymbol")).op(op.unreachable).op(op.end)
      code.get(0)
    }
  },
  cell: {
    type: [[], [i64]],
    body: (code, context) => {
      context.usesMemory()
      const pointer = code.local(i32)
      code.i32(8).call(context.rt("alloc")).tee(pointer).i64(unset).memory(0x37, 3, 0)
      code.get(pointer).op(op.i64ExtendI32U)
    }
  }
}
