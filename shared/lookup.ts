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
  steps: stepsSchema
})

export const missSchema = z.object({
  kind: z.literal("miss"),
  reason: z.enum(missReasons),
  /** What a person should know beyond the reason, such as the best similarity or the Pending Mapping. */
  why: z.string(),
  candidates: z.array(candidateSchema),
  steps: stepsSchema
})
