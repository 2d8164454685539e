/** What resolve knows while it walks a source: functions under construction, scopes, variables and the definitions a scope will have. */
import type { CallKnown, Capture, CellGet, ClosureNode, Global, Node, Rep, Step } from "./ir.ts"
import type { DefSyntax, StructSyntax, Syntax } from "./syntax.ts"

/** The IR is read-only once made; captures and checks are settled while it is being made. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * One binding occurrence of a name. `local`: a local of `owner`. `global`: a global of the program. `self`: the closure of `owner`.
 * `snapshot`: a capture of `owner` with a value of its own, computed by `init` when its closure is made.
 */
export interface Variable {
  readonly name: string
  readonly owner: FunctionContext | null
  readonly place: "local" | "global" | "self" | "snapshot"
  /** Of the local or global; -1 otherwise, or for a global that nothing has needed yet. */
  index: number
  /** The function literal it is bound to, where that is certain. */
  known: FunctionContext | null
  readonly init: Node | null
}

/** A call whose callee is known; whether it needs the closure is settled at the end. */
export interface PendingCall {
  readonly caller: FunctionContext
  readonly target: FunctionContext
  readonly node: Mutable<CallKnown>
  /** The variable that holds the closure, or the expression that makes it. */
  readonly via: Variable | ClosureNode
  /** Where the reference precedes the definition: what it refers to, and where a check may be put. */
  readonly late: { readonly reference: LateReference; readonly site: DefinitionSite; readonly scope: Scope; readonly steps: Step[] } | null
}

/** A read that precedes the definition. */
export interface LateReference {
  /** Calls made so far in the function whose scope will hold the definition. */
  readonly barrier: number
  /** Nothing can run before the definition is there, so it needs no check. */
  proved: boolean
  readonly node: Mutable<Global> | Mutable<CellGet> | null
  readonly place: number
}

/** A step to be replaced, when everything is known, by what has been put into `steps` until then. */
export interface Marker {
  readonly among: Step[]
  readonly marker: Step
  readonly steps: readonly Step[]
}

export class FunctionContext {
  readonly parent: FunctionContext | null
  readonly name: string
  readonly index: number
  /** Fixed parameters and whether there is a rest list. */
  readonly fixed: number
  readonly rest: boolean
  readonly locals: Rep[] = []
  readonly self: Variable
  readonly captures = new Map<Variable, number>()
  readonly references: { readonly variable: Variable; readonly node: Mutable<Capture> }[] = []
  readonly closures: { readonly node: Mutable<ClosureNode>; readonly target: FunctionContext }[] = []
  readonly snapshots = new Map<Slot, Variable>()
  usesSelf = false
  labels = 0
  /** Label of the loop that self tail calls jump to; -1 until one does. */
  loopLabel = -1
  /** Whether a call in tail position may end the function: not when its result is checked. */
  readonly tailCalls: boolean
  /** Calls made in this function so far: a definition is certainly there if none came between. */
  barrier = 0
  body: Node | null = null
  site = -1

  constructor(parent: FunctionContext | null, name: string, index: number, fixed: number, rest: boolean, tailCalls: boolean) {
    this.parent = parent
    this.name = name
    this.index = index
    this.fixed = fixed
    this.rest = rest
    this.tailCalls = tailCalls
    this.self = { name, owner: this, place: "self", index: -1, known: this, init: null }
    for (let param = 0; param < fixed + (rest ? 1 : 0); param += 1) this.locals.push("boxed")
  }

  newLocal(rep: Rep = "boxed"): number {
    return this.locals.push(rep) - 1
  }

  newLabel(): number {
    this.labels += 1
    return this.labels - 1
  }
}

/** A place in a scope where a name is defined for certain, once control gets there. */
export interface DefinitionSite {
  readonly name: string
  readonly variable: Variable
  /** Whether resolve has passed it. */
  done: boolean
  /** Outside the top level: holds the cell that earlier references read. */
  cell: Variable | null
  /** What fills the cell, once there is one. */
  readonly fill: Step[]
  readonly late: LateReference[]
}

/** A name with a definition that may not be reached: one cell (at top level, one global) that every definition of it in the scope sets. */
export interface Slot {
  readonly name: string
  readonly owner: FunctionContext
  readonly holder: Variable
}

/** Function bindings of a `let`, while one of them is being resolved (language page, section 5.3). */
export interface Group {
  readonly sites: ReadonlyMap<number, DefinitionSite>
  readonly indices: ReadonlyMap<string, readonly number[]>
  /** The function binding being resolved, or -1. */
  active: number
}

export class Scope {
  readonly parent: Scope | null
  readonly context: FunctionContext
  /** Whether its definitions are globals. */
  readonly top: boolean
  readonly current = new Map<string, Variable>()
  /** In the order of evaluation. */
  readonly sites = new Map<string, DefinitionSite[]>()
  readonly slots = new Map<string, Slot>()
  group: Group | null = null
  /** Steps that make the scope's cells; they come to stand at its entry. */
  readonly prologue: Step[] = []

  constructor(parent: Scope | null, context: FunctionContext, top = false) {
    this.parent = parent
    this.context = context
    this.top = top
  }
}

export interface FoundDefinition {
  readonly syntax: DefSyntax | StructSyntax
  /** Under an `if` branch, in the body of `try` or in `step-loop`: control may not get there, or more than once. */
  readonly conditional: boolean
}

/** The definitions that land in the scope these expressions are evaluated in, in the order of evaluation. */
export function definitionsIn(expressions: readonly Syntax[]): FoundDefinition[] {
  const found: FoundDefinition[] = []
  for (const expression of expressions) collect(expression, false, found)
  return found
}

function collectAll(expressions: readonly Syntax[], conditional: boolean, found: FoundDefinition[]): void {
  for (const expression of expressions) collect(expression, conditional, found)
}

function collect(syntax: Syntax, conditional: boolean, found: FoundDefinition[]): void {
  if (syntax.kind === "if") {
    collect(syntax.test, conditional, found)
    collect(syntax.then, true, found)
    if (syntax.else !== null) collect(syntax.else, true, found)
  } else if (syntax.kind === "try") {
    collectAll(syntax.body, true, found)
    if (syntax.cleanup !== null) collectAll(syntax.cleanup, conditional, found)
  } else if (syntax.kind === "step-loop") collectAll([syntax.test, syntax.body], true, found)
  else {
    collectAll(sameScopeParts(syntax), conditional, found)
    if (syntax.kind === "def" || syntax.kind === "defstruct") found.push({ syntax, conditional })
  }
}

/** The parts that are certainly evaluated, in order, in the scope of the expression itself. */
function sameScopeParts(syntax: Syntax): readonly Syntax[] {
  switch (syntax.kind) {
    case "vector":
      return syntax.items
    case "map":
    case "step":
      return syntax.values
    case "call":
      return [syntax.head, ...syntax.args]
    case "host":
    case "raise":
      return syntax.args
    case "do":
      return syntax.body
    case "def":
      return [syntax.value]
    case "match":
      return [syntax.subject]
    case "for":
      return syntax.collections
    case "dotimes":
      return [syntax.count]
    default:
      return []
  }
}
