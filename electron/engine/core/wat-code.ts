/** Prints instructions in the flat form of the text format, one a line, indented by their nesting. */
import { bulkNames, heapNames, plainNames, typeNames, vectorNames } from "./wasm-names.ts"
import type { WasmReader } from "./wasm-reader.ts"
import type { Identifiers } from "./wat-names.ts"
import type { BoundedText } from "./wat-text.ts"

/** What the indices in a body mean. */
export interface CodeNames {
  readonly functions: Identifiers
  readonly types: Identifiers
  readonly tables: Identifiers
  readonly globals: Identifiers
  readonly elements: Identifiers
  readonly data: Identifiers
  readonly tags: Identifiers
  readonly locals: Identifiers
}

/** The identifier of an index, or the index itself. */
export function nameOf(identifiers: Identifiers, index: number): string {
  return identifiers.get(index) ?? String(index)
}

/** The body of a function up to the `end` that closes it, each instruction on a line of its own from `level` on. */
export function printBody(reader: WasmReader, names: CodeNames, out: BoundedText, level: number): void {
  let depth = 0
  for (;;) {
    const code = reader.u8()
    if (code === end && depth === 0) return
    if (code === end) depth--
    out.line(level + depth - (code === otherwise && depth > 0 ? 1 : 0))
    printInstruction(reader, code, depth, names, out)
    if (opens.has(code)) out.add(`  ;; @${++depth}`)
  }
}

/** A constant expression on one line, in brackets where it is a single instruction. */
export function printConstant(reader: WasmReader, names: CodeNames, out: BoundedText): void {
  const first = reader.u8()
  if (first === end) return
  out.add("(")
  printInstruction(reader, first, 0, names, out)
  out.add(")")
  for (let depth = opens.has(first) ? 1 : 0; ; ) {
    const code = reader.u8()
    if (code === end && depth === 0) return
    if (code === end) depth--
    else if (opens.has(code)) depth++
    out.add(" ")
    printInstruction(reader, code, 0, names, out)
  }
}

const end = 0x0b
const otherwise = 0x05
/** block, loop, if, try_table. */
const opens = new Set([0x02, 0x03, 0x04, 0x1f])

function printInstruction(reader: WasmReader, code: number, depth: number, names: CodeNames, out: BoundedText): void {
  if (code === 0xfc) {
    printBulk(reader, names, out)
    return
  }
  if (code === 0xfd) {
    printVector(reader, out)
    return
  }
  const name = plainNames[code]
  if (name === undefined) {
    reader.invalid(`unknown instruction 0x${code.toString(16)}`)
    return
  }
  out.add(name)
  if (code >= 0x28 && code <= 0x3e) {
    printMemoryArgument(reader, naturalAlignment(name), out)
    return
  }
  switch (code) {
    case 0x02:
    case 0x03:
    case 0x04:
      printBlockType(reader, names, out)
      return
    case 0x1f:
      printBlockType(reader, names, out)
      printCatches(reader, names, out)
      return
    case 0x08:
      index(names.tags)
      return
    case 0x0c:
    case 0x0d:
      printLabel(reader, depth, out)
      return
    case 0x0e:
      for (let left = reader.bounded(); left >= 0; left--) printLabel(reader, depth, out)
      return
    case 0x10:
    case 0x12:
    case 0xd2:
      index(names.functions)
      return
    case 0x11:
    case 0x13: {
      const type = reader.u32()
      const table = reader.u32()
      if (table !== 0) out.add(` ${nameOf(names.tables, table)}`)
      out.add(` (type ${nameOf(names.types, type)})`)
      return
    }
    case 0x1c:
      out.add(" (result")
      for (let left = reader.bounded(); left > 0; left--) out.add(` ${typeName(reader)}`)
      out.add(")")
      return
    case 0x20:
    case 0x21:
    case 0x22:
      index(names.locals)
      return
    case 0x23:
    case 0x24:
      index(names.globals)
      return
    case 0x25:
    case 0x26:
      index(names.tables)
      return
    case 0x3f:
    case 0x40:
      reader.u8()
      return
    case 0x41:
      out.add(` ${reader.signed(32)}`)
      return
    case 0x42:
      out.add(` ${reader.signed(64)}`)
      return
    case 0x43:
      out.add(` ${floatText(reader.take(4))}`)
      return
    case 0x44:
      out.add(` ${floatText(reader.take(8))}`)
      return
    case 0xd0:
      out.add(` ${heapNames.get(reader.u8()) ?? reader.invalid("expected a reference type")}`)
  }

  function index(identifiers: Identifiers): void {
    out.add(` ${nameOf(identifiers, reader.u32())}`)
  }
}

export function typeName(reader: WasmReader): string {
  return typeNames.get(reader.u8()) ?? reader.invalid("expected a value type")
}

