/** Takes a Bundle in: read, bounded, verified and reported as a whole; then all that the report announces is written, or nothing. */
import type { Digest } from "../../shared/digest.ts"
import type { AnswerOf, CallContext, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { LedgerDraft } from "../../shared/ledger.ts"
import type { Mapping } from "../../shared/module.ts"
import { predicateTypes } from "../../shared/trust.ts"
import type { AssessedMapping, AssessedRoot, Assessment, Here } from "./assess.ts"
import { assess, proofOf, shown } from "./assess.ts"
import { authoritySigners, ownRootOf } from "./authority.ts"
import { rebuildDigest } from "./build.ts"
import type { BundleContents, BundledModule } from "./bundle.ts"
import { readContents, turn } from "./bundle.ts"
import { sealAcceptance } from "./core/acceptance.ts"
import { decodeClaim, decodeEmbedding, decodeSignOff, peekAttestation, subjectOf } from "./core/attestation.ts"
import { canonicalBytes } from "./core/canonical.ts"
import type { RuntimeAbi } from "./core/compiler/runtime-abi.ts"
import { createMerkleTree } from "./core/merkle-tree.ts"
import type { PublishedBody } from "./core/published.ts"
import { embedImported } from "./embed-imported.ts"
import type { ForeignProof } from "./foreign.ts"
import { readEntry } from "./foreign.ts"
import { putForeignRoot } from "./foreign-root.ts"
import { keepForkEvidence } from "./fork.ts"
import { blobAt, heldOf, importsIn } from "./judge.ts"
import type { OpenStore } from "./open-store.ts"
import type { BundleSource } from "./ports.ts"
import type { TrustTools } from "./trust-ports.ts"

type Input = ParsedOf<"importBundle">
type Answer = AnswerOf<"importBundle">

/** Throws `bundle-refused`, `ledger-forked`, `keys-locked` where a root is to be confirmed, `store-read-only`, `cancelled`. */
export async function importBundle(input: Input, store: OpenStore, context: CallContext = {}): Promise<Answer> {
  const dryRun = input.dryRun === true
  if (store.readOnly && !dryRun) throw new EngineFailure("store-read-only", "nothing can be imported: the store is open for reading only")
  const source = store.ports.bundles.open(input.path)
  try {
    const contents = await readContents(source, context)
    const bundle = source.indexDigest()
    const assessment = await assess({
      source,
      contents,
      bundle,
      bench: store.trust.bench(),
      here: hereOf(store),
      confirm: input.trustRoot ?? null,
      model: store.ports.embedder.model,
      tools: bundledTools(store.trust.tools, source, contents, store.runtime.abi, store),
      crypto: store.ports.crypto,
      context
    })
    if (dryRun) return { ...assessment.report, notes: [...assessment.report.notes, ...vectorNotes(assessment, store)], written: false }
    await putTrust(assessment, input.trustRoot ?? null, store)
    const changing = assessment.mappings.flatMap(one => chosenOf(one, input.pending === true))
    if (changing.length > 0) await putMappings(changing, bundle, contents, source, store, context)
    const written = new Set(changing.map(one => one.mapping))
    const mappings = assessment.report.mappings.map(row => ({ ...row, written: written.has(row.mapping) }))
    const notes = [...assessment.report.notes, ...(await embedLacking(assessment, store, context))]
    return { ...assessment.report, mappings, notes, written: true }
  } catch (failure) {
    if (!dryRun) await keepForkEvidence(failure, store.trust)
    throw failure
  } finally {
    source.close()
  }
}

/** Mappings that no vector of the model here came with: theirs stay as evidence. */
function lacking({ mappings }: Assessment): Digest[] {
  return mappings.filter(one => !one.isEmbedded && one.state !== "untrusted").map(one => one.mapping)
}

function vectorNotes(assessment: Assessment, { ports }: OpenStore): string[] {
  const count = lacking(assessment).length
  return count === 0 ? [] : [`${count} Mappings come without a vector of the model ${ports.embedder.model.id}: they would be embedded here`]
}

async function embedLacking(assessment: Assessment, store: OpenStore, context: CallContext): Promise<string[]> {
  const { model } = store.ports.embedder
  const here = lacking(assessment).filter(
    mapping => store.trust.claimOf(mapping) !== null && store.trust.vectorsOf(mapping, model).length === 0
  )
  if (here.length === 0) return []
  const { done, why } = await embedImported(here, store, context)
  const came = `${here.length} Mappings came without a vector of the model ${model.id}`
  return [
    why === null
      ? `${came}: they were embedded here`
      : `${came}: ${here.length - done} of them answer equal words only until they are imported again (${why})`
  ]
}

/**
 * What of a Mapping is written: all of a trusted one, of a pending one where it is asked for or here already. Of an untrusted one
 * that is here already only a reviewer's word: a refusal must come back.
 */
function chosenOf(one: AssessedMapping, pending: boolean): AssessedMapping[] {
  if (!one.isNew && one.fresh.length === 0) return []
  if (one.state === "trusted" || (one.state === "pending" && (pending || !one.isNew))) return [one]
  return one.isNew || one.signOffs.length === 0 ? [] : [{ ...one, fresh: one.signOffs }]
}

function hereOf({ trust, ports }: OpenStore): Here {
  const bench = trust.bench()
  return {
    held(mapping) {
      const all = trust.attestationsOf(mapping)
      const { held } = heldOf(all, bench, ports.crypto.verify)
      return held.map((one, at) => ({ ...one, digest: all[at]?.digest as Digest }))
    },
    claimOf: mapping => trust.claimOf(mapping)?.claim ?? null,
    mappingsOf: trust.mappingsOf,
    stateOf: mapping => (trust.claimOf(mapping) === null ? null : trust.cachedVerdict(mapping).state),
    blob: digest => blobAt(ports, digest),
    importsOf: module => importsIn(trust, module),
    ownRootAt: size => (size > ports.ledger.size ? null : createMerkleTree(ports.ledger.leaves(size), ports.crypto.sha256).root()),
    revokedBy: digest => (trust.claimOf(digest) === null ? trust.mappingsOf(digest) : [digest])
  }
}

/** Rebuilding a Source may need Sources that only the Bundle has. */
export function bundledTools(
  tools: TrustTools,
  source: BundleSource,
  contents: BundleContents,
  abi: RuntimeAbi,
  store: Pick<OpenStore, "trust" | "ports"> | null
): TrustTools {
  const claimIn = (module: Digest): Mapping | null => {
    for (const digest of contents.modules.get(module)?.attestations ?? []) {
      const statement = peekAttestation(source.blob(digest))?.statement
      const decoded = statement?.predicateType === predicateTypes.claim ? decodeClaim(statement) : ""
      if (typeof decoded !== "string") return decoded.mapping
    }
    return null
  }
  const shelf = {
    trust: {
      // a Module stands for itself here: any of its Claims names the same Source and imports
      mappingsOf: (module: Digest) => (claimIn(module) === null ? (store?.trust.mappingsOf(module) ?? []) : [module]),
      claimOf(name: Digest) {
        const claim = claimIn(name)
        return claim === null ? (store?.trust.claimOf(name) ?? null) : { claim, sequence: -1 }
      }
    },
    blobs: { get: (digest: Digest) => (source.has(digest) ? source.blob(digest) : (store?.ports.blobs.get(digest) ?? null)) }
  }
  return { ...tools, rebuild: (text, imports, entry) => rebuildDigest(text, imports, entry, shelf, abi) }
}

/** Roots, revocations and checkpoints stand alone: they are written even where no Mapping is. */
async function putTrust(assessment: Assessment, confirm: string | null, store: OpenStore): Promise<void> {
  for (const root of assessment.roots) await putRoot(root, confirm, store)
  const { trust } = store.ports
  for (const { root, note } of assessment.checkpoints) await trust.putForeignCheckpoint(root, note)
  if (assessment.checkpoints.length > 0) store.trust.refresh()
}

async function putRoot(root: AssessedRoot, confirm: string | null, store: OpenStore): Promise<void> {
  const { trust } = store
  const { chain, revocations } = root
  // signed first: where the authority's keys are locked, nothing is written
  const acceptance =
    root.standing === "newly-confirmed" && confirm !== null
      ? sealAcceptance({ root: chain.id, fingerprint: confirm }, authoritySigners(ownRootOf(trust), trust))
      : null
  const known = new Set(root.versions.map(version => version.number))
  const versions = chain.versions.filter(version => known.has(version.document.version))
  await putForeignRoot({ chain, versions, acceptance, revocations }, trust)
}

/** Blobs that share their syncs. */
const blobBatch = 64

/** All Blobs, then one group of records without a gap, closed by `imported`: without its closer none of them counts. */
async function putMappings(
  chosen: readonly AssessedMapping[],
  bundle: Digest,
  contents: BundleContents,
  source: BundleSource,
  store: OpenStore,
  context: CallContext
): Promise<void> {
  const put = new Set<Digest>()
  let batch: Uint8Array[] = []
  for (const [at, one] of chosen.entries()) {
    const wanted = blobsOf(one, contents, source).filter(digest => !put.has(digest))
    for (const digest of wanted) put.add(digest)
    batch.push(...wanted.map(digest => source.blob(digest)))
    if (batch.length >= blobBatch || at === chosen.length - 1) {
      await store.ports.blobs.put(batch)
      batch = []
    }
    await turn(at + 1, chosen.length, "write the Blobs", context, 8)
  }
  const modules = [...new Set(chosen.map(one => one.module))].sort()
  const [list] = await store.ports.blobs.put([canonicalBytes(modules)])
  await store.appendGroup(recordsOf(chosen, { bundle, list, modules: modules.length, mappings: chosen.length }, contents, source))
  await store.settled()
}

function claimOf(one: AssessedMapping, module: BundledModule, source: BundleSource): Mapping | null {
  for (const digest of module.attestations) {
    const statement = peekAttestation(source.blob(digest))?.statement
    const decoded = statement?.predicateType === predicateTypes.claim ? decodeClaim(statement) : ""
    if (typeof decoded !== "string" && decoded.digest === one.mapping) return statement?.predicate as unknown as Mapping
  }
  return null
}

function blobsOf(one: AssessedMapping, contents: BundleContents, source: BundleSource): Digest[] {
  const module = contents.modules.get(one.module)
  const claim = module === undefined ? null : claimOf(one, module, source)
  if (claim === null) return []
  return [claim.module.digest, claim.examples.digest, claim.source?.digest, claim.runtime?.digest].flatMap(digest =>
    digest !== undefined && source.has(digest) ? [digest] : []
  )
}

function* recordsOf(
  chosen: readonly AssessedMapping[],
  closing: Readonly<Record<string, unknown>>,
  contents: BundleContents,
  source: BundleSource
): Iterable<LedgerDraft> {
  for (const one of chosen) {
    const module = contents.modules.get(one.module)
    if (module !== undefined) yield* recordsOfMapping(one, module, source)
  }
  yield { kind: "imported", body: closing, parts: [] }
}

function* recordsOfMapping(one: AssessedMapping, module: BundledModule, source: BundleSource): Iterable<LedgerDraft> {
  const fresh = one.fresh.map(digest => {
    const bytes = source.blob(digest)
    return { digest, bytes, statement: peekAttestation(bytes)?.statement ?? null }
  })
  const signOffs = fresh.filter(({ statement }) => statement?.predicateType === predicateTypes.signOff)
  const rest = fresh.filter(attestation => !signOffs.includes(attestation))
  const proofs = module.proofs.map(named => proofOf(named, source))
  const claim = claimOf(one, module, source)
  if (claim !== null && (one.isNew || rest.length > 0)) {
    const vectors = rest.flatMap(({ statement }) => {
      const embedding = statement?.predicateType === predicateTypes.embedding ? decodeEmbedding(statement) : ""
      return typeof embedding === "string" || !source.has(embedding.vector) ? [] : [source.blob(embedding.vector)]
    })
    yield {
      kind: "published",
      body: { ...bodyOf(one, claim, proofs) },
      parts: [
        ...rest.map(({ bytes }) => ({ kind: "attestation" as const, bytes })),
        ...vectors.map(bytes => ({ kind: "embedding" as const, bytes })),
        ...proofParts(
          proofs,
          rest.map(({ digest }) => digest)
        )
      ]
    }
  }
  for (const { digest, bytes, statement } of signOffs) {
    const word = statement === null ? "" : decodeSignOff(statement)
    const reviewer = peekAttestation(bytes)?.keyId ?? ""
    const module = statement === null ? null : subjectOf(statement, "module")
    yield {
      kind: "signed-off",
      body: {
        mapping: one.mapping,
        module,
        decision: typeof word === "string" ? "" : word.decision === "accept" ? "approve" : "reject",
        reviewer
      },
      parts: [{ kind: "attestation", bytes }, ...proofParts(proofs, [digest])]
    }
  }
}

/** Pairs of a record's bytes and its proof, for the records that carry one of these Attestations. */
function proofParts(proofs: readonly ForeignProof[], attestations: readonly Digest[]) {
  return proofs
    .filter(({ entry }) => {
      const read = readEntry(entry)
      return typeof read !== "string" && attestations.some(digest => read.attestations.has(digest))
    })
    .flatMap(({ entry, proof }) => [
      { kind: "proof" as const, bytes: entry },
      { kind: "proof" as const, bytes: proof }
    ])
}

/** What the Claim does not say is taken from the record that published it, within bounds; it only informs. */
function bodyOf(one: AssessedMapping, claim: Mapping, proofs: readonly ForeignProof[]): PublishedBody {
  const said = proofs
    .map(({ entry }) => readEntry(entry))
    .find(read => typeof read !== "string" && read.kind === "published" && read.mapping === one.mapping)
  const body = said === undefined || typeof said === "string" ? {} : said.body
  const { languageVersion, fuelProfile } = body
  return {
    mapping: one.mapping,
    claim,
    typeText: shown(claim.interface.canonical),
    languageVersion: typeof languageVersion === "string" && languageVersion.length <= 32 ? languageVersion : "",
    fuelProfile: typeof fuelProfile === "number" && Number.isSafeInteger(fuelProfile) && fuelProfile >= 0 ? fuelProfile : 0,
    blobs: {
      module: claim.module.digest,
      examples: claim.examples.digest,
      ...(claim.source === null ? {} : { source: claim.source.digest }),
      ...(claim.runtime === null ? {} : { runtime: claim.runtime.digest })
    }
  }
}
