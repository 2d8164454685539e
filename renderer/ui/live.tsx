/** The one live region: what changed without the person looking is said here once. */
import { create } from "zustand"

const useSaid = create<{ readonly text: string; readonly count: number }>(() => ({ text: "", count: 0 }))

/** Says something to people who listen. Equal texts are said again. */
export function announce(text: string): void {
  useSaid.setState(({ count }) => ({ text, count: count + 1 }))
}

export function LiveRegion() {
  const { text, count } = useSaid()
  return (
    <div role="status" aria-live="polite" aria-atomic="true" className="sr-only">
      {text}
      {count % 2 === 1 ? "\u00a0" : ""}
    </div>
  )
}
