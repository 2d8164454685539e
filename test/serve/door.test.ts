/** The server door's rules: who may call what, what a caller is told, and what no request can do. */
import { execFile } from "node:child_process"
import { request } from "node:http"
import { connect } from "node:net"
import path from "node:path"
import { promisify } from "node:util"
import { createORPCClient } from "@orpc/client"
import { RPCLink } from "@orpc/client/websocket"
import { Validator } from "@seriousme/openapi-schema-validator"
import { describe, expect, it, onTestFinished } from "vitest"
import { WebSocket } from "ws"
import { openClient } from "../../electron/serve/client.ts"
import { bodyBytesMax, type DoorOptions, openDoor } from "../../electron/serve/door.ts"
import type { Scope } from "../../electron/serve/scopes.ts"
import { scopes } from "../../electron/serve/scopes.ts"
import { openTokenFile } from "../../electron/serve/tokens.ts"
import type { EngineVerbs } from "../../shared/engine-contract.ts"
import { adding, published, storeInMemory } from "../engine/opened.ts"
import { scratchFolder } from "../engine/scratch.ts"

async function opened(options: Partial<DoorOptions> = {}, granted: readonly Scope[] = scopes) {
  const home = scratchFolder()
  let nowMs = Date.now()
  const tokens = openTokenFile(home, () => nowMs)
  const { token, secret } = tokens.create({ name: "test", scopes: granted, expiresMs: nowMs + 60_000 })
  const { engine } = await storeInMemory()
  const door = await openDoor({ tokens, version: "0.0.0", nowMs: () => nowMs, engine, ...options })
  onTestFinished(() => door.drain(100).then(() => {}))
  const ask = (verb: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${door.url}/v1/${verb}`, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body)
    })
  return { door, engine, tokens, token, secret, ask, port: Number(new URL(door.url).port), wait: (ms: number) => (nowMs += ms) }
}

const task = { request: adding.request, args: "[3 4]" }

/** An engine of which one verb is made up. */
async function enginePlus(verbs: Partial<EngineVerbs>) {
  return { ...(await storeInMemory()).engine, ...verbs } as EngineVerbs
}

describe("a program with a token", () => {
  it("looks a Task up and has it run", async () => {
    const { engine, ask } = await opened()
    await published(engine)
    const answer = await ask("lookup", task)
    expect([answer.status, await answer.json()]).toMatchObject([200, { kind: "hit", outcome: { kind: "returned", value: "7" } }])
  })

  it("publishes, is told that it waits, and finds it after the sign-off", async () => {
    const { engine, ask } = await opened()
    expect(await (await ask("publish", adding)).json()).toMatchObject({ kind: "published", verdict: { state: "pending" } })
    const missed = (await (await ask("lookup", task)).json()) as { kind: string; reason: string }
    expect([missed.kind, missed.reason]).toEqual(["miss", "untrusted"])
    const [waiting] = (await engine.review({})).rows
    await engine.signOff({ digest: waiting!.digest, signOff: { decision: "approve", note: "read" } })
    expect(await (await ask("lookup", task)).json()).toMatchObject({ kind: "hit" })
  })

  it("fetches a Blob whose bytes have its Digest", async () => {
    const { engine, ask } = await opened()
    const { digest } = await published(engine)
    const bytes = await (await ask("blob", { digest })).arrayBuffer()
    expect(Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex")).toBe(digest.slice(7))
  })

  it("speaks the same contract over WebSocket", async () => {
    const { engine, door, secret } = await opened()
    await published(engine)
    const socket = new WebSocket(`${door.url.replace("http", "ws")}/v1/ws`, { headers: { authorization: `Bearer ${secret}` } })
    await new Promise((resolve, reject) => socket.on("open", resolve).on("error", reject))
    const client = createORPCClient<EngineVerbs>(new RPCLink({ websocket: socket as never }))
    expect(await client.lookup(task)).toMatchObject({ kind: "hit", outcome: { value: "7" } })
    socket.close()
  })

  it("uses the typed client, whose failures are the engine's", async () => {
    const { engine, door, secret } = await opened()
    await published(engine)
    const client = openClient({ url: door.url, token: secret })
    expect(await client.lookup(task)).toMatchObject({ kind: "hit" })
    await expect(client.show({ digest: "00000000" })).rejects.toMatchObject({ name: "EngineFailure", code: "unknown-digest" })
    await expect(openClient({ url: door.url, token: "l4_none" }).status({})).rejects.toMatchObject({ code: "not-permitted" })
    await expect(openClient({ url: "http://127.0.0.1:1", token: secret }).status({})).rejects.toMatchObject({ code: "engine-stopped" })
  })

  it("may be written in another language", async context => {
    const python = await promisify(execFile)("python3", ["--version"]).catch(() => null)
    if (python === null) return context.skip("skipped: no python3 here, so electron/serve/examples/lookup.py did not run")
    const { engine, door, secret } = await opened()
    await published(engine)
    const script = path.join(import.meta.dirname, "../../electron/serve/examples/lookup.py")
    const run = (...words: string[]) =>
      promisify(execFile)("python3", [script, door.url, ...words], { env: { ...process.env, L4_TOKEN: secret } })
    expect((await run("add two numbers", "(int, int) -> int", "[3 4]")).stdout).toBe("7\n")
    await expect(run("add two numbers", "(string) -> int", '["a"]')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("no-such-interface")
    })
  })
})

describe("who is refused", () => {
  it.each([
    ["no header", undefined],
    ["another scheme", "Basic dGVzdA=="],
    ["a token never made", `Bearer l4_${"A".repeat(43)}`],
    ["a token that is too long", `Bearer l4_${"A".repeat(10_000)}`],
    ["nothing after the scheme", "Bearer "]
  ])("401 for %s", async (_, authorization) => {
    const { door } = await opened()
    const answer = await fetch(`${door.url}/v1/status`, { method: "POST", headers: authorization === undefined ? {} : { authorization } })
    expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([401, "Bearer"])
  })

  it("401 once a token has expired or is revoked, without a restart", async () => {
    const { ask, wait, tokens, token } = await opened()
    expect((await ask("status", {})).status).toBe(200)
    wait(60_000)
    expect(await (await ask("status", {})).json()).toMatchObject({ status: 401, message: expect.stringContaining("expired") })
    wait(-60_000)
    expect((await ask("status", {})).status).toBe(200)
    tokens.revoke(token.id)
    expect((await ask("status", {})).status).toBe(401)
  })

  it.each<[string, readonly Scope[], string, unknown]>([
    ["publish with lookup", ["lookup"], "publish", adding],
    ["a Lookup that runs, without run", ["lookup"], "lookup", task],
    ["a Lookup that tries Examples, without run", ["lookup"], "lookup", { request: { ...adding.request, examples: adding.examples } }],
    ["show with run", ["run"], "show", { digest: "abcd" }]
  ])("403 for %s", async (_, granted, verb, body) => {
    const { ask } = await opened({}, granted)
    const answer = await ask(verb, body)
    expect([answer.status, await answer.json()]).toMatchObject([403, { code: "not-permitted", message: expect.stringContaining("scope") }])
  })

  it("429 for a caller who asks too often, with the time to wait", async () => {
    const { ask } = await opened({ ratePerSecond: 3 })
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask("status", {})))
    expect(answers.map(answer => answer.status).filter(status => status === 429)).toHaveLength(5)
    const refused = (await answers.find(answer => answer.status === 429)!.json()) as { data: { details: { retryAfterMs: number } } }
    expect(refused.data.details.retryAfterMs).toBeGreaterThan(0)
  })

  it("429 for an address that tries tokens", async () => {
    const { door } = await opened()
    const tries = await Promise.all(Array.from({ length: 60 }, () => fetch(`${door.url}/v1/status`, { method: "POST" })))
    expect(new Set(tries.map(answer => answer.status))).toEqual(new Set([401, 429]))
  })

  it("keys, sign-off, policy and paths are served to nobody", async () => {
    const { ask } = await opened()
    for (const verb of [
      "keys",
      "unlock",
      "createKey",
      "signOff",
      "revoke",
      "setPolicy",
      "importBundle",
      "exportBundle",
      "audit",
      "__proto__"
    ])
      expect([verb, (await ask(verb, {})).status]).toEqual([verb, 404])
  })

  it("a Run that asks for more than the server allows", async () => {
    const { ask } = await opened({ caps: { fuelMax: 1_000, timeoutMs: 100, memoryPagesMax: 64 } })
    const answer = await ask("evaluate", { source: "(+ 1 2)", limits: { timeoutMs: 101 } })
    expect(await answer.json()).toMatchObject({ status: 413, code: "limit-exceeded", data: { details: { expected: 100, found: 101 } } })
  })

  it("an address beyond this machine without TLS", async () => {
    await expect(opened({ address: "0.0.0.0" })).rejects.toThrow("--tls-cert")
    const { door } = await opened({ address: "0.0.0.0", plainHttp: true })
    expect((await fetch(`http://127.0.0.1:${new URL(door.url).port}/v1/status`, { method: "POST" })).status).toBe(401)
  })
})

