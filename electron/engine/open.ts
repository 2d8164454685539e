/** The composition root: picks the adapters, recovers what a crash left, and hands the verbs an open store. */
import { hash } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import type { Digest } from "../../shared/digest.ts"
import { isDigest } from "../../shared/digest.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { LedgerDraft, LedgerEntry, LedgerRecord } from "../../shared/ledger.ts"
import type { VerdictState } from "../../shared/trust.ts"
import { createBundleFiles } from "./adapters/bundle-reader.ts"
import { readCalibration } from "./adapters/calibration-file.ts"
import { openChoreTimes } from "./adapters/chore-times.ts"
import { bytesBelow, diskFailure } from "./adapters/disk.ts"
import { createBlobLayout, openFileBlobStore, sweepTemporary } from "./adapters/file-blob-store.ts"
import { chosenGenerator } from "./adapters/file-generator.ts"
import { openFileKeyring } from "./adapters/file-keyring.ts"
import type { FileLedger, LedgerSnapshotPlace } from "./adapters/file-ledger.ts"
import { openFileLedger } from "./adapters/file-ledger.ts"
import type { FileRelations } from "./adapters/file-relations.ts"
import { openFileRelations } from "./adapters/file-relations.ts"
import { openFileSeen } from "./adapters/file-seen.ts"
import { openSettingsFile } from "./adapters/file-settings.ts"
import { openFileTrustStore } from "./adapters/file-trust-store.ts"
import { openHitLog } from "./adapters/hit-log.ts"
import { openHotIndex } from "./adapters/hot-index.ts"
import { openInterpreter } from "./adapters/interpreter-line.ts"
import { openLanceIndex } from "./adapters/lance-index.ts"
import { createLazySandbox } from "./adapters/lazy-sandbox.ts"
import { leafOf } from "./adapters/ledger-frame.ts"
import { liveRecords } from "./adapters/ledger-tailer.ts"
import { readLibrary } from "./adapters/library-folder.ts"
import { matchEmbedder } from "./adapters/matched-embedder.ts"
import { createNodeCrypto } from "./adapters/node-crypto.ts"
import type { PinnedRuntime } from "./adapters/pinned-runtime.ts"
import { loadPinnedRuntime } from "./adapters/pinned-runtime.ts"
import { createSeal } from "./adapters/seal.ts"
import { openStandbyIndex } from "./adapters/standby-index.ts"
import type { StoreFormat } from "./adapters/store-format.ts"
import { checkFileSystem, formatFor, readStoreFormat, writeStoreFormat } from "./adapters/store-format.ts"
import type { StoreLock } from "./adapters/store-lock.ts"
import { describeOwner, lockOwnerOf, takeStoreLock } from "./adapters/store-lock.ts"
import { quarantinedIn, strangersIn } from "./adapters/store-tree.ts"
import { createSystemClock } from "./adapters/system-clock.ts"
import { bundledModel } from "./adapters/transformers-embedder.ts"
import { openUsedPositions } from "./adapters/used-positions.ts"
import { openWorkerSandbox } from "./adapters/worker-sandbox.ts"
import { openWriteBehind } from "./adapters/write-behind.ts"
import { plainInterfaceOf, rebuildDigest } from "./build.ts"
import { createCalibration } from "./calibration.ts"
import { compilerVersion } from "./core/compiler/compile.ts"
import type { Engine } from "./engine.ts"
import { createEngine } from "./engine.ts"
import { createEvidence } from "./evidence.ts"
import { orphanHours, sweepOrphans } from "./gc.ts"
import type { Initialised } from "./init.ts"
import { initTrust } from "./init.ts"
import { publishLibrary } from "./library.ts"
import type { MaintenanceOptions } from "./maintenance.ts"
import { startMaintenance } from "./maintenance.ts"
import { changeModel, derivedFolders, openStoreEmbedder, sweepDerived } from "./model-change.ts"
import type { OpenStore } from "./open-store.ts"
import type { Generator, HitLogEntry, Launch, Layer, Ledger, ModuleIndex, Ports, Vault } from "./ports.ts"
import type { TrustPorts, TrustTools } from "./trust-ports.ts"
import type { TrustState } from "./trust-state.ts"
import { openTrustState } from "./trust-state.ts"
import type { UsageLog } from "./usage-log.ts"
import { openUsageLog } from "./usage-log.ts"

