/** What a user sets once for all doors of this machine: thresholds, limits and what is kept of requests. */
import { z } from "zod"
import { defaultLimits, limitBounds } from "./limits.ts"

const bounded = ([low, high]: readonly [number, number]) => z.number().int().min(low).max(high)

export const settingsSchema = z.object({
  /** Cosine from which on a Lookup is a Hit by similarity alone, where its caller says nothing. */
  similarityMin: z.number().min(0.5).max(1),
  /** Rate of wrong Hits the verified tier may have at most, where its caller says nothing. */
  falseHitMax: z.number().min(0).max(0.5),
  /** Of a Run whose caller says nothing. Fuel units, milliseconds, 64 KiB pages. */
  fuelMax: bounded(limitBounds.fuelMax),
  timeoutMs: bounded(limitBounds.timeoutMs),
  memoryPagesMax: bounded(limitBounds.memoryPagesMax),
  /** `hash`: the hit log keeps the Digest of a request alone, never its words. */
  requestTexts: z.enum(["keep", "hash"])
})
export type Settings = Readonly<z.infer<typeof settingsSchema>>

export const settingsDefault: Settings = {
  similarityMin: 0.99,
  falseHitMax: 0.01,
  fuelMax: defaultLimits.fuelMax,
  timeoutMs: defaultLimits.timeoutMs,
  memoryPagesMax: defaultLimits.memoryPagesMax,
  requestTexts: "keep"
}
