/** From IR to a WebAssembly module: functions, their boxed wrappers, constants, initialisation and exports (vm page, section 3). */
import { fuelExport, initExport } from "../admission.ts"
import type { FunctionRef, GlobalRef } from "./code.ts"
import { Code, i32, i64, op } from "./code.ts"
import { EmitContext, wasmTypeOf } from "./emit-context.ts"
import type { Surroundings, Target } from "./emit-function.ts"
import { chargeInline, directParams, FunctionEmitter } from "./emit-function.ts"
import { ModuleBuilder } from "./encode.ts"
import type { IrExport, IrFunction, IrProgram } from "./ir.ts"
import type { RuntimeAbi } from "./runtime-abi.ts"
import { surveyOf } from "./survey.ts"

/** Calls that may be active at once (language page, section 4.1). */
export const callsMax = 10_000

/** Emits a whole program; custom sections are the caller's. `metered` is false only where a bench measures what metering costs. */
export function emit(program: IrProgram, runtime: RuntimeAbi, metered = true): ModuleBuilder {
  const builder = new ModuleBuilder()
  const context = new EmitContext(builder, program, runtime, metered)
  const globals = program.globals.map(global => builder.global(wasmTypeOf[global.rep], true, global.rep === "boxed" ? 6n : 0n))
  const used = usesOf(program)
  const targets = program.functions.map((fn, index) => (used.reached.has(index) ? targetOf(context, fn, used.values.has(index)) : null))
  const around: Surroundings = {
    context,
    targets,
    globals,
    host: () => builder.importFunction("host", "call", [i32, i32, i32], [i32])
  }
  // A Source that could reach the host says so, also where the optimiser proved that it never does.
  if (program.capabilities.length > 0) around.host()
  const exported = new Set(program.exports.map(one => one.fn))
  for (const [index, fn] of program.functions.entries()) {
    const target = targets[index]
    if (!target) continue
    const counted = index !== program.init && !(exported.has(index) && (program.kind === "program" || isForwarder(fn)))
    builder.define(target.ref, new FunctionEmitter(around, fn, target, counted).code)
  }
  for (const one of program.exports) emitExport(context, one, targets[one.fn] as Target)
  emitInit(context, initOf(program) < 0 ? null : (targets[program.init] as Target))
  builder.exportGlobal(fuelExport, context.fuel)
  return builder
}

/** The function that evaluates what is evaluated once, or -1 where nothing is left of it. */
function initOf(program: IrProgram): number {
  return program.functions[program.init]?.body.op === "const" ? -1 : program.init
}

/** A function that only makes a definition reachable from outside is no call of its own. */
function isForwarder(fn: IrFunction): boolean {
  return fn.body.op === "global" || (fn.body.op === "call-known" && fn.body.closure?.op === "global")
}

interface Uses {
  /** Functions that can be called at all. */
  readonly reached: ReadonlySet<number>
  /** Functions of which closures are made. */
  readonly values: ReadonlySet<number>
}

function usesOf(program: IrProgram): Uses {
  const reached = new Set<number>()
  const values = new Set<number>(program.exports.map(one => one.fn))
  const waiting = [...values]
  if (initOf(program) >= 0) waiting.push(program.init)
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const fn = program.functions[next]
    if (!fn || reached.has(next)) continue
    reached.add(next)
    const { calls, closures } = surveyOf(fn)
    for (const made of closures) {
      values.add(made)
      waiting.push(made)
    }
    for (const called of calls) waiting.push(called)
  }
  return { reached, values }
}

