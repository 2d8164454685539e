/** Starts the engine's processes as children of a plain Node program: the command line, the window's web host, tests. */
import { fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import type { EngineProcess, Launch } from "../ports.ts"

/** Entry files beside this one, as sources or as the bundle's files. */
const sources = { runner: "../sandbox/runner.ts", lance: "./lance-process.ts", interpreter: "./interpreter-process.ts" } as const
const bundled = { runner: "./runner.js", lance: "./lance-process.js", interpreter: "./interpreter-process.js" } as const

/** A child process with nothing of this one's environment. Messages are structured clones. */
export const forkLaunch: Launch = entry => {
  const fromSource = import.meta.url.endsWith(".ts")
  const file = fileURLToPath(new URL((fromSource ? sources : bundled)[entry], import.meta.url))
  const mayDie = entry === "interpreter"
  const stdio = ["ignore", "ignore", mayDie ? "ignore" : "inherit", "ipc"] as const
  const child = fork(file, [], { serialization: "advanced", env: {}, execArgv: [], stdio: [...stdio] })
  if (mayDie) {
    // It is not closed by anybody: it goes when this process does, and keeps it from nothing.
    child.unref()
    child.channel?.unref()
  }
  const process: EngineProcess = {
    pid: child.pid,
    postMessage: message => {
      if (child.connected) child.send(message as object)
    },
    onMessage: listener => {
      child.on("message", listener)
    },
    onExit: listener => {
      child.on("exit", listener)
      child.on("error", () => listener(null))
    },
    kill: () => {
      child.kill("SIGKILL")
    }
  }
  return process
}
