/** Runs a built entry as a utility process of the model: its only link to the app is `process.parentPort` and the ports that come over it. */
import { EventEmitter } from "node:events"
import { pathToFileURL } from "node:url"
import { PortModel } from "./wire.ts"

type Wire =
  | { readonly kind: "message"; readonly data: unknown; readonly ports: readonly number[] }
  | { readonly kind: "port"; readonly port: number; readonly data: unknown }
  | { readonly kind: "port-close"; readonly port: number }

const send = process.send!.bind(process)
const ports = new Map<number, FarPort>()

/** The end of a channel whose other end lies in another process. */
class FarPort extends PortModel {
  readonly #id: number

  constructor(id: number) {
    super()
    this.#id = id
  }

  override postMessage(data: unknown): void {
    if (process.connected) send({ kind: "port", port: this.#id, data })
  }

  override close(): void {
    if (!ports.delete(this.#id)) return
    if (process.connected) send({ kind: "port-close", port: this.#id })
    super.close()
  }
}

class ParentPortModel extends EventEmitter {
  postMessage(data: unknown): void {
    send({ kind: "message", data })
  }
}

const parentPort = new ParentPortModel()
// As the real one: it can be spoken to, but not replaced.
Object.defineProperty(process, "parentPort", { value: parentPort, writable: false, enumerable: true })
Object.defineProperty(process, "send", { value: undefined })

const early: { data: unknown; ports: PortModel[] }[] = []
let evaluated = false

process.on("message", message => {
  const wire = message as Wire
  if (wire.kind === "message") {
    const event = { data: wire.data, ports: wire.ports.map(newPort) }
    if (evaluated) parentPort.emit("message", event)
    else early.push(event)
  } else if (wire.kind === "port") ports.get(wire.port)?.arrive(wire.data)
  else if (wire.kind === "port-close") ports.get(wire.port)?.close()
})
process.on("disconnect", () => process.exit(0))

function newPort(id: number): PortModel {
  const port = new FarPort(id)
  ports.set(id, port)
  return port
}

const entry = process.argv[2]!
process.argv.splice(1, 2, entry)
await import(pathToFileURL(entry).href)
evaluated = true
for (const event of early.splice(0)) parentPort.emit("message", event)
