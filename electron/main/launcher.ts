/** The engine's way to start its processes on the desktop: it asks main, and speaks to each over a port of its own. */
import type { MessagePortMain } from "electron"
import type { EngineProcess, Launch } from "../engine/index.ts"
import type { FromEngine } from "./messages.ts"

export interface Launcher {
  readonly launch: Launch
  connected(id: number, pid: number | null, port: MessagePortMain): void
  ended(id: number, code: number | null): void
}

interface Seat {
  port: MessagePortMain | null
  pid: number | undefined
  /** What was said before the port was there. */
  readonly unsent: unknown[]
  readonly onMessage: ((message: unknown) => void)[]
  readonly onExit: ((code: number | null) => void)[]
}

export function createLauncher(say: (message: FromEngine) => void): Launcher {
  const seats = new Map<number, Seat>()
  let lastId = 0
  return {
    launch(entry) {
      const id = ++lastId
      const seat: Seat = { port: null, pid: undefined, unsent: [], onMessage: [], onExit: [] }
      seats.set(id, seat)
      say({ kind: "launch", id, entry })
      return processOf(seat, () => say({ kind: "kill", id }))
    },
    connected(id, pid, port) {
      const seat = seats.get(id)
      if (seat === undefined) {
        port.close()
        return
      }
      seat.port = port
      seat.pid = pid ?? undefined
      port.on("message", ({ data }) => {
        for (const listener of seat.onMessage) listener(data)
      })
      port.start()
      for (const message of seat.unsent.splice(0)) port.postMessage(message)
    },
    ended(id, code) {
      const seat = seats.get(id)
      seats.delete(id)
      seat?.port?.close()
      for (const listener of seat?.onExit ?? []) listener(code)
    }
  }
}

/** Bytes are copied: buffers of native code must not cross, and Electron's ports transfer none. */
function processOf(seat: Seat, kill: () => void): EngineProcess {
  return {
    get pid() {
      return seat.pid
    },
    postMessage(message) {
      if (seat.port === null) seat.unsent.push(message)
      else seat.port.postMessage(message)
    },
    onMessage: listener => void seat.onMessage.push(listener),
    onExit: listener => void seat.onExit.push(listener),
    kill
  }
}
