/**
 * `npm run crash -- [--kills N] [--seed S] [--json]`, or `--flips N` for byte flips in each kind of file (`test/engine/flip.test.ts`, as often): a child works on a store and is killed, every other time from outside after a random while, else
 * between two chosen operations on files, one after the other; now and then its disk is full for a while. After every other kill a power loss is
 * played: what was never synced is dropped, the Ledger gets a torn tail, the newest manifest of LanceDB is zeroed, derived files are cut. Then the
 * store must open, hold everything that was acknowledged, and end in a clean audit. Prints the counts; fails where one that must be 0 is not.
 */
import { spawn, spawnSync } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import type { Engine } from "../../electron/engine/index.ts"
import { forkLaunch, initStore, openEngine } from "../../electron/engine/index.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { randomOf } from "../engine/vectors.ts"
import { forgetJournal, losePower } from "./unsynced.ts"

const childFile = fileURLToPath(new URL("./crash-child.ts", import.meta.url))
/** Kills between two looks at everything that was ever acknowledged. */
const wholeEvery = 20
/** File operations of a child's opening and first cycles: kill points are these, one after the other. */
const operationsMax = 260
/** An entry of the hit log is synced when the next comes a second later, milliseconds; with some for what lies between entry and answer. */
const logSyncMs = 1_300

const counts = {
  kills: 0,
  powerLosses: 0,
  acknowledged: 0,
  lostAcknowledged: 0,
  dangling: 0,
  openFailures: 0,
  auditFindings: 0,
  /** Operations that a power loss took back, times the disk was full, acknowledged Hits, and those the log lost beyond what it may. */
  takenBack: 0,
  diskFull: 0,
  hits: 0,
  lostHits: 0
}

type State = "pending" | "trusted" | "untrusted" | "evicted" | "any"

interface Said {
  /** What was last acknowledged of each Mapping. */
  readonly states: Map<string, State>
  readonly hitsMs: number[]
  readonly diedMs: number
}

const json = process.argv.includes("--json")
const random = randomOf(Number(option("seed") ?? 1))
const kills = Number(option("kills") ?? 200)
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "l4 crash "))
const places = { store: path.join(folder, "store"), home: path.join(folder, "home") }
const journal = path.join(folder, "journal")
const all = new Map<string, State>()
let hitsBefore = 0

const flips = option("flips")
/** Ctrl-C ends after the round under way, with the counts so far. */
let stopped = false
process.once("SIGINT", () => {
  stopped = true
})
try {
  if (flips !== undefined) process.exit(runFlips(Number(flips)))
  await initStore({ ...places, owner: "crash" })
  for (let kill = 1; kill <= kills && !stopped; kill++) await round(kill)
  const lost = counts.lostAcknowledged + counts.dangling + counts.openFailures + counts.auditFindings + counts.lostHits
  process.stdout.write(json ? `${JSON.stringify(counts)}\n` : `${summary()}\n`)
  process.exitCode = lost === 0 ? 0 : 1
} finally {
  fs.rmSync(folder, { recursive: true, force: true })
}

function runFlips(times: number): number {
  const files = ["test/engine/flip.test.ts", "test/engine/adapters/flips.test.ts"]
  const vitest = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url))
  const root = fileURLToPath(new URL("../..", import.meta.url))
  const environment = { ...process.env, L4_FLIPS: String(times), L4_SEED: option("seed") ?? "1" }
  const { status } = spawnSync(process.execPath, [vitest, "run", "--project", "node", "--testTimeout", "7200000", ...files], {
    cwd: root,
    env: environment,
    stdio: "inherit"
  })
  return status ?? 1
}

