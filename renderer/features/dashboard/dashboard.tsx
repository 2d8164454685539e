/** Dashboard: what the cache is asked, what it answers and how fast, what it saves, and what it should know. */
import { useEffect, useMemo } from "react"
import type { Activity } from "../../../shared/activity.ts"
import { useConnection } from "../../engine.ts"
import { shortDigest } from "../../parts/digest-chip.tsx"
import { FailureNote } from "../../parts/failure-note.tsx"
import { linkOf, moduleRoute } from "../../route.ts"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { CopyIcon } from "../../ui/copy.tsx"
import { Empty, Waiting } from "../../ui/empty.tsx"
import { Select } from "../../ui/select.tsx"
import { visibleLine } from "../../ui/visible-text.ts"
import { ChartPanel, Panel, Table } from "./chart-panel.tsx"
import { ServedPanel } from "./served.tsx"
import { type Range, rangeMs, readDashboard, useDashboard } from "./state.ts"
import { WorthPanel } from "./worth.tsx"

const words = strings.dashboard
const ranges = Object.keys(rangeMs) as Range[]

export function DashboardScreen() {
  const generation = useConnection(state => state.generation)
  const { range, activity } = useDashboard()
  useEffect(() => {
    if (generation > 0) readDashboard()
  }, [generation])
  return (
    <section aria-labelledby="screen-title" className="flex min-h-0 flex-1 flex-col">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-2.5">
        <h1 id="screen-title" tabIndex={-1} className="text-lg font-semibold">
          {words.title}
        </h1>
        <Select
          label={words.range}
          className="w-40"
          value={range}
          onChange={value => readDashboard(value)}
          options={ranges.map(value => ({ value, label: words.ranges[value] }))}
        />
        <Button kind="plain" onClick={() => readDashboard()}>
          {words.refresh}
        </Button>
        <span className="text-xs text-muted" aria-live="polite">
          {activity.state === "done"
            ? words.readAt(new Date(activity.answer.toMs).toLocaleTimeString("en", { hour12: false }))
            : words.loading}
        </span>
        <span className="grow" />
        <CopyIcon text="l4 activity --since 24h" what={strings.copy.command} />
      </header>
      {activity.state === "failed" && <FailureNote failure={activity.failure} again={() => readDashboard()} />}
      {(activity.state === "idle" || activity.state === "loading") && <Waiting text={words.loading} />}
      {activity.state === "done" && <Shown activity={activity.answer} />}
    </section>
  )
}

function Shown({ activity }: { readonly activity: Activity }) {
  const misses = total(activity.misses)
  const nothing = activity.hits + misses + total(activity.runs) === 0
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a person without a mouse must reach it
    <section className="flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto p-3" tabIndex={0} aria-label={words.figures}>
      {nothing ? (
        <Empty icon="dashboard" title={words.noneTitle} text={words.noneText} />
      ) : (
        <>
          <Tiles activity={activity} misses={misses} />
          <div className="grid gap-3 xl:grid-cols-2">
            <LookupsPanel activity={activity} />
            <LatencyPanel activity={activity} />
            <ReasonsPanel activity={activity} />
            <StepsPanel activity={activity} />
            <UsedPanel activity={activity} />
            <MissedPanel activity={activity} />
          </div>
        </>
      )}
      <WorthPanel />
      <ServedPanel />
    </section>
  )
}

