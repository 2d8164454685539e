/** The syntax tree: special forms and patterns told apart, names not yet resolved. Made by shape, read by resolve. */
import type { ErrorCategory } from "../../../../shared/run.ts"
import type { MapKey, Value } from "../../../../shared/value.ts"
import type { Type } from "./type-form.ts"

/** Offsets into the Source in UTF-16 code units. */
export interface Place {
  readonly start: number
  readonly end: number
}

export interface LiteralSyntax extends Place {
  readonly kind: "literal"
  readonly value: Value
}

export interface NameSyntax extends Place {
  readonly kind: "name"
  readonly name: string
}

export interface VectorSyntax extends Place {
  readonly kind: "vector"
  readonly items: readonly Syntax[]
}

/** No key twice. */
export interface MapSyntax extends Place {
  readonly kind: "map"
  readonly keys: readonly MapKey[]
  readonly values: readonly Syntax[]
}

export interface CallSyntax extends Place {
  readonly kind: "call"
  readonly head: Syntax
  readonly args: readonly Syntax[]
}

/** `do`, and every implicit one. */
export interface DoSyntax extends Place {
  readonly kind: "do"
  readonly body: readonly Syntax[]
}

/** `def` and `defn`; the value of a defn is a function of that name. */
export interface DefSyntax extends Place {
  readonly kind: "def"
  readonly name: string
  readonly defn: boolean
  readonly type: Type | null
  readonly value: Syntax
}

export interface StructSyntax extends Place {
  readonly kind: "defstruct"
  readonly name: string
  readonly fields: readonly { readonly key: string; readonly type: Type }[]
}

export interface Binding extends Place {
  readonly pattern: Pattern
  readonly type: Type | null
  readonly value: Syntax
}

export interface LetSyntax extends Place {
  readonly kind: "let"
  readonly bindings: readonly Binding[]
  readonly body: readonly Syntax[]
}

export interface IfSyntax extends Place {
  readonly kind: "if"
  readonly test: Syntax
  readonly then: Syntax
  readonly else: Syntax | null
}

export interface Param extends Place {
  readonly pattern: Pattern
  readonly type: Type | null
}

export interface FnSyntax extends Place {
  readonly kind: "fn"
  /** By which it refers to itself: that of defn. */
  readonly name: string | null
  readonly params: readonly Param[]
  readonly rest: { readonly name: string | null; readonly type: Type | null } | null
  readonly result: Type | null
  readonly body: readonly Syntax[]
}

export interface MatchClause {
  readonly pattern: Pattern
  readonly guard: Syntax | null
  readonly body: Syntax
}

export interface MatchSyntax extends Place {
  readonly kind: "match"
  readonly subject: Syntax
  readonly clauses: readonly MatchClause[]
}

export interface TrySyntax extends Place {
  readonly kind: "try"
  readonly body: readonly Syntax[]
  readonly handler: { readonly names: readonly string[]; readonly body: readonly Syntax[] } | null
  readonly cleanup: readonly Syntax[] | null
}

export interface ForSyntax extends Place {
  readonly kind: "for"
  readonly names: readonly string[]
  readonly collections: readonly Syntax[]
  readonly body: Syntax
}

export interface DotimesSyntax extends Place {
  readonly kind: "dotimes"
  readonly name: string
  readonly count: Syntax
  readonly body: Syntax
}

/** A step with `:params`; a plain one is a `do`. */
export interface StepSyntax extends Place {
  readonly kind: "step"
  readonly keys: readonly MapKey[]
  readonly values: readonly Syntax[]
  readonly body: readonly Syntax[]
}

export interface StepLoopSyntax extends Place {
  readonly kind: "step-loop"
  readonly test: Syntax
  readonly body: Syntax
}

/** `(get k)`: the variable of that name, or nil. */
export interface LookupSyntax extends Place {
  readonly kind: "lookup"
  readonly name: string
}

export interface HostSyntax extends Place {
  readonly kind: "host"
  readonly capability: string
  readonly args: readonly Syntax[]
}

/** An error known from the form alone, raised after `args` were evaluated. */
export interface RaiseSyntax extends Place {
  readonly kind: "raise"
  readonly args: readonly Syntax[]
  readonly category: ErrorCategory
  readonly message: string
}

export type Syntax =
  | LiteralSyntax
  | NameSyntax
  | VectorSyntax
  | MapSyntax
  | CallSyntax
  | DoSyntax
  | DefSyntax
  | StructSyntax
  | LetSyntax
  | IfSyntax
  | FnSyntax
  | MatchSyntax
  | TrySyntax
  | ForSyntax
  | DotimesSyntax
  | StepSyntax
  | StepLoopSyntax
  | LookupSyntax
  | HostSyntax
  | RaiseSyntax

/** What `& name` binds; a null name is `& _`. */
export interface RestPattern {
  readonly name: string | null
}

/** Patterns of let, parameters and match. `literal` stands in match only, `as` in the others only. */
export type Pattern = Place &
  (
    | { readonly kind: "ignore" }
    | { readonly kind: "name"; readonly name: string }
    | { readonly kind: "literal"; readonly value: Value }
    | { readonly kind: "vector"; readonly items: readonly Pattern[]; readonly rest: RestPattern | null; readonly as: string | null }
    | {
        readonly kind: "map"
        readonly entries: readonly { readonly key: MapKey; readonly pattern: Pattern }[]
        readonly rest: RestPattern | null
        readonly as: string | null
      }
  )

export interface ImportSyntax extends Place {
  readonly name: string
  readonly alias: string | null
  readonly only: readonly string[] | null
}

export interface UnitSyntax {
  /** The exported names of a module form, in order; null: a plain source, or no `:exports`. */
  readonly exports: readonly ({ readonly name: string } & Place)[] | null
  readonly module: string | null
  readonly imports: readonly ImportSyntax[]
  readonly items: readonly { readonly syntax: Syntax; readonly definition: boolean }[]
}
