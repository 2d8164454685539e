/** The looping forms as loops with a counter (language page, sections 5.8 and 5.10). */
import { block, branch, nilNode, prim } from "./build.ts"
import type { Node, Step } from "./ir.ts"
import type { PatternHost } from "./lower-pattern.ts"
import { Scope } from "./scope.ts"
import type { DotimesSyntax, ForSyntax, StepLoopSyntax, Syntax } from "./syntax.ts"

/** What loops need of resolve. */
export interface LoopHost extends PatternHost {
  lower(syntax: Syntax, scope: Scope, steps: Step[], use: "value"): Node
}

const stepLoopMax = 10_000n

/** A vector of the body's values, built in place; only the indices change from turn to turn. */
export function lowerFor(syntax: ForSyntax, scope: Scope, steps: Step[], host: LoopHost): Node {
  const { context } = scope
  const sources = syntax.collections.map(collection => {
    const items = context.newLocal()
    steps.push({
      step: "bind",
      local: items,
      value: prim("need-sequence", [host.expression(collection, scope)], host.site(collection))
    })
    return items
  })
  const built = context.newLocal()
  steps.push({ step: "bind", local: built, value: prim("vector-new", []) })
  const names = new Scope(scope, context)
  steps.push({ step: "drop", value: forLevel(syntax, sources, 0, built, names, host) })
  return { op: "local", rep: "boxed", index: built }
}

function forLevel(syntax: ForSyntax, sources: readonly number[], level: number, built: number, scope: Scope, host: LoopHost): Node {
  const { context } = scope
  const read = (index: number): Node => ({ op: "local", rep: context.locals[index]!, index })
  if (level === sources.length) {
    const steps: Step[] = []
    const turn = new Scope(scope, context)
    host.prepare(turn, [syntax.body])
    const value = host.within(turn, steps, () => host.lower(syntax.body, turn, steps, "value"))
    return block(steps, prim("vector-append", [read(built), value]))
  }
  const items = read(sources[level]!)
  const counter = context.newLocal("i64")
  const item = context.newLocal()
  const steps: Step[] = [{ step: "bind", local: item, value: prim("sequence-at", [items, read(counter)]) }]
  host.bindLocal(syntax.names[level]!, item, scope, steps)
  steps.push({ step: "drop", value: forLevel(syntax, sources, level + 1, built, scope, host) })
  const test = prim("i64-lt", [read(counter), prim("sequence-count", [items])])
  return counted(context.newLabel(), counter, null, test, steps, nilNode)
}

/** A counter up to the count; the value of the last turn. */
export function lowerDotimes(syntax: DotimesSyntax, scope: Scope, steps: Step[], host: LoopHost): Node {
  const { context } = scope
  const count = context.newLocal("i64")
  const value = host.expression(syntax.count, scope)
  steps.push({ step: "bind", local: count, value: prim("need-integer", [value], host.site(syntax)) })
  const counter = context.newLocal("i64")
  const result = context.newLocal()
  const item = context.newLocal()
  const names = new Scope(scope, context)
  const turn: Step[] = [
    { step: "bind", local: item, value: { op: "box", rep: "boxed", value: { op: "local", rep: "i64", index: counter } } }
  ]
  host.bindLocal(syntax.name, item, names, turn)
  const inner = new Scope(names, context)
  host.prepare(inner, [syntax.body])
  const next = host.within(inner, turn, () => host.lower(syntax.body, inner, turn, "value"))
  const test = prim("i64-lt", [
    { op: "local", rep: "i64", index: counter },
    { op: "local", rep: "i64", index: count }
  ])
  return counted(context.newLabel(), counter, { local: result, next }, test, turn, { op: "local", rep: "boxed", index: result })
}

/** Turns while the test holds, up to a stated number. */
export function lowerStepLoop(syntax: StepLoopSyntax, scope: Scope, host: LoopHost): Node {
  const { context } = scope
  const counter = context.newLocal("i64")
  const result = context.newLocal()
  const test = prim("truthy", [host.expression(syntax.test, scope)])
  const tooLong: Node = {
    op: "raise",
    rep: "boxed",
    category: "runtime-error",
    message: `Runtime error: step-loop ran more than ${stepLoopMax} iterations`,
    site: host.site(syntax)
  }
  const within = prim("i64-lt", [
    { op: "local", rep: "i64", index: counter },
    { op: "const", rep: "i64", value: stepLoopMax }
  ])
  const turn: Step[] = [{ step: "drop", value: branch(within, nilNode, tooLong) }]
  const next = host.lower(syntax.body, scope, turn, "value")
  return counted(context.newLabel(), counter, { local: result, next }, test, turn, { op: "local", rep: "boxed", index: result })
}

/** A loop with a counter from 0 and perhaps a value carried from turn to turn (nil at first); `turn` runs while `test` holds. */
function counted(
  label: number,
  counter: number,
  carried: { readonly local: number; readonly next: Node } | null,
  test: Node,
  turn: readonly Step[],
  result: Node
): Node {
  const next = prim("i64-next", [{ op: "local", rep: "i64", index: counter }])
  const again: Node = { op: "continue", rep: "boxed", label, args: carried === null ? [next] : [next, carried.next] }
  const zero: Node = { op: "const", rep: "i64", value: 0n }
  return {
    op: "loop",
    rep: "boxed",
    label,
    locals: carried === null ? [counter] : [counter, carried.local],
    inits: carried === null ? [zero] : [zero, nilNode],
    body: branch(test, block(turn, again), result)
  }
}
