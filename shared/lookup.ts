/** Asking the cache: the Request as stated, the Task it means, and the answer, a Hit or a Miss with its reason. */
import { z } from "zod"
import type { Interface } from "./module.ts"
import { digestSchema, exampleSchema } from "./module.ts"
import { verdictStates } from "./trust.ts"

/**
 * An inference request as its caller states it. `interface` is a TYPE (language page, 15.1); where it is absent
 * `inputs` and `outputs` state the types one by one, each a type of the language page, section 7.
 */
export const requestSchema = z.object({
  instruction: z.string().min(1),
  interface: z.string().optional(),
  inputs: z.array(z.object({ name: z.string().optional(), type: z.string() })).optional(),
  outputs: z.array(z.object({ name: z.string().optional(), type: z.string() })).optional(),
  context: z.string().optional(),
  examples: z.array(exampleSchema).optional()
})
export type Request = Readonly<z.infer<typeof requestSchema>>

/** What someone wants: canonical words and the required Interface. Made by `taskOf` alone. */
export interface Task {
  readonly text: string
  readonly interface: Interface
  readonly examples: readonly z.infer<typeof exampleSchema>[]
}

export const tiers = ["exact-text", "similar", "verified"] as const
export type Tier = (typeof tiers)[number]

export const missReasons = [
  "no-such-interface",
  "too-far",
  "untrusted",
  "damaged",
  "ambiguous",
  "index-rebuilding",
  "log-unavailable"
] as const
export type MissReason = (typeof missReasons)[number]

/** A Mapping considered by a Lookup, and why it was or was not served. */
export const candidateSchema = z.object({
  mapping: digestSchema,
  module: digestSchema,
  task: z.string(),
  similarity: z.number(),
  verdict: z.enum(verdictStates).optional(),
  /** What speaks for it beside its words: 0 to 1.25, where the verified tier weighed it. */
  support: z.number().optional(),
  dropped: z.string().optional()
})
export type Candidate = Readonly<z.infer<typeof candidateSchema>>

/** Microseconds of each step of a Lookup. `embedUs` is 0 on the exact-text path. */
export const stepsSchema = z.object({
  embedUs: z.number(),
  searchUs: z.number(),
  verdictUs: z.number(),
  fetchUs: z.number(),
  logUs: z.number(),
  totalUs: z.number()
})
export type Steps = Readonly<z.infer<typeof stepsSchema>>

/** What each tier that was asked said. */
export const tierWordSchema = z.object({
  tier: z.enum(tiers),
  /** `closed`: it found something, and may not serve it on what is known of its errors. */
  outcome: z.enum(["served", "refused", "closed"]),
  why: z.string()
})
export type TierWord = Readonly<z.infer<typeof tierWordSchema>>

/** One thing in the hit log: the id of the log and the number in it. `l4 feedback` takes it. */
export const hitNameSchema = z.string().regex(/^[0-9a-z]{1,32}:[1-9][0-9]{0,9}$/, "expected the hit of an answer, such as 3f2a…:12")

/** The calibration under which the verified tier served: of `n` judged outcomes with this support or more `wrong` were wrong. */
export const allowedSchema = z.object({
  support: z.number(),
  /** Support from which on the tier serves. */
  from: z.number(),
  examples: z.number().int(),
  n: z.number().int(),
  wrong: z.number().int(),
  /** Upper bound of the false-hit rate, one-sided, 95 %. */
  upper: z.number(),
  falseHitMax: z.number()
})
export type Allowed = Readonly<z.infer<typeof allowedSchema>>

export const hitSchema = z.object({
  kind: z.literal("hit"),
  digest: digestSchema,
  mapping: digestSchema,
  entry: z.string(),
  similarity: z.number(),
  tier: z.enum(tiers),
  verdict: z.enum(verdictStates),
  /** Number of this Hit in its hit log; a Run that follows names it. */
  hitNumber: z.number().int(),
  hit: hitNameSchema,
  explained: z.array(tierWordSchema),
  /** Only of the verified tier. */
  allowed: allowedSchema.optional(),
  steps: stepsSchema
})

export const missSchema = z.object({
  kind: z.literal("miss"),
  reason: z.enum(missReasons),
  /** What a person should know beyond the reason, such as the best similarity or the Pending Mapping. */
  why: z.string(),
  candidates: z.array(candidateSchema),
  explained: z.array(tierWordSchema),
  /** What the verified tier would have served were it open: judge it by its `hit`. */
  shadow: z.object({ hit: hitNameSchema, mapping: digestSchema, module: digestSchema, task: z.string(), support: z.number() }).optional(),
  steps: stepsSchema
})
