/** The code view, loaded when a text is first shown: the window opens without it. Where it cannot be loaded the text is shown plainly. */
import { lazy, Suspense } from "react"
import { Boundary } from "../ui/boundary.tsx"
import { visibleText } from "../ui/visible-text.ts"

const CodeView = lazy(() => import("../ui/code-view.tsx"))

interface CodeProps {
  readonly text: string
  readonly label: string
  readonly language?: string
}

export function Code(props: CodeProps) {
  const plain = <PlainText text={props.text} label={props.label} />
  return (
    <Boundary fallback={() => plain}>
      <Suspense fallback={plain}>
        <CodeView {...props} />
      </Suspense>
    </Boundary>
  )
}

/** Enough to read by while the view loads. */
const shownCharactersMax = 20_000

function PlainText({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: preformatted text that scrolls must be reachable by key and named
    <pre
      role="region"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a person without a mouse must reach it
      tabIndex={0}
      className="min-h-0 flex-1 overflow-auto p-4 font-mono"
    >
      {visibleText(text.slice(0, shownCharactersMax))}
    </pre>
  )
}
