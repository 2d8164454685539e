/** Commands that carry Modules from store to store: export, import, and verify of a Bundle without a store. */
import { createHash } from "node:crypto"
import type { BundleReport, CallContext } from "../../../shared/engine-contract.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import { forkLaunch, openWorkshop } from "../../engine/index.ts"
import type { ExitCode } from "../exit-code.ts"
import { exitCodes } from "../exit-code.ts"
import type { Words } from "../options.ts"
import { expectPositionals, expectText } from "../options.ts"
import { readNamed, readText } from "../session.ts"
import { plain } from "../show.ts"
import type { Answer, Command } from "./command.ts"

export const bundleCommands: Readonly<Record<string, Command>> = {
  export: {
    usage: "export DIGEST… | --all | --since CHECKPOINT  -o DIR|FILE.tar [--volume-modules N] [--consistent-with SIZE] [--progress]",
    options: { all: "flag", since: "text", output: "text", "consistent-with": "text", "volume-modules": "text", progress: "flag" },
    async run(words, session): Promise<Answer> {
      const target = expectText(words, "output")
      const since = words.text("since")
      const consistentWith = words.integer("consistent-with", 1, Number.MAX_SAFE_INTEGER)
      const volumeModules = words.integer("volume-modules", 1, 10_000)
      const input = {
        target,
        ...(volumeModules === undefined ? {} : { volumeModules }),
        ...(words.positionals.length === 0 ? {} : { digests: [...words.positionals] }),
        ...(words.flag("all") ? { all: true } : {}),
        ...(consistentWith === undefined ? {} : { consistentWith })
      }
      const engine = await session.engine()
      await session.unlock(engine)
      const from = since === undefined ? {} : { since: await sizeOf(since, (await engine.status({})).origin) }
      const answer = await interruptible(words, context => engine.exportBundle({ ...input, ...from }, context))
      const text = [
        ...answer.volumes.map(volume => `${volume.path}  ${volume.modules} Modules, ${volume.bytes} bytes, ${volume.bundle}`),
        `under the checkpoint ${answer.checkpoint.origin} of ${answer.checkpoint.size} records`,
        ...answer.notes.map(note => `note: ${plain(note)}`)
      ]
      return { exit: exitCodes.done, value: answer, text: text.join("\n") }
    }
  },
  import: {
    usage: "import BUNDLE [--dry-run] [--trust-root HEX] [--pending] [--progress]",
    options: { "dry-run": "flag", "trust-root": "text", pending: "flag", progress: "flag" },
    async run(words, session): Promise<Answer> {
      const [path] = expectPositionals(words, ["BUNDLE"])
      const trustRoot = words.text("trust-root")
      const dryRun = words.flag("dry-run")
      const engine = await session.engine()
      // a passphrase that is handed over is meant to be used: our Publisher may have to embed
      if (!dryRun && (trustRoot !== undefined || words.text("passphrase-fd") !== undefined)) await session.unlock(engine)
      const input = {
        path,
        dryRun,
        pending: words.flag("pending"),
        ...(trustRoot === undefined ? {} : { trustRoot: fingerprint(trustRoot) })
      }
      const report = await interruptible(words, context => engine.importBundle(input, context))
      return { exit: exitOf(report), value: report, text: reportText(report, dryRun ? "would be imported" : "imported") }
    }
  }
}

export const verifyBundleOptions = { bundle: "text", root: "text", progress: "flag" } as const

/** `l4 verify --bundle PATH [--root FILE]`: opens no store. */
export async function verifyBundleFile(path: string, words: Words): Promise<Answer> {
  expectPositionals(words, [])
  const root = words.text("root")
  const workshop = openWorkshop({ launch: forkLaunch })
  try {
    const input = { path, ...(root === undefined ? {} : { trustRoot: await fingerprintOf(root) }) }
    const report = await interruptible(words, context => workshop.verifyBundle(input, context))
    return { exit: exitOf(report), value: report, text: reportText(report, "verified") }
  } finally {
    await workshop.close()
  }
}

