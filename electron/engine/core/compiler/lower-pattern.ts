/** Patterns to tests and bindings: destructuring raises where a value does not fit, match goes on to its next clause (language page, sections 5.6 and 6). */
import type { Value } from "../../../../shared/value.ts"
import { prim } from "./build.ts"
import type { Diagnostics } from "./diagnostic.ts"
import type { Node, Step } from "./ir.ts"
import { Scope } from "./scope.ts"
import type { MatchClause, MatchSyntax, Pattern, Place, Syntax } from "./syntax.ts"

/** What patterns need of resolve. */
export interface PatternHost {
  bindLocal(name: string, local: number, scope: Scope, steps: Step[]): void
  prepare(scope: Scope, body: readonly Syntax[]): void
  within<T>(scope: Scope, steps: Step[], fill: () => T): T
  expression(syntax: Syntax, scope: Scope): Node
  site(place: Place): number
}

type VectorPattern = Extract<Pattern, { kind: "vector" }>
type MapPattern = Extract<Pattern, { kind: "map" }>

function local(index: number): Node {
  return { op: "local", rep: "boxed", index }
}

function integer(value: number): Node {
  return { op: "const", rep: "i64", value: BigInt(value) }
}

/** Binds the names of a pattern to the parts of the value in a local; raises type-error where they are not there. */
export function destructure(pattern: Pattern, source: number, scope: Scope, steps: Step[], host: PatternHost): void {
  if (pattern.kind === "name") host.bindLocal(pattern.name, source, scope, steps)
  else if (pattern.kind === "vector") destructureVector(pattern, source, scope, steps, host)
  else if (pattern.kind === "map") destructureMap(pattern, source, scope, steps, host)
}

function destructureVector(pattern: VectorPattern, source: number, scope: Scope, steps: Step[], host: PatternHost): void {
  const need = pattern.rest === null ? "need-vector" : "need-vector-least"
  steps.push({ step: "drop", value: prim(need, [local(source), integer(pattern.items.length)], host.site(pattern)) })
  for (const [index, item] of pattern.items.entries())
    bindPart(item, prim("vector-at", [local(source), integer(index)]), scope, steps, host)
  bindRestOfVector(pattern, source, scope, steps, host)
  if (pattern.as !== null && pattern.as !== "_") host.bindLocal(pattern.as, source, scope, steps)
}

function destructureMap(pattern: MapPattern, source: number, scope: Scope, steps: Step[], host: PatternHost): void {
  steps.push({ step: "drop", value: prim("need-map", [local(source)], host.site(pattern)) })
  for (const { key, pattern: part } of pattern.entries) {
    bindPart(part, prim("map-get", [local(source), { op: "const", rep: "boxed", value: key }]), scope, steps, host)
  }
  bindRestOfMap(pattern, source, scope, steps, host)
  if (pattern.as !== null && pattern.as !== "_") host.bindLocal(pattern.as, source, scope, steps)
}

function bindPart(pattern: Pattern, value: Node, scope: Scope, steps: Step[], host: PatternHost): void {
  if (pattern.kind === "ignore") return
  destructure(pattern, bindNew(value, scope, steps), scope, steps, host)
}

function bindNew(value: Node, scope: Scope, steps: Step[]): number {
  const index = scope.context.newLocal()
  steps.push({ step: "bind", local: index, value })
  return index
}

function bindRestOfVector(pattern: VectorPattern, source: number, scope: Scope, steps: Step[], host: PatternHost): void {
  if (pattern.rest?.name == null) return
  const rest = bindNew(prim("vector-from", [local(source), integer(pattern.items.length)]), scope, steps)
  host.bindLocal(pattern.rest.name, rest, scope, steps)
}

function bindRestOfMap(pattern: MapPattern, source: number, scope: Scope, steps: Step[], host: PatternHost): void {
  if (pattern.rest?.name == null) return
  let value = local(source)
  for (const { key } of pattern.entries) value = prim("map-without", [value, { op: "const", rep: "boxed", value: key }])
  host.bindLocal(pattern.rest.name, bindNew(value, scope, steps), scope, steps)
}

