/** Commands that ask the cache and fill it: publish, lookup, list, show, run, delegate. */
import { z } from "zod"
import type { InputOf } from "../../../shared/engine-contract.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import { type Budget, budgetMax } from "../../../shared/generation.ts"
import { type Example, exampleSchema } from "../../../shared/module.ts"
import { answerSchema, type Answer as HostAnswer, type Outcome } from "../../../shared/run.ts"
import { exitCodes } from "../exit-code.ts"
import { expectPositionals, expectText, type Words } from "../options.ts"
import { readJson, readNamed, readSource } from "../session.ts"
import { diagnosticText, outcomeText, plain, rowsText, spentText, verdictText } from "../show.ts"
import { type Answer, type Command, limitChoice, limitOptions, mappingChoice, mappingOptions } from "./command.ts"
import { exampleOf } from "./find.ts"
import { importsOf, refuse } from "./source.ts"

/** Examples come as a bare array or as the library's `{task, examples}`. */
const examplesFile = z.union([z.array(exampleSchema), z.object({ examples: z.array(exampleSchema) }).transform(file => file.examples)])

async function examplesOf(words: Words): Promise<Example[]> {
  const path = words.text("examples")
  if (path === undefined) return []
  const parsed = examplesFile.safeParse(await readJson(path))
  if (!parsed.success)
    throw new EngineFailure(
      "wrong-usage",
      `${path}: expected {"examples": [{"args": "[…]", "result": "…"}]}: ${z.prettifyError(parsed.error)}`
    )
  return parsed.data
}

/** `--example` lines and those of the file `--examples`. */
export async function examplesGiven(words: Words): Promise<Example[]> {
  return [...words.texts("example").map(exampleOf), ...(await examplesOf(words))]
}

async function answersOf(words: Words): Promise<{ answers?: HostAnswer[] }> {
  const path = words.text("answers")
  if (path === undefined) return {}
  const parsed = z.array(answerSchema).safeParse(await readJson(path))
  if (!parsed.success)
    throw new EngineFailure(
      "wrong-usage",
      `${path}: expected [{"capability", "arguments", "value" | "failure"}]: ${z.prettifyError(parsed.error)}`
    )
  return { answers: parsed.data }
}

const exitOf = (outcome: Outcome) => (outcome.kind === "returned" ? exitCodes.done : exitCodes.negative)

export function keyChoice(words: Words): { key?: NonNullable<InputOf<"publish">["key"]> } {
  const key = words.text("key")
  return key === undefined ? {} : { key: key as NonNullable<InputOf<"publish">["key"]> }
}

