/** JSON (language page, section 12.3). Nothing recurses, so depth is bounded by fuel alone. */
import type { MapKey, RtfsMap, Value } from "../../../../shared/value.ts"
import { nestingMax } from "../order.ts"
import type { BuiltinContext, Builtins } from "./builtin.ts"
import type { RuntimeFunctions } from "./runtime-functions.ts"
import { isMap, isVector, mapOf, type Raised, runtimeError, typeError, typeName, vectorItems } from "./value.ts"

const int64Min = -(2n ** 63n)
const int64Max = 2n ** 63n - 1n

function tooDeep(): Raised {
  return runtimeError("JSON is nested too deeply")
}

// ---- writing

/** Text still to be written, or a value at a depth of nesting. */
type Pending = string | { readonly value: Value; readonly depth: number }

function serialize(root: Value, indent: string, { functions, budget }: BuiltinContext): string {
  const parts: string[] = []
  const pending: Pending[] = [{ value: root, depth: 0 }]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    budget.charge(1)
    if (typeof next === "string") parts.push(next)
    else writeValue(next.value, next.depth, indent, parts, pending, functions)
  }
  return parts.join("")
}

function writeValue(value: Value, depth: number, indent: string, parts: string[], pending: Pending[], functions: RuntimeFunctions): void {
  if (value === null) parts.push("null")
  else if (typeof value === "boolean" || typeof value === "bigint") parts.push(String(value))
  else if (typeof value === "number") parts.push(jsonFloat(value, functions))
  else if (typeof value === "string") parts.push(jsonString(value))
  else if (isVector(value)) {
    const items = vectorItems(value)!
    writeItems(
      "[",
      "]",
      items.map(item => ["", item]),
      depth,
      indent,
      parts,
      pending
    )
  } else if (isMap(value)) writeItems("{", "}", members(value, indent), depth, indent, parts, pending)
  else throw runtimeError(`JSON has no ${typeName(value)}`)
}

/** Entries as written, later ones winning where two keys give one text. */
function members(map: RtfsMap, indent: string): [string, Value][] {
  const byText = new Map<string, Value>()
  for (const [key, value] of map.entries) {
    const text = keyText(key)
    byText.delete(text)
    byText.set(text, value)
  }
  return [...byText].map(([text, value]) => [`${jsonString(text)}:${indent === "" ? "" : " "}`, value])
}

function keyText(key: MapKey): string {
  return typeof key === "string" ? key : typeof key === "bigint" ? key.toString() : key.name
}

function writeItems(
  open: string,
  close: string,
  items: readonly (readonly [string, Value])[],
  depth: number,
  indent: string,
  parts: string[],
  pending: Pending[]
): void {
  if (depth >= nestingMax) throw tooDeep()
  if (items.length === 0) {
    parts.push(open + close)
    return
  }
  const line = (level: number) => (indent === "" ? "" : `\n${indent.repeat(level)}`)
  pending.push(line(depth) + close)
  for (let index = items.length - 1; index >= 0; index -= 1) {
    const [prefix, value] = items[index]!
    pending.push({ value, depth: depth + 1 })
    pending.push((index === 0 ? open : ",") + line(depth + 1) + prefix)
  }
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\b": "\\b",
  "\f": "\\f"
}

