/** What the host is taken to have answered: rows in the order of the calls, and the same as JSON. */
import { useId, useState } from "react"
import { strings } from "../../strings.ts"
import { Button, IconButton } from "../../ui/button.tsx"
import { CopyIcon } from "../../ui/copy.tsx"
import { Field, inputClass } from "../../ui/field.tsx"
import { Select } from "../../ui/select.tsx"
import type { AnswerRow } from "./answers.ts"
import { printAnswers, readAnswers, rowProblems } from "./answers.ts"
import { setAnswers, useRun } from "./state.ts"

const words = strings.run.answers

export function AnswersForm() {
  const { answers, tree } = useRun()
  const capabilities = tree?.capabilities ?? []
  if (capabilities.length === 0 && answers.length === 0) return null
  const change = (at: number, part: Partial<AnswerRow>) =>
    setAnswers(answers.map((row, index) => (index === at ? { ...row, ...part } : row)))
  return (
    <section aria-label={words.title} className="flex flex-col gap-2 border-t border-line pt-3">
      <header className="flex items-center justify-between gap-2">
        <h3 className="text-xs text-muted">{words.title}</h3>
        <Button
          icon="plus"
          onClick={() => setAnswers([...answers, { capability: capabilities[0] ?? "", arguments: "[]", kind: "value", text: "nil" }])}
        >
          {words.add}
        </Button>
      </header>
      <p className="text-xs text-muted">{answers.length === 0 ? words.none : words.help}</p>
      <ol className="flex flex-col gap-2">
        {answers.map((row, at) => (
          <Row
            key={at}
            row={row}
            position={at + 1}
            change={part => change(at, part)}
            remove={() => setAnswers(answers.filter((_, index) => index !== at))}
          />
        ))}
      </ol>
      <Json />
    </section>
  )
}

function Row({
  row,
  position,
  change,
  remove
}: {
  readonly row: AnswerRow
  readonly position: number
  readonly change: (part: Partial<AnswerRow>) => void
  readonly remove: () => void
}) {
  const problems = rowProblems(row)
  const label = (what: string) => words.part(position, what)
  return (
    <li className="flex flex-col gap-2 rounded-md border border-line p-2">
      <div className="flex items-start gap-2">
        <span className="w-5 shrink-0 pt-6 text-xs text-muted tabular-nums">{position}</span>
        <Field
          className="w-36"
          label={words.capability}
          aria-label={label(words.capability)}
          mono
          value={row.capability}
          error={problems.capability}
          onChange={capability => change({ capability })}
        />
        <Field
          className="grow"
          label={words.arguments}
          aria-label={label(words.arguments)}
          mono
          value={row.arguments}
          error={problems.arguments}
          onChange={given => change({ arguments: given })}
        />
        <IconButton className="mt-5" icon="cross" label={words.remove(position)} onClick={remove} />
      </div>
      <div className="flex items-start gap-2 pl-7">
        <div className="flex w-36 shrink-0 flex-col gap-1">
          <span className="text-xs text-muted">{words.ended}</span>
          <Select
            label={label(words.ended)}
            value={row.kind}
            onChange={kind => change({ kind })}
            options={(["value", "failure"] as const).map(value => ({ value, label: words.kinds[value] }))}
          />
        </div>
        <Field
          className="grow"
          label={row.kind === "value" ? words.value : words.failure}
          aria-label={label(row.kind === "value" ? words.value : words.failure)}
          mono
          value={row.text}
          error={problems.text}
          onChange={text => change({ text })}
        />
        <span className="size-7 shrink-0" />
      </div>
    </li>
  )
}

/** The twin for pasting: what cannot be read stays in the field and changes nothing. */
function Json() {
  const { answers } = useRun()
  const id = useId()
  const [typed, setTyped] = useState<{ readonly text: string; readonly problem: string } | null>(null)
  const text = typed?.text ?? printAnswers(answers)
  const type = (next: string) => {
    try {
      setAnswers(readAnswers(next))
      setTyped(null)
    } catch (error) {
      setTyped({ text: next, problem: (error as Error).message })
    }
  }
  return (
    <details className="group">
      <summary className="flex list-none items-center gap-2 rounded text-xs text-muted select-none hover:text-text">
        <span aria-hidden="true" className="transition-transform group-open:rotate-90">
          ▸
        </span>
        {words.asJson}
      </summary>
      <div className="mt-1 flex items-start gap-1">
        <textarea
          id={id}
          aria-label={words.asJson}
          aria-invalid={typed !== null}
          aria-describedby={typed === null ? undefined : `${id}-about`}
          value={text}
          spellCheck={false}
          onChange={event => type(event.target.value)}
          className={`${inputClass} field-sizing-content max-h-60 min-h-14 resize-y py-1.5 font-mono`}
        />
        <CopyIcon text={text} what={words.title} />
      </div>
      {typed !== null && (
        <p id={`${id}-about`} className="text-xs text-untrusted">
          {typed.problem}
        </p>
      )}
    </details>
  )
}
