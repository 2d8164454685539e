/** The tray: long work that goes on whatever screen is open, with Stop, and how it ended. */
import { useEffect, useState } from "react"
import { forgetWork, isRunning, useWork, type Work } from "./parts/work.ts"
import { strings } from "./strings.ts"
import { Button, IconButton } from "./ui/button.tsx"
import { announce } from "./ui/live.tsx"
import { visibleLine } from "./ui/visible-text.ts"

/** What ends sooner is not worth a tray, and before this long nothing is worth stopping. */
const shownAfterMs = 300
const stopAfterMs = 1_000

export function Tray() {
  const { works } = useWork()
  const now = useClock(works.some(isRunning))
  const shown = works.filter(work => !isRunning(work) || now - work.sinceMs >= shownAfterMs)
  if (shown.length === 0) return null
  return (
    <section
      aria-label={strings.tray.label}
      className="fixed right-3 bottom-10 z-30 flex w-80 max-w-[calc(100vw-1.5rem)] flex-col gap-2 rounded-lg border border-line bg-raised p-2 shadow-raised"
    >
      {shown.map(work => (
        <Line key={work.id} work={work} now={now} />
      ))}
    </section>
  )
}

function Line({ work, now }: { readonly work: Work; readonly now: number }) {
  const { progress } = work
  const running = isRunning(work)
  useEffect(() => {
    if (!running && work.ended !== null) announce(`${work.title}: ${work.ended}`)
  }, [running, work.title, work.ended])
  return (
    <div className="flex flex-col gap-1 rounded-md p-1.5">
      <div className="flex items-center gap-2">
        <span className="min-w-0 grow truncate font-medium">{visibleLine(work.title)}</span>
        {running && now - work.sinceMs >= stopAfterMs && (
          <Button onClick={work.stop} disabled={work.state === "stopping"}>
            {work.state === "stopping" ? strings.tray.stopping : strings.tray.stop}
          </Button>
        )}
        {!running && (
          <IconButton icon="cross" label={strings.tray.dismiss(work.title)} onClick={() => forgetWork(work.id)} className="size-6!" />
        )}
      </div>
      {running ? (
        <>
          <progress
            aria-label={work.title}
            className="h-1.5 w-full accent-accent"
            {...(progress === null || progress.total === null ? {} : { value: progress.done, max: Math.max(1, progress.total) })}
          />
          <span className="truncate text-xs text-muted tabular-nums">
            {progress === null
              ? strings.tray.waiting
              : `${visibleLine(progress.step)} ${strings.tray.count(progress.done, progress.total)}`}
          </span>
        </>
      ) : (
        <span className={`text-xs break-words ${work.state === "failed" ? "text-untrusted" : "text-muted"}`}>
          {visibleLine(work.ended ?? "")}
        </span>
      )}
    </div>
  )
}

/** Ticks while something runs, and rests otherwise. */
function useClock(ticking: boolean): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!ticking) return
    const timer = setInterval(() => setNow(Date.now()), 150)
    return () => clearInterval(timer)
  }, [ticking])
  return now
}
