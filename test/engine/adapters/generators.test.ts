/** Generators outside this process: an endpoint and a program, as they are meant and as they misbehave. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { describe, expect, it, onTestFinished } from "vitest"
import { openCommandGenerator } from "../../../electron/engine/adapters/command-generator.ts"
import { openHttpGenerator } from "../../../electron/engine/adapters/http-generator.ts"

const task = { text: "add two numbers", typeText: "(:int, :int) -> :int", examples: [], near: [], attempts: [], tokensMax: 500 }
const completion = (content: string) => JSON.stringify({ choices: [{ message: { content } }], usage: { total_tokens: 42 } })

interface Seen {
  readonly path: string
  readonly authorization: string | undefined
  readonly body: { model: string; max_tokens: number; messages: { content: string }[] }
}

/** A server that answers with these bytes, in these pieces. */
async function endpoint(answer: string | readonly string[], status = 200, headers: Record<string, string> = {}) {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    let text = ""
    request.on("data", part => (text += part))
    request.on("end", () => {
      seen.push({ path: request.url!, authorization: request.headers.authorization, body: JSON.parse(text) })
      response.writeHead(status, headers)
      for (const part of typeof answer === "string" ? [answer] : answer) response.write(part)
      if (answer !== hang) response.end()
    })
  })
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` }
}

const hang: readonly string[] = ["{"]

describe("an OpenAI-compatible endpoint", () => {
  it("is asked with the Task and answers with the Source and what it cost", async () => {
    const { url, seen } = await endpoint(completion("```\n(defn add [a :int b :int] :int (+ a b))\n```"))
    const generator = openHttpGenerator({ url, model: "small", key: () => "secret" })
    expect(await generator.generate(task)).toEqual({ source: "(defn add [a :int b :int] :int (+ a b))", tokens: 42 })
    expect(seen).toMatchObject([
      { path: "/v1/chat/completions", authorization: "Bearer secret", body: { model: "small", max_tokens: 500 } }
    ])
    expect(seen[0]!.body.messages[1]!.content).toContain("add two numbers")
  })

  it.each<[string, string | readonly string[], number, string]>([
    ["garbage", "<html>", 200, "choices[0].message.content"],
    ["another form", '{"choices":[]}', 200, "choices[0].message.content"],
    ["a refusal", '{"error":"no"}', 500, "it answered 500"],
    ["10 MB", Array.from({ length: 10 }, () => "x".repeat(1_048_576)), 200, "at most 1048576 bytes"]
  ])("that answers with %s is a generator that failed", async (_, answer, status, why) => {
    const { url } = await endpoint(answer, status)
    await expect(openHttpGenerator({ url, model: "m" }).generate(task)).rejects.toMatchObject({
      code: "generator-failed",
      message: expect.stringContaining(why)
    })
  })

  it("that hangs is left when the caller says so", async () => {
    const { url } = await endpoint(hang)
    await expect(openHttpGenerator({ url, model: "m" }).generate(task, AbortSignal.timeout(200))).rejects.toMatchObject({
      code: "cancelled"
    })
  })

  it("that redirects elsewhere is not followed", async () => {
    const other = await endpoint(completion("(elsewhere)"))
    const { url } = await endpoint("", 307, { location: `${other.url}/chat/completions` })
    await expect(openHttpGenerator({ url, model: "m" }).generate(task)).rejects.toMatchObject({ code: "generator-failed" })
    expect(other.seen).toEqual([])
  })

  it("that nobody answers at is a generator that failed", async () => {
    await expect(openHttpGenerator({ url: "http://127.0.0.1:1/v1", model: "m" }).generate(task)).rejects.toMatchObject({
      code: "generator-failed"
    })
  })

  it.each([
    "http://example.org/v1",
    "http://127.0.0.1.example.org/v1",
    "http://10.0.0.1/v1",
    "http://user:secret@localhost/v1",
    "file:///etc",
    "nonsense"
  ])("refuses %s unless its host is allowed by name", url => expect(() => openHttpGenerator({ url, model: "m" })).toThrow())

  it("asks another host that was allowed by name", () => {
    expect(openHttpGenerator({ url: "https://models.example/v1", model: "m", hostsAllowed: ["models.example"] }).name).toBe(
      "m at models.example"
    )
  })
})

const node = (script: string): [string, ...string[]] => [process.execPath, "-e", script]

describe("a program", () => {
  it("reads the Task on its input and writes a Source on its output", async () => {
    const script = `let t="";process.stdin.on("data",d=>t+=d).on("end",()=>{const j=JSON.parse(t);process.stdout.write("(defn f [] \\""+j.task+" "+j.interface+"\\")")})`
    expect(await openCommandGenerator(node(script)).generate(task)).toEqual({
      source: '(defn f [] "add two numbers (:int, :int) -> :int")',
      tokens: 0
    })
  })

  it("that writes nothing has nothing for the Task", async () => {
    expect(await openCommandGenerator(node("")).generate(task)).toBeNull()
  })

  it("sees none of this process's secrets", async () => {
    process.env.L4_PASSPHRASE = "secret"
    onTestFinished(() => {
      delete process.env.L4_PASSPHRASE
    })
    const answer = await openCommandGenerator(node("process.stdout.write(JSON.stringify(process.env))")).generate(task)
    expect(answer!.source).not.toContain("secret")
  })

  it.each<[string, [string, ...string[]], string]>([
    ["is not there", ["/nowhere/at-all"], "could not be started"],
    ["fails", node('console.error("no model"); process.exit(3)'), "ended with 3: no model"],
    ["writes too much", node('const t="x".repeat(65536);for(let i=0;i<200;i++)process.stdout.write(t)'), "more than 262144 bytes"]
  ])("that %s is a generator that failed", async (_, command, why) => {
    await expect(openCommandGenerator(command).generate(task)).rejects.toMatchObject({
      code: "generator-failed",
      message: expect.stringContaining(why)
    })
  })

  it("that hangs is killed when the caller leaves", async () => {
    await expect(openCommandGenerator(node("setInterval(()=>{},1000)")).generate(task, AbortSignal.timeout(300))).rejects.toMatchObject({
      code: "cancelled"
    })
  })
})
