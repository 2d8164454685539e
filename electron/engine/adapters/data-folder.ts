/** Where one user's data lives: the same folder for the desktop, the web host and the command line. */
import { homedir } from "node:os"
import { join, resolve } from "node:path"

export interface DataFolder {
  /** The user's data folder: keys, checkpoints seen, the default store. */
  readonly home: string
  /** The store to open. */
  readonly store: string
}

/** `--home` and `--store` win, then `L4_HOME` and `L4_STORE`, then the platform's place. Paths come back absolute. */
export function dataFolder(
  choice: { readonly home?: string | undefined; readonly store?: string | undefined },
  environment: Readonly<Record<string, string | undefined>>
): DataFolder {
  const home = resolve(choice.home ?? environment.L4_HOME ?? platformFolder(environment))
  const store = resolve(choice.store ?? environment.L4_STORE ?? join(home, "store"))
  return { home, store }
}

function platformFolder(environment: Readonly<Record<string, string | undefined>>): string {
  switch (process.platform) {
    case "darwin":
      return join(homedir(), "Library", "Application Support", "L4 Workbench")
    case "win32":
      return join(environment.LOCALAPPDATA ?? join(homedir(), "AppData", "Local"), "L4 Workbench")
    default:
      return join(environment.XDG_DATA_HOME ?? join(homedir(), ".local", "share"), "l4-workbench")
  }
}
