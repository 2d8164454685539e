/** `trust/` of a store: signed documents, each written beside, synced and renamed; versions and the time seen never go back. */
import fs from "node:fs"
import path from "node:path"
import { EngineFailure } from "../../../shared/failure.ts"
import type { TrustStore } from "../ports.ts"
import { diskFailure, replaceFile, syncDirectory, systemCode } from "./disk.ts"

/** Bytes of one document; a larger file is not read. */
const documentBytesMax = 4 * 1024 * 1024
/** Foreign checkpoints kept of one root; the newest ones. */
const checkpointsMax = 64
const versionPattern = /^root\.([1-9][0-9]{0,6})\.json$/
const fingerprintPattern = /^[0-9a-f]{64}$/

interface Documents {
  readonly ownRoots: readonly Uint8Array[]
  readonly foreign: ReturnType<TrustStore["foreignRoots"]>
  readonly policy: Uint8Array | null
  readonly revocations: Uint8Array | null
  readonly checkpoint: string | null
  readonly highestTimeMs: number
}

/**
 * `directory` is the store's `trust/`, made at the first write. Layout: `own/root.<n>.json own/revocations.json own/checkpoint`,
 * `foreign/<fingerprint>/` alike with `checkpoints/<n>` and `acceptance.json`, `policy.json`, `time`.
 */
export function openFileTrustStore(directory: string, options: { readonly readOnly?: boolean } = {}): TrustStore {
  const own = path.join(directory, "own")
  const foreign = path.join(directory, "foreign")
  let documents: Documents | null = null

  const read = (): Documents => {
    documents ??= {
      ownRoots: readVersions(own),
      foreign: namesIn(foreign)
        .filter(name => fingerprintPattern.test(name))
        .map(id => ({
          id,
          versions: readVersions(path.join(foreign, id)),
          revocations: readDocument(path.join(foreign, id, "revocations.json")),
          checkpoints: readCheckpoints(path.join(foreign, id, "checkpoints")),
          acceptance: readDocument(path.join(foreign, id, "acceptance.json"))
        })),
      policy: readDocument(path.join(directory, "policy.json")),
      revocations: readDocument(path.join(own, "revocations.json")),
      checkpoint: readText(path.join(own, "checkpoint")),
      highestTimeMs: readTime(path.join(directory, "time"))
    }
    return documents
  }

  async function write(file: string, bytes: Uint8Array): Promise<void> {
    if (options.readOnly) throw new EngineFailure("store-read-only", "the store is open for reading only")
    try {
      makeDirectories(path.dirname(file))
      replaceFile(file, bytes)
    } catch (error) {
      throw diskFailure(error, `write ${path.relative(directory, file)} of the store's trust`)
    } finally {
      documents = null
    }
  }

  const writeVersion = async (folder: string, present: readonly Uint8Array[], version: number, envelope: Uint8Array) => {
    if (version !== present.length + 1)
      throw new EngineFailure(
        "trust-damaged",
        `expected root version ${present.length + 1}, found ${version}: versions are never replaced or skipped`
      )
    await write(path.join(folder, `root.${version}.json`), envelope)
  }

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
    putCheckpoint: note => write(path.join(own, "checkpoint"), new TextEncoder().encode(note)),
    async raiseHighestTime(ms) {
      if (ms > read().highestTimeMs) await write(path.join(directory, "time"), new TextEncoder().encode(`${Math.floor(ms)}\n`))
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

/** Versions 1, 2, … without a gap; what follows a gap is not read, for nothing could hand over to it. */
function readVersions(folder: string): Uint8Array[] {
  const numbers = namesIn(folder)
    .flatMap(name => versionPattern.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((left, right) => left - right)
  const versions: Uint8Array[] = []
  for (const number of numbers) {
    if (number !== versions.length + 1) break
    versions.push(readDocument(path.join(folder, `root.${number}.json`)) ?? new Uint8Array())
  }
  return versions
}

function readCheckpoints(folder: string): string[] {
  return numbersIn(folder).flatMap(number => readText(path.join(folder, String(number))) ?? [])
}

function numbersIn(folder: string): number[] {
  return namesIn(folder)
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
function readDocument(file: string): Uint8Array | null {
  try {
    const { size } = fs.statSync(file)
    return size > documentBytesMax ? new Uint8Array() : new Uint8Array(fs.readFileSync(file))
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
