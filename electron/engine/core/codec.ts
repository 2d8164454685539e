/** Canonical bytes: the one encoding in which values cross the wall of the Sandbox (vm page, section 3.10; tags in runtime/README.md). */
import type { MapKey, RtfsMap, Value } from "../../../shared/value.ts"
import { compareUtf8, utf8Decode, utf8Encode } from "./utf8.ts"

/** CBOR tags of the kinds CBOR does not have. */
export const codecTags = { keyword: 6, list: 7, error: 8, function: 9 } as const

/** Nesting both directions accept, as the runtime does; anything deeper is refused. */
export const codecDepthMax = 10_000

/** Why bytes were refused: what stood where. */
export interface CodecFault {
  readonly offset: number
  readonly message: string
}

export type Decoded = { readonly kind: "value"; readonly value: Value } | { readonly kind: "malformed"; readonly fault: CodecFault }

/** A value that has no canonical bytes: a function, an integer outside 64 bits, a map out of order. */
export class UnencodableValue extends TypeError {}

/** Canonical bytes of a value. Throws `UnencodableValue` for functions and values that break the shape of `shared/value.ts`. */
export function encodeValue(value: Value): Uint8Array {
  const out = new Writer()
  write(out, value)
  return out.take()
}

/** The value in these bytes, all of them; anything that is not exactly canonical is `malformed`. `depthMax` bounds nesting. */
export function decodeValue(bytes: Uint8Array, depthMax = codecDepthMax): Decoded {
  const reader = new Reader(bytes, depthMax)
  try {
    const value = reader.value()
    if (reader.at !== bytes.length) return reader.malformed("the end of the bytes")
    return { kind: "value", value }
  } catch (fault) {
    if (fault instanceof Malformed) return { kind: "malformed", fault: { offset: fault.offset, message: fault.message } }
    throw fault
  }
}

/** Map order: integers ascending, then strings, then keywords, by their UTF-8 bytes (language page, section 3.1). */
export function compareKeys(left: MapKey, right: MapKey): number {
  const rank = keyRank(left) - keyRank(right)
  if (rank !== 0) return rank
  if (typeof left === "bigint") return left < (right as bigint) ? -1 : left > (right as bigint) ? 1 : 0
  if (typeof left === "string") return compareUtf8(left, right as string)
  return compareUtf8(left.name, (right as { name: string }).name)
}

function keyRank(key: MapKey): number {
  return typeof key === "bigint" ? 0 : typeof key === "string" ? 1 : 2
}

const intMax = 2n ** 63n - 1n
const intMin = -(2n ** 63n)

/** Values still to be written, the next one last; depth travels with them, so that deep values need no deep stack. */
function write(out: Writer, whole: Value): void {
  const waiting: { readonly value: Value; readonly depth: number }[] = [{ value: whole, depth: 0 }]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (next.depth > codecDepthMax) throw new UnencodableValue(`expected at most ${codecDepthMax} levels of nesting`)
    const inner = writeHead(out, next.value)
    const depth = next.depth + 1
    for (let index = inner.length - 1; index >= 0; index--) waiting.push({ value: inner[index] as Value, depth })
  }
}

/** Writes a value up to its parts, which it answers. */
function writeHead(out: Writer, value: Value): readonly Value[] {
  if (value === null) return out.u8(0xf6)
  switch (typeof value) {
    case "boolean":
      return out.u8(value ? 0xf5 : 0xf4)
    case "bigint":
      if (value > intMax || value < intMin) throw new UnencodableValue(`expected a signed 64-bit integer, found ${value}`)
      return value >= 0n ? out.head(0, value) : out.head(1, -1n - value)
    case "number":
      return out.float(value)
    case "string":
      return out.text(value)
  }
  if (isVector(value)) {
    out.head(4, BigInt(value.length))
    return value
  }
  switch (value.kind) {
    case "keyword":
      out.head(6, BigInt(codecTags.keyword))
      return out.text(value.name)
    case "list":
      out.head(6, BigInt(codecTags.list))
      out.head(4, BigInt(value.items.length))
      return value.items
    case "map":
      return mapParts(out, value)
    case "error":
      out.head(6, BigInt(codecTags.error))
      out.head(4, 2n)
      return [value.category ?? "runtime-error", value.message]
    case "function":
      throw new UnencodableValue("a function cannot cross the wall: expected plain data")
    default:
      throw new UnencodableValue("expected an RTFS value")
  }
}

