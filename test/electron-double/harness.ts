/** Boots a built desktop app over the model of Electron, with a real Chromium page as its window; gives tests hands and eyes. */
import type { ChildProcess } from "node:child_process"
import { fork } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Browser, BrowserContext, CDPSession, Frame, Page, Request, Route } from "@playwright/test"
import { isolatedWorldScript, mainWorldScript } from "./page-side.ts"
import type { FromModel, Served, ToModel } from "./wire.ts"

export const built = fileURLToPath(new URL("../../out", import.meta.url))
const runMain = fileURLToPath(new URL("./run-main.ts", import.meta.url))

/** Chromium loads no page of a scheme it does not know, so the page lives here; the app sees app: addresses only. */
const pageOrigin = "https://workbench.model"
const appOrigin = "app://workbench"
const world = "preload"

export interface Forked {
  readonly name: string
  readonly pid: number
  readonly env: readonly string[]
  readonly args: readonly string[]
}

type Question = {
  [K in ToModel["kind"]]: Extract<ToModel, { kind: K }> extends { id: number } ? Omit<Extract<ToModel, { kind: K }>, "id"> : never
}[ToModel["kind"]]

/** Whether a process of this id is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Null for the first request of a window that is only being opened. */
function frameOf(request: Request): Frame | null {
  try {
    return request.frame()
  } catch {
    return null
  }
}

export interface Double {
  readonly page: Page
  /** What stands in the console, the policy's reports and requests that had to be blocked. */
  readonly complaints: string[]
  readonly forked: readonly Forked[]
  /** Windows the app allowed to be opened: must stay empty. */
  readonly popups: readonly string[]
  /** Places the app allowed its page to go to: must stay empty. */
  readonly departures: readonly string[]
  readonly output: () => string
  /** Ports the app has given to the page so far. */
  readonly portsGiven: () => number
  tell(message: ToModel): void
  ask<T>(question: Question): Promise<T>
  /** Ends the app as a person would; answers its exit code. */
  quit(): Promise<number | null>
  readonly exited: Promise<number | null>
  close(): Promise<void>
}

