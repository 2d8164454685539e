/** The command for what a user sets once for all doors of this machine. */
import { EngineFailure } from "../../../shared/failure.ts"
import { exitCodes } from "../exit-code.ts"
import { expectPositionals } from "../options.ts"
import { type Answer, type Command, oneOf } from "./command.ts"

export const settingsCommands: Readonly<Record<string, Command>> = {
  settings: {
    reads: true,
    usage: "settings [--similarity-min X] [--false-hit-max X] [--fuel N] [--timeout MS] [--memory PAGES] [--request-texts keep|hash]",
    options: {
      "similarity-min": "text",
      "false-hit-max": "text",
      fuel: "text",
      timeout: "text",
      memory: "text",
      "request-texts": "text"
    },
    async run(words, session): Promise<Answer> {
      expectPositionals(words, [])
      const texts = words.text("request-texts")
      const given = {
        similarityMin: words.number("similarity-min", 0.5, 1),
        falseHitMax: words.number("false-hit-max", 0, 0.5),
        fuelMax: words.integer("fuel", 1, 1e12),
        timeoutMs: words.integer("timeout", 1, 600_000),
        memoryPagesMax: words.integer("memory", 2, 4_096),
        requestTexts: texts === undefined ? undefined : oneOf("--request-texts", texts, ["keep", "hash"])
      }
      const change = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
      const engine = await session.engine()
      const answer = Object.keys(change).length === 0 ? await engine.settings({}) : await engine.changeSettings(change)
      if (answer.problem !== null) throw new EngineFailure("store-unreadable", answer.problem)
      return {
        exit: exitCodes.done,
        value: answer.settings,
        text: Object.entries(answer.settings)
          .map(([name, value]) => `${name.padEnd(16)} ${value}`)
          .join("\n")
      }
    }
  }
}
