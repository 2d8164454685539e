/** Turns `reduce`, `map`, `filter` and their kin with a known function into loops that call it directly; a `range` is never built. */
import { builtinIndex, builtins } from "./builtins.ts"
import type { CallBuiltin, IrFunction, IrProgram, Node, PrimName, Rep, Step } from "./ir.ts"
import { prims } from "./ir.ts"
import { mapChildren } from "./nodes.ts"
import { surveyOf } from "./survey.ts"

/** The same program with loops in it. Meaning, order of evaluation and depth of calls are kept; fuel is another. */
export function unrollFolds(program: IrProgram): IrProgram {
  const globals = knownGlobals(program)
  const functions = program.functions.map(fn => (hasFold(fn) ? new Unroller(program, fn, globals).rewritten() : fn))
  return functions.every((fn, index) => fn === program.functions[index]) ? program : { ...program, functions }
}

function hasFold(fn: IrFunction): boolean {
  for (const builtin of surveyOf(fn).builtins) if (foldIndex.has(builtin)) return true
  return false
}

/** Globals that hold one function from their only definition on. */
function knownGlobals(program: IrProgram): ReadonlyMap<number, number> {
  const known = new Map<number, number>()
  const several = new Set<number>()
  for (const fn of program.functions) {
    for (const set of surveyOf(fn).sets) {
      if (known.has(set.global) || set.fn < 0) several.add(set.global)
      else known.set(set.global, set.fn)
    }
  }
  for (const global of several) known.delete(global)
  return known
}

/** What is applied to each element. */
interface Callee {
  /** The function of the program, or -1 for a built-in. */
  readonly fn: number
  readonly builtin: number
  /** The function as a value, evaluated once. */
  readonly value: Node
}

const folds = ["reduce", "map", "filter", "remove", "map-indexed"] as const
type FoldName = (typeof folds)[number]
const foldIndex = new Map<number, FoldName>(folds.map(name => [builtinIndex(name), name]))
const rangeBuiltin = builtinIndex("range")
/** Built-ins whose result is a vector, whatever they are given. */
const vectorMakers = new Set(
  ["map", "filter", "keys", "vals", "cons", "concat", "partition", "re-seq", "split", "numbers", "range", "vector"].map(builtinIndex)
)

class Unroller {
  readonly #program: IrProgram
  readonly #fn: IrFunction
  readonly #globals: ReadonlyMap<number, number>
  readonly #locals: Rep[]
  readonly #closures = new Map<number, number>()
  readonly #vectors = new WeakSet<Node>()
  #nextLabel = 0

  constructor(program: IrProgram, fn: IrFunction, globals: ReadonlyMap<number, number>) {
    this.#program = program
    this.#fn = fn
    this.#globals = globals
    this.#locals = [...fn.locals]
    this.#learn()
  }

  rewritten(): IrFunction {
    const change = (node: Node): Node => this.#fold(mapChildren(node, change))
    const body = change(this.#fn.body)
    return body === this.#fn.body ? this.#fn : { ...this.#fn, locals: this.#locals, body }
  }

  /** Labels in use, and locals that are bound once, to a function. */
  #learn(): void {
    const { labels, bound, writes } = surveyOf(this.#fn)
    this.#nextLabel = labels
    for (const [local, value] of bound) if (value.op === "closure" && writes[local] === 1) this.#closures.set(local, value.fn)
  }

  #fold(node: Node): Node {
    if (node.op !== "call-builtin") return node
    const name = foldIndex.get(node.builtin)
    const [f, second, third] = node.args
    if (name === undefined || !f || !second) return node
    if (name === "reduce") {
      const callee = this.#callee(f, 2)
      return callee && third ? this.#reduce(node, callee, second, third) : node
    }
    const callee = this.#callee(f, name === "map-indexed" ? 2 : 1)
    return callee ? this.#build(node, name, callee, second) : node
  }

