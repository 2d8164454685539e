/** The server door: the contract for programs, over HTTP (POST, JSON) and WebSocket. Every call carries a token; nothing here is for a browser. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { createServer as createSecureServer } from "node:https"
import type { AddressInfo } from "node:net"
import type { Duplex } from "node:stream"
import { OpenAPIHandler } from "@orpc/openapi/node"
import { BodyLimitPlugin } from "@orpc/server/node"
import { RPCHandler } from "@orpc/server/ws"
import { type WebSocket, WebSocketServer } from "ws"
import type { EngineVerbs, VerbName } from "../../shared/engine-contract.ts"
import { routerOf } from "../engine/router.ts"
import { openApiDocument } from "./document.ts"
import { createRate, defaultRunCaps, guard, type Observer, type RunCaps } from "./guard.ts"
import { createMetrics, type Metrics } from "./metrics.ts"
import { answerText, refuse } from "./reply.ts"
import { servedVerbs } from "./scopes.ts"
import { type Token, type TokenFile, tokenShown } from "./tokens.ts"

export interface DoorOptions {
  readonly engine: EngineVerbs
  readonly tokens: Pick<TokenFile, "list">
  /** The program's version, shown in the OpenAPI document. */
  readonly version: string
  /** Default 127.0.0.1. Any other address needs `tls` or `plainHttp`. */
  readonly address?: string
  /** 0, the default, lets the system choose. */
  readonly port?: number
  /** PEM texts. */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** The operator says that something else encrypts what leaves this machine. */
  readonly plainHttp?: boolean
  readonly caps?: RunCaps
  /** Calls a second each token may make. Default 1,000; 0 is no limit. */
  readonly ratePerSecond?: number
  readonly log?: (line: Readonly<Record<string, unknown>>) => void
  /** Told of the engine's defects, whose details are not for a caller. */
  readonly report?: (verb: string, error: unknown) => void
  readonly nowMs?: () => number
}

export interface Door {
  /** Where it listens, without a path. */
  readonly url: string
  /** No new call is taken; what runs may end within `graceMs`, then its connection is closed. Answers how many were cut off. */
  drain(graceMs: number): Promise<number>
}

/** A message holds at most a Source, its Examples and a Module, with room for their encoding. */
export const bodyBytesMax = 8 * 1_048_576
const connectionsMax = 1_024
const socketsMax = 256
const callsMax = 512
const loopback = new Set(["127.0.0.1", "::1", "localhost"])
/** Failures to show a good token, from one address, before it is told to wait. */
const failuresPerSecond = 20

/** Throws where the address would carry tokens in clear over a network, or cannot be listened on. */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const address = options.address ?? "127.0.0.1"
  if (!loopback.has(address) && options.tls === undefined && options.plainHttp !== true)
    throw new Error(
      `${address} is not this machine alone: expected --tls-cert and --tls-key, or --plain-http where something else encrypts the way`
    )
  const metrics = createMetrics()
  const document = JSON.stringify(await openApiDocument(options.version))
  const state: State = {
    options,
    metrics,
    document,
    handlers: new Map(),
    failures: createRate(failuresPerSecond),
    flying: 0,
    draining: false
  }
  const settings = { maxHeaderSize: 16_384, headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000 }
  const server: Server =
    options.tls === undefined ? createServer(settings) : createSecureServer({ ...settings, ...options.tls, minVersion: "TLSv1.2" })
  server.maxConnections = connectionsMax
  const sockets = new WebSocketServer({ noServer: true, maxPayload: bodyBytesMax, perMessageDeflate: false })
  server.on("request", (request, response) => void serve(request, response, state))
  server.on("upgrade", (request, socket, head) => void upgrade(request, socket, head, sockets, state))
  await listen(server, options.port ?? 0, address)
  const { port } = server.address() as AddressInfo
  const host = address.includes(":") ? `[${address}]` : address
  return {
    url: `${options.tls === undefined ? "http" : "https"}://${host}:${port}`,
    drain: graceMs => drain(server, sockets, state, graceMs)
  }
}

interface State {
  readonly options: DoorOptions
  readonly metrics: Metrics
  readonly document: string
  /** One handler a token: what it may do is bound in it. */
  readonly handlers: Map<string, OpenAPIHandler<Record<never, never>>>
  readonly failures: ReturnType<typeof createRate>
  flying: number
  draining: boolean
}

const verbs = new Set<string>(servedVerbs)

async function serve(request: IncomingMessage, response: ServerResponse, state: State): Promise<void> {
  const { metrics, options } = state
  const startMs = performance.now()
  const path = pathOf(request)
  let caller: string | null = null
  state.flying++
  metrics.inFlight(1)
  response.on("close", () => {
    state.flying--
    metrics.inFlight(-1)
    metrics.answered(response.statusCode)
    options.log?.({
      msg: "request",
      method: request.method,
      // Only a path that exists is written down: anything else is a stranger's text.
      path: known(path) ? path : null,
      status: response.statusCode,
      caller,
      ms: Math.round((performance.now() - startMs) * 1_000) / 1_000,
      finished: response.writableFinished
    })
  })
  request.on("error", () => response.destroy())
  response.on("error", () => response.destroy())
  try {
    if (state.draining) return refuse(response, 503, "engine-stopped", "the server is stopping", { connection: "close" })
    if (path === "/health") return answerText(request, response, "application/json", '{"status":"ok"}')
    if (path === "/openapi.json") return answerText(request, response, "application/json", state.document)
    const token = await admitted(request, response, state)
    if (token === null) return
    caller = token.id
    if (path === "/metrics") {
      if (!token.scopes.includes("metrics"))
        return refuse(response, 403, "not-permitted", "GET /metrics needs the scope metrics, which this token does not have")
      const { type, body } = await metrics.print()
      return answerText(request, response, type, body)
    }
    await callVerb(request, response, path, token, state)
  } catch (error) {
    options.report?.(path, error)
    if (response.headersSent) response.destroy()
    else refuse(response, 500, "internal", "the server met a defect; its log says more")
  }
}

