/** What the chosen result is and why it may be trusted, without leaving the list. */
import { useState } from "react"
import type { ModuleRow, ShownModule } from "../../../shared/engine-contract.ts"
import { Code } from "../../parts/code.tsx"
import { DigestChip } from "../../parts/digest-chip.tsx"
import { FailureNote } from "../../parts/failure-note.tsx"
import { TypeText } from "../../parts/type-text.tsx"
import { VerdictBadge } from "../../parts/verdict-badge.tsx"
import { moduleRoute, navigate, runRoute } from "../../route.ts"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { Empty, Waiting } from "../../ui/empty.tsx"
import { Icon } from "../../ui/icon.tsx"
import { visibleLine, visibleText } from "../../ui/visible-text.ts"
import { Compare } from "./compare.tsx"
import { mark, select, useExplore } from "./state.ts"

export function Preview() {
  const { rows, selected, preview } = useExplore()
  const row = rows.find(candidate => candidate.mapping === selected)
  if (row === undefined) return <Empty text={strings.explore.previewEmpty} title={strings.explore.preview} icon="module" />
  return (
    <section aria-label={strings.explore.preview} className="flex min-h-0 flex-1 flex-col overflow-y-auto bg-surface">
      <Head row={row} />
      {preview.state === "failed" && <FailureNote failure={preview.failure} again={() => select(row.mapping)} />}
      {preview.state === "loading" && <Waiting text={strings.module.loading} />}
      {preview.state === "done" && preview.answer.digest === row.digest && <Body row={row} shown={preview.answer} />}
    </section>
  )
}

function Head({ row }: { readonly row: ModuleRow }) {
  const marked = useExplore(state => state.marked)
  const [comparing, setComparing] = useState(false)
  return (
    <header className="flex flex-col gap-2.5 border-b border-line p-4">
      <div className="flex items-start justify-between gap-3">
        <h2 className="text-base font-semibold break-words">{visibleText(row.task)}</h2>
        <VerdictBadge state={row.verdict} />
      </div>
      <TypeText text={row.interface} className="break-words" />
      <div className="flex flex-wrap items-center gap-2">
        <Button kind="main" icon="module" onClick={() => navigate(moduleRoute(row.digest, row.mapping))}>
          {strings.explore.open}
        </Button>
        {row.verdict === "untrusted" ? (
          <span className="text-xs text-untrusted">{strings.explore.neverRuns}</span>
        ) : (
          <Button icon="run" onClick={() => navigate(runRoute(row.digest, row.mapping))}>
            {row.verdict === "pending" ? strings.explore.review : strings.explore.run}
          </Button>
        )}
        {marked === null || marked.mapping === row.mapping ? (
          <Button kind="plain" aria-pressed={marked !== null} onClick={() => mark(marked === null ? row : null)}>
            {marked === null ? strings.explore.compare.mark : strings.explore.compare.unmark}
          </Button>
        ) : (
          <Button kind="plain" onClick={() => setComparing(true)} title={visibleLine(marked.task)}>
            {strings.explore.compare.act}
          </Button>
        )}
        {comparing && marked !== null && <Compare one={marked} other={row} onClose={() => setComparing(false)} />}
      </div>
      {row.why !== undefined && row.why.length > 0 && (
        <div className="flex flex-wrap items-center gap-1.5 text-xs">
          <span className="text-muted">{strings.explore.why}</span>
          {row.why.map(reason => (
            <span key={reason} className="rounded-full bg-sunken px-2 py-px">
              {visibleLine(reason)}
            </span>
          ))}
        </div>
      )}
      {row.differs?.map(rival => (
        <p key={rival.mapping} className="text-xs text-pending">
          {strings.explore.differs(visibleLine(rival.args), visibleLine(rival.here), visibleLine(rival.there))}
        </p>
      ))}
    </header>
  )
}

function Body({ row, shown }: { readonly row: ModuleRow; readonly shown: ShownModule }) {
  const mapping = shown.mappings.find(candidate => candidate.digest === row.mapping)
  const open = mapping?.verdict.rules.filter(rule => rule.outcome === "fail" || rule.outcome === "missing") ?? []
  return (
    <>
      <dl className="grid grid-cols-[auto_1fr_auto_1fr] gap-x-3 gap-y-1 border-b border-line px-4 py-3 text-xs">
        <Fact name={strings.explore.size} value={strings.units.bytes(row.bytes)} />
        <Fact name={strings.explore.fuel} value={strings.units.count(row.fuel)} />
        <Fact name={strings.explore.created} value={strings.units.date(row.createdMs)} />
        <Fact name={strings.explore.usedLabel} value={strings.explore.used(row.hits)} />
      </dl>
      <div className="flex flex-col gap-1 border-b border-line px-4 py-3 text-xs">
        {row.unreviewed && <p className="text-muted">{strings.module.unreviewedNote}</p>}
        {open.map(rule => (
          <p key={rule.rule} className="flex gap-1.5">
            <Icon
              name={rule.outcome === "fail" ? "untrusted" : "pending"}
              className={`mt-px size-3.5! ${rule.outcome === "fail" ? "text-untrusted" : "text-pending"}`}
            />
            <span>
              <span className="font-medium">{strings.verdict.rules[rule.rule]}</span>{" "}
              <span className="text-muted">{visibleText(rule.why)}</span>
            </span>
          </p>
        ))}
        <div className="flex flex-wrap gap-x-4">
          <DigestChip name={strings.module.moduleDigest} digest={row.digest} />
          <DigestChip name={strings.module.mappingDigest} digest={row.mapping} />
        </div>
      </div>
      {shown.source !== null && (
        <div className="flex min-h-60 flex-1 flex-col">
          <Code text={shown.source} label={strings.source.label} language="rtfs" />
        </div>
      )}
    </>
  )
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="tabular-nums">{value}</dd>
    </>
  )
}
