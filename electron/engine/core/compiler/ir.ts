/**
 * The intermediate representation: what resolve produces, the interpreter evaluates, and infer, optimise and emit rewrite.
 *
 * Shape. A program is a flat list of closure-converted functions. A body is a tree whose operands are evaluated strictly, left to right (WebAssembly's
 * own order, so an operand needs no temporary); everything that is used twice or crosses a branch is bound to a numbered local by a `block` step.
 * There are no names left: a variable is a local, a global, a capture, a builtin or the closure itself.
 *
 * Captures are by value, taken when the `closure` node is evaluated. What must be seen later (a forward reference inside a `let` or a function body)
 * goes through a cell: a boxed local that holds a one-slot box, made by `cell`, filled by a `set-cell` step, read by `cell-get`. Top-level definitions are
 * globals, one global for each definition (a redefinition is another global), read without capture. A global or cell that is read before it is set
 * raises undefined-symbol where the read carries `checked`; elsewhere resolve has proved that it is set.
 *
 * Diverging nodes (`continue`, `fail`, `raise`) yield no value and stand wherever any representation is expected.
 */
import type { Digest } from "../../../../shared/digest.ts"
import type { ErrorCategory } from "../../../../shared/run.ts"
import type { MapKey, Value } from "../../../../shared/value.ts"
import type { TypeTest } from "../types.ts"

/**
 * How a value is held. `boxed`: any RTFS value (a tagged i64). `i64`: an RTFS integer. `f64`: an RTFS float. `bool`: an RTFS boolean (an i32 0 or 1).
 * Conversions are always explicit: `box` and `unbox` nodes, the prim `truthy`, and the entry wrappers of functions. Resolve emits only `boxed` values,
 * apart from tests and loop counters; infer introduces the others.
 */
export type Rep = "boxed" | "i64" | "f64" | "bool"

/** A literal. `rep` i64: a bigint; f64: a number; bool: a boolean; boxed: any Value without functions and errors (also whole constant vectors and maps). */
export interface Const {
  readonly op: "const"
  readonly rep: Rep
  readonly value: Value
}

/** The marker "not set yet" of a conditional definition; only ever bound to a local or compared by the prim `is-unset`; no program sees it. */
export interface Unset {
  readonly op: "unset"
  readonly rep: "boxed"
}

/** The current value of a local of this function. `rep` equals the local's. */
export interface Local {
  readonly op: "local"
  readonly rep: Rep
  readonly index: number
}

/**
 * A global. `checked`: raise undefined-symbol, naming the global, when it is not set yet; unchecked, one that is not set yields the unset marker
 * (only `is-unset` asks then). `rep` equals the global's (one with checked reads is boxed).
 */
export interface Global {
  readonly op: "global"
  readonly rep: Rep
  readonly index: number
  readonly checked: boolean
  readonly site: number
}

/** Value number `index` of this closure's captures; the value may itself be a cell. `rep` equals the capture's. */
export interface Capture {
  readonly op: "capture"
  readonly rep: Rep
  readonly index: number
}

/** The closure whose body this is. */
export interface Self {
  readonly op: "self"
  readonly rep: "boxed"
}

/** A builtin as a first-class value; `builtin` indexes `builtins`. */
export interface BuiltinValue {
  readonly op: "builtin"
  readonly rep: "boxed"
  readonly builtin: number
}

/** Runs the steps in order, then yields `result`. This is `do` and `let` in one. */
export interface Block {
  readonly op: "block"
  readonly rep: Rep
  readonly steps: readonly Step[]
  readonly result: Node
}

/**
 * `bind` stores into a local (most locals are bound at one place; a conditional definition binds one at several), `drop` evaluates for effect,
 * `set-global` and `set-cell` store.
 */
export type Step =
  | { readonly step: "bind"; readonly local: number; readonly value: Node }
  | { readonly step: "drop"; readonly value: Node }
  | { readonly step: "set-global"; readonly global: number; readonly value: Node }
  | { readonly step: "set-cell"; readonly cell: Node; readonly value: Node }

