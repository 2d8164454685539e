/**
 * What Find ranks, held in memory: the words and a coarse vector of every Mapping, filled at the first Find and kept up with the Ledger. Hints
 * only: what is shown or run is read from signed claims.
 */
import type { Digest, InterfaceHash } from "../../shared/digest.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Mapping } from "../../shared/module.ts"
import type { TypeRequest } from "./core/interface.ts"
import { parseType } from "./core/interface.ts"
import { cosine } from "./core/ranking.ts"
import { createWordIndex, fusedScore } from "./core/word-index.ts"
import type { OpenStore } from "./open-store.ts"

/** An Interface as Mappings share it. */
export interface KnownInterface {
  readonly hash: InterfaceHash
  readonly canonical: string
  /** Null for a text that is no TYPE. */
  readonly type: TypeRequest | null
  readonly capabilities: readonly string[]
}

export interface Entry {
  readonly slot: number
  readonly mapping: Digest
  readonly module: Digest
  readonly task: string
  readonly interface: KnownInterface
  readonly profile: "linked" | "plain"
  readonly bytes: number
  /** Position of its `published` record. */
  readonly sequence: number
}

interface Held {
  readonly claim: Mapping
  readonly sequence: number
}

export interface RankedEntry {
  readonly entry: Entry
  readonly score: number
  /** Cosine, exact for the first `exactMax`; null where there is no vector to compare. */
  readonly similarity: number | null
}

/** A ranking whose tail is put in order only where somebody comes to it. */
export interface Ranked {
  readonly count: number
  readonly head: readonly RankedEntry[]
  rest(): readonly RankedEntry[]
}

export interface Catalogue {
  readonly size: number
  /** There are more Mappings than it holds: the newest ones are in it. */
  readonly full: boolean
  /** Why vectors are missing, if they are. */
  readonly problem: string | null
  /** Takes in what the Ledger gained. Gives others their turn while it works. */
  sync(): Promise<void>
  /** Newest first. */
  newest(): Entry[]
  /** Best first. `weigh` says how far a Mapping is held back beside a cosine of 1, or null to leave it out. `vector` null ranks by words alone. */
  ranked(words: string, vector: Float32Array | null, weigh: (entry: Entry) => number | null): Promise<Ranked>
}

/** Mappings it holds at most: 384 bytes of vector each. Beyond it the index answers. */
export const catalogueMax = 200_000
/** Ranked entries that are put in order at once. */
const headMax = 1_024
/** Of these the first, whose cosine is computed again from the exact vector. */
const exactMax = 64
const sliceMs = 8
const steps = 127

