/** A screen of several parts under one heading; which part is shown lives in the address. */
import type { ReactNode } from "react"
import { Tabs } from "../ui/tabs.tsx"

export function TabbedScreen<P extends string>({
  title,
  beside,
  label,
  parts,
  part,
  onPart,
  children
}: {
  readonly title: string
  /** At the heading's far end. */
  readonly beside?: ReactNode
  /** What the parts are parts of, for who does not see them. */
  readonly label: string
  /** Names by part, in the order of the tabs. */
  readonly parts: Readonly<Record<P, string>>
  readonly part: P
  readonly onPart: (part: P) => void
  readonly children: ReactNode
}) {
  return (
    <section aria-labelledby="screen-title" className="flex min-h-0 flex-1 flex-col">
      <header className="flex items-center justify-between px-4 pt-3 pb-1">
        <h1 id="screen-title" tabIndex={-1} className="text-lg font-semibold">
          {title}
        </h1>
        {beside}
      </header>
      <Tabs label={label} value={part} onChange={onPart} tabs={(Object.keys(parts) as P[]).map(value => ({ value, label: parts[value] }))}>
        {children}
      </Tabs>
    </section>
  )
}
