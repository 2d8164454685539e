/** The bounds of the next Run; what is not changed stays the default. */
import { useState } from "react"
import { defaultLimits, limitBounds } from "../../../shared/limits.ts"
import type { Limits } from "../../../shared/run.ts"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { Field } from "../../ui/field.tsx"
import { resetLimits, setLimit, useRun } from "./state.ts"

const names = Object.keys(defaultLimits) as (keyof Limits)[]

export function LimitsForm() {
  const { limits } = useRun()
  const changed = Object.keys(limits).length
  const [round, setRound] = useState(0)
  return (
    <details className="group border-t border-line pt-3">
      <summary className="flex list-none items-center gap-2 rounded text-xs text-muted select-none hover:text-text">
        <span aria-hidden="true" className="transition-transform group-open:rotate-90">
          ▸
        </span>
        {strings.run.limits}
        {changed > 0 && <span className="rounded-full bg-accent-ground px-1.5 text-text">{strings.run.changed(changed)}</span>}
      </summary>
      <div key={round} className="mt-2 grid grid-cols-2 gap-x-3 gap-y-2">
        {names.map(name => (
          <LimitField key={name} name={name} />
        ))}
      </div>
      {changed > 0 && (
        <Button
          kind="plain"
          className="mt-2"
          onClick={() => {
            resetLimits()
            setRound(round + 1)
          }}
        >
          {strings.run.defaults}
        </Button>
      )}
    </details>
  )
}

function LimitField({ name }: { readonly name: keyof Limits }) {
  const given = useRun(state => state.limits[name])
  const [text, setText] = useState(String(given ?? defaultLimits[name]))
  const [low, high] = limitBounds[name]
  const right = (candidate: string) => /^\d{1,13}$/.test(candidate) && Number(candidate) >= low && Number(candidate) <= high
  return (
    <Field
      label={strings.run.limitNames[name]}
      value={text}
      inputMode="numeric"
      error={right(text) ? undefined : strings.run.limitRange(low, high)}
      onChange={next => {
        setText(next)
        setLimit(name, right(next) ? Number(next) : null)
      }}
    />
  )
}
