/** Values as text: the canonical print of boundaries, tests and digests, and the display form of `str` (language page, sections 12.1 and 12.2). */
import type { Value } from "../../../shared/value.ts"
import { arrayOf } from "./growing.ts"
import { checkNesting } from "./order.ts"

/** Canonical print, or throws `TooNested`: floats show a point, strings escape only `\ " newline tab return`, a function is `#<fn>`, an error `#error "message"`. */
export function printValue(value: Value): string {
  return print(value, canonical)
}

/** What `str` makes (throws `TooNested`) of an element that is no string: no escapes, no trailing `.0`, a function is `#<function>`. */
export function displayValue(value: Value, float: (value: number) => string = displayFloat): string {
  return print(value, { ...display, float })
}

interface Style {
  readonly float: (value: number) => string
  readonly string: (value: string) => string
  readonly fn: string
  readonly error: (message: string) => string
}

const canonical: Style = {
  float: printFloat,
  string: printString,
  fn: "#<fn>",
  error: message => `#error ${printString(message)}`
}

const display: Omit<Style, "float"> = {
  string: value => `"${value}"`,
  fn: "#<function>",
  error: message => `#<error: ${message}>`
}

/** Text still to be written, or a value still to be printed at a depth of nesting: a stack of its own, so that depth is bounded by a stated number. */
type Pending = string | { readonly value: Value; readonly depth: number }

function print(root: Value, style: Style): string {
  const parts: string[] = []
  const pending: Pending[] = [{ value: root, depth: 0 }]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next === "string") parts.push(next)
    else printInto(arrayOf(next.value), next.depth, style, parts, pending)
  }
  return parts.join("")
}

function printInto(value: Value, depth: number, style: Style, parts: string[], pending: Pending[]): void {
  if (value === null) parts.push("nil")
  else if (typeof value === "boolean") parts.push(value ? "true" : "false")
  else if (typeof value === "bigint") parts.push(value.toString())
  else if (typeof value === "number") parts.push(style.float(value))
  else if (typeof value === "string") parts.push(style.string(value))
  else if ("kind" in value) {
    if (value.kind === "keyword") parts.push(`:${value.name}`)
    else if (value.kind === "list") pushItems(value.items, depth, "(", ")", parts, pending)
    else if (value.kind === "map") {
      const items = value.entries.flat()
      pushItems(items, depth, "{", "}", parts, pending)
    } else if (value.kind === "error") parts.push(style.error(value.message))
    else parts.push(style.fn)
  } else pushItems(value, depth, "[", "]", parts, pending)
}

function pushItems(items: readonly Value[], depth: number, open: string, close: string, parts: string[], pending: Pending[]): void {
  checkNesting(depth)
  parts.push(open)
  pending.push(close)
  for (let index = items.length - 1; index >= 0; index -= 1) {
    pending.push({ value: items[index]!, depth: depth + 1 })
    if (index > 0) pending.push(" ")
  }
}

/** In quotes, with the five escapes and no other. */
export function printString(text: string): string {
  return `"${text.replace(/[\\"\n\t\r]/g, character => escapes[character]!)}"`
}

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r" }

/** `2.0`, `0.001`, `##Inf`: shortest digits that read back, never an exponent. */
export function printFloat(value: number): string {
  if (Number.isNaN(value)) return "##NaN"
  if (!Number.isFinite(value)) return value > 0 ? "##Inf" : "##-Inf"
  const text = decimal(value)
  return text.includes(".") ? text : `${text}.0`
}

/** `2`, `0.001`, `inf`, `-0`. */
export function displayFloat(value: number): string {
  if (Number.isNaN(value)) return "NaN"
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf"
  return decimal(value)
}

/** Shortest round-trip digits (which ECMAScript defines exactly) without exponent. */
function decimal(value: number): string {
  const sign = value < 0 || Object.is(value, -0) ? "-" : ""
  const [mantissa = "", exponentText = "0"] = Math.abs(value).toExponential().split("e")
  const digits = mantissa.replace(".", "")
  const point = Number(exponentText) + 1
  if (point <= 0) return `${sign}${digits === "0" ? "0" : `0.${"0".repeat(-point)}${digits}`}`
  if (point >= digits.length) return `${sign}${digits}${"0".repeat(point - digits.length)}`
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
}
