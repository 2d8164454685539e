/** Reads the primitive encodings of WebAssembly's binary format, one bounds check for every byte; the walk and the text printer stand on it. */
import type { RejectionReason } from "../../../shared/run.ts"
import { utf8Decode } from "./utf8.ts"

/** Why reading stopped. `at`: the byte it stopped at. */
export class WasmFault extends Error {
  readonly reason: RejectionReason
  readonly at: number

  constructor(reason: RejectionReason, detail: string, at: number) {
    super(detail)
    this.reason = reason
    this.at = at
  }
}

/** A cursor over hostile bytes. Every method throws a WasmFault where the bytes between `at` and `end` do not hold what it reads. */
export class WasmReader {
  readonly bytes: Uint8Array
  at: number
  end: number

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  peek(): number | undefined {
    return this.bytes[this.at]
  }

  u8(): number {
    const byte = this.at < this.end ? this.bytes[this.at] : undefined
    if (byte === undefined) return this.invalid("the module ends too early")
    this.at++
    return byte
  }

  /** Unsigned LEB128 of at most 32 bits. */
  u32(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8()
      if (shift === 28 && byte > 0x0f) break
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    return this.invalid("expected an unsigned 32-bit number")
  }

  /** A count of things of at least one byte each: never more than the bytes that are left. */
  bounded(): number {
    const count = this.u32()
    if (count > this.end - this.at) this.invalid("a count is larger than the bytes that are left")
    return count
  }

  /** Skips a signed LEB128 of at most this many bytes; the engine checks its last bits. */
  skipSigned(bytesMax: number): void {
    for (let left = bytesMax; left > 0; left--) if (this.u8() < 0x80) return
    this.invalid("a number is longer than its type")
  }

  /** Signed LEB128 of at most this many bits, whose surplus bits are dropped. */
  signed(bits: 32 | 33 | 64): bigint {
    const start = this.at
    this.skipSigned(Math.ceil(bits / 7))
    let value = 0n
    for (let at = this.at - 1; at >= start; at--) value = (value << 7n) | BigInt((this.bytes[at] as number) & 0x7f)
    return BigInt.asIntN(Math.min(bits, 7 * (this.at - start)), value)
  }

  name(): string {
    const size = this.u32()
    if (this.at + size > this.end) this.invalid("a name is longer than its section")
    const text = utf8Decode(this.bytes, this.at, this.at + size)
    if (text === null) return this.invalid("a name is not well-formed UTF-8")
    this.at += size
    return text
  }

  skip(count: number): void {
    if (this.at + count > this.end) this.invalid("the module ends too early")
    this.at += count
  }

  /** The next bytes, without a copy. */
  take(count: number): Uint8Array {
    const start = this.at
    this.skip(count)
    return this.bytes.subarray(start, this.at)
  }

  /** To be thrown: the bytes can be read, and what they say is not admitted. */
  refused(reason: RejectionReason, detail: string): WasmFault {
    return new WasmFault(reason, detail, this.at)
  }

  invalid(detail: string): never {
    throw new WasmFault("invalid-module", `${detail} (at byte ${this.at})`, this.at)
  }
}
