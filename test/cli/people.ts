/** People at their command lines, in this process: the same words, exit codes and output as `l4` has, without starting a program for each; and the window, by its web host. */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createORPCClient } from "@orpc/client"
import { RPCLink } from "@orpc/client/websocket"
import { WebSocket } from "ws"
import { main } from "../../electron/cli/cli.ts"
import { forkLaunch, openEngine } from "../../electron/engine/index.ts"
import { startWebHost } from "../../electron/web/host.ts"
import type { EngineVerbs } from "../../shared/engine-contract.ts"

export interface Said {
  readonly exit: number
  readonly out: string
  readonly err: string
  readonly json: <T = never>() => T
}

export interface Person {
  readonly store: string
  readonly home: string
  (...words: readonly string[]): Promise<Said>
}

export function person(folder: string, name: string): Person {
  const places = { store: join(folder, name, "store"), home: join(folder, name, "home") }
  return Object.assign(
    (...words: readonly string[]) => spoken([...words, "--store", places.store, "--home", places.home, "--json"]),
    places
  )
}

async function spoken(words: readonly string[]): Promise<Said> {
  const said = { out: "", err: "" }
  const { stdout, stderr } = process
  const [writeOut, writeErr] = [stdout.write, stderr.write]
  stdout.write = ((chunk: unknown) => Boolean((said.out += String(chunk)))) as typeof stdout.write
  stderr.write = ((chunk: unknown) => Boolean((said.err += String(chunk)))) as typeof stderr.write
  try {
    const exit = await main(words)
    return { exit, ...said, json: <T>() => JSON.parse(said.out.trimEnd().split("\n").at(-1) ?? "") as T }
  } finally {
    stdout.write = writeOut
    stderr.write = writeErr
  }
}

/** Does something in this person's window: the store is opened as `npm start` opens it, and the verb goes over the web host's socket. */
export async function inWindow<T>({ store, home }: Person, act: (verbs: EngineVerbs) => Promise<T>): Promise<T> {
  const engine = await openEngine({ store, home, launch: forkLaunch })
  const rendererDirectory = join(home, "window")
  mkdirSync(rendererDirectory, { recursive: true })
  writeFileSync(join(rendererDirectory, "index.html"), "<!doctype html><title>window</title>")
  const host = await startWebHost({ engine, rendererDirectory })
  const { port, hash } = new URL(host.url)
  const socket = new WebSocket(`ws://127.0.0.1:${port}/engine`, ["workbench.v1", `token.${hash.replace("#token=", "")}`], {
    headers: { origin: host.origin }
  })
  try {
    return await act(createORPCClient(new RPCLink({ websocket: socket as never })))
  } finally {
    socket.terminate()
    await host.close()
    await engine.close()
  }
}
