/** Weighs what a Bundle holds, before anything is written: whose roots, which ledgers, and for each Mapping the Verdict it would have. */
import type { Digest } from "../../shared/digest.ts"
import type { BundledLedger, BundledMapping, BundledRoot, BundleReport, CallContext } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { EmbeddingModel, Mapping } from "../../shared/module.ts"
import { sizeLimits } from "../../shared/module.ts"
import type { Revocations, RuleResult, Statement, Verdict } from "../../shared/trust.ts"
import { predicateTypes } from "../../shared/trust.ts"
import type { BundleContents, BundledModule, BundledRootLayers } from "./bundle.ts"
import { turn } from "./bundle.ts"
import { decodeClaim, decodeEmbedding, peekAttestation, subjectOf } from "./core/attestation.ts"
import type { Checkpoint } from "./core/checkpoint.ts"
import { checkpointRef } from "./core/checkpoint.ts"
import type { Held, RootView } from "./core/counting.ts"
import type { VerifySignature } from "./core/crypto.ts"
import { equalBytes, fromBase64 } from "./core/digest.ts"
import { showInterface } from "./core/interface.ts"
import type { Hash } from "./core/merkle.ts"
import { verifyConsistency } from "./core/merkle.ts"
import type { FoundBlob } from "./core/module-facts.ts"
import { readConsistency } from "./core/oci.ts"
import { openRevocations } from "./core/revocations.ts"
import type { RootChain } from "./core/root.ts"
import { openRootChain } from "./core/root.ts"
import { utf8Encode } from "./core/utf8.ts"
import type { ForeignProof, ProvenRecord } from "./foreign.ts"
import { ledgersOf, openProof, placesBy, readEntry, rememberingVerify } from "./foreign.ts"
import type { Bench } from "./judge.ts"
import { isOwnOrigin, linkedInto, unprovenOrigins, weigh } from "./judge.ts"
import type { BundleSource } from "./ports.ts"
import type { TrustTools } from "./trust-ports.ts"

/** What is here already; nothing of it where a Bundle is looked at without a store. */
export interface Here {
  /** Attestations of a Mapping with their places; empty where it is not here. */
  held(mapping: Digest): readonly (Held & { readonly digest: Digest })[]
  claimOf(mapping: Digest): Mapping | null
  mappingsOf(module: Digest): readonly Digest[]
  stateOf(mapping: Digest): Verdict["state"] | null
  blob(digest: Digest): FoundBlob
  importsOf(module: Digest): readonly Digest[]
  /** Head (32 bytes) of the own Ledger at this size; null where it is shorter. */
  ownRootAt(size: number): Uint8Array | null
  /** Everything here that a line of revocations names. */
  revokedBy(digest: Digest): readonly Digest[]
}

export interface Assessing {
  readonly source: BundleSource
  readonly contents: BundleContents
  readonly bundle: Digest
  readonly bench: Bench
  readonly here: Here
  /** Fingerprint somebody compared. */
  readonly confirm: string | null
  /** Whose vectors can be found by similarity here; null where there is no index. */
  readonly model: Pick<EmbeddingModel, "id" | "digest"> | null
  readonly tools: TrustTools
  readonly crypto: { readonly verify: VerifySignature; readonly sha256: Hash }
  readonly context: CallContext
}

/** A root the Bundle brings, with what of it would be written. */
export interface AssessedRoot {
  readonly chain: RootChain
  readonly standing: BundledRoot["standing"]
  /** Versions that are not here yet, oldest first. */
  readonly versions: readonly { readonly number: number; readonly fingerprint: string; readonly envelope: Uint8Array }[]
  readonly revocations: { readonly document: Revocations; readonly envelope: Uint8Array } | null
}

