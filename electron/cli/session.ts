/** What a command works with: where the data is, an engine opened on demand, and a passphrase asked for only when a key is needed. */
import { readFile } from "node:fs/promises"
import { EngineFailure } from "../../shared/failure.ts"
import type { Diagnostic } from "../../shared/module.ts"
import type { Engine } from "../engine/index.ts"
import { dataFolder, forkLaunch, openEngine } from "../engine/index.ts"
import type { Words } from "./options.ts"
import { promptPassphrase, readPassphraseFrom, takeEnvironmentPassphrase } from "./passphrase.ts"

export interface Session {
  readonly store: string
  readonly home: string
  readonly json: boolean
  /** Opens the store once; later calls answer the same engine. */
  engine(): Promise<Engine>
  /** Opens the locked keys a signing command needs; asks only where there are any. */
  unlock(engine: Engine): Promise<void>
  /** Null where none was given and none can be asked for. */
  passphrase(question: string): Promise<string | null>
  close(): Promise<void>
}

/** `reads`: where another process writes the store, it is opened for reading. */
export function openSession(words: Words, environment: NodeJS.ProcessEnv, reads = false): Session {
  const fromEnvironment = takeEnvironmentPassphrase(environment)
  const { home, store } = dataFolder({ home: words.text("home"), store: words.text("store") }, environment)
  const descriptor = words.integer("passphrase-fd", 0, 64)
  let opened: Promise<Engine> | null = null
  let given: string | null | undefined

  async function passphrase(question: string): Promise<string | null> {
    if (given !== undefined) return given
    if (descriptor !== undefined) given = readPassphraseFrom(descriptor)
    else if (fromEnvironment !== undefined) {
      process.stderr.write(
        "l4: passphrase taken from L4_PASSPHRASE, which other programs of this user may read; --passphrase-fd is safer\n"
      )
      given = fromEnvironment
    } else given = await promptPassphrase(question)
    return given
  }

  return {
    store,
    home,
    json: words.flag("json"),
    passphrase,
    engine() {
      opened ??= openEngine({ store, home, launch: forkLaunch, whenLocked: reads ? "read" : "fail" })
      return opened
    },
    async unlock(engine) {
      const { keys } = await engine.keys({})
      if (keys.every(key => key.unlocked || key.retired)) return
      const answer = await passphrase("Passphrase: ")
      if (answer === null)
        throw new EngineFailure(
          "keys-locked",
          "the keys are locked: give their passphrase at a prompt, by --passphrase-fd N, or in L4_PASSPHRASE"
        )
      await engine.unlock({ passphrase: answer })
    },
    async close() {
      if (opened === null) return
      const engine = await opened.catch(() => null)
      await engine?.close()
    }
  }
}

const fileBytesMax = 16_777_216

/** Reads a file the person named; a missing or oversized one is a clear error. `-` is standard input. */
export async function readNamed(path: string): Promise<Uint8Array> {
  try {
    const bytes = path === "-" ? await readAll(process.stdin) : await readFile(path)
    if (bytes.length > fileBytesMax)
      throw new EngineFailure("limit-exceeded", `${path}: expected at most ${fileBytesMax} bytes, found ${bytes.length}`)
    return bytes
  } catch (cause) {
    if (cause instanceof EngineFailure) throw cause
    const code = (cause as { code?: string }).code ?? "unreadable"
    throw new EngineFailure("wrong-usage", `${path}: expected a readable file, found ${code}`, {}, { cause })
  }
}

async function readAll(stream: AsyncIterable<unknown>): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stream) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))
    length += bytes.length
    if (length > fileBytesMax) throw new EngineFailure("limit-exceeded", `standard input: expected at most ${fileBytesMax} bytes`)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}

const utf8 = new TextDecoder("utf-8", { fatal: true })

export async function readText(path: string): Promise<string> {
  const bytes = await readNamed(path)
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new EngineFailure("wrong-usage", `${path}: expected UTF-8 text`, {}, { cause })
  }
}

/** A Source the person named, or the diagnostic that refuses it: bytes that are no UTF-8 are a malformed Source, like any other stray character. */
export async function readSource(
  path: string
): Promise<{ readonly text: string } | { readonly refused: Diagnostic; readonly shown: string }> {
  const bytes = await readNamed(path)
  const text = Buffer.from(bytes).toString("utf8")
  const at = firstStray(bytes, text)
  if (at === null) return { text }
  const before = text.slice(0, at)
  const line = before.split("\n").length
  const column = [...before.slice(before.lastIndexOf("\n") + 1)].length + 1
  const span = { start: at, end: at + 1, line, column }
  return {
    shown: text,
    refused: {
      severity: "error",
      category: "parse-error",
      message: "the Source is no UTF-8 text",
      span,
      expected: "UTF-8",
      found: `byte 0x${bytes[Buffer.byteLength(before)]?.toString(16) ?? ""}`
    }
  }
}

/** Where in the decoded text the first byte stands that no UTF-8 text has; null where there is none. A replacement character may also be meant. */
function firstStray(bytes: Uint8Array, text: string): number | null {
  let offset = 0
  let at = 0
  for (const character of text) {
    const length = Buffer.byteLength(character)
    if (character === "\ufffd" && !(bytes[offset] === 0xef && bytes[offset + 1] === 0xbf && bytes[offset + 2] === 0xbd)) return at
    offset += length
    at += character.length
  }
  return null
}

export async function readJson(path: string): Promise<unknown> {
  const text = await readText(path)
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new EngineFailure(
      "wrong-usage",
      `${path}: expected JSON, ${cause instanceof Error ? cause.message : String(cause)}`,
      {},
      { cause }
    )
  }
}
