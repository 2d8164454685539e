/** Two texts as one: lines that went, lines that came, and enough of what stayed around them. */
import { structuredPatch } from "diff"
import { useMemo } from "react"
import { visibleText } from "./visible-text.ts"

const contextLines = 4
/** Longer differences are cut: a person reads them in an editor. */
const linesMax = 2_000

/** `empty` stands where nothing differs, `more` says how many lines are not shown; signs and words carry the meaning, not colour alone. */
export function DiffView({
  before,
  after,
  label,
  empty,
  more
}: {
  readonly before: string
  readonly after: string
  readonly label: string
  readonly empty: string
  readonly more: (count: number) => string
}) {
  const hunks = useMemo(() => structuredPatch("", "", before, after, "", "", { context: contextLines }).hunks, [before, after])
  const lines = hunks.flatMap((hunk, at) => [...(at === 0 ? [] : ["…"]), ...hunk.lines.filter(line => !line.startsWith("\\"))])
  if (lines.length === 0) return <p className="p-3 text-muted">{empty}</p>
  return (
    // biome-ignore lint/a11y/useSemanticElements: preformatted text that scrolls must be reachable by key and named
    <pre
      role="region"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a person without a mouse must reach it
      tabIndex={0}
      className="overflow-auto py-2 font-mono text-xs leading-5"
    >
      {lines.slice(0, linesMax).map((line, at) => (
        <Line key={at} line={line} />
      ))}
      {lines.length > linesMax && <span className="block px-3 text-muted">{more(lines.length - linesMax)}</span>}
    </pre>
  )
}

const looks: Readonly<Record<string, string>> = { "+": "bg-trusted-ground text-trusted", "-": "bg-untrusted-ground text-untrusted" }

function Line({ line }: { readonly line: string }) {
  const look = looks[line[0] ?? ""] ?? "text-text"
  const Element = line.startsWith("+") ? "ins" : line.startsWith("-") ? "del" : "span"
  return <Element className={`block px-3 whitespace-pre no-underline ${look}`}>{visibleText(line)}</Element>
}