/** What of a Mapping would be written. */
export interface AssessedMapping {
  readonly mapping: Digest
  readonly module: Digest
  readonly isNew: boolean
  /** Digests of Attestations that count and are not here. */
  readonly fresh: readonly Digest[]
  /** Those of them that are a reviewer's word. */
  readonly signOffs: readonly Digest[]
  /** Whether the Bundle brings, or brought before, a vector of the model here. */
  readonly isEmbedded: boolean
  readonly state: Verdict["state"]
}

export interface Assessment {
  readonly report: BundleReport
  readonly roots: readonly AssessedRoot[]
  readonly mappings: readonly AssessedMapping[]
  /** Checkpoints of foreign ledgers to keep: the root that lists the ledger, and the signed note. */
  readonly checkpoints: readonly { readonly root: string; readonly note: string }[]
}

/** Throws `bundle-refused`, `ledger-forked`, `cancelled`. Writes nothing. */
export async function assess(input: Assessing): Promise<Assessment> {
  const verify = rememberingVerify(input.crypto.verify, input.crypto.sha256)
  const roots = input.contents.roots.map(layers => assessRoot(layers, input, verify))
  const believed = withRoots(input.bench, roots)
  const ledgers = assessLedgers(await metCheckpoints(input, believed, verify), input, believed)
  const bench: Bench = { ...believed, kept: ledgers.kept, accepted: ledgers.accepted }
  const judged = await judgeAll(input, bench, verify)
  const count = (state: Verdict["state"]) => judged.filter(one => one.row.verdict.state === state).length
  const report: BundleReport = {
    bundle: input.bundle,
    mappings: judged.map(one => one.row),
    roots: roots.map(one => one.row),
    ledgers: ledgers.rows,
    counts: { trusted: count("trusted"), pending: count("pending"), untrusted: count("untrusted") },
    notes: [...notesOf(roots, ledgers.rows, bench), ...claimless(input.contents, judged)]
  }
  return {
    report,
    roots: roots.flatMap(one => (one.assessed === null ? [] : [one.assessed])),
    mappings: judged.map(one => one.assessed),
    checkpoints: ledgers.keep
  }
}

/** Modules nobody claims anything of, or whose Claims cannot be read: nothing of them is taken in. */
function claimless({ modules }: BundleContents, judged: readonly Judged[]): string[] {
  const claimed = new Set(judged.map(one => one.row.digest))
  return [...modules.keys()].filter(digest => !claimed.has(digest)).map(digest => `Module ${digest} comes without a Claim that can be read`)
}

interface RootRow {
  readonly row: BundledRoot
  /** Null where nothing of it may be used. */
  readonly assessed: AssessedRoot | null
}

function assessRoot(layers: BundledRootLayers, input: Assessing, verify: VerifySignature): RootRow {
  const envelopes = layers.versions.map(digest => input.source.blob(digest))
  const opened = openRootChain(envelopes, verify)
  if (opened.kind === "broken") {
    const why = `version ${opened.version} is not believed: ${opened.reason}`
    const row: BundledRoot = {
      id: "",
      version: opened.version,
      fingerprints: [],
      owners: [],
      standing: "refused",
      why,
      newVersions: 0,
      revocations: null
    }
    return { row, assessed: null }
  }
  const { chain } = opened
  const here = input.bench.views.find(view => view.chain.id === chain.id)
  const fingerprints = chain.versions.map(version => version.fingerprint)
  const { standing, why } = standingOf(chain, here, input.confirm)
  const known = here?.chain.versions.length ?? 0
  const usable = standing === "confirmed" || standing === "newly-confirmed"
  const revocations = layers.revocations === null ? null : readRevocations(layers.revocations, chain, here, input, verify)
  const newer = typeof revocations === "object" && revocations !== null && revocations.document.version > (here?.revocations?.version ?? 0)
  const row: BundledRoot = {
    id: chain.id,
    version: chain.newest.document.version,
    fingerprints,
    owners: [...new Set(Object.values(chain.newest.document.keys).map(key => key.owner))],
    standing,
    why: typeof revocations === "string" ? `${why}; ${revocations}` : why,
    newVersions: usable ? Math.max(0, chain.versions.length - known) : 0,
    revocations:
      revocations === null || typeof revocations === "string"
        ? null
        : {
            version: revocations.document.version,
            expires: revocations.document.expires,
            newer,
            revokes: revocations.document.modules.flatMap(line => [...input.here.revokedBy(line.digest as Digest)])
          }
  }
  if (!usable) return { row, assessed: null }
  return {
    row,
    assessed: {
      chain,
      standing,
      versions: chain.versions
        .slice(known)
        .map(version => ({ number: version.document.version, fingerprint: version.fingerprint, envelope: version.envelope })),
      revocations: newer && typeof revocations === "object" ? revocations : null
    }
  }
}

