/** The engine process's end of the operating system's store of secrets: it asks main, which alone may ask the system. */
import type { Vault } from "../engine/index.ts"
import type { FromEngine, ToEngine } from "./messages.ts"

type Answer = Extract<ToEngine, { readonly kind: "vault" }>

/** A password manager may ask its user first, so an answer may take this long. */
const answerMs = 120_000

export interface AskedVault {
  readonly vault: Vault
  answered(answer: Answer): void
}

export function createVault(say: (message: FromEngine) => void): AskedVault {
  const waiting = new Map<number, (answer: Answer) => void>()
  let lastId = 0

  function ask(what: Extract<FromEngine, { kind: "vault" }>["ask"], text = ""): Promise<Answer> {
    const id = ++lastId
    return new Promise(resolve => {
      const late = setTimeout(() => settle({ kind: "vault", id, problem: "the operating system did not answer" }), answerMs)
      const settle = (answer: Answer) => {
        clearTimeout(late)
        waiting.delete(id)
        resolve(answer)
      }
      waiting.set(id, settle)
      say({ kind: "vault", id, ask: what, text })
    })
  }

  return {
    answered: answer => waiting.get(answer.id)?.(answer),
    vault: {
      async problem() {
        return (await ask("problem")).problem ?? null
      },
      async seal(secret) {
        const { text, problem } = await ask("seal", Buffer.from(secret).toString("base64"))
        if (text === undefined) throw new Error(problem)
        return text
      },
      async open(sealed) {
        const { text, renew, problem } = await ask("open", sealed)
        if (text === undefined) throw new Error(problem)
        return { secret: new Uint8Array(Buffer.from(text, "base64")), renew: renew === true }
      }
    }
  }
}
