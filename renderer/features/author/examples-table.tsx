/** The Examples of a Draft: written in place, run as one types. */
import type { Outcome } from "../../../shared/run.ts"
import { strings } from "../../strings.ts"
import { Button, IconButton } from "../../ui/button.tsx"
import { inputClass } from "../../ui/field.tsx"
import { Icon } from "../../ui/icon.tsx"
import { visibleText } from "../../ui/visible-text.ts"
import type { DraftExample } from "./draft.ts"
import { isModuleForm, useAuthor, write } from "./state.ts"

const words = strings.author.examples
export const examplesMax = 1_000
const shownCharactersMax = 300

export function ExamplesTable() {
  const { draft, found, compiled } = useAuthor()
  const { examples } = draft
  const passed = examples.filter((example, at) => holds(example, found[at] ?? null)).length
  const change = (at: number, part: Partial<DraftExample>) =>
    write({ examples: examples.map((example, position) => (position === at ? { ...example, ...part } : example)) })
  const ready = compiled.state === "done" && compiled.answer.kind === "compiled"
  return (
    <section aria-label={words.title} className="flex flex-col gap-2">
      <header className="flex items-center gap-3">
        <h2 className="font-medium">{words.title}</h2>
        <span aria-live="polite" className="text-xs text-muted tabular-nums">
          {isModuleForm(draft.source) ? words.moduleForm : words.passed(passed, examples.length)}
        </span>
        <span className="grow" />
        <Button
          icon="plus"
          disabled={examples.length >= examplesMax}
          onClick={() => write({ examples: [...examples, { args: "[]", result: "" }] })}
        >
          {words.add}
        </Button>
      </header>
      <div className="overflow-x-auto">
        <table className="w-full text-left">
          <thead className="text-xs text-muted">
            <tr>
              <th className="w-8 font-normal">#</th>
              <th className="pr-2 font-normal">{words.arguments}</th>
              <th className="pr-2 font-normal">{words.result}</th>
              <th className="pr-2 font-normal">{words.found}</th>
              <th className="w-8">
                <span className="sr-only">{words.remove(0)}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {examples.map((example, at) => (
              <tr key={at} className="align-top">
                <td className="pt-1.5 text-xs text-muted tabular-nums">{at + 1}</td>
                <td className="py-0.5 pr-2">
                  <Cell label={`${words.arguments} ${at + 1}`} value={example.args} onChange={args => change(at, { args })} />
                </td>
                <td className="py-0.5 pr-2">
                  <Cell label={`${words.result} ${at + 1}`} value={example.result} onChange={result => change(at, { result })} />
                </td>
                <td className="max-w-60 min-w-28 pt-1 pr-2">
                  <Found at={at} example={example} outcome={found[at] ?? null} ready={ready} take={result => change(at, { result })} />
                </td>
                <td>
                  <IconButton
                    icon="cross"
                    label={words.remove(at + 1)}
                    onClick={() => write({ examples: examples.filter((_, position) => position !== at) })}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="text-xs text-muted">{words.limit(examplesMax)}</p>
    </section>
  )
}

function Cell({ label, value, onChange }: { readonly label: string; readonly value: string; readonly onChange: (value: string) => void }) {
  return (
    <input
      aria-label={label}
      value={value}
      spellCheck={false}
      autoComplete="off"
      onChange={event => onChange(event.target.value)}
      className={`${inputClass} h-7 font-mono`}
    />
  )
}

function Found({
  at,
  example,
  outcome,
  ready,
  take
}: {
  readonly at: number
  readonly example: DraftExample
  readonly outcome: Outcome | null
  readonly ready: boolean
  readonly take: (result: string) => void
}) {
  if (example.answers !== undefined) return <span className="text-xs text-muted">{words.answered(example.answers.length)}</span>
  if (outcome === null) return <span className="text-xs text-muted">{ready ? words.running : words.waiting}</span>
  const value = outcome.kind === "returned" ? outcome.value : null
  const good = holds(example, outcome)
  const text = value ?? (outcome.kind === "failed" ? `${outcome.category}: ${outcome.message}` : strings.run.kinds[outcome.kind])
  return (
    <span className={`flex items-start gap-1 ${good ? "text-trusted" : example.result.trim() === "" ? "" : "text-untrusted"}`}>
      <Icon name={good ? "check" : "dash"} className="mt-0.5 size-3.5!" />
      <code className="min-w-0 break-words">{visibleText(text.slice(0, shownCharactersMax))}</code>
      {value !== null && !good && (
        <button
          type="button"
          aria-label={words.takeLabel(at + 1)}
          title={words.take}
          onClick={() => take(value)}
          className="rounded text-accent hover:bg-sunken"
        >
          <Icon name="check" className="size-3.5!" />
        </button>
      )}
    </span>
  )
}

/** Compared as printed; the engine compares values when it publishes. */
export function holds({ result }: DraftExample, outcome: Outcome | null): boolean {
  return outcome?.kind === "returned" && outcome.value === result.trim()
}
