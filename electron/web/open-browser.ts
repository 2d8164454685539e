/** Opens the window in the default browser without the token ever standing on a command line, where `ps` shows it. */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"

/** Writes a page, readable by its owner alone, that leads to `url`. `forget` deletes it. */
export function redirectFile(url: string): { readonly path: string; forget(): void } {
  const folder = mkdtempSync(join(tmpdir(), "l4-workbench-"))
  const path = join(folder, "open.html")
  const text = `<!doctype html><meta charset="utf-8"><title>L4 Workbench</title><meta http-equiv="refresh" content="0;url=${url}">\n`
  writeFileSync(path, text, { mode: 0o600, flag: "wx" })
  return { path, forget: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Asks the system to open a file in its browser; answers false where it has no way to. The passphrase is not passed on. */
export function openInBrowser(path: string): Promise<boolean> {
  const address = pathToFileURL(path).href
  const [command, args] = commandFor(process.platform, address)
  const { L4_PASSPHRASE: _, ...environment } = process.env
  return new Promise(resolve => {
    const child = spawn(command, args, { stdio: "ignore", detached: true, env: environment })
    child.once("error", () => resolve(false))
    child.once("spawn", () => {
      child.unref()
      resolve(true)
    })
  })
}

function commandFor(platform: NodeJS.Platform, address: string): [string, string[]] {
  if (platform === "darwin") return ["open", [address]]
  if (platform === "win32") return ["rundll32", ["url.dll,FileProtocolHandler", address]]
  return ["xdg-open", [address]]
}
