/** The queue: what waits for a person, oldest first, or what nobody looked at when the library was taken in. */
import { useVirtualizer } from "@tanstack/react-virtual"
import type { KeyboardEvent } from "react"
import { useEffect, useRef } from "react"
import type { ModuleRow } from "../../../shared/engine-contract.ts"
import { FailureNote } from "../../parts/failure-note.tsx"
import { TypeText } from "../../parts/type-text.tsx"
import { VerdictBadge } from "../../parts/verdict-badge.tsx"
import { strings } from "../../strings.ts"
import { Empty, Waiting } from "../../ui/empty.tsx"
import { Select } from "../../ui/select.tsx"
import { visibleLine } from "../../ui/visible-text.ts"
import { type ReviewList, readQueue, useReview } from "./state.ts"

const rowHeight = 54

export function Queue({ chosen, choose }: { readonly chosen: ModuleRow | null; readonly choose: (row: ModuleRow) => void }) {
  const { rows, list } = useReview()
  const words = strings.review
  return (
    <>
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-2.5">
        <div className="flex min-w-28 flex-col">
          <h1 id="screen-title" tabIndex={-1} className="text-lg font-semibold">
            {words.title}
          </h1>
          <p className="text-xs text-muted" aria-live="polite">
            {rows.state === "done" ? words.count(rows.answer.length) : words.loading}
          </p>
        </div>
        <Select
          label={words.choose}
          className="w-48"
          value={list}
          onChange={value => void readQueue(value)}
          options={(["waiting", "unreviewed"] as const).map((value: ReviewList) => ({ value, label: words.lists[value] }))}
        />
      </header>
      {rows.state === "failed" && <FailureNote failure={rows.failure} again={() => void readQueue(list)} />}
      {(rows.state === "loading" || rows.state === "idle") && <Waiting text={words.loading} />}
      {rows.state === "done" &&
        (rows.answer.length === 0 ? (
          <Empty icon="review" title={words.noneTitle} text={list === "waiting" ? words.noneText : words.noneUnreviewed} />
        ) : (
          <Rows rows={rows.answer} chosen={chosen} choose={choose} />
        ))}
    </>
  )
}

function Rows({
  rows,
  chosen,
  choose
}: {
  readonly rows: readonly ModuleRow[]
  readonly chosen: ModuleRow | null
  readonly choose: (row: ModuleRow) => void
}) {
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10
  })
  const at = rows.findIndex(row => row.mapping === chosen?.mapping)
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at)
  }, [at, virtual])
  const onKey = (event: KeyboardEvent) => {
    const moves: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }
    const move = moves[event.key]
    const row = move === undefined ? undefined : rows[Math.max(0, Math.min(rows.length - 1, move))]
    if (row === undefined) return
    event.preventDefault()
    choose(row)
  }
  return (
    <div
      ref={scroller}
      role="listbox"
      aria-label={strings.review.listLabel}
      aria-activedescendant={at < 0 ? undefined : `review-${at}`}
      tabIndex={0}
      onKeyDown={onKey}
      className="min-h-0 flex-1 overflow-y-auto outline-offset-[-2px]"
    >
      <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(item => {
          const row = rows[item.index]!
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the list, which holds the focus
            <div
              key={row.mapping}
              id={`review-${item.index}`}
              role="option"
              tabIndex={-1}
              aria-selected={item.index === at}
              aria-setsize={rows.length}
              aria-posinset={item.index + 1}
              onClick={() => {
                choose(row)
                scroller.current?.focus()
              }}
              style={{ height: rowHeight, transform: `translateY(${item.start}px)` }}
              className="absolute inset-x-0 top-0 flex flex-col justify-center gap-0.5 border-b border-line px-4 not-aria-selected:hover:bg-sunken aria-selected:bg-accent-ground aria-selected:shadow-[inset_3px_0_var(--accent)]"
            >
              <span className="flex items-center gap-2">
                <span className="min-w-0 grow truncate font-medium">{visibleLine(row.task)}</span>
                <VerdictBadge state={row.verdict} />
              </span>
              <span className="flex items-center gap-3 text-xs text-muted">
                <TypeText text={row.interface} className="min-w-0 grow truncate" />
                <span className="whitespace-nowrap tabular-nums">{strings.units.date(row.createdMs)}</span>
              </span>
            </div>
          )
        })}
      </div>
    </div>
  )
}
