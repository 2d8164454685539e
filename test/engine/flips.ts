/** Damage for tests: one random byte of one random file is changed, and the folder put back as it was for the next. */
import fs from "node:fs"
import path from "node:path"

export interface Flipper {
  /** Changes one byte of a file below the folder, and answers what it was, in words. */
  flip(): string
  /** The folder as it was. */
  restore(): void
}

/** `only`: files whose path in the folder matches. Files of no bytes are left out. */
export function flipperOf(folder: string, only: RegExp, random: () => number): Flipper {
  const sound = new Map(filesBelow(folder).map(name => [name, fs.readFileSync(path.join(folder, name))]))
  const targets = [...sound.keys()].filter(name => only.test(name) && (sound.get(name) as Buffer).length > 0)
  if (targets.length === 0) throw new Error(`no file of ${folder} matches ${only}`)
  return {
    flip() {
      const name = targets[Math.floor(random() * targets.length)] as string
      const bytes = Buffer.from(sound.get(name) as Buffer)
      const at = Math.floor(random() * bytes.length)
      const before = bytes[at] as number
      // Any other value, not a single bit only.
      bytes[at] = (before + 1 + Math.floor(random() * 255)) % 256
      write(path.join(folder, name), bytes)
      return `${name} byte ${at} of ${bytes.length}: ${before} → ${bytes[at]}`
    },
    restore() {
      for (const name of filesBelow(folder)) if (!sound.has(name)) fs.rmSync(path.join(folder, name), { force: true })
      for (const [name, bytes] of sound) {
        const file = path.join(folder, name)
        if (!fs.existsSync(file) || fs.statSync(file).size !== bytes.length || !fs.readFileSync(file).equals(bytes)) write(file, bytes)
      }
    }
  }
}

function write(file: string, bytes: Uint8Array): void {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  if (fs.existsSync(file)) fs.chmodSync(file, 0o644)
  fs.writeFileSync(file, bytes)
}

function filesBelow(folder: string): string[] {
  if (!fs.existsSync(folder)) return []
  return fs
    .readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort()
}
