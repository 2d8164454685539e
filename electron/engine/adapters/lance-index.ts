/** The ModuleIndex over LanceDB in a process of its own: started at first use, kept up with the Ledger, started again when it dies. */
import fs from "node:fs"
import { EngineFailure, failureFromWire } from "../../../shared/failure.ts"
import { indexChangesOf } from "../core/published.ts"
import type { EngineProcess, Launch, Ledger, ModuleIndex } from "../ports.ts"
import type { LanceCalls, LanceMethod, LanceReply, LanceRequest, SequencedChange } from "./lance-protocol.ts"
import { recycledExitCode } from "./lance-protocol.ts"
import { liveRecords } from "./ledger-tailer.ts"

const batchRecordsMax = 200
const deathsMax = 3
const backOffMs = 100
const callMsMax = 60_000
const killMsMax = 5_000
/** A question LanceDB does not understand, or LanceDB that is not there: a new table would not help. */
const notMended = /invalid (user )?input|cannot find (module|package)|native binding|did not answer/i

export interface LanceIndexOptions {
  readonly launch: Launch
  readonly directory: string
  readonly quarantine: string
  readonly dimensions: number
  /** The truth the table is derived from. */
  readonly ledger: Ledger
  readonly onRepair?: (what: string) => void
  /** Reads what another process keeps up: nothing is made, mended or written, and the newest records may be missing. */
  readonly readOnly?: boolean
}

interface Line {
  readonly process: EngineProcess
  readonly waiting: Map<number, { readonly resolve: (answer: unknown) => void; readonly reject: (failure: unknown) => void }>
  dead: boolean
}

/** A call whose process died under it: the question may be asked again of the next one. */
class ProcessDied extends Error {}

