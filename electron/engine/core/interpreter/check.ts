/** Testing values against types (language page, section 7). */
import type { Value } from "../../../../shared/value.ts"
import { equalValues } from "../order.ts"
import type { Refinement, TypeTest } from "../types.ts"
import type { BuiltinContext } from "./builtin.ts"
import { scalarCount } from "./string-builtins.ts"
import { countOf, isFunction, isKeyword, isMap, isVector, itemAt, itemsOf, mapGet, mapSize, vectorItems } from "./value.ts"

export function matchesType(value: Value, test: TypeTest, context: BuiltinContext): boolean {
  context.budget.charge(1)
  const matches = (item: Value, inner: TypeTest) => matchesType(item, inner, context)
  switch (test.kind) {
    case "any":
      return true
    case "never":
    case "symbol":
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
      return isKeyword(value)
    case "fn":
      return isFunction(value)
    case "vector":
      return vectorItems(value)?.every(item => matches(item, test.of)) ?? false
    case "tuple":
      return (
        isVector(value) && countOf(value) === test.items.length && test.items.every((type, index) => matches(itemAt(value, index), type))
      )
    case "array":
      return (
        isVector(value) &&
        (test.length === null || countOf(value) === test.length) &&
        vectorItems(value)!.every(item => matches(item, test.of))
      )
    case "map":
      return (
        isMap(value) &&
        test.entries.every(entry => {
          const byKeyword = mapGet(value, { kind: "keyword", name: entry.key })
          const found = byKeyword === undefined && !entry.keywordOnly ? mapGet(value, entry.key) : byKeyword
          return found === undefined ? entry.optional : matches(found, entry.type)
        })
      )
    case "map-of":
      return isMap(value) && value.entries.every(([key, item]) => matches(key, test.key) && matches(item, test.value))
    case "union":
      return test.of.some(member => matches(value, member))
    case "and":
      return test.of.every(member => matches(value, member)) && test.refinements.every(refinement => refines(value, refinement, context))
    case "literal":
      return test.values.some(literal => equalValues(value, literal))
  }
}

function refines(value: Value, refinement: Refinement, { functions, budget }: BuiltinContext): boolean {
  switch (refinement.op) {
    case ">":
    case "<":
    case ">=":
    case "<=":
    case "=":
    case "!=":
      return typeof value === typeof refinement.operand && compares(value as number, refinement.op, refinement.operand as number)
    case "in-range": {
      const { low, high } = refinement
      return (
        typeof value === typeof low &&
        typeof value === typeof high &&
        (value as number) >= (low as number) &&
        (value as number) <= (high as number)
      )
    }
    case "min-length":
      return typeof value === "string" && scalarCount(value) >= refinement.operand
    case "max-length":
      return typeof value === "string" && scalarCount(value) <= refinement.operand
    case "length":
      return typeof value === "string" && BigInt(scalarCount(value)) === refinement.operand
    case "matches-regex":
      if (typeof value !== "string") return false
      budget.charge(value.length)
      return (functions.matches(refinement.pattern, value, 1) ?? []).length > 0
    case "min-count":
      return sizeOf(value) !== null && sizeOf(value)! >= refinement.operand
    case "max-count":
      return sizeOf(value) !== null && sizeOf(value)! <= refinement.operand
    case "count":
      return sizeOf(value) === refinement.operand
    case "non-empty":
      return sizeOf(value) !== null && sizeOf(value)! > 0n
    case "has-key":
      return hasKey(value, refinement.key)
    case "required-keys":
      return refinement.keys.every(key => hasKey(value, key))
  }
}

function compares(value: number, op: string, operand: number): boolean {
  switch (op) {
    case ">":
      return value > operand
    case "<":
      return value < operand
    case ">=":
      return value >= operand
    case "<=":
      return value <= operand
    case "=":
      return value === operand
    default:
      return value !== operand
  }
}

function sizeOf(value: Value): bigint | null {
  if (typeof value === "string") return BigInt(scalarCount(value))
  const items = itemsOf(value)
  if (items !== null) return BigInt(items.length)
  return isMap(value) ? BigInt(mapSize(value)) : null
}

function hasKey(value: Value, key: string): boolean {
  return isMap(value) && mapGet(value, { kind: "keyword", name: key }) !== undefined
}
