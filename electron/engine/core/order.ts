/** Equality and total order of values (language page, sections 3.1 to 3.3). Neither recurses; both stop at a stated depth. */
import type { Value } from "../../../shared/value.ts"
import { compareKeys } from "./codec.ts"
import { arrayOf } from "./growing.ts"
import { compareUtf8 } from "./utf8.ts"

/** Levels of nesting that equality, order and printing go down. */
export const nestingMax = 10_000

/** Values nest deeper than `nestingMax`; as an error of the language this is recursion-limit. */
export class TooNested extends Error {}

export function checkNesting(depth: number): void {
  if (depth >= nestingMax) throw new TooNested(`values nest deeper than ${nestingMax} levels`)
}

/** Two values still to be compared, at a depth of nesting. */
interface Pair {
  readonly a: Value
  readonly b: Value
  readonly depth: number
}

/** Structural equality: same kind only, NaN equals nothing, 0.0 equals -0.0, errors by message, functions by identity. Throws `TooNested`. */
export function equalValues(left: Value, right: Value): boolean {
  const pending: Pair[] = [{ a: left, b: right, depth: 0 }]
  for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
    const a = arrayOf(pair.a)
    const b = arrayOf(pair.b)
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
      if (a !== b) return false
    } else if ("kind" in a || "kind" in b) {
      if (!equalTagged(a, b, pair.depth, pending)) return false
    } else if (!pushPairs(a, b, pair.depth, pending)) return false
  }
  return true
}

function equalTagged(a: Exclude<Value, null>, b: Exclude<Value, null>, depth: number, pending: Pair[]): boolean {
  if (typeof a !== "object" || typeof b !== "object" || !("kind" in a) || !("kind" in b) || a.kind !== b.kind) return false
  switch (a.kind) {
    case "keyword":
      return a.name === (b as typeof a).name
    case "list":
      return pushPairs(a.items, (b as typeof a).items, depth, pending)
    case "error":
      return a.message === (b as typeof a).message
    case "function":
      return a === b
    case "map": {
      const others = (b as typeof a).entries
      if (a.entries.length !== others.length) return false
      if (a.entries.some(([key], index) => compareKeys(key, others[index]![0]) !== 0)) return false
      return pushPairs(
        a.entries.map(([, value]) => value),
        others.map(([, value]) => value),
        depth,
        pending
      )
    }
  }
}

/** The first pair comes to lie on top. */
function pushPairs(a: readonly Value[], b: readonly Value[], depth: number, pending: Pair[]): boolean {
  if (a.length !== b.length) return false
  checkNesting(depth)
  for (let index = a.length - 1; index >= 0; index -= 1) pending.push({ a: a[index]!, b: b[index]!, depth: depth + 1 })
  return true
}

/** nil < boolean < number < string < keyword < vector < list < map < the rest. NaN stands after all other numbers. Throws `TooNested`. */
export function compareValues(left: Value, right: Value): number {
  // A number is a verdict that waits until everything before it proved equal.
  const pending: (Pair | number)[] = [{ a: left, b: right, depth: 0 }]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const order = typeof next === "number" ? next : compareFlat(arrayOf(next.a), arrayOf(next.b), next.depth, pending)
    if (order !== 0) return order
  }
  return 0
}

function compareFlat(a: Value, b: Value, depth: number, pending: (Pair | number)[]): number {
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
      return pushItems(a as readonly Value[], b as readonly Value[], depth, pending)
    case 7:
      return pushItems((a as { items: readonly Value[] }).items, (b as { items: readonly Value[] }).items, depth, pending)
    case 8:
      return pushItems(flatEntries(a), flatEntries(b), depth, pending)
    default:
      return 0
  }
}

function flatEntries(map: Value): Value[] {
  const flat: Value[] = []
  for (const [key, value] of (map as { entries: readonly (readonly [Value, Value])[] }).entries) flat.push(key, value)
  return flat
}

function pushItems(a: readonly Value[], b: readonly Value[], depth: number, pending: (Pair | number)[]): number {
  checkNesting(depth)
  pending.push(a.length - b.length)
  for (let index = Math.min(a.length, b.length) - 1; index >= 0; index -= 1) pending.push({ a: a[index]!, b: b[index]!, depth: depth + 1 })
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