/** Ctrl-C cancels, so that nothing is left behind; a second one ends at once. Progress goes to a terminal, or where it is asked for. */
async function interruptible<T>(words: Words, work: (context: CallContext) => Promise<T>): Promise<T> {
  const stop = new AbortController()
  const onSignal = () => stop.abort()
  const terminal = process.stderr.isTTY === true && !words.flag("json")
  const onProgress: CallContext["onProgress"] = ({ step, done, total }) =>
    process.stderr.write(`${terminal ? "\r\x1b[K" : ""}${step}: ${done}${total === null ? "" : ` of ${total}`}${terminal ? "" : "\n"}`)
  for (const signal of signals) process.once(signal, onSignal)
  try {
    return await work({ signal: stop.signal, ...(terminal || words.flag("progress") ? { onProgress } : {}) })
  } finally {
    for (const signal of signals) process.off(signal, onSignal)
    if (terminal) process.stderr.write("\r\x1b[K")
  }
}

const signals = ["SIGINT", "SIGTERM"] as const

function exitOf({ counts }: BundleReport): ExitCode {
  return counts.trusted > 0 && counts.pending + counts.untrusted === 0 ? exitCodes.done : exitCodes.negative
}

/** As people read it aloud: spaces between the digits are welcome. */
function fingerprint(text: string): string {
  const bare = text.replace(/\s+/g, "").toLowerCase()
  if (/^[0-9a-f]{64}$/.test(bare)) return bare
  throw new EngineFailure("wrong-usage", `expected a fingerprint of 64 hex digits, found ${JSON.stringify(text)}`)
}

/** A root's fingerprint is the SHA-256 of its payload: FILE is the signed envelope, or the payload alone. */
async function fingerprintOf(file: string): Promise<string> {
  const bytes = await readNamed(file)
  let payload: Uint8Array = bytes
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(bytes))
    if (typeof json === "object" && json !== null && "payload" in json && typeof json.payload === "string")
      payload = Buffer.from(json.payload, "base64")
  } catch (cause) {
    throw new EngineFailure("wrong-usage", `${file}: expected a root document in JSON`, {}, { cause })
  }
  return createHash("sha256").update(payload).digest("hex")
}

/** A Ledger size, or a file with the signed note of a checkpoint of this store's Ledger. */
async function sizeOf(checkpoint: string, own: string): Promise<number> {
  if (/^(0|[1-9][0-9]{0,15})$/.test(checkpoint)) return Number(checkpoint)
  const [origin, size = ""] = (await readText(checkpoint)).split("\n")
  if (!/^(0|[1-9][0-9]{0,15})$/.test(size))
    throw new EngineFailure(
      "wrong-usage",
      `--since: expected a Ledger size or a file with a checkpoint, found ${JSON.stringify(checkpoint)}`
    )
  if (origin !== own)
    throw new EngineFailure("wrong-usage", `--since: expected a checkpoint of ${own}, found one of ${JSON.stringify(origin)}`)
  return Number(size)
}

const groups = (hex: string) => (hex.match(/.{1,4}/g) ?? []).join(" ")

function reportText(report: BundleReport, done: string): string {
  const { counts } = report
  return [
    `${report.bundle}: ${counts.trusted} trusted, ${counts.pending} pending, ${counts.untrusted} untrusted`,
    ...report.roots.flatMap(root => [
      `root ${root.id.slice(0, 16)} version ${root.version} of ${root.owners.map(plain).join(", ")}: ${root.standing} (${plain(root.why)})`,
      ...(root.fingerprints.length === 0 ? [] : [`  fingerprint ${groups(root.fingerprints.at(-1) ?? "")}`]),
      ...(root.newVersions === 0 ? [] : [`  ${root.newVersions} new versions`]),
      ...(root.revocations === null || root.revocations.revokes.length === 0
        ? []
        : [`  revokes here: ${root.revocations.revokes.join(", ")}`])
    ]),
    ...report.ledgers.map(ledger => `ledger ${ledger.origin}: ${ledger.size} records, ${ledger.standing}`),
    ...report.mappings.flatMap(row => [
      `${row.verdict.state.padEnd(9)}  ${row.standing.padEnd(4)}  ${plain(row.task)}`,
      `    ${plain(row.interface)}  Module ${row.digest}`,
      `    Mapping ${row.mapping}${row.before !== null && row.before !== row.verdict.state ? `  (${row.before} here before)` : ""}${row.written ? `  ${done}` : ""}`,
      ...row.verdict.rules
        .filter(rule => rule.outcome === "fail" || rule.outcome === "missing")
        .map(rule => `    ${rule.outcome === "fail" ? "✗" : "…"} ${rule.rule}  ${plain(rule.why)}`),
      ...row.verdict.notes.map(note => `    note: ${plain(note)}`)
    ]),
    ...report.notes.map(note => `note: ${plain(note)}`)
  ].join("\n")
}
