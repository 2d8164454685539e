/** The command about keys: made, handed over, taken in, replaced, ended. A secret half never comes out. */
import type { KeyId } from "../../../shared/digest.ts"
import type { AnswerOf } from "../../../shared/engine-contract.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import { type KeyPurpose, type KeySummary, keyPurposes, type Role, roles } from "../../../shared/trust.ts"
import type { Engine } from "../../engine/index.ts"
import { exitCodes } from "../exit-code.ts"
import { expectText, type Words } from "../options.ts"
import type { Session } from "../session.ts"
import { readText } from "../session.ts"
import { nameText, plain } from "../show.ts"
import { type Answer, type Command, oneOf } from "./command.ts"

type Action = (words: Words, session: Session, engine: Engine) => Promise<Answer>

const done = (value: unknown, text: string): Answer => ({ exit: exitCodes.done, value, text })

const actions: Readonly<Record<string, Action>> = {
  async list(words, _session, engine) {
    subjects(words, 0)
    const { keys, refused } = await engine.keys({})
    for (const one of refused) warn(`the key file ${plain(one.file)} is refused: ${plain(one.reason)}; it is left as it is`)
    return done(keys, keys.map(keyText).join("\n"))
  },
  async create(words, session, engine) {
    subjects(words, 0)
    const purpose: KeyPurpose = oneOf("--purpose", expectText(words, "purpose"), keyPurposes)
    const [name, owner] = [expectText(words, "name"), expectText(words, "owner")]
    const passphrase = await session.passphrase("Passphrase for the new key: ")
    const made = await engine.createKey({ purpose, name, owner, ...protection(passphrase), ...kdf(words) })
    if (made.slots.includes("none")) warn("the key is unprotected: l4 keys protect puts it under a passphrase")
    return done(made, made.id)
  },
  async export(words, _session, engine) {
    const [key] = subjects(words, 1)
    const answer = await engine.exportKey({ key: key as string })
    warn("this is the public half; the secret half cannot be exported")
    return done({ ...answer, half: "public" }, words.flag("pem") ? answer.pem.trimEnd() : JSON.stringify(answer.document, null, 2))
  },
  async import(words, session, engine) {
    const [path] = subjects(words, 1)
    const named = words.text("role")
    const role: Role | undefined = named === undefined ? undefined : oneOf("--role", named, roles)
    const file = await readText(path as string)
    const preview = words.flag("preview")
    if (role !== undefined && !preview) await session.unlock(engine)
    const answer = await engine.importKey({
      file,
      preview,
      ledger: words.flag("with-ledger"),
      ...(role === undefined ? {} : { role }),
      ...optional(words, "name"),
      ...optional(words, "owner"),
      ...terms(words)
    })
    const text =
      answer.kind === "secret"
        ? `${answer.id}\ntaken in, closed; it enters the root by l4 keys enrol`
        : [`${answer.id}`, rootText(answer.rootVersion, preview), ...changeLines(answer.changes)].join("\n")
    return done(answer, text)
  },
  async enrol(words, session, engine) {
    const [key] = subjects(words, 1)
    const preview = words.flag("preview")
    if (!preview) await session.unlock(engine)
    const answer = await engine.enrolKey({ key: key as string, preview, ...terms(words) })
    return done(answer, [answer.id, rootText(answer.rootVersion, preview), ...changeLines(answer.changes)].join("\n"))
  },
  async rotate(words, session, engine) {
    const [key] = subjects(words, 1)
    const preview = words.flag("preview")
    if (!preview) await session.unlock(engine)
    const passphrase = preview ? null : await session.passphrase("Passphrase for the new key: ")
    const answer = await engine.rotateKey({ key: key as string, preview, ...protection(passphrase), ...kdf(words) })
    const text = [
      preview ? `would replace ${answer.old}` : `${answer.old} is replaced by ${answer.key?.id}`,
      rootText(answer.rootVersion, preview),
      ...changeLines(answer.changes)
    ]
    return done(answer, text.join("\n"))
  },
  async retire(words, session, engine) {
    const [key] = subjects(words, 1)
    const preview = words.flag("preview")
    if (!preview) await session.unlock(engine)
    const answer = await engine.retireKey({ key: key as string, preview })
    const text = [
      `${preview ? "would retire" : "retired"} ${answer.id}`,
      rootText(answer.rootVersion, preview),
      ...changeLines(answer.changes)
    ]
    return done(answer, text.join("\n"))
  },
  async protect(words, session, engine) {
    subjects(words, 0)
    const passphrase = await session.passphrase("New passphrase for the unprotected keys: ")
    if (passphrase === null || passphrase === "")
      throw new EngineFailure("wrong-usage", "expected a passphrase: at a prompt, by --passphrase-fd N, or in L4_PASSPHRASE")
    const answer = await engine.protectKeys({ passphrase, ...kdf(words) })
    warn("copies of the key files made before keep the keys in clear: rotate them (l4 keys rotate)")
    return done(answer, answer.protected.join("\n"))
  },
  async lock(words, _session, engine) {
    subjects(words, 0)
    return done(await engine.lock({}), "locked")
  }
}