function Tiles({ activity, misses }: { readonly activity: Activity; readonly misses: number }) {
  const { hits, feedback, latency } = activity
  const judged = feedback.right + feedback.wrong
  const tiles: readonly (readonly [string, string])[] = [
    [words.tiles.hits, strings.units.count(hits)],
    [words.tiles.misses, strings.units.count(misses)],
    [words.tiles.rate, percent(hits, misses)],
    [words.tiles.p50, microseconds(latency.p50, latency.n)],
    [words.tiles.p99, microseconds(latency.p99, latency.n)],
    [words.tiles.wrong, judged === 0 ? words.tiles.nothing : words.tiles.wrongOf(feedback.wrong, judged)]
  ]
  return (
    <dl className="grid grid-cols-2 gap-3 md:grid-cols-3 xl:grid-cols-6">
      {tiles.map(([name, value]) => (
        <div key={name} className="flex flex-col rounded-lg border border-line bg-surface px-3 py-2">
          <dt className="text-xs text-muted">{name}</dt>
          <dd className="text-xl font-semibold tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function LookupsPanel({ activity: { stretches } }: { readonly activity: Activity }) {
  const times = useMemo(() => stretches.map(({ fromMs }) => fromMs), [stretches])
  const lines = useMemo(
    () => [
      { name: words.lookups.hits, colour: "--trusted", values: stretches.map(one => (one.complete ? one.hits : null)) },
      { name: words.lookups.misses, colour: "--untrusted", values: stretches.map(one => (one.complete ? one.misses : null)), dashed: true }
    ],
    [stretches]
  )
  const gone = stretches.some(({ complete }) => !complete)
  return (
    <ChartPanel
      title={words.lookups.title}
      timesMs={times}
      lines={lines}
      note={gone ? words.lookups.gone : undefined}
      table={
        <Table
          head={[words.lookups.when, words.lookups.hits, words.lookups.misses, words.lookups.rate]}
          rows={stretches
            .toReversed()
            .map(one => [
              moment(one.fromMs),
              ...(one.complete
                ? [strings.units.count(one.hits), strings.units.count(one.misses), percent(one.hits, one.misses)]
                : [words.lookups.goneCell, words.lookups.goneCell, words.lookups.goneCell])
            ])}
        />
      }
    />
  )
}

function LatencyPanel({ activity: { stretches } }: { readonly activity: Activity }) {
  const times = useMemo(() => stretches.map(({ fromMs }) => fromMs), [stretches])
  const lines = useMemo(
    () =>
      (["p50", "p95", "p99"] as const).map((name, at) => ({
        name: words.latency[name],
        colour: (["--trusted", "--pending", "--accent"] as const)[at] as string,
        values: stretches.map(({ latency }) => (latency.n === 0 ? null : latency[name])),
        dashed: at === 1
      })),
    [stretches]
  )
  return (
    <ChartPanel
      title={words.latency.title}
      timesMs={times}
      lines={lines}
      unit={words.latency.unit}
      table={
        <Table
          head={[words.lookups.when, words.latency.p50, words.latency.p95, words.latency.p99]}
          rows={stretches
            .toReversed()
            .map(({ fromMs, latency }) => [
              moment(fromMs),
              ...(["p50", "p95", "p99"] as const).map(name => microseconds(latency[name], latency.n))
            ])}
        />
      }
    />
  )
}

function ReasonsPanel({ activity: { misses } }: { readonly activity: Activity }) {
  const rows = Object.entries(misses).sort(([, left], [, right]) => right - left)
  const most = Math.max(1, ...rows.map(([, count]) => count))
  return (
    <Panel title={words.reasons.title}>
      {rows.length === 0 ? (
        <p className="px-3 pb-3 text-muted">{words.reasons.none}</p>
      ) : (
        <Table
          head={[words.reasons.reason, words.reasons.count]}
          rows={rows.map(([reason, count]) => [
            <span key={reason} className="flex flex-col gap-1">
              {words.reasons.words[reason as keyof typeof words.reasons.words]}
              <span aria-hidden="true" className="h-1 rounded-full bg-untrusted" style={{ width: `${(100 * count) / most}%` }} />
            </span>,
            strings.units.count(count)
          ])}
        />
      )}
    </Panel>
  )
}

function StepsPanel({ activity: { steps } }: { readonly activity: Activity }) {
  return (
    <Panel title={words.steps.title}>
      <Table
        head={[words.steps.step, words.steps.n, words.latency.p50, words.latency.p95, words.latency.p99]}
        rows={(["embed", "search", "fetch", "run"] as const).map(name => [
          words.steps.names[name],
          strings.units.count(steps[name].n),
          ...(["p50", "p95", "p99"] as const).map(share => microseconds(steps[name][share], steps[name].n))
        ])}
      />
    </Panel>
  )
}

function UsedPanel({ activity: { mostUsed, neverUsed } }: { readonly activity: Activity }) {
  return (
    <Panel title={words.used.title}>
      <Table
        head={[words.used.task, words.used.hits, words.used.last]}
        rows={mostUsed.slice(0, 8).map(one => [
          <a key={one.mapping} className="text-accent hover:underline" href={linkOf(moduleRoute(one.digest, one.mapping))}>
            {visibleLine(one.task)}
          </a>,
          strings.units.count(one.hits),
          moment(one.lastUsedMs)
        ])}
      />
      <p className="px-3 py-2 text-xs text-muted">{words.used.never(neverUsed)}</p>
    </Panel>
  )
}

function MissedPanel({ activity: { missed } }: { readonly activity: Activity }) {
  if (missed.length === 0) return null
  return (
    <Panel title={words.missed.title}>
      <Table
        head={[words.missed.task, words.missed.count, words.missed.reason]}
        rows={missed
          .slice(0, 8)
          .map(({ request, text, count, reason }) => [
            text === null ? `${shortDigest(request)} ${words.missed.unkept}` : visibleLine(text),
            strings.units.count(count),
            words.reasons.words[reason]
          ])}
      />
    </Panel>
  )
}

const total = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((sum, count) => sum + count, 0)

function percent(hits: number, misses: number): string {
  return hits + misses === 0 ? words.tiles.nothing : `${((100 * hits) / (hits + misses)).toFixed(1)} %`
}

function microseconds(us: number, n: number): string {
  return n === 0 ? words.tiles.nothing : strings.units.ms(us / 1_000)
}

function moment(ms: number): string {
  return new Date(ms).toLocaleString("en", { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false })
}
