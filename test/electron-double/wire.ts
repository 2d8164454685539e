/** What the model of Electron and the test that drives it tell each other, and how a port travels between processes. */
import { EventEmitter } from "node:events"
import type Electron from "electron"

/** From the test: what a person, a page or a system does. */
export type ToModel =
  | { readonly kind: "serve"; readonly id: number; readonly url: string; readonly method: string }
  | { readonly kind: "will-navigate"; readonly id: number; readonly url: string }
  | { readonly kind: "popup"; readonly id: number; readonly url: string }
  | { readonly kind: "permission"; readonly id: number; readonly name: string }
  | {
      readonly kind: "ipc"
      readonly channel: string
      readonly args: readonly unknown[]
      readonly frame: { readonly url: string; readonly main: boolean } | null
    }
  | { readonly kind: "started-navigation" }
  | { readonly kind: "finished-load" }
  | { readonly kind: "port"; readonly port: number; readonly data: unknown }
  | { readonly kind: "port-close"; readonly port: number }
  | { readonly kind: "second-instance"; readonly words: readonly string[] }
  | { readonly kind: "quit" }

/** From the model: what the app asked Electron for. */
export type FromModel =
  | { readonly kind: "load"; readonly url: string; readonly preload: string }
  | { readonly kind: "reply"; readonly id: number; readonly value: unknown }
  | { readonly kind: "send"; readonly channel: string; readonly args: readonly unknown[]; readonly ports: readonly number[] }
  | { readonly kind: "port"; readonly port: number; readonly data: unknown }
  | { readonly kind: "port-close"; readonly port: number }
  | {
      readonly kind: "forked"
      readonly name: string
      readonly pid: number
      readonly env: readonly string[]
      readonly args: readonly string[]
    }

export interface Served {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Base64. */
  readonly body: string
}

export type MessageEventModel = { readonly data: unknown; readonly ports: readonly PortModel[] }

/** One end of a channel. Like Electron's, it delivers nothing before `start`, and it cannot be used once it was handed on. */
export class PortModel extends EventEmitter {
  peer: PortModel | null = null
  /** Where what arrives here goes instead, once this end was handed to another process or page. */
  carried: ((data: unknown) => void) | null = null
  onCarriedClose: (() => void) | null = null
  #started = false
  #queue: unknown[] = []
  #closed = false

  postMessage(data: unknown, transfer: readonly unknown[] = []): void {
    if (this.carried !== null) throw new Error("this MessagePortMain was handed on and cannot be used here any more")
    if (transfer.length > 0) throw new Error("the model carries no ports over ports")
    this.sendToPeer(data)
  }

  /** What came from the far side of a carried end. */
  sendToPeer(data: unknown): void {
    const copy = structuredClone(data)
    const { peer } = this
    if (peer !== null) setImmediate(() => peer.arrive(copy))
  }

  arrive(data: unknown): void {
    if (this.#closed) return
    if (this.carried !== null) this.carried(data)
    else if (this.#started) this.emit("message", { data, ports: [] })
    else this.#queue.push(data)
  }

  /** Hands this end on; what waited goes first. */
  carry(deliver: (data: unknown) => void, onClose: () => void): void {
    if (this.carried !== null) throw new Error("this MessagePortMain was already handed on")
    this.carried = deliver
    this.onCarriedClose = onClose
    for (const data of this.#queue.splice(0)) deliver(data)
  }

  start(): void {
    if (this.#started) return
    this.#started = true
    for (const data of this.#queue.splice(0)) setImmediate(() => this.emit("message", { data, ports: [] }))
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.onCarriedClose?.()
    this.emit("close")
    const { peer } = this
    if (peer !== null) setImmediate(() => peer.close())
  }
}

export function channelModel(): { port1: PortModel; port2: PortModel } {
  const [port1, port2] = [new PortModel(), new PortModel()]
  port1.peer = port2
  port2.peer = port1
  return { port1, port2 }
}

/** Any name the model does not know is an error that says so, not undefined. */
export function strict<T extends object>(what: string, model: T): T {
  return new Proxy(model, {
    get(target, name) {
      if (typeof name === "symbol" || name in target || name === "then" || name === "toJSON") {
        const value: unknown = Reflect.get(target, name, target)
        return typeof value === "function" ? value.bind(target) : value
      }
      throw new Error(`the model of Electron knows no ${what}.${name}: add it from the documentation of this version, with its rules`)
    }
  })
}

/** Says that a class of ours stands for one of Electron's: the parts the app uses are checked where they are defined. */
export function standsFor<E>(model: object): E {
  return model as unknown as E
}

export type { Electron }
