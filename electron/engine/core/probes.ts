/** Inputs nobody wrote down: drawn from an Interface's parameter types, edges first, so that rival Modules can be told apart by running them. */
import type { Keyword, MapKey, Value } from "../../../shared/value.ts"
import { keyword } from "../../../shared/value.ts"
import { compareKeys } from "./codec.ts"
import type { Type } from "./compiler/type-form.ts"
import type { FunctionType } from "./interface.ts"
import { normalise, parseType } from "./interface.ts"
import { printValue } from "./print.ts"
import { mayHold } from "./type-literals.ts"
import type { Refinement } from "./types.ts"

export interface ProbeOptions {
  /** Equal seeds give equal inputs. */
  readonly seed?: number
  /** Argument lists at most, 1 to `probesMax`. */
  readonly max?: number
  /** Arguments that are known to be meant (those of Examples): every second input is then one of them, slightly changed. */
  readonly like?: readonly (readonly Value[])[]
}

export const probesMax = 256
const probesDefault = 24
/** Values kept for one type: edges, then random ones. */
const samplesMax = 24
const depthMax = 6
/** Random collections hold the first samples of their type: the extremes behind them end most programs before they show anything. */
const usualMax = 12
/** Longest collection or text made to satisfy a refinement. */
const lengthMax = 64

/**
 * Argument lists for an entry of this Interface (canonical text or any TYPE without variables), without repetition. Empty where a parameter
 * has no data to offer: functions never cross, and an alias or `:never` matches nothing. No parameters: one empty list. A refinement by
 * regular expression is not solved: its values may be refused by the Module, which tells rivals nothing and harms nobody.
 */
export function probeInputs(typeText: string, options: ProbeOptions = {}): readonly (readonly Value[])[] {
  const parsed = parseType(typeText)
  if (parsed.kind === "malformed") return []
  const max = Math.min(Math.max(options.max ?? probesDefault, 1), probesMax)
  const random = randomOf(options.seed ?? 1)
  const fromTypes = lists(parsed.type, random)
  if (fromTypes === null) return []
  const near = changed(options.like ?? [], random)
  const seen = new Set<string>()
  const kept: (readonly Value[])[] = []
  const add = (args: readonly Value[] | undefined) => {
    if (args === undefined || kept.length === max) return
    const text = printValue(args)
    if (seen.has(text)) return
    seen.add(text)
    kept.push(args)
  }
  // A type may have few values (`:bool`, an enum): the sources end, and rounds without anything new end the search.
  for (let idle = 0; kept.length < max && idle < 32; ) {
    const before = kept.length
    add(fromTypes.next().value)
    add(near.next().value)
    idle = kept.length === before ? idle + 1 : 0
  }
  return kept
}

/** Null where a parameter has no values. */
function lists(type: FunctionType, random: Random): Generator<readonly Value[], undefined> | null {
  const params = type.params.map(param => samplesOf(normalise(param), random, 0))
  const rest = type.rest === null ? null : samplesOf(normalise(type.rest), random, 0)
  if (params.some(samples => samples.length === 0)) return null
  return combined(params, rest, random)
}

/** All at their edges together, then one at a time beside plain values, then at random. */
function* combined(
  params: readonly (readonly Value[])[],
  rest: readonly Value[] | null,
  random: Random
): Generator<readonly Value[], undefined> {
  const most = Math.max(...params.map(samples => samples.length), rest?.length ?? 0, 1)
  const plain = params.map((samples, at) => samples[(2 + at) % samples.length] as Value)
  const tail = (index: number): readonly Value[] =>
    rest === null || rest.length === 0 ? [] : Array.from({ length: index % 4 }, (_, at) => rest[(index + at) % rest.length] as Value)
  for (let index = 0; index < most; index++) {
    yield [...params.map(samples => samples[index % samples.length] as Value), ...tail(index)]
    if (params.length < 2) continue
    for (const [at, samples] of params.entries()) {
      const edge = samples[index]
      if (edge !== undefined) yield [...plain.map((value, place) => (place === at ? edge : value)), ...tail(index + 1)]
    }
  }
  if (params.length === 0 && rest === null) return undefined
  for (let index = 0; index < 4 * probesMax; index++) yield [...params.map(samples => random.pick(samples)), ...tail(random.below(8))]
  return undefined
}

