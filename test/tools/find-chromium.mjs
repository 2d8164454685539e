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

/**
 * @param {{ install?: boolean }} [options] `install` allows the last two steps, which need a network
 * @returns {{ path: string, how: string }} a browser that answers `--version`; throws one clear sentence where there is none
 */
export function findChromium({ install = true } = {}) {
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
function named() {
  const path = process.env.CHROMIUM
  if (path === undefined || path === "") return null
  if (!answers(path)) throw new Error(`CHROMIUM names ${path}, which is no browser that answers --version`)
  return { path, how: "from CHROMIUM" }
}

function installed() {
  const folders = (process.env.PATH ?? "").split(delimiter)
  const candidates = [...names.flatMap(name => folders.map(folder => join(folder, name))), ...applications]
  const path = candidates.find(candidate => existsSync(candidate) && answers(candidate))
  return path === undefined ? null : { path, how: "installed on this machine" }
}

function playwrights() {
  try {
    const path = require("@playwright/test").chromium.executablePath()
    return existsSync(path) && answers(path) ? { path, how: "Playwright's own" } : null
  } catch {
    return null
  }
}

function installPlaywrights() {
  const cli = join(dirname(require.resolve("playwright/package.json")), "cli.js")
  return spawnSync(process.execPath, [cli, "install", "chromium"], { stdio: "ignore", timeout: 300_000 }).status === 0
}

function installDebians() {
  if (process.platform !== "linux" || process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"], { stdio: "ignore" }).status !== 0)
    return false
  const run = (...words) =>
    spawnSync("apt-get", ["-qq", "-y", ...words], {
      stdio: "ignore",
      timeout: 600_000,
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
    }).status === 0
  return run("update") && run("install", "chromium")
}

function answers(path) {
  return spawnSync(path, ["--version"], { encoding: "utf8", timeout: 20_000 }).stdout?.includes("Chrom") ?? false
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { path, how } = findChromium()
    console.error(`browser: ${path} (${how})`)
    console.log(path)
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
