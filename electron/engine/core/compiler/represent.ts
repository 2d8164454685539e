/** Writes a program anew with the representations its facts allow: raw locals, parameters, results and captures, and arithmetic without boxes. */
import { prim } from "./build.ts"
import { builtinIndex, builtins } from "./builtins.ts"
import type { Facts, FunctionFacts } from "./facts.ts"
import { firstChecks } from "./facts.ts"
import type { Check, IrFunction, IrProgram, Node, PrimName, Rep, Step } from "./ir.ts"
import { diverges, prims } from "./ir.ts"
import type { Kinds } from "./kinds.ts"
import { kind, noKind, repOf, surelyPasses } from "./kinds.ts"

interface Shape {
  readonly locals: Rep[]
  readonly captures: readonly Rep[]
  readonly result: Rep
  readonly paramChecks: readonly number[]
  /** Of raw parameters: the type that callers must see to; else -1. */
  readonly callerChecks: readonly number[]
}

export function represent(program: IrProgram, facts: Facts): IrProgram {
  const shapes = program.functions.map((fn, index) => shapeOf(fn, facts.functions[index] as FunctionFacts))
  const globals = program.globals.map((global, index) => {
    const rep = global.slot || facts.uncertain.has(index) ? "boxed" : repOf(facts.globals[index] ?? noKind)
    return rep === global.rep ? global : { ...global, rep }
  })
  const globalReps = globals.map(global => global.rep)
  return {
    ...program,
    globals,
    functions: program.functions.map((_, index) => new Writer(program, facts, shapes, globalReps, index).written())
  }
}

function shapeOf(fn: IrFunction, facts: FunctionFacts): Shape {
  const locals = fn.locals.map((rep, index): Rep => {
    if (rep !== "boxed") return rep
    const raw = repOf(facts.locals[index] ?? noKind)
    // A caller out of sight brings boxed values: they can be unboxed only where a check comes first.
    return index < fn.fixed && facts.escapes && (facts.paramTypes[index] ?? -1) < 0 ? "boxed" : raw
  })
  const isRaw = (index: number) => locals[index] !== "boxed"
  // A boxed parameter before a raw one is checked with it, left to right, and again in the body.
  const lastRaw = facts.paramTypes.findLastIndex((type, index) => isRaw(index) && type >= 0)
  return {
    locals,
    captures: facts.captures.map(repOf),
    result: repOf(facts.result),
    paramChecks: facts.paramTypes.map((type, index) => (index <= lastRaw && facts.escapes ? type : -1)),
    callerChecks: facts.paramTypes.map((type, index) => (isRaw(index) ? type : -1))
  }
}

const foldPrims: Readonly<Record<string, { readonly i64: PrimName; readonly f64: PrimName | null }>> = {
  "+": { i64: "i64-add", f64: "f64-add" },
  "-": { i64: "i64-sub", f64: "f64-sub" },
  "*": { i64: "i64-mul", f64: "f64-mul" },
  max: { i64: "i64-max", f64: null },
  min: { i64: "i64-min", f64: null }
}

const comparePrims: Readonly<Record<string, { readonly i64: PrimName; readonly f64: PrimName }>> = {
  "<": { i64: "i64-lt", f64: "f64-lt" },
  "<=": { i64: "i64-le", f64: "f64-le" },
  ">": { i64: "i64-gt", f64: "f64-gt" },
  ">=": { i64: "i64-ge", f64: "f64-ge" }
}

const kindPrims: Readonly<Record<string, { readonly prim: PrimName; readonly kinds: Kinds }>> = {
  "int?": { prim: "is-int", kinds: kind.int },
  "float?": { prim: "is-float", kinds: kind.float },
  "string?": { prim: "is-string", kinds: kind.string },
  "bool?": { prim: "is-bool", kinds: kind.bool },
  "nil?": { prim: "is-nil", kinds: kind.nil },
  "map?": { prim: "is-map", kinds: kind.map },
  "vector?": { prim: "is-vector", kinds: kind.vector },
  "list?": { prim: "is-list", kinds: kind.list },
  "keyword?": { prim: "is-keyword", kinds: kind.keyword },
  "fn?": { prim: "is-function", kinds: kind.fn }
}

const testedKinds: Partial<Record<PrimName, Kinds>> = Object.fromEntries(
  Object.values(kindPrims).map(test => [test.prim, test.kinds] as const)
)

