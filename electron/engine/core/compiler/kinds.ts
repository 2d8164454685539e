/** Which kinds a value can have: a set as bits, and what builtins and types make of such sets. */
import type { Value } from "../../../../shared/value.ts"
import type { TypeTest } from "../types.ts"
import { builtins } from "./builtins.ts"
import type { Rep } from "./ir.ts"
import type { Type } from "./type-form.ts"
import { anyType } from "./type-form.ts"

export type Kinds = number

export const kind = {
  int: 1,
  float: 2,
  bool: 4,
  nil: 8,
  string: 16,
  keyword: 32,
  vector: 64,
  list: 128,
  map: 256,
  fn: 512,
  error: 1024,
  /** Not a value: the marker of what is not set, cells, raw numbers of the optimiser. */
  other: 2048
} as const

export const noKind = 0
export const number = kind.int | kind.float
export const sequence = kind.vector | kind.list
/** Every kind of value. */
export const anyKind = 2047
export const anything = anyKind | kind.other

/** The representation in which values of exactly these kinds are held best. */
export function repOf(kinds: Kinds): Rep {
  return kinds === kind.int ? "i64" : kinds === kind.float ? "f64" : kinds === kind.bool ? "bool" : "boxed"
}

export function kindsOfRep(rep: Rep): Kinds {
  return rep === "i64" ? kind.int : rep === "f64" ? kind.float : rep === "bool" ? kind.bool : anything
}

export function kindOfValue(value: Value): Kinds {
  if (value === null) return kind.nil
  switch (typeof value) {
    case "boolean":
      return kind.bool
    case "bigint":
      return kind.int
    case "number":
      return kind.float
    case "string":
      return kind.string
    default:
  }
  if (!("kind" in value)) return kind.vector
  return objectKinds[value.kind]
}

const objectKinds = { keyword: kind.keyword, list: kind.list, map: kind.map, error: kind.error, function: kind.fn } as const

/** Kinds of which some value can pass the test. */
export function kindsOfType(test: TypeTest): Kinds {
  switch (test.kind) {
    case "any":
      return anyKind
    case "never":
    case "symbol":
      return noKind
    case "int":
    case "string":
    case "bool":
    case "nil":
    case "keyword":
    case "fn":
      return kind[test.kind]
    case "float":
      return number
    case "vector":
    case "tuple":
    case "array":
      return kind.vector
    case "map":
    case "map-of":
      return kind.map
    case "union":
      return test.of.reduce((all, member) => all | kindsOfType(member), noKind)
    case "and":
      return test.of.reduce((all, member) => all & kindsOfType(member), anyKind)
    case "literal":
      return test.values.reduce<Kinds>((all, value) => all | kindOfValue(value), noKind)
  }
}

/** Whether every value of these kinds passes. */
export function surelyPasses(kinds: Kinds, test: TypeTest): boolean {
  switch (test.kind) {
    case "any":
      return true
    case "int":
    case "string":
    case "bool":
    case "nil":
    case "keyword":
    case "fn":
    case "float":
      return kinds !== noKind && (kinds & ~kindsOfType(test)) === 0
    case "union": {
      const covered = test.of.reduce((all, member) => all | (isWhole(member) ? kindsOfType(member) : noKind), noKind)
      return kinds !== noKind && (kinds & ~covered) === 0
    }
    default:
      return false
  }
}

/** Whether the test accepts every value of the kinds it speaks of. */
function isWhole(test: TypeTest): boolean {
  return ["any", "int", "float", "string", "bool", "nil", "keyword", "fn"].includes(test.kind)
}

const kindNames: readonly (readonly [Kinds, string])[] = [
  [kind.int, "integer"],
  [kind.float, "float"],
  [kind.bool, "boolean"],
  [kind.nil, "nil"],
  [kind.string, "string"],
  [kind.keyword, "keyword"],
  [kind.vector, "vector"],
  [kind.list, "list"],
  [kind.map, "map"],
  [kind.fn, "function"],
  [kind.error, "error"]
]

