/** Writes WebAssembly binaries: one deterministic encoder, so that equal input gives equal bytes on every machine (vm page, D3). */
import { concatBytes } from "../digest.ts"
import { Bytes, SizedBytes, u32Size } from "./bytes.ts"
import type { Code, FunctionRef, GlobalRef, ValueType } from "./code.ts"
import { f64, funcref, i64, op } from "./code.ts"

export interface FunctionType {
  readonly params: readonly ValueType[]
  readonly results: readonly ValueType[]
}

interface FunctionImport {
  readonly module: string
  readonly name: string
  readonly type: number
}

interface DefinedFunction {
  readonly type: number
  readonly name: string
  code: Code | null
}

interface DefinedGlobal {
  readonly type: ValueType
  readonly mutable: boolean
  readonly init: bigint | number
}

/** A piece of the finished code: its offset from the start of the module, and the Source it stands for. */
export interface CodePlace {
  readonly offset: number
  readonly start: number
  readonly end: number
}

/** A module under construction. Everything is numbered in the order of first use. */
export class ModuleBuilder {
  readonly #types: FunctionType[] = []
  readonly #typeIndex = new Map<string, number>()
  readonly #imports: FunctionImport[] = []
  readonly #importIndex = new Map<string, FunctionRef>()
  readonly #globalImports: { module: string; name: string; type: ValueType; mutable: boolean }[] = []
  readonly #functions: DefinedFunction[] = []
  readonly #globals: DefinedGlobal[] = []
  readonly #exports: { name: string; kind: number; ref: FunctionRef | GlobalRef }[] = []
  readonly #elements: FunctionRef[] = []
  readonly #custom: { name: string; payload: Uint8Array }[] = []
  #memoryImport: { module: string; name: string; min: number; max: number } | null = null
  #tableImport: { module: string; name: string; min: number; max: number | null } | null = null
  #tagImport: { module: string; name: string; type: number } | null = null
  #data: Uint8Array | null = null

  type(params: readonly ValueType[], results: readonly ValueType[]): number {
    const key = String.fromCharCode(...params, 0, ...results)
    const known = this.#typeIndex.get(key)
    if (known !== undefined) return known
    this.#types.push({ params, results })
    this.#typeIndex.set(key, this.#types.length - 1)
    return this.#types.length - 1
  }

