/** Where fuel is charged: calls that certainly happen together are charged together, by the caller, at the start of their stretch of code. */
import { inner } from "./inner.ts"
import type { Node, Step } from "./ir.ts"
import { someNode } from "./nodes.ts"

/** Units of a loop that are put together before the Module's counter is touched. An error that leaves the loop takes them with it uncharged. */
export const unitsTogether = 64

/** Turns of a counting loop that are charged together before they happen: no more than are still to come. */
export const turnsTogether = 256n

/**
 * Units for what is certainly evaluated once `node` is begun: up to the first branch, loop, `try` or jump, each of which begins a stretch of its own.
 * `chargedByCaller`: whether this function leaves its entry to its callers.
 */
export function straightUnits(node: Node, chargedByCaller: (fn: number) => boolean): number {
  switch (node.op) {
    case "if":
      return straightUnits(node.test, chargedByCaller)
    case "loop":
      return sum(node.inits, chargedByCaller)
    case "choose":
    case "try":
      return 0
    case "block":
      return blockUnits(node.steps, 0, node.result, chargedByCaller)
    case "call-known":
      return (
        (chargedByCaller(node.fn) ? 1 : 0) +
        (node.closure ? straightUnits(node.closure, chargedByCaller) : 0) +
        sum(node.args, chargedByCaller)
      )
    case "call-builtin":
      return (node.builtin === inner.enter ? 1 : 0) + sum(node.args, chargedByCaller)
    case "call-value":
      return straightUnits(node.callee, chargedByCaller) + sum(node.args, chargedByCaller)
    case "continue":
    case "host":
    case "prim":
      return sum(node.args, chargedByCaller)
    case "box":
    case "unbox":
    case "check":
      return straightUnits(node.value, chargedByCaller)
    case "closure":
      return sum(node.captures, chargedByCaller)
    case "make":
      return sum(node.items, chargedByCaller)
    case "make-map":
      return sum(node.values, chargedByCaller)
    case "cell-get":
      return straightUnits(node.cell, chargedByCaller)
    default:
      return 0
  }
}

/** As `straightUnits`, for the steps of a block from `first` on: up to and with the first that may jump away. */
export function blockUnits(steps: readonly Step[], first: number, result: Node, chargedByCaller: (fn: number) => boolean): number {
  let units = 0
  for (let index = first; index < steps.length; index++) {
    const step = steps[index] as Step
    if (step.step === "set-cell") units += straightUnits(step.cell, chargedByCaller)
    units += straightUnits(step.value, chargedByCaller)
    if (mayJump(step.value)) return units
  }
  return units + straightUnits(result, chargedByCaller)
}

/** Whether evaluating a node can end in a jump, so that what stands behind it is a stretch of its own. */
export function mayJump(node: Node): boolean {
  if (node.op !== "if" && node.op !== "block" && node.op !== "choose" && node.op !== "loop") return false
  const known = jumping.get(node)
  if (known !== undefined) return known
  const jumps = someNode(node, one => one.op === "fail" || one.op === "continue")
  jumping.set(node, jumps)
  return jumps
}

/** Answers of `mayJump`, which is asked twice of each step. */
const jumping = new WeakMap<Node, boolean>()

function sum(nodes: readonly Node[], chargedByCaller: (fn: number) => boolean): number {
  let units = 0
  for (const node of nodes) units += straightUnits(node, chargedByCaller)
  return units
}
