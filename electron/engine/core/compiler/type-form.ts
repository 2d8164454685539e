/** Types as written (language page, section 7): from forms to data, with the place and cause of every mistake. */
import type { Keyword, Value } from "../../../../shared/value.ts"
import type { Refinement } from "../types.ts"
import type { Form, SequenceForm } from "./read.ts"
import { isKeyword, isSymbol } from "./read.ts"

/** A type as written, but for spellings: `:record` is `map`, `:dict` is `map-of`, `:=>` is `fn`, `T?` is a union, `:val` an `enum` of one. */
export type Type =
  /** A primitive in lower case, or any other name as written (an alias that matches nothing). */
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "vector"; readonly of: Type }
  | { readonly kind: "tuple"; readonly items: readonly Type[] }
  | { readonly kind: "map"; readonly entries: readonly MapEntry[]; readonly others: readonly Type[] }
  | { readonly kind: "map-of"; readonly key: Type; readonly value: Type }
  | { readonly kind: "fn"; readonly params: readonly Type[]; readonly rest: Type | null; readonly result: Type }
  | { readonly kind: "union"; readonly of: readonly Type[] }
  | { readonly kind: "and"; readonly of: readonly Type[]; readonly refinements: readonly Refinement[] }
  | { readonly kind: "enum"; readonly values: readonly Value[] }
  | { readonly kind: "array"; readonly of: Type; readonly dimensions: readonly (bigint | "?")[] | null }
  | { readonly kind: "resource"; readonly name: string }
  /** `?name`, only where Find allows it. */
  | { readonly kind: "variable"; readonly name: string }

export interface MapEntry {
  readonly key: string
  readonly type: Type
  readonly optional: boolean
}

/** Why a form is no type, and where. */
export class TypeFault extends Error {
  readonly start: number
  readonly end: number

  constructor(message: string, form: { readonly start: number; readonly end: number }) {
    super(message)
    this.start = form.start
    this.end = form.end
  }
}

export const primitiveNames: ReadonlySet<string> = new Set([
  "int",
  "float",
  "string",
  "bool",
  "nil",
  "keyword",
  "symbol",
  "any",
  "never",
  "fn"
])

export const anyType: Type = { kind: "name", name: "any" }
const nilType: Type = { kind: "name", name: "nil" }

/** What `?a` is: in a source a name like any other; in a typed Interface a variable where Find reads it, and refused elsewhere. */
export type Variables = "names" | "allowed" | "refused"

/** The type that a form is. Throws `TypeFault`. */
export function typeOfForm(form: Form, variables: Variables = "names"): Type {
  if (form.kind === "symbol") return namedType(form.name, form, variables)
  if (isKeyword(form)) return namedType(form.value.name, form, "names")
  if (form.kind === "vector") return compoundType(form, variables)
  // `nil`, `true` … read as literals; only the first is the name of a type.
  if (form.kind === "literal" && form.value === null) return nilType
  throw new TypeFault("expected a type: a name, a keyword or [:constructor …]", form)
}

function namedType(name: string, form: Form, variables: Variables): Type {
  if (name === "&" || name === "_") throw new TypeFault("expected a type", form)
  if (variables !== "names" && name.startsWith("?") && name.length > 1) {
    if (variables === "refused") throw new TypeFault("a variable may stand only in what Find looks for", form)
    return { kind: "variable", name: name.slice(1) }
  }
  if (name.length > 1 && name.endsWith("?")) return { kind: "union", of: [spelled(name.slice(0, -1)), nilType] }
  return { ...spelled(name) }
}

/** `int` and `Int` are the primitive; other spellings are other names. */
function spelled(name: string): Type {
  const lower = name[0]!.toLowerCase() + name.slice(1)
  return { kind: "name", name: primitiveNames.has(lower) ? lower : name }
}

