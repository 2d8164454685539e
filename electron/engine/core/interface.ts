/** The Interface: normal form of types, canonical text, its hash, and the one notation in which people type and read it (language page, section 15). */
import type { InterfaceHash } from "../../../shared/digest.ts"
import type { Interface } from "../../../shared/module.ts"
import { sizeLimits } from "../../../shared/module.ts"
import type { Value } from "../../../shared/value.ts"
import { Diagnostics } from "./compiler/diagnostic.ts"
import type { Form } from "./compiler/read.ts"
import { isSymbol, readSource } from "./compiler/read.ts"
import { SourceText } from "./compiler/source.ts"
import type { MapEntry, Type, Variables } from "./compiler/type-form.ts"
import { anyType, primitiveNames, TypeFault, typeOfForm } from "./compiler/type-form.ts"
import { digestOf } from "./digest.ts"
import { compareValues } from "./order.ts"
import { printString, printValue } from "./print.ts"
import type { PrimitiveName, Refinement, TypeTest } from "./types.ts"
import { compareUtf8, utf8Encode } from "./utf8.ts"

/** Type of an entry: a missing annotation is `:any`; `rest` is the type of one further argument. */
export interface FunctionType {
  readonly params: readonly Type[]
  readonly rest: Type | null
  readonly result: Type
}

/** The Interface of an entry of this type in a module of these capabilities (any order, repetitions allowed). */
export function interfaceOf(type: FunctionType, capabilities: Iterable<string>): Interface {
  const sorted = [...new Set(capabilities)].sort(compareUtf8)
  const text = `(interface 1 ${typeText(normalise({ kind: "fn", ...type }))} [${sorted.map(printString).join(" ")}])`
  return { hash: interfaceHash(text), text, capabilities: sorted }
}

/** `sha256:` and the SHA-256 of the canonical text. */
export function interfaceHash(canonicalText: string): InterfaceHash {
  return digestOf(utf8Encode(canonicalText)) as InterfaceHash
}

/** N(T): the normal form. Idempotent; two types are the same exactly when the texts of their normal forms are equal. */
export function normalise(type: Type): Type {
  switch (type.kind) {
    case "name":
    case "resource":
    case "variable":
      return type
    case "vector":
      return { kind: "vector", of: normalise(type.of) }
    case "tuple":
      return { kind: "tuple", items: type.items.map(normalise) }
    case "map":
      return normaliseMap(type.entries, type.others)
    case "map-of":
      return { kind: "map-of", key: normalise(type.key), value: normalise(type.value) }
    case "fn":
      return {
        kind: "fn",
        params: type.params.map(normalise),
        rest: type.rest === null ? null : normalise(type.rest),
        result: normalise(type.result)
      }
    case "union":
      return normaliseUnion(type.of)
    case "and":
      return normaliseConjunction(type)
    case "enum":
      return normaliseEnum(type.values)
    case "array":
      return { kind: "array", of: normalise(type.of), dimensions: type.dimensions }
  }
}

function name(text: string): Type {
  return { kind: "name", name: text }
}

function isName(type: Type, text: string): boolean {
  return type.kind === "name" && type.name === text
}

function normaliseMap(entries: readonly MapEntry[], others: readonly Type[]): Type {
  const byKey = new Map(entries.map(entry => [entry.key, { ...entry, type: normalise(entry.type) }]))
  return {
    kind: "map",
    entries: [...byKey.values()].sort((left, right) => compareUtf8(left.key, right.key)),
    others: others.length === 0 ? [] : [normaliseUnion(others)]
  }
}

function normaliseUnion(of: readonly Type[]): Type {
  const members = of.map(normalise).flatMap(member => (member.kind === "union" ? member.of : [member]))
  if (members.some(member => isName(member, "any"))) return anyType
  const kept = sortedByText(members.filter(member => !isName(member, "never")))
  return kept.length === 0 ? name("never") : kept.length === 1 ? kept[0]! : { kind: "union", of: kept }
}

function normaliseConjunction(type: Extract<Type, { kind: "and" }>): Type {
  const of: Type[] = []
  const refinements: Refinement[] = []
  const flatten = (part: Type) => {
    if (part.kind === "and") {
      part.of.forEach(flatten)
      refinements.push(...part.refinements)
    } else {
      // A part may itself become a conjunction, such as a union of one.
      const normal = normalise(part)
      if (normal.kind === "and") flatten(normal)
      else of.push(normal)
    }
  }
  flatten(type)
  const kept = sortedByText(of.filter(part => !isName(part, "any")))
  const types = kept.length === 0 ? [anyType] : kept
  const unique = new Map(refinements.map(refinement => [refinementText(refinement), refinement]))
  const sorted = [...unique].sort(([left], [right]) => compareUtf8(left, right)).map(([, refinement]) => refinement)
  return sorted.length === 0 && types.length === 1 ? types[0]! : { kind: "and", of: types, refinements: sorted }
}

