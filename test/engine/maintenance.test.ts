import { afterEach, beforeEach, expect, it, vi } from "vitest"
import type { ChoreTimes } from "../../electron/engine/maintenance.ts"
import { startMaintenance } from "../../electron/engine/maintenance.ts"

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

beforeEach(() => {
  vi.useFakeTimers({ now: 100 * day })
})
afterEach(() => {
  vi.useRealTimers()
})

function maintained(times: ChoreTimes = {}, fails: readonly string[] = []) {
  const done: string[] = []
  const failures: string[] = []
  let kept = times
  const chore = (name: string) => async () => {
    done.push(name)
    if (fails.includes(name)) throw new Error("broken")
  }
  const maintenance = startMaintenance({
    clock: { nowMs: () => Date.now(), monotonicUs: () => 0 },
    times: {
      read: () => ({ ...kept }),
      write(now) {
        kept = now
      }
    },
    logs: chore("logs"),
    tables: chore("tables"),
    lastUsed: chore("lastUsed"),
    orphans: chore("orphans"),
    onFailure: why => failures.push(why)
  })
  return {
    maintenance,
    failures,
    /** What was done since it was asked last. */
    since: () => done.splice(0),
    times: () => kept
  }
}

it("takes in logs at once and every minute, and does each other chore when it is due", async () => {
  const { maintenance, since } = maintained()
  expect(since()).toEqual(["logs"])
  await vi.advanceTimersByTimeAsync(minute)
  expect(since()).toEqual(["logs", "tables", "lastUsed", "orphans"])
  await vi.advanceTimersByTimeAsync(59 * minute)
  expect(since()).toEqual(Array.from({ length: 59 }, () => "logs"))
  await vi.advanceTimersByTimeAsync(minute)
  expect(since()).toEqual(["logs", "tables"])
  await vi.advanceTimersByTimeAsync(day)
  expect(since().filter(name => name !== "logs" && name !== "tables")).toEqual(["lastUsed"])
  await vi.advanceTimersByTimeAsync(6 * day)
  expect(since().filter(name => name === "orphans")).toEqual(["orphans"])
  await maintenance.close()
})

it("remembers across processes what was done, and does it again where the clock was set back", async () => {
  const now = 100 * day
  const recent = maintained({ tables: now - minute, lastUsed: now - hour, orphans: now - day })
  await vi.advanceTimersByTimeAsync(minute)
  expect(recent.since()).toEqual(["logs", "logs"])
  await recent.maintenance.close()
  const ahead = maintained({ tables: now + 10 * day, lastUsed: now - hour, orphans: now - day })
  await vi.advanceTimersByTimeAsync(minute)
  expect(ahead.since()).toEqual(["logs", "logs", "tables"])
  expect(ahead.times().tables).toBeLessThan(now + day)
  await ahead.maintenance.close()
})

it("goes on after a chore that fails, says why, and does nothing more once it is closed", async () => {
  const { maintenance, since, failures } = maintained({}, ["tables"])
  await vi.advanceTimersByTimeAsync(minute)
  expect(since()).toEqual(["logs", "logs", "tables", "lastUsed", "orphans"])
  expect(failures).toEqual(["maintenance (tables): broken"])
  await maintenance.close()
  await vi.advanceTimersByTimeAsync(day)
  expect(since()).toEqual([])
})
