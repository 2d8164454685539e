/** The contract as a router that every network-like door serves: it turns failures into the contract's declared errors, and adds nothing else. */
import { implement, ORPCError } from "@orpc/server"
import type { CallContext, EngineVerbs, InputOf, VerbName } from "../../shared/engine-contract.ts"
import { contract } from "../../shared/engine-contract.ts"
import { EngineFailure, failureStatus } from "../../shared/failure.ts"

/** `report` is told of every defect, whose details never leave the process. `names`: the verbs this door serves. */
export function routerOf(
  engine: EngineVerbs,
  report: (verb: string, error: unknown) => void,
  names: readonly VerbName[] = Object.keys(contract) as VerbName[]
) {
  return Object.fromEntries(names.map(name => [name, procedureOf(engine, name, report)]))
}

function procedureOf(engine: EngineVerbs, name: VerbName, report: (verb: string, error: unknown) => void) {
  const call = engine[name] as (input: InputOf<VerbName>, context?: CallContext) => Promise<unknown>
  return implement(contract[name]).handler(async ({ input, signal }) => {
    try {
      return (await call(input, signal === undefined ? {} : { signal })) as never
    } catch (error) {
      throw declaredErrorOf(name, error, report)
    }
  })
}

function declaredErrorOf(name: string, error: unknown, report: (verb: string, error: unknown) => void): ORPCError<string, unknown> {
  if (error instanceof EngineFailure && error.code !== "internal") {
    return new ORPCError(error.code, { status: failureStatus[error.code], message: error.message, data: { details: plain(error.details) } })
  }
  report(name, error)
  return new ORPCError("internal", {
    status: failureStatus.internal,
    message: "the engine met a defect; its diagnostics say more",
    data: { details: {} }
  })
}

/** Details as JSON carries them, so that a failure can never fail to be told. */
function plain(details: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(details, (_, value) => (typeof value === "bigint" ? String(value) : value))) as Record<string, unknown>
}
