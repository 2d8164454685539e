/** Examples to search by: what is asked of every candidate, how far it has been asked, and what was passed over. */
import { useEffect, useState } from "react"
import type { Route } from "../../route.ts"
import { examplesMax, navigate } from "../../route.ts"
import { strings } from "../../strings.ts"
import { Button, IconButton } from "../../ui/button.tsx"
import { inputClass } from "../../ui/field.tsx"
import { visibleLine } from "../../ui/visible-text.ts"
import { useExplore } from "./state.ts"

type ExploreRoute = Extract<Route, { screen: "explore" }>

const words = strings.explore.examples

export function ExamplesBar({ route }: { readonly route: ExploreRoute }) {
  const [line, setLine] = useState("")
  const trials = useExplore(state => state.trials)
  useEffect(() => setLine(""), [route.examples])
  const add = () => {
    if (/=>/.test(line) && route.examples.length < examplesMax) navigate({ ...route, examples: [...route.examples, line.trim()] })
  }
  return (
    <form
      aria-label={words.title}
      className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-1.5"
      onSubmit={event => {
        event.preventDefault()
        add()
      }}
    >
      {route.examples.map((example, at) => (
        <span key={`${at} ${example}`} className="flex items-center rounded-full bg-accent-ground pl-2.5">
          <code className="max-w-72 truncate">{visibleLine(example)}</code>
          <IconButton
            icon="cross"
            label={words.remove(visibleLine(example))}
            className="size-6!"
            onClick={() => navigate({ ...route, examples: route.examples.filter((_, position) => position !== at) })}
          />
        </span>
      ))}
      <input
        aria-label={words.label}
        value={line}
        placeholder={words.placeholder}
        spellCheck={false}
        autoComplete="off"
        onChange={event => setLine(event.target.value)}
        className={`${inputClass} h-7 w-64! font-mono`}
      />
      <Button type="submit" icon="plus" disabled={!line.includes("=>")}>
        {words.add}
      </Button>
      {route.examples.length > 0 && (
        <label className="flex items-center gap-1.5 text-xs">
          <input
            type="checkbox"
            checked={route.review}
            onChange={event => navigate({ ...route, review: event.target.checked }, { replace: true })}
          />
          {words.review}
        </label>
      )}
      {trials !== null && (
        <span aria-live="polite" className="text-xs text-muted tabular-nums">
          {words.tried(trials.tried, trials.considered, trials.done)}
        </span>
      )}
      {trials !== null && trials.skippedInAll > 0 && (
        <details className="basis-full text-xs">
          <summary className="text-pending">{words.skipped(trials.skippedInAll)}</summary>
          <ul className="max-h-32 overflow-y-auto">
            {trials.skipped.map(({ mapping, task, why }) => (
              <li key={mapping}>
                {visibleLine(task)}: <span className="text-muted">{visibleLine(why)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </form>
  )
}