/** A function whose direct form is also the form its descriptor wants gets no wrapper. */
function targetOf(context: EmitContext, fn: IrFunction, isValue: boolean): Target {
  const boxed = fn.result === "boxed" && fn.locals.slice(0, fn.fixed).every(rep => rep === "boxed")
  const own = isValue && boxed && !fn.rest && fn.fixed <= 4
  const takesClosure = fn.captures.length > 0 || fn.usesSelf || own
  const ref = context.builder.declare(fn.name, directParams(fn, takesClosure), [wasmTypeOf[fn.result]])
  let address: number | null = null
  const descriptor = () => {
    if (address === null) {
      const target = { ref, takesClosure, result: fn.result, chargesItself: own, descriptor }
      const entries = own && takesClosure ? entriesAt(fn.fixed, ref) : wrappersOf(context, fn, target)
      address = context.descriptor(fn.fixed, fn.rest, entries)
    }
    return address
  }
  return { ref, takesClosure, result: fn.result, chargesItself: own, descriptor }
}

/** Entries for 0 to 4 arguments and for more, of a function that has only this one. */
function entriesAt(count: number, ref: FunctionRef): (FunctionRef | null)[] {
  return Array.from({ length: 6 }, (_, slot) => (slot === Math.min(count, 5) ? ref : null))
}

function wrappersOf(context: EmitContext, fn: IrFunction, target: Target): (FunctionRef | null)[] {
  if (!fn.rest && fn.fixed <= 4) return entriesAt(fn.fixed, fixedWrapper(context, fn, target))
  const many = manyWrapper(context, fn, target)
  if (!fn.rest) return entriesAt(5, many)
  return Array.from({ length: 6 }, (_, slot) => (slot === 5 ? many : slot >= fn.fixed ? collector(context, slot, many) : null))
}

/** `(closure, a…, depth)`: checks and unboxes what the function takes raw, boxes what it answers. */
function fixedWrapper(context: EmitContext, fn: IrFunction, target: Target): FunctionRef {
  const { builder } = context
  const ref = builder.declare(`${fn.name}:boxed`, [...Array.from({ length: fn.fixed + 1 }, () => i64), i32], [i64])
  const code = new Code(fn.fixed + 2)
  const depth = fn.fixed + 1
  chargeInline(code, context, 1)
  checkDepth(context, code, fn, depth)
  checkParams(context, fn, index => code.get(1 + index))
  if (target.takesClosure) code.get(0)
  for (let index = 0; index < fn.fixed; index++) unboxInto(context, code.get(1 + index), fn.locals[index] ?? "boxed")
  finish(context, code, fn, target, depth)
  builder.define(ref, code)
  return ref
}

/** `(closure, argc, args, depth)`: for more than four parameters, and for rest lists. */
function manyWrapper(context: EmitContext, fn: IrFunction, target: Target): FunctionRef {
  const { builder } = context
  context.usesMemory()
  const ref = builder.declare(`${fn.name}:many`, [i64, i32, i32, i32], [i64])
  const code = new Code(4)
  const [argc, args, depth] = [1, 2, 3]
  code
    .get(argc)
    .i32(fn.fixed)
    .op(fn.rest ? op.i32LtU : op.i32Ne)
  code.if().get(0).get(argc).call(context.rt("arityError")).op(op.unreachable).op(op.end)
  chargeInline(code, context, 1)
  checkDepth(context, code, fn, depth)
  const load = (index: number) => code.get(args).memory(0x29, 3, 8 * index)
  checkParams(context, fn, load)
  if (target.takesClosure) code.get(0)
  for (let index = 0; index < fn.fixed; index++) unboxInto(context, load(index), fn.locals[index] ?? "boxed")
  if (fn.rest) code.get(args).get(argc).i32(fn.fixed).call(context.rt("rest"))
  finish(context, code, fn, target, depth)
  builder.define(ref, code)
  return ref
}

/** The entry of a variadic function for a small number of arguments: puts them in a row. */
function collector(context: EmitContext, count: number, many: FunctionRef): FunctionRef {
  const { builder } = context
  context.usesMemory()
  const ref = builder.declare(`${count}`, [...Array.from({ length: count + 1 }, () => i64), i32], [i64])
  const code = new Code(count + 2)
  const args = code.local(i32)
  code.i32(count).call(context.rt("args")).set(args)
  for (let index = 0; index < count; index++)
    code
      .get(args)
      .get(1 + index)
      .memory(0x37, 3, 8 * index)
  code
    .get(0)
    .i32(count)
    .get(args)
    .get(count + 1)
    .returnCall(many)
  builder.define(ref, code)
  return ref
}

