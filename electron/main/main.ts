/** Entry of the desktop app: what must happen before Electron is ready, and nothing else. Nothing here may be awaited at top level: ready comes after it. */
import { app, dialog, protocol } from "electron"
import { boot } from "./boot.ts"
import { takePassphrase } from "./start-options.ts"

const passphrase = takePassphrase(process.env)

if (app.requestSingleInstanceLock()) {
  app.enableSandbox()
  protocol.registerSchemesAsPrivileged([{ scheme: "app", privileges: { standard: true, secure: true, supportFetchAPI: true } }])
  void app
    .whenReady()
    .then(() => boot(passphrase))
    .catch(fatal)
} else {
  app.quit()
}

function fatal(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`${text}\n`)
  dialog.showErrorBox("L4 Workbench could not start", error instanceof Error ? error.message : text)
  app.exit(70)
}