const andBuiltin = builtinIndex("and")
const orBuiltin = builtinIndex("or")
const falseNode: Node = { op: "const", rep: "bool", value: false }
const trueNode: Node = { op: "const", rep: "bool", value: true }

class Writer {
  readonly #program: IrProgram
  readonly #facts: Facts
  readonly #shapes: readonly Shape[]
  readonly #globals: readonly Rep[]
  readonly #index: number
  readonly #fn: IrFunction
  readonly #shape: Shape
  readonly #locals: Rep[]
  readonly #firstChecks: ReadonlySet<Check | null>
  readonly #loops: (readonly number[])[] = []

  constructor(program: IrProgram, facts: Facts, shapes: readonly Shape[], globals: readonly Rep[], index: number) {
    this.#program = program
    this.#facts = facts
    this.#shapes = shapes
    this.#globals = globals
    this.#index = index
    this.#fn = program.functions[index] as IrFunction
    this.#shape = shapes[index] as Shape
    this.#locals = [...this.#shape.locals]
    this.#firstChecks = new Set(firstChecks(this.#fn))
  }

  written(): IrFunction {
    const body = this.#as(this.#fn.body, this.#shape.result)
    const { captures, result, paramChecks } = this.#shape
    return { ...this.#fn, locals: this.#locals, captures, result, paramChecks, body }
  }

  #kinds(node: Node): Kinds {
    return this.#facts.kindsAt(this.#index, node)
  }

  /** The node in a wanted representation. */
  #as(node: Node, rep: Rep): Node {
    return coerce(this.#natural(node), rep)
  }

  #allAs(nodes: readonly Node[], rep: Rep): Node[] {
    return nodes.map(node => this.#as(node, rep))
  }