function normaliseEnum(values: readonly Value[]): Type {
  const unique = new Map(values.map(value => [printValue(value), value]))
  const sorted = [...unique].sort(([leftText, left], [rightText, right]) => compareValues(left, right) || compareUtf8(leftText, rightText))
  if (sorted.length === 1 && sorted[0]![1] === null) return name("nil")
  return { kind: "enum", values: sorted.map(([, value]) => value) }
}

function sortedByText(types: readonly Type[]): Type[] {
  const byText = new Map(types.map(type => [typeText(type), type]))
  return [...byText].sort(([left], [right]) => compareUtf8(left, right)).map(([, type]) => type)
}

/** The canonical text of a type in normal form. */
export function typeText(type: Type): string {
  switch (type.kind) {
    case "name":
      return `:${type.name}`
    case "variable":
      return `?${type.name}`
    case "resource":
      return `[:resource ${type.name}]`
    case "vector":
      return `[:vector ${typeText(type.of)}]`
    case "tuple":
      return `[:tuple ${type.items.map(typeText).join(" ")}]`
    case "map":
      return bracketed([":map", ...type.entries.map(entryText), ...type.others.map(other => `[:* ${typeText(other)}]`)])
    case "map-of":
      return `[:map-of ${typeText(type.key)} ${typeText(type.value)}]`
    case "fn": {
      const rest = type.rest === null ? [] : ["&", typeText(type.rest)]
      return `[:fn ${bracketed([...type.params.map(typeText), ...rest])} ${typeText(type.result)}]`
    }
    case "union":
      return bracketed([":union", ...type.of.map(typeText)])
    case "and":
      return bracketed([":and", ...type.of.map(typeText), ...type.refinements.map(refinementText)])
    case "enum":
      return type.values.length === 1 ? `[:val ${printValue(type.values[0]!)}]` : bracketed([":enum", ...type.values.map(printValue)])
    case "array":
      return type.dimensions === null ? `[:array ${typeText(type.of)}]` : `[:array ${typeText(type.of)} [${type.dimensions.join(" ")}]]`
  }
}

function bracketed(parts: readonly string[]): string {
  return `[${parts.join(" ")}]`
}

function entryText(entry: MapEntry): string {
  return `[:${entry.key} ${typeText(entry.type)}${entry.optional ? " ?" : ""}]`
}

function refinementText(refinement: Refinement): string {
  const { op } = refinement
  switch (op) {
    case "in-range":
      return `[:in-range ${printValue(refinement.low)} ${printValue(refinement.high)}]`
    case "matches-regex":
      return `[:matches-regex ${printString(refinement.pattern)}]`
    case "non-empty":
      return "[:non-empty]"
    case "has-key":
      return `[:has-key :${refinement.key}]`
    case "required-keys":
      return `[:required-keys [${[...new Set(refinement.keys)]
        .map(key => `:${key}`)
        .sort(compareUtf8)
        .join(" ")}]]`
    default:
      return `[:${op} ${printValue(refinement.operand)}]`
  }
}

/** What values are tested by. Aliases and resources match nothing. */
export function testOf(type: Type): TypeTest {
  switch (type.kind) {
    case "name":
      return { kind: primitiveNames.has(type.name) ? (type.name as PrimitiveName) : "never" }
    case "variable":
    case "resource":
      return { kind: "never" }
    case "vector":
      return { kind: "vector", of: testOf(type.of) }
    case "tuple":
      return { kind: "tuple", items: type.items.map(testOf) }
    case "map":
      return {
        kind: "map",
        entries: type.entries.map(entry => ({ key: entry.key, type: testOf(entry.type), optional: entry.optional, keywordOnly: false }))
      }
    case "map-of":
      return { kind: "map-of", key: testOf(type.key), value: testOf(type.value) }
    case "fn":
      return { kind: "fn" }
    case "union":
      return { kind: "union", of: type.of.map(testOf) }
    case "and":
      return { kind: "and", of: type.of.map(testOf), refinements: type.refinements }
    case "enum":
      return { kind: "literal", values: type.values }
    case "array": {
      const first = type.dimensions?.[0]
      return { kind: "array", of: testOf(type.of), length: typeof first === "bigint" ? Number(first) : null }
    }
  }
}

/** What an annotation means: the canonical text of the type and its test. */
export function interfaceType(type: Type): { readonly text: string; readonly test: TypeTest } {
  const normal = normalise(type)
  return { text: typeText(normal), test: testOf(normal) }
}

