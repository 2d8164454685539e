/** What every test of the window starts from: a host, a page, and a watch that fails the test on any complaint of the console, the policy or the network. */

import { fileURLToPath } from "node:url"
import AxeBuilder from "@axe-core/playwright"
import type { Page } from "@playwright/test"
import { test as base, expect } from "@playwright/test"
import type { WebHost } from "../../electron/web/host.ts"
import { startWebHost } from "../../electron/web/host.ts"
import type { EngineVerbs } from "../../shared/engine-contract.ts"
import type { EngineFailure } from "../../shared/failure.ts"
import type { FakeEngine, FakeModule } from "./fake-engine.ts"
import { fakeEngine, fakeModules, mappingDigest, moduleDigest } from "./fake-engine.ts"

export const builtWindow = fileURLToPath(new URL("../../out/renderer", import.meta.url))

interface Fixtures {
  /** Verbs that fail, by name. */
  readonly failing: Map<string, EngineFailure>
  readonly verbs: EngineVerbs & Partial<Pick<FakeEngine, "calls">>
  readonly host: WebHost
  /** Complaints a test expects, as parts of their text. */
  readonly expected: string[]
  readonly window: Page
}

export const test = base.extend<Fixtures & { modules: number }>({
  modules: [40, { option: true }],
  // biome-ignore lint/correctness/noEmptyPattern: the runner demands a pattern here
  failing: async ({}, use) => use(new Map()),
  verbs: async ({ failing, modules }, use) => use(fakeEngine({ failing, more: modules })),
  // biome-ignore lint/correctness/noEmptyPattern: the runner demands a pattern here
  expected: async ({}, use) => use([]),
  host: async ({ verbs }, use) => {
    const host = await startWebHost({ engine: verbs, rendererDirectory: builtWindow })
    await use(host)
    await host.close()
  },
  window: async ({ page, host, expected }, use) => {
    const complaints = watch(page, host.origin)
    await page.goto(host.url)
    await page.getByRole("main").waitFor()
    await use(page)
    expect(complaints.filter(complaint => !expected.some(part => complaint.includes(part)))).toEqual([])
  }
})

export { expect }

/** Collects what no test may cause: console errors and warnings, page errors, policy reports, requests to anyone but the host. */
export function watch(page: Page, origin: string): string[] {
  // The tour is for a first start; it has tests of its own.
  void page.addInitScript(() => localStorage.getItem("l4-tour") ?? localStorage.setItem("l4-tour", "done"))
  const complaints: string[] = []
  page.on("console", message => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(`console ${message.type()}: ${message.text()}`)
  })
  page.on("pageerror", error => complaints.push(`page error: ${error.message}`))
  page.on("request", request => {
    const url = request.url()
    if (!url.startsWith(`${origin}/`) && !url.startsWith("data:") && !url.startsWith("blob:")) complaints.push(`foreign request: ${url}`)
  })
  page.on("websocket", socket => {
    if (!socket.url().startsWith(`${origin.replace("http", "ws")}/`)) complaints.push(`foreign socket: ${socket.url()}`)
  })
  void page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", event =>
      console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI}`)
    )
  })
  return complaints
}

/** No violation of any rule axe knows, in the state the page is in. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => `${node.html} ${node.failureSummary ?? ""}`).join(" | ")}`)).toEqual(
    []
  )
}

/** The same in the light and the dark theme, once its colours have settled. */
export async function expectAccessibleInBothThemes(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme })
    await page.waitForFunction(() => document.getAnimations().every(animation => animation.playState !== "running"))
    await expectAccessible(page)
  }
}

export async function goTo(page: Page, hash: string): Promise<void> {
  await page.evaluate(next => {
    location.hash = next
  }, hash)
}

export function fake(task: string): FakeModule & { readonly digest: string; readonly mapping: string } {
  const module = fakeModules.find(candidate => candidate.task.startsWith(task))
  if (module === undefined) throw new Error(`no made-up Module begins with ${task}`)
  return { ...module, digest: moduleDigest(module), mapping: mappingDigest(module.task, module.canonical) }
}