/** `test` has rep `bool`. Both branches have rep `rep` or diverge. */
export interface If {
  readonly op: "if"
  readonly rep: Rep
  readonly test: Node
  readonly then: Node
  readonly else: Node
}

/**
 * Binds `locals` to `inits` in order, then evaluates `body`, whose value is the loop's unless a `continue` of the same label starts it again.
 * Self tail calls: the locals are the function's parameters and each init is the local itself, which leaves it as it is.
 */
export interface Loop {
  readonly op: "loop"
  readonly rep: Rep
  /** Unique within the function. */
  readonly label: number
  readonly locals: readonly number[]
  readonly inits: readonly Node[]
  readonly body: Node
}

/** Evaluates all `args`, assigns them to the loop's locals together, and jumps. Never crosses a `try` or a function. Charges one unit of fuel. Diverges. */
export interface Continue {
  readonly op: "continue"
  readonly rep: Rep
  readonly label: number
  readonly args: readonly Node[]
}

/**
 * Tries `clauses` in order: a clause's value is the result unless it executes `fail` with this label, which goes on to the next clause.
 * The last clause contains no `fail` of this label. `match` is lowered to it.
 */
export interface Choose {
  readonly op: "choose"
  readonly rep: Rep
  /** Unique within the function; labels of `loop` and `choose` share one numbering. */
  readonly label: number
  readonly clauses: readonly Node[]
}

/** Leaves the current clause of `choose` `label`. Never crosses a `try`. Diverges. */
export interface Fail {
  readonly op: "fail"
  readonly rep: Rep
  readonly label: number
}

/**
 * Calls a function known at compile time, with the right number of arguments: the fixed ones in the reps of `functions[fn].locals`, then for a variadic
 * function one boxed list. `closure` is null when the function has no captures and uses no `self`. `tail`: nothing of this frame is needed afterwards.
 */
export interface CallKnown {
  readonly op: "call-known"
  readonly rep: Rep
  readonly fn: number
  readonly closure: Node | null
  readonly args: readonly Node[]
  readonly tail: boolean
  /** The callee is another version of the caller, entered in its place: it takes over the caller's depth. */
  readonly uncounted?: boolean
  readonly site: number
}

/** Applies any value: closure, builtin or keyword; anything else raises type-error. All operands and the result are boxed. */
export interface CallValue {
  readonly op: "call-value"
  readonly rep: "boxed"
  readonly callee: Node
  readonly args: readonly Node[]
  readonly tail: boolean
  readonly site: number
}

/** Calls a builtin with a number of arguments that its arity allows. All operands and the result are boxed. */
export interface CallBuiltin {
  readonly op: "call-builtin"
  readonly rep: "boxed"
  readonly builtin: number
  readonly args: readonly Node[]
  readonly site: number
}

/** Asks the host: `capability` indexes `program.capabilities`. Operands and result are boxed. */
export interface HostCall {
  readonly op: "host"
  readonly rep: "boxed"
  readonly capability: number
  readonly args: readonly Node[]
  readonly site: number
}

/** A primitive operation of the table `prims`; reps of operands and result as the table says. */
export interface Prim {
  readonly op: "prim"
  readonly rep: Rep
  readonly prim: PrimName
  readonly args: readonly Node[]
  readonly site: number
}

/** Raw to boxed. */
export interface Box {
  readonly op: "box"
  readonly rep: "boxed"
  readonly value: Node
}

/** Boxed to raw; the value is known to be of that kind, nothing is checked. */
export interface Unbox {
  readonly op: "unbox"
  readonly rep: "i64" | "f64" | "bool"
  readonly value: Node
}

/** A new closure of function `fn` (with an identity of its own even without captures); `captures` in the order and reps of the function's. */
export interface ClosureNode {
  readonly op: "closure"
  readonly rep: "boxed"
  readonly fn: number
  readonly captures: readonly Node[]
}

