/** The built desktop app against our model of Electron's API: boot, bridge, one verb, reload, and what the window may not do. */
import { rmSync } from "node:fs"
import type { Browser } from "@playwright/test"
import { test as base, expect } from "@playwright/test"
import { forkLaunch, openEngine } from "../../electron/engine/index.ts"
import { channels } from "../../shared/bridge.ts"
import type { Double } from "./harness.ts"
import { isAlive, startDouble } from "./harness.ts"
import { strangers } from "./health.ts"
import { makeStore } from "./store.ts"

interface Fixtures {
  readonly double: Double
}

interface WorkerFixtures {
  readonly places: { readonly store: string; readonly home: string; readonly digest: string }
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  places: [
    // biome-ignore lint/correctness/noEmptyPattern: the runner demands a pattern here
    async ({}, use) => {
      const { folder, ...places } = await makeStore()
      await use(places)
      rmSync(folder, { recursive: true, force: true })
    },
    { scope: "worker" }
  ],
  double: async ({ browser, places }, use, info) => {
    const double = await boot(browser, places)
    await use(double)
    if (info.status !== info.expectedStatus) console.log(double.output())
    await double.close()
  }
})

async function boot(
  browser: Browser,
  places: { store: string; home: string },
  more: { words?: string[]; env?: Record<string, string> } = {}
): Promise<Double> {
  return startDouble({ browser, ...places, ...more })
}

const statusLine = (double: Double) => double.page.getByRole("contentinfo")

test("it boots, shows its window, and a verb answers over the port main handed on", async ({ double }) => {
  await expect(statusLine(double)).toContainText("Engine ready")
  await expect(statusLine(double)).toContainText("Policy solo")
  await expect(double.page.getByRole("option").first()).toContainText("twice a number")
  expect(double.complaints).toEqual([])
  expect(double.portsGiven()).toBe(1)
})

test("the page sees a bridge of a few narrow functions and nothing of Electron or Node", async ({ double }) => {
  await expect(statusLine(double)).toContainText("Engine ready")
  const seen = await double.page.evaluate(() => ({
    bridge: Object.keys((globalThis as { l4?: object }).l4 ?? {}).sort(),
    leaked: ["require", "process", "module", "ipcRenderer", "electron", "Buffer"].filter(name => name in globalThis)
  }))
  expect(seen).toEqual({ bridge: ["connect", "onEngineState", "onPlace", "openAddress", "version"], leaked: [] })
})

test("a reload gets a fresh port, and the verbs answer again", async ({ double }) => {
  await expect(statusLine(double)).toContainText("Engine ready")
  await double.page.reload()
  await expect(statusLine(double)).toContainText("Policy solo")
  await expect(double.page.getByRole("option").first()).toContainText("twice a number")
  expect(double.portsGiven()).toBe(2)
  expect(double.complaints).toEqual([])
})

test("quitting closes the store and leaves no process behind", async ({ double }) => {
  await expect(statusLine(double)).toContainText("Policy solo")
  expect(double.forked.map(process => process.name)).toContain("L4 engine")
  expect(await double.quit()).toBe(0)
  await expect.poll(() => double.forked.filter(process => isAlive(process.pid))).toEqual([])
})

test("a dead engine is told, started again, and work goes on", async ({ double }) => {
  await expect(statusLine(double)).toContainText("Policy solo")
  process.kill(double.forked[0]!.pid, "SIGKILL")
  await expect(statusLine(double)).toContainText("Engine restarting")
  await expect(statusLine(double)).toContainText("Engine ready", { timeout: 20_000 })
  await expect(double.page.getByRole("option").first()).toContainText("twice a number")
  expect(double.forked.filter(process => process.name === "L4 engine").length).toBe(2)
})

test("every file comes through the app's own handler with the policy's headers; paths stay inside", async ({ double }) => {
  await expect(statusLine(double)).toContainText("Engine ready")
  const ask = (url: string, method = "GET") =>
    double.ask<{ status: number; headers: Record<string, string>; body: string }>({ kind: "serve", url, method })
  const page = await ask("app://workbench/index.html")
  expect(page.status).toBe(200)
  expect(page.headers["content-security-policy"]).toContain("default-src 'none'; script-src 'self'")
  expect(page.headers["content-security-policy"]).toContain("connect-src 'self';")
  expect(page.headers["content-security-policy"]).toContain("require-trusted-types-for 'script'")
  expect(page.headers["x-content-type-options"]).toBe("nosniff")
  for (const url of [
    "app://workbench/../main/index.js",
    "app://workbench/%2e%2e/main/index.js",
    "app://workbench/..%2fmain/index.js",
    "app://workbench/..%5cmain",
    "app://workbench/a%00b",
    "app://workbench/%E0%A4%A",
    "app://elsewhere/index.html",
    "app://workbench/assets"
  ]) {
    expect([url, (await ask(url)).status]).toEqual([url, 404])
  }
  expect((await ask("app://workbench/index.html", "POST")).status).toBe(405)
})

