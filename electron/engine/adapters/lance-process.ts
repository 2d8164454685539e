/** Entry of the index process: LanceDB's native code lives and may die here, away from what serves Hits. */
import type { LanceReply, LanceRequest } from "./lance-protocol.ts"
import { recycledExitCode } from "./lance-protocol.ts"
import type { LanceTable } from "./lance-table.ts"

/** Resident bytes beyond which an idle process ends, to be started anew. */
const residentBytesMax = 600 * 1024 * 1024

/** The parent: an Electron utility process has a parent port, a child process an IPC channel. */
interface Port {
  postMessage(message: unknown): void
  on(event: "message", listener: (event: { readonly data: unknown }) => void): void
}

const parent = (process as unknown as { readonly parentPort?: Port }).parentPort
let table: Promise<LanceTable> | null = null
let working = 0

const reply = (message: LanceReply) => {
  if (parent !== undefined) parent.postMessage(message)
  else if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}

if (parent !== undefined) parent.on("message", event => void answer(event.data as LanceRequest))
else {
  process.on("message", message => void answer(message as LanceRequest))
  process.on("disconnect", () => process.exit(0))
}

async function answer({ id, method, params }: LanceRequest): Promise<void> {
  working++
  try {
    table ??= loadTable()
    const call = (await table)[method] as (...given: readonly unknown[]) => Promise<unknown>
    reply({ id, answer: await call(...params) })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    reply({ id, failure: { code: "index-unavailable", message: `the index could not ${method}: ${message.split("\n")[0]}` } })
  }
  working--
  if (working === 0 && process.memoryUsage.rss() > residentBytesMax && !(await table)?.isBuilding()) process.exit(recycledExitCode)
}

/** Imported late: only a log level that stands before the import keeps LanceDB from warning on every query. */
async function loadTable(): Promise<LanceTable> {
  process.env.LANCEDB_LOG = "error"
  const { createLanceTable } = await import("./lance-table.ts")
  return createLanceTable()
}
