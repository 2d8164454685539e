/** Puts the desktop app together once Electron is ready: engine, page, window, menu, links. */
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { app, BrowserWindow, Menu, session } from "electron"
import { channels } from "../../shared/bridge.ts"
import { openDiagnostics } from "./diagnostics.ts"
import { menuTemplate } from "./menu.ts"
import { servePage } from "./page.ts"
import { hostEngine } from "./processes.ts"
import { linkedPlace, placesOf } from "./start-options.ts"
import { openWindow, serveBridge } from "./window.ts"

const here = import.meta.dirname

export async function boot(passphrase: string | undefined): Promise<void> {
  const logs = app.getPath("logs")
  mkdirSync(logs, { recursive: true })
  const engine = hostEngine({
    entries: here,
    open: { ...placesOf(process.argv), ...(passphrase === undefined ? {} : { passphrase }) },
    diagnostics: openDiagnostics(join(logs, "engine.log"))
  })
  denyPermissions()
  servePage(join(here, "../renderer"))
  serveBridge(engine)
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate({ mac: process.platform === "darwin", developer: !app.isPackaged })))
  app.on("window-all-closed", () => app.quit())
  app.on("web-contents-created", (_, contents) => {
    contents.on("will-attach-webview", event => event.preventDefault())
  })
  let stopping = false
  app.on("before-quit", event => {
    if (stopping) return
    stopping = true
    event.preventDefault()
    void engine.stop().finally(() => app.quit())
  })
  const window = openWindow({ preload: join(here, "../preload/index.cjs"), engine, place: linkedPlace(process.argv) })
  app.on("second-instance", (_, words) => comeForward(window, linkedPlace(words)))
  app.on("open-url", (event, link) => {
    event.preventDefault()
    comeForward(window, linkedPlace([link]))
  })
  if (app.isPackaged) app.setAsDefaultProtocolClient("l4")
  await window.loadURL("app://workbench/index.html")
}

function comeForward(window: BrowserWindow, place: string | null): void {
  const target = window.isDestroyed() ? BrowserWindow.getAllWindows()[0] : window
  if (target === undefined) return
  if (target.isMinimized()) target.restore()
  target.focus()
  if (place !== null) target.webContents.send(channels.place, place)
}

/** The window needs none: no camera, no location, no notifications, no devices. */
function denyPermissions(): void {
  session.defaultSession.setPermissionRequestHandler((_, __, decide) => decide(false))
  session.defaultSession.setPermissionCheckHandler(() => false)
}