describe("malformed requests", () => {
  it.each([
    ["no JSON", "{", {}, 400],
    ["another shape", "[]", {}, 400],
    ["a wrong type", '{"request":{"instruction":7}}', {}, 400],
    ["another content type", "a=b", { "content-type": "text/plain" }, 400]
  ])("%s is told what was expected", async (_, body, headers, status) => {
    const { ask } = await opened()
    const answer = await ask("lookup", body, headers)
    expect([answer.status, answer.headers.get("content-type")]).toMatchObject([status, expect.stringContaining("json")])
    expect(((await answer.json()) as { message: string }).message).not.toBe("")
  })

  it("a body over the limit is refused by its length, and by its bytes where it states none", async () => {
    const { ask, port, secret } = await opened()
    expect((await ask("lookup", `"${"a".repeat(bodyBytesMax)}"`)).status).toBe(413)
    const status = await new Promise<number>((resolve, reject) => {
      const sent = request({
        port,
        path: "/v1/lookup",
        method: "POST",
        headers: { authorization: `Bearer ${secret}`, "content-type": "application/json", "transfer-encoding": "chunked" }
      })
      sent.on("response", answer => resolve(answer.statusCode ?? 0)).on("error", reject)
      for (let part = 0; part < 10; part++) sent.write("a".repeat(1_048_576))
      sent.end()
    })
    expect(status).toBe(413)
  })

  it("a defect of the engine gives 500 without its details, and is reported", async () => {
    const reported: string[] = []
    const engine = await enginePlus({ status: () => Promise.reject(new Error("secret of the engine")) })
    const { ask } = await opened({ engine, report: verb => reported.push(verb) })
    const answer = await ask("status", {})
    expect([answer.status, (await answer.text()).includes("secret")]).toEqual([500, false])
    expect(reported).toEqual(["status"])
  })

  it("10,000 random requests give no 5xx, and the server answers as before", async () => {
    const { port, secret, ask } = await opened({ ratePerSecond: 0 })
    const { statuses, lost } = await fuzz(port, secret, 10_000, 20_261_122)
    expect([...statuses.keys()].filter(status => status >= 500)).toEqual([])
    expect(lost).toBe(0)
    expect([...statuses.values()].reduce((sum, count) => sum + count, 0)).toBe(10_000)
    expect((await ask("status", {})).status).toBe(200)
  })
})