export interface DoubleOptions {
  readonly browser: Browser
  /** Folder with main/, preload/ and renderer/. */
  readonly out?: string
  readonly store: string
  readonly home: string
  readonly words?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export async function startDouble({ browser, out = built, store, home, words = [], env = {} }: DoubleOptions): Promise<Double> {
  const data = mkdtempSync(join(tmpdir(), "l4-double-"))
  const child = fork(runMain, [join(out, "main/index.js"), "--store", store, "--home", home, ...words], {
    env: { PATH: process.env.PATH ?? "", MODEL_DATA: data, ...env },
    execArgv: [],
    serialization: "advanced",
    stdio: ["ignore", "pipe", "pipe", "ipc"]
  })
  let output = ""
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")))
  const exited = new Promise<number | null>(resolve => child.once("exit", code => resolve(code)))
  const context = await browser.newContext({ viewport: { width: 1100, height: 700 } })
  const page = await context.newPage()
  const window = connectWindow({ child, context, page })
  return {
    page,
    complaints: window.complaints,
    forked: window.forked,
    popups: window.popups,
    departures: window.departures,
    output: () => output,
    portsGiven: window.portsGiven,
    tell: window.tell,
    ask: window.ask,
    exited,
    async quit() {
      window.tell({ kind: "quit" })
      const late = setTimeout(() => child.kill("SIGKILL"), 20_000)
      const code = await exited
      clearTimeout(late)
      return code
    },
    async close() {
      child.kill("SIGKILL")
      await exited
      while (window.forked.some(({ pid }) => isAlive(pid))) await new Promise(resolve => setTimeout(resolve, 20))
      await context.close()
      rmSync(data, { recursive: true, force: true })
    }
  }
}

/** Joins the app in the child process and the page in the browser. */
function connectWindow({ child, context, page }: { readonly child: ChildProcess; readonly context: BrowserContext; readonly page: Page }) {
  const complaints: string[] = []
  const forked: Forked[] = []
  const popups: string[] = []
  const departures: string[] = []
  const waiting = new Map<number, (value: unknown) => void>()
  let lastId = 0
  let portsGiven = 0
  let side: { session: CDPSession; contextId: number | null } | null = null
  let undelivered: FromModel[] = []

  const tell = (message: ToModel) => {
    if (child.connected) child.send(message)
  }
  const ask = <T>(question: Question): Promise<T> => {
    const id = ++lastId
    tell({ ...question, id } as ToModel)
    return new Promise(resolve => waiting.set(id, value => resolve(value as T)))
  }

  /** One message at a time, in order; those to a document that is gone are dropped with it. */
  function deliver(message: FromModel): void {
    if (side === null || side.contextId === null) {
      undelivered.push(message)
      return
    }
    const expression = `modelDeliver(${JSON.stringify(JSON.stringify(message))})`
    void side.session.send("Runtime.evaluate", { expression, contextId: side.contextId }).catch(() => {})
  }

  child.on("message", (message: FromModel) => {
    if (message.kind === "reply") {
      waiting.get(message.id)?.(message.value)
      waiting.delete(message.id)
    } else if (message.kind === "forked") forked.push(message)
    else if (message.kind === "load")
      void load(message.url, message.preload).catch(error => complaints.push(`load failed: ${String(error)}`))
    else {
      if (message.kind === "send") portsGiven += message.ports.length
      deliver(message)
    }
  })

  async function load(url: string, preload: string): Promise<void> {
    const session = await context.newCDPSession(page)
    side = { session, contextId: null }
    await session.send("Page.enable")
    await session.send("Runtime.enable")
    session.on("Runtime.executionContextCreated", ({ context: made }) => {
      if (made.name !== world || side === null) return
      side.contextId = made.id
      for (const message of undelivered.splice(0)) deliver(message)
    })
    session.on("Runtime.executionContextsCleared", () => {
      if (side !== null) side.contextId = null
      undelivered = []
    })
    session.on("Runtime.bindingCalled", ({ payload }) => hear(JSON.parse(payload) as PageMessage))
    await session.send("Runtime.addBinding", { name: "modelSay", executionContextName: world })
    await session.send("Page.addScriptToEvaluateOnNewDocument", { source: mainWorldScript })
    await session.send("Page.addScriptToEvaluateOnNewDocument", {
      source: isolatedWorldScript(readFileSync(preload, "utf8")),
      worldName: world
    })
    page.on("console", entry => {
      if (entry.type() === "error" || entry.type() === "warning") complaints.push(`console ${entry.type()}: ${entry.text()}`)
    })
    page.on("pageerror", error => complaints.push(`page error: ${error.message}`))
    page.on("load", () => tell({ kind: "finished-load" }))
    context.on("page", popup => void onPopup(popup))
    await context.route("**/*", route => answer(route))
    await page.goto(url.replace(appOrigin, pageOrigin))
  }

  type PageMessage =
    | { kind: "ipc"; channel: string; args: unknown[] }
    | { kind: "port"; port: number; data: unknown }
    | { kind: "preload-failed"; message: string }

  function hear(message: PageMessage): void {
    if (message.kind === "preload-failed") complaints.push(`preload failed: ${message.message}`)
    else if (message.kind === "port") tell({ kind: "port", port: message.port, data: message.data })
    else
      tell({
        kind: "ipc",
        channel: message.channel,
        args: message.args,
        frame: { url: page.url().replace(pageOrigin, appOrigin), main: true }
      })
  }

  /** Own addresses are served by the app's own handler; everything else is blocked, and told unless the app had refused it already. */
  async function answer(route: Route): Promise<void> {
    const request = route.request()
    const url = request.url()
    const leaves = !url.startsWith(`${pageOrigin}/`)
    const frame = frameOf(request)
    if (frame === null) {
      await decidePopup(url)
      return route.abort("blockedbyclient")
    }
    if (request.isNavigationRequest() && frame === page.mainFrame()) {
      if (leaves) {
        if (!(await ask<boolean>({ kind: "will-navigate", url }))) departures.push(url)
        return route.abort("aborted")
      }
      tell({ kind: "started-navigation" })
    } else if (leaves) {
      complaints.push(`foreign request: ${url}`)
      return route.abort("blockedbyclient")
    }
    const served = await ask<Served>({ kind: "serve", url: url.replace(pageOrigin, appOrigin), method: request.method() })
    await route.fulfill({ status: served.status, headers: { ...served.headers }, body: Buffer.from(served.body, "base64") })
  }

  async function onPopup(popup: Page): Promise<void> {
    await decidePopup(popup.url())
    await popup.close()
  }

  async function decidePopup(url: string): Promise<void> {
    if ((await ask<string>({ kind: "popup", url })) !== "deny") popups.push(url)
  }

  return { complaints, forked, popups, departures, tell, ask, portsGiven: () => portsGiven }
}
