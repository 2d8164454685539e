/** Walking and rebuilding IR trees. */
import type { Node, Step } from "./ir.ts"

/** Calls `visit` for a node and everything below it, in the order of evaluation. The compiler's most frequent walk: it makes no arrays. */
export function eachNode(node: Node, visit: (node: Node) => unknown): undefined {
  visit(node)
  switch (node.op) {
    case "block":
      for (const step of node.steps) {
        if (step.step === "set-cell") eachNode(step.cell, visit)
        eachNode(step.value, visit)
      }
      eachNode(node.result, visit)
      return
    case "if":
      eachNode(node.test, visit)
      eachNode(node.then, visit)
      eachNode(node.else, visit)
      return
    case "loop":
      for (const init of node.inits) eachNode(init, visit)
      eachNode(node.body, visit)
      return
    case "continue":
    case "call-builtin":
    case "host":
    case "prim":
      for (const arg of node.args) eachNode(arg, visit)
      return
    case "choose":
      for (const clause of node.clauses) eachNode(clause, visit)
      return
    case "call-known":
      if (node.closure) eachNode(node.closure, visit)
      for (const arg of node.args) eachNode(arg, visit)
      return
    case "call-value":
      eachNode(node.callee, visit)
      for (const arg of node.args) eachNode(arg, visit)
      return
    case "box":
    case "unbox":
    case "check":
      eachNode(node.value, visit)
      return
    case "closure":
      for (const capture of node.captures) eachNode(capture, visit)
      return
    case "make":
      for (const item of node.items) eachNode(item, visit)
      return
    case "make-map":
      for (const value of node.values) eachNode(value, visit)
      return
    case "try":
      eachNode(node.body, visit)
      if (node.handler) eachNode(node.handler, visit)
      if (node.cleanup) eachNode(node.cleanup, visit)
      return
    case "cell-get":
      eachNode(node.cell, visit)
  }
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
      const steps = mapAll(node.steps, step => mapStep(step, change))
      const result = change(node.result)
      return steps === node.steps && result === node.result ? node : { ...node, steps, result }
    }
    case "if": {
      const [test, yes, no] = [change(node.test), change(node.then), change(node.else)]
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

function mapAll<T>(items: readonly T[], change: (item: T) => T): readonly T[] {
  let mapped: T[] | null = null
  for (let index = 0; index < items.length; index++) {
    const item = items[index] as T
    const made = change(item)
    if (made !== item) mapped ??= items.slice(0, index)
    mapped?.push(made)
  }
  return mapped ?? items
}

/** Whether some node of the tree passes. */
export function someNode(node: Node, test: (node: Node) => boolean): boolean {
  let found = false
  eachNode(node, one => {
    found ||= test(one)
  })
  return found
}