export interface Places {
  readonly store: string
  /** The user's data folder, with its keys. */
  readonly home: string
}

export interface OpenOptions extends Places {
  /** The host's way to start the runner and the index process. */
  readonly launch: Launch
  readonly generator?: Generator
  /** Caches of results above this one, asked before it in this order. */
  readonly layers?: readonly Layer[]
  /** Takes no lock and writes nothing into the store but what it logs. */
  readonly readOnly?: boolean
  /** What to do where another process writes the store, or there is no room for a lock: fail (the default), or open it for reading. */
  readonly whenLocked?: "fail" | "read"
  /** The operating system's own store of secrets, where the host can reach one. */
  readonly vault?: Vault
  /** Named in the lock, for whoever finds it taken. */
  readonly program?: string
  /** Ledger records from which snapshots of it are kept; default 4,000. */
  readonly snapshotsFrom?: number
}

/** How often a reader looks for what the writer appended. */
const followEveryMs = 500
/** How far the LanceDB tables may lag. */
const writeBehindMs = 2_000
/** Counters told to the tables in one batch. */
const usageRowsMax = 500
/** Rows whose time of last use is refreshed in one batch. */
const lastUsedRowsMax = 5_000
const sandboxWorkers = 2
const workerBytesMax = 4_096 * 65_536

/**
 * Opens a store for writing, or for reading where asked and where its folder may not be written. Starts no process: the runner starts at the first Run, the index at the
 * first question. Throws `store-missing`, `store-newer-format`, `store-locked` and the failures of disk and Ledger.
 */
export async function openEngine(options: OpenOptions): Promise<Engine> {
  const format = readStoreFormat(options.store)
  const warnings = [...checkFileSystem(options.store)]
  const lock = options.readOnly === true ? null : lockWhereWritable(options, warnings)
  try {
    return await assemble(options, lock, warnings, format)
  } catch (error) {
    lock?.release()
    throw error
  }
}

/** The Digest stands for the words, which are kept nowhere. */
function withoutWords(entry: HitLogEntry): HitLogEntry {
  return { ...entry, request: { ...entry.request, text: null } }
}

/** Null on a read-only folder, and where another process writes or the disk is full and reading will do. */
function lockWhereWritable({ store, program, whenLocked }: OpenOptions, warnings: string[]): StoreLock | null {
  try {
    return takeStoreLock(store, program ?? "l4")
  } catch (error) {
    if (!(error instanceof EngineFailure)) throw error
    if (error.code === "store-locked" && whenLocked === "read") return null
    if (error.code !== "store-read-only" && (error.code !== "disk-full" || whenLocked !== "read")) throw error
    warnings.push(`the store is open for reading only: ${error.message}`)
    return null
  }
}