function printBlockType(reader: WasmReader, names: CodeNames, out: BoundedText): void {
  const first = reader.peek()
  if (first === 0x40) reader.u8()
  else if (first !== undefined && typeNames.has(first)) out.add(` (result ${typeName(reader)})`)
  else out.add(` (type ${nameOf(names.types, Number(reader.signed(33)))})`)
}

/** Labels of the clauses count from outside the block they belong to. */
function printCatches(reader: WasmReader, names: CodeNames, out: BoundedText): void {
  for (let left = reader.bounded(); left > 0; left--) {
    const kind = reader.u8()
    out.add(` (${["catch", "catch_ref", "catch_all", "catch_all_ref"][kind] ?? reader.invalid("expected a catch clause")}`)
    if (kind < 2) out.add(` ${nameOf(names.tags, reader.u32())}`)
    out.add(` ${reader.u32()})`)
  }
}

/** A number of blocks to leave, and which one that is: `@0` is the function. */
function printLabel(reader: WasmReader, depth: number, out: BoundedText): void {
  const label = reader.u32()
  out.add(label <= depth ? ` ${label} (;@${depth - label};)` : ` ${label}`)
}

/** log2 of the bytes an access touches, which its name tells. */
function naturalAlignment(name: string): number {
  const width = /(?:load|store)(\d+)(x\d+)?/.exec(name)
  if (width?.[2] !== undefined) return 3
  const bits = Number(width?.[1] ?? /^[ifv](\d+)/.exec(name)?.[1])
  return Math.log2(bits / 8)
}

function printMemoryArgument(reader: WasmReader, natural: number, out: BoundedText): void {
  const align = reader.u32()
  const offset = reader.u32()
  if (offset !== 0) out.add(` offset=${offset}`)
  if (align !== natural) out.add(` align=${2n ** BigInt(align & 63)}`)
}

function printBulk(reader: WasmReader, names: CodeNames, out: BoundedText): void {
  const code = reader.u32()
  const name = bulkNames[code]
  if (name === undefined) reader.invalid(`unknown instruction 0xfc ${code}`)
  out.add(name)
  const first = code < 8 ? 0 : reader.u32()
  switch (code) {
    case 8:
      reader.u32()
      out.add(` ${nameOf(names.data, first)}`)
      return
    case 9:
      out.add(` ${nameOf(names.data, first)}`)
      return
    case 10:
      reader.u32()
      return
    case 12: {
      const table = reader.u32()
      if (table !== 0) out.add(` ${nameOf(names.tables, table)}`)
      out.add(` ${nameOf(names.elements, first)}`)
      return
    }
    case 13:
      out.add(` ${nameOf(names.elements, first)}`)
      return
    case 14:
      out.add(` ${nameOf(names.tables, first)} ${nameOf(names.tables, reader.u32())}`)
      return
    case 15:
    case 16:
    case 17:
      out.add(` ${nameOf(names.tables, first)}`)
  }
}

function printVector(reader: WasmReader, out: BoundedText): void {
  const code = reader.u32()
  const name = vectorNames[code]
  if (name === undefined) reader.invalid(`unknown instruction 0xfd ${code}`)
  out.add(name)
  if (code <= 0x0b || code === 0x5c || code === 0x5d || (code >= 0x54 && code <= 0x5b))
    printMemoryArgument(reader, naturalAlignment(name), out)
  if (code === 0x0c) out.add(` i32x4 ${lanesText(reader.take(16))}`)
  if (code === 0x0d) for (const lane of reader.take(16)) out.add(` ${lane}`)
  if ((code >= 0x15 && code <= 0x22) || (code >= 0x54 && code <= 0x5b)) out.add(` ${reader.u8()}`)
}

function lanesText(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return [0, 4, 8, 12].map(at => `0x${view.getUint32(at, true).toString(16).padStart(8, "0")}`).join(" ")
}

/** A float that reads back to the same bits: the shortest decimal of the value as 64 bits is exact for 32 too. */
function floatText(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const wide = bytes.length === 8
  const value = wide ? view.getFloat64(0, true) : view.getFloat32(0, true)
  const sign = ((bytes.at(-1) as number) & 0x80) !== 0 ? "-" : ""
  if (!Number.isNaN(value)) return `${sign}${Number.isFinite(value) ? String(Math.abs(value)) : "inf"}`
  const payload = wide ? view.getBigUint64(0, true) & 0xf_ffff_ffff_ffffn : BigInt(view.getUint32(0, true) & 0x7f_ffff)
  const canonical = wide ? 0x8_0000_0000_0000n : 0x40_0000n
  return payload === canonical ? `${sign}nan` : `${sign}nan:0x${payload.toString(16)}`
}
