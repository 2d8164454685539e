/** The primitive operations of the intermediate representation. */
import type { MapKey, RtfsMap, Value } from "../../../../shared/value.ts"
import type { PrimName } from "../compiler/ir.ts"
import { equalValues } from "../order.ts"
import { exact } from "./number-builtins.ts"
import type { Slot } from "./value.ts"
import {
  countOf,
  isError,
  isFunction,
  isKeyword,
  isList,
  isMap,
  isTruthy,
  isVector,
  itemAt,
  mapGetOr,
  mapSize,
  mapWithout,
  Raised,
  typeError,
  unset,
  vectorItems
} from "./value.ts"

type Primitive = (a: never, b: never, c: never) => Slot

function needVector(least: boolean) {
  return (value: Value, wanted: bigint): Value => {
    if (!isVector(value)) throw typeError("destructuring", "vector", value)
    const count = BigInt(countOf(value))
    if (count === wanted || (least && count > wanted)) return value
    const what = `vector of ${least ? "at least " : ""}${wanted} elements`
    throw new Raised("type-error", `Type error in destructuring: expected ${what}, got ${count}`)
  }
}

function need<T extends Value>(test: (value: Value) => value is T, op: string, what: string) {
  return (value: Value): Value => {
    if (!test(value)) throw typeError(op, what, value)
    return value
  }
}

function keywordGet(key: MapKey, source: Value, otherwise: Value = null): Value {
  if (source === null) return otherwise
  if (!isMap(source)) throw typeError("keyword lookup", "map", source)
  return mapGetOr(source, key, otherwise)
}

/** What calling a keyword does, wherever it is called. */
export const callKeyword = keywordGet

export const primitives: Readonly<Record<PrimName, Primitive>> = {
  truthy: (value: Slot) => isTruthy(value),
  "is-nil": (value: Value) => value === null,
  "is-bool": (value: Value) => typeof value === "boolean",
  "is-int": (value: Value) => typeof value === "bigint",
  "is-float": (value: Value) => typeof value === "number",
  "is-string": (value: Value) => typeof value === "string",
  "is-keyword": (value: Value) => isKeyword(value),
  "is-vector": (value: Value) => isVector(value),
  "is-list": (value: Value) => isList(value),
  "is-map": (value: Value) => isMap(value),
  "is-function": (value: Value) => isFunction(value),
  "is-error": (value: Value) => isError(value),
  "is-unset": (value: Slot) => value === unset,
  equal: (a: Value, b: Value) => equalValues(a, b),
  "need-vector": needVector(false),
  "need-vector-least": needVector(true),
  "need-map": need(isMap, "destructuring", "map"),
  "need-sequence": need((value): value is Value => isVector(value) || isList(value), "for", "vector or list"),
  "need-integer": need((value): value is bigint => typeof value === "bigint", "dotimes", "integer"),
  "need-struct": need(isMap, "defstruct", "map"),
  "vector-count": (value: Value) => BigInt(countOf(value)),
  "vector-at": (value: Value, index: bigint) => itemAt(value, Number(index)),
  "vector-from": (value: Value, index: bigint) => vectorItems(value)!.slice(Number(index)),
  "sequence-count": (value: Value) => BigInt(countOf(value)),
  "sequence-at": (value: Value, index: bigint) => itemAt(value, Number(index)),
  "vector-new": () => [],
  "vector-append": (value: Value[], item: Value) => {
    value.push(item)
    return value
  },
  "map-count": (value: RtfsMap) => BigInt(mapSize(value)),
  "map-find": (map: RtfsMap, key: MapKey) => mapGetOr<Slot>(map, key, unset),
  "map-get": (map: RtfsMap, key: MapKey) => mapGetOr(map, key, null),
  "map-without": (map: RtfsMap, key: MapKey) => mapWithout(map, key),
  "keyword-get": (key: MapKey, source: Value) => keywordGet(key, source),
  "keyword-get-or": keywordGet,
  "i64-add": (a: bigint, b: bigint) => exact(a + b, "+"),
  "i64-sub": (a: bigint, b: bigint) => exact(a - b, "-"),
  "i64-mul": (a: bigint, b: bigint) => exact(a * b, "*"),
  "i64-mod": (a: bigint, b: bigint) => {
    if (b === 0n) throw new Raised("division-by-zero", "Division by zero")
    return a % b
  },
  "i64-inc": (a: bigint) => exact(a + 1n, "inc"),
  "i64-dec": (a: bigint) => exact(a - 1n, "dec"),
  "i64-abs": (a: bigint) => exact(a < 0n ? -a : a, "abs"),
  "i64-neg": (a: bigint) => exact(-a, "-"),
  "i64-max": (a: bigint, b: bigint) => (b > a ? b : a),
  "i64-min": (a: bigint, b: bigint) => (b < a ? b : a),
  "i64-next": (a: bigint) => a + 1n,
  "i64-eq": (a: bigint, b: bigint) => a === b,
  "i64-ne": (a: bigint, b: bigint) => a !== b,
  "i64-lt": (a: bigint, b: bigint) => a < b,
  "i64-le": (a: bigint, b: bigint) => a <= b,
  "i64-gt": (a: bigint, b: bigint) => a > b,
  "i64-ge": (a: bigint, b: bigint) => a >= b,
  "i64-even": (a: bigint) => a % 2n === 0n,
  "i64-odd": (a: bigint) => a % 2n !== 0n,
  "f64-of-i64": (a: bigint) => Number(a),
  "f64-add": (a: number, b: number) => a + b,
  "f64-sub": (a: number, b: number) => a - b,
  "f64-mul": (a: number, b: number) => a * b,
  "f64-neg": (a: number) => -a,
  "f64-abs": (a: number) => Math.abs(a),
  "f64-eq": (a: number, b: number) => a === b,
  "f64-ne": (a: number, b: number) => a !== b,
  "f64-lt": (a: number, b: number) => a < b,
  "f64-le": (a: number, b: number) => a <= b,
  "f64-gt": (a: number, b: number) => a > b,
  "f64-ge": (a: number, b: number) => a >= b,
  "bool-not": (a: boolean) => !a,
  "bool-eq": (a: boolean, b: boolean) => a === b
}