export const cacheCommands: Readonly<Record<string, Command>> = {
  publish: {
    usage:
      "publish FILE --task WORDS [--examples FILE.json] [--entry NAME] [--supersedes DIGEST]… [--import NAME=DIGEST]… [--namespace NAME/]",
    options: { task: "text", examples: "text", entry: "text", supersedes: "texts", import: "texts", namespace: "text" },
    async run(words, session): Promise<Answer> {
      const [file] = expectPositionals(words, ["FILE"])
      const entry = words.text("entry")
      const namespace = words.text("namespace")
      const foreign = file.endsWith(".wasm")
      const read = foreign ? { text: undefined } : await readSource(file)
      if ("refused" in read) return refuse(read, file)
      const source = read.text
      const input: InputOf<"publish"> = {
        request: { instruction: expectText(words, "task") },
        ...(source === undefined ? { wasm: new Blob([Buffer.from(await readNamed(file))]) } : { source }),
        examples: await examplesOf(words),
        ...(entry === undefined ? {} : { entry }),
        supersedes: [...words.texts("supersedes")],
        imports: importsOf(words),
        ...(namespace === undefined ? {} : { namespace }),
        ...keyChoice(words)
      }
      const engine = await session.engine()
      await session.unlock(engine)
      const answer = await engine.publish(input)
      switch (answer.kind) {
        case "published":
          return {
            exit: exitCodes.done,
            value: {
              digest: answer.digest,
              mapping: answer.mapping,
              verdict: answer.verdict.state,
              already: answer.already,
              examples: answer.examples.length
            },
            text: `digest   ${answer.digest}\nmapping  ${answer.mapping}\n${verdictText(answer.verdict)}`
          }
        case "rejected":
          for (const diagnostic of answer.diagnostics) process.stderr.write(`${diagnosticText(diagnostic, source ?? "", file)}\n`)
          return { exit: exitCodes.negative, value: answer, text: "" }
        case "examples-failed": {
          const failed = answer.examples.filter(example => !example.passed)
          for (const example of failed)
            process.stderr.write(
              `example ${example.position}: ${plain(example.args)} expected ${plain(example.expected)}, found ${outcomeText(example.outcome)}\n`
            )
          return { exit: exitCodes.negative, value: answer, text: "" }
        }
        case "refused":
          process.stderr.write(`${outcomeText(answer.outcome)}\n`)
          return { exit: exitCodes.negative, value: answer, text: "" }
      }
    }
  },
  lookup: {
    reads: true,
    usage:
      "lookup --task WORDS --interface TYPE [--args '[…]'] [--example 'ARGS => RESULT']… [--examples FILE.json] [--threshold N] [--false-hits N] [--answers FILE]",
    options: {
      task: "text",
      interface: "text",
      args: "text",
      example: "texts",
      examples: "text",
      threshold: "text",
      "false-hits": "text",
      answers: "text",
      ...limitOptions
    },
    async run(words, session): Promise<Answer> {
      expectPositionals(words, [])
      const args = words.text("args")
      const similarityMin = words.number("threshold", 0, 1)
      const falseHitMax = words.number("false-hits", 0, 1)
      const examples = await examplesGiven(words)
      const engine = await session.engine()
      const answer = await engine.lookup({
        request: {
          instruction: expectText(words, "task"),
          interface: expectText(words, "interface"),
          ...(examples.length === 0 ? {} : { examples })
        },
        ...(falseHitMax === undefined ? {} : { falseHitMax }),
        ...(args === undefined ? {} : { args }),
        ...(similarityMin === undefined ? {} : { similarityMin }),
        ...(await answersOf(words)),
        limits: limitChoice(words)
      })
      const tiers = answer.explained.map(({ tier, outcome, why }) => `     ${tier}: ${outcome}: ${plain(why)}`)
      if (answer.kind === "miss") {
        const candidates = answer.candidates.map(
          candidate => `  ${candidate.similarity.toFixed(4)}  ${plain(candidate.task)}  ${plain(candidate.dropped ?? "")}`
        )
        const shadow =
          answer.shadow === undefined ? [] : [`would have served ${answer.shadow.module.slice(0, 19)}: judge it as ${answer.shadow.hit}`]
        const text = [`miss: ${answer.reason}: ${plain(answer.why)}`, ...tiers, ...candidates, ...shadow].join("\n")
        return { exit: exitCodes.negative, value: answer, text }
      }
      const text = [
        `hit  ${answer.digest}`,
        `     similarity ${answer.similarity.toFixed(4)}, ${answer.tier}, ${answer.verdict}, ${answer.steps.totalUs.toFixed(0)} µs, hit ${answer.hit}`,
        ...tiers
      ]
      if (!answer.outcome) return { exit: exitCodes.done, value: answer, text: text.join("\n") }
      return { exit: exitOf(answer.outcome), value: answer, text: [...text, outcomeText(answer.outcome)].join("\n") }
    }
  },
  list: {
    reads: true,
    usage: "list [--limit N] [--verdict trusted|pending|untrusted]",
    options: { limit: "text", verdict: "text" },
    async run(words, session): Promise<Answer> {
      expectPositionals(words, [])
      const engine = await session.engine()
      const verdict = words.text("verdict") as InputOf<"list">["verdict"]
      const { rows, total } = await engine.list({
        limit: words.integer("limit", 1, 1_000) ?? 1_000,
        ...(verdict === undefined ? {} : { verdict })
      })
      return {
        exit: exitCodes.done,
        value: rows,
        text: rows.length < total ? `${rowsText(rows)}\n${rows.length} of ${total}` : rowsText(rows)
      }
    }
  },
  show: {
    reads: true,
    usage: "show DIGEST [--task WORDS | --mapping DIGEST]",
    options: mappingOptions,
    async run(words, session): Promise<Answer> {
      const [digest] = expectPositionals(words, ["DIGEST"])
      const engine = await session.engine()
      const shown = await engine.show({ digest, ...mappingChoice(words) })
      const text = [
        `digest  ${shown.digest}  ${shown.bytes} B`,
        ...shown.mappings.map(
          ({ digest: mapping, mapping: claim, verdict }) =>
            `\ntask       ${plain(claim.task.text)}\nmapping    ${mapping}\ninterface  ${claim.interface.canonical}\nentry      ${claim.entry}\n${verdictText(verdict)}`
        ),
        ...(shown.source === null ? [] : [`\n${plain(shown.source)}`]),
        ...shown.examples.map(example => `  ${plain(example.args)} => ${plain(example.result)}`)
      ]
      return { exit: exitCodes.done, value: shown, text: text.join("\n") }
    }
  },
  run: {
    reads: true,
    usage:
      "run DIGEST --args '[…]' [--review] [--answers FILE] [--task WORDS | --mapping DIGEST] [--fuel N] [--timeout MS] [--memory PAGES]",
    options: { args: "text", review: "flag", answers: "text", ...mappingOptions, ...limitOptions },
    async run(words, session): Promise<Answer> {
      const [digest] = expectPositionals(words, ["DIGEST"])
      const args = words.text("args") ?? "[]"
      const engine = await session.engine()
      const answer = await engine.run({
        digest,
        args,
        review: words.flag("review"),
        ...mappingChoice(words),
        ...(await answersOf(words)),
        limits: limitChoice(words)
      })
      const { outcome } = answer
      return {
        exit: exitOf(outcome),
        value: answer,
        text: `${outcomeText(outcome)}\n${answer.review ? "review run, " : ""}${spentText(outcome)}`
      }
    }
  },
  delegate: {
    usage: "delegate --task WORDS --interface TYPE [--example 'ARGS => RESULT']… [--args '[…]'] [--attempts N] [--tokens N] [--seconds S]",
    options: { task: "text", interface: "text", example: "texts", args: "text", attempts: "text", tokens: "text", seconds: "text" },
    async run(words, session): Promise<Answer> {
      expectPositionals(words, [])
      const args = words.text("args")
      const engine = await session.engine()
      await session.unlock(engine)
      const answer = await engine.delegate({
        request: {
          instruction: expectText(words, "task"),
          interface: expectText(words, "interface"),
          ...(words.texts("example").length === 0 ? {} : { examples: words.texts("example").map(exampleOf) })
        },
        budget: budgetOf(words),
        ...(args === undefined ? {} : { args })
      })
      const text = [
        `answered by ${answer.answeredBy}`,
        ...answer.layers.map(layer => `  ${layer.layer}: ${plain(layer.why)} (${layer.ms.toFixed(1)} ms)`),
        ...(answer.outcome ? [outcomeText(answer.outcome)] : [])
      ]
      return { exit: answer.answeredBy === "nobody" ? exitCodes.negative : exitCodes.done, value: answer, text: text.join("\n") }
    }
  }
}

function budgetOf(words: Words): Budget {
  const attempts = words.integer("attempts", 1, budgetMax.attempts)
  const tokens = words.integer("tokens", 1, budgetMax.tokens)
  const seconds = words.number("seconds", 0.1, budgetMax.seconds)
  return {
    ...(attempts === undefined ? {} : { attempts }),
    ...(tokens === undefined ? {} : { tokens }),
    ...(seconds === undefined ? {} : { seconds })
  }
}
