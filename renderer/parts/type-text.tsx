/** A TYPE in the one notation, its types a little louder than its punctuation. */
import { shownType } from "../../shared/type-text.ts"
import { visibleLine } from "../ui/visible-text.ts"

export function TypeText({ text, className = "" }: { readonly text: string; readonly className?: string }) {
  const parts = visibleLine(shownType(text)).split(/(->|:[a-z][\w-]*)/)
  return (
    <code className={`text-muted ${className}`}>
      {parts.map((part, index) =>
        part.startsWith(":") ? (
          <span key={index} className="text-text">
            {part}
          </span>
        ) : (
          part
        )
      )}
    </code>
  )
}
