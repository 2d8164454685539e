/** Builtins that call functions: they yield each call to the machine, so that callbacks count and fail like any call (language page, section 9). */
import type { Value } from "../../../../shared/value.ts"
import type { Callback, CallingBuiltin, CallingBuiltins } from "./builtin.ts"
import { assocOne, elements, integer } from "./collection-builtins.ts"
import { display } from "./display.ts"
import { scalars } from "./string-builtins.ts"
import {
  isList,
  isMap,
  isMapKey,
  isTruthy,
  isVector,
  itemsOf,
  listOf,
  mapGet,
  mapOf,
  outOfBounds,
  runtimeError,
  typeError,
  vectorItems
} from "./value.ts"

function call(fn: Value, ...args: Value[]): Callback {
  return { fn, args }
}

function* map([fn, source]: readonly Value[]): Generator<Callback, Value, Value> {
  const results: Value[] = []
  for (const item of elements("map", source!)) results.push(yield call(fn!, item))
  return results
}

function* mapIndexed([fn, source]: readonly Value[]): Generator<Callback, Value, Value> {
  const results: Value[] = []
  for (const [index, item] of elements("map-indexed", source!).entries()) results.push(yield call(fn!, BigInt(index), item))
  return isList(source!) ? listOf(results) : results
}

function* filter([fn, source]: readonly Value[]): Generator<Callback, Value, Value> {
  const items = itemsOf(source!)
  if (items === null) throw typeError("filter", "vector or list", source!)
  const kept: Value[] = []
  for (const item of items) if (isTruthy(yield call(fn!, item))) kept.push(item)
  return kept
}

function* remove([fn, source]: readonly Value[]): Generator<Callback, Value, Value> {
  const kept: Value[] = []
  for (const item of elements("remove", source!)) if (!isTruthy(yield call(fn!, item))) kept.push(item)
  return typeof source === "string" ? (kept as string[]).join("") : kept
}

function* reduce(args: readonly Value[]): Generator<Callback, Value, Value> {
  const fn = args[0]!
  const source = args.at(-1)!
  const items = typeof source === "string" ? scalars(source) : itemsOf(source)
  if (items === null) throw runtimeError("reduce expects a vector, list or string")
  if (args.length === 2 && items.length === 0) throw runtimeError("reduce of an empty collection needs an initial value")
  let total: Value = args.length === 3 ? args[1]! : items[0]!
  for (const item of args.length === 3 ? items : items.slice(1)) total = yield call(fn, total, item)
  return total
}

function* apply(args: readonly Value[]): Generator<Callback, Value, Value> {
  const last = args.at(-1)!
  const spread = last === null ? [] : typeof last === "string" ? scalars(last) : isMap(last) ? last.entries.flat() : itemsOf(last)
  if (spread === null) throw typeError("apply", "collection, string or nil", last)
  return yield { fn: args[0]!, args: [...args.slice(1, -1), ...spread] }
}

function* update([source, key, fn, ...more]: readonly Value[]): Generator<Callback, Value, Value> {
  let old: Value | undefined
  if (isMap(source!)) {
    if (!isMapKey(key!)) throw typeError("update", "integer, string or keyword", key!)
    old = mapGet(source, key)
  } else if (isVector(source!)) {
    const items = vectorItems(source!)!
    const index = integer("update", key!)
    if (index < 0n || index >= BigInt(items.length)) throw outOfBounds(index, items.length)
    old = items[Number(index)]
  } else throw typeError("update", "map or vector", source!)
  return assocOne("update", source!, key!, yield call(fn!, old ?? null, ...more))
}

const groupBy: CallingBuiltin = function* ([fn, source], context) {
  const groups = new Map<string, { key: Value; items: Value[] }>()
  const items = source === null ? [] : itemsOf(source!)
  if (items === null) throw typeError("group-by", "vector, list or nil", source!)
  for (const item of items) {
    const found = yield call(fn!, item)
    const key = found === null || typeof found === "boolean" || typeof found === "number" ? display(found, context) : found
    if (!isMapKey(key)) throw typeError("group-by", "integer, string, keyword, boolean, float or nil as key", key)
    const text = `${typeof key} ${typeof key === "object" ? key.name : key}`
    const group = groups.get(text)
    if (group === undefined) groups.set(text, { key, items: [item] })
    else group.items.push(item)
  }
  return mapOf([...groups.values()].map(group => [group.key as string, group.items]))
}

/** Stops at the element that decides. */
function search(op: string, deciding: boolean) {
  return function* ([fn, source]: readonly Value[]): Generator<Callback, Value, Value> {
    for (const item of elements(op, source!)) if (isTruthy(yield call(fn!, item)) === deciding) return deciding
    return !deciding
  }
}

export const callingBuiltins: CallingBuiltins = {
  map,
  "map-indexed": mapIndexed,
  filter,
  remove,
  reduce,
  apply,
  update,
  "group-by": groupBy,
  "every?": search("every?", false),
  "some?": search("some?", true)
}
