/** What a name means where it stands: a variable, a builtin, a definition that comes later or may not be reached, or nothing (language page, section 4). */
import { block, branch, prim } from "./build.ts"
import { builtinIndex, builtins } from "./builtins.ts"
import type { Diagnostics } from "./diagnostic.ts"
import type { Node } from "./ir.ts"
import type { DefinitionSite, FunctionContext, Scope, Slot, Variable } from "./scope.ts"
import { nearestName } from "./spelling.ts"
import type { Place } from "./syntax.ts"
import { lateNode, readVariable } from "./variables.ts"

/** Where a name leads. `slot`: perhaps its cell, else where `outer` leads. `late`: a definition that comes later. */
export type Target =
  | { readonly kind: "variable"; readonly variable: Variable }
  | { readonly kind: "slot"; readonly slot: Slot; readonly outer: Target }
  | { readonly kind: "late"; readonly site: DefinitionSite; readonly scope: Scope }
  | { readonly kind: "late-slot"; readonly slot: Slot }
  | { readonly kind: "builtin"; readonly builtin: number }
  | { readonly kind: "none" }

/** Names that imports give to a unit, beyond scopes and builtins. */
export interface ImportedNames {
  /** `name/sym`; null: no import of that prefix. Reports a name that is not exported. */
  qualified(name: string, place: Place): Variable | "private" | null
  readonly prefixes: readonly string[]
}

/** Unknown names of one unit that get a suggestion; looking for one costs a walk over all that can be seen. */
const suggestionsMax = 20

export class Names {
  readonly #diagnostics: Diagnostics
  readonly #imports: ImportedNames
  readonly #site: (place: Place) => number
  #suggestions = 0

  constructor(diagnostics: Diagnostics, imports: ImportedNames, site: (place: Place) => number) {
    this.#diagnostics = diagnostics
    this.#imports = imports
    this.#site = site
  }

  /** What an import offers under a qualified name; null where no import has that prefix, or the name is private (which is reported). */
  imported(name: string, place: Place): Variable | null {
    const found = this.#imports.qualified(name, place)
    return found === "private" ? null : found
  }

  lookup(name: string, scope: Scope | null, from: Scope | null = scope): Target {
    for (let at = scope; at !== null; at = at.parent) {
      const grouped = at.group === null ? null : groupTarget(name, at)
      if (grouped !== null) return grouped
      const slot = at.slots.get(name)
      if (slot !== undefined) return { kind: "slot", slot, outer: this.lookup(name, at.parent, from) }
      const variable = at.current.get(name)
      if (variable !== undefined) return { kind: "variable", variable }
    }
    const builtin = builtinIndex(name)
    if (builtin >= 0) return { kind: "builtin", builtin }
    return this.#laterDefinition(name, from)
  }

