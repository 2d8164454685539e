/** Syntax to intermediate representation: every name becomes a local, global, capture, builtin or a certain error (language page, sections 4 to 6). */
import { interfaceType } from "../interface.ts"
import { after, block, branch, isIdle, makeList, makeVector, nilNode, prim } from "./build.ts"
import { arityMessage, builtins, closureName } from "./builtins.ts"
import type { Diagnostics } from "./diagnostic.ts"
import type { ClosureNode, Node, Step } from "./ir.ts"
import type { LoopHost } from "./lower-loop.ts"
import { lowerDotimes, lowerFor, lowerStepLoop } from "./lower-loop.ts"
import { destructure, lowerMatch } from "./lower-pattern.ts"
import type { ImportedNames } from "./names.ts"
import { Names, withoutLate } from "./names.ts"
import type { ProgramBuilder } from "./program.ts"
import type { DefinitionSite, FunctionContext, LateReference, Slot, Variable } from "./scope.ts"
import { definitionsIn, Scope } from "./scope.ts"
import type {
  CallSyntax,
  DefSyntax,
  FnSyntax,
  HostSyntax,
  LetSyntax,
  Pattern,
  Place,
  RaiseSyntax,
  StepSyntax,
  StructSyntax,
  Syntax,
  TrySyntax
} from "./syntax.ts"
import type { Type } from "./type-form.ts"
import { newCell, newVariable, readVariable } from "./variables.ts"

/** What becomes of a value: dropped, used, or returned by the function (where a self call may jump). */
type Use = "effect" | "value" | "tail"

/**
 * Levels of the tree that an expression adds, at most, and how many there may be: every later stage walks the tree, and its own stack must hold it
 * whatever the host's is.
 */
const weights: Partial<Record<Syntax["kind"], number>> = {
  literal: 0,
  name: 0,
  do: 0,
  for: 6,
  dotimes: 6,
  "step-loop": 6,
  match: 5,
  try: 3,
  fn: 1
}
const depthMax = 2_048

export class Resolver implements LoopHost {
  readonly #program: ProgramBuilder
  readonly #diagnostics: Diagnostics
  readonly #unit: number
  readonly #names: Names
  readonly #sites = new Map<Syntax, DefinitionSite | Slot>()
  readonly #contexts = new Map<Syntax, FunctionContext>()
  #depth = 0
  #reportedDepth = false

  constructor(program: ProgramBuilder, diagnostics: Diagnostics, unit: number, imports: ImportedNames) {
    this.#program = program
    this.#diagnostics = diagnostics
    this.#unit = unit
    this.#names = new Names(diagnostics, imports, place => this.site(place))
  }

  // ---- bodies and scopes

  /** Evaluates in order; the value of the last. `scope` must have been prepared for these expressions. */
  sequence(body: readonly Syntax[], scope: Scope, steps: Step[], use: Use): Node {
    for (const expression of body.slice(0, -1)) this.effect(expression, scope, steps)
    const last = body.at(-1)
    return last === undefined ? nilNode : this.lower(last, scope, steps, use)
  }

  effect(syntax: Syntax, scope: Scope, steps: Step[]): void {
    const node = this.lower(syntax, scope, steps, "effect")
    if (!isIdle(node)) steps.push({ step: "drop", value: node })
  }

  /** An expression of its own: its steps do not mix with those around it. */
  expression(syntax: Syntax, scope: Scope, use: Use = "value"): Node {
    const steps: Step[] = []
    const result = this.lower(syntax, scope, steps, use)
    return block(steps, result)
  }

  /** Learns the definitions of a scope before anything in it is resolved. */
  prepare(scope: Scope, body: readonly Syntax[]): void {
    const found = definitionsIn(body)
    if (found.length === 0) return
    const conditional = new Set(found.filter(definition => definition.conditional).map(definition => definition.syntax.name))
    for (const { syntax } of found) {
      const { name } = syntax
      if (conditional.has(name)) {
        this.#sites.set(syntax, scope.slots.get(name) ?? this.#newSlot(scope, name))
        continue
      }
      const variable = scope.top ? this.#program.newGlobal(name) : newVariable(scope.context, name)
      const site: DefinitionSite = { name, variable, done: false, cell: null, fill: [], late: [] }
      variable.known = this.#definedFunction(syntax, scope.context)
      this.#sites.set(syntax, site)
      const sites = scope.sites.get(name)
      if (sites === undefined) scope.sites.set(name, [site])
      else sites.push(site)
    }
  }

