/** The Ledger as others can check it: its lines with their leaf hashes, and proof files under a signed checkpoint. */
import type { Digest } from "../../shared/digest.ts"
import type { AnswerOf, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Checkpoint } from "./core/checkpoint.ts"
import { openCheckpoint, parseCheckpoint, proofFile } from "./core/checkpoint.ts"
import { equalBytes, toBase64, toHex } from "./core/digest.ts"
import { consistencyProof, inclusionProof, leafHash } from "./core/merkle.ts"
import { createMerkleTree } from "./core/merkle-tree.ts"
import { keepForkEvidence } from "./fork.ts"
import { isOwnOrigin } from "./judge.ts"
import { digestNamed } from "./naming.ts"
import type { TrustState } from "./trust-state.ts"

const linesDefault = 100

/** Newest first; `cursor` counts from the newest. */
/** Records looked through for one page: a kind that is rare takes several. */
const scannedMax = 5_000

export async function ledger(input: ParsedOf<"ledger">, state: TrustState): Promise<AnswerOf<"ledger">> {
  const { ledger, crypto } = state.ports
  const { size, root } = state.ledgerHead()
  const from = size - 1 - (input.cursor ?? 0)
  const lines: AnswerOf<"ledger">["lines"] = []
  let sequence = from
  for (; sequence >= 0 && lines.length < (input.limit ?? linesDefault) && from - sequence < scannedMax; sequence--) {
    const { entry } = ledger.read(sequence)
    if (input.kind !== undefined && entry.kind !== input.kind) continue
    lines.push({
      sequence,
      kind: entry.kind,
      at: entry.at,
      leaf: toHex(leafHash(ledger.entryBytes(sequence), crypto.sha256)),
      body: { ...entry.body },
      parts: entry.parts.map(part => ({ ...part }))
    })
  }
  return {
    size,
    root,
    lines,
    next: sequence < 0 ? null : size - 1 - sequence,
    checkpoint: state.newestCheckpoint()?.note ?? null,
    forks: state.ports.trust.forks().map(one => ({ ...one }))
  }
}

/**
 * What a signed checkpoint from elsewhere says of the Ledger here, or of a foreign one as it is known here. Throws `wrong-usage` where
 * it is no signed note, `not-permitted` where no confirmed root lists its ledger or that ledger's key did not sign it.
 */
export async function checkLedger(input: ParsedOf<"checkLedger">, state: TrustState): Promise<AnswerOf<"checkLedger">> {
  const parsed = parseCheckpoint(input.checkpoint)
  if (typeof parsed === "string") throw new EngineFailure("wrong-usage", `expected a checkpoint as a signed note: ${parsed}`)
  const bench = state.bench()
  const { origin, size } = parsed.checkpoint
  const listed = bench.ledgers.get(origin)
  if (listed === undefined) throw new EngineFailure("not-permitted", `no confirmed root lists the ledger ${origin}`)
  const checkpoint = openCheckpoint(input.checkpoint, listed.key, state.ports.crypto.verify)
  if (typeof checkpoint === "string") throw new EngineFailure("not-permitted", `the checkpoint is not believed: ${checkpoint}`)
  const own = isOwnOrigin(origin, bench)
  const answer = { origin, size, own }
  if (!own) return { ...answer, ...(await checkForeign(checkpoint, input.checkpoint, state)) }
  const { ledger, crypto } = state.ports
  const closed = bench.former.find(one => one.key.name === origin)?.size ?? null
  const to = ledger.size
  if (closed !== null && size > closed)
    return {
      ...answer,
      standing: "ahead",
      why: `this origin was closed at ${closed} records: what it had after that is not in the Ledger here`
    }
  if (size > to)
    return { ...answer, standing: "ahead", why: `the Ledger here has ${to} records: those from ${to} on were lost, or it was put back` }
  const leaves = ledger.leaves(to)
  if (!equalBytes(createMerkleTree(leaves.slice(0, size), crypto.sha256).root(), checkpoint.root)) {
    await keepForkEvidence(forked(origin, "our own Ledger", input.checkpoint), state)
    return { ...answer, standing: "forked", why: `the first ${size} records here are others than the checkpoint was signed over` }
  }
  const hashes = size === 0 || size === to ? [] : consistencyProof(leaves, size, crypto.sha256).map(toBase64)
  return {
    ...answer,
    standing: size === to ? "same" : "prefix",
    why: size === to ? "the Ledger here is exactly that" : `the Ledger here goes on from it to ${to} records`,
    consistency: { origin, from: size, to, hashes }
  }
}

