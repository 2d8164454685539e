/** Patterns and parameter lists: which forms are well formed, and what they mean (language page, sections 2.1, 5.5, 5.6 and 6). */
import type { MapKey } from "../../../../shared/value.ts"
import type { Form, SequenceForm } from "./read.ts"
import { isKeyword, isMapKey, isSymbol } from "./read.ts"
import type { Pattern, RestPattern } from "./syntax.ts"

/** A name that a form may bind: any symbol but `&`. `_` binds nothing. */
export function isBinder(form: Form | undefined): form is Form & { readonly kind: "symbol"; readonly name: string } {
  return isSymbol(form) && form.name !== "&"
}

/** The pattern of a let binding or parameter, or null if the form is none. */
export function bindingPattern(form: Form | undefined): Pattern | null {
  if (form === undefined) return null
  if (isBinder(form)) return namePattern(form.name, form)
  if (form.kind === "vector") return vectorPattern(form, bindingPattern, true)
  if (form.kind === "map") return bindingMap(form)
  return null
}

/** The pattern of a match clause, or null if the form is none. */
export function matchPattern(form: Form | undefined): Pattern | null {
  if (form === undefined) return null
  if (form.kind === "literal") return { kind: "literal", value: form.value, start: form.start, end: form.end }
  if (isBinder(form)) return namePattern(form.name, form)
  if (form.kind === "vector") return vectorPattern(form, matchPattern, false)
  if (form.kind === "map") return matchMap(form)
  return null
}

function namePattern(name: string, form: Form): Pattern {
  const { start, end } = form
  return name === "_" ? { kind: "ignore", start, end } : { kind: "name", name, start, end }
}

function vectorPattern(form: SequenceForm, pattern: (form: Form) => Pattern | null, allowAs: boolean): Pattern | null {
  const tail = restAndAs(form.items, allowAs)
  const items: Pattern[] = []
  for (const item of form.items.slice(0, tail.count)) {
    const part = pattern(item)
    if (part === null) return null
    items.push(part)
  }
  return { kind: "vector", items, rest: tail.rest, as: tail.as, start: form.start, end: form.end }
}

/** Takes `& r` and `:as v` off the end; `count` items stand before them. */
function restAndAs(items: readonly Form[], allowAs: boolean): { count: number; rest: RestPattern | null; as: string | null } {
  let count = items.length
  let as: string | null = null
  let rest: RestPattern | null = null
  const last = items[count - 1]
  if (allowAs && count >= 2 && isKeyword(items[count - 2], "as") && isBinder(last)) {
    as = last.name
    count -= 2
  }
  const restName = items[count - 1]
  if (count >= 2 && isSymbol(items[count - 2], "&") && isBinder(restName)) {
    rest = { name: restName.name === "_" ? null : restName.name }
    count -= 2
  }
  return { count, rest, as }
}

interface Entry {
  readonly key: MapKey
  readonly pattern: Pattern
}

function bindingMap(form: SequenceForm): Pattern | null {
  const tail = restAndAs(form.items, true)
  const items = form.items.slice(0, tail.count)
  const entries: Entry[] = []
  for (let index = 0; index < items.length; index += 2) {
    const first = items[index]!
    const second = items[index + 1]
    if (second === undefined) return null
    if (isKeyword(first, "keys") && second.kind === "vector") {
      for (const name of second.items) {
        if (!isBinder(name)) return null
        entries.push({ key: { kind: "keyword", name: name.name }, pattern: namePattern(name.name, name) })
      }
    } else if (isMapKey(first)) {
      const pattern = bindingPattern(second)
      if (pattern === null) return null
      entries.push({ key: first.value, pattern })
    } else if (isBinder(first) && isMapKey(second)) entries.push({ key: second.value, pattern: namePattern(first.name, first) })
    else return null
  }
  return { kind: "map", entries, rest: tail.rest, as: tail.as, start: form.start, end: form.end }
}

function matchMap(form: SequenceForm): Pattern | null {
  const tail = restAndAs(form.items, false)
  const entries: Entry[] = []
  for (let index = 0; index < tail.count; index += 2) {
    const key = form.items[index]!
    const pattern = index + 1 < tail.count ? matchPattern(form.items[index + 1]) : null
    if (!isMapKey(key) || pattern === null) return null
    entries.push({ key: key.value, pattern })
  }
  return { kind: "map", entries: lastOfEachKey(entries), rest: tail.rest, as: null, start: form.start, end: form.end }
}

/** A key written twice in a map means its last value. */
function lastOfEachKey(entries: readonly Entry[]): Entry[] {
  const byKey = new Map(entries.map(entry => [keyText(entry.key), entry]))
  return byKey.size === entries.length ? [...entries] : [...byKey.values()]
}

/** Equal for equal keys only. */
export function keyText(key: MapKey): string {
  return typeof key === "bigint" ? `i${key}` : typeof key === "string" ? `s${key}` : `k${key.name}`
}

/** The names a pattern binds, in order. */
export function namesOf(pattern: Pattern, names: string[] = []): string[] {
  if (pattern.kind === "name") names.push(pattern.name)
  if (pattern.kind === "vector") for (const item of pattern.items) namesOf(item, names)
  if (pattern.kind === "map") for (const entry of pattern.entries) namesOf(entry.pattern, names)
  if (pattern.kind === "vector" || pattern.kind === "map") {
    if (pattern.rest?.name != null) names.push(pattern.rest.name)
    if (pattern.as !== null && pattern.as !== "_") names.push(pattern.as)
  }
  return names
}
