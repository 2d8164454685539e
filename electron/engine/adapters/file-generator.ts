/** Which Generator this user chose: `generator.json` in the data folder, read at each use so that a change needs no restart. */
import fs from "node:fs"
import path from "node:path"
import { z } from "zod"
import { EngineFailure } from "../../../shared/failure.ts"
import { keyIdSchema } from "../../../shared/trust.ts"
import type { Generator, Keyring } from "../ports.ts"
import { openCommandGenerator } from "./command-generator.ts"
import { diskFailure, systemCode } from "./disk.ts"
import { openSecret, sealSecret } from "./endpoint-secret.ts"
import { openHttpGenerator } from "./http-generator.ts"

const choiceSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("http"),
    url: z.string(),
    model: z.string().min(1),
    hostsAllowed: z.array(z.string()).max(64),
    key: z.object({ sealedBy: keyIdSchema, box: z.string().max(16_384) }).nullable()
  }),
  z.object({ kind: z.literal("command"), command: z.tuple([z.string().min(1)], z.string()) })
])
const fileSchema = z.object({ version: z.literal(1), generator: choiceSchema })
type Choice = z.infer<typeof choiceSchema>

/** What a person chooses; null takes the choice back. */
export type GeneratorChoice =
  | { readonly kind: "http"; readonly url: string; readonly model: string; readonly hostsAllowed: readonly string[]; readonly key?: string }
  | { readonly kind: "command"; readonly command: readonly [string, ...string[]] }
  | null

/** What may be shown of it: never the key. */
export type GeneratorShown =
  | {
      readonly kind: "http"
      readonly url: string
      readonly model: string
      readonly hostsAllowed: readonly string[]
      readonly hasKey: boolean
    }
  | { readonly kind: "command"; readonly command: readonly string[] }
  | null

export interface GeneratorFile {
  shown(): GeneratorShown
  /** Throws `wrong-usage` for what cannot be used, `keys-locked` where a key cannot be sealed. */
  choose(choice: GeneratorChoice): void
}

export function openGeneratorFile(home: string, keyring: Keyring): GeneratorFile {
  const file = path.join(home, "generator.json")
  return {
    shown() {
      const choice = readChoice(file)
      if (choice === null || choice.kind === "command") return choice
      const { key, ...rest } = choice
      return { ...rest, hasKey: key !== null }
    },
    choose(choice) {
      if (choice === null) {
        fs.rmSync(file, { force: true })
        return
      }
      writeChoice(file, chosen(choice, keyring))
    }
  }
}

/** The Generator that is chosen at the time it is asked; with none, every Task the cache does not know stays unanswered. */
export function chosenGenerator(home: string, keyring: Keyring): Generator {
  const file = path.join(home, "generator.json")
  const current = (): Generator | null => {
    const choice = readChoice(file)
    return choice === null ? null : generatorOf(choice, keyring)
  }
  return {
    get name() {
      return current()?.name ?? "no generator"
    },
    generate: async (task, signal) => (await current()?.generate(task, signal)) ?? null
  }
}

function generatorOf(choice: Choice, keyring: Keyring): Generator {
  if (choice.kind === "command") return openCommandGenerator(choice.command as [string, ...string[]])
  const { url, model, hostsAllowed, key } = choice
  return openHttpGenerator({ url, model, hostsAllowed, key: () => (key === null ? null : openSecret(key, url, keyring)) })
}

function chosen(choice: NonNullable<GeneratorChoice>, keyring: Keyring): Choice {
  if (choice.kind === "command") return { kind: "command", command: [...choice.command] as [string, ...string[]] }
  const { url, model, hostsAllowed, key } = choice
  openHttpGenerator({ url, model, hostsAllowed })
  return { kind: "http", url, model, hostsAllowed: [...hostsAllowed], key: key === undefined ? null : sealSecret(key, url, keyring) }
}

function readChoice(file: string): Choice | null {
  let text: string
  try {
    text = fs.readFileSync(file, "utf8")
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null
    throw diskFailure(error, "read generator.json")
  }
  try {
    return fileSchema.parse(JSON.parse(text)).generator
  } catch (cause) {
    throw new EngineFailure(
      "generator-failed",
      "generator.json in the data folder is damaged or of another version: choose the generator again",
      {},
      { cause }
    )
  }
}

function writeChoice(file: string, generator: Choice): void {
  const beside = `${file}.${process.pid}`
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
    fs.writeFileSync(beside, `${JSON.stringify({ version: 1, generator }, null, 2)}\n`, { mode: 0o600, flush: true })
    fs.renameSync(beside, file)
  } catch (error) {
    fs.rmSync(beside, { force: true })
    throw diskFailure(error, "write generator.json")
  }
}
