/** Whether an Interface fits a TYPE that a person looks for: equal normal forms, where each variable stands for one type throughout. */
import type { Type } from "./compiler/type-form.ts"
import type { TypeRequest } from "./interface.ts"
import { normalise, parseType, typeText } from "./interface.ts"

/** Effects are compared only where the TYPE states them. */
export function matchesType(asked: TypeRequest, canonicalText: string): boolean {
  const found = parseType(canonicalText)
  if (found.kind === "malformed") return false
  if (asked.capabilities !== null && [...asked.capabilities].sort().join("\n") !== [...(found.capabilities ?? [])].sort().join("\n"))
    return false
  const bound = new Map<string, string>()
  return fits(normalise({ kind: "fn", ...asked.type }), normalise({ kind: "fn", ...found.type }), bound)
}

/** Structural over the normal forms; a variable takes the first type it meets and must meet the same again. */
function fits(asked: unknown, found: unknown, bound: Map<string, string>): boolean {
  if (isVariable(asked)) {
    const text = isType(found) ? typeText(found) : ""
    const before = bound.get(asked.name)
    bound.set(asked.name, before ?? text)
    return text !== "" && (before ?? text) === text
  }
  if (Array.isArray(asked))
    return Array.isArray(found) && asked.length === found.length && asked.every((one, at) => fits(one, found[at], bound))
  if (typeof asked !== "object" || asked === null || typeof found !== "object" || found === null) return asked === found
  const names = Object.keys(asked)
  return names.length === Object.keys(found).length && names.every(name => fits(asked[name as never], found[name as never], bound))
}

function isVariable(node: unknown): node is Extract<Type, { kind: "variable" }> {
  return typeof node === "object" && node !== null && "kind" in node && node.kind === "variable"
}

function isType(node: unknown): node is Type {
  return typeof node === "object" && node !== null && "kind" in node
}
