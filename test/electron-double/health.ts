/** Whether a booted app is whole: the checks that every way of breaking the bundles must fail. */

import { channels } from "../../shared/bridge.ts"
import type { Double } from "./harness.ts"

/** Senders that are not the main frame of our own page. */
export const strangers: readonly ({ readonly url: string; readonly main: boolean } | null)[] = [
  null,
  { url: "app://workbench/index.html", main: false },
  { url: "app://workbench.evil/index.html", main: true },
  { url: "https://workbench/index.html", main: true },
  { url: "app://workbench@evil/index.html", main: true },
  { url: "", main: true }
]

/** The first thing found wrong, or null. Each step may take `mostMs`. */
export async function complaintAbout(double: Double, digest: string, mostMs: number): Promise<string | null> {
  if (!(await boots(double, mostMs))) return "it does not come up"
  const { complaints } = double
  if (complaints.length > 0) return complaints[0]!
  const page = await double.ask<{ headers: Record<string, string> }>({ kind: "serve", url: "app://workbench/index.html", method: "GET" })
  if (!page.headers["content-security-policy"]?.startsWith("default-src 'none'; script-src 'self';"))
    return "the page has no content policy"
  const outside = await double.ask<{ status: number }>({ kind: "serve", url: "app://workbench/..%2fmain/index.js", method: "GET" })
  if (outside.status !== 404) return "a path leaves its folder"
  const permission = await double.ask<{ requested: boolean; checked: boolean }>({ kind: "permission", name: "geolocation" })
  if (permission.requested || permission.checked) return "a permission is granted"
  if (!(await runs(double, digest, mostMs))) return "nothing can be run"
  await double.page.evaluate(() => {
    window.open("https://example.invalid/popup")
  })
  await double.page.evaluate(() => {
    location.href = "https://example.invalid/away"
  })
  await new Promise(resolve => setTimeout(resolve, 500))
  if (double.popups.length > 0) return "the page opens windows"
  if (double.departures.length > 0) return "the page may leave"
  const before = double.portsGiven()
  for (const frame of strangers) double.tell({ kind: "ipc", channel: channels.connect, args: [], frame })
  await double.ask({ kind: "permission", name: "geolocation" })
  return double.portsGiven() === before ? null : "a stranger is given a port"
}

async function boots(double: Double, mostMs: number): Promise<boolean> {
  const up = double.page
    .getByRole("contentinfo")
    .getByText("Policy solo")
    .waitFor({ timeout: mostMs })
    .then(
      () => true,
      () => false
    )
  return Promise.race([up, double.exited.then(() => false)])
}

async function runs(double: Double, digest: string, mostMs: number): Promise<boolean> {
  await double.page.evaluate(hash => {
    location.hash = hash
  }, `#/run/${digest}`)
  try {
    await double.page.getByRole("button", { name: "Run", exact: true }).click({ timeout: mostMs })
    await double.page.getByRole("region", { name: "Outcome" }).getByText("Returned").waitFor({ timeout: mostMs })
    return true
  } catch {
    return false
  }
}
