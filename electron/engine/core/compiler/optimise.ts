/** Makes the IR smaller and cheaper without changing what it means: constants, aliases, and code whose value nobody needs. */
import type { Value } from "../../../../shared/value.ts"
import type { Const, IrFunction, IrProgram, Node, Prim, PrimName, Rep, Step } from "./ir.ts"
import { diverges, prims } from "./ir.ts"
import { mapChildren } from "./nodes.ts"
import { surveyOf } from "./survey.ts"

/** Rounds of simplification; each can open the way for the next, and two are enough for nearly everything. */
const roundsMax = 3

/** The same program, simplified. Deterministic: nothing but the program decides. */
export function optimise(program: IrProgram): IrProgram {
  let current = program
  let settled: ReadonlySet<IrFunction> = new Set()
  const read = globalsRead(program)
  for (let round = 0; round < roundsMax; round++) {
    const functions = current.functions.map(fn => (settled.has(fn) ? fn : simplified(fn, read)))
    settled = new Set(functions.filter((fn, index) => fn === current.functions[index]))
    if (settled.size === functions.length) break
    current = { ...current, functions }
  }
  return current
}

/** Globals that some function reads (later rounds can only read fewer); a definition that nobody reads is evaluated and not kept. */
function globalsRead(program: IrProgram): ReadonlySet<number> {
  const read = new Set<number>()
  for (const fn of program.functions) for (const global of surveyOf(fn).globals) read.add(global)
  return read
}

interface LocalFacts {
  readonly reads: readonly number[]
  /** What a local that is written once stands for: a constant, or another local that never changes. */
  readonly stands: ReadonlyMap<number, Node>
}

function simplified(fn: IrFunction, globals: ReadonlySet<number>): IrFunction {
  const facts = factsOf(fn)
  const change = (node: Node): Node => fold(clean(mapChildren(substituted(node, facts), change), facts, globals))
  const body = change(fn.body)
  return body === fn.body ? fn : { ...fn, body }
}

function factsOf(fn: IrFunction): LocalFacts {
  const { reads, writes, bound } = surveyOf(fn)
  const stands = new Map<number, Node>()
  for (const [local, value] of bound) {
    if (writes[local] !== 1) continue
    if (value.op === "const" || (value.op === "local" && writes[value.index] === 1 && value.index !== local)) stands.set(local, value)
  }
  return { reads, stands }
}

function substituted(node: Node, facts: LocalFacts): Node {
  let current = node
  for (let left = facts.stands.size; left >= 0 && current.op === "local"; left--) {
    const stands = facts.stands.get(current.index)
    if (!stands) break
    current = stands
  }
  return current
}

/** Drops steps whose value nobody needs, and everything behind a step that never ends. */
function clean(node: Node, facts: LocalFacts, globals: ReadonlySet<number>): Node {
  if (node.op !== "block") return node
  const steps: Step[] = []
  let changed = false
  for (const step of node.steps) {
    const kept = neededStep(step, facts, globals)
    if (kept !== step) changed = true
    if (!kept) continue
    if (kept.step === "drop" && kept.value.op === "block") {
      changed = true
      steps.push(...kept.value.steps)
      if (!isPure(kept.value.result)) steps.push({ step: "drop", value: kept.value.result })
    } else steps.push(kept)
    if (kept.step === "drop" && diverges(kept.value))
      return steps.length === 1
        ? withRep(kept.value, node.rep)
        : { ...node, steps: steps.slice(0, -1), result: withRep(kept.value, node.rep) }
  }
  if (node.result.op === "block" && node.result.rep === node.rep) return { ...node.result, steps: [...steps, ...node.result.steps] }
  if (steps.length === 0) return node.result
  return changed ? { ...node, steps } : node
}

function neededStep(step: Step, facts: LocalFacts, globals: ReadonlySet<number>): Step | null {
  if (step.step === "bind" && (facts.reads[step.local] === 0 || facts.stands.has(step.local)))
    return isPure(step.value) ? null : { step: "drop", value: step.value }
  if (step.step === "set-global" && !globals.has(step.global)) return isPure(step.value) ? null : { step: "drop", value: step.value }
  if (step.step === "drop" && isPure(step.value)) return null
  return step
}

/** A diverging node in place of one of another representation. */
function withRep(node: Node, rep: Rep): Node {
  return node.rep === rep ? node : ({ ...node, rep } as Node)
}

/** Whether leaving the node out changes nothing: no error, no effect, no charge that the runtime makes for data of unbounded size. */
export function isPure(node: Node): boolean {
  switch (node.op) {
    case "const":
    case "unset":
    case "local":
    case "capture":
    case "self":
    case "builtin":
    case "cell":
      return true
    case "global":
      return !node.checked
    case "closure":
      return node.captures.every(isPure)
    case "make":
      return node.items.every(isPure)
    case "make-map":
      return node.values.every(isPure)
    case "box":
    case "unbox":
      return isPure(node.value)
    case "prim":
      return !prims[node.prim].raises && node.prim !== "vector-append" && node.prim !== "equal" && node.args.every(isPure)
    case "if":
      return isPure(node.test) && isPure(node.then) && isPure(node.else)
    default:
      return false
  }
}