function compoundType(form: SequenceForm, variables: Variables): Type {
  const [head, ...rest] = form.items
  if (!isKeyword(head)) throw new TypeFault("a compound type begins with a keyword, such as [:vector int]", form)
  const type = (item: Form) => typeOfForm(item, variables)
  const exactly = (count: number, shape: string) => {
    if (rest.length !== count) throw new TypeFault(`expected ${shape}`, form)
  }
  const some = (shape: string) => {
    if (rest.length === 0) throw new TypeFault(`expected ${shape}`, form)
  }
  const name = head.value.name
  switch (name) {
    case "vector":
      exactly(1, "[:vector T]")
      return { kind: "vector", of: type(rest[0]!) }
    case "tuple":
      some("[:tuple T …]")
      return { kind: "tuple", items: rest.map(type) }
    case "map":
    case "record":
      return mapType(rest, variables)
    case "map-of":
    case "dict":
      exactly(2, `[:${name} K V]`)
      return { kind: "map-of", key: type(rest[0]!), value: type(rest[1]!) }
    case "fn":
    case "=>":
      exactly(2, `[:${name} [T …] R]`)
      return functionType(rest[0]!, rest[1]!, variables)
    case "union":
      some("[:union T …]")
      return { kind: "union", of: rest.map(type) }
    case "and":
      if (rest.length < 2) throw new TypeFault("expected [:and T refinement …]", form)
      return conjunction(rest, variables)
    case "enum":
      some("[:enum literal …]")
      return { kind: "enum", values: rest.map(literal) }
    case "val":
      exactly(1, "[:val literal]")
      return { kind: "enum", values: [literal(rest[0]!)] }
    case "array":
      if (rest.length !== 1 && rest.length !== 2) throw new TypeFault("expected [:array T] or [:array T [dimension …]]", form)
      return { kind: "array", of: type(rest[0]!), dimensions: rest[1] === undefined ? null : dimensions(rest[1]) }
    case "resource": {
      exactly(1, "[:resource name]")
      const [resource] = rest
      if (!isSymbol(resource)) throw new TypeFault("expected [:resource name]", form)
      return { kind: "resource", name: resource.name }
    }
    default:
      throw new TypeFault(`there is no type constructor :${name}`, head)
  }
}

function mapType(items: readonly Form[], variables: Variables): Type {
  const entries: MapEntry[] = []
  const others: Type[] = []
  for (const item of items) {
    if (item.kind !== "vector" && item.kind !== "map") throw new TypeFault("expected an entry: [:key T], [:key T ?] or {:key T}", item)
    const parts = item.items
    if (item.kind === "vector" && isKeyword(parts[0], "*") && parts.length === 2) {
      others.push(typeOfForm(parts[1]!, variables))
      continue
    }
    let at = 0
    do {
      const key = parts[at]
      const type = parts[at + 1]
      if (!isKeyword(key) || type === undefined) throw new TypeFault("expected an entry: [:key T], [:key T ?] or {:key T}", item)
      const optional = isSymbol(parts[at + 2], "?")
      entries.push({ key: key.value.name, type: typeOfForm(type, variables), optional })
      at += optional ? 3 : 2
    } while (item.kind === "map" && at < parts.length)
    if (at !== parts.length) throw new TypeFault("expected an entry: [:key T] or [:key T ?]", item)
  }
  return { kind: "map", entries, others }
}

function functionType(params: Form, result: Form, variables: Variables): Type {
  if (params.kind !== "vector") throw new TypeFault("expected the parameter types in a vector", params)
  const items = params.items
  const marker = items.findIndex(item => isSymbol(item, "&"))
  if (marker >= 0 && marker !== items.length - 2) throw new TypeFault("expected one type after & and nothing else", params)
  const fixed = marker < 0 ? items : items.slice(0, marker)
  return {
    kind: "fn",
    params: fixed.map(item => typeOfForm(item, variables)),
    rest: marker < 0 ? null : typeOfForm(items[marker + 1]!, variables),
    result: typeOfForm(result, variables)
  }
}