describe("the door itself", () => {
  it("describes itself by an OpenAPI document that a stock validator accepts", async () => {
    const { door } = await opened()
    const document = (await (await fetch(`${door.url}/openapi.json`)).json()) as { paths: Record<string, unknown> }
    expect(await new Validator().validate(document)).toEqual({ valid: true })
    expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(["/lookup", "/publish", "/run", "/blob", "/verify"]))
  })

  it("counts what it did, for whoever has the scope", async () => {
    const { door, engine, secret, ask } = await opened()
    await published(engine)
    await ask("lookup", task)
    const metrics = await (await fetch(`${door.url}/metrics`, { headers: { authorization: `Bearer ${secret}` } })).text()
    expect(metrics).toContain('l4_lookups_total{answer="hit",why="exact-text"} 1')
    expect((await fetch(`${door.url}/metrics`)).status).toBe(401)
  })

  it("logs who asked what and how it ended, never a token and never a body", async () => {
    const lines: unknown[] = []
    const { ask, secret, token } = await opened({ log: line => lines.push(line) })
    await (await ask("lookup", { request: { instruction: "the words of a request", interface: "(int) -> int" } })).text()
    await expect.poll(() => lines).toMatchObject([{ path: "/v1/lookup", status: 200, caller: token.id }])
    expect(JSON.stringify(lines)).not.toContain(secret)
    expect(JSON.stringify(lines)).not.toContain("the words of a request")
  })

  it("drains: what runs ends, what comes is refused", async () => {
    let release: (status: unknown) => void = () => {}
    const waiting = new Promise(resolve => {
      release = resolve
    })
    const real = await storeInMemory()
    let asked = 0
    const engine = await enginePlus({
      status: async () => {
        asked++
        await waiting
        return real.engine.status({})
      }
    })
    const { door, ask } = await opened({ engine })
    const running = ask("status", {})
    await expect.poll(() => asked).toBe(1)
    const drained = door.drain(5_000)
    await expect(ask("status", {})).rejects.toThrow()
    release(null)
    expect((await running).status).toBe(200)
    expect(await drained).toBe(0)
  })

  it("cancels the engine's work for a caller who is gone", async () => {
    let aborted = false
    const engine = await enginePlus({
      evaluate: (_, context) =>
        new Promise((_resolve, reject) => {
          context?.signal?.addEventListener("abort", () => {
            aborted = true
            reject(new Error("gone"))
          })
        })
    })
    const { port, secret } = await opened({ engine })
    const body = '{"source":"1"}'
    const socket = connect(port, "127.0.0.1", () =>
      socket.write(
        `POST /v1/evaluate HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${secret}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
      )
    )
    setTimeout(() => socket.destroy(), 200)
    await expect.poll(() => aborted, { timeout: 5_000 }).toBe(true)
  })
})

/** Sends requests that are mutations of good ones, and some that are noise; counts statuses, and connections that never answered. */
async function fuzz(port: number, secret: string, count: number, seed: number) {
  let state = seed
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state % below
  }
  const pick = <T>(items: readonly T[]): T => items[random(items.length)]!
  const verbs = [
    "status",
    "lookup",
    "find",
    "show",
    "run",
    "compile",
    "evaluate",
    "publish",
    "verify",
    "blob",
    "list",
    "prove",
    "ledger",
    "no",
    ""
  ]
  const values: readonly (() => unknown)[] = [
    () => null,
    () => random(1_000) - 500,
    () => 1e308,
    () => "",
    () => "sha256:0000",
    () => "(int) -> int",
    () => String.fromCodePoint(random(0xd7ff)),
    () => "(".repeat(random(2_000)),
    () => [],
    () => ({}),
    () => true,
    () => adding.request,
    () => adding.source,
    () => adding.examples
  ]
  const fields = [
    "request",
    "args",
    "source",
    "examples",
    "digest",
    "limits",
    "words",
    "type",
    "mapping",
    "similarityMin",
    "limit",
    "cursor",
    "__proto__"
  ]
  const body = (): string => {
    const made = JSON.stringify(Object.fromEntries(Array.from({ length: random(5) }, () => [pick(fields), pick(values)()])))
    return random(5) === 0 ? made.slice(0, random(made.length + 1)) : made
  }
  const statuses = new Map<number, number>()
  let lost = 0
  const one = () =>
    new Promise<void>(resolve => {
      const sent = request(
        {
          port,
          path: encodeURI(`/v1/${pick(verbs)}${random(20) === 0 ? `?a=${random(9)}` : ""}${random(30) === 0 ? "/../x" : ""}`),
          method: pick(["POST", "POST", "POST", "POST", "POST", "GET", "PUT", "DELETE", "OPTIONS"]),
          headers: {
            authorization: random(30) === 0 ? "Bearer l4_wrong" : `Bearer ${secret}`,
            "content-type": pick([
              "application/json",
              "application/json",
              "application/json",
              "text/plain",
              "multipart/form-data",
              "application/x-www-form-urlencoded",
              "x"
            ])
          },
          timeout: 20_000
        },
        answer => {
          statuses.set(answer.statusCode ?? 0, (statuses.get(answer.statusCode ?? 0) ?? 0) + 1)
          answer.resume().on("end", resolve)
        }
      )
      sent.on("timeout", () => sent.destroy())
      sent.on("error", () => {
        lost++
        resolve()
      })
      sent.end(body())
    })
  for (let at = 0; at < count; at += 50) await Promise.all(Array.from({ length: 50 }, one))
  return { statuses, lost }
}