function jsonString(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what JSON escapes
  const escaped = text.replace(/["\\\u0000-\u001f]/g, character => {
    return shortEscapes[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
  })
  return `"${escaped}"`
}

/** With a point if integral, with an exponent from 1e16 on and below 1e-5. */
function jsonFloat(value: number, functions: RuntimeFunctions): string {
  if (!Number.isFinite(value)) throw runtimeError("JSON has no NaN or infinity")
  const sign = value < 0 || Object.is(value, -0) ? "-" : ""
  const text = functions.displayFloat(Math.abs(value))
  const magnitude = Math.abs(value)
  if (magnitude === 0 || (magnitude >= 1e-5 && magnitude < 1e16)) return sign + (text.includes(".") ? text : `${text}.0`)
  const [whole = "", fraction = ""] = text.split(".")
  const all = whole + fraction
  const first = all.search(/[1-9]/)
  const digits = all.slice(first).replace(/0+$/, "")
  const exponent = whole.length - first - 1
  return `${sign}${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ""}e${exponent}`
}

// ---- reading

interface OpenCollection {
  readonly items: Value[]
  /** Of an object: entries so far, and the key whose value comes next. */
  readonly entries: [string, Value][] | null
  key: string
}

class JsonReader {
  readonly #text: string
  readonly #context: BuiltinContext
  #at = 0

  constructor(text: string, context: BuiltinContext) {
    this.#text = text
    this.#context = context
  }

  read(): Value {
    const open: OpenCollection[] = []
    for (;;) {
      this.#context.budget.charge(1)
      let done = this.#begin(open)
      if (done === undefined) continue
      // A finished value may finish the collections around it.
      for (;;) {
        const around = open.at(-1)
        if (around === undefined) return this.#end(done)
        if (around.entries === null) around.items.push(done)
        else around.entries.push([around.key, done])
        this.#space()
        const next = this.#text[this.#at]
        this.#at += 1
        if (next === ",") {
          if (around.entries !== null) around.key = this.#key()
          break
        }
        if (next !== (around.entries === null ? "]" : "}")) throw this.#bad()
        open.pop()
        done = around.entries === null ? around.items : mapOf(around.entries)
      }
    }
  }

  /** A whole value, or undefined after the opening of a collection that is not empty. */
  #begin(open: OpenCollection[]): Value | undefined {
    this.#space()
    const character = this.#text[this.#at]
    if (character === "[" || character === "{") {
      this.#at += 1
      this.#space()
      if (open.length > nestingMax) throw tooDeep()
      const isObject = character === "{"
      if (this.#text[this.#at] === (isObject ? "}" : "]")) {
        this.#at += 1
        return isObject ? mapOf([]) : []
      }
      open.push({ items: [], entries: isObject ? [] : null, key: isObject ? this.#key() : "" })
      return undefined
    }
    if (character === '"') return this.#string()
    return this.#word()
  }

  #end(value: Value): Value {
    this.#space()
    if (this.#at < this.#text.length) throw this.#bad()
    return value
  }

  #space(): void {
    while (" \t\n\r".includes(this.#text[this.#at] ?? "x")) this.#at += 1
  }

  #key(): string {
    this.#space()
    if (this.#text[this.#at] !== '"') throw this.#bad()
    const key = this.#string()
    this.#space()
    if (this.#text[this.#at] !== ":") throw this.#bad()
    this.#at += 1
    return key
  }

  #string(): string {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they may not stand in a JSON string
    const pattern = /"((?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*)"/y
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (found === null) throw this.#bad()
    this.#at = pattern.lastIndex
    this.#context.budget.charge(found[0].length / 32)
    const text = found[1]!.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, hex: string | undefined, letter: string) =>
      hex === undefined ? (letterEscapes[letter] ?? letter) : String.fromCharCode(Number.parseInt(hex, 16))
    )
    if (/[\ud800-\udfff]/u.test(text)) throw this.#bad()
    return text
  }

  #word(): Value {
    const pattern = /true|false|null|-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (found === null) throw this.#bad()
    this.#at = pattern.lastIndex
    if (found[0] === "true") return true
    if (found[0] === "false") return false
    if (found[0] === "null") return null
    if (found[1] === undefined && found[2] === undefined && found[0].length <= 20) {
      const value = BigInt(found[0])
      if (value >= int64Min && value <= int64Max) return value
    }
    const value = this.#context.functions.parseFloat(found[0])
    if (value === null || !Number.isFinite(value)) throw this.#bad()
    return value
  }

  #bad(): Raised {
    return runtimeError("invalid JSON")
  }
}

const letterEscapes: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }

export const jsonBuiltins: Builtins = {
  "parse-json": ([text], context) => {
    if (typeof text !== "string") throw typeError("parse-json", "string", text!)
    return new JsonReader(text, context).read()
  },
  "serialize-json": ([value], context) => serialize(value!, "", context),
  "serialize-json-pretty": ([value], context) => serialize(value!, "  ", context)
}