/** A TYPE that was read: `capabilities` is null where none were written, which Find takes as unconstrained and everything else as none. */
export interface TypeRequest {
  readonly type: FunctionType
  readonly capabilities: readonly string[] | null
  /** Names of the variables in it, each once; empty unless Find asked. */
  readonly variables: readonly string[]
}

/** Offset (UTF-16 code units) and cause of a malformed TYPE. */
export interface TypeMistake {
  readonly offset: number
  readonly message: string
}

export type ParsedType = ({ readonly kind: "type" } & TypeRequest) | ({ readonly kind: "malformed" } & TypeMistake)

/** Reads a TYPE: canonical text, `[:fn [T …] R] ! [caps]` or `(T, …) -> R ! [caps]`. `variables` allows `?name` (Find only). */
export function parseType(text: string, variables = false): ParsedType {
  if (text.length > sizeLimits.typeBytesMax)
    return { kind: "malformed", offset: sizeLimits.typeBytesMax, message: `expected at most ${sizeLimits.typeBytesMax} bytes` }
  const spaced = separated(text)
  const source = new SourceText(spaced.text)
  const diagnostics = new Diagnostics(source)
  const { forms } = readSource(source.text, diagnostics)
  const [unreadable] = diagnostics.sorted().filter(diagnostic => diagnostic.severity === "error")
  if (unreadable !== undefined) return { kind: "malformed", offset: spaced.original(unreadable.span.start), message: unreadable.message }
  try {
    const request = typeRequest(forms, spaced, variables ? "allowed" : "refused")
    return { kind: "type", ...request }
  } catch (fault) {
    if (!(fault instanceof TypeFault)) throw fault
    return { kind: "malformed", offset: spaced.original(fault.start), message: fault.message }
  }
}

/** The Interface of a TYPE without variables. */
export function parseInterface(
  text: string
): { readonly kind: "interface"; readonly interface: Interface } | ({ readonly kind: "malformed" } & TypeMistake) {
  const parsed = parseType(text)
  return parsed.kind === "malformed" ? parsed : { kind: "interface", interface: interfaceOf(parsed.type, parsed.capabilities ?? []) }
}

/** The arrow form of a canonical text: `(:int, & :string) -> :int ! ["kv.get"]`. A text that is no TYPE comes back as it is. */
export function showInterface(canonicalText: string): string {
  const parsed = parseType(canonicalText)
  return parsed.kind === "malformed" ? canonicalText : showType(parsed.type, parsed.capabilities ?? [])
}

export function showType(type: FunctionType, capabilities: readonly string[]): string {
  const { params, rest, result } = normalise({ kind: "fn", ...type }) as Extract<Type, { kind: "fn" }>
  const shown = [...params.map(typeText), ...(rest === null ? [] : [`& ${typeText(rest)}`])].join(", ")
  const effects = [...new Set(capabilities)].sort(compareUtf8)
  return `(${shown}) -> ${typeText(result)}${effects.length === 0 ? "" : ` ! [${effects.map(printString).join(" ")}]`}`
}

/** The notation in the tokens of RTFS. */
interface Spaced {
  readonly text: string
  /** Where a place in `text` stands in what was typed. */
  original(offset: number): number
  /** Commas between two places. */
  commas(from: number, to: number): number
}

/** Comma, arrow and mark belong to this notation, not to RTFS: outside strings a comma becomes a space, and `->` and `!` outside brackets get spaces. */
function separated(typed: string): Spaced {
  const commas: number[] = []
  const inserted: number[] = []
  let depth = 0
  let added = 0
  const text = typed.replace(/"(?:[^"\\]|\\.)*"?|->|[,!()[\]{}]/gs, (part, offset: number) => {
    if ("([{".includes(part)) depth += 1
    else if (")]}".includes(part)) depth -= 1
    else if (part === ",") {
      commas.push(offset + added)
      return " "
    } else if (depth === 0 && (part === "->" || part === "!")) {
      inserted.push(offset + added, offset + added + 1 + part.length)
      added += 2
      return ` ${part} `
    }
    return part
  })
  return {
    text,
    original: offset => Math.min(offset - inserted.filter(at => at < offset).length, typed.length),
    commas: (from, to) => commas.filter(at => at >= from && at < to).length
  }
}

function typeRequest(forms: readonly Form[], spaced: Spaced, variables: Variables): TypeRequest {
  const [head, ...rest] = forms
  if (head === undefined) throw new TypeFault("expected a type such as (int, int) -> int", { start: 0, end: 0 })
  const found = head.kind === "list" && isSymbol(head.items[0], "interface") ? canonicalRequest(head, rest) : null
  if (found !== null) return found
  const { params, tail } = isArrow(forms) ? { params: head, tail: rest } : { params: null, tail: rest }
  const type = params === null ? functionForm(head, variables) : arrowForm(params, tail, spaced, variables)
  const after = params === null ? tail : tail.slice(2)
  const names = new Set<string>()
  collectVariables({ kind: "fn", ...type }, names)
  return { type, capabilities: effects(after, head), variables: [...names] }
}

