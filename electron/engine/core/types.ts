/** Types of RTFS as data: what the reader of types makes, the interface normalises and both engines test values against (language page, section 7). */
import type { Value } from "../../../shared/value.ts"

/** Primitive types that some value, any value or no value matches. */
export type PrimitiveName = "int" | "float" | "string" | "bool" | "nil" | "keyword" | "symbol" | "any" | "never" | "fn"

/** A type as a test of values; shapes that match nothing have become `never`. */
export type TypeTest =
  | { readonly kind: PrimitiveName }
  | { readonly kind: "vector"; readonly of: TypeTest }
  | { readonly kind: "tuple"; readonly items: readonly TypeTest[] }
  /** A vector of `of`; `length` is the first dimension where that is a number. */
  | { readonly kind: "array"; readonly of: TypeTest; readonly length: number | null }
  /** Each key is looked up as a keyword, then (unless `keywordOnly`, the fields of defstruct) as a string of the same text; other keys are allowed. */
  | { readonly kind: "map"; readonly entries: readonly MapEntryTest[] }
  | { readonly kind: "map-of"; readonly key: TypeTest; readonly value: TypeTest }
  | { readonly kind: "union"; readonly of: readonly TypeTest[] }
  | { readonly kind: "and"; readonly of: readonly TypeTest[]; readonly refinements: readonly Refinement[] }
  /** `[:enum …]` and `[:val …]`: equal to one of these literals. */
  | { readonly kind: "literal"; readonly values: readonly Value[] }

export interface MapEntryTest {
  readonly key: string
  readonly type: TypeTest
  readonly optional: boolean
  readonly keywordOnly: boolean
}

/** A predicate of `[:and …]`; a value of another kind than the one it speaks of fails it. */
export type Refinement =
  /** Value and operand must be of the same numeric kind. */
  | { readonly op: ">" | "<" | ">=" | "<=" | "=" | "!="; readonly operand: bigint | number }
  | { readonly op: "in-range"; readonly low: bigint | number; readonly high: bigint | number }
  /** Strings, in scalars. */
  | { readonly op: "min-length" | "max-length" | "length"; readonly operand: bigint }
  | { readonly op: "matches-regex"; readonly pattern: string }
  /** Collections (entries of a map) and strings (scalars). */
  | { readonly op: "min-count" | "max-count" | "count"; readonly operand: bigint }
  | { readonly op: "non-empty" }
  /** Maps; each key must be there as a keyword. */
  | { readonly op: "has-key"; readonly key: string }
  | { readonly op: "required-keys"; readonly keys: readonly string[] }