export function openLanceIndex(options: LanceIndexOptions): ModuleIndex {
  const { ledger } = options
  let line: Promise<Line> | null = null
  let applied = -1
  let pumping: Promise<void> | null = null
  let deaths = 0
  let nextId = 1
  let closed = false
  /** Once in a process: a table that cannot be read is dropped and made again; one that still cannot be read stays off. */
  let remade = false

  return {
    get appliedSequence() {
      return applied
    },
    async follow() {
      await connected()
      await caughtUp()
    },
    byText: (...params) => ask("byText", ...params),
    nearest: (...params) => ask("nearest", ...params),
    search: (...params) => ask("search", ...params),
    byMapping: (...params) => ask("byMapping", ...params),
    byModule: (...params) => ask("byModule", ...params),
    page: (...params) => ask("page", ...params),
    withPrefix: (...params) => ask("withPrefix", ...params),
    noteVerdicts: (...params) => ask("noteVerdicts", ...params),
    noteUsage: (...params) => ask("noteUsage", ...params),
    usageRows: () => ask("usageRows"),
    maintain: (...params) => ask("maintain", ...params),
    async rebuild() {
      if (options.readOnly === true) throw new EngineFailure("store-read-only", "the tables are another process's: nothing is rebuilt here")
      await pumping?.catch(() => undefined)
      await remake()
      await caughtUp()
    },
    async close() {
      closed = true
      const current = await line?.catch(() => null)
      if (current === null || current === undefined || current.dead) return
      await pumping?.catch(() => undefined)
      await call(current, "close").catch(() => undefined)
      current.dead = true
      current.process.kill()
    }
  }

  /** Ends the process, removes its folder and begins anew: nothing in it is not in the Ledger. */
  async function remake(): Promise<void> {
    const current = await line?.catch(() => null)
    line = null
    deaths = 0
    if (current !== null && current !== undefined && !current.dead) {
      const gone = new Promise<void>(resolve => current.process.onExit(() => resolve()))
      current.dead = true
      current.process.kill()
      for (const waiter of current.waiting.values()) waiter.reject(new ProcessDied("the index is made anew"))
      // Nothing of the old process may write into the new folder.
      await Promise.race([gone, new Promise(resolve => setTimeout(resolve, killMsMax))])
    }
    fs.rmSync(options.directory, { recursive: true, force: true, maxRetries: 3 })
    applied = -1
  }

  /** Whether the answer speaks of tables that cannot be read, so that a new table can help; a question LanceDB does not understand stays wrong. */
  async function mended(error: unknown): Promise<boolean> {
    const broken = error instanceof ProcessDied || (error instanceof EngineFailure && error.code === "index-unavailable")
    if (options.readOnly === true || remade || closed || !broken || notMended.test(error.message)) return false
    remade = true
    options.onRepair?.(`the index could not be read and is made anew from the ledger: ${error.message}`)
    await remake()
    return true
  }

  /** A question is asked again, once, of a new process; a write that died is caught up from the Ledger. */
  async function ask<M extends LanceMethod>(method: M, ...params: Parameters<LanceCalls[M]>): Promise<Awaited<ReturnType<LanceCalls[M]>>> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await call(await connected(), method, ...params)
      } catch (error) {
        if (error instanceof ProcessDied && attempt === 1) continue
        if (await mended(error)) continue
        throw error instanceof ProcessDied ? unavailable("the index process died twice under one question") : error
      }
    }
  }

  function connected(): Promise<Line> {
    if (closed) return Promise.reject(new EngineFailure("engine-stopped", "the index is closed"))
    if (deaths >= deathsMax)
      return Promise.reject(
        unavailable(`the index process died ${deaths} times in a row and stays off; everything it held is in the ledger`)
      )
    line ??= connect().catch(error => {
      line = null
      throw error instanceof ProcessDied ? unavailable("the index process died while it opened its tables") : error
    })
    return line
  }

  async function connect(): Promise<Line> {
    if (deaths > 0) await new Promise(resolve => setTimeout(resolve, backOffMs * 2 ** deaths))
    const made = start()
    try {
      return await openTables(made)
    } catch (error) {
      // A process whose tables do not open is of no use, and would keep its parent alive.
      made.dead = true
      made.process.kill()
      throw error
    }
  }

  async function openTables(made: Line): Promise<Line> {
    const opened = await call(made, "open", options.directory, options.dimensions, options.quarantine, options.readOnly === true)
    for (const what of opened.repaired) options.onRepair?.(what)
    applied = opened.applied
    if (options.readOnly === true) return made
    if (applied >= ledger.size) {
      // Rows of records this Ledger does not have: a table of another store, or of a Ledger put back.
      options.onRepair?.("the index was ahead of the ledger and is rebuilt from it")
      await call(made, "drop")
      applied = -1
    }
    await pump(made)
    return made
  }

  function start(): Line {
    const made: Line = { process: options.launch("lance"), waiting: new Map(), dead: false }
    made.process.onMessage(message => {
      const reply = message as LanceReply
      const waiter = made.waiting.get(reply.id)
      made.waiting.delete(reply.id)
      if ("failure" in reply) waiter?.reject(failureFromWire(reply.failure))
      else waiter?.resolve(reply.answer)
    })
    made.process.onExit(code => {
      if (made.dead) return
      made.dead = true
      line = null
      if (code !== recycledExitCode) deaths++
      for (const waiter of made.waiting.values()) waiter.reject(new ProcessDied(`the index process ended with ${code}`))
    })
    return made
  }

  function call<M extends LanceMethod>(
    to: Line,
    method: M,
    ...params: Parameters<LanceCalls[M]>
  ): Promise<Awaited<ReturnType<LanceCalls[M]>>> {
    if (to.dead) return Promise.reject(new ProcessDied("the index process is gone"))
    const id = nextId++
    return new Promise<Awaited<ReturnType<LanceCalls[M]>>>((resolve, reject) => {
      const timer = setTimeout(() => {
        to.waiting.delete(id)
        reject(unavailable(`the index did not answer ${method} within ${callMsMax} ms`))
      }, callMsMax)
      to.waiting.set(id, {
        resolve: answer => {
          clearTimeout(timer)
          deaths = 0
          resolve(answer as Awaited<ReturnType<LanceCalls[M]>>)
        },
        reject: failure => {
          clearTimeout(timer)
          reject(failure)
        }
      })
      to.process.postMessage({ id, method, params } satisfies LanceRequest)
    })
  }

  /** Resolves when every record that is in the Ledger now can be found. */
  async function caughtUp(): Promise<void> {
    if (options.readOnly === true) return
    for (let attempt = 1; ; attempt++) {
      try {
        const current = await connected()
        // A pump that began before this record was appended may end without it.
        await pumping
        pumping ??= pump(current).finally(() => {
          pumping = null
        })
        await pumping
        return
      } catch (error) {
        if (error instanceof ProcessDied && attempt === 1) continue
        if (await mended(error)) continue
        throw error instanceof ProcessDied ? unavailable("the index process died twice under one batch") : error
      }
    }
  }

  /** Reads the Ledger itself and holds no rows of its own, so a slow index costs lag, never memory. */
  async function pump(to: Line): Promise<void> {
    for (;;) {
      const changes: SequencedChange[] = []
      let seen = applied
      let records = 0
      for (const record of liveRecords(ledger, applied + 1)) {
        seen = record.entry.sequence
        for (const change of indexChangesOf(record)) changes.push({ sequence: seen, change })
        if (++records === batchRecordsMax) break
      }
      if (records === 0) return
      if (changes.length > 0) await call(to, "apply", changes)
      applied = seen
    }
  }
}

function unavailable(message: string): EngineFailure {
  return new EngineFailure("index-unavailable", message)
}
