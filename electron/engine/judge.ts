/** Gathers what a Verdict rests on (records, Blobs, a rebuild) and has it weighed; believes none of it itself. */
import type { Digest } from "../../shared/digest.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Mapping } from "../../shared/module.ts"
import { sizeLimits } from "../../shared/module.ts"
import { decodeProvenance, peekAttestation } from "./core/attestation.ts"
import { parseStrictJson } from "./core/canonical.ts"
import type { Held, RootView } from "./core/counting.ts"
import { countEvidence } from "./core/counting.ts"
import { isObject } from "./core/dsse.ts"
import type { FoundBlob } from "./core/module-facts.ts"
import { moduleFactsOf } from "./core/module-facts.ts"
import type { PolicyInForce } from "./core/policy.ts"
import type { ExampleFacts, LedgerFacts, RebuildFacts, VerdictTime } from "./core/rules.ts"
import { timeOfReckoning } from "./core/rules.ts"
import type { Weighed } from "./core/trust.ts"
import { verdictOn } from "./core/trust.ts"
import { utf8Decode } from "./core/utf8.ts"
import type { Evidence, HeldAttestation } from "./evidence.ts"
import type { TrustPorts, TrustTools } from "./trust-ports.ts"

/** The trust a Verdict is reached under. */
export interface Bench {
  readonly views: readonly RootView[]
  readonly rootProblem: string | null
  readonly policy: PolicyInForce
  readonly time: VerdictTime
  readonly ledger: LedgerFacts
  readonly asOf: number
}

export interface Judging {
  readonly ports: TrustPorts
  readonly tools: TrustTools
  readonly evidence: Evidence
  /** Rebuilds already done in this process; null computes afresh. */
  readonly rebuilds: Map<string, Digest | null> | null
}

/** The Verdict of one Mapping. Throws `unknown-digest` where the Ledger holds no Claim of it below `asOf`. */
export function judge(mapping: Digest, judging: Judging, bench: Bench): Weighed {
  const { ports, tools, evidence } = judging
  const known = evidence.claimOf(mapping)
  const held = evidence.attestationsOf(mapping, bench.asOf).map(one => heldOf(one, bench.ledger.origin))
  if (known === null || !evidence.isPublished(mapping, bench.asOf))
    throw new EngineFailure("unknown-digest", `no Mapping ${mapping} is in this store`)
  const { claim } = known
  return verdictOn({
    ...bench,
    mapping,
    claim,
    held,
    siblings: siblingsOf(mapping, claim, evidence, bench),
    facts: moduleFactsOf(
      claim,
      { module: blobAt(ports, claim.module.digest), runtime: claim.runtime === null ? "absent" : blobAt(ports, claim.runtime.digest) },
      tools
    ),
    linkedIn: linkedInto(claim, evidence),
    examples: exampleFacts(blobAt(ports, claim.examples.digest)),
    rebuild: rebuildFacts(claim, held, judging),
    verify: ports.crypto.verify
  })
}

/** Digests of vectors that counted, valid embedding Attestations name for this Mapping and model. */
export function vectorsNamed(
  mapping: Digest,
  model: { readonly id: string; readonly digest: Digest },
  judging: Judging,
  bench: Bench
): Digest[] {
  const known = judging.evidence.claimOf(mapping)
  if (known === null) return []
  const held = [...judging.evidence.attestationsOf(mapping), ...judging.evidence.embeddedOf(mapping)].map(one =>
    heldOf(one, bench.ledger.origin)
  )
  const named = new Set<Digest>()
  for (const view of bench.views) {
    const counted = countEvidence({
      mapping,
      module: known.claim.module.digest,
      held,
      siblings: [],
      view,
      views: bench.views,
      timeMs: timeOfReckoning(bench.time),
      verify: judging.ports.crypto.verify
    })
    if (counted.claims.length === 0 && !view.own) continue
    for (const one of counted.embeddings) {
      if (
        one.standing === "valid" &&
        one.decoded.claim === mapping &&
        one.decoded.model.id === model.id &&
        one.decoded.model.digest === model.digest
      )
        named.add(one.decoded.vector)
    }
  }
  return [...named]
}

/** Of our own open Ledger the verified chain is the proof, and the record's time is when this machine saw it. */
function heldOf(one: HeldAttestation, origin: string): Held {
  return { bytes: one.bytes, sequence: one.sequence, places: [{ origin, index: one.sequence, seenMs: one.atMs, proven: true }] }
}

function siblingsOf(mapping: Digest, claim: Mapping, evidence: Evidence, bench: Bench): Held[] {
  return evidence
    .mappingsOf(claim.module.digest)
    .filter(one => one !== mapping)
    .flatMap(one => evidence.attestationsOf(one, bench.asOf).map(held => heldOf(held, bench.ledger.origin)))
}

/** Everything that imports bring with them, the imports themselves left out. A Module's Mappings all name the same imports. */
function linkedInto(claim: Mapping, evidence: Evidence): Digest[] {
  const direct = (claim.imports ?? []).map(one => one.digest)
  const found = new Set(direct)
  for (const module of found) {
    const [mapping] = evidence.mappingsOf(module)
    const imports = mapping === undefined ? [] : (evidence.claimOf(mapping)?.claim.imports ?? [])
    for (const one of imports) found.add(one.digest)
  }
  return [...found].filter(digest => !direct.includes(digest))
}

function blobAt(ports: TrustPorts, digest: Digest): FoundBlob {
  try {
    return ports.blobs.get(digest) ?? "absent"
  } catch (failure) {
    if (failure instanceof EngineFailure && failure.code === "blob-damaged") return "damaged"
    throw failure
  }
}

function exampleFacts(found: FoundBlob): ExampleFacts {
  if (typeof found === "string") return { kind: found }
  try {
    const examples = parseStrictJson(found, { bytesMax: sizeLimits.examplesBytesMax, depthMax: 32 })
    if (!Array.isArray(examples)) return { kind: "malformed" }
    return { kind: "intact", count: examples.length, callers: examples.filter(one => isObject(one) && one.origin === "caller").length }
  } catch {
    return { kind: "malformed" }
  }
}

/** Recompiles only where some provenance names the compiler and the Claim the runtime at hand: elsewhere the answer would prove nothing. */
function rebuildFacts(claim: Mapping, held: readonly Held[], judging: Judging): RebuildFacts {
  const { ports, tools } = judging
  const atHand = { compiler: tools.compilerVersion, runtime: tools.shippedRuntime }
  if (claim.source === null) return { ...atHand, source: "none", module: null }
  const found = blobAt(ports, claim.source.digest)
  if (typeof found === "string") return { ...atHand, source: found, module: null }
  const source = utf8Decode(found)
  const proves = claim.runtime?.digest === atHand.runtime && held.some(one => namesCompiler(one.bytes, atHand.compiler))
  if (source === null || !proves) return { ...atHand, source: "intact", module: null }
  const key = `${claim.source.digest} ${claim.entry} ${(claim.imports ?? []).map(one => `${one.name}=${one.digest}`).join(" ")}`
  const done = judging.rebuilds?.get(key)
  if (done !== undefined) return { ...atHand, source: "intact", module: done }
  const module = tools.rebuild(source, claim.imports ?? [], claim.entry)
  judging.rebuilds?.set(key, module)
  return { ...atHand, source: "intact", module }
}

function namesCompiler(attestation: Uint8Array, compiler: string): boolean {
  const statement = peekAttestation(attestation)?.statement
  const provenance = statement ? decodeProvenance(statement) : null
  return provenance !== null && typeof provenance !== "string" && provenance.kind === "rtfs" && provenance.compiler === compiler
}