  /** The first later definition in a scope around the function that mentions the name. */
  #laterDefinition(name: string, from: Scope | null): Target {
    for (let at = from; at !== null; at = at.parent) {
      if (at.context === from!.context) continue
      const slot = at.slots.get(name)
      if (slot !== undefined) return { kind: "late-slot", slot }
      const site = at.sites.get(name)?.find(candidate => !candidate.done)
      if (site !== undefined) return { kind: "late", site, scope: at }
    }
    return { kind: "none" }
  }

  /** The node for what a name leads to, evaluated in `context`; `missing` where it leads nowhere. */
  value(target: Target, context: FunctionContext, missing: Node | (() => Node), place: Place): Node {
    switch (target.kind) {
      case "variable":
        return readVariable(target.variable, context)
      case "builtin":
        return { op: "builtin", rep: "boxed", builtin: target.builtin }
      case "late":
        return this.late(target.site, target.scope, context, this.#site(place))
      case "late-slot":
        return this.#slotRead(target.slot, context, target.slot.name, this.#site(place))
      case "slot":
        return this.#slot(target.slot, target.outer, context, missing, place)
      case "none":
        return typeof missing === "function" ? missing() : missing
    }
  }

  late(site: DefinitionSite, scope: Scope, context: FunctionContext, place: number): Node {
    const node = lateNode(site, scope, context, place)
    site.late.push({ barrier: scope.context.barrier, proved: false, node, place })
    return node
  }

  /** What a slot holds now; `name` null: the unset marker when nothing. */
  #slotRead(slot: Slot, context: FunctionContext, name: string | null, site: number): Node {
    if (slot.holder.place === "global") return { op: "global", rep: "boxed", index: slot.holder.index, checked: name !== null, site }
    return { op: "cell-get", rep: "boxed", cell: readVariable(slot.holder, context), name, site }
  }

  /** A name that is perhaps defined: in the function itself what holds now; in an inner one what held when its closure was made, else the later definition. */
  #slot(slot: Slot, outer: Target, context: FunctionContext, missing: Node | (() => Node), place: Place): Node {
    const site = this.#site(place)
    if (slot.owner === context) {
      // A name that is defined somewhere is not warned about.
      const nowhere = typeof missing === "function" ? this.raiseUnbound(slot.name, place) : missing
      return this.#orElse(this.#slotRead(slot, context, null, site), context, () => this.value(outer, context, nowhere, place))
    }
    const inner = contextWithin(context, slot.owner)
    let snapshot = inner.snapshots.get(slot)
    if (snapshot === undefined) {
      const unset: Node = { op: "unset", rep: "boxed" }
      const init = this.#orElse(this.#slotRead(slot, slot.owner, null, site), slot.owner, () =>
        this.value(withoutLate(outer), slot.owner, unset, place)
      )
      snapshot = { name: slot.name, owner: inner, place: "snapshot", index: -1, known: null, init }
      inner.snapshots.set(slot, snapshot)
    }
    return this.#orElse(readVariable(snapshot, context), context, () => this.#slotRead(slot, context, slot.name, site))
  }

  #orElse(value: Node, context: FunctionContext, otherwise: () => Node): Node {
    const local = context.newLocal()
    const read: Node = { op: "local", rep: "boxed", index: local }
    return block([{ step: "bind", local, value }], branch(prim("is-unset", [read]), otherwise(), read))
  }

  unbound(syntax: Place & { readonly name: string }, scope: Scope): Node {
    const imported = this.#imports.qualified(syntax.name, syntax)
    if (imported !== null && imported !== "private") return readVariable(imported, scope.context)
    if (imported === null) this.#warnUnbound(syntax, scope)
    return this.raiseUnbound(syntax.name, syntax)
  }

  raiseUnbound(name: string, place: Place): Node {
    return { op: "raise", rep: "boxed", category: "undefined-symbol", message: `Undefined symbol: ${name}`, site: this.#site(place) }
  }

  #warnUnbound(syntax: Place & { readonly name: string }, scope: Scope): void {
    this.#suggestions += 1
    const suggestion = this.#suggestions > suggestionsMax ? null : nearestName(syntax.name, this.#visibleNames(scope))
    this.#diagnostics.warn("undefined-symbol", `nothing here is called ${syntax.name}`, syntax.start, syntax.end, {
      ...(suggestion === null ? {} : { suggestion: `did you mean ${suggestion}?` })
    })
  }

  *#visibleNames(scope: Scope): Iterable<string> {
    for (let at: Scope | null = scope; at !== null; at = at.parent) {
      yield* at.current.keys()
      yield* at.slots.keys()
      yield* at.sites.keys()
    }
    for (const builtin of builtins) yield builtin.name
    yield* this.#imports.prefixes
  }
}

/** The binding that a mention inside a function binding of this let means, or null if the let has none of that name. */
function groupTarget(name: string, scope: Scope): Target | null {
  const group = scope.group!
  const indices = group.indices.get(name)
  if (indices === undefined || group.active < 0) return null
  const active = group.sites.get(group.active)!
  if (active.name === name) return { kind: "variable", variable: active.variable.known!.self }
  const before = scope.current.get(name)
  if (before !== undefined) return { kind: "variable", variable: before }
  const after = indices.find(index => index > group.active)
  return after === undefined ? null : { kind: "late", site: group.sites.get(after)!, scope }
}

/** The function on the way from `owner` down to `context` that stands directly in `owner`. */
function contextWithin(context: FunctionContext, owner: FunctionContext): FunctionContext {
  let at = context
  while (at.parent !== null && at.parent !== owner) at = at.parent
  return at
}

/** What holds when a closure is made: a definition still to come does not. */
export function withoutLate(target: Target): Target {
  return target.kind === "late" || target.kind === "late-slot" ? { kind: "none" } : target
}
