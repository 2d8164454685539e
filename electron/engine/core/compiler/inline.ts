/** Puts small functions that call nothing in the place of their calls. Fuel and depth are charged as for a call, so that nothing can be observed. */
import { callingBuiltins, inner, innerCall } from "./inner.ts"
import type { CallKnown, ClosureNode, IrFunction, IrProgram, Node, Rep, Step } from "./ir.ts"
import { mapChildren } from "./nodes.ts"
import { surveyOf } from "./survey.ts"

/** Nodes of a body that may be repeated at every call, and of one that is called from one place only. */
const repeatedMax = 24
const onceMax = 200
/** Nodes a function may have after all. */
const functionMax = 4_000

export function inlineLeaves(program: IrProgram): IrProgram {
  const leaves = leavesOf(program)
  if (leaves.size === 0) return program
  const functions = program.functions.map(fn =>
    surveyOf(fn).calls.some(called => leaves.has(called)) ? new Inliner(program, fn, leaves).rewritten() : fn
  )
  return { ...program, functions }
}

/** Functions that may be put inline, by index. */
function leavesOf(program: IrProgram): ReadonlySet<number> {
  const calls = new Map<number, number>()
  for (const fn of program.functions) for (const called of surveyOf(fn).calls) calls.set(called, (calls.get(called) ?? 0) + 1)
  const leaves = new Set<number>()
  for (const [index, fn] of program.functions.entries()) {
    const size = leafSize(fn)
    if (size !== null && (size <= repeatedMax || (calls.get(index) === 1 && size <= onceMax))) leaves.add(index)
  }
  return leaves
}

/** Number of nodes, or null where the body calls anything or knows itself. */
function leafSize(fn: IrFunction): number | null {
  const { size, calls, closures, callsUnknown, builtins } = surveyOf(fn)
  if (fn.usesSelf || calls.length > 0 || closures.length > 0 || callsUnknown) return null
  for (const builtin of builtins) if (callingBuiltins.has(builtin)) return null
  return size
}

class Inliner {
  readonly #program: IrProgram
  readonly #fn: IrFunction
  readonly #leaves: ReadonlySet<number>
  readonly #locals: Rep[]
  readonly #closures = new Map<number, ClosureNode>()
  readonly #steady = new Set<number>()
  #nextLabel = 0
  #size = 0

  constructor(program: IrProgram, fn: IrFunction, leaves: ReadonlySet<number>) {
    this.#program = program
    this.#fn = fn
    this.#leaves = leaves
    this.#locals = [...fn.locals]
    this.#learn()
  }

  rewritten(): IrFunction {
    const change = (node: Node): Node => this.#inlined(mapChildren(node, change))
    const body = change(this.#fn.body)
    return body === this.#fn.body ? this.#fn : { ...this.#fn, locals: this.#locals, body }
  }

  #learn(): void {
    const { size, labels, writes, bound } = surveyOf(this.#fn)
    this.#size = size
    this.#nextLabel = labels
    for (const [local, value] of bound) if (value.op === "closure") this.#closures.set(local, value)
    for (const [local, times] of writes.entries()) if (times === 1) this.#steady.add(local)
  }

  #inlined(node: Node): Node {
    if (node.op !== "call-known" || !this.#leaves.has(node.fn) || this.#size > functionMax) return node
    const target = this.#program.functions[node.fn] as IrFunction
    const captures = this.#capturesOf(node, target)
    if (!captures || node.rep !== target.result || target === this.#fn) return node
    return this.#expanded(target, captures, node.args)
  }

  /** What the callee's captures are here: they were taken by value, so they must not have changed since. */
  #capturesOf(node: CallKnown, target: IrFunction): readonly Node[] | null {
    if (target.captures.length === 0) return []
    const { closure } = node
    if (closure?.op !== "local" || !this.#steady.has(closure.index)) return null
    const made = this.#closures.get(closure.index)
    if (!made || made.fn !== node.fn) return null
    return made.captures.every(one => one.op === "const" || one.op === "capture" || (one.op === "local" && this.#steady.has(one.index)))
      ? made.captures
      : null
  }

  #expanded(target: IrFunction, captures: readonly Node[], args: readonly Node[]): Node {
    const first = this.#locals.length
    this.#locals.push(...target.locals)
    const label = this.#nextLabel
    let labels = 0
    const renamed = (node: Node): Node => {
      this.#size++
      const inside = mapChildren(node, renamed)
      switch (inside.op) {
        case "local":
          return { ...inside, index: inside.index + first }
        case "capture":
          return captures[inside.index] as Node
        case "block":
          return { ...inside, steps: inside.steps.map(step => (step.step === "bind" ? { ...step, local: step.local + first } : step)) }
        case "loop":
          labels = Math.max(labels, inside.label + 1)
          return { ...inside, label: inside.label + label, locals: inside.locals.map(local => local + first) }
        case "choose":
          labels = Math.max(labels, inside.label + 1)
          return { ...inside, label: inside.label + label }
        case "continue":
        case "fail":
          return { ...inside, label: inside.label + label }
        case "try":
          return inside.errorLocal < 0 ? inside : { ...inside, errorLocal: inside.errorLocal + first }
        default:
          return inside
      }
    }
    const binds = args.map((value, index): Step => ({ step: "bind", local: first + index, value }))
    const body = renamed(target.body)
    this.#nextLabel = label + labels
    return { op: "block", rep: target.result, steps: [...binds, { step: "drop", value: innerCall(inner.enter, []) }], result: body }
  }
}