async function callVerb(request: IncomingMessage, response: ServerResponse, path: string, token: Token, state: State): Promise<void> {
  const verb = path.startsWith("/v1/") ? path.slice(4) : ""
  if (!verbs.has(verb)) return refuse(response, 404, "wrong-usage", "no such path: /openapi.json lists them")
  if (request.method !== "POST") return refuse(response, 405, "wrong-usage", "expected POST", { allow: "POST" })
  if (state.flying > callsMax)
    return refuse(response, 429, "queue-full", `${callsMax} calls are being answered already`, { "retry-after": "1" })
  const length = Number(request.headers["content-length"] ?? 0)
  if (length > bodyBytesMax)
    return refuse(response, 413, "limit-exceeded", `expected a body of at most ${bodyBytesMax} bytes, found ${length}`, {
      connection: "close"
    })
  // The handler makes a URL of what the request says of itself; only the path of the verb is meant.
  request.url = path
  request.headers.host = "l4.invalid"
  const { matched } = await handlerOf(token, state).handle(request, response, { prefix: "/v1", context: {} })
  if (!matched && !response.headersSent) refuse(response, 404, "wrong-usage", "no such path: /openapi.json lists them")
}

function handlerOf(token: Token, state: State): OpenAPIHandler<Record<never, never>> {
  const known = state.handlers.get(token.sha256)
  if (known !== undefined) return known
  const made = new OpenAPIHandler(routerFor(token, state), { plugins: [new BodyLimitPlugin({ maxBodySize: bodyBytesMax })] })
  state.handlers.set(token.sha256, made)
  return made
}

function routerFor(token: Token, { options, metrics }: State) {
  const observe: Observer = call => {
    metrics.observe(call)
    if (call.code === "internal") options.log?.({ msg: "defect", verb: call.verb, caller: call.caller })
  }
  const rate = createRate(options.ratePerSecond ?? 1_000)
  const engine = guard(options.engine, token, options.caps ?? defaultRunCaps, rate, observe)
  return routerOf(engine, options.report ?? (() => {}), servedVerbs as VerbName[])
}

/** The caller's token, or null once the refusal is written. */
async function admitted(request: IncomingMessage, response: ServerResponse, state: State): Promise<Token | null> {
  const found = authorised(request, state)
  if (typeof found !== "string") return found
  const address = request.socket.remoteAddress ?? "unknown"
  const waits = await state.failures.take(address).then(
    () => false,
    () => true
  )
  if (waits) refuse(response, 429, "queue-full", "too many requests without a good token", { "retry-after": "1" })
  else refuse(response, 401, "not-permitted", found, { "www-authenticate": "Bearer" })
  return null
}

function authorised(request: IncomingMessage, { options }: State): Token | string {
  if (request.headers.authorization === undefined) return "expected the header Authorization: Bearer TOKEN"
  const token = tokenShown(request.headers.authorization, options.tokens.list())
  if (token === null) return "this token is not known here: l4 token create makes one"
  const nowMs = (options.nowMs ?? Date.now)()
  if (token.expiresMs !== null && token.expiresMs <= nowMs) return "this token has expired"
  return token
}

async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, sockets: WebSocketServer, state: State): Promise<void> {
  socket.on("error", () => socket.destroy())
  const refusal = upgradeRefusal(request, sockets, state)
  if (typeof refusal !== "object") {
    const [status, why] = refusal === 0 ? [401, "expected a good token in the header Authorization"] : [refusal, "refused"]
    socket.end(`HTTP/1.1 ${status} Refused\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n${why}\n`)
    return
  }
  sockets.handleUpgrade(request, socket, head, client => {
    client.on("error", () => client.terminate())
    void new RPCHandler(routerFor(refusal, state)).upgrade(client as WebSocket)
  })
}

function upgradeRefusal(request: IncomingMessage, sockets: WebSocketServer, state: State): Token | number {
  if (state.draining) return 503
  if (request.method !== "GET" || pathOf(request) !== "/v1/ws") return 404
  // A page cannot set the Authorization header, and no page has business here.
  if (request.headers.origin !== undefined) return 403
  const token = authorised(request, state)
  if (typeof token === "string") return 0
  return sockets.clients.size >= socketsMax ? 503 : token
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "").split("?", 1)[0]!
}

function known(path: string): boolean {
  return path === "/health" || path === "/openapi.json" || path === "/metrics" || (path.startsWith("/v1/") && verbs.has(path.slice(4)))
}

function listen(server: Server, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, address, () => {
      server.off("error", reject)
      resolve()
    })
  })
}

async function drain(server: Server, sockets: WebSocketServer, state: State, graceMs: number): Promise<number> {
  state.draining = true
  const closed = new Promise<void>(resolve => server.close(() => resolve()))
  server.closeIdleConnections()
  for (const client of sockets.clients) client.close(1001, "the server stops")
  let cut = 0
  const grace = setTimeout(() => {
    cut = state.flying
    for (const client of sockets.clients) client.terminate()
    server.closeAllConnections()
  }, graceMs)
  // Connections that were kept alive fall idle one by one.
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  await closed
  clearTimeout(grace)
  clearInterval(sweep)
  sockets.close()
  return cut
}