function standingOf(chain: RootChain, here: RootView | undefined, confirm: string | null): Pick<BundledRoot, "standing" | "why"> {
  if (here !== undefined) {
    const shared = Math.min(here.chain.versions.length, chain.versions.length)
    for (let at = 0; at < shared; at++)
      if (here.chain.versions[at]?.fingerprint !== chain.versions[at]?.fingerprint)
        return { standing: "refused", why: `version ${at + 1} is another than the one confirmed here` }
    if (here.own) return { standing: "own", why: "this store's own root" }
    return {
      standing: "confirmed",
      why: chain.versions.length < here.chain.versions.length ? "an older version than the one confirmed here" : "confirmed here before"
    }
  }
  if (confirm !== null && chain.versions.some(version => version.fingerprint === confirm))
    return { standing: "newly-confirmed", why: "its fingerprint is the one given" }
  return {
    standing: "not-confirmed",
    why:
      confirm === null
        ? "compare its fingerprint with its owner by other means, then confirm it"
        : "the fingerprint given is none of its versions'"
  }
}

function readRevocations(digest: Digest, chain: RootChain, here: RootView | undefined, { source }: Assessing, verify: VerifySignature) {
  const envelope = source.blob(digest)
  // an older Bundle of a root that moved on: its revocations were signed under the version it carries
  const newest = here !== undefined && here.chain.versions.length > chain.versions.length ? here.chain.newest : chain.newest
  const opened = openRevocations(envelope, newest, verify)
  const document = typeof opened === "string" ? openRevocations(envelope, chain.newest, verify) : opened
  return typeof document === "string" ? `its revocations are not believed: ${document}` : { document, envelope }
}

/** What a Verdict would be reached under once the Bundle's roots and revocations were in force. */
function withRoots(bench: Bench, roots: readonly RootRow[]): Bench {
  const views = [...bench.views]
  for (const { assessed } of roots) {
    if (assessed === null) continue
    const at = views.findIndex(view => view.chain.id === assessed.chain.id)
    const before = views[at]
    const chain = before !== undefined && before.chain.versions.length > assessed.chain.versions.length ? before.chain : assessed.chain
    const view: RootView = {
      chain,
      own: false,
      revocations: assessed.revocations?.document ?? before?.revocations ?? null,
      problem: before?.problem ?? null
    }
    if (at < 0) views.push(view)
    else views[at] = view
  }
  return { ...bench, views, ledgers: ledgersOf(views) }
}

/** A record's bytes as they were proven, or why not, and what they say of themselves. */
interface OpenedProof {
  readonly record: ProvenRecord | string
  readonly names: ReturnType<typeof readEntry>
}

/** Opened for a Module at a time, and again when they are written: of a whole Bundle's records none stays in memory. */
function openProofs(module: BundledModule, { source }: Assessing, bench: Bench, verify: VerifySignature): OpenedProof[] {
  return module.proofs.map(named => {
    const proof = proofOf(named, source)
    const record = openProof(proof, bench.ledgers, verify)
    return { record, names: typeof record === "string" ? readEntry(proof.entry) : record }
  })
}

