/** The web host's rules, one test each: who may ask, from where, with what, and what every answer carries. */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { request } from "node:http"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createORPCClient } from "@orpc/client"
import { RPCLink } from "@orpc/client/websocket"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { WebSocket } from "ws"
import type { WebHost } from "../../electron/web/host.ts"
import { startWebHost } from "../../electron/web/host.ts"
import { redirectFile } from "../../electron/web/open-browser.ts"
import type { EngineVerbs } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { fakeEngine } from "../app/fake-engine.ts"

let host: WebHost
let folder: string
let port: number
let token: string
const failing = new Map<string, EngineFailure>()
const reported: string[] = []
const verbs = { ...fakeEngine({ failing }), usage: () => Promise.reject(new Error("secret of the engine")) } as EngineVerbs

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "l4-host-"))
  mkdirSync(join(folder, "window/assets"), { recursive: true })
  writeFileSync(join(folder, "window/index.html"), "<!doctype html><title>window</title>")
  writeFileSync(join(folder, "window/assets/index.js"), "export {}")
  writeFileSync(join(folder, "window/assets/index.js.map"), "{}")
  writeFileSync(join(folder, "secret.txt"), "secret")
  host = await startWebHost({
    engine: verbs,
    rendererDirectory: join(folder, "window"),
    clientsMax: 2,
    report: verb => reported.push(verb)
  })
  port = Number(new URL(host.url).port)
  token = new URL(host.url).hash.replace("#token=", "")
})

afterAll(async () => {
  await host.close()
  rmSync(folder, { recursive: true })
})

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

function ask(path: string, { method = "GET", headers = {} }: { method?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, method, headers: { host: `127.0.0.1:${port}`, ...headers } }, response => {
      let body = ""
      response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk))
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    asked.on("error", reject)
    asked.end()
  })
}

/** Sends bytes as they are, for requests no client library would make. */
function askRaw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text))
    let answer = ""
    socket.setEncoding("utf8").on("data", (chunk: string) => (answer += chunk))
    socket.on("end", () => resolve(answer)).on("error", reject)
  })
}

function open(protocols: string[], headers: Record<string, string> = {}, path = "/engine"): Promise<WebSocket | number> {
  return new Promise(resolve => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, {
      headers: { host: `127.0.0.1:${port}`, origin: host.origin, ...headers }
    })
    socket.on("open", () => resolve(socket))
    socket.on("unexpected-response", (_, response) => {
      socket.terminate()
      resolve(response.statusCode ?? 0)
    })
    socket.on("error", () => {})
  })
}

const good = () => ["workbench.v1", `token.${token}`]

describe("where it listens", () => {
  test.each(["0.0.0.0", "::", "192.168.1.4", "localhost"])("it refuses to start on %s", async address => {
    await expect(startWebHost({ engine: verbs, rendererDirectory: join(folder, "window"), address })).rejects.toThrow(/127\.0\.0\.1 only/)
  })

  test("a port that is taken is a clear error", async () => {
    await expect(startWebHost({ engine: verbs, rendererDirectory: join(folder, "window"), port })).rejects.toThrow(/EADDRINUSE/)
  })

  test("a folder without a window says what was expected", async () => {
    await expect(startWebHost({ engine: verbs, rendererDirectory: folder })).rejects.toThrow(/expected index\.html/)
  })

  test("each launch has 32 random bytes of token, in the fragment alone", () => {
    expect(token).toMatch(/^[\w-]{43}$/)
    expect(host.url).toBe(`http://127.0.0.1:${port}/#token=${token}`)
  })
})

