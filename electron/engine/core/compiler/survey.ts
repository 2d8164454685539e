/** What the passes want to know of a function before they touch it, found in one walk and remembered: most functions are left as they are by most passes. */
import type { IrFunction, Node, Step } from "./ir.ts"

export interface Survey {
  /** Nodes of the body. */
  readonly size: number
  /** One more than the highest label of a `loop` or `choose`. */
  readonly labels: number
  /** By local: how often it is mentioned. */
  readonly reads: readonly number[]
  /** By local: how often it is written. Parameters count once; the locals of a loop twice, since each `continue` writes them again. */
  readonly writes: readonly number[]
  /** By local: what it is bound to, where that is a constant, another local or a closure; says something only of locals written once. */
  readonly bound: ReadonlyMap<number, Node>
  /** Functions that are called (as often as they are), of which closures are made. */
  readonly calls: readonly number[]
  readonly closures: readonly number[]
  /** Globals that are read. */
  readonly globals: readonly number[]
  /** Globals that are set, with the function of the closure they are set to, or -1. */
  readonly sets: readonly { readonly global: number; readonly fn: number }[]
  readonly builtins: ReadonlySet<number>
  readonly hasLoop: boolean
  /** Whether something is called that is not known, or the function mentions itself. */
  readonly callsUnknown: boolean
}

const surveys = new WeakMap<IrFunction, Survey>()

export function surveyOf(fn: IrFunction): Survey {
  const known = surveys.get(fn)
  if (known) return known
  const surveyor = new Surveyor(fn)
  surveyor.visit(fn.body)
  surveys.set(fn, surveyor)
  return surveyor
}

class Surveyor implements Survey {
  size = 0
  labels = 0
  readonly reads: number[]
  readonly writes: number[]
  readonly bound = new Map<number, Node>()
  readonly calls: number[] = []
  readonly closures: number[] = []
  readonly globals: number[] = []
  readonly sets: { readonly global: number; readonly fn: number }[] = []
  readonly builtins = new Set<number>()
  hasLoop = false
  callsUnknown = false

  constructor(fn: IrFunction) {
    const params = fn.fixed + (fn.rest ? 1 : 0)
    this.reads = fn.locals.map(() => 0)
    this.writes = fn.locals.map((_, index) => (index < params ? 1 : 0))
  }

  visit(node: Node): undefined {
    this.size++
    switch (node.op) {
      case "local":
        this.reads[node.index] = (this.reads[node.index] as number) + 1
        return
      case "global":
        this.globals.push(node.index)
        return
      case "self":
        this.callsUnknown = true
        return
      case "block":
        for (const step of node.steps) this.#step(step)
        return this.visit(node.result)
      case "if":
        this.visit(node.test)
        this.visit(node.then)
        return this.visit(node.else)
      case "loop":
        this.hasLoop = true
        this.#label(node.label)
        for (const local of node.locals) this.#write(local, 2)
        this.#visitAll(node.inits)
        return this.visit(node.body)
      case "choose":
        this.#label(node.label)
        return this.#visitAll(node.clauses)
      case "continue":
      case "prim":
        return this.#visitAll(node.args)
      case "call-builtin":
        this.builtins.add(node.builtin)
        return this.#visitAll(node.args)
      case "host":
        this.callsUnknown = true
        return this.#visitAll(node.args)
      case "call-known":
        this.calls.push(node.fn)
        if (node.closure) this.visit(node.closure)
        return this.#visitAll(node.args)
      case "call-value":
        this.callsUnknown = true
        this.visit(node.callee)
        return this.#visitAll(node.args)
      case "box":
      case "unbox":
      case "check":
        return this.visit(node.value)
      case "closure":
        this.closures.push(node.fn)
        return this.#visitAll(node.captures)
      case "make":
        return this.#visitAll(node.items)
      case "make-map":
        return this.#visitAll(node.values)
      case "try":
        if (node.errorLocal >= 0) this.#write(node.errorLocal, 1)
        this.visit(node.body)
        if (node.handler) this.visit(node.handler)
        if (node.cleanup) this.visit(node.cleanup)
        return
      case "cell-get":
        return this.visit(node.cell)
    }
  }

  #visitAll(nodes: readonly Node[]): undefined {
    for (const node of nodes) this.visit(node)
  }

  #step(step: Step): undefined {
    const { value } = step
    if (step.step === "bind") {
      this.#write(step.local, 1)
      if (value.op === "const" || value.op === "local" || value.op === "closure") this.bound.set(step.local, value)
    } else if (step.step === "set-global") this.sets.push({ global: step.global, fn: value.op === "closure" ? value.fn : -1 })
    else if (step.step === "set-cell") this.visit(step.cell)
    return this.visit(value)
  }

  #write(local: number, times: number): undefined {
    this.writes[local] = (this.writes[local] as number) + times
  }

  #label(label: number): undefined {
    if (label >= this.labels) this.labels = label + 1
  }
}
