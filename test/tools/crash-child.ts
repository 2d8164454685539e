/**
 * The child of `crash.ts`: publishes, signs off, looks up, revokes, evicts, imports, sweeps and compacts on one store until it is killed, and says what
 * was acknowledged, a line each, only once it was. Everything it does to files below the store goes through `unsynced.ts`.
 */
import fs from "node:fs"
import path from "node:path"
import { EngineFailure } from "../../shared/failure.ts"
import { recordDisk } from "./unsynced.ts"

const [store, home, journal, roundText, killText, fullText] = process.argv.slice(2) as [string, string, string, string, string, string]
const round = Number(roundText)
/** Which operation is the last, and in which the disk is full; 0 for never. */
const killAt = Number(killText)
const fullAt = Number(fullText)
const fullFor = 40
const writing = new Set(["openSync", "writeSync", "appendFileSync", "copyFileSync"])

let operation = 0
let counting = false

recordDisk(path.resolve(store), path.resolve(journal), name => {
  if (!counting) return
  operation++
  if (operation === killAt) process.kill(process.pid, "SIGKILL")
  if (fullAt > 0 && operation >= fullAt && operation < fullAt + fullFor && writing.has(name))
    throw Object.assign(new Error("no space left"), { code: "ENOSPC" })
})
// The engine takes its functions of `fs` when it is loaded.
const { forkLaunch, openEngine } = await import("../../electron/engine/index.ts")

/** Words and Source of a Module that no other round makes. */
function draftOf(number: number) {
  const added = round * 1_000 + number
  return {
    request: { instruction: `add ${added} to a number`, interface: "(int) -> int" },
    source: `(defn add${added} [n :int] :int (+ n ${added}))`,
    examples: [{ args: "[1]", result: String(added + 1) }]
  }
}

counting = true
const engine = await openEngine({ store, home, launch: forkLaunch, program: "crash child" })
say("open")
for (let number = 1; ; number += 2) {
  try {
    // Two at once share a sync.
    await Promise.all([cycle(number), cycle(number + 1)])
    if (number % 3 === 0) await housework(number)
  } catch (failure) {
    if (!(failure instanceof EngineFailure)) throw failure
    if (failure.code === "disk-full" || failure.code === "log-unavailable") say(`full ${failure.code}`)
    // What lies on the disk is unknown then, until the store is opened again.
    else if (failure.code === "disk-failed" || failure.code === "store-read-only") process.exit(3)
    else throw failure
  }
}

async function cycle(number: number): Promise<void> {
  const draft = draftOf(number)
  const answer = await engine.publish(draft)
  if (answer.kind !== "published") throw new Error(`not published: ${JSON.stringify(answer)}`)
  const { mapping } = answer
  say(`published ${mapping}`)
  await engine.signOff({ digest: mapping, signOff: { decision: "approve", note: "crash" } })
  say(`signed-off ${mapping}`)
  const found = await engine.lookup({ request: draft.request })
  if (found.kind !== "hit") throw new Error(`not a hit: ${JSON.stringify(found)}`)
  if (found.mapping !== mapping) throw new Error(`a wrong hit: ${found.mapping}, expected ${mapping}`)
  say(`hit ${Date.now()}`)
  if (number % 4 === 0) {
    await engine.revoke({ what: mapping, reason: "wrong" })
    say(`revoked ${mapping}`)
  }
  // A revocation is final: an import brings nothing of it back.
  else if (number % 5 === 0) await carry(mapping, number)
}

/** Out of the store in a Bundle, evicted with its Blobs, and in again as a group of records. */
async function carry(mapping: string, number: number): Promise<void> {
  const target = `${journal} bundle ${round} ${number}`
  await engine.exportBundle({ digests: [mapping], target })
  say(`evicting ${mapping}`)
  await engine.evict({ digest: mapping, reason: "carried", blobs: true })
  say(`evicted ${mapping}`)
  const report = await engine.importBundle({ path: target })
  if (report.mappings.some(one => one.mapping === mapping && one.written)) say(`imported ${mapping}`)
  fs.rmSync(target, { recursive: true, force: true })
}

async function housework(number: number): Promise<void> {
  await engine.find({ words: `add ${number}` })
  await engine.gc({ olderThanHours: 0 })
  const { findings } = await engine.audit({})
  for (const finding of findings)
    if (!finding.repaired && finding.harmless !== true && finding.code !== "not-revoked")
      throw new Error(`${finding.code} ${finding.message}`)
}

/** Synchronous, so that nothing is said later than it is true. */
function say(line: string): void {
  fs.writeFileSync(1, `${line}\n`)
}
