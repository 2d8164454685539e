/** Copies a text and says so, by sight and by voice. */
import { useEffect, useState } from "react"
import { strings } from "../strings.ts"
import { Button } from "./button.tsx"
import { Icon } from "./icon.tsx"
import { announce } from "./live.tsx"

export async function copyText(text: string, what: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    announce(strings.copy.copied(what))
    return true
  } catch {
    announce(strings.copy.failed)
    return false
  }
}

function useCopied(): [boolean, (text: string, what: string) => void] {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 1_600)
    return () => clearTimeout(timer)
  }, [copied])
  return [copied, (text, what) => void copyText(text, what).then(setCopied)]
}

/** An icon beside what it copies. */
export function CopyIcon({ text, what }: { readonly text: string; readonly what: string }) {
  const [copied, copy] = useCopied()
  const label = strings.copy.copy(what)
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onClick={() => copy(text, what)}
      className="inline-flex size-6 shrink-0 items-center justify-center rounded text-muted transition-colors hover:bg-sunken hover:text-text"
    >
      <Icon name={copied ? "check" : "copy"} className={copied ? "text-trusted" : ""} />
    </button>
  )
}

export function CopyButton({ text, what, children }: { readonly text: string; readonly what: string; readonly children: string }) {
  const [copied, copy] = useCopied()
  return (
    <Button kind="quiet" icon={copied ? "check" : "copy"} onClick={() => copy(text, what)} title={text}>
      {children}
    </Button>
  )
}
