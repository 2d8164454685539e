/** The window, and what it may not do; the few messages it may send, each checked for who sends it. */
import type { IpcMainEvent, WebContents, WebFrameMain } from "electron"
import { BrowserWindow, dialog, ipcMain, nativeTheme, shell } from "electron"
import { z } from "zod"
import { channels, windowOrigin } from "../../shared/bridge.ts"
import type { EngineHost } from "./processes.ts"

export interface WindowOptions {
  readonly preload: string
  readonly engine: EngineHost
  /** Opened once the page is there. */
  readonly place: string | null
}

export function openWindow({ preload, engine, place }: WindowOptions): BrowserWindow {
  const window = new BrowserWindow({
    width: 1280,
    height: 820,
    minWidth: 360,
    minHeight: 320,
    show: false,
    title: "L4 Workbench",
    backgroundColor: nativeTheme.shouldUseDarkColors ? "#14171c" : "#f6f7f9",
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false
    }
  })
  const { webContents } = window
  window.once("ready-to-show", () => window.show())
  webContents.setWindowOpenHandler(() => ({ action: "deny" }))
  webContents.on("will-navigate", event => event.preventDefault())
  webContents.on("will-redirect", event => event.preventDefault())
  webContents.on("did-start-navigation", details => {
    if (details.isMainFrame && !details.isSameDocument) engine.disconnect(webContents.id)
  })
  webContents.on("destroyed", () => engine.disconnect(webContents.id))
  webContents.once("did-finish-load", () => {
    if (place !== null) webContents.send(channels.place, place)
  })
  engine.onState(state => {
    if (!webContents.isDestroyed()) webContents.send(channels.engineState, state)
  })
  return window
}

const addressSchema = z
  .string()
  .max(2_000)
  .regex(/^https:\/\//)

/** Answers the page's messages. Any that does not come from our own page's main frame is dropped. */
export function serveBridge(engine: EngineHost): void {
  ipcMain.on(channels.connect, event => {
    const sender = ownSender(event)
    if (sender !== null) engine.connect(sender.id, port => sender.postMessage(channels.port, null, [port]))
  })
  ipcMain.on(channels.openAddress, (event, input: unknown) => {
    const sender = ownSender(event)
    const address = addressSchema.safeParse(input)
    if (sender !== null && address.success) void openAfterAsking(sender, address.data)
  })
}

/** The sender, if it is the main frame of our own page. */
function ownSender(event: IpcMainEvent): WebContents | null {
  const { senderFrame, sender } = event
  return senderFrame !== null && senderFrame === sender.mainFrame && isOwnPage(senderFrame) ? sender : null
}

function isOwnPage(frame: WebFrameMain): boolean {
  const own = new URL(windowOrigin)
  try {
    const { protocol, host } = new URL(frame.url)
    return protocol === own.protocol && host === own.host
  } catch {
    return false
  }
}

async function openAfterAsking(sender: WebContents, address: string): Promise<void> {
  const window = BrowserWindow.fromWebContents(sender)
  if (window === null) return
  const { response } = await dialog.showMessageBox(window, {
    type: "question",
    buttons: ["Open in the browser", "Cancel"],
    defaultId: 1,
    cancelId: 1,
    message: "Open this address outside L4 Workbench?",
    detail: address
  })
  if (response === 0) await shell.openExternal(address)
}
