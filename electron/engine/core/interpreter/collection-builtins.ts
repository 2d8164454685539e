/** Vectors, lists, maps and predicates (language page, section 9). */
import type { MapKey, RtfsMap, Value } from "../../../../shared/value.ts"
import { arityMessage } from "../compiler/builtins.ts"
import { compareValues, equalValues } from "../order.ts"
import type { BuiltinContext, Builtins } from "./builtin.ts"
import { saturate } from "./number-builtins.ts"
import { scalars } from "./string-builtins.ts"
import {
  appended,
  countOf,
  isFunction,
  isKeyword,
  isList,
  isMap,
  isMapKey,
  isNumber,
  isTruthy,
  isVector,
  itemAt,
  itemsOf,
  listOf,
  mapGet,
  mapGetOr,
  mapOf,
  mapWith,
  mapWithout,
  outOfBounds,
  Raised,
  typeError,
  typeName,
  vectorItems
} from "./value.ts"

export function integer(op: string, value: Value): bigint {
  if (typeof value !== "bigint") throw typeError(op, "integer", value)
  return value
}

function vector(op: string, value: Value): readonly Value[] {
  const items = vectorItems(value)
  if (items === null) throw typeError(op, "vector", value)
  return items
}

function map(op: string, value: Value): RtfsMap {
  if (!isMap(value)) throw typeError(op, "map", value)
  return value
}

function mapKey(op: string, value: Value, what = "integer, string or keyword"): MapKey {
  if (!isMapKey(value)) throw typeError(op, what, value)
  return value
}

/** The elements of a vector, list or string. */
export function elements(op: string, value: Value): readonly Value[] {
  if (typeof value === "string") return scalars(value)
  const items = itemsOf(value)
  if (items === null) throw typeError(op, "vector, list or string", value)
  return items
}

/** Elements again as what they came from. */
function sameKind(like: Value, items: readonly Value[]): Value {
  if (typeof like === "string") return (items as readonly string[]).join("")
  return isList(like) ? listOf(items) : items
}

function indexIn(index: bigint, length: number): number | null {
  return index >= 0n && index < BigInt(length) ? Number(index) : null
}

function nth([source, at, otherwise]: readonly Value[]): Value {
  const items = typeof source === "string" ? scalars(source) : source!
  if (!isVector(items) && !isList(items)) throw typeError("nth", "vector, list or string", source!)
  const index = integer("nth", at!)
  const found = indexIn(index, countOf(items))
  if (found !== null) return itemAt(items, found)
  if (otherwise !== undefined) return otherwise
  throw outOfBounds(index, countOf(items))
}

function get([source, key, otherwise = null]: readonly Value[]): Value {
  if (isMap(source!)) return mapGetOr(source, mapKey("get", key!), otherwise)
  if (!isVector(source!)) throw typeError("get", "map or vector", source!)
  const index = indexIn(integer("get", key!), countOf(source!))
  return index === null ? otherwise : itemAt(source!, index)
}

function getIn([source, path, otherwise = null]: readonly Value[]): Value {
  let at: Value | undefined = source
  for (const step of vector("get-in", path!)) {
    if (isMap(at!) && (typeof step === "string" || isKeyword(step))) at = mapGet(at, step)
    else if (isVector(at!) && typeof step === "bigint") at = vectorItems(at!)![indexIn(step, countOf(at!)) ?? -1]
    else return otherwise
    if (at === undefined) return otherwise
  }
  return at!
}

function conj([source, ...more]: readonly Value[], { budget }: BuiltinContext): Value {
  budget.charge(more.length)
  if (isVector(source!)) return appended(source!, more)
  if (!isList(source!)) throw typeError("conj", "vector or list", source!)
  budget.charge(source.items.length / 32)
  return listOf(source.items.concat(more))
}

