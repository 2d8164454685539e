/** Emits the primitive operations of the IR. */
import { builtinIndex } from "./builtins.ts"
import type { Code, FunctionRef } from "./code.ts"
import { i64, op } from "./code.ts"
import type { EmitContext } from "./emit-context.ts"
import { unset } from "./emit-context.ts"
import type { Node, Prim, PrimName } from "./ir.ts"

/** What a primitive needs of the function body it stands in. */
export interface Surrounding {
  readonly code: Code
  readonly context: EmitContext
  /** Leaves a node's value on the stack. */
  emit(node: Node): undefined
  /** Stores the values in a fresh block of arguments and answers the WebAssembly local that points at it. */
  args(nodes: readonly Node[]): number
  /** The WebAssembly local that holds a local of the IR. */
  local(index: number): number
  /** Set where the loop around goes through this vector by this counter. */
  cursor(vector: number, counter: number): Cursor | undefined
}

/** WebAssembly locals by which a loop finds the elements of one leaf after the other: all counters below `end` are found at `base` + 8 × counter. */
export interface Cursor {
  readonly base: number
  readonly end: number
}

/** Leaves the result of a primitive on the stack. */
export function emitPrim(emitter: Surrounding, node: Prim): undefined {
  const simple = instructions[node.prim]
  if (simple !== undefined) {
    for (const arg of node.args) emitter.emit(arg)
    for (const instruction of simple) emitter.code.op(instruction)
    return
  }
  const kind = kinds[node.prim]
  if (kind !== undefined) {
    emitter.emit(operand(node, 0))
    emitter.code.call(emitter.context.rt("tag")).i32(kind).op(op.i32Eq)
    return
  }
  const runtime = runtimeTests[node.prim]
  if (runtime !== undefined) {
    for (const arg of node.args) emitter.emit(arg)
    emitter.code.call(emitter.context.rt(runtime))
    return
  }
  const emit = others[node.prim]
  if (!emit) throw new Error(`emit: there is no primitive ${node.prim}`)
  emit(emitter, node)
}

/** Primitives that are instructions. */
const instructions: Partial<Record<PrimName, readonly number[]>> = {
  "i64-eq": [op.i64Eq],
  "i64-ne": [op.i64Ne],
  "i64-lt": [op.i64LtS],
  "i64-le": [op.i64LeS],
  "i64-gt": [op.i64GtS],
  "i64-ge": [op.i64GeS],
  "f64-of-i64": [op.f64ConvertI64S],
  "f64-add": [op.f64Add],
  "f64-sub": [op.f64Sub],
  "f64-mul": [op.f64Mul],
  "f64-neg": [op.f64Neg],
  "f64-abs": [op.f64Abs],
  "f64-eq": [op.f64Eq],
  "f64-ne": [op.f64Ne],
  "f64-lt": [op.f64Lt],
  "f64-le": [op.f64Le],
  "f64-gt": [op.f64Gt],
  "f64-ge": [op.f64Ge],
  "bool-not": [op.i32Eqz],
  "bool-eq": [op.i32Eq],
  "is-nil": [op.i64Eqz]
}

/** Tests of one kind: the number `tag` answers for it. */
const kinds: Partial<Record<PrimName, number>> = {
  "is-string": 3,
  "is-keyword": 4,
  "is-vector": 5,
  "is-list": 6,
  "is-map": 7,
  "is-function": 8,
  "is-error": 9
}

/** Primitives that are one function of the runtime. */
const runtimeTests: Partial<Record<PrimName, string>> = {
  "is-float": "isFloat",
  "need-integer": "dotimesCount",
  "map-find": "lookup",
  "map-get": "lookupNil"
}

type Emit = (emitter: Surrounding, node: Prim) => undefined

