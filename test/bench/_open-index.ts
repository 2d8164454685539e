/** Opens a hot index from its snapshot in a process of its own and says how long that took and what memory it holds; a child of `lookup.ts`. */
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { openHotIndex } from "../../electron/engine/adapters/hot-index.ts"
import { createMemoryLedger } from "../../electron/engine/adapters/memory.ts"
import type { EmbeddingModel } from "../../shared/module.ts"

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void

const [directory, model, size, lastEntry] = process.argv.slice(2) as [string, string, string, string]
const ledger = {
  ...createMemoryLedger(),
  size: Number(size),
  head: "",
  entryBytes: () => new Uint8Array(Buffer.from(lastEntry, "base64"))
}
collect()
const before = process.memoryUsage.rss()
const start = performance.now()
const cpu = process.cpuUsage()
const index = openHotIndex({ directory, behind: null, ledger, model: JSON.parse(model) as EmbeddingModel, seed: 1, readOnly: true })
const openMs = performance.now() - start
const { user, system } = process.cpuUsage(cpu)
collect()
const after = process.memoryUsage.rss()
process.stdout.write(
  JSON.stringify({
    openMs,
    processorMs: (user + system) / 1_000,
    bytes: after - before,
    ready: index.state === "ready" && index.appliedSequence === Number(size) - 1
  })
)
