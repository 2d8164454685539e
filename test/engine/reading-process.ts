/** A process of its own that has a store open for reading and answers what its parent asks: `status`, or a Request to look up. */
import { forkLaunch, openEngine } from "../../electron/engine/index.ts"

const [store, home] = process.argv.slice(2) as [string, string]
const engine = await openEngine({ store, home, launch: forkLaunch, readOnly: true })

process.on("message", async question => {
  process.send?.(question === "status" ? await engine.status({}) : await engine.lookup({ request: question as { instruction: string } }))
})
process.on("disconnect", () => process.exit(0))
process.send?.("open")