async function assemble(options: OpenOptions, lock: StoreLock | null, warnings: string[], format: StoreFormat): Promise<Engine> {
  const { model, digest, dimensions } = format.embedding
  const runtime = loadPinnedRuntime()
  const folders = derivedFolders(options.store, format)
  const base = openBase(options, lock === null)
  const { ledger } = base
  if (lock?.takenFrom) warnings.push(`${describeOwner(lock.takenFrom)} ended without closing the store`)
  warnings.push(...ledger.repairs)
  if (ledger.damage !== null) warnings.push(ledger.damage.message)
  const readOnly = lock === null || ledger.damage !== null
  if (!readOnly) sweepTemporary(path.join(options.store, "oci"))
  if (!readOnly) sweepDerived(options.store, format)
  const opened = openStoreEmbedder(format, options.home)
  const embedder = matchEmbedder(opened.embedder, { id: model, digest, dimensions }, opened.missing)
  const hits = () => hitFolder(options, readOnly, trust.origin())
  const hitLog = openHitLog(hits, { role: readOnly ? "reader" : "writer", nowMs: base.clock.nowMs })
  const usageLog = openUsageLog({
    hitLog,
    ledger,
    nowMs: base.clock.nowMs,
    positions: openUsedPositions(path.join(options.store, "hits"), readOnly)
  })
  const { counters } = usageLog
  const touched = createTouched(() => trust, usageLog)
  const tables = openTables(options, folders.lance, readOnly, ledger, dimensions, touched, warnings)
  const index = openHotIndex({
    directory: folders.hot,
    behind: tables.index,
    ledger,
    model: embedder.model,
    seed: format.projection.seed,
    readOnly,
    onRepair: what => warnings.push(what)
  })
  const sandbox = createLazySandbox(
    () => openWorkerSandbox({ launch: options.launch, workers: sandboxWorkers }),
    sandboxWorkers * workerBytesMax
  )
  const ports: Ports = {
    ...base,
    embedder,
    index,
    hitLog,
    sandbox,
    generator: options.generator ?? chosenGenerator(options.home, base.keyring),
    layers: options.layers ?? [],
    bundles: createBundleFiles()
  }
  const follower = followerOf(ledger, index, touched, why => {
    if (!warnings.includes(why)) warnings.push(why)
  })
  const trust = openTrustState(
    base,
    toolsFor(options, runtime, () => trust, base, follower.append)
  )
  follower.start(trust)
  const heldBy = lock === null ? lockOwnerOf(options.store) : null
  const calibration = createCalibration(readCalibration(embedder.model), embedder.model, ports, () => trust)
  const settings = openSettingsFile(options.home)
  const store: OpenStore = {
    place: options.store,
    readOnly,
    openedMs: base.clock.nowMs(),
    heldBy: heldBy === null ? null : describeOwner(heldBy),
    ports,
    tables: tables.index,
    trust,
    runtime,
    interpret: openInterpreter(options.launch),
    counters,
    calibration,
    usageLog,
    append: follower.append,
    appendGroup: follower.appendGroup,
    settled: follower.settled,
    settings,
    log(entry) {
      const number = hitLog.append(settings.get().requestTexts === "keep" ? entry : withoutWords(entry))
      counters.note(entry)
      calibration.note(entry, number)
      return number
    },
    sizes: () => sizesOf(options.store),
    strangers: () => strangersIn(options.store),
    quarantined: () => quarantinedIn(options.store),
    warnings: () => warnings,
    modelState: () => ({
      id: model,
      digest,
      available: embedder.failure === null,
      ...(embedder.failure === null ? {} : { why: embedder.failure })
    }),
    indexAvailable: () => readOnly || tables.failure() === null
  }
  if (!readOnly) for (const draft of trust.missingRecords()) await follower.append(draft)
  if (!readOnly) for (const draft of trust.missingRecords()) await follower.append(draft)
  if (!readOnly && ledger.repairs.length > 0)
    await follower.append({ kind: "repaired", body: { by: "open", what: [...ledger.repairs] }, parts: [] })
  const timer = readOnly ? setInterval(follower.catchUp, followEveryMs) : null
  timer?.unref()
  const maintenance = readOnly ? null : startMaintenance(choresOf(store, options.store, why => warnings.push(why)))
  const keep = readOnly ? null : keeperOf(base, warnings)
  const stopVerifying = verifyBehind(ledger, warnings)
  return createEngine(store, {
    library: onProgress => publishLibrary(readLibrary(), store, onProgress),
    reembed: (directory, context) => changeModel(directory, store, options.home, format, context),
    async close() {
      if (timer !== null) clearInterval(timer)
      await maintenance?.close()
      stopVerifying()
      await follower.settled()
      await keep?.close()
      for (const part of [sandbox, index, embedder, hitLog, base.relations, ledger]) await part.close().catch(() => undefined)
      base.keyring.lock()
      lock?.release()
    }
  })
}

