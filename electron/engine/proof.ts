/** The Ledger as others can check it: its lines with their leaf hashes, and proof files under a signed checkpoint. */
import type { Digest } from "../../shared/digest.ts"
import type { AnswerOf, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { proofFile } from "./core/checkpoint.ts"
import { toHex } from "./core/digest.ts"
import { inclusionProof, leafHash } from "./core/merkle.ts"
import { digestNamed } from "./naming.ts"
import type { TrustState } from "./trust-state.ts"

const linesDefault = 100

/** Newest first; `cursor` counts from the newest. */
export async function ledger(input: ParsedOf<"ledger">, state: TrustState): Promise<AnswerOf<"ledger">> {
  const { ledger, crypto } = state.ports
  const { size, root } = state.ledgerHead()
  const from = size - 1 - (input.cursor ?? 0)
  const lines: AnswerOf<"ledger">["lines"] = []
  for (let sequence = from; sequence >= 0 && lines.length < (input.limit ?? linesDefault); sequence--) {
    const { entry } = ledger.read(sequence)
    lines.push({
      sequence,
      kind: entry.kind,
      at: entry.at,
      leaf: toHex(leafHash(ledger.entryBytes(sequence), crypto.sha256)),
      body: { ...entry.body },
      parts: entry.parts.map(part => ({ ...part }))
    })
  }
  return { size, root, lines }
}

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