export function createCatalogue(store: OpenStore, most: number = catalogueMax): Catalogue {
  const { dimensions } = store.ports.embedder.model
  const entries = new Map<Digest, Entry>()
  const bySlot: (Entry | null)[] = []
  const interfaces = new Map<InterfaceHash, KnownInterface>()
  const words = createWordIndex()
  let vectors = new Int8Array(0)
  /** Length of one step of each coarse vector; 0 where there is none. */
  let scales = new Float32Array(0)
  /** Mappings whose vector the index could not say: it is asked again. */
  const unknown = new Set<Digest>()
  let full = false
  let followed = -1
  let problem: string | null = null
  let syncing: Promise<void> = Promise.resolve()

  async function sync(): Promise<void> {
    await store.settled()
    const { ledger } = store.ports
    const until = ledger.size
    if (until === followed && unknown.size === 0) return
    problem = null
    const changed = followed < 0 ? new Set(store.trust.mappings().slice(-most - 1)) : changedSince(followed, until)
    for (const mapping of unknown) changed.add(mapping)
    unknown.clear()
    const read = followed < 0 ? await claimsIn(changed) : null
    let turn = performance.now()
    for (const mapping of changed) {
      await take(mapping, read)
      if (performance.now() - turn > sliceMs) {
        await new Promise(resolve => setTimeout(resolve, 0))
        turn = performance.now()
      }
    }
    followed = until
  }

  /** Mappings that records name; those of an import count when its closer does. */
  function changedSince(from: number, until: number): Set<Digest> {
    const changed = new Set<Digest>()
    const named = (sequence: number) => {
      const { kind, body } = store.ports.ledger.read(sequence).entry
      if (kind === "published" || kind === "evicted") changed.add(body.mapping as Digest)
      if (kind === "embedded" && Array.isArray(body.embeddings))
        for (const one of body.embeddings as readonly { readonly mapping: Digest }[]) changed.add(one.mapping)
    }
    for (let sequence = Math.max(0, from); sequence < until; sequence++) {
      const { kind, group } = store.ports.ledger.read(sequence).entry
      if (kind === "imported" && group !== undefined) for (let at = group; at < sequence; at++) named(at)
      else if (group === undefined) named(sequence)
    }
    return changed
  }

  /** What the records of a whole Ledger claim, read in one go and not checked: as hints they will do. The last one of a Mapping counts. */
  async function claimsIn(wanted: ReadonlySet<Digest>): Promise<ReadonlyMap<Digest, Held>> {
    const claims = new Map<Digest, Held>()
    let turn = performance.now()
    for (const { entry } of store.ports.ledger.stream(0)) {
      const { mapping, claim } = entry.body
      if (entry.kind === "published" && wanted.has(mapping as Digest) && isClaim(claim))
        claims.set(mapping as Digest, { claim, sequence: entry.sequence })
      if (performance.now() - turn <= sliceMs) continue
      await new Promise(resolve => setTimeout(resolve, 0))
      turn = performance.now()
    }
    return claims
  }

  async function take(mapping: Digest, read: ReadonlyMap<Digest, Held> | null): Promise<void> {
    const record = await indexed(mapping)
    const held = record === "gone" ? null : (read?.get(mapping) ?? store.trust.claimOf(mapping))
    const known = entries.get(mapping)
    if (held === null) {
      if (known !== undefined) drop(known)
      return
    }
    full ||= known === undefined && entries.size >= most
    if (known === undefined && full) return
    const entry = known ?? add(mapping, held.claim, held.sequence)
    if (record !== "gone" && record !== "unknown" && record.embeddingModel === store.ports.embedder.model.id)
      keepVector(entry.slot, record.embedding)
  }

  /** `unknown` where the index cannot say: the Mapping is then found by its words alone. */
  async function indexed(mapping: Digest) {
    try {
      return (await store.ports.index.byMapping(mapping)) ?? "gone"
    } catch (error) {
      if (!(error instanceof EngineFailure) || error.code !== "index-unavailable") throw error
      problem = error.message
      unknown.add(mapping)
      return "unknown"
    }
  }

  function add(mapping: Digest, claim: Mapping, sequence: number): Entry {
    const slot = bySlot.length
    const entry = entryOf(mapping, claim, sequence, slot, knownInterface(claim))
    bySlot.push(entry)
    entries.set(mapping, entry)
    words.add(slot, entry.task)
    return entry
  }

  function drop(entry: Entry): void {
    words.remove(entry.slot, entry.task)
    entries.delete(entry.mapping)
    bySlot[entry.slot] = null
    if (entry.slot < scales.length) scales[entry.slot] = 0
  }

  function knownInterface(claim: Mapping): KnownInterface {
    const known = interfaces.get(claim.interface.hash) ?? interfaceOfClaim(claim)
    interfaces.set(claim.interface.hash, known)
    return known
  }

  /** Eight bits a component: coarse, but a cosine is off by less than 0.01, and what is near the top is computed again. */
  function keepVector(slot: number, vector: Float32Array | null): void {
    if (vector === null || vector.length !== dimensions) return
    if (slot >= scales.length) grow(slot + 1)
    const most = vector.reduce((greatest, component) => Math.max(greatest, Math.abs(component)), 0)
    const scale = most / steps
    scales[slot] = scale
    for (let at = 0; at < dimensions; at++) vectors[slot * dimensions + at] = scale === 0 ? 0 : Math.round((vector[at] as number) / scale)
  }

  function grow(slots: number): void {
    const room = Math.max(1_024, slots + (slots >> 1))
    const [before, beforeScales] = [vectors, scales]
    vectors = new Int8Array(room * dimensions)
    scales = new Float32Array(room)
    vectors.set(before)
    scales.set(beforeScales)
  }

  /** Cosines with these Mappings' vectors, coarse; NaN where there is none. */
  async function coarse(kept: readonly Entry[], vector: Float32Array): Promise<Float32Array> {
    const found = new Float32Array(kept.length).fill(Number.NaN)
    let turn = performance.now()
    for (let at = 0; at < kept.length; at++) {
      const { slot } = kept[at] as Entry
      const scale = scales[slot] ?? 0
      if (scale !== 0) found[at] = scale * product(vector, vectors, slot * dimensions)
      if ((at & 1_023) !== 1_023 || performance.now() - turn <= sliceMs) continue
      await new Promise(resolve => setTimeout(resolve, 0))
      turn = performance.now()
    }
    return found
  }

  async function ranked(question: string, vector: Float32Array | null, weigh: (entry: Entry) => number | null): Promise<Ranked> {
    const byWords = words.scores(question)
    let best = 0
    for (const score of byWords.values()) best = Math.max(best, score)
    const kept: Entry[] = []
    const held: number[] = []
    for (const entry of bySlot) {
      const back = entry === null || (vector === null && !byWords.has(entry.slot)) ? null : weigh(entry)
      if (entry === null || back === null) continue
      kept.push(entry)
      held.push(back)
    }
    const near = vector === null ? null : await coarse(kept, vector)
    const scores = new Float64Array(kept.length)
    for (let at = 0; at < kept.length; at++) {
      const { slot } = kept[at] as Entry
      const similarity = near?.[at] ?? Number.NaN
      const share = byWords.get(slot) ?? 0
      // Without a vector of its own a Mapping stands behind: its words count, its nearness is unknown.
      const nearness = near === null ? null : Number.isNaN(similarity) ? 0 : similarity
      scores[at] = fusedScore(nearness, share, best) - (held[at] as number)
    }
    const rankedAt = (at: number): RankedEntry => {
      const similarity = near?.[at] ?? Number.NaN
      return { entry: kept[at] as Entry, score: scores[at] as number, similarity: Number.isNaN(similarity) ? null : similarity }
    }
    const least = kept.length <= headMax ? Number.NEGATIVE_INFINITY : (scores.slice().sort()[kept.length - headMax] as number)
    const head: RankedEntry[] = []
    for (let at = 0; at < kept.length; at++) if ((scores[at] as number) >= least) head.push(rankedAt(at))
    head.sort(byScore)
    const sharpened = vector === null ? head : await Promise.all(head.slice(0, exactMax).map(one => exact(one, vector)))
    return {
      count: kept.length,
      head: vector === null ? head : [...sharpened.sort(byScore), ...head.slice(exactMax)],
      rest() {
        const behind: RankedEntry[] = []
        for (let at = 0; at < kept.length; at++) if ((scores[at] as number) < least) behind.push(rankedAt(at))
        return behind.sort(byScore)
      }
    }
  }

  async function exact(one: RankedEntry, vector: Float32Array): Promise<RankedEntry> {
    if (one.similarity === null) return one
    const record = await indexed(one.entry.mapping)
    if (typeof record === "string" || record.embedding?.length !== vector.length) return one
    const similarity = cosine(record.embedding, vector)
    return { entry: one.entry, similarity, score: one.score - one.similarity + similarity }
  }

  return {
    get size() {
      return entries.size
    },
    get full() {
      return full
    },
    get problem() {
      return problem
    },
    sync() {
      syncing = syncing.then(sync, sync)
      return syncing
    },
    newest: () => bySlot.filter(entry => entry !== null).sort((left, right) => right.sequence - left.sequence),
    ranked
  }
}

