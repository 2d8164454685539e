/** The command about trust roots: shown, and carried as files between the machines where its keys are kept. */
import { isKeyId } from "../../../shared/digest.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import { type Role, roles, type TrustRoot } from "../../../shared/trust.ts"
import { openRootSigner } from "../../engine/index.ts"
import { exitCodes } from "../exit-code.ts"
import { expectText, type Words } from "../options.ts"
import type { Session } from "../session.ts"
import { readText } from "../session.ts"
import { fingerprintText, nameText } from "../show.ts"
import { type Answer, type Command, oneOf, writeNamed } from "./command.ts"
import { changeLines, rootText, terms } from "./keys.ts"

const done = (value: unknown, text: string): Answer => ({ exit: exitCodes.done, value, text })

const actions: Readonly<Record<string, (words: Words, session: Session) => Promise<Answer>>> = {
  async show(words, session) {
    files(words, 0, 0)
    const engine = await session.engine()
    const answer = await engine.root({})
    const own =
      answer.own === null
        ? ["no own root"]
        : [
            `own root ${answer.own.id}, version ${answer.own.version}, expires ${answer.own.expires}`,
            ...answer.own.fingerprints.map((fingerprint, index) => `  version ${index + 1}  ${fingerprintText(fingerprint)}`),
            ...roleLines(answer.own.document)
          ]
    const foreign = answer.foreign.map(root => `foreign root ${root.id}, version ${root.version}, expires ${root.expires}`)
    return done(answer, [...own, ...foreign].join("\n"))
  },
  async prepare(words, session) {
    files(words, 0, 0)
    const output = expectText(words, "output")
    const add = await addedKeys(words)
    const remove = words.texts("remove-key")
    const expires = words.text("expires")
    const engine = await session.engine()
    const answer = await engine.prepareRoot({
      add,
      remove: [...remove],
      thresholds: thresholdsOf(words),
      ...(expires === undefined ? {} : { expires })
    })
    await writeNamed(output, answer.document)
    const also: string[] = []
    for (const one of answer.also) {
      also.push(`${output}.${one.kind}`)
      await writeNamed(`${output}.${one.kind}`, one.document)
    }
    const { version, fingerprint, changes } = answer
    return done(
      { file: output, also, version, fingerprint, changes },
      [
        `${output}: ${rootText(version, true)}`,
        `  fingerprint ${fingerprintText(fingerprint)}`,
        ...also.map(
          file => `${file}: signed by the authority's keys and assembled with it, unless enough of them are on the machine that assembles`
        ),
        ...changeLines(changes)
      ].join("\n")
    )
  },
  async export(words, session) {
    files(words, 0, 0)
    const output = words.text("output")
    const engine = await session.engine()
    const { file, ...answer } = await engine.exportRoot({})
    if (output !== undefined) await writeNamed(output, file)
    process.stderr.write(
      `l4: root ${answer.id}, version ${answer.version}; tell its fingerprint by other means: ${fingerprintText(answer.fingerprint)}\n`
    )
    return done({ ...answer, ...(output === undefined ? { document: file } : { file: output }) }, output === undefined ? file : output)
  },
  async sign(words, session) {
    const [file] = files(words, 1, 1) as [string]
    const output = words.text("output") ?? file
    const document = await readText(file)
    const key = words.text("key")
    if (key !== undefined && !isKeyId(key)) throw new EngineFailure("wrong-usage", `--key: expected a KeyId, found ${JSON.stringify(key)}`)
    const signer = openRootSigner(session.home)
    try {
      const passphrase = signer.locked ? await session.passphrase("Passphrase of the keys: ") : null
      const answer = await signer.sign(document, {
        ...(key === undefined ? {} : { key }),
        ...(passphrase === null ? {} : { passphrase })
      })
      await writeNamed(output, answer.document)
      const { version, fingerprint, signedBy } = answer
      return done(
        { file: output, version, fingerprint, signedBy },
        [
          `${output}: ${version === 0 ? "" : `version ${version}, `}fingerprint ${fingerprintText(fingerprint)}`,
          ...signedBy.map(id => `  signed by ${id}`)
        ].join("\n")
      )
    } finally {
      signer.close()
    }
  },
  async assemble(words, session) {
    const paths = files(words, 1, 64)
    const documents = await Promise.all(paths.map(path => readText(path)))
    const engine = await session.engine()
    await session.unlock(engine)
    const answer = await engine.assembleRoot({ documents })
    return done(
      answer,
      [
        `in force: ${answer.kinds.join(", ")}${answer.version === 0 ? "" : ` (version ${answer.version})`}`,
        `  fingerprint ${fingerprintText(answer.fingerprint)}`,
        ...answer.notes.map(note => `  note: ${note}`),
        ...changeLines(answer.changes)
      ].join("\n")
    )
  },
  async trust(words, session) {
    const [path] = files(words, 0, 1)
    const fingerprint = expectText(words, "fingerprint")
    const output = words.text("output")
    if (output !== undefined && path === undefined)
      throw new EngineFailure("wrong-usage", "root trust -o FILE prepares the acceptance of another's root: name the file that holds it")
    const file = path === undefined ? undefined : await readText(path)
    const engine = await session.engine()
    if (file !== undefined && output === undefined) await session.unlock(engine)
    const { document, ...answer } = await engine.confirmRoot({
      fingerprint,
      ...(file === undefined ? {} : { file }),
      prepare: output !== undefined
    })
    const named = `root ${answer.id}, version ${answer.version}, ledger ${answer.origin}`
    if (output === undefined || document === undefined)
      return done(answer, `${answer.already ? "was confirmed before" : "confirmed"}: ${named}`)
    await writeNamed(output, document)
    return done({ ...answer, file: output }, `${output}: the acceptance of ${named}, to be signed by the authority's keys`)
  }
}

