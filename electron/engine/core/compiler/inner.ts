/** Operations the optimiser puts in as calls of built-ins that no Source can name; only the emitter knows them. */
import { builtinIndex } from "./builtins.ts"
import type { CallBuiltin, Node } from "./ir.ts"

/** Beyond every built-in of the language. */
export const inner = {
  /** The start of a call whose body stands inline: one unit of fuel and the test of the depth. No operands, no value to speak of. */
  enter: 1000,
  /** A mark for the nodes of one collection that nobody else holds. Its value is a raw number in an i64. */
  newOwner: 1001,
  /** `assoc` and `conj` in place where the nodes carry the mark: owner, collection, then as usual. */
  assocOwn: 1002,
  conjOwn: 1003
} as const

export function innerCall(builtin: number, args: readonly Node[], site = -1): CallBuiltin {
  return { op: "call-builtin", rep: "boxed", builtin, args, site }
}

/** Built-ins that call back, and so need to know how deep they stand. */
export const callingBuiltins: ReadonlySet<number> = new Set(
  ["update", "map", "map-indexed", "filter", "remove", "reduce", "apply", "group-by", "every?", "some?"].map(builtinIndex)
)
