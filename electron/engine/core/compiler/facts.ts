/**
 * Which kinds every local, capture, global, parameter and result can have, over the whole program. Kinds only grow until nothing changes, so the answer
 * does not depend on the order of visits. What leaves the program's sight (functions used as values, exports, results of host calls) can be anything.
 */
import { builtinIndex } from "./builtins.ts"
import type { Check, IrFunction, IrProgram, Node, Step } from "./ir.ts"
import { prims } from "./ir.ts"
import type { Kinds } from "./kinds.ts"
import { anyKind, anything, builtinResult, kind, kindOfValue, kindsOfRep, kindsOfType, noKind, sequence } from "./kinds.ts"

/** What is known of one function. */
export interface FunctionFacts {
  readonly locals: Kinds[]
  readonly captures: Kinds[]
  result: Kinds
  /** May be called by callers out of sight. */
  escapes: boolean
  /** Type (index) that the body checks first of all for a parameter, or -1. */
  readonly paramTypes: readonly number[]
}

export interface Facts {
  readonly functions: readonly FunctionFacts[]
  readonly globals: readonly Kinds[]
  /** Globals that are read where they may not be set. */
  readonly uncertain: ReadonlySet<number>
  /** The kinds the value of a node of this function can have. */
  kindsAt(fn: number, node: Node): Kinds
  /** Calls and checks that fail whatever their operands turn out to be, with the functions they stand in. */
  readonly failing: ReadonlyMap<Node, number>
}

export function kindsIn(program: IrProgram): Facts {
  const analysis = new Analysis(program)
  analysis.run()
  return analysis
}

const rangeBuiltin = builtinIndex("range")
const splitBuiltin = builtinIndex("split")
const conjBuiltin = builtinIndex("conj")
/** Builtins whose result has no elements but those of one operand: its position. */
const keepingItems: ReadonlyMap<number, number> = new Map(
  Object.entries({ conj: 0, rest: 0, reverse: 0, take: 1, drop: 1, subvec: 0, distinct: 0, sort: 0 }).map(([name, position]) => [
    builtinIndex(name),
    position
  ])
)
/** Builtins that answer an element, with what they answer where there is none. */
const takingElements: ReadonlyMap<number, Kinds> = new Map([
  [builtinIndex("nth"), noKind],
  [builtinIndex("first"), kind.nil],
  [builtinIndex("last"), kind.nil]
])

class Analysis implements Facts {
  readonly #program: IrProgram
  readonly functions: readonly FunctionFacts[]
  readonly globals: Kinds[]
  readonly uncertain = new Set<number>()
  readonly failing = new Map<Node, number>()
  /** Of nodes whose kinds do not show in themselves (`kindsAt`). */
  readonly #nodes = new Map<Node, Kinds>()
  /** By function and local: kinds of the elements of the vectors and lists it can hold. */
  readonly #items: Kinds[][]
  /** Functions that read a global, call a function. */
  readonly #readers: Set<number>[]
  readonly #callers: Set<number>[]
  readonly #waiting: boolean[]
  /** By type: kinds of which some value can pass. */
  readonly #passingKinds: readonly Kinds[]
  readonly #queue: number[] = []
  /** Locals of the loops of the function at hand, by label; a loop comes before the jumps to it. */
  readonly #loops: (readonly number[])[] = []
  /** Functions held by locals (by function and local) and globals; and which of those are read as values. */
  readonly #heldByLocal: (Map<number, Set<number>> | undefined)[]
  readonly #heldByGlobal: Set<number>[]
  readonly #readLocals: (true | undefined)[][]
  readonly #readGlobals = new Set<number>()
  #current = 0

  constructor(program: IrProgram) {
    this.#program = program
    this.functions = program.functions.map(fn => factsOf(fn))
    this.globals = program.globals.map(global => (global.slot ? kind.other : noKind))
    this.#heldByLocal = program.functions.map(() => undefined)
    this.#heldByGlobal = program.globals.map(() => new Set())
    this.#readLocals = program.functions.map(() => [])
    this.#passingKinds = program.types.map(type => kindsOfType(type.test))
    this.#readers = program.globals.map(() => new Set())
    this.#callers = program.functions.map(() => new Set())
    this.#waiting = program.functions.map(() => false)
    this.#items = program.functions.map(fn => fn.locals.map((_, index) => (index < fn.fixed + (fn.rest ? 1 : 0) ? anyKind : noKind)))
  }

