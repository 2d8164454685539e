/** Emits the body of one function: a walk over its IR that leaves each node's value on the WebAssembly stack. */
import { builtinIndex } from "./builtins.ts"
import type { FunctionRef, GlobalRef, ValueType } from "./code.ts"
import { Code, exnref, i32, i64, op } from "./code.ts"
import type { EmitContext } from "./emit-context.ts"
import { unset, wasmTypeOf } from "./emit-context.ts"
import type { Cursor } from "./emit-prims.ts"
import { emitPrim } from "./emit-prims.ts"
import { inner } from "./inner.ts"
import type { Continue, IrFunction, Loop, Node, Rep, Step, Try } from "./ir.ts"
import { diverges } from "./ir.ts"
import type { Count, LoopWalk } from "./loop-walk.ts"
import { walkOf } from "./loop-walk.ts"
import { blockUnits, mayJump, straightUnits, turnsTogether, unitsTogether } from "./metering.ts"
import { surveyOf } from "./survey.ts"

/** How a function of the program is reached directly. */
export interface Target {
  readonly ref: FunctionRef
  /** Whether the first parameter is the closure. */
  readonly takesClosure: boolean
  readonly result: Rep
  /** Whether its own code charges the unit of its entry; otherwise every caller does. */
  readonly chargesItself: boolean
  /** Position of its descriptor, made when a closure of it is first needed. */
  readonly descriptor: () => number
}

/** What a function body needs beside the shared context. */
export interface Surroundings {
  readonly context: EmitContext
  /** Null for a function that nothing calls. */
  readonly targets: readonly (Target | null)[]
  readonly globals: readonly GlobalRef[]
  /** `host.call`. */
  readonly host: () => FunctionRef
}

interface Label {
  readonly id: number
  /** Number of blocks open when the label's block was opened, itself included. */
  open: number
  readonly locals: readonly number[]
  /** Local that gathers units not charged yet; -1: a turn is charged at once; `prepaid`: it is charged already. */
  readonly units: number
}

/** Of a label whose turns are charged some at a time, before they happen. */
const prepaid = -2

export class FunctionEmitter {
  readonly code: Code
  readonly context: EmitContext
  readonly #around: Surroundings
  readonly #fn: IrFunction
  readonly #locals: number[] = []
  readonly #closure: number
  readonly #labels: Label[] = []
  /** Parameter that holds the calls that may still begin below this one. */
  readonly depth: number
  #open = 0
  /** By vector and counter, both locals of the IR. */
  #cursors: Map<string, Cursor> | null = null
  /** Local in which the loop around gathers units, or -1. */
  #gathered = -1

  constructor(around: Surroundings, fn: IrFunction, target: Target, counted: boolean) {
    this.#around = around
    this.context = around.context
    this.#fn = fn
    const params = fn.fixed + (fn.rest ? 1 : 0)
    const first = target.takesClosure ? 1 : 0
    this.#closure = target.takesClosure ? 0 : -1
    this.depth = first + params
    this.code = new Code(this.depth + 1)
    for (let index = 0; index < params; index++) this.#locals.push(first + index)
    this.#placeLocals(params)
    this.#prologue(counted, target.chargesItself)
    this.emit(fn.body, true)
  }

  /** Locals stand together by type, which keeps their declaration short. */
  #placeLocals(params: number): undefined {
    for (const rep of ["boxed", "i64", "f64", "bool"] as const) {
      for (let index = params; index < this.#fn.locals.length; index++) {
        if (this.#fn.locals[index] === rep) this.#locals[index] = this.code.local(wasmTypeOf[rep])
      }
    }
  }

