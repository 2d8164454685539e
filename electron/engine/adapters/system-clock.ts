/** The machine's clocks. */
import type { Clock } from "../ports.ts"

export function createSystemClock(): Clock {
  return { nowMs: () => Date.now(), monotonicUs: () => performance.now() * 1_000 }
}
