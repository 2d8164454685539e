/**
 * `npm run crash -- [--kills N] [--seed S] [--json]`: a child publishes, signs off, looks up and revokes, and is killed at random instants and between
 * chosen file operations; every other time a power loss is played on what it left. After each the store must open, hold everything that was
 * acknowledged, and end in a clean audit. Prints the counts; fails where one that must be 0 is not.
 */
import { spawn } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { forkLaunch, initStore, openEngine } from "../../electron/engine/index.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { randomOf } from "../engine/vectors.ts"

const childFile = fileURLToPath(new URL("./crash-child.ts", import.meta.url))
/** Kills between two full audits; the last one is always audited. */
const auditEvery = 20
/** File operations a child makes in its first publishes: a kill point is drawn from them. */
const operationsMax = 160

interface Counts {
  kills: number
  powerLosses: number
  acknowledged: number
  lostAcknowledged: number
  dangling: number
  openFailures: number
  auditFindings: number
}

/** What a child said before it died. A sign-off or revocation counts for its Mapping. */
interface Said {
  readonly published: Map<string, "pending" | "trusted" | "untrusted">
}

const counts: Counts = { kills: 0, powerLosses: 0, acknowledged: 0, lostAcknowledged: 0, dangling: 0, openFailures: 0, auditFindings: 0 }
const json = process.argv.includes("--json")
const random = randomOf(Number(option("seed") ?? 1))
const kills = Number(option("kills") ?? 200)
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "l4 crash "))
const places = { store: path.join(folder, "store"), home: path.join(folder, "home") }
const all: Said = { published: new Map() }

try {
  await initStore({ ...places, owner: "crash" })
  for (let kill = 1; kill <= kills; kill++) await round(kill)
  const lost = counts.lostAcknowledged + counts.dangling + counts.openFailures + counts.auditFindings
  process.stdout.write(json ? `${JSON.stringify(counts)}\n` : `${summary()}\n`)
  process.exitCode = lost === 0 ? 0 : 1
} finally {
  fs.rmSync(folder, { recursive: true, force: true })
}

async function round(kill: number): Promise<void> {
  const said = await runChild(kill)
  counts.kills++
  for (const [mapping, state] of said.published) all.published.set(mapping, state)
  counts.acknowledged = all.published.size
  if (kill % 2 === 0) losePower()
  const lost = await check(said, kill % auditEvery === 0 || kill === kills)
  if (!json && (lost > 0 || kill % auditEvery === 0)) process.stderr.write(`${kill}: ${summary()}\n`)
}

/** Half of the children are killed from outside after a random while, half kill themselves at a drawn file operation. */
async function runChild(kill: number): Promise<Said> {
  const inside = random() < 0.5
  const at = inside ? Math.floor(random() * operationsMax) : 0
  const child = spawn(process.execPath, [childFile, places.store, places.home, String(kill), String(at)], {
    stdio: ["ignore", "pipe", "ignore"]
  })
  const said: Said = { published: new Map() }
  let text = ""
  let timer: NodeJS.Timeout | null = null
  child.stdout.on("data", data => {
    text += String(data)
    if (!inside) timer ??= setTimeout(() => child.kill("SIGKILL"), random() * 700)
  })
  await new Promise(resolve => child.once("close", resolve))
  if (timer !== null) clearTimeout(timer)
  // A line that was cut is a word that was not said.
  for (const line of text.split("\n").slice(0, -1)) {
    const [what, mapping] = line.split(" ")
    if (what === "published" && mapping !== undefined) said.published.set(mapping, "pending")
    if (what === "signed-off" && mapping !== undefined) said.published.set(mapping, "trusted")
    if (what === "revoked" && mapping !== undefined) said.published.set(mapping, "untrusted")
  }
  return said
}

/** Nothing acknowledged is touched: a tail that never was, a manifest of zero length, derived files cut anywhere. */
function losePower(): void {
  counts.powerLosses++
  const segments = fs.readdirSync(path.join(places.store, "ledger")).sort()
  const newest = path.join(places.store, "ledger", segments.at(-1) as string)
  const tail = Buffer.alloc(Math.floor(random() * 4_096), random() < 0.5 ? 0 : 0x5a)
  if (tail.length >= 8) tail.writeUInt32LE(Math.floor(random() * 10_000), 0)
  fs.appendFileSync(newest, tail)
  const versions = path.join(places.store, "lance", "rtfs_modules.lance", "_versions")
  const manifests = fs.existsSync(versions) ? fs.readdirSync(versions).map(name => path.join(versions, name)) : []
  const latest = manifests.sort((left, right) => fs.statSync(right).mtimeMs - fs.statSync(left).mtimeMs)[0]
  if (latest !== undefined && random() < 0.5) fs.truncateSync(latest, 0)
  for (const name of ["hot/hot.f32", "hot/hot.snap"]) {
    const file = path.join(places.store, name)
    if (fs.existsSync(file) && random() < 0.3) fs.truncateSync(file, Math.floor(random() * fs.statSync(file).size))
  }
}

async function check(said: Said, whole: boolean): Promise<number> {
  let lost = 0
  try {
    const engine = await openEngine({ ...places, launch: forkLaunch, program: "crash check" })
    try {
      for (const [mapping, state] of whole ? all.published : said.published) {
        const verdict = await engine.verify({ digest: mapping }).catch((failure: unknown) => failure)
        if (verdict instanceof EngineFailure) lost++
        else if ((verdict as { state: string }).state !== state) {
          if (
            (verdict as { rules: { rule: string; outcome: string }[] }).rules.some(
              ({ rule, outcome }) => rule === "blob-intact" && outcome === "fail"
            )
          )
            counts.dangling++
          // A sign-off or revocation may be durable though its acknowledgement was never heard.
          else if (!(state === "pending" || (state === "trusted" && (verdict as { state: string }).state === "untrusted"))) lost++
        }
      }
      if (whole) {
        const { findings } = await engine.audit({})
        const left = findings.filter(finding => !finding.repaired && finding.code !== "not-revoked")
        counts.auditFindings += left.length
        for (const finding of left.slice(0, 5)) process.stderr.write(`${finding.code} ${finding.subject}: ${finding.message}\n`)
      }
      // A Hit, or that it was revoked: never damage.
      const [last] = [...said.published].slice(-1)
      if (last !== undefined) {
        const shown = await engine.show({ digest: last[0] })
        const answer = await engine.lookup({
          request: { instruction: shown.mappings[0]!.mapping.task.text, interface: "(int) -> int" },
          args: "[1]"
        })
        if (answer.kind === "miss" && answer.reason !== "untrusted") counts.dangling++
      }
    } finally {
      await engine.close()
    }
  } catch (failure) {
    counts.openFailures++
    process.stderr.write(`${failure instanceof Error ? failure.stack : String(failure)}\n`)
  }
  counts.lostAcknowledged += lost
  return lost
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
