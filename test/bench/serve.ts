/**
 * The server door under load, beside a plain echo server in the same run: Lookups a second at 1, 16 and 64 connections over a store of many
 * Mappings, memory over a soak, and what a kill under load loses. `--modules N` (default 100000), `--seconds N` a measurement (8), `--soak N` (60).
 */
import type { ChildProcess } from "node:child_process"
import { spawn } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import autocannon from "autocannon"
import { openClient } from "../../electron/serve/client.ts"
import { openTokenFile } from "../../electron/serve/tokens.ts"
import { randomOf } from "../engine/vectors.ts"
import { type LibraryTask, makeData, makeStore, writeLedger } from "./_lookup-data.ts"
import type { BenchRow } from "./bench.ts"

const l4 = fileURLToPath(new URL("../../electron/cli/l4.mjs", import.meta.url))
const echo = fileURLToPath(new URL("./_echo.ts", import.meta.url))
const connections = [1, 16, 64]
const publishing = 8
const killedAfterMs = 3_000

interface Places {
  readonly store: string
  readonly home: string
}

export async function rows(options: ReadonlyMap<string, string>): Promise<readonly BenchRow[]> {
  const modules = whole(options, "modules", 100_000, 300, 1_000_000)
  const seconds = whole(options, "seconds", 8, 1, 600)
  const soak = whole(options, "soak", 60, 1, 86_400)
  const folder = fs.mkdtempSync(path.join(options.get("folder") ?? os.tmpdir(), "l4-serve-"))
  const places = { store: path.join(folder, "store"), home: path.join(folder, "home") }
  const children: ChildProcess[] = []
  try {
    const tasks = await makeStore(places)
    const ledger = await writeLedger(path.join(places.store, "ledger"), makeData(modules - tasks.length, randomOf(7)))
    await ledger.close()
    const { secret } = openTokenFile(places.home, Date.now).create({
      name: "bench",
      scopes: ["read", "lookup", "run", "publish", "metrics"],
      expiresMs: null
    })
    const plain = await started([echo], children)
    const door = await serve(places, children)
    await warm(door, secret, tasks)
    const found: BenchRow[] = []
    for (const count of connections) found.push(await load(count, seconds, door, plain, secret, tasks, modules))
    found.push(await soaked(soak, door, secret, tasks))
    for (const child of children.splice(0)) await ended(child, "SIGTERM")
    found.push(await killed(places, secret, children))
    return found
  } finally {
    for (const child of children) child.kill("SIGKILL")
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

function whole(options: ReadonlyMap<string, string>, name: string, usual: number, least: number, most: number): number {
  const value = Number(options.get(name) ?? usual)
  if (!Number.isInteger(value) || value < least || value > most) throw new Error(`expected --${name} between ${least} and ${most}`)
  return value
}

function serve({ store, home }: Places, children: ChildProcess[]): Promise<string> {
  return started([l4, "serve", "--store", store, "--home", home, "--rate", "0", "--json"], children)
}

/** Starts a program that prints where it listens as its first line. */
function started(words: readonly string[], children: ChildProcess[]): Promise<string> {
  const { PATH = "", HOME = "" } = process.env
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"], env: { PATH, HOME, L4_PASSPHRASE: "" } })
  children.push(child)
  return new Promise((resolve, reject) => {
    let output = ""
    let complaint = ""
    child.stdout.on("data", (bytes: Buffer) => {
      output += bytes.toString("utf8")
      const [line, ...rest] = output.split("\n")
      if (rest.length > 0) resolve((JSON.parse(line as string) as { url: string }).url)
    })
    // Each request is logged there: it is read, so that it does not fill up.
    child.stderr.on("data", (bytes: Buffer) => {
      complaint = (complaint + bytes.toString("utf8")).slice(-2_000)
    })
    child.once("exit", code => reject(new Error(`${words[0]} ended with ${code}: ${complaint}`)))
  })
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise(resolve => {
    child.once("exit", () => resolve())
    child.kill(signal)
  })
}

const bodyOf = ({ text, type }: LibraryTask) => JSON.stringify({ request: { instruction: text, interface: type } })

/** Each answer is looked at: a Lookup that is fast and wrong counts for nothing. */
async function warm(url: string, token: string, tasks: readonly LibraryTask[]): Promise<void> {
  const client = openClient({ url, token })
  for (const { text, type } of tasks) {
    let answer = await client.lookup({ request: { instruction: text, interface: type } })
    while (answer.kind === "miss" && answer.reason === "index-rebuilding") {
      await new Promise(resolve => setTimeout(resolve, 200))
      answer = await client.lookup({ request: { instruction: text, interface: type } })
    }
    if (answer.kind !== "hit") throw new Error(`expected a Hit for ${JSON.stringify(text)}, found ${answer.reason}: ${answer.why}`)
  }
}

async function cannon(url: string, count: number, seconds: number, token: string, bodies: readonly string[]) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" }
  const result = await autocannon({
    url,
    connections: count,
    duration: seconds,
    requests: bodies.map(body => ({ method: "POST" as const, headers, body }))
  })
  if (result.non2xx > 0 || result.errors > 0 || result.timeouts > 0)
    throw new Error(`${url}: ${result.non2xx} answers were no 2xx, ${result.errors} errors, ${result.timeouts} time-outs`)
  return result
}

async function load(
  count: number,
  seconds: number,
  door: string,
  plain: string,
  token: string,
  tasks: readonly LibraryTask[],
  modules: number
): Promise<BenchRow> {
  const bodies = tasks.map(bodyOf)
  const ours = await cannon(`${door}/v1/lookup`, count, seconds, token, bodies)
  const theirs = await cannon(plain, count, seconds, token, bodies)
  return {
    name: `${Math.round(ours.requests.average)} Lookups a second over ${count} connections, ${modules} Mappings`,
    n: ours.requests.total,
    p50: ours.latency.p50,
    p99: ours.latency.p99,
    unit: "ms",
    peers: { "plain echo, a second": theirs.requests.average, "plain echo": theirs.latency.p50, "plain echo p99": theirs.latency.p99 },
    ratio: ours.requests.average / theirs.requests.average,
    target: null,
    met: null
  }
}

/** Memory of the server while it is asked all the time: the last third beside the middle one. */
async function soaked(seconds: number, door: string, token: string, tasks: readonly LibraryTask[]): Promise<BenchRow> {
  const samples: number[] = []
  const timer = setInterval(
    () =>
      void residentBytes(door, token).then(
        bytes => samples.push(bytes),
        () => {}
      ),
    500
  )
  const result = await cannon(`${door}/v1/lookup`, 16, seconds, token, tasks.map(bodyOf))
  clearInterval(timer)
  const third = Math.floor(samples.length / 3)
  const [middle, last] = [median(samples.slice(third, 2 * third)), median(samples.slice(2 * third))]
  const mebibytes = last / 1_048_576
  return {
    name: `memory after a soak of ${seconds} s, ${result.requests.total} Lookups`,
    n: samples.length,
    p50: mebibytes,
    p99: Math.max(...samples) / 1_048_576,
    unit: "MiB",
    peers: { "middle third": middle / 1_048_576 },
    ratio: last / middle,
    target: "last third at most 1.1 times the middle one",
    met: last <= 1.1 * middle
  }
}

async function residentBytes(door: string, token: string): Promise<number> {
  const text = await (await fetch(`${door}/metrics`, { headers: { authorization: `Bearer ${token}` } })).text()
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1])
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1] ?? Number.NaN
}

