/** Canonical JSON (RFC 8785), the form in which everything signed is written, and the strict reader of JSON from elsewhere. */
import { utf8Decode, utf8Encode } from "./utf8.ts"

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/**
 * RFC 8785 text of a plain value. Members that are `undefined` are left out. Throws a TypeError for what JSON cannot
 * say: numbers that are not finite, lone surrogates, functions, bigints, cycles deeper than 256.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0)
}

/** UTF-8 of `canonicalJson(value)`: the bytes that are hashed and signed. */
export function canonicalBytes(value: unknown): Uint8Array {
  return utf8Encode(canonicalJson(value))
}

const writeDepthMax = 256

function write(value: unknown, depth: number): string {
  if (depth > writeDepthMax) throw new TypeError(`expected JSON nested at most ${writeDepthMax} deep`)
  if (value === null) return "null"
  switch (typeof value) {
    case "boolean":
      return value ? "true" : "false"
    case "number":
      if (!Number.isFinite(value)) throw new TypeError(`expected a finite number, found ${value}`)
      return value === 0 ? "0" : String(value)
    case "string":
      return writeString(value)
    case "object":
      return Array.isArray(value) ? writeArray(value, depth) : writeObject(value as Record<string, unknown>, depth)
    default:
      throw new TypeError(`expected a value of JSON, found ${typeof value}`)
  }
}

function writeString(text: string): string {
  if (!text.isWellFormed()) throw new TypeError("expected Unicode scalars, found a lone surrogate")
  return JSON.stringify(text)
}

function writeArray(items: readonly unknown[], depth: number): string {
  const pieces: string[] = []
  for (const item of items) pieces.push(write(item, depth + 1))
  return `[${pieces.join(",")}]`
}

/** Names sort by their UTF-16 units, which is what `sort` without a comparison does. */
function writeObject(object: Readonly<Record<string, unknown>>, depth: number): string {
  const pieces: string[] = []
  for (const name of Object.keys(object).sort()) {
    const value = object[name]
    if (value !== undefined) pieces.push(`${writeString(name)}:${write(value, depth + 1)}`)
  }
  return `{${pieces.join(",")}}`
}

export interface JsonLimits {
  readonly bytesMax: number
  readonly depthMax: number
}

export const jsonLimits: JsonLimits = { bytesMax: 4 * 1024 * 1024, depthMax: 32 }

/**
 * Reads UTF-8 JSON (RFC 8259) from a stranger. Throws a SyntaxError that names the byte-independent character offset
 * for: ill-formed UTF-8, a byte order mark, a member name given twice, lone surrogates, numbers beyond binary64,
 * text after the value, and more bytes or depth than the limits say.
 */
export function parseStrictJson(bytes: Uint8Array, limits: JsonLimits = jsonLimits): Json {
  if (bytes.length > limits.bytesMax) throw new SyntaxError(`expected at most ${limits.bytesMax} bytes of JSON, found ${bytes.length}`)
  const text = utf8Decode(bytes)
  if (text === null) throw new SyntaxError("expected well-formed UTF-8")
  return new JsonReader(text, limits.depthMax).document()
}

/** As `parseStrictJson`, for who says why instead of throwing: the words after "it is" or the like. */
export function readStrictJson(bytes: Uint8Array, limits: JsonLimits = jsonLimits): { readonly json: Json } | string {
  try {
    return { json: parseStrictJson(bytes, limits) }
  } catch (error) {
    return `no JSON we accept: ${error instanceof Error ? error.message : error}`
  }
}

const numberPattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these in a string
const plainPattern = /[^"\\\u0000-\u001f]*/y
const escapes: Readonly<Record<string, string>> = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }

class JsonReader {
  readonly #text: string
  readonly #depthMax: number
  #at = 0

  constructor(text: string, depthMax: number) {
    this.#text = text
    this.#depthMax = depthMax
  }

  document(): Json {
    const value = this.#value(1)
    this.#space()
    if (this.#at < this.#text.length) this.#fail("the end")
    return value
  }

  #value(depth: number): Json {
    this.#space()
    const first = this.#text[this.#at]
    if (first === "{") return this.#object(depth)
    if (first === "[") return this.#array(depth)
    if (first === '"') return this.#string()
    if (first === "-" || (first !== undefined && first >= "0" && first <= "9")) return this.#number()
    for (const [word, value] of [
      ["true", true],
      ["false", false],
      ["null", null]
    ] as const) {
      if (!this.#text.startsWith(word, this.#at)) continue
      this.#at += word.length
      return value
    }
    return this.#number()
  }

  #object(depth: number): Json {
    this.#deeper(depth)
    const object: Record<string, Json> = {}
    if (this.#closes("}")) return object
    do {
      this.#space()
      if (this.#text[this.#at] !== '"') this.#fail("a member name")
      const name = this.#string()
      if (Object.hasOwn(object, name)) throw new SyntaxError(`the member name ${JSON.stringify(name)} stands twice in one object`)
      this.#space()
      if (this.#text[this.#at++] !== ":") this.#fail("a colon")
      const value = this.#value(depth + 1)
      // assignment to `__proto__` would not make a member
      if (name === "__proto__") Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true })
      else object[name] = value
    } while (this.#goesOn("}"))
    return object
  }

  #array(depth: number): Json {
    this.#deeper(depth)
    const items: Json[] = []
    if (this.#closes("]")) return items
    do items.push(this.#value(depth + 1))
    while (this.#goesOn("]"))
    return items
  }

  #deeper(depth: number): void {
    if (depth > this.#depthMax) throw new SyntaxError(`expected JSON nested at most ${this.#depthMax} deep`)
    this.#at++
  }

  #closes(close: string): boolean {
    this.#space()
    if (this.#text[this.#at] !== close) return false
    this.#at++
    return true
  }

  #goesOn(close: string): boolean {
    this.#space()
    const next = this.#text[this.#at++]
    if (next === ",") return true
    if (next !== close) this.#fail(`a comma or ${close}`)
    return false
  }

  #string(): string {
    let text = ""
    this.#at++
    for (;;) {
      plainPattern.lastIndex = this.#at
      const plain = plainPattern.exec(this.#text)?.[0] ?? ""
      text += plain
      this.#at += plain.length
      const next = this.#text[this.#at++]
      if (next === '"') break
      if (next !== "\\") this.#fail("a quote or an escape in a string")
      text += this.#escape()
    }
    if (!text.isWellFormed()) throw new SyntaxError("expected Unicode scalars, found a lone surrogate")
    return text
  }

  #escape(): string {
    const letter = this.#text[this.#at++] ?? ""
    if (letter !== "u") return escapes[letter] ?? this.#fail("an escape of JSON")
    const hex = this.#text.slice(this.#at, this.#at + 4)
    if (!/^[0-9a-fA-F]{4}$/.test(hex)) this.#fail("four hex digits")
    this.#at += 4
    return String.fromCharCode(Number.parseInt(hex, 16))
  }

  #number(): number {
    numberPattern.lastIndex = this.#at
    const digits = numberPattern.exec(this.#text)?.[0]
    if (digits === undefined) this.#fail("a value")
    const value = Number(digits)
    if (!Number.isFinite(value)) throw new SyntaxError(`the number ${digits} is beyond binary64`)
    this.#at += digits.length
    return value
  }

  #space(): void {
    while (" \t\n\r".includes(this.#text[this.#at] ?? "x")) this.#at++
  }

  #fail(expected: string): never {
    throw new SyntaxError(`expected ${expected} at character ${Math.min(this.#at, this.#text.length)} of the JSON`)
  }
}
