/** Review: judge a Mapping before signing it off. The queue on one side, its evidence and the decision on the other. */
import { useCallback, useEffect } from "react"
import type { ModuleRow } from "../../../shared/engine-contract.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import { commandOf } from "../../commands.ts"
import { useConnection } from "../../engine.ts"
import { DigestChip } from "../../parts/digest-chip.tsx"
import { FailureNote } from "../../parts/failure-note.tsx"
import { VerdictBadge } from "../../parts/verdict-badge.tsx"
import type { Route } from "../../route.ts"
import { navigate } from "../../route.ts"
import { readStoreStatus } from "../../store-status.ts"
import { strings } from "../../strings.ts"
import { IconButton } from "../../ui/button.tsx"
import { CopyIcon } from "../../ui/copy.tsx"
import { Empty, Waiting } from "../../ui/empty.tsx"
import { announce } from "../../ui/live.tsx"
import { Split } from "../../ui/split.tsx"
import { visibleText } from "../../ui/visible-text.ts"
import { useWide } from "../../ui/wide.ts"
import { DecisionBar } from "./decision.tsx"
import { EvidenceTabs } from "./evidence.tsx"
import { Queue } from "./queue.tsx"
import { cancelDecision, openEvidence, readQueue, sign, useReview } from "./state.ts"

type ReviewRoute = Extract<Route, { screen: "review" }>

const words = strings.review

export function ReviewScreen({ route }: { readonly route: ReviewRoute }) {
  const generation = useConnection(state => state.generation)
  const rows = useReview(({ rows: asked }) => (asked.state === "done" ? asked.answer : noRows))
  const wide = useWide(820)
  const chosen = rows.find(row => route.mapping !== null && row.mapping.startsWith(withPrefix(route.mapping))) ?? null
  useEffect(() => {
    if (generation > 0) void readQueue(useReview.getState().list)
  }, [generation])
  useEffect(() => openEvidence(chosen), [chosen])
  const choose = useCallback((row: ModuleRow | undefined) => {
    if (row !== undefined) navigate({ screen: "review", mapping: row.mapping }, { replace: true })
  }, [])
  const at = chosen === null ? -1 : rows.indexOf(chosen)
  useWalk(
    () => choose(rows[at + 1]),
    () => choose(rows[at - 1])
  )
  const queue = <Queue chosen={chosen} choose={choose} />
  const pane = (
    <Pane
      row={chosen}
      next={rows[at + 1] === undefined ? null : () => choose(rows[at + 1])}
      previous={at <= 0 ? null : () => choose(rows[at - 1])}
    />
  )
  return (
    <section aria-labelledby="screen-title" className="flex min-h-0 flex-1 flex-col">
      {wide ? (
        <Split id="review" label={words.resize} first={queue} second={pane} firstSize="34" />
      ) : (
        <>
          <div className="flex max-h-[38%] min-h-40 flex-col border-b border-line">{queue}</div>
          {pane}
        </>
      )}
    </section>
  )
}

const noRows: readonly ModuleRow[] = []

const withPrefix = (digest: string): string => (digest.startsWith("sha256:") ? digest : `sha256:${digest}`)

function Pane({
  row,
  next,
  previous
}: {
  readonly row: ModuleRow | null
  readonly next: (() => void) | null
  readonly previous: (() => void) | null
}) {
  const { evidence } = useReview()
  if (row === null) return <Empty icon="review" title={words.chooseTitle} text={words.chooseText} />
  if (evidence.state === "failed") return <FailureNote failure={evidence.failure} again={() => openEvidence(row)} />
  if (evidence.state !== "done") return <Waiting text={words.reading} />
  const { answer } = evidence
  const decide = async () => {
    const decision = useReview.getState().deciding?.decision
    const answered = await sign(answer)
    if (decision === undefined || answered === null || answered instanceof EngineFailure || !("verdict" in answered)) return
    cancelDecision()
    announce(words.done(words.doneWords[decision], row.task, strings.verdicts[answered.verdict.state]))
    void readStoreStatus()
    await readQueue(useReview.getState().list)
    const { rows } = useReview.getState()
    const left = rows.state === "done" ? rows.answer : []
    navigate({ screen: "review", mapping: left[0]?.mapping ?? null }, { replace: true })
  }
  return (
    <section aria-label={words.evidence} className="flex min-h-0 flex-1 flex-col">
      <header className="flex items-start gap-3 px-4 pt-3 pb-2">
        <div className="flex min-w-0 grow flex-col gap-1">
          <h2 className="text-base font-semibold break-words">{visibleText(row.task)}</h2>
          <div className="flex flex-wrap items-center gap-x-4">
            <VerdictBadge state={answer.mapping.verdict.state} />
            <DigestChip name={strings.module.moduleDigest} digest={answer.shown.digest} />
            <DigestChip name={strings.module.mappingDigest} digest={answer.mapping.digest} />
          </div>
        </div>
        <span className="flex items-center" title={words.keys}>
          <IconButton icon="back" label={words.previous} disabled={previous === null} onClick={() => previous?.()} />
          <IconButton icon="right" label={words.next} disabled={next === null} onClick={() => next?.()} />
          <CopyIcon text={commandOf.signOff(answer.shown.digest, answer.mapping.digest)} what={strings.copy.command} />
        </span>
      </header>
      <EvidenceTabs key={answer.mapping.digest} evidence={answer} />
      <DecisionBar evidence={answer} onSign={() => void decide()} />
    </section>
  )
}

/** J and K walk the queue wherever no text is being written. */
function useWalk(next: () => void, previous: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [contenteditable=true], [role=dialog]")
      if (typing !== null && typing !== false) return
      if (event.altKey || event.ctrlKey || event.metaKey) return
      if (event.key === "j") next()
      else if (event.key === "k") previous()
      else return
      event.preventDefault()
    }
    addEventListener("keydown", onKey)
    return () => removeEventListener("keydown", onKey)
  })
}