/** The limit comes before the types of parameters, so it is tested here where those are checked here. */
function checkDepth(context: EmitContext, code: Code, fn: IrFunction, depth: number): void {
  if (!fn.paramChecks.some(type => type >= 0)) return
  code.get(depth).op(op.i32Eqz).if().call(context.rt("recursionLimit")).op(op.unreachable).op(op.end)
}

function checkParams(context: EmitContext, fn: IrFunction, load: (index: number) => Code): void {
  for (let index = 0; index < fn.fixed; index++) {
    const type = fn.paramChecks[index] ?? -1
    if (type >= 0) load(index).i32(context.typeAddress(type)).call(context.rt("expectType")).op(op.drop)
  }
}

function unboxInto(context: EmitContext, code: Code, rep: string): void {
  if (rep === "i64") code.call(context.helper("unboxInt"))
  else if (rep === "f64") {
    context.usesMemory()
    code.op(op.i32WrapI64).memory(0x2b, 3, 8)
  } else if (rep === "bool") code.i64(4n).op(op.i64Eq)
}

function finish(context: EmitContext, code: Code, fn: IrFunction, target: Target, depth: number): void {
  code.get(depth)
  if (fn.result === "boxed") {
    code.returnCall(target.ref)
    return
  }
  code.call(target.ref)
  if (fn.result === "i64") code.call(context.helper("boxInt"))
  else if (fn.result === "f64") code.call(context.rt("float"))
  else code.op(op.i64ExtendI32U).i64(1n).op(op.i64Shl).i64(2n).op(op.i64Add)
}

/** An export takes the vector of its arguments; arity and parameters are checked on the way every unknown callee takes. */
function emitExport(context: EmitContext, one: IrExport, target: Target): void {
  const { builder } = context
  const ref = builder.declare(`${one.name}:export`, [i64], [i64])
  const code = new Code(1)
  code.i32(target.descriptor()).i32(0).call(context.rt("closure")).op(op.i64ExtendI32U)
  code.get(0).i32(callsMax).call(context.rt("applyVector"))
  builder.define(ref, code)
  builder.exportFunction(one.name, ref)
}

/** Installs data, table and constants, then evaluates what is evaluated once. Runs before anything else in a fresh instance. */
function emitInit(context: EmitContext, init: Target | null): void {
  const { builder } = context
  const ref = builder.declare(initExport, [], [])
  const code = new Code(0)
  const pool = context.constantPool()
  const poolAddress = pool.globals.length > 0 ? context.place(pool.bytes, 1) : 0
  const { length } = context.data
  if (length > 0) {
    context.usesMemory()
    code.i32(length).call(context.rt("alloc")).i32(context.runtime.heapBase).op(op.i32Ne).if().op(op.unreachable).op(op.end)
    code.i32(context.runtime.heapBase).i32(0).i32(length).memoryInit(0)
    builder.setData(context.data.take())
  }
  const elements = builder.elementCount()
  if (elements > 0) {
    context.usesTable()
    code.refNullFunc().i32(elements).tableGrow().i32(context.runtime.tableBase).op(op.i32Ne).if().op(op.unreachable).op(op.end)
    code.i32(context.runtime.tableBase).i32(0).i32(elements).tableInit(0)
  }
  if (pool.globals.length > 0) fillConstants(context, code, poolAddress, pool.bytes.length, pool.globals)
  if (init) {
    if (init.takesClosure) code.i64(0n)
    code.i32(callsMax).call(init.ref).op(op.drop)
  }
  builder.define(ref, code)
  builder.exportFunction(initExport, ref)
}

function fillConstants(context: EmitContext, code: Code, address: number, length: number, globals: readonly GlobalRef[]): void {
  const vector = code.local(i64)
  code.i32(address).i32(length).call(context.rt("decode")).set(vector)
  for (const [index, global] of globals.entries()) code.get(vector).i32(index).call(context.rt("at")).globalSet(global)
}
