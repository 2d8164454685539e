/**
 * Completes package-lock.json after an install against a registry that lacks some platforms of an optional dependency:
 * `npm ci` refuses a lock in which an optional package is named but has no entry. Run once after each `npm install`.
 */
import { readFileSync, writeFileSync } from "node:fs"

const lockPath = new URL("../../package-lock.json", import.meta.url)
const lock = JSON.parse(readFileSync(lockPath, "utf8"))

const systems = { darwin: "darwin", linux: "linux", win32: "win32", android: "android", freebsd: "freebsd", openharmony: "openharmony" }
const processors = ["x64", "arm64", "arm", "ia32", "ppc64", "riscv64", "s390x", "wasm32"]

/** Where node's own resolution, from the package at `path`, finds `name`; null if nowhere. */
function resolveFrom(path, name) {
  for (let at = path; ; ) {
    const place = `${at === "" ? "" : `${at}/`}node_modules/${name}`
    if (lock.packages[place]) return place
    if (at === "") return null
    const outer = at.lastIndexOf("/node_modules/")
    at = outer > 0 ? at.slice(0, outer) : ""
  }
}

function platformOf(name) {
  const words = name.split("/").at(-1).split("-")
  const os = words.map(word => systems[word]).find(Boolean)
  const cpu = processors.find(processor => words.includes(processor))
  const libc = words.includes("musl") ? "musl" : words.includes("gnu") ? "glibc" : undefined
  return { ...(cpu ? { cpu: [cpu] } : {}), ...(os ? { os: [os] } : {}), ...(libc && os === "linux" ? { libc: [libc] } : {}) }
}

let added = 0
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (resolveFrom(path, name)) continue
    if (!/^\d+\.\d+\.\d+/.test(version)) throw new Error(`${path} asks for ${name} ${version}: not an exact version, complete it by hand`)
    lock.packages[`node_modules/${name}`] = { version, ...platformOf(name), optional: true }
    added++
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
writeFileSync(lockPath, `${JSON.stringify(lock, null, 2)}\n`)
process.stdout.write(`${added} absent optional packages added to the lock\n`)