/** Data of a type in normal form, the telling ones first; at most `samplesMax`. */
function samplesOf(type: Type, random: Random, depth: number): readonly Value[] {
  const inner = (part: Type): readonly Value[] => (depth >= depthMax ? [] : samplesOf(part, random, depth + 1))
  switch (type.kind) {
    case "name":
      return namedSamples(type.name)
    case "vector":
      return collections(inner(type.of), random)
    case "array": {
      const first = type.dimensions?.[0]
      const items = inner(type.of)
      if (typeof first !== "bigint") return collections(items, random)
      return first > BigInt(lengthMax) || (items.length === 0 && first > 0n) ? [] : fixedRows(items, Number(first), random)
    }
    case "tuple":
      return rows(type.items.map(inner), random)
    case "map":
      return records(type, inner, random)
    case "map-of":
      return mapsOf(inner(type.key).filter(isMapKey), inner(type.value), random)
    case "union":
      return interleaved(type.of.map(inner)).slice(0, samplesMax)
    case "enum":
      return type.values.slice(0, samplesMax)
    case "and":
      return refined(type, inner)
    case "fn":
    case "resource":
    case "variable":
      return []
  }
}

const integers: readonly bigint[] = [0n, 1n, 5n, -1n, 2n, -7n, 10n, 3n, 100n, 99n, 12n, 255n, 1_000_003n, -1_000n, 4_294_967_296n]
const extremes: readonly bigint[] = [9_223_372_036_854_775_807n, -9_223_372_036_854_775_808n]
const floats: readonly number[] = [0, 1.5, 2.5, -2.5, 0.1, -0.5, 3.25, 100, 1e300, -0, 1e-9]
const strings: readonly string[] = [
  "",
  "a",
  "Hello, World",
  " ",
  "aba",
  "ABC abc",
  "a b  c ",
  "123",
  "-4.5",
  "é",
  "日本語",
  "👍🏽",
  "aa bb aa",
  "()",
  "x\ny",
  "zyx!?",
  "0,1,2",
  "ǅ straße İ"
]

function namedSamples(name: string): readonly Value[] {
  switch (name) {
    case "int":
      return [...integers, ...extremes]
    case "float":
      return interleaved<Value>([floats, [2n, -3n, 0n]])
    case "string":
      return strings
    case "bool":
      return [true, false]
    case "nil":
      return [null]
    case "keyword":
      return [keyword("a"), keyword("b"), keyword("name"), keyword("é")]
    case "any":
      return [[], 0n, "", null, [1n, 2n, 3n], "abc", { kind: "map", entries: [] }, keyword("a"), -1n, 2.5, true, [[]], ["a", 1n], false]
    default:
      return []
  }
}

/** Vectors of these: none, one, a pair of equals, ascending and descending, repeated ones, all. */
function collections(items: readonly Value[], random: Random): readonly Value[] {
  if (items.length === 0) return [[]]
  const few = items.slice(0, 6)
  const usual = items.slice(0, usualMax)
  const [first, second = first, third = second] = items as readonly [Value, ...Value[]]
  return [
    [],
    [first],
    [third, second, first, second],
    [second, second],
    [...few].reverse(),
    few,
    [first, third, first, third, third],
    items.slice(-1),
    ...Array.from({ length: samplesMax - 8 }, () => random.several(usual, 1 + random.below(7)))
  ]
}