/** What the writer does on a schedule. */
function choresOf(store: OpenStore, place: string, onFailure: (why: string) => void): MaintenanceOptions {
  const { usageLog, ports } = store
  return {
    clock: ports.clock,
    times: openChoreTimes(path.join(place, "hot")),
    async logs(signal) {
      await usageLog.takeIn(store.append, signal)
      usageLog.removeOld()
    },
    async tables() {
      for (let rows = usageLog.changed(usageRowsMax); rows.length > 0; rows = usageLog.changed(usageRowsMax))
        await store.tables.noteUsage(rows)
      await store.tables.maintain([])
    },
    lastUsed: () => store.tables.maintain(usageLog.lastUsed(lastUsedRowsMax)),
    orphans: signal => sweepOrphans(store, { olderThanHours: orphanHours, dryRun: false }, { signal }),
    onFailure
  }
}

interface Base extends TrustPorts {
  readonly ledger: FileLedger
  readonly relations: FileRelations
  /** Keeps what was read of the Ledger, so that the next opening need not read it again. */
  saveSnapshots(): Promise<void>
}

/** A shorter Ledger is read whole at every opening: that is fast, and finds all there is to find. */
const snapshotLeast = 4_000

function openBase({ store, home, snapshotsFrom, vault }: Places & Pick<OpenOptions, "snapshotsFrom" | "vault">, readOnly: boolean): Base {
  const clock = createSystemClock()
  const seal = createSeal(home)
  const directory = path.join(store, "hot")
  const least = snapshotsFrom ?? snapshotLeast
  const relations = openFileRelations({ directory, seal, readOnly, least, refill })
  const evidence = createEvidence(() => ledger, relations)
  const openLedger = (snapshot: LedgerSnapshotPlace | null) =>
    openFileLedger(path.join(store, "ledger"), {
      readOnly,
      quarantine: path.join(store, "quarantine"),
      nowMs: clock.nowMs,
      snapshot,
      onScanned(entry) {
        if (entry.sequence === evidence.size) evidence.follow({ entry })
      }
    })
  let ledger = openLedger({ directory, seal, least })
  if (!continued()) evidence.forget()
  if (ledger.verified < ledger.size && !namesReadable()) {
    // Damaged where opening looks: everything is read, and what comes before the damage is opened for reading.
    void ledger.close()
    evidence.forget()
    ledger = openLedger(null)
  }

  /** Whether the records that name the documents of trust are what the snapshot says. */
  function namesReadable(): boolean {
    try {
      for (const sequence of evidence.trustSequences) ledger.read(sequence)
      return true
    } catch {
      return false
    }
  }

  /** Whether the run of relations is of this Ledger. */
  function continued(): boolean {
    const { origin } = relations
    try {
      return origin === null || (origin.size <= ledger.size && leafAt(origin.size) === origin.leaf)
    } catch {
      return false
    }
  }

  function refill(): void {
    evidence.forget()
    for (const record of ledger.stream(0)) evidence.follow(record)
  }

  function leafAt(size: number): string {
    return leafOf(ledger.entryBytes(size - 1))
  }

  return {
    clock,
    crypto: createNodeCrypto(),
    blobs: openFileBlobStore(path.join(store, "oci"), { readOnly }),
    ledger,
    relations,
    async saveSnapshots() {
      await ledger.saveSnapshot()
      await relations.save(leafAt)
    },
    evidence,
    trust: openFileTrustStore(path.join(store, "trust"), { readOnly }),
    keyring: openFileKeyring(path.join(home, "keys"), vault === undefined ? {} : { vault })
  }
}

/** Records appended between two snapshots, and how often they are counted. */
const recordsPerSnapshot = 5_000
const keepEveryMs = 5_000

