/** `trust/` of a store: signed documents, each written beside, synced and renamed; versions and the time seen never go back. */
import fs from "node:fs"
import path from "node:path"
import { EngineFailure } from "../../../shared/failure.ts"
import { fromBase64, toBase64 } from "../core/digest.ts"
import type { ForkEvidence, OwnDocuments, TrustStore } from "../ports.ts"
import { diskFailure, replaceFile, syncDirectory, systemCode } from "./disk.ts"

/** Bytes of one document; a larger file is not read. */
const documentBytesMax = 4 * 1024 * 1024
/** Foreign checkpoints kept of one root; the newest ones. */
const checkpointsMax = 1_024
/** Pairs of notes kept as evidence of a fork; the first ones, for they show when it began. */
const forksMax = 64
const versionPattern = /^root\.([1-9][0-9]{0,6})\.json$/
const fingerprintPattern = /^[0-9a-f]{64}$/

interface Documents {
  readonly ownRoots: readonly Uint8Array[]
  readonly foreign: ReturnType<TrustStore["foreignRoots"]>
  readonly policy: Uint8Array | null
  readonly revocations: Uint8Array | null
  readonly checkpoint: string | null
  readonly highestTimeMs: number
  readonly forks: readonly ForkEvidence[]
}

/**
 * `directory` is the store's `trust/`, made at the first write. Layout: `own/root.<n>.json own/revocations.json own/checkpoint`,
 * `foreign/<fingerprint>/` alike with `checkpoints/<n>` and `acceptance.json`, `policy.json`, `time`, `forks/<n>.json`.
 * Documents that only make sense together stand in `change.json` first; from there on they are in force, and whoever writes next
 * puts them in their places.
 */