/** `integer`, `integer or float`, `anything`. */
export function showKinds(kinds: Kinds): string {
  if ((kinds & anyKind) === anyKind) return "anything"
  return kindNames
    .filter(([bit]) => kinds & bit)
    .map(([, name]) => name)
    .join(" or ")
}

const kindTypes: readonly (readonly [Kinds, Type])[] = [
  [kind.bool, { kind: "name", name: "bool" }],
  [kind.nil, { kind: "name", name: "nil" }],
  [kind.string, { kind: "name", name: "string" }],
  [kind.keyword, { kind: "name", name: "keyword" }],
  [kind.fn, { kind: "name", name: "fn" }],
  [kind.vector, { kind: "vector", of: anyType }],
  [kind.map, { kind: "map-of", key: anyType, value: anyType }]
]

/** The narrowest type that holds every value of these kinds. An integer is a `:float`, too. */
export function typeOfKinds(kinds: Kinds): Type {
  if (kinds & (kind.list | kind.error | kind.other) || kinds === noKind) return anyType
  const numbers: Type[] = kinds & kind.float ? [{ kind: "name", name: "float" }] : kinds & kind.int ? [{ kind: "name", name: "int" }] : []
  return { kind: "union", of: [...numbers, ...kindTypes.filter(([bit]) => kinds & bit).map(([, type]) => type)] }
}

type Result = Kinds | ((args: readonly Kinds[]) => Kinds)

const any: Result = anyKind

/** Arithmetic: an integer if all can be, a float if one can be; nothing if an operand cannot be a number. */
function arithmetic(args: readonly Kinds[]): Kinds {
  if (!args.every(arg => arg & number)) return noKind
  return (args.every(arg => arg & kind.int) ? kind.int : noKind) | (args.some(arg => arg & kind.float) ? kind.float : noKind)
}

/** The result if every operand can be of a kind that is accepted; nothing, that is a certain error, otherwise. */
function needing(accepted: readonly Kinds[], result: Kinds): Result {
  return args => (args.every((arg, index) => arg & (accepted[Math.min(index, accepted.length - 1)] as Kinds)) ? result : noKind)
}

function sameKind(accepted: Kinds, position = 0): Result {
  return args => (args[position] as Kinds) & accepted
}

function comparison(args: readonly Kinds[]): Kinds {
  const [a = 0, b = 0] = args
  return a & b & kind.string || (a & number && b & number) ? kind.bool : noKind
}

const { int, float, bool, nil, string, keyword, vector, list, map, error } = kind
const countable = string | vector | list | map
const key = int | string | keyword

