/** UTF-8 by hand, because core has neither DOM nor Node types; strict in both directions. */

/** UTF-8 bytes of a text. Throws a TypeError for a lone surrogate, which is no Unicode scalar. */
export function utf8Encode(text: string): Uint8Array {
  const ascii = new Uint8Array(text.length)
  let plain = 0
  for (; plain < text.length; plain++) {
    const code = text.charCodeAt(plain)
    if (code >= 0x80) break
    ascii[plain] = code
  }
  if (plain === text.length) return ascii
  const bytes = new Uint8Array(plain + (text.length - plain) * 3)
  bytes.set(ascii.subarray(0, plain))
  let length = plain
  for (let index = plain; index < text.length; index++) {
    let code = text.charCodeAt(index)
    if (code < 0x80) {
      bytes[length++] = code
      continue
    }
    if (code >= 0xd800 && code <= 0xdfff) {
      const low = text.charCodeAt(++index)
      if (code > 0xdbff || !(low >= 0xdc00 && low <= 0xdfff)) throw new TypeError("expected Unicode scalars, found a lone surrogate")
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
    }
    if (code < 0x800) bytes[length++] = 0xc0 | (code >> 6)
    else {
      if (code < 0x10000) bytes[length++] = 0xe0 | (code >> 12)
      else {
        bytes[length++] = 0xf0 | (code >> 18)
        bytes[length++] = 0x80 | ((code >> 12) & 0x3f)
      }
      bytes[length++] = 0x80 | ((code >> 6) & 0x3f)
    }
    bytes[length++] = 0x80 | (code & 0x3f)
  }
  return bytes.slice(0, length)
}

/** The text of well-formed UTF-8 in `bytes[start, end)`; null for overlong forms, surrogates, values past U+10FFFF and cut sequences. */
export function utf8Decode(bytes: Uint8Array, start = 0, end = bytes.length): string | null {
  let at = start
  while (at < end && (bytes[at] as number) < 0x80) at++
  let text = asciiText(bytes, start, at)
  let units: number[] = []
  while (at < end) {
    const first = bytes[at] as number
    const size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
    if (size === 0 || at + size > end) return null
    let code = size === 1 ? first : first & (0x7f >> size)
    for (let next = 1; next < size; next++) {
      const byte = bytes[at + next] as number
      if ((byte & 0xc0) !== 0x80) return null
      code = (code << 6) | (byte & 0x3f)
    }
    if ((size === 3 && code < 0x800) || (size === 4 && (code < 0x10000 || code > 0x10ffff)) || (code >= 0xd800 && code <= 0xdfff))
      return null
    if (code < 0x10000) units.push(code)
    else units.push(0xd800 + ((code - 0x10000) >> 10), 0xdc00 + ((code - 0x10000) & 0x3ff))
    if (units.length > unitsMax) {
      text += String.fromCharCode(...units)
      units = []
    }
    at += size
  }
  return text + String.fromCharCode(...units)
}

/** What fits an engine's argument list with room to spare. */
const unitsMax = 4_096

/** The text of bytes that are all below 0x80. */
function asciiText(bytes: Uint8Array, start: number, end: number): string {
  let text = ""
  for (let at = start; at < end; at += unitsMax) {
    const piece: ArrayLike<number> = bytes.subarray(at, Math.min(at + unitsMax, end))
    // spreading would walk an iterator, at twenty times the cost
    text += String.fromCharCode.apply(null, piece as number[])
  }
  return text
}

/** Order of the UTF-8 bytes of two texts, which is the order of their scalars and not that of UTF-16 units. */
export function compareUtf8(left: string, right: string): number {
  const shared = Math.min(left.length, right.length)
  for (let index = 0; index < shared; index++) {
    const a = left.charCodeAt(index)
    const b = right.charCodeAt(index)
    if (a !== b) return scalarRank(a) - scalarRank(b)
  }
  return left.length - right.length
}

/** Surrogates stand for scalars past U+FFFF, so they rank above every other unit. */
function scalarRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x2800 : unit
}