describe("requests", () => {
  test("the page and its files are served", async () => {
    expect((await ask("/")).body).toContain("<title>window</title>")
    expect(await ask("/assets/index.js")).toMatchObject({
      status: 200,
      body: "export {}",
      headers: { "content-type": "text/javascript; charset=utf-8" }
    })
  })

  test("HEAD answers without a body", async () => {
    expect(await ask("/", { method: "HEAD" })).toMatchObject({ status: 200, body: "" })
  })

  test.each(["localhost", "127.0.0.1", "evil.example", "evil.example:PORT", "127.0.0.1:PORT.evil.example", "127.0.0.1:1"])(
    "Host %s is answered 421",
    async name => {
      expect(await ask("/", { headers: { host: name.replace("PORT", String(port)) } })).toMatchObject({ status: 421 })
    }
  )

  test("a request without Host is refused", async () => {
    expect(await askRaw("GET / HTTP/1.0\r\n\r\n")).toMatch(/^HTTP\/1\.1 421 /)
  })

  test.each(["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])("%s is answered 405", async method => {
    expect(await ask("/", { method })).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" } })
  })

  test.each([
    "/../secret.txt",
    "/assets/../../secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/assets/..%5c..%5csecret.txt",
    "//etc/passwd",
    "/assets",
    "/assets/",
    "/assets/index.js.map",
    "/assets/index.js%00.html",
    "/index.html/",
    "/engine"
  ])("%s is answered 404", async path => {
    expect(await askRaw(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 404 /)
  })

  test("a page of another site reads nothing, and may only open the page itself", async () => {
    const from = (path: string, site: string, mode: string, dest: string) =>
      ask(path, { headers: { "sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": dest } })
    expect(await from("/", "cross-site", "navigate", "document")).toMatchObject({ status: 200 })
    expect(await from("/", "cross-site", "no-cors", "script")).toMatchObject({ status: 403 })
    expect(await from("/", "cross-site", "navigate", "iframe")).toMatchObject({ status: 403 })
    expect(await from("/assets/index.js", "cross-site", "navigate", "document")).toMatchObject({ status: 403 })
    expect(await from("/assets/index.js", "same-site", "no-cors", "script")).toMatchObject({ status: 403 })
    expect(await from("/assets/index.js", "same-origin", "no-cors", "script")).toMatchObject({ status: 200 })
    expect(await from("/", "none", "navigate", "document")).toMatchObject({ status: 200 })
  })

  test.each(["/", "/assets/index.js", "/nothing"])("%s carries every header, and none that opens it to others", async path => {
    const { headers } = await ask(path)
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin"
    })
    expect(headers["content-security-policy"]).toBe(
      `default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self' ws://127.0.0.1:${port}; worker-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'`
    )
    expect(Object.keys(headers).filter(name => name.startsWith("access-control") || name === "set-cookie")).toEqual([])
  })

  test("no answer holds the token", async () => {
    for (const path of ["/", "/assets/index.js", "/nothing"]) expect(JSON.stringify(await ask(path))).not.toContain(token)
  })
})

describe("upgrades", () => {
  test("a window with the token is answered workbench.v1 and nothing of the token", async () => {
    const socket = (await open(good())) as WebSocket
    expect(socket.protocol).toBe("workbench.v1")
    socket.terminate()
  })

  test.each([
    ["no token", ["workbench.v1"]],
    ["a wrong token", ["workbench.v1", `token.${"A".repeat(43)}`]],
    ["a shorter token", ["workbench.v1", "token.A"]],
    ["an empty token", ["workbench.v1", "token."]],
    ["two tokens", ["workbench.v1", "token.A", "token.B"]]
  ])("%s is answered 401", async (_, protocols) => {
    expect(await open(protocols)).toBe(401)
  })

  test("the token without the protocol is answered 401", async () => {
    expect(await open([`token.${token}`])).toBe(401)
  })

  test.each(["http://evil.example", "null", "http://127.0.0.1:1", "http://localhost:PORT", "https://127.0.0.1:PORT"])(
    "Origin %s is answered 403",
    async origin => {
      expect(await open(good(), { origin: origin.replace("PORT", String(port)) })).toBe(403)
    }
  )

  test("a wrong Host is answered 421", async () => {
    expect(await open(good(), { host: `evil.example:${port}` })).toBe(421)
  })

  test("another path is answered 404", async () => {
    expect(await open(good(), {}, "/other")).toBe(404)
  })

  test("one window too many is answered 503, and a free place is given again", async () => {
    const first = (await open(good())) as WebSocket
    const second = (await open(good())) as WebSocket
    expect(await open(good())).toBe(503)
    const closed = new Promise(resolve => second.on("close", resolve))
    second.close()
    await closed
    const opens = async () => {
      const third = await open(good())
      if (third instanceof WebSocket) third.terminate()
      return third instanceof WebSocket
    }
    await expect.poll(opens).toBe(true)
    first.terminate()
  })

  test("a message above the stated bound ends its connection", async () => {
    const socket = (await open(good())) as WebSocket
    const closed = new Promise<number>(resolve => socket.on("close", resolve))
    socket.send("x".repeat(9 * 1_048_576))
    expect(await closed).toBe(1009)
  })
})