  /** The function a node certainly denotes, if it takes this many arguments. */
  #callee(node: Node, count: number): Callee | null {
    if (node.op === "builtin") {
      const known = builtins[node.builtin]
      if (!known || count < known.minArity || (known.maxArity !== null && count > known.maxArity)) return null
      return { fn: -1, builtin: node.builtin, value: node }
    }
    const fn =
      node.op === "closure"
        ? node.fn
        : node.op === "local"
          ? this.#closures.get(node.index)
          : node.op === "global" && !node.checked
            ? this.#globals.get(node.index)
            : undefined
    const known = fn === undefined ? undefined : this.#program.functions[fn]
    if (fn === undefined || !known || known.rest || known.fixed !== count) return null
    return { fn, builtin: -1, value: node }
  }

  #apply(callee: Callee, value: Node, args: readonly Node[], site: number): Node {
    if (callee.fn < 0) return { op: "call-builtin", rep: "boxed", builtin: callee.builtin, args, site }
    const target = this.#program.functions[callee.fn] as IrFunction
    const closure = target.captures.length > 0 || target.usesSelf ? value : null
    return { op: "call-known", rep: "boxed", fn: callee.fn, closure, args, tail: false, site }
  }

  #reduce(node: CallBuiltin, callee: Callee, init: Node, collection: Node): Node {
    const steps: Step[] = []
    const f = this.#kept(steps, callee.value)
    const first = this.#bound(steps, init)
    const step = (acc: Node, item: Node) => this.#apply(callee, f, [acc, item], node.site)
    return this.#over(steps, collection, first, step, source => ({ ...node, args: [f, first, source] }))
  }

  #build(node: CallBuiltin, name: Exclude<FoldName, "reduce">, callee: Callee, collection: Node): Node {
    const steps: Step[] = []
    const f = this.#kept(steps, callee.value)
    const step = (acc: Node, item: Node, index: Node): Node => {
      if (name === "map") return prim("vector-append", [acc, this.#apply(callee, f, [item], node.site)])
      if (name === "map-indexed") return prim("vector-append", [acc, this.#apply(callee, f, [boxed(index), item], node.site)])
      const inner: Step[] = []
      const kept = this.#bound(inner, item)
      const test = prim("truthy", [this.#apply(callee, f, [kept], node.site)])
      const append = prim("vector-append", [acc, kept])
      const [yes, no] = name === "filter" ? [append, acc] : [acc, append]
      return block(inner, choice(test, yes, no, "boxed"))
    }
    const made = this.#over(
      steps,
      collection,
      prim("vector-new", []),
      step,
      source => ({ ...node, args: [f, source] }),
      name === "map-indexed"
    )
    if (name === "map" || name === "filter") this.#vectors.add(made)
    return made
  }

  /** Loops over a range without building it (unless positions are wanted beside the numbers), over a vector by index, and leaves anything else to the built-in. */
  #over(
    steps: Step[],
    collection: Node,
    first: Node,
    step: (acc: Node, item: Node, index: Node) => Node,
    otherwise: (source: Node) => Node,
    indexed = false
  ): Node {
    if (!indexed && collection.op === "call-builtin" && collection.builtin === rangeBuiltin) {
      const low = this.#bound(steps, collection.args[0] as Node)
      const high = this.#bound(steps, collection.args[1] as Node)
      const loop = this.#counted(unboxed(low), unboxed(high), first, (acc, index) => step(acc, boxed(index), index))
      const wrong: Node = { ...collection, args: [low, high] }
      return block(steps, ifInt(low, ifInt(high, loop, wrong), wrong))
    }
    const known = this.#isVector(collection)
    const source = this.#bound(steps, collection)
    const loop = this.#counted(int(0n), prim("vector-count", [source]), first, (acc, index) =>
      step(acc, prim("vector-at", [source, index]), index)
    )
    return block(steps, known ? loop : choice(prim("is-vector", [source]), loop, otherwise(source), "boxed"))
  }

  #counted(low: Node, high: Node, first: Node, step: (acc: Node, index: Node) => Node): Node {
    const inner: Step[] = []
    const end = this.#bound(inner, high)
    const acc = this.#local("boxed")
    const index = this.#local("i64")
    const label = this.#nextLabel++
    const again: Node = { op: "continue", rep: "boxed", label, args: [step(acc, index), prim("i64-next", [index])] }
    const body = choice(prim("i64-lt", [index, end]), again, acc, "boxed")
    return block(inner, { op: "loop", rep: "boxed", label, locals: [acc.index, index.index], inits: [first, low], body })
  }

  #isVector(node: Node): boolean {
    if (this.#vectors.has(node)) return true
    return (
      (node.op === "call-builtin" && vectorMakers.has(node.builtin)) ||
      (node.op === "make" && node.kind === "vector") ||
      (node.op === "const" && Array.isArray(node.value))
    )
  }

  /** A node that may be used several times: itself where nothing can change it, else a new local bound to it. */
  #bound(steps: Step[], value: Node): Node {
    if (value.op === "const") return value
    const local = this.#local(value.rep)
    steps.push({ step: "bind", local: local.index, value })
    return local
  }

  /** A function value: evaluated once if it makes a closure. */
  #kept(steps: Step[], value: Node): Node {
    return value.op === "closure" ? this.#bound(steps, value) : value
  }

  #local(rep: Rep): Extract<Node, { op: "local" }> {
    return { op: "local", rep, index: this.#locals.push(rep) - 1 }
  }
}

function prim(name: PrimName, args: readonly Node[]): Node {
  return { op: "prim", rep: prims[name].result, prim: name, args, site: -1 }
}

function ifInt(value: Node, yes: Node, no: Node): Node {
  return value.op === "const" && typeof value.value === "bigint" ? yes : choice(prim("is-int", [value]), yes, no, "boxed")
}

function boxed(value: Node): Node {
  return { op: "box", rep: "boxed", value }
}

function unboxed(value: Node): Node {
  return { op: "unbox", rep: "i64", value }
}

function int(value: bigint): Node {
  return { op: "const", rep: "i64", value }
}

function choice(test: Node, yes: Node, no: Node, rep: Rep): Node {
  // biome-ignore lint/suspicious/noThenProperty: the IR names the branches of `if` so
  return { op: "if", rep, test, then: yes, else: no }
}

function block(steps: readonly Step[], result: Node): Node {
  return steps.length === 0 ? result : { op: "block", rep: result.rep, steps, result }
}
