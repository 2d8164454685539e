/** How people name things: full Digests or prefixes, a Module with its Task where it answers several. */
import type { Digest } from "../../shared/digest.ts"
import { digestOfHex, isDigest } from "../../shared/digest.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { TrustState } from "./trust-state.ts"

/** A Module's Digest (or a Mapping's), whole or shortened, with the choice of Task where it answers several. */
export interface Named {
  readonly digest: string
  readonly task?: string | undefined
  readonly mapping?: string | undefined
}

/**
 * The one Mapping that is meant. Throws `unknown-digest`, `ambiguous-prefix` where a shortened Digest names several things, and
 * `ambiguous-mapping` where the Module answers several Tasks and none was chosen.
 */
export function mappingNamed(named: Named, state: TrustState): { readonly module: Digest; readonly mapping: Digest } {
  const found = digestNamed(named.digest, digestsFor(named.digest, state))
  const asMapping = state.claimOf(found)
  const module = asMapping === null ? found : asMapping.claim.module.digest
  const mappings = asMapping === null ? state.mappingsOf(module) : [found]
  const chosen = choose(mappings, named, state)
  const [mapping] = chosen
  if (mapping === undefined) throw new EngineFailure("unknown-digest", `Module ${module} answers no such Task here`)
  if (chosen.length > 1) {
    const listed = chosen.map(one => ({ mapping: one, task: state.claimOf(one)?.claim.task.text ?? "" }))
    throw new EngineFailure(
      "ambiguous-mapping",
      `the Module answers ${chosen.length} Tasks: choose one with --task or --mapping\n${listed.map(one => `  ${one.mapping}  ${one.task}`).join("\n")}`,
      { mappings: listed }
    )
  }
  return { module, mapping }
}

/** Modules and Mappings that a text may name: a whole Digest that is here is the only one, and a million others need not be listed. */
export function digestsFor(text: string, state: TrustState): Iterable<Digest> {
  const whole = text.startsWith("sha256:") ? text : `sha256:${text}`
  if (isDigest(whole)) {
    const module = state.claimOf(whole)?.claim.module.digest
    if (state.mappingsOf(whole).length > 0 || (module !== undefined && state.mappingsOf(module).includes(whole))) return [whole]
  }
  return [...state.modules(), ...state.mappings()]
}

function choose(mappings: readonly Digest[], named: Named, state: TrustState): readonly Digest[] {
  if (named.mapping !== undefined) return [digestNamed(named.mapping, mappings)]
  if (named.task === undefined) return mappings
  return mappings.filter(one => state.claimOf(one)?.claim.task.text === named.task)
}

/** The one of these Digests that the text names, whole or by a prefix of its hex digits. */
export function digestNamed(text: string, among: Iterable<Digest>): Digest {
  const hex = text.startsWith("sha256:") ? text.slice("sha256:".length) : text
  if (!/^[0-9a-f]{4,64}$/.test(hex))
    throw new EngineFailure("wrong-usage", `expected a Digest or a prefix of at least 4 hex digits, found ${JSON.stringify(text)}`)
  const prefix = `sha256:${hex}`
  const found = new Set<Digest>()
  for (const digest of among) {
    if (!digest.startsWith(prefix)) continue
    found.add(digest)
    if (hex.length === 64) break
  }
  const [first] = found
  if (first === undefined)
    throw new EngineFailure("unknown-digest", `nothing in this store has the Digest ${hex.length === 64 ? digestOfHex(hex) : `${prefix}…`}`)
  if (found.size > 1)
    throw new EngineFailure("ambiguous-prefix", `${prefix} names ${found.size} things: give more digits`, {
      digests: [...found].slice(0, 20)
    })
  return first
}
