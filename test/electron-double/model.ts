/** Our model of Electron's main-process API: what the app uses, with the order and the refusals of the real one. Tests only. */
import { fork } from "node:child_process"
import { randomBytes } from "node:crypto"
import { EventEmitter } from "node:events"
import { existsSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { PassThrough } from "node:stream"
import { fileURLToPath } from "node:url"
import type Electron from "electron"
import type { FromModel, Served, ToModel } from "./wire.ts"
import { channelModel, type PortModel, standsFor, strict } from "./wire.ts"

const say = (message: FromModel) => process.send?.(message)
const utilityEntry = fileURLToPath(new URL("./run-utility.ts", import.meta.url))

// Order

let isReady = false
let whenReadyAsked = false
const appEvents = new EventEmitter()

/** Called by the program that runs main, once its entry is evaluated. */
export function becomeReady(): void {
  isReady = true
  appEvents.emit("ready")
}

export function wasReadyAsked(): boolean {
  return whenReadyAsked
}

function mustBeReady(what: string): void {
  if (!isReady) throw new Error(`${what} cannot be used before the app is ready`)
}

function mustNotBeReady(what: string): void {
  if (isReady) throw new Error(`${what} must be called before the app is ready`)
}

// app

let quitting = false

function quit(): void {
  if (quitting) return
  let prevented = false
  appEvents.emit("before-quit", { preventDefault: () => (prevented = true) })
  if (prevented) return
  quitting = true
  appEvents.emit("will-quit", { preventDefault: () => {} })
  setImmediate(() => process.exit(0))
}

const appModel = {
  isPackaged: false,
  whenReady: () => {
    whenReadyAsked = true
    return isReady ? Promise.resolve() : new Promise<void>(resolve => appEvents.once("ready", () => resolve()))
  },
  requestSingleInstanceLock: () => process.env.MODEL_SECOND_INSTANCE !== "1",
  enableSandbox: () => mustNotBeReady("app.enableSandbox"),
  quit,
  exit: (code = 0) => process.exit(code),
  getPath: (name: string) => {
    const path = join(process.env.MODEL_DATA ?? "", name)
    mkdirSync(path, { recursive: true })
    return path
  },
  setAsDefaultProtocolClient: () => true,
  on: standsFor<Electron.App["on"]>((event: string, listener: (...args: unknown[]) => void) => appEvents.on(event, listener))
} satisfies Pick<
  typeof Electron.app,
  | "isPackaged"
  | "whenReady"
  | "requestSingleInstanceLock"
  | "enableSandbox"
  | "quit"
  | "exit"
  | "getPath"
  | "setAsDefaultProtocolClient"
  | "on"
>
export const app = strict("app", appModel)

// protocol

let handler: ((request: Request) => Response | Promise<Response>) | null = null
const privileged = new Set<string>()

const protocolModel = {
  registerSchemesAsPrivileged: (schemes: Electron.CustomScheme[]) => {
    mustNotBeReady("protocol.registerSchemesAsPrivileged")
    for (const { scheme, privileges } of schemes) if (privileges?.standard && privileges.secure) privileged.add(scheme)
  },
  handle: (scheme: string, serve: (request: Request) => Response | Promise<Response>) => {
    mustBeReady("protocol.handle")
    if (scheme !== "app") throw new Error(`the model serves app: only, not ${scheme}:`)
    handler = serve
  }
} satisfies Pick<typeof Electron.protocol, "registerSchemesAsPrivileged" | "handle">
export const protocol = strict("protocol", protocolModel)

async function serve(url: string, method: string): Promise<Served> {
  if (handler === null) throw new Error("no protocol.handle for app: was registered")
  const response = await handler(new Request(url, { method }))
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()).toString("base64")
  }
}

// session

type PermissionRequest = Parameters<Electron.Session["setPermissionRequestHandler"]>[0]
type PermissionCheck = Parameters<Electron.Session["setPermissionCheckHandler"]>[0]
let permissionRequest: PermissionRequest = null
let permissionCheck: PermissionCheck = null

