/** Commands of the reviewer: what waits, the evidence side by side, and the signed answer. */
import type { AnswerOf } from "../../../shared/engine-contract.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import type { Engine } from "../../engine/index.ts"
import { exitCodes } from "../exit-code.ts"
import { expectPositionals, expectText, type Words } from "../options.ts"
import { outcomeText, plain, rowsText, verdictText } from "../show.ts"
import { keyChoice } from "./cache.ts"
import { type Answer, type Command, mappingChoice, mappingOptions } from "./command.ts"

export const reviewCommands: Readonly<Record<string, Command>> = {
  review: {
    reads: true,
    usage: "review [--limit N] | review DIGEST [--task WORDS | --mapping DIGEST] [--against DIGEST]",
    options: { limit: "text", against: "text", ...mappingOptions },
    async run(words, session): Promise<Answer> {
      const engine = await session.engine()
      if (words.positionals.length > 0) return evidence(words, engine)
      const limit = words.integer("limit", 1, 1_000)
      const { rows } = await engine.review(limit === undefined ? {} : { limit })
      return { exit: exitCodes.done, value: rows, text: rows.length === 0 ? "nothing waits" : rowsText(rows) }
    }
  },
  "sign-off": {
    usage: "sign-off DIGEST --approve|--reject --note TEXT [--task WORDS | --mapping DIGEST]",
    options: { approve: "flag", reject: "flag", note: "text", ...mappingOptions },
    async run(words, session): Promise<Answer> {
      const [digest] = expectPositionals(words, ["DIGEST"])
      const approve = words.flag("approve")
      if (approve === words.flag("reject")) throw new EngineFailure("wrong-usage", "expected exactly one of --approve and --reject")
      const note = expectText(words, "note")
      const engine = await session.engine()
      await session.unlock(engine)
      const answer = await engine.signOff({
        digest,
        signOff: { decision: approve ? "approve" : "reject", note },
        ...mappingChoice(words),
        ...keyChoice(words)
      })
      const { policy } = await engine.policy({})
      const notes =
        approve && policy.viewed.length > 0
          ? [
              `a sign-off from the command line claims to have viewed nothing; the policy ${policy.preset} asks for ${policy.viewed.join(", ")}: sign off in the window`
            ]
          : []
      return {
        exit: exitCodes.done,
        value: { digest: answer.digest, mapping: answer.mapping, verdict: answer.verdict.state, notes },
        text: [verdictText(answer.verdict), ...notes.map(one => `  note: ${one}`)].join("\n")
      }
    }
  }
}

/** Everything a sign-off would speak of, and the Statement it would sign. */
async function evidence(words: Words, engine: Engine): Promise<Answer> {
  const [digest] = expectPositionals(words, ["DIGEST"])
  const against = words.text("against")
  const chosen = { digest, ...mappingChoice(words) }
  const shown = await engine.show(chosen)
  const [one, ...others] = shown.mappings
  if (one === undefined || others.length > 0)
    throw new EngineFailure(
      "ambiguous-mapping",
      `the Module answers ${shown.mappings.length} Tasks: choose one with --task or --mapping\n${shown.mappings.map(each => `  ${each.digest}  ${plain(each.mapping.task.text)}`).join("\n")}`
    )
  const statement = await statementOf(engine, { ...chosen, ...keyChoice(words) })
  const compared = against !== undefined || (one.mapping.supersedes?.length ?? 0) > 0
  const difference = compared ? await engine.difference({ ...chosen, ...(against === undefined ? {} : { against }) }) : null
  const text = [
    `task       ${plain(one.mapping.task.text)}`,
    `mapping    ${one.digest}`,
    `module     ${shown.digest}, ${shown.bytes} bytes`,
    `interface  ${plain(one.mapping.interface.canonical)}`,
    `entry      ${plain(one.mapping.entry)}`,
    "source",
    ...indented(shown.source ?? "(none: a plain Module)"),
    `examples   ${shown.examples.length}`,
    ...shown.examples.map((example, at) => `  ${at + 1}  ${plain(example.args)} => ${plain(example.result)}`),
    `attestations ${shown.attestations.length}`,
    ...shown.attestations.map(
      view => `  ${view.predicateType}  by ${view.keyId.slice(0, 16)}${view.ignored === null ? "" : `  IGNORED: ${plain(view.ignored)}`}`
    ),
    ...(difference === null ? [] : differenceLines(difference)),
    ...(statement === null ? [] : [`an acceptance would sign ${statement.statement}`, ...indented(statement.text)]),
    verdictText(one.verdict)
  ]
  return { exit: exitCodes.done, value: { shown, statement, difference }, text: text.join("\n") }
}

/** Null where no reviewer key is on this machine: looking needs none. */
async function statementOf(engine: Engine, chosen: { digest: string }): Promise<AnswerOf<"reviewStatement"> | null> {
  try {
    return await engine.reviewStatement({ ...chosen, signOff: { decision: "approve", note: "" } })
  } catch (failure) {
    if (failure instanceof EngineFailure && failure.code === "keys-missing") return null
    throw failure
  }
}

function differenceLines(difference: AnswerOf<"difference">): string[] {
  const { examples, fuel } = difference
  const changed = (what: string, before: string, after: string) =>
    before === after ? [`  ${what}: the same`] : [`  ${what}:`, ...marked("-", before), ...marked("+", after)]
  return [
    `difference to ${difference.against}`,
    ...changed("interface", difference.interface.before, difference.interface.after),
    ...changed("entry", difference.entry.before, difference.entry.after),
    ...changed("source", difference.source.before ?? "(none)", difference.source.after ?? "(none)"),
    `  behaviour: ${examples.filter(one => one.same).length} of ${examples.length} examples the same${examples.length < difference.examplesInAll ? `, of ${difference.examplesInAll} in all` : ""}`,
    ...examples
      .filter(one => !one.same)
      .flatMap(one => [
        `    ${plain(one.args)}`,
        ...marked("-", one.before === null ? "(may not run)" : outcomeText(one.before)),
        ...marked("+", one.after === null ? "(may not run)" : outcomeText(one.after))
      ]),
    `  fuel: ${fuel.before ?? "not metered"} → ${fuel.after ?? "not metered"}`,
    `  bytes: ${difference.bytes.before} → ${difference.bytes.after}`
  ]
}

const indented = (text: string) =>
  plain(text)
    .trimEnd()
    .split("\n")
    .map(line => `  ${line}`)

const marked = (mark: string, text: string) =>
  plain(text)
    .trimEnd()
    .split("\n")
    .map(line => `    ${mark} ${line}`)
