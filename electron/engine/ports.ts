/** What the engine needs from outside: one port for each effect, secret or vendor. Adapters implement them, verbs use them. */
import type { Digest, InterfaceHash, KeyId } from "../../shared/digest.ts"
import type { Generated, GeneratorTask } from "../../shared/generation.ts"
import type { LedgerDraft, LedgerEntry, LedgerRecord } from "../../shared/ledger.ts"
import type { MissReason, Task, Tier } from "../../shared/lookup.ts"
import type { EmbeddingModel, ModuleRecord } from "../../shared/module.ts"
import type { Answer, Limits, Outcome } from "../../shared/run.ts"
import type { Settings } from "../../shared/settings.ts"
import type { KeyPurpose, KeySummary, VerdictState } from "../../shared/trust.ts"
import type { Value } from "../../shared/value.ts"
import type { Interpretation, InterpretationJob } from "./core/interpreter/interpretation.ts"

/** Wall-clock milliseconds since 1970 and a monotonic microsecond counter. */
export interface Clock {
  nowMs(): number
  monotonicUs(): number
}

/** SHA-256 and strict Ed25519 (never ZIP-215); answers as `@noble` does, in every case. */
export interface Crypto {
  sha256(bytes: Uint8Array): Uint8Array
  /** `publicKey`: 32 raw bytes. False for anything that is not a valid signature by an admissible key. */
  verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean
}

/** Immutable bytes under their Digest. Every read is re-hashed. */
export interface BlobStore {
  /** Durable when it resolves. Bytes already there are a success. Limit: 16 MiB each. */
  put(blobs: readonly Uint8Array[]): Promise<Digest[]>
  /** Null where there is no such Blob. Throws `blob-damaged` where the bytes do not match. */
  get(digest: Digest): Uint8Array | null
  /** Whether a file of that name stands there; says nothing about its bytes. */
  has(digest: Digest): boolean
  /** The only call that lists the directory. */
  list(): AsyncIterable<{ readonly digest: Digest; readonly bytes: number; readonly modifiedMs: number }>
  /** Names in it that are no Blobs, and files that a writer left unfinished; nothing of it is ever served. */
  strays(): Promise<readonly { readonly name: string; readonly bytes: number; readonly modifiedMs: number; readonly temporary: boolean }[]>
  /** With `untouchedSinceMs`: only where nobody put it since then; a put of bytes that are there counts. Answers whether it is gone. */
  delete(digest: Digest, untouchedSinceMs?: number): Promise<boolean>
  /** Removes unfinished files last changed before then; answers how many. */
  sweepTemporary(beforeMs: number): Promise<number>
}

/** Append-only, hash-chained, durable before `append` resolves. */
export interface Ledger {
  /** Records in it. */
  readonly size: number
  /** Where the chain stops holding; nothing is appended then. */
  readonly damage?: { readonly message: string } | null
  /** Leaf hash (hex) of the newest entry; 64 zeros while empty. */
  readonly head: string
  append(draft: LedgerDraft): Promise<LedgerEntry>
  /** All of them under one sync, without a gap. */
  appendAll(drafts: readonly LedgerDraft[]): Promise<LedgerEntry[]>
  /** Throws `ledger-damaged` where the frame, the chain or a part's Digest does not hold. */
  read(sequence: number): LedgerRecord
  /** Exact bytes of an entry, as they were hashed. */
  entryBytes(sequence: number): Uint8Array
  records(from: number): Iterable<LedgerRecord>
  /** As `records`, read many at once for whoever derives from all of them: frames and chain are checked, the parts' Digests are not. Of a transient record the parts may be used until the next is taken. */
  stream(from: number, transient?: "transient"): Iterable<LedgerRecord>
  /** RFC 6962 leaf hash of each entry below `size`, 32 bytes each. */
  leaves(size?: number): Uint8Array[]
  /** RFC 6962 head of the tree of the first `size` entries. */
  rootAt(size?: number): Uint8Array
  /** Reads what another process appended; answers the new size. */
  refresh(): number
  close(): Promise<void>
}

