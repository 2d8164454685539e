/** Asking somebody to write a Module the cache does not have: what is asked, what was tried, what it may cost and did. */
import { z } from "zod"
import type { Example } from "./module.ts"

/** One Source a generator wrote. `complaints` is empty for the one that was published. */
export const attemptSchema = z.object({
  source: z.string(),
  /** Diagnostics, failed Examples or a refusal, in the words the generator is told. */
  complaints: z.array(z.string()),
  tokens: z.number().int().min(0),
  ms: z.number().min(0)
})
export type Attempt = Readonly<z.infer<typeof attemptSchema>>

export const budgetMax = { attempts: 10, tokens: 10_000_000, seconds: 3_600 } as const
export const budgetDefault = { attempts: 3, seconds: 120 } as const

/** What one generation may use at most: Sources tried, tokens as the generator counts them, wall-clock seconds. */
export const budgetSchema = z.object({
  attempts: z.number().int().min(1).max(budgetMax.attempts).optional(),
  tokens: z.number().int().min(1).max(budgetMax.tokens).optional(),
  seconds: z.number().min(0.1).max(budgetMax.seconds).optional()
})
export type Budget = Readonly<z.infer<typeof budgetSchema>>

/** The whole history of one generation. */
export const generationSchema = z.object({
  generator: z.string(),
  attempts: z.array(attemptSchema),
  tokens: z.number().int().min(0),
  ms: z.number().min(0),
  /** An equal Request was being generated already: this one waited for it and cost nothing more. */
  shared: z.boolean()
})
export type Generation = Readonly<z.infer<typeof generationSchema>>

/** What a generator is told of a Task. */
export interface GeneratorTask {
  readonly text: string
  /** The required Interface in the arrow form. */
  readonly typeText: string
  readonly examples: readonly Example[]
  /** Trusted Modules near the Task, best first. */
  readonly near: readonly { readonly task: string; readonly typeText: string; readonly source: string }[]
  /** Oldest first. */
  readonly attempts: readonly Attempt[]
  /** What is left of the budget; Infinity where none was set. */
  readonly tokensMax: number
}

export interface Generated {
  readonly source: string
  readonly entry?: string
  /** As the generator counts them; 0 where it does not. */
  readonly tokens: number
}