async function checkForeign(
  checkpoint: Checkpoint,
  note: string,
  state: TrustState
): Promise<Pick<AnswerOf<"checkLedger">, "standing" | "why">> {
  const { origin, size } = checkpoint
  const kept = state.bench().kept.get(origin)
  if (kept === undefined) return { standing: "unproven", why: "no checkpoint of that ledger was met before" }
  const { accepted } = state.bench()
  if (accepted.has(`${origin} ${size} ${toBase64(checkpoint.root)}`)) return { standing: "same", why: "it was accepted here before" }
  if ([...accepted].some(one => one.startsWith(`${origin} ${size} `))) {
    await keepForkEvidence(forked(origin, { size }, note), state)
    return { standing: "forked", why: "a checkpoint of the same size with another root was accepted before" }
  }
  return {
    standing: "unproven",
    why: `the one kept has ${kept.size} records: ask for a Bundle exported --consistent-with ${Math.min(size, kept.size)}`
  }
}

/** Throws `keys-locked` where one is needed and the ledger key is locked, and what `assertWritable` throws. */
export async function signCheckpoint(_input: ParsedOf<"signCheckpoint">, state: TrustState): Promise<AnswerOf<"signCheckpoint">> {
  state.assertWritable()
  // the record of the checkpoint itself is the one that no checkpoint covers
  const covers = () => (state.newestCheckpoint()?.checkpoint.size ?? -1) >= state.ports.ledger.size - 1
  if (!covers()) await state.checkpoint(true)
  const newest = state.newestCheckpoint()
  if (newest === null || !covers())
    throw new EngineFailure("keys-locked", "no checkpoint covers the Ledger yet: unlock the ledger key, which signs one")
  return { checkpoint: newest.note }
}

const forked = (origin: string, kept: unknown, found: string) =>
  new EngineFailure("ledger-forked", "two histories", { origin, kept, found })

/**
 * A proof file for the newest record that names this Digest: a Mapping's or Module's `published`, or the record that carries an
 * Attestation. Throws `unknown-digest`, `ambiguous-prefix`, `keys-locked` where a checkpoint is needed and cannot be signed.
 */
export async function prove(input: ParsedOf<"prove">, state: TrustState): Promise<AnswerOf<"prove">> {
  const sequence = sequenceOf(input.digest, state)
  const covering = state.newestCheckpoint()
  if (covering === null || covering.checkpoint.size <= sequence) await state.checkpoint(true)
  const newest = state.newestCheckpoint()
  if (newest === null || newest.checkpoint.size <= sequence)
    throw new EngineFailure("keys-locked", "no checkpoint covers this record yet: unlock the ledger key, which signs one")
  const { ledger, crypto } = state.ports
  const proof = inclusionProof(ledger.leaves(newest.checkpoint.size), sequence, crypto.sha256)
  return { sequence, proof: proofFile(sequence, proof, newest.note) }
}

function sequenceOf(text: string, state: TrustState): number {
  const places = new Map<Digest, number>()
  for (const { entry } of state.ports.ledger.records(0)) {
    for (const part of entry.parts) places.set(part.digest, entry.sequence)
  }
  for (const module of state.modules()) {
    for (const mapping of state.mappingsOf(module)) {
      const sequence = state.claimOf(mapping)?.sequence
      if (sequence === undefined) continue
      places.set(mapping, sequence)
      places.set(module, sequence)
    }
  }
  return places.get(digestNamed(text, places.keys())) as number
}
