/** The child of `crash.ts`: works on a store until it is killed, and says what was acknowledged, a line each, only once it was. */
import fs from "node:fs"
import { forkLaunch, openEngine } from "../../electron/engine/index.ts"

/** Words and Source of a Module that no other round makes. */
function wordsOf(round: number, number: number): { readonly words: string; readonly source: string; readonly result: string } {
  const added = round * 1_000 + number
  return { words: `add ${added} to a number`, source: `(defn add${added} [n :int] :int (+ n ${added}))`, result: String(added + 1) }
}

if (process.argv[1]?.endsWith("crash-child.ts"))
  await work(process.argv[2] as string, process.argv[3] as string, Number(process.argv[4]), Number(process.argv[5]))

async function work(store: string, home: string, round: number, killAt: number): Promise<void> {
  const engine = await openEngine({ store, home, launch: forkLaunch, program: "crash child" })
  say("open")
  if (killAt > 0) dieAt(killAt)
  for (let number = 1; ; number++) {
    const { words, source, result } = wordsOf(round, number)
    const request = { instruction: words, interface: "(int) -> int" }
    const answer = await engine.publish({ request, source, examples: [{ args: "[1]", result }] })
    if (answer.kind !== "published") throw new Error(`not published: ${JSON.stringify(answer)}`)
    say(`published ${answer.mapping}`)
    await engine.signOff({ digest: answer.mapping, signOff: { decision: "approve", note: "crash" } })
    say(`signed-off ${answer.mapping}`)
    await engine.lookup({ request, args: "[1]" })
    if (number % 4 !== 0) continue
    await engine.revoke({ what: answer.mapping, reason: "wrong" })
    say(`revoked ${answer.mapping}`)
  }
}

/** Synchronous, so that nothing is said later than it is true. */
function say(line: string): void {
  fs.writeFileSync(1, `${line}\n`)
}

/** Kills this process before the n-th file operation that changes or syncs something: an instant between two steps. */
function dieAt(operation: number): void {
  let left = operation
  const names = ["writeSync", "fsyncSync", "renameSync", "linkSync", "ftruncateSync", "fdatasync", "appendFileSync", "rmSync"] as const
  for (const name of names) {
    const original = fs[name] as (...params: unknown[]) => unknown
    Object.assign(fs, {
      [name]: (...params: unknown[]) => {
        if (--left === 0) process.kill(process.pid, "SIGKILL")
        return original(...params)
      }
    })
  }
}
