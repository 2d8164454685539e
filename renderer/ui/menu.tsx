/** A menu behind an icon button. */
import { Menu as Base } from "@base-ui/react/menu"
import type { ReactNode } from "react"
import type { IconName } from "./icon.tsx"
import { Icon } from "./icon.tsx"
import { popupLayer } from "./popup-layer.ts"

export function Menu({ label, icon, children }: { readonly label: string; readonly icon: IconName; readonly children: ReactNode }) {
  return (
    <Base.Root>
      <Base.Trigger
        aria-label={label}
        title={label}
        className="inline-flex size-8 items-center justify-center rounded-md text-muted transition-colors hover:bg-sunken hover:text-text data-popup-open:bg-sunken"
      >
        <Icon name={icon} />
      </Base.Trigger>
      <Base.Portal container={popupLayer()}>
        <Base.Positioner sideOffset={6} align="end" className="z-50">
          <Base.Popup className="min-w-52 rounded-lg border border-line bg-raised p-1 text-sm shadow-raised outline-none">
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

const itemClass =
  "grid grid-cols-[1.25rem_1fr] items-center rounded-md px-2 py-1 outline-none select-none data-highlighted:bg-accent-ground data-highlighted:text-text"

export function MenuItem({ onSelect, children }: { readonly onSelect: () => void; readonly children: ReactNode }) {
  return (
    <Base.Item className={itemClass} onClick={onSelect}>
      <span className="col-start-2">{children}</span>
    </Base.Item>
  )
}

export function MenuChoice<T extends string>({
  label,
  value,
  options,
  onChange
}: {
  readonly label: string
  readonly value: T
  readonly options: Readonly<Record<T, string>>
  readonly onChange: (value: T) => void
}) {
  return (
    <Base.Group>
      <Base.GroupLabel className="px-2 pt-1 pb-0.5 text-xs text-muted">{label}</Base.GroupLabel>
      <Base.RadioGroup value={value} onValueChange={next => onChange(next as T)}>
        {(Object.entries(options) as [T, string][]).map(([key, text]) => (
          <Base.RadioItem key={key} value={key} closeOnClick className={itemClass}>
            <Base.RadioItemIndicator>
              <Icon name="check" className="text-accent" />
            </Base.RadioItemIndicator>
            <span className="col-start-2">{text}</span>
          </Base.RadioItem>
        ))}
      </Base.RadioGroup>
    </Base.Group>
  )
}

export function MenuSeparator() {
  return <Base.Separator className="mx-1 my-1 h-px bg-line" />
}
