/** Lays out a Source: the indentation of every line follows its brackets; nothing else is touched but white space at line ends. */

/** Forms whose body is set in by two, not under the first argument. */
const bodied = new Set([
  "defn",
  "def",
  "fn",
  "λ",
  "let",
  "if",
  "do",
  "match",
  "try",
  "catch",
  "finally",
  "for",
  "dotimes",
  "defmacro",
  "module",
  "defstruct",
  "step",
  "step-if",
  "step-loop"
])

interface Open {
  /** Column the bracket's content is set to. */
  column: number
}

/** The same tokens in the same order. Lines inside texts and block comments stay as they are. At most one empty line in a row. */
export function indented(source: string): string {
  const lines = source.replace(/\r\n?/g, "\n").split("\n")
  const open: Open[] = []
  const laidOut: string[] = []
  let inside: "string" | "block" | null = null
  for (const line of lines) {
    const kept = inside !== null
    const text = kept ? line : line.trim()
    const closing = text[0] === ")" || text[0] === "]" || text[0] === "}"
    const column = kept ? 0 : Math.max(0, (open.at(-1)?.column ?? 0) - (closing && open.length > 0 ? 1 : 0))
    const set = kept ? text : text === "" ? "" : " ".repeat(column) + text
    inside = scan(set, kept ? 0 : column, open, inside)
    const whole = inside === "string" ? set : set.trimEnd()
    if (whole !== "" || (laidOut.length > 0 && laidOut.at(-1) !== "")) laidOut.push(whole)
  }
  while (laidOut.at(-1) === "") laidOut.pop()
  return laidOut.length === 0 ? "" : `${laidOut.join("\n")}\n`
}

/** Follows the brackets of one line; answers what it ends inside of. */
function scan(line: string, from: number, open: Open[], before: "string" | "block" | null): "string" | "block" | null {
  let inside = before
  for (let at = before === null ? from : 0; at < line.length; at++) {
    const character = line[at] as string
    if (inside === "string") {
      if (character === "\\") at++
      else if (character === '"') inside = null
    } else if (inside === "block") {
      if (character === "|" && line[at + 1] === "#") {
        inside = null
        at++
      }
    } else if (character === ";") return null
    else if (character === '"') inside = "string"
    else if (character === "#" && line[at + 1] === "|") {
      inside = "block"
      at++
    } else if (character === "(") open.push({ column: columnOf(line, at) })
    else if (character === "[" || character === "{") open.push({ column: at + 1 })
    else if (character === ")" || character === "]" || character === "}") open.pop()
  }
  return inside
}

/** Under the first argument of a call; two in for a form with a body, or where nothing follows on the line. */
function columnOf(line: string, at: number): number {
  const [head = ""] = /^[^\s()[\]{}";]*/.exec(line.slice(at + 1)) ?? []
  if (head === "") return at + 1
  if (bodied.has(head)) return at + 2
  const rest = line.slice(at + 1 + head.length)
  const [space = ""] = /^ +/.exec(rest) ?? []
  return space === "" || rest.trim() === "" || rest.trimStart().startsWith(";") ? at + 2 : at + 1 + head.length + space.length
}
