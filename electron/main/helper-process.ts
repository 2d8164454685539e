/** Entry of runner and index processes on the desktop: it lays the engine's own port over the parent port, then starts the entry named. Main is not in between. */
import type { MessageEvent, MessagePortMain } from "electron"

const entries: Readonly<Record<string, string>> = {
  runner: "./runner.js",
  lance: "./lance-process.js",
  interpreter: "./interpreter-process.js"
}
const { parentPort } = process

parentPort.once("message", ({ ports }: MessageEvent) => {
  const entry = entries[process.argv.at(-1) ?? ""]
  const port = ports[0]
  if (entry === undefined || port === undefined) throw new Error("expected the name of an entry and a port to the engine")
  void start(entry, port)
})

/** The entries speak to `process.parentPort`, which cannot be replaced; what they say and hear goes over the port instead. */
async function start(entry: string, port: MessagePortMain): Promise<void> {
  parentPort.postMessage = message => port.postMessage(message)
  port.on("message", event => parentPort.emit("message", event))
  port.on("close", () => process.exit(0))
  await import(new URL(entry, import.meta.url).href)
  port.start()
}
