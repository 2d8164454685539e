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
  /** Best first, of those that are kept: all with a vector, and those that share a word. `vector` null ranks by words alone. */
  ranked(words: string, vector: Float32Array | null, keep: (entry: Entry) => boolean): Promise<RankedEntry[]>
}

/** Mappings it holds at most: 384 bytes of vector each. Beyond it the index answers. */
export const catalogueMax = 200_000
/** Ranked entries whose cosine is computed again from the exact vector. */
const exactMax = 256
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

  /** Cosine with each vector by slot, coarse; NaN where there is none. */
  async function coarse(vector: Float32Array): Promise<Float32Array> {
    const found = new Float32Array(bySlot.length).fill(Number.NaN)
    let turn = performance.now()
    for (let slot = 0; slot < bySlot.length; slot++) {
      const scale = scales[slot] ?? 0
      if (scale === 0) continue
      let sum = 0
      for (let at = 0, from = slot * dimensions; at < dimensions; at++) sum += (vector[at] as number) * (vectors[from + at] as number)
      found[slot] = sum * scale
      if ((slot & 1_023) === 0 && performance.now() - turn > sliceMs) {
        await new Promise(resolve => setTimeout(resolve, 0))
        turn = performance.now()
      }
    }
    return found
  }

  async function ranked(question: string, vector: Float32Array | null, keep: (entry: Entry) => boolean): Promise<RankedEntry[]> {
    const byWords = words.scores(question)
    let best = 0
    for (const score of byWords.values()) best = Math.max(best, score)
    const near = vector === null ? null : await coarse(vector)
    const found: RankedEntry[] = []
    for (const entry of bySlot) {
      if (entry === null || !keep(entry)) continue
      const cosineOf = near?.[entry.slot]
      const similarity = cosineOf === undefined || Number.isNaN(cosineOf) ? null : cosineOf
      const share = byWords.get(entry.slot) ?? 0
      // Without a vector of its own a Mapping stands behind: its words count, its nearness is unknown.
      const score = near === null ? share / (best || 1) : fusedScore(similarity ?? 0, share, best)
      if (similarity !== null || share > 0) found.push({ entry, score, similarity })
    }
    const ordered = found.sort(byScore)
    if (vector === null) return ordered
    const sharpened = await Promise.all(ordered.slice(0, exactMax).map(one => exact(one, vector, byWords, best)))
    return [...sharpened.sort(byScore), ...ordered.slice(exactMax)]
  }

  async function exact(one: RankedEntry, vector: Float32Array, byWords: ReadonlyMap<number, number>, best: number): Promise<RankedEntry> {
    if (one.similarity === null) return one
    const record = await indexed(one.entry.mapping)
    if (typeof record === "string" || record.embedding?.length !== vector.length) return one
    const similarity = cosine(record.embedding, vector)
    return { entry: one.entry, similarity, score: fusedScore(similarity, byWords.get(one.entry.slot) ?? 0, best) }
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