/** Of a vector and the coarse one that begins at `from`. */
function product(vector: Float32Array, vectors: Int8Array, from: number): number {
  let [even, odd] = [0, 0]
  for (let at = 0; at < vector.length; at += 2) {
    even += (vector[at] as number) * (vectors[from + at] as number)
    odd += (vector[at + 1] as number) * (vectors[from + at + 1] as number)
  }
  return even + odd
}

/** Whether a body of the Ledger has what an entry is made of. */
function isClaim(claim: unknown): claim is Mapping {
  const { task, interface: type, module, runtime } = (claim ?? {}) as { readonly [K in keyof Mapping]?: Partial<Mapping[K]> | null }
  return (
    typeof task?.text === "string" &&
    typeof type?.canonical === "string" &&
    typeof type.hash === "string" &&
    typeof module?.digest === "string" &&
    typeof module.size === "number" &&
    runtime !== undefined
  )
}

/** What a claim says that Find looks at. */
export function entryOf(mapping: Digest, claim: Mapping, sequence: number, slot: number, known: KnownInterface): Entry {
  return {
    slot,
    mapping,
    module: claim.module.digest,
    task: claim.task.text,
    interface: known,
    profile: claim.runtime === null ? "plain" : "linked",
    bytes: claim.module.size,
    sequence
  }
}

export function interfaceOfClaim(claim: Mapping): KnownInterface {
  const { hash, canonical } = claim.interface
  const parsed = parseType(canonical)
  const type = parsed.kind === "type" ? parsed : null
  return { hash, canonical, type, capabilities: type?.capabilities ?? [] }
}

function byScore(left: RankedEntry, right: RankedEntry): number {
  return right.score - left.score || right.entry.sequence - left.entry.sequence
}
