/** Commands about who vouches for what: sign-off, review, verify, revoke, keys, root, policy, ledger. */

import { EngineFailure } from "../../../shared/failure.ts"
import { type KeyPurpose, keyPurposes, type Preset, presets, type RevocationReason, revocationReasons } from "../../../shared/trust.ts"
import { exitCodes } from "../exit-code.ts"
import { expectPositionals, expectText } from "../options.ts"
import { readJson } from "../session.ts"
import { plain, rowsText, verdictText } from "../show.ts"
import { keyChoice } from "./cache.ts"
import { type Answer, type Command, mappingChoice, mappingOptions } from "./command.ts"

function oneOf<const T extends readonly string[]>(what: string, value: string, allowed: T): T[number] {
  if ((allowed as readonly string[]).includes(value)) return value
  throw new EngineFailure("wrong-usage", `${what}: expected one of ${allowed.join(", ")}, found ${JSON.stringify(value)}`)
}

export const trustCommands: Readonly<Record<string, Command>> = {
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
      return {
        exit: exitCodes.done,
        value: { digest: answer.digest, mapping: answer.mapping, verdict: answer.verdict.state },
        text: verdictText(answer.verdict)
      }
    }
  },
  review: {
    usage: "review [--limit N]",
    options: { limit: "text" },
    async run(words, session): Promise<Answer> {
      expectPositionals(words, [])
      const engine = await session.engine()
      const limit = words.integer("limit", 1, 1_000)
      const { rows } = await engine.review(limit === undefined ? {} : { limit })
      return { exit: exitCodes.done, value: rows, text: rows.length === 0 ? "nothing waits" : rowsText(rows) }
    }
  },
  verify: {
    usage: "verify DIGEST [--task WORDS | --mapping DIGEST] [--as-of SIZE]",
    options: { ...mappingOptions, "as-of": "text" },
    async run(words, session): Promise<Answer> {
      const [digest] = expectPositionals(words, ["DIGEST"])
      const engine = await session.engine()
      const asOf = words.integer("as-of", 0, Number.MAX_SAFE_INTEGER)
      const verdict = await engine.verify({ digest, ...mappingChoice(words), ...(asOf === undefined ? {} : { asOf }) })
      return { exit: verdict.state === "trusted" ? exitCodes.done : exitCodes.negative, value: verdict, text: verdictText(verdict) }
    }
  },
  revoke: {
    usage: "revoke KEYID|DIGEST --reason R [--note TEXT] [--replacement DIGEST]",
    options: { reason: "text", note: "text", replacement: "text" },
    async run(words, session): Promise<Answer> {
      const [what] = expectPositionals(words, ["KEYID|DIGEST"])
      const reason: RevocationReason = oneOf("--reason", expectText(words, "reason"), revocationReasons)
      const note = words.text("note")
      const replacement = words.text("replacement")
      const engine = await session.engine()
      await session.unlock(engine)
      const answer = await engine.revoke({
        what,
        reason,
        ...(note === undefined ? {} : { note }),
        ...(replacement === undefined ? {} : { replacement })
      })
      const text = [
        `revocations version ${answer.version}`,
        ...answer.changed.map(change => `  ${change.mapping}  ${change.before} → ${change.after}`)
      ]
      return { exit: exitCodes.done, value: answer, text: text.join("\n") }
    }
  },
  keys: {
    usage: "keys [list | create --purpose P --name NAME --owner OWNER | lock]",
    options: { purpose: "text", name: "text", owner: "text" },
    async run(words, session): Promise<Answer> {
      const [action = "list", ...more] = words.positionals
      if (more.length > 0) throw new EngineFailure("wrong-usage", `expected one word after keys, found ${words.positionals.length}`)
      const engine = await session.engine()
      if (action === "list") {
        const { keys } = await engine.keys({})
        return {
          exit: exitCodes.done,
          value: keys,
          text: keys
            .map(
              key =>
                `${key.id}  ${key.purpose.padEnd(9)}  ${key.slots.includes("none") ? "UNPROTECTED" : key.slots.join("+")}  ${plain(key.name)} (${plain(key.owner)})${key.retired ? "  retired" : ""}`
            )
            .join("\n")
        }
      }
      if (action === "lock") return { exit: exitCodes.done, value: await engine.lock({}), text: "locked" }
      if (action === "create") {
        const purpose: KeyPurpose = oneOf("--purpose", expectText(words, "purpose"), keyPurposes)
        const passphrase = await session.passphrase("Passphrase for the new key: ")
        const made = await engine.createKey({
          purpose,
          name: expectText(words, "name"),
          owner: expectText(words, "owner"),
          ...(passphrase === null || passphrase === "" ? {} : { passphrase })
        })
        return { exit: exitCodes.done, value: made, text: made.id }
      }
      throw new EngineFailure("wrong-usage", `keys: expected list, create or lock, found ${JSON.stringify(action)}`)
    }
  },
  root: {
    usage: "root [show]",
    options: {},
    async run(words, session): Promise<Answer> {
      if (words.positionals.length > 1 || (words.positionals[0] ?? "show") !== "show")
        throw new EngineFailure("wrong-usage", "root: expected show")
      const engine = await session.engine()
      const answer = await engine.root({})
      const own =
        answer.own === null
          ? ["no own root"]
          : [
              `own root ${answer.own.id}, version ${answer.own.version}, expires ${answer.own.expires}`,
              ...answer.own.fingerprints.map(
                (fingerprint, index) => `  version ${index + 1}  ${(fingerprint.match(/.{1,4}/g) ?? []).join(" ")}`
              )
            ]
      return {
        exit: exitCodes.done,
        value: answer,
        text: [...own, ...answer.foreign.map(root => `foreign root ${root.id}, version ${root.version}, expires ${root.expires}`)].join(
          "\n"
        )
      }
    }
  },
  policy: {
    usage: "policy [show | set solo|team|strict|automatic|FILE.json [--preview]]",
    options: { preview: "flag" },
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
      const policy = (presets as readonly string[]).includes(choice) ? (choice as Preset) : ((await readJson(choice)) as Preset)
      const preview = words.flag("preview")
      if (!preview) await session.unlock(engine)
      const answer = await engine.setPolicy({ policy, preview })
      const text = [
        `${preview ? "would be" : "policy"} ${answer.digest}`,
        ...answer.changes.map(change => `  ${change.before} → ${change.after}  ${plain(change.task)}`)
      ]
      return { exit: exitCodes.done, value: answer, text: text.join("\n") }
    }
  },
  ledger: {
    usage: "ledger [--from SEQUENCE] [--limit N] [--proof DIGEST]",
    options: { from: "text", limit: "text", proof: "text" },
    async run(words, session): Promise<Answer> {
      expectPositionals(words, [])
      const engine = await session.engine()
      const proof = words.text("proof")
      if (proof !== undefined) {
        await session.unlock(engine)
        const answer = await engine.prove({ digest: proof })
        return { exit: exitCodes.done, value: answer, text: answer.proof.trimEnd() }
      }
      const answer = await engine.ledger({
        cursor: words.integer("from", 0, Number.MAX_SAFE_INTEGER) ?? 0,
        limit: words.integer("limit", 1, 500) ?? 100
      })
      const text = [
        `size ${answer.size}, root ${answer.root}`,
        ...answer.lines.map(line => `${String(line.sequence).padStart(6)}  ${line.at}  ${line.kind}`)
      ]
      return { exit: exitCodes.done, value: answer, text: text.join("\n") }
    }
  }
}
