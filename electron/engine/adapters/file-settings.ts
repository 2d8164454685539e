/** Settings in the user's data folder: read again when their file changed, written beside and renamed. */
import fs from "node:fs"
import path from "node:path"
import { z } from "zod"
import { EngineFailure } from "../../../shared/failure.ts"
import { type Settings, settingsDefault, settingsSchema } from "../../../shared/settings.ts"
import type { SettingsStore } from "../ports.ts"
import { diskFailure } from "./disk.ts"

const fileSchema = z.object({ version: z.literal(1), settings: settingsSchema.partial() })

/** Every Lookup asks: what another process changed is seen within this time. */
const seenForMs = 500

/** A file that cannot be read as settings counts for nothing but is named by `problem`: a Lookup must not stop for it. */
export function openSettingsFile(home: string): SettingsStore {
  const file = path.join(home, "settings.json")
  let seen: { readonly version: string; readonly settings: Settings; readonly problem: string | null } | null = null
  let lookedMs = Number.NEGATIVE_INFINITY
  const current = () => {
    const nowMs = performance.now()
    if (seen !== null && nowMs - lookedMs < seenForMs) return seen
    lookedMs = nowMs
    const version = versionOf(file)
    if (seen?.version !== version) seen = { version, ...read(file) }
    return seen
  }
  return {
    get: () => current().settings,
    problem: () => current().problem,
    put(settings) {
      const beside = `${file}.${process.pid}`
      try {
        fs.mkdirSync(home, { recursive: true, mode: 0o700 })
        fs.writeFileSync(beside, `${JSON.stringify({ version: 1, settings }, null, 2)}\n`, { mode: 0o600, flush: true })
        fs.renameSync(beside, file)
        lookedMs = Number.NEGATIVE_INFINITY
      } catch (error) {
        fs.rmSync(beside, { force: true })
        throw diskFailure(error, "write the settings")
      }
    }
  }
}

function versionOf(file: string): string {
  const { ino, mtimeNs, size } = fs.statSync(file, { bigint: true, throwIfNoEntry: false }) ?? { ino: 0n, mtimeNs: 0n, size: -1n }
  return `${ino}.${mtimeNs}.${size}`
}

function read(file: string): { readonly settings: Settings; readonly problem: string | null } {
  let text: string
  try {
    text = fs.readFileSync(file, "utf8")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { settings: settingsDefault, problem: null }
    return { settings: settingsDefault, problem: diskFailure(error, "read the settings").message }
  }
  try {
    const { settings } = fileSchema.parse(JSON.parse(text))
    const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
    return { settings: { ...settingsDefault, ...given }, problem: null }
  } catch {
    const failure = new EngineFailure(
      "wrong-usage",
      "settings.json in the data folder is damaged or of another version: the defaults apply until it is mended"
    )
    return { settings: settingsDefault, problem: failure.message }
  }
}
