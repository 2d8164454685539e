/** Prints a WebAssembly module as text (WAT), so that a person can read what the compiler wrote or what came from elsewhere. */
import { utf8Decode } from "./utf8.ts"
import { typeNames } from "./wasm-names.ts"
import { WasmFault, WasmReader } from "./wasm-reader.ts"
import type { WasmShape } from "./wasm-walk.ts"
import { walk } from "./wasm-walk.ts"
import { type CodeNames, nameOf, printBody, printConstant, typeName } from "./wat-code.ts"
import { type Identifiers, identifiersOf, noNames, readNameSection, type Space, space } from "./wat-names.ts"
import { BoundedText, commentLines, quoted, quotedBytes, TextFull } from "./wat-text.ts"

/** `cut`: the text stopped at its bound and says so in its last line. `offset`: the byte where reading stopped. */
export type Wat =
  | { readonly kind: "text"; readonly text: string; readonly cut: boolean }
  | { readonly kind: "malformed"; readonly offset: number; readonly why: string }

/** Input and output are bounded: a Blob is no larger than the first, and longer text is cut. */
export const watLimits = { moduleBytesMax: 16_777_216, charactersMax: 8_388_608, customCharactersMax: 16_384 } as const

/** The text of any module the baseline features allow; bytes that are no such module are an answer, not a failure. */
export function watOf(bytes: Uint8Array, charactersMax: number = watLimits.charactersMax): Wat {
  if (bytes.length > watLimits.moduleBytesMax)
    return { kind: "malformed", offset: 0, why: `the module has ${bytes.length} bytes; at most ${watLimits.moduleBytesMax} are printed` }
  const walked = walk(bytes)
  if (walked.kind === "rejected") return { kind: "malformed", offset: walked.at, why: walked.detail }
  const out = new BoundedText(charactersMax)
  try {
    new Printer(bytes, walked.shape, out).print()
    return { kind: "text", text: `${out.text}\n`, cut: false }
  } catch (fault) {
    if (fault instanceof TextFull)
      return { kind: "text", text: `${out.text}\n;; cut here: the text is longer than ${charactersMax} characters\n`, cut: true }
    if (fault instanceof WasmFault) return { kind: "malformed", offset: fault.at, why: fault.message }
    throw fault
  }
}

interface FunctionType {
  readonly params: readonly string[]
  readonly results: readonly string[]
}

/** Kinds of imports and exports by their byte, with the space their names live in. */
const externKinds = [
  { word: "func", space: space.function },
  { word: "table", space: space.table },
  { word: "memory", space: space.memory },
  { word: "global", space: space.global },
  { word: "tag", space: space.tag }
] as const

class Printer {
  readonly #bytes: Uint8Array
  readonly #shape: WasmShape
  readonly #out: BoundedText
  readonly #types: FunctionType[] = []
  /** Type index of every function, imports first. */
  readonly #functions: number[] = []
  readonly #names = new Map<Space, Identifiers>()
  #locals: ReadonlyMap<number, ReadonlyMap<number, string>> = new Map()
  #code: CodeNames
  #badNames = false
  /** Next index of each space. */
  readonly #next = new Map<Space, number>()

  constructor(bytes: Uint8Array, shape: WasmShape, out: BoundedText) {
    this.#bytes = bytes
    this.#shape = shape
    this.#out = out
    this.#readNames()
    this.#code = this.#codeNames(new Map())
  }

  print(): void {
    this.#out.add("(module")
    if (this.#badNames) this.#out.line(1).add(";; the name section is malformed and was ignored")
    for (const id of [1, 2]) this.#section(id)
    this.#readFunctions()
    for (const id of [4, 5, 13, 6, 7, 8, 9, 10, 11]) this.#section(id)
    for (const one of this.#shape.custom) this.#custom(one.name, one.bytes)
    this.#out.line(0)
    this.#out.add(")")
  }

  #reader(id: number): WasmReader | null {
    const section = this.#shape.sections.find(one => one.id === id)
    return section ? new WasmReader(this.#bytes, section.content, section.end) : null
  }

  #readNames(): void {
    const custom = this.#shape.custom.find(one => one.name === "name")
    const read = custom ? readNameSection(custom.bytes) : noNames
    this.#badNames = read === null
    const { spaces, locals } = read ?? noNames
    this.#locals = locals
    const imported = this.#importNames()
    const exported = this.#exportNames()
    for (const one of Object.values(space))
      this.#names.set(one, identifiersOf(spaces.get(one) ?? new Map(), imported.get(one) ?? new Map(), exported.get(one) ?? new Map()))
  }

  #importNames(): ReadonlyMap<Space, Map<number, string>> {
    const names = new Map<Space, Map<number, string>>()
    for (const one of this.#shape.imports) {
      const kind = one.extern.kind === "function" ? space.function : space[one.extern.kind]
      const known = names.get(kind) ?? new Map<number, string>()
      known.set(known.size, `${one.module}.${one.name}`)
      names.set(kind, known)
    }
    return names
  }

