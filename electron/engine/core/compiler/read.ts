/** The reader: Source text to forms with their places (language page, sections 1 and 2). It reports every error it finds and goes on. */
import type { Keyword } from "../../../../shared/value.ts"
import type { Diagnostics } from "./diagnostic.ts"

/** `start` and `end` are offsets into the Source in UTF-16 code units. */
interface Place {
  readonly start: number
  readonly end: number
}

export interface LiteralForm extends Place {
  readonly kind: "literal"
  readonly value: null | boolean | bigint | number | string | Keyword
}

/** Also the words `_` and `&`, which the forms around them give their meaning. */
export interface SymbolForm extends Place {
  readonly kind: "symbol"
  readonly name: string
}

/** The bare colon of an annotation. */
export interface ColonForm extends Place {
  readonly kind: "colon"
}

/** `items` of a map are keys and values in turn, as written. `short` is `#(…)`. */
export interface SequenceForm extends Place {
  readonly kind: "list" | "vector" | "map" | "short"
  readonly items: readonly Form[]
}

/** `quasi` is a backquote, `unquote` a tilde, `splice` the tilde with @. */
export interface QuoteForm extends Place {
  readonly kind: "quasi" | "unquote" | "splice"
  readonly form: Form
}

export type Form = LiteralForm | SymbolForm | ColonForm | SequenceForm | QuoteForm

export interface ReadResult {
  readonly forms: readonly Form[]
  /** Whether anything stands in it that expand has to look at: macros, `#(…)`, quasiquotes. */
  readonly needsExpansion: boolean
}

/** Brackets and prefixes may nest this deep. */
export const nestingMax = 512

/** Reads a whole Source. Errors go to `diagnostics`; what could be read is returned all the same. */
export function readSource(text: string, diagnostics: Diagnostics): ReadResult {
  const reader = new Reader(text, diagnostics)
  return { forms: reader.all(), needsExpansion: reader.needsExpansion }
}

const plain = 0
const idStart = 1
const digit = 2
const idRest = 3
const space = 4