export function openFileTrustStore(directory: string, options: { readonly readOnly?: boolean } = {}): TrustStore {
  const own = path.join(directory, "own")
  const foreign = path.join(directory, "foreign")
  const pending = path.join(directory, "change.json")
  let documents: Documents | null = null

  const read = (): Documents => {
    if (documents !== null) return documents
    const change = readChange(pending)
    documents = {
      ownRoots: withVersion(readVersions(own), change?.root),
      foreign: namesIn(foreign)
        .filter(name => fingerprintPattern.test(name))
        .map(id => ({
          id,
          versions: readVersions(path.join(foreign, id)),
          revocations: readDocument(path.join(foreign, id, "revocations.json")),
          checkpoints: readCheckpoints(path.join(foreign, id, "checkpoints")),
          acceptance: readDocument(path.join(foreign, id, "acceptance.json"))
        })),
      policy: change?.policy ?? readDocument(path.join(directory, "policy.json")),
      revocations: change?.revocations ?? readDocument(path.join(own, "revocations.json")),
      checkpoint: readText(path.join(own, "checkpoint")),
      highestTimeMs: readTime(path.join(directory, "time")),
      forks: readForks(path.join(directory, "forks"))
    }
    return documents
  }

  async function write(file: string, bytes: Uint8Array): Promise<void> {
    if (options.readOnly) throw new EngineFailure("store-read-only", "the store is open for reading only")
    try {
      settle()
      put(file, bytes)
    } catch (error) {
      throw diskFailure(error, `write ${path.relative(directory, file)} of the store's trust`)
    } finally {
      documents = null
    }
  }

  function put(file: string, bytes: Uint8Array): void {
    makeDirectories(path.dirname(file))
    replaceFile(file, bytes)
  }

  /** Puts the documents of a change in their places, then ends it. Done twice, it does the same. */
  function settle(): void {
    const change = readChange(pending)
    if (change === null) return
    const { root, policy, revocations } = change
    if (root !== undefined && root.version === readVersions(own).length + 1) put(versionFile(own, root.version), root.envelope)
    if (policy !== undefined) put(path.join(directory, "policy.json"), policy)
    if (revocations !== undefined) put(path.join(own, "revocations.json"), revocations)
    fs.rmSync(pending)
    syncDirectory(directory)
  }

  /** What cannot be settled now (a full disk) is in force as it stands, and is settled later. */
  function settleIfPossible(): void {
    try {
      settle()
    } catch {
      documents = null
    }
  }

  const writeVersion = async (folder: string, present: readonly Uint8Array[], version: number, envelope: Uint8Array) => {
    if (version !== present.length + 1)
      throw new EngineFailure(
        "trust-damaged",
        `expected root version ${present.length + 1}, found ${version}: versions are never replaced or skipped`
      )
    await write(versionFile(folder, version), envelope)
  }

  if (options.readOnly !== true) settleIfPossible()

  return {
    ownRoots: () => read().ownRoots,
    foreignRoots: () => read().foreign,
    policy: () => read().policy,
    revocations: () => read().revocations,
    checkpoint: () => read().checkpoint,
    highestTimeMs: () => read().highestTimeMs,
    putOwnRoot: (version, envelope) => writeVersion(own, read().ownRoots, version, envelope),
    putForeignRoot: async (id, version, envelope) =>
      writeVersion(foreignFolder(id), read().foreign.find(one => one.id === id)?.versions ?? [], version, envelope),
    putForeignAcceptance: async (id, envelope) => write(path.join(foreignFolder(id), "acceptance.json"), envelope),
    putForeignRevocations: async (id, envelope) => write(path.join(foreignFolder(id), "revocations.json"), envelope),
    async putForeignCheckpoint(id, note) {
      const folder = path.join(foreignFolder(id), "checkpoints")
      const numbers = numbersIn(folder)
      await write(path.join(folder, String((numbers.at(-1) ?? 0) + 1)), new TextEncoder().encode(note))
      for (const old of numbers.slice(0, Math.max(0, numbers.length + 1 - checkpointsMax)))
        fs.rmSync(path.join(folder, String(old)), { force: true })
    },
    putPolicy: envelope => write(path.join(directory, "policy.json"), envelope),
    putRevocations: envelope => write(path.join(own, "revocations.json"), envelope),
    async putTogether(change) {
      const { root } = change
      const there = read().ownRoots.length
      if (root !== undefined && root.version !== there + 1)
        throw new EngineFailure("trust-damaged", `expected root version ${there + 1}, found ${root.version}`)
      await write(pending, changeBytes(change))
      settleIfPossible()
    },
    putCheckpoint: note => write(path.join(own, "checkpoint"), new TextEncoder().encode(note)),
    async raiseHighestTime(ms) {
      if (ms > read().highestTimeMs) await write(path.join(directory, "time"), new TextEncoder().encode(`${Math.floor(ms)}\n`))
    },
    forks: () => read().forks,
    async putFork(evidence) {
      const known = read().forks
      if (known.length >= forksMax || known.some(one => one.kept === evidence.kept && one.found === evidence.found)) return
      const folder = path.join(directory, "forks")
      const next = (numbersIn(folder, ".json").at(-1) ?? 0) + 1
      await write(path.join(folder, `${next}.json`), new TextEncoder().encode(`${JSON.stringify(evidence)}\n`))
    },
    refresh() {
      documents = null
    }
  }

  function foreignFolder(id: string): string {
    if (!fingerprintPattern.test(id))
      throw new EngineFailure("wrong-usage", `expected a fingerprint of 64 hex digits, found ${JSON.stringify(id)}`)
    return path.join(foreign, id)
  }
}

const versionFile = (folder: string, version: number) => path.join(folder, `root.${version}.json`)

function withVersion(versions: Uint8Array[], next: OwnDocuments["root"]): Uint8Array[] {
  return next?.version === versions.length + 1 ? [...versions, next.envelope] : versions
}

