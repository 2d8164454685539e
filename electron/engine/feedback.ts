/** A caller's word on what was served: recorded in the Ledger, and from then on part of the calibration. It never moves a Verdict. */
import type { Digest } from "../../shared/digest.ts"
import type { AnswerOf, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { FeedbackBody } from "./calibration.ts"
import { upperBound } from "./core/calibration.ts"
import { publishedBodyOf } from "./core/published.ts"
import type { OpenStore } from "./open-store.ts"
import type { NumberedEntry } from "./ports.ts"

export async function feedback(input: ParsedOf<"feedback">, store: OpenStore): Promise<AnswerOf<"feedback">> {
  if (store.readOnly)
    throw new EngineFailure("store-read-only", "feedback is recorded in the Ledger, and the store is open for reading only")
  const { log, entry } = entryNamed(input.hit, store)
  const mapping = mappingOf(entry, store)
  const { model } = store.ports.embedder
  const body: FeedbackBody = {
    hit: { log, number: entry.number },
    mapping,
    right: input.right,
    ...(input.note === undefined ? {} : { note: input.note }),
    tier: entry.kind === "hit" ? entry.tier : null,
    similarity: entry.similarity,
    ...(entry.support === undefined ? {} : { support: entry.support }),
    examples: entry.examplesPassed ?? 0,
    model: { id: model.id, digest: model.digest }
  }
  const { sequence } = await store.append({ kind: "feedback", body: { ...body }, parts: [] })
  const own = await store.calibration.own()
  const wrong = own.filter(({ right }) => !right).length
  return {
    hit: input.hit,
    mapping,
    right: input.right,
    sequence,
    calibrates: entry.support !== undefined,
    judged: { n: own.length, wrong, upper: upperBound(wrong, own.length) }
  }
}

/** Throws `wrong-usage` where the log holds no such Hit or shadow answer: logs are kept for some weeks only. */
function entryNamed(hit: string, store: OpenStore): { readonly log: string; readonly entry: NumberedEntry } {
  const [log, text] = hit.split(":") as [string, string]
  const number = Number(text)
  const files = store.ports.hitLog.files().filter(({ id }) => id === log)
  for (const file of files)
    for (const entry of store.ports.hitLog.entriesOf(file, number - 1)) {
      if (entry.number !== number) break
      if (entry.kind === "hit" || entry.kind === "shadow") return { log, entry }
      throw new EngineFailure("wrong-usage", `${hit} is a ${entry.kind}: expected the hit of a Lookup, or that of a Miss's shadow answer`)
    }
  throw new EngineFailure(
    "wrong-usage",
    `no log of this store holds ${hit}: expected the hit of a Lookup's answer; logs are not kept for ever`
  )
}

/** The log names a Mapping by the position of its record. */
function mappingOf(entry: NumberedEntry, store: OpenStore): Digest {
  const body = entry.ledgerSequence < 0 ? null : publishedBodyOf(store.ports.ledger.read(entry.ledgerSequence))
  if (body === null)
    throw new EngineFailure("ledger-damaged", `record ${entry.ledgerSequence} of the Ledger, which the log names, is no published Mapping`)
  return body.mapping
}
