/** Ledger: what happened, newest first; an entry opened beside it, or else its signed head. */
import { useVirtualizer } from "@tanstack/react-virtual"
import type { KeyboardEvent } from "react"
import { useEffect, useRef } from "react"
import type { LedgerKind } from "../../../shared/ledger.ts"
import { useConnection } from "../../engine.ts"
import { shortDigest } from "../../parts/digest-chip.tsx"
import { FailureNote } from "../../parts/failure-note.tsx"
import type { Route } from "../../route.ts"
import { navigate } from "../../route.ts"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { CopyIcon } from "../../ui/copy.tsx"
import { Empty, Waiting } from "../../ui/empty.tsx"
import { Select } from "../../ui/select.tsx"
import { Split } from "../../ui/split.tsx"
import { visibleLine } from "../../ui/visible-text.ts"
import { useWide } from "../../ui/wide.ts"
import { Entry } from "./entry.tsx"
import { Head } from "./head.tsx"
import { type LedgerLine, readLedger, readLinked, readMore, useLedger } from "./state.ts"

type LedgerRoute = Extract<Route, { screen: "ledger" }>

const words = strings.ledger
const kinds = Object.keys(words.kinds) as LedgerKind[]
const rowHeight = 38

export function LedgerScreen({ route }: { readonly route: LedgerRoute }) {
  const generation = useConnection(state => state.generation)
  const wide = useWide(820)
  const chosen = useLedger(({ lines, linked }) => [...lines, linked].find(line => line?.sequence === route.sequence)) ?? null
  const { head } = useLedger()
  useEffect(() => {
    if (head !== null && route.sequence !== null && chosen === null) void readLinked(route.sequence)
  }, [head, route.sequence, chosen])
  useEffect(() => {
    if (generation > 0) void readLedger()
  }, [generation])
  const pane = chosen === null ? <Head /> : <Entry line={chosen} />
  const list = <List chosen={chosen} />
  return (
    <section aria-labelledby="screen-title" className="flex min-h-0 flex-1 flex-col">
      <Bar chosen={chosen} />
      {wide ? (
        <Split id="ledger" label={words.resize} first={list} second={pane} firstSize="48" />
      ) : (
        <>
          <div className="flex max-h-[40%] min-h-40 flex-col border-b border-line">{list}</div>
          {pane}
        </>
      )}
    </section>
  )
}

function Bar({ chosen }: { readonly chosen: LedgerLine | null }) {
  const { lines, head, kind } = useLedger()
  return (
    <header className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-2.5">
      <div className="flex min-w-40 flex-col">
        <h1 id="screen-title" tabIndex={-1} className="text-lg font-semibold">
          {words.title}
        </h1>
        <p className="text-xs text-muted" aria-live="polite">
          {head === null ? words.loading : words.shown(lines.length, head.size)}
        </p>
      </div>
      <Select
        label={words.kind}
        className="w-44"
        value={kind ?? "all"}
        onChange={value => void readLedger(value === "all" ? null : value)}
        options={[{ value: "all" as const, label: words.allKinds }, ...kinds.map(value => ({ value, label: words.kinds[value] }))]}
      />
      {chosen !== null && (
        <Button kind="plain" icon="back" onClick={() => navigate({ screen: "ledger", sequence: null })}>
          {words.head.title}
        </Button>
      )}
      <span className="grow" />
      <CopyIcon text="l4 ledger" what={strings.copy.command} />
    </header>
  )
}

function List({ chosen }: { readonly chosen: LedgerLine | null }) {
  const { lines, next, asking, failure } = useLedger()
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12
  })
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (next !== null && !asking && lines.length > 0 && last >= lines.length - 40) void readMore()
  }, [last, lines.length, next, asking])
  if (failure !== null) return <FailureNote failure={failure} again={() => void readLedger()} />
  if (lines.length === 0) return asking ? <Waiting text={words.loading} /> : <Empty icon="ledger" title={words.none} />
  const at = chosen === null ? -1 : lines.indexOf(chosen)
  const open = (index: number) => {
    const line = lines[Math.max(0, Math.min(lines.length - 1, index))]
    if (line === undefined) return
    navigate({ screen: "ledger", sequence: line.sequence }, { replace: true })
    virtual.scrollToIndex(lines.indexOf(line))
  }
  const onKey = (event: KeyboardEvent) => {
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + 15,
      PageUp: at - 15,
      Home: 0,
      End: lines.length - 1
    }
    const move = moves[event.key]
    if (move === undefined || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    open(move)
  }
  return (
    <div
      ref={scroller}
      role="listbox"
      aria-label={words.list}
      aria-activedescendant={at < 0 ? undefined : `entry-${at}`}
      tabIndex={0}
      onKeyDown={onKey}
      className="min-h-0 flex-1 overflow-y-auto outline-offset-[-2px]"
    >
      <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
        {items.map(item => {
          const line = lines[item.index]!
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the list, which holds the focus
            <div
              key={line.sequence}
              id={`entry-${item.index}`}
              role="option"
              tabIndex={-1}
              aria-selected={item.index === at}
              onClick={() => {
                open(item.index)
                scroller.current?.focus()
              }}
              style={{ height: rowHeight, transform: `translateY(${item.start}px)` }}
              className="absolute inset-x-0 top-0 grid grid-cols-[4.5rem_8rem_1fr_auto] items-center gap-3 border-b border-line px-4 not-aria-selected:hover:bg-sunken aria-selected:bg-accent-ground aria-selected:shadow-[inset_3px_0_var(--accent)]"
            >
              <span className="text-muted tabular-nums">{line.sequence}</span>
              <span className="truncate">{words.kinds[line.kind]}</span>
              <span className="truncate text-muted">{aboutOf(line)}</span>
              <time dateTime={line.at} className="text-xs text-muted tabular-nums">
                {line.at.slice(0, 16).replace("T", " ")}
              </time>
            </div>
          )
        })}
      </div>
    </div>
  )
}

/** The words or the Digest a record is about. */
function aboutOf({ body }: LedgerLine): string {
  const claim = body.claim as { task?: { text?: unknown } } | undefined
  if (typeof claim?.task?.text === "string") return visibleLine(claim.task.text)
  for (const name of ["mapping", "bundle", "policy", "module"]) if (typeof body[name] === "string") return shortDigest(body[name])
  if (typeof body.version === "number") return `v${body.version}`
  return ""
}
