/** What the emitter wants to know of a loop before it begins: its counters, the vectors it goes through, how its turns can be charged. */
import { inner } from "./inner.ts"
import type { Loop, Node } from "./ir.ts"
import { diverges } from "./ir.ts"
import { eachNode, someNode } from "./nodes.ts"

export interface LoopWalk {
  /** Vectors that are bound before the loop and read in it at a local of it that only grows, by one with each turn. */
  readonly vectors: readonly { readonly vector: number; readonly counter: number }[]
  /** Set where the loop counts up to a bound. */
  readonly count: Count | null
  /** Whether it calls no function and jumps nowhere outside: then what is left to charge can be charged when it has ended. */
  readonly leavesOnlyByItsEnd: boolean
  /** Whether no turn costs more than itself: no call put inline, no loop inside. */
  readonly chargesTurnsOnly: boolean
}

/** A loop whose body is `(if (i64-lt counter bound) … …)`, which goes on in the first case and ends in the other; the bound is cheap and always the same. */
export interface Count {
  readonly branch: Extract<Node, { op: "if" }>
  readonly counter: number
  readonly bound: Node
}

/** `writes`: how often each local of the function is written (`survey.ts`). */
export function walkOf(loop: Loop, writes: readonly number[]): LoopWalk {
  const reads: { vector: number; counter: number }[] = []
  const counters = new Set(loop.locals)
  const bound = new Set<number>()
  const labels = [loop.label]
  let leavesOnlyByItsEnd = true
  let chargesTurnsOnly = true
  eachNode(loop.body, node => {
    switch (node.op) {
      case "block":
        for (const step of node.steps) if (step.step === "bind") bound.add(step.local)
        return
      case "try":
        bound.add(node.errorLocal)
        return
      case "loop":
      case "choose":
        // Jumps only go outwards, so a label inside comes before the jumps to it.
        labels.push(node.label)
        if (node.op === "loop") chargesTurnsOnly = false
        return
      case "fail":
        if (!labels.includes(node.label)) leavesOnlyByItsEnd = false
        return
      case "continue":
        if (!labels.includes(node.label)) leavesOnlyByItsEnd = false
        if (node.label === loop.label) keepCounters(counters, loop, node.args)
        return
      case "call-known":
      case "call-value":
        leavesOnlyByItsEnd = false
        return
      case "call-builtin":
        if (node.builtin === inner.enter) chargesTurnsOnly = false
        return
      case "prim": {
        if (node.prim !== "vector-at" && node.prim !== "sequence-at") return
        const [vector, counter] = node.args
        if (vector?.op === "local" && counter?.op === "local") reads.push({ vector: vector.index, counter: counter.index })
      }
    }
  })
  for (const local of bound) counters.delete(local)
  const isSteady = (local: number) => writes[local] === 1 && !bound.has(local)
  return {
    vectors: reads.filter(one => counters.has(one.counter) && isSteady(one.vector)),
    count: countOf(loop, counters, isSteady),
    leavesOnlyByItsEnd,
    chargesTurnsOnly
  }
}

/** Drops the locals that this jump does not count up. */
function keepCounters(counters: Set<number>, loop: Loop, args: readonly Node[]): void {
  for (let position = 0; position < args.length; position++) {
    const arg = args[position] as Node
    const local = loop.locals[position] as number
    const counts = arg.op === "prim" && arg.prim === "i64-next" && arg.args[0]?.op === "local" && arg.args[0].index === local
    if (!counts) counters.delete(local)
  }
}

function countOf(loop: Loop, counters: ReadonlySet<number>, isSteady: (local: number) => boolean): Count | null {
  const { body } = loop
  if (body.op !== "if" || body.test.op !== "prim" || body.test.prim !== "i64-lt") return null
  const [counter, bound] = body.test.args
  if (counter?.op !== "local" || !counters.has(counter.index) || !bound) return null
  const source = bound.op === "prim" && (bound.prim === "vector-count" || bound.prim === "sequence-count") ? bound.args[0] : bound
  if (source?.op !== "const" && !(source?.op === "local" && isSteady(source.index))) return null
  if (!diverges(body.then) || diverges(body.else)) return null
  if (someNode(body.else, node => node.op === "continue" && node.label === loop.label)) return null
  return { branch: body, counter: counter.index, bound }
}
