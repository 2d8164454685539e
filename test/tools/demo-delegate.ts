/**
 * `npm run demo -- delegate`: a Request nobody has answered goes down the chain, is written by an OpenAI-compatible endpoint (first wrongly), mended,
 * published, signed off and found again, under other words too; under the policy *automatic* the next one needs no person.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createMemoryLayer, type Engine, forkLaunch, initStore, openEngine, openGeneratorSettings } from "../../electron/engine/index.ts"
import type { AnswerOf } from "../../shared/engine-contract.ts"
import { createSteps } from "./_steps.ts"

const passphrase = "demo passphrase, for this throw-away store only"
const hits = 200

const words = {
  instruction: "Join the first letters of all words of a text, in upper case",
  interface: "(:string) -> :string",
  examples: [
    { args: '["central processing unit"]', result: '"CPU"' },
    { args: '[""]', result: '""' }
  ]
}
const otherWords = "Make an acronym out of the words of a sentence"

const squares = {
  instruction: "Sum of the squares of all numbers in a list",
  interface: "([:vector :int]) -> :int",
  examples: [
    { args: "[[1 2 3]]", result: "14" },
    { args: "[[]]", result: "0" },
    { args: "[[-2]]", result: "4" }
  ]
}

/** What the endpoint says, in order. Its first program forgets the upper case; prose stands around the second. */
const replies = [
  '```clojure\n(defn acronym [text :string] :string\n  (join "" (map first (filter (fn [w] (> (count w) 0)) (split text " ")))))\n```',
  'You are right, it must be upper case:\n```clojure\n(defn acronym [text :string] :string\n  (string-upper (join "" (map first (filter (fn [w] (> (count w) 0)) (split text " "))))))\n```\nThis handles the empty text too.',
  "```clojure\n(defn sum-of-squares [xs : [:vector :int]] :int\n  (reduce + 0 (map (fn [x] (* x x)) xs)))\n```"
]

async function scriptedEndpoint() {
  let asked = 0
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      const content = replies[asked++]
      response.writeHead(content === undefined ? 500 : 200, { "content-type": "application/json" })
      response.end(JSON.stringify({ choices: [{ message: { role: "assistant", content } }], usage: { total_tokens: 1_500 } }))
    })
  })
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, asked: () => asked, close: () => server.close() }
}

const returned = (answer: AnswerOf<"delegate">) => (answer.outcome?.kind === "returned" ? answer.outcome.value : null)
const chain = (answer: AnswerOf<"delegate">) =>
  answer.layers.map(({ layer, answered, why }) => `${layer} ${answered ? "answered" : `passed (${why.slice(0, 60)})`}`).join(" → ")