/** The clauses of a match over the value in a local. `body` resolves a clause's body where the value of the match is used. */
export function lowerMatch(
  syntax: MatchSyntax,
  subject: number,
  scope: Scope,
  host: PatternHost,
  body: (syntax: Syntax, scope: Scope) => Node,
  diagnostics: Diagnostics
): Node {
  const label = scope.context.newLabel()
  const clauses: Node[] = []
  for (const [index, clause] of syntax.clauses.entries()) {
    clauses.push(lowerClause(clause, subject, label, scope, host, body))
    if (!isCertain(clause)) continue
    const unreachable = syntax.clauses[index + 1]
    if (unreachable !== undefined) {
      diagnostics.warn(
        "match-error",
        "this clause is never reached: the one before matches everything",
        unreachable.pattern.start,
        unreachable.body.end
      )
    }
    const [only] = clauses
    return clauses.length === 1 ? only! : { op: "choose", rep: "boxed", label, clauses }
  }
  clauses.push({ op: "raise", rep: "boxed", category: "match-error", message: "Match error: No matching clause", site: host.site(syntax) })
  return { op: "choose", rep: "boxed", label, clauses }
}

function isCertain(clause: MatchClause): boolean {
  return clause.guard === null && (clause.pattern.kind === "ignore" || clause.pattern.kind === "name")
}

function lowerClause(
  clause: MatchClause,
  subject: number,
  label: number,
  outer: Scope,
  host: PatternHost,
  body: (syntax: Syntax, scope: Scope) => Node
): Node {
  const scope = new Scope(outer, outer.context)
  host.prepare(scope, clause.guard === null ? [clause.body] : [clause.guard, clause.body])
  const steps: Step[] = []
  const result = host.within(scope, steps, () => {
    test(clause.pattern, subject, label, scope, steps, host)
    if (clause.guard !== null) demand(prim("truthy", [host.expression(clause.guard, scope)]), label, steps)
    return body(clause.body, scope)
  })
  return steps.length === 0 ? result : { op: "block", rep: result.rep, steps, result }
}

/** Leaves the clause unless the condition holds. */
function demand(condition: Node, label: number, steps: Step[]): void {
  const nil: Node = { op: "const", rep: "boxed", value: null }
  const fail: Node = { op: "fail", rep: "boxed", label }
  // biome-ignore lint/suspicious/noThenProperty: a branch, and nothing awaits nodes
  steps.push({ step: "drop", value: { op: "if", rep: "boxed", test: condition, then: nil, else: fail } })
}

function test(pattern: Pattern, source: number, label: number, scope: Scope, steps: Step[], host: PatternHost): void {
  if (pattern.kind === "name") host.bindLocal(pattern.name, source, scope, steps)
  else if (pattern.kind === "literal") demand(equalsLiteral(pattern.value, source), label, steps)
  else if (pattern.kind === "vector") testVector(pattern, source, label, scope, steps, host)
  else if (pattern.kind === "map") testMap(pattern, source, label, scope, steps, host)
}

function equalsLiteral(value: Value, source: number): Node {
  if (value === null) return prim("is-nil", [local(source)])
  return prim("equal", [local(source), { op: "const", rep: "boxed", value }])
}

function testVector(pattern: VectorPattern, source: number, label: number, scope: Scope, steps: Step[], host: PatternHost): void {
  const size = prim("vector-count", [local(source)])
  const wanted = integer(pattern.items.length)
  demand(prim("is-vector", [local(source)]), label, steps)
  if (pattern.rest === null) demand(prim("i64-eq", [size, wanted]), label, steps)
  else if (pattern.items.length > 0) demand(prim("i64-ge", [size, wanted]), label, steps)
  for (const [index, item] of pattern.items.entries()) {
    if (item.kind === "ignore") continue
    test(item, bindNew(prim("vector-at", [local(source), integer(index)]), scope, steps), label, scope, steps, host)
  }
  bindRestOfVector(pattern, source, scope, steps, host)
}

function testMap(pattern: MapPattern, source: number, label: number, scope: Scope, steps: Step[], host: PatternHost): void {
  demand(prim("is-map", [local(source)]), label, steps)
  if (pattern.rest === null) demand(prim("i64-eq", [prim("map-count", [local(source)]), integer(pattern.entries.length)]), label, steps)
  for (const { key, pattern: part } of pattern.entries) {
    const found = bindNew(prim("map-find", [local(source), { op: "const", rep: "boxed", value: key }]), scope, steps)
    demand(prim("bool-not", [prim("is-unset", [local(found)])]), label, steps)
    test(part, found, label, scope, steps, host)
  }
  bindRestOfMap(pattern, source, scope, steps, host)
}