function isArrow(forms: readonly Form[]): boolean {
  const [params, arrow] = forms
  return params?.kind === "list" || isSymbol(arrow, "->")
}

function canonicalRequest(head: Extract<Form, { items: readonly Form[] }>, rest: readonly Form[]): TypeRequest {
  const [, version, type, capabilities, ...more] = head.items
  if (version?.kind !== "literal" || version.value !== 1n)
    throw new TypeFault("expected version 1 of the interface format", version ?? head)
  if (type === undefined || capabilities === undefined || more.length > 0)
    throw new TypeFault("expected (interface 1 [:fn [T …] R] [capabilities])", head)
  if (rest.length > 0) throw new TypeFault("expected nothing after the interface", rest[0]!)
  return { type: functionForm(type, "refused"), capabilities: capabilityList(capabilities), variables: [] }
}

function functionForm(form: Form, variables: Variables): FunctionType {
  const type = typeOfForm(form, variables)
  if (type.kind !== "fn") throw new TypeFault("expected the type of a function: [:fn [T …] R] or (T, …) -> R", form)
  return type
}

function arrowForm(params: Form, tail: readonly Form[], spaced: Spaced, variables: Variables): FunctionType {
  const [arrow, result] = tail
  // `()` reads as the empty vector.
  if (params.kind !== "list" && !(params.kind === "vector" && params.items.length === 0 && spaced.text[params.start] === "(")) {
    throw new TypeFault("expected the parameter types in parentheses", params)
  }
  const items = params.items
  const marker = items.findIndex(item => isSymbol(item, "&"))
  if (marker >= 0 && marker !== items.length - 2) throw new TypeFault("expected one type after & and nothing else", items[marker]!)
  if (!isSymbol(arrow, "->")) throw new TypeFault("expected ->", arrow ?? { start: params.end, end: params.end })
  if (result === undefined) throw new TypeFault("expected the result type", { start: arrow.end, end: arrow.end })
  const fixed = marker < 0 ? items : items.slice(0, marker)
  checkCommas(params, spaced)
  return {
    params: fixed.map(item => typeOfForm(item, variables)),
    rest: marker < 0 ? null : typeOfForm(items[marker + 1]!, variables),
    result: typeOfForm(result, variables)
  }
}

/** Between two parameters stands exactly one comma. */
function checkCommas(params: Extract<Form, { items: readonly Form[] }>, spaced: Spaced): void {
  const items = params.items.filter(item => !isSymbol(item, "&"))
  const gaps = [params.start + 1, ...items.map(item => item.end)]
  for (const [index, from] of gaps.entries()) {
    const next = items[index]
    const commas = spaced.commas(from, next?.start ?? params.end - 1)
    const expected = index === 0 || next === undefined ? 0 : 1
    if (commas !== expected)
      throw new TypeFault(expected === 1 ? "expected one comma between parameters" : "expected a type before this comma", {
        start: from,
        end: from
      })
  }
}

function effects(forms: readonly Form[], head: Form): readonly string[] | null {
  const [mark, list, ...more] = forms
  if (mark === undefined) return null
  if (!isSymbol(mark, "!")) throw new TypeFault('expected ! ["capability" …] or the end', mark)
  if (list === undefined) throw new TypeFault("expected the capabilities in a vector", { start: mark.end, end: mark.end })
  if (more.length > 0) throw new TypeFault("expected nothing after the capabilities", more[0] ?? head)
  return capabilityList(list)
}

function capabilityList(form: Form): string[] {
  if (form.kind !== "vector") throw new TypeFault("expected the capabilities in a vector", form)
  return form.items.map(item => {
    if (item.kind !== "literal" || typeof item.value !== "string") throw new TypeFault("expected a capability as a string", item)
    return item.value
  })
}

function collectVariables(type: Type, names: Set<string>): void {
  if (type.kind === "variable") names.add(type.name)
  for (const part of partsOf(type)) collectVariables(part, names)
}

function partsOf(type: Type): readonly Type[] {
  switch (type.kind) {
    case "vector":
    case "array":
      return [type.of]
    case "tuple":
      return type.items
    case "map":
      return [...type.entries.map(entry => entry.type), ...type.others]
    case "map-of":
      return [type.key, type.value]
    case "fn":
      return [...type.params, ...(type.rest === null ? [] : [type.rest]), type.result]
    case "union":
    case "and":
      return type.of
    default:
      return []
  }
}