  run(): void {
    for (const { fn } of this.#program.exports) this.#escape(fn)
    if (this.#program.init >= 0) this.#escape(this.#program.init)
    for (let fn = 0; fn < this.functions.length; fn += 1) this.#visit(fn)
    for (let next = this.#queue.pop(); next !== undefined; next = this.#queue.pop()) {
      this.#waiting[next] = false
      this.#evaluate(next)
    }
  }

  #visit(fn: number): void {
    if (this.#waiting[fn]) return
    this.#waiting[fn] = true
    this.#queue.push(fn)
  }

  #evaluate(index: number): void {
    const fn = this.#program.functions[index] as IrFunction
    const facts = this.functions[index] as FunctionFacts
    this.#current = index
    const result = this.#kinds(fn.body)
    if ((facts.result | result) === facts.result) return
    facts.result |= result
    for (const caller of this.#callers[index] as Set<number>) this.#visit(caller)
  }

  /** From here on anybody may call the function with anything. */
  #escape(index: number): void {
    const facts = this.functions[index] as FunctionFacts
    if (facts.escapes) return
    facts.escapes = true
    const fn = this.#program.functions[index] as IrFunction
    for (let param = 0; param < fn.fixed; param += 1) this.#widen(index, param, anyKind)
    if (fn.rest) this.#widen(index, fn.fixed, kind.list)
  }

  /** A local can have these kinds too; a parameter that is checked first has none but those that pass. */
  #widen(index: number, local: number, kinds: Kinds): void {
    const facts = this.functions[index] as FunctionFacts
    const type = facts.paramTypes[local] ?? -1
    const passing = type < 0 ? kinds : kinds & this.#passing(type)
    const known = facts.locals[local] as Kinds
    if ((known | passing) === known) return
    facts.locals[local] = known | passing
    this.#visit(index)
  }

