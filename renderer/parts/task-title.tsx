/** The Task words as the heading of a screen: whole, and smaller where they are long. */
import { visibleText } from "../ui/visible-text.ts"

const shortMax = 64

export function TaskTitle({ text }: { readonly text: string }) {
  return (
    <h1
      id="screen-title"
      tabIndex={-1}
      className={`max-w-4xl font-semibold break-words ${text.length > shortMax ? "text-base" : "text-lg"}`}
    >
      {visibleText(text)}
    </h1>
  )
}