function concat(args: readonly Value[], { budget }: BuiltinContext): Value {
  const all = args.flatMap((arg): readonly Value[] => (isVector(arg) ? vectorItems(arg)! : typeof arg === "string" ? scalars(arg) : [arg]))
  budget.charge(all.length)
  return all
}

function take(source: Value, items: readonly Value[], count: bigint): Value {
  // A negative count takes everything.
  return count < 0n || count >= BigInt(items.length) ? source : sameKind(source, items.slice(0, Number(count)))
}

function drop(source: Value, items: readonly Value[], count: bigint): Value {
  return sameKind(source, count < 0n || count >= BigInt(items.length) ? [] : items.slice(Number(count)))
}

function subvec([source, from, to]: readonly Value[]): Value {
  const items = vector("subvec", source!)
  const start = integer("subvec", from!)
  const end = to === undefined ? BigInt(items.length) : integer("subvec", to)
  const length = BigInt(items.length)
  if (start < 0n || start > length) throw outOfBounds(start, items.length)
  if (end > length || end < start) throw outOfBounds(end, items.length)
  return items.slice(Number(start), Number(end))
}

function vectorOrString(op: string, value: Value): readonly Value[] {
  if (typeof value === "string") return scalars(value)
  const items = vectorItems(value)
  if (items === null) throw typeError(op, "vector or string", value)
  return items
}

function distinct([source]: readonly Value[], { budget }: BuiltinContext): Value {
  const kept: Value[] = []
  for (const item of vectorOrString("distinct", source!)) {
    budget.charge(kept.length)
    if (!kept.some(earlier => equalValues(earlier, item))) kept.push(item)
  }
  return sameKind(source!, kept)
}

function partition([size, source]: readonly Value[]): Value {
  const width = integer("partition", size!)
  if (width <= 0n) throw typeError("partition", "positive integer", size!)
  const items = itemsOf(source!)
  if (items === null) throw typeError("partition", "vector or list", source!)
  const step = width > BigInt(items.length) ? Math.max(1, items.length) : Number(width)
  const chunks: Value[] = []
  for (let at = 0; at < items.length; at += step) chunks.push(items.slice(at, at + step))
  return chunks
}

function sort([source]: readonly Value[], { budget }: BuiltinContext): Value {
  const items = vectorOrString("sort", source!)
  budget.charge(items.length * Math.ceil(Math.log2(items.length + 1)))
  return sameKind(source!, items.toSorted(compareValues))
}

function ascending(from: bigint, to: bigint, { budget }: BuiltinContext): Value {
  if (to <= from) return []
  budget.charge(Number(to - from))
  return Array.from({ length: Number(to - from) }, (_, index) => from + BigInt(index))
}

function numbers([from, to]: readonly Value[], context: BuiltinContext): Value {
  const bound = (value: Value): bigint => {
    if (!isNumber(value)) throw typeError("numbers", "number", value)
    return typeof value === "bigint" ? value : saturate(value)
  }
  const first = bound(from!)
  return ascending(first, bound(to!) + 1n, context)
}

function contains([source, wanted]: readonly Value[]): Value {
  if (typeof source === "string") return typeof wanted === "string" && source.includes(wanted)
  if (isMap(source!)) return isMapKey(wanted!) && mapGet(source, wanted) !== undefined
  const items = itemsOf(source!)
  if (items === null) throw typeError("contains?", "collection or string", source!)
  return items.some(item => equalValues(item, wanted!))
}

function hashMap(args: readonly Value[]): Value {
  if (args.length % 2 !== 0) throw new Raised("arity-mismatch", `Arity mismatch in hash-map: expected an even number, got ${args.length}`)
  return mapOf(pairs(args).map(([key, value]) => [mapKey("hash-map", key, "integer, string or keyword as map key"), value]))
}

function pairs(args: readonly Value[]): [Value, Value][] {
  return Array.from({ length: args.length / 2 }, (_, index) => [args[2 * index]!, args[2 * index + 1]!])
}

