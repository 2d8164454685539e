/** Equality and total order of values (language page, sections 3.1 to 3.3). */
import type { Value } from "../../../shared/value.ts"
import { compareKeys } from "./codec.ts"
import { arrayOf } from "./growing.ts"
import { compareUtf8 } from "./utf8.ts"

/** Structural equality: same kind only, NaN equals nothing, 0.0 equals -0.0, errors by message, functions by identity. Bounded by no stack. */
export function equalValues(left: Value, right: Value): boolean {
  const pending: Value[] = [left, right]
  while (pending.length > 0) {
    const b = arrayOf(pending.pop()!)
    const a = arrayOf(pending.pop()!)
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
      if (a !== b) return false
    } else if ("kind" in a || "kind" in b) {
      if (!equalTagged(a, b, pending)) return false
    } else if (!pushPairs(a, b, pending)) return false
  }
  return true
}

function equalTagged(a: Exclude<Value, null>, b: Exclude<Value, null>, pending: Value[]): boolean {
  if (typeof a !== "object" || typeof b !== "object" || !("kind" in a) || !("kind" in b) || a.kind !== b.kind) return false
  switch (a.kind) {
    case "keyword":
      return a.name === (b as typeof a).name
    case "list":
      return pushPairs(a.items, (b as typeof a).items, pending)
    case "error":
      return a.message === (b as typeof a).message
    case "function":
      return a === b
    case "map": {
      const others = (b as typeof a).entries
      if (a.entries.length !== others.length) return false
      for (const [index, [key, value]] of a.entries.entries()) {
        const [otherKey, otherValue] = others[index]!
        if (compareKeys(key, otherKey) !== 0) return false
        pending.push(value, otherValue)
      }
      return true
    }
  }
}

function pushPairs(a: readonly Value[], b: readonly Value[], pending: Value[]): boolean {
  if (a.length !== b.length) return false
  for (let index = a.length - 1; index >= 0; index -= 1) pending.push(a[index]!, b[index]!)
  return true
}

/** nil < boolean < number < string < keyword < vector < list < map < the rest. NaN stands after all other numbers. */
export function compareValues(left: Value, right: Value): number {
  const pending: (Value | number)[][] = [[left, right]]
  for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
    // A lone number is a verdict that waits until everything before it proved equal.
    if (pair.length === 1) {
      if (pair[0] !== 0) return pair[0] as number
      continue
    }
    const [a, b] = pair as [Value, Value]
    const order = compareFlat(arrayOf(a), arrayOf(b), pending)
    if (order !== 0) return order
  }
  return 0
}

function compareFlat(a: Value, b: Value, pending: (Value | number)[][]): number {
  const rank = rankOf(a)
  const difference = rank - rankOf(b)
  if (difference !== 0) return difference
  switch (rank) {
    case 1:
      return Number(a) - Number(b)
    case 2:
      return compareNumbers(a as bigint | number, b as bigint | number)
    case 3:
      return compareUtf8(a as string, b as string)
    case 4:
      return compareUtf8((a as { name: string }).name, (b as { name: string }).name)
    case 6:
      return pushItems(a as readonly Value[], b as readonly Value[], pending)
    case 7:
      return pushItems((a as { items: readonly Value[] }).items, (b as { items: readonly Value[] }).items, pending)
    case 8:
      return pushItems(flatEntries(a), flatEntries(b), pending)
    default:
      return 0
  }
}

function flatEntries(map: Value): Value[] {
  return (map as { entries: readonly (readonly [Value, Value])[] }).entries.flat()
}

function pushItems(a: readonly Value[], b: readonly Value[], pending: (Value | number)[][]): number {
  pending.push([a.length - b.length])
  for (let index = Math.min(a.length, b.length) - 1; index >= 0; index -= 1) pending.push([a[index]!, b[index]!])
  return 0
}

function rankOf(value: Value): number {
  if (value === null) return 0
  switch (typeof value) {
    case "boolean":
      return 1
    case "bigint":
    case "number":
      return 2
    case "string":
      return 3
    default:
  }
  if (!("kind" in value)) return 6
  return value.kind === "keyword" ? 4 : value.kind === "list" ? 7 : value.kind === "map" ? 8 : 9
}

/** Exact also between integer and float; NaN after all other numbers and equal to itself, -0.0 equal to 0.0. */
export function compareNumbers(a: bigint | number, b: bigint | number): number {
  const aNan = Number.isNaN(a)
  const bNan = Number.isNaN(b)
  if (aNan || bNan) return Number(aNan) - Number(bNan)
  return a < b ? -1 : a > b ? 1 : 0
}
