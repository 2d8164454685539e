/** The results: one row a Mapping, virtualised, walked with the arrow keys. */
import { useVirtualizer } from "@tanstack/react-virtual"
import type { KeyboardEvent } from "react"
import { useEffect, useRef } from "react"
import type { ModuleRow } from "../../../shared/engine-contract.ts"
import { TypeText } from "../../parts/type-text.tsx"
import { VerdictBadge } from "../../parts/verdict-badge.tsx"
import { moduleRoute, navigate, runRoute } from "../../route.ts"
import { strings } from "../../strings.ts"
import { visibleLine } from "../../ui/visible-text.ts"
import { readMore, select, useExplore } from "./state.ts"

const rowHeight = 58

export function ResultList() {
  const { rows, selected, total, next } = useExplore()
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12
  })
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (next !== null && last >= rows.length - 60) void readMore()
  }, [last, rows.length, next])
  const at = rows.findIndex(row => row.mapping === selected)
  const choose = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))]
    if (row === undefined) return
    select(row.mapping)
    virtual.scrollToIndex(rows.indexOf(row))
  }
  return (
    <div
      ref={scroller}
      role="listbox"
      aria-label={strings.explore.results}
      aria-activedescendant={at < 0 ? undefined : optionId(at)}
      tabIndex={0}
      onKeyDown={event => onKey(event, at, rows, choose)}
      className="min-h-0 flex-1 overflow-y-auto outline-offset-[-2px]"
    >
      <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
        {items.map(item => {
          const row = rows[item.index]!
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the list, which holds the focus
            <div
              key={row.mapping}
              id={optionId(item.index)}
              role="option"
              tabIndex={-1}
              aria-selected={item.index === at}
              aria-setsize={total}
              aria-posinset={item.index + 1}
              onClick={() => {
                select(row.mapping)
                scroller.current?.focus()
              }}
              onDoubleClick={() => navigate(moduleRoute(row.digest, row.mapping))}
              style={{ height: rowHeight, transform: `translateY(${item.start}px)` }}
              className="absolute inset-x-0 top-0 grid grid-cols-[1fr_auto] items-center gap-x-4 border-b border-line pr-4 pl-[13px] not-aria-selected:hover:bg-sunken aria-selected:bg-accent-ground aria-selected:shadow-[inset_3px_0_var(--accent)]"
            >
              <Row row={row} />
            </div>
          )
        })}
      </div>
    </div>
  )
}

function Row({ row }: { readonly row: ModuleRow }) {
  const why = row.why?.join(" · ")
  return (
    <>
      <div className="flex min-w-0 flex-col gap-0.5">
        <span className="truncate font-medium">{visibleLine(row.task)}</span>
        <span className="flex min-w-0 gap-3 truncate text-xs">
          <TypeText text={row.interface} className="truncate" />
          {why !== undefined && why !== "" && <span className="truncate text-muted">{visibleLine(why)}</span>}
        </span>
      </div>
      <div className="flex flex-col items-end gap-1">
        <VerdictBadge state={row.verdict} />
        <span className="flex items-center gap-2 text-xs text-muted tabular-nums">
          {row.similarity === undefined ? strings.explore.used(row.hits) : <Similarity value={row.similarity} />}
        </span>
      </div>
    </>
  )
}

function Similarity({ value }: { readonly value: number }) {
  const percent = `${(Math.max(0, Math.min(1, value)) * 100).toFixed(0)} %`
  return (
    <span className="flex items-center gap-1.5" title={strings.explore.similarity(percent)}>
      <span aria-hidden="true" className="h-1 w-10 overflow-hidden rounded-full bg-line">
        <span className="block h-full rounded-full bg-accent" style={{ width: `${Math.max(0, Math.min(1, value)) * 100}%` }} />
      </span>
      {percent}
    </span>
  )
}

function optionId(index: number): string {
  return `result-${index}`
}

function onKey(event: KeyboardEvent, at: number, rows: readonly ModuleRow[], choose: (index: number) => void): void {
  const row = rows[at]
  const page = Math.max(1, Math.floor(event.currentTarget.clientHeight / rowHeight) - 1)
  const moves: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: rows.length - 1
  }
  const move = moves[event.key]
  if (event.altKey || event.ctrlKey || event.metaKey) return
  if (move !== undefined) choose(move)
  else if (event.key === "Enter" && row !== undefined) navigate(moduleRoute(row.digest, row.mapping))
  else if (event.key === "r" && row !== undefined && row.verdict !== "untrusted") navigate(runRoute(row.digest, row.mapping))
  else return
  event.preventDefault()
}
