/** Commands about what is believed: verify, revoke, policy, ledger. */

import { EngineFailure } from "../../../shared/failure.ts"
import {
  type Preset,
  presets,
  type RevocationReason,
  revocationReasons,
  type TrustPolicy,
  trustPolicySchema
} from "../../../shared/trust.ts"
import { exitCodes } from "../exit-code.ts"
import { expectPositionals, expectText } from "../options.ts"
import { readJson, readText } from "../session.ts"
import { plain, verdictText } from "../show.ts"
import { verifyBundleFile, verifyBundleOptions } from "./bundles.ts"
import { type Answer, type Command, mappingChoice, mappingOptions, oneOf, writeNamed } from "./command.ts"

/** Throws `wrong-usage` naming each member that is missing or is not what a policy has. */
async function policyIn(file: string): Promise<TrustPolicy> {
  const read = trustPolicySchema.safeParse(await readJson(file))
  if (read.success) return read.data
  const faults = read.error.issues.map(issue => `${issue.path.join(".") || "the whole"}: ${issue.message}`)
  throw new EngineFailure("wrong-usage", `${file}: expected a policy, as l4 policy show prints one; ${faults.join("; ")}`)
}

export const trustCommands: Readonly<Record<string, Command>> = {
  verify: {
    reads: true,
    usage: "verify DIGEST [--task WORDS | --mapping DIGEST] [--as-of SIZE] | --bundle PATH [--root FILE]",
    options: { ...mappingOptions, "as-of": "text", ...verifyBundleOptions },
    async run(words, session): Promise<Answer> {
      const bundle = words.text("bundle")
      if (bundle !== undefined) return verifyBundleFile(bundle, words)
      const [digest] = expectPositionals(words, ["DIGEST"])
      const engine = await session.engine()
      const asOf = words.integer("as-of", 0, Number.MAX_SAFE_INTEGER)
      const verdict = await engine.verify({ digest, ...mappingChoice(words), ...(asOf === undefined ? {} : { asOf }) })
      return { exit: verdict.state === "trusted" ? exitCodes.done : exitCodes.negative, value: verdict, text: verdictText(verdict) }
    }
  },
  revoke: {
    usage: "revoke KEYID|DIGEST --reason R [--note TEXT] [--replacement DIGEST] [-o FILE]",
    options: { reason: "text", note: "text", replacement: "text", output: "text" },
    async run(words, session): Promise<Answer> {
      const [what] = expectPositionals(words, ["KEYID|DIGEST"])
      const reason: RevocationReason = oneOf("--reason", expectText(words, "reason"), revocationReasons)
      const note = words.text("note")
      const replacement = words.text("replacement")
      const engine = await session.engine()
      await session.unlock(engine)
      const output = words.text("output")
      const { document, ...answer } = await engine.revoke({
        what,
        reason,
        prepare: output !== undefined,
        ...(note === undefined ? {} : { note }),
        ...(replacement === undefined ? {} : { replacement })
      })
      if (output !== undefined && document !== undefined) await writeNamed(output, document)
      const text = [
        output === undefined
          ? `revocations version ${answer.version}`
          : `${output}: revocations version ${answer.version} would follow, signed by the authority's keys (l4 root sign, then l4 root assemble)`,
        ...answer.changed.map(change => `  ${change.mapping}  ${change.before} → ${change.after}`)
      ]
      return { exit: exitCodes.done, value: answer, text: text.join("\n") }
    }
  },
  policy: {
    usage: "policy [show | set solo|team|strict|automatic|FILE.json [--preview | -o FILE]]",
    options: { preview: "flag", output: "text" },
    reads: words => (words.positionals[0] ?? "show") === "show",
    async run(words, session): Promise<Answer> {
      const [action = "show", choice, ...more] = words.positionals
      const engine = await session.engine()
      if (action === "show" && choice === undefined) {
        const answer = await engine.policy({})
        return {
          exit: exitCodes.done,
          value: answer,
          text: `${JSON.stringify(answer.policy, null, 2)}\n${answer.digest}\n${plain(answer.why)}`
        }
      }
      if (action !== "set" || choice === undefined || more.length > 0)
        throw new EngineFailure("wrong-usage", "policy: expected show, or set with a preset or FILE.json")
      const policy = (presets as readonly string[]).includes(choice) ? (choice as Preset) : await policyIn(choice)
      const preview = words.flag("preview")
      const output = words.text("output")
      if (!preview && output === undefined) await session.unlock(engine)
      const { document, ...answer } = await engine.setPolicy({ policy, preview, prepare: output !== undefined })
      if (output !== undefined && document !== undefined) await writeNamed(output, document)
      const text = [
        output === undefined
          ? `${preview ? "would be" : "policy"} ${answer.digest}`
          : `${output}: the policy ${answer.digest}, to be signed by the authority's keys (l4 root sign, then l4 root assemble)`,
        ...answer.changes.map(change => `  ${change.before} → ${change.after}  ${plain(change.task)}`)
      ]
      return { exit: exitCodes.done, value: answer, text: text.join("\n") }
    }
  },
  ledger: {
    reads: words => !words.flag("checkpoint"),
    usage: "ledger [--from SEQUENCE] [--limit N] [--proof DIGEST] [--checkpoint] [--check CHECKPOINT]",
    options: { from: "text", limit: "text", proof: "text", check: "text", checkpoint: "flag" },
    async run(words, session): Promise<Answer> {
      expectPositionals(words, [])
      const engine = await session.engine()
      const check = words.text("check")
      if (check !== undefined) {
        const answer = await engine.checkLedger({ checkpoint: await readText(check) })
        const sound = answer.standing === "same" || answer.standing === "prefix"
        return {
          exit: sound ? exitCodes.done : exitCodes.negative,
          value: answer,
          text: `${answer.standing}: ${answer.origin}, ${answer.size} records; ${answer.why}`
        }
      }
      const proof = words.text("proof")
      if (proof !== undefined) {
        await session.unlock(engine)
        const answer = await engine.prove({ digest: proof })
        return { exit: exitCodes.done, value: answer, text: answer.proof.trimEnd() }
      }
      if (words.flag("checkpoint")) {
        await session.unlock(engine)
        const answer = await engine.signCheckpoint({})
        return { exit: exitCodes.done, value: answer, text: answer.checkpoint.trimEnd() }
      }
      const answer = await engine.ledger({
        cursor: words.integer("from", 0, Number.MAX_SAFE_INTEGER) ?? 0,
        limit: words.integer("limit", 1, 500) ?? 100
      })
      const text = [
        `size ${answer.size}, root ${answer.root}`,
        ...answer.forks.flatMap(fork => [
          `FORK of ${fork.origin}: two signed notes contradict each other`,
          ...[fork.kept, fork.found].flatMap(note =>
            note
              .trimEnd()
              .split("\n")
              .map(line => `    ${plain(line)}`)
          )
        ]),
        ...answer.lines.map(line => `${String(line.sequence).padStart(6)}  ${line.at}  ${line.kind}`)
      ]
      return { exit: exitCodes.done, value: answer, text: text.join("\n") }
    }
  }
}