/** Documents of the own root, as envelopes. */
export interface OwnDocuments {
  readonly root?: { readonly version: number; readonly envelope: Uint8Array }
  readonly policy?: Uint8Array
  readonly revocations?: Uint8Array
}

/** Two signed notes of one ledger that contradict each other. */
export interface ForkEvidence {
  readonly origin: string
  readonly kept: string
  readonly found: string
}

/** What a Ledger record can have to do with a Digest: that of a Mapping, but for `module` and `imports`, which are Modules', and `trust` and `feedback`, which have no key. Their order is on disk: new ones at the end. */
export const relationKinds = [
  "published",
  "signed-off",
  "embedded",
  "evicted",
  "module",
  "supersedes",
  "imports",
  "trust",
  "feedback"
] as const
export type RelationKind = (typeof relationKinds)[number]

/** Which Ledger records speak of which Digest: positions only, derived from the Ledger, so that nobody holds a million Mappings in memory. */
export interface Relations {
  /** Ledger size up to which everything was taken in. */
  readonly size: number
  /** Greatest time of a record below `size` whose clock had not jumped. */
  readonly highestMs: number
  add(kind: RelationKind, digest: Digest, position: number): void
  reached(size: number, highestMs: number): void
  /** Positions, ascending. */
  of(kind: RelationKind, digest: Digest): readonly number[]
  /** All of a kind, in no order; some may come twice. */
  each(kind: RelationKind): Iterable<readonly [Digest, number]>
  clear(): void
}

/** The signed documents of `trust/` in a store. A document proves itself by signature and version. */
export interface TrustStore {
  /** Envelopes (JSON bytes) of every version of the own root, in order. */
  ownRoots(): readonly Uint8Array[]
  foreignRoots(): readonly {
    readonly id: string
    readonly versions: readonly Uint8Array[]
    readonly revocations: Uint8Array | null
    readonly checkpoints: readonly string[]
    /** Our authority's word that this is the root somebody compared. */
    readonly acceptance: Uint8Array | null
  }[]
  policy(): Uint8Array | null
  revocations(): Uint8Array | null
  /** Newest own checkpoint (signed note), if any. */
  checkpoint(): string | null
  highestTimeMs(): number
  /** Each write: beside, synced, renamed. */
  putOwnRoot(version: number, envelope: Uint8Array): Promise<void>
  putForeignRoot(id: string, version: number, envelope: Uint8Array): Promise<void>
  putForeignAcceptance(id: string, envelope: Uint8Array): Promise<void>
  putForeignRevocations(id: string, envelope: Uint8Array): Promise<void>
  putForeignCheckpoint(id: string, note: string): Promise<void>
  putPolicy(envelope: Uint8Array): Promise<void>
  putRevocations(envelope: Uint8Array): Promise<void>
  /** Own documents that only make sense together: wherever a crash comes between, all of them are in force or none. */
  putTogether(documents: OwnDocuments): Promise<void>
  putCheckpoint(note: string): Promise<void>
  /** Pairs of signed notes that prove two histories of one ledger, oldest first. */
  forks(): readonly ForkEvidence[]
  /** A pair that is there already is a success. */
  putFork(evidence: ForkEvidence): Promise<void>
  raiseHighestTime(ms: number): Promise<void>
  /** Forgets what was read, so that another process's change is seen. */
  refresh(): void
}

/** What this user has seen of stores before: kept outside every store, by Ledger origin. */
export interface SeenStores {
  get(origin: string): { readonly fingerprint: string; readonly checkpoint: string | null } | null
  put(origin: string, seen: { readonly fingerprint: string; readonly checkpoint: string | null }): Promise<void>
}

/** The operating system's own store of secrets, where it protects: it seals a file key, and opens it for this user only. */
export interface Vault {
  /** Null where it can be used; else why not, in words. */
  problem(): Promise<string | null>
  /** Text that only `open` can read. */
  seal(secret: Uint8Array): Promise<string>
  /** `renew`: the system has a newer key of its own, and what was opened is to be sealed again. Rejects where it cannot be opened. */
  open(sealed: string): Promise<{ readonly secret: Uint8Array; readonly renew: boolean }>
}

