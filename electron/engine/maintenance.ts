/** What the writer does beside serving, on a schedule: takes in hit logs, tends the tables, drops old logs and sweeps orphan Blobs (storage page, section 7). */
import type { Clock } from "./ports.ts"

const minuteMs = 60_000
const hourMs = 3_600_000

/** How often each is due, milliseconds. */
const periods = { logs: minuteMs, tables: hourMs, lastUsed: 24 * hourMs, orphans: 7 * 24 * hourMs } as const
type Chore = keyof typeof periods

/** When a chore was done last, milliseconds since 1970. */
export type ChoreTimes = Partial<Record<Chore, number>>

export interface MaintenanceOptions {
  readonly clock: Clock
  /** Survives the process: a day is longer than most of them live. */
  readonly times: { read(): ChoreTimes; write(times: ChoreTimes): void }
  /** Takes in logs that are done and removes old ones. */
  readonly logs: (signal: AbortSignal) => Promise<unknown>
  readonly tables: () => Promise<unknown>
  readonly lastUsed: () => Promise<unknown>
  readonly orphans: (signal: AbortSignal) => Promise<unknown>
  readonly onFailure: (why: string) => void
}

export interface Maintenance {
  /** Does what is due; one after the other, and never twice at once. */
  tick(): Promise<void>
  /** Lets the chore under way come to an end, or to a place where it can stop. */
  close(): Promise<void>
}

/** Logs are taken in at once, for a short-lived process too; the rest waits for the first minute. */
export function startMaintenance(options: MaintenanceOptions): Maintenance {
  const { clock, times, onFailure } = options
  const stop = new AbortController()
  let running: Promise<void> | null = null
  const timer = setInterval(() => void tick(), minuteMs)
  timer.unref()
  running = chore("logs").finally(() => {
    running = null
  })

  return {
    tick,
    async close() {
      clearInterval(timer)
      stop.abort()
      await running
    }
  }

  function tick(): Promise<void> {
    running ??= work().finally(() => {
      running = null
    })
    return running
  }

  async function work(): Promise<void> {
    const done = times.read()
    for (const name of Object.keys(periods) as Chore[]) {
      if (stop.signal.aborted) return
      const last = done[name]
      // A time to come is of a clock that was set back since.
      if (last !== undefined && last <= clock.nowMs() && clock.nowMs() - last < periods[name]) continue
      await chore(name)
      if (name === "logs" || stop.signal.aborted) continue
      done[name] = clock.nowMs()
      times.write(done)
    }
  }

  async function chore(name: Chore): Promise<void> {
    try {
      await options[name](stop.signal)
    } catch (error) {
      if (!stop.signal.aborted) onFailure(`maintenance (${name}): ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}