/** Checkpoints under which something is proven, by origin and size. */
type Met = ReadonlyMap<string, ReadonlyMap<number, Pick<ProvenRecord, "checkpoint" | "note">>>

async function metCheckpoints(input: Assessing, bench: Bench, verify: VerifySignature): Promise<Met> {
  const met = new Map<string, Map<number, Pick<ProvenRecord, "checkpoint" | "note">>>()
  let done = 0
  for (const module of input.contents.modules.values()) {
    for (const { record } of openProofs(module, input, bench, verify)) {
      if (typeof record === "string") continue
      const { checkpoint, note } = record
      const sizes = met.get(checkpoint.origin) ?? new Map<number, Pick<ProvenRecord, "checkpoint" | "note">>()
      met.set(checkpoint.origin, sizes)
      const other = sizes.get(checkpoint.size)
      if (other === undefined) sizes.set(checkpoint.size, { checkpoint, note })
      else if (!equalBytes(other.checkpoint.root, checkpoint.root)) throw forked(checkpoint.origin, other.note, note)
    }
    await turn(++done, input.contents.modules.size, "check the proofs", input.context, 16)
  }
  return met
}

export function proofOf(named: BundledModule["proofs"][number], source: BundleSource): ForeignProof {
  return { entry: source.blob(named.entry), proof: source.blob(named.proof) }
}

interface AssessedLedgers {
  readonly rows: BundledLedger[]
  readonly kept: ReadonlyMap<string, Checkpoint>
  readonly accepted: ReadonlySet<string>
  readonly keep: { readonly root: string; readonly note: string }[]
}

/** Compares every checkpoint met with those kept: a contradiction is a fork and ends the import. */
function assessLedgers(met: Met, input: Assessing, bench: Bench): AssessedLedgers {
  const consistencies = input.contents.roots.flatMap(({ consistency }) => {
    const read = consistency === null ? "" : readConsistency(input.source.blob(consistency))
    return typeof read === "string" ? [] : [read]
  })
  const kept = new Map(bench.kept)
  const rows: BundledLedger[] = []
  const keep: { root: string; note: string }[] = []
  for (const [origin, sizes] of met) {
    const largest = [...sizes.values()].reduce((best, one) => (one.checkpoint.size > best.checkpoint.size ? one : best))
    const { checkpoint, note } = largest
    if (isOwnOrigin(origin, bench)) {
      const closed = bench.former.find(one => one.key.name === origin)?.size ?? Number.POSITIVE_INFINITY
      for (const one of sizes.values()) {
        if (one.checkpoint.size > closed) continue
        const own = input.here.ownRootAt(one.checkpoint.size)
        if (own === null || !equalBytes(own, one.checkpoint.root)) throw forked(origin, "our own Ledger", one.note)
      }
      rows.push({ origin, size: checkpoint.size, standing: "own" })
      continue
    }
    const before = bench.kept.get(origin)
    const same = before === undefined ? undefined : sizes.get(before.size)
    if (before !== undefined && same !== undefined && !equalBytes(same.checkpoint.root, before.root))
      throw forked(origin, checkpointRef(before), same.note)
    const standing = standingOfLedger(checkpoint, before)
    const proof = consistencies.find(one => one.origin === origin && one.from === before?.size && one.to === checkpoint.size)
    const proven = standing === "unproven" && before !== undefined && proof !== undefined
    if (proven) {
      const hashes = proof.hashes.map(fromBase64)
      if (
        hashes.includes(null) ||
        !verifyConsistency(before.size, checkpoint.size, hashes as Uint8Array[], before.root, checkpoint.root, input.crypto.sha256)
      )
        throw forked(origin, checkpointRef(before), note)
    }
    rows.push({
      origin,
      size: checkpoint.size,
      standing: proven ? "consistent" : standing,
      ...(standing === "unproven" && !proven && before !== undefined ? { ask: before.size } : {})
    })
    if (standing === "first" || proven) {
      kept.set(origin, checkpoint)
      keep.push({ root: bench.ledgers.get(origin)?.root ?? "", note })
    }
  }
  const accepted = new Set([...bench.accepted, ...[...kept.values()].map(one => `${one.origin} ${one.size} ${checkpointRef(one).root}`)])
  return { rows, kept, keep, accepted }
}