/** A vector or a list of boxed items. */
export interface Make {
  readonly op: "make"
  readonly rep: "boxed"
  readonly kind: "vector" | "list"
  readonly items: readonly Node[]
}

/** A map; keys are constants, no key twice, values boxed and evaluated in this order. */
export interface MakeMap {
  readonly op: "make-map"
  readonly rep: "boxed"
  readonly keys: readonly MapKey[]
  readonly values: readonly Node[]
}

/**
 * `handler` (with the error value bound to `errorLocal`, or to nothing when that is -1) replaces the value of `body` when body raises; null: not caught.
 * `cleanup` runs on every way out and its value is dropped; an error in it replaces the result. At least one of the two is there.
 * A call inside `body` is never `tail`; neither is one in `handler` when there is a `cleanup`.
 */
export interface Try {
  readonly op: "try"
  readonly rep: Rep
  readonly body: Node
  readonly errorLocal: number
  readonly handler: Node | null
  readonly cleanup: Node | null
}

/** Yields `value` (boxed) when it passes `program.types[type]`, else raises type-validation. `each`: value is a list and every element must pass. */
export interface Check {
  readonly op: "check"
  readonly rep: "boxed"
  readonly type: number
  readonly each: boolean
  readonly value: Node
  readonly site: number
}

/** Raises an error known at compile time: an unbound name, a wrong number of arguments, no matching clause. Diverges. */
export interface Raise {
  readonly op: "raise"
  readonly rep: Rep
  readonly category: ErrorCategory
  readonly message: string
  readonly site: number
}

/** A new cell that is not set. Only ever bound to a local or captured. */
export interface CellNew {
  readonly op: "cell"
  readonly rep: "boxed"
}

/** What a cell holds; not set: raise undefined-symbol naming `name`, or yield the unset marker when `name` is null. */
export interface CellGet {
  readonly op: "cell-get"
  readonly rep: "boxed"
  readonly cell: Node
  readonly name: string | null
  readonly site: number
}

export type Node =
  | Const
  | Unset
  | Local
  | Global
  | Capture
  | Self
  | BuiltinValue
  | Block
  | If
  | Loop
  | Continue
  | Choose
  | Fail
  | CallKnown
  | CallValue
  | CallBuiltin
  | HostCall
  | Prim
  | Box
  | Unbox
  | ClosureNode
  | Make
  | MakeMap
  | Try
  | Check
  | Raise
  | CellNew
  | CellGet

interface PrimShape {
  readonly args: readonly Rep[]
  readonly result: Rep
  /** Whether it can raise; then its node carries a site. */
  readonly raises: boolean
}

const tests = { args: ["boxed"], result: "bool", raises: false } as const
const i64Pair = { args: ["i64", "i64"], result: "i64", raises: true } as const
const i64Test = { args: ["i64", "i64"], result: "bool", raises: false } as const
const i64One = { args: ["i64"], result: "i64", raises: true } as const
const f64Pair = { args: ["f64", "f64"], result: "f64", raises: false } as const
const f64Test = { args: ["f64", "f64"], result: "bool", raises: false } as const
const f64One = { args: ["f64"], result: "f64", raises: false } as const

