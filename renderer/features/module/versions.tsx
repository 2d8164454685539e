/** The line of versions a Mapping stands in, and what changed against a chosen one. */
import { useState } from "react"
import type { AnswerOf } from "../../../shared/engine-contract.ts"
import type { EngineFailure } from "../../../shared/failure.ts"
import type { VerdictState } from "../../../shared/trust.ts"
import { engine } from "../../engine.ts"
import { DifferenceView } from "../../parts/difference-view.tsx"
import { DigestChip, shortDigest } from "../../parts/digest-chip.tsx"
import { FailureNote } from "../../parts/failure-note.tsx"
import { useAnswer } from "../../parts/use-answer.ts"
import { VerdictBadge } from "../../parts/verdict-badge.tsx"
import { linkOf, moduleRoute } from "../../route.ts"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { Empty, Waiting } from "../../ui/empty.tsx"
import { Field } from "../../ui/field.tsx"
import { visibleLine } from "../../ui/visible-text.ts"
import type { ShownMapping } from "./state.ts"

const words = strings.versions
/** In each direction; a line may be long, and each is read on its own. */
const versionsMax = 20

interface Version {
  readonly mapping: string
  /** Null where the store does not hold it. */
  readonly known: { readonly digest: string; readonly task: string; readonly verdict: VerdictState } | null
}

interface Line {
  readonly older: readonly Version[]
  readonly newer: readonly Version[]
  readonly cut: boolean
}

/** Which two are compared: the difference leads from `before` to `after`. */
interface Pair {
  readonly before: string
  readonly after: string
  readonly chosen: string
}

export function VersionsTab({ chosen }: { readonly chosen: ShownMapping }) {
  const [line, again] = useAnswer(chosen.digest, signal => lineOf(chosen, signal))
  const [pair, setPair] = useState<Pair | null>(null)
  if (line.state === "failed") return <FailureNote failure={line.failure} again={again} />
  if (line.state !== "done") return <Waiting text={words.loading} />
  const { older, newer, cut } = line.answer
  return (
    <div className="flex min-h-0 flex-1 max-md:flex-col">
      <section
        aria-label={strings.module.tabs.versions}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a person without a mouse must reach it
        tabIndex={0}
        className="flex w-80 shrink-0 flex-col gap-4 overflow-y-auto border-line p-4 outline-offset-[-2px] max-md:max-h-60 max-md:w-full max-md:border-b md:border-r"
      >
        <Versions
          title={words.newer}
          none={words.noNewer}
          versions={newer}
          pair={pair}
          compare={mapping => setPair({ before: chosen.digest, after: mapping, chosen: mapping })}
        />
        <Versions
          title={words.older}
          none={words.noOlder}
          versions={older}
          pair={pair}
          compare={mapping => setPair({ before: mapping, after: chosen.digest, chosen: mapping })}
        />
        {cut && <p className="text-xs text-muted">{words.cut(older.length + newer.length)}</p>}
        <AnyOther compare={mapping => setPair({ before: mapping, after: chosen.digest, chosen: mapping })} />
      </section>
      {pair === null ? (
        <Empty title={strings.difference.title} text={words.choose} />
      ) : (
        <Compared key={`${pair.before} ${pair.after}`} pair={pair} />
      )}
    </div>
  )
}

function Versions({
  title,
  none,
  versions,
  pair,
  compare
}: {
  readonly title: string
  readonly none: string
  readonly versions: readonly Version[]
  readonly pair: Pair | null
  readonly compare: (mapping: string) => void
}) {
  return (
    <section aria-label={title} className="flex flex-col gap-1">
      <h2 className="text-xs text-muted">{title}</h2>
      {versions.length === 0 && <p>{none}</p>}
      <ul className="flex flex-col gap-2">
        {versions.map(({ mapping, known }) => (
          <li key={mapping} className="flex flex-col gap-1 rounded-lg border border-line bg-surface p-2">
            {known === null ? (
              <span className="text-muted">{words.away}</span>
            ) : (
              <a className="break-words text-accent hover:underline" href={linkOf(moduleRoute(known.digest, mapping, "versions"))}>
                {visibleLine(known.task)}
              </a>
            )}
            <span className="flex flex-wrap items-center gap-x-3">
              {known !== null && <VerdictBadge state={known.verdict} />}
              <DigestChip name={strings.module.mappingDigest} digest={mapping} />
            </span>
            {known !== null && (
              <Button
                kind={pair?.chosen === mapping ? "main" : "quiet"}
                className="self-start"
                aria-pressed={pair?.chosen === mapping}
                aria-label={words.compareLabel(visibleLine(known.task), shortDigest(mapping))}
                onClick={() => compare(mapping)}
              >
                {words.compare}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Any other Mapping of the store, for lines that were never written down as such. */
function AnyOther({ compare }: { readonly compare: (mapping: string) => void }) {
  const [digest, setDigest] = useState("")
  const right = /^(sha256:)?[0-9a-f]{4,64}$/.test(digest)
  return (
    <form
      className="flex flex-col items-start gap-2 border-t border-line pt-3"
      onSubmit={event => {
        event.preventDefault()
        if (right) compare(digest)
      }}
    >
      <Field
        className="w-full"
        label={words.otherLabel}
        mono
        value={digest}
        placeholder={words.otherPlaceholder}
        error={digest === "" || right ? undefined : words.otherWrong}
        onChange={text => setDigest(text.trim())}
      />
      <Button type="submit" disabled={!right}>
        {words.compare}
      </Button>
    </form>
  )
}

function Compared({ pair: { before, after } }: { readonly pair: Pair }) {
  const [asked, again] = useAnswer<AnswerOf<"difference">>(`${before} ${after}`, signal =>
    engine.difference({ digest: after, mapping: after, against: before }, { signal })
  )
  if (asked.state === "failed") return <FailureNote failure={asked.failure} again={again} />
  if (asked.state !== "done") return <Waiting text={words.running} />
  return (
    <section aria-label={strings.difference.title} className="flex min-h-0 min-w-0 flex-1 flex-col">
      <DifferenceView difference={asked.answer} />
    </section>
  )
}

/** Walks both ways, nearest first; what is met twice is listed once. */
async function lineOf(chosen: ShownMapping, signal: AbortSignal): Promise<Line> {
  const seen = new Set<string>([chosen.digest])
  const walk = async (first: readonly string[], nextOf: (shown: ShownMapping) => readonly string[]) => {
    const versions: Version[] = []
    const waiting = [...first]
    for (let mapping = waiting.shift(); mapping !== undefined && versions.length < versionsMax; mapping = waiting.shift()) {
      if (seen.has(mapping)) continue
      seen.add(mapping)
      const shown = await shownMapping(mapping, signal)
      versions.push({
        mapping,
        known: shown && { digest: shown.mapping.module.digest, task: shown.mapping.task.text, verdict: shown.verdict.state }
      })
      if (shown !== null) waiting.push(...nextOf(shown))
    }
    return { versions, cut: waiting.some(mapping => !seen.has(mapping)) }
  }
  const older = await walk(chosen.mapping.supersedes ?? [], shown => shown.mapping.supersedes ?? [])
  const newer = await walk(chosen.supersededBy, shown => shown.supersededBy)
  return { older: older.versions, newer: newer.versions, cut: older.cut || newer.cut }
}

async function shownMapping(mapping: string, signal: AbortSignal): Promise<ShownMapping | null> {
  try {
    const { mappings } = await engine.show({ digest: mapping, mapping }, { signal })
    return mappings[0] ?? null
  } catch (error) {
    if ((error as EngineFailure).code === "unknown-digest") return null
    throw error
  }
}