function standingOfLedger(checkpoint: Checkpoint, before: Checkpoint | undefined): BundledLedger["standing"] {
  if (before === undefined) return "first"
  if (checkpoint.size === before.size) return "same"
  return checkpoint.size < before.size ? "older" : "unproven"
}

function forked(origin: string, kept: unknown, found: string): EngineFailure {
  return new EngineFailure("ledger-forked", `two checkpoints of the ledger ${origin} contradict each other: nothing is imported`, {
    origin,
    kept,
    found
  })
}

interface Judged {
  readonly row: BundledMapping
  readonly assessed: AssessedMapping
}

async function judgeAll(input: Assessing, bench: Bench, verify: VerifySignature): Promise<Judged[]> {
  const judged: Judged[] = []
  const claimed = new Map<Digest, readonly Digest[]>()
  const imports = (module: Digest): readonly Digest[] => {
    const known = claimed.get(module)
    if (known !== undefined) return known
    const bundled = input.contents.modules.get(module)
    const [first] = bundled === undefined ? [] : claimsOf(bundled, input.source).values()
    const found = first === undefined ? input.here.importsOf(module) : (first.imports ?? []).map(one => one.digest)
    claimed.set(module, found)
    return found
  }
  const runtimes = runtimesOf(input)
  const words = new Map<string, RuleResult>()
  let done = 0
  for (const module of input.contents.modules.values()) {
    judged.push(...judgeModule(module, { imports, runtimes, words }, input, bench, verify))
    await turn(++done, input.contents.modules.size, "weigh the Mappings", input.context, 2)
  }
  return judged.sort((left, right) => (left.row.mapping < right.row.mapping ? -1 : 1))
}

/** What Modules share with others: whom they import, and the runtimes they are linked against. */
interface Linked {
  readonly imports: (module: Digest) => readonly Digest[]
  readonly runtimes: (digest: Digest) => FoundBlob
  /** Rules that answered in the same words before. */
  readonly words: Map<string, RuleResult>
}

/** Most rules answer for thousands of Mappings in the same words: a report of a whole volume holds those once. */
function shared(verdict: Verdict, words: Map<string, RuleResult>): Verdict {
  const rules = verdict.rules.map(one => {
    if (one.evidence.length > 0) return { ...one, why: words.get(one.why)?.why ?? keep(one.why, one, words).why }
    const name = `${one.rule} ${one.outcome} ${one.why}`
    return words.get(name) ?? keep(name, one, words)
  })
  return { ...verdict, rules }
}

const wordsKeptMax = 1_000

function keep(name: string, one: RuleResult, words: Map<string, RuleResult>): RuleResult {
  if (words.size < wordsKeptMax) words.set(name, one)
  return one
}

const runtimesKeptMax = 8

/** Far larger than what is linked against it, and the same for thousands of Modules: read once. */
function runtimesOf({ source, here }: Assessing): Linked["runtimes"] {
  const kept = new Map<Digest, FoundBlob>()
  return digest => {
    const found = kept.get(digest) ?? (source.has(digest) ? source.blob(digest) : here.blob(digest))
    if (kept.size >= runtimesKeptMax) kept.clear()
    kept.set(digest, found)
    return found
  }
}

interface Peeked {
  readonly digest: Digest
  readonly bytes: Uint8Array
  readonly statement: Statement | null
}

function peekAll(module: BundledModule, source: BundleSource): Peeked[] {
  return module.attestations.map(digest => {
    const bytes = source.blob(digest)
    return { digest, bytes, statement: peekAttestation(bytes)?.statement ?? null }
  })
}

