/** Finds a browser for the tests: CHROMIUM, then an installed Chromium or Chrome, then Playwright's own, then Debian's package where that may be installed. */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { createRequire } from "node:module"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const require = createRequire(import.meta.url)
const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
const applications = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe"
]

export interface Browser {
  readonly path: string
  /** Where it came from, for people. */
  readonly how: string
}

/** A browser that answers `--version`; throws one clear sentence where there is none. `install` allows the last two steps, which need a network. */
export function findChromium({ install = true }: { readonly install?: boolean } = {}): Browser {
  const found = named() ?? installed() ?? playwrights()
  if (found !== null) return found
  if (install) {
    const own = installPlaywrights() ? playwrights() : null
    if (own !== null) return { ...own, how: "Playwright's own, installed now" }
    const debians = installDebians() ? installed() : null
    if (debians !== null) return { ...debians, how: "Debian's package, installed now" }
  }
  throw new Error("no browser for the tests: install Chromium or Chrome, or set CHROMIUM to the path of one")
}

/** The browser CHROMIUM names; a wrong path is an error, not a reason to take another. */
function named(): Browser | null {
  const path = process.env.CHROMIUM
  if (path === undefined || path === "") return null
  if (!answers(path)) throw new Error(`CHROMIUM names ${path}, which is no browser that answers --version`)
  return { path, how: "from CHROMIUM" }
}

function installed(): Browser | null {
  const folders = (process.env.PATH ?? "").split(delimiter)
  const candidates = [...names.flatMap(name => folders.map(folder => join(folder, name))), ...applications]
  const path = candidates.find(candidate => existsSync(candidate) && answers(candidate))
  return path === undefined ? null : { path, how: "installed on this machine" }
}

function playwrights(): Browser | null {
  try {
    const path = require("@playwright/test").chromium.executablePath()
    return existsSync(path) && answers(path) ? { path, how: "Playwright's own" } : null
  } catch {
    return null
  }
}

function installPlaywrights(): boolean {
  const cli = join(dirname(require.resolve("playwright/package.json")), "cli.js")
  return spawnSync(process.execPath, [cli, "install", "chromium"], { stdio: "ignore", timeout: 180_000 }).status === 0
}

function installDebians(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"], { stdio: "ignore" }).status !== 0)
    return false
  const run = (...words: string[]) =>
    spawnSync("apt-get", ["-qq", "-y", ...words], {
      stdio: "ignore",
      timeout: 600_000,
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
    }).status === 0
  return run("update") && run("install", "chromium")
}

function answers(path: string): boolean {
  return spawnSync(path, ["--version"], { encoding: "utf8", timeout: 20_000 }).stdout?.includes("Chrom") ?? false
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { path, how } = findChromium()
    console.error(`browser: ${path} (${how})`)
    console.log(path)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
