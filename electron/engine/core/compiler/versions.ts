/**
 * A second version of recursive functions for integers. A function that some caller, perhaps out of sight, gives anything must take anything, and
 * its own recursion then pays for that at every step. Where its arguments turn out to be integers it goes on in a version that holds them raw.
 */
import { builtinIndex } from "./builtins.ts"
import type { Facts } from "./facts.ts"
import type { IrFunction, IrProgram, Node } from "./ir.ts"
import { kind } from "./kinds.ts"
import { eachNode, mapChildren } from "./nodes.ts"
import { surveyOf } from "./survey.ts"

const arithmetic: ReadonlySet<number> = new Set("+ - * inc dec mod abs max min even? odd? = != not= < > <= >=".split(" ").map(builtinIndex))

/** Nodes of a function that is worth doubling. */
const nodesMax = 600

export interface Versioned {
  readonly program: IrProgram
  /** For each function with a version: its own index, the version's, and the parameters that are integers in the version. */
  readonly versions: readonly Version[]
}

interface Version {
  readonly general: number
  readonly integer: number
  readonly params: readonly number[]
}

/** Gives the functions that may gain by it a version for integers; `wanted` leaves out those that proved to gain nothing. */
export function withVersions(program: IrProgram, facts: Facts, wanted: ReadonlySet<number> | null = null): Versioned {
  const functions = [...program.functions]
  const versions: Version[] = []
  for (const [general, fn] of program.functions.entries()) {
    const params = wanted !== null && !wanted.has(general) ? [] : candidateParams(fn, general, facts)
    if (params.length === 0) continue
    const integer = functions.length
    versions.push({ general, integer, params })
    functions.push({ ...fn, body: retargeted(fn.body, general, integer) })
    functions[general] = { ...fn, body: dispatch(fn, integer, params) }
  }
  return versions.length === 0 ? { program, versions } : { program: { ...program, functions }, versions }
}

/** The functions whose versions hold all those parameters raw. */
export function gaining({ versions }: Versioned, facts: Facts): ReadonlySet<number> {
  return new Set(
    versions
      .filter(version => version.params.every(param => facts.functions[version.integer]?.locals[param] === kind.int))
      .map(version => version.general)
  )
}

/** Parameters that arithmetic is done on and that are integers only sometimes, if the function is recursive. */
function candidateParams(fn: IrFunction, index: number, facts: Facts): number[] {
  const known = facts.functions[index]
  if (known === undefined || fn.fixed === 0 || fn.captures.length > 0 || fn.usesSelf) return []
  const survey = surveyOf(fn)
  if (survey.size > nodesMax || !(survey.hasLoop || survey.calls.includes(index))) return []
  const used = new Set<number>()
  let recursive = false
  eachNode(fn.body, node => {
    if (node.op === "call-known" && node.fn === index) recursive = true
    if (node.op === "loop" && node.locals.length > 0 && node.locals.every((local, position) => local === position)) recursive = true
    if (node.op !== "call-builtin" || !arithmetic.has(node.builtin)) return
    for (const arg of node.args) if (arg.op === "local" && arg.index < fn.fixed) used.add(arg.index)
  })
  if (!recursive) return []
  const isMixed = (param: number) => known.locals[param] !== kind.int && ((known.locals[param] ?? 0) & kind.int) !== 0
  return [...used].filter(isMixed).sort((left, right) => left - right)
}

/** A copy of a body, with nodes of its own, that calls the version where the original calls itself. */
function retargeted(body: Node, general: number, integer: number): Node {
  const copy = (node: Node): Node => {
    const inside = mapChildren(node, copy)
    const own = inside === node ? { ...node } : inside
    return own.op === "call-known" && own.fn === general ? { ...own, fn: integer } : own
  }
  return copy(body)
}

function dispatch(fn: IrFunction, integer: number, params: readonly number[]): Node {
  const local = (index: number): Node => ({ op: "local", rep: "boxed", index })
  const isInteger = (index: number): Node => ({ op: "prim", rep: "bool", prim: "is-int", args: [local(index)], site: -1 })
  const no: Node = { op: "const", rep: "bool", value: false }
  const test = params.map(isInteger).reduceRight((rest, first) => choice(first, rest, no, "bool"))
  const args = Array.from(
    { length: fn.fixed + (fn.rest ? 1 : 0) },
    (_, index): Node => (params.includes(index) ? { op: "unbox", rep: "i64", value: local(index) } : local(index))
  )
  const call: Node = { op: "call-known", rep: "boxed", fn: integer, closure: null, args, tail: true, uncounted: true, site: fn.site }
  return choice(test, call, fn.body, "boxed")
}

function choice(test: Node, yes: Node, no: Node, rep: "bool" | "boxed"): Node {
  // biome-ignore lint/suspicious/noThenProperty: the IR names the branches of `if` so
  return { op: "if", rep, test, then: yes, else: no }
}
