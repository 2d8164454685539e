/** How a function gets at the variables it mentions: its own, those it must capture, and cells for definitions that come later. */
import type { CellGet, Global, Node, Rep } from "./ir.ts"
import type { DefinitionSite, FunctionContext, Mutable, Scope, Variable } from "./scope.ts"

export function newVariable(context: FunctionContext, name: string, rep: Rep = "boxed"): Variable {
  return { name, owner: context, place: "local", index: context.newLocal(rep), known: null, init: null }
}

/** A local that holds a new cell, made at the entry of the scope. */
export function newCell(scope: Scope, name: string): Variable {
  const cell = newVariable(scope.context, name)
  scope.prologue.push({ step: "bind", local: cell.index, value: { op: "cell", rep: "boxed" } })
  return cell
}

/** What a variable holds, in `context`; where that is not its owner, a capture whose index is settled at the end. */
export function readVariable(variable: Variable, context: FunctionContext): Node {
  if (variable.place === "global") return { op: "global", rep: "boxed", index: variable.index, checked: false, site: -1 }
  if (variable.owner === context && variable.place !== "snapshot") {
    if (variable.place === "local") return { op: "local", rep: context.locals[variable.index]!, index: variable.index }
    context.usesSelf = true
    return { op: "self", rep: "boxed" }
  }
  const node = { op: "capture" as const, rep: "boxed" as const, index: -1 }
  context.references.push({ variable, node })
  return node
}

/** The cell of a definition outside the top level, made when the first reference needs it. */
export function cellOf(site: DefinitionSite, scope: Scope): Variable {
  if (site.cell === null) {
    site.cell = newCell(scope, site.name)
    site.fill.push({ step: "set-cell", cell: readVariable(site.cell, scope.context), value: readVariable(site.variable, scope.context) })
  }
  return site.cell
}

/** A read of a definition that comes later; checked until something proves that it will be there. */
export function lateNode(site: DefinitionSite, scope: Scope, context: FunctionContext, place: number): Mutable<Global> | Mutable<CellGet> {
  if (scope.top) return { op: "global", rep: "boxed", index: site.variable.index, checked: true, site: place }
  return { op: "cell-get", rep: "boxed", cell: readVariable(cellOf(site, scope), context), name: site.name, site: place }
}