/** Claims about this Module by Mapping, as their signed bytes state them; nobody's signature is checked yet. */
function claimsOf(module: BundledModule, source: BundleSource, peeked: readonly Peeked[] = peekAll(module, source)): Map<Digest, Mapping> {
  const claims = new Map<Digest, Mapping>()
  for (const { statement } of peeked) {
    if (statement?.predicateType !== predicateTypes.claim) continue
    const decoded = decodeClaim(statement)
    // the predicate itself, unknown members included: its Digest names the Mapping
    if (typeof decoded !== "string" && decoded.mapping.module.digest === module.module.digest)
      claims.set(decoded.digest, statement.predicate as unknown as Mapping)
  }
  return claims
}

function judgeModule(
  module: BundledModule,
  { imports, runtimes, words }: Linked,
  input: Assessing,
  bench: Bench,
  verify: VerifySignature
): Judged[] {
  const { here, source } = input
  const records = openProofs(module, input, bench, verify)
  const peeked = peekAll(module, source)
  const claims = claimsOf(module, source, peeked)
  const proven = records.flatMap(({ record }) => (typeof record === "string" ? [] : [record]))
  const heldOf = (one: Peeked): Held => ({ bytes: one.bytes, sequence: bench.asOf, places: placesBy(one.digest, proven, bench.time.nowMs) })
  /** Mappings already here that the Bundle only brings sign-offs for are judged by the Claim that is here. */
  for (const { statement } of peeked) {
    const mapping = statement === null ? null : subjectOf(statement, "mapping")
    const known = mapping === null || claims.has(mapping) ? null : here.claimOf(mapping)
    if (mapping !== null && known !== null && known.module.digest === module.module.digest) claims.set(mapping, known)
  }
  const siblings = [
    ...peeked.filter(one => one.statement?.predicateType === predicateTypes.claim).map(heldOf),
    ...here.mappingsOf(module.module.digest).flatMap(mapping => here.held(mapping))
  ]
  return [...claims].map(([mapping, claim]) => {
    refuseOversized(claim, source)
    const brought = peeked.filter(one => belongsTo(one, mapping, records))
    const known = here.held(mapping)
    const mine = new Set(known.map(one => one.digest))
    const held = [...known, ...brought.filter(one => !mine.has(one.digest)).map(heldOf)]
    const blobOf = (digest: Digest): FoundBlob =>
      digest === claim.runtime?.digest ? runtimes(digest) : source.has(digest) ? source.blob(digest) : here.blob(digest)
    const weighed = weigh(
      { mapping, claim, held, siblings, linkedIn: linkedInto(claim, imports), unproven: unprovenOrigins(proven, bench) },
      blobOf,
      { tools: input.tools, rebuilds: null, ports: { crypto: { verify, sha256: input.crypto.sha256 } } },
      bench
    )
    const verdict = strangersFail(weighed.verdict)
    const ignored = new Set(verdict.ignored.map(one => one.digest))
    // One that was evicted comes back with all that is brought: its record is written again.
    const isNew = !here.mappingsOf(module.module.digest).includes(mapping)
    const counted = brought.filter(one => (isNew || !mine.has(one.digest)) && !ignored.has(one.digest))
    const fresh = counted.map(one => one.digest)
    const signOffs = counted.filter(one => one.statement?.predicateType === predicateTypes.signOff).map(one => one.digest)
    const isEmbedded = brought.some(one => !ignored.has(one.digest) && isVectorOf(one.statement, mapping, input.model))
    const row: BundledMapping = {
      digest: module.module.digest,
      mapping,
      task: claim.task.text,
      interface: shown(claim.interface.canonical),
      verdict: shared(verdict, words),
      standing: isNew ? "new" : fresh.length > 0 ? "more" : "same",
      before: here.stateOf(mapping),
      attestations: { new: fresh.length, here: known.length },
      written: false
    }
    return { row, assessed: { mapping, module: module.module.digest, isNew, fresh, signOffs, isEmbedded, state: verdict.state } }
  })
}