function changeBytes({ root, policy, revocations }: OwnDocuments): Uint8Array {
  return new TextEncoder().encode(
    JSON.stringify({
      ...(root === undefined ? {} : { root: { version: root.version, envelope: toBase64(root.envelope) } }),
      ...(policy === undefined ? {} : { policy: toBase64(policy) }),
      ...(revocations === undefined ? {} : { revocations: toBase64(revocations) })
    })
  )
}

/** The change that stands; null where there is none, or none that can be read: nothing in it is believed but by its signatures. */
function readChange(file: string): OwnDocuments | null {
  const bytes = readDocument(file, 4 * documentBytesMax)
  if (bytes === null) return null
  try {
    const json = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>
    const documentOf = (name: string, value: unknown) => {
      const document = typeof value === "string" ? fromBase64(value) : null
      return document === null ? {} : { [name]: document }
    }
    const root = json.root as { version?: unknown; envelope?: unknown } | undefined
    const envelope = typeof root?.envelope === "string" ? fromBase64(root.envelope) : null
    return {
      ...(typeof root?.version === "number" && envelope !== null ? { root: { version: root.version, envelope } } : {}),
      ...documentOf("policy", json.policy),
      ...documentOf("revocations", json.revocations)
    }
  } catch {
    return null
  }
}

function readForks(folder: string): ForkEvidence[] {
  return numbersIn(folder, ".json").flatMap(number => {
    try {
      const json = JSON.parse(readText(path.join(folder, `${number}.json`)) ?? "") as Record<keyof ForkEvidence, unknown>
      const { origin, kept, found } = json
      return typeof origin === "string" && typeof kept === "string" && typeof found === "string" ? [{ origin, kept, found }] : []
    } catch {
      return []
    }
  })
}

/** Versions 1, 2, … without a gap; what follows a gap is not read, for nothing could hand over to it. */
function readVersions(folder: string): Uint8Array[] {
  const numbers = namesIn(folder)
    .flatMap(name => versionPattern.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((left, right) => left - right)
  const versions: Uint8Array[] = []
  for (const number of numbers) {
    if (number !== versions.length + 1) break
    versions.push(readDocument(versionFile(folder, number)) ?? new Uint8Array())
  }
  return versions
}

function readCheckpoints(folder: string): string[] {
  return numbersIn(folder).flatMap(number => readText(path.join(folder, String(number))) ?? [])
}

function numbersIn(folder: string, suffix = ""): number[] {
  return namesIn(folder)
    .filter(name => name.endsWith(suffix))
    .map(name => name.slice(0, name.length - suffix.length))
    .filter(name => /^[1-9][0-9]{0,9}$/.test(name))
    .map(Number)
    .sort((left, right) => left - right)
}

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder)
  } catch (error) {
    if (systemCode(error) === "ENOENT") return []
    throw diskFailure(error, "list the store's trust")
  }
}

/** Null where there is none. A file too large for a document reads as empty, which no reader of documents believes. */
function readDocument(file: string, bytesMax = documentBytesMax): Uint8Array | null {
  try {
    const { size } = fs.statSync(file)
    return size > bytesMax ? new Uint8Array() : new Uint8Array(fs.readFileSync(file))
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null
    throw diskFailure(error, "read the store's trust")
  }
}

function readText(file: string): string | null {
  const bytes = readDocument(file)
  return bytes === null ? null : new TextDecoder().decode(bytes)
}

/** A `time` that is no number counts as the end of time: everything that expires has expired until it is repaired. */
function readTime(file: string): number {
  const text = readText(file)
  if (text === null) return 0
  return /^[0-9]{1,15}\n$/.test(text) ? Number(text) : Number.MAX_SAFE_INTEGER
}

/** Each new name is made durable in the directory above it. */
function makeDirectories(folder: string): void {
  const first = fs.mkdirSync(folder, { recursive: true })
  for (let made: string = folder; first !== undefined && made.length >= first.length; made = path.dirname(made))
    syncDirectory(path.dirname(made))
}
