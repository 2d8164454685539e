/** The code view, loaded when a text is first shown: the window opens without it. */
import { lazy, Suspense } from "react"

const CodeView = lazy(() => import("../ui/code-view.tsx"))

export function Code(props: { readonly text: string; readonly label: string; readonly language?: string }) {
  return (
    <Suspense fallback={<pre className="min-h-0 flex-1 overflow-auto p-4 font-mono">{props.text.slice(0, 4_000)}</pre>}>
      <CodeView {...props} />
    </Suspense>
  )
}
