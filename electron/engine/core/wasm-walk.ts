/** Reads the sections and instructions of a WebAssembly module without believing any of it; no engine takes part. */
import type { RejectionReason } from "../../../shared/run.ts"
import { WasmFault, WasmReader } from "./wasm-reader.ts"

export interface WasmFunctionType {
  /** Bytes of the value types, such as 0x7e for i64. */
  readonly params: readonly number[]
  readonly results: readonly number[]
}

/** Pages of 64 KiB, or table entries. */
export interface WasmLimits {
  readonly min: number
  readonly max: number | null
}

export type WasmExtern =
  | { readonly kind: "function"; readonly type: WasmFunctionType }
  | { readonly kind: "table"; readonly element: number; readonly limits: WasmLimits }
  | { readonly kind: "memory"; readonly limits: WasmLimits }
  | { readonly kind: "global"; readonly type: number; readonly mutable: boolean }
  | { readonly kind: "tag"; readonly type: WasmFunctionType }

export interface WasmImport {
  readonly module: string
  readonly name: string
  readonly extern: WasmExtern
}

export interface WasmExport {
  readonly name: string
  readonly extern: WasmExtern
}

/** Where a section stands: `start` is its id byte, `content` its first payload byte. */
export interface WasmSection {
  readonly id: number
  readonly start: number
  readonly content: number
  readonly end: number
}

/** What the walk found. Counts are of definitions, imports excluded. */
export interface WasmShape {
  readonly sections: readonly WasmSection[]
  readonly imports: readonly WasmImport[]
  readonly exports: readonly WasmExport[]
  readonly custom: readonly { readonly name: string; readonly bytes: Uint8Array }[]
  readonly functions: number
  readonly memories: readonly WasmLimits[]
  readonly tables: readonly WasmLimits[]
  readonly tags: number
  readonly dataBytes: number
  readonly hasStart: boolean
}

export type Walked =
  | { readonly kind: "walked"; readonly shape: WasmShape }
  | { readonly kind: "rejected"; readonly reason: RejectionReason; readonly detail: string; readonly at: number }

/** The shape of a module, or why it is refused: damaged framing, or something outside the baseline features. `at`: the byte where reading stopped. */
export function walk(bytes: Uint8Array): Walked {
  try {
    return { kind: "walked", shape: new Walker(bytes).walk() }
  } catch (fault) {
    if (fault instanceof WasmFault) return { kind: "rejected", reason: fault.reason, detail: fault.message, at: fault.at }
    throw fault
  }
}

const numericTypes = new Set([0x7f, 0x7e, 0x7d, 0x7c])
const vectorType = 0x7b
const referenceTypes = new Set([0x70, 0x6f, 0x69])
/** Sections in the order in which they must stand; 13 (tags) and 12 (data count) are out of numeric order. */
const sectionOrder = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11]
const itemsMax = 100_000

class Walker extends WasmReader {
  readonly #types: WasmFunctionType[] = []
  readonly #functions: number[] = []
  readonly #tables: { element: number; limits: WasmLimits }[] = []
  readonly #memories: WasmLimits[] = []
  readonly #globals: { type: number; mutable: boolean }[] = []
  readonly #tags: number[] = []
  readonly #imports: WasmImport[] = []
  readonly #exports: WasmExport[] = []
  #dataBytes = 0

  walk(): WasmShape {
    const magic = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
    for (const byte of magic) if (this.u8() !== byte) this.invalid("expected the magic number and version 1 of WebAssembly")
    const sections: WasmSection[] = []
    const custom: { name: string; bytes: Uint8Array }[] = []
    let place = -1
    let codeCount = 0
    const imported = { functions: 0, tables: 0, memories: 0, tags: 0 }
    while (this.at < this.bytes.length) {
      const start = this.at
      const id = this.u8()
      const size = this.u32()
      const content = this.at
      if (content + size > this.bytes.length) this.invalid(`section ${id} is longer than the module`)
      this.end = content + size
      sections.push({ id, start, content, end: this.end })
      if (sections.length > itemsMax) this.invalid("too many sections")
      if (id === 0) custom.push(this.#custom())
      else {
        const order = sectionOrder.indexOf(id)
        if (order < 0) throw this.refused("forbidden-section", `section ${id} is not one of the baseline`)
        if (order <= place) this.invalid(`section ${id} stands twice or out of order`)
        place = order
        if (id === 10) codeCount = this.#code()
        else this.#section(id)
        if (id === 2) {
          imported.functions = this.#functions.length
          imported.tables = this.#tables.length
          imported.memories = this.#memories.length
          imported.tags = this.#tags.length
        }
      }
      if (this.at !== this.end) this.invalid(`section ${id} does not end where it says`)
      this.end = this.bytes.length
    }
    const functions = this.#functions.length - imported.functions
    if (functions !== codeCount) this.invalid(`${functions} functions are declared and ${codeCount} have a body`)
    return {
      sections,
      imports: this.#imports,
      exports: this.#exports,
      custom,
      functions,
      memories: this.#memories.slice(imported.memories),
      tables: this.#tables.slice(imported.tables).map(table => table.limits),
      tags: this.#tags.length - imported.tags,
      dataBytes: this.#dataBytes,
      hasStart: sections.some(section => section.id === 8)
    }
  }

  #custom(): { name: string; bytes: Uint8Array } {
    const name = this.name()
    const bytes = this.bytes.subarray(this.at, this.end)
    this.at = this.end
    return { name, bytes }
  }

