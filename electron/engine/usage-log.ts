/** Takes hit logs that are done into the Ledger, one `used` record each, and counts what was served from those records and from the logs they do not speak of. */
import type { Digest } from "../../shared/digest.ts"
import { isDigest } from "../../shared/digest.ts"
import type { LedgerDraft, LedgerEntry, LedgerRecord } from "../../shared/ledger.ts"
import { isObject } from "./core/dsse.ts"
import type { HitLog, Ledger, LogFile } from "./ports.ts"
import type { UsageCounters, UsageTotals, Used } from "./usage-counters.ts"
import { countEntry, countHits, createUsageCounters, emptyTotals } from "./usage-counters.ts"

/** Mappings whose counters one record carries, most used first; of the others a log of more tells as long as its file is kept. */
const mappingsMax = 4_000
/** Records looked through at once for `used` ones; more are looked through between other work. */
const scannedAtOnceMax = 5_000
const sliceRecords = 200
/** Days a log is kept after its last entry. */
const keptDays = 30
const dayMs = 86_400_000

/** Positions of `used` records among the first `size` ones; derived, so that no open reads the whole Ledger for them. */
export interface UsedPositions {
  readonly size: number
  /** Leaf hash of record `size` − 1. */
  readonly leaf: string
  readonly used: readonly number[]
}

export interface UsageLogOptions {
  readonly hitLog: HitLog
  readonly ledger: Ledger
  readonly nowMs: () => number
  /** Null where nothing was kept, or it cannot be read. */
  readonly positions: { read(): UsedPositions | null; write(positions: UsedPositions): void }
}

export interface UsageLog {
  readonly counters: UsageCounters
  /** Counts what other processes logged since. */
  refresh(): void
  /** Absolute counters of Mappings that were used since they were asked for last, at most `limit`. */
  changed(limit: number): { readonly mapping: Digest; readonly hits: number; readonly lastUsedMs: number }[]
  /** When Mappings were used last, the newest first, at most `limit`. */
  lastUsed(limit: number): { readonly mapping: Digest; readonly lastUsedMs: number }[]
  /** All counters count as changed: whoever was told them has lost them. */
  touchAll(): void
  /** Appends one record for each log that is done; answers how many. */
  takeIn(append: (draft: LedgerDraft) => Promise<LedgerEntry>, signal: AbortSignal): Promise<number>
  /** Removes logs whose last entry is older than 30 days and which the Ledger binds; answers how many. */
  removeOld(): number
  /** Logs that the Ledger binds, with what it says of each. */
  taken(): readonly TakenLog[]
}

export interface TakenLog extends Pick<LogFile, "name" | "id"> {
  readonly sequence: number
  readonly entries: number
  readonly log: string
  readonly requests: string
  readonly lastMs: number
}

interface Known extends TakenLog {
  readonly totals: UsageTotals
  /** Whether `totals` holds every Mapping that was used. */
  readonly whole: boolean
}