/** Writes snapshots now and then, and at the end. Never throws: without them the next opening reads more. */
function keeperOf(base: Base, warnings: string[]): { close(): Promise<void> } {
  let kept = base.ledger.size
  let saving: Promise<void> = Promise.resolve()
  const save = () => {
    kept = base.ledger.size
    saving = saving
      .then(() => base.saveSnapshots())
      .catch(error => {
        const why = `what was read of the ledger could not be kept: ${error instanceof Error ? error.message : String(error)}`
        if (!warnings.includes(why)) warnings.push(why)
      })
    return saving
  }
  const timer = setInterval(() => {
    if (base.ledger.size - kept >= recordsPerSnapshot) save()
  }, keepEveryMs)
  timer.unref()
  return {
    async close() {
      clearInterval(timer)
      await save()
    }
  }
}

/** Records read in one turn, and milliseconds between two turns: a few per cent of a core, and no Lookup waits long. */
const verifiedAtOnce = 16
const verifyEveryMs = 10

/** Reads in the background what opening took from a snapshot; what it finds broken ends all writing, as at an opening that reads everything. */
function verifyBehind(ledger: FileLedger, warnings: string[]): () => void {
  const timer = setInterval(() => {
    if (ledger.verifyNext(verifiedAtOnce)) return
    clearInterval(timer)
    if (ledger.damage !== null && !warnings.includes(ledger.damage.message)) warnings.push(ledger.damage.message)
  }, verifyEveryMs)
  timer.unref()
  return () => clearInterval(timer)
}

interface Tables {
  readonly index: ModuleIndex
  /** Why LanceDB is out of use; null while it answers. */
  failure(): string | null
}

/** Ledger records from which a reader asks the writer's tables instead of keeping all rows in memory: they may lag some seconds behind. */
const readerTablesFrom = 50_000

/** LanceDB is written by the writer alone; a reader of a small store searches in memory, filled from the Ledger. */
function openTables(
  options: OpenOptions,
  directory: string,
  readOnly: boolean,
  ledger: Ledger,
  dimensions: number,
  touched: Touched,
  warnings: string[]
): Tables {
  const lance = openLanceIndex({
    launch: options.launch,
    directory,
    quarantine: path.join(options.store, "quarantine"),
    dimensions,
    ledger,
    readOnly,
    onRepair: what => warnings.push(what)
  })
  const index = openStandbyIndex(readOnly && ledger.size < readerTablesFrom ? null : lance, ledger)
  const behind = openWriteBehind({
    index,
    delayMs: writeBehindMs,
    verdicts: touched.verdicts,
    usage: touched.usage,
    onFailure: why => warnings.push(why)
  })
  return { index: readOnly ? index : behind, failure: () => index.failure }
}

/** What the tables are to be told beside the records: Verdicts and counters that changed since they were told last. */
interface Touched {
  note(record: LedgerRecord): void
  /** Some of them, none when all were told. */
  verdicts(): { readonly mapping: Digest; readonly state: VerdictState }[]
  usage(): { readonly mapping: Digest; readonly hits: number; readonly lastUsedMs: number }[]
}

/** A change of policy touches every Verdict there is, and a million take half an hour: they are told piece by piece. */
const verdictSliceMs = 10

function createTouched(trustOf: () => TrustState, usageLog: UsageLog): Touched {
  const waiting = new Set<Digest>()
  let all = false
  return {
    note({ entry }) {
      const mapping = entry.body.mapping
      if (isDigest(mapping)) waiting.add(mapping)
      else if (["trusted", "revoked", "policy-changed", "imported"].includes(entry.kind)) all = true
    },
    verdicts() {
      const trust = trustOf()
      if (all) for (const mapping of trust.mappings()) waiting.add(mapping)
      all = false
      const states: { readonly mapping: Digest; readonly state: VerdictState }[] = []
      const end = performance.now() + verdictSliceMs
      for (const mapping of waiting) {
        if (states.length > 0 && performance.now() > end) break
        waiting.delete(mapping)
        if (trust.claimOf(mapping) !== null) states.push({ mapping, state: trust.cachedVerdict(mapping).state })
      }
      return states
    },
    usage: () => usageLog.changed(usageRowsMax)
  }
}