  /** The node in the representation it comes in by itself. */
  #natural(node: Node): Node {
    switch (node.op) {
      case "const": {
        const rep = repOf(this.#kinds(node))
        return rep === node.rep || node.rep !== "boxed" ? node : { ...node, rep }
      }
      case "local":
        return { ...node, rep: this.#locals[node.index] as Rep }
      case "capture":
        return { ...node, rep: this.#shape.captures[node.index] as Rep }
      case "global":
        return { ...node, rep: this.#globals[node.index] as Rep }
      case "block":
        return this.#block(node)
      case "if":
        return this.#if(node)
      case "loop": {
        this.#loops[node.label] = node.locals
        const inits = node.inits.map((init, index) => this.#as(init, this.#locals[node.locals[index] as number] as Rep))
        const body = this.#natural(node.body)
        return { ...node, rep: body.rep, inits, body }
      }
      case "continue": {
        const locals = this.#loops[node.label] ?? []
        const isSelf = locals.every((local, index) => local === index) && locals.length === this.#fn.fixed + (this.#fn.rest ? 1 : 0)
        const checks = isSelf ? this.#shape.callerChecks : []
        return this.#withArguments(
          node,
          locals.map(local => this.#locals[local] as Rep),
          checks,
          this.#fn.site
        )
      }
      case "choose": {
        const clauses = node.clauses.map(clause => this.#natural(clause))
        const rep = this.#common(clauses, node)
        return { ...node, rep, clauses: clauses.map(clause => coerce(clause, rep)) }
      }
      case "call-known": {
        const target = this.#shapes[node.fn] as Shape
        const closure = node.closure === null ? null : this.#natural(node.closure)
        const called = { ...node, rep: target.result, closure }
        return this.#withArguments(called, target.locals, target.callerChecks, node.site)
      }
      case "call-value":
        return { ...node, callee: this.#as(node.callee, "boxed"), args: this.#allAs(node.args, "boxed") }
      case "call-builtin":
        return this.#builtin(node) ?? { ...node, args: this.#allAs(node.args, "boxed") }
      case "host":
        return { ...node, args: this.#allAs(node.args, "boxed") }
      case "prim":
        return this.#prim(node)
      case "box":
        return this.#natural(node.value)
      case "unbox":
        return this.#as(node.value, node.rep)
      case "closure": {
        const reps = (this.#shapes[node.fn] as Shape).captures
        return { ...node, captures: node.captures.map((capture, index) => this.#as(capture, reps[index] as Rep)) }
      }
      case "make":
        return { ...node, items: this.#allAs(node.items, "boxed") }
      case "make-map":
        return { ...node, values: this.#allAs(node.values, "boxed") }
      case "try":
        return this.#try(node)
      case "check":
        return this.#check(node)
      case "cell-get":
        return { ...node, cell: this.#as(node.cell, "boxed") }
      default:
        return node
    }
  }

  /** The representation that several ways to one value agree on. */
  #common(ways: readonly Node[], node: Node): Rep {
    const arriving = ways.filter(way => !diverges(way))
    if (arriving.length === 0 || arriving.every(way => way.rep === "boxed")) return "boxed"
    return repOf(this.#kinds(node))
  }

  #block(node: Extract<Node, { op: "block" }>): Node {
    const steps = node.steps.map(step => this.#step(step))
    const result = this.#natural(node.result)
    return { ...node, rep: result.rep, steps, result }
  }

  #step(step: Step): Step {
    switch (step.step) {
      case "bind":
        return { ...step, value: this.#as(step.value, this.#locals[step.local] as Rep) }
      case "drop":
        return { ...step, value: this.#natural(step.value) }
      case "set-global":
        return { ...step, value: this.#as(step.value, this.#globals[step.global] as Rep) }
      case "set-cell":
        return { ...step, cell: this.#as(step.cell, "boxed"), value: this.#as(step.value, "boxed") }
    }
  }

  #if(node: Extract<Node, { op: "if" }>): Node {
    const test = this.#as(node.test, "bool")
    const yes = this.#natural(node.then)
    const no = this.#natural(node.else)
    return choice(test, yes, no, this.#common([yes, no], node))
  }

  #try(node: Extract<Node, { op: "try" }>): Node {
    const body = this.#natural(node.body)
    const handler = node.handler === null ? null : this.#natural(node.handler)
    const rep = this.#common(handler === null ? [body] : [body, handler], node)
    return {
      ...node,
      rep,
      body: coerce(body, rep),
      handler: handler === null ? null : coerce(handler, rep),
      cleanup: node.cleanup === null ? null : this.#natural(node.cleanup)
    }
  }

  /** A check that nothing can fail is no check; that of a parameter only where the parameter is raw, for then its callers have made it. */
  #check(node: Check): Node {
    const { test } = this.#program.types[node.type] as IrProgram["types"][number]
    const isParameter = this.#firstChecks.has(node)
    const isRaw = node.value.op === "local" && this.#locals[node.value.index] !== "boxed"
    if (!node.each && (!isParameter || isRaw) && surelyPasses(this.#kinds(node.value), test)) return this.#natural(node.value)
    return { ...node, value: this.#as(node.value, "boxed") }
  }

  /** Arguments in the representations their parameters have. Where one must be checked first, all are evaluated before. */
  #withArguments<N extends Extract<Node, { op: "call-known" | "continue" }>>(
    node: N,
    reps: readonly Rep[],
    checks: readonly number[],
    site: number
  ): Node {
    const needsCheck = node.args.map(
      (arg, index) => (checks[index] ?? -1) >= 0 && repOf(this.#kinds(arg)) !== reps[index] && this.#kinds(arg) !== noKind
    )
    if (!needsCheck.includes(true)) return { ...node, args: node.args.map((arg, index) => this.#as(arg, reps[index] as Rep)) }
    const steps: Step[] = []
    const bound = node.args.map((arg, index): Node => {
      const value = needsCheck[index] ? this.#as(arg, "boxed") : this.#as(arg, reps[index] as Rep)
      return this.#bind(value, steps)
    })
    const args = bound.map((value, index): Node => {
      if (!needsCheck[index]) return value
      return {
        op: "unbox",
        rep: reps[index] as "i64",
        value: { op: "check", rep: "boxed", type: checks[index] as number, each: false, value, site }
      }
    })
    return { op: "block", rep: node.rep, steps, result: { ...node, args } }
  }

  #bind(value: Node, steps: Step[]): Node {
    const local = this.#locals.push(value.rep) - 1
    steps.push({ step: "bind", local, value })
    return { op: "local", rep: value.rep, index: local }
  }

  #prim(node: Extract<Node, { op: "prim" }>): Node {
    const [first, second] = node.args
    if (node.prim === "truthy" && first) return this.#truth(first)
    if (node.prim === "equal" && first && second) return this.#equal(first, second)
    const tested = testedKinds[node.prim]
    if (tested !== undefined && first) return this.#kindTest(node.prim, tested, first)
    if (node.prim === "need-sequence" && first && this.#isSurely(first, kind.vector | kind.list)) return this.#natural(first)
    return { ...node, args: node.args.map((arg, index) => this.#as(arg, prims[node.prim].args[index] as Rep)) }
  }

  /** Whether a value is neither nil nor false. */
  #truth(node: Node): Node {
    if (node.op === "call-builtin" && (node.builtin === andBuiltin || node.builtin === orBuiltin) && node.args.length > 0)
      return this.#junction(node)
    const value = this.#natural(node)
    if (value.rep === "bool") return value
    if (diverges(value)) return coerce(value, "bool")
    const kinds = this.#kinds(node)
    if (kinds !== noKind && (kinds & (kind.nil | kind.bool | kind.other)) === 0) return after(value, trueNode)
    return prim("truthy", [value])
  }

  /** `and` and `or` evaluate all operands; where evaluating one of them does nothing, it may as well be left out. */
  #junction(node: Extract<Node, { op: "call-builtin" }>): Node {
    const steps: Step[] = []
    const truths = node.args.map(arg => this.#truth(arg))
    const idle = truths.slice(1).every(isIdle)
    const values = idle ? truths : truths.map(truth => this.#bind(truth, steps))
    const joined = values.reduceRight((rest, value) =>
      node.builtin === andBuiltin ? choice(value, rest, falseNode, "bool") : choice(value, trueNode, rest, "bool")
    )
    return steps.length === 0 ? joined : { op: "block", rep: "bool", steps, result: joined }
  }

  #equal(left: Node, right: Node): Node {
    const rep = repOf(this.#kinds(left))
    if (rep !== "boxed" && rep === repOf(this.#kinds(right)))
      return prim(`${rep}-eq` as PrimName, [this.#as(left, rep), this.#as(right, rep)])
    return prim("equal", [this.#as(left, "boxed"), this.#as(right, "boxed")])
  }

  // ---- builtins on raw operands

  #builtin(node: Extract<Node, { op: "call-builtin" }>): Node | null {
    const name = builtins[node.builtin]?.implementation
    const { args, site } = node
    const [first, second] = args
    if (name === undefined || first === undefined) return null
    if ((name === "and" || name === "or") && this.#kinds(node) === kind.bool) return this.#junction(node)
    if (args.length === 1) return this.#unary(name, first, site)
    const fold = foldPrims[name]
    if (fold !== undefined) return this.#fold(args, fold, site)
    if (args.length !== 2 || second === undefined) return null
    if (name === "=") return this.#equal(first, second)
    if (name === "!=" || name === "not=") return prim("bool-not", [this.#equal(first, second)])
    const reps = this.#numericReps(args)
    if (reps === null) return null
    const bothInts = reps.every(rep => rep === "i64")
    if (name === "mod") return bothInts ? prim("i64-mod", this.#allAs(args, "i64"), site) : null
    const compare = comparePrims[name]
    if (compare === undefined) return null
    return bothInts
      ? prim(compare.i64, this.#allAs(args, "i64"))
      : prim(
          compare.f64,
          args.map(arg => toFloat(this.#as(arg, this.#repOf(arg))))
        )
  }

  #repOf(node: Node): Rep {
    return repOf(this.#kinds(node))
  }

  /** The raw representations of operands that are certainly numbers of one kind each, or null. */
  #numericReps(nodes: readonly Node[]): Rep[] | null {
    const reps = nodes.map(node => this.#repOf(node))
    return reps.every(rep => rep === "i64" || rep === "f64") ? reps : null
  }

  #unary(name: string, arg: Node, site: number): Node | null {
    if (name === "not") return prim("bool-not", [this.#truth(arg)])
    const test = kindPrims[name]
    if (test !== undefined) return this.#kindTest(test.prim, test.kinds, arg)
    const rep = this.#repOf(arg)
    if (rep === "i64") return this.#integer(name, arg, site)
    return rep === "f64" ? this.#float(name, arg) : null
  }

  #isSurely(node: Node, kinds: Kinds): boolean {
    const known = this.#kinds(node)
    return known !== noKind && (known & ~kinds) === 0
  }

  /** A test of kinds, decided here where they are known. */
  #kindTest(test: PrimName, tested: Kinds, arg: Node): Node {
    const value = this.#natural(arg)
    if (this.#isSurely(arg, tested)) return after(value, trueNode)
    if (this.#isSurely(arg, ~tested)) return after(value, falseNode)
    return prim(test, [coerce(value, "boxed")])
  }

  #integer(name: string, arg: Node, site: number): Node | null {
    const raw = () => [this.#as(arg, "i64")]
    switch (name) {
      case "+":
      case "*":
      case "max":
      case "min":
      case "int":
      case "parse-int":
        return this.#as(arg, "i64")
      case "-":
        return prim("i64-neg", raw(), site)
      case "inc":
        return prim("i64-inc", raw(), site)
      case "dec":
        return prim("i64-dec", raw(), site)
      case "abs":
        return prim("i64-abs", raw(), site)
      case "even?":
        return prim("i64-even", raw())
      case "odd?":
        return prim("i64-odd", raw())
      case "float":
      case "parse-float":
        return prim("f64-of-i64", raw())
      default:
        return null
    }
  }

  #float(name: string, arg: Node): Node | null {
    const one: Node = { op: "const", rep: "f64", value: 1 }
    const raw = () => this.#as(arg, "f64")
    switch (name) {
      case "+":
      case "*":
      case "max":
      case "min":
      case "float":
      case "parse-float":
        return raw()
      case "-":
        return prim("f64-neg", [raw()])
      case "inc":
        return prim("f64-add", [raw(), one])
      case "dec":
        return prim("f64-sub", [raw(), one])
      case "abs":
        return prim("f64-abs", [raw()])
      default:
        return null
    }
  }

  /** A left fold; an integer until a float appears. All operands are evaluated before the first step. */
  #fold(args: readonly Node[], fold: { readonly i64: PrimName; readonly f64: PrimName | null }, site: number): Node | null {
    // Each operand nests the tree once more; a long row of them stays one call.
    if (args.length > foldedMax) return null
    const reps = this.#numericReps(args)
    if (reps === null || (fold.f64 === null && reps.includes("f64"))) return null
    const steps: Step[] = []
    const values = args.map((arg, index) => this.#as(arg, reps[index] as Rep))
    const operands = values.slice(2).every(isIdle) ? values : values.map(value => this.#bind(value, steps))
    const total = operands.reduce((left, right) => {
      if (left.rep === "i64" && right.rep === "i64") return prim(fold.i64, [left, right], site)
      return prim(fold.f64 as PrimName, [toFloat(left), toFloat(right)])
    })
    return steps.length === 0 ? total : { op: "block", rep: total.rep, steps, result: total }
  }
}

const foldedMax = 64

function choice(test: Node, yes: Node, no: Node, rep: Rep): Node {
  // biome-ignore lint/suspicious/noThenProperty: the IR names the branches of `if` so
  return { op: "if", rep, test, then: coerce(yes, rep), else: coerce(no, rep) }
}

function toFloat(node: Node): Node {
  if (node.rep === "f64") return node
  if (node.op === "const" && typeof node.value === "bigint") return { op: "const", rep: "f64", value: Number(node.value) }
  return prim("f64-of-i64", [node])
}

/** A value known to be of the wanted kind in the wanted representation. */
function coerce(node: Node, rep: Rep): Node {
  if (node.rep === rep) return node
  if (diverges(node)) return { ...node, rep } as Node
  if (node.op === "const") return { ...node, rep }
  if (node.op === "block") return { ...node, rep, result: coerce(node.result, rep) }
  if (rep === "boxed") return node.op === "unbox" ? node.value : { op: "box", rep, value: node }
  if (node.op === "box" && node.value.rep === rep) return node.value
  return { op: "unbox", rep, value: node }
}

function after(node: Node, result: Node): Node {
  return isIdle(node) ? result : { op: "block", rep: result.rep, steps: [{ step: "drop", value: node }], result }
}

/** Whether evaluating the node does nothing: no error, no call, no charge. */
function isIdle(node: Node): boolean {
  switch (node.op) {
    case "const":
    case "local":
    case "capture":
    case "self":
    case "builtin":
      return true
    case "global":
      return !node.checked
    case "box":
    case "unbox":
      return isIdle(node.value)
    case "prim":
      return (
        !prims[node.prim].raises &&
        !prims[node.prim].args.some((rep, index) => rep === "boxed" && index > 0) &&
        node.prim !== "vector-new" &&
        node.args.every(isIdle)
      )
    case "if":
      return isIdle(node.test) && isIdle(node.then) && isIdle(node.else)
    default:
      return false
  }
}