/** Secret keys. None ever leaves it; it signs. */
export interface Keyring {
  /** Files in the user's folder that are no keys we can read, each with the reason. */
  readonly refused?: readonly { readonly file: string; readonly reason: string }[]
  list(): readonly KeySummary[]
  publicKey(id: KeyId): Uint8Array | null
  /** Without a passphrase the key is unprotected, and every listing says so. */
  create(key: {
    readonly purpose: KeyPurpose
    readonly name: string
    readonly owner: string
    readonly passphrase?: string
    /** How the passphrase becomes a key; default scrypt. */
    readonly kdf?: "scrypt" | "argon2id"
  }): Promise<KeySummary>
  /** Opens every key the passphrase fits (or the one named). Throws `wrong-passphrase` if it fits none. */
  unlock(passphrase: string, id?: KeyId): Promise<readonly KeyId[]>
  lock(): readonly KeyId[]
  /** Throws `keys-locked` or `unknown-key`. Ed25519 over exactly these bytes; 64 bytes. */
  sign(id: KeyId, message: Uint8Array): Uint8Array
  retire(id: KeyId): Promise<void>
  /** Puts every unprotected key under a passphrase. Copies of the files made before keep the key in clear: rotate. */
  protect(passphrase: string, kdf?: "scrypt" | "argon2id"): Promise<readonly KeyId[]>
  /** Why the operating system's store keeps no keys; null where it can. */
  vaultProblem(): Promise<string | null>
  /** Lets the system's store open the keys that this passphrase opens, beside it. Throws `not-permitted`, `wrong-passphrase`. */
  keep(passphrase: string): Promise<readonly KeyId[]>
  /** Takes the keys out of the system's store again. */
  forget(): Promise<readonly KeyId[]>
  /** Opens the keys that the system's store can open. Throws `not-permitted` where it keeps none. */
  unlockKept(): Promise<readonly KeyId[]>
  /** Takes in a key file (JSON bytes) as it is: closed until its passphrase opens it. Throws `wrong-usage` and `store-exists`. */
  import(file: Uint8Array): Promise<KeySummary>
}

/** Words → unit vectors of one model. */
export interface Embedder {
  readonly model: EmbeddingModel
  /** f32, unit length, `model.dimensions` long, one for each text. Throws `model-unavailable`. */
  embed(texts: readonly string[]): Promise<Float32Array[]>
  close(): Promise<void>
}

/** A Mapping found near a vector. */
export interface Neighbour {
  readonly record: ModuleRecord
  readonly similarity: number
}

/** Where Mappings are found. Derived from the Ledger; may be absent or behind. */
export interface ModuleIndex {
  /** Greatest Ledger sequence applied, −1 while empty. */
  readonly appliedSequence: number
  /** Applies a record (idempotent). Resolves when the record can be found. */
  follow(record: LedgerRecord): Promise<void>
  byText(hash: InterfaceHash, text: string): Promise<readonly ModuleRecord[]>
  /** Mappings of exactly this Interface with cosine ≥ `similarityMin` (ε = 1e-6), best first. `best` is the highest cosine seen, for the Miss. */
  nearest(
    hash: InterfaceHash,
    vector: Float32Array,
    similarityMin: number,
    limit: number
  ): Promise<{
    readonly neighbours: readonly Neighbour[]
    readonly best: number | null
    readonly known: boolean
    /** `vectors`: the threshold lay below what sketches can tell, or too many were left, so every vector of the Interface was compared. */
    readonly scan?: "vectors"
  }>
  /** For people: by words (full text) and vector, over every Interface. */
  search(words: string, vector: Float32Array | null, limit: number): Promise<readonly Neighbour[]>
  byMapping(mapping: Digest): Promise<ModuleRecord | null>
  byModule(module: Digest): Promise<readonly ModuleRecord[]>
  /** Newest first. */
  page(cursor: number, limit: number): Promise<{ readonly records: readonly ModuleRecord[]; readonly total: number }>
  /** Digests (Mapping or Module) that begin with these hex digits, at most `limit`. */
  withPrefix(hex: string, limit: number): Promise<readonly Digest[]>
  /** Refreshes the cached `validation_status`; never believed. */
  noteVerdicts(verdicts: readonly { readonly mapping: Digest; readonly state: VerdictState }[]): Promise<void>
  /** Absolute counters, merged on the id. */
  noteUsage(rows: readonly { readonly mapping: Digest; readonly hits: number; readonly lastUsedMs: number }[]): Promise<void>
  /** Counters as they were noted; empty where none are kept. */
  usageRows(): Promise<readonly { readonly mapping: Digest; readonly hits: number; readonly lastUsedMs: number }[]>
  /** Compacts, drops old versions and brings indices up to date; refreshes when these Mappings were used last. Answers what it did, in words. */
  maintain(lastUsed: readonly { readonly mapping: Digest; readonly lastUsedMs: number }[]): Promise<readonly string[]>
  /** Drops everything derived and starts empty. */
  rebuild(): Promise<void>
  close(): Promise<void>
}