const others: Partial<Record<PrimName, Emit>> = {
  truthy: (emitter, node) => {
    emitter.emit(operand(node, 0))
    emitter.code.i64(-3n).op(op.i64And).i64(0n).op(op.i64Ne)
  },
  "is-bool": (emitter, node) => {
    emitter.emit(operand(node, 0))
    emitter.code.i64(2n).op(op.i64Sub).i64(-3n).op(op.i64And).op(op.i64Eqz)
  },
  "is-int": (emitter, node) => {
    emitter.emit(operand(node, 0))
    emitter.code.call(emitter.context.helper("isInt"))
  },
  "is-unset": (emitter, node) => {
    emitter.emit(operand(node, 0))
    emitter.code.i64(unset).op(op.i64Eq)
  },
  equal: (emitter, node) => {
    emitter.emit(operand(node, 0))
    emitter.emit(operand(node, 1))
    emitter.code.call(emitter.context.helper("equal"))
  },
  "need-vector": (emitter, node) => needVector(emitter, node, 0),
  "need-vector-least": (emitter, node) => needVector(emitter, node, 1),
  "need-map": (emitter, node) => kept(emitter, node, "destructureMap"),
  "need-struct": (emitter, node) => kept(emitter, node, "expectMap"),
  "need-sequence": (emitter, node) => kept(emitter, node, "forSource", true),
  "vector-count": size,
  "sequence-count": size,
  "map-count": size,
  "vector-at": element,
  "sequence-at": element,
  "vector-from": (emitter, node) => indexed(emitter, node, emitter.context.rt("restVector")),
  "vector-new": emitter => {
    emitter.code.call(emitter.context.rt("vectorNew"))
  },
  "vector-append": (emitter, node) => {
    emitter.emit(operand(node, 0))
    emitter.emit(operand(node, 1))
    emitter.code.call(emitter.context.helper("push"))
  },
  "map-without": (emitter, node) => {
    const { code, context } = emitter
    emitter.emit(operand(node, 0))
    const keys = emitter.args([operand(node, 1)])
    code.get(keys).i32(1).call(context.rt("mapWithout"))
    code.release(keys)
  },
  "keyword-get": (emitter, node) => {
    emitter.emit(operand(node, 0))
    emitter.emit(operand(node, 1))
    emitter.code.i64(0n).call(emitter.context.rt("keywordGet"))
  },
  "keyword-get-or": (emitter, node) => {
    for (const arg of node.args) emitter.emit(arg)
    emitter.code.call(emitter.context.rt("keywordGet"))
  },
  "i64-add": (emitter, node) => exactSum(emitter, operand(node, 0), operand(node, 1), "+"),
  "i64-sub": (emitter, node) => exactSum(emitter, operand(node, 0), operand(node, 1), "-"),
  "i64-inc": (emitter, node) => exactStep(emitter, operand(node, 0), 1n, "inc"),
  "i64-dec": (emitter, node) => exactStep(emitter, operand(node, 0), -1n, "dec"),
  "i64-next": (emitter, node) => {
    emitter.emit(operand(node, 0))
    emitter.code.i64(1n).op(op.i64Add)
  },
  "i64-mul": (emitter, node) => {
    emitter.emit(operand(node, 0))
    emitter.emit(operand(node, 1))
    emitter.code.call(emitter.context.helper("mul"))
  },
  "i64-mod": (emitter, node) => {
    const divisor = operand(node, 1)
    emitter.emit(operand(node, 0))
    emitter.emit(divisor)
    if (divisor.op === "const" && divisor.value !== 0n) emitter.code.op(op.i64RemS)
    else emitter.code.call(emitter.context.rt("modInt"))
  },
  "i64-abs": (emitter, node) => negated(emitter, node, "abs"),
  "i64-neg": (emitter, node) => negated(emitter, node, "-"),
  "i64-max": (emitter, node) => chosen(emitter, node, op.i64GeS),
  "i64-min": (emitter, node) => chosen(emitter, node, op.i64LeS),
  "i64-even": (emitter, node) => {
    emitter.emit(operand(node, 0))
    emitter.code.op(op.i32WrapI64).i32(1).op(op.i32And).op(op.i32Eqz)
  },
  "i64-odd": (emitter, node) => {
    emitter.emit(operand(node, 0))
    emitter.code.op(op.i32WrapI64).i32(1).op(op.i32And)
  }
}

function operand(node: Prim, index: number): Node {
  const found = node.args[index]
  if (!found) throw new Error(`emit: ${node.prim} lacks operand ${index}`)
  return found
}

/** A count or index operand as an i32. */
function index32(emitter: Surrounding, node: Node): undefined {
  if (node.op === "const") emitter.code.i32(Number(node.value))
  else {
    emitter.emit(node)
    emitter.code.op(op.i32WrapI64)
  }
}

function needVector(emitter: Surrounding, node: Prim, rest: 0 | 1): undefined {
  const { code, context } = emitter
  const value = code.local(i64)
  emitter.emit(operand(node, 0))
  code.tee(value)
  index32(emitter, operand(node, 1))
  code.i32(rest).call(context.rt("destructureVector")).get(value)
  code.release(value)
}

/** Runs a check of the runtime and yields the value itself. */
function kept(emitter: Surrounding, node: Prim, name: string, answers = false): undefined {
  const { code, context } = emitter
  const value = code.local(i64)
  emitter.emit(operand(node, 0))
  code.tee(value).call(context.rt(name))
  if (answers) code.op(op.drop)
  code.get(value)
  code.release(value)
}

