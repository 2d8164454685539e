/** Types as the bytes the runtime tests values against (runtime/README.md, section 5). */
import type { Value } from "../../../../shared/value.ts"
import { encodeValue } from "../codec.ts"
import type { PrimitiveName, Refinement, TypeTest } from "../types.ts"
import { Bytes } from "./bytes.ts"
import type { IrType } from "./ir.ts"

const primitives: Readonly<Record<PrimitiveName, number>> = {
  any: 0x00,
  never: 0x01,
  int: 0x02,
  float: 0x03,
  string: 0x04,
  bool: 0x05,
  nil: 0x06,
  keyword: 0x07,
  symbol: 0x08,
  fn: 0x09
}

const comparisons = { ">": 0x20, "<": 0x21, ">=": 0x22, "<=": 0x23, "=": 0x24, "!=": 0x25 } as const
const lengths = { "min-length": 0x30, "max-length": 0x31, length: 0x32, "min-count": 0x34, "max-count": 0x35, count: 0x36 } as const
const optional = 1
const keywordOnly = 2

/** Text for the message, then the type. */
export function typeDescriptor(type: IrType): Uint8Array {
  const out = new Bytes().name(type.text)
  writeType(out, type.test)
  return out.take()
}

function writeType(out: Bytes, type: TypeTest): undefined {
  switch (type.kind) {
    case "vector":
      out.u8(0x10)
      return writeType(out, type.of)
    case "tuple":
      out.u8(0x11)
      return writeTypes(out, type.items)
    case "map":
      out.u8(0x12).u32(type.entries.length)
      for (const entry of type.entries) {
        out.u8((entry.optional ? optional : 0) | (entry.keywordOnly ? keywordOnly : 0)).name(entry.key)
        writeType(out, entry.type)
      }
      return
    case "map-of":
      out.u8(0x13)
      return writeTypes(out, [type.key, type.value], false)
    case "union":
      out.u8(0x14)
      return writeTypes(out, type.of)
    case "and":
      out.u8(0x15).u32(type.of.length + type.refinements.length)
      for (const one of type.of) writeType(out, one)
      for (const one of type.refinements) writeRefinement(out, one)
      return
    case "literal":
      out.u8(0x16).u32(type.values.length)
      for (const value of type.values) writeLiteral(out, value)
      return
    case "array":
      out.u8(0x18).u32(type.length === null ? 0 : type.length + 1)
      return writeType(out, type.of)
    default:
      out.u8(primitives[type.kind])
  }
}

function writeTypes(out: Bytes, types: readonly TypeTest[], counted = true): undefined {
  if (counted) out.u32(types.length)
  for (const type of types) writeType(out, type)
}

function writeRefinement(out: Bytes, one: Refinement): undefined {
  switch (one.op) {
    case "in-range":
      out.u8(0x26)
      writeLiteral(out, one.low)
      return writeLiteral(out, one.high)
    case "matches-regex":
      out.u8(0x33)
      return writeLiteral(out, one.pattern)
    case "non-empty":
      out.u8(0x37)
      return
    case "has-key":
      out.u8(0x38)
      return writeLiteral(out, { kind: "keyword", name: one.key })
    case "required-keys":
      out.u8(0x39).u32(one.keys.length)
      for (const name of one.keys) writeLiteral(out, { kind: "keyword", name })
      return
    case "min-length":
    case "max-length":
    case "length":
    case "min-count":
    case "max-count":
    case "count":
      if (one.operand < 0n && !one.op.startsWith("min-")) out.u8(primitives.never)
      else out.u8(lengths[one.op]).u32(countOf(one.operand))
      return
    default:
      out.u8(comparisons[one.op])
      writeLiteral(out, one.operand)
  }
}

/** No collection has more than 2^32 items, so larger bounds mean the same as this one. */
function countOf(operand: bigint): number {
  return operand < 0n ? 0 : operand > 0xffff_ffffn ? 0xffff_ffff : Number(operand)
}

function writeLiteral(out: Bytes, value: Value): undefined {
  out.raw(encodeValue(value))
}