  #exportNames(): ReadonlyMap<Space, Map<number, string>> {
    const names = new Map<Space, Map<number, string>>()
    const reader = this.#reader(7)
    for (let left = reader?.bounded() ?? 0; reader && left > 0; left--) {
      const name = reader.name()
      const kind = externKinds[reader.u8()]?.space ?? reader.invalid("an export has an unknown kind")
      const known = names.get(kind) ?? new Map<number, string>()
      const index = reader.u32()
      if (!known.has(index)) known.set(index, name)
      names.set(kind, known)
    }
    return names
  }

  #identifiers(one: Space): Identifiers {
    return this.#names.get(one) as Identifiers
  }

  #codeNames(locals: Identifiers): CodeNames {
    return {
      functions: this.#identifiers(space.function),
      types: this.#identifiers(space.type),
      tables: this.#identifiers(space.table),
      globals: this.#identifiers(space.global),
      elements: this.#identifiers(space.element),
      data: this.#identifiers(space.data),
      tags: this.#identifiers(space.tag),
      locals
    }
  }

  #section(id: number): void {
    const reader = this.#reader(id)
    if (!reader) return
    if (id === 8) {
      this.#out.line(1).add(`(start ${nameOf(this.#identifiers(space.function), reader.u32())})`)
      return
    }
    for (let left = reader.u32(); left > 0; left--) {
      this.#out.line(1).add("(")
      this.#item(id, reader)
      this.#out.add(")")
    }
  }

  #item(id: number, reader: WasmReader): void {
    switch (id) {
      case 1:
        this.#type(reader)
        return
      case 2:
        this.#import(reader)
        return
      case 4:
        this.#head("table", space.table)
        this.#table(reader)
        return
      case 5:
        this.#head("memory", space.memory)
        this.#limits(reader)
        return
      case 6:
        this.#head("global", space.global)
        this.#globalType(reader)
        this.#out.add(" ")
        printConstant(reader, this.#code, this.#out)
        return
      case 7:
        this.#export(reader)
        return
      case 9:
        this.#element(reader)
        return
      case 10:
        this.#function(reader)
        return
      case 11:
        this.#data(reader)
        return
      case 13:
        this.#head("tag", space.tag)
        this.#tag(reader)
        return
    }
  }

  /** The word that begins a definition and its identifier, or its index in a comment; answers the index. */
  #head(word: string, one: Space): number {
    const index = this.#next.get(one) ?? 0
    this.#next.set(one, index + 1)
    this.#out.add(`${word} ${this.#identifiers(one).get(index) ?? `(;${index};)`}`)
    return index
  }

  #type(reader: WasmReader): void {
    reader.u8()
    const type = { params: valueTypes(reader), results: valueTypes(reader) }
    this.#types.push(type)
    this.#head("type", space.type)
    this.#out.add(" (func")
    this.#list("param", type.params)
    this.#list("result", type.results)
    this.#out.add(")")
  }

  #list(word: string, types: readonly string[]): void {
    if (types.length > 0) this.#out.add(` (${word} ${types.join(" ")})`)
  }

  #import(reader: WasmReader): void {
    this.#out.add(`import ${quoted(reader.name())} ${quoted(reader.name())} (`)
    const kind = externKinds[reader.u8()] ?? reader.invalid("an import has an unknown kind")
    this.#head(kind.word, kind.space)
    if (kind.word === "func") this.#functions.push(this.#typeUse(reader.u32()))
    else if (kind.word === "table") this.#table(reader)
    else if (kind.word === "memory") this.#limits(reader)
    else if (kind.word === "global") this.#globalType(reader)
    else this.#tag(reader)
    this.#out.add(")")
  }

  /** A function type by index, and what it is; answers the index. */
  #typeUse(index: number, locals: Identifiers = new Map()): number {
    const type = this.#types[index]
    this.#out.add(` (type ${nameOf(this.#identifiers(space.type), index)})`)
    if (!type) return index
    if (locals.size === 0) this.#list("param", type.params)
    else for (const [at, param] of type.params.entries()) this.#local("param", at, param, locals)
    this.#list("result", type.results)
    return index
  }

  #local(word: string, at: number, type: string, locals: Identifiers): void {
    const name = locals.get(at)
    this.#out.add(name === undefined ? ` (${word} ${type})` : ` (${word} ${name} ${type})`)
  }

  #table(reader: WasmReader): void {
    const withStart = reader.peek() === 0x40
    if (withStart) reader.skip(2)
    const element = typeName(reader)
    this.#limits(reader)
    this.#out.add(` ${element}`)
    if (!withStart) return
    this.#out.add(" ")
    printConstant(reader, this.#code, this.#out)
  }

  #limits(reader: WasmReader): void {
    const bounded = (reader.u8() & 1) !== 0
    this.#out.add(` ${reader.u32()}`)
    if (bounded) this.#out.add(` ${reader.u32()}`)
  }

  #globalType(reader: WasmReader): void {
    const type = typeName(reader)
    this.#out.add(reader.u8() === 1 ? ` (mut ${type})` : ` ${type}`)
  }

  #tag(reader: WasmReader): void {
    reader.u8()
    this.#typeUse(reader.u32())
  }

  #export(reader: WasmReader): void {
    const name = reader.name()
    const kind = externKinds[reader.u8()] ?? reader.invalid("an export has an unknown kind")
    this.#out.add(`export ${quoted(name)} (${kind.word} ${nameOf(this.#identifiers(kind.space), reader.u32())})`)
  }

  #element(reader: WasmReader): void {
    const out = this.#out
    const flags = reader.u32()
    const active = (flags & 1) === 0
    const withExpressions = (flags & 4) !== 0
    this.#head("elem", space.element)
    if (!active && (flags & 2) !== 0) out.add(" declare")
    if (active) {
      const table = (flags & 2) !== 0 ? reader.u32() : 0
      if ((flags & 2) !== 0) out.add(` (table ${nameOf(this.#identifiers(space.table), table)})`)
      this.#offset(reader)
    }
    if (withExpressions) out.add(` ${(flags & 3) !== 0 ? typeName(reader) : "funcref"}`)
    else {
      if ((flags & 3) !== 0) reader.u8()
      out.add(" func")
    }
    for (let left = reader.bounded(), column = 0; left > 0; left--, column++) {
      if (column % 8 === 0) out.line(2)
      else out.add(" ")
      if (withExpressions) {
        out.add("(item ")
        printConstant(reader, this.#code, out)
        out.add(")")
      } else out.add(nameOf(this.#identifiers(space.function), reader.u32()))
    }
  }

  #offset(reader: WasmReader): void {
    this.#out.add(" (offset ")
    printConstant(reader, this.#code, this.#out)
    this.#out.add(")")
  }

  #data(reader: WasmReader): void {
    const flags = reader.u32()
    this.#head("data", space.data)
    if (flags === 2) this.#out.add(` (memory ${nameOf(this.#identifiers(space.memory), reader.u32())})`)
    if (flags !== 1) this.#offset(reader)
    for (let left = reader.u32(); left > 0; left -= bytesPerLine)
      this.#out.line(2).add(quotedBytes(reader.take(Math.min(left, bytesPerLine))))
  }

  #readFunctions(): void {
    const reader = this.#reader(3)
    for (let left = reader?.u32() ?? 0; reader && left > 0; left--) this.#functions.push(reader.u32())
  }

  #function(section: WasmReader): void {
    const size = section.u32()
    const reader = new WasmReader(this.#bytes, section.at, section.at + size)
    section.skip(size)
    const index = this.#head("func", space.function)
    const locals = identifiersOf(this.#locals.get(index) ?? new Map())
    const type = this.#functions[index] ?? section.invalid("a body has no function")
    this.#typeUse(type, locals)
    this.#printLocals(reader, this.#types[type]?.params.length ?? 0, locals)
    this.#code = this.#codeNames(locals)
    printBody(reader, this.#code, this.#out, 2)
  }

  #printLocals(reader: WasmReader, first: number, locals: Identifiers): void {
    let at = first
    for (let groups = reader.bounded(); groups > 0; groups--) {
      const count = reader.u32()
      const type = typeName(reader)
      if (count > 0) this.#out.line(2).add("(local")
      for (let left = count; left > 0; left--, at++) {
        const name = locals.get(at)
        const next = left > 1 ? locals.get(at + 1) : undefined
        this.#out.add(name === undefined ? ` ${type}` : ` ${name} ${type}`)
        if (left > 1 && (name !== undefined || next !== undefined)) this.#out.add(") (local")
      }
      if (count > 0) this.#out.add(")")
    }
  }

  #custom(name: string, bytes: Uint8Array): void {
    this.#out.line(1).add(`;; custom ${quoted(name)} (${bytes.length} bytes)`)
    if (name === "name") return
    const shown = bytes.subarray(0, watLimits.customCharactersMax)
    const text = textOf(shown, shown.length < bytes.length)
    if (text === null) return
    for (const line of commentLines(text)) this.#out.line(1).add(`;;   ${line}`)
    if (shown.length < bytes.length) this.#out.line(1).add(`;;   … and ${bytes.length - shown.length} bytes more`)
  }
}

const bytesPerLine = 32

/** The text that bytes are, or null where they are something else. A cut may have split the last character. */
function textOf(bytes: Uint8Array, cut: boolean): string | null {
  for (let drop = 0; drop <= (cut ? 3 : 0); drop++) {
    const text = utf8Decode(bytes, 0, bytes.length - drop)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: text has no control characters but these three
    if (text !== null) return /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(text) ? null : text
  }
  return null
}

function valueTypes(reader: WasmReader): string[] {
  const types: string[] = []
  for (let left = reader.bounded(); left > 0; left--) types.push(typeNames.get(reader.u8()) ?? reader.invalid("expected a value type"))
  return types
}
