/** Byte buffers that grow, with the primitive encodings of WebAssembly's binary format. */
import { utf8Encode } from "../utf8.ts"

const floats = new DataView(new ArrayBuffer(8))

/** Growing byte buffer with the primitive encodings of the binary format. A plain array: the compiler makes hundreds, most of them short. */
export class Bytes {
  /** Numbers from 0 to 255. */
  readonly data: number[] = []

  get length(): number {
    return this.data.length
  }

  u8(byte: number): this {
    this.data.push(byte)
    return this
  }

  raw(bytes: Uint8Array): this {
    for (let index = 0; index < bytes.length; index++) this.data.push(bytes[index] as number)
    return this
  }

  /** What stands in such a buffer, from `start` to before `end`. A loop of its own: with both kinds of arrays, it would be slow for either. */
  copy(data: readonly number[], start = 0, end = data.length): this {
    const own = this.data
    for (let index = start; index < end; index++) own.push(data[index] as number)
    return this
  }

  /** Unsigned LEB128 of an integer below 2^32. */
  u32(value: number): this {
    let rest = value >>> 0
    while (rest > 0x7f) {
      this.data.push((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    return this.u8(rest)
  }

  /** Signed LEB128 of a 32-bit integer. */
  s32(value: number): this {
    let rest = value | 0
    for (;;) {
      const low = rest & 0x7f
      rest >>= 7
      if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return this.u8(low)
      this.data.push(low | 0x80)
    }
  }

  /** Signed LEB128 of a 64-bit integer. */
  s64(value: bigint): this {
    if (value >= -0x8000_0000n && value <= 0x7fff_ffffn) return this.s32(Number(value))
    let rest = BigInt.asIntN(64, value)
    for (;;) {
      const low = Number(rest & 0x7fn)
      rest >>= 7n
      if ((rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0)) return this.u8(low)
      this.data.push(low | 0x80)
    }
  }

  f64(value: number): this {
    floats.setFloat64(0, value, true)
    return this.raw(new Uint8Array(floats.buffer))
  }

  /** Length in bytes, then the bytes. */
  sized(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes)
  }

  sizedCopy(data: readonly number[]): this {
    return this.u32(data.length).copy(data)
  }

  /** UTF-8, its length in bytes before it. */
  name(text: string): this {
    if (!isAscii(text)) return this.sized(utf8Encode(text))
    this.u32(text.length)
    for (let index = 0; index < text.length; index++) this.data.push(text.charCodeAt(index))
    return this
  }

  take(): Uint8Array {
    return new Uint8Array(this.data)
  }
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) >= 0x80) return false
  return true
}

/** Bytes of a length known before. */
export class SizedBytes {
  readonly data: Uint8Array
  length = 0

  constructor(size: number) {
    this.data = new Uint8Array(size)
  }

  u8(byte: number): this {
    this.data[this.length++] = byte
    return this
  }

  u32(value: number): this {
    let rest = value >>> 0
    while (rest > 0x7f) {
      this.data[this.length++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    return this.u8(rest)
  }

  copy(from: readonly number[], start: number, end: number): this {
    const { data } = this
    let at = this.length
    for (let index = start; index < end; index++) data[at++] = from[index] as number
    this.length = at
    return this
  }
}

/** Bytes that `u32` takes for a value. */
export function u32Size(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5
}