  /** Fuel for the body's first stretch, and its own entry where no caller pays for it; for a counted call, one of depth. */
  #prologue(counted: boolean, chargesItself: boolean): undefined {
    this.#charge(this.#straightUnits(this.#fn.body) + (chargesItself ? 1 : 0))
    if (!counted) return
    const { code } = this
    code.get(this.depth).i32(1).op(op.i32Sub).tee(this.depth).i32(0).op(op.i32LtS)
    code.if().call(this.context.rt("recursionLimit")).op(op.unreachable).op(op.end)
  }

  #charge(units: number): undefined {
    if (units === 0) return
    if (this.#gathered >= 0) this.code.get(this.#gathered).i32(units).op(op.i32Add).set(this.#gathered)
    else chargeInline(this.code, this.context, units)
  }

  #chargedByCaller = (fn: number): boolean => this.#around.targets[fn]?.chargesItself === false

  #straightUnits(node: Node): number {
    return straightUnits(node, this.#chargedByCaller)
  }

  /** A node that begins a stretch of its own. */
  #stretch(node: Node, tail = false): undefined {
    this.#charge(this.#straightUnits(node))
    return this.emit(node, tail)
  }

  /** Leaves the node's value on the stack. `tail`: it is the function's own result. */
  emit(node: Node, tail = false): undefined {
    const { code, context } = this
    switch (node.op) {
      case "const":
        if (node.rep === "i64") code.i64(node.value as bigint)
        else if (node.rep === "f64") code.f64Const(node.value as number)
        else if (node.rep === "bool") code.i32(node.value ? 1 : 0)
        else context.constant(code, node.value)
        return
      case "unset":
        code.i64(unset)
        return
      case "local":
        code.get(this.local(node.index))
        return
      case "global":
        code.globalGet(this.#global(node.index))
        if (node.checked) this.#checkDefined(context.program.globals[node.index]?.name ?? "")
        return
      case "capture":
        context.usesMemory()
        code.get(this.#closure).op(op.i32WrapI64)
        this.#load(node.rep, 16 + 8 * node.index)
        return
      case "self":
        code.get(this.#closure)
        return
      case "builtin":
        code.i32(node.builtin).call(context.rt("builtin"))
        return
      case "block":
        for (const [index, step] of node.steps.entries()) {
          this.#step(step)
          if (mayJump(step.value)) this.#charge(blockUnits(node.steps, index + 1, node.result, this.#chargedByCaller))
          // What follows is never reached and need not fit the representation that is expected here.
          if (diverges(step.value)) {
            code.op(op.unreachable)
            return
          }
        }
        return this.emit(node.result, tail)
      case "if":
        this.test(node.test)
        this.#opened(() => code.if(wasmTypeOf[node.rep]))
        this.#stretch(node.then, tail)
        code.op(op.else)
        this.#stretch(node.else, tail)
        this.#closed()
        if (diverges(node)) code.op(op.unreachable)
        return
      case "loop":
        return this.#loop(node, tail)
      case "continue":
        return this.#continue(node)
      case "choose":
        return this.#choose(node.label, node.clauses, node.rep, tail)
      case "fail":
        code.br(this.#distance(node.label))
        return
      case "call-known":
        return this.#callKnown(node, tail)
      case "call-value":
        this.mark(node.site)
        return this.#callValue(node.callee, node.args, tail && node.tail)
      case "call-builtin":
        this.mark(node.site)
        return this.#callBuiltin(node.builtin, node.args)
      case "host":
        this.mark(node.site)
        return this.#host(node.capability, node.args)
      case "prim":
        if (node.site >= 0) this.mark(node.site)
        return emitPrim(this, node)
      case "box":
        return this.#box(node.value)
      case "unbox":
        this.emit(node.value)
        return this.unbox(node.rep)
      case "closure":
        return this.#makeClosure(node.fn, node.captures)
      case "make": {
        const pointer = this.args(node.items)
        code
          .get(pointer)
          .i32(node.items.length)
          .call(context.rt(node.kind === "vector" ? "vectorFrom" : "listFrom"))
        code.release(pointer)
        return
      }
      case "make-map": {
        const items = node.values.flatMap((value, index): Node[] => [{ op: "const", rep: "boxed", value: node.keys[index] ?? null }, value])
        const pointer = this.args(items)
        code.get(pointer).i32(node.keys.length).call(context.rt("mapFrom"))
        code.release(pointer)
        return
      }
      case "try":
        return this.#try(node)
      case "check":
        return this.#check(node.type, node.each, node.value, node.site)
      case "raise":
        this.mark(node.site)
        code.i32(categoryNumber(node.category))
        context.constant(code, node.message)
        code.call(context.rt("fail")).op(op.unreachable)
        return
      case "cell":
        code.call(context.helper("cell"))
        return
      case "cell-get":
        context.usesMemory()
        this.emit(node.cell)
        code.op(op.i32WrapI64).memory(0x29, 3, 0)
        if (node.name !== null) this.#checkDefined(node.name)
        return
    }
  }

  /** A condition: an i32 that is zero for false. */
  test(node: Node): undefined {
    this.emit(node)
  }

  local(index: number): number {
    const local = this.#locals[index]
    if (local === undefined) throw new Error(`emit: ${this.#fn.name} has no local ${index}`)
    return local
  }

  /** Notes which piece of the Source the next instruction stands for. */
  mark(site: number): undefined {
    const place = this.context.program.sites[site]
    if (place && place.unit === 0) this.code.mark(place.start, place.end)
  }

  /** Evaluates boxed operands into room given by the runtime; answers the local that holds its address. */
  args(nodes: readonly Node[]): number {
    const { code, context } = this
    context.usesMemory()
    const pointer = code.local(i32)
    code.i32(nodes.length).call(context.rt("args")).set(pointer)
    for (const [index, node] of nodes.entries()) {
      code.get(pointer)
      this.emit(node)
      code.memory(0x37, 3, 8 * index)
    }
    return pointer
  }

  /** Raw to boxed, of what is on the stack. */
  box(rep: Rep): undefined {
    const { code, context } = this
    if (rep === "i64") code.call(context.helper("boxInt"))
    else if (rep === "f64") code.call(context.rt("float"))
    else if (rep === "bool") code.op(op.i64ExtendI32U).i64(1n).op(op.i64Shl).i64(2n).op(op.i64Add)
  }

  /** Boxed to raw, of what is on the stack and known to be of that kind. */
  unbox(rep: Rep): undefined {
    const { code, context } = this
    if (rep === "i64") code.call(context.helper("unboxInt"))
    else if (rep === "f64") {
      context.usesMemory()
      code.op(op.i32WrapI64).memory(0x2b, 3, 8)
    } else if (rep === "bool") code.i64(4n).op(op.i64Eq)
  }

  #box(value: Node): undefined {
    if (value.op === "const" && value.rep !== "boxed") {
      this.context.constant(this.code, value.value)
      return
    }
    this.emit(value)
    this.box(value.rep)
  }

  #global(index: number): GlobalRef {
    const global = this.#around.globals[index]
    if (!global) throw new Error(`emit: there is no global ${index}`)
    return global
  }

  #checkDefined(name: string): undefined {
    this.context.constant(this.code, name)
    this.code.call(this.context.helper("defined"))
  }

  #step(step: Step): undefined {
    const { code } = this
    switch (step.step) {
      case "bind":
        this.emit(step.value)
        code.set(this.local(step.local))
        return
      case "drop":
        this.emit(step.value)
        code.op(op.drop)
        return
      case "set-global":
        this.emit(step.value)
        code.globalSet(this.#global(step.global))
        return
      case "set-cell":
        this.context.usesMemory()
        this.emit(step.cell)
        code.op(op.i32WrapI64)
        this.emit(step.value)
        code.memory(0x37, 3, 0)
    }
  }

  #loop(node: Loop, tail: boolean): undefined {
    for (const [index, init] of node.inits.entries()) {
      const local = node.locals[index] as number
      if (init.op === "local" && init.index === local) continue
      this.emit(init)
      this.code.set(this.local(local))
    }
    const { code } = this
    const walk = walkOf(node, surveyOf(this.#fn).writes)
    const cursors = this.#openCursors(walk)
    const count = this.context.metered ? walk.count : null
    const gathers = this.context.metered && this.#gathered < 0 && walk.leavesOnlyByItsEnd && !(count && walk.chargesTurnsOnly)
    if (gathers) {
      this.#gathered = code.local(i32)
      code.i32(0).set(this.#gathered)
    }
    const end = count ? code.local(i64) : -1
    if (count) code.get(this.local(count.counter)).set(end)
    this.#opened(() => code.loop(wasmTypeOf[node.rep]))
    if (count) this.#countedTurns(node, count, end, tail && this.#gathered < 0)
    else {
      this.#labels.push({ id: node.label, open: this.#open, locals: node.locals, units: this.#gathered })
      this.#stretch(node.body, tail && this.#gathered < 0)
      this.#labels.pop()
    }
    if (end >= 0) code.release(end)
    this.#closed()
    for (const name of cursors) this.#closeCursor(name)
    if (!gathers) return
    code.get(this.#gathered).call(this.context.helper("charge"))
    code.release(this.#gathered)
    this.#gathered = -1
  }

  cursor(vector: number, counter: number): Cursor | undefined {
    return this.#cursors?.get(`${vector} ${counter}`)
  }

  /**
   * The turns of a loop that counts up to a bound, some at a time: `end` is as far as turns are charged, so that a turn pays nothing but the comparison it
   * makes anyway. They form a loop inside the one that charges, plain enough for an engine to unroll.
   */
  #countedTurns(loop: Loop, { branch, counter, bound }: Count, end: number, tail: boolean): undefined {
    const { code, context } = this
    const index = this.local(counter)
    const turns = code.local(i64)
    this.#opened(() => code.loop())
    this.#labels.push({ id: loop.label, open: this.#open, locals: loop.locals, units: prepaid })
    code.get(index).get(end).op(op.i64LtS)
    this.#opened(() => code.if())
    this.#stretch(branch.then)
    this.#closed()
    this.#labels.pop()
    this.#closed()
    code.get(index)
    this.emit(bound)
    code.op(op.i64LtS)
    this.#opened(() => code.if())
    this.emit(bound)
    code.get(index).op(op.i64Sub).tee(turns).i64(turnsTogether).get(turns).i64(turnsTogether).op(op.i64LtU).op(op.select)
    code.tee(turns).get(index).op(op.i64Add).set(end)
    code.get(turns).op(op.i32WrapI64)
    if (this.#gathered >= 0) code.get(this.#gathered).op(op.i32Add).i32(0).set(this.#gathered)
    code.call(context.helper("charge")).br(1)
    this.#closed()
    this.#stretch(branch.else, tail)
    code.release(turns)
  }

  /** Cursors for the vectors that the loop goes through, forwards, by one of its counters. */
  #openCursors(walk: LoopWalk): readonly string[] {
    const opened: string[] = []
    for (const { vector, counter } of walk.vectors) {
      const name = `${vector} ${counter}`
      this.#cursors ??= new Map()
      if (this.#cursors.has(name)) continue
      const cursor = { base: this.code.local(i32), end: this.code.local(i64) }
      this.code.i64(0n).set(cursor.end)
      this.#cursors.set(name, cursor)
      opened.push(name)
    }
    return opened
  }

  #closeCursor(name: string): undefined {
    const cursor = this.#cursors?.get(name)
    this.#cursors?.delete(name)
    if (!cursor) return
    this.code.release(cursor.base)
    this.code.release(cursor.end)
  }

  /** Adds a turn to what is gathered; the Module's counter in memory would be the slowest part of a small loop. */
  #gatherTurn(units: number): undefined {
    const { code } = this
    code.get(units).i32(1).op(op.i32Add).tee(units).i32(unitsTogether).op(op.i32GeU)
    code.if().get(units).call(this.context.helper("charge")).i32(0).set(units).op(op.end)
  }

  #continue(node: Continue): undefined {
    const label = this.#label(node.label)
    const changed = node.args.flatMap((arg, index) => {
      const local = label.locals[index] as number
      return arg.op === "local" && arg.index === local ? [] : [{ arg, local }]
    })
    for (const { arg } of changed) this.emit(arg)
    for (const { local } of changed.reverse()) this.code.set(this.local(local))
    if (label.units === -1) this.#charge(1)
    else if (label.units >= 0) this.#gatherTurn(label.units)
    this.code.br(this.#distance(node.label))
  }

  #choose(id: number, clauses: readonly Node[], rep: Rep, tail: boolean): undefined {
    const { code } = this
    this.#opened(() => code.block(wasmTypeOf[rep]))
    const done = this.#open
    for (const [index, clause] of clauses.entries()) {
      if (index === clauses.length - 1) {
        this.#stretch(clause, tail)
        break
      }
      this.#opened(() => code.block())
      this.#labels.push({ id, open: this.#open, locals: [], units: -1 })
      this.#stretch(clause, tail)
      code.br(this.#open - done)
      this.#labels.pop()
      this.#closed()
    }
    this.#closed()
  }

  #callKnown(node: Extract<Node, { op: "call-known" }>, tail: boolean): undefined {
    const { code } = this
    const target = this.#around.targets[node.fn]
    if (!target) throw new Error(`emit: there is no function ${node.fn}`)
    if (target.takesClosure) {
      if (node.closure) this.emit(node.closure)
      else code.i64(0n)
    }
    for (const arg of node.args) this.emit(arg)
    code.get(this.depth)
    if (node.uncounted) code.i32(1).op(op.i32Add)
    this.mark(node.site)
    if (tail && node.tail && target.result === this.#fn.result) code.returnCall(target.ref)
    else code.call(target.ref)
  }

  #callValue(callee: Node, args: readonly Node[], tail: boolean): undefined {
    const { code, context } = this
    this.emit(callee)
    let target: FunctionRef
    if (args.length <= 4) {
      for (const arg of args) this.emit(arg)
      target = context.helper(`apply${args.length}`)
    } else {
      const pointer = this.args(args)
      code.i32(args.length).get(pointer)
      code.release(pointer)
      target = context.rt("invokeN")
    }
    code.get(this.depth)
    if (tail && this.#fn.result === "boxed") code.returnCall(target)
    else code.call(target)
  }

  #callBuiltin(builtin: number, args: readonly Node[]): undefined {
    const { code, context } = this
    const count = args.length
    if (builtin >= inner.enter) return this.#innerCall(builtin, args)
    const name = fastNames[builtin]
    if (name !== undefined && fastArity(name) === count) {
      for (const arg of args) this.emit(arg)
      code.call(context.helper(name))
      if (comparisons.has(name)) this.box("bool")
      return
    }
    if (builtin === vectorBuiltin) return this.emit({ op: "make", rep: "boxed", kind: "vector", items: args })
    if (folded.has(builtin) && count > 2) {
      const operands = args.map(arg => this.#operand(arg))
      operands[0]?.()
      for (const operand of operands.slice(1)) {
        operand()
        code.call(fastNames[builtin] !== undefined ? context.helper(fastNames[builtin] as string) : context.rt(`b${builtin}_2`))
      }
      return
    }
    const known = context.runtime.builtins[builtin]
    if (!known) throw new Error(`emit: the runtime has no built-in ${builtin}`)
    if (known.direct.includes(count)) {
      for (const arg of args) this.emit(arg)
      if (known.depth) code.get(this.depth)
      code.call(context.rt(`b${builtin}_${count}`))
      return
    }
    const pointer = this.args(args)
    code.i32(builtin).i32(count).get(pointer).get(this.depth).call(context.rt("callBuiltin"))
    code.release(pointer)
  }

  /** Evaluates an operand now; what it answers pushes the value, once. */
  #operand(node: Node): () => void {
    if (node.op === "const") return () => this.emit(node)
    const local = this.code.local(wasmTypeOf[node.rep])
    this.emit(node)
    this.code.set(local)
    return () => {
      this.code.get(local)
      this.code.release(local)
    }
  }

  /** What the optimiser put in (`inner.ts`). */
  #innerCall(builtin: number, args: readonly Node[]): undefined {
    const { code, context } = this
    switch (builtin) {
      case inner.enter:
        code.get(this.depth).op(op.i32Eqz).if().call(context.rt("recursionLimit")).op(op.unreachable).op(op.end)
        code.i64(0n)
        return
      case inner.newOwner:
        code.call(context.rt("newOwner")).op(op.i64ExtendI32U)
        return
      default: {
        const [owner, ...others] = args
        if (!owner) throw new Error("emit: an operation in place lacks its owner")
        this.emit(owner)
        code.op(op.i32WrapI64)
        for (const arg of others) this.emit(arg)
        code.call(context.rt(builtin === inner.assocOwn ? "assocOwn" : "conjOwn"))
      }
    }
  }

  #host(capability: number, args: readonly Node[]): undefined {
    const { code, context } = this
    const values = this.args(args)
    const encoded = code.local(i32)
    code.i32(capability)
    code.get(values).i32(args.length).call(context.rt("encodeArguments")).tee(encoded).i32(4).op(op.i32Add)
    code.get(encoded).memory(0x28, 2, 0)
    code.call(this.#around.host()).call(context.rt("reply"))
    code.release(values)
    code.release(encoded)
  }

  #makeClosure(fn: number, captures: readonly Node[]): undefined {
    const { code, context } = this
    const target = this.#around.targets[fn]
    if (!target) throw new Error(`emit: there is no function ${fn}`)
    code.i32(target.descriptor()).i32(captures.length).call(context.rt("closure"))
    if (captures.length > 0) {
      context.usesMemory()
      const pointer = code.local(i32)
      code.set(pointer)
      for (const [index, capture] of captures.entries()) {
        code.get(pointer)
        this.emit(capture)
        this.#store(capture.rep, 16 + 8 * index)
      }
      code.get(pointer)
      code.release(pointer)
    }
    code.op(op.i64ExtendI32U)
  }

  /**
   * A handler catches the tag of RTFS errors and nothing else. A cleanup is emitted once: the exception under way, if there is one,
   * waits in a local until it has run.
   */
  #try(node: Try): undefined {
    if (!node.cleanup) return this.#guarded(node, node.handler)
    const { code } = this
    const result = code.local(wasmTypeOf[node.rep])
    const pending = code.local(exnref)
    code.refNullExn().set(pending)
    this.#opened(() => code.block())
    this.#opened(() => code.block({ type: this.context.builder.type([], [i64, exnref]) }))
    this.#opened(() => code.tryTable(0x40, this.context.errTag(), 0, true))
    this.#guarded(node, node.handler)
    code.set(result)
    this.#closed()
    code.br(1)
    this.#closed()
    code.set(pending).op(op.drop)
    this.#closed()
    this.#stretch(node.cleanup)
    code.op(op.drop)
    code.get(pending).refIsNull().op(op.i32Eqz).if().get(pending).op(op.throwRef).op(op.end)
    code.get(result)
    code.release(result)
    code.release(pending)
  }

  #guarded(node: Try, handler: Node | null): undefined {
    const { code } = this
    if (!handler) return this.#stretch(node.body)
    const type = wasmTypeOf[node.rep]
    this.#opened(() => code.block(type))
    this.#opened(() => code.block(i64))
    this.#opened(() => code.tryTable(type, this.context.errTag(), 0, false))
    this.#stretch(node.body)
    this.#closed()
    code.br(1)
    this.#closed()
    if (node.errorLocal >= 0) code.set(this.local(node.errorLocal))
    else code.op(op.drop)
    this.#stretch(handler)
    this.#closed()
  }

  #check(type: number, each: boolean, value: Node, site: number): undefined {
    const { code, context } = this
    this.emit(value)
    this.mark(site)
    if (!each) {
      const kind = context.program.types[type]?.test.kind
      if (kind === "any") return
      if (kind === "int" || kind === "float") this.#smallOr(type)
      else code.i32(context.typeAddress(type)).call(context.rt("expectType"))
      return
    }
    const list = code.local(i64)
    code.tee(list).i32(context.typeAddress(type)).call(context.rt("expectElements")).get(list)
    code.release(list)
  }

  /** A small int passes as an integer and as a float; anything else is for the runtime to test. */
  #smallOr(type: number): undefined {
    const { code, context } = this
    const value = code.local(i64)
    code.tee(value).op(op.i32WrapI64).i32(1).op(op.i32And).op(op.i32Eqz)
    code.if().get(value).i32(context.typeAddress(type)).call(context.rt("expectType")).op(op.drop).op(op.end)
    code.get(value)
    code.release(value)
  }

  #load(rep: Rep, offset: number): undefined {
    if (rep === "f64") this.code.memory(0x2b, 3, offset)
    else if (rep === "bool") this.code.memory(0x28, 2, offset)
    else this.code.memory(0x29, 3, offset)
  }

  #store(rep: Rep, offset: number): undefined {
    if (rep === "f64") this.code.memory(0x39, 3, offset)
    else if (rep === "bool") this.code.memory(0x36, 2, offset)
    else this.code.memory(0x37, 3, offset)
  }

  #opened(open: () => void): undefined {
    open()
    this.#open++
  }

  #closed(): undefined {
    this.code.op(op.end)
    this.#open--
  }

  #label(id: number): Label {
    const label = this.#labels.findLast(one => one.id === id)
    if (!label) throw new Error(`emit: no loop or choice ${id} is open`)
    return label
  }

  /** Relative depth of a label's block. `if`s opened by helpers close before any jump, so the count is exact. */
  #distance(id: number): number {
    return this.#open - this.#label(id).open
  }
}

