/** The search on top: words lead to Explore as they are typed, from every place. */
import { useEffect, useRef, useState } from "react"
import { firstRoutes, navigate, useRoute } from "./route.ts"
import { strings } from "./strings.ts"
import { Icon } from "./ui/icon.tsx"

const inputId = "search"
const restMs = 140

export function focusSearch(): void {
  const input = document.getElementById(inputId)
  if (input instanceof HTMLInputElement) input.select()
}

export function SearchBox() {
  const { route } = useRoute()
  const words = route.screen === "explore" ? route.words : ""
  const [text, setText] = useState(words)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const typing = useRef(false)
  useEffect(() => {
    if (!typing.current) setText(words)
  }, [words])
  const search = (next: string) => {
    typing.current = false
    clearTimeout(timer.current)
    const { route } = useRoute.getState()
    if (route.screen === "explore") navigate({ ...route, words: next.trim() }, { replace: true })
    else if (next.trim() !== "") navigate({ ...firstRoutes.explore, words: next.trim() })
  }
  const type = (next: string) => {
    typing.current = true
    setText(next)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => search(next), restMs)
  }
  return (
    <search>
      <form
        className="relative"
        onSubmit={event => {
          event.preventDefault()
          search(text)
          document.querySelector<HTMLElement>('[role="listbox"]')?.focus()
        }}
      >
        <Icon name="explore" className="pointer-events-none absolute top-2 left-2.5 text-muted" />
        <input
          id={inputId}
          type="search"
          aria-label={strings.search.label}
          placeholder={strings.search.placeholder}
          value={text}
          spellCheck={false}
          autoComplete="off"
          onChange={event => type(event.target.value)}
          onBlur={() => typing.current && search(text)}
          onKeyDown={event => {
            if (event.key !== "ArrowDown") return
            event.preventDefault()
            search(text)
            document.querySelector<HTMLElement>('[role="listbox"]')?.focus()
          }}
          className="h-8 w-full rounded-lg border border-line bg-ground pr-2 pl-8 text-sm outline-offset-0 transition-colors hover:border-line-strong"
        />
        {text === "" && (
          <kbd className="pointer-events-none absolute top-1.5 right-2 rounded border border-line px-1.5 font-mono text-xs text-muted">
            /
          </kbd>
        )}
      </form>
    </search>
  )
}