async function round(kill: number): Promise<void> {
  forgetJournal(journal)
  const said = await runChild(kill)
  counts.kills++
  for (const [mapping, state] of said.states) all.set(mapping, state)
  counts.acknowledged = all.size
  counts.hits += said.hitsMs.length
  const powerLoss = Math.floor((kill - 1) / 2) % 2 === 1
  if (powerLoss) cutPower()
  const before = { ...counts }
  await check(said, powerLoss, kill % wholeEvery === 0 || kill === kills)
  const worse = (["lostAcknowledged", "dangling", "openFailures", "auditFindings", "lostHits"] as const).filter(
    name => counts[name] > before[name]
  )
  if (worse.length > 0) process.stderr.write(`kill ${kill}${powerLoss ? " with power loss" : ""}: ${worse.join(", ")}\n`)
  if (!json && kill % wholeEvery === 0) process.stderr.write(`${kill}: ${summary()}\n`)
}

/** Odd ones kill themselves at an operation, spread over all of them; even ones are killed from outside, soon after opening or at work. */
async function runChild(kill: number): Promise<Said> {
  const inside = kill % 2 === 1
  const at = inside ? Math.floor((Math.floor(kill / 2) * Math.max(1, operationsMax / Math.ceil(kills / 2))) % operationsMax) + 1 : 0
  const waitsFor = random() < 0.3 ? "open" : "published"
  const full = !inside && random() < 0.3 ? Math.floor(random() * operationsMax) + 1 : 0
  const child = spawn(process.execPath, [childFile, places.store, places.home, journal, String(kill), String(at), String(full)], {
    stdio: ["ignore", "pipe", "pipe"]
  })
  const states = new Map<string, State>()
  const hitsMs: number[] = []
  let text = ""
  let errors = ""
  let timer: NodeJS.Timeout | null = null
  child.stderr.on("data", data => {
    errors += String(data)
  })
  child.stdout.on("data", data => {
    text += String(data)
    if (!inside && text.includes(waitsFor)) timer ??= setTimeout(() => child.kill("SIGKILL"), random() * 2_500)
  })
  const ended = await new Promise<{ code: number | null; signal: string | null }>(resolve =>
    // Everything it said; but not for ever, for processes it started may hold the pipe.
    child.once("exit", (code, signal) => {
      child.stdout.once("end", () => resolve({ code, signal }))
      setTimeout(() => resolve({ code, signal }), 10_000)
    })
  )
  const diedMs = Date.now()
  if (timer !== null) clearTimeout(timer)
  // A child that ended by itself found something wrong.
  if (ended.signal === null && ended.code !== 3 && !(full > 0 && !text.includes("open"))) {
    counts.auditFindings++
    process.stderr.write(`the child of kill ${kill} ended with ${ended.code}: ${errors}\n`)
  }
  // A line that was cut is a word that was not said.
  for (const line of text.split("\n").slice(0, -1)) {
    const [what, subject = ""] = line.split(" ")
    if (what === "published") states.set(subject, "pending")
    if (what === "signed-off" || what === "imported") states.set(subject, "trusted")
    if (what === "revoked") states.set(subject, "untrusted")
    if (what === "evicting") states.set(subject, "any")
    if (what === "evicted") states.set(subject, "evicted")
    if (what === "hit") hitsMs.push(Number(subject))
    if (what === "full") counts.diskFull++
  }
  return { states, hitsMs, diedMs }
}

/** Nothing that was synced is touched, but for derived files: those may be cut anywhere. */
function cutPower(): void {
  counts.powerLosses++
  counts.takenBack += losePower(places.store, journal, random)
  if (random() < 0.5) tearTail()
  const lance = path.join(places.store, "lance", "rtfs_modules.lance")
  const newest = newestBelow(path.join(lance, "_versions"))
  if (newest !== null && random() < 0.5) fs.truncateSync(newest, 0)
  const data = newestBelow(path.join(lance, "data"))
  if (data !== null && random() < 0.2) cut(data)
  for (const name of fs.existsSync(path.join(places.store, "hot")) ? fs.readdirSync(path.join(places.store, "hot")) : [])
    if (random() < 0.3) cut(path.join(places.store, "hot", name))
}

/** Bytes of an append that never came to its sync. */
function tearTail(): void {
  const ledger = path.join(places.store, "ledger")
  const tail = Buffer.alloc(Math.floor(random() * 4_096), random() < 0.5 ? 0 : 0x5a)
  if (tail.length >= 8) tail.writeUInt32LE(Math.floor(random() * 10_000), 0)
  fs.appendFileSync(path.join(ledger, fs.readdirSync(ledger).sort().at(-1) as string), tail)
}

