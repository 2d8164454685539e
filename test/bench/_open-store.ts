/** Opens a whole store in a process of its own, says how long that took and what memory it holds, and asks for Hits through the verb; a child of `lookup.ts`. */
import { readFileSync } from "node:fs"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { forkLaunch, openEngine } from "../../electron/engine/index.ts"
import type { LibraryTask } from "./_lookup-data.ts"
import { quantile, timed } from "./_rows.ts"

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void

const [store, home, tasksFile, asked] = process.argv.slice(2) as [string, string, string, string]
const tasks = JSON.parse(readFileSync(tasksFile, "utf8")) as readonly LibraryTask[]
collect()
const before = process.memoryUsage.rss()
const start = performance.now()
const cpu = process.cpuUsage()
const engine = await openEngine({ store, home, launch: forkLaunch, snapshotsFrom: 500 })
const openMs = performance.now() - start
const { user, system } = process.cpuUsage(cpu)
collect()
const bytes = process.memoryUsage.rss() - before
let waitedMs = 0
const one = async ({ text, type }: LibraryTask) => {
  for (;;) {
    const answer = await engine.lookup({ request: { instruction: text, interface: type } })
    if (answer.kind === "hit") return
    if (answer.reason !== "index-rebuilding") throw new Error(`the library's own Task is a miss: ${answer.reason}: ${answer.why}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}
const first = tasks[0]!
const waitStart = performance.now()
await one(first)
waitedMs = performance.now() - waitStart
const firsts = await timed(tasks.slice(1), one)
const questions = Array.from({ length: Number(asked) }, (_, at) => tasks[at % tasks.length]!)
const times = await timed(questions, one)
const closeStart = performance.now()
await engine.close()
process.stdout.write(
  JSON.stringify({
    openMs,
    processorMs: (user + system) / 1_000,
    bytes,
    waitedMs,
    closeMs: performance.now() - closeStart,
    firstP50: quantile(firsts, 0.5),
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99)
  })
)
