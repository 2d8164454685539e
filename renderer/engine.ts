/** The typed client of the engine: the only way out of this folder. It connects through the preload's port or the web host's socket and comes back by itself. */
import { createORPCClient, ORPCError } from "@orpc/client"
import { RPCLink as PortLink } from "@orpc/client/message-port"
import { RPCLink as SocketLink } from "@orpc/client/websocket"
import { create } from "zustand"
import type { WorkbenchBridge } from "../shared/bridge.ts"
import { portTag } from "../shared/bridge.ts"
import type { AnswerOf, InputOf, VerbName } from "../shared/engine-contract.ts"
import { EngineFailure, isEngineFailureCode } from "../shared/failure.ts"

export type EngineClient = {
  readonly [V in VerbName]: (input: InputOf<V>, options?: { readonly signal?: AbortSignal }) => Promise<AnswerOf<V>>
}

/** `lost`: the host does not answer, and is asked again with growing pauses. `no-token`: this page was opened without the launch's secret. */
export type Connection = "connecting" | "ready" | "restarting" | "lost" | "no-token"

export const useConnection = create<{
  readonly state: Connection /** Grows with each new connection, so that screens read afresh. */
  readonly generation: number
}>(() => ({
  state: "connecting",
  generation: 0
}))

/** The verbs, over whichever connection is up now. Every failure arrives as an EngineFailure. */
export const engine: EngineClient = new Proxy({} as EngineClient, {
  get: (_, verb: string) => (input: unknown, options?: { signal?: AbortSignal }) => call(verb as VerbName, input, options?.signal)
})

/** The desktop's bridge, or undefined in a browser. */
export const bridge: WorkbenchBridge | undefined = (globalThis as { l4?: WorkbenchBridge }).l4

type RawClient = Record<string, (input: unknown, options: { signal?: AbortSignal }) => Promise<unknown>>

let client: RawClient | null = null
const waiting: (() => void)[] = []

async function call(verb: VerbName, input: unknown, signal?: AbortSignal): Promise<never> {
  if (client === null) await connected(signal)
  try {
    return (await client![verb]!(input, signal === undefined ? {} : { signal })) as never
  } catch (error) {
    throw failureOf(error, signal)
  }
}

function connected(signal?: AbortSignal): Promise<void> {
  if (useConnection.getState().state === "no-token")
    return Promise.reject(new EngineFailure("not-permitted", "this page was opened without its launch's token"))
  return new Promise((resolve, reject) => {
    waiting.push(resolve)
    signal?.addEventListener("abort", () => reject(new EngineFailure("cancelled", "the caller cancelled")), { once: true })
  })
}

function failureOf(error: unknown, signal?: AbortSignal): EngineFailure {
  if (error instanceof EngineFailure) return error
  if (signal?.aborted === true) return new EngineFailure("cancelled", "the caller cancelled")
  if (error instanceof ORPCError) {
    const details = (error.data as { details?: Record<string, unknown> } | undefined)?.details ?? {}
    if (isEngineFailureCode(error.code)) return new EngineFailure(error.code, error.message, details)
    if (error.code === "BAD_REQUEST") return new EngineFailure("wrong-usage", `the engine refused the question: ${issuesOf(error.data)}`)
    return new EngineFailure("internal", "the engine met a defect; its diagnostics say more")
  }
  return new EngineFailure("engine-stopped", "the connection to the engine ended before it answered")
}

function issuesOf(data: unknown): string {
  const issues = (data as { issues?: { message?: string; path?: unknown[] }[] } | undefined)?.issues ?? []
  return (
    issues.map(issue => `${issue.path?.join(".") ?? ""} ${issue.message ?? ""}`.trim()).join("; ") || "its form is not the one expected"
  )
}

function becomeReady(next: RawClient): void {
  client = next
  useConnection.setState(({ generation }) => ({ state: "ready", generation: generation + 1 }))
  for (const resume of waiting.splice(0)) resume()
}

function becomeLost(state: Connection): void {
  client = null
  useConnection.setState({ state })
}

/** Starts the connection, once, when the window loads. */
export function connectEngine(): void {
  if (bridge !== undefined) connectByPort(bridge)
  else connectBySocket(sessionToken())
}

function connectByPort(desktop: WorkbenchBridge): void {
  addEventListener("message", event => {
    const port = event.ports[0]
    if (
      event.source !== window ||
      event.origin !== location.origin ||
      (event.data as { tag?: unknown } | null)?.tag !== portTag ||
      port === undefined
    )
      return
    const link = new PortLink({ port })
    port.start()
    becomeReady(createORPCClient(link) as unknown as RawClient)
  })
  desktop.onEngineState(state => {
    if (state === "restarting" || state === "stopped") becomeLost(state === "stopped" ? "lost" : "restarting")
    if (state === "ready" && client === null) desktop.connect()
  })
  desktop.connect()
}

const tokenKey = "l4-token"

/** Takes the token out of the address, where it would be copied along, and keeps it for reloads of this tab. */
function sessionToken(): string | null {
  const match = /^#token=([\w-]{43})$/.exec(location.hash)
  if (match !== null) {
    sessionStorage.setItem(tokenKey, match[1]!)
    history.replaceState(null, "", `${location.pathname}#/explore`)
  }
  return sessionStorage.getItem(tokenKey)
}

function connectBySocket(token: string | null, pauseMs = 1_000): void {
  if (token === null) {
    becomeLost("no-token")
    return
  }
  const socket = new WebSocket(`ws://${location.host}/engine`, ["workbench.v1", `token.${token}`])
  let opened = false
  socket.addEventListener("open", () => {
    opened = true
    becomeReady(createORPCClient(new SocketLink({ websocket: socket })) as unknown as RawClient)
  })
  socket.addEventListener("close", () => {
    becomeLost("lost")
    const nextMs = opened ? 1_000 : Math.min(pauseMs * 2, 30_000)
    setTimeout(() => connectBySocket(token, nextMs), opened ? 1_000 : pauseMs)
  })
}