/** Publishes under load, is killed, starts again: whatever was acknowledged must be there. */
async function killed(places: Places, token: string, children: ChildProcess[]): Promise<BenchRow> {
  const acknowledged: string[] = []
  const door = await serve(places, children)
  const client = openClient({ url: door, token })
  let stopped = false
  const publishers = Array.from({ length: publishing }, async (_, publisher) => {
    for (let number = 0; !stopped; number++) {
      const name = `add ${publisher * 1_000_000 + number} to a number`
      const answer = await client
        .publish({
          request: { instruction: name, interface: "(int) -> int" },
          source: `(defn plus [n :int] :int (+ n ${publisher * 1_000_000 + number}))`,
          examples: [{ args: "[0]", result: String(publisher * 1_000_000 + number) }]
        })
        .catch(() => null)
      if (answer?.kind === "published") acknowledged.push(answer.mapping)
    }
  })
  await new Promise(resolve => setTimeout(resolve, killedAfterMs))
  const [child] = children.splice(0)
  if (child !== undefined) await ended(child, "SIGKILL")
  stopped = true
  await Promise.all(publishers)
  const startMs = performance.now()
  const again = openClient({ url: await serve(places, children), token })
  const restartMs = performance.now() - startMs
  let lost = 0
  for (const mapping of acknowledged) if ((await again.show({ digest: mapping }).catch(() => null)) === null) lost++
  return {
    name: "acknowledged publishes lost by a kill under load",
    n: acknowledged.length,
    p50: lost,
    p99: lost,
    unit: "lost",
    peers: { "restart ms": restartMs },
    ratio: null,
    target: "0",
    met: lost === 0 && acknowledged.length > 0
  }
}
