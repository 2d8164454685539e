/** Values while a program runs in the interpreter: those of `shared/value.ts`, with functions and with errors that know their category. */
import type { ErrorCategory } from "../../../../shared/run.ts"
import type { ErrorValue, Keyword, List, MapKey, Opaque, RtfsMap, Value } from "../../../../shared/value.ts"
import { compareKeys } from "../codec.ts"
import { arrayOf, GrowingVector, TreeMap } from "../growing.ts"
import { checkNesting } from "../order.ts"

/** A closure of a function of the program; every evaluation of a function literal makes one. */
export interface Closure extends Opaque {
  /** Index of the function in the program. */
  readonly fn: number
  readonly captures: readonly Slot[]
}

/** A builtin as a value; there is one for each name. */
export interface BuiltinFunction extends Opaque {
  readonly builtin: number
}

/** An error with the category it was raised under; one built by a program and one that was caught are alike. */
export interface CategorisedError extends ErrorValue {
  readonly category: ErrorCategory
  /** Index into `program.sites` of the node that raised it, or -1. */
  readonly site: number
}

/** One slot that a closure and its surroundings share. */
export class Cell {
  value: Slot = unset
}

/** The marker of what is not set yet; no program sees it. */
export const unset: unique symbol = Symbol("unset")

/** What a local, capture or operand may hold. */
export type Slot = Value | Cell | typeof unset

/** Thrown by primitives and builtins, caught by the machine, which looks for a handler. */
export class Raised extends Error {
  readonly error: CategorisedError

  constructor(category: ErrorCategory, message: string) {
    super(message)
    this.error = { kind: "error", message, category, site: -1 }
  }
}

export function typeError(op: string, expected: string, found: Value): Raised {
  return new Raised("type-error", `Type error in ${op}: expected ${expected}, got ${typeName(found)}`)
}

export function runtimeError(text: string): Raised {
  return new Raised("runtime-error", `Runtime error: ${text}`)
}

export function outOfBounds(index: bigint, length: number): Raised {
  return new Raised("index-out-of-bounds", `Index ${index} out of bounds for collection of length ${length}`)
}

export function isKeyword(value: Value): value is Keyword {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "keyword"
}

export function isVector(value: Value): boolean {
  return Array.isArray(value) || (value as unknown) instanceof GrowingVector
}

/** The items of a vector, or null. */
export function vectorItems(value: Value): readonly Value[] | null {
  const array = arrayOf(value)
  return Array.isArray(array) ? (array as readonly Value[]) : null
}

/** Vectors of fewer items are copied when they grow. */
const growingMin = 32

/** A vector with more items at its end. Long ones share what they have in common. */
export function appended(vector: Value, more: readonly Value[]): Value {
  if ((vector as unknown) instanceof GrowingVector) return (vector as unknown as GrowingVector).append(more) as unknown as Value
  const items = vector as readonly Value[]
  if (items.length < growingMin) return [...items, ...more]
  return new GrowingVector([...items], items.length).append(more) as unknown as Value
}

/** Number of items of a vector or list. */
export function countOf(sequence: Value): number {
  if ((sequence as unknown) instanceof GrowingVector) return (sequence as unknown as GrowingVector).length
  return isList(sequence) ? sequence.items.length : (sequence as readonly Value[]).length
}

/** Item of a vector or list; the index is in range. */
export function itemAt(sequence: Value, index: number): Value {
  if ((sequence as unknown) instanceof GrowingVector) return (sequence as unknown as GrowingVector).at(index)!
  return (isList(sequence) ? sequence.items : (sequence as readonly Value[]))[index]!
}

interface Unfinished {
  readonly parts: readonly Value[]
  readonly done: Value[]
  readonly finish: (parts: Value[]) => Value
}

/** What leaves the interpreter: growing vectors as arrays, on every level. Its own stack, so that depth is bounded by a stated number: throws `TooNested`. */
export function plainValue(root: Value): Value {
  const stack: Unfinished[] = []
  let value = root
  for (;;) {
    const opened = unfinished(value)
    if (opened !== null) {
      stack.push(opened)
      checkNesting(stack.length - 1)
    }
    let finished: Value | undefined = opened === null ? value : undefined
    for (;;) {
      const top = stack.at(-1)
      if (top === undefined) return finished!
      if (finished !== undefined) top.done.push(finished)
      const next = top.parts[top.done.length]
      if (next !== undefined) {
        value = next
        break
      }
      stack.pop()
      finished = top.finish(top.done)
    }
  }
}

