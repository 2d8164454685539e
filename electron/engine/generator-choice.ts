/** Choosing a Generator needs keys and no store: the composition of it, for the command line. */
import path from "node:path"
import type { GeneratorFile } from "./adapters/file-generator.ts"
import { openGeneratorFile } from "./adapters/file-generator.ts"
import { openFileKeyring } from "./adapters/file-keyring.ts"

export interface GeneratorSettings extends GeneratorFile {
  /** Opens the keys an endpoint's key is sealed under. Throws `wrong-passphrase`. */
  unlock(passphrase: string): Promise<void>
  /** Whether a signing key is open. */
  readonly unlocked: boolean
  close(): void
}

export function openGeneratorSettings(home: string): GeneratorSettings {
  const keyring = openFileKeyring(path.join(home, "keys"))
  return {
    ...openGeneratorFile(home, keyring),
    async unlock(passphrase) {
      await keyring.unlock(passphrase)
    },
    get unlocked() {
      return keyring.list().some(key => key.unlocked && !key.retired)
    },
    close: () => keyring.close()
  }
}