/** Class of each ASCII character. */
const classes = new Uint8Array(128)
for (const character of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$+-*/=<>!?%") classes[character.charCodeAt(0)] = idStart
for (const character of "0123456789") classes[character.charCodeAt(0)] = digit
for (const character of ".@") classes[character.charCodeAt(0)] = idRest
for (const character of " \t\r\n") classes[character.charCodeAt(0)] = space

const timestampPattern = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/y
const uuidPattern = /[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}/y
const handlePattern = /resource:\/\/[A-Za-z0-9\-_/.:]*/y
const numberPattern = /[-+]?\d+(?:(\.\d+)([eE][-+]?\d+)?)?/y
const versionPattern = /:v\d+(?:\.\d+)*\/(?=[A-Za-z_$+\-*/=<>!?%])/y

const closers = { "(": ")", "[": "]", "{": "}" } as const
const int64Min = -(2n ** 63n)
const int64Max = 2n ** 63n - 1n
/** Digits of the longest 64-bit integer; longer ones need not be parsed to be refused (leading zeros aside). */
const intDigitsMax = 19

/** Thrown to leave a text that nests too deep. */
class TooDeep extends Error {}

class Reader {
  readonly #text: string
  readonly #diagnostics: Diagnostics
  #at = 0
  #depth = 0
  /** Closing brackets that the open forms wait for. */
  readonly #open: string[] = []
  needsExpansion = false

  constructor(text: string, diagnostics: Diagnostics) {
    this.#text = text
    this.#diagnostics = diagnostics
  }

  all(): Form[] {
    const forms: Form[] = []
    try {
      for (;;) {
        this.#skip()
        if (this.#at >= this.#text.length) return forms
        const form = this.#form()
        if (form !== null) forms.push(form)
        else if (this.#atCloser()) this.#strayCloser()
      }
    } catch (failure) {
      if (!(failure instanceof TooDeep)) throw failure
      return forms
    }
  }

  #error(message: string, start: number, end: number, detail: { expected?: string; found?: string; suggestion?: string } = {}): void {
    this.#diagnostics.error("parse-error", message, start, Math.min(end, this.#text.length), detail)
  }

  #atCloser(): boolean {
    const character = this.#text[this.#at]
    return character === ")" || character === "]" || character === "}"
  }

  #strayCloser(): void {
    const found = this.#text[this.#at]!
    this.#error(`nothing is open that \`${found}\` could close`, this.#at, this.#at + 1, {
      found: `\`${found}\``,
      suggestion: "remove it, or add the bracket that opens"
    })
    this.#at += 1
  }

  /** Whitespace and comments. */
  #skip(): void {
    const text = this.#text
    for (;;) {
      const code = text.charCodeAt(this.#at)
      if (code < 128 && classes[code] === space) this.#at += 1
      else if (code === 0x3b) {
        const end = text.indexOf("\n", this.#at)
        this.#at = end < 0 ? text.length : end
      } else if (code === 0x23 && text.charCodeAt(this.#at + 1) === 0x7c) {
        const end = text.indexOf("|#", this.#at + 2)
        if (end < 0)
          this.#error("this block comment does not end", this.#at, this.#at + 2, { expected: "`|#`", found: "the end of the source" })
        this.#at = end < 0 ? text.length : end + 2
      } else return
    }
  }

  /** The form that begins here; null when there is none: at a closing bracket, or after something unreadable that was reported and skipped. */
  #form(): Form | null {
    const text = this.#text
    const start = this.#at
    const code = text.charCodeAt(start)
    if (code >= 128) return this.#foreign()
    switch (classes[code]) {
      case digit:
        return this.#numberOrText()
      case idStart: {
        const next = text.charCodeAt(start + 1)
        if ((code === 0x2b || code === 0x2d) && next >= 0x30 && next <= 0x39) return this.#number()
        return this.#symbolOrText()
      }
      default:
    }
    switch (text[start]) {
      case "(":
        return this.#sequence("list", "(", 1)
      case "[":
        return this.#sequence("vector", "[", 1)
      case "{":
        return this.#sequence("map", "{", 1)
      case '"':
        return this.#string()
      case ":":
        return this.#keywordOrColon()
      case "&":
        this.#at += 1
        return { kind: "symbol", name: "&", start, end: this.#at }
      case "@":
        return this.#contextReference()
      case "`":
        return this.#quote("quasi", 1)
      case "~":
        return text[start + 1] === "@" ? this.#quote("splice", 2) : this.#quote("unquote", 1)
      case "#":
        return this.#hash()
      case "^":
        return this.#metadata()
      case ")":
      case "]":
      case "}":
        return null
      default:
        return this.#unexpected()
    }
  }

  #unexpected(): null {
    const found = this.#text[this.#at]!
    const suggestions: Record<string, string> = {
      ",": "separate items with spaces: a comma is no whitespace in RTFS",
      "'": "RTFS has no quote form; write a vector, or a keyword",
      ".": "a method name stands directly after an opening parenthesis"
    }
    const suggestion = suggestions[found]
    this.#error(`unexpected character ${JSON.stringify(found)}`, this.#at, this.#at + 1, {
      expected: "an expression",
      found: JSON.stringify(found),
      ...(suggestion === undefined ? {} : { suggestion })
    })
    this.#at += 1
    return null
  }

  /** Outside strings and comments the only character beyond ASCII is λ. A run of others is one error. */
  #foreign(): Form | null {
    const start = this.#at
    if (this.#text[start] === "λ") {
      this.#at += 1
      return { kind: "symbol", name: "λ", start, end: this.#at }
    }
    while (this.#text.charCodeAt(this.#at) >= 128) this.#at += 1
    const found = this.#text.slice(start, Math.min(this.#at, start + 20))
    this.#error("names are made of ASCII characters; others may stand in strings and comments only", start, this.#at, {
      expected: "an expression",
      found: JSON.stringify(found)
    })
    return null
  }

  #enter(start: number): void {
    this.#depth += 1
    if (this.#depth <= nestingMax) return
    this.#error(`expressions nest deeper than ${nestingMax} levels`, start, start + 1, {
      expected: `at most ${nestingMax} levels`,
      suggestion: "name inner parts with let or defn"
    })
    throw new TooDeep()
  }

  #sequence(kind: SequenceForm["kind"], opener: "(" | "[" | "{", width: number): Form {
    const start = this.#at
    this.#enter(start)
    const closer = closers[opener]
    this.#open.push(closer)
    this.#at += width
    const items: Form[] = []
    if (kind === "list" && this.#text[this.#at] === ".") this.#methodName(items)
    for (;;) {
      this.#skip()
      const character = this.#text[this.#at]
      if (character === undefined) {
        this.#error(`this \`${opener}\` is not closed`, start, start + width, { expected: `\`${closer}\``, found: "the end of the source" })
        break
      }
      if (character === closer) {
        this.#at += 1
        break
      }
      if (this.#atCloser()) {
        const message = `\`${character}\` does not close this \`${opener}\``
        this.#error(message, this.#at, this.#at + 1, {
          expected: `\`${closer}\` for the bracket opened at ${this.#placeOf(start)}`,
          found: `\`${character}\``
        })
        // If it closes an outer bracket, this one was forgotten; otherwise it stands for the right one.
        if (!this.#open.slice(0, -1).includes(character)) this.#at += 1
        break
      }
      const item = this.#form()
      if (item !== null) items.push(item)
    }
    this.#open.pop()
    this.#depth -= 1
    const head = items[0]
    if (kind === "short" || (head?.kind === "symbol" && head.name === "defmacro")) this.needsExpansion = true
    // `()` is the empty vector.
    return { kind: kind === "list" && items.length === 0 ? "vector" : kind, items, start, end: this.#at }
  }

  #placeOf(offset: number): string {
    const { line, column } = this.#diagnostics.source.span(offset, offset)
    return `${line}:${column}`
  }

  /** `(.name x …)` is `(name x …)`. */
  #methodName(items: Form[]): void {
    const start = this.#at
    this.#at += 1
    const code = this.#text.charCodeAt(this.#at)
    if (code >= 128 || classes[code] !== idStart) {
      this.#error("a dot after an opening parenthesis begins a method call", start, start + 1, { expected: "a method name" })
      return
    }
    items.push({ kind: "symbol", name: this.#name(), start, end: this.#at })
    this.#skip()
    if (this.#text[this.#at] === ")")
      this.#error("a method call needs the value it is for", start, this.#at, { expected: "an argument", found: "`)`" })
  }

  /** The name that begins here: characters, then perhaps a version and the rest. */
  #name(): string {
    const start = this.#at
    this.#nameCharacters()
    if (this.#text[this.#at] === ":") {
      const version = this.#match(versionPattern)
      if (version !== null) {
        this.#at += version.length
        this.#nameCharacters()
      }
    }
    return this.#text.slice(start, this.#at)
  }

  #nameCharacters(): void {
    const text = this.#text
    for (;;) {
      const code = text.charCodeAt(this.#at)
      const kind = code < 128 ? classes[code] : plain
      if (kind !== idStart && kind !== digit && kind !== idRest) return
      this.#at += 1
    }
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    return pattern.exec(this.#text)?.[0] ?? null
  }

  #literal(value: LiteralForm["value"], start: number): LiteralForm {
    return { kind: "literal", value, start, end: this.#at }
  }

  #symbolOrText(): Form {
    const start = this.#at
    const code = this.#text.charCodeAt(start) | 0x20
    // 'a'…'f' may begin a UUID, 'r' a handle.
    if ((code >= 0x61 && code <= 0x66) || code === 0x72) {
      const special = code === 0x72 ? this.#match(handlePattern) : this.#match(uuidPattern)
      if (special !== null) {
        this.#name()
        if (this.#at - start <= special.length) {
          this.#at = start + special.length
          return this.#literal(special, start)
        }
        this.#at = start
      }
    }
    const name = this.#name()
    if (name === "true") return this.#literal(true, start)
    if (name === "false") return this.#literal(false, start)
    if (name === "nil") return this.#literal(null, start)
    return { kind: "symbol", name, start, end: this.#at }
  }

  /** A digit begins a number, or a timestamp or UUID, which then is the longer match. */
  #numberOrText(): Form | null {
    const start = this.#at
    const special = this.#match(timestampPattern) ?? this.#match(uuidPattern)
    if (special === null) return this.#number()
    this.#at = start + special.length
    return this.#touching(start) ? null : this.#literal(special, start)
  }

  #number(): Form {
    const start = this.#at
    numberPattern.lastIndex = start
    const found = numberPattern.exec(this.#text)!
    this.#at = start + found[0].length
    // What was meant as a number stands for one, so that the form around it is not blamed as well.
    if (this.#touching(start)) return this.#literal(0n, start)
    if (found[1] !== undefined) return this.#float(found[0], start)
    const significant = found[0].replace(/^[-+]?0*/, "")
    const value =
      significant.length > intDigitsMax ? null : BigInt(found[0].startsWith("-") ? `-${significant || "0"}` : significant || "0")
    if (value === null || value < int64Min || value > int64Max) {
      this.#error("this integer does not fit 64 bits", start, this.#at, { expected: "-9223372036854775808 … 9223372036854775807" })
      return this.#literal(0n, start)
    }
    return this.#literal(value, start)
  }

  /** Decimal to the nearest binary64 is exactly defined, so the host's conversion is the only possible answer. */
  #float(text: string, start: number): Form {
    return this.#literal(Number(text), start)
  }

  /** Whether a name character follows a number directly; reports it and skips the whole run. */
  #touching(start: number): boolean {
    const code = this.#text.charCodeAt(this.#at)
    if (!(code < 128) || classes[code] === plain || classes[code] === space) return false
    this.#nameCharacters()
    const found = this.#text.slice(start, Math.min(this.#at, start + 40))
    const dotted = /^[-+]?\d+\.$/.test(found)
    this.#error("a number must not touch a name", start, this.#at, {
      expected: "a number, then a space or bracket",
      found,
      ...(dotted
        ? { suggestion: `write ${found}0` }
        : /^[-+]?\d+e\d+$/i.test(found)
          ? { suggestion: `write ${found.replace(/e/i, ".0e")}` }
          : {})
    })
    return true
  }

  #string(): Form {
    const start = this.#at
    const text = this.#text
    let value = ""
    let from = start + 1
    this.#at = from
    for (;;) {
      const code = text.charCodeAt(this.#at)
      if (Number.isNaN(code)) {
        this.#error("this string does not end", start, start + 1, { expected: '`"`', found: "the end of the source" })
        break
      }
      if (code === 0x22) break
      if (code === 0x5c) {
        value += text.slice(from, this.#at) + this.#escape()
        from = this.#at
      } else this.#at += 1
    }
    value += text.slice(from, this.#at)
    this.#at = Math.min(this.#at + 1, text.length)
    return this.#literal(value, start)
  }

  #escape(): string {
    const start = this.#at
    const letter = this.#text[start + 1]
    this.#at = Math.min(start + 2, this.#text.length)
    const meanings: Record<string, string> = { n: "\n", t: "\t", r: "\r", "\\": "\\", '"': '"', "'": "'" }
    const meaning = letter === undefined ? undefined : meanings[letter]
    if (meaning !== undefined) return meaning
    if (letter !== undefined) {
      this.#error(`unknown escape \`\\${letter}\``, start, this.#at, {
        expected: "\\n \\t \\r \\\\ \\\" or \\'",
        found: `\\${letter}`,
        suggestion: "other characters may stand in a string as they are"
      })
    }
    return ""
  }

  #keywordOrColon(): Form {
    const start = this.#at
    this.#at += 1
    const code = this.#text.charCodeAt(this.#at)
    if (code < 128 && classes[code] === idStart) return this.#literal({ kind: "keyword", name: this.#name() }, start)
    return { kind: "colon", start, end: this.#at }
  }

  /** `@x` is `(context/get :x)`. */
  #contextReference(): Form | null {
    const start = this.#at
    this.#at += 1
    const colon = this.#text[this.#at] === ":"
    if (colon) this.#at += 1
    const code = this.#text.charCodeAt(this.#at)
    if (code >= 128 || classes[code] !== idStart) {
      this.#error("`@` stands before the name of a context value", start, this.#at, { expected: "a name or a keyword" })
      return null
    }
    const key = this.#literal({ kind: "keyword", name: this.#name() }, start)
    const head: Form = { kind: "symbol", name: colon ? "get" : "context/get", start, end: this.#at }
    return { kind: "list", items: [head, key], start, end: this.#at }
  }

  #quote(kind: QuoteForm["kind"], width: number): Form | null {
    const start = this.#at
    this.needsExpansion = true
    this.#at += width
    const form = this.#required(start, "an expression after it")
    return form === null ? null : { kind, form, start, end: this.#at }
  }

  /** The form that must follow a prefix which began at `start`. */
  #required(start: number, expected: string): Form | null {
    this.#enter(start)
    let form: Form | null = null
    for (;;) {
      this.#skip()
      if (this.#at >= this.#text.length || this.#atCloser()) {
        this.#error("something is missing here", start, this.#at, { expected })
        break
      }
      form = this.#form()
      if (form !== null) break
    }
    this.#depth -= 1
    return form
  }

  #hash(): Form | null {
    const start = this.#at
    if (this.#text[start + 1] === "(") return this.#sequence("short", "(", 2)
    if (this.#text[start + 1] === "#") {
      for (const [word, value] of [
        ["##Inf", Number.POSITIVE_INFINITY],
        ["##-Inf", Number.NEGATIVE_INFINITY],
        ["##NaN", Number.NaN]
      ] as const) {
        if (!this.#text.startsWith(word, start)) continue
        this.#at = start + word.length
        return this.#touching(start) ? null : this.#literal(value, start)
      }
    }
    this.#error("`#` begins `#(…)`, `#|…|#`, `##Inf`, `##-Inf` or `##NaN`", start, start + 1, {
      found: JSON.stringify(this.#text.slice(start, start + 2)),
      ...(this.#text[start + 1] === "{" ? { suggestion: "RTFS has no set literal; write a vector" } : {})
    })
    this.#at += 1
    return null
  }

  /** `^{…} e` and `^:name literal? e` are e. */
  #metadata(): Form | null {
    const start = this.#at
    const next = this.#text[start + 1]
    if (next === "{") {
      this.#at += 1
      const map = this.#sequence("map", "{", 1) as SequenceForm
      checkMapShape(map.items, map, this.#diagnostics)
      return this.#required(start, "the expression that the metadata belongs to")
    }
    if (next === ":") {
      this.#at += 1
      const name = this.#keywordOrColon()
      if (name.kind === "literal") return this.#shortMetadata(start, this.#text.slice(start, this.#at))
    }
    this.#error("`^` begins metadata", start, start + 1, { expected: "`^{…}` or `^:name`" })
    this.#at = Math.max(this.#at, start + 1)
    return null
  }

  #shortMetadata(start: number, shown: string): Form | null {
    this.#diagnostics.warn("parse-error", `metadata ${shown} is read and has no effect`, start, this.#at)
    const first = this.#required(start, "the expression that the metadata belongs to")
    if (first === null || first.kind !== "literal") return first
    this.#skip()
    if (this.#at >= this.#text.length || this.#atCloser()) return first
    return this.#required(start, "the expression that the metadata belongs to")
  }
}