function isVector(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

function mapParts(out: Writer, map: RtfsMap): readonly Value[] {
  out.head(5, BigInt(map.entries.length))
  let previous: MapKey | null = null
  const parts: Value[] = []
  for (const [key, item] of map.entries) {
    if (previous !== null && compareKeys(previous, key) >= 0) throw new UnencodableValue("expected map entries in map order, no key twice")
    previous = key
    parts.push(key, item)
  }
  return parts
}

const none: readonly Value[] = []

class Writer {
  #bytes = new Uint8Array(64)
  #length = 0

  u8(byte: number): readonly Value[] {
    this.#room(1)
    this.#bytes[this.#length++] = byte
    return none
  }

  raw(bytes: Uint8Array): void {
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** Major type and argument in the shortest form. */
  head(major: number, argument: bigint): readonly Value[] {
    const top = major << 5
    if (argument < 24n) return this.u8(top | Number(argument))
    const size = argument < 0x100n ? 1 : argument < 0x10000n ? 2 : argument < 0x100000000n ? 4 : 8
    this.u8(top | (size === 1 ? 24 : size === 2 ? 25 : size === 4 ? 26 : 27))
    for (let shift = BigInt(size * 8 - 8); shift >= 0n; shift -= 8n) this.u8(Number((argument >> shift) & 0xffn))
    return none
  }

  text(text: string): readonly Value[] {
    const bytes = utf8Encode(text)
    this.head(3, BigInt(bytes.length))
    this.raw(bytes)
    return none
  }

  float(value: number): readonly Value[] {
    this.u8(0xfb)
    this.#room(8)
    const view = new DataView(this.#bytes.buffer)
    if (Number.isNaN(value)) view.setBigUint64(this.#length, 0x7ff8000000000000n)
    else view.setFloat64(this.#length, value)
    this.#length += 8
    return none
  }

  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  #room(extra: number): void {
    if (this.#length + extra <= this.#bytes.length) return
    const bigger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + extra))
    bigger.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = bigger
  }
}

class Malformed extends Error {
  readonly offset: number

  constructor(offset: number, message: string) {
    super(message)
    this.offset = offset
  }
}

/** Trusts nothing: every length is held against the bytes that are left before anything is allocated. */
class Reader {
  at = 0
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #depthMax: number

  constructor(bytes: Uint8Array, depthMax: number) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#depthMax = depthMax
  }

  malformed(expected: string): Decoded {
    return { kind: "malformed", fault: { offset: this.at, message: `expected ${expected}` } }
  }

  /** One whole value. Collections wait on a stack of their own until their parts are there. */
  value(): Value {
    const open: Collection[] = []
    for (;;) {
      const begun = this.#begin()
      if ("finish" in begun) {
        if (open.length >= this.#depthMax) this.#refuse(`at most ${this.#depthMax} levels of nesting`)
        open.push(begun)
      } else if (open.length === 0) return begun.value
      else (open.at(-1) as Collection).add(begun.value, this)
      for (let top = open.at(-1); top && top.left === 0; top = open.at(-1)) {
        open.pop()
        const value = top.finish()
        const outer = open.at(-1)
        if (!outer) return value
        outer.add(value, this)
      }
    }
  }

  #begin(): { readonly value: Value } | Collection {
    const first = this.#u8()
    switch (first) {
      case 0xf4:
        return { value: false }
      case 0xf5:
        return { value: true }
      case 0xf6:
        return { value: null }
      case 0xfb:
        return { value: this.#float() }
    }
    const argument = this.#argument(first & 0x1f)
    switch (first >> 5) {
      case 0:
        if (argument > intMax) this.#refuse("a signed 64-bit integer")
        return { value: argument }
      case 1:
        if (argument > intMax) this.#refuse("a signed 64-bit integer")
        return { value: -1n - argument }
      case 3:
        return { value: this.#text(argument) }
      case 4:
        return new Sequence(this.#room(argument, 1), "vector")
      case 5:
        return new Entries(this.#room(argument, 2))
      case 6:
        return this.#tagged(argument)
    }
    return this.#refuse("a value")
  }

  #tagged(tag: bigint): { readonly value: Value } | Collection {
    const first = this.#u8()
    const argument = first === 0xf6 ? 0n : this.#argument(first & 0x1f)
    const major = first >> 5
    switch (Number(tag)) {
      case codecTags.keyword:
        if (major !== 3) this.#refuse("the text of a keyword")
        return { value: { kind: "keyword", name: this.#text(argument) } }
      case codecTags.list:
        if (major !== 4) this.#refuse("the items of a list")
        return new Sequence(this.#room(argument, 1), "list")
      case codecTags.error: {
        if (major !== 4 || argument !== 2n) this.#refuse("category and message of an error")
        const category = this.#plainText()
        return { value: { kind: "error", message: this.#plainText(), category } }
      }
      case codecTags.function:
        if (first !== 0xf6) this.#refuse("nil under the tag of a function")
        return { value: { kind: "function" } }
    }
    return this.#refuse("a known tag")
  }

  #plainText(): string {
    const first = this.#u8()
    if (first >> 5 !== 3) this.#refuse("a text")
    return this.#text(this.#argument(first & 0x1f))
  }

  /** A count that the bytes left can hold, `each` bytes at least for one item. */
  #room(count: bigint, each: number): number {
    if (count * BigInt(each) > BigInt(this.#bytes.length - this.at)) this.#refuse("as many items as were announced")
    return Number(count)
  }

  #text(length: bigint): string {
    if (length > BigInt(this.#bytes.length - this.at)) this.#refuse("as many bytes of text as were announced")
    const end = this.at + Number(length)
    const text = utf8Decode(this.#bytes, this.at, end)
    if (text === null) return this.#refuse("well-formed UTF-8")
    this.at = end
    return text
  }

  #float(): number {
    if (this.at + 8 > this.#bytes.length) this.#refuse("eight bytes of a float")
    const bits = this.#view.getBigUint64(this.at)
    const value = this.#view.getFloat64(this.at)
    if (Number.isNaN(value) && bits !== 0x7ff8000000000000n) this.#refuse("the canonical NaN")
    this.at += 8
    return value
  }

  #argument(low: number): bigint {
    if (low < 24) return BigInt(low)
    if (low > 27) this.#refuse("a definite length")
    const size = 1 << (low - 24)
    let value = 0n
    for (let left = size; left > 0; left--) value = (value << 8n) | BigInt(this.#u8())
    const least = size === 1 ? 24n : 1n << BigInt(size * 4)
    if (value < least) this.#refuse("the shortest form of a number")
    return value
  }

  #u8(): number {
    const byte = this.#bytes[this.at]
    if (byte === undefined) return this.#refuse("more bytes")
    this.at++
    return byte
  }

  #refuse(expected: string): never {
    return this.refuseAt(this.at, expected)
  }

  refuseAt(offset: number, expected: string): never {
    throw new Malformed(offset, `expected ${expected}`)
  }
}

interface Collection {
  /** Parts still to come. */
  readonly left: number
  add(value: Value, reader: Reader): void
  finish(): Value
}

class Sequence implements Collection {
  left: number
  readonly #kind: "vector" | "list"
  readonly #items: Value[] = []

  constructor(count: number, kind: "vector" | "list") {
    this.left = count
    this.#kind = kind
  }

  add(value: Value): void {
    this.#items.push(value)
    this.left--
  }

  finish(): Value {
    return this.#kind === "vector" ? this.#items : { kind: "list", items: this.#items }
  }
}

class Entries implements Collection {
  left: number
  readonly #entries: [MapKey, Value][] = []
  #key: MapKey | null = null
  #previous: MapKey | null = null

  constructor(count: number) {
    this.left = count * 2
  }

  add(value: Value, reader: Reader): void {
    this.left--
    if (this.#key !== null) {
      this.#entries.push([this.#key, value])
      this.#key = null
      return
    }
    if (!isMapKey(value)) reader.refuseAt(reader.at, "an integer, a string or a keyword as key")
    if (this.#previous !== null && compareKeys(this.#previous, value) >= 0) reader.refuseAt(reader.at, "keys in map order, none twice")
    this.#key = value
    this.#previous = value
  }

  finish(): Value {
    return { kind: "map", entries: this.#entries }
  }
}

function isMapKey(value: Value): value is MapKey {
  return (
    typeof value === "bigint" ||
    typeof value === "string" ||
    (typeof value === "object" && value !== null && "kind" in value && value.kind === "keyword")
  )
}
