/** What the compiler has to say about a Source: collecting it, in the order of the text, and showing it with the line it speaks of. */
import type { Diagnostic } from "../../../../shared/module.ts"
import type { SourceText } from "./source.ts"

/** More than this are not collected: a broken file of any size answers in bounded time. */
export const diagnosticsMax = 100

export interface DiagnosticDetail {
  readonly expected?: string
  readonly found?: string
  readonly suggestion?: string
}

export class Diagnostics {
  readonly source: SourceText
  readonly list: Diagnostic[] = []
  errors = 0
  dropped = 0
  #weaker = 0

  constructor(source: SourceText) {
    this.source = source
  }

  error(
    category: "parse-error" | "macro-error" | "module-error" | "capability-error",
    message: string,
    start: number,
    end: number,
    detail: DiagnosticDetail = {}
  ): void {
    this.errors += 1
    this.#add("error", category, message, start, end, detail)
  }

  /** Something that will surely go wrong, or be ignored, if it is evaluated; `category` is the one it would raise. */
  warn(category: string, message: string, start: number, end: number, detail: DiagnosticDetail = {}): void {
    this.#add("warning", category, message, start, end, detail)
  }

  hint(category: string, message: string, start: number, end: number, detail: DiagnosticDetail = {}): void {
    this.#add("hint", category, message, start, end, detail)
  }

  /** In the order of the text, without repetitions (a macro may say one thing twice). */
  sorted(): Diagnostic[] {
    const seen = new Set<string>()
    return this.list
      .filter(diagnostic => {
        const key = `${diagnostic.span.start} ${diagnostic.span.end} ${diagnostic.message}`
        return seen.has(key) ? false : seen.add(key)
      })
      .sort((left, right) => left.span.start - right.span.start || left.span.end - right.span.end)
  }

  #add(severity: Diagnostic["severity"], category: string, message: string, start: number, end: number, detail: DiagnosticDetail): void {
    if (this.list.length >= diagnosticsMax) {
      // An error is never lost behind warnings.
      this.dropped += 1
      if (severity !== "error" || this.#weaker === 0) return
      this.list.splice(
        this.list.findIndex(other => other.severity !== "error"),
        1
      )
      this.#weaker -= 1
    }
    if (severity !== "error") this.#weaker += 1
    this.list.push({ severity, category, message, span: this.source.span(start, end), ...detail })
  }
}

/** `3:14 error parse-error: message`, the line, a caret under the place, then what was expected and suggested. */
export function renderDiagnostic(diagnostic: Diagnostic, source: string, name = "source"): string {
  const { span } = diagnostic
  const line = lineAt(source, span.start)
  const [shown, before] = window(line.text, span.start - line.start)
  const width = Math.max(1, Math.min(span.end - span.start, shown.length - before))
  const detail = [
    diagnostic.expected === undefined
      ? null
      : `expected ${diagnostic.expected}${diagnostic.found === undefined ? "" : `, found ${diagnostic.found}`}`,
    diagnostic.suggestion === undefined ? null : `suggestion: ${diagnostic.suggestion}`
  ]
  return [
    `${name}:${span.line}:${span.column}: ${diagnostic.severity} ${diagnostic.category}: ${diagnostic.message}`,
    `  ${shown}`,
    `  ${shown.slice(0, before).replace(/[^\t]/g, " ")}${"^".repeat(width)}`,
    ...detail.filter(text => text !== null).map(text => `  ${text}`)
  ].join("\n")
}

function lineAt(source: string, offset: number): { text: string; start: number } {
  const start = source.lastIndexOf("\n", offset - 1) + 1
  const end = source.indexOf("\n", offset)
  return { text: source.slice(start, end < 0 ? source.length : end).replace(/\r$/, ""), start }
}

/** Long lines are cut to the part around the place. */
function window(line: string, offset: number): readonly [text: string, offset: number] {
  const from = Math.max(0, offset - 60)
  return [line.slice(from, from + 120), Math.max(0, Math.min(offset, line.length) - from)]
}
