/** The command that changes a store's embedding model. */
import { exitCodes } from "../exit-code.ts"
import { expectPositionals } from "../options.ts"
import { plain } from "../show.ts"
import type { Answer, Command } from "./command.ts"

const leftShownMax = 10

export const reembedCommands: Readonly<Record<string, Command>> = {
  reembed: {
    usage: "reembed [--model DIR]",
    options: { model: "text" },
    async run(words, session): Promise<Answer> {
      expectPositionals(words, [])
      const engine = await session.engine()
      await session.unlock(engine)
      const changed = await engine.reembed(words.text("model") ?? null, {
        onProgress: ({ step, done, total }) => process.stderr.write(`l4: ${step}: ${done}${total === null ? "" : ` of ${total}`}\n`)
      })
      const { model, embedded, already, left, switched } = changed
      const state =
        left.length > 0
          ? "the store keeps its model: not every Mapping has a vector of this one"
          : switched
            ? "the store's model now"
            : "the store's model already"
      const text = [
        `model    ${plain(model.id)} ${model.digest}, ${model.dimensions} dimensions: ${state}`,
        `vectors  ${embedded} written now, ${already} there before`,
        ...left.slice(0, leftShownMax).map(one => `left     ${one.mapping.slice(0, 19)}: ${plain(one.why)}`)
      ]
      return { exit: left.length > 0 ? exitCodes.negative : exitCodes.done, value: changed, text: text.join("\n") }
    }
  }
}
