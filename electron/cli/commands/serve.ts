/** Commands of the server door: `serve` answers programs until it is told to stop, `token` says who may ask. */
import { pino } from "pino"
import manifest from "../../../package.json" with { type: "json" }
import { EngineFailure } from "../../../shared/failure.ts"
import { type Engine, forkLaunch, openBundleStore, openEngine } from "../../engine/index.ts"
import { type DoorOptions, openDoor } from "../../serve/door.ts"
import { defaultRunCaps } from "../../serve/guard.ts"
import { scopes } from "../../serve/scopes.ts"
import { openTokenFile, type Token } from "../../serve/tokens.ts"
import { exitCodes } from "../exit-code.ts"
import { expectPositionals, expectText, type Words } from "../options.ts"
import type { Session } from "../session.ts"
import { readText } from "../session.ts"
import { plain } from "../show.ts"
import { type Answer, type Command, oneOf } from "./command.ts"

const graceMs = 10_000
const dayMs = 86_400_000

export const serveCommands: Readonly<Record<string, Command>> = {
  serve: {
    usage:
      "serve [--port N] [--address A [--tls-cert FILE --tls-key FILE | --plain-http]] [--read-only | --bundle PATH --trust-root HEX] [--rate CALLS-PER-SECOND] [--run-fuel N] [--run-timeout MS] [--run-memory PAGES]",
    options: {
      port: "text",
      address: "text",
      "tls-cert": "text",
      "tls-key": "text",
      "plain-http": "flag",
      "read-only": "flag",
      bundle: "text",
      "trust-root": "text",
      rate: "text",
      "run-fuel": "text",
      "run-timeout": "text",
      "run-memory": "text"
    },
    async run(words, session): Promise<Answer> {
      expectPositionals(words, [])
      // Told to stop while still opening, it stops as soon as it can.
      const stopped = new Promise<void>(resolve => {
        for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, () => resolve())
      })
      const settings = await doorSettings(words)
      const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2))
      const engine = await openServed(words, session)
      try {
        const door = await openDoor({
          ...settings,
          engine,
          tokens: openTokenFile(session.home, Date.now),
          version: manifest.version,
          log: line => log.info(line),
          report: (verb, error) => log.error({ msg: "defect", verb, error: error instanceof Error ? error.stack : String(error) })
        }).catch(cannotListen)
        process.stdout.write(`${session.json ? JSON.stringify({ url: door.url }) : `Server: ${door.url}`}\n`)
        await stopped
        const cut = await door.drain(graceMs)
        return { exit: exitCodes.done, value: { url: door.url, cutOff: cut }, text: cut === 0 ? "drained" : `${cut} calls were cut off` }
      } finally {
        await engine.close()
      }
    }
  },
  token: {
    usage: `token [list | create --name NAME --scope ${scopes.join("|")}… [--days N] | revoke ID]`,
    options: { name: "text", scope: "texts", days: "text" },
    async run(words, session): Promise<Answer> {
      const [action = "list", subject, ...rest] = words.positionals
      if (rest.length > 0) throw new EngineFailure("wrong-usage", `expected nothing after ${JSON.stringify(subject)}`)
      return tokenAction(action, subject, words, session)
    }
  }
}

function tokenAction(action: string, subject: string | undefined, words: Words, session: Session): Answer {
  const file = openTokenFile(session.home, Date.now)
  switch (action) {
    case "list": {
      const tokens = file.list().map(shown)
      return { exit: exitCodes.done, value: tokens, text: tokens.map(tokenLine).join("\n") }
    }
    case "create": {
      const granted = words.texts("scope").map(scope => oneOf("--scope", scope, scopes))
      if (granted.length === 0) throw new EngineFailure("wrong-usage", `expected --scope, at least once: ${scopes.join(", ")}`)
      const days = words.number("days", 0.001, 3_650)
      const expiresMs = days === undefined ? null : Date.now() + Math.round(days * dayMs)
      const { token, secret } = file.create({ name: expectText(words, "name"), scopes: [...new Set(granted)], expiresMs })
      process.stderr.write("l4: this is the only time the token is shown\n")
      return { exit: exitCodes.done, value: { ...shown(token), token: secret }, text: secret }
    }
    case "revoke": {
      if (subject === undefined) throw new EngineFailure("wrong-usage", "expected the id of a token: l4 token list shows them")
      const token = file.revoke(subject)
      return { exit: exitCodes.done, value: shown(token), text: `revoked ${token.id} ${plain(token.name)}` }
    }
    default:
      throw new EngineFailure("wrong-usage", `token: expected one of list, create, revoke, found ${JSON.stringify(action)}`)
  }
}

const shown = ({ sha256: _, ...token }: Token) => token

function tokenLine({ id, name, scopes: granted, expiresMs }: Omit<Token, "sha256">): string {
  const until =
    expiresMs === null ? "until revoked" : `until ${new Date(expiresMs).toISOString()}${expiresMs <= Date.now() ? " (expired)" : ""}`
  return `${id}  ${plain(name)}  ${granted.join(",")}  ${until}`
}

async function doorSettings(words: Words): Promise<Omit<DoorOptions, "engine" | "tokens" | "version">> {
  const [cert, key] = [words.text("tls-cert"), words.text("tls-key")]
  if ((cert === undefined) !== (key === undefined))
    throw new EngineFailure("wrong-usage", "--tls-cert and --tls-key: expected both or neither")
  const address = words.text("address")
  const rate = words.integer("rate", 0, 1_000_000)
  return {
    port: words.integer("port", 0, 65_535) ?? 0,
    plainHttp: words.flag("plain-http"),
    ...(address === undefined ? {} : { address }),
    ...(cert === undefined || key === undefined ? {} : { tls: { cert: await readText(cert), key: await readText(key) } }),
    ...(rate === undefined ? {} : { ratePerSecond: rate }),
    caps: {
      fuelMax: words.integer("run-fuel", 1, 1e12) ?? defaultRunCaps.fuelMax,
      timeoutMs: words.integer("run-timeout", 1, 600_000) ?? defaultRunCaps.timeoutMs,
      memoryPagesMax: words.integer("run-memory", 2, 4_096) ?? defaultRunCaps.memoryPagesMax
    }
  }
}

/** The store, or a Bundle alone. A passphrase opens the keys: without it nothing can be published. */
async function openServed(words: Words, session: Session): Promise<Engine> {
  const [bundle, trustRoot] = [words.text("bundle"), words.text("trust-root")]
  const common = { launch: forkLaunch, program: "server door" }
  if (bundle !== undefined) {
    if (trustRoot === undefined || !/^[0-9a-f]{64}$/.test(trustRoot))
      throw new EngineFailure(
        "wrong-usage",
        "--bundle needs --trust-root: the fingerprint of its root, 64 hex digits, compared by other means"
      )
    return openBundleStore({ ...common, bundle, trustRoot, home: session.home })
  }
  if (trustRoot !== undefined) throw new EngineFailure("wrong-usage", "--trust-root belongs to --bundle")
  const readOnly = words.flag("read-only")
  const engine = await openEngine({ ...common, store: session.store, home: session.home, readOnly })
  const passphrase = readOnly ? null : await session.passphrase("Passphrase (empty to serve without publishing): ")
  if (passphrase !== null && passphrase !== "") await engine.unlock({ passphrase })
  return engine
}

function cannotListen(cause: unknown): never {
  throw new EngineFailure("wrong-usage", `cannot listen: ${cause instanceof Error ? cause.message : String(cause)}`, {}, { cause })
}
