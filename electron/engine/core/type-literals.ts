/** What can be told of single values and refinements without running anything: which literals a type takes, which refinement follows from another. */
import type { Value } from "../../../shared/value.ts"
import type { Type } from "./compiler/type-form.ts"
import { equalValues } from "./order.ts"
import type { Refinement, TypeTest } from "./types.ts"

export type Refinable = Extract<Type, { kind: "and" }>

/**
 * Whether data certainly passes a type's test. A refinement by regular expression is not decided here and counts as passed, for the Module
 * itself decides it when it runs. Depth is that of the value, which a reader of literals bounds.
 */
export function literalHolds(value: Value, test: TypeTest): boolean {
  switch (test.kind) {
    case "any":
      return true
    case "never":
    case "symbol":
    case "fn":
      return false
    case "int":
      return typeof value === "bigint"
    case "float":
      return typeof value === "number" || typeof value === "bigint"
    case "string":
      return typeof value === "string"
    case "bool":
      return typeof value === "boolean"
    case "nil":
      return value === null
    case "keyword":
      return tagOf(value) === "keyword"
    case "vector":
      return isVector(value) && value.every(item => literalHolds(item, test.of))
    case "tuple":
      return isVector(value) && value.length === test.items.length && test.items.every((item, at) => literalHolds(value[at] as Value, item))
    case "array":
      return isVector(value) && (test.length === null || value.length === test.length) && value.every(item => literalHolds(item, test.of))
    case "map":
      return (
        isMap(value) &&
        test.entries.every(entry => {
          const found = fieldOf(value, entry.key, entry.keywordOnly)
          return found === undefined ? entry.optional : literalHolds(found, entry.type)
        })
      )
    case "map-of":
      return isMap(value) && value.entries.every(([key, item]) => literalHolds(key, test.key) && literalHolds(item, test.value))
    case "union":
      return test.of.some(member => literalHolds(value, member))
    case "and":
      return test.of.every(part => literalHolds(value, part)) && test.refinements.every(refinement => mayHold(refinement, value))
    case "literal":
      return test.values.some(literal => equalValues(literal, value))
  }
}

/** False only where the refinement certainly refuses the value. */
export function mayHold(refinement: Refinement, value: Value): boolean {
  const size = sizeOf(value)
  const compared = (operand: bigint | number, holds: (left: number | bigint) => boolean) =>
    typeof value === typeof operand && holds(value as number | bigint)
  switch (refinement.op) {
    case ">":
      return compared(refinement.operand, left => left > refinement.operand)
    case "<":
      return compared(refinement.operand, left => left < refinement.operand)
    case ">=":
      return compared(refinement.operand, left => left >= refinement.operand)
    case "<=":
      return compared(refinement.operand, left => left <= refinement.operand)
    case "=":
      return compared(refinement.operand, left => left === refinement.operand)
    case "!=":
      return compared(refinement.operand, left => left !== refinement.operand)
    case "in-range":
      return compared(refinement.low, left => left >= refinement.low && left <= refinement.high)
    case "min-length":
      return typeof value === "string" && size >= refinement.operand
    case "max-length":
      return typeof value === "string" && size <= refinement.operand
    case "length":
      return typeof value === "string" && BigInt(size) === refinement.operand
    case "min-count":
      return size >= 0 && size >= refinement.operand
    case "max-count":
      return size >= 0 && size <= refinement.operand
    case "count":
      return BigInt(size) === refinement.operand
    case "non-empty":
      return size > 0
    case "has-key":
      return isMap(value) && fieldOf(value, refinement.key, true) !== undefined
    case "required-keys":
      return isMap(value) && refinement.keys.every(key => fieldOf(value, key, true) !== undefined)
    case "matches-regex":
      return typeof value === "string"
  }
}

/** Whether `wanted` follows from `held`: the same refinement, or a bound that the other is within. */
export function weaker(wanted: Refinement, held: Refinement): boolean {
  const [low, high] = boundsOf(held)
  switch (wanted.op) {
    case ">=":
      return low !== null && typeof low === typeof wanted.operand && low >= wanted.operand
    case "<=":
      return high !== null && typeof high === typeof wanted.operand && high <= wanted.operand
    case "in-range":
      return low !== null && high !== null && typeof low === typeof wanted.low && low >= wanted.low && high <= wanted.high
    case "non-empty":
      return held.op === "non-empty" || ((held.op === "min-count" || held.op === "count") && held.operand > 0n)
    case "min-length":
    case "min-count":
      return held.op === wanted.op && held.operand >= wanted.operand
    case "max-length":
    case "max-count":
      return held.op === wanted.op && held.operand <= wanted.operand
    case "has-key":
      return (held.op === "has-key" && held.key === wanted.key) || (held.op === "required-keys" && held.keys.includes(wanted.key))
    case "required-keys":
      return held.op === "required-keys" && wanted.keys.every(key => held.keys.includes(key))
    case "matches-regex":
      return held.op === "matches-regex" && held.pattern === wanted.pattern
    default:
      return "operand" in held && held.op === wanted.op && held.operand === wanted.operand
  }
}

/** Inclusive bounds that a refinement of numbers sets. */
function boundsOf(refinement: Refinement): readonly [bigint | number | null, bigint | number | null] {
  switch (refinement.op) {
    case ">=":
      return [refinement.operand, null]
    case "<=":
      return [null, refinement.operand]
    case "=":
      return [refinement.operand, refinement.operand]
    case ">":
      return [typeof refinement.operand === "bigint" ? refinement.operand + 1n : refinement.operand, null]
    case "<":
      return [null, typeof refinement.operand === "bigint" ? refinement.operand - 1n : refinement.operand]
    case "in-range":
      return [refinement.low, refinement.high]
    default:
      return [null, null]
  }
}

/** Scalars of a text, items of a collection, entries of a map; −1 for anything else. */
function sizeOf(value: Value): number {
  if (typeof value === "string") return [...value].length
  if (isVector(value)) return value.length
  if (typeof value !== "object" || value === null || !("kind" in value)) return -1
  return value.kind === "map" ? value.entries.length : value.kind === "list" ? value.items.length : -1
}

/** As a keyword, then as a string of the same text. */
function fieldOf(map: Extract<Value, { kind: "map" }>, key: string, keywordOnly: boolean): Value | undefined {
  const byKeyword = map.entries.find(([name]) => typeof name === "object" && name.name === key)
  return (byKeyword ?? (keywordOnly ? undefined : map.entries.find(([name]) => name === key)))?.[1]
}

function isVector(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

function isMap(value: Value): value is Extract<Value, { kind: "map" }> {
  return tagOf(value) === "map"
}

function tagOf(value: Value): string | null {
  return typeof value === "object" && value !== null && "kind" in value ? value.kind : null
}
