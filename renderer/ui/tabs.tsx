/** Tabs whose choice lives in the address, not in them. */
import { Tabs as Base } from "@base-ui/react/tabs"
import type { ReactNode } from "react"

export interface Tab<T extends string> {
  readonly value: T
  readonly label: string
  /** A number or mark beside the label. */
  readonly badge?: ReactNode
}

export function Tabs<T extends string>({
  label,
  value,
  tabs,
  onChange,
  children
}: {
  readonly label: string
  readonly value: T
  readonly tabs: readonly Tab<T>[]
  readonly onChange: (value: T) => void
  readonly children: ReactNode
}) {
  return (
    <Base.Root value={value} onValueChange={next => onChange(next as T)} className="flex min-h-0 flex-1 flex-col">
      <Base.List aria-label={label} activateOnFocus className="flex shrink-0 gap-0.5 overflow-x-auto border-b border-line px-4">
        {tabs.map(tab => (
          <Base.Tab
            key={tab.value}
            value={tab.value}
            className="-mb-px flex items-center gap-1.5 whitespace-nowrap border-b-2 border-transparent px-2.5 py-1.5 text-sm text-muted outline-offset-[-3px] transition-colors hover:text-text data-active:border-accent data-active:font-medium data-active:text-text"
          >
            {tab.label}
            {tab.badge}
          </Base.Tab>
        ))}
      </Base.List>
      <Base.Panel key={value} value={value} className="flex min-h-0 flex-1 flex-col outline-offset-[-2px]">
        {children}
      </Base.Panel>
    </Base.Root>
  )
}
