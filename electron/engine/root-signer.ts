/** Signs prepared documents on a machine that has keys and no store: root keys are meant to be kept away from the daily one. */
import path from "node:path"
import type { KeyId } from "../../shared/digest.ts"
import type { AnswerOf } from "../../shared/engine-contract.ts"
import { openFileKeyring } from "./adapters/file-keyring.ts"
import { signPrepared } from "./prepared.ts"

export interface RootSigner {
  /** Whether a passphrase is needed before anything can be signed. */
  readonly locked: boolean
  /** Throws `keys-missing`, `keys-locked`, `wrong-passphrase`, `wrong-usage` where it is no prepared document. */
  sign(document: string, choice: { readonly passphrase?: string; readonly key?: KeyId }): Promise<AnswerOf<"signRoot">>
  close(): void
}

/** Over the keys in the user's data folder. */
export function openRootSigner(home: string): RootSigner {
  const keyring = openFileKeyring(path.join(home, "keys"))
  return {
    locked: keyring.list().some(key => (key.purpose === "root" || key.purpose === "authority") && !key.unlocked && !key.retired),
    async sign(document, { passphrase, key }) {
      if (passphrase !== undefined) await keyring.unlock(passphrase)
      return signPrepared(document, keyring, key)
    },
    close: () => keyring.close()
  }
}