/** Every collection has its count behind its tag. */
function size(emitter: Surrounding, node: Prim): undefined {
  emitter.context.usesMemory()
  emitter.emit(operand(node, 0))
  emitter.code.op(op.i32WrapI64).memory(0x28, 2, 4).op(op.i64ExtendI32U)
}

function element(emitter: Surrounding, node: Prim): undefined {
  const [vector, counter] = node.args
  const cursor = vector?.op === "local" && counter?.op === "local" ? emitter.cursor(vector.index, counter.index) : undefined
  if (!cursor || vector?.op !== "local" || counter?.op !== "local") return indexed(emitter, node, emitter.context.helper("at"))
  const { code, context } = emitter
  context.usesMemory()
  const index = emitter.local(counter.index)
  const found = code.local(i64)
  code.get(index).get(cursor.end).op(op.i64GeS).if()
  code.get(emitter.local(vector.index)).get(index).op(op.i32WrapI64).call(context.helper("leaf")).tee(found)
  code.op(op.i32WrapI64).set(cursor.base)
  code.get(found).i64(32n).op(op.i64ShrU).get(index).op(op.i64Add).set(cursor.end).op(op.end)
  code.get(cursor.base).get(index).op(op.i32WrapI64).i32(3).op(op.i32Shl).op(op.i32Add).memory(0x29, 3, 0)
  code.release(found)
}

function indexed(emitter: Surrounding, node: Prim, target: FunctionRef): undefined {
  emitter.emit(operand(node, 0))
  index32(emitter, operand(node, 1))
  emitter.code.call(target)
}

function overflowIf(emitter: Surrounding, name: string): undefined {
  const { code, context } = emitter
  code.if().i32(builtinIndex(name)).call(context.rt("overflow")).op(op.unreachable).op(op.end)
}

/** A sum or difference with the sign test; with a constant on the right one comparison is enough. */
function exactSum(emitter: Surrounding, left: Node, right: Node, name: "+" | "-"): undefined {
  const { code } = emitter
  if (right.op === "const") {
    const value = right.value as bigint
    const negative = name === "-" ? -value : value
    if (value !== -(2n ** 63n)) return exactStep(emitter, left, negative, name)
  }
  const instruction = name === "+" ? op.i64Add : op.i64Sub
  const a = code.local(i64)
  const b = code.local(i64)
  const result = code.local(i64)
  emitter.emit(left)
  code.set(a)
  emitter.emit(right)
  code.set(b)
  code.get(a).get(b).op(instruction).tee(result).get(a).op(op.i64Xor)
  if (name === "+") code.get(result).get(b).op(op.i64Xor)
  else code.get(a).get(b).op(op.i64Xor)
  code.op(op.i64And).i64(0n).op(op.i64LtS)
  overflowIf(emitter, name)
  code.get(result)
  code.release(a)
  code.release(b)
  code.release(result)
}

/** Adds a constant. */
function exactStep(emitter: Surrounding, value: Node, by: bigint, name: string): undefined {
  const { code } = emitter
  const known = value.op === "local" ? emitter.local(value.index) : -1
  const before = known >= 0 ? known : code.local(i64)
  const result = code.local(i64)
  emitter.emit(value)
  if (known < 0) code.tee(before)
  code
    .i64(by)
    .op(op.i64Add)
    .tee(result)
    .get(before)
    .op(by < 0n ? op.i64GtS : op.i64LtS)
  overflowIf(emitter, name)
  code.get(result)
  if (known < 0) code.release(before)
  code.release(result)
}

function negated(emitter: Surrounding, node: Prim, name: "abs" | "-"): undefined {
  const { code } = emitter
  const value = code.local(i64)
  emitter.emit(operand(node, 0))
  code
    .tee(value)
    .i64(-(2n ** 63n))
    .op(op.i64Eq)
  overflowIf(emitter, name)
  code.i64(0n).get(value).op(op.i64Sub)
  if (name === "abs") code.get(value).get(value).i64(0n).op(op.i64LtS).op(op.select)
  code.release(value)
}

function chosen(emitter: Surrounding, node: Prim, instruction: number): undefined {
  const { code } = emitter
  const a = code.local(i64)
  const b = code.local(i64)
  emitter.emit(operand(node, 0))
  code.set(a)
  emitter.emit(operand(node, 1))
  code.set(b)
  code.get(a).get(b).get(a).get(b).op(instruction).op(op.select)
  code.release(a)
  code.release(b)
}
