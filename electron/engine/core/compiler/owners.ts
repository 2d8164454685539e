/** Lets a loop change its own collection in place: `assoc` and `conj` on an accumulator that nobody else can hold. */
import { builtinIndex } from "./builtins.ts"
import { inner, innerCall } from "./inner.ts"
import type { IrFunction, IrProgram, Loop, Node, Rep, Step } from "./ir.ts"
import { childrenOf, mapChildren } from "./nodes.ts"
import { surveyOf } from "./survey.ts"

const assoc = builtinIndex("assoc")
const conj = builtinIndex("conj")
/** Built-ins that look into their first argument and keep nothing of it. */
const lookers: ReadonlySet<number> = new Set(["get", "count", "length", "empty?", "contains?", "nth", "find"].map(builtinIndex))
const lookingPrims: ReadonlySet<string> = new Set([
  "map-get",
  "map-find",
  "vector-at",
  "vector-count",
  "map-count",
  "is-map",
  "is-vector",
  "is-nil",
  "truthy"
])

export function ownAccumulators(program: IrProgram): IrProgram {
  return { ...program, functions: program.functions.map(owned) }
}

function owned(fn: IrFunction): IrFunction {
  if (!surveyOf(fn).hasLoop) return fn
  const locals: Rep[] = [...fn.locals]
  const change = (node: Node): Node => {
    const inside = mapChildren(node, change)
    return inside.op === "loop" ? ownedLoop(inside, locals) : inside
  }
  const body = change(fn.body)
  return body === fn.body ? fn : { ...fn, locals, body }
}

/** The loop under a mark of its own, where one of its locals is an accumulator and nothing else. */
function ownedLoop(loop: Loop, locals: Rep[]): Node {
  for (const [position, local] of loop.locals.entries()) {
    if (locals[local] !== "boxed") continue
    const owner: Node = { op: "local", rep: "boxed", index: locals.length }
    const walk = new Walk(loop.label, position, local, owner)
    const body = walk.turn(loop.body)
    if (!body || walk.owned === 0) continue
    locals.push("boxed")
    const mark: Step = { step: "bind", local: owner.index, value: innerCall(inner.newOwner, []) }
    return { op: "block", rep: loop.rep, steps: [mark], result: { ...loop, body } }
  }
  return loop
}

/** Follows the paths of one turn of a loop. Every use of the accumulator must be a look, the next accumulator, or the loop's own result. */
class Walk {
  /** Calls that were made to work in place. */
  owned = 0
  readonly #label: number
  readonly #position: number
  readonly #held: Set<number>
  readonly #owner: Node

  constructor(label: number, position: number, local: number, owner: Node) {
    this.#label = label
    this.#position = position
    this.#held = new Set([local])
    this.#owner = owner
  }

  /** A node whose value ends the turn; null where the accumulator could be held by someone else. */
  turn(node: Node): Node | null {
    switch (node.op) {
      case "if": {
        if (!this.#looks(node.test)) return null
        const yes = this.turn(node.then)
        const no = yes && this.turn(node.else)
        // biome-ignore lint/suspicious/noThenProperty: the IR names the branches of `if` so
        return yes && no ? { ...node, then: yes, else: no } : null
      }
      case "block":
        return this.#block(node, result => this.turn(result))
      case "continue": {
        if (node.label !== this.#label) return this.#looks(node) ? node : null
        const args: Node[] = []
        for (const [index, arg] of node.args.entries()) {
          const made = index === this.#position ? this.#next(arg) : this.#looks(arg) ? arg : null
          if (!made) return null
          args.push(made)
        }
        return { ...node, args }
      }
      case "local":
        return node
      default:
        return this.#looks(node) ? node : null
    }
  }

  /** The accumulator of the next turn. */
  #next(node: Node): Node | null {
    switch (node.op) {
      case "local":
        return this.#held.has(node.index) ? node : null
      case "block":
        return this.#block(node, result => this.#next(result))
      case "if": {
        if (!this.#looks(node.test)) return null
        const yes = this.#next(node.then)
        const no = yes && this.#next(node.else)
        // biome-ignore lint/suspicious/noThenProperty: the IR names the branches of `if` so
        return yes && no ? { ...node, then: yes, else: no } : null
      }
      case "call-builtin": {
        const own =
          node.builtin === assoc && node.args.length === 3
            ? inner.assocOwn
            : node.builtin === conj && node.args.length === 2
              ? inner.conjOwn
              : -1
        const [collection, ...others] = node.args
        if (own < 0 || !collection || !others.every(arg => this.#looks(arg))) return null
        const made = this.#next(collection)
        if (!made) return null
        this.owned++
        return innerCall(own, [this.#owner, made, ...others], node.site)
      }
      default:
        return null
    }
  }

  #block(node: Extract<Node, { op: "block" }>, finish: (result: Node) => Node | null): Node | null {
    for (const step of node.steps) {
      if (step.step === "bind" && step.value.op === "local" && this.#held.has(step.value.index)) {
        this.#held.add(step.local)
        continue
      }
      if (step.step === "bind" && this.#held.has(step.local)) return null
      if (!this.#looks(step.value) || (step.step === "set-cell" && !this.#looks(step.cell))) return null
    }
    const result = finish(node.result)
    return result && { ...node, result }
  }

  /** Whether the accumulator is at most looked at. */
  #looks(node: Node): boolean {
    if (node.op === "local") return !this.#held.has(node.index)
    const [first, ...others] = childrenOf(node)
    if (!first) return true
    const looking = (node.op === "call-builtin" && lookers.has(node.builtin)) || (node.op === "prim" && lookingPrims.has(node.prim))
    if (looking && first.op === "local" && this.#held.has(first.index)) return others.every(child => this.#looks(child))
    return this.#looks(first) && others.every(child => this.#looks(child))
  }
}