/** Tuples: every part at its n-th sample, so that each is met, then at random. */
function rows(parts: readonly (readonly Value[])[], random: Random): readonly Value[] {
  if (parts.some(part => part.length === 0)) return []
  return Array.from({ length: samplesMax }, (_, index) =>
    parts.map((part, at) => (index < samplesMax / 2 ? (part[(index + at) % part.length] as Value) : random.pick(part)))
  )
}

function fixedRows(items: readonly Value[], length: number, random: Random): readonly Value[] {
  if (length === 0) return [[]]
  const [first] = items
  return [
    Array.from({ length }, () => first as Value),
    Array.from({ length }, (_, at) => items[at % items.length] as Value),
    ...Array.from({ length: 10 }, () => random.several(items, length))
  ]
}

function records(type: Extract<Type, { kind: "map" }>, inner: (part: Type) => readonly Value[], random: Random): readonly Value[] {
  const fields = type.entries.map(entry => ({ key: keyword(entry.key), values: inner(entry.type), optional: entry.optional }))
  if (fields.some(field => field.values.length === 0 && !field.optional)) return []
  const usable = fields.filter(field => field.values.length > 0)
  const record = (index: number, withOptional: boolean): Value =>
    mapOf(
      usable
        .filter(field => withOptional || !field.optional)
        .map(({ key, values }, at) => [key, index < 6 ? (values[(index + at) % values.length] as Value) : random.pick(values)])
    )
  const optional = usable.some(field => field.optional)
  return Array.from({ length: samplesMax / 2 }, (_, index) => index).flatMap(index =>
    optional ? [record(index, true), record(index, false)] : [record(index, true)]
  )
}

function mapsOf(keys: readonly MapKey[], values: readonly Value[], random: Random): readonly Value[] {
  if (keys.length === 0 || values.length === 0) return [mapOf([])]
  const usual = values.slice(0, usualMax)
  return Array.from({ length: samplesMax / 2 }, (_, size) =>
    mapOf(Array.from({ length: Math.min(size, 6) }, (_, at) => [keys[(size + at) % keys.length] as MapKey, random.pick(usual)]))
  )
}

function mapOf(entries: readonly (readonly [MapKey, Value])[]): Value {
  const byKey = new Map(entries.map(entry => [printValue(entry[0]), entry]))
  return { kind: "map", entries: [...byKey.values()].sort(([left], [right]) => compareKeys(left, right)) }
}

/** Samples of the types, and values made for the refinements; what a refinement refuses is left out. */
function refined(type: Extract<Type, { kind: "and" }>, inner: (part: Type) => readonly Value[]): readonly Value[] {
  const [first, ...others] = type.of
  const base = first === undefined ? [] : inner(first)
  const candidates = interleaved([type.refinements.flatMap(refinement => madeFor(refinement, base)), base, ...others.map(inner)])
  return candidates.filter(value => type.refinements.every(refinement => mayHold(refinement, value))).slice(0, samplesMax)
}

/** Values at the border of a refinement. */
function madeFor(refinement: Refinement, base: readonly Value[]): readonly Value[] {
  switch (refinement.op) {
    case ">":
    case "<":
    case ">=":
    case "<=":
    case "=":
    case "!=":
      return around(refinement.operand)
    case "in-range":
      return [...around(refinement.low), ...around(refinement.high)]
    case "min-length":
    case "max-length":
    case "length":
      return lengthsAt(refinement.operand, base)
    case "min-count":
    case "max-count":
    case "count":
      return lengthsAt(refinement.operand, base)
    default:
      return []
  }
}

function around(operand: bigint | number): readonly Value[] {
  if (typeof operand === "number") return [operand, operand + 1, operand - 1, operand + 0.5]
  return [operand, operand + 1n, operand - 1n, operand + 2n, operand - 2n, operand + 7n, operand - 7n].filter(isI64)
}

