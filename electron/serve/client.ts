/** A typed client of the server door, made of the contract: what the engine answers in one process, it answers here over HTTP. */
import { createORPCClient, ORPCError } from "@orpc/client"
import { OpenAPILink } from "@orpc/openapi-client/fetch"
import { type AnswerOf, type CallContext, contract, type InputOf, type VerbName } from "../../shared/engine-contract.ts"
import { EngineFailure, isEngineFailureCode } from "../../shared/failure.ts"
import { servedVerbs } from "./scopes.ts"

export type L4Client = { readonly [V in VerbName]: (input: InputOf<V>, context?: Pick<CallContext, "signal">) => Promise<AnswerOf<V>> }

export interface ClientOptions {
  /** Where the server listens, without a path: `http://127.0.0.1:7788`. */
  readonly url: string
  readonly token: string
}

type RemoteVerb = (input: unknown, options: { signal?: AbortSignal }) => Promise<unknown>

/** Throws EngineFailure, with the engine's own codes; `engine-stopped` where no server answers. A verb no door serves is refused by the server. */
export function openClient({ url, token }: ClientOptions): L4Client {
  const served = Object.fromEntries(servedVerbs.map(name => [name, contract[name]]))
  const link = new OpenAPILink(served, { url: `${url.replace(/\/+$/, "")}/v1`, headers: () => ({ authorization: `Bearer ${token}` }) })
  const remote = createORPCClient(link) as unknown as Readonly<Record<string, RemoteVerb>>
  return Object.fromEntries(
    servedVerbs.map(name => [
      name,
      (input: unknown, context: Pick<CallContext, "signal"> = {}) =>
        remote[name]!(input, context.signal === undefined ? {} : { signal: context.signal }).catch(failureOf)
    ])
  ) as unknown as L4Client
}

function failureOf(error: unknown): never {
  if (error instanceof ORPCError) {
    if (isEngineFailureCode(error.code)) throw new EngineFailure(error.code, error.message, detailsOf(error.data), { cause: error })
    throw new EngineFailure(error.status < 500 ? "wrong-usage" : "internal", error.message, {}, { cause: error })
  }
  if (error instanceof Error && error.name === "AbortError")
    throw new EngineFailure("cancelled", "the caller cancelled", {}, { cause: error })
  throw new EngineFailure("engine-stopped", "no server answered", {}, { cause: error })
}

function detailsOf(data: unknown): Readonly<Record<string, unknown>> {
  const details = typeof data === "object" && data !== null && "details" in data ? data.details : {}
  return typeof details === "object" && details !== null ? (details as Record<string, unknown>) : {}
}
