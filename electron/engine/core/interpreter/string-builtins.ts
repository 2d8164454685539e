/** Strings, counted and indexed in Unicode scalars, and regular expressions (language page, sections 8 and 9). */
import type { Value } from "../../../../shared/value.ts"
import type { BuiltinContext, Builtins, SimpleBuiltin } from "./builtin.ts"
import { display } from "./display.ts"
import { countOf, isError, isList, isMap, isVector, itemsOf, mapSize, outOfBounds, Raised, runtimeError, typeError } from "./value.ts"

export function scalars(text: string): string[] {
  return Array.from(text)
}

export function scalarCount(text: string): number {
  let count = 0
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit < 0xdc00 || unit > 0xdfff) count += 1
  }
  return count
}

function string(op: string, value: Value): string {
  if (typeof value !== "string") throw typeError(op, "string", value)
  return value
}

function stringOrNil(op: string, value: Value): string | null {
  return value === null ? null : string(op, value)
}

function integer(op: string, value: Value): bigint {
  if (typeof value !== "bigint") throw typeError(op, "integer", value)
  return value
}

/** What `str` and `join` make of one argument. */
export function rawText(value: Value, context: BuiltinContext): string {
  return typeof value === "string" ? value : display(value, context)
}

function substring([text, from, to]: readonly Value[]): Value {
  const all = scalars(string("substring", text!))
  const start = integer("substring", from!)
  const end = to === undefined ? BigInt(all.length) : integer("substring", to)
  const length = BigInt(all.length)
  if (start < 0n || start > length) throw outOfBounds(start, all.length)
  if (end > length || end < start) throw outOfBounds(end, all.length)
  return all.slice(Number(start), Number(end)).join("")
}

function matches(op: string, [pattern, text]: readonly Value[], limit: number, context: BuiltinContext): readonly string[] {
  const source = string(op, pattern!)
  const subject = stringOrNil(op, text!)
  context.budget.charge(subject?.length ?? 0)
  // A pattern that is none is an error whatever the text, nil too.
  const found = context.functions.matches(source, subject ?? "", limit)
  if (found === null) throw runtimeError("invalid regular expression")
  return subject === null ? [] : found
}

function split([text, separator]: readonly Value[], { budget }: BuiltinContext): Value {
  const subject = stringOrNil("split", text!) ?? ""
  const by = string("split", separator!)
  budget.charge(subject.length)
  return by === "" ? scalars(subject) : subject.split(by)
}

/** Its two names differ in what they say of a wrong argument. */
function joinAs(name: string): SimpleBuiltin {
  return ([separator, items], context) => {
    const by = string(name, separator!)
    const all = itemsOf(items!)
    if (all === null) throw typeError(name, "vector or list", items!)
    const parts = all.map(item => rawText(item, context))
    context.budget.charge(parts.reduce((total, part) => total + part.length + by.length, 0))
    return parts.join(by)
  }
}

export function sizeOf(op: string, value: Value): number {
  if (typeof value === "string") return scalarCount(value)
  if (isVector(value) || isList(value)) return countOf(value)
  if (isMap(value)) return mapSize(value)
  throw typeError(op, "collection or string", value)
}

function isEmpty(value: Value): boolean {
  if (value === null || value === "") return true
  if (isMap(value)) return mapSize(value) === 0
  return (isVector(value) || isList(value)) && countOf(value) === 0
}

export const stringBuiltins: Builtins = {
  str: (args, context) => {
    const text = args.map(arg => rawText(arg, context)).join("")
    context.budget.charge(text.length)
    return text
  },
  "string-length": ([text]) => BigInt(scalarCount(string("string-length", text!))),
  "string-upper": ([text], { functions }) => functions.upper(string("string-upper", text!)),
  "string-lower": ([text], { functions }) => functions.lower(string("string-lower", text!)),
  "string-trim": ([text], { functions }) => functions.trim(string("string-trim", text!)),
  "string-contains": ([text, part]) => string("string-contains", text!).includes(string("string-contains", part!)),
  "starts-with?": ([text, prefix]) => {
    const subject = stringOrNil("starts-with?", text!)
    const start = string("starts-with?", prefix!)
    return subject?.startsWith(start) ?? false
  },
  substring,
  split,
  join: joinAs("join"),
  "string-join": joinAs("string-join"),
  "re-matches": (args, context) => matches("re-matches", args, 1, context).length > 0,
  "re-find": (args, context) => matches("re-find", args, 1, context)[0] ?? null,
  "re-seq": (args, context) => matches("re-seq", args, Number.POSITIVE_INFINITY, context),
  count: ([value]) => BigInt(sizeOf("count", value!)),
  length: ([value]) => BigInt(sizeOf("length", value!)),
  "empty?": ([value]) => isEmpty(value!),
  "Exception.": (args, context) => ({ kind: "error", message: rawText(args[0]!, context), category: "runtime-error", site: -1 }) as Value,
  getMessage: ([error]) => {
    if (isError(error!)) return error.message
    throw typeError("getMessage", "error", error!)
  },
  "read-file": () => {
    throw new Raised("runtime-error", "Runtime error: read-file is not available")
  }
}
