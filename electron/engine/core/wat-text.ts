/** A text that grows to a stated bound, and how names and foreign text are written into it without leaving their quotes or comments. */

/** Thrown by `BoundedText.add` when nothing more fits. */
export class TextFull extends Error {}

/** Collects pieces up to `charactersMax` UTF-16 units; what was added before stays. */
export class BoundedText {
  readonly charactersMax: number
  #text = ""

  constructor(charactersMax: number) {
    this.charactersMax = charactersMax
  }

  add(piece: string): this {
    if (this.#text.length + piece.length > this.charactersMax) throw new TextFull()
    this.#text += piece
    return this
  }

  /** A new line, indented by `level` steps of two spaces. */
  line(level: number): this {
    return this.add(`\n${"  ".repeat(Math.min(level, indentMax))}`)
  }

  get text(): string {
    return this.#text
  }
}

/** Deeper nesting is not indented further: else the spaces of hostile nesting would be the square of its depth. */
const indentMax = 40

/** Controls, line separators and the marks that reorder or hide text on a screen. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** A string of the text format. */
export function quoted(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')
  return `"${escaped.replace(unseen, unit => `\\u{${(unit.codePointAt(0) as number).toString(16)}}`)}"`
}

/** Bytes as a string of the text format: printable ASCII as it is, the rest as two hex digits. */
export function quotedBytes(bytes: Uint8Array): string {
  let text = ""
  for (const byte of bytes)
    text +=
      byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c ? String.fromCharCode(byte) : `\\${byte.toString(16).padStart(2, "0")}`
  return `"${text}"`
}

/** The lines of a text as they may stand after `;;`. */
export function commentLines(text: string): string[] {
  return text
    .split(/\r\n|\n|\r/)
    .map(line => line.replaceAll("\t", "  ").replace(unseen, unit => `\\u{${(unit.codePointAt(0) as number).toString(16)}}`))
}