/** Every primitive with the representations of its operands and result. */
export const prims = {
  /** Neither nil nor false. */
  truthy: tests,
  "is-nil": tests,
  "is-bool": tests,
  "is-int": tests,
  "is-float": tests,
  "is-string": tests,
  "is-keyword": tests,
  "is-vector": tests,
  "is-list": tests,
  "is-map": tests,
  /** A closure or a builtin; not a keyword. */
  "is-function": tests,
  "is-error": tests,
  "is-unset": tests,
  /** Structural equality (language page, section 3.2). */
  equal: { args: ["boxed", "boxed"], result: "bool", raises: false },
  /** Destructuring: the vector itself if it has exactly (at least) n items, else type-error. n is a constant. */
  "need-vector": { args: ["boxed", "i64"], result: "boxed", raises: true },
  "need-vector-least": { args: ["boxed", "i64"], result: "boxed", raises: true },
  /** The map itself, else type-error. */
  "need-map": { args: ["boxed"], result: "boxed", raises: true },
  /** The vector or list itself, else type-error (`for`). */
  "need-sequence": { args: ["boxed"], result: "boxed", raises: true },
  /** The integer as i64, else type-error (`dotimes`). */
  "need-integer": { args: ["boxed"], result: "i64", raises: true },
  /** The map itself, else type-error: the argument of a constructor made by defstruct. */
  "need-struct": { args: ["boxed"], result: "boxed", raises: true },
  /** The operand is known to be a vector (list, map). Indices are in range. */
  "vector-count": { args: ["boxed"], result: "i64", raises: false },
  "vector-at": { args: ["boxed", "i64"], result: "boxed", raises: false },
  /** The vector of the items from index n on, n at most the count. */
  "vector-from": { args: ["boxed", "i64"], result: "boxed", raises: false },
  /** A vector or a list. */
  "sequence-count": { args: ["boxed"], result: "i64", raises: false },
  "sequence-at": { args: ["boxed", "i64"], result: "boxed", raises: false },
  /** A fresh empty vector; `vector-append` changes it in place and yields it. Nothing else holds it while it is built. */
  "vector-new": { args: [], result: "boxed", raises: false },
  "vector-append": { args: ["boxed", "boxed"], result: "boxed", raises: false },
  "map-count": { args: ["boxed"], result: "i64", raises: false },
  /** The value under a constant key, or the unset marker. */
  "map-find": { args: ["boxed", "boxed"], result: "boxed", raises: false },
  /** The value under a constant key, or nil. */
  "map-get": { args: ["boxed", "boxed"], result: "boxed", raises: false },
  "map-without": { args: ["boxed", "boxed"], result: "boxed", raises: false },
  /** `(:k m)`, `(:k m d)`: nil gives nil (d), a map its value or nil (d), anything else type-error. */
  "keyword-get": { args: ["boxed", "boxed"], result: "boxed", raises: true },
  "keyword-get-or": { args: ["boxed", "boxed", "boxed"], result: "boxed", raises: true },

  /** Exact 64-bit arithmetic; overflow raises integer-overflow `Integer overflow in +` (and so on). */
  "i64-add": i64Pair,
  "i64-sub": i64Pair,
  "i64-mul": i64Pair,
  /** Remainder with the sign of the dividend; zero raises division-by-zero. */
  "i64-mod": i64Pair,
  /** The messages name `inc`, `dec`, `abs`; `i64-neg` is `(- x)` and names `-`. */
  "i64-inc": i64One,
  "i64-dec": i64One,
  "i64-abs": i64One,
  "i64-neg": i64One,
  "i64-max": { args: ["i64", "i64"], result: "i64", raises: false },
  "i64-min": { args: ["i64", "i64"], result: "i64", raises: false },
  /** The next number of a counter that is known to stay in range. */
  "i64-next": { args: ["i64"], result: "i64", raises: false },
  "i64-eq": i64Test,
  "i64-ne": i64Test,
  "i64-lt": i64Test,
  "i64-le": i64Test,
  "i64-gt": i64Test,
  "i64-ge": i64Test,
  "i64-even": { args: ["i64"], result: "bool", raises: false },
  "i64-odd": { args: ["i64"], result: "bool", raises: false },
  "f64-of-i64": { args: ["i64"], result: "f64", raises: false },
  "f64-add": f64Pair,
  "f64-sub": f64Pair,
  "f64-mul": f64Pair,
  "f64-neg": f64One,
  "f64-abs": f64One,
  "f64-eq": f64Test,
  "f64-ne": f64Test,
  "f64-lt": f64Test,
  "f64-le": f64Test,
  "f64-gt": f64Test,
  "f64-ge": f64Test,
  "bool-not": { args: ["bool"], result: "bool", raises: false },
  "bool-eq": { args: ["bool", "bool"], result: "bool", raises: false }
} as const satisfies Record<string, PrimShape>

