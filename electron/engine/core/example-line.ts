/** An Example as a person types it in one line, `ARGS => RESULT`, and a mark under the place of a mistake. */
import { readArguments, readLiteral } from "./literal.ts"

export type ExampleLine =
  | { readonly kind: "example"; readonly args: string; readonly result: string }
  /** `offset` in UTF-16 code units of the line. */
  | { readonly kind: "malformed"; readonly offset: number; readonly message: string }

/** Reads `[1 "a"] => 2`: a vector of arguments, an arrow outside strings, a result. */
export function parseExampleLine(line: string): ExampleLine {
  const arrow = arrowOf(line)
  if (arrow === null) return { kind: "malformed", offset: line.length, message: "expected ARGS => RESULT, such as [1 2] => 3" }
  const args = line.slice(0, arrow)
  const read = readArguments(args)
  if (read.kind === "malformed") return { kind: "malformed", offset: Math.min(read.offset, arrow), message: read.message }
  const result = line.slice(arrow + 2)
  const value = readLiteral(result, "result")
  if (value.kind === "malformed") return { kind: "malformed", offset: arrow + 2 + value.offset, message: value.message }
  return { kind: "example", args: args.trim(), result: result.trim() }
}

/** Where the arrow begins; null where there is none outside strings. */
function arrowOf(line: string): number | null {
  const tokens = /"(?:[^"\\]|\\.)*"?|=>/gs
  for (let found = tokens.exec(line); found !== null; found = tokens.exec(line)) if (found[0] === "=>") return found.index
  return null
}

/** Characters of a line that are shown around a mistake. */
const shownMax = 100

/** The text and a caret under a place of it; of a long text the surroundings. White space is shown as blanks, so that the caret stands right. */
export function caretUnder(text: string, offset: number): string {
  const at = Math.min(Math.max(offset, 0), text.length)
  const from = text.length <= shownMax ? 0 : Math.max(0, Math.min(at - shownMax / 2, text.length - shownMax))
  const cut = text.slice(from, from + shownMax)
  const [before, after] = [from > 0 ? "…" : "", from + shownMax < text.length ? "…" : ""]
  const width = [...`${before}${text.slice(from, at)}`].length
  return `  ${before}${cut.replace(/\s/gu, " ")}${after}\n  ${" ".repeat(width)}^`
}
