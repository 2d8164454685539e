/** What was served lately, one by one: why it was a Hit or a Miss, and a person's word on it. */
import { useState } from "react"
import type { Served } from "../../../shared/activity.ts"
import type { EngineFailure } from "../../../shared/failure.ts"
import { shortDigest } from "../../parts/digest-chip.tsx"
import { FailureNote } from "../../parts/failure-note.tsx"
import { linkOf, moduleRoute } from "../../route.ts"
import { useStoreStatus } from "../../store-status.ts"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { announce } from "../../ui/live.tsx"
import { visibleLine } from "../../ui/visible-text.ts"
import { Panel } from "./chart-panel.tsx"
import { judge, moreServed, useDashboard } from "./state.ts"

const words = strings.dashboard.served

export function ServedPanel() {
  const { served } = useDashboard()
  const [failure, setFailure] = useState<EngineFailure | null>(null)
  if (served.state !== "done" || served.answer.entries.length === 0) return null
  return (
    <Panel title={words.title}>
      {failure !== null && <FailureNote failure={failure} />}
      <div className="overflow-x-auto">
        <table className="w-full text-left">
          <thead className="text-xs text-muted">
            <tr>
              {[words.when, words.kind, words.request, words.why].map(name => (
                <th key={name} scope="col" className="px-3 py-1 font-normal">
                  {name}
                </th>
              ))}
              <th scope="col" className="px-3 py-1 font-normal">
                <span className="sr-only">{words.judge("", "")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {served.answer.entries.map(entry => (
              <Row key={entry.hit} entry={entry} fail={setFailure} />
            ))}
          </tbody>
        </table>
      </div>
      {served.answer.next !== null && (
        <div className="p-2">
          <Button onClick={() => void moreServed()}>{words.more}</Button>
        </div>
      )}
    </Panel>
  )
}

function Row({ entry, fail }: { readonly entry: Served; readonly fail: (failure: EngineFailure) => void }) {
  const judged = useDashboard(state => state.judged[entry.hit])
  const readOnly = useStoreStatus(({ status }) => status?.readOnly ?? false)
  const task = visibleLine(entry.text ?? shortDigest(entry.request))
  const say = (right: boolean) => void judge(entry.hit, right).then(() => announce(words.judged), fail)
  const mayJudge = (entry.kind === "hit" || entry.kind === "shadow") && !readOnly
  return (
    <tr className="border-t border-line">
      <td className="px-3 py-1 whitespace-nowrap text-muted tabular-nums">
        {new Date(entry.atMs).toLocaleString("en", { hour12: false })}
      </td>
      <td className="px-3 py-1 whitespace-nowrap">{words.kinds[entry.kind]}</td>
      <td className="max-w-96 truncate px-3 py-1">
        {entry.module === null ? (
          task
        ) : (
          <a className="text-accent hover:underline" href={linkOf(moduleRoute(entry.module, entry.mapping))}>
            {task}
          </a>
        )}
      </td>
      <td className="px-3 py-1 text-muted">{whyOf(entry)}</td>
      <td className="px-3 py-1 text-right whitespace-nowrap">
        {mayJudge && (
          <span className="inline-flex gap-1">
            {([true, false] as const).map(right => (
              <Button
                key={String(right)}
                kind={judged === right ? "main" : "plain"}
                className="h-6!"
                aria-pressed={judged === right}
                aria-label={words.judge(right ? words.right.toLowerCase() : words.wrong.toLowerCase(), task)}
                onClick={() => say(right)}
              >
                {right ? words.right : words.wrong}
              </Button>
            ))}
          </span>
        )}
      </td>
    </tr>
  )
}

function whyOf({ kind, tier, missReason, similarity, outcome, embedUs, searchUs, fetchUs, runUs }: Served): string {
  const time = strings.units.ms((embedUs + searchUs + fetchUs + runUs) / 1_000)
  if (kind === "miss") return `${missReason === null ? "" : strings.dashboard.reasons.words[missReason]}, ${time}`
  if (kind === "run") return `${outcome ?? ""}, ${time}`
  return `${tier ?? ""}, ${words.similarity(similarity.toFixed(3))}, ${time}`
}
