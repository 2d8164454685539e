/** The operating system's store of secrets for key files, by Electron's safeStorage: asked by the engine process, over its parent port, for single file keys. */
import { safeStorage } from "electron"
import type { FromEngine, ToEngine } from "./messages.ts"

type Question = Extract<FromEngine, { readonly kind: "vault" }>
type Answer = Extract<ToEngine, { readonly kind: "vault" }>

/** A file key is 32 bytes; what the system makes of it is larger, and bounded. */
const textBytesMax = 16_384

/** Never rejects: what the system refuses is said in words, which name no secret. */
export async function answerVault({ id, ask, text }: Question): Promise<Answer> {
  try {
    return { kind: "vault", id, ...(await answerTo(ask, text)) }
  } catch {
    // the system's own words may quote what it was given
    return { kind: "vault", id, problem: ask === "seal" ? "the system could not seal the key" : "the system could not open the key" }
  }
}

async function answerTo(ask: Question["ask"], text: string): Promise<Omit<Answer, "kind" | "id">> {
  const problem = await vaultProblem()
  if (problem !== null) return { problem }
  if (ask === "problem") return {}
  if (text.length > textBytesMax) return { problem: `expected at most ${textBytesMax} characters` }
  if (ask === "seal") return { text: (await safeStorage.encryptStringAsync(text)).toString("base64") }
  const sealed = Buffer.from(text, "base64")
  const { result, shouldReEncrypt } = await safeStorage.decryptStringAsync(sealed)
  return { text: result, renew: shouldReEncrypt }
}

/** On Linux a desktop without a password manager gets `basic_text`, a password that every program knows: that is no protection. */
async function vaultProblem(): Promise<string | null> {
  if (!(await safeStorage.isAsyncEncryptionAvailable())) return "the operating system offers no store of secrets to this app"
  if (process.platform !== "linux") return null
  const backend = safeStorage.getSelectedStorageBackend()
  if (backend === "basic_text") return "no password manager is running, and the fallback (basic_text) is no protection"
  return backend === "unknown" ? "the operating system does not say which password manager it uses" : null
}