/** Texts and vectors of about that length, of the kind the base has. */
function lengthsAt(operand: bigint, base: readonly Value[]): readonly Value[] {
  if (operand > BigInt(lengthMax)) return []
  const lengths = [Number(operand), Number(operand) + 1, Number(operand) - 1].filter(length => length >= 0)
  const items = base.flatMap(value => (Array.isArray(value) ? (value as readonly Value[]) : []))
  const texts = base.some(value => typeof value === "string") ? lengths.map(length => "abcdefghij".repeat(7).slice(0, length)) : []
  const vectors = items.length === 0 ? [] : lengths.map(length => Array.from({ length }, (_, at) => items[at % items.length] as Value))
  return [...texts, ...vectors]
}

/** Known arguments, one place changed at a time: in order, then again and again, each time otherwise. */
function* changed(known: readonly (readonly Value[])[], random: Random): Generator<readonly Value[], undefined> {
  const usable = known.filter(args => args.length > 0)
  for (let round = 0; usable.length > 0 && round < 64; round++)
    for (const args of usable) {
      const at = random.below(args.length)
      yield args.map((value, place) => (place === at ? variant(value, random, 0) : value))
    }
  return undefined
}

/** A value of the same shape, slightly off. */
function variant(value: Value, random: Random, depth: number): Value {
  if (typeof value === "bigint") return random.pick([-value, value + 1n, value - 1n, value * 2n, value / 2n, 0n].filter(isI64))
  if (typeof value === "number") return random.pick([-value, value + 1, value / 2, value * 3, Math.floor(value)])
  if (typeof value === "boolean") return !value
  if (typeof value === "string")
    return changedItems([...value], letter => random.pick([letter.toUpperCase(), letter.toLowerCase(), "a", " ", "1"]), random).join("")
  if (Array.isArray(value))
    return depth >= depthMax ? value : changedItems(value as readonly Value[], item => variant(item, random, depth + 1), random)
  if (isMap(value) && value.entries.length > 0) {
    const at = random.below(value.entries.length)
    const entries = value.entries.map(([key, item], place) => [key, place === at ? variant(item, random, depth + 1) : item] as const)
    return mapOf(random.below(3) === 0 ? entries.filter((_, place) => place !== at) : entries)
  }
  return value
}

/** One dropped, doubled, changed or moved, all turned round, or only a beginning kept. */
function changedItems<T>(items: readonly T[], change: (item: T) => T, random: Random): T[] {
  if (items.length === 0) return []
  const at = random.below(items.length)
  switch (random.below(6)) {
    case 0:
      return items.filter((_, place) => place !== at)
    case 1:
      return items.flatMap((item, place) => (place === at ? [item, item] : [item]))
    case 2:
      return [...items].reverse()
    case 3:
      return items.slice(0, at)
    case 4:
      return [...items.slice(at), ...items.slice(0, at)]
    default:
      return items.map((item, place) => (place === at ? change(item) : item))
  }
}

function isMap(value: Value): value is Extract<Value, { kind: "map" }> {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "map"
}

function isMapKey(value: Value): value is MapKey {
  return typeof value === "string" || typeof value === "bigint" || isKeyword(value)
}

function isKeyword(value: Value): value is Keyword {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "keyword"
}

function isI64(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value
}

function interleaved<T>(sources: readonly (readonly T[])[]): T[] {
  const most = Math.max(0, ...sources.map(source => source.length))
  return Array.from({ length: most }, (_, at) => at).flatMap(at => sources.flatMap(source => (at < source.length ? [source[at] as T] : [])))
}

interface Random {
  below(bound: number): number
  pick<T>(of: readonly T[]): T
  several(of: readonly Value[], count: number): Value[]
}

/** A generator of 32-bit numbers by multiplication and shifts (as "mulberry32"): the quality of chance matters little here, its repetition does. */
function randomOf(seed: number): Random {
  let state = seed >>> 0
  const below = (bound: number): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound
  }
  const pick = <T>(of: readonly T[]): T => of[below(of.length)] as T
  return { below, pick, several: (of, count) => Array.from({ length: count }, () => pick(of)) }
}