  /** Binds a local to a value whose kinds have just been found. */
  #bind(local: number, value: Node, kinds: Kinds): void {
    this.#widen(this.#current, local, kinds)
    if ((kinds & sequence) !== noKind) this.#widenItems(local, this.#itemsOf(value))
  }

  #widenItems(local: number, more: Kinds): void {
    const known = this.#items[this.#current] as Kinds[]
    const items = (known[local] as Kinds) | more
    if (items === known[local]) return
    known[local] = items
    this.#visit(this.#current)
  }

  /** Kinds of the elements of a vector or list that the node yields; nothing is known of one that comes from elsewhere. */
  #itemsOf(node: Node): Kinds {
    switch (node.op) {
      case "const": {
        const { value } = node
        const items = Array.isArray(value) ? value : value !== null && typeof value === "object" && "items" in value ? value.items : []
        return items.reduce<Kinds>((all, item) => all | kindOfValue(item), noKind)
      }
      case "local":
        return this.#items[this.#current]?.[node.index] as Kinds
      case "block":
        return this.#itemsOf(node.result)
      case "if":
        return this.#itemsOf(node.then) | this.#itemsOf(node.else)
      case "loop":
        return this.#itemsOf(node.body)
      case "choose":
        return node.clauses.reduce((all, clause) => all | this.#itemsOf(clause), noKind)
      case "check":
      case "box":
        return this.#itemsOf(node.value)
      case "make":
        return node.items.reduce((all, item) => all | this.kindsAt(this.#current, item), noKind)
      case "prim":
        return this.#itemsOfPrim(node)
      case "call-builtin":
        return this.#itemsOfBuiltin(node)
      case "continue":
      case "fail":
      case "raise":
        return noKind
      default:
        return anyKind
    }
  }

  #itemsOfPrim(node: Extract<Node, { op: "prim" }>): Kinds {
    const [first, second] = node.args
    switch (node.prim) {
      case "vector-new":
        return noKind
      case "vector-append":
        return first && second ? this.#itemsOf(first) | this.kindsAt(this.#current, second) : anyKind
      case "vector-from":
      case "need-vector":
      case "need-vector-least":
      case "need-sequence":
        return first ? this.#itemsOf(first) : anyKind
      default:
        return anyKind
    }
  }

  #itemsOfBuiltin(node: Extract<Node, { op: "call-builtin" }>): Kinds {
    const same = keepingItems.get(node.builtin)
    if (node.builtin === rangeBuiltin) return kind.int
    if (node.builtin === splitBuiltin) return kind.string
    const source = same === undefined ? undefined : node.args[same]
    if (source === undefined) return anyKind
    const others = node.builtin === conjBuiltin ? node.args.slice(1) : []
    return others.reduce((all, other) => all | this.kindsAt(this.#current, other), this.#itemsOf(source))
  }

  #widenGlobal(index: number, kinds: Kinds): void {
    const known = this.globals[index] as Kinds
    if ((known | kinds) === known) return
    this.globals[index] = known | kinds
    for (const reader of this.#readers[index] as Set<number>) this.#visit(reader)
  }

  kindsAt(fn: number, node: Node): Kinds {
    switch (node.op) {
      case "const":
        return kindOfValue(node.value)
      case "local":
        return (this.functions[fn] as FunctionFacts).locals[node.index] ?? noKind
      case "capture":
        return (this.functions[fn] as FunctionFacts).captures[node.index] ?? noKind
      case "global":
        return this.globals[node.index] ?? noKind
      case "self":
      case "builtin":
      case "closure":
        return kind.fn
      case "block":
        return this.kindsAt(fn, node.result)
      case "call-known":
        return (this.functions[node.fn] as FunctionFacts).result
      case "make":
        return node.kind === "vector" ? kind.vector : kind.list
      case "make-map":
        return kind.map
      default:
        return this.#nodes.get(node) ?? noKind
    }
  }

  #all(nodes: readonly Node[]): Kinds[] {
    // Pushed to, an empty array takes room for 17: most have one or two.
    const kinds = new Array<Kinds>(nodes.length)
    for (let index = 0; index < nodes.length; index++) kinds[index] = this.#kinds(nodes[index] as Node)
    return kinds
  }

  #each(nodes: readonly Node[]): void {
    for (const node of nodes) this.#kinds(node)
  }

  #noted(node: Node, kinds: Kinds): Kinds {
    this.#nodes.set(node, kinds)
    return kinds
  }

  /** The kinds a node's value can have, widening on the way what it binds, calls and captures. */
  #kinds(node: Node): Kinds {
    switch (node.op) {
      case "const":
        return kindOfValue(node.value)
      case "local": {
        const read = this.#readLocals[this.#current] as (true | undefined)[]
        if (!read[node.index]) {
          read[node.index] = true
          for (const fn of this.#heldByLocal[this.#current]?.get(node.index) ?? []) this.#escape(fn)
        }
        return (this.functions[this.#current] as FunctionFacts).locals[node.index] as Kinds
      }
      case "capture":
        return (this.functions[this.#current] as FunctionFacts).captures[node.index] as Kinds
      case "global": {
        if (!this.#readGlobals.has(node.index)) {
          this.#readGlobals.add(node.index)
          for (const fn of this.#heldByGlobal[node.index] as Set<number>) this.#escape(fn)
        }
        return this.#global(node)
      }
      case "self":
        this.#escape(this.#current)
        return kind.fn
      case "builtin":
        return kind.fn
      case "block":
        for (const step of node.steps) {
          const kinds = this.#stepValue(step)
          if (step.step === "bind") this.#bind(step.local, step.value, kinds)
          else if (step.step === "set-global") this.#widenGlobal(step.global, kinds)
          else if (step.step === "set-cell") this.#kinds(step.cell)
        }
        return this.#kinds(node.result)
      case "if":
        return this.#noted(node, this.#branches(node))
      case "loop":
        this.#loops[node.label] = node.locals
        for (let index = 0; index < node.inits.length; index++) {
          const init = node.inits[index] as Node
          this.#bind(node.locals[index] as number, init, this.#kinds(init))
        }
        return this.#noted(node, this.#kinds(node.body))
      case "continue": {
        const locals = this.#loops[node.label] ?? []
        for (let index = 0; index < node.args.length; index++) {
          const arg = node.args[index] as Node
          this.#bind(locals[index] as number, arg, this.#kinds(arg))
        }
        return noKind
      }
      case "choose":
        return this.#noted(
          node,
          this.#all(node.clauses).reduce((all, kinds) => all | kinds, noKind)
        )
      case "call-known":
        return this.#callKnown(node)
      case "call-value":
        this.#kinds(node.callee)
        this.#each(node.args)
        return this.#noted(node, anyKind)
      case "call-builtin": {
        const args = this.#all(node.args)
        const result = builtinResult(node.builtin, args)
        this.#judge(node, result === noKind && !args.includes(noKind))
        return this.#noted(node, this.#element(node, args[0] ?? noKind, result))
      }
      case "host":
        this.#each(node.args)
        return this.#noted(node, anyKind)
      case "prim":
        return this.#noted(node, this.#prim(node))
      case "box":
        return this.#noted(node, this.#kinds(node.value))
      case "unbox":
        this.#kinds(node.value)
        return this.#noted(node, kindsOfRep(node.rep))
      case "closure":
        this.#closure(node.fn, this.#all(node.captures))
        return kind.fn
      case "make":
        this.#each(node.items)
        return node.kind === "vector" ? kind.vector : kind.list
      case "make-map":
        this.#each(node.values)
        return kind.map
      case "try": {
        const body = this.#kinds(node.body)
        if (node.errorLocal >= 0) this.#widen(this.#current, node.errorLocal, kind.error)
        const handler = node.handler === null ? noKind : this.#kinds(node.handler)
        if (node.cleanup !== null) this.#kinds(node.cleanup)
        return this.#noted(node, body | handler)
      }
      case "check": {
        const kinds = this.#kinds(node.value)
        if (node.each) return this.#noted(node, kinds)
        const passing = kinds & this.#passing(node.type)
        this.#judge(node, kinds !== noKind && passing === noKind)
        return this.#noted(node, passing)
      }
      case "cell-get":
        this.#kinds(node.cell)
        return this.#noted(node, node.name === null ? anything : anyKind)
      case "unset":
      case "cell":
        return this.#noted(node, kind.other)
      case "fail":
      case "raise":
        return noKind
    }
  }

  /** What a builtin that takes one element out of its first operand answers, as far as more is known of it than of the builtin. */
  #element(node: Extract<Node, { op: "call-builtin" }>, collection: Kinds, result: Kinds): Kinds {
    const missing = takingElements.get(node.builtin)
    if (missing === undefined || collection === noKind || (collection & ~sequence) !== noKind) return result
    const [source, , otherwise] = node.args
    const items = source === undefined ? anyKind : this.#itemsOf(source)
    return items === noKind || otherwise !== undefined ? result : items | missing
  }

  #global(node: Extract<Node, { op: "global" }>): Kinds {
    const readers = this.#readers[node.index] as Set<number>
    readers.add(this.#current)
    if (node.checked) this.uncertain.add(node.index)
    return this.globals[node.index] as Kinds
  }

  /** A closure that a local or global only holds for known calls stays in sight. */
  #stepValue(step: Step): Kinds {
    const { value } = step
    if (value.op !== "closure") return this.#kinds(value)
    const held = step.step === "bind" ? this.#held(step.local) : step.step === "set-global" ? this.#heldByGlobal[step.global] : undefined
    if (held === undefined) return this.#kinds(value)
    const isRead =
      step.step === "bind"
        ? this.#readLocals[this.#current]?.[step.local]
        : step.step === "set-global" && this.#readGlobals.has(step.global)
    this.#captured(value.fn, this.#all(value.captures))
    held.add(value.fn)
    if (isRead) this.#escape(value.fn)
    return kind.fn
  }

  #held(local: number): Set<number> {
    this.#heldByLocal[this.#current] ??= new Map()
    const locals = this.#heldByLocal[this.#current] as Map<number, Set<number>>
    const known = locals.get(local)
    if (known !== undefined) return known
    const made = new Set<number>()
    locals.set(local, made)
    return made
  }

  #branches(node: Extract<Node, { op: "if" }>): Kinds {
    this.#kinds(node.test)
    return this.#kinds(node.then) | this.#kinds(node.else)
  }

  #callKnown(node: Extract<Node, { op: "call-known" }>): Kinds {
    const callers = this.#callers[node.fn] as Set<number>
    callers.add(this.#current)
    if (node.closure !== null) this.#closureOperand(node.closure)
    const { paramTypes } = this.functions[node.fn] as FunctionFacts
    const args = this.#all(node.args)
    let fails = false
    for (let index = 0; index < args.length; index++) {
      const arg = args[index] as Kinds
      const type = paramTypes[index] ?? -1
      this.#widen(node.fn, index, arg)
      if (type >= 0 && (arg & this.#passing(type)) === noKind) fails = true
    }
    this.#judge(node, fails && !args.includes(noKind))
    return (this.functions[node.fn] as FunctionFacts).result
  }

  #passing(type: number): Kinds {
    return this.#passingKinds[type] as Kinds
  }

  /** Kinds only grow, so what fails now may not fail in the end. */
  #judge(node: Node, fails: boolean): void {
    if (fails) this.failing.set(node, this.#current)
    else if (this.failing.size > 0) this.failing.delete(node)
  }

  /** The operand of a known call: the closure is only called here, so it does not get out of sight by it. */
  #closureOperand(node: Node): void {
    if (node.op === "closure") this.#captured(node.fn, this.#all(node.captures))
    else if (node.op === "global") this.#global(node)
    else if (node.op !== "self" && node.op !== "local") this.#kinds(node)
  }

  #closure(fn: number, captures: readonly Kinds[]): void {
    this.#escape(fn)
    this.#captured(fn, captures)
  }

  #captured(fn: number, captures: readonly Kinds[]): void {
    const facts = this.functions[fn] as FunctionFacts
    for (const [index, kinds] of captures.entries()) {
      const known = facts.captures[index] as Kinds
      if ((known | kinds) === known) continue
      facts.captures[index] = known | kinds
      this.#visit(fn)
    }
  }

  #prim(node: Extract<Node, { op: "prim" }>): Kinds {
    const { length } = node.args
    const first = length > 0 ? this.#kinds(node.args[0] as Node) : noKind
    const second = length > 1 ? this.#kinds(node.args[1] as Node) : noKind
    for (let index = 2; index < length; index++) this.#kinds(node.args[index] as Node)
    switch (node.prim) {
      case "need-map":
      case "need-struct":
      case "map-without":
        return kind.map
      case "need-vector":
      case "need-vector-least":
      case "vector-from":
      case "vector-new":
        return kind.vector
      case "vector-append": {
        // The vector changes in place, so the local that holds it has another element from here on.
        const [vector] = node.args
        if (vector?.op === "local") this.#widenItems(vector.index, second)
        return kind.vector
      }
      case "need-sequence":
        return first & (kind.vector | kind.list)
      case "vector-at":
      case "sequence-at":
        return node.args[0] ? this.#itemsOf(node.args[0]) : anyKind
      case "map-get":
      case "keyword-get":
      case "keyword-get-or":
        return anyKind
      case "map-find":
        return anything
      default:
        // A loop that has not been reached yet with any value has none to compute with.
        if (length > 0 && first === noKind) return noKind
        return length > 1 && second === noKind ? noKind : kindsOfRep(prims[node.prim].result)
    }
  }
}

function factsOf(fn: IrFunction): FunctionFacts {
  return {
    locals: fn.locals.map(() => noKind),
    captures: fn.captures.map(() => noKind),
    result: noKind,
    escapes: false,
    paramTypes: firstChecks(fn).map(check => check?.type ?? -1)
  }
}

/** The checks of parameters that a body makes before anything else, by parameter. */
export function firstChecks(fn: IrFunction): (Check | null)[] {
  const checks = new Array<Check | null>(fn.fixed).fill(null)
  let body = fn.body
  for (;;) {
    if (body.op === "check" && !body.each) body = body.value
    else if (body.op === "loop" && body.locals.every((local, index) => isLocal(body.op === "loop" ? body.inits[index] : undefined, local)))
      body = body.body
    else break
  }
  if (body.op !== "block") return checks
  for (const step of body.steps) {
    if (step.step !== "drop" || step.value.op !== "check") break
    const { value, each } = step.value
    if (!each && value.op === "local" && value.index < fn.fixed && checks[value.index] === null) checks[value.index] = step.value
  }
  return checks
}

function isLocal(node: Node | undefined, index: number): boolean {
  return node?.op === "local" && node.index === index
}