export function openUsageLog({ hitLog, ledger, nowMs, positions }: UsageLogOptions): UsageLog {
  const known = new Map<string, Known>()
  /** Entries counted of logs that other processes wrote. */
  const counted = new Map<string, number>()
  const dirty = new Set<number>()
  /** Positions that Hits named, by the Mapping whose record stands there; only of Mappings that answered. */
  const uses = new Map<Digest, number[]>()
  let usesSeen = 0
  let used: number[] = []
  let scanned = 0
  let totals: UsageTotals | null = null
  let taking: Promise<number> | null = null

  const counters = createUsageCounters(before)
  resume()

  return {
    counters: {
      note(entry) {
        if (entry.kind === "hit") dirty.add(entry.ledgerSequence)
        counters.note(entry)
      },
      totals: counters.totals,
      of: usedBy,
      all: () => new Map([...namedUses().keys()].map(mapping => [mapping, usedBy(mapping) as Used]))
    },
    refresh() {
      scan(scannedAtOnceMax)
      if (totals !== null) countFiles(totals)
    },
    changed,
    lastUsed(limit) {
      const all = [...namedUses().keys()].map(mapping => ({ mapping, lastUsedMs: usedBy(mapping)?.lastUsedMs ?? 0 }))
      return all.sort((left, right) => right.lastUsedMs - left.lastUsedMs).slice(0, limit)
    },
    touchAll() {
      for (const sequence of counters.totals().byRecord.keys()) dirty.add(sequence)
    },
    takeIn(append, signal) {
      taking ??= takeAll(append, signal).finally(() => {
        taking = null
      })
      return taking
    },
    removeOld() {
      const newestWriter = newestOf(hitLog.files())
      const old = hitLog.closed().filter(file => {
        const taken = known.get(file.id)
        return file.name !== newestWriter && taken !== undefined && nowMs() - taken.lastMs > keptDays * dayMs
      })
      for (const file of old) hitLog.remove(file)
      return old.length
    },
    taken: () => [...known.values()]
  }

  function resume(): void {
    const kept = positions.read()
    if (kept === null || kept.size > ledger.size || kept.size === 0) return
    if (Buffer.from(ledger.leaves(kept.size).at(-1) ?? []).toString("hex") !== kept.leaf) return
    used = [...kept.used]
    scanned = kept.size
    for (const sequence of used) learn(ledger.read(sequence))
  }

  function before(): UsageTotals {
    scan(scannedAtOnceMax)
    const sum = emptyTotals()
    for (const one of known.values()) addRecorded(one, sum)
    countFiles(sum, true)
    totals = sum
    return sum
  }

  /** From what the Ledger says, unless the log's file is there and tells more. */
  function addRecorded(one: Known, into: UsageTotals): void {
    if (!one.whole && hitLog.files().some(file => file.id === one.id)) return
    add(into, one.totals)
    counted.set(one.id, one.entries)
  }

  /** What this process logs is counted as it is logged: its own files are read once, at the beginning. */
  function countFiles(into: UsageTotals, atFirst = false): void {
    for (const file of hitLog.files()) {
      let number = counted.get(file.id) ?? 0
      if (atFirst || !file.mine)
        for (const entry of hitLog.entriesOf(file, number)) {
          countEntry(into, entry)
          if (!atFirst && entry.kind === "hit") dirty.add(entry.ledgerSequence)
          number = entry.number
        }
      counted.set(file.id, number)
    }
  }

  /** Looks for `used` records in what it has not looked through; true when nothing is left. */
  function scan(recordsMax: number): boolean {
    const end = Math.min(ledger.size, scanned + recordsMax)
    for (; scanned < end; scanned++) {
      const { entry } = ledger.read(scanned)
      if (entry.kind !== "used") continue
      used.push(scanned)
      const one = learn(ledger.read(scanned))
      if (one !== null && totals !== null && !counted.has(one.id)) addRecorded(one, totals)
    }
    return scanned >= ledger.size
  }

  function learn(record: LedgerRecord): Known | null {
    const one = knownOf(record)
    if (one !== null) known.set(one.id, one)
    return one
  }

  async function takeAll(append: (draft: LedgerDraft) => Promise<LedgerEntry>, signal: AbortSignal): Promise<number> {
    while (!signal.aborted && !scan(sliceRecords)) await new Promise(resolve => setTimeout(resolve, 0))
    let taken = 0
    for (const file of hitLog.closed()) {
      if (signal.aborted) return taken
      if (known.has(file.id)) continue
      const draft = usedDraft(file, hitLog)
      if (draft === null) continue
      if (totals !== null) countFiles(totals)
      const entry = await append(draft)
      const one = learn(ledger.read(entry.sequence))
      for (const sequence of one?.totals.byRecord.keys() ?? []) dirty.add(sequence)
      taken++
    }
    while (!signal.aborted && !scan(sliceRecords)) await new Promise(resolve => setTimeout(resolve, 0))
    if (scanned === ledger.size && scanned > 0 && (taken > 0 || positions.read() === null))
      positions.write({ size: scanned, leaf: ledger.head, used })
    return taken
  }

  function changed(limit: number) {
    if (dirty.size === 0) return []
    const rows = new Map<Digest, Used>()
    for (const sequence of dirty) {
      if (rows.size >= limit) break
      dirty.delete(sequence)
      const mapping = mappingAt(sequence)
      const used = mapping === null ? null : usedBy(mapping)
      if (mapping !== null && used !== null) rows.set(mapping, used)
    }
    return [...rows].map(([mapping, used]) => ({ mapping, ...used }))
  }

  function usedBy(mapping: Digest): Used | null {
    const sequences = namedUses().get(mapping)
    if (sequences === undefined) return null
    const { byRecord } = counters.totals()
    let hits = 0
    let lastUsedMs = 0
    for (const sequence of sequences) {
      hits += byRecord.get(sequence)?.hits ?? 0
      lastUsedMs = Math.max(lastUsedMs, byRecord.get(sequence)?.lastUsedMs ?? 0)
    }
    return { hits, lastUsedMs }
  }

  /** Positions are only ever added, at the end: those that are new since the last time are looked up. */
  function namedUses(): ReadonlyMap<Digest, readonly number[]> {
    const { byRecord } = counters.totals()
    if (byRecord.size === usesSeen) return uses
    let at = 0
    for (const sequence of byRecord.keys()) {
      if (at++ < usesSeen) continue
      const mapping = mappingAt(sequence)
      if (mapping !== null) uses.set(mapping, [...(uses.get(mapping) ?? []), sequence])
    }
    usesSeen = byRecord.size
    return uses
  }

  function mappingAt(sequence: number): Digest | null {
    if (!Number.isInteger(sequence) || sequence < 0 || sequence >= ledger.size) return null
    const { mapping } = ledger.read(sequence).entry.body
    return isDigest(mapping) ? mapping : null
  }
}

