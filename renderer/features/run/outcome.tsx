/** How a Run ended: its value or the reason there is none, and what it spent. */
import { useMemo, useState } from "react"
import type { Outcome, Spent } from "../../../shared/run.ts"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { CopyIcon } from "../../ui/copy.tsx"
import { Icon } from "../../ui/icon.tsx"
import { visibleText } from "../../ui/visible-text.ts"
import { indentLiteral, readLiteral } from "./literal.ts"

export function OutcomeView({ outcome, review }: { readonly outcome: Outcome; readonly review: boolean }) {
  const good = outcome.kind === "returned"
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <span className={`inline-flex items-center gap-1.5 font-medium ${good ? "text-trusted" : "text-untrusted"}`}>
          <Icon name={good ? "check" : "warning"} />
          {strings.run.kinds[outcome.kind]}
        </span>
        {review && <span className="rounded-full bg-pending-ground px-2 text-xs font-medium text-pending">{strings.run.reviewMark}</span>}
        {outcome.kind === "failed" && <code className="text-muted">{outcome.category}</code>}
        {outcome.kind === "failed" && outcome.span !== undefined && (
          <span className="text-xs text-muted">{strings.run.atPosition(outcome.span.line, outcome.span.column)}</span>
        )}
      </div>
      {good ? <Value text={outcome.value} /> : <p className="break-words whitespace-pre-wrap">{visibleText(reasonOf(outcome))}</p>}
      {"spent" in outcome && <SpentFacts spent={outcome.spent} />}
    </div>
  )
}

/** Longer values are cut on screen until asked for; the copy is always whole. */
const shownCharactersMax = 4_000
const readCharactersMax = 200_000

function Value({ text }: { readonly text: string }) {
  const [all, setAll] = useState(false)
  const pretty = useMemo(() => prettied(text), [text])
  const cut = !all && pretty.length > shownCharactersMax
  return (
    <div className="flex flex-col items-start gap-2">
      <div className="relative w-full">
        {/* biome-ignore lint/a11y/useSemanticElements: preformatted text that scrolls must be reachable by key and named */}
        <pre
          role="region"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a person without a mouse must reach it
          tabIndex={0}
          aria-label={strings.run.value.valueOf}
          className="max-h-96 min-h-10 w-full overflow-auto rounded-md border border-line bg-sunken py-2.5 pr-10 pl-3 font-mono break-words whitespace-pre-wrap"
        >
          {visibleText(cut ? `${pretty.slice(0, shownCharactersMax)}…` : pretty)}
        </pre>
        <span className="absolute top-1.5 right-1.5">
          <CopyIcon text={text} what={strings.run.value.valueOf} />
        </span>
      </div>
      {cut && <Button onClick={() => setAll(true)}>{strings.run.showAll(pretty.length)}</Button>}
    </div>
  )
}

function prettied(text: string): string {
  if (text.length < 72 || text.length > readCharactersMax) return text
  try {
    return indentLiteral(readLiteral(text), 72)
  } catch {
    return text
  }
}

function reasonOf(outcome: Exclude<Outcome, { kind: "returned" }>): string {
  switch (outcome.kind) {
    case "failed":
      return outcome.message
    case "needs-host":
      return `${strings.run.needsHost(outcome.capability)}\n${outcome.arguments}`
    case "out-of-fuel":
      return strings.run.outOfFuel(strings.units.count(outcome.fuelMax))
    case "timed-out":
      return strings.run.timedOut(strings.units.count(outcome.timeoutMs))
    case "out-of-memory":
      return strings.run.outOfMemory(strings.units.count(outcome.memoryPagesMax))
    case "trapped":
      return outcome.reason
    case "rejected":
      return `${outcome.reason}: ${outcome.detail}`
  }
}

function SpentFacts({ spent }: { readonly spent: Spent }) {
  const facts: readonly (readonly [string, string])[] = [
    [strings.run.fuel, spent.fuel === null ? strings.run.unmetered : strings.units.count(spent.fuel)],
    [strings.run.time, strings.units.ms(spent.wallMs)],
    [strings.run.memory, spent.memoryPages === null ? strings.run.memoryUnknown : strings.units.bytes(spent.memoryPages * 65_536)],
    ...(spent.answersUsed === undefined ? [] : [[strings.run.answers.used, strings.units.count(spent.answersUsed)] as const])
  ]
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-1">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt className="text-xs text-muted">{name}</dt>
          <dd className="text-base tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
