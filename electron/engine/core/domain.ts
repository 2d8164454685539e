/** Which kinds of values a Mapping's Examples show in each place: what lies outside, its Publisher never spoke of. */
import type { Value } from "../../../shared/value.ts"

/** Entries looked at in one collection. */
const itemsMax = 64
const depthMax = 8

export interface Domain {
  /** Null where nothing in the arguments is of a kind that no Example shows; else which, as a phrase. */
  outside(args: readonly Value[]): string | null
}

/** A number is a number, integer or not; an empty collection shows a collection and nothing of what it may hold. */
export function domainOf(examples: readonly (readonly Value[])[]): Domain {
  const shown = new Set(examples.flatMap(args => [...kindsOf(args)]))
  const nothingInside = new Set<string>()
  for (const kind of shown) if (![...shown].some(other => other.startsWith(`${kind}/`))) nothingInside.add(kind)
  return {
    outside(args) {
      for (const kind of kindsOf(args)) {
        if (shown.has(kind)) continue
        const holder = kind.slice(0, kind.lastIndexOf("/"))
        // Examples that show only an empty collection do not speak against one that is full.
        if (nothingInside.has(holder) && isCollection(holder)) continue
        return `no Example has ${phraseOf(kind)}`
      }
      return null
    }
  }
}

function isCollection(path: string): boolean {
  return path.endsWith("vector") || path.endsWith("map")
}

function* kindsOf(args: readonly Value[]): Generator<string> {
  for (const [at, arg] of args.entries()) yield* kindsIn(arg, String(at), 0)
}

function* kindsIn(value: Value, path: string, depth: number): Generator<string> {
  const kind = kindOf(value)
  const here = `${path} ${kind}`
  yield here
  if (depth === depthMax) return
  const inside =
    kind === "vector" ? ((Array.isArray(value) ? value : (value as { items: readonly Value[] }).items) as readonly Value[]) : []
  for (const item of inside.slice(0, itemsMax)) yield* kindsIn(item, `${here}/`, depth + 1)
  if (kind === "map")
    for (const [key, item] of (value as { entries: readonly (readonly [Value, Value])[] }).entries.slice(0, itemsMax)) {
      yield `${here}/key ${kindOf(key)}`
      yield* kindsIn(item, `${here}/`, depth + 1)
    }
}

function kindOf(value: Value): string {
  if (value === null) return "nil"
  if (typeof value === "bigint" || typeof value === "number") return "number"
  if (typeof value === "string" || typeof value === "boolean") return typeof value
  if (Array.isArray(value)) return "vector"
  const { kind } = value as { kind: string }
  return kind === "list" ? "vector" : kind
}

function phraseOf(kind: string): string {
  const parts = kind.split("/")
  const inner = (parts.at(-1) as string).trim()
  const [place, first] = (parts[0] as string).split(" ")
  const where = `argument ${Number(place) + 1}`
  return parts.length === 1 ? `a ${first} as ${where}` : `a ${inner.replace(/^key /u, "key that is a ")} inside ${where}`
}
