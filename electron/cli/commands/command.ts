/** What a command of `l4` is. */
import { writeFile } from "node:fs/promises"
import { EngineFailure } from "../../../shared/failure.ts"
import type { ExitCode } from "../exit-code.ts"
import type { OptionKind, Words } from "../options.ts"
import type { Session } from "../session.ts"

/** What a command answers: `value` is printed as one JSON line with --json, else `text` is printed. */
export interface Answer {
  readonly exit: ExitCode
  readonly value: unknown
  readonly text: string
}

export interface Command {
  /** One line: words and options, as the usage text shows them. */
  readonly usage: string
  readonly options: Readonly<Record<string, OptionKind>>
  /** Reading will do where another process writes the store; only what must write is refused then. */
  readonly reads?: boolean | ((words: Words) => boolean)
  run(words: Words, session: Session): Promise<Answer>
}

/** Options that say which Mapping of a Module is meant. */
export const mappingOptions = { task: "text", mapping: "text" } as const

export function mappingChoice(words: Words): { task?: string; mapping?: string } {
  const task = words.text("task")
  const mapping = words.text("mapping")
  return { ...(task === undefined ? {} : { task }), ...(mapping === undefined ? {} : { mapping }) }
}

/** Limits a person may lower or raise for one Run. */
export const limitOptions = { fuel: "text", timeout: "text", memory: "text" } as const

export function limitChoice(words: Words) {
  const fuelMax = words.integer("fuel", 1, 1e12)
  const timeoutMs = words.integer("timeout", 1, 600_000)
  const memoryPagesMax = words.integer("memory", 2, 4_096)
  return {
    ...(fuelMax === undefined ? {} : { fuelMax }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(memoryPagesMax === undefined ? {} : { memoryPagesMax })
  }
}

/** The value as one of those allowed. Throws `wrong-usage` listing them. */
export function oneOf<const T extends readonly string[]>(what: string, value: string, allowed: T): T[number] {
  if ((allowed as readonly string[]).includes(value)) return value
  throw new EngineFailure("wrong-usage", `${what}: expected one of ${allowed.join(", ")}, found ${JSON.stringify(value)}`)
}

export async function writeNamed(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, `${text}\n`)
  } catch (cause) {
    const code = (cause as { code?: string }).code ?? "unwritable"
    throw new EngineFailure("wrong-usage", `${path}: expected a file that can be written, found ${code}`, {}, { cause })
  }
}