/** One thing served or refused, or (`shadow`) what the verified tier would have served. Written before its answer leaves; what cannot be logged is not served. */
export interface HitLogEntry {
  readonly kind: "hit" | "miss" | "run" | "shadow"
  readonly atMs: number
  readonly request: { readonly digest: Digest; readonly interfaceHash: InterfaceHash | null; readonly text: string | null }
  readonly module: Digest | null
  readonly mapping: Digest | null
  readonly ledgerSequence: number
  readonly tier: Tier | null
  readonly missReason: MissReason | null
  readonly verdict: VerdictState | null
  readonly outcome: Outcome["kind"] | null
  readonly category: string | null
  readonly similarity: number
  readonly fuel: number
  readonly embedUs: number
  readonly searchUs: number
  readonly fetchUs: number
  readonly runUs: number
  /** Number of the Hit a Run follows, or of the Miss beside a shadow answer, else 0. */
  readonly hitNumber: number
  /** Caller's Examples that what was served had passed, 255 at most. */
  readonly examplesPassed?: number
  /** `supportOf`, kept to 1/200; absent where it was not asked. */
  readonly support?: number
}

export type NumberedEntry = HitLogEntry & { readonly number: number }

/** A file of the hit log. `id` comes from random bytes in its header: a name may be used again after its file was removed, an id is not. */
export interface LogFile {
  readonly name: string
  readonly id: string
  /** This process wrote into it. */
  readonly mine: boolean
}

export interface HitLog {
  /** Id of the log that was appended to last by this process; null before the first entry. */
  readonly id: string | null
  /** Answers the entry's number, from 1. Throws `log-unavailable`. */
  append(entry: HitLogEntry): number
  /** Sound entries of every log. */
  entries(): Iterable<NumberedEntry>
  /** Sound entries of one log whose number is greater than `after`. */
  entriesOf(file: Pick<LogFile, "name" | "id">, after?: number): Iterable<NumberedEntry>
  /** Logs that nobody writes any more: rotated, closed by a reader, or left by a process that is gone. */
  closed(): readonly LogFile[]
  /** Every log that is there. */
  files(): readonly LogFile[]
  /** What binds a closed log and its requests; null where its file is gone. */
  digestsOf(file: Pick<LogFile, "name" | "id">): { readonly log: Digest; readonly requests: Digest; readonly bytes: number } | null
  /** Removes a closed log and its requests. */
  remove(file: Pick<LogFile, "name" | "id">): void
  /** What was appended is durable. */
  sync(): void
  close(): Promise<void>
}

/** A Run handed to the wall. The sandbox knows no names, no trust and no storage. */
export interface RunJob {
  readonly module: { readonly digest: Digest; readonly bytes: Uint8Array }
  /** Null for a plain Module. */
  readonly runtime: { readonly digest: Digest; readonly bytes: Uint8Array } | null
  readonly entry: string
  readonly args: readonly Value[]
  readonly answers: readonly Answer[]
  readonly limits: Limits
  readonly signal?: AbortSignal
}

export interface Sandbox {
  /** Every way a Run can end is an Outcome; throws only `queue-full`, `cancelled` and `engine-stopped`. */
  run(job: RunJob): Promise<Outcome>
  /** Memory the pool may use at most: sum of the caps, bytes. */
  readonly memoryBytesMax: number
  close(): Promise<void>
}

