/** The command that says who writes a Module when the cache has none. */
import { EngineFailure } from "../../../shared/failure.ts"
import { openGeneratorSettings } from "../../engine/index.ts"
import { exitCodes } from "../exit-code.ts"
import { expectText, type Words } from "../options.ts"
import { readPassphraseFrom } from "../passphrase.ts"
import type { Session } from "../session.ts"
import { plain } from "../show.ts"
import type { Answer, Command } from "./command.ts"

type Settings = ReturnType<typeof openGeneratorSettings>

export const generatorCommands: Readonly<Record<string, Command>> = {
  generator: {
    usage: "generator [show | http URL --model NAME [--allow-host HOST]… [--endpoint-key-fd N] | command [--] PROGRAM [ARGUMENT]… | none]",
    options: { model: "text", "allow-host": "texts", "endpoint-key-fd": "text" },
    async run(words, session): Promise<Answer> {
      const settings = openGeneratorSettings(session.home)
      try {
        const [action = "show", ...rest] = words.positionals
        await choose(action, rest, words, session, settings)
        const value = settings.shown()
        return { exit: exitCodes.done, value, text: shownText(value) }
      } finally {
        settings.close()
      }
    }
  }
}

async function choose(action: string, rest: readonly string[], words: Words, session: Session, settings: Settings): Promise<void> {
  const [first, ...more] = rest
  switch (action) {
    case "show":
      return
    case "none":
      settings.choose(null)
      return
    case "command":
      if (first === undefined) throw new EngineFailure("wrong-usage", "expected the program that writes a Source, and its arguments")
      settings.choose({ kind: "command", command: [first, ...more] })
      return
    case "http": {
      if (first === undefined || more.length > 0)
        throw new EngineFailure("wrong-usage", "expected one address, such as http://127.0.0.1:11434/v1")
      const key = await endpointKey(words, session, settings)
      settings.choose({
        kind: "http",
        url: first,
        model: expectText(words, "model"),
        hostsAllowed: words.texts("allow-host"),
        ...(key === null ? {} : { key })
      })
      return
    }
    default:
      throw new EngineFailure("wrong-usage", `generator: expected one of show, http, command, none, found ${JSON.stringify(action)}`)
  }
}

/** Never an argument: other programs of this machine could read it there. */
async function endpointKey(words: Words, session: Session, settings: Settings): Promise<string | null> {
  const descriptor = words.integer("endpoint-key-fd", 0, 64)
  if (descriptor === undefined) return null
  const key = readPassphraseFrom(descriptor)
  if (!settings.unlocked) {
    const passphrase = await session.passphrase("Passphrase of the signing keys: ")
    if (passphrase !== null) await settings.unlock(passphrase)
  }
  return key
}

function shownText(shown: ReturnType<Settings["shown"]>): string {
  if (shown === null) return "no generator: what the cache does not know stays unanswered"
  if (shown.kind === "command") return `command  ${shown.command.map(plain).join(" ")}`
  const hosts = shown.hostsAllowed.length === 0 ? "this machine only" : shown.hostsAllowed.map(plain).join(", ")
  return `http  ${plain(shown.url)}  model ${plain(shown.model)}  hosts ${hosts}  ${shown.hasKey ? "with a key, sealed" : "without a key"}`
}