export type PrimName = keyof typeof prims

/**
 * A function. Locals 0…fixed-1 are the fixed parameters, local `fixed` is the rest list when `rest`; all others start without a value.
 *
 * A parameter whose rep is not boxed is raw in direct calls. `paramChecks[i]` is then the type (index into `types`) that the boxed wrapper must check
 * before it unboxes, raising type-validation; -1 where no boxed wrapper is reachable or no raw parameter follows (checks of boxed parameters stand in
 * the body; one that comes before a raw parameter is made in the wrapper too, so that the first fault is the one that is told).
 * Order of a call: arity, fuel and depth, parameter checks left to right, destructuring, body, result check: all but the first are in the body.
 */
export interface IrFunction {
  /** For messages, the name section and printing; the arity message of every closure says `user-defined function`. */
  readonly name: string
  readonly fixed: number
  readonly rest: boolean
  readonly locals: readonly Rep[]
  readonly paramChecks: readonly number[]
  /** Reps of the captured values, in the order of `capture` indices. Empty and without `self`: direct calls need no closure. */
  readonly captures: readonly Rep[]
  /** Whether the body mentions `self`. */
  readonly usesSelf: boolean
  readonly result: Rep
  readonly body: Node
  readonly site: number
}

/** One definition at top level. */
export interface IrGlobal {
  readonly name: string
  readonly rep: Rep
  /** Some definition of it may not be reached: unchecked reads may yield the unset marker. Always boxed. */
  readonly slot: boolean
}

/** A place in a Source: `unit` 0 is the Source itself, others are imports in the order of `units`. Offsets in UTF-16 code units. */
export interface Site {
  readonly unit: number
  readonly start: number
  readonly end: number
}

export interface IrType {
  /** Canonical text (language page, section 15). */
  readonly text: string
  readonly test: TypeTest
}

/** An export; a value is exported as a function of no parameters that yields it. */
export interface IrExport {
  readonly name: string
  readonly fn: number
  readonly fixed: number
  readonly rest: boolean
  /** Canonical text of its type, `[:fn [T…] R]`. */
  readonly type: string
}

export interface IrProgram {
  /** `program`: `main` evaluates the whole top level anew; `module`: values are evaluated by `init`. */
  readonly kind: "program" | "module"
  readonly functions: readonly IrFunction[]
  readonly globals: readonly IrGlobal[]
  readonly types: readonly IrType[]
  /** Of the module and its imports, in byte order, no duplicates. */
  readonly capabilities: readonly string[]
  /** In the order of declaration. */
  readonly exports: readonly IrExport[]
  /** Index into `exports`. */
  readonly entry: number
  /**
   * Function without parameters that sets the globals, imported modules first; run once per instance before the first exported call; -1: none.
   * `init` and the `main` of a program are not closure calls: 10,000 calls may be active below them; any other export counts as the first of 10,000.
   */
  readonly init: number
  /** Imports by name and Digest as the Source names them. */
  readonly deps: readonly { readonly name: string; readonly digest: Digest }[]
  /** Names of the Sources that sites refer to; the first is the Source itself. */
  readonly units: readonly string[]
  readonly sites: readonly Site[]
}

/** Whether control never reaches the point after this node. Looks through blocks and branches. */
export function diverges(node: Node): boolean {
  switch (node.op) {
    case "continue":
    case "fail":
    case "raise":
      return true
    case "block":
      return diverges(node.result) || node.steps.some(step => diverges(step.value))
    case "if":
      return diverges(node.test) || (diverges(node.then) && diverges(node.else))
    default:
      return false
  }
}
