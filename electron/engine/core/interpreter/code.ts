/** Functions of the intermediate representation as flat code for a stack machine, so that deep programs need no deep host stack. */
import type { MapKey } from "../../../../shared/value.ts"
import type { IrFunction, Node, PrimName, Raise, Step } from "../compiler/ir.ts"
import { prims } from "../compiler/ir.ts"
import type { Slot } from "./value.ts"
import { unset } from "./value.ts"

/** One instruction. Operands are on the stack, the last on top; `target`s are indices into the code. */
export type Instruction =
  | { readonly do: "push"; readonly value: Slot }
  | { readonly do: "local"; readonly index: number }
  | { readonly do: "store"; readonly index: number }
  | { readonly do: "capture"; readonly index: number }
  | { readonly do: "self" }
  | { readonly do: "global"; readonly index: number; readonly checked: boolean; readonly site: number }
  | { readonly do: "set-global"; readonly index: number }
  | { readonly do: "builtin"; readonly index: number }
  | { readonly do: "pop" }
  | { readonly do: "jump"; target: number }
  | { readonly do: "jump-unless"; target: number }
  /** Charges one unit, cuts the stack to this height above the frame's base and jumps. */
  | { readonly do: "again"; target: number; readonly height: number }
  /** Cuts the stack to this height above the frame's base and jumps. */
  | { readonly do: "leave"; target: number; readonly height: number }
  | {
      readonly do: "call-known"
      readonly fn: number
      readonly count: number
      readonly closure: boolean
      readonly counted: boolean
      readonly site: number
    }
  | { readonly do: "call-value"; readonly count: number; readonly site: number }
  | { readonly do: "call-builtin"; readonly builtin: number; readonly count: number; readonly site: number }
  | { readonly do: "host"; readonly capability: number; readonly count: number; readonly site: number }
  | { readonly do: "prim"; readonly prim: PrimName; readonly count: number; readonly site: number }
  | { readonly do: "closure"; readonly fn: number; readonly count: number }
  | { readonly do: "make"; readonly kind: "vector" | "list"; readonly count: number }
  | { readonly do: "make-map"; readonly keys: readonly MapKey[] }
  | { readonly do: "check"; readonly type: number; readonly each: boolean; readonly site: number }
  | { readonly do: "raise"; readonly node: Raise }
  | { readonly do: "cell" }
  | { readonly do: "cell-get"; readonly name: string | null; readonly site: number }
  | { readonly do: "set-cell" }
  /** From here on, errors go to `target`, with the error on the stack. */
  | { readonly do: "try"; target: number }
  | { readonly do: "end-try" }
  /** After a cleanup: raises what local `index` holds if it is an error that was caught for it, else pushes it. */
  | { readonly do: "finish"; readonly failed: number; readonly value: number }
  | { readonly do: "return" }

export interface Code {
  readonly instructions: readonly Instruction[]
  /** Locals, those of the function first, then those of its cleanups. */
  readonly locals: number
}

export function codeOf(fn: IrFunction): Code {
  const writer = new Writer(fn.locals.length)
  writer.node(fn.body)
  writer.emit({ do: "return" })
  return { instructions: writer.instructions, locals: writer.locals }
}

type Jump = Extract<Instruction, { target: number }>

interface Label {
  /** Height of the operand stack where the construct begins. */
  readonly height: number
  readonly start: number
  readonly locals: readonly number[]
  /** Jumps of `fail`, to be pointed at the next clause. */
  fails: Jump[]
}

class Writer {
  readonly instructions: Instruction[] = []
  locals: number
  readonly #labels = new Map<number, Label>()
  #height = 0

  constructor(locals: number) {
    this.locals = locals
  }

  emit(instruction: Instruction): void {
    this.instructions.push(instruction)
  }