const results: Readonly<Record<string, Result>> = {
  "+": arithmetic,
  "-": arithmetic,
  "*": arithmetic,
  "/": needing([number], number),
  mod: arithmetic,
  pow: needing([number], number),
  inc: arithmetic,
  dec: arithmetic,
  abs: arithmetic,
  max: args => (args.length === 1 ? (args[0] as Kinds) : args.reduce((all, arg) => all | (arg & number), noKind)),
  min: args => (args.length === 1 ? (args[0] as Kinds) : args.reduce((all, arg) => all | (arg & number), noKind)),
  sqrt: needing([number], float),
  factorial: needing([int], int),
  "even?": needing([number], bool),
  "odd?": needing([number], bool),
  int,
  float,
  "parse-int": int | nil,
  "parse-float": float | nil,
  "=": bool,
  "!=": bool,
  "not=": bool,
  "<": comparison,
  ">": comparison,
  "<=": comparison,
  ">=": comparison,
  and: args => (args.length === 0 ? bool : args.reduce((all, arg) => all | arg, noKind)),
  or: args => (args.length === 0 ? bool : args.reduce((all, arg) => all | arg, noKind)),
  not: bool,
  str: string,
  "string-length": needing([string], int),
  "string-upper": needing([string], string),
  "string-lower": needing([string], string),
  "string-trim": needing([string], string),
  "string-contains": needing([string], bool),
  "starts-with?": needing([string | nil, string], bool),
  substring: needing([string, int], string),
  split: needing([string | nil, string], vector),
  join: needing([string, sequence], string),
  "re-matches": needing([string, string | nil], bool),
  "re-find": needing([string, string | nil], string | nil),
  "re-seq": needing([string, string | nil], vector),
  vector,
  count: needing([countable], int),
  length: needing([countable], int),
  "empty?": bool,
  first: needing([string | sequence], anyKind),
  rest: sameKind(string | sequence),
  last: needing([string | sequence], anyKind),
  nth: needing([string | sequence, int, anyKind], anyKind),
  get: needing([map | vector, key, anyKind], anyKind),
  conj: sameKind(sequence),
  cons: needing([anyKind, vector], vector),
  concat: vector,
  reverse: sameKind(string | sequence),
  take: args => ((args[0] as Kinds) & int ? (args[1] as Kinds) & (string | sequence) : noKind),
  drop: args => ((args[0] as Kinds) & int ? (args[1] as Kinds) & (string | sequence) : noKind),
  subvec: needing([vector, int], vector),
  distinct: sameKind(vector | string),
  partition: needing([int, sequence], vector),
  sort: sameKind(vector | string),
  range: needing([int], vector),
  numbers: needing([number], vector),
  "contains?": needing([countable, anyKind], bool),
  "hash-map": map,
  assoc: sameKind(map | vector),
  dissoc: needing([map, anyKind], map),
  merge: needing([map], map),
  update: sameKind(map | vector),
  "get-in": needing([anyKind, vector, anyKind], anyKind),
  keys: needing([map], vector),
  vals: needing([map], vector),
  find: needing([map, anyKind], vector | nil),
  map: needing([anyKind, string | sequence], vector),
  "map-indexed": args => ((args[1] as Kinds) & (string | vector) ? vector : noKind) | ((args[1] as Kinds) & list),
  filter: needing([anyKind, sequence], vector),
  remove: args => ((args[1] as Kinds) & sequence ? vector : noKind) | ((args[1] as Kinds) & string),
  reduce: any,
  apply: any,
  "group-by": needing([anyKind, sequence | nil], map),
  "every?": needing([anyKind, string | sequence], bool),
  "some?": needing([anyKind, string | sequence], bool),
  "type-name": string,
  "Exception.": error,
  getMessage: needing([error], string),
  "parse-json": needing([string], anyKind & ~(list | keyword | kind.fn | error)),
  "serialize-json": string,
  "serialize-json-pretty": string,
  "process-data": args => args[0] as Kinds,
  deftype: nil,
  "read-file": noKind
}

const byIndex: readonly Result[] = builtins.map(
  ({ name, implementation }) => results[implementation] ?? (name.endsWith("?") || name === "string-p" ? bool : any)
)

const demands: Readonly<Record<string, readonly Kinds[]>> = Object.fromEntries(
  [
    ["+ - * / mod pow inc dec abs sqrt even? odd? numbers", [number]],
    ["factorial range", [int]],
    ["string-length string-upper string-lower string-trim string-contains parse-json", [string]],
    ["substring", [string, int]],
    ["keys vals merge", [map]],
    ["dissoc find", [map, anyKind]],
    ["subvec", [vector, int]],
    ["getMessage", [error]]
  ].flatMap(([names, kinds]) => (names as string).split(" ").map(name => [name, kinds as readonly Kinds[]] as const))
)

/** Kinds of operand `position` without which a builtin surely fails. */
export function builtinDemand(builtin: number, position: number): Kinds {
  const demand = demands[builtins[builtin]?.implementation ?? ""]
  return demand?.[Math.min(position, demand.length - 1)] ?? anyKind
}

/** Kinds a builtin can return for operands of these kinds; none: it fails whatever they are. Builtins of the optimiser answer anything. */
export function builtinResult(builtin: number, args: readonly Kinds[]): Kinds {
  const result = byIndex[builtin]
  if (result === undefined) return anything
  return typeof result === "number" ? result : result(args)
}
