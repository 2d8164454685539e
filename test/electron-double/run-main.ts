/** Runs a built main entry over the model of Electron, with the real one's order: ready comes only once the entry is evaluated. */
import { registerHooks } from "node:module"
import { pathToFileURL } from "node:url"
import { becomeReady, wasReadyAsked } from "./model.ts"

const modelUrl = new URL("./model.ts", import.meta.url).href
const entry = process.argv[2]!
const evaluationMostMs = 5_000

registerHooks({
  resolve: (specifier, context, next) => (specifier === "electron" ? { url: modelUrl, shortCircuit: true } : next(specifier, context))
})

// What the app sees must be what it would see as Electron's main script.
process.argv.splice(1, 2, entry)

const deadlock = setTimeout(() => {
  const why = wasReadyAsked()
    ? "it waits for ready at top level, and ready comes only after the entry is evaluated (electron#40719)"
    : "its top level waits for something"
  process.stderr.write(`model of Electron: the main entry was not evaluated within ${evaluationMostMs} ms: ${why}\n`)
  process.exit(70)
}, evaluationMostMs)

process.on("disconnect", () => process.exit(0))

import(pathToFileURL(entry).href).then(
  () => {
    clearTimeout(deadlock)
    becomeReady()
  },
  error => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    process.exit(1)
  }
)
