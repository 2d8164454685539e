/** Owns the engine's processes on the desktop: starts them, connects them by ports, restarts what dies, ends them all. It carries none of their data. */
import { join } from "node:path"
import type { MessagePortMain, UtilityProcess } from "electron"
import { MessageChannelMain, utilityProcess } from "electron"
import type { EngineState } from "../../shared/bridge.ts"
import type { Diagnostics } from "./diagnostics.ts"
import { answerVault } from "./keyring.ts"
import type { FromEngine, OpenOptions, ToEngine } from "./messages.ts"

export interface EngineHost {
  /** Hands one end of a fresh port to the engine and the other to `give`; an earlier port of this client ends. */
  connect(client: number, give: (port: MessagePortMain) => void): void
  disconnect(client: number): void
  onState(listener: (state: EngineState) => void): void
  /** Lets the engine close its store, then ends every process. Resolves when none is left. */
  stop(): Promise<void>
}

export interface EngineHostOptions {
  /** Folder of the built entries `engine.js` and `helper.js`. */
  readonly entries: string
  readonly open: OpenOptions
  readonly diagnostics: Diagnostics
}

const restartFirstMs = 1_000
const restartMostMs = 30_000
const healthyMs = 60_000
const stopGraceMs = 5_000

export function hostEngine({ entries, open, diagnostics }: EngineHostOptions): EngineHost {
  const listeners: ((state: EngineState) => void)[] = []
  const helpers = new Map<number, UtilityProcess>()
  let engine: UtilityProcess | null = null
  let restartMs = restartFirstMs
  let stopping = false
  let restart: NodeJS.Timeout | undefined
  start()

  function start(): void {
    const child = utilityProcess.fork(join(entries, "engine.js"), [], { serviceName: "L4 engine", stdio: "pipe", env: cleanEnvironment() })
    engine = child
    const startedMs = Date.now()
    keep(child, "engine", diagnostics)
    child.on("message", (message: FromEngine) => obey(child, message))
    child.on("exit", code => {
      for (const helper of helpers.values()) helper.kill()
      helpers.clear()
      if (engine === child) engine = null
      if (!stopping) restartLater(code, Date.now() - startedMs)
    })
    tell(child, { kind: "open", options: open })
    say("ready")
  }

  function restartLater(code: number, livedMs: number): void {
    if (livedMs > healthyMs) restartMs = restartFirstMs
    diagnostics.write(`engine ended with ${code} after ${livedMs} ms; starting it again in ${restartMs} ms\n`)
    say("restarting")
    restart = setTimeout(start, restartMs)
    restartMs = Math.min(restartMs * 2, restartMostMs)
  }

  function obey(child: UtilityProcess, message: FromEngine): void {
    if (message.kind === "launch") launch(child, message.id, message.entry)
    else if (message.kind === "vault") void answerVault(message).then(answer => engine === child && tell(child, answer))
    else if (message.kind === "kill") helpers.get(message.id)?.kill()
    else if (message.kind === "failed") diagnostics.write(`engine could not open: ${message.failure.code}: ${message.failure.message}\n`)
  }

  /** A runner or index process: nothing of this one's environment, one word, and one port straight to the engine. */
  function launch(child: UtilityProcess, id: number, entry: string): void {
    const helper = utilityProcess.fork(join(entries, "helper.js"), [entry], { serviceName: `L4 ${entry}`, stdio: "pipe", env: {} })
    helpers.set(id, helper)
    keep(helper, entry, diagnostics)
    const { port1, port2 } = new MessageChannelMain()
    helper.postMessage(null, [port1])
    tell(child, { kind: "helper", id, pid: helper.pid ?? null }, port2)
    helper.on("exit", code => {
      helpers.delete(id)
      if (engine === child) tell(child, { kind: "helper-exit", id, code })
    })
  }

  function say(state: EngineState): void {
    for (const listener of listeners) listener(state)
  }

  return {
    connect(client, give) {
      if (engine === null) return
      const { port1, port2 } = new MessageChannelMain()
      tell(engine, { kind: "client", client }, port1)
      give(port2)
    },
    disconnect(client) {
      if (engine !== null) tell(engine, { kind: "drop-client", client })
    },
    onState(listener) {
      listeners.push(listener)
    },
    stop() {
      stopping = true
      clearTimeout(restart)
      const child = engine
      if (child === null) return Promise.resolve()
      return new Promise(resolve => {
        const grace = setTimeout(() => child.kill(), stopGraceMs)
        child.once("exit", () => {
          clearTimeout(grace)
          resolve()
        })
        tell(child, { kind: "stop" })
      })
    }
  }
}

function tell(child: UtilityProcess, message: ToEngine, port?: MessagePortMain): void {
  child.postMessage(message, port === undefined ? [] : [port])
}

function keep(child: UtilityProcess, name: string, diagnostics: Diagnostics): void {
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => diagnostics.write(`${name}: ${chunk.toString("utf8").trimEnd()}\n`))
}

function cleanEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[0] !== "L4_PASSPHRASE")
  )
}
