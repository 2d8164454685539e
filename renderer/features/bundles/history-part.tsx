/** What was exported and imported, as the Ledger records it. */
import { useEffect } from "react"
import { DigestChip } from "../../parts/digest-chip.tsx"
import { FailureNote } from "../../parts/failure-note.tsx"
import { linkOf } from "../../route.ts"
import { strings } from "../../strings.ts"
import { Empty, Waiting } from "../../ui/empty.tsx"
import { type HistoryLine, readHistory, useBundles } from "./state.ts"

const words = strings.bundles.history

export function HistoryPart() {
  const { history } = useBundles()
  useEffect(readHistory, [])
  if (history.state === "failed") return <FailureNote failure={history.failure} again={readHistory} />
  if (history.state !== "done") return <Waiting text={words.loading} />
  if (history.answer.length === 0) return <Empty icon="bundles" title={words.none} />
  return (
    <table aria-label={words.list} className="w-full text-left">
      <thead className="text-xs text-muted">
        <tr>
          {[words.when, words.what, words.count, words.bundle, words.entry].map(name => (
            <th key={name} scope="col" className="px-4 py-1.5 font-normal">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {history.answer.map(line => (
          <Line key={line.sequence} line={line} />
        ))}
      </tbody>
    </table>
  )
}

function Line({ line: { sequence, at, kind, body } }: { readonly line: HistoryLine }) {
  const counts = body.counts as Readonly<Record<string, unknown>> | undefined
  const modules = counts?.modules ?? body.modules
  return (
    <tr className="border-t border-line">
      <td className="px-4 py-1.5 tabular-nums">{at.slice(0, 16).replace("T", " ")}</td>
      <td className="px-4 py-1.5">{kind === "exported" || kind === "imported" ? words.kinds[kind] : kind}</td>
      <td className="px-4 py-1.5 tabular-nums">{typeof modules === "number" ? modules : ""}</td>
      <td className="px-4 py-1.5">{typeof body.bundle === "string" && <DigestChip name={words.bundle} digest={body.bundle} />}</td>
      <td className="px-4 py-1.5">
        <a className="text-accent hover:underline" href={linkOf({ screen: "ledger", sequence })}>
          {sequence}
        </a>
      </td>
    </tr>
  )
}