/** How an interpretation ended that did not come to its own end. */
export type Stopped =
  | { readonly kind: "timed-out" }
  | { readonly kind: "out-of-memory" }
  | { readonly kind: "trapped"; readonly reason: string }

/** The interpreter, where it can be ended from outside. Wall clock in milliseconds; its heap has a bound of its own. Throws only `cancelled`. */
export type Interpret = (job: InterpretationJob, timeoutMs: number, signal?: AbortSignal) => Promise<Interpretation | Stopped>

/** What a user set once for all doors. */
export interface SettingsStore {
  get(): Settings
  /** Why the defaults apply though something was set; null where nothing is wrong. */
  problem(): string | null
  /** Durable when it returns. */
  put(settings: Settings): void
}

/** Whoever writes RTFS for a Task the cache does not know. Null: it has nothing for this Task. Throws `generator-failed` and `cancelled`. */
export interface Generator {
  readonly name: string
  generate(task: GeneratorTask, signal?: AbortSignal): Promise<Generated | null>
}

/** What the layers above this cache are asked: L1 to L3 keep results, each given by the program that embeds the engine. */
export interface LayerQuestion {
  readonly task: Task
  /** An RTFS vector literal; null where only a program is wanted. */
  readonly args: string | null
}

/** A cache of results that is asked before L4, cheapest first. A Layer that throws is passed over. */
export interface Layer {
  readonly name: string
  /** `value` is a canonical print. */
  ask(
    question: LayerQuestion,
    signal?: AbortSignal
  ): Promise<{ readonly answered: true; readonly value: string } | { readonly answered: false; readonly why: string }>
  /** Told what a later layer answered, so that it may keep it. */
  keep?(question: LayerQuestion, value: string): Promise<void>
}

/** A process the host started for the engine. Messages are structured clones. */
export interface EngineProcess {
  readonly pid: number | undefined
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void
  onMessage(listener: (message: unknown) => void): void
  onExit(listener: (code: number | null) => void): void
  kill(): void
}

/** The host's way to start one of the engine's processes: a child process, or a utility process in the desktop app. */
export type Launch = (entry: "runner" | "lance" | "interpreter") => EngineProcess

/** A Bundle that is read: nothing in it is believed, and every Blob is re-hashed whenever it is read. */
export interface BundleSource {
  readonly entries: number
  layout(): Uint8Array
  /** `index.json` in pieces. */
  index(): Iterable<Uint8Array>
  /** Digest of `index.json`, which names everything else: the name of the Bundle. */
  indexDigest(): Digest
  has(digest: Digest): boolean
  /** Throws `bundle-refused` where there is none, its size is not `size`, or its bytes do not match. */
  blob(digest: Digest, size?: number): Uint8Array
  /** Throws as `blob` does; a Blob that was read once already is not hashed again. */
  check(digest: Digest, size: number): void
  /** Blobs that were neither read nor checked so far. */
  unchecked(): Iterable<Digest>
  close(): void
}

/** A Bundle that is written: beside its place, which it takes as a whole when it is finished. */
export interface BundleSink {
  put(bytes: Uint8Array): { readonly digest: Digest; readonly size: number }
  finish(index: Iterable<Uint8Array>): Promise<{ readonly digest: Digest; readonly bytes: number; readonly entries: number }>
  /** Removes what was written; harmless after `finish`. */
  abandon(): void
}

/** Bundles as directories and plain tar files. */
export interface BundleFiles {
  /** Throws `bundle-refused`, or a failure of the disk. */
  open(place: string): BundleSource
  /** Throws `wrong-usage` where something stands at the place already. */
  create(place: string): BundleSink
  /** Removes a Bundle that was written. */
  discard(place: string): void
}

/** Everything a verb may use. */
export interface Ports {
  readonly clock: Clock
  readonly crypto: Crypto
  readonly blobs: BlobStore
  readonly ledger: Ledger
  readonly trust: TrustStore
  readonly keyring: Keyring
  readonly embedder: Embedder
  readonly index: ModuleIndex
  readonly hitLog: HitLog
  readonly sandbox: Sandbox
  readonly generator: Generator
  /** Asked in this order before L4. */
  readonly layers: readonly Layer[]
  readonly bundles: BundleFiles
}