describe("the contract over the socket", () => {
  async function withClient(use: (client: EngineVerbs) => Promise<void>): Promise<void> {
    const socket = (await open(good())) as WebSocket
    const client = createORPCClient(new RPCLink({ websocket: socket as never })) as unknown as EngineVerbs
    try {
      await use(client)
    } finally {
      const closed = new Promise(resolve => socket.on("close", resolve))
      socket.close()
      await closed
    }
  }

  test("a verb answers", async () => {
    await withClient(async client => expect((await client.status({})).preset).toBe("solo"))
  })

  test("a declared failure arrives with its code, message and details", async () => {
    failing.set("audit", new EngineFailure("store-locked", "another process writes this store", { pid: 7, big: 1n }))
    await withClient(async client =>
      expect(client.audit({})).rejects.toMatchObject({
        code: "store-locked",
        message: "another process writes this store",
        data: { details: { pid: 7, big: "1" } }
      })
    )
  })

  test("a defect arrives without its message, and is reported here", async () => {
    await withClient(async client => {
      const failure = await client.usage({}).catch((error: unknown) => error)
      expect(failure).toMatchObject({ code: "internal" })
      expect(JSON.stringify(failure)).not.toContain("secret")
      expect(reported).toEqual(["usage"])
    })
  })

  test("an input of the wrong form is refused before the engine sees it", async () => {
    await withClient(async client => expect(client.show({ digest: "no digest" })).rejects.toMatchObject({ code: "BAD_REQUEST" }))
  })
})

describe("the host's life", () => {
  test("it is told once it is idle, and not while a window is open", async () => {
    let idle = 0
    const short = await startWebHost({ engine: verbs, rendererDirectory: join(folder, "window"), idleMs: 40, onIdle: () => idle++ })
    const { hash, host: name } = new URL(short.url)
    const socket = new WebSocket(`ws://${name}/engine`, ["workbench.v1", hash.replace("#token=", "token.")], {
      headers: { origin: short.origin }
    })
    await new Promise(resolve => socket.on("open", resolve))
    await new Promise(resolve => setTimeout(resolve, 120))
    expect(idle).toBe(0)
    socket.close()
    await expect.poll(() => idle).toBe(1)
    await short.close()
  })

  test("closing ends the connections it has", async () => {
    const other = await startWebHost({ engine: verbs, rendererDirectory: join(folder, "window") })
    const { hash, host: name } = new URL(other.url)
    const socket = new WebSocket(`ws://${name}/engine`, ["workbench.v1", hash.replace("#token=", "token.")], {
      headers: { origin: other.origin }
    })
    await new Promise(resolve => socket.on("open", resolve))
    const closed = new Promise<number>(resolve => socket.on("close", resolve))
    await other.close()
    expect(await closed).toBe(1001)
  })

  test("the redirect file is for its owner alone, and can be forgotten", () => {
    const file = redirectFile(host.url)
    expect(statSync(file.path).mode & 0o777).toBe(0o600)
    file.forget()
    expect(statSync(file.path, { throwIfNoEntry: false })).toBeUndefined()
  })
})
