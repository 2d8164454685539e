import { pathToFileURL } from "node:url"
import { startWebHost } from "../../electron/web/host.ts"
import { redirectFile } from "../../electron/web/open-browser.ts"
import { fakeEngine } from "./fake-engine.ts"
import { builtWindow, expect, expectAccessible, fake, goTo, test, watch } from "./window.ts"

const places: readonly (readonly [name: string, hash: () => string])[] = [
  ["Explore", () => "#/explore"],
  ["Explore with words", () => "#/explore?words=count%20words"],
  ["Verdict", () => `#/module/${fake("fetch").digest}`],
  ["Interface", () => `#/module/${fake("group").digest}?tab=interface`],
  ["Source", () => `#/module/${fake("greet").digest}?tab=source`],
  ["Examples", () => `#/module/${fake("sum").digest}?tab=examples`],
  ["Attestations", () => `#/module/${fake("sum").digest}?tab=attestations`],
  ["WAT", () => `#/module/${fake("sum").digest}?tab=wat`],
  ["Run", () => `#/run/${fake("group").digest}`],
  ["Run without a Module", () => "#/run"]
]

for (const theme of ["light", "dark"] as const) {
  test.describe(`${theme} theme`, () => {
    test.use({ colorScheme: theme })

    for (const [name, hash] of places) {
      test(`axe finds nothing on ${name}`, async ({ window }) => {
        await goTo(window, hash())
        await expect(window.locator("html")).toHaveAttribute("data-theme", theme)
        await expect(window.getByText(/Reading the Module|Searching|Disassembling/)).toHaveCount(0)
        await expect(window.getByRole("main")).not.toBeEmpty()
        await window.waitForLoadState("networkidle")
        await expectAccessible(window)
      })
    }

    test("axe finds nothing in the commands, the menu and About", async ({ window }) => {
      await expect(window.getByRole("option").first()).toBeVisible()
      await window.keyboard.press("Control+k")
      await expect(window.getByRole("dialog", { name: "Commands" })).toBeVisible()
      await expectAccessible(window)
      await window.keyboard.press("Escape")
      await window.getByRole("button", { name: "Appearance and about" }).click()
      await expect(window.getByRole("menu")).toBeVisible()
      await expectAccessible(window)
      await window.getByRole("menuitem", { name: "About L4 Workbench" }).click()
      await expect(window.getByRole("dialog", { name: "About L4 Workbench" })).toContainText("all-MiniLM-L6-v2")
      await expectAccessible(window)
    })
  })
}

test("the token leaves the address at once and is kept for reloads of this tab", async ({ window }) => {
  expect(window.url()).not.toContain("token")
  await window.reload()
  await expect(window.getByRole("option").first()).toBeVisible()
})

test("the page that leads the browser here opens the window, and can be forgotten once it is open", async ({ page, host }) => {
  const file = redirectFile(host.url)
  await page.goto(pathToFileURL(file.path).href)
  await expect(page.getByRole("option").first()).toBeVisible()
  expect(page.url()).toBe(`${host.origin}/#/explore`)
  file.forget()
})

test("a page opened without its token says so and shows nothing", async ({ page, host }) => {
  const complaints = watch(page, host.origin)
  await page.goto(`${host.origin}/`)
  await expect(page.getByText("This page was opened without its key")).toBeVisible()
  await expect(page.getByRole("option")).toHaveCount(0)
  await expectAccessible(page)
  expect(complaints).toEqual([])
})