  #section(id: number): void {
    if (id === 8) {
      this.u32()
      return
    }
    const count = this.u32()
    if (id === 12) return
    if (count > this.end - this.at) this.invalid(`section ${id} announces more items than it has bytes`)
    if (count > itemsMax) throw this.refused("too-large", `section ${id} has ${count} items; at most ${itemsMax} are admitted`)
    for (let left = count; left > 0; left--) this.#item(id)
  }

  #item(id: number): void {
    switch (id) {
      case 1:
        this.#types.push(this.#functionType())
        return
      case 2:
        this.#imports.push(this.#import())
        return
      case 3:
        this.#functions.push(this.#typeIndex())
        return
      case 4:
        this.#table()
        return
      case 5:
        this.#memory()
        return
      case 6:
        this.#globals.push(this.#globalType())
        this.#expression()
        return
      case 7:
        this.#exports.push({ name: this.name(), extern: this.#exported() })
        return
      case 9:
        this.#element()
        return
      case 11:
        this.#data()
        return
      case 13:
        this.#tags.push(this.#tag())
        return
    }
  }

  #functionType(): WasmFunctionType {
    const form = this.u8()
    if (form !== 0x60) {
      if (form === 0x5f || form === 0x5e || form === 0x50 || form === 0x4f || form === 0x4e || form === 0x5d)
        throw this.refused("forbidden-feature", "garbage-collected and continuation types are outside the baseline")
      this.invalid("expected a function type")
    }
    return { params: this.#valueTypes(), results: this.#valueTypes() }
  }

  #valueTypes(): number[] {
    const count = this.u32()
    if (count > 1000) throw this.refused("too-large", "a function type has more than 1000 parameters or results")
    const types: number[] = []
    for (let left = count; left > 0; left--) types.push(this.#valueType())
    return types
  }

  #valueType(): number {
    const type = this.u8()
    if (numericTypes.has(type) || type === vectorType || referenceTypes.has(type)) return type
    if (type >= 0x63 && type <= 0x75)
      throw this.refused(
        "forbidden-feature",
        `value type 0x${type.toString(16)} is outside the baseline (typed or garbage-collected references)`
      )
    return this.invalid(`expected a value type, found 0x${type.toString(16)}`)
  }

  #referenceType(): number {
    const type = this.#valueType()
    if (!referenceTypes.has(type)) this.invalid("expected a reference type")
    return type
  }

  #import(): WasmImport {
    const module = this.name()
    const name = this.name()
    const kind = this.u8()
    switch (kind) {
      case 0: {
        const index = this.#typeIndex()
        this.#functions.push(index)
        return { module, name, extern: { kind: "function", type: this.#typeAt(index) } }
      }
      case 1: {
        const table = { element: this.#referenceType(), limits: this.#limits(false) }
        this.#tables.push(table)
        return { module, name, extern: { kind: "table", ...table } }
      }
      case 2: {
        const limits = this.#limits(true)
        this.#memories.push(limits)
        return { module, name, extern: { kind: "memory", limits } }
      }
      case 3: {
        const type = this.#globalType()
        this.#globals.push(type)
        return { module, name, extern: { kind: "global", ...type } }
      }
      case 4: {
        const index = this.#tag()
        this.#tags.push(index)
        return { module, name, extern: { kind: "tag", type: this.#typeAt(index) } }
      }
    }
    return this.invalid(`import ${JSON.stringify(name)} has an unknown kind`)
  }

  #exported(): WasmExtern {
    const kind = this.u8()
    const index = this.u32()
    switch (kind) {
      case 0: {
        const type = this.#functions[index]
        if (type !== undefined) return { kind: "function", type: this.#typeAt(type) }
        break
      }
      case 1: {
        const table = this.#tables[index]
        if (table) return { kind: "table", ...table }
        break
      }
      case 2: {
        const limits = this.#memories[index]
        if (limits) return { kind: "memory", limits }
        break
      }
      case 3: {
        const type = this.#globals[index]
        if (type) return { kind: "global", ...type }
        break
      }
      case 4: {
        const tag = this.#tags[index]
        if (tag !== undefined) return { kind: "tag", type: this.#typeAt(tag) }
        break
      }
    }
    return this.invalid("an export names something that does not exist")
  }

  #table(): void {
    if (this.peek() === 0x40) {
      this.u8()
      if (this.u8() !== 0) this.invalid("expected a zero byte in a table with an initialiser")
      this.#tables.push({ element: this.#referenceType(), limits: this.#limits(false) })
      this.#expression()
      return
    }
    this.#tables.push({ element: this.#referenceType(), limits: this.#limits(false) })
  }

  #memory(): void {
    if (this.#memories.length > 0) throw this.refused("forbidden-feature", "a second memory is outside the baseline")
    this.#memories.push(this.#limits(true))
  }

  #limits(memory: boolean): WasmLimits {
    const flags = this.u8()
    if (flags & 0x02) throw this.refused("forbidden-feature", "shared memory is outside the baseline")
    if (flags & 0x04) throw this.refused("forbidden-feature", "64-bit memories and tables are outside the baseline")
    if (flags & ~0x01) throw this.refused("forbidden-feature", "custom page sizes and other limits are outside the baseline")
    const min = this.u32()
    const max = flags & 1 ? this.u32() : null
    if (memory && (min > 65_536 || (max !== null && max > 65_536))) this.invalid("a memory has at most 65536 pages")
    if (max !== null && max < min) this.invalid("a maximum is smaller than its minimum")
    return { min, max }
  }

  #globalType(): { type: number; mutable: boolean } {
    const type = this.#valueType()
    const mutable = this.u8()
    if (mutable > 3) this.invalid("expected the mutability of a global")
    if (mutable > 1) throw this.refused("forbidden-feature", "shared globals are outside the baseline")
    return { type, mutable: mutable === 1 }
  }

  #tag(): number {
    if (this.u8() !== 0) this.invalid("expected an exception tag")
    return this.#typeIndex()
  }

  #typeIndex(): number {
    const index = this.u32()
    this.#typeAt(index)
    return index
  }

  #typeAt(index: number): WasmFunctionType {
    const type = this.#types[index]
    if (type) return type
    return this.invalid(`there is no type ${index}`)
  }

  #element(): void {
    const flags = this.u32()
    if (flags > 7) this.invalid("expected an element segment")
    const passiveOrDeclared = (flags & 1) !== 0
    if (!passiveOrDeclared && (flags & 2) !== 0) this.u32()
    if (!passiveOrDeclared) this.#expression()
    const withExpressions = (flags & 4) !== 0
    if (flags & 3) {
      if (withExpressions) this.#referenceType()
      else if (this.u8() !== 0) this.invalid("expected functions in an element segment")
    }
    const count = this.u32()
    if (count > this.end - this.at) this.invalid("an element segment announces more than it has")
    for (let left = count; left > 0; left--) {
      if (withExpressions) this.#expression()
      else this.u32()
    }
  }

  #data(): void {
    const flags = this.u32()
    if (flags > 2) this.invalid("expected a data segment")
    if (flags === 2) this.u32()
    if (flags !== 1) this.#expression()
    const size = this.u32()
    this.skip(size)
    this.#dataBytes += size
  }

  #code(): number {
    const count = this.u32()
    if (count > this.end - this.at) this.invalid("the code section announces more functions than it has bytes")
    const sectionEnd = this.end
    for (let left = count; left > 0; left--) {
      const size = this.u32()
      if (this.at + size > sectionEnd) this.invalid("a function body is longer than its section")
      this.end = this.at + size
      const groups = this.u32()
      if (groups > size) this.invalid("a function announces more locals than it has bytes")
      let locals = 0
      for (let group = groups; group > 0; group--) {
        locals += this.u32()
        if (locals > 50_000) throw this.refused("too-large", "a function has more than 50000 locals")
        this.#valueType()
      }
      this.#expression()
      if (this.at !== this.end) this.invalid("a function body does not end where it says")
      this.end = sectionEnd
    }
    return count
  }

  /** Instructions up to and with the `end` that closes them. */
  #expression(): void {
    let depth = 1
    while (depth > 0) {
      const code = this.u8()
      if (code === 0x02 || code === 0x03 || code === 0x04) {
        this.#blockType()
        depth++
      } else if (code === 0x1f) {
        this.#tryTable()
        depth++
      } else if (code === 0x0b) depth--
      else this.#instruction(code)
    }
  }

  #blockType(): void {
    const first = this.peek()
    if (first === 0x40) this.u8()
    else if (first !== undefined && first >= 0x63 && first < 0x80) this.#valueType()
    else this.skipSigned(5)
  }

  #tryTable(): void {
    this.#blockType()
    for (let left = this.bounded(); left > 0; left--) {
      const kind = this.u8()
      if (kind > 3) this.invalid("expected a catch clause")
      if (kind < 2) this.u32()
      this.u32()
    }
  }

  #instruction(code: number): void {
    if (code <= 0x01 || code === 0x05 || code === 0x0a || code === 0x0f || code === 0x1a || code === 0x1b) return
    if (code >= 0x45 && code <= 0xc4) return
    if (code >= 0x28 && code <= 0x3e) {
      this.#memoryArgument()
      return
    }
    switch (code) {
      case 0x06:
      case 0x07:
      case 0x09:
      case 0x18:
      case 0x19:
        throw this.refused("forbidden-feature", "legacy exception handling is outside the baseline (try_table is in it)")
      case 0x08:
      case 0x0c:
      case 0x0d:
      case 0x10:
      case 0x12:
      case 0x20:
      case 0x21:
      case 0x22:
      case 0x23:
      case 0x24:
      case 0x25:
      case 0x26:
      case 0xd2:
        this.u32()
        return
      case 0x0e:
        for (let left = this.bounded(); left >= 0; left--) this.u32()
        return
      case 0x11:
      case 0x13:
        this.u32()
        this.u32()
        return
      case 0x1c:
        for (let left = this.bounded(); left > 0; left--) this.#valueType()
        return
      case 0x3f:
      case 0x40:
        if (this.u8() !== 0) throw this.refused("forbidden-feature", "a second memory is outside the baseline")
        return
      case 0x41:
        this.skipSigned(5)
        return
      case 0x42:
        this.skipSigned(10)
        return
      case 0x43:
        this.skip(4)
        return
      case 0x44:
        this.skip(8)
        return
      case 0xd0:
        this.#referenceType()
        return
      case 0xd1:
        return
      case 0xfc:
        this.#bulk()
        return
      case 0xfd:
        this.#vector()
        return
      case 0xfb:
        throw this.refused("forbidden-feature", "garbage-collected types are outside the baseline")
      case 0xfe:
        throw this.refused("forbidden-feature", "atomics are outside the baseline")
      case 0x14:
      case 0x15:
      case 0xd3:
      case 0xd4:
      case 0xd5:
      case 0xd6:
        throw this.refused("forbidden-feature", "typed function references are outside the baseline")
    }
    if (code >= 0xe0 && code <= 0xe6) throw this.refused("forbidden-feature", "stack switching is outside the baseline")
    this.invalid(`unknown instruction 0x${code.toString(16)}`)
  }

  #memoryArgument(): void {
    const align = this.u32()
    if (align >= 64) throw this.refused("forbidden-feature", "a second memory is outside the baseline")
    this.u32()
  }

  #bulk(): void {
    const code = this.u32()
    if (code < 8) return
    const immediates = [2, 1, 2, 1, 2, 1, 2, 1, 1, 1][code - 8]
    if (immediates === undefined) {
      if (code >= 19 && code <= 22) throw this.refused("forbidden-feature", "wide arithmetic is outside the baseline")
      this.invalid(`unknown instruction 0xfc ${code}`)
    }
    for (let left = immediates; left > 0; left--) this.u32()
  }

  #vector(): void {
    const code = this.u32()
    if (code >= 0x100) throw this.refused("forbidden-feature", "relaxed SIMD is outside the baseline")
    if (code <= 0x0b || code === 0x5c || code === 0x5d) {
      this.#memoryArgument()
      return
    }
    if (code === 0x0c || code === 0x0d) {
      this.skip(16)
      return
    }
    if (code >= 0x15 && code <= 0x22) {
      this.skip(1)
      return
    }
    if (code >= 0x54 && code <= 0x5b) {
      this.#memoryArgument()
      this.skip(1)
    }
  }
}