export async function demoDelegate(json: boolean): Promise<boolean> {
  const { step, done } = createSteps(json)
  const folder = mkdtempSync(join(tmpdir(), "l4-delegate-"))
  const place = { store: join(folder, "store"), home: join(folder, "home") }
  const endpoint = await scriptedEndpoint()
  let engine: Engine | null = null
  let first: AnswerOf<"delegate"> | null = null
  let alias: { digest: string; mapping: string } | null = null
  let hitUs = Number.NaN
  const live = (): Engine => {
    if (engine === null) throw new Error("the store could not be opened")
    return engine
  }
  try {
    await step("init", async () => {
      await initStore({ ...place, passphrase, owner: "demo" })
      const settings = openGeneratorSettings(place.home)
      await settings.unlock(passphrase)
      settings.choose({ kind: "http", url: endpoint.url, model: "scripted", hostsAllowed: [], key: "sk-demo" })
      settings.close()
      engine = await openEngine({ ...place, launch: forkLaunch, layers: [createMemoryLayer("L3")] })
      await engine.unlock({ passphrase })
      return { ok: true, say: "a store, an L3 of results above it, and a generator at a scripted endpoint on loopback" }
    })
    await step("generate", async () => {
      first = await live().delegate({ request: words, args: '["hyper text"]' })
      const [wrong, right] = first.generation?.attempts ?? []
      const ok =
        first.answeredBy === "generator" &&
        first.verdict === "pending" &&
        first.outcome === undefined &&
        wrong?.complaints.some(complaint => complaint.includes("cpu")) === true &&
        right?.complaints.length === 0
      return { ok, say: `${chain(first)}; first Source: ${wrong?.complaints[0] ?? "?"}` }
    })
    await step("pending", async () => {
      const answer = await live().lookup({ request: words })
      return {
        ok: answer.kind === "miss" && answer.reason === "untrusted",
        say: answer.kind === "miss" ? answer.why : "served before its sign-off"
      }
    })
    await step("sign-off", async () => {
      const { verdict } = await live().signOff({
        digest: first?.digest ?? "",
        mapping: first?.mapping ?? "",
        signOff: { decision: "approve", note: "read the source and its examples" }
      })
      return { ok: verdict.state === "trusted", say: verdict.state }
    })
    await step("hit", async () => {
      const answer = await live().delegate({ request: words, args: '["hyper text"]' })
      return {
        ok: answer.answeredBy === "l4" && returned(answer) === '"HT"' && endpoint.asked() === 2,
        say: `${chain(answer)}, ran to ${returned(answer)}`
      }
    })
    await step("layer", async () => {
      const answer = await live().delegate({ request: words, args: '["hyper text"]' })
      return { ok: answer.answeredBy === "layer" && answer.value === '"HT"', say: `${chain(answer)}: the same arguments again` }
    })
    await step("alias", async () => {
      const before = await live().lookup({ request: { instruction: otherWords, interface: words.interface } })
      const made = await live().alias({ digest: first?.digest ?? "", mapping: first?.mapping ?? "", words: otherWords })
      if (made.kind !== "published") return { ok: false, say: made.kind }
      alias = made
      const { verdict } = await live().signOff({
        digest: alias.digest,
        mapping: alias.mapping,
        signOff: { decision: "approve", note: "the same task in other words" }
      })
      const after = await live().delegate({ request: { instruction: otherWords, interface: words.interface }, args: '["one two three"]' })
      return {
        ok: before.kind === "miss" && verdict.state === "trusted" && after.answeredBy === "l4" && returned(after) === '"OTT"',
        say: `${before.kind}; confirmed as another wording; then ${chain(after)}, ran to ${returned(after)}`
      }
    })
    await step("automatic", async () => {
      await live().setPolicy({ policy: "automatic" })
      const written = await live().delegate({ request: squares, args: "[[3 4]]" })
      const again = await live().delegate({ request: squares, args: "[[1 1 1]]" })
      return {
        ok:
          written.answeredBy === "generator" &&
          written.verdict === "trusted" &&
          returned(written) === "25" &&
          again.answeredBy === "l4" &&
          returned(again) === "3",
        say: `no person asked: ${chain(written)}, ran to ${returned(written)}; then ${again.answeredBy}`
      }
    })
    await step("hits", async () => {
      const times: number[] = []
      for (let at = 0; at < hits; at++) {
        const start = performance.now()
        const answer = await live().lookup({ request: words, args: '["hyper text"]' })
        times.push((performance.now() - start) * 1_000)
        if (answer.kind !== "hit") return { ok: false, say: `hit ${at} was a miss: ${answer.why}` }
      }
      hitUs = Math.round(times.toSorted((a, b) => a - b)[hits >> 1] as number)
      return { ok: true, say: `${hits} hits, each verified and run: p50 ${hitUs} µs` }
    })
  } finally {
    await (engine as Engine | null)?.close()
    endpoint.close()
    rmSync(folder, { recursive: true, force: true })
  }
  const { generation } = (first as AnswerOf<"delegate"> | null) ?? {}
  const cost = {
    /** One generation: both attempts, compiled and tested. */
    generatedMs: Math.round((generation?.ms ?? Number.NaN) * 100) / 100,
    hitUs,
    /** What the hits of this demo would have cost the endpoint, at the tokens one generation took. */
    tokensSaved: (generation?.tokens ?? 0) * hits
  }
  if (json) process.stdout.write(`${JSON.stringify({ steps: done, cost })}\n`)
  else
    process.stdout.write(`one generation ${cost.generatedMs} ms, a hit ${cost.hitUs} µs, ${hits} hits saved ${cost.tokensSaved} tokens\n`)
  return done.every(({ ok }) => ok)
}
