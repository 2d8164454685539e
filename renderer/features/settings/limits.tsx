/** Limits and thresholds, for all doors of this machine. */
import { useEffect, useState } from "react"
import type { AnswerOf } from "../../../shared/engine-contract.ts"
import type { EngineFailure } from "../../../shared/failure.ts"
import { limitBounds } from "../../../shared/limits.ts"
import { FailureNote } from "../../parts/failure-note.tsx"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { Field } from "../../ui/field.tsx"
import { announce } from "../../ui/live.tsx"
import { saveSettings } from "./state.ts"

const words = strings.settingsScreen.limits
type Values = AnswerOf<"settings">["settings"]

const numbers = {
  similarityMin: { low: 0.5, high: 1, whole: false },
  falseHitMax: { low: 0, high: 0.5, whole: false },
  fuelMax: { low: limitBounds.fuelMax[0], high: limitBounds.fuelMax[1], whole: true },
  timeoutMs: { low: limitBounds.timeoutMs[0], high: limitBounds.timeoutMs[1], whole: true },
  memoryPagesMax: { low: limitBounds.memoryPagesMax[0], high: limitBounds.memoryPagesMax[1], whole: true }
} as const
type NumberName = keyof typeof numbers
const names = Object.keys(numbers) as NumberName[]
const helps: Partial<Record<NumberName, string>> = { similarityMin: words.similarityHelp, falseHitMax: words.falseHitHelp }

export function LimitsPart({ answer: { settings, defaults, problem } }: { readonly answer: AnswerOf<"settings"> }) {
  const [texts, setTexts] = useState(() => textsOf(settings))
  const [kept, setKept] = useState(settings.requestTexts)
  const [failure, setFailure] = useState<EngineFailure | null>(null)
  useEffect(() => {
    setTexts(textsOf(settings))
    setKept(settings.requestTexts)
  }, [settings])
  const values = Object.fromEntries(names.map(name => [name, numberIn(texts[name], name)])) as Record<NumberName, number | null>
  const sound = names.every(name => values[name] !== null)
  const changed = kept !== settings.requestTexts || names.some(name => values[name] !== settings[name])
  const save = () => {
    setFailure(null)
    void saveSettings({ ...(values as Record<NumberName, number>), requestTexts: kept }).then(
      () => announce(words.saved),
      (error: unknown) => setFailure(error as EngineFailure)
    )
  }
  return (
    <form
      className="flex max-w-3xl flex-col gap-4"
      onSubmit={event => {
        event.preventDefault()
        if (sound && changed) save()
      }}
    >
      <p className="text-muted">{words.explain}</p>
      {problem !== null && <p className="text-pending">{problem}</p>}
      <div className="grid gap-3 sm:grid-cols-2">
        {names.map(name => (
          <Field
            key={name}
            label={words[name]}
            inputMode="decimal"
            value={texts[name]}
            onChange={text => setTexts(before => ({ ...before, [name]: text }))}
            note={helps[name]}
            error={values[name] === null ? words.expected(numbers[name].low, numbers[name].high) : undefined}
          />
        ))}
      </div>
      <fieldset className="flex flex-col gap-1">
        <legend className="text-xs text-muted">{words.requestTexts}</legend>
        {(["keep", "hash"] as const).map(value => (
          <label key={value} className="flex items-center gap-2">
            <input type="radio" name="texts" checked={kept === value} onChange={() => setKept(value)} />
            {words.texts[value]}
          </label>
        ))}
      </fieldset>
      <div className="flex items-center gap-2">
        <Button kind="main" type="submit" disabled={!sound || !changed}>
          {words.save}
        </Button>
        <Button
          kind="plain"
          onClick={() => {
            setTexts(textsOf(defaults))
            setKept(defaults.requestTexts)
          }}
        >
          {words.defaults}
        </Button>
        {!changed && <span className="text-xs text-muted">{words.unchanged}</span>}
      </div>
      {failure !== null && <FailureNote failure={failure} />}
    </form>
  )
}

const textsOf = (values: Values) => Object.fromEntries(names.map(name => [name, String(values[name])])) as Record<NumberName, string>

function numberIn(text: string, name: NumberName): number | null {
  const { low, high, whole } = numbers[name]
  if (!(whole ? /^\d{1,15}$/ : /^\d(\.\d{1,9})?$/).test(text.trim())) return null
  const number = Number(text)
  return number >= low && number <= high ? number : null
}
