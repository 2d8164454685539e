/** Commands by which use teaches the cache: feedback on what it served, and other words for what it holds. */
import { EngineFailure } from "../../../shared/failure.ts"
import { exitCodes } from "../exit-code.ts"
import { expectPositionals, expectText } from "../options.ts"
import { diagnosticText, outcomeText, plain, verdictText } from "../show.ts"
import { examplesGiven, keyChoice } from "./cache.ts"
import type { Answer, Command } from "./command.ts"

export const feedbackCommands: Readonly<Record<string, Command>> = {
  feedback: {
    usage: "feedback HIT --right|--wrong [--note TEXT]",
    options: { right: "flag", wrong: "flag", note: "text" },
    async run(words, session): Promise<Answer> {
      const [hit] = expectPositionals(words, ["HIT"])
      const right = words.flag("right")
      if (right === words.flag("wrong")) throw new EngineFailure("wrong-usage", "expected either --right or --wrong")
      const note = words.text("note")
      const engine = await session.engine()
      const answer = await engine.feedback({ hit, right, ...(note === undefined ? {} : { note }) })
      const { n, wrong, upper } = answer.judged
      const text = [
        `recorded as ${right ? "right" : "wrong"}: record ${answer.sequence} of the ledger`,
        answer.calibrates
          ? `judged here: ${n}, wrong ${wrong}: at most ${(100 * upper).toPrecision(2)} % of all are (95 % sure)`
          : "the verified tier did not weigh it, so it calibrates nothing"
      ]
      return { exit: exitCodes.done, value: answer, text: text.join("\n") }
    }
  },
  alias: {
    usage: "alias DIGEST --task WORDS [--mapping DIGEST] [--example 'ARGS => RESULT']… [--examples FILE.json]",
    options: { task: "text", mapping: "text", example: "texts", examples: "text" },
    async run(words, session): Promise<Answer> {
      const [digest] = expectPositionals(words, ["DIGEST"])
      const mapping = words.text("mapping")
      const examples = await examplesGiven(words)
      const engine = await session.engine()
      await session.unlock(engine)
      const answer = await engine.alias({
        digest,
        words: expectText(words, "task"),
        ...(mapping === undefined ? {} : { mapping }),
        ...(examples.length === 0 ? {} : { examples }),
        ...keyChoice(words)
      })
      if (answer.kind === "published")
        return {
          exit: exitCodes.done,
          value: { digest: answer.digest, mapping: answer.mapping, of: answer.of, verdict: answer.verdict.state, already: answer.already },
          text: `digest   ${answer.digest}\nmapping  ${answer.mapping}\nlike     ${answer.of}\n${verdictText(answer.verdict)}`
        }
      if (answer.kind === "rejected") for (const one of answer.diagnostics) process.stderr.write(`${diagnosticText(one, "", digest)}\n`)
      else if (answer.kind === "refused") process.stderr.write(`${outcomeText(answer.outcome)}\n`)
      else
        for (const one of answer.examples.filter(({ passed }) => !passed))
          process.stderr.write(
            `example ${one.position}: ${plain(one.args)} expected ${plain(one.expected)}, found ${outcomeText(one.outcome)}\n`
          )
      return { exit: exitCodes.negative, value: answer, text: "" }
    }
  }
}