  importFunction(module: string, name: string, params: readonly ValueType[], results: readonly ValueType[]): FunctionRef {
    const key = `${module}\0${name}`
    const known = this.#importIndex.get(key)
    if (known) return known
    const ref: FunctionRef = { kind: "import", position: this.#imports.length, type: this.type(params, results) }
    this.#imports.push({ module, name, type: ref.type })
    this.#importIndex.set(key, ref)
    return ref
  }

  importGlobal(module: string, name: string, type: ValueType, mutable: boolean): GlobalRef {
    const known = this.#globalImports.findIndex(one => one.module === module && one.name === name)
    if (known >= 0) return { kind: "import", position: known }
    this.#globalImports.push({ module, name, type, mutable })
    return { kind: "import", position: this.#globalImports.length - 1 }
  }

  /** `min` and `max` in pages of 64 KiB. */
  importMemory(module: string, name: string, min: number, max: number): void {
    this.#memoryImport ??= { module, name, min, max }
  }

  importTable(module: string, name: string, min: number, max: number | null): void {
    this.#tableImport ??= { module, name, min, max }
  }

  importTag(module: string, name: string, params: readonly ValueType[]): number {
    this.#tagImport ??= { module, name, type: this.type(params, []) }
    return 0
  }

  /** Declares a function; its body follows with `define`. */
  declare(name: string, params: readonly ValueType[], results: readonly ValueType[]): FunctionRef {
    const ref: FunctionRef = { kind: "defined", position: this.#functions.length, type: this.type(params, results) }
    this.#functions.push({ type: ref.type, name, code: null })
    return ref
  }

  define(ref: FunctionRef, code: Code): void {
    const declared = this.#functions[ref.position]
    if (ref.kind !== "defined" || !declared || declared.code) throw new Error("encode: a function is defined once, after its declaration")
    declared.code = code
  }

  paramsOf(ref: FunctionRef): number {
    return this.#types[ref.type]?.params.length ?? 0
  }

  global(type: ValueType, mutable: boolean, init: bigint | number): GlobalRef {
    this.#globals.push({ type, mutable, init })
    return { kind: "defined", position: this.#globals.length - 1 }
  }

  exportFunction(name: string, ref: FunctionRef): void {
    this.#exports.push({ name, kind: 0, ref })
  }

  exportGlobal(name: string, ref: GlobalRef): void {
    this.#exports.push({ name, kind: 3, ref })
  }

  /** Puts a function into the one passive element segment; answers its position there. */
  element(ref: FunctionRef): number {
    this.#elements.push(ref)
    return this.#elements.length - 1
  }

  elementCount(): number {
    return this.#elements.length
  }

  functionCount(): number {
    return this.#functions.length
  }

  dataLength(): number {
    return this.#data?.length ?? 0
  }

  /** The one passive data segment. */
  setData(bytes: Uint8Array): void {
    this.#data = bytes
  }

  /** Custom sections stand after the code, in the order of these calls. */
  custom(name: string, payload: Uint8Array): void {
    this.#custom.push({ name, payload })
  }

  /** Indices and names of the functions defined here: what the `name` section says. Imports have a name already. */
  functionNames(): readonly (readonly [index: number, name: string])[] {
    return this.#functions.map((one, position) => [this.#imports.length + position, one.name])
  }

  /** Everything up to and including code and data, and where the marked places came to stand. */
  encodeBody(): { readonly bytes: Uint8Array; readonly places: readonly CodePlace[] } {
    const out = new Bytes()
    out.copy([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
    this.#section(out, 1, this.#types.length, section => {
      for (const type of this.#types) {
        section.u8(0x60).sizedCopy(type.params).sizedCopy(type.results)
      }
    })
    const otherImports = this.#globalImports.length + (this.#memoryImport ? 1 : 0) + (this.#tableImport ? 1 : 0) + (this.#tagImport ? 1 : 0)
    this.#section(out, 2, this.#imports.length + otherImports, section => this.#writeImports(section))
    this.#section(out, 3, this.#functions.length, section => {
      for (const one of this.#functions) section.u32(one.type)
    })
    this.#section(out, 6, this.#globals.length, section => {
      for (const one of this.#globals) writeGlobal(section, one)
    })
    this.#section(out, 7, this.#exports.length, section => {
      for (const one of this.#exports)
        section
          .name(one.name)
          .u8(one.kind)
          .u32(this.#index(one.ref, one.kind === 0 ? "function" : "global"))
    })
    this.#section(out, 9, this.#elements.length > 0 ? 1 : 0, section => {
      section.u8(1).u8(0).u32(this.#elements.length)
      for (const ref of this.#elements) section.u32(this.#index(ref, "function"))
    })
    const data = this.#data
    if (data) this.#section(out, 12, null, section => section.u32(1))
    const places: CodePlace[] = []
    const pieces = [out.take(), this.#codeSection(out.length, places)]
    if (data) {
      const head = new Bytes().u8(11)
      pieces.push(
        head
          .u32(2 + u32Size(data.length) + data.length)
          .u8(1)
          .u8(1)
          .u32(data.length)
          .take(),
        data
      )
    }
    return { bytes: concatBytes(...pieces), places }
  }

  /** The whole module: `encodeBody`, then the custom sections. */
  encode(): Uint8Array {
    return concatBytes(this.encodeBody().bytes, ...this.#custom.map(one => customSection(one.name, one.payload)))
  }

  #index(ref: FunctionRef | GlobalRef, space: "function" | "global"): number {
    if (ref.kind === "import") return ref.position
    return ref.position + (space === "function" ? this.#imports.length : this.#globalImports.length)
  }

  #section(out: Bytes, id: number, count: number | null, write: (section: Bytes) => void): void {
    if (count === 0) return
    const section = new Bytes()
    if (count !== null) section.u32(count)
    write(section)
    out.u8(id).sizedCopy(section.data)
  }

  #writeImports(section: Bytes): void {
    for (const one of this.#imports) section.name(one.module).name(one.name).u8(0).u32(one.type)
    const table = this.#tableImport
    if (table) {
      section.name(table.module).name(table.name).u8(1).u8(funcref)
      if (table.max === null) section.u8(0).u32(table.min)
      else section.u8(1).u32(table.min).u32(table.max)
    }
    const memory = this.#memoryImport
    if (memory) section.name(memory.module).name(memory.name).u8(2).u8(1).u32(memory.min).u32(memory.max)
    for (const one of this.#globalImports)
      section
        .name(one.module)
        .name(one.name)
        .u8(3)
        .u8(one.type)
        .u8(one.mutable ? 1 : 0)
    const tag = this.#tagImport
    if (tag) section.name(tag.module).name(tag.name).u8(4).u8(0).u32(tag.type)
  }

  /** The section at this offset of the module; `places` gets what its functions mark. */
  #codeSection(offset: number, places: CodePlace[]): Uint8Array {
    if (this.#functions.length === 0) return new Uint8Array(0)
    const bodies = this.#functions.map(one => {
      if (!one.code) throw new Error(`encode: function ${one.name} was declared and never defined`)
      return { code: one.code, locals: localRuns(one.code.locals), size: 0 }
    })
    let total = u32Size(bodies.length)
    for (const body of bodies) {
      body.size = this.#sizeOf(body.code, body.locals)
      total += u32Size(body.size) + body.size
    }
    const out = new SizedBytes(1 + u32Size(total) + total)
    out.u8(10).u32(total).u32(bodies.length)
    for (const { code, locals, size } of bodies) {
      out.u32(size)
      this.#writeBody(out, code, locals, offset, places)
    }
    return out.data
  }

  #sizeOf(code: Code, locals: readonly LocalRun[]): number {
    let size = u32Size(locals.length) + code.length + 1
    for (const run of locals) size += u32Size(run.count) + 1
    for (const fixup of code.fixups) size += u32Size(this.#index(fixup.ref, fixup.space))
    return size
  }

  #writeBody(out: SizedBytes, code: Code, locals: readonly LocalRun[], offset: number, places: CodePlace[]): undefined {
    out.u32(locals.length)
    for (const run of locals) out.u32(run.count).u8(run.type)
    let copied = 0
    let mark = 0
    const copyTo = (end: number) => {
      for (let next = code.marks[mark]; next && next.at <= end; next = code.marks[++mark]) {
        places.push({ offset: offset + out.length + next.at - copied, start: next.start, end: next.end })
      }
      out.copy(code.data, copied, end)
      copied = end
    }
    for (const fixup of code.fixups) {
      copyTo(fixup.at)
      out.u32(this.#index(fixup.ref, fixup.space))
    }
    copyTo(code.length)
    out.u8(op.end)
  }
}

/** One custom section with its frame. */
export function customSection(name: string, payload: Uint8Array): Uint8Array {
  const title = new Bytes().name(name)
  return concatBytes(
    new Bytes()
      .u8(0)
      .u32(title.length + payload.length)
      .copy(title.data)
      .take(),
    payload
  )
}

/** The payload of a `name` section that names functions, in index order. */
export function nameSection(names: readonly (readonly [index: number, name: string])[]): Uint8Array {
  const functions = new Bytes()
  functions.u32(names.length)
  for (const [index, name] of names) functions.u32(index).name(name)
  return new Bytes().u8(1).sizedCopy(functions.data).take()
}

/** Locals of one type that stand together. */
interface LocalRun {
  readonly type: ValueType
  count: number
}

function localRuns(locals: readonly ValueType[]): readonly LocalRun[] {
  const runs: LocalRun[] = []
  for (const type of locals) {
    const last = runs.at(-1)
    if (last?.type === type) last.count++
    else runs.push({ type, count: 1 })
  }
  return runs
}

function writeGlobal(section: Bytes, one: DefinedGlobal): void {
  section.u8(one.type).u8(one.mutable ? 1 : 0)
  if (one.type === i64) section.u8(0x42).s64(BigInt(one.init))
  else if (one.type === f64) section.u8(0x44).f64(Number(one.init))
  else section.u8(0x41).s32(Number(one.init))
  section.u8(op.end)
}
