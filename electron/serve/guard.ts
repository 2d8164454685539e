/** The engine as one caller of the server door may use it: scopes, the server's own limits for Runs, and the caller's rate. */
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible"
import type { CallContext, EngineVerbs, VerbName } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { defaultLimits, type Limits } from "../../shared/run.ts"
import { type Scope, scopesNeeded, servedVerbs } from "./scopes.ts"

export interface Caller {
  /** Names whoever calls, in logs and for the rate. */
  readonly id: string
  readonly scopes: readonly Scope[]
}

/** What a Run may take at most here, whatever its caller asks. Fuel units, milliseconds, 64 KiB pages. */
export type RunCaps = Pick<Limits, "fuelMax" | "timeoutMs" | "memoryPagesMax">

export const defaultRunCaps: RunCaps = defaultLimits

/** Told of each call when it ends; `code` is null where it was answered. */
export type Observer = (call: {
  readonly verb: VerbName
  readonly caller: string
  readonly code: string | null
  readonly answer: unknown
  readonly ms: number
}) => void

export interface Rate {
  /** Throws `queue-full` with `retryAfterMs` once a caller has used up its second. */
  take(caller: string): Promise<void>
}

/** Calls a second each caller may make; 0 is no limit. */
export function createRate(perSecond: number): Rate {
  if (perSecond === 0) return { take: async () => {} }
  const limiter = new RateLimiterMemory({ points: perSecond, duration: 1 })
  return {
    async take(caller) {
      try {
        await limiter.consume(caller)
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused
        throw new EngineFailure("queue-full", `this token may make ${perSecond} calls a second`, { retryAfterMs: refused.msBeforeNext })
      }
    }
  }
}

export function guard(engine: EngineVerbs, caller: Caller, caps: RunCaps, rate: Rate, observe: Observer): EngineVerbs {
  const guarded = servedVerbs.map(verb => [
    verb,
    async (input: unknown, context?: CallContext) => {
      const startMs = performance.now()
      const done = (code: string | null, answer: unknown) =>
        observe({ verb, caller: caller.id, code, answer, ms: performance.now() - startMs })
      try {
        await rate.take(caller.id)
        checkScopes(verb, input, caller)
        checkCaps(input, caps)
        const answer = await (engine[verb] as (input: unknown, context?: CallContext) => Promise<unknown>)(input, context)
        done(null, answer)
        return answer
      } catch (error) {
        done(error instanceof EngineFailure ? error.code : "internal", null)
        throw error
      }
    }
  ])
  return Object.fromEntries(guarded) as unknown as EngineVerbs
}

function checkScopes(verb: VerbName, input: unknown, caller: Caller): void {
  const missing = scopesNeeded(verb, input).filter(scope => !caller.scopes.includes(scope))
  if (missing.length === 0) return
  throw new EngineFailure("not-permitted", `${verb} needs the scope ${missing.join(" and ")}, which this token does not have`, {
    needed: missing,
    granted: [...caller.scopes]
  })
}

function checkCaps(input: unknown, caps: RunCaps): void {
  const asked = typeof input === "object" && input !== null && "limits" in input ? (input.limits as Partial<Limits> | undefined) : undefined
  for (const name of ["fuelMax", "timeoutMs", "memoryPagesMax"] as const) {
    const found = asked?.[name]
    if (found !== undefined && found > caps[name])
      throw new EngineFailure("limit-exceeded", `${name}: this server allows at most ${caps[name]}, found ${found}`, {
        limit: name,
        expected: caps[name],
        found
      })
  }
}