export const rootCommands: Readonly<Record<string, Command>> = {
  root: {
    usage:
      "root [show | export [-o FILE] | prepare -o FILE [--add-key KEYFILE --role R]… [--remove-key KEYID]… [--threshold ROLE=N]… [--expires TIME] | sign FILE [-o FILE] | assemble FILE… | trust [FILE] --fingerprint HEX [-o FILE]]",
    options: {
      output: "text",
      "add-key": "texts",
      role: "texts",
      "remove-key": "texts",
      threshold: "texts",
      expires: "text",
      fingerprint: "text",
      "not-after": "text",
      namespace: "texts"
    },
    reads: words => ["show", "export"].includes(words.positionals[0] ?? "show"),
    async run(words, session): Promise<Answer> {
      const name = words.positionals[0] ?? "show"
      const action = Object.hasOwn(actions, name) ? actions[name] : undefined
      if (action === undefined)
        throw new EngineFailure("wrong-usage", `root: expected one of ${Object.keys(actions).join(", ")}, found ${JSON.stringify(name)}`)
      return action(words, session)
    }
  }
}

/** Who holds which role, the KeyId before the name: a name can be made to look like another. */
function roleLines(document: string): string[] {
  const root = JSON.parse(document) as TrustRoot
  return roles.flatMap(role => {
    const { keyids, threshold } = root.roles[role]
    const held = keyids.map(id => `    ${id}  ${nameText(root.keys[id]?.name ?? "")} (${nameText(root.keys[id]?.owner ?? "")})`)
    return [`  ${role}, ${threshold} of ${keyids.length}`, ...held]
  })
}

function files(words: Words, min: number, max: number): readonly string[] {
  const [action = "show", ...rest] = words.positionals
  if (rest.length < min || rest.length > max)
    throw new EngineFailure(
      "wrong-usage",
      `root ${action}: expected ${max === 0 ? "nothing" : max === 1 ? `${min === 1 ? "one" : "at most one"} file` : `${min} to ${max} files`} after it, found ${rest.length}`
    )
  return rest
}

/** Each `--add-key` goes with the `--role` in the same place. */
async function addedKeys(words: Words) {
  const [paths, named] = [words.texts("add-key"), words.texts("role")]
  if (paths.length !== named.length)
    throw new EngineFailure("wrong-usage", `each --add-key goes with a --role: found ${paths.length} keys and ${named.length} roles`)
  const added: { file: string; role: Role; notAfter?: string; namespaces?: string[] }[] = []
  for (const [at, path] of paths.entries())
    added.push({ file: await readText(path), role: oneOf("--role", named[at] ?? "", roles), ...terms(words) })
  return added
}

function thresholdsOf(words: Words): Partial<Record<Role, number>> {
  return Object.fromEntries(
    words.texts("threshold").map(text => {
      const found = /^([a-z]+)=(\d{1,2})$/.exec(text)
      if (found === null) throw new EngineFailure("wrong-usage", `--threshold: expected ROLE=N, found ${JSON.stringify(text)}`)
      return [oneOf("--threshold", found[1] as string, roles), Number(found[2])]
    })
  )
}