const sessionModel = {
  setPermissionRequestHandler: (decide: PermissionRequest) => {
    permissionRequest = decide
  },
  setPermissionCheckHandler: (check: PermissionCheck) => {
    permissionCheck = check
  }
} satisfies Pick<Electron.Session, "setPermissionRequestHandler" | "setPermissionCheckHandler">

export const session = {
  get defaultSession() {
    mustBeReady("session.defaultSession")
    return strict("session", sessionModel)
  }
}

/** As Electron does without a handler: everything is granted. */
function permissionOf(name: string): { requested: boolean; checked: boolean } {
  const contents = standsFor<Electron.WebContents>(current!.webContents)
  let requested = permissionRequest === null
  permissionRequest?.(
    contents,
    name as never,
    granted => (requested = granted),
    standsFor({ requestingUrl: "app://workbench/", isMainFrame: true })
  )
  const checked = permissionCheck?.(contents, name as never, "app://workbench", standsFor({ isMainFrame: true })) ?? true
  return { requested, checked }
}

// Windows

interface Frame {
  readonly url: string
}

class WebContentsModel extends EventEmitter {
  readonly id = 1
  mainFrame: Frame = { url: "about:blank" }
  openHandler: ((details: { url: string }) => { action: string }) | null = null

  setWindowOpenHandler(decide: (details: { url: string }) => { action: string }): void {
    this.openHandler = decide
  }

  send(channel: string, ...args: unknown[]): void {
    say({ kind: "send", channel, args, ports: [] })
  }

  postMessage(channel: string, message: unknown, ports: readonly PortModel[] = []): void {
    say({ kind: "send", channel, args: [message], ports: ports.map(carryToPage) })
  }

  isDestroyed(): boolean {
    return false
  }
}

const pagePorts = new Map<number, PortModel>()
let lastPort = 0

function carryToPage(port: PortModel): number {
  const id = ++lastPort
  pagePorts.set(id, port)
  port.carry(
    data => say({ kind: "port", port: id, data }),
    () => say({ kind: "port-close", port: id })
  )
  return id
}

let current: BrowserWindowModel | null = null

/** Options that must not be loosened; where Electron's default is the safe one, leaving it out is safe. */
function refuseUnsafe(preferences: Electron.WebPreferences = {}): void {
  const unsafe: readonly (readonly [name: string, is: boolean])[] = [
    ["contextIsolation: false", preferences.contextIsolation === false],
    ["sandbox: false", preferences.sandbox === false],
    ["nodeIntegration: true", preferences.nodeIntegration === true],
    ["webSecurity: false", preferences.webSecurity === false],
    ["webviewTag: true", preferences.webviewTag === true],
    ["allowRunningInsecureContent: true", preferences.allowRunningInsecureContent === true]
  ]
  const found = unsafe.filter(([, is]) => is).map(([name]) => name)
  if (found.length > 0) throw new Error(`the model refuses a window with ${found.join(", ")}`)
}

class BrowserWindowModel extends EventEmitter {
  readonly webContents = strict("webContents", new WebContentsModel())
  readonly #preload: string

