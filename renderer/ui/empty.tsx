/** What stands where there is nothing: a title, a reason, a way on. */
import type { ReactNode } from "react"
import type { IconName } from "./icon.tsx"
import { Icon } from "./icon.tsx"

export function Empty({
  icon,
  title,
  text,
  heading = false,
  children
}: {
  readonly icon?: IconName
  readonly title: string
  readonly text?: string
  /** Where the screen has no other heading. */
  readonly heading?: boolean
  readonly children?: ReactNode
}) {
  return (
    <div className="m-auto flex max-w-sm flex-col items-center gap-2 p-8 text-center">
      {icon !== undefined && (
        <span className="mb-1 inline-flex size-10 items-center justify-center rounded-full bg-sunken text-muted">
          <Icon name={icon} className="size-5!" />
        </span>
      )}
      {heading ? <h1 className="text-base font-medium">{title}</h1> : <p className="text-base font-medium">{title}</p>}
      {text !== undefined && <p className="text-muted">{text}</p>}
      {children}
    </div>
  )
}

/** Shown after a moment of waiting only, so that fast answers do not flicker. */
export function Waiting({ text }: { readonly text: string }) {
  return (
    <div className="m-auto flex animate-[appear_200ms_250ms_both] items-center gap-2 p-8 text-muted">
      <span aria-hidden="true" className="size-3.5 animate-spin rounded-full border-2 border-line-strong border-t-accent" />
      {text}
    </div>
  )
}
