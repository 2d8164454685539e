/** From what a person typed to the Mapping or Module that is meant, with its signed claim. */
import type { Digest } from "../../shared/digest.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Mapping } from "../../shared/module.ts"
import { canonicalWords } from "./core/task.ts"
import type { Named } from "./naming.ts"
import { digestNamed, digestsFor, mappingNamed } from "./naming.ts"
import type { TrustState } from "./trust-state.ts"

export interface NamedMapping {
  readonly module: Digest
  readonly mapping: Digest
  readonly claim: Mapping
  /** Position of its `published` record. */
  readonly sequence: number
}

/** Throws `unknown-digest`, `ambiguous-prefix` or `ambiguous-mapping`, the last two listing what is meant. */
export function resolveMapping(name: Named, trust: TrustState): NamedMapping {
  return claimedMapping(mappingNamed(withWords(name), trust).mapping, trust)
}

/** The Module a Digest names: its own, or that of the Mapping it is. */
export function resolveModule(digest: string, trust: TrustState): Digest {
  const found = digestNamed(digest, digestsFor(digest, trust))
  return trust.claimOf(found)?.claim.module.digest ?? found
}

export function claimedMapping(mapping: Digest, trust: TrustState): NamedMapping {
  const held = trust.claimOf(mapping)
  if (held === null) throw new EngineFailure("unknown-digest", `no Mapping in this store has the Digest ${mapping}`, { mapping })
  return { module: held.claim.module.digest, mapping, claim: held.claim, sequence: held.sequence }
}

/** A Task is named by its canonical words, however they were typed. */
function withWords(name: Named): Named {
  if (name.task === undefined) return name
  const words = canonicalWords(name.task)
  return { ...name, task: words.kind === "words" ? words.text : name.task }
}
