/** A dialog that traps focus and gives it back. */
import { Dialog as Base } from "@base-ui/react/dialog"
import type { ReactNode, RefObject } from "react"
import { useRef } from "react"
import { IconButton } from "./button.tsx"

interface DialogProps {
  readonly open: boolean
  readonly onClose: () => void
  readonly title: string
  /** Shows the title and a close button; otherwise the title is for screen readers only. */
  readonly closeLabel?: string
  readonly initialFocus?: RefObject<HTMLElement | null>
  readonly className?: string
  readonly children: ReactNode
}

/** Focus goes back to where it was, unless what the dialog did has put it somewhere better. */
function useFocusBack(open: boolean) {
  const before = useRef<Element | null>(null)
  const was = useRef(false)
  if (open && !was.current) before.current = document.activeElement
  was.current = open
  return () => {
    const kept = before.current
    const active = document.activeElement
    if (active !== null && active !== document.body && active.closest('[role="dialog"]') === null) return false
    return kept instanceof HTMLElement && kept.isConnected ? kept : document.getElementById("main")
  }
}

export function Dialog({ open, onClose, title, closeLabel, initialFocus, className = "", children }: DialogProps) {
  const finalFocus = useFocusBack(open)
  return (
    <Base.Root open={open} onOpenChange={next => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-scrim transition-opacity duration-100 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Popup
          {...(initialFocus === undefined ? {} : { initialFocus })}
          finalFocus={finalFocus}
          className={`fixed top-[12vh] left-1/2 z-50 flex max-h-[76vh] w-[min(40rem,calc(100vw-2rem))] -translate-x-1/2 flex-col overflow-hidden rounded-xl border border-line bg-raised shadow-raised transition-opacity duration-100 data-ending-style:opacity-0 data-starting-style:opacity-0 ${className}`}
        >
          {closeLabel === undefined ? (
            <Base.Title className="sr-only">{title}</Base.Title>
          ) : (
            <header className="flex items-center justify-between border-b border-line py-2 pr-2 pl-4">
              <Base.Title className="text-base font-semibold">{title}</Base.Title>
              <IconButton icon="cross" label={closeLabel} onClick={onClose} />
            </header>
          )}
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}
