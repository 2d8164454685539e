/** The bridge between main and page: a few narrow functions, and the hand-over of the engine's port, which no bridge can carry. */
import { contextBridge, ipcRenderer } from "electron"
import type { EngineState, WorkbenchBridge } from "../../shared/bridge.ts"
import { channels, portTag } from "../../shared/bridge.ts"

ipcRenderer.on(channels.port, event => {
  const [port] = event.ports
  if (port !== undefined) window.postMessage({ tag: portTag }, location.origin, [port])
})

const bridge: WorkbenchBridge = {
  version: 1,
  connect: () => ipcRenderer.send(channels.connect),
  onEngineState: listener => void ipcRenderer.on(channels.engineState, (_, state: EngineState) => listener(state)),
  onPlace: listener => void ipcRenderer.on(channels.place, (_, place: string) => listener(place)),
  openAddress: address => ipcRenderer.send(channels.openAddress, address)
}

contextBridge.exposeInMainWorld("l4", bridge)
