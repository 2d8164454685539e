/** Buttons: one loud kind for the main act of a screen, one quiet kind for the rest. */
import type { ButtonHTMLAttributes, ReactNode, Ref } from "react"
import type { IconName } from "./icon.tsx"
import { Icon } from "./icon.tsx"

const kinds = {
  main: "border-transparent bg-accent text-on-accent hover:brightness-110 font-medium",
  quiet: "border-line bg-surface text-text hover:border-line-strong hover:bg-sunken",
  plain: "border-transparent text-muted hover:bg-sunken hover:text-text"
} as const

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly kind?: keyof typeof kinds
  readonly icon?: IconName
  readonly children?: ReactNode
  readonly ref?: Ref<HTMLButtonElement>
}

export function Button({ kind = "quiet", icon, children, className = "", ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={`inline-flex h-7 items-center gap-1.5 whitespace-nowrap rounded-md border px-2.5 text-sm transition-colors disabled:pointer-events-none disabled:opacity-50 ${kinds[kind]} ${className}`}
      {...rest}
    >
      {icon !== undefined && <Icon name={icon} className="-ml-0.5" />}
      {children}
    </button>
  )
}

/** A button that shows an icon only; its name is read out and shown on hover. */
export function IconButton({
  label,
  icon,
  className = "",
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { readonly label: string; readonly icon: IconName; readonly ref?: Ref<HTMLButtonElement> }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`inline-flex size-7 shrink-0 items-center justify-center rounded-md text-muted transition-colors hover:bg-sunken hover:text-text disabled:opacity-50 ${className}`}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  )
}
