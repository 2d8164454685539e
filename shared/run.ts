/** Running a Module: what bounds it and how it can end (vm page, sections 5 and 6). */
import { z } from "zod"
import { limitBounds } from "./limits.ts"

export { defaultLimits } from "./limits.ts"

/** Error categories an RTFS program can raise and catch (language page, section 13.1). */
export const errorCategories = [
  "undefined-symbol",
  "arity-mismatch",
  "type-error",
  "type-validation",
  "match-error",
  "division-by-zero",
  "integer-overflow",
  "index-out-of-bounds",
  "invalid-argument",
  "invalid-arguments",
  "recursion-limit",
  "runtime-error"
] as const
export type ErrorCategory = (typeof errorCategories)[number]

/** Why a Run never started. */
export const rejectionReasons = [
  "invalid-module",
  "forbidden-import",
  "forbidden-section",
  "forbidden-feature",
  "too-large",
  "abi-mismatch",
  "unknown-runtime",
  "no-such-export",
  "not-callable"
] as const
export type RejectionReason = (typeof rejectionReasons)[number]

const count = z.number().int().min(0)

const bounded = ([low, high]: readonly [number, number]) => z.number().int().min(low).max(high)

/** Bounds of one Run. Fuel in units of the ABI, time in wall-clock milliseconds, memory in 64 KiB pages, sizes in canonical bytes. */
export const limitsSchema = z.object({
  fuelMax: bounded(limitBounds.fuelMax),
  timeoutMs: bounded(limitBounds.timeoutMs),
  memoryPagesMax: bounded(limitBounds.memoryPagesMax),
  hostCallsMax: bounded(limitBounds.hostCallsMax),
  inputBytesMax: bounded(limitBounds.inputBytesMax),
  outputBytesMax: bounded(limitBounds.outputBytesMax)
})
export type Limits = Readonly<z.infer<typeof limitsSchema>>

/** One recorded reply of the host, in the order of the calls; `arguments` is an RTFS vector literal, `value` an RTFS literal. */
export const answerSchema = z.union([
  z.object({ capability: z.string(), arguments: z.string(), value: z.string() }),
  z.object({ capability: z.string(), arguments: z.string(), failure: z.string() })
])
export type Answer = Readonly<z.infer<typeof answerSchema>>

/**
 * `fuel` is null for a plain Module, which is not metered; `memoryPages` where nobody can tell: a plain Module that keeps its memory to itself, a Run
 * that was ended from outside, the interpreter. Only fuel and memory are reproducible.
 */
export const spentSchema = z.object({
  fuel: count.nullable(),
  memoryPages: count.nullable(),
  wallMs: z.number().min(0),
  /** Recorded answers that were used, where any were given; fewer than given means answers left over. */
  answersUsed: count.optional()
})
export type Spent = Readonly<z.infer<typeof spentSchema>>

export const spanSchema = z.object({
  /** Offsets into the Source in UTF-16 code units, `end` exclusive; line and column from 1, column in code points. */
  start: count,
  end: count,
  line: z.number().int().min(1),
  column: z.number().int().min(1)
})
export type Span = Readonly<z.infer<typeof spanSchema>>

/** How a Run ended; exactly one of these. `value` and `arguments` are canonical prints. */
export const outcomeSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("returned"), value: z.string(), spent: spentSchema }),
  z.object({
    kind: z.literal("failed"),
    category: z.enum(errorCategories),
    message: z.string(),
    span: spanSchema.optional(),
    spent: spentSchema
  }),
  z.object({ kind: z.literal("needs-host"), capability: z.string(), arguments: z.string(), call: count, spent: spentSchema }),
  z.object({ kind: z.literal("out-of-fuel"), fuelMax: count, spent: spentSchema }),
  z.object({ kind: z.literal("timed-out"), timeoutMs: count, spent: spentSchema }),
  z.object({ kind: z.literal("out-of-memory"), memoryPagesMax: count, spent: spentSchema }),
  z.object({ kind: z.literal("trapped"), reason: z.string(), spent: spentSchema }),
  z.object({ kind: z.literal("rejected"), reason: z.enum(rejectionReasons), detail: z.string() })
])
export type Outcome = Readonly<z.infer<typeof outcomeSchema>>
