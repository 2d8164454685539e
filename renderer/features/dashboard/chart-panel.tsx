/** A chart with its table twin: one choice a panel, the numbers never only in the picture. */
import { lazy, type ReactNode, Suspense, useState } from "react"
import { strings } from "../../strings.ts"
import { Boundary } from "../../ui/boundary.tsx"
import type { Line } from "../../ui/time-chart.tsx"

const TimeChart = lazy(() => import("../../ui/time-chart.tsx"))
const words = strings.dashboard

export function Panel({ title, children, aside }: { readonly title: string; readonly children: ReactNode; readonly aside?: ReactNode }) {
  return (
    <section aria-label={title} className="flex min-w-0 flex-col rounded-lg border border-line bg-surface">
      <header className="flex items-center justify-between gap-2 px-3 pt-2 pb-1">
        <h2 className="font-medium">{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  )
}

export function ChartPanel({
  title,
  timesMs,
  lines,
  unit,
  note,
  table
}: {
  readonly title: string
  readonly timesMs: readonly number[]
  readonly lines: readonly Line[]
  readonly unit?: string
  readonly note?: string | undefined
  readonly table: ReactNode
}) {
  const [as, setAs] = useState<"chart" | "table">("chart")
  return (
    <Panel title={title} aside={<Choice title={title} as={as} setAs={setAs} />}>
      {as === "table" ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a person without a mouse must reach it
        <div className="max-h-52 overflow-y-auto" tabIndex={0}>
          {table}
        </div>
      ) : (
        <>
          <div className="min-h-45 px-2">
            <Boundary fallback={() => <div className="p-3">{table}</div>}>
              <Suspense fallback={null}>
                <TimeChart label={title} timesMs={timesMs} lines={lines} {...(unit === undefined ? {} : { unit })} />
              </Suspense>
            </Boundary>
          </div>
          <ul className="flex flex-wrap gap-x-4 px-3 pb-2 text-xs text-muted">
            {lines.map(line => (
              <li key={line.name} className="flex items-center gap-1.5">
                <span
                  aria-hidden="true"
                  className={`inline-block w-4 border-t-2 ${line.dashed === true ? "border-dashed" : ""}`}
                  style={{ borderColor: `var(${line.colour})` }}
                />
                {line.name}
              </li>
            ))}
          </ul>
        </>
      )}
      {note !== undefined && <p className="px-3 pb-2 text-xs text-pending">{note}</p>}
    </Panel>
  )
}

function Choice({
  title,
  as,
  setAs
}: {
  readonly title: string
  readonly as: "chart" | "table"
  readonly setAs: (as: "chart" | "table") => void
}) {
  return (
    <fieldset className="flex rounded-md border border-line">
      <legend className="sr-only">{words.shownAs(title)}</legend>
      {(["chart", "table"] as const).map(value => (
        <button
          key={value}
          type="button"
          aria-pressed={as === value}
          onClick={() => setAs(value)}
          className="px-2 py-0.5 text-xs text-muted first:rounded-l-md last:rounded-r-md hover:text-text aria-pressed:bg-accent-ground aria-pressed:text-text"
        >
          {value === "chart" ? words.asChart : words.asTable}
        </button>
      ))}
    </fieldset>
  )
}

export function Table({ head, rows }: { readonly head: readonly string[]; readonly rows: readonly (readonly ReactNode[])[] }) {
  return (
    <table className="w-full text-left">
      <thead className="text-xs text-muted">
        <tr>
          {head.map((cell, at) => (
            <th key={cell} scope="col" className={`px-3 py-1 font-normal ${at === 0 ? "" : "text-right"}`}>
              {cell}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, at) => (
          <tr key={at} className="border-t border-line">
            {row.map((cell, column) => (
              <td
                key={column}
                className={`px-3 py-1 ${column === 0 ? "min-w-0 break-words" : "text-right whitespace-nowrap tabular-nums"}`}
              >
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
