/** From what a person typed to the Mapping that is meant: shortened Digests, a Module with several Tasks, words. */
import type { Digest } from "../../shared/digest.ts"
import { isDigest } from "../../shared/digest.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Mapping } from "../../shared/module.ts"
import { canonicalWords } from "./core/task.ts"
import type { TrustState } from "./trust-state.ts"

export interface NamedMapping {
  readonly module: Digest
  readonly mapping: Digest
  readonly claim: Mapping
  /** Position of its `published` record. */
  readonly sequence: number
}

export interface MappingName {
  /** Of a Module, or of a Mapping itself; may be shortened. */
  readonly digest: string
  readonly task?: string | undefined
  readonly mapping?: string | undefined
}

/** Throws `unknown-digest`, `ambiguous-prefix` or `ambiguous-mapping`, the last two listing what is meant. */
export function resolveMapping(name: MappingName, trust: TrustState): NamedMapping {
  const digest = resolveDigest(name.digest, trust)
  const mappings = trust.claimOf(digest) === null ? trust.mappingsOf(digest) : [digest]
  const chosen = mappings.filter(mapping => isChosen(mapping, name, trust))
  const [only] = chosen
  if (only === undefined)
    throw new EngineFailure("unknown-digest", `Module ${digest} has no such Mapping; it answers: ${describeAll(mappings, trust)}`, {
      digest,
      mappings: listOf(mappings, trust)
    })
  if (chosen.length > 1)
    throw new EngineFailure(
      "ambiguous-mapping",
      `Module ${digest} answers several Tasks; choose one with --task or --mapping: ${describeAll(chosen, trust)}`,
      { digest, mappings: listOf(chosen, trust) }
    )
  return named(only, trust)
}

/** The Module a Digest names: its own, or that of the Mapping it is. */
export function resolveModule(digest: string, trust: TrustState): Digest {
  const found = resolveDigest(digest, trust)
  return trust.claimOf(found)?.claim.module.digest ?? found
}

/** A Digest of a Module or Mapping of this store, written in full or shortened to at least four hex digits. */
export function resolveDigest(text: string, trust: TrustState): Digest {
  const prefix = text.startsWith("sha256:") ? text : `sha256:${text}`
  if (isDigest(prefix) && (trust.claimOf(prefix) !== null || trust.mappingsOf(prefix).length > 0)) return prefix
  const found = new Set<Digest>()
  for (const mapping of trust.mappings()) {
    if (mapping.startsWith(prefix)) found.add(mapping)
    const module = trust.claimOf(mapping)?.claim.module.digest
    if (module?.startsWith(prefix)) found.add(module)
  }
  const [only] = found
  if (only === undefined)
    throw new EngineFailure("unknown-digest", `nothing in this store has a Digest that begins with ${prefix}`, { prefix })
  if (found.size > 1)
    throw new EngineFailure(
      "ambiguous-prefix",
      `${prefix} begins ${found.size} Digests: ${[...found].slice(0, 8).join(", ")}${found.size > 8 ? " …" : ""}`,
      { prefix, digests: [...found].slice(0, 64) }
    )
  return only
}

export function named(mapping: Digest, trust: TrustState): NamedMapping {
  const held = trust.claimOf(mapping)
  if (held === null) throw new EngineFailure("unknown-digest", `no Mapping in this store has the Digest ${mapping}`, { mapping })
  return { module: held.claim.module.digest, mapping, claim: held.claim, sequence: held.sequence }
}

function isChosen(mapping: Digest, name: MappingName, trust: TrustState): boolean {
  if (name.mapping !== undefined && !mapping.startsWith(name.mapping.startsWith("sha256:") ? name.mapping : `sha256:${name.mapping}`))
    return false
  if (name.task === undefined) return true
  const words = canonicalWords(name.task)
  return words.kind === "words" && trust.claimOf(mapping)?.claim.task.text === words.text
}

function listOf(mappings: readonly Digest[], trust: TrustState): { readonly mapping: Digest; readonly task: string }[] {
  return mappings.slice(0, 64).map(mapping => ({ mapping, task: trust.claimOf(mapping)?.claim.task.text ?? "" }))
}

function describeAll(mappings: readonly Digest[], trust: TrustState): string {
  return listOf(mappings, trust)
    .map(({ mapping, task }) => `${mapping.slice(0, 19)} ${JSON.stringify(task)}`)
    .join("; ")
}
