/**
 * Closure conversion: which functions need which captures, which calls of known functions need the closure, and with that the finished functions.
 * A function that mentions only globals, builtins and functions that need no closure themselves needs none either, and is called directly.
 */
import type { IrFunction, Node } from "./ir.ts"
import type { ProgramBuilder } from "./program.ts"
import type { FunctionContext, PendingCall, Variable } from "./scope.ts"
import { cellOf, lateNode, readVariable } from "./variables.ts"

/** Settles captures, calls and markers of everything resolved so far. */
export function closeFunctions(program: ProgramBuilder): IrFunction[] {
  const closer = new Closer(program.calls)
  for (const context of program.functions) {
    if (context.usesSelf) closer.becameNeedy(context)
    for (const { variable } of context.references) closer.demand(context, variable)
  }
  for (const call of program.calls) if (call.late !== null && !call.late.reference.proved) closer.demandCallee(call)
  closer.run()
  for (const call of program.calls) settleCall(call)
  for (const context of program.functions) {
    for (const { node, target } of context.closures) node.captures = capturesOf(target, context)
  }
  for (const context of program.functions) {
    for (const { node, variable } of context.references) node.index = context.captures.get(variable)!
  }
  program.settleMarkers()
  return program.functions.map(finished)
}

export function needsClosure(context: FunctionContext): boolean {
  return context.usesSelf || context.captures.size > 0
}

class Closer {
  readonly #callsOf = new Map<FunctionContext, PendingCall[]>()
  readonly #queue: FunctionContext[] = []

  constructor(calls: readonly PendingCall[]) {
    for (const call of calls) {
      const others = this.#callsOf.get(call.target)
      if (others === undefined) this.#callsOf.set(call.target, [call])
      else others.push(call)
    }
  }

  becameNeedy(context: FunctionContext): void {
    this.#queue.push(context)
  }

  run(): void {
    for (let context = this.#queue.pop(); context !== undefined; context = this.#queue.pop()) {
      for (const call of this.#callsOf.get(context) ?? []) this.demandCallee(call)
    }
  }

  demandCallee(call: PendingCall): void {
    if (call.late !== null) {
      const { site, scope } = call.late
      if (!scope.top) this.demand(call.caller, cellOf(site, scope))
    } else if (!("op" in call.via)) this.demand(call.caller, call.via)
  }

  /** Sees to it that `context` can read the variable. */
  demand(context: FunctionContext, variable: Variable): void {
    if (variable.place === "global") return
    if (variable.owner !== context || variable.place === "snapshot") this.#capture(context, variable)
    else if (variable.place === "self" && !context.usesSelf) {
      context.usesSelf = true
      if (context.captures.size === 0) this.becameNeedy(context)
    }
  }

  #capture(context: FunctionContext, variable: Variable): void {
    if (context.captures.has(variable)) return
    context.captures.set(variable, context.captures.size)
    if (context.captures.size === 1 && !context.usesSelf) this.becameNeedy(context)
    if (variable.owner !== context) this.demand(context.parent!, variable)
  }
}

function settleCall(call: PendingCall): void {
  const { late, target, caller, via, node } = call
  if (late === null) {
    if (needsClosure(target)) node.closure = "op" in via ? via : readVariable(via, caller)
    return
  }
  if (!needsClosure(target) && late.reference.proved) return
  const closure = lateNode(late.site, late.scope, caller, late.reference.place)
  if (late.reference.proved) {
    if (closure.op === "global") closure.checked = false
    else closure.name = null
  }
  if (needsClosure(target)) node.closure = closure
  else late.steps.push({ step: "drop", value: closure })
}

function capturesOf(target: FunctionContext, parent: FunctionContext): Node[] {
  return [...target.captures.keys()].map(variable => (variable.owner === target ? variable.init! : readVariable(variable, parent)))
}

function finished(context: FunctionContext): IrFunction {
  return {
    name: context.name,
    fixed: context.fixed,
    rest: context.rest,
    locals: context.locals,
    paramChecks: new Array<number>(context.fixed).fill(-1),
    captures: Array.from(context.captures, () => "boxed" as const),
    usesSelf: context.usesSelf,
    result: "boxed",
    body: context.body ?? { op: "const", rep: "boxed", value: null },
    site: context.site
  }
}
