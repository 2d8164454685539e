/** Making nodes of the intermediate representation. */
import type { Node, PrimName, Step } from "./ir.ts"
import { prims } from "./ir.ts"

export const nilNode: Node = { op: "const", rep: "boxed", value: null }

export function prim(name: PrimName, args: readonly Node[], site = -1): Node {
  return { op: "prim", rep: prims[name].result, prim: name, args, site }
}

export function block(steps: readonly Step[], result: Node): Node {
  return steps.length === 0 ? result : { op: "block", rep: result.rep, steps, result }
}

export function branch(test: Node, yes: Node, no: Node): Node {
  // biome-ignore lint/suspicious/noThenProperty: a branch, and nothing awaits nodes
  return { op: "if", rep: yes.rep, test, then: yes, else: no }
}

/** Evaluates for effect, then goes on to `result`. */
export function after(values: readonly Node[], result: Node): Node {
  return block(
    values.map((value): Step => ({ step: "drop", value })),
    result
  )
}

export function makeList(items: readonly Node[]): Node {
  return { op: "make", rep: "boxed", kind: "list", items }
}

export function makeVector(items: readonly Node[]): Node {
  return { op: "make", rep: "boxed", kind: "vector", items }
}

/** Whether evaluating a node does nothing. */
export function isIdle(node: Node): boolean {
  return (
    node.op === "const" || node.op === "local" || node.op === "capture" || node.op === "self" || (node.op === "global" && !node.checked)
  )
}