test("the commands reach places, Modules and acts by keyboard alone, and focus comes back", async ({ window, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"])
  await window.getByRole("listbox", { name: "Results" }).focus()
  await window.keyboard.press("Control+k")
  await window.keyboard.type("leap")
  await expect(window.getByRole("option", { name: /is a year a leap year/ })).toBeVisible()
  await window.keyboard.press("Enter")
  await expect(window.getByRole("heading", { level: 1, name: "is a year a leap year" })).toBeVisible()
  await window.keyboard.press("Control+k")
  await window.keyboard.type("show its source")
  await window.keyboard.press("Enter")
  await expect(window).toHaveURL(/tab=source/)
  await window.keyboard.press("Control+k")
  await window.keyboard.type("module digest")
  await window.keyboard.press("Enter")
  await expect.poll(() => window.evaluate(() => navigator.clipboard.readText())).toBe(fake("is a year").digest)
  await window.getByRole("tab", { name: "Source" }).focus()
  await window.keyboard.press("Control+k")
  await window.keyboard.press("Escape")
  await expect(window.getByRole("tab", { name: "Source" })).toBeFocused()
})

test("from start to a finished Run without a mouse", async ({ window }) => {
  await expect(window.getByRole("option").first()).toBeVisible()
  await window.keyboard.press("/")
  await expect(window.getByRole("searchbox")).toBeFocused()
  await window.keyboard.type("sum numbers")
  await expect(window.getByRole("option").first()).toContainText("sum of all numbers")
  await window.keyboard.press("ArrowDown")
  await window.keyboard.press("r")
  await expect(window.getByRole("heading", { level: 1, name: /sum of all numbers/ })).toBeVisible()
  await window.getByLabel("As an RTFS literal").focus()
  await window.keyboard.press("Control+a")
  await window.keyboard.type("[[20 22]]")
  await window.keyboard.press("Control+Enter")
  await expect(window.getByRole("region", { name: "Outcome" }).first()).toContainText("42")
})

test("the theme is chosen, shown and remembered", async ({ window }) => {
  await window.getByRole("button", { name: "Appearance and about" }).click()
  await window.getByRole("menuitemradio", { name: "Dark" }).click()
  await expect(window.locator("html")).toHaveAttribute("data-theme", "dark")
  await window.reload()
  await expect(window.locator("html")).toHaveAttribute("data-theme", "dark")
})

test("the status line tells store, root, policy and unprotected keys", async ({ window }) => {
  const line = window.getByRole("contentinfo")
  for (const text of ["store", "Root v1", "Policy solo", "5 unprotected keys", "Engine ready"]) await expect(line).toContainText(text)
})

test("a host that ends is told, and what is on the screen stays", async ({ page, expected }) => {
  expected.push("WebSocket")
  const first = await startWebHost({ engine: fakeEngine(), rendererDirectory: builtWindow })
  await page.goto(first.url)
  await expect(page.getByRole("option").first()).toBeVisible()
  await first.close()
  await expect(page.getByRole("contentinfo")).toContainText("Engine not reachable, trying again")
  await expect(page.getByRole("option").first()).toBeVisible()
})

test("a text is shown plainly where the view for it cannot be loaded, and the window stays", async ({ page, host }) => {
  await page.route("**/code-view*", route => route.abort())
  await page.goto(host.url)
  await goTo(page, `#/module/${fake("sum").digest}?tab=source`)
  await expect(page.getByRole("region", { name: "Source" })).toContainText("reduce + 0 numbers")
  await expect(page.getByRole("contentinfo")).toContainText("Engine ready")
})

test("it works at 320 pixels, with nothing cut off sideways", async ({ window }) => {
  await window.setViewportSize({ width: 320, height: 640 })
  for (const hash of ["#/explore", `#/module/${fake("fetch").digest}`, `#/run/${fake("group").digest}`]) {
    await goTo(window, hash)
    await expect(window.getByRole("heading", { level: 1 })).toBeVisible()
    expect(await window.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
    await expectAccessible(window)
  }
})

test("the policy holds: no inline script, no string as code, no foreign image or fetch", async ({ window, expected }) => {
  expected.push("policy violated", "Content Security Policy", "Trusted", "Refused", "TrustedHTML", "http://127.0.0.1:1/")
  const broken = await window.evaluate(async () => {
    const seen: string[] = []
    document.addEventListener("securitypolicyviolation", event => seen.push(event.effectiveDirective))
    const script = document.createElement("script")
    try {
      script.textContent = "globalThis.pwned = true"
      document.head.append(script)
    } catch {}
    try {
      document.body.insertAdjacentHTML("beforeend", "<i>markup</i>")
      seen.push("inserted markup")
    } catch {}
    await fetch("http://127.0.0.1:1/").catch(() => {})
    const image = new Image()
    image.src = "http://127.0.0.1:1/a.png"
    await new Promise(resolve => setTimeout(resolve, 300))
    return { seen, pwned: "pwned" in globalThis }
  })
  expect(broken.pwned).toBe(false)
  expect(broken.seen).not.toContain("inserted markup")
  expect(broken.seen).toEqual(expect.arrayContaining(["connect-src", "img-src", "require-trusted-types-for"]))
})