export const keyCommands: Readonly<Record<string, Command>> = {
  keys: {
    usage:
      "keys [list | create --purpose P --name NAME --owner OWNER | export KEYID [--pem] | import FILE [--role R] [--with-ledger] | enrol KEYID | rotate KEYID | retire KEYID | protect | lock] [--kdf scrypt|argon2id] [--preview] [--not-after TIME] [--namespace PREFIX/]…",
    options: {
      purpose: "text",
      name: "text",
      owner: "text",
      role: "text",
      pem: "flag",
      preview: "flag",
      "with-ledger": "flag",
      "not-after": "text",
      namespace: "texts",
      kdf: "text"
    },
    reads: words => ["list", "export"].includes(words.positionals[0] ?? "list"),
    async run(words, session): Promise<Answer> {
      const name = words.positionals[0] ?? "list"
      const action = Object.hasOwn(actions, name) ? actions[name] : undefined
      if (action === undefined)
        throw new EngineFailure("wrong-usage", `keys: expected one of ${Object.keys(actions).join(", ")}, found ${JSON.stringify(name)}`)
      return action(words, session, await session.engine())
    }
  }
}

/** What stands after the action's own word. */
function subjects(words: Words, count: number): readonly string[] {
  const [action = "list", ...rest] = words.positionals
  if (rest.length !== count)
    throw new EngineFailure(
      "wrong-usage",
      `keys ${action}: expected ${count === 0 ? "nothing" : "one word"} after it, found ${rest.length}`
    )
  return rest
}

function keyText(key: KeySummary): string {
  const state = key.slots.includes("none") ? "UNPROTECTED" : `${key.slots.join("+")}${key.unlocked ? " open" : ""}`
  return `${key.id satisfies KeyId}  ${key.purpose.padEnd(9)}  ${state}  ${nameText(key.name)} (${nameText(key.owner)})${key.retired ? "  retired" : ""}`
}

export function rootText(version: number | null, preview: boolean): string {
  if (version === null) return "the root stays as it is"
  return preview ? `root version ${version} would follow; nothing is signed` : `root version ${version}`
}

export function changeLines(changes: AnswerOf<"retireKey">["changes"]): string[] {
  if (changes.length === 0) return ["no Mapping changes Verdict"]
  return changes.map(change => `  ${change.before} → ${change.after}  ${change.mapping}  ${plain(change.task)}`)
}

export function terms(words: Words): { notAfter?: string; namespaces?: string[] } {
  const notAfter = words.text("not-after")
  const namespaces = words.texts("namespace")
  return { ...(notAfter === undefined ? {} : { notAfter }), ...(namespaces.length === 0 ? {} : { namespaces: [...namespaces] }) }
}

function optional(words: Words, name: "name" | "owner"): { name?: string; owner?: string } {
  const value = words.text(name)
  return value === undefined ? {} : { [name]: value }
}

function kdf(words: Words): { kdf?: "scrypt" | "argon2id" } {
  const chosen = words.text("kdf")
  return chosen === undefined ? {} : { kdf: oneOf("--kdf", chosen, ["scrypt", "argon2id"]) }
}

function protection(passphrase: string | null): { passphrase?: string } {
  return passphrase === null || passphrase === "" ? {} : { passphrase }
}

function warn(text: string): void {
  process.stderr.write(`l4: ${text}\n`)
}
