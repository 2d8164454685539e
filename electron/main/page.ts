/** Serves the window's files under `app://workbench`, confined to their folder, with the page's headers on every answer. */
import { readFile } from "node:fs/promises"
import { isAbsolute, relative, resolve } from "node:path"
import { protocol } from "electron"
import { contentTypeOf, pageHeaders } from "../../shared/page-policy.ts"

/** Answers every `app:` request. Must be called after ready. */
export function servePage(directory: string): void {
  protocol.handle("app", request => answer(request, directory))
}

async function answer(request: Request, directory: string): Promise<Response> {
  const path = pathOf(request, directory)
  if (path === null) return refusal(request.method === "GET" || request.method === "HEAD" ? 404 : 405)
  try {
    const bytes = await readFile(path)
    return new Response(request.method === "HEAD" ? null : new Uint8Array(bytes), {
      headers: { ...pageHeaders(), "content-type": contentTypeOf(path) }
    })
  } catch {
    return refusal(404)
  }
}

/** The file a request names, or null where it leaves the folder, the host or the allowed methods. */
function pathOf(request: Request, directory: string): string | null {
  if (request.method !== "GET" && request.method !== "HEAD") return null
  const url = new URL(request.url)
  if (url.protocol !== "app:" || url.host !== "workbench") return null
  const name = decoded(url.pathname === "/" ? "/index.html" : url.pathname)
  if (name === null || name.includes("\0") || name.includes("\\")) return null
  const path = resolve(directory, `.${name}`)
  const inside = relative(directory, path)
  return inside === "" || inside.startsWith("..") || isAbsolute(inside) ? null : path
}

function decoded(path: string): string | null {
  try {
    return decodeURIComponent(path)
  } catch {
    return null
  }
}

function refusal(status: number): Response {
  return new Response(`${status}\n`, { status, headers: { ...pageHeaders(), "content-type": "text/plain; charset=utf-8" } })
}