interface Follower {
  start(trust: TrustState): void
  append(draft: LedgerDraft): Promise<LedgerEntry>
  appendGroup(drafts: Iterable<LedgerDraft>): Promise<LedgerEntry>
  settled(): Promise<void>
  catchUp(): void
}

/** Records of a group that are written at once: enough to share a sync, few enough to hold. */
const groupBatch = 64

/** Feeds what was appended, here or by another process, to all that derives from the Ledger: trust at once, the index behind. */
function followerOf(ledger: Ledger, index: ModuleIndex, touched: Touched, onFailure: (why: string) => void): Follower {
  let trust: TrustState | null = null
  let followed = 0
  let indexed = ledger.size
  let behind: Promise<unknown> = Promise.resolve()
  /** A group stands in the Ledger without a gap: nothing else is appended while one is written. */
  let group: Promise<unknown> = Promise.resolve()
  const underway = new Set<Promise<LedgerEntry>>()

  /** Never throws: what was appended is durable, and what derives from it can be caught up later. */
  function feed(): void {
    try {
      for (; followed < ledger.size; followed++) {
        const record = ledger.read(followed)
        trust?.follow(record)
        touched.note(record)
      }
    } catch (error) {
      onFailure(`record ${followed} of the ledger could not be followed: ${String(error)}`)
    }
    behind = behind.then(followIndex).catch(error => onFailure(String(error)))
  }

  async function writeGroup(drafts: Iterable<LedgerDraft>): Promise<LedgerEntry> {
    const number = ledger.size
    let batch: LedgerDraft[] = []
    let last: LedgerEntry | undefined
    const flush = async () => {
      last = (await ledger.appendAll(batch)).at(-1) ?? last
      batch = []
    }
    for (const draft of drafts) {
      batch.push({ ...draft, group: number })
      if (batch.length >= groupBatch) await flush()
    }
    await flush()
    if (last === undefined) throw new EngineFailure("internal", "a group has at least its closer")
    return last
  }

  async function followIndex(): Promise<void> {
    const pending: Promise<void>[] = []
    for (const record of liveRecords(ledger, indexed)) {
      pending.push(index.follow(record))
      indexed = record.entry.sequence + 1
    }
    await Promise.allSettled(pending)
  }

  return {
    start(state) {
      trust = state
      followed = ledger.size
    },
    async append(draft) {
      trust?.assertWritable()
      await group
      const appending = ledger.append(draft)
      underway.add(appending)
      const entry = await appending.finally(() => underway.delete(appending))
      feed()
      // A checkpoint that is due is signed behind; where its key is locked it waits, and the status says so.
      behind = behind.then(() => trust?.checkpoint()).catch(() => undefined)
      return entry
    },
    async appendGroup(drafts) {
      trust?.assertWritable()
      const before = group
      const { promise, resolve } = Promise.withResolvers<void>()
      group = before.then(() => promise)
      try {
        await before
        await Promise.allSettled([...underway])
        return await writeGroup(drafts)
      } finally {
        feed()
        resolve()
      }
    },
    async settled() {
      await behind
    },
    catchUp() {
      try {
        if (ledger.refresh() > followed) feed()
      } catch (error) {
        onFailure(`the ledger could not be followed: ${String(error)}`)
      }
    }
  }
}

function toolsFor(
  options: Places,
  runtime: PinnedRuntime,
  trust: () => TrustState,
  base: TrustPorts,
  append: TrustTools["append"]
): TrustTools {
  return {
    compilerVersion,
    shippedRuntime: runtime.digest,
    rebuild: (source, imports, entry) => rebuildDigest(source, imports, entry, { trust: trust(), blobs: base.blobs }, runtime.abi),
    validates: createValidator(),
    plainInterface: plainInterfaceOf,
    seen: openFileSeen(path.join(options.home, "seen")),
    ...(append === undefined ? {} : { append })
  }
}

