/** `npm start`: opens the desktop app where an Electron binary is installed, else the web host, and says which and why in one line. */
import { spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const top = fileURLToPath(new URL("..", import.meta.url))
const words = process.argv.slice(2)

/** Path of the Electron binary, or why there is none to use. Never imports `electron`: in plain Node that starts a download. */
function findElectron() {
  if (words.includes("--no-open") || words.includes("--port")) return { why: "a headless start was asked for" }
  const given = process.env.ELECTRON_EXEC_PATH
  if (given) return existsSync(given) ? { path: given } : { why: `ELECTRON_EXEC_PATH names ${given}, which is not there` }
  const pathFile = `${top}node_modules/electron/path.txt`
  if (!existsSync(pathFile)) return { why: "no Electron binary is installed (npx install-electron fetches it once)" }
  const path = `${top}node_modules/electron/dist/${readFileSync(pathFile, "utf8").trim()}`
  return existsSync(path) ? { path } : { why: "the Electron package is here without its binary" }
}

const electron = findElectron()
process.stderr.write(
  electron.path ? "Opening the desktop app: an Electron binary is installed\n" : `Opening the web host: ${electron.why}\n`
)

const child = electron.path
  ? spawn(electron.path, [top, ...words], { stdio: "inherit" })
  : spawn(process.execPath, [`${top}out/main/web.js`, ...words], { stdio: "inherit" })

for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal))
// The shell between npm and this program dies of a signal without passing it on: whoever started us being gone means the same.
const parent = process.ppid
const watch = setInterval(() => {
  if (process.ppid !== parent) child.kill("SIGTERM")
}, 250)
child.on("error", error => {
  clearInterval(watch)
  process.stderr.write(`l4: could not start: ${error.message}\n`)
  process.exitCode = 3
})
child.on("exit", (code, signal) => {
  clearInterval(watch)
  process.exitCode = signal ? 0 : (code ?? 3)
})
