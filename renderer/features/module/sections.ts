/** The sections of a WebAssembly module by a walk over their headers alone: enough to find one's way in the bytes, whatever they hold. */

/** `at` is where the section's id stands, `start` and `end` bound its content; offsets in bytes, `end` exclusive. */
export interface Section {
  readonly id: number
  /** Of a custom section. */
  readonly name: string | null
  readonly at: number
  readonly start: number
  readonly end: number
}

export type SectionProblem = "no-module" | "cut" | "many"

export interface SectionWalk {
  /** Those whose bounds lie within the bytes, in their order. */
  readonly sections: readonly Section[]
  /** Where the walk could not go on, and why; null where it came to the end. */
  readonly problem: { readonly at: number; readonly why: SectionProblem } | null
}

/** `\0asm` and version 1. */
const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]
/** Bytes of a u32 in LEB128 at most. */
const sizeBytesMax = 5
const customId = 0
/** Hostile bytes may hold half a million empty ones. */
const sectionsMax = 1_000

export function readSections(bytes: Uint8Array): SectionWalk {
  if (header.some((byte, at) => bytes[at] !== byte)) return { sections: [], problem: { at: 0, why: "no-module" } }
  const sections: Section[] = []
  let at: number = header.length
  while (at < bytes.length) {
    if (sections.length === sectionsMax) return { sections, problem: { at, why: "many" } }
    const size = readSize(bytes, at + 1, bytes.length)
    if (size === null || size.value > bytes.length - size.next) return { sections, problem: { at, why: "cut" } }
    const id = bytes[at]!
    const [start, end] = [size.next, size.next + size.value]
    sections.push({ id, name: id === customId ? customName(bytes, start, end) : null, at, start, end })
    at = end
  }
  return { sections, problem: null }
}

/** Null where the name does not fit into its section; bytes that are no UTF-8 show as replacement characters. */
function customName(bytes: Uint8Array, start: number, end: number): string | null {
  const size = readSize(bytes, start, end)
  if (size === null || size.value > end - size.next) return null
  return new TextDecoder().decode(bytes.subarray(size.next, size.next + size.value))
}

/** An unsigned LEB128 number of 32 bits, by multiplication: shifts of this language are signed. */
function readSize(bytes: Uint8Array, from: number, end: number): { readonly value: number; readonly next: number } | null {
  let value = 0
  for (let index = 0; index < sizeBytesMax; index++) {
    const byte = from + index < end ? bytes[from + index] : undefined
    if (byte === undefined) return null
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return value <= 0xffff_ffff ? { value, next: from + index + 1 } : null
  }
  return null
}