/**
 * Provenance and test results name the Module alone. Which Mapping they were made for is said by the record that carries them;
 * one that no record names is weighed with each Mapping.
 */
function belongsTo(one: Peeked, mapping: Digest, records: readonly OpenedProof[]): boolean {
  const { statement } = one
  if (statement !== null) {
    const named = subjectOf(statement, "mapping")
    if (named !== null) return named === mapping
    if (statement.predicateType === predicateTypes.claim) {
      const decoded = decodeClaim(statement)
      if (typeof decoded !== "string") return decoded.digest === mapping
    }
  }
  const naming = records.filter(({ names }) => typeof names !== "string" && names.mapping !== null && names.attestations.has(one.digest))
  return naming.length === 0 || naming.some(({ names }) => typeof names !== "string" && names.mapping === mapping)
}

function isVectorOf(statement: Statement | null, mapping: Digest, model: Assessing["model"]): boolean {
  if (statement?.predicateType !== predicateTypes.embedding || model === null) return false
  const decoded = decodeEmbedding(statement)
  return typeof decoded !== "string" && decoded.claim === mapping && decoded.model.id === model.id && decoded.model.digest === model.digest
}

/** Here a Claim may still be waited for; what a Bundle brings without one by a Publisher we know is nobody's word. */
function strangersFail(verdict: Verdict): Verdict {
  const signed = verdict.rules.find(rule => rule.rule === "mapping-signed")
  if (signed?.outcome !== "missing") return verdict
  const why = `${signed.why}: no confirmed root has its signer as Publisher`
  return { ...verdict, state: "untrusted", rules: verdict.rules.map(rule => (rule === signed ? { ...rule, outcome: "fail", why } : rule)) }
}

function refuseOversized(claim: Mapping, source: BundleSource): void {
  const bytesIn = (digest: Digest | undefined) => (digest !== undefined && source.has(digest) ? source.blob(digest).length : 0)
  const over = (what: string, found: number, expected: number) => {
    if (found > expected)
      throw new EngineFailure("bundle-refused", `the Bundle is refused: expected at most ${expected} ${what}, found ${found}`, {
        expected,
        found
      })
  }
  over("bytes in a Module", claim.module.size, sizeLimits.moduleBytesMax)
  over("bytes in a Source", bytesIn(claim.source?.digest), sizeLimits.sourceBytesMax)
  over("bytes of Examples", bytesIn(claim.examples.digest), sizeLimits.examplesBytesMax)
  over("bytes of Task words", utf8Encode(claim.task.text).length, sizeLimits.taskBytesMax)
  over("Examples of a Mapping", claim.examples.count, sizeLimits.examplesMax)
}

export function shown(canonical: string): string {
  try {
    return showInterface(canonical)
  } catch {
    return canonical
  }
}

function notesOf(roots: readonly RootRow[], ledgers: readonly BundledLedger[], bench: Bench): string[] {
  const notes: string[] = []
  if (!bench.policy.believed && bench.policy.why !== "") notes.push(bench.policy.why)
  for (const { row } of roots) {
    if (row.standing === "not-confirmed" || row.standing === "refused") notes.push(`root ${row.id.slice(0, 16)}: ${row.why}`)
    if (row.revocations !== null)
      notes.push(`revocations of root ${row.id.slice(0, 16)}: version ${row.revocations.version}, good until ${row.revocations.expires}`)
  }
  for (const { origin, size, standing, ask } of ledgers) {
    if (standing === "unproven")
      notes.push(
        `ledger ${origin}: its checkpoint of ${size} records is not proven to extend the one kept; ask for an export --consistent-with ${ask}`
      )
    if (standing === "older") notes.push(`ledger ${origin}: an older Bundle than one imported before`)
  }
  return notes
}
