/** The command line: reads the words, calls one verb, prints its answer. No logic of its own. */
import { EngineFailure, failureToWire } from "../../shared/failure.ts"
import { bundleCommands } from "./commands/bundles.ts"
import { cacheCommands } from "./commands/cache.ts"
import type { Command } from "./commands/command.ts"
import { feedbackCommands } from "./commands/feedback.ts"
import { findCommands } from "./commands/find.ts"
import { generatorCommands } from "./commands/generator.ts"
import { keyCommands } from "./commands/keys.ts"
import { reembedCommands } from "./commands/reembed.ts"
import { reviewCommands } from "./commands/review.ts"
import { rootCommands } from "./commands/root.ts"
import { serveCommands } from "./commands/serve.ts"
import { settingsCommands } from "./commands/settings.ts"
import { sourceCommands } from "./commands/source.ts"
import { storeCommands } from "./commands/store.ts"
import { trustCommands } from "./commands/trust.ts"
import { usageCommands } from "./commands/usage.ts"
import { type ExitCode, exitCodeOf, exitCodes } from "./exit-code.ts"
import { readWords } from "./options.ts"
import { openSession } from "./session.ts"
import { plain } from "./show.ts"

const commands: Readonly<Record<string, Command>> = {
  ...storeCommands,
  ...sourceCommands,
  ...cacheCommands,
  ...feedbackCommands,
  ...findCommands,
  ...reembedCommands,
  ...reviewCommands,
  ...trustCommands,
  ...keyCommands,
  ...rootCommands,
  ...bundleCommands,
  ...usageCommands,
  ...settingsCommands,
  ...generatorCommands,
  ...serveCommands
}

export async function main(argv: readonly string[]): Promise<ExitCode> {
  const at = commandAt(argv)
  const name = at < 0 ? undefined : argv[at]
  if (name === undefined || name === "help") {
    const asked = name === "help" || argv.includes("--help")
    ;(asked ? process.stdout : process.stderr).write(usageText())
    return asked ? exitCodes.done : exitCodes.usage
  }
  const rest = [...argv.slice(0, at), ...argv.slice(at + 1)]
  const json = rest.includes("--json")
  try {
    return await runCommand(name, rest)
  } catch (failure) {
    return reportFailure(failure, json)
  }
}

/** The first word that is neither an option nor a global option's value. */
function commandAt(argv: readonly string[]): number {
  const valued = new Set(["--store", "--home", "--key", "--passphrase-fd"])
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!
    if (!word.startsWith("-")) return at
    if (valued.has(word)) at++
  }
  return -1
}

async function runCommand(name: string, rest: readonly string[]): Promise<ExitCode> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) throw new EngineFailure("wrong-usage", `no command ${JSON.stringify(name)}; l4 help lists them`)
  if (rest.includes("--help")) {
    process.stdout.write(`usage: l4 ${command.usage}\n`)
    return exitCodes.done
  }
  const words = readWords(rest, command.options)
  const reads = typeof command.reads === "function" ? command.reads(words) : command.reads === true
  const session = openSession(words, process.env, reads)
  try {
    const answer = await command.run(words, session)
    process.stdout.write(session.json ? `${JSON.stringify(answer.value)}\n` : answer.text === "" ? "" : `${answer.text}\n`)
    return answer.exit
  } catch (failure) {
    if (failure instanceof EngineFailure && failure.code === "wrong-usage") process.stderr.write(`usage: l4 ${command.usage}\n`)
    throw failure
  } finally {
    await session.close()
  }
}

function reportFailure(failure: unknown, json: boolean): ExitCode {
  const wire = failureToWire(failure)
  process.stderr.write(`l4: ${wire.code}: ${plain(wire.message)}\n`)
  if (!(failure instanceof EngineFailure) && process.env.L4_DEBUG)
    process.stderr.write(`${failure instanceof Error ? failure.stack : String(failure)}\n`)
  if (json) process.stdout.write(`${JSON.stringify({ kind: "failure", ...wire })}\n`)
  return exitCodeOf(wire.code)
}

function usageText(): string {
  return [
    "l4: a content-addressable cache of compiled RTFS modules",
    "",
    ...Object.values(commands).map(command => `  l4 ${command.usage}`),
    "",
    "  every command: [--store DIR] [--home DIR] [--key KEYID] [--json] [--passphrase-fd N] [--help]",
    "  exit codes: 0 done, 1 a negative answer, 2 wrong usage, 3 a store or engine failure",
    ""
  ].join("\n")
}
