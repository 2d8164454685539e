/** What the cache did over time and what that was worth: read from the hit log for dashboards, exports and accounts. */
import { z } from "zod"
import { hitNameSchema, missReasons, tiers } from "./lookup.ts"
import { digestSchema } from "./module.ts"
import { verdictStates } from "./trust.ts"

/** Microseconds; zeros where nothing was measured. Buckets of the histogram are within 1 part in 32. */
export const percentilesSchema = z.object({ n: z.number().int(), p50: z.number(), p95: z.number(), p99: z.number() })

/** One stretch of time. `complete` is false where logs of it are gone, so that no data is not taken for nothing happened. */
export const stretchSchema = z.object({
  fromMs: z.number(),
  hits: z.number().int(),
  misses: z.number().int(),
  runs: z.number().int(),
  latency: percentilesSchema,
  complete: z.boolean()
})
export type Stretch = Readonly<z.infer<typeof stretchSchema>>

export const activitySchema = z.object({
  fromMs: z.number(),
  toMs: z.number(),
  stretchMs: z.number(),
  stretches: z.array(stretchSchema),
  /** Of all Lookups in this time. */
  latency: percentilesSchema,
  hits: z.number().int(),
  misses: z.partialRecord(z.enum(missReasons), z.number().int()),
  tiers: z.partialRecord(z.enum(tiers), z.number().int()),
  /** By kind of Outcome. */
  runs: z.record(z.string(), z.number().int()),
  /** Each step of a Lookup, where it was taken: the Embedding only where words were not equal. */
  steps: z.object({ embed: percentilesSchema, search: percentilesSchema, fetch: percentilesSchema, run: percentilesSchema }),
  /** Requests that missed most: `text` is null where it is not kept. */
  missed: z.array(z.object({ request: digestSchema, text: z.string().nullable(), count: z.number().int(), reason: z.enum(missReasons) })),
  mostUsed: z.array(
    z.object({ digest: digestSchema, mapping: digestSchema, task: z.string(), hits: z.number().int(), lastUsedMs: z.number() })
  ),
  /** Mappings without a Hit in this time. */
  neverUsed: z.number().int(),
  feedback: z.object({ right: z.number().int(), wrong: z.number().int() })
})
export type Activity = Readonly<z.infer<typeof activitySchema>>

/** One thing served, refused or run, as an account of it is written. */
export const servedSchema = z.object({
  hit: hitNameSchema,
  atMs: z.number(),
  kind: z.enum(["hit", "miss", "run", "shadow"]),
  request: digestSchema,
  text: z.string().nullable(),
  module: digestSchema.nullable(),
  mapping: digestSchema.nullable(),
  verdict: z.enum(verdictStates).nullable(),
  tier: z.enum(tiers).nullable(),
  missReason: z.enum(missReasons).nullable(),
  similarity: z.number(),
  outcome: z.string().nullable(),
  category: z.string().nullable(),
  fuel: z.number(),
  embedUs: z.number(),
  searchUs: z.number(),
  fetchUs: z.number(),
  runUs: z.number()
})
export type Served = Readonly<z.infer<typeof servedSchema>>

/** What one generation without the cache is taken to cost, and what a Module costs once. Assumptions, shown wherever a sum rests on them. */
export const assumptionsSchema = z.object({
  tokensPerGeneration: z.number().min(0).max(10_000_000),
  /** In the unit of money the reader thinks in. */
  moneyPerMillionTokens: z.number().min(0).max(1_000_000),
  secondsPerGeneration: z.number().min(0).max(86_400),
  /** Writing, testing and reviewing a Module once. */
  moneyPerModule: z.number().min(0).max(1_000_000)
})
export type Assumptions = Readonly<z.infer<typeof assumptionsSchema>>

export const assumptionsDefault: Assumptions = {
  tokensPerGeneration: 4_000,
  moneyPerMillionTokens: 5,
  secondsPerGeneration: 10,
  moneyPerModule: 1
}

export const worthSchema = z.object({
  assumptions: assumptionsSchema,
  hits: z.number().int(),
  tokens: z.number(),
  money: z.number(),
  seconds: z.number(),
  /** Hits after which a Module has paid for itself; null where a Hit saves no money. */
  breakEvenHits: z.number().nullable(),
  modules: z.array(
    z.object({
      digest: digestSchema,
      mapping: digestSchema,
      task: z.string(),
      hits: z.number().int(),
      money: z.number(),
      /** Share of the way to paying for itself, 1 and more once it has. */
      paid: z.number()
    })
  ),
  /** Modules that have paid for themselves, of those used at all. */
  paidOff: z.number().int(),
  used: z.number().int()
})
export type Worth = Readonly<z.infer<typeof worthSchema>>
