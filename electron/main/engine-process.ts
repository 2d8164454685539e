/** Entry of the engine process on the desktop: opens the store, serves every window that main hands a port of. */
import { RPCHandler } from "@orpc/server/message-port"
import type { MessageEvent, MessagePortMain } from "electron"
import type { EngineVerbs, VerbName } from "../../shared/engine-contract.ts"
import { contract } from "../../shared/engine-contract.ts"
import { failureToWire } from "../../shared/failure.ts"
import type { Engine } from "../engine/index.ts"
import { beginOrOpen, dataFolder, withBundleFolder } from "../engine/index.ts"
import { routerOf } from "../engine/router.ts"
import { createLauncher } from "./launcher.ts"
import type { FromEngine, OpenOptions, ToEngine } from "./messages.ts"
import { createVault } from "./vault.ts"

const parent = process.parentPort
const say = (message: FromEngine) => parent.postMessage(message)
const launcher = createLauncher(say)
const { vault, answered } = createVault(say)
const clients = new Map<number, MessagePortMain>()
/** A store that could not be opened is tried again when asked for, but not more often. */
const retryMs = 1_000
let options: OpenOptions = {}
let opening: Promise<Engine> | null = null
const handler = new RPCHandler(routerOf(verbsOnceOpen(), (verb, error) => console.error(`${verb}:`, error)))

parent.on("message", ({ data, ports }: MessageEvent) => {
  const message = data as ToEngine
  const port = ports[0]
  switch (message.kind) {
    case "open":
      options = message.options
      opened().catch(() => {})
      break
    case "client":
      dropClient(message.client)
      if (port !== undefined) serve(message.client, port)
      break
    case "drop-client":
      dropClient(message.client)
      break
    case "helper":
      if (port !== undefined) launcher.connected(message.id, message.pid, port)
      break
    case "vault":
      answered(message)
      break
    case "helper-exit":
      launcher.ended(message.id, message.code)
      break
    case "stop":
      void stop()
  }
})

/** The open store; whoever held it a moment ago may have gone. */
function opened(): Promise<Engine> {
  opening ??= open(options).catch(error => {
    setTimeout(() => {
      opening = null
    }, retryMs)
    throw error
  })
  return opening
}

async function open({ passphrase, ...places }: OpenOptions): Promise<Engine> {
  try {
    const folders = dataFolder(places, process.env)
    const engine = await beginOrOpen({
      ...folders,
      launch: launcher.launch,
      vault,
      program: "desktop app",
      ...(passphrase === undefined ? {} : { passphrase })
    })
    say({ kind: "opened" })
    return withBundleFolder(engine, folders.home)
  } catch (error) {
    console.error(error)
    say({ kind: "failed", failure: failureToWire(error) })
    throw error
  }
}

/** Verbs that wait for the store to be open. Where it cannot be opened, each of them says why, so that the window can show it. */
function verbsOnceOpen(): EngineVerbs {
  const names = Object.keys(contract) as VerbName[]
  return Object.fromEntries(
    names.map(name => [name, async (input: never, context: never) => (await opened())[name](input, context)])
  ) as unknown as EngineVerbs
}

function serve(client: number, port: MessagePortMain): void {
  clients.set(client, port)
  handler.upgrade(port)
  port.on("close", () => clients.get(client) === port && clients.delete(client))
  port.start()
}

function dropClient(client: number): void {
  clients.get(client)?.close()
  clients.delete(client)
}

/** Closes the store if it is open; what is still opening is left to the process's end, since nothing was promised yet. */
async function stop(): Promise<void> {
  for (const client of [...clients.keys()]) dropClient(client)
  const engine = await Promise.race([opening?.catch(() => null), notYet()])
  await engine?.close()
  process.exit(0)
}

function notYet(): Promise<null> {
  return new Promise(resolve => setImmediate(() => resolve(null)))
}