test("the policy is in force in the page", async ({ double }) => {
  await expect(statusLine(double)).toContainText("Engine ready")
  const outcome = await double.page.evaluate(async () => {
    const broken: string[] = []
    document.addEventListener("securitypolicyviolation", event => broken.push(event.effectiveDirective))
    try {
      const script = document.createElement("script")
      script.textContent = "globalThis.pwned = 1"
      document.head.append(script)
    } catch {
      broken.push("threw")
    }
    await fetch("https://example.invalid/").catch(() => {})
    await new Promise(resolve => setTimeout(resolve, 200))
    return { broken, pwned: "pwned" in globalThis }
  })
  expect(outcome.pwned).toBe(false)
  expect(outcome.broken).toContain("connect-src")
  expect(double.complaints.filter(complaint => complaint.startsWith("foreign request"))).toEqual([])
})

test("only the main frame of our own page is given a port", async ({ double }) => {
  await expect(statusLine(double)).toContainText("Policy solo")
  const before = double.portsGiven()
  for (const frame of strangers) {
    double.tell({ kind: "ipc", channel: channels.connect, args: [], frame })
    double.tell({ kind: "ipc", channel: channels.openAddress, args: ["https://example.invalid/"], frame })
  }
  await double.ask({ kind: "permission", name: "geolocation" })
  expect(double.portsGiven()).toBe(before)
})

test("a Run goes through a runner of its own, which knows nothing but its name", async ({ double, places }) => {
  await expect(statusLine(double)).toContainText("Policy solo")
  await double.page.evaluate(hash => {
    location.hash = hash
  }, `#/run/${places.digest}`)
  await double.page.getByLabel("As an RTFS literal").fill("[21]")
  await double.page.getByRole("button", { name: "Run", exact: true }).click()
  await expect(double.page.getByRole("region", { name: "Outcome" })).toContainText("42")
  const runner = double.forked.find(process => process.name === "L4 runner")
  expect(runner).toMatchObject({ env: [], args: ["runner"] })
  expect(double.complaints).toEqual([])
})

test("the page can neither leave nor open windows, and is granted no permission", async ({ double }) => {
  await expect(statusLine(double)).toContainText("Engine ready")
  await double.page.evaluate(() => {
    location.href = "https://example.invalid/away"
  })
  await double.page.evaluate(() => {
    window.open("https://example.invalid/popup")
  })
  for (const name of ["geolocation", "media", "notifications", "clipboard-read", "hid"]) {
    expect(await double.ask({ kind: "permission", name })).toEqual({ requested: false, checked: false })
  }
  await expect(statusLine(double)).toContainText("Engine ready")
  expect(double.departures).toEqual([])
  expect(double.popups).toEqual([])
})

test("a link from outside opens a place and nothing else", async ({ browser, places }) => {
  const double = await boot(browser, places, { words: ["l4://explore?words=sum"] })
  try {
    await expect(double.page).toHaveURL(/#\/explore\?words=sum$/)
    double.tell({ kind: "second-instance", words: ["electron", "l4://run/../../etc"] })
    double.tell({ kind: "second-instance", words: ["electron", "l4://explore?verdict=pending"] })
    await expect(double.page).toHaveURL(/#\/explore\?verdict=pending$/)
  } finally {
    await double.close()
  }
})

test("a store someone else writes is told in the window, and opens once it is free", async ({ browser, places }) => {
  const holder = await openEngine({ store: places.store, home: places.home, launch: forkLaunch, program: "the holder" })
  const double = await boot(browser, places)
  try {
    await expect(double.page.getByRole("alert")).toContainText("store-locked")
    await expect(double.page.getByRole("alert")).toContainText("the holder")
    await holder.close()
    await expect(async () => {
      await double.page.getByRole("button", { name: "Try again" }).click({ timeout: 1_000 })
      await expect(double.page.getByRole("option").first()).toContainText("twice a number", { timeout: 3_000 })
    }).toPass({ timeout: 30_000 })
    await expect(statusLine(double)).toContainText("Policy solo")
  } finally {
    await holder.close()
    await double.close()
  }
})

test("a second start hands over and ends at once", async ({ browser, places }) => {
  const double = await boot(browser, places, { env: { MODEL_SECOND_INSTANCE: "1" } })
  try {
    expect(await double.exited).toBe(0)
    expect(double.forked).toEqual([])
  } finally {
    await double.close()
  }
})

test("no child process sees the passphrase, and the runner sees no environment at all", async ({ browser, places }) => {
  const double = await boot(browser, places, { env: { L4_PASSPHRASE: "correct horse", OTHER: "1" } })
  try {
    await expect.poll(() => double.forked.length).toBeGreaterThan(0)
    for (const { name, env, args } of double.forked) {
      expect(env).not.toContain("L4_PASSPHRASE")
      expect(JSON.stringify(args)).not.toContain("correct")
      if (name !== "L4 engine") expect(env).toEqual([])
    }
  } finally {
    await double.close()
  }
})
