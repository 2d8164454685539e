/** What the server door answers by itself; the verbs' answers are the contract's. */
import type { IncomingMessage, ServerResponse } from "node:http"

const common = { "cache-control": "no-store", "x-content-type-options": "nosniff" }

/** In the form every failure of the contract has. */
export function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {}
): void {
  const body = JSON.stringify({ defined: true, code, status, message, data: { details: {} } })
  response.writeHead(status, { ...common, ...headers, "content-type": "application/json", "content-length": Buffer.byteLength(body) })
  response.end(body)
}

export function answerText(request: IncomingMessage, response: ServerResponse, type: string, body: string): void {
  if (request.method !== "GET" && request.method !== "HEAD") {
    refuse(response, 405, "wrong-usage", "expected GET", { allow: "GET, HEAD" })
    return
  }
  response.writeHead(200, { ...common, "content-type": type, "content-length": Buffer.byteLength(body) })
  response.end(request.method === "HEAD" ? undefined : body)
}