/** Built-ins with a short inline path of the Module's own. */
const fastNames: Readonly<Record<number, string>> = Object.fromEntries(
  ["+", "-", "inc", "dec", "<", "<=", ">", ">="].map(name => [builtinIndex(name), name])
)
const comparisons = new Set(["<", "<=", ">", ">=", "equal"])
const folded = new Set(["+", "-", "*"].map(builtinIndex))
const vectorBuiltin = builtinIndex("vector")

function fastArity(name: string): number {
  return name === "inc" || name === "dec" ? 1 : 2
}

const categories = [
  "undefined-symbol",
  "arity-mismatch",
  "type-error",
  "type-validation",
  "match-error",
  "division-by-zero",
  "index-out-of-bounds",
  "invalid-argument",
  "invalid-arguments",
  "integer-overflow",
  "recursion-limit",
  "runtime-error"
]

function categoryNumber(category: string): number {
  const number = categories.indexOf(category)
  if (number < 0) throw new Error(`emit: no such category ${category}`)
  return number
}

/** Takes units from the Module's own counter, here and now. */
export function chargeInline(code: Code, context: EmitContext, units: number): undefined {
  if (!context.metered) return
  const left = code.local(i64)
  code.globalGet(context.fuel).i64(BigInt(units)).op(op.i64Sub).tee(left).globalSet(context.fuel)
  code.get(left).i64(0n).op(op.i64LtS).if().call(context.rt("outOfFuel")).op(op.unreachable).op(op.end)
  code.release(left)
}

/** WebAssembly parameters of a function in direct calls. */
export function directParams(fn: IrFunction, takesClosure: boolean): ValueType[] {
  const params: ValueType[] = takesClosure ? [i64] : []
  for (let index = 0; index < fn.fixed; index++) params.push(wasmTypeOf[fn.locals[index] ?? "boxed"])
  if (fn.rest) params.push(i64)
  return [...params, i32]
}