function assoc([source, ...rest]: readonly Value[], { budget }: BuiltinContext): Value {
  if (rest.length % 2 !== 0)
    throw new Raised("arity-mismatch", arityMessage("assoc", 3, null, rest.length + 1).replace("at least 3", "an odd number"))
  let result: Value = source!
  for (const [key, value] of pairs(rest)) {
    result = assocOne("assoc", result, key, value)
    budget.charge(1)
  }
  return result
}

export function assocOne(op: string, source: Value, key: Value, value: Value): Value {
  if (isMap(source)) return mapWith(source, mapKey(op, key), value)
  const items = vectorItems(source)
  if (items === null) throw typeError(op, "map or vector", source)
  const index = integer(op, key)
  const at = indexIn(index, items.length)
  if (at === null) throw outOfBounds(index, items.length)
  return items.with(at, value)
}

function merge(args: readonly Value[], { budget }: BuiltinContext): Value {
  const maps = args.map(arg => map("merge", arg))
  const entries = maps.flatMap(one => one.entries)
  budget.charge(entries.length)
  return mapOf(entries)
}

function kind(test: (value: Value) => boolean) {
  return ([value]: readonly Value[]): Value => test(value!)
}

const isString = kind(value => typeof value === "string")

export const collectionBuiltins: Builtins = {
  vector: args => args,
  first: ([source]) => elements("first", source!)[0] ?? null,
  rest: ([source]) => sameKind(source!, elements("rest", source!).slice(1)),
  last: ([source]) => elements("last", source!).at(-1) ?? (source === "" ? "" : null),
  nth,
  get,
  "get-in": getIn,
  conj,
  cons: ([item, source]) => [item!, ...vector("cons", source!)],
  concat,
  reverse: ([source]) => sameKind(source!, elements("reverse", source!).toReversed()),
  take: ([count, source]) => {
    const n = integer("take", count!)
    return take(source!, elements("take", source!), n)
  },
  drop: ([count, source]) => {
    const n = integer("drop", count!)
    return drop(source!, elements("drop", source!), n)
  },
  subvec,
  distinct,
  partition,
  sort,
  range: ([from, to], context) => {
    const start = integer("range", from!)
    return ascending(start, integer("range", to!), context)
  },
  numbers,
  "contains?": contains,
  "hash-map": hashMap,
  assoc,
  dissoc: ([source, ...keys]) =>
    keys.reduce((result: RtfsMap, key) => (isMapKey(key) ? mapWithout(result, key) : result), map("dissoc", source!)),
  merge,
  keys: ([source]) => map("keys", source!).entries.map(([key]) => key),
  vals: ([source]) => map("vals", source!).entries.map(([, value]) => value),
  find: ([source, key]) => {
    const value = mapGet(map("find", source!), mapKey("find", key!))
    return value === undefined ? null : [key!, value]
  },
  and: args => (args.length === 0 ? true : args[decidingIndex(args, false)]!),
  or: args => (args.length === 0 ? false : args[decidingIndex(args, true)]!),
  not: ([value]) => value === null || value === false,
  "int?": kind(value => typeof value === "bigint"),
  "float?": kind(value => typeof value === "number"),
  "number?": kind(isNumber),
  "string?": isString,
  "string-p": isString,
  "bool?": kind(value => typeof value === "boolean"),
  "nil?": kind(value => value === null),
  "map?": kind(isMap),
  "vector?": kind(isVector),
  "list?": kind(isList),
  "keyword?": kind(isKeyword),
  "symbol?": () => false,
  "fn?": kind(isFunction),
  "type-name": ([value]) => typeName(value!),
  "process-data": ([value]) => value!,
  deftype: () => null
}

/** The first argument of this truthiness, else the last. */
function decidingIndex(args: readonly Value[], truthy: boolean): number {
  const found = args.findIndex(arg => isTruthy(arg) === truthy)
  return found < 0 ? args.length - 1 : found
}
