/** A Source text as the compiler sees it: offsets, and the lines and columns they stand at. */
import type { Span } from "../../../../shared/run.ts"

/** Offsets are UTF-16 code units into `text`. */
export class SourceText {
  readonly text: string
  #lineStarts: number[] | null = null

  constructor(text: string) {
    this.text = text
  }

  /** Line and column count from 1; a column counts code points. */
  span(start: number, end: number): Span {
    const starts = this.lineStarts()
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (starts[middle]! <= start) low = middle
      else high = middle - 1
    }
    return { start, end, line: low + 1, column: codePoints(this.text, starts[low]!, start) + 1 }
  }

  /** The text of a line (from 1) without its line end. */
  line(line: number): string {
    const starts = this.lineStarts()
    const start = starts[line - 1] ?? this.text.length
    const end = starts[line] === undefined ? this.text.length : starts[line] - 1
    return this.text.slice(start, end).replace(/\r$/, "")
  }

  private lineStarts(): number[] {
    if (this.#lineStarts === null) {
      this.#lineStarts = [0]
      for (let at = this.text.indexOf("\n"); at >= 0; at = this.text.indexOf("\n", at + 1)) this.#lineStarts.push(at + 1)
    }
    return this.#lineStarts
  }
}

function codePoints(text: string, from: number, to: number): number {
  let count = 0
  for (let at = from; at < to; at += 1) {
    const unit = text.charCodeAt(at)
    // The second half of a surrogate pair is no code point of its own.
    if (unit < 0xdc00 || unit > 0xdfff) count += 1
  }
  return count
}