function dimensions(form: Form): (bigint | "?")[] {
  if (form.kind !== "vector") throw new TypeFault("expected the dimensions in a vector", form)
  return form.items.map(item => {
    if (isSymbol(item, "?")) return "?"
    if (item.kind === "literal" && typeof item.value === "bigint" && item.value >= 0n) return item.value
    throw new TypeFault("expected a dimension: an integer of 0 or more, or ?", item)
  })
}

function literal(form: Form): Value {
  if (form.kind === "literal") return form.value
  throw new TypeFault("expected a literal: a number, string, keyword, boolean or nil", form)
}

const refinementNames: ReadonlySet<string> = new Set([
  ">",
  "<",
  ">=",
  "<=",
  "=",
  "!=",
  "in-range",
  "min-length",
  "max-length",
  "length",
  "matches-regex",
  "min-count",
  "max-count",
  "count",
  "non-empty",
  "has-key",
  "required-keys"
])

const typeConstructors: ReadonlySet<string> = new Set(
  "vector tuple map record map-of dict fn => union and enum val array resource".split(" ")
)

function conjunction(parts: readonly Form[], variables: Variables): Type {
  const of: Type[] = []
  const refinements: Refinement[] = []
  for (const [index, part] of parts.entries()) {
    const head = part.kind === "vector" ? part.items[0] : undefined
    if (isKeyword(head) && refinementNames.has(head.value.name) && index > 0) refinements.push(refinement(part as SequenceForm, head.value))
    else if (isKeyword(head) && !typeConstructors.has(head.value.name))
      throw new TypeFault(`there is no refinement or type constructor :${head.value.name}`, head)
    else of.push(typeOfForm(part, variables))
  }
  return { kind: "and", of, refinements }
}

function refinement(form: SequenceForm, head: Keyword): Refinement {
  const args = form.items.slice(1)
  const wrong = (shape: string) => new TypeFault(`expected ${shape}`, form)
  const value = (index: number) => {
    const item = args[index]
    return item?.kind === "literal" ? item.value : undefined
  }
  const op = head.name
  switch (op) {
    case ">":
    case "<":
    case ">=":
    case "<=":
    case "=":
    case "!=": {
      const operand = value(0)
      if (args.length !== 1 || !isNumber(operand)) throw wrong(`[:${op} number]`)
      return { op, operand }
    }
    case "in-range": {
      const low = value(0)
      const high = value(1)
      if (args.length !== 2 || !isNumber(low) || !isNumber(high)) throw wrong("[:in-range low high]")
      return { op, low, high }
    }
    case "min-length":
    case "max-length":
    case "length":
    case "min-count":
    case "max-count":
    case "count": {
      const operand = value(0)
      if (args.length !== 1 || typeof operand !== "bigint" || operand < 0n) throw wrong(`[:${op} n] with an integer of 0 or more`)
      return { op, operand }
    }
    case "matches-regex": {
      const pattern = value(0)
      if (args.length !== 1 || typeof pattern !== "string") throw wrong('[:matches-regex "pattern"]')
      return { op, pattern }
    }
    case "non-empty":
      if (args.length !== 0) throw wrong("[:non-empty]")
      return { op }
    case "has-key": {
      const [key] = args
      if (args.length !== 1 || !isKeyword(key)) throw wrong("[:has-key :key]")
      return { op, key: key.value.name }
    }
    default: {
      const [keys] = args
      if (args.length !== 1 || keys?.kind !== "vector") throw wrong("[:required-keys [:key …]]")
      return {
        op: "required-keys",
        keys: keys.items.map(item => {
          if (!isKeyword(item)) throw wrong("[:required-keys [:key …]]")
          return item.value.name
        })
      }
    }
  }
}

function isNumber(value: unknown): value is bigint | number {
  return typeof value === "bigint" || typeof value === "number"
}
