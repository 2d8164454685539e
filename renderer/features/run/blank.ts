/** The emptiest literal of a type, to begin with, and whether a literal stands in a type's form at all. */
import type { InterfaceTree, TypeTree } from "../../../shared/type-text.ts"
import type { Literal } from "./literal.ts"
import { isInteger, isKeyword, printLiteral, readLiteral } from "./literal.ts"

const nil: Literal = { kind: "atom", text: "nil" }
const hole: Literal = { kind: "hole", text: "" }

/** What a field shows before anything was given. */
export function blankOf(type: TypeTree): Literal {
  switch (type.kind) {
    case "primitive":
      if (type.name === "string") return { kind: "string", value: "" }
      if (type.name === "bool") return { kind: "atom", text: "false" }
      return type.name === "nil" || type.name === "any" ? nil : hole
    case "vector":
      return { kind: "vector", items: [] }
    case "array":
      return { kind: "vector", items: Array.from({ length: Math.min(type.length ?? 0, 64) }, () => blankOf(type.item)) }
    case "tuple":
      return { kind: "vector", items: type.items.map(blankOf) }
    case "map":
      return {
        kind: "map",
        entries: type.entries
          .filter(entry => !entry.optional)
          .map(entry => [{ kind: "atom", text: entry.key }, blankOf(entry.type)] as const)
      }
    case "map-of":
      return { kind: "map", entries: [] }
    case "union":
      return type.members.some(member => member.kind === "primitive" && member.name === "nil")
        ? nil
        : type.members[0] === undefined
          ? hole
          : blankOf(type.members[0])
    case "and":
      return blankOf(type.base)
    case "enum":
      return type.values[0] === undefined ? hole : readOr(type.values[0])
    case "function":
    case "variable":
    case "other":
      return hole
  }
}

function readOr(text: string): Literal {
  try {
    return readLiteral(text)
  } catch {
    return { kind: "hole", text }
  }
}

/** The positional arguments of an Interface, all blank. */
export function blankArguments(tree: InterfaceTree): Literal[] {
  return tree.parameters.map(blankOf)
}

/** Whether the form of `type` can show this literal; a hole can stand anywhere. Not a type check: the engine checks. */
export function fits(type: TypeTree, literal: Literal): boolean {
  if (literal.kind === "hole") return true
  switch (type.kind) {
    case "primitive":
      return fitsPrimitive(type.name, literal)
    case "vector":
    case "array":
      return literal.kind === "vector" && literal.items.every(item => fits(type.item, item))
    case "tuple":
      return (
        literal.kind === "vector" &&
        literal.items.length === type.items.length &&
        literal.items.every((item, index) => fits(type.items[index]!, item))
      )
    case "map":
      return literal.kind === "map" && type.entries.every(entry => fitsEntry(literal, entry.key, entry.type, entry.optional))
    case "map-of":
      return literal.kind === "map" && literal.entries.every(([key, value]) => fits(type.key, key) && fits(type.value, value))
    case "union":
      return type.members.some(member => fits(member, literal))
    case "and":
      return fits(type.base, literal)
    case "enum":
      return type.values.includes(printLiteral(literal))
    case "function":
      return false
    case "variable":
    case "other":
      return true
  }
}

function fitsEntry(map: Literal & { kind: "map" }, key: string, type: TypeTree, optional: boolean): boolean {
  const entry = map.entries.find(([candidate]) => keyMatches(candidate, key))
  return entry === undefined ? optional : fits(type, entry[1])
}

/** A map type's key is found as keyword, else as string of the same text. */
export function keyMatches(literal: Literal, key: string): boolean {
  return (literal.kind === "atom" && literal.text === key) || (literal.kind === "string" && `:${literal.value}` === key)
}

function fitsPrimitive(name: string, literal: Literal): boolean {
  const text = literal.kind === "atom" ? literal.text : null
  switch (name) {
    case "any":
      return true
    case "string":
      return literal.kind === "string"
    case "int":
      return text !== null && isInteger(text)
    case "float":
      return text !== null && (isInteger(text) || isFloat(text))
    case "bool":
      return text === "true" || text === "false"
    case "nil":
      return text === "nil"
    case "keyword":
      return text !== null && isKeyword(text)
    default:
      return false
  }
}

export function isFloat(text: string): boolean {
  return /^[-+]?\d+\.\d+([eE][-+]?\d+)?$|^##(Inf|-Inf|NaN)$/.test(text)
}
