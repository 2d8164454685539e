/** A value as text, cut where it is longer than a table bears. */
import { visibleText } from "../ui/visible-text.ts"

const shownCharactersMax = 600

export function CutText({ text }: { readonly text: string }) {
  return (
    <code className="break-words whitespace-pre-wrap">
      {visibleText(text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}…` : text)}
    </code>
  )
}
