/** Lines over time. Decoration for the eye: whoever shows one shows its numbers in a table too. */
import { useEffect, useRef } from "react"
import uPlot from "uplot"
import "uplot/dist/uPlot.min.css"

export interface Line {
  readonly name: string
  /** A custom property of the theme, such as `--trusted`. */
  readonly colour: string
  /** One a point; null where nothing is known, and the line has a gap. */
  readonly values: readonly (number | null)[]
  readonly dashed?: boolean
}

const height = 180

export default function TimeChart({
  label,
  timesMs,
  lines,
  unit
}: {
  readonly label: string
  readonly timesMs: readonly number[]
  readonly lines: readonly Line[]
  readonly unit?: string
}) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const parent = place.current
    if (parent === null) return
    let chart: uPlot | null = null
    const draw = () => {
      chart?.destroy()
      chart = new uPlot(optionsFor(parent, lines, unit), dataOf(timesMs, lines), parent)
    }
    draw()
    const resized = new ResizeObserver(() => chart?.setSize({ width: Math.max(200, parent.clientWidth), height }))
    resized.observe(parent)
    // The colours are the theme's, read when drawn.
    const themed = new MutationObserver(draw)
    themed.observe(document.documentElement, { attributeFilter: ["data-theme"] })
    return () => {
      resized.disconnect()
      themed.disconnect()
      chart?.destroy()
    }
  }, [timesMs, lines, unit])
  return <div ref={place} role="img" aria-label={label} className="min-w-0 overflow-hidden" />
}

function dataOf(timesMs: readonly number[], lines: readonly Line[]): uPlot.AlignedData {
  return [timesMs.map(ms => ms / 1_000), ...lines.map(({ values }) => [...values])]
}

function optionsFor(parent: HTMLElement, lines: readonly Line[], unit: string | undefined): uPlot.Options {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const axis = {
    stroke: colour("--muted"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { stroke: colour("--line"), width: 1 },
    font: "11px system-ui"
  }
  return {
    width: Math.max(200, parent.clientWidth),
    height,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_, __, max) => [0, Math.max(1, max * 1.05)] } },
    axes: [
      { ...axis },
      {
        ...axis,
        size: (_, labels) => axisWidth(labels),
        values: (_, ticks) => ticks.map(tick => `${tick.toLocaleString("en")}${unit === undefined ? "" : ` ${unit}`}`)
      }
    ],
    series: [
      {},
      ...lines.map(line => ({
        label: line.name,
        stroke: colour(line.colour),
        width: 1.75,
        // A value between two gaps makes no line: it is a dot.
        points: { show: true, size: 5, fill: colour(line.colour), filter: () => aloneIn(line.values) },
        ...(line.dashed === true ? { dash: [5, 4] } : {})
      }))
    ]
  }
}

/** As wide as its longest label needs, in pixels. */
function axisWidth(labels: readonly string[] | null): number {
  return Math.max(40, 20 + 7 * Math.max(0, ...(labels ?? []).map(label => label.length)))
}

function aloneIn(values: Line["values"]): number[] {
  return values.flatMap((value, at) =>
    value !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null ? [at] : []
  )
}
