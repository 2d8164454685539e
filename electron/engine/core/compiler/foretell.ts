/** What inference can foretell to the author: calls that surely fail, and the Interface a function has without annotations. Never an error, never hashed. */
import type { FunctionType } from "../interface.ts"
import { showType } from "../interface.ts"
import { builtins } from "./builtins.ts"
import type { Diagnostics } from "./diagnostic.ts"
import type { Facts } from "./facts.ts"
import { kindsIn } from "./facts.ts"
import type { IrFunction, IrProgram, Node } from "./ir.ts"
import type { Kinds } from "./kinds.ts"
import { anyKind, builtinDemand, showKinds, typeOfKinds } from "./kinds.ts"
import type { Type } from "./type-form.ts"

/** Warns of certain failures in the Source itself, and answers the entry's Interface as inferred, in arrow form; null where nothing is added. */
export function foretell(program: IrProgram, entry: FunctionType, diagnostics: Diagnostics): string | null {
  const facts = kindsIn(program)
  for (const [node, fn] of facts.failing) warn(node, fn, program, facts, diagnostics)
  const exported = program.exports[program.entry]
  return exported === undefined || program.kind === "program" ? null : inferredInterface(exported.fn, program, facts, entry, diagnostics)
}

function warn(node: Node, fn: number, program: IrProgram, facts: Facts, diagnostics: Diagnostics): void {
  if (!("site" in node)) return
  const site = program.sites[node.site]
  if (site === undefined || site.unit !== 0) return
  const found = (args: readonly Node[]) => args.map(arg => showKinds(facts.kindsAt(fn, arg))).join(", ")
  if (node.op === "call-builtin") {
    const name = builtins[node.builtin]?.name ?? "?"
    diagnostics.warn("type-error", `${name} always fails for these arguments`, site.start, site.end, { found: found(node.args) })
  } else if (node.op === "check") {
    const { text } = program.types[node.type] as IrProgram["types"][number]
    diagnostics.warn("type-validation", "this value never has its declared type", site.start, site.end, {
      expected: text,
      found: found([node.value])
    })
  } else if (node.op === "call-known") {
    diagnostics.warn("type-validation", "an argument never has its parameter's declared type", site.start, site.end, {
      found: found(node.args)
    })
  }
}

function inferredInterface(
  index: number,
  program: IrProgram,
  facts: Facts,
  declared: FunctionType,
  diagnostics: Diagnostics
): string | null {
  const fn = program.functions[index] as IrFunction
  const kinds = facts.functions[index]
  if (kinds === undefined) return null
  const params = declared.params.map((type, param) => (isAny(type) ? typeOfKinds(demandOf(fn, param)) : type))
  const result = isAny(declared.result) ? typeOfKinds(kinds.result) : declared.result
  const shown = showType({ params, rest: declared.rest, result }, program.capabilities)
  if (shown === showType(declared, program.capabilities)) return null
  const site = program.sites[fn.site]
  if (site !== undefined && site.unit === 0) {
    diagnostics.hint("type-validation", `inferred: ${shown}`, site.start, Math.min(site.end, site.start + 1), {
      suggestion: "annotate parameters and result, if the Interface is to say so"
    })
  }
  return shown
}

function isAny(type: Type): boolean {
  return type.kind === "name" && type.name === "any"
}

/** Kinds without which the function surely fails: those that uses need which every call reaches. */
function demandOf(fn: IrFunction, param: number): Kinds {
  let demand: Kinds = anyKind
  const pending: Node[] = [fn.body]
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.op === "call-builtin") {
      for (const [position, arg] of node.args.entries()) {
        if (arg.op === "local" && arg.index === param) demand &= builtinDemand(node.builtin, position)
      }
    }
    pending.push(...certainParts(node))
  }
  return demand
}

/** The parts that are evaluated whenever the node is. */
function certainParts(node: Node): readonly Node[] {
  switch (node.op) {
    case "block":
      return [...node.steps.map(step => step.value), node.result]
    case "loop":
      return [node.body]
    case "check":
      return [node.value]
    case "if":
      return [node.test]
    case "prim":
    case "call-known":
    case "call-value":
    case "call-builtin":
      return node.args
    default:
      return []
  }
}
