#!/usr/bin/env node
/** Starts the command line from its TypeScript source, under the bundled Node 24 where the caller's Node is older. */
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import module from "node:module"
import { fileURLToPath } from "node:url"

const [major, minor] = process.versions.node.split(".").map(Number)

/** Type stripping without a flag and without a warning: Node 22.18 and 24.3 on. */
const runsTypeScript = major > 24 || (major === 24 && minor >= 3)

if (runsTypeScript) {
  module.enableCompileCache?.()
  const { main } = await import("./cli.ts")
  process.exitCode = await main(process.argv.slice(2))
} else {
  const windows = process.platform === "win32"
  const bundled = fileURLToPath(new URL(`../../node_modules/node/bin/node${windows ? ".exe" : ""}`, import.meta.url))
  if (!existsSync(bundled)) {
    process.stderr.write(
      `l4: Node ${process.versions.node} is too old and no bundled Node 24 is installed; run npm ci in the project first\n`
    )
    process.exitCode = 3
  } else {
    const child = spawn(bundled, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
      stdio: ["inherit", "inherit", "inherit", ...passedDescriptors()]
    })
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal))
    child.on("exit", (code, signal) => {
      process.exitCode = signal ? 1 : (code ?? 3)
    })
  }
}

/** Descriptors a caller names must reach the child under the same numbers. */
function passedDescriptors() {
  const named = ["--passphrase-fd", "--endpoint-key-fd"].map(option => {
    const at = process.argv.indexOf(option)
    const inline = process.argv.find(argument => argument.startsWith(`${option}=`))
    return Number(inline ? inline.split("=")[1] : at > 0 ? process.argv[at + 1] : Number.NaN)
  })
  const passed = new Set(named.filter(fd => Number.isInteger(fd) && fd >= 3 && fd <= 64))
  return Array.from({ length: Math.max(2, ...passed) - 2 }, (_, index) => (passed.has(index + 3) ? index + 3 : "ignore"))
}
