/** The web host as a program: opens the store, serves its window on loopback and opens the browser; ends on a signal or when idle. */
import { closeSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { EngineFailure } from "../../shared/failure.ts"
import { beginOrOpen, dataFolder, forkLaunch, withBundleFolder } from "../engine/index.ts"
import { startWebHost } from "./host.ts"
import { openInBrowser, redirectFile } from "./open-browser.ts"

const usage = "usage: npm start -- [--store DIR] [--home DIR] [--port N] [--no-open] [--passphrase-fd N] [--read-only]"
const passphraseBytesMax = 1_024

interface Options {
  readonly places: { readonly store?: string | undefined; readonly home?: string | undefined }
  readonly port: number
  readonly open: boolean
  readonly passphrase: string | undefined
  readonly readOnly: boolean
}

class WrongUsage extends Error {}

function optionsOf(words: readonly string[], environment: NodeJS.ProcessEnv): Options {
  const fromEnvironment = environment.L4_PASSPHRASE
  delete environment.L4_PASSPHRASE
  const { values } = parsed(words)
  const port = integer("--port", values.port ?? "0", 65_535)
  const descriptor = values["passphrase-fd"]
  const passphrase = descriptor === undefined ? fromEnvironment || undefined : passphraseFrom(integer("--passphrase-fd", descriptor, 64))
  return { places: { store: values.store, home: values.home }, port, open: !values["no-open"], passphrase, readOnly: values["read-only"] }
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        store: { type: "string" },
        home: { type: "string" },
        port: { type: "string" },
        "no-open": { type: "boolean", default: false },
        "read-only": { type: "boolean", default: false },
        "passphrase-fd": { type: "string" }
      }
    })
  } catch (error) {
    throw new WrongUsage(error instanceof Error ? error.message : String(error))
  }
}

function integer(name: string, text: string, most: number): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= most) return Number(text)
  throw new WrongUsage(`${name}: expected a whole number from 0 to ${most}, found ${text}`)
}

function passphraseFrom(descriptor: number): string {
  const text = readLine(descriptor)
  if (text === "" || Buffer.byteLength(text) > passphraseBytesMax) {
    throw new WrongUsage(`--passphrase-fd ${descriptor}: expected one line of 1 to ${passphraseBytesMax} bytes`)
  }
  return text
}

function readLine(descriptor: number): string {
  try {
    const [line = ""] = readFileSync(descriptor, "utf8").split(/\r?\n/, 1)
    if (descriptor > 2) closeSync(descriptor)
    return line
  } catch {
    throw new WrongUsage(`--passphrase-fd ${descriptor}: expected a readable descriptor`)
  }
}

async function main(): Promise<void> {
  const options = optionsOf(process.argv.slice(2), process.env)
  const places = dataFolder(options.places, process.env)
  const engine = await beginOrOpen(
    {
      ...places,
      launch: forkLaunch,
      readOnly: options.readOnly,
      program: "web host",
      ...(options.passphrase === undefined ? {} : { passphrase: options.passphrase })
    },
    ({ step, done, total }) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${done}/${total ?? "?"} ${step}`)
    }
  )
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K")
  const redirect: { forget(): void }[] = []
  const forget = () => {
    for (const file of redirect.splice(0)) file.forget()
  }
  const host = await startWebHost({
    engine: withBundleFolder(engine, places.home),
    rendererDirectory: rendererDirectory(),
    port: options.port,
    onIdle: () => void end("no window was open for 30 minutes"),
    onClient: forget,
    report: (verb, error) => process.stderr.write(`${verb}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  }).catch(async error => {
    await engine.close()
    throw error
  })
  let ending = false
  async function end(why?: string): Promise<void> {
    if (ending) return
    ending = true
    if (why !== undefined) process.stderr.write(`L4 Workbench ends: ${why}\n`)
    forget()
    await host.close()
    await engine.close()
    process.exit(0)
  }
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => void end())
  process.stdout.write(`Workbench: ${host.url}\n`)
  if (!options.open) return
  const file = redirectFile(host.url)
  redirect.push(file)
  if (!(await openInBrowser(file.path))) process.stderr.write("no browser could be opened: open the address above by hand\n")
}

/** Beside the bundle in `out/`, wherever this file was started from. */
function rendererDirectory(): string {
  return import.meta.url.endsWith(".ts") ? join(import.meta.dirname, "../../out/renderer") : join(import.meta.dirname, "../renderer")
}

main().catch((error: unknown) => {
  const text = error instanceof Error ? error.message : String(error)
  const code = error instanceof EngineFailure ? error.code : null
  process.stderr.write(`L4 Workbench could not start: ${text}\n`)
  if (error instanceof WrongUsage) process.stderr.write(`${usage}\n`)
  if (code === "store-locked") process.stderr.write("--read-only opens it for reading beside its writer\n")
  process.exit(error instanceof WrongUsage ? 2 : code === "wrong-passphrase" ? 1 : 3)
})
