/** Walking and rebuilding IR trees. */
import type { Node, Step } from "./ir.ts"

/** Calls `visit` for a node and everything below it, in the order of evaluation. */
export function eachNode(node: Node, visit: (node: Node) => unknown): undefined {
  someNode(node, one => {
    visit(one)
    return false
  })
}

/** Whether some node of the tree passes; the first that does ends the walk. It makes no arrays. */
export function someNode(node: Node, test: (node: Node) => boolean): boolean {
  if (test(node)) return true
  switch (node.op) {
    case "block":
      for (const step of node.steps) {
        if (step.step === "set-cell" && someNode(step.cell, test)) return true
        if (someNode(step.value, test)) return true
      }
      return someNode(node.result, test)
    case "if":
      return someNode(node.test, test) || someNode(node.then, test) || someNode(node.else, test)
    case "loop":
      return someOf(node.inits, test) || someNode(node.body, test)
    case "continue":
    case "call-builtin":
    case "host":
    case "prim":
      return someOf(node.args, test)
    case "choose":
      return someOf(node.clauses, test)
    case "call-known":
      return (node.closure !== null && someNode(node.closure, test)) || someOf(node.args, test)
    case "call-value":
      return someNode(node.callee, test) || someOf(node.args, test)
    case "box":
    case "unbox":
    case "check":
      return someNode(node.value, test)
    case "closure":
      return someOf(node.captures, test)
    case "make":
      return someOf(node.items, test)
    case "make-map":
      return someOf(node.values, test)
    case "try":
      return (
        someNode(node.body, test) ||
        (node.handler !== null && someNode(node.handler, test)) ||
        (node.cleanup !== null && someNode(node.cleanup, test))
      )
    case "cell-get":
      return someNode(node.cell, test)
    default:
      return false
  }
}

function someOf(nodes: readonly Node[], test: (node: Node) => boolean): boolean {
  for (const node of nodes) if (someNode(node, test)) return true
  return false
}

/** The nodes directly below, in the order of evaluation. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.op) {
    case "block":
      return [...node.steps.flatMap(step => (step.step === "set-cell" ? [step.cell, step.value] : [step.value])), node.result]
    case "if":
      return [node.test, node.then, node.else]
    case "loop":
      return [...node.inits, node.body]
    case "continue":
    case "call-builtin":
    case "host":
    case "prim":
      return node.args
    case "choose":
      return node.clauses
    case "call-known":
      return node.closure ? [node.closure, ...node.args] : node.args
    case "call-value":
      return [node.callee, ...node.args]
    case "box":
    case "unbox":
    case "check":
      return [node.value]
    case "closure":
      return node.captures
    case "make":
      return node.items
    case "make-map":
      return node.values
    case "try":
      return [node.body, ...(node.handler ? [node.handler] : []), ...(node.cleanup ? [node.cleanup] : [])]
    case "cell-get":
      return [node.cell]
    default:
      return []
  }
}

/** The same node over changed children; itself where nothing changed. */
export function mapChildren(node: Node, change: (child: Node) => Node): Node {
  switch (node.op) {
    case "block": {
      const steps = mapSteps(node.steps, change)
      const result = change(node.result)
      return steps === node.steps && result === node.result ? node : { ...node, steps, result }
    }
    case "if": {
      const test = change(node.test)
      const yes = change(node.then)
      const no = change(node.else)
      // biome-ignore lint/suspicious/noThenProperty: the IR names the branches of `if` so
      return test === node.test && yes === node.then && no === node.else ? node : { ...node, test, then: yes, else: no }
    }
    case "loop": {
      const inits = mapAll(node.inits, change)
      const body = change(node.body)
      return inits === node.inits && body === node.body ? node : { ...node, inits, body }
    }
    case "continue":
    case "call-builtin":
    case "host":
    case "prim": {
      const args = mapAll(node.args, change)
      return args === node.args ? node : { ...node, args }
    }
    case "choose": {
      const clauses = mapAll(node.clauses, change)
      return clauses === node.clauses ? node : { ...node, clauses }
    }
    case "call-known": {
      const closure = node.closure && change(node.closure)
      const args = mapAll(node.args, change)
      return closure === node.closure && args === node.args ? node : { ...node, closure, args }
    }
    case "call-value": {
      const callee = change(node.callee)
      const args = mapAll(node.args, change)
      return callee === node.callee && args === node.args ? node : { ...node, callee, args }
    }
    case "box":
    case "unbox":
    case "check": {
      const value = change(node.value)
      return value === node.value ? node : { ...node, value }
    }
    case "closure": {
      const captures = mapAll(node.captures, change)
      return captures === node.captures ? node : { ...node, captures }
    }
    case "make": {
      const items = mapAll(node.items, change)
      return items === node.items ? node : { ...node, items }
    }
    case "make-map": {
      const values = mapAll(node.values, change)
      return values === node.values ? node : { ...node, values }
    }
    case "try": {
      const body = change(node.body)
      const handler = node.handler && change(node.handler)
      const cleanup = node.cleanup && change(node.cleanup)
      return body === node.body && handler === node.handler && cleanup === node.cleanup ? node : { ...node, body, handler, cleanup }
    }
    case "cell-get": {
      const cell = change(node.cell)
      return cell === node.cell ? node : { ...node, cell }
    }
    default:
      return node
  }
}

function mapStep(step: Step, change: (child: Node) => Node): Step {
  const value = change(step.value)
  if (step.step !== "set-cell") return value === step.value ? step : { ...step, value }
  const cell = change(step.cell)
  return value === step.value && cell === step.cell ? step : { ...step, cell, value }
}

function mapSteps(steps: readonly Step[], change: (child: Node) => Node): readonly Step[] {
  let mapped: Step[] | null = null
  for (let index = 0; index < steps.length; index++) {
    const step = steps[index] as Step
    const made = mapStep(step, change)
    if (made === step) continue
    mapped ??= steps.slice()
    mapped[index] = made
  }
  return mapped ?? steps
}

function mapAll(nodes: readonly Node[], change: (node: Node) => Node): readonly Node[] {
  let mapped: Node[] | null = null
  for (let index = 0; index < nodes.length; index++) {
    const node = nodes[index] as Node
    const made = change(node)
    if (made === node) continue
    mapped ??= nodes.slice()
    mapped[index] = made
  }
  return mapped ?? nodes
}
