/** RTFS literals as people and files write them: arguments, results, answers; and how an expected result is compared (language page, section 12.2). */
import type { MapKey, Value } from "../../../shared/value.ts"
import { compareKeys } from "./codec.ts"
import { Diagnostics } from "./compiler/diagnostic.ts"
import type { Form, SequenceForm } from "./compiler/read.ts"
import { isMapKey, isSymbol, readSource } from "./compiler/read.ts"
import { SourceText } from "./compiler/source.ts"
import { equalValues } from "./order.ts"

/** `offset` in UTF-16 code units. */
export interface LiteralFault {
  readonly offset: number
  readonly message: string
}

export type ParsedLiteral = { readonly kind: "value"; readonly value: Value } | ({ readonly kind: "malformed" } & LiteralFault)

/**
 * What may stand in a literal. `data`: what can be an argument (lists in parentheses included). `result`: also `#<fn>` and `#error "message"`, which
 * only an expected result may be.
 */
export type LiteralUse = "data" | "result"

/** Reads one literal: the canonical print of a value, or any other spelling of it. */
export function readLiteral(text: string, use: LiteralUse = "data"): ParsedLiteral {
  const { text: plain, markers } = use === "result" ? withoutMarkers(text) : { text, markers: noMarkers }
  const diagnostics = new Diagnostics(new SourceText(plain))
  const { forms } = readSource(plain, diagnostics)
  const fault = diagnostics.list.find(diagnostic => diagnostic.severity === "error")
  if (fault !== undefined) return { kind: "malformed", offset: fault.span.start, message: fault.message }
  if (forms.length === 0) return { kind: "malformed", offset: text.length, message: "expected a literal, found nothing" }
  try {
    const [value, ...more] = joined(forms, plain, markers)
    if (more.length > 0) return { kind: "malformed", offset: forms.at(-1)!.start, message: "expected one literal, found another after it" }
    return { kind: "value", value: value! }
  } catch (failure) {
    if (!(failure instanceof NoLiteral)) throw failure
    return { kind: "malformed", offset: failure.offset, message: failure.message }
  }
}

/** Reads a vector of positional arguments. */
export function readArguments(
  text: string
): { readonly kind: "arguments"; readonly values: readonly Value[] } | ({ readonly kind: "malformed" } & LiteralFault) {
  const parsed = readLiteral(text)
  if (parsed.kind === "malformed") return parsed
  if (Array.isArray(parsed.value)) return { kind: "arguments", values: parsed.value as readonly Value[] }
  return { kind: "malformed", offset: 0, message: 'expected the arguments in a vector, such as [1 "a"]' }
}

/** Whether a result is the expected one: structurally equal, but NaN is NaN, -0.0 is not 0.0, and any function is `#<fn>`. */
export function sameResult(expected: Value, found: Value): boolean {
  const pending: [Value, Value][] = [[expected, found]]
  for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
    const [a, b] = pair
    if (typeof a === "number" || typeof b === "number") {
      if (!Object.is(a, b)) return false
    } else if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
      if (a !== b) return false
    } else if (!sameShape(a, b, pending)) return false
  }
  return true
}

function sameShape(a: Exclude<Value, null>, b: Exclude<Value, null>, pending: [Value, Value][]): boolean {
  const left = partsOf(a)
  const right = partsOf(b)
  if (left === null || right === null) return isFunctionMark(a) ? isFunctionMark(b) : equalValues(a, b)
  if (left.kind !== right.kind || left.parts.length !== right.parts.length) return false
  for (const [index, part] of left.parts.entries()) pending.push([part, right.parts[index]!])
  return true
}

function partsOf(value: Exclude<Value, null>): { readonly kind: string; readonly parts: readonly Value[] } | null {
  if (typeof value !== "object") return null
  if (!("kind" in value)) return { kind: "vector", parts: value }
  if (value.kind === "list") return { kind: "list", parts: value.items }
  if (value.kind === "map") return { kind: "map", parts: value.entries.flat() }
  return null
}

function isFunctionMark(value: Value): boolean {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "function"
}

class NoLiteral extends Error {
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

/** Kinds of markers by offset in the text that stands for the original. */
type Markers = ReadonlyMap<number, "function" | "error">

const noMarkers: Markers = new Map()

/** `#<fn>` and `#error` are no RTFS; each becomes a name of the same length, remembered by its place. Strings stay as they are. */
function withoutMarkers(text: string): { text: string; markers: Markers } {
  const markers = new Map<number, "function" | "error">()
  const plain = text.replace(/"(?:[^"\\]|\\.)*"?|#<fn>|#error(?=\s)/gs, (found, offset: number) => {
    if (found.startsWith('"')) return found
    markers.set(offset, found === "#<fn>" ? "function" : "error")
    return found === "#<fn>" ? "____x" : "_____x"
  })
  return { text: plain, markers }
}

function literalOf(form: Form, text: string, markers: Markers): Value {
  switch (form.kind) {
    case "literal":
      return form.value
    case "vector":
      // The reader makes `()` a vector; as a literal it is the empty list, as it is printed.
      return text[form.start] === "(" ? { kind: "list", items: [] } : joined(form.items, text, markers)
    case "list":
      return { kind: "list", items: joined(form.items, text, markers) }
    case "map":
      return mapOf(form, text, markers)
    case "symbol":
      if (markers.get(form.start) === "function") return { kind: "function" }
      throw new NoLiteral(`expected a literal, found the name ${form.name}`, form.start)
    default:
      throw new NoLiteral("expected a literal", form.start)
  }
}

/** Items, where an error mark takes the message that follows it. */
function joined(forms: readonly Form[], text: string, markers: Markers): Value[] {
  const values: Value[] = []
  for (let index = 0; index < forms.length; index += 1) {
    const form = forms[index]!
    if (!isSymbol(form) || markers.get(form.start) !== "error") values.push(literalOf(form, text, markers))
    else {
      index += 1
      values.push(errorOf(forms[index], form))
    }
  }
  return values
}

function errorOf(message: Form | undefined, mark: Form): Value {
  if (message?.kind !== "literal" || typeof message.value !== "string") throw new NoLiteral('expected #error "message"', mark.start)
  return { kind: "error", message: message.value }
}

function mapOf(form: SequenceForm, text: string, markers: Markers): Value {
  const entries = new Map<string, readonly [MapKey, Value]>()
  let at = 0
  while (at < form.items.length) {
    const key = form.items[at]!
    if (!isMapKey(key)) throw new NoLiteral("expected a key: an integer, string or keyword", key.start)
    const first = form.items[at + 1]
    if (first === undefined) throw new NoLiteral("expected a value for this key", key.start)
    const isErrorMark = isSymbol(first) && markers.get(first.start) === "error"
    const value = isErrorMark ? errorOf(form.items[at + 2], first) : literalOf(first, text, markers)
    entries.set(`${typeof key.value} ${typeof key.value === "object" ? key.value.name : key.value}`, [key.value, value])
    at += isErrorMark ? 3 : 2
  }
  return { kind: "map", entries: [...entries.values()].sort(([left], [right]) => compareKeys(left, right)) }
}
