/** A choice of one from a short list. */
import { Select as Base } from "@base-ui/react/select"
import type { ReactNode } from "react"
import { Icon } from "./icon.tsx"
import { popupLayer } from "./popup-layer.ts"

export interface SelectOption<T extends string> {
  readonly value: T
  readonly label: string
  /** Shown instead of the label where there is room. */
  readonly shown?: ReactNode
}

export function Select<T extends string>({
  label,
  value,
  options,
  onChange,
  className = ""
}: {
  readonly label: string
  readonly value: T
  readonly options: readonly SelectOption<T>[]
  readonly onChange: (value: T) => void
  readonly className?: string
}) {
  const chosen = options.find(option => option.value === value)
  return (
    <Base.Root
      items={options.map(({ value, label }) => ({ value, label }))}
      value={value}
      onValueChange={next => next !== null && onChange(next as T)}
    >
      <Base.Trigger
        aria-label={`${label}: ${chosen?.label ?? ""}`}
        className={`inline-flex h-7 min-w-0 items-center justify-between gap-2 rounded-md border border-line bg-surface pr-1.5 pl-2.5 text-left text-sm transition-colors hover:border-line-strong ${className}`}
      >
        <span className="min-w-0 truncate">{chosen?.shown ?? chosen?.label}</span>
        <Icon name="chevron" className="text-muted" />
      </Base.Trigger>
      <Base.Portal container={popupLayer()}>
        <Base.Positioner sideOffset={4} alignItemWithTrigger={false} className="z-50 outline-none">
          <Base.Popup className="max-h-[min(24rem,var(--available-height))] max-w-[min(40rem,var(--available-width))] min-w-[var(--anchor-width)] overflow-y-auto rounded-lg border border-line bg-raised p-1 text-sm shadow-raised outline-none">
            {options.map(option => (
              <Base.Item
                key={option.value}
                value={option.value}
                className="grid grid-cols-[1.25rem_1fr] items-center rounded-md px-2 py-1 outline-none select-none data-highlighted:bg-accent-ground"
              >
                <Base.ItemIndicator>
                  <Icon name="check" className="text-accent" />
                </Base.ItemIndicator>
                <Base.ItemText className="col-start-2 min-w-0">{option.shown ?? option.label}</Base.ItemText>
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
