/**
 * `npm run demo [-- delegate] [--json]`: a fresh store, a real task, every step printed with its time. A task nobody solved becomes a signed module; the next equal task finds,
 * verifies and runs it; a tampered Blob, an unsigned module and a runaway one are refused; then hits are measured.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Engine, forkLaunch, initStore, openEngine, preparedGenerator, publishStartingLibrary } from "../../electron/engine/index.ts"
import { hexOf } from "../../shared/digest.ts"
import type { AnswerOf } from "../../shared/engine-contract.ts"
import { createSteps } from "./_steps.ts"
import { plantUnsigned } from "./unsigned.ts"

const hitsMin = 1_000
const passphrase = "demo passphrase, for this throw-away store only"

const task = {
  instruction: "Count how many words of a text are longer than a given number of letters",
  interface: "(:string, :int) -> :int"
}
const args = '["the quick brown fox jumps over" 3]'
const expected = "4"

/** What a generator would write; the demo's stands in a table. */
const prepared = [
  {
    instruction: task.instruction,
    source: `; words of a text that have more than n letters
(defn long-words [text :string n :int] :int
  (count (filter (fn [word] (> (count word) n)) (split text " "))))
`
  }
]

const runaway = {
  instruction: "Count down from a number until it is zero",
  source: "(defn countdown [n :int] :int (if (= n 0) 0 (countdown (- n 1))))",
  interface: "(:int) -> :int"
}

interface HitFigures {
  readonly count: number
  readonly p50Us: number
  readonly p99Us: number
  readonly p50UsWithEmbedding: number
  readonly p99UsWithEmbedding: number
}

const json = process.argv.includes("--json")
const { done: steps, step } = createSteps(json)

const short = (digest: string): string => digest.slice(0, 19)

