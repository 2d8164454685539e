/** The child of `bundle-crash.test.ts`: takes a Bundle in and kills itself at a file operation it was told: `STORE HOME BUNDLE ROOT OPERATION`. */
import fs from "node:fs"
import { forkLaunch, openEngine } from "../../electron/engine/index.ts"

const [, , store, home, bundle, trustRoot, operation] = process.argv as unknown as [string, string, string, string, string, string, string]
const engine = await openEngine({ store, home, launch: forkLaunch, program: "import child" })
const count = dieAt(Number(operation))
await engine.importBundle({ path: bundle, trustRoot })
fs.writeFileSync(1, `done after ${count()}\n`)
await engine.close()

/** Kills this process before the n-th file operation that changes or syncs something: an instant between two steps. */
function dieAt(limit: number): () => number {
  let done = 0
  const names = ["writeSync", "fsyncSync", "renameSync", "linkSync", "ftruncateSync", "fdatasync", "fsync", "rmSync"] as const
  for (const name of names) {
    const original = fs[name] as (...params: unknown[]) => unknown
    Object.assign(fs, {
      [name]: (...params: unknown[]) => {
        if (++done === limit) process.kill(process.pid, "SIGKILL")
        return original(...params)
      }
    })
  }
  return () => done
}
