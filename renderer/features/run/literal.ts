/** RTFS literals as trees a form can edit (language page, sections 1 and 2). It reads what can be an argument; the engine judges the rest. */

/** `hole` is what a person has typed so far where a literal belongs; it prints as typed and cannot be run. */
export type Literal =
  | { readonly kind: "atom"; readonly text: string }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "vector"; readonly items: readonly Literal[] }
  | { readonly kind: "map"; readonly entries: readonly (readonly [Literal, Literal])[] }
  | { readonly kind: "hole"; readonly text: string }

/** Where a text stops being a literal; `position` counts UTF-16 code units from 0. */
export class LiteralError extends Error {
  readonly position: number

  constructor(message: string, position: number) {
    super(message)
    this.name = "LiteralError"
    this.position = position
  }
}

const depthMax = 200

/** Reads exactly one literal. Throws LiteralError. */
export function readLiteral(text: string): Literal {
  const reader = { text, at: 0 }
  skipSpace(reader)
  const literal = read(reader, 0)
  skipSpace(reader)
  if (reader.at < text.length) throw new LiteralError("expected one literal, found more", reader.at)
  return literal
}

/** One line, as RTFS writes it. */
export function printLiteral(literal: Literal): string {
  switch (literal.kind) {
    case "atom":
    case "hole":
      return literal.text
    case "string":
      return printString(literal.value)
    case "vector":
      return `[${literal.items.map(printLiteral).join(" ")}]`
    case "map":
      return `{${literal.entries.map(([key, value]) => `${printLiteral(key)} ${printLiteral(value)}`).join(" ")}}`
  }
}

/** Several lines where one would be wider than `width`; for reading, still a literal. */
export function indentLiteral(literal: Literal, width: number, indent = ""): string {
  const line = printLiteral(literal)
  const inner = `${indent} `
  if (line.length + indent.length <= width) return line
  if (literal.kind === "vector") return `[${literal.items.map(item => indentLiteral(item, width, inner)).join(`\n${inner}`)}]`
  if (literal.kind === "map")
    return `{${literal.entries.map(([key, value]) => `${printLiteral(key)} ${indentLiteral(value, width, `${inner}  `)}`).join(`\n${inner}`)}}`
  return line
}

export function hasHole(literal: Literal): boolean {
  if (literal.kind === "vector") return literal.items.some(hasHole)
  if (literal.kind === "map") return literal.entries.some(([key, value]) => hasHole(key) || hasHole(value))
  return literal.kind === "hole"
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "\\": "\\", '"': '"' }

function printString(value: string): string {
  return `"${value.replace(/[\\"\n\t\r]/g, character => (character === "\n" ? "\\n" : character === "\t" ? "\\t" : character === "\r" ? "\\r" : `\\${character}`))}"`
}

interface Reader {
  readonly text: string
  at: number
}

const space = /(?:[ \t\r\n]|;[^\n]*|#\|[\s\S]*?\|#)+/y
const atomPattern = /##(?:Inf|-Inf|NaN)|[^\s()[\]{}",;`~^#]+/y
const numberPattern = /^[-+]?\d+(\.\d+([eE][-+]?\d+)?)?$/
const namePattern = /^:?[A-Za-z_$+\-*/=<>!?%][\w$+\-*/=<>!?%.@]*(:v\d+(\.\d+)*\/[\w$+\-*/=<>!?%.@]+)?$/
const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$|^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$|^resource:\/\//

function skipSpace(reader: Reader): void {
  space.lastIndex = reader.at
  if (space.test(reader.text)) reader.at = space.lastIndex
}

function read(reader: Reader, depth: number): Literal {
  if (depth > depthMax) throw new LiteralError(`expected at most ${depthMax} levels`, reader.at)
  const character = reader.text[reader.at]
  if (character === undefined) throw new LiteralError("expected a literal before the end", reader.at)
  if (character === '"') return readString(reader)
  if (character === "[") return { kind: "vector", items: readUntil(reader, "]", depth) }
  if (character === "{") return readMap(reader, depth)
  if (character === "(") throw new LiteralError("expected a literal, found a call: arguments are values", reader.at)
  return readAtom(reader)
}

function readAtom(reader: Reader): Literal {
  atomPattern.lastIndex = reader.at
  const text = atomPattern.exec(reader.text)?.[0]
  if (text === undefined) throw new LiteralError(`expected a literal, found ${reader.text[reader.at]}`, reader.at)
  if (!isAtom(text)) throw new LiteralError(`expected a number, true, false, nil, a keyword or a string, found ${text}`, reader.at)
  reader.at += text.length
  return { kind: "atom", text }
}

/** A literal that is one word. A bare name is none: arguments are values, and nothing is bound. */
export function isAtom(text: string): boolean {
  if (text === "true" || text === "false" || text === "nil" || text.startsWith("##")) return true
  if (numberPattern.test(text)) return text.includes(".") || isInteger(text)
  return (text.startsWith(":") && namePattern.test(text)) || timePattern.test(text)
}

/** A whole number of the signed 64-bit range. */
export function isInteger(text: string): boolean {
  if (!/^[-+]?\d{1,40}$/.test(text)) return false
  const value = BigInt(text.replace(/^\+/, ""))
  return value >= -(2n ** 63n) && value < 2n ** 63n
}

export function isKeyword(text: string): boolean {
  return text.startsWith(":") && namePattern.test(text)
}

function readString(reader: Reader): Literal {
  const start = reader.at
  let value = ""
  for (reader.at++; reader.at < reader.text.length; reader.at++) {
    const character = reader.text[reader.at]!
    if (character === '"') {
      reader.at++
      return { kind: "string", value }
    }
    if (character !== "\\") {
      value += character
      continue
    }
    const escaped = escapes[reader.text[++reader.at] ?? ""]
    if (escaped === undefined) throw new LiteralError('expected one of \\n \\t \\r \\\\ \\"', reader.at - 1)
    value += escaped
  }
  throw new LiteralError("this string has no end", start)
}

function readUntil(reader: Reader, close: string, depth: number): Literal[] {
  const start = reader.at++
  const items: Literal[] = []
  for (;;) {
    skipSpace(reader)
    if (reader.at >= reader.text.length) throw new LiteralError(`expected ${close} before the end`, start)
    if (reader.text[reader.at] === close) {
      reader.at++
      return items
    }
    items.push(read(reader, depth + 1))
  }
}

function readMap(reader: Reader, depth: number): Literal {
  const start = reader.at
  const items = readUntil(reader, "}", depth)
  if (items.length % 2 !== 0) throw new LiteralError("expected a value for each key of the map", start)
  const entries: (readonly [Literal, Literal])[] = []
  for (let index = 0; index < items.length; index += 2) entries.push([items[index]!, items[index + 1]!])
  return { kind: "map", entries }
}
