/** The window's host without Electron: the same bundle and contract over HTTP and WebSocket, for a person on this machine only. */
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import type { Duplex } from "node:stream"
import { RPCHandler } from "@orpc/server/ws"
import type { WebSocket } from "ws"
import { WebSocketServer } from "ws"
import type { EngineVerbs } from "../../shared/engine-contract.ts"
import { pageHeaders } from "../../shared/page-policy.ts"
import { routerOf } from "../engine/router.ts"
import type { WindowFile } from "./files.ts"
import { windowFiles } from "./files.ts"
import { createToken, offersToken, subprotocol } from "./token.ts"

export interface WebHostOptions {
  readonly engine: EngineVerbs
  /** Where the built window lies. */
  readonly rendererDirectory: string
  /** 0, the default, lets the system choose. */
  readonly port?: number
  /** Anything but 127.0.0.1 is refused: this door has no transport security. */
  readonly address?: string
  /** Called once after so long without a client. Default: 30 minutes. */
  readonly idleMs?: number
  readonly onIdle?: () => void
  /** Default 8. */
  readonly clientsMax?: number
  /** Told of the engine's defects, whose details are not for the page. */
  readonly report?: (verb: string, error: unknown) => void
  /** Called when the first window has connected. */
  readonly onClient?: () => void
}

export interface WebHost {
  /** The address to open, its token in the fragment. */
  readonly url: string
  readonly origin: string
  /** Ends every connection and stops listening. */
  close(): Promise<void>
}

/** A message holds at most a Source, its Examples and a Module (language of limits: vm page, section 6), with room for their encoding. */
const messageBytesMax = 8 * 1_048_576
const socketPath = "/engine"
const loopback = "127.0.0.1"

/** Starts listening on loopback. Throws where another address is asked for or the port is taken. */
export async function startWebHost(options: WebHostOptions): Promise<WebHost> {
  const address = options.address ?? loopback
  if (address !== loopback)
    throw new Error(`the web host listens on ${loopback} only, not on ${address}: it is for a person on this machine`)
  const files = windowFiles(options.rendererDirectory)
  const token = createToken()
  const server = createServer({ maxHeaderSize: 16_384 })
  server.maxConnections = 64
  server.headersTimeout = 10_000
  server.requestTimeout = 20_000
  await listen(server, options.port ?? 0)
  const host = `${loopback}:${(server.address() as AddressInfo).port}`
  const headers = pageHeaders(`ws://${host}`)
  server.on("request", (request, response) => answer(request, response, host, headers, files))
  const sockets = serveSockets(server, host, token, options)
  return {
    url: `http://${host}/#token=${token}`,
    origin: `http://${host}`,
    close: () => stop(server, sockets)
  }
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  host: string,
  headers: Readonly<Record<string, string>>,
  files: ReadonlyMap<string, WindowFile>
): void {
  const refusal = refusalOf(request, host)
  const file = files.get(pathOf(request))
  if (refusal !== null || file === undefined) {
    const status = refusal ?? 404
    const body = `${status} ${refusals[status]}\n`
    response.writeHead(status, {
      ...headers,
      "content-type": "text/plain; charset=utf-8",
      "content-length": body.length,
      ...(status === 405 ? { allow: "GET, HEAD" } : {})
    })
    response.end(request.method === "HEAD" ? undefined : body)
    request.resume()
    return
  }
  response.writeHead(200, { ...headers, "content-type": file.type, "content-length": file.bytes.length })
  response.end(request.method === "HEAD" ? undefined : file.bytes)
}

const refusals: Readonly<Record<number, string>> = {
  400: "expected a WebSocket upgrade of this window",
  401: "this window's token is missing or of another launch: open the address the program printed",
  403: "only this window's own pages may ask",
  404: "no such file",
  405: "only GET and HEAD are answered",
  421: "this host answers to its own loopback address only",
  503: "too many windows are open"
}

/** The status a request is refused with, or null. The order matters: a wrong Host says nothing about what exists here. */
function refusalOf(request: IncomingMessage, host: string): number | null {
  if (request.headers.host !== host) return 421
  if (request.method !== "GET" && request.method !== "HEAD") return 405
  return isCrossSite(request) ? 403 : null
}

/** Browsers say where a request comes from. A link or redirect file may open the page itself, nothing else. */
function isCrossSite(request: IncomingMessage): boolean {
  const site = request.headers["sec-fetch-site"]
  if (site === undefined || site === "same-origin" || site === "none") return false
  const opensThePage =
    request.headers["sec-fetch-mode"] === "navigate" && request.headers["sec-fetch-dest"] === "document" && pathOf(request) === "/"
  return !opensThePage
}

/** The path as it was sent, undecoded: the list of files holds no name that needs decoding. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? "").split("?", 1)[0]!
}

function serveSockets(server: Server, host: string, token: string, options: WebHostOptions): WebSocketServer {
  const report = options.report ?? (() => {})
  const handler = new RPCHandler(routerOf(options.engine, report))
  const clientsMax = options.clientsMax ?? 8
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: messageBytesMax,
    perMessageDeflate: false,
    handleProtocols: () => subprotocol
  })
  const idle = idleTimer(options.idleMs ?? 30 * 60_000, options.onIdle ?? (() => {}))
  idle.start()
  server.on("close", idle.stop)
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const status = upgradeRefusalOf(request, host, token, sockets.clients.size >= clientsMax)
    if (status !== null) return refuseUpgrade(socket, status)
    sockets.handleUpgrade(request, socket, head, client => {
      idle.stop()
      client.on("close", () => sockets.clients.size === 0 && idle.start())
      client.on("error", () => client.terminate())
      void handler.upgrade(client as WebSocket)
      options.onClient?.()
    })
  })
  return sockets
}

function upgradeRefusalOf(request: IncomingMessage, host: string, token: string, full: boolean): number | null {
  if (request.headers.host !== host) return 421
  if (request.method !== "GET") return 405
  if (request.headers.origin !== `http://${host}`) return 403
  if (pathOf(request) !== socketPath) return 404
  if (!offersToken(request.headers["sec-websocket-protocol"], token)) return 401
  return full ? 503 : null
}

function refuseUpgrade(socket: Duplex, status: number): void {
  socket.on("error", () => socket.destroy())
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${status} ${refusals[status]}\n`
  )
}

function idleTimer(afterMs: number, onIdle: () => void): { start(): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined
  const stop = () => clearTimeout(timer)
  const start = () => {
    stop()
    timer = setTimeout(onIdle, afterMs)
  }
  return { start, stop }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen({ host: loopback, port, exclusive: true }, () => {
      server.off("error", reject)
      resolve()
    })
  })
}

async function stop(server: Server, sockets: WebSocketServer): Promise<void> {
  for (const client of sockets.clients) client.close(1001, "the host stops")
  const closed = new Promise<void>(resolve => server.close(() => resolve()))
  server.closeIdleConnections()
  const grace = setTimeout(() => {
    for (const client of sockets.clients) client.terminate()
    server.closeAllConnections()
  }, 500)
  await closed
  clearTimeout(grace)
  sockets.close()
}