/** Keys of a literal map are keywords, strings or integers, each with a value. Reports what is not; true if all is well. */
export function checkMapShape(items: readonly Form[], place: Place, diagnostics: Diagnostics): boolean {
  const before = diagnostics.errors
  for (let index = 0; index < items.length; index += 2) {
    const key = items[index]!
    if (isMapKey(key)) continue
    diagnostics.error("parse-error", "a key of a literal map must be a keyword, string or integer", key.start, key.end, {
      expected: "a keyword, string or integer",
      suggestion: "use (hash-map k v …) for computed keys"
    })
  }
  if (items.length % 2 !== 0)
    diagnostics.error("parse-error", "a map needs a value for each key", place.start, place.end, { found: `${items.length} items` })
  return diagnostics.errors === before
}

export function isMapKey(form: Form): form is LiteralForm & { readonly value: bigint | string | Keyword } {
  if (form.kind !== "literal" || form.value === null) return false
  return typeof form.value === "bigint" || typeof form.value === "string" || typeof form.value === "object"
}

export function isSymbol(form: Form | undefined, name?: string): form is SymbolForm {
  return form !== undefined && form.kind === "symbol" && (name === undefined || form.name === name)
}

export function isKeyword(form: Form | undefined, name?: string): form is LiteralForm & { readonly value: Keyword } {
  if (form === undefined || form.kind !== "literal" || form.value === null || typeof form.value !== "object") return false
  return name === undefined || form.value.name === name
}