function unfinished(value: Value): Unfinished | null {
  const array = arrayOf(value)
  if (typeof array !== "object" || array === null) return null
  if (!("kind" in array)) return { parts: array, done: [], finish: parts => parts }
  if (array.kind === "list") return { parts: array.items, done: [], finish: listOf }
  if (array.kind !== "map") return null
  const { entries } = array
  return {
    parts: entries.map(([, item]) => item),
    done: [],
    finish: parts => ({ kind: "map", entries: entries.map(([key], index) => [key, parts[index]!]) })
  }
}

export function isList(value: Value): value is List {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "list"
}

export function isMap(value: Value): value is RtfsMap {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "map"
}

export function isFunction(value: Value): value is Closure | BuiltinFunction {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "function"
}

export function isError(value: Value): value is CategorisedError {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "error"
}

export function isNumber(value: Value): value is bigint | number {
  return typeof value === "bigint" || typeof value === "number"
}

export function isMapKey(value: Value): value is MapKey {
  return typeof value === "bigint" || typeof value === "string" || isKeyword(value)
}

/** The items of a vector or list, or null. */
export function itemsOf(value: Value): readonly Value[] | null {
  return isList(value) ? value.items : vectorItems(value)
}

export function listOf(items: readonly Value[]): List {
  return { kind: "list", items }
}

/** Only nil and false are falsy. */
export function isTruthy(value: Slot): boolean {
  return value !== null && value !== false
}

export function typeName(value: Value): string {
  if (value === null) return "nil"
  switch (typeof value) {
    case "boolean":
      return "boolean"
    case "bigint":
      return "integer"
    case "number":
      return "float"
    case "string":
      return "string"
    default:
      return "kind" in value ? value.kind : "vector"
  }
}

// ---- maps: small ones are entries in map order, found by bisection; others are trees

type Entry = readonly [MapKey, Value]

const treeMin = 16

function position(map: RtfsMap, key: MapKey): { readonly at: number; readonly found: boolean } {
  let low = 0
  let high = map.entries.length
  while (low < high) {
    const middle = (low + high) >> 1
    const order = compareKeys(map.entries[middle]![0], key)
    if (order === 0) return { at: middle, found: true }
    if (order < 0) low = middle + 1
    else high = middle
  }
  return { at: low, found: false }
}

export function mapSize(map: RtfsMap): number {
  return map instanceof TreeMap ? map.size : map.entries.length
}

export function mapGet(map: RtfsMap, key: MapKey): Value | undefined {
  if (map instanceof TreeMap) return map.get(key)
  const { at, found } = position(map, key)
  return found ? map.entries[at]![1] : undefined
}

/** What is under a key, or `otherwise`; nil is a value like any other. */
export function mapGetOr<T>(map: RtfsMap, key: MapKey, otherwise: T): Value | T {
  const found = mapGet(map, key)
  return found === undefined ? otherwise : found
}

export function mapWith(map: RtfsMap, key: MapKey, value: Value): RtfsMap {
  if (map instanceof TreeMap) return map.with(key, value)
  if (map.entries.length >= treeMin) return TreeMap.of(map.entries).with(key, value)
  const { at, found } = position(map, key)
  return { kind: "map", entries: map.entries.toSpliced(at, found ? 1 : 0, [key, value]) }
}

export function mapWithout(map: RtfsMap, key: MapKey): RtfsMap {
  const { at, found } = position(map, key)
  return found ? { kind: "map", entries: map.entries.toSpliced(at, 1) } : map
}

/** A map of these entries in any order; of equal keys the last wins. */
export function mapOf(entries: readonly Entry[]): RtfsMap {
  const sorted = entries
    .map((entry, index) => ({ entry, index }))
    .sort((left, right) => compareKeys(left.entry[0], right.entry[0]) || left.index - right.index)
  const kept = sorted.filter(({ entry }, index) => index === sorted.length - 1 || compareKeys(entry[0], sorted[index + 1]!.entry[0]) !== 0)
  return { kind: "map", entries: kept.map(({ entry }) => entry) }
}
