/** Reads the words of a command line into options, and says precisely what is wrong with them. */
import { parseArgs } from "node:util"
import { EngineFailure } from "../../shared/failure.ts"

export type OptionKind = "flag" | "text" | "texts"

/** Options every command takes. */
export const globalOptions = {
  store: "text",
  home: "text",
  key: "text",
  json: "flag",
  "passphrase-fd": "text",
  help: "flag"
} as const satisfies Record<string, OptionKind>

export interface Words {
  /** What stands without a dash, the command's own name left out. */
  readonly positionals: readonly string[]
  flag(name: string): boolean
  text(name: string): string | undefined
  texts(name: string): readonly string[]
  /** A whole number within bounds, or undefined where the option is absent. */
  integer(name: string, min: number, max: number): number | undefined
  number(name: string, min: number, max: number): number | undefined
}

export function readWords(argv: readonly string[], own: Readonly<Record<string, OptionKind>>): Words {
  const known: Record<string, OptionKind> = { ...globalOptions, ...own }
  const options = Object.fromEntries(
    Object.entries(known).map(([name, kind]) => [
      name,
      {
        type: kind === "flag" ? ("boolean" as const) : ("string" as const),
        multiple: kind === "texts",
        ...(name === "output" ? { short: "o" } : {})
      }
    ])
  )
  const { values, positionals } = parseStrictly(argv, options)
  const text = (name: string): string | undefined => {
    const value = values[name]
    return typeof value === "string" ? value : undefined
  }
  const number = (name: string, min: number, max: number): number | undefined => {
    const value = text(name)
    if (value === undefined) return undefined
    const parsed = /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN
    if (!(parsed >= min && parsed <= max))
      throw new EngineFailure("wrong-usage", `--${name}: expected a number from ${min} to ${max}, found ${JSON.stringify(value)}`)
    return parsed
  }
  return {
    positionals,
    flag: name => values[name] === true,
    text,
    texts: name => {
      const value = values[name]
      return Array.isArray(value) ? value.filter(item => typeof item === "string") : []
    },
    number,
    integer: (name, min, max) => {
      const value = number(name, min, max)
      if (value !== undefined && !Number.isInteger(value))
        throw new EngineFailure("wrong-usage", `--${name}: expected a whole number, found ${value}`)
      return value
    }
  }
}

type ParseOptions = Record<string, { type: "boolean" | "string"; multiple: boolean; short?: string }>

function parseStrictly(argv: readonly string[], options: ParseOptions) {
  try {
    return parseArgs({ args: joinDashedValues(argv, options), options, allowPositionals: true, strict: true })
  } catch (cause) {
    const message = cause instanceof Error ? cause.message.split("\n")[0] : String(cause)
    throw new EngineFailure("wrong-usage", `${message}`, {}, { cause })
  }
}

/** A value may begin with a dash (`--args -5`, a note, a TYPE): an option that takes a value takes the next word, whatever it is. */
function joinDashedValues(argv: readonly string[], options: ParseOptions): string[] {
  const joined: string[] = []
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!
    if (word === "--") return joined.concat(argv.slice(at))
    const name = word === "-o" ? "output" : word.startsWith("--") && !word.includes("=") ? word.slice(2) : null
    const value = argv[at + 1]
    if (name !== null && options[name]?.type === "string" && value !== undefined) {
      joined.push(`--${name}=${value}`)
      at++
    } else joined.push(word)
  }
  return joined
}

/** Exactly these positionals; the names are what the error shows. */
export function expectPositionals<const N extends readonly string[]>(words: Words, names: N): { readonly [I in keyof N]: string } {
  if (words.positionals.length !== names.length) {
    const expected = names.length === 0 ? "nothing after the command" : names.join(" ")
    throw new EngineFailure(
      "wrong-usage",
      `expected ${expected}, found ${words.positionals.length === 0 ? "nothing" : words.positionals.map(word => JSON.stringify(word)).join(" ")}`
    )
  }
  return words.positionals as unknown as { readonly [I in keyof N]: string }
}

export function expectText(words: Words, name: string): string {
  const value = words.text(name)
  if (value === undefined) throw new EngineFailure("wrong-usage", `--${name} is required`)
  return value
}