/** The writer's newest log stays, so that its number is not given again. */
function newestOf(files: readonly LogFile[]): string | null {
  const numbers = files.flatMap(({ name }) => /^writer-([0-9]+)\.log$/.exec(name)?.[1] ?? []).map(Number)
  return numbers.length === 0 ? null : `writer-${Math.max(...numbers)}.log`
}

/** The record that binds a log; null where its file is gone. */
function usedDraft(file: LogFile, hitLog: HitLog): LedgerDraft | null {
  const digests = hitLog.digestsOf(file)
  if (digests === null) return null
  const totals = emptyTotals()
  let entries = 0
  let firstMs = Number.POSITIVE_INFINITY
  let lastMs = 0
  for (const entry of hitLog.entriesOf(file)) {
    countEntry(totals, entry)
    entries++
    firstMs = Math.min(firstMs, entry.atMs)
    lastMs = Math.max(lastMs, entry.atMs)
  }
  const mappings = [...totals.byRecord].sort(([, left], [, right]) => right.hits - left.hits)
  return {
    kind: "used",
    body: {
      log: { name: file.name, id: file.id, digest: digests.log, bytes: digests.bytes, requests: digests.requests },
      entries,
      ...(entries === 0 ? {} : { first: new Date(firstMs).toISOString(), last: new Date(lastMs).toISOString() }),
      totals: {
        hits: totals.hits,
        misses: totals.misses,
        runs: totals.runs,
        tiers: totals.tiers,
        latency: [...totals.latency].sort(([left], [right]) => left - right)
      },
      mappings: mappings.slice(0, mappingsMax).map(([sequence, { hits, lastUsedMs }]) => [sequence, hits, lastUsedMs]),
      ...(mappings.length > mappingsMax ? { others: mappings.length - mappingsMax } : {})
    },
    parts: []
  }
}

/** Null for a record this version cannot read; its log is then counted from its file. */
function knownOf({ entry }: LedgerRecord): Known | null {
  const { log, totals: said, mappings, last, others } = entry.body
  if (!isObject(log) || !isObject(said) || !Array.isArray(mappings)) return null
  if (typeof log.id !== "string" || typeof log.name !== "string") return null
  const totals = emptyTotals()
  totals.hits = countOf(said.hits)
  for (const part of ["misses", "runs", "tiers"] as const) {
    const counts = said[part]
    if (isObject(counts)) for (const [name, count] of Object.entries(counts)) Object.assign(totals[part], { [name]: countOf(count) })
  }
  for (const [bucket, count] of pairsOf(said.latency)) totals.latency.set(bucket, count)
  for (const [sequence, hits, lastUsedMs = 0] of pairsOf(mappings)) countHits(totals, sequence, hits, lastUsedMs)
  return {
    name: log.name,
    id: log.id,
    sequence: entry.sequence,
    entries: countOf(entry.body.entries),
    log: String(log.digest),
    requests: String(log.requests),
    lastMs: typeof last === "string" ? Date.parse(last) : Date.parse(entry.at),
    totals,
    whole: others === undefined
  }
}

function* pairsOf(value: unknown): Iterable<[number, number, number?]> {
  if (!Array.isArray(value)) return
  for (const one of value) if (Array.isArray(one) && one.every(Number.isFinite) && one.length >= 2) yield one as [number, number, number?]
}

function countOf(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0
}

function add(into: UsageTotals, part: UsageTotals): void {
  into.hits += part.hits
  for (const name of ["misses", "runs", "tiers"] as const) {
    const counts = into[name] as Record<string, number>
    for (const [key, count] of Object.entries(part[name])) counts[key] = (counts[key] ?? 0) + (count ?? 0)
  }
  for (const [bucket, count] of part.latency) into.latency.set(bucket, (into.latency.get(bucket) ?? 0) + count)
  for (const [sequence, { hits, lastUsedMs }] of part.byRecord) countHits(into, sequence, hits, lastUsedMs)
}
