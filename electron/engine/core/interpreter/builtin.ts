/** What a builtin of the interpreter is: a function of values, or one that has the machine call functions for it. */
import type { Value } from "../../../../shared/value.ts"
import type { Budget } from "./budget.ts"
import type { RuntimeFunctions } from "./runtime-functions.ts"

export interface BuiltinContext {
  readonly functions: RuntimeFunctions
  readonly budget: Budget
}

/** The number of arguments fits the arity. Raises by throwing `Raised`. */
export type SimpleBuiltin = (args: readonly Value[], context: BuiltinContext) => Value

export type Builtins = Readonly<Record<string, SimpleBuiltin>>

/** A call that the machine makes for a builtin, in its own stack. */
export interface Callback {
  readonly fn: Value
  readonly args: readonly Value[]
}

/** Yields calls, is resumed with their results, returns its own. */
export type CallingBuiltin = (args: readonly Value[], context: BuiltinContext) => Generator<Callback, Value, Value>

export type CallingBuiltins = Readonly<Record<string, CallingBuiltin>>