function cut(file: string): void {
  fs.truncateSync(file, Math.floor(random() * fs.statSync(file).size))
}

function newestBelow(directory: string): string | null {
  if (!fs.existsSync(directory)) return null
  const files = fs.readdirSync(directory).map(name => path.join(directory, name))
  return files.sort((left, right) => fs.statSync(right).mtimeMs - fs.statSync(left).mtimeMs)[0] ?? null
}

async function check(said: Said, powerLoss: boolean, whole: boolean): Promise<void> {
  try {
    const engine = await openEngine({ ...places, launch: forkLaunch, program: "crash check" })
    try {
      for (const [mapping, state] of whole ? all : said.states) await checkMapping(engine, mapping, state)
      const { findings } = await engine.audit({})
      const left = findings.filter(finding => !finding.repaired && finding.harmless !== true && finding.code !== "not-revoked")
      counts.auditFindings += left.length
      for (const finding of left.slice(0, 5)) process.stderr.write(`${finding.code} ${finding.subject}: ${finding.message}\n`)
      await checkHits(engine, said, powerLoss)
      // A Hit, or that it was revoked: never damage.
      const last = [...said.states].findLast(([, state]) => state !== "evicted" && state !== "any")
      if (last !== undefined) await checkLookup(engine, last[0])
      hitsBefore = (await engine.usage({})).lookups.hits
    } finally {
      await engine.close()
    }
  } catch (failure) {
    counts.openFailures++
    process.stderr.write(`${failure instanceof Error ? failure.stack : String(failure)}\n`)
  }
}

async function checkMapping(engine: Engine, mapping: string, state: State): Promise<void> {
  if (state === "any") return
  const verdict = await engine.verify({ digest: mapping }).catch((failure: unknown) => failure)
  if (verdict instanceof EngineFailure) {
    if (state !== "evicted") lose(mapping, `${state}, found ${verdict.message}`)
    return
  }
  const found = verdict as Awaited<ReturnType<Engine["verify"]>>
  if (found.rules.some(({ rule, outcome }) => rule === "blob-intact" && outcome === "fail")) counts.dangling++
  // What followed may be durable though its acknowledgement was never heard: a sign-off, a revocation, an import after an eviction.
  const order: readonly State[] = state === "evicted" ? ["trusted", "pending"] : ["pending", "trusted", "untrusted"]
  if (!order.includes(found.state) || order.indexOf(found.state) < order.indexOf(state)) lose(mapping, `${state}, found ${found.state}`)
}

function lose(mapping: string, why: string): void {
  counts.lostAcknowledged++
  process.stderr.write(`${mapping}: expected ${why}\n`)
}

/** A kill loses no entry; a power loss the last second of them. */
async function checkHits(engine: Engine, said: Said, powerLoss: boolean): Promise<void> {
  const last = Math.max(...said.hitsMs)
  const kept = said.hitsMs.filter(atMs => !powerLoss || last - atMs > logSyncMs).length
  const counted = (await engine.usage({})).lookups.hits
  const lost = hitsBefore + kept - counted
  if (lost > 0) counts.lostHits += lost
}

async function checkLookup(engine: Engine, mapping: string): Promise<void> {
  const shown = await engine.show({ digest: mapping })
  const instruction = shown.mappings.find(one => one.digest === mapping)?.mapping.task.text ?? ""
  const answer = await engine.lookup({ request: { instruction, interface: "(int) -> int" }, args: "[1]" })
  const added = Number(/[0-9]+/.exec(instruction)?.[0])
  if (
    answer.kind === "miss"
      ? answer.reason !== "untrusted"
      : answer.outcome?.kind !== "returned" || answer.outcome.value !== String(added + 1)
  )
    counts.dangling++
}

function summary(): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(" · ")
}

function option(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? undefined : process.argv[at + 1]
}
