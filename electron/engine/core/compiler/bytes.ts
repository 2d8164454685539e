/** Byte buffers that grow, with the primitive encodings of WebAssembly's binary format. */
import { utf8Encode } from "../utf8.ts"

/** Growing byte buffer with the primitive encodings of the binary format. */
export class Bytes {
  data: Uint8Array = new Uint8Array(256)
  length = 0

  u8(byte: number): this {
    if (this.length === this.data.length) this.#grow(1)
    this.data[this.length++] = byte
    return this
  }

  raw(bytes: Uint8Array): this {
    if (this.length + bytes.length > this.data.length) this.#grow(bytes.length)
    this.data.set(bytes, this.length)
    this.length += bytes.length
    return this
  }

  /** Unsigned LEB128 of an integer below 2^32. */
  u32(value: number): this {
    let rest = value >>> 0
    while (rest > 0x7f) {
      this.u8((rest & 0x7f) | 0x80)
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
      this.u8(low | 0x80)
    }
  }

  /** Signed LEB128 of a 64-bit integer. */
  s64(value: bigint): this {
    let rest = BigInt.asIntN(64, value)
    for (;;) {
      const low = Number(rest & 0x7fn)
      rest >>= 7n
      if ((rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0)) return this.u8(low)
      this.u8(low | 0x80)
    }
  }

  f64(value: number): this {
    const view = new DataView(new ArrayBuffer(8))
    view.setFloat64(0, value, true)
    return this.raw(new Uint8Array(view.buffer))
  }

  /** Length in bytes, then the bytes. */
  sized(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes)
  }

  name(text: string): this {
    return this.sized(utf8Encode(text))
  }

  take(): Uint8Array {
    return this.data.slice(0, this.length)
  }

  #grow(extra: number): void {
    const bigger = new Uint8Array(Math.max(this.data.length * 2, this.length + extra))
    bigger.set(this.data.subarray(0, this.length))
    this.data = bigger
  }
}