/** One node whose operands are known better than it thinks. */
function fold(node: Node): Node {
  switch (node.op) {
    case "if":
      if (node.test.op === "const") return node.test.value ? node.then : node.else
      if (node.test.op === "prim" && node.test.prim === "bool-not" && node.test.args[0])
        // biome-ignore lint/suspicious/noThenProperty: the IR names the branches of `if` so
        return { ...node, test: node.test.args[0], then: node.else, else: node.then }
      if (node.rep === "bool" && isBool(node.then, true) && isBool(node.else, false)) return node.test
      return node
    case "box":
      if (node.value.op === "const" && node.value.rep !== "boxed") return { ...node.value, rep: "boxed" }
      return node.value.op === "unbox" ? node.value.value : node
    case "unbox":
      if (node.value.op === "const" && fits(node.value.value, node.rep)) return { ...node.value, rep: node.rep }
      return node.value.op === "box" && node.value.value.rep === node.rep ? node.value.value : node
    case "prim":
      return foldPrim(node)
    case "make": {
      const items = constantItems(node.items)
      if (!items) return node
      return { op: "const", rep: "boxed", value: node.kind === "vector" ? items : { kind: "list", items } }
    }
    default:
      return node
  }
}

/** The values of operands that are all constants, few enough to be worth keeping. */
function constantItems(nodes: readonly Node[]): readonly Value[] | null {
  return nodes.every(node => node.op === "const") ? nodes.map(node => (node as Const).value) : null
}

function isBool(node: Node, value: boolean): boolean {
  return node.op === "const" && node.rep === "bool" && node.value === value
}

function fits(value: Value, rep: Rep): boolean {
  return rep === "i64" ? typeof value === "bigint" : rep === "f64" ? typeof value === "number" : typeof value === "boolean"
}

function foldPrim(node: Prim): Node {
  const [first] = node.args
  if (node.prim === "truthy" && first) {
    if (first.op === "box" && first.value.rep === "bool") return first.value
    if (first.op === "const") return boolean(first.value !== null && first.value !== false)
  }
  if (!node.args.every(arg => arg.op === "const")) return node
  const values = node.args.map(arg => (arg as Const).value)
  const value = folded(node.prim, values)
  return value === undefined ? node : { op: "const", rep: node.rep, value }
}

function boolean(value: boolean): Const {
  return { op: "const", rep: "bool", value }
}

const intMax = 2n ** 63n - 1n
const intMin = -(2n ** 63n)

/** What a primitive yields for constants; undefined where it would raise or is not computed here. Floats are left to the machine. */
function folded(prim: PrimName, values: readonly Value[]): Value | undefined {
  const [a, b] = values
  if (prim === "bool-not") return !a
  if (prim === "is-nil") return a === null
  if (prim === "is-int") return typeof a === "bigint"
  if (prim === "is-float") return typeof a === "number"
  if (prim === "is-bool") return typeof a === "boolean"
  if (prim === "is-string") return typeof a === "string"
  if (typeof a !== "bigint") return undefined
  if (typeof b === "bigint") {
    const binary = integers[prim]
    const value = binary?.(a, b)
    return typeof value === "bigint" && (value > intMax || value < intMin) ? undefined : value
  }
  const unary = values.length === 1 ? singles[prim]?.(a) : undefined
  return typeof unary === "bigint" && (unary > intMax || unary < intMin) ? undefined : unary
}

const integers: Partial<Record<PrimName, (a: bigint, b: bigint) => bigint | boolean | undefined>> = {
  "i64-add": (a, b) => a + b,
  "i64-sub": (a, b) => a - b,
  "i64-mul": (a, b) => a * b,
  "i64-mod": (a, b) => (b === 0n ? undefined : a % b),
  "i64-eq": (a, b) => a === b,
  "i64-ne": (a, b) => a !== b,
  "i64-lt": (a, b) => a < b,
  "i64-le": (a, b) => a <= b,
  "i64-gt": (a, b) => a > b,
  "i64-ge": (a, b) => a >= b
}

const singles: Partial<Record<PrimName, (a: bigint) => bigint | boolean>> = {
  "i64-inc": a => a + 1n,
  "i64-dec": a => a - 1n,
  "i64-neg": a => -a,
  "i64-abs": a => (a < 0n ? -a : a),
  "i64-even": a => a % 2n === 0n,
  "i64-odd": a => a % 2n !== 0n
}
