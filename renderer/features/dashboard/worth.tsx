/** What the cache saved, and the assumptions it rests on beside it, to be changed. */
import { useEffect, useState } from "react"
import type { Assumptions } from "../../../shared/activity.ts"
import { FailureNote } from "../../parts/failure-note.tsx"
import { strings } from "../../strings.ts"
import { Waiting } from "../../ui/empty.tsx"
import { Field } from "../../ui/field.tsx"
import { visibleLine } from "../../ui/visible-text.ts"
import { Panel, Table } from "./chart-panel.tsx"
import { readWorth, useDashboard } from "./state.ts"

const words = strings.dashboard.worth
const names = ["tokensPerGeneration", "moneyPerMillionTokens", "secondsPerGeneration", "moneyPerModule"] as const

export function WorthPanel() {
  const { worth, assumptions } = useDashboard()
  if (worth.state === "failed")
    return (
      <Panel title={words.title}>
        <FailureNote failure={worth.failure} again={() => readWorth(assumptions)} />
      </Panel>
    )
  const known = worth.state === "done" ? worth.answer : null
  return (
    <Panel title={words.title}>
      {known === null ? (
        <Waiting text={strings.dashboard.loading} />
      ) : (
        <>
          <dl className="flex flex-wrap gap-x-8 gap-y-1 px-3 pb-2">
            <Sum name={words.tokens} value={strings.units.count(Math.round(known.tokens))} />
            <Sum name={words.money} value={known.money.toLocaleString("en", { maximumFractionDigits: 2 })} />
            <Sum name={words.time} value={duration(known.seconds)} />
          </dl>
          <p className="px-3 pb-2 text-xs text-muted">
            {words.basis(strings.units.count(known.hits))}{" "}
            {known.breakEvenHits === null
              ? words.never
              : words.breakEven(strings.units.count(known.breakEvenHits), known.paidOff, known.used)}
          </p>
          <AssumptionFields assumed={known.assumptions} />
          {known.modules.length > 0 && (
            <Table
              head={[strings.dashboard.used.task, strings.dashboard.used.hits, words.money, words.paid]}
              rows={known.modules
                .slice(0, 8)
                .map(({ task, hits, money, paid }) => [
                  visibleLine(task),
                  strings.units.count(hits),
                  money.toLocaleString("en", { maximumFractionDigits: 2 }),
                  `${Math.round(paid * 100)} %`
                ])}
            />
          )}
        </>
      )}
    </Panel>
  )
}

function Sum({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div className="flex flex-col">
      <dt className="text-xs text-muted">{name}</dt>
      <dd className="text-lg font-semibold tabular-nums">{value}</dd>
    </div>
  )
}

function AssumptionFields({ assumed }: { readonly assumed: Assumptions }) {
  const [texts, setTexts] = useState(() => textsOf(assumed))
  useEffect(() => setTexts(textsOf(assumed)), [assumed])
  const change = (name: (typeof names)[number], text: string) => {
    const next = { ...texts, [name]: text }
    setTexts(next)
    const numbers = names.map(one => numberIn(next[one]))
    if (numbers.every(number => number !== null))
      readWorth(Object.fromEntries(names.map((one, at) => [one, numbers[at]])) as unknown as Assumptions)
  }
  return (
    <fieldset className="grid grid-cols-2 gap-2 px-3 pb-3 lg:grid-cols-4">
      <legend className="sr-only">{words.assumed}</legend>
      {names.map(name => (
        <Field
          key={name}
          label={words[name]}
          inputMode="decimal"
          value={texts[name]}
          onChange={text => change(name, text)}
          error={numberIn(texts[name]) === null ? words.number : undefined}
        />
      ))}
    </fieldset>
  )
}

const textsOf = (assumed: Assumptions) =>
  Object.fromEntries(names.map(name => [name, String(assumed[name])])) as Record<(typeof names)[number], string>

function numberIn(text: string): number | null {
  return /^\d{1,8}(\.\d{1,6})?$/.test(text.trim()) ? Number(text) : null
}

function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`
  return `${(seconds / 3_600).toFixed(1)} h`
}