function describe(answer: AnswerOf<"lookup">): string {
  return answer.kind === "hit"
    ? `Hit ${short(answer.digest)}, similarity ${answer.similarity.toFixed(4)}, ${answer.tier}`
    : `Miss ${answer.reason}: ${answer.why}`
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

/** Distinct spellings of the same words: another letter case is another text, but the same tokens for the model. */
function respell(words: string, variant: number): string {
  let bit = 0
  return words.replace(/[a-z]/gi, letter => ((variant >> (bit++ % 20)) & 1 ? letter.toUpperCase() : letter.toLowerCase()))
}

async function measureHits(engine: Engine): Promise<HitFigures> {
  const exact: number[] = []
  const embedded: number[] = []
  for (let at = 0; at < hitsMin; at++) {
    const start = performance.now()
    const answer = await engine.lookup({ request: task, args })
    exact.push((performance.now() - start) * 1_000)
    if (answer.kind !== "hit" || answer.outcome?.kind !== "returned" || answer.outcome.value !== expected)
      throw new Error(`hit ${at}: ${describe(answer)}`)
  }
  for (let at = 0; at < hitsMin; at++) {
    const request = { ...task, instruction: respell(task.instruction, at + 1) }
    const start = performance.now()
    const answer = await engine.lookup({ request, args })
    embedded.push((performance.now() - start) * 1_000)
    if (answer.kind !== "hit" || answer.tier !== "similar" || answer.outcome?.kind !== "returned" || answer.outcome.value !== expected)
      throw new Error(`hit with embedding ${at}: ${describe(answer)}`)
  }
  const [a, b] = [exact, embedded].map(times => times.toSorted((x, y) => x - y))
  const round = (us: number): number => Math.round(us)
  return {
    count: exact.length + embedded.length,
    p50Us: round(percentile(a!, 0.5)),
    p99Us: round(percentile(a!, 0.99)),
    p50UsWithEmbedding: round(percentile(b!, 0.5)),
    p99UsWithEmbedding: round(percentile(b!, 0.99))
  }
}

async function demoCache(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "l4-demo-"))
  const place = { store: join(folder, "store"), home: join(folder, "home") }
  const open = (): Promise<Engine> => openEngine({ ...place, launch: forkLaunch, generator: preparedGenerator(prepared) })
  let engine: Engine | null = null
  let made: { digest: string; mapping: string } = { digest: "", mapping: "" }
  let hit: HitFigures | null = null
  try {
    await step("init", async () => {
      const { root, preset } = await initStore({ ...place, passphrase, owner: "demo" })
      engine = await open()
      await engine.unlock({ passphrase })
      return { ok: root.version === 1, say: `five keys under one passphrase, root version 1, policy ${preset}` }
    })
    if (engine === null) return false
    const live: Engine = engine
    await step("library", async () => {
      const { published, failed } = await publishStartingLibrary(live)
      return {
        ok: published >= 24 && failed.length === 0,
        say: `${published} modules compiled, tested, signed and signed off; no person reviewed them`
      }
    })
    await step("miss", async () => {
      const answer = await live.lookup({ request: task, args })
      return { ok: answer.kind === "miss", say: describe(answer) }
    })
    await step("generate", async () => {
      const answer = await live.delegate({ request: { ...task, examples: [{ args, result: expected, origin: "caller" }] }, args })
      made = { digest: answer.digest ?? "", mapping: answer.mapping ?? "" }
      return {
        ok: answer.answeredBy === "generator" && answer.verdict === "pending",
        say: `${answer.answeredBy} wrote it, ${short(made.digest)} is ${answer.verdict}`
      }
    })
    await step("pending", async () => {
      const answer = await live.lookup({ request: task, args })
      return { ok: answer.kind === "miss" && answer.reason === "untrusted", say: describe(answer) }
    })
    await step("sign-off", async () => {
      const { verdict } = await live.signOff({
        digest: made.digest,
        mapping: made.mapping,
        signOff: { decision: "approve", note: "read the source and its examples" }
      })
      return {
        ok: verdict.state === "trusted",
        say: `${verdict.state}: ${verdict.rules.filter(rule => rule.outcome === "pass").length} rules pass, none fails`
      }
    })
    await step("hit", async () => {
      const answer = await live.lookup({ request: task, args })
      const value = answer.kind === "hit" && answer.outcome?.kind === "returned" ? answer.outcome.value : null
      return { ok: value === expected, say: `${describe(answer)}, ran to ${value}` }
    })
    await step("tampered", async () => {
      const path = join(place.store, "oci", "blobs", "sha256", hexOf(made.digest as never))
      const bytes = readFileSync(path)
      const changed = Buffer.from(bytes)
      changed[changed.length >> 1]! ^= 1
      chmodSync(path, 0o644)
      writeFileSync(path, changed)
      const answer = await live.lookup({ request: task, args })
      writeFileSync(path, bytes)
      chmodSync(path, 0o444)
      const after = await live.lookup({ request: task, args })
      return {
        ok: answer.kind === "miss" && answer.reason === "damaged" && after.kind === "hit",
        say: `${describe(answer)}; put back: ${after.kind}`
      }
    })
    await step("unsigned", async () => {
      await live.close()
      const planted = await plantUnsigned(place.store)
      engine = await open()
      await engine.unlock({ passphrase })
      const answer = await engine.lookup({ request: planted, args: '["x"]' })
      return { ok: answer.kind === "miss" && answer.reason === "untrusted", say: describe(answer) }
    })
    await step("runaway", async () => {
      const published = await engine!.publish({
        request: { instruction: runaway.instruction },
        source: runaway.source,
        examples: [{ args: "[3]", result: "0" }]
      })
      if (published.kind !== "published") return { ok: false, say: published.kind }
      await engine!.signOff({ digest: published.digest, signOff: { decision: "approve", note: "fine for numbers that are not negative" } })
      const stopped = await engine!.run({ digest: published.digest, args: "[-1]" })
      const next = await engine!.run({ digest: published.digest, args: "[5]" })
      const ok = (stopped.outcome.kind === "out-of-fuel" || stopped.outcome.kind === "timed-out") && next.outcome.kind === "returned"
      return { ok, say: `${stopped.outcome.kind}; the next run ${next.outcome.kind}` }
    })
    if (steps.every(({ ok }) => ok)) hit = await measureHits(engine)
  } finally {
    await (engine as Engine | null)?.close()
    rmSync(folder, { recursive: true, force: true })
  }
  if (json) process.stdout.write(`${JSON.stringify({ steps, hit })}\n`)
  else if (hit !== null) {
    process.stdout.write(
      `${hit.count} hits, each verified and run: p50 ${hit.p50Us} µs, p99 ${hit.p99Us} µs by exact text; p50 ${hit.p50UsWithEmbedding} µs, p99 ${hit.p99UsWithEmbedding} µs with embedding\n`
    )
  }
  return hit !== null
}

const demo = process.argv.includes("delegate") ? (await import("./demo-delegate.ts")).demoDelegate : demoCache
process.exitCode = (await demo(json)) ? 0 : 1