  #definedFunction(syntax: DefSyntax | StructSyntax, context: FunctionContext): FunctionContext | null {
    if (syntax.kind === "defstruct") {
      const made = this.#program.newFunction(context, syntax.name, 1, false, true)
      this.#contexts.set(syntax, made)
      return made
    }
    return syntax.value.kind === "fn" ? this.#contextOf(syntax.value, context, syntax.name) : null
  }

  /** The function under construction for a literal; made when first needed, which may be by a reference that precedes it. */
  #contextOf(syntax: FnSyntax, parent: FunctionContext, name: string): FunctionContext {
    const known = this.#contexts.get(syntax)
    if (known !== undefined) return known
    const context = this.#program.newFunction(
      parent,
      syntax.name ?? name,
      syntax.params.length,
      syntax.rest !== null,
      syntax.result === null
    )
    context.site = this.site(syntax)
    this.#contexts.set(syntax, context)
    return context
  }

  #newSlot(scope: Scope, name: string): Slot {
    const holder = scope.top ? this.#program.newGlobal(name, true) : newCell(scope, name)
    const slot: Slot = { name, owner: scope.context, holder }
    scope.slots.set(name, slot)
    return slot
  }

  /** Runs `fill`, which writes the steps of a scope; the scope's cells come to stand before them. */
  within<T>(scope: Scope, steps: Step[], fill: () => T): T {
    if (scope.sites.size > 0 || scope.slots.size > 0 || scope.group !== null) this.#program.mark(steps, scope.prologue)
    return fill()
  }

  // ---- expressions

  /** Resolves an expression: appends what must happen first to `steps` and answers the node of its value. */
  lower(syntax: Syntax, scope: Scope, steps: Step[], use: Use): Node {
    const weight = weights[syntax.kind] ?? 2
    if (this.#depth + weight > depthMax) return this.#tooDeep(syntax)
    this.#depth += weight
    const node = this.#lower(syntax, scope, steps, use)
    this.#depth -= weight
    return node
  }

  #tooDeep(syntax: Syntax): Node {
    if (!this.#reportedDepth) {
      this.#reportedDepth = true
      this.#diagnostics.error(
        "parse-error",
        `expressions nest too deep: more than ${depthMax} levels of evaluation`,
        syntax.start,
        syntax.end,
        {
          suggestion: "name inner parts with let or defn"
        }
      )
    }
    return nilNode
  }

  #lower(syntax: Syntax, scope: Scope, steps: Step[], use: Use): Node {
    switch (syntax.kind) {
      case "literal":
        return { op: "const", rep: "boxed", value: syntax.value }
      case "name":
        return this.#names.value(this.#names.lookup(syntax.name, scope), scope.context, () => this.#names.unbound(syntax, scope), syntax)
      case "vector":
        return makeVector(syntax.items.map(item => this.expression(item, scope)))
      case "map":
        return { op: "make-map", rep: "boxed", keys: syntax.keys, values: syntax.values.map(value => this.expression(value, scope)) }
      case "call":
        return this.#call(syntax, scope, use)
      case "do":
        return this.sequence(syntax.body, scope, steps, use)
      case "def":
        return this.#define(syntax, scope, steps)
      case "defstruct":
        return this.#struct(syntax, scope, steps)
      case "let":
        return this.#let(syntax, scope, steps, use)
      case "if": {
        const test = prim("truthy", [this.expression(syntax.test, scope)])
        const yes = this.expression(syntax.then, scope, use)
        return branch(test, yes, syntax.else === null ? nilNode : this.expression(syntax.else, scope, use))
      }
      case "fn":
        return this.#function(syntax, this.#contextOf(syntax, scope.context, ""), scope)
      case "match":
        return this.#match(syntax, scope, steps, use)
      case "try":
        return this.#try(syntax, scope)
      case "for":
        return lowerFor(syntax, scope, steps, this)
      case "dotimes":
        return lowerDotimes(syntax, scope, steps, this)
      case "step":
        return this.#step(syntax, scope, steps, use)
      case "step-loop":
        return lowerStepLoop(syntax, scope, this)
      case "lookup":
        return this.#names.value(withoutLate(this.#names.lookup(syntax.name, scope)), scope.context, nilNode, syntax)
      case "host":
        return this.#host(syntax, scope)
      case "raise":
        return this.#raise(syntax, scope)
    }
  }

  site(place: Place): number {
    return this.#program.siteIndex(this.#unit, place.start, place.end)
  }

  #raise(syntax: RaiseSyntax, scope: Scope): Node {
    const args = syntax.args.map(arg => this.expression(arg, scope))
    return after(args, { op: "raise", rep: "boxed", category: syntax.category, message: syntax.message, site: this.site(syntax) })
  }

  #host(syntax: HostSyntax, scope: Scope): Node {
    const args = syntax.args.map(arg => this.expression(arg, scope))
    const node = { op: "host" as const, rep: "boxed" as const, capability: -1, args, site: this.site(syntax) }
    this.#program.hostCalls.push({ node, capability: syntax.capability })
    scope.context.barrier += 1
    return node
  }

  // ---- names

  // ---- calls

  #call(syntax: CallSyntax, scope: Scope, use: Use): Node {
    const { head } = syntax
    if (head.kind === "literal") return this.#literalCall(syntax, head.value, scope)
    if (head.kind === "name") return this.#namedCall(syntax, head, scope, use)
    if (head.kind === "fn") {
      const context = this.#contextOf(head, scope.context, "")
      const closure = this.#function(head, context, scope)
      return this.#knownCall(syntax, context, closure, scope, use, null)
    }
    return this.#valueCall(syntax, this.expression(head, scope), scope, use)
  }

  #args(syntax: CallSyntax, scope: Scope): Node[] {
    return syntax.args.map(arg => this.expression(arg, scope))
  }

  #namedCall(syntax: CallSyntax, head: Place & { readonly name: string }, scope: Scope, use: Use): Node {
    let target = this.#names.lookup(head.name, scope)
    if (target.kind === "none") {
      const imported = this.#names.imported(head.name, head)
      if (imported !== null) target = { kind: "variable", variable: imported }
    }
    if (target.kind === "builtin") return this.#builtinCall(syntax, target.builtin, scope)
    if (target.kind === "variable" && target.variable.known !== null) {
      return this.#knownCall(syntax, target.variable.known, target.variable, scope, use, null)
    }
    if (target.kind === "late" && target.site.variable.known !== null) {
      return this.#knownCall(syntax, target.site.variable.known, target.site.variable, scope, use, target)
    }
    const callee = this.#names.value(target, scope.context, () => this.#names.unbound(head, scope), head)
    return this.#valueCall(syntax, callee, scope, use)
  }

  #valueCall(syntax: CallSyntax, callee: Node, scope: Scope, use: Use): Node {
    const args = this.#args(syntax, scope)
    // The head comes first: an unbound one raises before its arguments are evaluated.
    if (callee.op === "raise") return callee
    scope.context.barrier += 1
    return { op: "call-value", rep: "boxed", callee, args, tail: use === "tail" && scope.context.tailCalls, site: this.site(syntax) }
  }

  #literalCall(syntax: CallSyntax, head: Extract<Node, { op: "const" }>["value"], scope: Scope): Node {
    const site = this.site(syntax)
    const isKeyword = typeof head === "object" && head !== null && "kind" in head && head.kind === "keyword"
    const callee: Node = { op: "const", rep: "boxed", value: head }
    if (!isKeyword) {
      this.#diagnostics.warn("type-error", "this value is no function", syntax.head.start, syntax.head.end, {
        expected: "a function or keyword"
      })
      return this.#valueCall(syntax, callee, scope, "value")
    }
    const args = this.#args(syntax, scope)
    if (args.length === 1) return prim("keyword-get", [callee, ...args], site)
    if (args.length === 2) return prim("keyword-get-or", [callee, ...args], site)
    return this.#arityError(syntax, args, `:${head.name}`, 1, 2)
  }

  #builtinCall(syntax: CallSyntax, builtin: number, scope: Scope): Node {
    const { name, minArity, maxArity } = builtins[builtin]!
    const args = this.#args(syntax, scope)
    scope.context.barrier += 1
    if (args.length < minArity || (maxArity !== null && args.length > maxArity))
      return this.#arityError(syntax, args, name, minArity, maxArity)
    return { op: "call-builtin", rep: "boxed", builtin, args, site: this.site(syntax) }
  }

  #arityError(syntax: CallSyntax, args: readonly Node[], name: string, minArity: number, maxArity: number | null): Node {
    const message = arityMessage(name, minArity, maxArity, args.length)
    this.#diagnostics.warn("arity-mismatch", message, syntax.start, syntax.end)
    return after(args, { op: "raise", rep: "boxed", category: "arity-mismatch", message, site: this.site(syntax) })
  }

  #knownCall(
    syntax: CallSyntax,
    target: FunctionContext,
    via: Variable | ClosureNode,
    scope: Scope,
    use: Use,
    late: { readonly site: DefinitionSite; readonly scope: Scope } | null
  ): Node {
    const caller = scope.context
    const site = this.site(syntax)
    const count = syntax.args.length
    if (count < target.fixed || (!target.rest && count > target.fixed)) {
      // The head comes first: a name that is not defined yet raises before the arguments are evaluated.
      const first = late === null ? [] : [this.#names.late(late.site, late.scope, caller, site)]
      const error = this.#arityError(syntax, this.#args(syntax, scope), closureName, target.fixed, target.rest ? null : target.fixed)
      return after(first, error)
    }
    const steps: Step[] = []
    const reference: LateReference | null =
      late === null ? null : { barrier: late.scope.context.barrier, proved: false, node: null, place: site }
    if (late !== null) late.site.late.push(reference!)
    const args = this.#args(syntax, scope)
    const passed = target.rest ? [...args.slice(0, target.fixed), makeList(args.slice(target.fixed))] : args
    if (target === caller && use === "tail") {
      if (caller.loopLabel < 0) caller.loopLabel = caller.newLabel()
      return { op: "continue", rep: "boxed", label: caller.loopLabel, args: passed }
    }
    caller.barrier += 1
    const tail = use === "tail" && caller.tailCalls
    const node = { op: "call-known" as const, rep: "boxed" as const, fn: target.index, closure: null, args: passed, tail, site }
    const place = late === null ? null : { ...late, reference: reference!, steps }
    this.#program.calls.push({ caller, target, node, via, late: place })
    return late === null ? node : { op: "block", rep: "boxed", steps, result: node }
  }

  // ---- functions

  #function(syntax: FnSyntax, context: FunctionContext, scope: Scope): ClosureNode {
    const selfScope = syntax.name === null ? scope : new Scope(scope, context)
    if (syntax.name !== null && selfScope !== scope) selfScope.current.set(syntax.name, this.#selfVariable(syntax, context, scope))
    const inner = new Scope(selfScope, context)
    this.prepare(inner, syntax.body)
    const steps: Step[] = []
    const result = this.within(inner, steps, () => {
      this.#parameters(syntax, inner, steps)
      return this.sequence(syntax.body, inner, steps, "tail")
    })
    this.#finishFunction(context, block(steps, result), syntax.result, this.site(syntax))
    return this.closure(context, scope.context)
  }

  /** At top level a defn is its global, which holds the very closure, so that calling itself needs no closure. */
  #selfVariable(syntax: FnSyntax, context: FunctionContext, scope: Scope): Variable {
    if (!scope.top) return context.self
    const site = scope.sites.get(syntax.name!)?.find(candidate => candidate.variable.known === context)
    return site?.variable ?? context.self
  }

  closure(context: FunctionContext, parent: FunctionContext): ClosureNode {
    const node = { op: "closure" as const, rep: "boxed" as const, fn: context.index, captures: [] as Node[] }
    parent.closures.push({ node, target: context })
    return node
  }

  #finishFunction(context: FunctionContext, body: Node, result: Type | null, site: number): void {
    const params = Array.from({ length: context.fixed + (context.rest ? 1 : 0) }, (_, index) => index)
    const inits: Node[] = params.map(index => ({ op: "local", rep: "boxed", index }))
    const looped: Node = context.loopLabel < 0 ? body : { op: "loop", rep: "boxed", label: context.loopLabel, locals: params, inits, body }
    context.body = this.checked(looped, result, site)
  }

  /** The value, checked against an annotation. */
  checked(value: Node, type: Type | null, site: number, each = false): Node {
    if (type === null) return value
    return { op: "check", rep: "boxed", type: this.#program.typeIndex(interfaceType(type)), each, value, site }
  }

  #parameters(syntax: FnSyntax, scope: Scope, steps: Step[]): void {
    const local = (index: number): Node => ({ op: "local", rep: "boxed", index })
    for (const [index, param] of syntax.params.entries()) {
      if (param.type !== null) steps.push({ step: "drop", value: this.checked(local(index), param.type, this.site(param)) })
    }
    const restIndex = syntax.params.length
    if (syntax.rest?.type != null)
      steps.push({ step: "drop", value: this.checked(local(restIndex), syntax.rest.type, this.site(syntax), true) })
    for (const [index, param] of syntax.params.entries()) {
      if (param.pattern.kind === "name") this.bindLocal(param.pattern.name, index, scope, steps)
      else destructure(param.pattern, index, scope, steps, this)
    }
    if (syntax.rest?.name != null) this.bindLocal(syntax.rest.name, restIndex, scope, steps)
  }

  // ---- bindings

  /** Gives a name to a local that holds its value already. */
  bindLocal(name: string, local: number, scope: Scope, steps: Step[], known: FunctionContext | null = null): void {
    const slot = scope.slots.get(name)
    const read: Node = { op: "local", rep: "boxed", index: local }
    if (slot !== undefined) this.#setSlot(slot, read, scope.context, steps)
    else scope.current.set(name, { name, owner: scope.context, place: "local", index: local, known, init: null })
  }

  #setSlot(slot: Slot, value: Node, context: FunctionContext, steps: Step[]): void {
    if (slot.holder.place === "global") steps.push({ step: "set-global", global: slot.holder.index, value })
    else steps.push({ step: "set-cell", cell: readVariable(slot.holder, context), value })
  }

  #define(syntax: DefSyntax, scope: Scope, steps: Step[]): Node {
    const found = this.#sites.get(syntax)!
    const site = this.site(syntax)
    const isSlot = "holder" in found
    const known = isSlot ? null : found.variable.known
    const raw =
      syntax.value.kind === "fn" && known !== null
        ? this.#function(syntax.value, known, scope)
        : this.lower(syntax.value, scope, steps, "value")
    const value = this.checked(raw, syntax.type, site)
    return isSlot ? this.#defineSlot(found, value, scope, steps) : this.#defineSite(found, value, scope, steps)
  }

  #defineSlot(slot: Slot, value: Node, scope: Scope, steps: Step[]): Node {
    const local = scope.context.newLocal()
    const read: Node = { op: "local", rep: "boxed", index: local }
    steps.push({ step: "bind", local, value })
    this.#setSlot(slot, read, scope.context, steps)
    return read
  }

  #defineSite(site: DefinitionSite, value: Node, scope: Scope, steps: Step[]): Node {
    const { variable } = site
    if (scope.top) steps.push({ step: "set-global", global: variable.index, value })
    else steps.push({ step: "bind", local: variable.index, value })
    if (!scope.top && site.late.length > 0) this.#program.mark(steps, site.fill)
    this.#settle(site, scope.context)
    if (scope.slots.has(site.name)) throw new Error("a name is either certain or a slot")
    scope.current.set(site.name, variable)
    return readVariable(variable, scope.context)
  }

  /** Reads that precede the definition are proved if nothing was called since. */
  #settle(site: DefinitionSite, context: FunctionContext): void {
    site.done = true
    for (const reference of site.late) {
      if (reference.barrier !== context.barrier) continue
      reference.proved = true
      if (reference.node?.op === "global") reference.node.checked = false
      if (reference.node?.op === "cell-get") reference.node.name = null
    }
  }

  #struct(syntax: StructSyntax, scope: Scope, steps: Step[]): Node {
    const context = this.#contexts.get(syntax) ?? this.#program.newFunction(scope.context, syntax.name, 1, false, true)
    const site = this.site(syntax)
    context.site = site
    const argument: Node = { op: "local", rep: "boxed", index: 0 }
    const shape = interfaceType({ kind: "map", entries: syntax.fields.map(field => ({ ...field, optional: false })), others: [] })
    const fields = shape.test.kind === "map" ? shape.test.entries.map(entry => ({ ...entry, keywordOnly: true })) : []
    const type = this.#program.typeIndex({ text: `(defstruct ${shape.text})`, test: { kind: "map", entries: fields } })
    context.body = block(
      [
        { step: "drop", value: prim("need-struct", [argument], site) },
        { step: "drop", value: { op: "check", rep: "boxed", type, each: false, value: argument, site } }
      ],
      argument
    )
    const found = this.#sites.get(syntax)!
    const value = this.closure(context, scope.context)
    return "holder" in found ? this.#defineSlot(found, value, scope, steps) : this.#defineSite(found, value, scope, steps)
  }

  #let(syntax: LetSyntax, outer: Scope, steps: Step[], use: Use): Node {
    const scope = new Scope(outer, outer.context)
    this.prepare(scope, [...syntax.bindings.map(binding => binding.value), ...syntax.body])
    const group = this.#functionGroup(syntax, scope)
    scope.group = group
    return this.within(scope, steps, () => {
      for (const [index, binding] of syntax.bindings.entries()) {
        const site = group?.sites.get(index)
        if (group !== null && site !== undefined) {
          group.active = index
          this.#functionBinding(binding.value, site, binding.type, scope, steps, this.site(binding))
          group.active = -1
        } else {
          const value = this.checked(this.lower(binding.value, scope, steps, "value"), binding.type, this.site(binding))
          this.#bindPattern(binding.pattern, value, scope, steps)
        }
      }
      return this.sequence(syntax.body, scope, steps, use)
    })
  }

  /** The function bindings of a let: symbols whose value is literally a function. */
  #functionGroup(
    syntax: LetSyntax,
    scope: Scope
  ): { sites: Map<number, DefinitionSite>; indices: Map<string, number[]>; active: number } | null {
    const sites = new Map<number, DefinitionSite>()
    const indices = new Map<string, number[]>()
    for (const [index, binding] of syntax.bindings.entries()) {
      if (binding.pattern.kind !== "name" || scope.slots.has(binding.pattern.name)) continue
      const { name } = binding.pattern
      const literal =
        binding.value.kind === "fn" ? binding.value : binding.value.kind === "def" && binding.value.defn ? binding.value.value : null
      if (literal?.kind !== "fn") continue
      const variable = newVariable(scope.context, name)
      variable.known = this.#contextOf(literal, scope.context, name)
      sites.set(index, { name, variable, done: false, cell: null, fill: [], late: [] })
      const others = indices.get(name)
      if (others === undefined) indices.set(name, [index])
      else others.push(index)
    }
    return sites.size === 0 ? null : { sites, indices, active: -1 }
  }

  #functionBinding(value: Syntax, site: DefinitionSite, type: Type | null, scope: Scope, steps: Step[], place: number): void {
    const closure = value.kind === "fn" ? this.#function(value, site.variable.known!, scope) : this.lower(value, scope, steps, "value")
    this.#defineSite(site, this.checked(closure, type, place), scope, steps)
  }

  #bindPattern(pattern: Pattern, value: Node, scope: Scope, steps: Step[]): void {
    if (pattern.kind === "ignore") {
      steps.push({ step: "drop", value })
      return
    }
    const local = scope.context.newLocal()
    steps.push({ step: "bind", local, value })
    if (pattern.kind === "name") this.bindLocal(pattern.name, local, scope, steps)
    else destructure(pattern, local, scope, steps, this)
  }

  // ---- branching and looping forms

  #match(syntax: Extract<Syntax, { kind: "match" }>, scope: Scope, steps: Step[], use: Use): Node {
    const subject = scope.context.newLocal()
    steps.push({ step: "bind", local: subject, value: this.lower(syntax.subject, scope, steps, "value") })
    return lowerMatch(syntax, subject, scope, this, (expression, inner) => this.expression(expression, inner, use), this.#diagnostics)
  }

  #try(syntax: TrySyntax, scope: Scope): Node {
    const body = this.#branch(syntax.body, scope, "value")
    let handler: Node | null = null
    let errorLocal = -1
    if (syntax.handler !== null) {
      const inner = new Scope(scope, scope.context)
      const { names, body: forms } = syntax.handler
      this.prepare(inner, forms)
      const steps: Step[] = []
      if (names.length > 0) errorLocal = scope.context.newLocal()
      const result = this.within(inner, steps, () => {
        for (const name of names) this.bindLocal(name, errorLocal, inner, steps)
        return this.sequence(forms, inner, steps, "value")
      })
      handler = block(steps, result)
    }
    const cleanup = syntax.cleanup === null ? null : this.#branch(syntax.cleanup, scope, "effect")
    return { op: "try", rep: "boxed", body, errorLocal, handler, cleanup }
  }

  #branch(body: readonly Syntax[], scope: Scope, use: Use): Node {
    const steps: Step[] = []
    return block(steps, this.sequence(body, scope, steps, use))
  }

  #step(syntax: StepSyntax, outer: Scope, steps: Step[], use: Use): Node {
    const params: Node = {
      op: "make-map",
      rep: "boxed",
      keys: syntax.keys,
      values: syntax.values.map(value => this.expression(value, outer))
    }
    const local = outer.context.newLocal()
    steps.push({ step: "bind", local, value: params })
    const scope = new Scope(outer, outer.context)
    this.prepare(scope, syntax.body)
    return this.within(scope, steps, () => {
      this.bindLocal("%params", local, scope, steps)
      return this.sequence(syntax.body, scope, steps, use)
    })
  }
}