const validatedMax = 100_000

/** The engine's opinion of the same bytes does not change, and hashing them again is far cheaper than asking. */
function createValidator(): (bytes: Uint8Array) => boolean {
  const known = new Map<string, boolean>()
  return bytes => {
    const name = hash("sha256", bytes, "base64")
    const answer = known.get(name) ?? WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>)
    if (known.size >= validatedMax) known.clear()
    known.set(name, answer)
    return answer
  }
}

/** A reader that may not write into the store keeps its log with the user, by the Ledger's origin. */
function hitFolder({ store, home }: Places, readOnly: boolean, origin: string): string {
  const own = path.join(store, "hits")
  if (!readOnly) return own
  try {
    fs.accessSync(fs.existsSync(own) ? own : store, fs.constants.W_OK)
    return own
  } catch {
    return path.join(home, "hits", hash("sha256", origin === "" ? fs.realpathSync(store) : origin, "hex"))
  }
}

function sizesOf(store: string): ReturnType<OpenStore["sizes"]> {
  const below = (...parts: readonly string[]) => bytesBelow(path.join(store, ...parts))
  return { blobs: below("oci", "blobs"), ledger: below("ledger"), lance: below("lance"), hot: below("hot"), hits: below("hits") }
}

export interface InitStoreOptions extends Places {
  readonly passphrase?: string
  readonly owner?: string
}

/** Makes a store in a folder that is missing or empty. Throws `store-exists`; where it fails, it leaves the folder as it was. */
export async function initStore(options: InitStoreOptions): Promise<Omit<Initialised, "state">> {
  const { store } = options
  refuseOccupied(store)
  const fresh = !fs.existsSync(store)
  try {
    fs.mkdirSync(store, { recursive: true })
  } catch (error) {
    throw diskFailure(error, `make the folder ${store}`)
  }
  const warnings = checkFileSystem(store)
  const lock = takeStoreLock(store, "l4 init")
  try {
    return await layOut(options, warnings)
  } catch (error) {
    for (const name of ["oci", "ledger", "trust", "quarantine", "FORMAT.json"])
      fs.rmSync(path.join(store, name), { recursive: true, force: true })
    throw error
  } finally {
    lock.release()
    if (fresh && fs.readdirSync(store).length === 0) fs.rmdirSync(store)
  }
}

async function layOut(options: InitStoreOptions, warnings: readonly string[]): Promise<Omit<Initialised, "state">> {
  const { store } = options
  createBlobLayout(path.join(store, "oci"))
  for (const part of ["ledger", "trust"]) fs.mkdirSync(path.join(store, part), { recursive: true })
  const base = openBase(options, false)
  try {
    const tools = toolsFor(options, loadPinnedRuntime(), () => fail(), base, undefined)
    const { state, ...made } = await initTrust(base, tools, {
      ...(options.passphrase === undefined ? {} : { passphrase: options.passphrase }),
      ...(options.owner === undefined ? {} : { owner: options.owner })
    })
    // Last: a folder without FORMAT.json is no store.
    writeStoreFormat(store, formatFor(bundledModel))
    state.forgetVerdicts()
    return { ...made, warnings: [...warnings, ...made.warnings] }
  } finally {
    base.keyring.lock()
    await base.ledger.close()
  }
}

function fail(): never {
  throw new EngineFailure("internal", "nothing is rebuilt while a store is made")
}

function refuseOccupied(store: string): void {
  if (!fs.existsSync(store)) return
  if (fs.existsSync(path.join(store, "FORMAT.json")))
    throw new EngineFailure("store-exists", `there is a store at ${store} already`, { store })
  let names: readonly string[]
  try {
    names = fs.readdirSync(store)
  } catch (error) {
    throw diskFailure(error, `read the folder ${store}`)
  }
  if (names.length > 0) throw new EngineFailure("store-exists", `${store} is not empty: a store is made in a folder of its own`, { store })
}