  constructor(options: Electron.BrowserWindowConstructorOptions = {}) {
    super()
    mustBeReady("BrowserWindow")
    refuseUnsafe(options.webPreferences)
    this.#preload = options.webPreferences?.preload ?? ""
    if (!existsSync(this.#preload)) throw new Error(`the preload ${this.#preload} is not there`)
    current = this
    appEvents.emit("web-contents-created", {}, this.webContents)
  }

  loadURL(url: string): Promise<void> {
    if (!privileged.has(new URL(url).protocol.replace(":", "")))
      return Promise.reject(new Error(`${url} is of no registered standard, secure scheme`))
    this.webContents.mainFrame = { url }
    say({ kind: "load", url, preload: this.#preload })
    return new Promise(resolve => this.webContents.once("did-finish-load", () => resolve()))
  }

  show(): void {}
  focus(): void {}
  restore(): void {}
  isMinimized(): boolean {
    return false
  }
  isDestroyed(): boolean {
    return false
  }

  static getAllWindows(): BrowserWindowModel[] {
    return current === null ? [] : [current]
  }

  static fromWebContents(): BrowserWindowModel | null {
    return current
  }
}
export const BrowserWindow = standsFor<typeof Electron.BrowserWindow>(BrowserWindowModel)

// Messages of the page

const ipcEvents = new EventEmitter()
const ipcModel = {
  on: standsFor<Electron.IpcMain["on"]>((channel: string, listener: (...args: unknown[]) => void) => ipcEvents.on(channel, listener))
} satisfies Pick<typeof Electron.ipcMain, "on">
export const ipcMain = strict("ipcMain", ipcModel)

function deliverIpc(channel: string, args: readonly unknown[], frame: { readonly url: string; readonly main: boolean } | null): void {
  if (current === null) return
  const { webContents } = current
  const senderFrame = frame === null ? null : frame.main ? Object.assign(webContents.mainFrame, { url: frame.url }) : { url: frame.url }
  if (!ipcEvents.emit(channel, { sender: webContents, senderFrame, ports: [] }, ...args))
    throw new Error(`nothing listens on the channel ${channel}`)
}

// Processes and ports

export const MessageChannelMain = standsFor<typeof Electron.MessageChannelMain>(
  class {
    readonly port1: PortModel
    readonly port2: PortModel

    constructor() {
      mustBeReady("MessageChannelMain")
      const { port1, port2 } = channelModel()
      this.port1 = port1
      this.port2 = port2
    }
  }
)

class UtilityProcessModel extends EventEmitter {
  readonly stdout = new PassThrough()
  readonly stderr = new PassThrough()
  readonly #child
  readonly #ports = new Map<number, PortModel>()
  #nextPort = 0

  constructor(entry: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    super()
    if (!existsSync(entry)) throw new Error(`utilityProcess.fork: ${entry} is not there`)
    this.#child = fork(utilityEntry, [entry, ...args], {
      env: { ...env },
      execArgv: [],
      serialization: "advanced",
      stdio: ["ignore", "pipe", "pipe", "ipc"]
    })
    this.#child.stdout?.pipe(this.stdout)
    this.#child.stderr?.pipe(this.stderr)
    this.#child.stderr?.on("data", (chunk: Buffer) => process.stderr.write(chunk))
    this.#child.on("message", message => this.#hear(message as { kind: string; data: unknown; port: number }))
    this.#child.on("exit", code => {
      for (const port of this.#ports.values()) port.close()
      this.emit("exit", code ?? 1)
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  postMessage(message: unknown, transfer: readonly PortModel[] = []): void {
    this.#child.send({ kind: "message", data: message, ports: transfer.map(port => this.#carry(port)) })
  }

  kill(): boolean {
    return this.#child.kill("SIGKILL")
  }

  #carry(port: PortModel): number {
    const id = ++this.#nextPort
    this.#ports.set(id, port)
    port.carry(
      data => this.#child.connected && this.#child.send({ kind: "port", port: id, data }),
      () => this.#child.connected && this.#child.send({ kind: "port-close", port: id })
    )
    return id
  }

  #hear(message: { readonly kind: string; readonly data: unknown; readonly port: number }): void {
    if (message.kind === "message") this.emit("message", message.data)
    else if (message.kind === "port") this.#ports.get(message.port)?.sendToPeer(message.data)
    else if (message.kind === "port-close") this.#ports.get(message.port)?.close()
  }
}

const utilityModel = {
  fork: (entry: string, args: string[] = [], options: Electron.ForkOptions = {}) => {
    mustBeReady("utilityProcess.fork")
    const env = Object.fromEntries(
      Object.entries(options.env ?? process.env).filter((pair): pair is [string, string] => pair[1] !== undefined)
    )
    const child = new UtilityProcessModel(entry, args, env)
    say({ kind: "forked", name: options.serviceName ?? "", pid: child.pid ?? 0, env: Object.keys(env), args })
    return standsFor<Electron.UtilityProcess>(strict("UtilityProcess", child))
  }
} satisfies Pick<typeof Electron.utilityProcess, "fork">
export const utilityProcess = strict("utilityProcess", utilityModel)

// What has no effect that a model could have

const menuModel = {
  setApplicationMenu: () => {},
  buildFromTemplate: (template: (Electron.MenuItemConstructorOptions | Electron.MenuItem)[]) =>
    standsFor<Electron.Menu>({ items: template })
} satisfies Pick<typeof Electron.Menu, "setApplicationMenu" | "buildFromTemplate">
export const Menu = strict("Menu", menuModel)

const dialogModel = {
  showErrorBox: (title: string, content: string) => void process.stderr.write(`${title}: ${content}\n`),
  showMessageBox: () => Promise.resolve({ response: 1, checkboxChecked: false })
} satisfies Pick<typeof Electron.dialog, "showErrorBox" | "showMessageBox">
export const dialog = strict("dialog", dialogModel)

const shellModel = {
  openExternal: (url: string) => Promise.reject(new Error(`the model opens nothing outside: ${url}`))
} satisfies Pick<typeof Electron.shell, "openExternal">
export const shell = strict("shell", shellModel)

/** Seals by turning every byte, which is enough to tell sealed from open; the backend is told by the environment. */
const turned = (bytes: Buffer) => Buffer.from(bytes.map(byte => byte ^ 0xa5))
const safeStorageModel = {
  isAsyncEncryptionAvailable: async () => {
    mustBeReady("safeStorage.isAsyncEncryptionAvailable")
    return process.env.MODEL_STORAGE !== "none"
  },
  getSelectedStorageBackend: () => (process.env.MODEL_STORAGE ?? "basic_text") as "basic_text" | "gnome_libsecret",
  encryptStringAsync: async (plainText: string) => {
    mustBeReady("safeStorage.encryptStringAsync")
    return turned(Buffer.from(`sealed ${randomBytes(4).toString("hex")} ${plainText}`))
  },
  decryptStringAsync: async (encrypted: Buffer) => {
    mustBeReady("safeStorage.decryptStringAsync")
    const text = turned(encrypted).toString("utf8")
    const [mark, , plain] = text.split(" ")
    if (mark !== "sealed" || plain === undefined) throw new Error("decryption failed")
    return { result: plain, shouldReEncrypt: process.env.MODEL_STORAGE_ROTATED === "1" }
  }
} satisfies Pick<
  typeof Electron.safeStorage,
  "isAsyncEncryptionAvailable" | "getSelectedStorageBackend" | "encryptStringAsync" | "decryptStringAsync"
>
export const safeStorage = strict("safeStorage", safeStorageModel)

export const nativeTheme = strict("nativeTheme", { shouldUseDarkColors: false } satisfies Pick<
  typeof Electron.nativeTheme,
  "shouldUseDarkColors"
>)

// The test at the other end

process.on("message", message => void obey(message as ToModel).catch(fail))

async function obey(message: ToModel): Promise<void> {
  switch (message.kind) {
    case "serve":
      say({ kind: "reply", id: message.id, value: await serve(message.url, message.method) })
      break
    case "will-navigate":
      say({ kind: "reply", id: message.id, value: isPrevented("will-navigate", message.url) })
      break
    case "popup":
      say({ kind: "reply", id: message.id, value: current?.webContents.openHandler?.({ url: message.url }).action ?? "allow" })
      break
    case "permission":
      say({ kind: "reply", id: message.id, value: permissionOf(message.name) })
      break
    case "ipc":
      deliverIpc(message.channel, message.args, message.frame)
      break
    case "started-navigation":
      for (const port of pagePorts.values()) port.close()
      pagePorts.clear()
      current?.webContents.emit("did-start-navigation", {
        isMainFrame: true,
        isSameDocument: false,
        url: current.webContents.mainFrame.url
      })
      break
    case "finished-load":
      current?.emit("ready-to-show")
      current?.webContents.emit("did-finish-load")
      break
    case "port":
      pagePorts.get(message.port)?.sendToPeer(message.data)
      break
    case "port-close":
      pagePorts.get(message.port)?.close()
      pagePorts.delete(message.port)
      break
    case "second-instance":
      appEvents.emit("second-instance", {}, message.words, "")
      break
    case "quit":
      quit()
  }
}

function isPrevented(event: string, url: string): boolean {
  let prevented = false
  current?.webContents.emit(event, { preventDefault: () => (prevented = true), url })
  return prevented
}

function fail(error: unknown): void {
  process.stderr.write(`model of Electron: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exit(71)
}