  #jump<J extends Jump>(instruction: J): J {
    this.instructions.push(instruction)
    return instruction
  }

  #here(): number {
    return this.instructions.length
  }

  /** Writes what leaves the node's value on the stack (nothing reachable follows a diverging node). */
  node(node: Node): void {
    const before = this.#height
    const last = this.#write(node)
    if (last !== null) this.emit(last)
    this.#height = before + 1
  }

  #all(nodes: readonly Node[]): number {
    for (const node of nodes) this.node(node)
    return nodes.length
  }

  /** Writes all but the last instruction, which it answers if there is one. */
  #write(node: Node): Instruction | null {
    switch (node.op) {
      case "const":
        return { do: "push", value: node.value }
      case "unset":
        return { do: "push", value: unset }
      case "local":
        return { do: "local", index: node.index }
      case "global":
        return { do: "global", index: node.index, checked: node.checked, site: node.site }
      case "capture":
        return { do: "capture", index: node.index }
      case "self":
        return { do: "self" }
      case "builtin":
        return { do: "builtin", index: node.builtin }
      case "block":
        for (const step of node.steps) this.#step(step)
        this.node(node.result)
        return null
      case "if":
        this.#if(node.test, node.then, node.else)
        return null
      case "loop":
        this.#loop(node)
        return null
      case "continue":
        this.#continue(node)
        return null
      case "choose":
        this.#choose(node)
        return null
      case "fail": {
        const label = this.#labels.get(node.label)!
        label.fails.push(this.#jump({ do: "leave", target: -1, height: label.height }))
        return null
      }
      case "call-known": {
        if (node.closure !== null) this.node(node.closure)
        const count = this.#all(node.args)
        return { do: "call-known", fn: node.fn, count, closure: node.closure !== null, counted: node.uncounted !== true, site: node.site }
      }
      case "call-value":
        this.node(node.callee)
        return { do: "call-value", count: this.#all(node.args), site: node.site }
      case "call-builtin":
        return { do: "call-builtin", builtin: node.builtin, count: this.#all(node.args), site: node.site }
      case "host":
        return { do: "host", capability: node.capability, count: this.#all(node.args), site: node.site }
      case "prim":
        return { do: "prim", prim: node.prim, count: this.#all(node.args), site: prims[node.prim].raises ? node.site : -1 }
      // A raw value and the boxed one are the same here: an integer is a bigint, a float a number.
      case "box":
      case "unbox":
        this.node(node.value)
        return null
      case "closure":
        return { do: "closure", fn: node.fn, count: this.#all(node.captures) }
      case "make":
        return { do: "make", kind: node.kind, count: this.#all(node.items) }
      case "make-map":
        this.#all(node.values)
        return { do: "make-map", keys: node.keys }
      case "try":
        this.#try(node)
        return null
      case "check":
        this.node(node.value)
        return { do: "check", type: node.type, each: node.each, site: node.site }
      case "raise":
        return { do: "raise", node }
      case "cell":
        return { do: "cell" }
      case "cell-get":
        this.node(node.cell)
        return { do: "cell-get", name: node.name, site: node.site }
    }
  }

  #step(step: Step): void {
    const before = this.#height
    if (step.step === "set-cell") this.node(step.cell)
    this.node(step.value)
    if (step.step === "bind") this.emit({ do: "store", index: step.local })
    else if (step.step === "drop") this.emit({ do: "pop" })
    else if (step.step === "set-global") this.emit({ do: "set-global", index: step.global })
    else this.emit({ do: "set-cell" })
    this.#height = before
  }

  #if(test: Node, yes: Node, no: Node): void {
    const before = this.#height
    this.node(test)
    const toElse = this.#jump({ do: "jump-unless", target: -1 })
    this.#height = before
    this.node(yes)
    const toEnd = this.#jump({ do: "jump", target: -1 })
    toElse.target = this.#here()
    this.#height = before
    this.node(no)
    toEnd.target = this.#here()
  }

  #loop(node: Extract<Node, { op: "loop" }>): void {
    const height = this.#height
    for (const [index, init] of node.inits.entries()) {
      if (init.op === "local" && init.index === node.locals[index]) continue
      this.node(init)
      this.emit({ do: "store", index: node.locals[index]! })
      this.#height = height
    }
    this.#labels.set(node.label, { height, start: this.#here(), locals: node.locals, fails: [] })
    this.node(node.body)
  }

  #continue(node: Extract<Node, { op: "continue" }>): void {
    const label = this.#labels.get(node.label)!
    this.#all(node.args)
    for (const local of label.locals.toReversed()) this.emit({ do: "store", index: local })
    this.emit({ do: "again", target: label.start, height: label.height })
  }

  #choose(node: Extract<Node, { op: "choose" }>): void {
    const before = this.#height
    const label: Label = { height: before, start: 0, locals: [], fails: [] }
    this.#labels.set(node.label, label)
    const toEnd: Jump[] = []
    for (const clause of node.clauses) {
      for (const fail of label.fails) fail.target = this.#here()
      label.fails = []
      this.#height = before
      this.node(clause)
      toEnd.push(this.#jump({ do: "jump", target: -1 }))
    }
    for (const jump of toEnd) jump.target = this.#here()
  }

  #try(node: Extract<Node, { op: "try" }>): void {
    if (node.cleanup === null) this.#guarded(node)
    else this.#cleaned(node, node.cleanup)
  }

  /** Body and handler. */
  #guarded(node: Extract<Node, { op: "try" }>): void {
    if (node.handler === null) {
      this.node(node.body)
      return
    }
    const before = this.#height
    const guard = this.#jump({ do: "try", target: -1 })
    this.node(node.body)
    this.emit({ do: "end-try" })
    const toEnd = this.#jump({ do: "jump", target: -1 })
    guard.target = this.#here()
    this.emit(node.errorLocal < 0 ? { do: "pop" } : { do: "store", index: node.errorLocal })
    this.#height = before
    this.node(node.handler)
    toEnd.target = this.#here()
  }

  /** Both ways out meet before the cleanup, which is written once. */
  #cleaned(node: Extract<Node, { op: "try" }>, cleanup: Node): void {
    const before = this.#height
    const failed = this.locals
    const value = this.locals + 1
    this.locals += 2
    const flag = (state: boolean) => {
      this.emit({ do: "push", value: state })
      this.emit({ do: "store", index: failed })
    }
    const guard = this.#jump({ do: "try", target: -1 })
    this.#guarded(node)
    this.emit({ do: "end-try" })
    flag(false)
    const toCleanup = this.#jump({ do: "jump", target: -1 })
    guard.target = this.#here()
    flag(true)
    toCleanup.target = this.#here()
    this.emit({ do: "store", index: value })
    this.#height = before
    this.node(cleanup)
    this.emit({ do: "pop" })
    this.emit({ do: "finish", failed, value })
  }
}
